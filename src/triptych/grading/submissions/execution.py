"""From a submission to the cells that are run."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from triptych.grading.checks.absence import given_names
from triptych.grading.checks.sources import parsed
from triptych.grading.sandbox import Code
from triptych.notebooks import cells as notebook

#: What names something for good, and what assigns to a name.
_DEFINITIONS = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_ASSIGNMENTS = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.NamedExpr)

#: Statements of a changed check that are run one by one; more of them run as one cell.
_MOST_STATEMENTS = 100

#: Names of a submission's own among which a similar one is looked for.
_MOST_NAMES = 200


@dataclass(frozen=True)
class _Released:
    """A released notebook: its cells by what becomes of them in a submission."""

    helpers: tuple[Code, ...]  #: locked: run first, and again last
    blanks: tuple[Code, ...]  #: answers not yet given: run first, so that any answer replaces them
    checks: frozenset[str]  #: the grade_ids and cell ids of the visible checks
    given: frozenset[str]  #: the texts of all of these, squeezed
    shown: frozenset[str]  #: the statements of the visible checks
    answers: Mapping[str, str]  #: the answers' names, each with the squeezed text of its unanswered cell

    @property
    def asked(self) -> frozenset[str]:
        """The names that the answers have."""
        return frozenset(self.answers)


@dataclass(frozen=True)
class Program:
    """What a submission comes to: the release's locked helpers, and the cells, in order.

    ``missing``: the names of answers of which the submission has neither a definition nor the
    unanswered cell, each with a similar name that it does define, if there is one.
    """

    helpers: tuple[Code, ...]
    cells: tuple[Code, ...]
    missing: Mapping[str, str] = field(default_factory=dict)


def cells_to_run(submitted: dict[str, Any], released: str) -> Program:
    """The cells of a submission that are run, in order, with the released notebook's own.

    First come the release's locked helpers (which the sandbox makes the grader's own again
    after all cells) and its unanswered cells, then the submission's code cells as they
    stand. Left out are verbatim copies of released cells. Of a
    visible check that was changed only what it defines is run, each statement by
    itself, and not its assertions again. Nothing depends on the order, the number,
    the ids or the metadata of the submitted cells: an unanswered duplicate never
    replaces an answer.

    ``submitted`` is plain JSON data, ``released`` the released notebook's text.
    Raises ValueError where that is no notebook.
    """
    ours = _released(released)
    cells = [*_renamed(ours.blanks, "released")]
    texts: list[str] = []
    for number, cell in enumerate(notebook.code_cells(submitted), 1):
        source, name = notebook.source(cell), notebook.name(cell)
        texts.append(source)
        if not source.strip() or _squeezed(source) in ours.given:
            continue
        if name in ours.checks:
            cells += (Code(f"code cell {number}", text) for text in _defined(source, ours))
        else:
            cells.append(Code(f"code cell {number}", source))
    return Program(tuple(_renamed(ours.helpers, "released")), tuple(cells), _missing(ours, texts))


def _missing(ours: _Released, texts: Sequence[str]) -> dict[str, str]:
    """See ``Program.missing``."""
    there = {_squeezed(text) for text in texts}
    defined = dict.fromkeys(name for text in texts for name in sorted(given_names(text)))
    missing = [name for name, blank in ours.answers.items() if blank not in there and name not in defined]
    own = [name for name in defined if name not in ours.answers][-_MOST_NAMES:]
    return {name: next(iter(get_close_matches(name, own, 1, 0.7)), "") for name in missing}


@lru_cache(maxsize=64)
def _released(text: str) -> _Released:
    node = notebook.load(text)
    helpers: list[Code] = []
    blanks: list[Code] = []
    texts: list[str] = []
    checks: list[str] = []
    shown: set[str] = set()
    answers: dict[str, str] = {}
    for cell in notebook.code_cells(node):
        marks, source = notebook.marks(cell), notebook.source(cell)
        if marks.get("solution"):
            blanks.append(Code(marks["grade_id"], source))
            names = (getattr(statement, "name", "") for statement in _statements(source))
            answers |= dict.fromkeys(filter(None, names), _squeezed(source))
        elif marks.get("grade"):
            checks += [marks["grade_id"], cell["id"]]
            shown.update(ast.unparse(statement) for statement in _statements(source))
        elif marks.get("locked"):
            helpers.append(Code(marks["grade_id"], source))
        else:
            continue
        texts.append(_squeezed(source))
    return _Released(
        tuple(helpers), tuple(blanks), frozenset(checks), frozenset(texts), frozenset(shown), answers
    )


def _renamed(cells: tuple[Code, ...], how: str) -> Iterator[Code]:
    return (Code(f"{cell.id} ({how})", cell.source) for cell in cells)


def _squeezed(source: str) -> str:
    return "".join(source.split())


def _statements(source: str) -> list[ast.stmt]:
    tree = parsed(source)
    return tree.body if tree else []


def _defined(source: str, ours: _Released) -> list[str]:
    """What a learner's changed check defines: its statements that are not the release's own and bind a name.

    An assignment that calls an answer is a trial of it, not a definition, and may take its time.
    """
    if source.lstrip().startswith(("%%writefile", "%%file")):
        return [source]
    kept: list[str] = []
    for statement in _statements(source):
        if not _binds(statement, ours.asked):
            continue
        try:
            text = ast.unparse(statement)
        except (RecursionError, ValueError):
            continue
        if text not in ours.shown:
            kept.append(text)
    return kept if len(kept) <= _MOST_STATEMENTS else ["\n".join(kept)]


def _binds(statement: ast.stmt, asked: frozenset[str]) -> bool:
    """Whether a statement defines or imports something, or assigns a value that is no answer's."""
    if isinstance(statement, ast.Assert | ast.Expr):
        return False
    parts = list(ast.walk(statement))
    if isinstance(getattr(statement, "value", None), ast.Lambda) or any(
        isinstance(part, _DEFINITIONS) for part in parts
    ):
        return True
    if isinstance(statement, ast.For | ast.AsyncFor | ast.While):
        return False
    called = {
        part.func.id for part in parts if isinstance(part, ast.Call) and isinstance(part.func, ast.Name)
    }
    return any(isinstance(part, _ASSIGNMENTS) for part in parts) and not called & asked
