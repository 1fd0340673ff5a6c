"""What became of each mutant, kept in ``_build/mutation``: a trial that was interrupted goes on.

A fate is found by what decides it: the mutant's text, the notebook's locked cells, and the
exercise's checks with what they use. Where one of them changes, the mutant is tried again.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from triptych import files
from triptych.course import Course
from triptych.grading.mutation.mutants import Mutant
from triptych.grading.mutation.trial import SEEDS, Fate
from triptych.notebooks import cells as plain


class Outcomes:
    """The fates of a notebook's mutants, so far known."""

    def __init__(
        self, course: Course, chapter: str, framework: str, solution: Mapping[str, Any], checks_text: str
    ) -> None:
        self._file: Path = course.root / "_build" / "mutation" / f"{chapter}-{framework}.json"
        locked = [
            plain.source(cell)
            for cell in plain.code_cells(solution)
            if plain.marks(cell).get("locked") and not plain.marks(cell).get("grade")
        ]
        self._common = files.digest(json.dumps([locked, SEEDS]))
        self._checks = _Checks(checks_text)
        try:
            self._known: dict[str, list[Any]] = json.loads(self._file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            self._known = {}

    def get(self, mutant: Mutant) -> Fate | None:
        """The fate of a mutant that was tried."""
        known = self._known.get(self._key(mutant))
        return Fate(*known) if known else None

    def keep(self, mutant: Mutant, fate: Fate) -> None:
        """Write down a fate."""
        self._known[self._key(mutant)] = [fate.killed, fate.by]
        self._file.parent.mkdir(parents=True, exist_ok=True)
        files.replace(self._file, json.dumps(self._known, indent=0))

    def _key(self, mutant: Mutant) -> str:
        return files.digest(self._common + self._checks.of(mutant.exercise) + mutant.answer, 24)


class _Checks:
    """The text of the checks of an exercise, with all definitions of the file that they use."""

    def __init__(self, text: str) -> None:
        self._defined: dict[str, list[ast.stmt]] = {}
        self._checks: dict[str, list[ast.FunctionDef]] = {}
        self._known: dict[str, str] = {}
        for node in ast.parse(text).body:
            for name in _names(node):
                self._defined.setdefault(name, []).append(node)
            if isinstance(node, ast.FunctionDef) and node.decorator_list:
                match node.decorator_list[0]:
                    case ast.Call(args=[ast.Constant(value=str(exercise)), *_]):
                        node.decorator_list = []  # points and messages decide nothing
                        self._checks.setdefault(exercise, []).append(node)

    def of(self, exercise: str) -> str:
        """A digest of them."""
        if exercise not in self._known:
            used: dict[int, ast.stmt] = {}
            todo: list[ast.stmt] = [*self._checks.get(exercise, ())]
            while todo:
                node = todo.pop()
                if id(node) not in used:
                    used[id(node)] = node
                    names = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
                    todo += [each for name in sorted(names) for each in self._defined.get(name, ())]
            self._known[exercise] = files.digest("\n".join(sorted(map(ast.unparse, used.values()))))
        return self._known[exercise]


def _names(node: ast.stmt) -> list[str]:
    """What a statement of a module defines."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    targets = [part for part in ast.walk(node) if isinstance(part, ast.Name)]
    return [part.id for part in targets if isinstance(part.ctx, ast.Store)]
