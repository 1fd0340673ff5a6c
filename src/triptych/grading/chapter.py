"""A chapter as it is graded: its hidden checks, its released notebooks, its objectives."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from triptych.course import Course
from triptych.errors import TriptychError
from triptych.frameworks import FRAMEWORKS
from triptych.grading.checks import FILE, HiddenCheck, checks_file, loaded, read, sections
from triptych.grading.release import release
from triptych.grading.sections import Link, links
from triptych.grading.submissions.resemblance import Likeness
from triptych.notebooks import cells
from triptych.notebooks.untrusted import Unreadable, parse


@dataclass(frozen=True)
class GradedChapter:
    """What a chapter's notebooks are graded with.

    ``released``: the text of each framework's released notebook, as its solution makes it. What
    lies in ``exercises/`` may have been worked on; it counts only where there is no solution.
    """

    name: str
    checks_file: Path
    checks_text: str = field(repr=False)
    checks: tuple[HiddenCheck, ...] = field(repr=False)
    released: Mapping[str, str] = field(repr=False)
    course: Course | None = field(default=None, repr=False)

    @classmethod
    def of(cls, course: Course, name: str, folder: Path | None = None) -> GradedChapter:
        """The chapter's checks (``folder``: an instructor's own) and released notebooks.

        Raises TriptychError where the checks or the exercises are missing.
        """
        if not name or Path(name).name != name or not (course.root / "solutions" / name).is_dir():
            there = ", ".join(chapters(course)) or "none yet"
            raise TriptychError(f"solutions/{name}", "no such chapter of exercises", f"there are: {there}")
        released = {f: text for f in FRAMEWORKS if (text := _released(course, name, f))}
        if not released:
            place = course.name(course.root / "solutions" / name)
            raise TriptychError(place, "no notebook there", "write one, such as jax.ipynb")
        file = checks_file(course, name, folder)
        text = read(course, name, folder)
        return cls(name, file, text, loaded(text, file, course.name(file)), released, course)

    def require(self, framework: str | None) -> str:
        """``framework``, or "" for None. Raises TriptychError where the chapter has no notebook in it."""
        if framework and framework not in self.released:
            problem, remedy = f"{self.name} has no exercises in it", f"there are: {', '.join(self.released)}"
            raise TriptychError(f"--framework {framework}", problem, remedy)
        return framework or ""

    @cached_property
    def notebooks(self) -> dict[str, dict[str, Any]]:
        """The released notebooks as plain data, by framework."""
        return {framework: parse(text.encode()) for framework, text in self.released.items()}

    @cached_property
    def ours(self) -> Likeness:
        """What tells the released notebooks from others."""
        return Likeness.of(list(self.notebooks.values()))

    @cached_property
    def others(self) -> dict[str, Likeness]:
        """What tells the course's other notebooks, by name: other exercises, and the chapters themselves."""
        return _others(self.course, self.name) if self.course else {}

    @cached_property
    def titles(self) -> dict[str, str]:
        """The exercises' headings: the one above the visible check that has the exercise's name."""
        titles: dict[str, str] = {}
        for notebook in self.notebooks.values():
            heading = ""
            for cell in cells.cells(notebook):
                line = re.search(r"^## (.+)", cells.source(cell), re.MULTILINE)
                if line and cell["cell_type"] == "markdown":
                    heading = line[1].strip()
                name = cells.marks(cell).get("grade_id")
                if name in self.exercises and heading:
                    titles.setdefault(name, heading)
        return titles

    @cached_property
    def sections(self) -> dict[str, tuple[Link, ...]]:
        """The sections of the chapter that each exercise is about, on the published site.

        Raises TriptychError where the checks declare them in another form.
        """
        if self.course is None:
            return {}
        declared = sections(self.checks_text, self.checks_file, self.course.name(self.checks_file))
        return {name: links(self.course, self.name, titles) for name, titles in declared.items()}

    @property
    def exercises(self) -> dict[str, float]:
        """The exercises and their points, in the order of the checks."""
        exercises: dict[str, float] = {}
        for check in self.checks:
            exercises[check.exercise] = exercises.get(check.exercise, 0.0) + check.points
        return exercises

    @property
    def points(self) -> float:
        """The most that can be earned."""
        return sum(self.exercises.values())


def chapters(course: Course) -> list[str]:
    """The chapters that have exercises, by name."""
    return sorted(file.parent.name for file in course.root.glob(f"solutions/*/{FILE}"))


def _others(course: Course, chapter: str) -> dict[str, Likeness]:
    """The likenesses of the notebooks that can be read; those that cannot are not looked for."""
    likenesses: dict[str, Likeness] = {}
    for path in sorted(p for f in ("exercises", "notebooks") for p in course.root.glob(f"{f}/*/*.ipynb")):
        if path.parent == course.root / "exercises" / chapter:
            continue
        try:
            likenesses[course.name(path)] = Likeness.of([parse(path.read_bytes())])
        except (OSError, Unreadable):
            continue
    return likenesses


def objectives(course: Course, chapter: str) -> tuple[str, ...]:
    """The chapter's objectives: the numbered list in the first admonition of its page."""
    file = course.root / "book" / f"{chapter}.md"
    text = file.read_text(encoding="utf-8") if file.is_file() else ""
    box = re.search(r"^```\{admonition\}.*?^```", text, re.MULTILINE | re.DOTALL)
    return tuple(re.findall(r"^\d+\. (.+?)[;.]?$", box.group(), re.MULTILINE)) if box else ()


def _released(course: Course, chapter: str, framework: str) -> str:
    """The text of a released notebook, empty where the chapter has none in that framework.

    Raises TriptychError where it cannot be read.
    """
    solution = course.root / "solutions" / chapter / f"{framework}.ipynb"
    if solution.is_file():
        return release(solution, course)
    exercise = course.root / "exercises" / chapter / f"{framework}.ipynb"
    try:
        text = exercise.read_text(encoding="utf-8")
        parse(text.encode())
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeError, Unreadable) as error:
        raise TriptychError(exercise, f"cannot be read ({error})", "run `triptych release`") from None
    return text
