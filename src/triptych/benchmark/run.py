"""Running the programs on this machine, round by round, each in a process of its own.

A record is made on a quiet machine only: while other programs compute, nothing is measured, and
what they disturbed is measured again. A trial takes what it gets.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from triptych.benchmark.hardware import Hardware, OtherPrograms, busiest, current_load
from triptych.benchmark.parts import Part, Parts, read
from triptych.benchmark.plan import Settings
from triptych.benchmark.processes import follow, stoppable
from triptych.benchmark.units import line
from triptych.benchmark.write import write
from triptych.course import Course
from triptych.errors import TriptychError

#: From this use of the processors by others, in per cent, a machine is called busy.
BUSY = 10.0

#: How often a program that others disturbed is measured again, and the seconds between two looks.
AGAIN, LOOK = 3, 10.0

_PROGRAMS = "triptych.benchmark.programs"


class Interrupted(Exception):
    """Ctrl-C, or a signal to end; what was measured is kept."""


class Busy(Exception):
    """The machine did not become quiet in time; says who is busy."""


def commands(job: Mapping[str, Any], file: Path) -> list[list[str]]:
    """The processes of a part, one after the other: an export where there is one, then the program."""
    wanted = ["export", "child"] if job["module"] == "runtimes" else ["child"]
    return [[sys.executable, "-m", f"{_PROGRAMS}.{name}", str(file)] for name in wanted]


class Bench:
    """One machine's measurement. ``say`` prints a line; ``wait`` is how long a busy machine is waited for."""

    def __init__(
        self,
        course: Course,
        name: str,
        hardware: Hardware,
        frameworks: Sequence[str],
        say: Callable[[str], None] = print,
        wait: float = 600.0,
    ) -> None:
        self.course, self.name, self.hardware, self.say = course, name, hardware, say
        self.frameworks, self.wait = frameworks, wait

    def run(self, settings: Settings, fresh: bool = False) -> bool:
        """Measure what is not measured yet, and write the record; whether all of it is there.

        With ``fresh``, earlier parts are thrown away. Raises Interrupted when stopped, after
        the record of what there is has been written.
        """
        parts = Parts(self.course, self.name, self.frameworks, settings, self.hardware.cores)
        if fresh:
            for part in parts.all:
                part.file.unlink(missing_ok=True)
        waiting = [part for part in parts.all if not parts.is_finished(part)]
        self.say(
            f"{self.name}: scale {settings.scale}, {settings.device}, {settings.precision}; "
            f"{_many(settings.rounds, 'round')} of {_many(len(parts.all) // settings.rounds, 'program')}"
        )
        if finished := len(parts.all) - len(waiting):
            nothing = "" if waiting else " Nothing is left to measure."
            self.say(
                f"{finished} of {len(parts.all)} parts are measured already "
                f"(--fresh measures them again).{nothing}"
            )
        with stoppable():
            try:
                self._measure_all(parts, waiting)
            except KeyboardInterrupt:
                self.say("Stopped. What was measured is kept; the same command goes on from here.")
                write(parts, self.name, self.hardware, self.say)
                raise Interrupted from None
            except Busy as busy:
                self.say(
                    f"The machine is still busy ({busy}). A record wants a quiet one: close these "
                    "programs; the same command goes on from here."
                )
                write(parts, self.name, self.hardware, self.say)
                return False
        return write(parts, self.name, self.hardware, self.say)

    def _measure_all(self, parts: Parts, waiting: Sequence[Part]) -> None:
        took = {_kind(part): part.stored()["seconds"] for part in parts.all if part not in waiting}
        for done, part in enumerate(waiting):
            left = _left([_kind(one) for one in waiting[done:]], took)
            self.say(f"[{part.number}/{len(parts.all)}] round {part.round}: {part.title}{left}")
            try:
                took[_kind(part)] = self._measure(parts, part)
            except TriptychError as error:
                self.say(f"      failed: {error}")

    def _measure(self, parts: Parts, part: Part) -> float:
        """Measure one program and keep it; the seconds that it took.

        Raises TriptychError where the program failed or is not what it should be, and Busy.
        """
        strict = parts.settings.scale == "full"
        for last in (*[False] * (AGAIN - 1), True):
            load = self._load(strict)
            others, start = OtherPrograms(), time.monotonic()
            told = self._processes(parts, part)
            seconds, percent = time.monotonic() - start, others.percent()
            disturbed = (percent or 0) >= BUSY
            if disturbed and strict and not last:
                self.say(f"      other programs used {percent:.0f} %: measured again")
                continue
            if disturbed and strict:
                raise Busy(busiest())
            load |= {"others_percent": percent, "busy": load["busy"] or disturbed}
            parts.keep(part, told, seconds, load)
            self.say(f"      {line(told)}{f'; other programs used {percent:.0f} %' if disturbed else ''}")
            return seconds
        raise AssertionError("the last time ends the loop")

    def _processes(self, parts: Parts, part: Part) -> dict[str, Any]:
        """Run the part's processes; what they told. Raises TriptychError where one fails."""
        part.file.parent.mkdir(parents=True, exist_ok=True)
        job = parts.job(part)
        file, log, out = (part.file.with_suffix(end) for end in (".job", ".log", ".out"))
        file.write_text(json.dumps(job), encoding="utf-8")
        told: dict[str, Any] = {}
        try:
            for command in commands(job, file):
                out.unlink(missing_ok=True)
                status = follow(command, self.course.root, log, lambda _: None)
                found = read(out)
                if status or not isinstance(found, dict):
                    reason = _last_line(log) if status else "ended, but told nothing"
                    raise TriptychError(part.title, reason, f"more in {self.course.name(log)}")
                told |= found
        finally:
            for left in (file, out, Path(job["file"])):
                left.unlink(missing_ok=True)
        return told

    def _load(self, strict: bool) -> dict[str, Any]:
        """The load before a part; where ``strict``, waited for until it is low, or Busy is raised."""
        deadline, told = time.monotonic() + self.wait, False
        while (load := current_load()).cpu_percent >= BUSY:
            if not told:
                what = f"waiting up to {_minutes(self.wait)}" if strict else "times will be too long"
                self.say(f"      the machine is busy ({busiest()}): {what}")
                told = True
            if not strict:
                break
            if time.monotonic() >= deadline:
                raise Busy(busiest())
            time.sleep(LOOK)
        return {
            "cpu_percent": round(min(100.0, load.cpu_percent), 1),
            "load_average": list(load.load_average) if load.load_average else None,
            "others_percent": None,
            "busy": load.cpu_percent >= BUSY,
        }


def _kind(part: Part) -> tuple[Any, ...]:
    """What takes the same time in every round."""
    return part.variant, part.threads


def _left(kinds: Sequence[tuple[Any, ...]], took: Mapping[tuple[Any, ...], float]) -> str:
    """How long the programs that are left will take, where any was timed."""
    if not took:
        return ""
    mean = sum(took.values()) / len(took)
    return f" (about {_minutes(sum(took.get(kind, mean) for kind in kinds))} left)"


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _minutes(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


def _last_line(log: Path) -> str:
    lines = [line.strip() for line in log.read_text(encoding="utf-8", errors="replace").splitlines()]
    return next((line[:200] for line in reversed(lines) if line), "no message")
