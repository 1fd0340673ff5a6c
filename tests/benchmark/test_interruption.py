"""Ctrl-C while `triptych bench` measures a program in a process of its own, for real."""

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

from support.benchmark import stored, write_notebooks
from triptych.benchmark import records

#: The command with made-up programs, which need no framework.
COMMAND = """\
import sys
sys.path.insert(0, sys.argv.pop(1))
from support.benchmark import PROGRAMS, QUIET, without_frameworks
from triptych.benchmark import hardware, run
from triptych.benchmark.programs import variants
from triptych.cli import main
variants.every = lambda: PROGRAMS
run.commands, run.current_load = without_frameworks, lambda: QUIET
hardware.OtherPrograms.percent = lambda self: 0.5
main(["bench", "--rounds", "1", "--name", "lab"])
"""


def descendants(pid: int, command: str) -> list[psutil.Process]:
    """All processes below, once this text is part of one's command."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        below, running = psutil.Process(pid).children(recursive=True), ""
        with suppress(psutil.NoSuchProcess):  # one that has just ended
            running = "\n".join(" ".join(child.cmdline()) for child in below)
        if f"\n{command}" in running.replace("-c ", "\n"):
            return below
        time.sleep(0.05)
    raise AssertionError(f"{command} does not run")


@pytest.mark.slow
def test_ctrl_c_loses_one_program_ends_every_process_and_can_be_resumed(course):
    # With a worker of its own, as data loaders have: it does not end by itself with its parent.
    wait = """\
if not os.path.exists("go"):
    import subprocess, sys
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"]).wait()
"""
    write_notebooks(course, tensorflow=wait)
    command = [sys.executable, "-c", COMMAND, str(Path(__file__).parents[1])]
    process = subprocess.Popen(
        command,
        cwd=course.root,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    children = descendants(process.pid, "import time; time.sleep(300)")
    os.kill(process.pid, signal.SIGINT)
    said = process.communicate(timeout=60)[0]
    assert process.returncode == 130, said
    assert "Stopped. What was measured is kept" in said
    assert "Traceback" not in said
    _, left = psutil.wait_procs(children, timeout=10)
    for child in left:
        child.kill()
    assert not left
    (one,) = stored(course, "lab")["entries"]
    assert one["complete"] is False
    assert list(one["frameworks"]) == ["pytorch"]
    (course.root / "go").touch()
    again = subprocess.run(command, cwd=course.root, capture_output=True, text=True, check=False)
    assert again.returncode == 0, again.stdout + again.stderr
    assert "2 of 4 parts are measured already" in again.stdout
    (machine,) = records.read(course)
    assert machine.entries[0].complete
    assert machine.hardware["cores"] >= 1
