"""From solutions to exercises.

Solutions are written in nbgrader's notation (metadata of schema 3, regions such
as ``### BEGIN SOLUTION``), and an exercise is what nbgrader's preprocessors
ClearSolutions, ClearHiddenTests, ClearMarkScheme, ClearOutput, LockCells and
CheckCellMetadata make of them. Their rules are repeated here, since importing
nbgrader takes seconds and a notebook server; a test runs nbgrader's own on the
same notebooks and compares.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from triptych.course import Course
from triptych.dev import work
from triptych.errors import TriptychError
from triptych.notebooks import cells as plain
from triptych.notebooks.cells import Cell, marks, source
from triptych.notebooks.normalise import normalised

#: nbgrader's stubs, by cell type.
STUBS = {"code": "# YOUR CODE HERE\nraise NotImplementedError()", "markdown": "YOUR ANSWER HERE"}

SCHEMA = 3

#: The regions that are taken out, and how nbgrader marks their cells; a solution leaves its stub behind.
REGIONS = {"SOLUTION": "solution", "HIDDEN TESTS": "grade", "MARK SCHEME": "task"}

#: The cell that links the chapter's worked solutions, and the page that it links.
WORKED = "worked"
_CONTENTS = "book/_toc.yml"

_GRADE_ID = re.compile(r"[a-zA-Z0-9_\-]+")


def solutions(course: Course) -> list[Path]:
    """The solution notebooks of all chapters."""
    paths = course.root.glob("solutions/*/*.ipynb")
    return sorted(path for path in paths if ".ipynb_checkpoints" not in path.parts)


def exercise_of(solution: Path, course: Course) -> Path:
    """Where the exercise made from ``solution`` is stored."""
    return course.root / "exercises" / solution.parent.name / solution.name


def release(solution: Path, course: Course) -> str:
    """The text of the exercise notebook that is made from ``solution``.

    No solution, hidden test, output or author's metadata is left in it, and no link to worked
    solutions that the course does not show. Raises TriptychError, which names the cell, where
    the notation is broken.
    """
    name = course.name(solution)
    node = plain.load(normalised(solution, course, stored_as=exercise_of(solution, course)))
    if not shows_worked(course, solution.parent.name):
        node["cells"] = [cell for cell in node["cells"] if cell["id"] != WORKED]
    _check_metadata(node["cells"], name)
    for cell in node["cells"]:
        cell["source"] = _cleared(cell, name).splitlines(keepends=True)
        cell["metadata"] |= _lock(marks(cell))
        if cell["cell_type"] == "code":
            cell["execution_count"], cell["outputs"] = None, []
    return plain.dump(node)


def shows_worked(course: Course, chapter: str) -> bool:
    """Whether the site's table of contents has the chapter's page of worked solutions."""
    contents = course.root / _CONTENTS
    text = contents.read_text(encoding="utf-8") if contents.is_file() else ""
    return re.search(rf"^[ -]*file: book/{re.escape(chapter)}/{WORKED}\s*$", text, re.MULTILINE) is not None


def stale(course: Course) -> list[str]:
    """Exercises that are not what their solutions make, one line each; for ``release --check``."""
    complaints: list[str] = []
    known: set[Path] = set()
    for solution in solutions(course):
        exercise = exercise_of(solution, course)
        known.add(exercise)
        name, remedy = course.name(exercise), f"run `triptych release {solution.parent.name}`"
        if not exercise.is_file():
            complaints.append(f"{name}: missing; {remedy}")
        elif exercise.read_text(encoding="utf-8") != release(solution, course):
            complaints.append(f"{name}: differs from what {course.name(solution)} makes; {remedy}")
    for other in sorted(course.root.glob("exercises/**/*")):
        hidden = any(part.startswith(".") for part in other.relative_to(course.root).parts)
        feedback = other.name.endswith(".feedback.html")  # a learner's own, beside the notebook
        rules = other == course.root / work.TUTOR
        if other.is_file() and other not in known and not (hidden or feedback or rules):
            complaints.append(f"{course.name(other)}: made from no solution; remove it")
    return complaints


def _check_metadata(cells: list[Cell], name: str) -> None:
    """The rules of nbgrader's MetadataValidator that a hand-written notebook can break."""
    seen: set[str] = set()
    for cell in cells:
        nbgrader = marks(cell)
        if not nbgrader:
            continue
        place, id = f"{name}: cell {cell['id']!r}", nbgrader.get("grade_id")
        if nbgrader.get("schema_version") != SCHEMA:
            raise TriptychError(place, f"not nbgrader metadata of schema {SCHEMA}", "add schema_version")
        if not isinstance(id, str) or not _GRADE_ID.fullmatch(id):
            raise TriptychError(place, f"invalid grade_id {id!r}", "use only letters, digits, - and _")
        if id in seen:
            raise TriptychError(place, f"the grade_id {id!r} is used twice", "rename one")
        seen.add(id)
        for key in ("grade", "solution", "locked", "task"):
            if not isinstance(nbgrader.get(key), bool):
                raise TriptychError(place, f"nbgrader's {key!r} is not true or false", "say which it is")
        if (nbgrader["grade"] or nbgrader["task"]) and not isinstance(nbgrader.get("points"), int | float):
            raise TriptychError(place, "a graded cell without points", "add points")


def _cleared(cell: Cell, name: str) -> str:
    """The cell's source without what is between BEGIN and END."""
    place, nbgrader = f"{name}: cell {cell['id']!r}", marks(cell)
    kept: list[str] = []
    inside, regions = "", set()
    for line in source(cell).split("\n"):
        begins = next((region for region in REGIONS if f"BEGIN {region}" in line), "")
        ends = next((region for region in REGIONS if f"END {region}" in line), "")
        if begins:
            if inside:
                raise TriptychError(place, f"BEGIN {begins} inside BEGIN {inside}", f"add END {inside} first")
            inside = begins
            regions.add(begins)
            if begins == "SOLUTION":
                indent = line[: len(line) - len(line.lstrip())]
                kept += [indent + stub for stub in STUBS[cell["cell_type"]].split("\n")]
        elif ends:
            if inside != ends:
                raise TriptychError(place, f"END {ends} without its BEGIN", f"add BEGIN {ends}")
            inside = ""
        elif not inside:
            kept.append(line)
    if inside:
        raise TriptychError(place, f"BEGIN {inside} without its END", f"add END {inside}")
    for region in regions:
        if not nbgrader.get(REGIONS[region]):
            key = REGIONS[region]
            problem = f"BEGIN {region} in a cell that nbgrader's metadata does not mark as {key!r}"
            raise TriptychError(place, problem, f"set {key!r} to true there")
    if nbgrader.get("solution") and "SOLUTION" not in regions:
        return STUBS[cell["cell_type"]]
    return "\n".join(kept)


def _lock(nbgrader: dict[str, Any]) -> dict[str, bool]:
    """What JupyterLab forbids: to delete an answer's cell, and to change any other of ours."""
    if nbgrader.get("solution"):
        return {"deletable": False}
    if nbgrader.get("grade") or nbgrader.get("locked"):
        return {"deletable": False, "editable": False}
    return {}
