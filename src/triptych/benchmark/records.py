"""The records in ``results/``: what `triptych bench` measured, one file for each machine.

A record has an entry for each setting (device, precision); an entry has, for each
framework, the measurements of every round with all their samples. Since version 2 of
``schema.json``, which says what a file must hold, each has a process of its own.
Pages read records through this module only.
"""

from __future__ import annotations

import json
import math
import statistics
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from triptych.benchmark.intervals import faster, interval
from triptych.benchmark.programs.variants import MACHINE
from triptych.course import Course
from triptych.errors import TriptychError
from triptych.frameworks import FRAMEWORKS

FOLDER = "results"

#: Files of that folder which are no records of a machine.
OTHERS = ("mutation.json", "versions.json")

#: The version of the schema that is written, and those that are read.
VERSION = 2
READ = (1, VERSION)

#: A result older than this is marked: drivers, compilers and frameworks have changed since.
FRESH = timedelta(days=180)

SCHEMA = json.loads(Path(__file__).with_name("schema.json").read_text(encoding="utf-8"))
_SETTINGS = SCHEMA["$defs"]["settings"]["properties"]
SCALES: tuple[str, ...] = tuple(_SETTINGS["scale"]["enum"])
DEVICES: tuple[str, ...] = tuple(_SETTINGS["device"]["enum"])
PRECISIONS: tuple[str, ...] = tuple(_SETTINGS["precision"]["enum"])

#: What is done before the first call and told apart from it, in seconds.
PHASES = ("import_s", "export_s", "load_s", "compile_s")

_AGAIN = "restore the file, or measure again with `make bench`"


@dataclass(frozen=True)
class Measurement:
    """One measurement of one framework: the samples of all rounds together.

    ``firsts`` are the first calls in seconds, one a round. ``facts`` is what else was noted of the
    first round: threads, batch, dtype and the like. ``by_round`` has each round's samples.
    """

    framework: str
    name: str
    variant: str
    rounds: int
    firsts: tuple[float, ...]
    samples: tuple[float, ...]
    facts: Mapping[str, Any]
    by_round: tuple[tuple[float, ...], ...] = ()

    @property
    def first(self) -> float:
        """The median first call, in seconds."""
        return statistics.median(self.firsts)

    @property
    def until_second(self) -> float:
        """Seconds until the second call: compiling, where it was told apart, and the first."""
        return self.first + float(self.facts.get("compile_s", 0.0))

    @property
    def median(self) -> float:
        """The samples' median, in seconds."""
        return statistics.median(self.samples)

    @property
    def items(self) -> float | None:
        """How many items (images, rows) a call works through."""
        return self.facts.get("items")

    @property
    def rate(self) -> float | None:
        """Items a second at the median; None where nothing is counted."""
        return self.items / self.median if self.items else None

    @property
    def spread(self) -> tuple[float, float]:
        """The ends of the median's interval in seconds; with fewer than three rounds, the quartiles."""
        return self.interval or (self.at(25), self.at(75))

    @property
    def rates(self) -> tuple[float, float] | None:
        """Items a second at the slow and at the fast end of the spread."""
        low, high = self.spread
        return (self.items / high, self.items / low) if self.items else None

    @property
    def peak_bytes(self) -> int | None:
        """The largest peak of memory of all rounds; None where it was not measured."""
        return self.facts.get("peak_bytes")

    @property
    def above_bytes(self) -> int | None:
        """That peak less what the process had before the program was built; None where not measured."""
        start = self.facts.get("start_bytes")
        return None if start is None or self.peak_bytes is None else self.peak_bytes - start

    @property
    def interval(self) -> tuple[float, float] | None:
        """The ends of the median's 95 % interval in seconds; None with fewer than three rounds."""
        return interval(self.by_round)

    @property
    def own_process(self) -> bool:
        """Whether it had a process of its own (schema 2), so that its first call is one."""
        return "start_bytes" in self.facts

    @property
    def threads(self) -> int | None:
        """How many threads it had, where the notebook set that."""
        return self.facts.get("threads")

    def at(self, percent: int) -> float:
        """The time in seconds that this share of the samples does not exceed, 1 to 99 per cent."""
        if len(self.samples) == 1:
            return self.samples[0]
        return statistics.quantiles(self.samples, n=100, method="inclusive")[percent - 1]


