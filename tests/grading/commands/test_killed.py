"""A grader killed half-way leaves nothing running and continues to the same result."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from support.tiny_course import HALF, RIGHT, marks
from triptych.course import Course
from triptych.grading.store import FILE

pytestmark = pytest.mark.slow

#: A submission takes a while, so that there is something under way; each is another's text.
SLOW = "import time; time.sleep(0.3)\n"


@pytest.fixture
def folder(handed_in) -> Path:
    """24 submissions, of which a third is half right."""
    return handed_in(**{f"s{i:02}": f"{SLOW}# {i}\n" + (RIGHT if i % 3 else HALF) for i in range(24)})


@pytest.fixture
def begun(folder: Path, tiny: Course, tmp_path: Path):
    """``begun(count, **more)``: the grader in a process of its own, with so many grades kept."""
    out = tmp_path / "disturbed"
    command = [sys.executable, "-m", "triptych.cli", "grade", str(folder), "--chapter", "tiny"]
    command += ["--framework", "jax", "--seed", "5", "--jobs", "2", "--out", str(out)]
    processes = []

    def begun(
        count: int, *options: str, at_start: Callable[[], object] = lambda: None, **more: Any
    ) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [*command, *options],
            cwd=tiny.root,
            stderr=subprocess.PIPE,
            text=True,
            # as from a terminal, also where the tests run in a shell's background, which ignores Ctrl-C
            preexec_fn=lambda: (signal.signal(signal.SIGINT, signal.SIG_DFL), at_start()),
            **more,
        )
        processes.append(process)
        deadline = time.monotonic() + 120
        while kept(out / FILE) < count:
            assert time.monotonic() < deadline and process.poll() is None, process.stderr.read()
            time.sleep(0.02)
        return process

    yield begun
    for process in processes:
        process.kill()
        process.communicate()


@pytest.fixture
def as_if_undisturbed(grade, folder: Path, tmp_path: Path):
    """Give the same command again: it goes on, and comes to what an undisturbed one comes to."""

    def as_if_undisturbed() -> str:
        out, whole = tmp_path / "disturbed", tmp_path / "whole"
        shown = grade(folder, "--seed", 5, "--out", out)
        grade(folder, "--seed", 5, "--out", whole)
        for name in ("marks.csv", "overview.html", "feedback/s00.html", "feedback/s01.html"):
            assert (out / name).read_bytes() == (whole / name).read_bytes(), name
        assert sum(s["mark"] for s in marks(out).values()) == 16 * 6 + 8
        return shown

    return as_if_undisturbed


def test_killed_half_way_it_goes_on_to_the_same_result(begun, as_if_undisturbed, tmp_path: Path) -> None:
    """`kill -9` of the grader, with submissions under way; nothing of them is left running."""
    process = begun(6)
    under_way = descendants(process.pid)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert under_way
    wait_until(lambda: not any(map(alive, under_way)))
    before = kept(tmp_path / "disturbed" / FILE)
    assert before < 24
    assert not (tmp_path / "disturbed/marks.csv").exists()
    assert f"{before} of them graded before" in as_if_undisturbed()


def test_interrupted_it_says_so_and_goes_on_to_the_same_result(begun, as_if_undisturbed) -> None:
    process = begun(6)
    under_way = descendants(process.pid)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert said.splitlines()[-1].startswith("interrupted: the grades so far are kept")
    assert "Traceback" not in said
    wait_until(lambda: not any(map(alive, under_way)))
    assert "of them graded before" in as_if_undisturbed()


def test_an_interruption_waits_for_no_submission(begun, handed_in, folder: Path) -> None:
    for file in folder.iterdir():
        file.unlink()
    handed_in(ann=RIGHT, ben="while True: pass")
    process = begun(1, "--limit", "cells=600", "--limit", "total=900")
    under_way = descendants(process.pid)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=100)
    assert (process.returncode, "Traceback" in said) == (130, False), said
    wait_until(lambda: not any(map(alive, under_way)))


@pytest.mark.parametrize("whom", ["triptych.grading.marking", "bwrap"])
def test_a_process_that_is_killed_loses_nothing(whom: str, begun, as_if_undisturbed) -> None:
    """The marking process: its notebook is marked again. The warm one: another is started."""
    process = begun(6)
    for pid in [pid for pid in descendants(process.pid) if whom in program(pid)][:1]:
        os.kill(pid, signal.SIGKILL)
    _, said = process.communicate(timeout=120)
    assert "Traceback" not in said
    assert process.returncode == 0 or "have no mark because the grader failed" in said
    as_if_undisturbed()


def test_a_full_disk_is_one_line_and_it_goes_on_when_there_is_room(
    begun, as_if_undisturbed, folder: Path, tmp_path: Path
) -> None:
    """The record may not grow any more, in the middle of the class."""

    def little_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100 << 10, resource.RLIM_INFINITY))

    process = begun(1, at_start=little_room)
    _, said = process.communicate(timeout=120)
    assert process.returncode == 1
    (line,) = [line for line in said.splitlines() if "graded " not in line[:7]]
    assert "record.sqlite: the record cannot be written" in line
    assert "it goes on where it was" in line
    assert 1 <= kept(tmp_path / "disturbed" / FILE) < 24
    as_if_undisturbed()


def descendants(pid: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in map(int, (task / "children").read_text().split()):
            with contextlib.suppress(OSError):
                found += [child, *descendants(child)]
    return found


def program(pid: int) -> str:
    """How a process was started; empty where it is gone."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text()
    return ""


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_until(condition, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def kept(file: Path) -> int:
    try:
        base = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
        return base.execute("SELECT count(*) FROM grade").fetchone()[0]
    except sqlite3.Error:
        return 0
