"""What is lost in the middle is nobody's fault: it is done again, or it is told, and nothing else suffers."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from support.sandboxes import lives, supervisors, wait_until
from support.tiny_course import RIGHT
from triptych.grading.marking import Job, Markers, Sandboxes, Setting
from triptych.grading.store import Grade

#: A check that says when it is under way, and then waits to be let go on.
WAITS = """\
import os, pathlib, time
from triptych.grading.checks import check

@check("f", points=1, objective=1, message="One.")
def first(ask, draw):
    ask.equal("g", expected=1)

@check("f", points=1, objective=1, message="One.")
def second(ask, draw):
    pathlib.Path("PLACE/under-way").write_text(str(os.getpid()))
    while not pathlib.Path("PLACE/go").exists():
        time.sleep(0.01)
    ask.equal("g", expected=1)
"""


@pytest.fixture
def waiting(
    markers: Markers, sandboxes: Sandboxes, setting: Callable[..., Setting], job: Callable[..., Job], tmp_path
):
    """``waiting(disturb)``: the grade of a notebook that ``disturb`` disturbs, given the marker's pid."""

    def waiting(disturb: Callable[[int], None]) -> Grade:
        given = setting(WAITS.replace("PLACE", str(tmp_path)))
        grades: list[Grade] = []
        work = job("def g(): return 1")
        grading = threading.Thread(target=lambda: grades.append(markers.grade(work, given, sandboxes)))
        grading.start()
        told = tmp_path / "under-way"
        assert wait_until(lambda: told.exists() and told.read_text())
        disturb(int(told.read_text()))
        (tmp_path / "go").touch()
        grading.join(timeout=60)
        return grades[0]

    return waiting


def test_a_marking_process_that_is_killed_is_followed_by_another(waiting) -> None:
    grade = waiting(lambda pid: os.kill(pid, signal.SIGKILL))
    assert (grade.fault, grade.earned) == ("", 2)


def test_one_that_is_killed_again_and_again_is_a_fault_and_no_mark(
    markers: Markers, sandboxes: Sandboxes, setting, job, tmp_path: Path
) -> None:
    kills = (
        "import os\nfrom triptych.grading.checks import check\n\n"
        "@check('f', points=1, objective=1, message='')\n"
        "def kills(ask, draw):\n    os.kill(os.getpid(), NUMBER)\n"
    )
    for number, name in ((9, "SIGKILL"), (11, "SIGSEGV")):
        grade = markers.grade(job("x = 1"), setting(kills.replace("NUMBER", str(number))), sandboxes)
        assert grade.fault == f"the marking process ended ({name})"
    assert "Fatal Python error: Segmentation fault" in grade.trace and "in kills" in grade.trace
    assert markers.grade(job(RIGHT), setting(), sandboxes).earned == 6


def test_a_submission_whose_supervisor_is_lost_is_not_to_blame(waiting, bubblewrap: psutil.Process) -> None:
    grade = waiting(lambda pid: supervisors(bubblewrap)[0].kill())
    assert "supervisor is gone" in grade.fault
    assert grade.reason == ""


def test_a_warm_process_that_is_killed_in_the_middle_is_followed_by_another(
    waiting, bubblewrap: psutil.Process, markers, sandboxes, setting, job
) -> None:
    grade = waiting(lambda pid: bubblewrap.kill())
    assert "supervisor is gone" in grade.fault
    assert not lives(bubblewrap)
    assert markers.grade(job(RIGHT), setting(), sandboxes).earned == 6


def test_what_the_grader_itself_cannot_do_is_a_fault_with_its_trace(markers, sandboxes, setting, job) -> None:
    for broken, told in (
        ("from triptych.grading.checks import check\n1 / 0", "checks.py: cannot be read (ZeroDivisionError"),
        (WAITS.replace('ask.equal("g", expected=1)', "undefined"), "f/first: the check failed (NameError"),
    ):
        grade = markers.grade(job("def g(): return 1"), setting(broken), sandboxes)
        assert told in grade.fault
        assert "NameError" in grade.trace or "ZeroDivisionError" in grade.trace


def test_processes_that_ended_while_nobody_asked_are_not_taken(
    markers: Markers, sandboxes: Sandboxes, setting, job
) -> None:
    assert markers.grade(job(RIGHT), setting(), sandboxes).earned == 6
    waiting = [
        child for child in psutil.Process().children() if "triptych.grading.marking" in child.cmdline()
    ]
    assert waiting
    for process in waiting:
        process.kill()
    assert wait_until(lambda: not any(map(lives, waiting)))
    assert markers.grade(job(RIGHT), setting(), sandboxes).earned == 6


def test_where_no_process_can_be_started_that_is_told(
    sandboxes: Sandboxes, setting, job, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*arguments: object, **more: object) -> None:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    with Markers(1) as markers:
        with monkeypatch.context() as patched:
            patched.setattr(subprocess, "Popen", full)
            assert (
                "no marking process can be started" in markers.grade(job(RIGHT), setting(), sandboxes).fault
            )
            assert "no marking process can be started" in markers.digest(job(RIGHT).item).fault
        assert markers.grade(job(RIGHT), setting(), sandboxes).earned == 6
