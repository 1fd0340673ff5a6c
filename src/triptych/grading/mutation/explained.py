"""Mutants that no documented input tells from the reference, each with the reason.

``solutions/<chapter>/equivalent.py`` holds ``EQUIVALENT``, a tuple of ``same(...)``. A mutant is
named by the lines that differ, ``(old, new)`` without their indentation, as ``triptych mutation``
prints them: where the reference changes, or a check kills the mutant after all, the entry is stale.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from triptych.course import Course
from triptych.errors import TriptychError
from triptych.frameworks import FRAMEWORKS
from triptych.grading.checks.runner import module_at

if TYPE_CHECKING:  # mutmut is not needed to read explanations
    from triptych.grading.mutation.mutants import Mutant

FILE = "equivalent.py"

Change = tuple[str, str]


@dataclass(frozen=True)
class Same:
    """Changes of an exercise's answer that make no difference, and why; by framework."""

    exercise: str
    why: str
    everywhere: tuple[Change, ...]
    by_framework: Mapping[str, tuple[Change, ...]]

    def covers(self, mutant: Mutant) -> bool:
        """Whether the mutant is one of them."""
        listed = (*self.everywhere, *self.by_framework.get(mutant.framework, ()))
        return mutant.exercise == self.exercise and (mutant.old, mutant.new) in listed

    def stale(self, mutants: Iterable[Mutant]) -> list[str]:
        """The changes that none of these mutants makes, one line each."""
        made = {(m.framework, m.old, m.new) for m in mutants if m.exercise == self.exercise}
        anywhere = {(old, new) for _, old, new in made}
        lost = [f"{self.exercise}: {change!r}" for change in self.everywhere if change not in anywhere]
        return lost + [
            f"{self.exercise}, {framework}: {change!r}"
            for framework, changes in self.by_framework.items()
            for change in changes
            if (framework, *change) not in made
        ]


def same(exercise: str, why: str, *everywhere: Change, **by_framework: list[Change]) -> Same:
    """Changes that no documented input tells apart: ``why`` names the inputs and the reason.

    Those named after a framework are of its notebook; the others may occur in any.
    """
    if unknown := set(by_framework) - set(FRAMEWORKS):
        raise ValueError(f"no framework is called {', '.join(sorted(unknown))}")
    return Same(exercise, why, everywhere, {name: tuple(each) for name, each in by_framework.items()})


def explained(course: Course, chapter: str) -> tuple[Same, ...]:
    """The chapter's explanations; none where it has no such file. Raises TriptychError."""
    file = course.root / "solutions" / chapter / FILE
    if not file.is_file():
        return ()
    try:
        return tuple(module_at(file).EQUIVALENT)
    except Exception as error:
        raise TriptychError(
            course.name(file), f"cannot be read ({type(error).__name__}: {error})", "fix it"
        ) from error
