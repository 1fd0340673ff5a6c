"""What a claim is measured by: stored checkpoint values, and conditions on them.

A reference names one value, of one notebook or of all three siblings::

    graphs/tensorflow#Retracing and its price/traces, naive
    graphs#Retracing and its price/sum

A condition says something about values: ``REFERENCE OP VALUE``, or, with the
references in braces, any expression of comparisons, arithmetic, ``and``, ``or``,
``not``, list indices, ``abs``, ``len``, ``min``, ``max`` and ``round``::

    graphs/jax#Dynamic shapes/padding == 17
    {graphs/pytorch#Dynamic shapes/padding} < 2 * {graphs/jax#Dynamic shapes/padding}

Conditions come from data files, so they are evaluated by simpleeval with
nothing else in reach. Stored outputs are read; nothing is run.
"""

from __future__ import annotations

import ast
import difflib
import operator
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simpleeval import DEFAULT_OPERATORS, NameNotDefined, SimpleEval

from triptych.course import Course
from triptych.errors import TriptychError
from triptych.notebooks import model as notebook
from triptych.notebooks import parity
from triptych.notebooks.compare import agree
from triptych.notebooks.model import Checkpoint, Notebook

_REFERENCE = re.compile(r"(?P<chapter>[\w-]+)(?:/(?P<notebook>[\w-]+))?#(?P<place>[^/]+/.+)")
_COMPARISON = re.compile(r"\s*(?:==|!=|<=|>=|<|>)\s*")
_IN_BRACES = re.compile(r"\{([^{}]+)\}")

#: A longer condition is refused unread: nobody could check it by eye.
LONGEST = 500


@dataclass(frozen=True)
class Reference:
    """A stored value, found: ``values`` has it by framework, in panel order."""

    text: str
    chapter: str
    heading: str
    key: str
    values: Mapping[str, Any]

    @property
    def value(self) -> Any:
        """The value; of siblings, which agree, the first one's."""
        return next(iter(self.values.values()))


@dataclass(frozen=True)
class Condition:
    """A condition, evaluated: ``filled`` is its text with the values put in."""

    text: str
    references: tuple[Reference, ...]
    filled: str
    true: bool


class Checkpoints:
    """The stored values of a course; each notebook is read once.

    ``unreadable`` has the notebooks that could not be read, and why.
    """

    def __init__(self, course: Course) -> None:
        """``course``: where the notebooks lie."""
        self.course = course
        self.unreadable: dict[Path, TriptychError] = {}
        self._read: dict[Path, Notebook] = {}

    def find(self, text: str) -> Reference:
        """The value that ``text`` names.

        Raises TriptychError, which lists the nearest names, where there is no such
        chapter, notebook, heading or key, where siblings disagree, and where the value
        varies from run to run.
        """
        match = _REFERENCE.fullmatch(text)
        if not match:
            raise TriptychError(
                text, "no reference", "write chapter/notebook#Heading/key or chapter#Heading/key"
            )
        chapter, place = match["chapter"], match["place"]
        found = {
            name: (checkpoint := self._checkpoint(path, place, text), _key(checkpoint, place, text))
            for name, path in self._notebooks(chapter, match["notebook"], text).items()
        }
        values = {name: {**c.only, **c.shared}[key] for name, (c, key) in found.items()}
        checkpoint, key = next(iter(found.values()))
        rtol = max(parity.RTOL, *(c.tolerance.get(key, 0.0) for c, _ in found.values()))
        if not all(agree(next(iter(values.values())), value, rtol) for value in values.values()):
            said = ", ".join(f"{value!r} in {name}" for name, value in values.items())
            raise TriptychError(text, f"the notebooks differ ({said})", "cite each by its own name")
        return Reference(text, chapter, checkpoint.heading, key, values)

    def judge(self, text: str) -> Condition:
        """The condition ``text`` with its truth.

        Raises TriptychError where it cannot be read, is no condition or cites a value that
        there is not.
        """
        template, names = _split(text)
        references = [self.find(name) for name in names]
        values = {f"v{number}": reference.value for number, reference in enumerate(references)}
        filled = re.sub(r"\bv\d+\b", lambda m: repr(values[m[0]]) if m[0] in values else m[0], template)
        return Condition(text, tuple(references), filled, _evaluate(text, template, values))

    def _notebooks(self, chapter: str, name: str | None, text: str) -> dict[str, Path]:
        known = [known.name for known in self.course.chapters]
        if chapter not in known:
            raise TriptychError(text, f"no notebooks in chapter {chapter!r}", nearest(chapter, known))
        there = {path.stem: path for path in self.course.notebooks(chapter)}
        if name is None:
            return self.course.siblings(chapter)
        if name not in there:
            raise TriptychError(text, f"no notebook {name!r} in {chapter!r}", nearest(name, there))
        return {name: there[name]}

    def _notebook(self, path: Path) -> Notebook:
        if path in self.unreadable:
            raise self.unreadable[path]
        if path not in self._read:
            try:
                self._read[path] = notebook.read(path, self.course)
            except TriptychError as error:
                self.unreadable[path] = error
                raise
        return self._read[path]

    def _checkpoint(self, path: Path, place: str, text: str) -> Checkpoint:
        read = self._notebook(path)
        fitting = [heading for heading in read.headings if place.startswith(f"{heading}/")]
        if not fitting:
            heading = place.partition("/")[0]
            raise TriptychError(
                text, f"no heading {heading!r} in {read.name}", nearest(heading, read.headings)
            )
        checkpoint = read.checkpoints[max(fitting, key=len)]
        if checkpoint.varies:
            raise TriptychError(
                text,
                "the checkpoint is tagged 'nbval-ignore-output', so its values are no evidence",
                "cite one that every run repeats",
            )
        return checkpoint


