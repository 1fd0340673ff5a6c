"""Running the chapter's notebooks on this machine, round by round.

Each runs in a process of its own, the frameworks in turn: what disturbs the machine for an
hour then disturbs all three.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from triptych.benchmark.hardware import Hardware, OtherPrograms, current_load
from triptych.benchmark.parts import Part, Parts
from triptych.benchmark.plan import Settings
from triptych.benchmark.processes import follow, stoppable
from triptych.benchmark.write import write
from triptych.course import Course
from triptych.errors import TriptychError
from triptych.frameworks import FRAMEWORKS

#: From this use of the processors by others, in per cent, a machine is called busy.
BUSY = 15.0


class Interrupted(Exception):
    """Ctrl-C, or a signal to end; what was measured is kept."""


def execution(notebook: Path, executed: Path, parameters: Mapping[str, str]) -> list[str]:
    """The command that runs a notebook with these parameters and prints what it measures."""
    module = [sys.executable, "-m", "triptych.benchmark.execute"]
    return [*module, str(notebook), str(executed), json.dumps(parameters)]


class Bench:
    """One machine's measurement. ``say`` prints a line."""

    def __init__(
        self,
        course: Course,
        name: str,
        hardware: Hardware,
        frameworks: Sequence[str],
        say: Callable[[str], None] = print,
    ) -> None:
        self.course, self.name, self.hardware, self.say = course, name, hardware, say
        self.frameworks = frameworks

    def run(self, settings: Settings, fresh: bool = False) -> bool:
        """Measure what is not measured yet, and write the record; whether all of it is there.

        With ``fresh``, earlier parts are thrown away. Raises Interrupted when stopped, after
        the record of what there is has been written.
        """
        parts = Parts(self.course, self.name, self.frameworks, settings)
        if fresh:
            for part in parts.all:
                part.file.unlink(missing_ok=True)
        waiting = [part for part in parts.all if not parts.is_finished(part)]
        self.say(
            f"{self.name}: scale {settings.scale}, {settings.device}, {settings.precision}; "
            f"{_many(settings.rounds, 'round')} of {_many(len(parts.frameworks), 'notebook')}"
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
        return write(parts, self.name, self.hardware, self.say)

    def _measure_all(self, parts: Parts, waiting: Sequence[Part]) -> None:
        took = {part.framework: part.stored()["seconds"] for part in parts.all if part not in waiting}
        for done, part in enumerate(waiting):
            left = _left([p.framework for p in waiting[done:]], took)
            title = f"round {part.round}, {FRAMEWORKS[part.framework].title}"
            self.say(f"[{part.number}/{len(parts.all)}] {title}{left}")
            if seconds := self._measure(parts, part, first=not done):
                took[part.framework] = seconds

    def _measure(self, parts: Parts, part: Part, first: bool) -> float | None:
        """Run the notebook; what it measured is in the part's file, finished or not.

        Gives the seconds that it took, or None where it failed.
        """
        part.file.parent.mkdir(parents=True, exist_ok=True)
        part.file.unlink(missing_ok=True)
        executed, log = part.file.with_suffix(".ipynb"), part.file.with_suffix(".log")
        parameters = {**parts.settings.parameters, "record": str(part.file)}
        load = self._load(first)
        others, start = OtherPrograms(), time.monotonic()
        status: int | None = None
        try:
            status = follow(
                execution(part.notebook, executed, parameters),
                part.notebook.parent,
                log,
                lambda line: self.say(f"      {line}"),
            )
        finally:  # an interruption goes on, when what was measured is kept
            seconds = time.monotonic() - start
            percent = others.percent() if status == 0 else None
            load |= {"others_percent": percent, "busy": load["busy"] or (percent or 0) >= BUSY}
            try:
                count = parts.keep(part, status == 0, seconds, load)
            except TriptychError as error:
                self.say(f"      {error}")
                status = None
        if status is None:
            return None
        if status:
            self.say(f"      failed: {_last_line(log)} (more in {self.course.name(log)})")
            return None
        busy = f"; other programs used {percent:.0f} %" if (percent or 0) >= BUSY else ""
        self.say(f"      {count} measurements in {_minutes(seconds)}{busy}")
        return seconds

    def _load(self, first: bool) -> dict[str, Any]:
        """The load before a part; the user reads where it is too much."""
        load = current_load()
        average = load.load_average
        # The average looks a minute back: at the start only, later that was our own notebook.
        crowded = first and average is not None and average[0] >= self.hardware.cores
        busy = load.cpu_percent >= BUSY or crowded
        if busy:
            queue = f", load average {average[0]:.1f}" if first and average else ""
            advice = ": times will be too long, and the record will say so. Close other programs first."
            self.say(
                f"      The machine is busy with other work ({load.cpu_percent:.0f} % of its processors"
                f"{queue}){advice if first else '.'}"
            )
        return {
            "cpu_percent": round(min(100.0, load.cpu_percent), 1),
            "load_average": list(average) if average else None,
            "others_percent": None,
            "busy": busy,
        }


def _left(frameworks: Sequence[str], took: Mapping[str, float]) -> str:
    """How long the notebooks that are left will take, where any was timed."""
    if not took:
        return ""
    mean = sum(took.values()) / len(took)
    return f" (about {_minutes(sum(took.get(name, mean) for name in frameworks))} left)"


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _minutes(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


def _last_line(log: Path) -> str:
    lines = [line.strip() for line in log.read_text(encoding="utf-8", errors="replace").splitlines()]
    return next((line[:200] for line in reversed(lines) if line), "no message")
