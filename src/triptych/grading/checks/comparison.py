"""Comparing an answer with the expected one, and showing both in one short line."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

#: Characters of an input, an expected value or an answer that a feedback page shows.
SHOWN = 400


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
