"""Grading on a Dask cluster: the same work, given to workers on any number of machines.

A worker is trusted: it has the hidden checks, marking processes and warm sandboxes of its
own, started at its first notebook. Student code never runs in a worker itself, so the
cluster has only the loss of machines to survive, and Dask gives what a lost worker
had to another. Notebooks and checks travel with the work; a worker needs the
package and the frameworks, in the versions that all others have.

Whoever can reach the scheduler or a worker can run any code there as the user who started
it, and reads the checks and the notebooks: they belong on a network, or behind Dask's TLS,
that only the graders can reach.
"""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import pickle
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Any

from triptych.errors import TriptychError
from triptych.grading.marking import Job, Markers, Sandboxes, Setting, each
from triptych.grading.run import versions
from triptych.grading.store import Grade
from triptych.grading.submissions.files import Bounds, SubmittedItem

#: Seconds until a scheduler or a first worker must have answered.
PATIENCE = 20


@dataclass(frozen=True)
class Bytes(SubmittedItem):
    """A file that travelled."""

    data: bytes = field(default=b"", repr=False)

    def read(self, bounds: Bounds) -> bytes:
        """The bytes, which were bounded where they were read."""
        return self.data


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
        self._markers: Markers | None = None
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

    def prepared(self, setting: Setting, markers: Markers) -> Cluster:
        """The engine, for one grading; ``markers`` read here what is sent to the workers."""
        self._setting, self._markers = setting, markers
        return self

    def digests(self, items: Mapping[int, SubmittedItem]) -> Iterator[tuple[int, Grade | str]]:
        """See ``Engine``: workers may not see the files, so they are read here."""
        markers = self._markers
        assert markers is not None, "prepared comes first"
        return each(items, lambda number: markers.digest(items[number]), markers.jobs)

    def run(self, jobs: Iterable[Job]) -> Iterator[tuple[Job, Grade]]:
        """Grade ``jobs``, no more than two a worker's thread under way at a time."""
        from distributed import KilledWorker, as_completed
        from distributed.client import FutureCancelledError

        markers = self._markers
        assert markers is not None, "prepared comes first"
        queue = iter(jobs)
        unread: list[tuple[Job, Grade]] = []
        done = as_completed(loop=self._client.loop)
        running: dict[Any, Job] = {}

        def give(job: Job, data: bytes) -> None:
            # Dask itself gives a notebook whose worker is lost to another, three times by default. The
            # setting goes with each, as data scattered to a worker would be lost with it.
            sent = replace(job, item=Bytes(job.item.path, data=data))
            future = self._client.submit(
                grade_on_worker, sent, self._setting, key=f"grade-{job.key}", pure=False, retries=0
            )
            running[future.key] = job
            done.add(future)

        def give_more() -> None:
            room = 2 * max(1, sum(self._client.nthreads().values()))
            while len(running) < room and (job := next(queue, None)) is not None:
                data = markers.read(job.item)
                if isinstance(data, Grade):
                    unread.append((job, data))
                else:
                    give(job, data)

        give_more()
        while running or unread:
            if unread:
                yield unread.pop()
                continue
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
_rooms: dict[str, tuple[Setting, Markers, Sandboxes]] = {}


def grade_on_worker(job: Job, setting: Setting) -> Answer:
    """Grade one notebook with this worker's own processes."""
    setting, markers, sandboxes = _room(setting)
    try:
        grade = markers.grade(job, setting, sandboxes)
    except TriptychError as error:
        where = f"{_here()}: {error.place}"
        return Answer(Grade((), job.seed), {}, (where, error.problem, error.remedy))
    return Answer(grade, versions())


def _room(setting: Setting) -> tuple[Setting, Markers, Sandboxes]:
    """This process's own of what a setting needs: made by the first notebook, ended with the process."""
    from distributed import get_worker

    key = hashlib.sha256(pickle.dumps(setting)).hexdigest()
    with _lock:
        if key not in _rooms:
            markers = Markers(get_worker().state.nthreads).__enter__()
            sandboxes = Sandboxes(setting.limits, setting.kind).__enter__()
            _rooms[key] = setting, markers, sandboxes
            atexit.register(_end, sandboxes)
            atexit.register(_end, markers)
        return _rooms[key]


def _end(room: Any) -> None:
    with contextlib.suppress(Exception):
        room.__exit__(None, None, None)


def _here() -> str:
    from distributed import get_worker

    return str(get_worker().address)
