"""From solutions to exercises, and from a submission to the cells that are run.

Solutions are written in nbgrader's notation (metadata of schema 3, regions such
as ``### BEGIN SOLUTION``), and an exercise is what nbgrader's preprocessors
ClearSolutions, ClearHiddenTests, ClearMarkScheme, ClearOutput, LockCells and
CheckCellMetadata make of them. Their rules are repeated here, since importing
nbgrader takes seconds and a notebook server; a test runs nbgrader's own on the
same notebooks and compares.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from triptych.course import Course
from triptych.errors import TriptychError
from triptych.grading.checks import parsed
from triptych.grading.sandbox import Code
from triptych.notebooks.normalise import normalised

#: nbgrader's stubs, by cell type.
STUBS = {"code": "# YOUR CODE HERE\nraise NotImplementedError()", "markdown": "YOUR ANSWER HERE"}

SCHEMA = 3

#: What stands between BEGIN and END is taken out; a solution leaves its stub behind.
REGIONS = {"SOLUTION": "solution", "HIDDEN TESTS": "grade", "MARK SCHEME": "task"}

_GRADE_ID = re.compile(r"[a-zA-Z0-9_\-]+")


# --- solutions to exercises --------------------------------------------------


def solutions(course: Course) -> list[Path]:
    """The solution notebooks of all chapters."""
    found = course.root.glob("solutions/*/*.ipynb")
    return sorted(path for path in found if ".ipynb_checkpoints" not in path.parts)


def exercise_of(solution: Path, course: Course) -> Path:
    """Where the exercise made from ``solution`` is stored."""
    return course.root / "exercises" / solution.parent.name / solution.name


def release(solution: Path, course: Course) -> str:
    """The text of the exercise notebook that is made from ``solution``.

    No solution, hidden test, output or author's metadata is left in it. Raises
    TriptychError, which names the cell, where the notation is not kept to.
    """
    name = course.name(solution)
    text = normalised(solution, course, stored_as=exercise_of(solution, course))
    node = json.loads(text)
    _check_metadata(node["cells"], name)
    for cell in node["cells"]:
        cell["source"] = _cleared(cell, name).splitlines(keepends=True)
        cell["metadata"] |= _lock(_marks(cell))
        if cell["cell_type"] == "code":
            cell["execution_count"], cell["outputs"] = None, []
    return json.dumps(node, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def stale(course: Course) -> list[str]:
    """Exercises that are not what their solutions make, one line each; for ``release --check``."""
    found, known = [], set()
    for solution in solutions(course):
        exercise = exercise_of(solution, course)
        known.add(exercise)
        name, mend = course.name(exercise), f"run `triptych release {solution.parent.name}`"
        if not exercise.is_file():
            found.append(f"{name}: missing; {mend}")
        elif exercise.read_text(encoding="utf-8") != release(solution, course):
            found.append(f"{name}: not what {course.name(solution)} makes; {mend}")
    for other in sorted(course.root.glob("exercises/**/*")):
        hidden = any(part.startswith(".") for part in other.relative_to(course.root).parts)
        feedback = other.name.endswith(".feedback.html")  # a learner's own, beside the notebook
        if other.is_file() and other not in known and not hidden and not feedback:
            found.append(f"{course.name(other)}: made from no solution; remove it")
    return found


def _check_metadata(cells: list[dict[str, Any]], name: str) -> None:
    """The rules of nbgrader's MetadataValidator that a hand-written notebook can break."""
    seen: set[str] = set()
    for cell in cells:
        marks = _marks(cell)
        if not marks:
            continue
        place, id = f"{name}: cell {cell['id']!r}", marks.get("grade_id")
        if marks.get("schema_version") != SCHEMA:
            raise TriptychError(place, f"not nbgrader metadata of schema {SCHEMA}", "add schema_version")
        if not isinstance(id, str) or not _GRADE_ID.fullmatch(id):
            raise TriptychError(place, f"the grade_id {id!r} is not made of letters, digits, - and _")
        if id in seen:
            raise TriptychError(place, f"the grade_id {id!r} is used twice", "rename one")
        seen.add(id)
        for key in ("grade", "solution", "locked", "task"):
            if not isinstance(marks.get(key), bool):
                raise TriptychError(place, f"nbgrader's {key!r} is not true or false", "say which it is")
        if (marks["grade"] or marks["task"]) and not isinstance(marks.get("points"), int | float):
            raise TriptychError(place, "a graded cell without points", "add points")


