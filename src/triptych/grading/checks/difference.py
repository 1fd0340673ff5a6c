"""The first place where an answer is not the expected one: by itself, and so that both can be told apart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from triptych.grading.checks.comparison import agree, shorten, shown

#: Characters of a value that is shown by itself.
_SHOWN = 80

_KINDS: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (bool, "a boolean"),
    (int, "an integer"),
    (float, "a float"),
    (complex, "a complex number"),
    (str, "a text"),
    (list, "a list"),
    (tuple, "a tuple"),
    (Mapping, "a dict"),
)


def difference(expected: Any, got: Any, rtol: float, atol: float, always: bool = False) -> str:
    """Where ``agree`` first finds the answer different, and how: "at ['mean'][2]: 0.1 and not 0.2".

    Empty where they agree, and for two values without parts, which show it themselves, unless
    ``always``.
    """
    parts = isinstance(expected, Mapping | list | tuple | np.ndarray)
    found = _first(expected, got, rtol, atol, "") if parts or always else None
    if found is None:
        return ""
    place, what = found
    return f"at {shorten(place, _SHOWN)}: {what}" if place else what


def kind_of(value: Any) -> str:
    """What kind of value it is, as a learner calls it."""
    if value is None:
        return "nothing (None)"
    if isinstance(value, np.ndarray):
        return f"an array of {value.dtype} of shape {value.shape}"
    if isinstance(value, np.generic):
        return f"a NumPy {type(value).__name__}"
    return next((name for kind, name in _KINDS if isinstance(value, kind)), type(value).__name__)


def _first(expected: Any, got: Any, rtol: float, atol: float, place: str) -> tuple[str, str] | None:
    """The place and the two values there; None where they agree."""
    if agree(expected, got, rtol, atol):
        return None
    if isinstance(expected, Mapping) and isinstance(got, Mapping):
        for key, value in expected.items():
            here = f"{place}[{shown(key, _SHOWN)}]"
            if key not in got:
                return here, "there is none"
            if (found := _first(value, got[key], rtol, atol, here)) is not None:
                return found
    if isinstance(expected, list | tuple) and _has_elements(got):
        if len(got) != len(expected):
            return place, f"{len(got)} elements and not {len(expected)}"
        for index, (wanted, answer) in enumerate(zip(expected, got, strict=True)):
            if (found := _first(wanted, answer, rtol, atol, f"{place}[{index}]")) is not None:
                return found
    if isinstance(expected, np.ndarray):
        return _in_array(expected, got, rtol, atol, place)
    return place, _told_apart(expected, got)


def _in_array(expected: np.ndarray, got: Any, rtol: float, atol: float, place: str) -> tuple[str, str] | None:
    """The first element that differs, or what the whole of the answer is instead."""
    try:
        answer = np.asarray(got)
    except ValueError:
        return place, "lists of different lengths"
    kinds = expected.dtype.kind, answer.dtype.kind
    if kinds[1] not in "biufc" or (kinds[0] == "b") != (kinds[1] == "b"):
        return place, f"{kind_of(got)} and not {kind_of(expected)}"
    if answer.shape != expected.shape:
        return place, f"the shape {answer.shape} and not {expected.shape}"
    if kinds[0] == "b":
        same = answer == expected
    else:
        same = np.isclose(answer, expected, rtol=rtol, atol=atol, equal_nan=True)
    index = tuple(int(i) for i in np.argwhere(~np.atleast_1d(same))[0])[: expected.ndim]
    where = f"{place}[{', '.join(map(str, index))}]" if index else place
    return where, _told_apart(expected[index].item(), answer[index].item())


def _told_apart(expected: Any, got: Any) -> str:
    """Both values, with as many digits as tell them apart; else what kinds they are."""
    wanted, answer = shown(expected, _SHOWN), shown(got, _SHOWN)
    if wanted != answer:
        return f"{answer} and not {wanted}"
    if isinstance(expected, float | np.floating) and isinstance(got, float | np.floating):
        wanted, answer = repr(float(expected)), repr(float(got))
        for digits in range(8, 17):
            short = [f"{float(value):.{digits}g}" for value in (expected, got)]
            if short[0] != short[1]:
                wanted, answer = short
                break
        if wanted != answer:
            return f"{answer} and not {wanted}, {abs(float(expected) - float(got)):.1e} apart"
    return f"{kind_of(got)} and not {kind_of(expected)}"


def _has_elements(value: Any) -> bool:
    return isinstance(value, list | tuple) or (isinstance(value, np.ndarray) and value.ndim > 0)
