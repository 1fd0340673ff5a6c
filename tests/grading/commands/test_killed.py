"""A grader killed half-way leaves nothing running and continues to the same result."""

from __future__ import annotations

import contextlib
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from support.tiny_course import HALF, RIGHT, marks
from triptych.course import Course
from triptych.grading.store import FILE


@pytest.mark.slow
def test_killed_half_way_it_goes_on_to_the_same_result(
    grade, handed_in, tiny: Course, tmp_path: Path
) -> None:
    """`kill -9` of the grader, with submissions under way; nothing of them is left running."""
    slow = "import time; time.sleep(0.3)\n"
    folder = handed_in(**{f"s{i:02}": slow + f"# {i}\n" + (RIGHT if i % 3 else HALF) for i in range(24)})
    out = tmp_path / "killed"
    command = [sys.executable, "-m", "triptych.cli", "grade", str(folder), "--chapter", "tiny"]
    command += ["--framework", "jax", "--seed", "5", "--jobs", "2", "--out", str(out)]
    process = subprocess.Popen(command, cwd=tiny.root, stderr=subprocess.PIPE)
    try:
        deadline = time.monotonic() + 60
        while (before := kept(out / FILE)) < 6:
            assert time.monotonic() < deadline and process.poll() is None, process.stderr.read()
            time.sleep(0.05)
        under_way = descendants(process.pid)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert under_way
    wait_until(lambda: not any(map(alive, under_way)))
    before = kept(out / FILE)
    assert before < 24
    assert not (out / "marks.csv").exists()
    shown = grade(folder, "--seed", 5, "--out", out)
    assert f"{before} of them graded before" in shown
    grade(folder, "--seed", 5, "--out", tmp_path / "whole")
    for name in ("marks.csv", "overview.html", "feedback/s00.html", "feedback/s01.html"):
        assert (out / name).read_bytes() == (tmp_path / "whole" / name).read_bytes(), name
    assert sum(s["mark"] for s in marks(out).values()) == 16 * 6 + 8


def descendants(pid: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in map(int, (task / "children").read_text().split()):
            with contextlib.suppress(OSError):
                found += [child, *descendants(child)]
    return found


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
