"""A chapter's exercises, tried: the reference earns all points, a blank notebook none, mistakes are caught.

This is for authors: what runs is their own code, in the sandbox that learners' code runs in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfile
from typing import Any

from triptych.course import Course
from triptych.errors import TriptychError
from triptych.frameworks import FRAMEWORKS
from triptych.grading import checks
from triptych.grading.chapter import GradedChapter
from triptych.grading.checks import CheckResult, HiddenCheck
from triptych.grading.checks.mistakes import FILE, RIGHT_FILE, Bank, Mistake, bank
from triptych.grading.sandbox import Sandbox
from triptych.grading.submissions import cells_to_run
from triptych.notebooks import answers
from triptych.notebooks import cells as plain

#: What `create` copies.
TEMPLATE = Path(__file__).parent / "template"

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def create(course: Course, name: str, frameworks: Sequence[str]) -> list[Path]:
    """A new chapter of exercises in ``solutions/<name>``, copied from the template: its files.

    Raises TriptychError for a name that cannot be, or that is taken.
    """
    place = f"solutions/{name}"
    if not _NAME.fullmatch(name):
        raise TriptychError(
            place, "not a chapter's name", "use small letters, digits and dashes: my-exercises"
        )
    folder = course.root / "solutions" / name
    if folder.exists():
        raise TriptychError(place, "is there already", "choose another name, or remove the folder")
    made = []
    try:
        folder.mkdir(parents=True)
        for file in (*(f"{framework}.ipynb" for framework in frameworks), checks.FILE, FILE, RIGHT_FILE):
            made.append(Path(copyfile(TEMPLATE / file, folder / file)))
    except OSError as error:
        raise TriptychError(place, f"cannot be made ({error.strerror})", "make room for it") from None
    return made


@dataclass(frozen=True)
class Tried:
    """One notebook that was tried. ``problem`` is empty where it came out as it should."""

    framework: str
    what: str
    problem: str = ""


def attempt(course: Course, chapter: GradedChapter, kind: str = "auto", seed: int = 1) -> Iterator[Tried]:
    """Try each framework's reference, the released notebook, and what ``mistakes.py`` and ``right.py`` list.

    Raises TriptychError where a file of the chapter cannot be read, or a check is itself at fault.
    """
    there = (course.root / "solutions" / chapter.name / FILE).is_file()
    listed = bank(course, chapter.name) if there else Bank(())
    modules = tuple(FRAMEWORKS[framework].module for framework in chapter.released)
    with Sandbox(modules, kind=kind) as sandbox:
        for framework in chapter.released:
            yield from _Attempt(course, chapter, framework, sandbox, seed).all(listed)


class _Attempt:
    """The trials in one framework."""

    def __init__(
        self, course: Course, chapter: GradedChapter, framework: str, sandbox: Sandbox, seed: int
    ) -> None:
        path = course.root / "solutions" / chapter.name / f"{framework}.ipynb"
        self._place, self._text = course.name(path), path.read_text(encoding="utf-8")
        self._chapter, self._framework = chapter, framework
        self._sandbox, self._seed = sandbox, seed

    def all(self, listed: Bank) -> Iterator[Tried]:
        yield self._tried("points", self._points())
        lost = _lost(self._graded(self._solution(), self._chapter.checks))
        yield self._tried("reference", "; ".join(f"{r.check} fails: {_why(r)}" for r in lost))
        earned = [r for r in self._graded(self._blank(), self._chapter.checks) if r.earned]
        yield self._tried("blank", "; ".join(f"{r.check} passes" for r in earned))
        for mistake in (*listed.wrong, *listed.right):
            if self._framework in mistake.edits:
                yield self._tried(f"{mistake.exercise}: {mistake.name}", self._caught(mistake))

    def _tried(self, what: str, problem: str) -> Tried:
        return Tried(self._framework, what, problem)

    def _solution(self) -> dict[str, Any]:
        return plain.load(self._text)

    def _blank(self) -> dict[str, Any]:
        return plain.load(self._chapter.released[self._framework])

    def _points(self) -> str:
        """Whether each exercise has a visible check, which is worth what its hidden checks are."""
        marks = map(plain.marks, plain.code_cells(self._solution()))
        shown = {mark["grade_id"]: mark["points"] for mark in marks if mark.get("grade")}
        worth = self._chapter.exercises
        wrong = [
            f"{name} is worth {worth.get(name, 0):g} in checks.py and {shown.get(name, 0):g} in the notebook"
            for name in dict.fromkeys([*worth, *shown])
            if worth.get(name) != shown.get(name)
        ]
        return "; ".join(wrong)

    def _caught(self, mistake: Mistake) -> str:
        """What is wrong with how the mistake was caught."""
        known = {check.id: check for check in self._chapter.checks}
        if mistake.caught_by and mistake.caught_by not in known:
            return f"there is no check {mistake.caught_by}"
        submitted = self._solution()
        answer = mistake.applied(self._framework, self._reference(mistake.exercise))
        submitted["cells"].append({"cell_type": "code", "metadata": {}, "source": answer})
        asked = [c for c in self._chapter.checks if c.id == mistake.caught_by or not mistake.caught_by]
        lost = _lost(self._graded(submitted, asked))
        if not mistake.caught_by:
            return "; ".join(f"a right answer, but {r.check} fails: {_why(r)}" for r in lost)
        if not lost:
            return f"{mistake.caught_by} passes"
        message = known[mistake.caught_by].message
        return "" if lost[0].message == message else f"{mistake.caught_by} says: {lost[0].message}"

    def _reference(self, exercise: str) -> str:
        """The reference answers of an exercise: those above its visible check. Raises TriptychError."""
        found = answers.by_exercise(self._solution())
        if exercise not in found:
            raise TriptychError(self._place, f"no visible check {exercise!r}", "give one this grade_id")
        return "\n\n".join(found[exercise])

    def _graded(self, submitted: dict[str, Any], asked: Sequence[HiddenCheck]) -> tuple[CheckResult, ...]:
        program = cells_to_run(submitted, self._chapter.released[self._framework])
        with self._sandbox.open(program.cells, helpers=program.helpers) as session:
            return checks.run(asked, session, program.helpers, program.cells, self._seed).results


def _lost(results: Sequence[CheckResult]) -> list[CheckResult]:
    return [result for result in results if result.earned < result.points]


def _why(result: CheckResult) -> str:
    if not result.input:
        return result.message
    return f"{result.input}: expected {result.expected or 'an answer'}, got {result.got or 'none'}"
