"""Ctrl-C while `triptych bench` runs a notebook in Jupyter, for real."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from support.benchmark import CODE, stored, write_notebooks
from triptych.benchmark import records


def descendants(pid: int, *commands: str) -> list[psutil.Process]:
    """All processes below, once each of these words is part of one's command."""
    deadline, running = time.monotonic() + 60, ""
    while time.monotonic() < deadline:
        below = psutil.Process(pid).children(recursive=True)
        with suppress(psutil.NoSuchProcess):  # one that has just ended
            running = "\n".join(" ".join(child.cmdline()) for child in below)
        if all(command in running for command in commands):
            return below
        time.sleep(0.05)
    raise AssertionError(f"not all of {commands} run: {running}")


@pytest.mark.slow
def test_ctrl_c_keeps_what_was_measured_ends_every_process_and_can_be_resumed(course):
    # With a worker of its own, as data loaders have: it does not end by itself with its kernel.
    wait = """\
if not os.path.exists("../../go"):
    import subprocess, sys
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"]).wait()
"""
    slow = CODE.replace('keep("mlp step"', f'{wait}keep("mlp step"')
    write_notebooks(course, tensorflow=slow)
    command = [Path(sys.executable).with_name("triptych"), "bench", "--rounds", "1", "--name", "lab"]
    process = subprocess.Popen(
        command,
        cwd=course.root,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    lines: list[str] = []
    for line in process.stdout:
        lines.append(line)
        if "bandwidth" in line and any("TensorFlow" in before for before in lines):
            break
    children = descendants(process.pid, "time.sleep(300)", "ipykernel")
    os.kill(process.pid, signal.SIGINT)
    rest = process.communicate(timeout=60)[0]
    assert process.returncode == 130, "".join(lines) + rest
    assert "Stopped. What was measured is kept" in rest
    assert "Traceback" not in rest
    _, left = psutil.wait_procs(children, timeout=10)
    for child in left:
        child.kill()
    assert not left
    (one,) = stored(course, "lab")["entries"]
    assert one["complete"] is False
    rounds = {name: measured["rounds"][0] for name, measured in one["frameworks"].items()}
    assert {name: (r["complete"], len(r["measurements"])) for name, r in rounds.items()} == {
        "pytorch": (True, 2),
        "tensorflow": (False, 1),
    }
    (course.root / "go").touch()
    again = subprocess.run(command, cwd=course.root, capture_output=True, text=True, check=False)
    assert again.returncode == 0, again.stdout + again.stderr
    assert "1 of 3 parts are measured already" in again.stdout
    (machine,) = records.read(course)
    assert machine.entries[0].complete
    assert machine.hardware["cores"] >= 1
