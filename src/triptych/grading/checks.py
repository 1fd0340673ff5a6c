"""Hidden checks: how a chapter's author writes them, and how they are run.

``solutions/<chapter>/checks.py`` holds plain functions::

    @check("loop", points=2, objective=4, message="The start counts too: begin the peak at n.")
    def peak_includes_the_start(ask: Ask, draw: np.random.Generator) -> None:
        n = int(draw.integers(2, 100))
        ask.equal("plain", "collatz_peak", [[n]], expected=...)

They run on the trusted side. ``ask`` calls functions of the submission by
name, through a sandbox's session; only plain values come back. ``draw`` makes
the inputs, new ones for every seed. A check passes if it returns, and fails on
``Wrong``, on any other AssertionError, on a value of the wrong kind and on
everything that the sandbox reports as the submission's own fault.
"""

from __future__ import annotations

import ast
import importlib.util
import math
import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from triptych.course import Course
from triptych.errors import TriptychError
from triptych.grading.sandbox import Code, Died, Missing, Raised, Session, SubmissionError

FILE = "checks.py"

#: Characters of an input, an expected value or an answer that a feedback page shows.
SHOWN = 400

#: What a released function does until it is answered, and what is then said of it.
UNTOUCHED = "raise NotImplementedError()"
NOT_YET = "Not answered yet."

#: Cells longer than this are not searched for functions, characters.
_LONGEST_SOURCE = 200_000


# --- what an author writes ---------------------------------------------------


class Wrong(AssertionError):
    """An answer that is not the expected one. The three texts are for the feedback page."""

    def __init__(self, input: str, expected: str, got: str) -> None:
        """``input``: what was asked; ``expected`` and ``got``: the two answers."""
        self.input, self.expected, self.got = input, expected, got
        super().__init__(f"{input}: expected {expected}, got {got}")


