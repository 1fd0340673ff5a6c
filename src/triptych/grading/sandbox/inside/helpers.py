"""The grader's own code in the learner's process: the release's locked helpers.

The helpers measure: they count traces and calls, and compile what the learner wrote.
So they are not the learner's to change. They run by plain ``exec`` after the
submission's cells, outside IPython and its hooks, in a namespace of their own with
Python's own built-in functions; before each call that namespace is put back as it was
made, the learner's functions are bound in it, and the entry points that the helpers
use (``jax.jit``, ``torch.compile``) are the framework's own again. What was found
changed is told. All of it is one process's memory: what goes for it with frames or
with ctypes can still change it, while a call runs.
"""

from __future__ import annotations

import ast
import builtins
import importlib
import linecache
import sys
from collections.abc import Iterable, Iterator
from types import FunctionType, ModuleType
from typing import Any, NamedTuple

from .switches import Switches

_MISSING = object()


class EntryPoint(NamedTuple):
    """An attribute that the helpers use, as it was before any code of the learner ran."""

    dotted: str
    parent: Any
    name: str
    value: Any


class Helpers:
    """The locked helpers of one submission; made before the submission's own cells run."""

    def __init__(self, sources: Iterable[str], learners: dict[str, Any]) -> None:
        """``learners``: the namespace of the learner's cells, in which the helpers have run once."""
        self._sources = tuple(sources)
        self._learners = learners
        self._builtins = dict(vars(builtins))
        self._python = dict(self._builtins)
        self._own: dict[str, Any] = {}
        self._namespace: dict[str, Any] = {}
        self._functions: dict[FunctionType, tuple[Any, ...]] = {}
        self.switches = Switches()
        self._entry_points = entry_points(self._sources)
        self._modules = {name: sys.modules[name] for name, _ in imports(self._sources)}
        self.names = frozenset(bound_names(self._sources))
        self._given = {name: learners[name] for name in self.names if name in learners}

    def run(self) -> list[str]:
        """Run the helpers, after the learner's cells; what of theirs was found changed, a sentence each."""
        told = self._restored_entry_points()
        for name, module in self._modules.items():
            if sys.modules.get(name) is not module:
                told.append(f"replaces the module `{name}`")
                sys.modules[name] = module
        told += [
            f"binds the locked name `{name}` again"
            for name, value in sorted(self._given.items())
            if self._learners.get(name, _MISSING) is not value
        ]
        self._namespace = {"__name__": "__main__", "__builtins__": self._builtins}
        for number, source in enumerate(self._sources):
            file = f"<helpers {number}>"
            lines = source.splitlines(keepends=True)
            linecache.cache[file] = (len(source), None, lines, file)  # for AutoGraph, which reads sources
            exec(compile(source, file, "exec"), self._namespace)
        self._own = dict(self._namespace)
        for value in self._own.values():
            self._remember(value)
        return told

    def bind(self, name: str, helper: str, arguments: tuple[Any, ...]) -> None:
        """Let ``name`` be what the helper returns, for the learner's functions too."""
        self._own[name] = self._own[helper](*arguments)

    def prepare(self) -> list[str]:
        """Before a call: everything as it was made, and the learner's functions bound; what was changed."""
        told = self.changed() + self.switches.restore()
        for function, parts in self._functions.items():
            function.__code__, function.__defaults__, function.__kwdefaults__ = parts
        namespace, own = self._namespace, self._own
        namespace.clear()
        namespace.update((n, v) for n, v in self._learners.items() if n not in self._builtins)
        namespace.update(own)
        self._learners.update((n, own[n]) for n in own if not n.startswith("__"))
        return told

    def changed(self) -> list[str]:
        """What was changed since the last call was prepared, a sentence each."""
        told = self._restored_entry_points()
        covered = self._namespace.keys() & self._python.keys() - self._own.keys()
        covered |= {n for n, value in self._python.items() if self._builtins.get(n, _MISSING) is not value}
        told += [f"replaces Python's own `{name}` for the grader's functions" for name in sorted(covered)]
        self._builtins.update(self._python)
        for name, value in self._own.items():
            if self._namespace.get(name, _MISSING) is not value:
                told.append(f"replaces the grader's own `{name}`")
        for function, parts in self._functions.items():
            if any(a is not b for a, b in zip(_parts(function), parts, strict=True)):
                told.append(f"changes the grader's own `{function.__name__}`")
        return told

    def get(self, name: str) -> Any:
        """What is called by ``name``: the helper, else what the learner has defined, else None."""
        return self._own.get(name, self._learners.get(name))

    def namespaces(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """The helpers' namespace, and the learner's."""
        return self._namespace, self._learners

    def _remember(self, value: Any) -> None:
        if isinstance(value, FunctionType) and value.__globals__ is self._namespace:
            self._functions[value] = _parts(value)

    def _restored_entry_points(self) -> list[str]:
        told = []
        for point in self._entry_points:
            if getattr(point.parent, point.name, _MISSING) is not point.value:
                told.append(f"replaces `{point.dotted}`")
                setattr(point.parent, point.name, point.value)
        return told


def _parts(function: FunctionType) -> tuple[Any, ...]:
    return function.__code__, function.__defaults__, function.__kwdefaults__


def entry_points(sources: Iterable[str]) -> tuple[EntryPoint, ...]:
    """The attributes of modules and classes that the helpers name, such as ``jax.jit``; each link of a chain.

    An attribute that each look makes anew, a bound method for example, is left out.
    """
    trees = [ast.parse(source) for source in sources]
    modules = {name: value for tree in trees for name, value in _imported(tree)}
    found: dict[tuple[int, str], EntryPoint] = {}
    for path, name in imports(sources):
        holder = sys.modules[path]
        if name and (value := getattr(holder, name, _MISSING)) is getattr(holder, name, None):
            found[id(holder), name] = EntryPoint(f"{path}.{name}", holder, name, value)
    for tree in trees:
        for node in ast.walk(tree):
            dotted = dotted_name(node)
            first, *rest = dotted.split(".")
            if not rest or first not in modules:
                continue
            parent, path = modules[first], getattr(modules[first], "__name__", first)
            for name in rest:
                value = getattr(parent, name, _MISSING)
                if not isinstance(parent, ModuleType | type) or getattr(parent, name, _MISSING) is not value:
                    break
                path = f"{path}.{name}"
                found[id(parent), name] = EntryPoint(path, parent, name, value)
                parent = value
    return tuple(found.values())


def _imported(tree: ast.Module) -> Iterable[tuple[str, Any]]:
    """The names that the imports of a cell bind, and what they stand for."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if _module(alias.name) is None:
                    continue
                first = alias.name.partition(".")[0]
                yield alias.asname or first, sys.modules[alias.name if alias.asname else first]
        elif isinstance(node, ast.ImportFrom) and node.module and (module := _module(node.module)):
            for alias in node.names:
                yield alias.asname or alias.name, getattr(module, alias.name, None)


def _module(name: str) -> ModuleType | None:
    """The module; None where there is none, as where helpers try one and then another."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def imports(sources: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The modules that the helpers import and those that hold them, each with what is taken of it, if any."""
    for source in sources:
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Import):
                wanted = [alias.name for alias in node.names if _module(alias.name)]
            elif isinstance(node, ast.ImportFrom) and node.module and _module(node.module):
                wanted = [f"{node.module}.{alias.name}" for alias in node.names]
            else:
                continue
            for dotted in wanted:
                if isinstance(node, ast.Import):
                    yield dotted, ""
                while "." in dotted:
                    dotted, _, name = dotted.rpartition(".")
                    yield dotted, name


def dotted_name(node: ast.AST | None) -> str:
    """``a.b.c`` for such an expression, else nothing."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""


def bound_names(sources: Iterable[str]) -> Iterable[str]:
    """The functions, classes and variables that the helpers define at their top level."""
    for source in sources:
        for node in ast.parse(source).body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                yield node.name
            elif isinstance(node, ast.Assign):
                yield from (t.id for t in node.targets if isinstance(t, ast.Name))
