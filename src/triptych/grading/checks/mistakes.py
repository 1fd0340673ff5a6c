"""Typical mistakes: the reference solution with one thing wrong, and which check must catch it.

``solutions/<chapter>/mistakes.py`` holds the chapter's: ``BANK``, a tuple of ``wrong(...)``,
and, where the chapter has any, ``RIGHT``, other right answers, which no check may catch. An
edit replaces a text of the reference answer; a plain text is added after it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from triptych.course import Course
from triptych.errors import TriptychError
from triptych.frameworks import FRAMEWORKS
from triptych.grading.checks.runner import module_at

FILE = "mistakes.py"

Edit = tuple[str, str] | str


@dataclass(frozen=True)
class Mistake:
    """A wrong answer. ``edits`` by framework; one that cannot make the mistake is left out.

    ``caught_by`` is the id of the hidden check that must fail; empty for a right answer.
    """

    exercise: str
    name: str
    caught_by: str
    edits: Mapping[str, tuple[Edit, ...]]

    def applied(self, framework: str, reference: str) -> str:
        """The wrong answer. Raises TriptychError where the reference no longer has what is edited."""
        for edit in self.edits[framework]:
            if isinstance(edit, str):
                reference += f"\n\n{edit}\n"
            elif edit[0] not in reference:
                place = f"{self.exercise}: {self.name!r} in {framework}"
                raise TriptychError(place, f"the reference has no {edit[0]!r}", "edit what it has")
            else:
                reference = reference.replace(*edit)
        return reference


def wrong(exercise: str, name: str, check: str, *everywhere: Edit, **by_framework: Edit) -> Mistake:
    """A mistake with the same edits in all frameworks, or with one more for each framework named."""
    edits = {framework: (*everywhere, edit) for framework, edit in by_framework.items()}
    return Mistake(exercise, name, f"{exercise}/{check}", edits or dict.fromkeys(FRAMEWORKS, everywhere))


def right(exercise: str, name: str, *everywhere: Edit, **by_framework: Edit) -> Mistake:
    """Another right answer, with edits as for ``wrong``."""
    edits = {framework: (*everywhere, edit) for framework, edit in by_framework.items()}
    return Mistake(exercise, name, "", edits or dict.fromkeys(FRAMEWORKS, everywhere))


@dataclass(frozen=True)
class Bank:
    """A chapter's typical mistakes, and its other right answers."""

    wrong: tuple[Mistake, ...]
    right: tuple[Mistake, ...] = ()


def bank(course: Course, chapter: str) -> Bank:
    """The bank of a chapter. Raises TriptychError where there is none, or none that can be read."""
    file = course.root / "solutions" / chapter / FILE
    if not file.is_file():
        raise TriptychError(course.name(file), "no bank of mistakes there", "check the chapter's name")
    try:
        module = module_at(file)
        return Bank(module.BANK, getattr(module, "RIGHT", ()))
    except Exception as error:
        raise TriptychError(
            course.name(file), f"cannot be read ({type(error).__name__}: {error})", "fix it"
        ) from error
