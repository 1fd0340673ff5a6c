"""A large class costs the grader's own process time in proportion, and no memory."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

import support
from support.tiny_course import HALF, RIGHT, marks
from triptych.course import Course
from triptych.dev import doctor as tools

#: The command, and at its end what this one process used: seconds of its processor, kilobytes at most.
#: Not as getrusage has it: there the process that started this one counts as well.
PROGRAM = """\
import atexit, json, re, sys, time
from triptych.cli import main

def tell():
    peak = int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1])
    print(json.dumps([time.process_time(), peak]), file=sys.stderr)

atexit.register(tell)
main()
"""


@dataclass(frozen=True)
class Used:
    seconds: float
    megabytes: float


@pytest.mark.slow
def test_three_times_the_class_takes_three_times_the_time_and_the_same_memory(
    tiny: Course, handed_in, tmp_path: Path
) -> None:
    """Seen with 3,000: 8 s of 214, and 71 MB, of which the first 500 took 69."""
    support.need(tools.BUBBLEWRAP)

    def graded(count: int) -> Used:
        folder = handed_in(**{f"s{i:04}": f"# {i}\n" + (RIGHT if i % 3 else HALF) for i in range(count)})
        out = tmp_path / str(count)
        command = [sys.executable, "-c", PROGRAM, "grade", folder, "--chapter", "tiny", "--out", out]
        command += ["--framework", "jax", "--seed", "5", "--jobs", "2"]
        done = subprocess.run(
            list(map(str, command)), cwd=tiny.root, capture_output=True, text=True, check=True
        )
        assert len(marks(out)) == count
        seconds, kilobytes = json.loads(done.stderr.splitlines()[-1])
        return Used(seconds, kilobytes / 1024)

    few, many = graded(100), graded(300)
    assert many.megabytes < few.megabytes + 8
    assert many.megabytes < 200
    assert many.seconds < 4 * few.seconds
