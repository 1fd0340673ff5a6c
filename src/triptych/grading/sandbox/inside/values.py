"""What crosses the border between the grader and a submission: plain data, never pickle.

Both sides use this module, and it imports only NumPy and the standard library.
The grader's side trusts nothing that it reads: sizes, shapes, dtypes and depths
are checked before anything is built from them.
"""

from __future__ import annotations

import base64
import math
import re
from collections import deque
from collections.abc import Callable, ItemsView, KeysView, Mapping, ValuesView
from typing import Any

import numpy as np

#: Bytes of one value, unless a caller says otherwise.
LIMIT = 8 << 20

#: Numbers, strings and containers in one value; an array counts as one.
ITEMS = 500_000

#: Lists within lists within lists.
DEPTH = 50

_DTYPE = re.compile(r"[<>|]?(b1|[iu][1248]|f[248]|c8|c16)")
_ACCEPTED = "return NumPy arrays, numbers, strings, or lists, tuples and dicts of these"


class NotPlain(ValueError):
    """A value, or a message, that may not cross the border; the text says why."""


def encode(value: object, limit: int = LIMIT, otherwise: Callable[[Any], Any] | None = None) -> Any:
    """``value`` as what ``json.dumps`` takes; ``decode`` gives an equal value back.

    Takes None, bool, int (64 bits), float, str, list, tuple, dict with str keys,
    and NumPy arrays and scalars of boolean, integer, float and complex dtypes. An array of
    texts or of objects, a range, a deque and a dict's views become lists, a long double a double.
    ``otherwise`` is asked to turn anything else into one of these first.
    Raises NotPlain for other values, and beyond ``limit`` bytes in all.
    """
    spent = items = 0

    def spend(size: int, count: int = 0) -> None:
        nonlocal spent, items
        spent, items = spent + size, items + count
        if items > ITEMS:
            raise NotPlain(f"of more than {ITEMS} numbers outside arrays; return an array")
        if spent > limit:
            raise NotPlain(f"larger than {limit / 2**20:.3g} MiB")

    def item(value: Any, depth: int, converted: bool = False) -> Any:
        if depth > DEPTH:
            raise NotPlain(f"nested more than {DEPTH} levels deep")
        if value is None or isinstance(value, bool):
            spend(8, 1)
            return value
        if isinstance(value, np.ndarray | np.generic) and not isinstance(value, str):
            if value.dtype.kind in "OU":  # texts, or lists of several lengths
                spend(8)
                return item(value.tolist(), depth + 1)
            if value.dtype.char in "gG":  # a long double, in more bytes than others have
                value = value.astype({"g": "f8", "G": "c16"}[value.dtype.char])
            return array(value)
        spend(8, 1)
        if isinstance(value, int):
            if not -(2**63) <= value < 2**64:
                raise NotPlain("an integer of more than 64 bits")
            return int(value)
        if isinstance(value, float):
            return float(value) if math.isfinite(value) else {"float": repr(float(value))}
        if isinstance(value, str):
            spend(len(value))
            return str(value)
        if isinstance(value, list):
            return [item(element, depth + 1) for element in value]
        if isinstance(value, tuple):
            return {"tuple": [item(element, depth + 1) for element in value]}
        if isinstance(value, dict):
            if not all(isinstance(key, str) for key in value):
                raise NotPlain("a dict whose keys are not all strings")
            for key in value:
                spend(len(key), 1)
            return {"dict": {str(key): item(element, depth + 1) for key, element in value.items()}}
        if isinstance(value, range | deque | KeysView | ValuesView | ItemsView):
            return [item(element, depth + 1) for element in value]
        if isinstance(value, Mapping):
            return item(dict(value), depth + 1)
        if otherwise is not None and not converted:
            return item(otherwise(value), depth, converted=True)
        raise NotPlain(f"of type {type(value).__name__}, which cannot be handed over; {_ACCEPTED}")

    def array(value: Any) -> dict[str, Any]:
        dtype = value.dtype.str
        if not _DTYPE.fullmatch(dtype):
            raise NotPlain(f"an array of dtype {value.dtype}, which cannot be handed over; {_ACCEPTED}")
        spend(8 + value.nbytes, 1)
        data = base64.b64encode(np.ascontiguousarray(value).tobytes()).decode("ascii")
        if isinstance(value, np.generic):
            return {"scalar": data, "dtype": dtype}
        return {"array": data, "dtype": dtype, "shape": list(value.shape)}

    return item(value, 0)


def decode(message: Any, limit: int = LIMIT) -> Any:
    """The value that ``encode`` was given: built-in types and fresh NumPy arrays only.

    ``message`` may come from anyone. Raises NotPlain where it is not what
    ``encode`` makes, or would take more than ``limit`` bytes.
    """
    spent = items = 0

    def item(message: Any, depth: int) -> Any:
        nonlocal spent, items
        items += 1
        if depth > DEPTH:
            raise NotPlain(f"nested more than {DEPTH} levels deep")
        if items > ITEMS:
            raise NotPlain(f"more than {ITEMS} numbers outside arrays; return an array")
        if message is None or isinstance(message, bool | float):
            return message
        if isinstance(message, int):
            if not -(2**63) <= message < 2**64:
                raise NotPlain("an integer of more than 64 bits")
            return message
        if isinstance(message, str):
            spent += len(message)
            if spent > limit:
                raise NotPlain(f"larger than {limit / 2**20:.3g} MiB")
            return message.encode("utf-8", "replace").decode("utf-8")
        if isinstance(message, list):
            return [item(element, depth + 1) for element in message]
        match message:
            case {"tuple": list(elements), **rest} if not rest:
                return tuple(item(element, depth + 1) for element in elements)
            case {"dict": dict(entries), **rest} if not rest:
                return {item(k, depth + 1): item(v, depth + 1) for k, v in entries.items()}
            case {"float": "nan" | "inf" | "-inf" as text, **rest} if not rest:
                return float(text)
            case {"scalar": str(data), "dtype": str(dtype), **rest} if not rest:
                return array(data, dtype, [])[()]
            case {"array": str(data), "dtype": str(dtype), "shape": list(shape), **rest} if not rest:
                return array(data, dtype, shape)
        raise NotPlain("not plain data")

    def array(data: str, dtype: str, shape: list) -> np.ndarray:
        nonlocal spent
        if not _DTYPE.fullmatch(dtype) or len(shape) > 32:
            raise NotPlain(f"an array of dtype {dtype[:20]!r}")
        if not all(type(length) is int and 0 <= length < 2**48 for length in shape):
            raise NotPlain("an array of no possible shape")
        try:
            content = base64.b64decode(data, validate=True)
        except ValueError as error:
            raise NotPlain("an array without its numbers") from error
        spent += len(content)
        if spent > limit:
            raise NotPlain(f"larger than {limit / 2**20:.3g} MiB")
        if len(content) != math.prod(shape) * np.dtype(dtype).itemsize:
            raise NotPlain("an array whose shape does not fit its numbers")
        try:
            return np.frombuffer(content, dtype).reshape(shape).copy()
        except ValueError as error:
            raise NotPlain("an array of no possible shape") from error

    return item(message, 0)
