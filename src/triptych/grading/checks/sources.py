"""The submission's source: its functions and the names that they use, found without running anything."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from triptych.grading.sandbox import Code, Missing

#: Cells longer than this are not searched for functions, and no more of them all together; characters.
_LONGEST_SOURCE, _LONGEST_NOTEBOOK = 200_000, 2_000_000

#: Names joined by dots that one path is followed for: more than any entry point of a framework has.
_PARTS = 8


@dataclass(frozen=True)
class _Definition:
    """Where a definition stands in its cell, and the dotted names in it: the tree itself is large.

    Its text is made when it is asked for, as many definitions may share one long line.
    """

    lines: list[str]
    start: int
    end: int
    paths: frozenset[str]

    def text(self) -> str:
        return "\n".join(self.lines[self.start : self.end])


class Sources:
    """The functions that the cells of a submission define; of two of one name, the last."""

    def __init__(self, cells: Iterable[Code]) -> None:
        self._definitions: dict[str, _Definition] = {}
        self._aliases: dict[str, str] = {}
        searched = 0
        for cell in cells:
            searched += len(cell.source)
            if searched <= _LONGEST_NOTEBOOK:
                self._read(cell.source)

    def __contains__(self, name: str) -> bool:
        return name in self._definitions

    def text(self, name: str) -> str:
        """The text of the function ``name``, decorators included. Raises Missing."""
        return self._definition(name).text()

    def mentions(self, name: str, dotted: Sequence[str]) -> bool:
        """Whether the function, or a function of the notebook that it mentions, mentions a name."""
        self._definition(name)
        todo, seen = [name], {name}
        while todo:
            for path in map(self._resolved, self._definitions[todo.pop()].paths):
                if any(_is_within(path, wanted) for wanted in dotted):
                    return True
                if path in self._definitions and path not in seen:
                    seen.add(path)
                    todo.append(path)
        return False

    def _definition(self, name: str) -> _Definition:
        if name not in self._definitions:
            raise Missing(f"the notebook defines no function named {name}")
        return self._definitions[name]

    def _read(self, source: str) -> None:
        tree = parsed(source)
        if tree is None:
            return
        lines = source.split("\n")
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                for imported in node.names:
                    first = imported.name.partition(".")[0]
                    self._aliases[imported.asname or first] = imported.name if imported.asname else first
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                for imported in node.names:
                    self._aliases[imported.asname or imported.name] = f"{node.module}.{imported.name}"
        for node in tree.body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                names = [node.name]
                start = min([node.lineno, *(d.lineno for d in node.decorator_list)])
            elif isinstance(node, ast.Assign | ast.AnnAssign):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                names = [target.id for target in targets if isinstance(target, ast.Name)]
                start = node.lineno
                if len(names) == 1 and (path := _path(node.value)) and "." in path:
                    self._aliases[names[0]] = self._resolved(path)
            else:
                continue
            definition = _Definition(lines, start - 1, node.end_lineno or start, frozenset(_paths(node)))
            self._definitions |= dict.fromkeys(names, definition)

    def _resolved(self, path: str) -> str:
        first, dot, rest = path.partition(".")
        return self._aliases.get(first, first) + dot + rest


def parsed(source: str) -> ast.Module | None:
    """The syntax tree of a cell, its ``%magic`` and ``!shell`` lines left out; None without one."""
    if len(source) > _LONGEST_SOURCE:
        return None
    plain = re.sub(r"^([ \t]*)[%!?].*$", r"\1pass", source, flags=re.MULTILINE)
    for text in (source, plain):
        try:
            return ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
    return None


def _paths(node: ast.AST) -> Iterator[str]:
    """The dotted names in a definition, and ``.attribute`` for each attribute of anything."""
    for part in ast.walk(node):
        if isinstance(part, ast.Attribute):
            yield f".{part.attr}"
        if path := _path(part):
            yield path


def _path(node: ast.AST | None) -> str:
    """``a.b.c`` for such an expression of at most eight names, else nothing."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute) and len(parts) < _PARTS:
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""


def _is_within(path: str, wanted: str) -> bool:
    return path == wanted or path.startswith(wanted + ".")
