"""One notebook marked: read, run in a sandbox that the grader opens, asked by the hidden checks."""

from __future__ import annotations

from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from typing import Any

from triptych.errors import TriptychError
from triptych.files import digest
from triptych.grading import checks
from triptych.grading.checks import HiddenCheck
from triptych.grading.marking import bounds
from triptych.grading.marking.patience import Impatient
from triptych.grading.marking.port import LentChannel, Port
from triptych.grading.marking.requests import READING, Job, Setting
from triptych.grading.sandbox import SandboxFailed, Session
from triptych.grading.submissions import BOUNDS, Program, cells_to_run, framework_of
from triptych.grading.submissions.resemblance import another, copied
from triptych.notebooks.untrusted import Unreadable, parse

#: Exceptions of cells, and flags, that are told of one notebook.
ERRORS, FLAGS = 100, 40


class Marker:
    """Marks notebooks under one setting."""

    def __init__(self, setting: Setting, port: Port) -> None:
        """The hidden checks are loaded when the first notebook needs them."""
        self._setting, self._port = setting, port

    @cached_property
    def _checks(self) -> tuple[HiddenCheck, ...]:
        return checks.loaded(self._setting.checks, Path(self._setting.place), self._setting.place)

    @cached_property
    def _released(self) -> dict[str, dict[str, Any]]:
        return {framework: parse(text.encode()) for framework, text in self._setting.released.items()}

    def mark(self, job: Job) -> dict[str, Any]:
        """Tell the framework and each result; how it ended is returned, in the words of ``Grade``.

        Raises Unreadable where there is nothing to mark, and TriptychError where the grader is to blame.
        """
        bounds.allow(READING)
        framework, program, flags = self._read(job)
        asked = [[c.id, c.exercise, c.objective, c.points] for c in self._checks]
        self._port.tell(framework=framework, asked=asked)
        bounds.allow(self._setting.seconds)
        with self._opened(framework, program) as session:
            asking = Impatient(session)
            for result in checks.results(
                self._checks, asking, program.helpers, program.cells, job.seed, flags, program.missing
            ):
                self._port.tell(result=asdict(result))
        outcome = session.outcome
        return {
            "reason": outcome.reason,
            "output": outcome.output,
            "errors": [(e.cell, e.type, e.message) for e in outcome.errors[:ERRORS]],
            "wall": round(outcome.wall, 3),
            "cpu": round(outcome.cpu, 3),
            "peak_memory": outcome.peak_memory,
            "notes": outcome.notes,
            "flags": [*flags, *outcome.flags][:FLAGS],
        }

    def _read(self, job: Job) -> tuple[str, Program, dict[str, None]]:
        """The notebook's framework, what is to be run, and what the teacher should look at."""
        data = job.item.read(BOUNDS)
        if digest(data) != job.digest:
            raise Unreadable("it changed while the others were graded")
        notebook = parse(data)
        if other := another(notebook, self._setting.ours, self._setting.others):
            raise Unreadable(f"this is {other}, not an exercise of the chapter {self._setting.chapter}")
        framework = self._setting.framework or framework_of(notebook, self._released, job.source)
        if not framework:
            raise Unreadable(
                "its framework is not clear: nothing of the released notebook is in it, and its imports "
                "do not tell; say --framework"
            )
        count = copied(notebook)
        flags = [
            f"carries the marks of the course's own solution (### BEGIN SOLUTION) in {count} cells"
        ] * bool(count)
        return framework, cells_to_run(notebook, self._setting.released[framework]), dict.fromkeys(flags)

    def _opened(self, framework: str, program: Program) -> Session:
        """The cells run. One that is lost while it is opened is opened again: see ``Sandbox.open``."""
        try:
            return self._session(framework, program)
        except SandboxFailed:
            return self._session(framework, program)

    def _session(self, framework: str, program: Program) -> Session:
        problem, descriptors = self._port.ask(open=framework)
        if problem:
            kind, *texts = problem
            raise (SandboxFailed if kind == SandboxFailed.__name__ else TriptychError)(*texts)
        channel = LentChannel(self._port, *descriptors)
        return Session(channel, self._setting.limits, program.cells, program.helpers)
