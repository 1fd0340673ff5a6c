"""The reference answers of a chapter's exercises, as a learner would have written them."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from triptych.course import Course
from triptych.errors import TriptychError
from triptych.notebooks import cells
from triptych.notebooks.cells import marks, source

_MARKS = re.compile(r"^[ \t]*### (?:BEGIN|END) SOLUTION[ \t]*\n?", re.MULTILINE)


def reference(course: Course, chapter: str, framework: str) -> dict[str, tuple[str, ...]]:
    """The answers in ``solutions/<chapter>/<framework>.ipynb`` by exercise, in the notebook's order.

    An exercise has the name of its visible check, and the answers that stand before that
    check and after the one before it. Each is a cell's text without the marks of a solution
    and without its functions' docstrings, which the exercise shows. Raises TriptychError where
    the notebook cannot be read.
    """
    path = solution(course, chapter, framework)
    try:
        node = cells.read(path)
    except FileNotFoundError:
        raise TriptychError(course.name(path), "no such notebook", "write it") from None
    except (OSError, ValueError) as error:
        raise TriptychError(course.name(path), f"cannot be read ({error})", "write it anew") from None
    return {name: tuple(map(_without_docstrings, texts)) for name, texts in by_exercise(node).items()}


def by_exercise(node: object) -> dict[str, tuple[str, ...]]:
    """The answers of a notebook with solutions by exercise, as ``reference`` has them, with docstrings."""
    found: dict[str, tuple[str, ...]] = {}
    waiting: list[str] = []
    for cell in cells.code_cells(node):
        if marks(cell).get("solution"):
            waiting.append(_MARKS.sub("", source(cell)))
        elif marks(cell).get("grade"):
            found[cells.name(cell)] = tuple(waiting)
            waiting = []
    return found


def solution(course: Course, chapter: str, framework: str) -> Path:
    """Where a framework's solutions of a chapter stand."""
    return course.root / "solutions" / chapter / f"{framework}.ipynb"


def _without_docstrings(text: str) -> str:
    """An answer's text without those of its functions; as it is where it is no plain Python."""
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return text.strip("\n")
    lines = text.splitlines()
    for node in tree.body[::-1]:
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        first = node.body[0]
        if ast.get_docstring(node) is not None and len(node.body) > 1:
            del lines[first.lineno - 1 : first.end_lineno]
    return "\n".join(lines).strip("\n")
