"""What the machine lends to this process: its cores, by affinity and by control groups."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from triptych import machine
from triptych.benchmark import hardware
from triptych.grading.marking import markers

#: A control group below two others, and the files of each version that say what it may use.
HERE = "/class/room/seat"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The root of a machine with 64 cores and no control groups."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(64)), raising=False)
    (tmp_path / "proc/self").mkdir(parents=True)
    return tmp_path


def version_2(root: Path, path: str = HERE, **quotas: str) -> None:
    """``quotas``: the text of cpu.max by the folder's name; ``top`` is the mount itself."""
    (root / "proc/self/cgroup").write_text(f"0::{path}\n")
    folder = root / "sys/fs/cgroup"
    for name in ("top", *HERE.split("/")[1:]):
        folder = folder / name if name != "top" else folder
        folder.mkdir(parents=True, exist_ok=True)
        if name in quotas:
            (folder / "cpu.max").write_text(f"{quotas[name]}\n")


def version_1(root: Path, mounted: str, listed: str, folder: str, quota: int, period: int = 100_000) -> None:
    lines = f"12:pids:{HERE}\n4:{listed}:{HERE}\n1:name=systemd:/\n0::/\n"
    (root / "proc/self/cgroup").write_text(lines)
    where = root / "sys/fs/cgroup" / mounted / folder
    where.mkdir(parents=True)
    (where / "cpu.cfs_quota_us").write_text(f"{quota}\n")
    (where / "cpu.cfs_period_us").write_text(f"{period}\n")


def test_without_control_groups_the_affinity_counts(root: Path) -> None:
    assert machine.cores(root) == 64


@pytest.mark.parametrize(
    ("quotas", "cores"),
    [
        ({"top": "150000 100000"}, 2),  # as a container sees its own
        ({"seat": "150000 100000", "room": "400000 100000"}, 2),
        ({"seat": "max 100000", "room": "300000 100000", "class": "max 100000"}, 3),
        ({"seat": "1000 100000"}, 1),
        ({"seat": "max 100000"}, 64),
        ({"seat": "9900000 100000"}, 64),  # more than there are
        ({"seat": "nonsense"}, 64),
    ],
    ids=str,
)
def test_the_smallest_quota_of_version_2_counts(root: Path, quotas: dict[str, str], cores: int) -> None:
    version_2(root, **quotas)
    assert machine.cores(root) == cores


def test_a_group_that_is_not_below_the_mount_falls_back_to_the_mount_itself(root: Path) -> None:
    version_2(root, path="/../../elsewhere", top="250000 100000")
    assert machine.cores(root) == 3


@pytest.mark.parametrize("mounted", ["cpu,cpuacct", "cpu"])
@pytest.mark.parametrize("folder", [HERE.lstrip("/"), "class", "."])
def test_a_quota_of_version_1_counts_wherever_it_is_set(root: Path, mounted: str, folder: str) -> None:
    version_1(root, mounted, "cpu,cpuacct", folder, quota=150_000)
    assert machine.cores(root) == 2


def test_version_1_says_minus_one_where_there_is_no_quota(root: Path) -> None:
    version_1(root, "cpu", "cpu", ".", quota=-1)
    assert machine.cores(root) == 64


def test_the_grader_and_the_benchmark_count_alike() -> None:
    assert markers.cores is hardware.cores is machine.cores
    assert machine.cores() >= 1