def nearest(word: str, known: Iterable[str]) -> str:
    """A mend: the names among ``known`` that look most like ``word``."""
    known = [name for name in known if name]
    close = difflib.get_close_matches(word, known, n=4, cutoff=0.4) or known[:8]
    return f"the nearest are: {', '.join(map(repr, close))}" if close else "there are none"


def _key(checkpoint: Checkpoint, place: str, text: str) -> str:
    key = place.removeprefix(f"{checkpoint.heading}/")
    known = [*checkpoint.shared, *checkpoint.only]
    if key not in known:
        raise TriptychError(text, f"no key {key!r} in {checkpoint.place}", nearest(key, known))
    return key


# --- conditions --------------------------------------------------------------


def _split(text: str) -> tuple[str, list[str]]:
    """An expression over the names v0, v1 ..., and the references that they stand for."""
    if len(text) > LONGEST:
        raise TriptychError(
            f"{text[:40]}...", "too long for a condition", f"use {LONGEST} characters at most"
        )
    if names := _IN_BRACES.findall(text):
        numbers = iter(range(len(names)))
        return _IN_BRACES.sub(lambda match: f"v{next(numbers)}", text), names
    for match in reversed(list(_COMPARISON.finditer(text))):  # a key may hold an operator, too
        name, value = text[: match.start()], text[match.end() :]
        try:
            ast.literal_eval(value)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            continue
        return f"v0{match[0]}{value}", [name]
    raise TriptychError(text, "no condition", "write REFERENCE == VALUE, or put the references in braces")


def _remainder(a: Any, b: Any) -> Any:
    if isinstance(a, str):  # would be formatting, and could be asked for a gigabyte of blanks
        raise TypeError("the remainder of a text")
    return operator.mod(a, b)


_OPERATORS = {
    kind: DEFAULT_OPERATORS[kind]
    for kind in (
        *(ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.USub, ast.UAdd, ast.Not),
        *(ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.In, ast.NotIn),
    )
} | {ast.Mod: _remainder}
_FUNCTIONS = {function.__name__: function for function in (abs, len, min, max, round)}
_PARTS = (
    *(ast.Constant, ast.UnaryOp, ast.BinOp, ast.BoolOp),
    *(ast.Compare, ast.Call, ast.Subscript, ast.Slice),
)


class _Evaluator(SimpleEval):
    """simpleeval without attributes, powers, formatting and everything else not named here."""

    def __init__(self, names: Mapping[str, Any]) -> None:
        super().__init__(operators=dict(_OPERATORS), functions=dict(_FUNCTIONS), names=dict(names))
        self.nodes = {kind: self.nodes[kind] for kind in _PARTS}
        self.nodes |= {ast.Name: self._eval_name, ast.List: self._eval_list, ast.Tuple: self._eval_list}

    def _eval_name(self, node: ast.Name) -> Any:
        if node.id not in self.names:  # a function is no value
            raise NameNotDefined(node.id, self.expr)
        return self.names[node.id]

    def _eval_list(self, node: ast.List | ast.Tuple) -> list[Any]:
        return [self._eval(element) for element in node.elts]


def _evaluate(text: str, template: str, names: Mapping[str, Any]) -> bool:
    allowed = "comparisons, arithmetic, and, or, not, indices, abs, len, min, max, round"
    try:
        tree = ast.parse(template, mode="eval")
        value = _Evaluator(names).eval(template, previously_parsed=tree.body)
    except SyntaxError as error:
        raise TriptychError(text, f"cannot be parsed ({error.msg})", f"use {allowed}") from None
    except Exception as error:  # whatever the evaluator or an operator raises, the author is to mend it
        raise TriptychError(
            text, f"cannot be evaluated ({' '.join(str(error).split())})", f"use {allowed}"
        ) from None
    if not isinstance(value, bool):
        raise TriptychError(text, f"is {value!r} and no condition", "compare it with something")
    return value
