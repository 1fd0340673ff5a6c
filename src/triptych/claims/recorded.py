"""Measured values by reference, for the sentences of the book.

A record's machine, then a measurement's name, framework and variant, then what distinguishes
it from others of that name (threads, number format, device), then the fact::

    results/amd-epyc-2-cores#mobilenet_v2 inference/jax/jit, shifted/1 thread/median
    results/amd-epyc-2-cores#resnet50 training/pytorch/compiled/rate
    results/amd-epyc-2-cores#resnet50 training/*/*/memory

``*`` stands for every framework or every variant.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from triptych.benchmark.records import FOLDER, MachineRecord, MeasuredSetting, Measurement
from triptych.claims.references import Reference, nearest
from triptych.errors import TriptychError

_REFERENCE = re.compile(rf"{FOLDER}/(?P<machine>[\w.-]+)#(?P<place>.+)")
_FORM = f"write {FOLDER}/MACHINE#MEASUREMENT/FRAMEWORK/VARIANT/FACT"

#: What is computed of a measurement, in seconds, items a second and bytes.
COMPUTED: Mapping[str, Callable[[Measurement], float | None]] = {
    "median": lambda result: result.median,
    "first": lambda result: result.until_second,
    "p25": lambda result: result.at(25),
    "p75": lambda result: result.at(75),
    "p99": lambda result: result.at(99),
    "rate": lambda result: result.rate,
    "memory": lambda result: result.peak_bytes,
}


def is_recorded(text: str) -> bool:
    """Whether ``text`` refers to a record rather than to a notebook."""
    return text.startswith(f"{FOLDER}/")


def find(text: str, records: Sequence[MachineRecord]) -> Reference:
    """The measured values that ``text`` names, by framework and variant, in the record's order.

    Raises TriptychError, which lists the nearest names, where there is no such machine,
    measurement, framework, variant or fact, and where several measurements fit.
    """
    match = _REFERENCE.fullmatch(text)
    if not match or match["place"].count("/") < 3:
        raise TriptychError(text, "not a reference to a record", _FORM)
    name, framework, variant, *marks, fact = match["place"].split("/")
    record = next((record for record in records if record.machine == match["machine"]), None)
    if record is None:
        known = [record.machine for record in records]
        raise TriptychError(text, f"no record {match['machine']!r}", nearest(match["machine"], known))
    fitting = list(_named(record, name, text))
    for wanted, told in ((framework, lambda r: r.framework), (variant, lambda r: r.variant)):
        known = [told(result) for _, result in fitting]
        fitting = [pair for pair in fitting if wanted in ("*", told(pair[1]))]
        if not fitting:
            raise TriptychError(text, f"no {wanted!r} in {name!r}", nearest(wanted, dict.fromkeys(known)))
    for mark in marks:
        known = list(dict.fromkeys(one for pair in fitting for one in _marks(*pair)))
        fitting = [pair for pair in fitting if mark in _marks(*pair)]
        if not fitting:
            raise TriptychError(text, f"none with {mark!r}", nearest(mark, known))
    values = {}
    for entry, result in fitting:
        place = f"{result.framework}, {result.variant}"
        if place in values:
            differing = dict.fromkeys(one for pair in fitting for one in _marks(*pair))
            raise TriptychError(text, f"several fit: {', '.join(differing)}", "name one before the fact")
        values[place] = _fact(entry, result, fact, text)
    several = "*" in (framework, variant)
    return Reference(text, "performance", name, fact, values, several, varies=True, recorded=True)


def _named(record: MachineRecord, name: str, text: str) -> Iterator[tuple[MeasuredSetting, Measurement]]:
    found = [(entry, result) for entry in record.entries for result in entry.named(name)]
    if not found:
        known = dict.fromkeys(result.name for entry in record.entries for result in entry.results)
        raise TriptychError(text, f"no measurement {name!r} of {record.machine}", nearest(name, known))
    yield from found


def _marks(entry: MeasuredSetting, result: Measurement) -> tuple[str, ...]:
    """What tells a measurement from others of its name and variant."""
    threads = [f"{result.threads} thread{'' if result.threads == 1 else 's'}"] if result.threads else []
    dtype = [result.facts["dtype"]] if "dtype" in result.facts else []
    return tuple(dict.fromkeys([*threads, entry.device, entry.precision, *dtype]))


def _fact(entry: MeasuredSetting, result: Measurement, fact: str, text: str) -> float:
    value = COMPUTED[fact](result) if fact in COMPUTED else result.facts.get(fact)
    if not isinstance(value, (int, float)):
        known = [*COMPUTED, *(name for name, told in result.facts.items() if isinstance(told, (int, float)))]
        raise TriptychError(
            text, f"{result.framework}, {result.variant} has no {fact!r}", nearest(fact, known)
        )
    return value
