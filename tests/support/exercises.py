"""The course's solutions and exercises, and what grading a submission of one comes to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support import ROOT
from triptych.course import Course
from triptych.frameworks import FRAMEWORKS
from triptych.grading import checks, release
from triptych.grading.checks import CheckResult
from triptych.grading.checks.mistakes import Mistake, bank
from triptych.grading.sandbox import Limits, Sandbox
from triptych.grading.submissions import cells_to_run
from triptych.notebooks import cells as plain
from triptych.notebooks.answers import by_exercise
from triptych.notebooks.cells import source

COURSE = Course(ROOT)
#: The course's own; an instructor's are tried by `triptych try-exercises`.
CHAPTERS = sorted({p.parent.name for p in release.solutions(COURSE)} & {c.name for c in COURSE.chapters})
HIDDEN = {chapter: checks.load(COURSE, chapter) for chapter in CHAPTERS}
EXERCISES = {chapter: list(dict.fromkeys(h.exercise for h in HIDDEN[chapter])) for chapter in CHAPTERS}
BANK = {chapter: bank(COURSE, chapter) for chapter in CHAPTERS}

of_every_chapter = pytest.mark.parametrize("chapter", CHAPTERS)
#: Of every chapter; those whose exercises load the most are slow.
of_light_chapters_quickly = pytest.mark.parametrize(
    "chapter",
    [pytest.param(c, marks=pytest.mark.slow if c in ("autodiff", "deployment") else ()) for c in CHAPTERS],
)
in_every_framework = pytest.mark.parametrize("framework", FRAMEWORKS)

#: In every framework, all but the first in the slow lane.
in_one_framework_quickly = pytest.mark.parametrize(
    "framework", ["pytorch", *(pytest.param(f, marks=pytest.mark.slow) for f in FRAMEWORKS if f != "pytorch")]
)


def exercise(chapter: str, framework: str) -> Path:
    return ROOT / "exercises" / chapter / f"{framework}.ipynb"


def released(chapter: str, framework: str) -> str:
    """The text of the exercise as it is released."""
    return exercise(chapter, framework).read_text(encoding="utf-8")


def blank(chapter: str, framework: str) -> dict:
    """The exercise as it is released."""
    return plain.read(exercise(chapter, framework))


def solution(chapter: str, framework: str) -> dict:
    return plain.read(ROOT / "solutions" / chapter / f"{framework}.ipynb")


def code(node: dict) -> list[dict]:
    return list(plain.code_cells(node))


def new_cell(text: str) -> dict:
    return {"cell_type": "code", "metadata": {}, "source": text, "outputs": [], "execution_count": None}


def sections(chapter: str, framework: str) -> dict[str, list[dict]]:
    """The solution's cells by exercise, without the link to the worked solutions at the end."""
    by_exercise: dict[str, list[dict]] = {}
    for cell in (cell for cell in solution(chapter, framework)["cells"] if cell["id"] != release.WORKED):
        if source(cell).startswith("## "):
            current = by_exercise.setdefault(cell["id"].removesuffix("-question"), [])
        if by_exercise:
            current.append(cell)
    return by_exercise


def with_mistake(chapter: str, framework: str, mistake: Mistake) -> dict:
    """The reference solution with a wrong answer in place of the exercise's own."""
    submitted = solution(chapter, framework)
    reference = "\n\n".join(by_exercise(submitted)[mistake.exercise])
    submitted["cells"].append(new_cell(mistake.applied(framework, reference)))
    return submitted


#: For what ends by itself: a busy machine fails nothing.
PATIENT = Limits(cells=300, call=100, total=900)


def graded(
    sandbox: Sandbox,
    chapter: str,
    framework: str,
    submitted: dict,
    only: str = "",
    seed: int = 7,
    limits: Limits = PATIENT,
) -> tuple[CheckResult, ...]:
    """The results of a submission: of one exercise's checks, of one check, or of all."""
    program = cells_to_run(submitted, released(chapter, framework))
    chosen = [hidden for hidden in HIDDEN[chapter] if only in ("", hidden.exercise, hidden.id)]
    with sandbox.open(program.cells, limits, program.helpers) as session:
        return checks.run(chosen, session, program.helpers, program.cells, seed).results


def failed(results: tuple[CheckResult, ...]) -> list[CheckResult]:
    return [result for result in results if result.earned < result.points]


def answers(kind: str) -> Iterator[tuple[str, str, Mistake]]:
    """Each of the banks' answers (``kind``: "wrong" or "right"), in each framework that can give it."""
    for chapter in CHAPTERS:
        for framework in FRAMEWORKS:
            for mistake in getattr(BANK[chapter], kind):
                if framework in mistake.edits:
                    yield chapter, framework, mistake


def name_of(chapter: str, framework: str, mistake: Mistake) -> str:
    """A case's id; one process tries those of a chapter in a framework (see ``lanes.group_of``)."""
    return f"{chapter}-{framework}@{mistake.exercise}-{mistake.name}".replace(" ", "-")