@dataclass(frozen=True)
class MeasuredSetting:
    """What was measured with one setting. ``versions`` are by framework, then by package."""

    date: date
    scale: str
    device: str
    precision: str
    rounds: int
    busy: bool
    complete: bool
    versions: Mapping[str, Mapping[str, str]]
    results: tuple[Measurement, ...]
    machine: tuple[Measurement, ...] = ()

    def named(self, name: str) -> list[Measurement]:
        """The results of this name, the frameworks in panel order."""
        return [result for result in self.results if result.name == name]

    def fastest(self, name: str) -> Measurement | None:
        """The float32 program that is faster than each of the other frameworks', by the rule of ``faster``.

        None where none is, or where there are not enough rounds to tell. Threads are compared alike.
        """
        plain = [result for result in self.named(name) if result.facts.get("dtype", "float32") == "float32"]
        most = max((result.threads or 0 for result in plain), default=0)
        plain = [result for result in plain if (result.threads or 0) == most]
        first = min(plain, key=lambda result: result.median, default=None)
        if first is None:
            return None
        others = [result for result in plain if result.framework != first.framework]
        beats = all(faster(first.by_round, other.by_round) for other in others)
        return first if others and beats else None

    def matmul_peak(self, dtype: str) -> float | None:
        """The most floating-point operations a second that any product of this type reached."""
        best = self.best("matmul peak", dtype)
        return best.rate if best else None

    def best(self, name: str, dtype: str = "float32") -> Measurement | None:
        """Whatever moved or computed most a second: the machine by NumPy, or a framework."""
        found = [
            result
            for result in (*self.machine, *self.named(name))
            if result.name == name and result.rate and result.facts.get("dtype", dtype) == dtype
        ]
        return max(found, key=lambda result: result.rate or 0.0, default=None)


@dataclass(frozen=True)
class MachineRecord:
    """A machine and what was measured on it. ``machine`` is its file's name."""

    machine: str
    date: date
    hardware: Mapping[str, Any]
    system: Mapping[str, str]
    entries: tuple[MeasuredSetting, ...]

    def label(self, entry: MeasuredSetting) -> str:
        """The hardware that an entry is about, and the precision where that is a choice."""
        gpu = self.hardware["gpu"]
        if entry.device == "gpu" and gpu:
            name = gpu["model"]
        else:
            cores = self.hardware["cores"]
            name = f"{self.hardware['processor']}, {cores} core{'s' if cores > 1 else ''}"
        return name if entry.precision == "float32" else f"{name}, {entry.precision}"


def read(course: Course) -> tuple[MachineRecord, ...]:
    """Every record of the course, by the machines' names.

    Raises TriptychError, which names the file and the place in it, for a file that is no
    record, has another schema version, or holds a trial at scale "quick".
    """
    return tuple(
        load(path, course.name(path))
        for path in sorted((course.root / FOLDER).glob("*.json"))
        if path.name not in OTHERS
    )


def load(path: Path, name: str) -> MachineRecord:
    """The record in the file ``path``, which errors call ``name``. Raises TriptychError."""
    return _loaded(path.read_bytes(), path, name)


@lru_cache(maxsize=16)
def _loaded(content: bytes, path: Path, name: str) -> MachineRecord:
    """Kept, as every table and figure of the pages asks for it."""
    data = raw(path, name)
    if data["machine"] != path.stem:
        raise TriptychError(
            name, f"records machine {data['machine']!r}", f"rename the file {data['machine']}.json"
        )
    if trial := next((e for e in data["entries"] if e["settings"]["scale"] != "full"), None):
        raise TriptychError(
            name, f"a trial at scale {trial['settings']['scale']!r}", "only scale 'full' is recorded here"
        )
    return MachineRecord(
        data["machine"],
        date.fromisoformat(data["date"]),
        data["hardware"],
        data["system"],
        tuple(_entry(entry) for entry in data["entries"]),
    )


