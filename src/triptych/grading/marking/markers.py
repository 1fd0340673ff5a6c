"""The marking processes of one grading, lent to the threads that need one."""

from __future__ import annotations

import base64
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from triptych.errors import TriptychError
from triptych.frameworks import FRAMEWORKS
from triptych.grading.checks import CheckResult
from triptych.grading.marking import plain, requests
from triptych.grading.marking.bounds import MEMORY
from triptych.grading.marking.process import Beyond, Lost, MarkingProcess
from triptych.grading.marking.requests import Job, Request, Setting
from triptych.grading.marking.sandboxes import Sandboxes
from triptych.grading.sandbox import Channel, SandboxUnavailable
from triptych.grading.store import Grade
from triptych.grading.submissions import HandIn
from triptych.grading.submissions.files import SubmittedItem
from triptych.machine import cores

#: Takes a few words on what is done now.
Step = Callable[[str], None]


class Markers:
    """Marking processes, started when they are needed; a context manager, for several threads.

    At most ``jobs`` are used at a time, one a core by default. One that ends, or has to be
    ended, is followed by another.
    """

    def __init__(self, jobs: int = 0) -> None:
        """Raises SandboxUnavailable on Windows."""
        if not hasattr(os, "fork"):
            raise SandboxUnavailable("sandbox", "Windows itself cannot run one", "use WSL")
        self.jobs = jobs or cores()
        self._room = threading.Semaphore(self.jobs)
        self._lock = threading.Lock()
        self._idle: list[MarkingProcess] = []
        self._lent: set[MarkingProcess] = set()
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            self._closed = True
            for process in (*self._idle, *self._lent):
                process.stop()
            self._idle.clear()

    def look(self, path: Path, *arguments: Any, **named: Any) -> HandIn:
        """What was handed in at ``path``; arguments as for ``submissions.look``.

        Raises TriptychError as that does, and where listing it costs too much.
        """
        listed: dict[str, list[Any]] = {"submissions": [], "ignored": []}

        def aside(told: dict[str, Any]) -> tuple[Any, Sequence[int]]:
            for part, some in told.items():
                listed[part].extend(map(plain.unpacked, some))
            return None, ()

        remedy = "name a folder or an archive with nothing but the submissions in it"
        try:
            with self._one() as process:
                answer = process.ask(requests.Look((path, *arguments), named), aside)
        except Beyond as beyond:
            raise TriptychError(path, f"to list it takes {_cost(beyond, requests.LISTING)}", remedy) from None
        except Lost as lost:
            raise TriptychError(path, f"cannot be listed ({lost})", remedy) from None
        if problem := answer.get("problem"):
            raise TriptychError(*problem)
        if fault := answer.get("fault"):
            raise TriptychError(path, f"cannot be listed ({fault})", remedy)
        return HandIn(tuple(listed["submissions"]), tuple(listed["ignored"]), str(answer["platform"]))

    def digest(self, item: SubmittedItem) -> Grade | str:
        """The SHA-256 of a file that was handed in; where it cannot be read, a grade that says why."""
        answer = self._read(requests.Digest(item))
        return str(answer["digest"]) if "digest" in answer else _unread(answer)

    def read(self, item: SubmittedItem) -> Grade | bytes:
        """A file's bytes, to be sent elsewhere; where it cannot be read, a grade that says why."""
        answer = self._read(requests.Read(item))
        return base64.b64decode(answer["bytes"]) if "bytes" in answer else _unread(answer)

    def grade(
        self, job: Job, setting: Setting, sandboxes: Sandboxes, step: Step = lambda what: None
    ) -> Grade:
        """The grade of a notebook: whatever it does, and even if the grader itself fails (a ``fault``).

        ``step`` is told what is done next. Raises SandboxUnavailable where no sandbox can be started here.
        """
        for _ in range(2):
            marking = _Marking(job, setting, sandboxes, step)
            try:
                with self._one() as process:
                    if process.setting is not setting:
                        process.tell(setting)
                        process.setting = setting
                    patience = 2 * setting.limits.total
                    return marking.grade(process.ask(requests.Grade(job), marking.aside, patience))
            except Beyond as beyond:
                return marking.beyond(beyond)
            except Lost as lost:
                grade = Grade((), job.seed, fault=str(lost), trace=lost.trace)
            finally:
                marking.close()
        return grade

    def _read(self, request: Request) -> dict[str, Any]:
        """The answer to a request to read; asked again where the process was lost."""
        for _ in range(2):
            try:
                with self._one() as process:
                    return process.ask(request)
            except Beyond as beyond:
                return {"refused": f"to read it takes {_cost(beyond, requests.READING)}"}
            except Lost as lost:
                answer = {"fault": str(lost), "trace": lost.trace}
        return answer

    @contextmanager
    def _one(self) -> Iterator[MarkingProcess]:
        """A process for this thread alone; afterwards it is another's, if it is of use."""
        with self._room:
            with self._lock:
                if self._closed:
                    raise RuntimeError("the grading is over")
                process = self._taken()
                self._lent.add(process)
            try:
                yield process
            finally:
                with self._lock:
                    self._lent.discard(process)
                    if process.usable and not self._closed:
                        self._idle.append(process)
                    else:
                        process.stop()

    def _taken(self) -> MarkingProcess:
        """One that waits for work, or a new one. Raises Lost where none can be started."""
        while self._idle:
            if (process := self._idle.pop()).lives:
                return process
        return MarkingProcess()


