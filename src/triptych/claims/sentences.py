"""Stored values as they stand in a sentence: rounded, as a ratio, or as the range of several.

A reference, or an expression with the references in braces, and after a bar how to show it::

    graphs#Dynamic shapes/padding
    {deployment/jax#A portable program/kB} / 1e3 | 2 digits, MB
    {performance/*#Fusion/eager ms} / {performance/*#Fusion/fused ms} | least times

:data:`FORMS` has what may stand there. ``least`` or ``most`` before it takes one end of a range;
a unit after a comma stands behind the value.
"""

from __future__ import annotations

import ast
import math
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from triptych.claims import expressions
from triptych.claims.references import Reference
from triptych.errors import TriptychError

#: No break between a value and its unit.
SPACE = "\N{NO-BREAK SPACE}"

WORDS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
)  # fmt: skip

#: A larger time, or a number of bytes, takes the next unit.
_TIMES = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"))
_BYTES = ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"), (1.0, "bytes"))

_FORM = re.compile(r"(?:(?P<end>least|most)\b ?)?(?P<form>[^,]*?)(?:, *(?P<unit>\S.*))?")


@dataclass(frozen=True)
class Said:
    """What a sentence says, and the stored values that it was computed from."""

    text: str
    references: tuple[Reference, ...]


def said(text: str, find: Callable[[str], Reference]) -> Said:
    """``text``, a reference or an expression with its form, as it stands in a sentence.

    ``find`` looks a reference up. Raises TriptychError where one leads nowhere, where the expression
    cannot be evaluated, where its value is no number, and where the form does not fit.
    """
    expression, bar, form = (part.strip() for part in text.partition(" | "))
    template, names = expressions.split(expression)
    if not names:
        template, names = "v0", [expression]
    references = tuple(find(name) for name in names)
    values = _values(expression, template, references)
    if not bar:
        _need_no_form(expression, template, references, values)
    match = _FORM.fullmatch(form)
    if not match:
        raise TriptychError(form, "no such form", _known())
    if match["end"]:
        values = [(min if match["end"] == "least" else max)(_numbers(text, values))]
    return Said(_shown(text, values, match["form"] or "", match["unit"] or ""), references)


def _values(expression: str, template: str, references: tuple[Reference, ...]) -> list[Any]:
    """The expression's value for each notebook, in their order; a single one where none names several."""
    several = {tuple(reference.values) for reference in references if reference.several}
    if len(several) > 1:
        raise TriptychError(
            expression, "its references name different notebooks", "name the same ones in all of them"
        )
    values = []
    for notebook in next(iter(several), ("",)):
        named = {
            f"v{number}": reference.values[notebook] if reference.several else reference.value
            for number, reference in enumerate(references)
        }
        values.append(expressions.evaluate(expression, template, named))
    return values


def _need_no_form(
    expression: str, template: str, references: tuple[Reference, ...], values: list[Any]
) -> None:
    """A computed fraction, or a number that varies, is rounded by whoever writes it."""
    computed = any(isinstance(node, ast.BinOp) for node in ast.walk(ast.parse(template, mode="eval")))
    if computed and any(isinstance(value, float) and not value.is_integer() for value in values):
        raise TriptychError(expression, "a computed fraction that is not rounded", "add ` | 2 digits`, say")
    if any(reference.varies for reference in references):
        raise TriptychError(expression, "varies from run to run and is not rounded", "add ` | 1 digit`, say")


def _numbers(text: str, values: list[Any]) -> list[int | float]:
    for value in values:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value:  # NaN
            raise TriptychError(text, f"its value is {value!r}, not a number", "take a key with a number")
        if abs(value) > sys.float_info.max:
            raise TriptychError(text, "its value is too large to be written", "take a smaller number")
    return values


def _shown(text: str, values: list[Any], form: str, unit: str) -> str:
    if not form and all(isinstance(value, str) and value.strip() for value in values):
        return " and ".join(dict.fromkeys(values))
    numbers = sorted(_numbers(text, values))
    name, _, argument = form.partition(" ")
    if _positive(name):  # `2 digits`
        name, argument = argument, name
    if name not in FORMS:
        raise TriptychError(f"{text}: {form}", "no such form", _known())
    form_of = FORMS[name]
    if (argument and not (form_of.takes and _positive(argument))) or (form_of.needs and not argument):
        raise TriptychError(f"{text}: {form}", "a form with a number too many or too few", _known())
    try:
        shown = form_of.show(list(dict.fromkeys((numbers[0], numbers[-1]))), float(argument or 2))
    except ValueError as error:
        raise TriptychError(text, str(error), _known()) from None
    return _joined(shown) + (f"{SPACE}{unit}" if unit else "")