def raw(path: Path, name: str) -> dict[str, Any]:
    """The file's content, valid by the schema. Raises TriptychError, which names the first fault."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:  # not UTF-8, or not JSON
        raise TriptychError(name, f"not JSON ({error})", _AGAIN) from None
    require(data, name)
    return data


def _infinite(data: Any, place: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], float]]:
    """Where a nan or an infinity stands: JSON has none, Python reads them, and a schema lets nan pass."""
    inside = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in inside:
        yield from _infinite(value, (*place, key))
    if isinstance(data, float) and not math.isfinite(data):
        yield place, data


def _place(name: str, path: Iterable[str | int]) -> str:
    words = " ".join(str(part + 1) if isinstance(part, int) else part for part in path)
    return f"{name}: {words}" if words else name


def require(data: Any, name: str, what: str = "", fix: str = _AGAIN) -> None:
    """Raise TriptychError where ``data`` is not what the schema says (``what``: a definition's name)."""
    version = data.get("schema") if isinstance(data, dict) else None
    if isinstance(version, int) and version not in READ:
        raise TriptychError(
            f"{name}: schema",
            f"version {version}, but this course reads versions {READ[0]} to {READ[-1]}",
            "update the course, or measure again with `make bench`",
        )
    schema = {"$ref": f"#/$defs/{what}", "$defs": SCHEMA["$defs"]} if what else SCHEMA
    if fault := best_match(Draft202012Validator(schema).iter_errors(data)):
        problem = fault.message if len(fault.message) < 160 else f"{fault.message[:140]} ..."
        raise TriptychError(_place(name, fault.absolute_path), problem, fix)
    if odd := next(_infinite(data), None):
        raise TriptychError(_place(name, odd[0]), f"{odd[1]} is not finite", fix)


def newest(records: Iterable[MachineRecord], name: str) -> tuple[MachineRecord, MeasuredSetting] | None:
    """The newest entry of all machines that has a measurement of this name; None without one."""
    measured = [(r, e) for r in records for e in r.entries if e.named(name)]
    return max(measured, key=lambda pair: (pair[1].date, pair[1].complete), default=None)


def old(record: MachineRecord | MeasuredSetting, today: date | None = None) -> bool:
    """Whether a record or an entry is older than 180 days."""
    return (today or date.today()) - record.date > FRESH


def remarks(entry: MeasuredSetting, today: date | None = None) -> list[str]:
    """What a reader must know of an entry, in a word or two each."""
    return [
        *([f"old: {entry.date}"] if old(entry, today) else []),
        *(["machine was busy"] if entry.busy else []),
        *([] if entry.complete else ["incomplete"]),
    ]


def _entry(data: Mapping[str, Any]) -> MeasuredSetting:
    settings = data["settings"]
    frameworks = {name: data["frameworks"][name] for name in FRAMEWORKS if name in data["frameworks"]}
    return MeasuredSetting(
        date.fromisoformat(data["date"]),
        **settings,
        busy=data["busy"],
        complete=data["complete"],
        versions={name: framework["versions"] for name, framework in frameworks.items()},
        results=tuple(
            result for name, framework in frameworks.items() for result in _results(name, framework["rounds"])
        ),
        machine=tuple(_results(MACHINE, data["machine"]["rounds"])) if "machine" in data else (),
    )


def _results(framework: str, rounds: list[Mapping[str, Any]]) -> Iterator[Measurement]:
    """A result for each kind of measurement, its rounds together."""
    groups: dict[tuple[Any, ...], list[Mapping[str, Any]]] = {}
    for measured in (m for part in rounds for m in part["measurements"]):
        same = tuple(measured.get(key) for key in ("name", "variant", "threads", "batch", "dtype"))
        groups.setdefault(same, []).append(measured)
    for (name, variant, *_), group in groups.items():
        facts = {k: v for k, v in group[0].items() if k not in ("name", "variant", "first_s", "samples_s")}
        if peaks := [m["peak_bytes"] for m in group if m.get("peak_bytes") is not None]:
            facts["peak_bytes"] = max(peaks)
        for phase in PHASES:
            if seconds := [m[phase] for m in group if phase in m]:
                facts[phase] = statistics.median(seconds)
        yield Measurement(
            framework,
            name,
            variant,
            len(group),
            tuple(measured["first_s"] for measured in group),
            tuple(sample for measured in group for sample in measured["samples_s"]),
            facts,
            tuple(tuple(measured["samples_s"]) for measured in group),
        )
