"""From a submission to the cells that are run."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from triptych.grading.checks.sources import parsed
from triptych.grading.sandbox import Code
from triptych.notebooks import cells as notebook


@dataclass(frozen=True)
class _Released:
    """A released notebook: its cells by what becomes of them in a submission."""

    helpers: tuple[Code, ...]  #: locked: run first, and again last
    blanks: tuple[Code, ...]  #: answers not yet given: run first, so that any answer replaces them
    checks: frozenset[str]  #: the grade_ids and cell ids of the visible checks
    given: frozenset[str]  #: the texts of all of these, squeezed


def cells_to_run(submitted: dict[str, Any], released: str) -> tuple[Code, ...]:
    """The cells of a submission that are run, in order, with the released notebook's own.

    First come the release's locked cells and its unanswered ones, then the
    submission's code cells as they stand, then the locked cells again, so that
    their definitions win. Left out are verbatim copies of released cells, and
    visible checks that were changed but define nothing. Nothing depends on the
    order, the number, the ids or the metadata of the submitted cells: an
    unanswered duplicate never replaces an answer.

    ``submitted`` is plain JSON data, ``released`` the released notebook's text.
    Raises ValueError where that is no notebook.
    """
    ours = _released(released)
    cells = [*_renamed(ours.helpers, "released"), *_renamed(ours.blanks, "released")]
    for number, cell in enumerate(notebook.code_cells(submitted), 1):
        source, name = notebook.source(cell), notebook.name(cell)
        if not source.strip() or _squeezed(source) in ours.given:
            continue
        if name in ours.checks and not _defines(source):
            continue
        cells.append(Code(f"code cell {number}", source))
    return (*cells, *_renamed(ours.helpers, "restored"))


@lru_cache(maxsize=64)
def _released(text: str) -> _Released:
    node = notebook.load(text)
    helpers: list[Code] = []
    blanks: list[Code] = []
    texts: list[str] = []
    checks: list[str] = []
    for cell in notebook.code_cells(node):
        marks, source = notebook.marks(cell), notebook.source(cell)
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


def _squeezed(source: str) -> str:
    return "".join(source.split())


def _defines(source: str) -> bool:
    """Whether a cell defines a function or a class."""
    tree = parsed(source)
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
    return tree is not None and any(isinstance(node, kinds) for node in ast.walk(tree))