def _positive(argument: str) -> bool:
    return argument.replace(".", "", 1).isdecimal() and 0 < float(argument) < math.inf


def _joined(ends: list[str]) -> str:
    """One value, or a range; a unit that both ends have stands once."""
    low, high = ends[0], ends[-1]
    if low == high:
        return high
    number, space, unit = low.rpartition(SPACE)
    return f"{number if space and high.endswith(space + unit) else low} to {high}"


def _known() -> str:
    return f"there are: {', '.join(form.written for form in dict.fromkeys(FORMS.values()) if form.written)}"


# --- the forms -------------------------------------------------------------------


def _plain(value: float, _: float) -> str:
    """As stored: 1,797 or 0.2656."""
    return f"{value:,}" if isinstance(value, int) else f"{value:,.12g}"


def _digits(value: float, digits: float) -> str:
    """So many significant digits, whole numbers in full: 3.6, 0.036, 1,300."""
    if value == 0:
        return "0"
    places = int(digits) - 1 - math.floor(math.log10(abs(value)))
    rounded = round(value, places)
    # 9.96 with two digits is 10, not 10.0
    places = int(digits) - 1 - math.floor(math.log10(abs(rounded)))
    return f"{rounded:,.{max(places, 0)}f}"


def _decimals(value: float, decimals: float) -> str:
    return f"{value:,.{int(decimals)}f}"


def _round(value: float, step: float) -> str:
    """To the nearest multiple of ``step``."""
    places = max(0, -math.floor(math.log10(step)))
    return f"{round(value / step) * step:,.{places}f}"


def _percent(value: float, _: float) -> str:
    return f"{round(100 * value):,}{SPACE}%"


def _word(value: float, _: float) -> str:
    """A whole number, up to twelve as a word."""
    whole = round(value)
    return WORDS[whole] if 0 <= whole < len(WORDS) else f"{whole:,}"


def _times(values: list[float], _: float) -> list[str]:
    """A factor: 1.4 times, twice, eleven times, 130 times. The ends of a range are both words, or neither."""
    if values[0] < 1:
        raise ValueError(f"{values[0]:.3g} is no factor above 1: turn the ratio round")
    whole = all(value >= 9.5 or abs(value - round(value)) <= 0.1 for value in values)
    if whole and values[-1] < 12.5:
        numbers = [_word(value, 0) for value in values]
    else:
        numbers = [_digits(value, 2).removesuffix(".0") for value in values]
    if numbers == [WORDS[2]]:
        return ["twice"]
    return [f"{number}{SPACE}times" for number in numbers]


def _in_units(units: tuple[tuple[float, str], ...]) -> Callable[[float, float], str]:
    def shown(value: float, digits: float) -> str:
        size, unit = next((pair for pair in units if abs(value) >= 0.995 * pair[0]), units[-1])
        return f"{_digits(value / size, digits)}{SPACE}{unit}"

    return shown


@dataclass(frozen=True)
class Form:
    """How numbers are shown: the ends of a range, or one; ``written`` is what an author writes.

    ``takes`` a number, and ``needs`` it.
    """

    written: str
    show: Callable[[list[float], float], list[str]]
    takes: bool = False
    needs: bool = False


def _each(show: Callable[[float, float], str]) -> Callable[[list[float], float], list[str]]:
    return lambda values, argument: [show(value, argument) for value in values]


_DIGITS = Form("N digits", _each(_digits), takes=True, needs=True)
_DECIMALS = Form("N decimals", _each(_decimals), takes=True, needs=True)

#: What may stand behind the bar. N is the multiple for ``round``, the significant digits for
#: ``time`` (of seconds: 12 ms) and ``bytes`` (14 MB), which have two without it. ``percent`` is
#: of a fraction; ``words`` go up to twelve; ``times`` is a factor.
FORMS: Mapping[str, Form] = {
    "": Form("", _each(_plain)),
    "digits": _DIGITS,
    "digit": _DIGITS,
    "decimals": _DECIMALS,
    "decimal": _DECIMALS,
    "round": Form("round N", _each(_round), takes=True, needs=True),
    "percent": Form("percent", _each(_percent)),
    "words": Form("words", _each(_word)),
    "times": Form("times", _times),
    "time": Form("time [N]", _each(_in_units(_TIMES)), takes=True),
    "bytes": Form("bytes [N]", _each(_in_units(_BYTES)), takes=True),
}
