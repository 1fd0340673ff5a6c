"""Conditions on stored values: what a verdict is decided by.

``REFERENCE OP VALUE``, or, with the references in braces, an expression of comparisons,
``and``, ``or``, ``not``, an index, ``*``, ``/``, ``len`` and ``round``::

    graphs/jax#Dynamic shapes/padding == 17
    {graphs/pytorch#Dynamic shapes/padding} < 2 * {graphs/jax#Dynamic shapes/padding}

Conditions come from data files, so simpleeval evaluates them, with nothing else in reach.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from simpleeval import DEFAULT_OPERATORS, SimpleEval

from triptych.claims.evidence import Reference, StoredValues
from triptych.errors import TriptychError

_COMPARISON = re.compile(r"\s*(?:==|!=|<=|>=|<|>)\s*")
_IN_BRACES = re.compile(r"\{([^{}]+)\}")

#: A longer condition is refused unread: nobody could check it by eye.
LONGEST = 500


@dataclass(frozen=True)
class Condition:
    """A condition, evaluated: ``filled`` is its text with the values put in."""

    text: str
    references: tuple[Reference, ...]
    filled: str
    true: bool


def judge(text: str, stored: StoredValues) -> Condition:
    """The condition ``text`` with its truth.

    Raises TriptychError where it cannot be read, is not a condition, or cites a value that
    is not stored.
    """
    template, names = _split(text)
    references = [stored.find(name) for name in names]
    values = {f"v{number}": reference.value for number, reference in enumerate(references)}
    filled = re.sub(r"\bv\d+\b", lambda m: repr(values[m[0]]) if m[0] in values else m[0], template)
    return Condition(text, tuple(references), filled, _evaluate(text, template, values))


def _split(text: str) -> tuple[str, list[str]]:
    """An expression over the names v0, v1 ..., and the references that they stand for."""
    if len(text) > LONGEST:
        raise TriptychError(
            f"{text[:40]}...", "too long for a condition", f"use at most {LONGEST} characters"
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
    raise TriptychError(text, "not a condition", "write REFERENCE == VALUE, or put the references in braces")


_OPERATORS = {
    kind: DEFAULT_OPERATORS[kind]
    for kind in (ast.Mult, ast.Div, ast.USub, ast.Not, ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE)
}
_NODES = (ast.Constant, ast.Name, ast.UnaryOp, ast.BinOp, ast.BoolOp, ast.Compare, ast.Call, ast.Subscript)


class _Evaluator(SimpleEval):
    """simpleeval with lists, and without everything that is not named above."""

    def __init__(self, names: Mapping[str, Any]) -> None:
        super().__init__(operators=_OPERATORS, functions={"len": len, "round": round}, names=dict(names))
        known: dict[type[ast.AST], Any] = self.nodes  # type: ignore[has-type]
        self.nodes = {kind: known[kind] for kind in _NODES} | {ast.List: self._eval_list}

    def _eval_list(self, node: ast.List) -> list[Any]:
        return [self._eval(element) for element in node.elts]


def _evaluate(text: str, template: str, names: Mapping[str, Any]) -> bool:
    allowed = "comparisons, and, or, not, an index, *, /, len and round"
    try:
        tree = ast.parse(template, mode="eval")
        value = _Evaluator(names).eval(template, previously_parsed=tree.body)
    except SyntaxError as error:
        raise TriptychError(text, f"cannot be parsed ({error.msg})", f"use {allowed}") from None
    except Exception as error:  # whatever the evaluator or an operator raises, the author can fix it
        raise TriptychError(
            text, f"cannot be evaluated ({' '.join(str(error).split())})", f"use {allowed}"
        ) from None
    if not isinstance(value, bool):
        raise TriptychError(text, f"its value is {value!r}, not true or false", "compare it with something")
    return value
