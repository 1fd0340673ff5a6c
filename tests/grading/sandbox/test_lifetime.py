"""Processes that end: a dying one is never taken for a living one, and none is left behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from support import need
from support.sandboxes import SMALL, bubblewraps, cells, chain, lives, supervisors, wait_until
from triptych.dev import doctor as tools
from triptych.grading.sandbox import Limits, Sandbox, SandboxFailed, Session
from triptych.grading.sandbox.backend import Channel
from triptych.grading.sandbox.bubblewrap import BubblewrapBackend
from triptych.grading.sandbox.inside import messages, warm

ONE = cells("def f(): return 1")

#: The places in ``chain``.
CHAIN = {"bubblewrap": 0, "the first process of its namespace": 1, "the warm process": 2}


@pytest.fixture
def fragile() -> Iterator[Sandbox]:
    """A sandbox that the test may break."""
    need(tools.BUBBLEWRAP)
    with Sandbox(frameworks=(), kind="bubblewrap") as made:
        yield made


def newest() -> psutil.Process:
    """The bubblewrap that was started last."""
    return max(bubblewraps(), key=lambda process: process.create_time())


@pytest.fixture
def busy() -> Iterator[None]:
    """As many busy loops beside the test as there are cores, and one more."""
    loops = [
        subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range((os.cpu_count() or 1) + 1)
    ]
    yield
    for loop in loops:
        loop.kill()
        loop.wait()


# --- the warm process ---------------------------------------------------------------------------


@pytest.mark.slow
def test_a_request_that_reached_a_dying_warm_process_goes_to_its_successor(fragile: Sandbox) -> None:
    """The race, forced: the warm process cannot take the request before it is killed."""
    bubblewrap, _, stopped = chain(newest())
    answers: list[object] = []

    def open_and_call() -> None:
        with fragile.open(ONE) as session:
            answers.append(session.call("f"))

    stopped.send_signal(signal.SIGSTOP)
    opening = threading.Thread(target=open_and_call)
    opening.start()
    time.sleep(0.3)  # were the request later than the kill, the test would only be easier
    assert not answers
    bubblewrap.kill()
    opening.join(timeout=60)
    assert answers == [1]


@pytest.mark.slow
@pytest.mark.parametrize("killed", CHAIN)
def test_after_a_kill_the_next_open_has_a_new_warm_process(killed: str, fragile: Sandbox, busy: None) -> None:
    for _ in range(3):
        chain(newest())[CHAIN[killed]].kill()
        with fragile.open(ONE) as session:
            assert session.call("f") == 1


def test_a_session_whose_warm_process_is_killed_is_lost_and_the_next_is_not(fragile: Sandbox) -> None:
    with fragile.open(ONE) as session:
        assert session.call("f") == 1
        newest().kill()
        with pytest.raises(SandboxFailed, match="its supervisor is gone"):
            while True:  # bubblewrap's end takes the others along in a moment
                session.call("f")
    with fragile.open(ONE) as session:
        assert session.call("f") == 1


@pytest.mark.slow
def test_threads_that_meet_a_dead_warm_process_start_one_successor(fragile: Sandbox) -> None:
    others = bubblewraps() - {newest()}
    newest().kill()
    answers: list[object] = []

    def grade() -> None:
        with fragile.open(ONE) as session:
            answers.append(session.call("f"))

    threads = [threading.Thread(target=grade) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert answers == [1] * 4
    assert len(bubblewraps() - others) == 1


def test_a_warm_process_that_cannot_fork_says_so_and_lives_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> int:
        raise BlockingIOError("Resource temporarily unavailable")

    monkeypatch.setattr(os, "fork", refuse)
    grader, inside = socket.socketpair()
    with grader, inside:
        warm.fork_supervisor(inside, inside.fileno(), inside.fileno(), shell=None, user=None)
        assert messages.receive(grader.fileno()) == {"failed": "Resource temporarily unavailable"}


def test_a_bubblewrap_that_cannot_be_started_is_told_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = tmp_path / "bwrap"
    fake.write_text("#!/no/such/shell\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    told: list[Exception] = []

    def start() -> None:
        try:
            Sandbox(frameworks=(), kind="bubblewrap").__enter__()
        except Exception as error:
            told.append(error)

    starting = threading.Thread(target=start, daemon=True)  # it used to wait for ever
    starting.start()
    starting.join(timeout=30)
    assert "No such file or directory" in str(told)


# --- closing ------------------------------------------------------------------------------------


def test_a_closed_backend_starts_nothing_any_more() -> None:
    need(tools.BUBBLEWRAP)
    before = bubblewraps()
    backend = BubblewrapBackend(())
    backend.close()
    with pytest.raises(RuntimeError, match="closed"):
        backend.connect(Limits())
    assert bubblewraps() == before


@pytest.mark.slow
def test_closing_ends_an_open_that_is_under_way_and_leaves_nothing() -> None:
    need(tools.BUBBLEWRAP)
    before = bubblewraps()
    told: list[Exception] = []

    def open_and_call() -> None:
        try:
            sandbox.open(ONE)
        except Exception as error:
            told.append(error)

    with Sandbox(frameworks=(), kind="bubblewrap") as sandbox:
        (bubblewrap,) = bubblewraps() - before
        family = [*chain(bubblewrap)]
        family[-1].send_signal(signal.SIGSTOP)
        opening = threading.Thread(target=open_and_call)
        opening.start()
        time.sleep(0.3)  # were the closing earlier, it would be another case of the same
    opening.join(timeout=60)
    assert "closed" in str(told)
    assert bubblewraps() == before
    assert wait_until(lambda: not any(map(lives, family)))


def test_no_process_is_left_when_the_grader_is_killed(tmp_path: Path) -> None:
    need(tools.BUBBLEWRAP)
    script = tmp_path / "grader.py"
    script.write_text(
        "import os, psutil, signal\n"
        "from triptych.grading.sandbox import Code, Sandbox\n"
        "with Sandbox(frameworks=(), kind='bubblewrap') as sandbox:\n"
        "    first = sandbox.open([Code('a', 'import os\\nos.fork()')])\n"
        "    second = sandbox.open([Code('a', 'import os\\nos.fork()')])\n"
        "    print(*(child.pid for child in psutil.Process().children(recursive=True)), flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False)
    assert done.returncode == -9
    pids = done.stdout.split()
    assert len(pids) >= 3 + 2 * 3  # the chain; two supervisors, each with a learner's process and its child
    assert wait_until(lambda: not any(Path("/proc", pid).exists() for pid in pids))


# --- the supervisor -----------------------------------------------------------------------------


def test_a_submission_that_is_lost_while_it_is_opened_is_opened_again(
    plain: Sandbox, bubblewrap: psutil.Process
) -> None:
    answers: list[object] = []

    def open_and_call() -> None:
        with plain.open(cells("import time; time.sleep(1)\ndef f(): return 1")) as session:
            answers.append(session.call("f"))

    opening = threading.Thread(target=open_and_call)
    opening.start()
    assert wait_until(lambda: supervisors(bubblewrap))
    supervisors(bubblewrap)[0].kill()
    opening.join(timeout=60)
    assert answers == [1]
    assert lives(bubblewrap)  # nobody else's submission was in danger


class Unwatched(Channel):
    """A session whose supervisor could not go on."""

    def send(self, message: Any, deadline: float) -> None:
        pass

    def receive(self, limit: int, deadline: float) -> Any:
        raise EOFError

    def end(self, patience: float) -> dict[str, Any]:
        return {"why": "not watched", "detail": "OSError: no more files"}

    def close(self) -> None:
        pass


def test_a_submission_that_could_not_be_watched_is_not_to_blame() -> None:
    with pytest.raises(SandboxFailed, match="OSError: no more files"):
        Session(Unwatched(), SMALL, ONE)


def test_a_learner_s_process_whose_supervisor_is_gone_already_does_not_start() -> None:
    """In a process of its own, as it is to be killed with its parent from then on."""
    script = (
        "import os\n"
        "from triptych.grading.sandbox.inside.confinement import die_with_parent\n"
        "reading, writing = os.pipe()\n"
        "die_with_parent(writing)\n"
        "print('it lives', flush=True)\n"
        "os.close(reading)\n"
        "die_with_parent(writing)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.stdout == "it lives\n"
    assert "OSError: the parent is gone" in done.stderr
