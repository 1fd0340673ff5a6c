"""Whether a condition proves anything: another value of what it cites must turn it.

Every value that a condition cites is changed, one at a time, the others left as they are; where no
change turns the condition, the value is no evidence for it. Siblings' shared keys are one value
and change together, for parity makes them equal anyhow. A value that the author typed proves
nothing, turn it or not. And what was measured on a machine may come out differently another day:
a condition on it must stay as it is when the value is a tenth more or less.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import Any

from triptych.claims.conditions import Condition
from triptych.claims.references import Reference
from triptych.errors import TriptychError

#: By how much a measured value may move, and the condition stays as it is.
MARGIN = 0.1

_SOURCE = "cite a value that a cell computes, or a dated primary source"


def faults(condition: Condition) -> Iterator[tuple[str, str]]:
    """What is cited and proves nothing: problems, and how to fix them."""
    for reference in condition.references:
        if reference.is_typed:
            yield typed(reference), _SOURCE
    judged: set[tuple[str, ...]] = set()
    for reference in condition.references:
        if reference.subject in judged or reference.is_typed:
            continue
        judged.add(reference.subject)
        if not _turns(condition, reference):
            yield (
                f"{condition.text}: no other value of {reference.text} turns it",
                "compare it with what it must be; siblings share a value anyhow",
            )
        elif reference.recorded and not _has_margin(condition, reference):
            yield (
                f"{condition.text}: {reference.text} decides it by less than {MARGIN:.0%}",
                "leave a margin, for it comes out differently another day",
            )


def typed(reference: Reference) -> str:
    """The problem with a value that no cell computes."""
    where = ", ".join(f"{reference.chapter}/{name}" for name in reference.typed)
    return f"{reference.text}: {reference.value!r} was typed in {where} and computed by no cell"


def _turns(condition: Condition, reference: Reference) -> bool:
    return any(
        _with(condition, reference, value) is not condition.true for value in _others(condition, reference)
    )


def _has_margin(condition: Condition, reference: Reference) -> bool:
    moved = [reference.value * factor for factor in (1 - MARGIN, 1 + MARGIN)]
    return all(_with(condition, reference, value) is condition.true for value in moved)


def _with(condition: Condition, changed: Reference, value: Any) -> bool:
    """The condition's truth, had ``changed`` this value; as it is, where it cannot be evaluated then."""
    values = {
        f"v{number}": value if reference.subject == changed.subject else reference.value
        for number, reference in enumerate(condition.references)
    }
    try:
        return condition.with_values(values)
    except TriptychError:
        return condition.true


# --- other values -------------------------------------------------------------


def _others(condition: Condition, reference: Reference) -> Iterator[Any]:
    """Other values than the reference's, those first that are likely to turn the condition."""
    literals = [node.value for node in ast.walk(ast.parse(condition.template, mode="eval"))
                if isinstance(node, ast.Constant)]  # fmt: skip
    values = [other.value for other in condition.references if other.subject != reference.subject]
    near = [*literals, *values]
    if isinstance(reference.value, list):
        yield from _other_lists(reference.value, near)
    else:
        yield from _other_values(reference.value, near)


def _other_values(value: Any, near: Iterable[Any]) -> Iterator[Any]:
    """Of the same kind as ``value``, and another."""
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, str):
        yield from (text for text in near if isinstance(text, str) and text != value)
        yield from (f"not {value}", "")
    elif isinstance(value, (int, float)):
        numbers = [n for n in near if isinstance(n, (int, float)) and not isinstance(n, bool)]
        for number in (value, 0, *numbers):
            yield from (other for other in (number, number + 1, number - 1) if other != value)
        yield from (value * factor for factor in (-1, 2, 10, 1000, 1e-3))
        for number in (value, *numbers):  # where only a part of it is right, as in a percentage
            yield from (number * percent / 100 for percent in range(1, 200) if percent != 100)


def _other_lists(value: list[Any], near: list[Any]) -> Iterator[list[Any]]:
    """Shorter, longer, and with one element changed."""
    yield from (other for other in near if isinstance(other, list) and other != value)
    yield []
    yield [*value, *(value[-1:] or [0])]
    for i, element in enumerate(value):
        if isinstance(element, list):
            changed: Iterator[Any] = _other_lists(element, near)
        else:
            changed = _other_values(element, near)
        yield from ([*value[:i], other, *value[i + 1 :]] for other in changed)
