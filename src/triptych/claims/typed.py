"""What an author typed into a checkpoint, and no cell computed: it proves nothing.

The notebook's own source says which it is. The value of a key is *typed* where it is a literal
(a number, a text, a list of them), arithmetic on literals, or a name that is bound to nothing else;
where it is the ``__name__`` of something that the author named (``jax.pmap.__name__``), for that
could not be anything else; and where it is a list of texts that all stand in the code (the names of
variants, sorted). A call, an attribute, or a choice that something computed decides (``"refused" if
error else "works"``) is *computed*.

Limits. What goes through a function's parameter is taken for computed, so a label handed to a
helper and read back from a table passes, alone or in a row with what was computed. What a
computation yields is not judged: a comparison that is always true passes here, and is the
reader's to see. A key that no dict display names (``**facts``) is taken for computed.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from triptych.notebooks.folds import CHECKPOINT
from triptych.notebooks.model import ONLY, Notebook

#: Builtins that make nothing of literals but another literal.
_PURE = frozenset({
    *("abs", "bool", "dict", "float", "frozenset", "int", "len", "list", "max", "min", "repr"),
    *("reversed", "round", "set", "sorted", "str", "sum", "tuple"),
})  # fmt: skip
_NAMES = frozenset(("__name__", "__qualname__", "__module__"))

#: Methods that change the object that a name stands for.
_CHANGES = frozenset({
    *("add", "append", "clear", "discard", "extend", "insert", "pop", "remove", "setdefault"),
    *("sort", "update"),
})  # fmt: skip

#: What a name is bound to in a branch, by a loop, a call or the like, or where its object is changed.
_COMPUTED = None

_Bindings = Mapping[str, Sequence["ast.expr | None"]]


def typed_keys(notebook: Notebook, heading: str) -> frozenset[str]:
    """The keys of a section's checkpoint, of its ``only`` too, whose values an author typed."""
    sources = tuple(cell.source for _, cell in notebook.cells if cell.kind == "code")
    cell = next(cell for place, cell in notebook.cells if place == heading and CHECKPOINT in cell.tags)
    stored = notebook.checkpoints[heading]
    labels = {key for key, value in {**stored.shared, **stored.only}.items() if _labels(value, sources)}
    return _typed_keys(cell.source, sources) | labels


def _labels(value: object, sources: tuple[str, ...]) -> bool:
    """Whether ``value`` is a list of texts that all stand in the code."""
    if not isinstance(value, list) or not value or not all(isinstance(text, str) for text in value):
        return False
    return _texts(sources).issuperset(value)


