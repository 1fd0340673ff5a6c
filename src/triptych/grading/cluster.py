"""Grading on a Dask cluster: the same work, given to workers on any number of machines.

A worker is trusted: it runs the hidden checks, beside a warm sandbox of its own,
started at its first notebook. Student code never runs in a worker itself, so the
cluster has only the loss of machines to survive, and Dask gives what a lost worker
had to another. Notebooks and checks travel with the work; a worker needs the
package and the frameworks, in the versions that all others have.
"""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from triptych.course import Course
from triptych.errors import TriptychError
from triptych.grading import checks as hidden
from triptych.grading.checks import HiddenCheck
from triptych.grading.run import Job, grade_one, versions
from triptych.grading.sandbox import Limits, Sandbox
from triptych.grading.store import Grade

#: Seconds until a scheduler or a first worker must have answered.
PATIENCE = 20


@dataclass(frozen=True)
class Setting:
    """What a worker needs besides the notebook."""

    chapter: str
    checks: str  # the text of checks.py
    modules: tuple[str, ...]  # that the sandbox imports
    limits: Limits
    kind: str


class Cluster:
    """An engine that gives notebooks to the workers of a scheduler; a context manager."""

    def __init__(self, address: str, patience: float = PATIENCE) -> None:
        """``address``: the scheduler's, such as ``tcp://192.0.2.1:8786``.

        Raises TriptychError where Dask is not installed, nobody answers there, or
        the workers differ in what a grade depends on.
        """
        try:
            from distributed import Client
        except ImportError:
            raise TriptychError(
                "--scheduler", "Dask is not installed", "`pip install 'triptych[cluster]'` installs it"
            ) from None
        self._address = address
        self._setting: Setting | None = None
        try:
            self._client = Client(address, timeout=patience, set_as_default=False)
        except (OSError, TimeoutError, ValueError) as error:
            raise self._nobody(error) from None
        try:
            self.versions = _common(self._ask_for_versions(patience))
        except BaseException:
            self._client.close()
            raise

    def __enter__(self) -> Cluster:
        """The engine itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leaves the cluster; what it was still doing is called off."""
        self._client.close()

    def _nobody(self, error: Exception) -> TriptychError:
        return TriptychError(
            self._address,
            f"no Dask cluster with workers there ({' '.join(str(error).split())[:200]})",
            "start `dask scheduler` and, on each machine, `dask worker ADDRESS`",
        )

    def _ask_for_versions(self, patience: float) -> dict[str, dict[str, str]]:
        """What ``versions`` says on each worker.

        A worker that is dying is listed until the scheduler has noticed: where one
        does not answer, all are asked again until ``patience`` is over.
        """
        deadline = time.monotonic() + patience
        while True:
            try:
                self._client.wait_for_workers(1, timeout=max(deadline - time.monotonic(), 0.1))
            except (OSError, TimeoutError) as error:
                raise self._nobody(error) from None
            answers = self._client.run(versions, on_error="return")
            failed = {worker: answer for worker, answer in answers.items() if isinstance(answer, Exception)}
            if answers and not failed:
                return answers
            for worker, failure in failed.items():
                if not isinstance(failure, OSError) or time.monotonic() > deadline:
                    raise TriptychError(
                        worker,
                        f"does not say what is installed there ({type(failure).__name__}: {failure})",
                        "end it, or install the course's package on it: constraints/default.txt",
                    ) from None
            time.sleep(0.1)

    def prepared(self, setting: Setting) -> Cluster:
        """The engine, for one chapter's checks."""
        self._setting = setting
        return self

    def run(self, jobs: Iterable[Job]) -> Iterator[tuple[Job, Grade]]:
        """Grade ``jobs``, no more than two a worker's thread under way at a time."""
        from distributed import KilledWorker, as_completed
        from distributed.client import FutureCancelledError

        queue = iter(jobs)
        done = as_completed(loop=self._client.loop)
        running: dict[Any, Job] = {}

        def give(job: Job) -> None:
            # Dask itself gives a notebook whose worker is lost to another, three times by default. The
            # setting goes with each, as data scattered to a worker would be lost with it.
            future = self._client.submit(
                grade_on_worker, job, self._setting, key=f"grade-{job.key}", pure=False, retries=0
            )
            running[future.key] = job
            done.add(future)

        def give_more() -> None:
            room = 2 * max(1, sum(self._client.nthreads().values()))
            while len(running) < room and (job := next(queue, None)) is not None:
                give(job)

        give_more()
        while running:
            future = next(done)
            job = running.pop(future.key)
            try:
                answer: Answer = future.result()
            except KilledWorker:
                answer = Answer(Grade((), job.seed, fault="every worker that had it was lost"), {})
            except (FutureCancelledError, OSError) as error:
                raise TriptychError(
                    self._address,
                    f"the scheduler was lost ({type(error).__name__})",
                    "start it, then run the same command again: it goes on where it was",
                ) from None
            if answer.unavailable:
                raise TriptychError(*answer.unavailable)
            grade = answer.grade
            if answer.versions and answer.versions != self.versions:
                grade = Grade((), job.seed, fault="a worker joined whose packages have other versions")
            yield job, grade
            give_more()