def _cleared(cell: dict[str, Any], name: str) -> str:
    """The cell's source without what is between BEGIN and END."""
    place, marks = f"{name}: cell {cell['id']!r}", _marks(cell)
    kept: list[str] = []
    inside, found = "", set()
    for line in "".join(cell["source"]).split("\n"):
        begins = next((region for region in REGIONS if f"BEGIN {region}" in line), "")
        ends = next((region for region in REGIONS if f"END {region}" in line), "")
        if begins:
            if inside:
                raise TriptychError(place, f"BEGIN {begins} inside BEGIN {inside}", f"add END {inside} first")
            inside = begins
            found.add(begins)
            if begins == "SOLUTION":
                indent = line[: len(line) - len(line.lstrip())]
                kept += [indent + stub for stub in STUBS[cell["cell_type"]].split("\n")]
        elif ends:
            if inside != ends:
                raise TriptychError(place, f"END {ends} without its BEGIN", "add it")
            inside = ""
        elif not inside:
            kept.append(line)
    if inside:
        raise TriptychError(place, f"BEGIN {inside} without its END", "add it")
    for region in found:
        if not marks.get(REGIONS[region]):
            mend = f"set nbgrader's {REGIONS[region]!r} in the cell's metadata"
            raise TriptychError(place, f"BEGIN {region} in a cell that is not marked so", mend)
    if marks.get("solution") and "SOLUTION" not in found:
        return STUBS[cell["cell_type"]]
    return "\n".join(kept)


def _lock(marks: dict[str, Any]) -> dict[str, bool]:
    """What JupyterLab is told: an answer may not be deleted, anything else of ours not be changed."""
    if marks.get("solution"):
        return {"deletable": False}
    if marks.get("grade") or marks.get("locked"):
        return {"deletable": False, "editable": False}
    return {}


# --- submissions to cells ----------------------------------------------------


@dataclass(frozen=True)
class _Released:
    """A released notebook: its cells by what becomes of them in a submission."""

    helpers: tuple[Code, ...]  #: locked: run first, and again last
    blanks: tuple[Code, ...]  #: answers not yet given: run first, so that any answer replaces them
    checks: frozenset[str]  #: the grade_ids and cell ids of the visible checks
    given: frozenset[str]  #: the texts of all of these, squeezed


def cells_to_run(submitted: dict[str, Any], released: Path) -> tuple[Code, ...]:
    """The cells of a submission that are run, in order, with the released notebook's own.

    First come the release's locked cells and its unanswered ones, then the
    submission's code cells as they stand, then the locked cells again, so that
    their definitions win. Left out are verbatim copies of released cells, and
    visible checks that were changed but define nothing. Nothing depends on the
    order, the number, the ids or the metadata of the submitted cells: an
    unanswered duplicate never replaces an answer.

    ``submitted`` is plain JSON data. Raises TriptychError where ``released`` is unreadable.
    """
    ours = _released(released, released.stat().st_mtime_ns)
    cells = [*_renamed(ours.helpers, "released"), *_renamed(ours.blanks, "released")]
    for number, cell in enumerate(_code_cells(submitted), 1):
        source, name = _source(cell), _name(cell)
        if not source.strip() or _squeezed(source) in ours.given:
            continue
        if name in ours.checks and not _defines(source):
            continue
        cells.append(Code(f"code cell {number}", source))
    return (*cells, *_renamed(ours.helpers, "restored"))


@lru_cache(maxsize=64)
def _released(path: Path, _changed: int) -> _Released:
    try:
        node = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise TriptychError(path, f"cannot be read ({error})", "run `triptych release`") from None
    helpers, blanks, texts, checks = [], [], [], []
    for cell in _code_cells(node):
        marks, source = _marks(cell), _source(cell)
        if marks.get("solution"):
            blanks.append(Code(marks["grade_id"], source))
        elif marks.get("grade"):
            checks += [marks["grade_id"], cell["id"]]
        elif marks.get("locked"):
            helpers.append(Code(marks["grade_id"], source))
        else:
            continue
        texts.append(_squeezed(source))
    return _Released(tuple(helpers), tuple(blanks), frozenset(checks), frozenset(texts))


def _renamed(cells: tuple[Code, ...], how: str) -> Iterator[Code]:
    return (Code(f"{cell.id} ({how})", cell.source) for cell in cells)


def _code_cells(node: object) -> Iterator[dict[str, Any]]:
    cells = node.get("cells") if isinstance(node, dict) else None
    for cell in cells if isinstance(cells, list) else ():
        if isinstance(cell, dict) and cell.get("cell_type") == "code":
            yield cell


def _source(cell: dict[str, Any]) -> str:
    source = cell.get("source")
    if isinstance(source, list):
        return "".join(line for line in source if isinstance(line, str))
    return source if isinstance(source, str) else ""


def _marks(cell: dict[str, Any]) -> dict[str, Any]:
    """What stands under ``nbgrader`` in a cell's metadata."""
    metadata = cell.get("metadata")
    marks = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    return marks if isinstance(marks, dict) else {}


def _name(cell: dict[str, Any]) -> str:
    names = (_marks(cell).get("grade_id"), cell.get("id"))
    return next((name for name in names if isinstance(name, str)), "")


def _squeezed(source: str) -> str:
    return "".join(source.split())


def _defines(source: str) -> bool:
    """Whether a cell defines a function or a class."""
    tree = parsed(source)
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
    return tree is not None and any(isinstance(node, kinds) for node in ast.walk(tree))