class _Marking:
    """What the grader does while one notebook is marked: it opens the sandbox, and notes the results."""

    def __init__(self, job: Job, setting: Setting, sandboxes: Sandboxes, step: Step) -> None:
        self._job, self._setting, self._sandboxes, self._step = job, setting, sandboxes, step
        self._channel: Channel | None = None
        self._framework = ""
        self._asked: list[list[Any]] = []
        self._results: list[CheckResult] = []

    def aside(self, word: dict[str, Any]) -> tuple[Any, Sequence[int]]:
        """Take what the process tells, and answer what it asks."""
        match word:
            case {"framework": str(framework), "asked": list(asked)}:
                self._framework, self._asked = framework, asked
            case {"result": dict(result)}:
                self._results.append(CheckResult(**result))
                self._step(f"hidden check {len(self._results)} of {len(self._asked)} asked")
            case {"open": str(framework)}:
                return self._open(framework)
            case {"end": int() | float() as patience} if self._channel:
                try:
                    return self._channel.end(patience), ()
                except Exception:  # whatever stands in its supervisor's last word
                    return {}, ()
        return None, ()

    def _open(self, framework: str) -> tuple[Any, Sequence[int]]:
        """A channel for the marking process, or what is wrong with the sandbox."""
        self.close()
        self._step(f"starting a sandbox with {FRAMEWORKS[framework].title}")
        sandbox = self._sandboxes.start(framework)
        try:
            self._channel = sandbox.connect()
        except TriptychError as error:
            return (type(error).__name__, error.place, error.problem, error.remedy), ()
        self._step("running the cells")
        return None, (self._channel.reading, self._channel.writing)

    def close(self) -> None:
        """End what may still run of the submission."""
        if self._channel:
            self._channel.close()
            self._channel = None

    def beyond(self, beyond: Beyond) -> Grade:
        """The grade where marking cost too much: what was found so far counts."""
        seed = self._job.seed
        if not self._framework:
            return Grade((), seed, refused=f"to read it takes {_cost(beyond, requests.READING)}")
        reason = f"to check its answers takes {_cost(beyond, self._setting.seconds)}"
        rest = [
            CheckResult(id, exercise, objective, points, 0.0, f"Not asked: {reason}.")
            for id, exercise, objective, points in self._asked[len(self._results) :]
        ]
        return Grade((*self._results, *rest), seed, reason=reason, framework=self._framework)

    def grade(self, answer: dict[str, Any]) -> Grade:
        """The grade that an answer tells."""
        if "reason" not in answer:
            return _unread(answer, self._job.seed)
        answer["errors"] = tuple(map(tuple, answer["errors"]))
        answer |= {name: tuple(answer[name]) for name in ("notes", "flags")}
        return Grade(tuple(self._results), self._job.seed, framework=self._framework, **answer)


def _unread(answer: dict[str, Any], seed: int = 0) -> Grade:
    """No mark: for a reason of the file's own, or as the grader failed."""
    if "refused" in answer:
        return Grade((), seed, refused=answer["refused"])
    if problem := answer.get("problem"):
        place, what, remedy = problem
        fault = f"{place}: {what}" + (f"; {remedy}" if remedy else "")
    else:
        fault = answer.get("fault", "no answer")
    return Grade((), seed, fault=fault, trace=answer.get("trace", ""))


def _cost(beyond: Beyond, seconds: int) -> str:
    if str(beyond) == "memory":
        return f"more than {MEMORY >> 30} GiB of memory"
    return f"more than {seconds} s of computing"
