"""A Dask cluster grades as one machine does, and the loss of a worker loses nothing."""

from __future__ import annotations

import os
import platform
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

import pytest

import support
from support.tiny_course import notebook
from triptych.dev import doctor as tools
from triptych.errors import TriptychError
from triptych.files import digest
from triptych.grading.marking import Job, Markers, Setting
from triptych.grading.run import Cores
from triptych.grading.sandbox import Limits, Sandbox
from triptych.grading.store import Grade
from triptych.grading.submissions.files import DiskFile

distributed = pytest.importorskip("distributed", reason="no Dask: a cluster is not tried")

from triptych.grading import cluster as clustered  # noqa: E402
from triptych.grading.cluster import Cluster  # noqa: E402

CHECKS = """\
from triptych.grading.checks import check

@check("double", points=2, objective=1, message="Twice the number.")
def doubles(ask, draw):
    n = int(draw.integers(10, 10**9))
    ask.equal("double", n, expected=2 * n)
"""


@pytest.fixture
def job(tmp_path: Path) -> Callable[[int], Job]:
    """``job(number)``: a notebook in a file that only this process is to read."""

    def job(number: int) -> Job:
        right = "2 * n" if number % 3 else "n * n"
        file = tmp_path / f"{number}.ipynb"
        file.write_text(notebook(f"import time; time.sleep(0.25)\ndef double(n): return {right}"))
        item = DiskFile(PurePosixPath(file.name), "", file)
        return Job(f"key-{number}", item, file.name, digest(file.read_bytes()), seed=number)

    return job


@pytest.fixture(scope="module")
def setting() -> Setting:
    return Setting("tiny", CHECKS, "checks.py", {"jax": notebook("x = 1")}, Limits(), "jax")


@pytest.fixture(scope="module")
def markers() -> Iterator[Markers]:
    with Markers(2) as markers:
        yield markers


@pytest.fixture(scope="module")
def cluster() -> Iterator[distributed.LocalCluster]:
    """Two worker processes on loopback, each kept alive by its nanny."""
    support.need(tools.BUBBLEWRAP)
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=2, processes=True, host="127.0.0.1", dashboard_address="127.0.0.1:0"
    ) as cluster:
        yield cluster


@pytest.fixture
def workers(cluster: distributed.LocalCluster) -> distributed.LocalCluster:
    """The two workers, both there: a test before may have killed one, and a nanny takes its time."""
    with distributed.Client(cluster) as client:
        client.wait_for_workers(2, timeout=120)
    return cluster


def summary(grades: dict[str, Grade]) -> dict[str, tuple]:
    return {key: (grade.results, grade.reason, grade.seed, grade.fault) for key, grade in grades.items()}


@pytest.mark.slow
def test_a_worker_killed_in_the_middle_loses_nothing(
    workers, setting: Setting, markers: Markers, job
) -> None:
    """The result is that of one machine, though a worker is lost with notebooks under way."""
    alone = {j.key: grade for j, grade in Cores(markers, setting).run(map(job, range(24)))}
    assert sum(grade.earned for grade in alone.values()) == 32

    with Cluster(workers.scheduler_address) as engine, distributed.Client(workers) as client:
        pids = client.run(os.getpid)
        together: dict[str, Grade] = {}
        for done, grade in engine.prepared(setting, markers).run(map(job, range(24))):
            together[done.key] = grade
            if len(together) == 6:
                os.kill(next(iter(pids.values())), signal.SIGKILL)
        assert summary(together) == summary(alone)
        assert set(client.run(os.getpid).values()) != set(pids.values())


@pytest.mark.slow
def test_each_worker_has_one_sandbox_of_its_own(workers, setting: Setting, markers, job) -> None:
    with Cluster(workers.scheduler_address) as engine, distributed.Client(workers) as client:
        assert len(dict(engine.prepared(setting, markers).run(map(job, range(8))))) == 8
        assert set(client.run(bubblewraps).values()) <= {0, 1}


