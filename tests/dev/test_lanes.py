"""What the workers share out among them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from support import ROOT
from support.lanes import group_of


@pytest.mark.parametrize(
    ("nodeid", "group"),
    [
        ("tests/a/test_b.py::test_c", "tests/a/test_b.py"),
        ("tests/a/test_b.py::test_c[x-y]", "tests/a/test_b.py"),
        ("tests/a/test_b.py::test_c[graphs-jax@loop-x]", "tests/a/test_b.py@graphs-jax"),
        ("notebooks/graphs/jax.ipynb::Cell 3", "notebooks/graphs/jax.ipynb"),
    ],
)
def test_a_group_is_a_file_or_a_name_in_it(nodeid: str, group: str) -> None:
    assert group_of(nodeid) == group


TESTS = """
import time, pytest

@pytest.mark.parametrize("n", range(9), ids=lambda n: f"{'abc'[n % 3]}@{n}")
def test_one(n, worker_id):
    time.sleep(0.05)
    with open("log", "a") as file:
        file.write(f"{__name__} {'abc'[n % 3]} {worker_id}\\n")
"""


def test_workers_are_given_whole_groups(tmp_path: Path) -> None:
    """With xdist itself: two files of three groups each, and every group on one of two workers."""
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers =\n    quick: x\n")
    for name in ("test_first.py", "test_second.py"):
        (tmp_path / name).write_text(TESTS)
    options = [
        "-n2",
        "--dist",
        "loadgroup",
        *("-p", "xdist.plugin"),
        *("-p", "support.lanes"),
        *("-p", "no:cacheprovider"),
    ]
    path = os.pathsep.join([str(ROOT / "tests"), *filter(None, sys.path)])
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": path, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    lines = (tmp_path / "log").read_text().splitlines()
    assert (len(lines), len(set(lines))) == (18, 6)
