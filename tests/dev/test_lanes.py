"""What the workers share out among them."""

from __future__ import annotations

import argparse
import copy
import os
import subprocess
import sys
from pathlib import Path

import pytest

from support import ROOT
from support.lanes import group_of, pytest_xdist_auto_num_workers
from triptych import machine


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


@pytest.mark.parametrize(("lane", "workers"), [("quick", machine.cores() + 1), ("slow", None), ("", None)])
def test_the_quick_lane_has_one_worker_more_than_cores(lane: str, workers: int | None, pytestconfig) -> None:
    config = copy.copy(pytestconfig)
    config.option = argparse.Namespace(markexpr=lane)
    assert pytest_xdist_auto_num_workers(config) == workers


TESTS = """
import time, pytest

@pytest.mark.parametrize("n", range(9), ids=lambda n: f"{'abc'[n % 3]}@{n}")
def test_one(n, worker_id):
    time.sleep(0.05)
    with open("log", "a") as file:
        file.write(f"{__name__} {'abc'[n % 3]} {worker_id}\\n")
"""


@pytest.mark.slow
def test_workers_are_given_whole_groups(tmp_path: Path) -> None:
    """With xdist itself: two files of three groups each, and every group on one of two workers."""
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers =\n    quick: x\n")
    for name in ("test_first.py", "test_second.py"):
        (tmp_path / name).write_text(TESTS)
    done = pytest_in(tmp_path, "-n2", "--dist", "loadgroup")
    assert done.returncode == 0, done.stdout + done.stderr
    lines = (tmp_path / "log").read_text().splitlines()
    assert (len(lines), len(set(lines))) == (18, 6)


LITTER = """
import os, subprocess, sys, tempfile

def test_one(tmp_path):
    folder = tempfile.mkdtemp()
    left = "import os, tempfile; print(tempfile.mkstemp()[1]); os.kill(os.getpid(), 9)"
    file = subprocess.run([sys.executable, "-c", left], capture_output=True, text=True).stdout.strip()
    assert os.path.dirname(file) == os.path.dirname(folder)
    print(file, tmp_path, file=open("log", "a"))
"""


@pytest.mark.parametrize("workers", ["-n0", "-n2"])
def test_a_session_takes_its_temporary_files_with_it(
    workers: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those of its workers and of their processes; pytest's own folders it keeps."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.delenv("PYTEST_DEBUG_TEMPROOT", raising=False)
    (tmp_path / "test_litter.py").write_text(LITTER)
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers =\n    quick: x\n")
    done = pytest_in(tmp_path, workers, "-p", "support.temporary")
    assert done.returncode == 0, done.stdout + done.stderr
    file, kept = (Path(path) for path in (tmp_path / "log").read_text().split())
    assert [path.name.partition("-")[0] for path in temporary.iterdir()] == ["pytest"]
    assert file.is_relative_to(temporary) and kept.is_relative_to(temporary)
    assert len(str(file.parent.relative_to(temporary))) == len("tri-12345678")


def pytest_in(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run pytest there, with no plugins but xdist, the lanes and those that are named."""
    plugins = [option for name in ("xdist.plugin", "support.lanes") for option in ("-p", name)]
    path = os.pathsep.join([str(ROOT / "tests"), *filter(None, sys.path)])
    return subprocess.run(
        [sys.executable, "-m", "pytest", *plugins, "-p", "no:cacheprovider", *options],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": path, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