def _common(by_worker: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """The versions that all workers have. Raises TriptychError where they differ."""
    workers = sorted(by_worker)
    first = dict(by_worker[workers[0]])
    for worker in workers[1:]:
        other = by_worker[worker]
        for name in sorted({*first, *other}):
            if first.get(name) != other.get(name):
                here, there = other.get(name, "(none)"), first.get(name, "(none)")
                raise TriptychError(
                    worker,
                    f"has {name} {here}, but {workers[0]} has {there}",
                    "install the same versions on all workers: constraints/default.txt",
                )
    return first


# --- on a worker --------------------------------------------------------------------


@dataclass(frozen=True)
class Answer:
    """What a worker sends back; ``unavailable``: place, problem and remedy where it has no sandbox."""

    grade: Grade
    versions: Mapping[str, str]
    unavailable: tuple[str, str, str] | None = None


_lock = threading.Lock()
_sandboxes: dict[tuple[tuple[str, ...], Limits, str], Sandbox] = {}
_checks: dict[str, tuple[HiddenCheck, ...]] = {}


def grade_on_worker(job: Job, setting: Setting) -> Answer:
    """Grade one notebook in this worker's own sandbox."""
    try:
        sandbox, checks = _sandbox(setting), _loaded(setting)
    except TriptychError as error:
        where = f"{_here()}: {error.place}"
        return Answer(Grade((), job.seed), {}, (where, error.problem, error.remedy))
    return Answer(grade_one(job, sandbox, checks), versions())


def _sandbox(setting: Setting) -> Sandbox:
    """This process's sandbox, started by the first that needs it and ended with the process."""
    with _lock:
        key = (setting.modules, setting.limits, setting.kind)
        if key not in _sandboxes:
            sandbox = Sandbox(*key)
            _sandboxes[key] = sandbox.__enter__()
            atexit.register(_end, sandbox)
        return _sandboxes[key]


def _end(sandbox: Any) -> None:
    with contextlib.suppress(Exception):
        sandbox.__exit__(None, None, None)


def _loaded(setting: Setting) -> tuple[HiddenCheck, ...]:
    """The checks, from the text that came with the work."""
    digest = hashlib.sha256(setting.checks.encode()).hexdigest()
    with _lock:
        if digest not in _checks:
            with tempfile.TemporaryDirectory(prefix="triptych-") as folder:
                (Path(folder) / hidden.FILE).write_text(setting.checks, encoding="utf-8")
                _checks[digest] = hidden.load(Course(Path(folder)), setting.chapter, Path(folder))
        return _checks[digest]


def _here() -> str:
    from distributed import get_worker

    return str(get_worker().address)
