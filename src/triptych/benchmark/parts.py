"""Parts: one program in one round, each kept in a file until the record is whole.

What is finished is not measured again: after an interruption at most the program that was
running is lost.
"""

from __future__ import annotations

import ast
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from triptych import files
from triptych.benchmark import records
from triptych.benchmark.plan import CHAPTER, Settings
from triptych.benchmark.programs import variants
from triptych.benchmark.programs.variants import MACHINE, ONE_THREAD, RUNTIMES, SAMPLES, Variant
from triptych.course import Course
from triptych.dev.doctor import installed
from triptych.errors import TriptychError
from triptych.frameworks import FRAMEWORKS
from triptych.notebooks import raw

#: Where parts are kept, in the course's folder.
WORK = "_build/bench/performance"

#: Finished parts older than this are measured again: one record, one state of the machine.
KEPT = timedelta(days=7)

#: Programs of these names compute the same numbers in all frameworks and variants, as near as this: a
#: fraction of the number itself, or of the first one where that is larger.
EQUAL = ("matmul peak", "elementwise chain", "mlp step", "resnet50 training", ONE_THREAD)
NEAR = {"float32": 1e-3, "tf32": 1e-2, "bfloat16": 5e-2}

#: The cell of every notebook with the timing helper, which is the same in all.
MEASURE = ("time-measure",)

#: Images and pixels of a training step, by scale and device.
TRAINING = {("full", "cpu"): (8, 224), ("full", "gpu"): (64, 224)}
SMALL = (2, 64)


@dataclass(frozen=True)
class Part:
    """One program in one round, on so many threads. ``file`` is what is kept of it."""

    number: int
    round: int
    variant: Variant
    threads: int
    file: Path

    @property
    def title(self) -> str:
        """As the console names it."""
        one = self.variant
        framework = "the machine" if one.framework == MACHINE else FRAMEWORKS[one.framework].title
        threads = f", threads: {self.threads}" if one.name == ONE_THREAD else ""
        return f"{framework}, {one.name}, {one.variant}{threads}"

    def stored(self) -> dict[str, Any]:
        """What is kept of it; nothing where nothing was."""
        data = read(self.file)
        return data if isinstance(data, dict) and "code" in data else {}


