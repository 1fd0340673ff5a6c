"""Typical mistakes, each with the check that must catch it, and other right answers, which no check may.

``solutions/<chapter>/mistakes.py`` holds ``BANK``, a tuple of ``wrong(...)``, and ``right.py``
beside it ``RIGHT``, a tuple of ``right(...)``; a chapter may have neither. Both are edits of the
reference answer: a pair replaces a text of it, a plain text is added after it (a function that is
defined again there counts), and a list of edits is made in its order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from triptych.course import Course
from triptych.errors import TriptychError
from triptych.frameworks import FRAMEWORKS
from triptych.grading.checks.runner import module_at

FILE, RIGHT_FILE = "mistakes.py", "right.py"

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


def wrong(
    exercise: str, name: str, check: str, *everywhere: Edit, **by_framework: Edit | list[Edit]
) -> Mistake:
    """A mistake with the same edits in all frameworks, or with more for each framework named."""
    return Mistake(exercise, name, f"{exercise}/{check}", _edits(everywhere, by_framework))


def right(exercise: str, name: str, *everywhere: Edit, **by_framework: Edit | list[Edit]) -> Mistake:
    """Another right answer, with edits as for ``wrong``: its name says how it is made."""
    return Mistake(exercise, name, "", _edits(everywhere, by_framework))


def _edits(
    everywhere: tuple[Edit, ...], by_framework: Mapping[str, Edit | list[Edit]]
) -> Mapping[str, tuple[Edit, ...]]:
    if not by_framework:
        return dict.fromkeys(FRAMEWORKS, everywhere)
    more = {name: edits if isinstance(edits, list) else [edits] for name, edits in by_framework.items()}
    return {name: (*everywhere, *edits) for name, edits in more.items()}


@dataclass(frozen=True)
class Bank:
    """A chapter's typical mistakes, and its other right answers."""

    wrong: tuple[Mistake, ...]
    right: tuple[Mistake, ...] = ()


def bank(course: Course, chapter: str) -> Bank:
    """The bank of a chapter. Raises TriptychError where there is none, or none that can be read."""
    folder = course.root / "solutions" / chapter
    if not (folder / FILE).is_file():
        raise TriptychError(
            course.name(folder / FILE), "no bank of mistakes there", "check the chapter's name"
        )
    right = _listed(course, folder / RIGHT_FILE, "RIGHT") if (folder / RIGHT_FILE).is_file() else ()
    return Bank(_listed(course, folder / FILE, "BANK"), right)


def _listed(course: Course, file: Path, name: str) -> tuple[Mistake, ...]:
    """What a file of the bank lists. Raises TriptychError where it cannot be read."""
    try:
        return tuple(vars(module_at(file))[name])
    except KeyError:
        raise TriptychError(course.name(file), f"defines no {name}", "list the answers under it") from None
    except Exception as error:
        raise TriptychError(
            course.name(file), f"cannot be read ({type(error).__name__}: {error})", "fix it"
        ) from error