class Ask:
    """Asks a submission: for values, by calling its functions, and for its source.

    Whatever the submission returns is plain data (see ``values``), never code.
    """

    def __init__(self, session: Session, sources: Sources) -> None:
        """``session``: the running submission; ``sources``: its cells, parsed."""
        self._session, self._sources = session, sources
        self.input, self.answer = "", ""
        self._named: list[str] = []

    def __call__(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """The value of ``name(*args, **kwargs)`` in the submission. Raises SubmissionError."""
        given = [shown(a) for a in args] + [f"{key}={shown(a)}" for key, a in kwargs.items()]
        self.input, self.answer = shorten(f"{name}({', '.join(given)})"), ""
        self._named = [name, *(a for a in args if isinstance(a, str))]
        value = self._session.call(name, *args, **kwargs)
        self.answer = shown(value)
        return value

    def equal(self, name: str, *args: Any, expected: Any, rtol: float = 1e-5, atol: float = 1e-6) -> Any:
        """Call ``name`` and compare: numbers within the tolerances, all else exactly.

        Arrays must have the expected shape; of a dict the expected keys are
        compared. Raises Wrong. Returns the answer.
        """
        value = self(name, *args)
        if not agree(expected, value, rtol, atol):
            raise Wrong(self.input, shown(expected), self.answer)
        return value

    def require(self, condition: object, expected: str, got: object = None) -> None:
        """Raise Wrong unless ``condition`` holds. ``got`` is the last answer where it is not given."""
        if not condition:
            raise Wrong(self.input, shorten(expected), self.answer if got is None else shown(got))

    @property
    def unanswered(self) -> bool:
        """Whether a function that the last call named still is as it was released."""
        return any(UNTOUCHED in self._sources.text(name) for name in self._named if name in self._sources)

    def source(self, name: str) -> str:
        """The submission's own text of the function ``name``; its last definition wins. Raises Missing."""
        return self._sources.text(name)

    def uses(self, name: str, *dotted: str) -> bool:
        """Whether the function ``name`` mentions one of the dotted names, itself or by a helper.

        ``"jax.jit"`` is found under any alias of ``jax``; ``".backward"`` is any
        attribute of that name. Only mentions count: this tells how an honest
        answer was made, which its value cannot. Raises Missing.
        """
        self.input, self.answer = f"the text of {name}", ""
        return self._sources.mentions(name, dotted)


Function = Callable[[Ask, np.random.Generator], None]


@dataclass(frozen=True)
class Hidden:
    """A hidden check. ``objective`` counts the chapter's objectives from 1."""

    id: str
    exercise: str
    points: float
    objective: int
    message: str
    function: Function


def check(exercise: str, *, points: float, objective: int, message: str) -> Callable[[Function], Hidden]:
    """Make a function the hidden check ``<exercise>/<the function's name, with dashes>``.

    ``message`` is what a learner reads when it fails: it names the likely mistake.
    """

    def hide(function: Function) -> Hidden:
        id = f"{exercise}/{function.__name__.replace('_', '-')}"
        return Hidden(id, exercise, points, objective, message, function)

    return hide


# --- loading and running -----------------------------------------------------


@dataclass(frozen=True)
class Result:
    """What came of one check. ``message`` is empty where it passed."""

    check: str
    exercise: str
    objective: int
    points: float
    earned: float
    message: str = ""
    input: str = ""
    expected: str = ""
    got: str = ""


def load(course: Course, chapter: str, folder: Path | None = None) -> tuple[Hidden, ...]:
    """The chapter's hidden checks, in the order of their definition.

    ``folder``: an instructor's private checks, in ``<chapter>/checks.py`` or
    ``checks.py`` there. Raises TriptychError where there are none or they cannot be read.
    """
    if folder is None:
        file = course.root / "solutions" / chapter / FILE
    else:
        file = next((f for f in (folder / chapter / FILE, folder / FILE) if f.is_file()), folder / FILE)
    place = course.name(file)
    if not file.is_file():
        raise TriptychError(place, "no hidden checks there", "name the chapter, or the folder of your own")
    spec = importlib.util.spec_from_file_location(f"triptych_checks_{chapter}", file)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise TriptychError(place, f"cannot be read ({type(error).__name__}: {error})") from error
    found = tuple(value for value in vars(module).values() if isinstance(value, Hidden))
    if not found:
        raise TriptychError(place, "holds no checks", "decorate a function with @check")
    return found


def objectives(course: Course, chapter: str) -> tuple[str, ...]:
    """The chapter's objectives: the numbered list in the first admonition of its page."""
    file = course.root / "book" / f"{chapter}.md"
    text = file.read_text(encoding="utf-8") if file.is_file() else ""
    box = re.search(r"^```\{admonition\}.*?^```", text, re.MULTILINE | re.DOTALL)
    return tuple(re.findall(r"^\d+\. (.+?)[;.]?$", box.group(), re.MULTILINE)) if box else ()


def run(checks: Iterable[Hidden], session: Session, sources: Sequence[Code], seed: int) -> tuple[Result, ...]:
    """Run the checks, in order, on a submission. ``sources`` are the cells that the session ran.

    Each check draws from a generator of its own, made from ``seed`` and the
    check's id: the inputs of one do not depend on which others are run. Raises
    TriptychError where a check itself is at fault.
    """
    parsed = Sources(sources)
    return tuple(_run(hidden, session, parsed, seed) for hidden in checks)


def _run(hidden: Hidden, session: Session, sources: Sources, seed: int) -> Result:
    ask = Ask(session, sources)
    draw = np.random.default_rng([seed, zlib.crc32(hidden.id.encode())])
    message, expected, got = hidden.message, "", ""
    try:
        hidden.function(ask, draw)
    except Wrong as wrong:
        ask.input, expected, got = wrong.input, wrong.expected, wrong.got
    except AssertionError as wrong:
        expected, got = str(wrong), ask.answer
    except Raised as fault:
        got = f"{fault.type}: {fault.message}"
        if ask.unanswered:
            message = NOT_YET
    except Died as fault:
        message = f"Not asked: the notebook {fault}."
    except SubmissionError as fault:
        message = f"{fault}."
    except (TypeError, ValueError, LookupError, AttributeError, ArithmeticError) as error:
        if not ask.answer:  # nothing was answered that the check could have stumbled over
            raise TriptychError(hidden.id, f"the check failed ({type(error).__name__}: {error})") from error
        expected, got = "a value of another kind", ask.answer
    else:
        return Result(
            hidden.id, hidden.exercise, hidden.objective, hidden.points, hidden.points, input=ask.input
        )
    texts = (shorten(message, 600), ask.input, shorten(expected), shorten(got))
    return Result(hidden.id, hidden.exercise, hidden.objective, hidden.points, 0.0, *texts)


# --- comparing and showing ---------------------------------------------------


def agree(expected: Any, got: Any, rtol: float = 1e-5, atol: float = 1e-6) -> bool:
    """Whether an answer is the expected one: numbers within the tolerances, all else exactly.

    An answer may have more keys than expected, and a list may stand for a tuple
    or for an array. A boolean is not a number.
    """
    if isinstance(expected, Mapping):
        return isinstance(got, Mapping) and all(
            key in got and agree(value, got[key], rtol, atol) for key, value in expected.items()
        )
    if isinstance(expected, list | tuple):
        if isinstance(got, np.ndarray):
            got = list(got)
        return (
            isinstance(got, list | tuple)
            and len(got) == len(expected)
            and all(agree(e, g, rtol, atol) for e, g in zip(expected, got, strict=True))
        )
    if expected is None or isinstance(expected, str):
        return type(got) is type(expected) and got == expected
    if got is None or isinstance(got, str | bytes | Mapping):
        return False
    try:
        wanted, answer = np.asarray(expected), np.asarray(got)
    except ValueError:  # ragged
        return False
    if wanted.shape != answer.shape or answer.dtype.kind not in "biufc":
        return False
    if wanted.dtype.kind == "b" or answer.dtype.kind == "b":
        return wanted.dtype.kind == answer.dtype.kind and bool((wanted == answer).all())
    return bool(np.allclose(answer, wanted, rtol=rtol, atol=atol, equal_nan=True))


def shown(value: Any, limit: int = SHOWN) -> str:
    """A value as text for a feedback page, cut to ``limit`` characters."""
    return shorten(_text(value), limit)


def shorten(text: str, limit: int = SHOWN) -> str:
    """``text`` in one line, cut in its middle to ``limit`` characters."""
    text = " ".join(str(text).split())
    half = (limit - 5) // 2
    return text if len(text) <= limit else f"{text[:half]} ... {text[-half:]}"


def _text(value: Any, depth: int = 4) -> str:
    if isinstance(value, np.generic) or (isinstance(value, np.ndarray) and value.ndim == 0):
        return _text(value.item())
    if isinstance(value, np.ndarray):
        with np.printoptions(precision=6, threshold=24, edgeitems=3, linewidth=1_000_000):
            return f"{value} {value.dtype}"
    if isinstance(value, Mapping) and depth:
        return "{" + ", ".join(f"{key!r}: {_text(item, depth - 1)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple) and depth:
        more = ", ..." if len(value) > 24 else ""
        inside = ", ".join(_text(item, depth - 1) for item in value[:24]) + more
        return f"[{inside}]" if isinstance(value, list) else f"({inside})"
    if isinstance(value, float) and math.isfinite(value):
        return f"{value:.7g}"
    return repr(value)


# --- the submission's source -------------------------------------------------


class Sources:
    """The functions that the cells of a submission define, found without running anything."""

    def __init__(self, cells: Iterable[Code]) -> None:
        """Parses the cells in order; the last definition of a name wins."""
        self._found: dict[str, tuple[ast.AST, str]] = {}
        self._aliases: dict[str, str] = {}
        for cell in cells:
            self._read(cell.source)

    def __contains__(self, name: str) -> bool:
        """Whether the notebook defines a function of that name."""
        return name in self._found

    def text(self, name: str) -> str:
        """The text of the function ``name``, decorators included. Raises Missing."""
        return self._node(name)[1]

    def mentions(self, name: str, dotted: Sequence[str]) -> bool:
        """Whether the function, or a function of the notebook that it mentions, mentions a name."""
        self._node(name)
        todo, seen = [name], {name}
        while todo:
            for path in self._paths(self._found[todo.pop()][0]):
                if any(_is_within(path, wanted) for wanted in dotted):
                    return True
                if path in self._found and path not in seen:
                    seen.add(path)
                    todo.append(path)
        return False

    def _node(self, name: str) -> tuple[ast.AST, str]:
        if name not in self._found:
            raise Missing(f"the notebook defines no function named {name}")
        return self._found[name]

    def _read(self, source: str) -> None:
        tree = parsed(source)
        if tree is None:
            return
        lines = source.split("\n")
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                for name in node.names:
                    first = name.name.partition(".")[0]
                    self._aliases[name.asname or first] = name.name if name.asname else first
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                for name in node.names:
                    self._aliases[name.asname or name.name] = f"{node.module}.{name.name}"
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
            for name in names:
                self._found[name] = (node, "\n".join(lines[start - 1 : node.end_lineno]))

    def _paths(self, node: ast.AST) -> Iterator[str]:
        for part in ast.walk(node):
            if isinstance(part, ast.Attribute):
                yield f".{part.attr}"
            if path := _path(part):
                yield self._resolved(path)

    def _resolved(self, path: str) -> str:
        first, dot, rest = path.partition(".")
        return self._aliases.get(first, first) + dot + rest


def parsed(source: str) -> ast.Module | None:
    """The syntax tree of a cell, its ``%magic`` and ``!shell`` lines left out; None without one."""
    if len(source) > _LONGEST_SOURCE:
        return None
    plain = re.sub(r"^(\s*)[%!?].*$", r"\1pass", source, flags=re.MULTILINE)
    for text in (source, plain):
        try:
            return ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
    return None


def _path(node: ast.AST | None) -> str:
    """``a.b.c`` for such an expression, else nothing."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""


def _is_within(path: str, wanted: str) -> bool:
    return path == wanted or path.startswith(wanted + ".")