@lru_cache(maxsize=128)
def _texts(sources: tuple[str, ...]) -> frozenset[str]:
    """The texts that stand in the code as literals."""
    trees = map(_parsed, sources)
    constants = (node.value for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return frozenset(value for value in constants if isinstance(value, str))


@lru_cache(maxsize=512)
def _typed_keys(checkpoint: str, sources: tuple[str, ...]) -> frozenset[str]:
    body = _parsed(checkpoint).body
    if not body or not isinstance(body[-1], ast.Expr):
        return frozenset()
    judge = _Judge(_bindings(sources))
    return frozenset(key for key, value in judge.entries(body[-1].value) if judge.typed(value))


class _Judge:
    """Tells literals from what is computed, by what the notebook's names are bound to."""

    def __init__(self, bindings: _Bindings) -> None:
        self.bindings = bindings
        self._open: set[str] = set()

    def entries(self, node: ast.expr) -> Iterator[tuple[str, ast.expr]]:
        """The keys of the dict that ``node`` displays, those of ``only`` too, with their values."""
        match node:
            case ast.Dict(keys, values):
                for key, value in zip(keys, values, strict=True):
                    if key is None or (isinstance(key, ast.Constant) and key.value == ONLY):
                        yield from self.entries(value)
                    elif isinstance(key, ast.Constant) and isinstance(key.value, str):
                        yield key.value, value
            case ast.BinOp(left, ast.BitOr(), right):
                yield from self.entries(left)
                yield from self.entries(right)
            case ast.Name(name) if len(bound := self.bindings.get(name, ())) == 1 and bound[0]:
                yield from self.entries(bound[0])

    def typed(self, node: ast.AST | None) -> bool:
        """Whether the author typed the value of ``node``."""
        match node:
            case ast.Constant():
                return True
            case ast.Name(name):
                return self._name(name)
            case ast.Attribute(value, attribute):
                return attribute in _NAMES and self._named_by_author(value)
            case ast.Call(function, arguments, keywords):
                inner = [*arguments, *(keyword.value for keyword in keywords)]
                return self._pure(function) and all(map(self.typed, inner))
            case ast.JoinedStr(values):
                return all(map(self.typed, values))
            case ast.FormattedValue(value) | ast.UnaryOp(operand=value) | ast.Starred(value):
                return self.typed(value)
            case ast.List(elements) | ast.Tuple(elements) | ast.Set(elements):  # an empty one is to be filled
                return bool(elements) and all(map(self.typed, elements))
            case ast.Dict(keys, values):
                return bool(keys) and all(map(self.typed, [*keys, *values]))
            case ast.BinOp(left, _, right):
                return self.typed(left) and self.typed(right)
            case ast.BoolOp(values=values):
                return all(map(self.typed, values))
            case ast.Compare(left, _, others):
                return all(map(self.typed, [left, *others]))
            case ast.IfExp(test, body, other):
                return all(map(self.typed, [test, body, other]))
            case ast.Subscript(value, index):
                return self.typed(value) and self.typed(index)
        return False

    def _name(self, name: str) -> bool:
        """Bound to literals only; a name that is bound to itself is not."""
        bound = self.bindings.get(name, ())
        if not bound or name in self._open:
            return False
        self._open.add(name)
        try:
            return all(map(self.typed, bound))
        finally:
            self._open.discard(name)

    def _pure(self, function: ast.expr) -> bool:
        """A builtin, or a method of a literal, such as ``", ".join``."""
        match function:
            case ast.Name(name):
                return name in _PURE and name not in self.bindings
            case ast.Attribute(value):
                return self.typed(value)
        return False

    def _named_by_author(self, node: ast.expr) -> bool:
        """An attribute of an import, or an import, a function or a class itself."""
        while isinstance(node, ast.Attribute):
            node = node.value
        return isinstance(node, ast.Name) and node.id not in self.bindings and not hasattr(builtins, node.id)


@lru_cache(maxsize=128)
def _bindings(sources: tuple[str, ...]) -> _Bindings:
    """What each name of the notebook is bound to; imports, functions and classes are not in it."""
    found: dict[str, list[ast.expr | None]] = {}
    for source in sources:
        tree = _parsed(source)
        for name, value in [*_bound(tree.body), *((name, _COMPUTED) for name in _changed(tree))]:
            found.setdefault(name, []).append(value)
    return found


def _bound(body: Iterable[ast.stmt]) -> Iterator[tuple[str, ast.expr | None]]:
    """The names that statements bind, in order; in a branch, a loop or a try the value is computed."""
    for statement in body:
        match statement:
            case ast.Assign(targets, value):
                for target in targets:
                    yield from _pairs(target, value)
            case ast.AnnAssign(target=target, value=value) if value is not None:
                yield from _pairs(target, value)
            case ast.With(items, inner):
                for item in items:
                    yield from _pairs(item.optional_vars, _COMPUTED)
                yield from _bound(inner)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                continue
            case _:
                for node in ast.walk(statement):
                    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                        yield node.id, _COMPUTED


def _pairs(target: ast.expr | None, value: ast.expr | None) -> Iterator[tuple[str, ast.expr | None]]:
    match target, value:
        case ast.Name(name), _:
            yield name, value
        case ((ast.Tuple(names) | ast.List(names)), (ast.Tuple(values) | ast.List(values))) if len(
            names
        ) == len(values):
            for one, inner in zip(names, values, strict=True):
                yield from _pairs(one, inner)
        case ((ast.Tuple(names) | ast.List(names)), _):
            for one in names:
                yield from _pairs(one, _COMPUTED)
        case ast.Starred(inner), _:
            yield from _pairs(inner, _COMPUTED)


def _changed(tree: ast.Module) -> Iterator[str]:
    """The names whose objects are changed in place, or bound within a function (``global``) or ``:=``."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(ast.Attribute(ast.Name(name), method)) if method in _CHANGES:
                yield name
            case ast.Subscript(ast.Name(name), ctx=ast.Store() | ast.Del()):
                yield name
            case ast.NamedExpr(ast.Name(name)) | ast.AugAssign(ast.Name(name)):
                yield name
            case ast.Global(names) | ast.Nonlocal(names):
                yield from names


@lru_cache(maxsize=1024)
def _parsed(source: str) -> ast.Module:
    """The cell as Python, its magics left out; a cell of another language is empty."""
    lines = source.splitlines()
    if lines and lines[0].startswith("%%"):
        return ast.Module([], [])
    python = "\n".join("pass" if line.startswith(("%", "!")) else line for line in lines)
    try:
        return ast.parse(python)
    except SyntaxError:
        return ast.Module([], [])