def bubblewraps() -> int:
    """How many sandboxes this worker has started and not ended: bubblewrap's processes below it."""
    import psutil

    children = psutil.Process().children()
    return sum(child.name() == "bwrap" for child in children if child.is_running())


@pytest.mark.slow
def test_a_worker_that_joins_with_other_versions_grades_nothing(
    workers, setting: Setting, markers, job
) -> None:
    with Cluster(workers.scheduler_address) as engine:
        prepared = engine.prepared(setting, markers)
        prepared.versions = {"jax": "another"}  # as if the others had it
        ((_, grade),) = prepared.run([job(1)])
    assert grade.fault == "a worker joined whose packages have other versions"
    assert grade.results == ()


@pytest.mark.slow
def test_a_notebook_that_takes_every_worker_with_it_is_the_graders_fault(
    workers, setting: Setting, markers: Markers, job, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clustered, "grade_on_worker", end_the_worker)
    with Cluster(workers.scheduler_address) as engine:
        ((_, grade),) = engine.prepared(setting, markers).run([job(1)])
    assert grade.fault == "every worker that had it was lost"


def end_the_worker(job: Job, setting: Setting) -> None:
    """In the place of grading: be gone."""
    os._exit(1)


@pytest.mark.slow
def test_only_as_many_notebooks_as_there_is_room_for_are_given_out(
    workers, setting: Setting, markers, job
) -> None:
    taken, finished = [], []

    def jobs() -> Iterator[Job]:
        for number in range(30):
            taken.append(number)
            assert len(taken) - len(finished) <= 9
            yield job(number)

    with Cluster(workers.scheduler_address) as engine:
        for _ in engine.prepared(setting, markers).run(jobs()):
            finished.append(1)
    assert len(finished) == 30


def test_a_worker_without_a_sandbox_says_which_and_why(workers, markers, job) -> None:
    """Nothing is graded unsafely instead."""
    nowhere = Setting("tiny", CHECKS, "checks.py", {"jax": notebook("x = 1")}, Limits(), "jax", "container")
    if _has_container():
        pytest.skip("docker or podman works here")
    with (
        Cluster(workers.scheduler_address) as engine,
        pytest.raises(TriptychError, match=r"tcp://127.0.0.1:\d+"),
    ):
        list(engine.prepared(nowhere, markers).run([job(1)]))


def _has_container() -> bool:
    try:
        with Sandbox((), kind="container"):
            return True
    except TriptychError:
        return False


def test_nobody_there_is_one_line_that_says_what_to_start() -> None:
    with pytest.raises(TriptychError, match=r"no Dask cluster with workers there .*; start `dask scheduler`"):
        Cluster("tcp://127.0.0.1:9", patience=1)


def test_workers_with_other_versions_are_refused() -> None:
    same = {"a": {"jax": "1", "numpy": "2"}, "b": {"jax": "1", "numpy": "2"}}
    assert clustered._common(same) == same["a"]
    with pytest.raises(TriptychError, match="b: has jax 2, but a has 1; install the same versions"):
        clustered._common({"a": {"jax": "1"}, "b": {"jax": "2"}})
    with pytest.raises(TriptychError, match=r"b: has numpy \(none\)"):
        clustered._common({"a": {"numpy": "2"}, "b": {}})


@pytest.mark.slow
def test_a_worker_that_dies_while_it_is_asked_is_left_out() -> None:
    """Forced: the worker is stopped, so that it cannot answer before it is killed."""
    told: list[object] = []

    def connect() -> None:
        try:
            with Cluster(workers.scheduler_address, patience=60) as engine:
                told.append(engine.versions["python"])
        except Exception as error:
            told.append(error)

    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address="127.0.0.1:0"
    ) as workers:
        with distributed.Client(workers) as client:
            pid = next(iter(client.run(os.getpid).values()))
        os.kill(pid, signal.SIGSTOP)
        connecting = threading.Thread(target=connect)
        connecting.start()
        time.sleep(1)  # were the question later than the kill, the test would only be easier
        os.kill(pid, signal.SIGKILL)
        connecting.join(timeout=90)
    assert told == [platform.python_version()]
