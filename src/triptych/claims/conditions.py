"""Conditions on stored values: what a verdict is decided by.

``REFERENCE OP VALUE``, or, with the references in braces, an expression whose value is true or
false (:mod:`triptych.claims.expressions`)::

    graphs/jax#Dynamic shapes/padding == 17
    {graphs/pytorch#Dynamic shapes/padding} < 2 * {graphs/jax#Dynamic shapes/padding}
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from triptych.claims import expressions
from triptych.claims.evidence import StoredValues
from triptych.claims.references import Reference
from triptych.errors import TriptychError

_COMPARISON = re.compile(r"\s*(?:==|!=|<=|>=|<|>)\s*")


@dataclass(frozen=True)
class Condition:
    """A condition, evaluated: ``filled`` is its text with the values put in.

    ``template`` names the references' values v0, v1, ..., in order.
    """

    text: str
    template: str
    references: tuple[Reference, ...]
    filled: str
    true: bool

    def with_values(self, values: Mapping[str, Any]) -> bool:
        """Its truth, had the references these values. Raises TriptychError where it has none."""
        return expressions.evaluate(self.text, self.template, values) is True


def judge(text: str, stored: StoredValues) -> Condition:
    """The condition ``text`` with its truth.

    Raises TriptychError where it cannot be read, is not a condition, or cites a value that
    is not stored.
    """
    template, names = expressions.split(text)
    if not names:
        template, names = _one_comparison(text)
    references = [stored.find(name) for name in names]
    values = {f"v{number}": reference.value for number, reference in enumerate(references)}
    filled = re.sub(r"\bv\d+\b", lambda m: repr(values[m[0]]) if m[0] in values else m[0], template)
    value = expressions.evaluate(text, template, values)
    if not isinstance(value, bool):
        raise TriptychError(text, f"its value is {value!r}, not true or false", "compare it with something")
    return Condition(text, template, tuple(references), filled, value)


def _one_comparison(text: str) -> tuple[str, list[str]]:
    for match in reversed(list(_COMPARISON.finditer(text))):  # a key may hold an operator, too
        name, value = text[: match.start()], text[match.end() :]
        try:
            ast.literal_eval(value)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            continue
        return f"v0{match[0]}{value}", [name]
    raise TriptychError(text, "not a condition", "write REFERENCE == VALUE, or put the references in braces")
