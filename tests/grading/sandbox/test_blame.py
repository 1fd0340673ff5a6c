"""Who is counted, how much memory is found, and who is to blame for a death."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from support.sandboxes import SMALL, cells, supervisors, wait_until
from triptych.grading.sandbox import Limits, Sandbox, SandboxFailed, SubmissionError
from triptych.grading.sandbox.inside import deaths, processes
from triptych.grading.sandbox.inside.confinement import Place

BACKGROUND = """
for _ in range(60): get_ipython().system("sleep 0.01 &")
import time; time.sleep(0.5)
def f(): return 1
"""


def test_background_commands_that_have_ended_are_not_counted(plain: Sandbox) -> None:
    with plain.open(cells(BACKGROUND), Limits(cells=60, call=20, total=90, memory=512 << 20)) as session:
        assert session.call("f") == 1
    assert session.outcome.reason == ""


def test_a_process_that_has_ended_and_is_asked_for_by_nobody_yet_does_not_live() -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    lives = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    both = [str(ended.pid), str(lives.pid)]
    assert wait_until(lambda: psutil.Process(ended.pid).status() == psutil.STATUS_ZOMBIE)
    assert processes.living(both) == 1
    assert processes.memory_of(both[0]) == 0
    assert processes.memory_of(both[1]) > 0
    lives.kill()
    lives.wait()
    ended.wait()
    assert processes.living(both) == 0


LEADERLESS = """
import ctypes, sys, threading, time
kept = []
def hoard():
    time.sleep(0.2)
    kept.append(b"x" * (64 << 20))
    print("held", flush=True)
    time.sleep(60)
threading.Thread(target=hoard).start()
ctypes.CDLL(None).syscall({number}, 0)
"""


def test_a_process_whose_first_thread_has_ended_lives_with_its_memory() -> None:
    number = 60 if os.uname().machine == "x86_64" else 93
    command = [sys.executable, "-c", LEADERLESS.format(number=number)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert process.stdout and process.stdout.readline() == b"held\n"
    assert b"RssAnon" not in Path(f"/proc/{process.pid}/status").read_bytes()
    assert processes.memory_of(str(process.pid)) > 64 << 20
    assert processes.living([str(process.pid)]) == 1
    process.kill()
    process.communicate()


def test_a_process_that_cannot_be_read_holds_more_than_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    meter = processes.Meter(Place.HERE, limit=1)  # so that the exact count is made
    meter.inherited = 1 << 40
    me = str(os.getpid())
    assert meter.used([me, me], settled=True) < processes.HIDDEN  # it can
    read = Path.read_bytes

    def refuse(path: Path) -> bytes:
        if path.name == "smaps_rollup":
            raise PermissionError(path)
        return read(path)

    monkeypatch.setattr(processes.Meter, "_beside", lambda *_: 0)
    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert meter._precisely(me) == processes.HIDDEN

    def gone(path: Path) -> bytes:
        raise ProcessLookupError(path)

    monkeypatch.setattr(Path, "read_bytes", gone)
    assert meter._precisely(me) == processes.memory_of(me) == 0

    def too_many(path: Path) -> bytes:
        raise OSError(errno.ENFILE, "Too many open files in system")

    monkeypatch.setattr(Path, "read_bytes", too_many)
    with pytest.raises(OSError, match="Too many"):  # and so it is not the submission that is to blame
        meter.used([me], settled=True)


# --- who is to blame ----------------------------------------------------------------------------


def test_a_submission_that_is_killed_from_outside_is_not_to_blame(
    plain: Sandbox, bubblewrap: psutil.Process
) -> None:
    """As the kernel does where no memory is left; from inside nothing of the kind reaches process 1."""
    source = """
import os, signal
def f():
    for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGABRT): os.kill(os.getpid(), number)
    return 1
"""
    session = plain.open(cells(source), Limits(cells=20, call=20, total=60))
    assert session.call("f") == 1
    (_, learner) = supervisors(bubblewrap)
    learner.kill()
    with pytest.raises(SandboxFailed, match="killed from outside"), session:
        session.call("f")


def test_a_submission_cannot_have_the_kernel_kill_it(plain: Sandbox) -> None:
    source = """
import resource
def f():
    resource.setrlimit(resource.RLIMIT_CPU, (1, 1))
    while True: pass
"""
    with plain.open(cells(source), SMALL) as session, pytest.raises(SubmissionError, match="ValueError"):
        session.call("f")


@pytest.mark.parametrize(
    ("place", "status", "spent", "own", "machine", "cause"),
    [
        (Place.NAMESPACES, -9, 0.5, 0, 0, "killed"),
        (Place.NAMESPACES, -9, 100.0, 0, 0, "processor"),
        (Place.NAMESPACES, -11, 0.5, 0, 0, "exit"),
        (Place.NAMESPACES, 0, 0.5, 0, 0, "exit"),
        (Place.CONTAINER, -9, 0.5, 0, 0, "exit"),
        (Place.CONTAINER, -9, 0.5, 1, 1, "memory"),
        (Place.CONTAINER, -9, 0.5, 0, 1, "killed"),
        (Place.HERE, -9, 0.5, 0, 1, "killed"),
        (Place.HERE, -9, 0.5, 0, 0, "exit"),
    ],
)
def test_the_cause_of_a_death(
    place: Place,
    status: int,
    spent: float,
    own: int,
    machine: int,
    cause: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    counts = {"oom": 3, "oom_kill": 7}
    monkeypatch.setattr(
        deaths, "_number", lambda file, name: counts[name] if "oom_control" not in file else 0
    )
    before = deaths.Deaths(place)
    counts["oom"] += own
    counts["oom_kill"] += machine
    assert before.cause(status, spent, allowed=100) == cause
