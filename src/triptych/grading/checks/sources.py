"""The submission's source: its functions and the names that they use, found without running anything."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from triptych.grading.checks import magics
from triptych.grading.sandbox import Code, Missing

#: Cells longer than this are not searched for functions, and no more of them all together; characters.
LONGEST_SOURCE, _LONGEST_NOTEBOOK = 200_000, 2_000_000

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
        tree, text = _parsed(source)
        if tree is None:
            return
        lines = text.split("\n")
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                for imported in node.names:
                    first = imported.name.partition(".")[0]
                    self._aliases[imported.asname or first] = imported.name if imported.asname else first
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                for imported in node.names:
                    self._aliases[imported.asname or imported.name] = f"{node.module}.{imported.name}"
        for node in statements(tree.body):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                names = [node.name]
                start = min([node.lineno, *(d.lineno for d in node.decorator_list)])
            elif isinstance(node, ast.Assign | ast.AnnAssign):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                each = (part for target in targets for part in getattr(target, "elts", [target]))
                names = [part.id for part in each if isinstance(part, ast.Name)]
                start = node.lineno
                if len(names) == 1 and (path := dotted_name(node.value)) and "." in path:
                    self._aliases[names[0]] = self._resolved(path)
                    if names[0] in self._definitions and path.endswith(f".{names[0]}"):
                        continue  # the notebook's own module has it, from the text that is known
            else:
                continue
            definition = _Definition(lines, start - 1, node.end_lineno or start, frozenset(_paths(node)))
            self._definitions |= dict.fromkeys(names, definition)

    def _resolved(self, path: str) -> str:
        first, dot, rest = path.partition(".")
        return self._aliases.get(first, first) + dot + rest


def parsed(source: str) -> ast.Module | None:
    """The syntax tree of a cell, as IPython turns it into Python; None without one."""
    return _parsed(source)[0]


def _parsed(source: str) -> tuple[ast.Module | None, str]:
    """The syntax tree of a cell, and the text that it is of."""
    if len(source) > LONGEST_SOURCE:
        return None, ""
    for made in (str, magics.python):
        try:
            text = made(source)
            return ast.parse(text), text
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
    return None, ""


def statements(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """A cell's statements that stand in no function, those within `if`, `try`, `with` and loops too.

    What runs where all goes well comes last: `try` after its `except`, `if` after its `else`.
    """
    todo = list(body)[::-1]
    while todo:
        statement = todo.pop()
        yield statement
        if isinstance(statement, ast.Try | ast.TryStar):
            blocks = [*(part.body for part in statement.handlers)]
            blocks += [statement.body, statement.orelse, statement.finalbody]
        elif isinstance(statement, ast.Match):
            blocks = [case.body for case in statement.cases]
        elif isinstance(statement, ast.If | ast.For | ast.AsyncFor | ast.While):
            blocks = [statement.orelse, statement.body]
        elif isinstance(statement, ast.With | ast.AsyncWith):
            blocks = [statement.body]
        else:
            continue
        todo += [each for block in blocks for each in block][::-1]


def _paths(node: ast.AST) -> Iterator[str]:
    """The dotted names in a definition, and ``.attribute`` for each attribute of anything."""
    for part in ast.walk(node):
        if isinstance(part, ast.Attribute):
            yield f".{part.attr}"
        if path := dotted_name(part):
            yield path


def dotted_name(node: ast.AST | None) -> str:
    """``a.b.c`` for such an expression of at most eight names, else nothing."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute) and len(parts) < _PARTS:
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""


def _is_within(path: str, wanted: str) -> bool:
    return path == wanted or path.startswith(wanted + ".")
