"""Comparing an answer with the expected one, and showing both in one short line."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

#: Characters of an input, an expected value or an answer that a feedback page shows.
SHOWN = 400

#: Elements of a list or a dict that are shown, and of an array that NumPy is asked to print.
_ELEMENTS, _PRINTED = 24, 1_000


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
            got = list(got) if got.shape[:1] == (len(expected),) else None
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


def settled(value: Any) -> Any:
    """An answer in which what is equal for Python is the same: one kind of boolean, one of scalar.

    NumPy's scalar booleans become Python's, arrays without axes become NumPy's scalars. What is
    plain data (see ``values``) is bounded in depth and in its number of elements.
    """
    if isinstance(value, np.bool_):
        return bool(value)
    if isinstance(value, np.ndarray):
        return value if value.ndim else value[()]
    if isinstance(value, Mapping):
        return {key: settled(item) for key, item in value.items()}
    if isinstance(value, list):
        return [settled(item) for item in value]
    return tuple(settled(item) for item in value) if isinstance(value, tuple) else value


def shown(value: Any, limit: int = SHOWN) -> str:
    """A value as text for a feedback page, cut to ``limit`` characters.

    What will be cut is not built first: the cost depends on ``limit``, not on the value.
    """
    pieces: list[str] = []
    room = 4 * limit
    for piece in _pieces(value, limit):
        pieces.append(piece)
        room -= len(piece)
        if room < 0:
            pieces.append(" ...")
            break
    return shorten("".join(pieces), limit)


def shorten(text: str, limit: int = SHOWN) -> str:
    """``text`` in one line, cut in its middle to ``limit`` characters."""
    text = " ".join(_ends(str(text), 4 * limit).split())
    half = (limit - 5) // 2
    return text if len(text) <= limit else f"{text[:half]} ... {text[-half:]}"


def _ends(text: str, most: int) -> str:
    """The beginning and the end of a text of more than twice ``most`` characters."""
    return text if len(text) <= 2 * most else f"{text[:most]} ... {text[-most:]}"


def _pieces(value: Any, limit: int, depth: int = 4) -> Iterator[str]:
    """The text of a value, bit by bit."""
    if isinstance(value, np.ndarray | np.generic) and value.ndim == 0:
        value = value.item()
    if isinstance(value, np.ndarray):
        yield _array(value)
    elif isinstance(value, Mapping):
        yield "{"
        for number, (key, item) in enumerate(value.items()):
            yield ", " if number else ""
            if number == _ELEMENTS or not depth:
                yield "..."
                break
            yield from _pieces(key, limit, 0)
            yield ": "
            yield from _pieces(item, limit, depth - 1)
        yield "}"
    elif isinstance(value, list | tuple):
        yield "[" if isinstance(value, list) else "("
        for number, item in enumerate(value):
            yield ", " if number else ""
            if number == _ELEMENTS or not depth:
                yield "..."
                break
            yield from _pieces(item, limit, depth - 1)
        yield "]" if isinstance(value, list) else ")"
    elif isinstance(value, float) and math.isfinite(value):
        yield decimal(value)
    elif isinstance(value, str | bytes):
        yield repr(_ends(value, limit) if isinstance(value, str) else value[:limit])
    elif (
        isinstance(value, int) and value.bit_length() > 1024
    ):  # Python writes no more than some thousand digits
        yield f"an integer of {value.bit_length()} bits"
    else:
        yield repr(value)


def decimal(value: float) -> str:
    """A float to seven digits, and never as an integer is written."""
    text = f"{value:.7g}"
    return text if not text.lstrip("-").isdigit() else f"{text}.0"


def _array(value: np.ndarray) -> str:
    """An array's text: in each dimension its ends, or of one of very many dimensions the first elements."""
    for edge in (3, 1):
        if math.prod(min(length, 2 * edge) for length in value.shape) <= _PRINTED:
            with np.printoptions(precision=6, threshold=_ELEMENTS, edgeitems=edge, linewidth=1_000_000):
                return f"{value} {value.dtype}"
    first = ", ".join(f"{element.item():.7g}" for element in value.flat[:6])
    return f"[{first}, ...] of shape {value.shape} {value.dtype}"