class Parts:
    """The parts of one machine, measured with one setting: round by round, the frameworks in turn.

    Every second round goes backwards, so that a drift of the machine favours nobody.
    ``folder`` is the machine's; ``installed`` has the versions by framework and package.
    """

    def __init__(
        self, course: Course, machine: str, frameworks: Sequence[str], settings: Settings, cores: int
    ) -> None:
        self.course, self.settings = course, settings
        self.frameworks = [name for name in FRAMEWORKS if name in frameworks]
        self.folder = course.root / WORK / machine
        self.installed = {
            framework: {p: version for p in FRAMEWORKS[framework].packages if (version := installed(p))}
            for framework in self.frameworks
        } | {MACHINE: {"numpy": installed("numpy") or "unknown"}}
        folder = self.folder / settings.name
        every = [one for one in variants.every() if self._wanted(one)]
        each = [(one, n) for one in every for n in self._threads(one, cores)]
        turns = [
            (turn, *pair)
            for turn in range(1, settings.rounds + 1)
            for pair in (each if turn % 2 else reversed(each))
        ]
        self.all = [
            Part(number, turn, one, n, folder / f"round-{turn}" / f"{_slug(one, n)}.json")
            for number, (turn, one, n) in enumerate(turns, 1)
        ]

    def _wanted(self, one: Variant) -> bool:
        """Whether a program is measured with these frameworks, device and precision."""
        on_gpu, precision = self.settings.device == "gpu", self.settings.precision
        if one.framework not in (*self.frameworks, MACHINE):
            return False
        if on_gpu and (one.framework == MACHINE or one.variant in (*RUNTIMES, "aot")):
            return False
        if precision != "float32" and (one.variant in (*RUNTIMES, "aot") or one.variant == "bfloat16"):
            return False
        return precision == "float32" or one.name in EQUAL

    def _threads(self, one: Variant, cores: int) -> list[int]:
        """On how many threads: all; for one image at a time on one, too."""
        alone = one.name == ONE_THREAD and self.settings.device == "cpu"
        return sorted({1, cores}) if alone else [cores]

    def job(self, part: Part) -> dict[str, Any]:
        """What the part's process is told."""
        one, settings = part.variant, self.settings
        batch, side = TRAINING.get((settings.scale, settings.device), SMALL)
        return {
            "framework": one.framework,
            "name": one.name,
            "variant": one.variant,
            "module": one.module,
            "threads": part.threads,
            "samples": SAMPLES[one.pace][settings.scale != "full"],
            "device": settings.device,
            "precision": settings.precision,
            "dtype": "bfloat16" if "bfloat16" in (one.dtype, settings.precision) else "float32",
            "batch": batch,
            "side": side,
            "cells": self._cells(one),
            "measure": _sources(self.course, next(iter(FRAMEWORKS)), MEASURE),
            "checks": 2,  # the version of what is told to compare
            "file": str(part.file.with_suffix(RUNTIMES.get(one.variant, ".none"))),
            "out": str(part.file.with_suffix(".out")),
        }

    def _cells(self, one: Variant) -> list[str]:
        return _sources(self.course, one.framework, one.cells) if one.cells else []

    def _code(self, part: Part) -> str:
        """A digest of what the process is told: other code measures something else."""
        told = {key: value for key, value in self.job(part).items() if key not in ("file", "out")}
        return files.digest(json.dumps(told, sort_keys=True), 16)

    def is_finished(self, part: Part) -> bool:
        """Whether the part was measured with these settings, versions and cells, and lately."""
        stored = part.stored()
        return (
            bool(stored)
            and stored["installed"] == self.installed[part.variant.framework]
            and stored["code"] == self._code(part)
            and date.today() - date.fromisoformat(stored["date"]) <= KEPT
        )

    def keep(self, part: Part, told: Mapping[str, Any], seconds: float, load: Mapping[str, Any]) -> None:
        """Keep what the part's process has measured, with what that cannot know.

        Raises TriptychError for what is no measurement, had other threads than it was to have,
        or computed other numbers than the programs of the same name before it.
        """
        one, place = part.variant, self.course.name(part.file)
        measured = {**told, "few": one.slow}
        if self.settings.precision == "tf32" and measured.get("dtype") == "float32":
            measured["dtype"] = "tf32"
        records.require(measured, place, "process", "this is a fault of the program that was measured")
        if measured["threads_read"] not in (None, part.threads):
            raise TriptychError(
                part.title,
                f"ran on {measured['threads_read']} threads instead of {part.threads}",
                "nothing is recorded of it",
            )
        self._compare(part, measured)
        data = {
            "measurement": measured,
            "date": date.today().isoformat(),
            "seconds": round(seconds, 1) or 0.1,
            "load": dict(load),
            "installed": self.installed[one.framework],
            "code": self._code(part),
        }
        part.file.parent.mkdir(parents=True, exist_ok=True)
        files.replace(part.file, json.dumps(data, allow_nan=False))

    def _compare(self, part: Part, measured: Mapping[str, Any]) -> None:
        """Equal first, then fast: raise TriptychError for numbers that the others do not have."""
        if part.variant.name not in EQUAL:
            return
        for other in self.all:
            if other.variant.name != part.variant.name or other is part:
                continue
            if not self.is_finished(other):
                continue
            theirs = other.stored()["measurement"]
            near = max(NEAR[measured["dtype"]], NEAR[theirs["dtype"]])
            scale = near * abs(theirs["check"][0])
            for one, two in zip(measured["check"], theirs["check"], strict=True):
                if not math.isclose(one, two, rel_tol=near, abs_tol=scale):
                    raise TriptychError(
                        part.title,
                        f"computed {one:.6g}, where {other.title} computed {two:.6g}",
                        "only equal programs are compared",
                    )


def _sources(course: Course, framework: str, ids: Sequence[str]) -> list[str]:
    """The sources of a notebook's cells, or of one function in a cell, by their ids."""
    path = course.siblings(CHAPTER)[framework]
    cells = _by_id(path, course.name(path), path.stat().st_mtime_ns)
    found = []
    for wanted in ids:
        name, _, function = wanted.partition(":")
        if name not in cells:
            raise TriptychError(
                course.name(path), f"no cell {name!r}", "`make bench` measures what it defines"
            )
        found.append(_function(cells[name], function) if function else cells[name])
    return found


@cache
def _by_id(path: Path, name: str, changed: int) -> Mapping[str, str]:
    """A notebook's code by its cells' ids; read again when the file has changed."""
    return raw.code_by_id(path, name)


def _function(source: str, name: str) -> str:
    """The text of one function of a cell."""
    (node,) = (n for n in ast.parse(source).body if isinstance(n, ast.FunctionDef) and n.name == name)
    return ast.get_source_segment(source, node) or ""


def _slug(one: Variant, threads: int) -> str:
    return files.slug(f"{one.name} {one.framework} {one.variant} {threads}")


def read(file: Path) -> Any:
    """The file's JSON; None where it is not there or was cut off."""
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
