"""Expressions over stored values: what conditions and sentences of the book are computed by.

The references to stored values stand in braces. Around them: comparisons, ``and``, ``or``,
``not``, an index, ``+``, ``-``, ``*``, ``/``, ``len`` and ``round``::

    {graphs/pytorch#Dynamic shapes/padding} < 2 * {graphs/jax#Dynamic shapes/padding}

They come from data files and pages, so simpleeval evaluates them, with nothing else in reach.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from typing import Any

from simpleeval import DEFAULT_OPERATORS, SimpleEval

from triptych.errors import TriptychError

_IN_BRACES = re.compile(r"\{([^{}]+)\}")

#: A longer expression is refused unread: nobody could check it by eye.
LONGEST = 500

_OPERATORS = {
    kind: DEFAULT_OPERATORS[kind]
    for kind in (
        *(ast.Add, ast.Sub, ast.Mult, ast.Div, ast.USub, ast.Not),
        *(ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE),
    )
}
_NODES = (ast.Constant, ast.Name, ast.UnaryOp, ast.BinOp, ast.BoolOp, ast.Compare, ast.Call, ast.Subscript)
_ALLOWED = "comparisons, and, or, not, an index, +, -, *, /, len and round"


def split(text: str) -> tuple[str, list[str]]:
    """An expression over the names v0, v1 ..., and the references that they stand for.

    Without braces there are none. Raises TriptychError for a text that is too long.
    """
    if len(text) > LONGEST:
        raise TriptychError(f"{text[:40]}...", "too long", f"use at most {LONGEST} characters")
    names = _IN_BRACES.findall(text)
    numbers = iter(range(len(names)))
    return _IN_BRACES.sub(lambda match: f"v{next(numbers)}", text), names


def evaluate(text: str, template: str, values: Mapping[str, Any]) -> Any:
    """The value of ``template``, whose names have these values; errors call it ``text``.

    Raises TriptychError where it cannot be parsed or evaluated.
    """
    try:
        tree = ast.parse(template, mode="eval")
        return _Evaluator(values).eval(template, previously_parsed=tree.body)
    except SyntaxError as error:
        raise TriptychError(text, f"cannot be parsed ({error.msg})", f"use {_ALLOWED}") from None
    except Exception as error:  # whatever the evaluator or an operator raises, the author can fix it
        problem = f"cannot be evaluated ({' '.join(str(error).split())})"
        raise TriptychError(text, problem, f"use {_ALLOWED}") from None


class _Evaluator(SimpleEval):
    """simpleeval with lists, and without everything that is not named above."""

    def __init__(self, names: Mapping[str, Any]) -> None:
        super().__init__(operators=_OPERATORS, functions={"len": len, "round": round}, names=dict(names))
        known: dict[type[ast.AST], Any] = self.nodes  # type: ignore[has-type]
        self.nodes = {kind: known[kind] for kind in _NODES} | {ast.List: self._eval_list}

    def _eval_list(self, node: ast.List) -> list[Any]:
        return [self._eval(element) for element in node.elts]
