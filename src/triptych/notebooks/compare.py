"""Whether two outputs of a cell say the same: numbers as numbers, everything else as it stands.

A processor with other vector instructions adds in another order, so the last digit that a
notebook shows may be one more or one less elsewhere. Hence a float may differ by one unit in the
last digit of the longer of the two, where that shows at least four significant digits. Shorter
floats, integers, booleans and text must be equal, unless a checkpoint declares a tolerance.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

#: From how many significant digits on the last one may differ by one.
DIGITS = 4

#: A number in a text, but no part of a name, a version or a date: "1.5", "-2e-07", "25.1ms".
_NUMBER = re.compile(r"(?<![\w.])[-+]?(?:\d+\.\d*|\.\d+|\d+)(?:[eE][-+]?\d+)?(?!\.?\d)")
_BLANKS = re.compile(r"[ \t]+")


def same_text(new: str, stored: str) -> bool:
    """Whether two texts agree, their floats by the rule above.

    Where the floats of a line have other widths, the blanks between its columns may differ too.
    """
    new_lines, stored_lines = new.split("\n"), stored.split("\n")
    return len(new_lines) == len(stored_lines) and all(map(_same_line, new_lines, stored_lines))


def same_value(new: str, stored: str, tolerance: Mapping[str, float]) -> bool:
    """Whether two dict literals agree, the keys of ``tolerance`` within that relative tolerance.

    The other keys by the rule for texts. False where either text is not a dict literal.
    """
    try:
        values = ast.literal_eval(new), ast.literal_eval(stored)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return False
    if not all(isinstance(value, dict) for value in values) or list(values[0]) != list(values[1]):
        return False
    return all(
        agree(value, values[1][key], tolerance[key])
        if key in tolerance
        else same_text(repr(value), repr(values[1][key]))
        for key, value in values[0].items()
    )


def agree(a: Any, b: Any, rtol: float, whole: float | None = None) -> bool:
    """Whether two stored values agree: numbers within ``rtol``, everything else exactly.

    Two integers agree within ``whole``, where that is another. Booleans are not numbers here.
    An infinity agrees with itself, a NaN with a NaN. Near zero, a tenth of ``rtol`` is absolute.
    """
    if isinstance(a, bool | str) or isinstance(b, bool | str):
        return type(a) is type(b) and a == b
    if isinstance(a, Sequence) and isinstance(b, Sequence):
        return len(a) == len(b) and all(agree(x, y, rtol, whole) for x, y in zip(a, b, strict=True))
    if isinstance(a, int | float) and isinstance(b, int | float):
        if whole is not None and isinstance(a, int) and isinstance(b, int):
            rtol = whole
        return (math.isnan(a) and math.isnan(b)) or math.isclose(a, b, rel_tol=rtol, abs_tol=rtol * 1e-1)
    return False


def _same_line(new: str, stored: str) -> bool:
    if new == stored:
        return True
    numbers = list(zip(_NUMBER.findall(new), _NUMBER.findall(stored), strict=False))
    texts = _NUMBER.split(new), _NUMBER.split(stored)
    if len(texts[0]) != len(texts[1]) or not all(_same_number(*pair) for pair in numbers):
        return False
    if any(len(a) != len(b) for a, b in numbers):
        return [_BLANKS.sub(" ", text) for text in texts[0]] == [_BLANKS.sub(" ", text) for text in texts[1]]
    return texts[0] == texts[1]


def _same_number(new: str, stored: str) -> bool:
    if new == stored:
        return True
    if not all(set(number) & set(".eE") for number in (new, stored)):
        return False
    a, b = Decimal(new), Decimal(stored)
    last = min(_last_digit(a), _last_digit(b))
    digits = max(len(str(abs(int(x.scaleb(-last))))) for x in (a, b) if _last_digit(x) == last)
    return digits >= DIGITS and abs(a - b) <= Decimal(1).scaleb(last)


def _last_digit(number: Decimal) -> int:
    """The power of ten that the number's last digit counts."""
    return int(number.as_tuple().exponent)
