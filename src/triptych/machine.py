"""What this machine lends to this process."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path


def cores(root: Path = Path("/")) -> int:
    """The cores that this process may use: fewer than there are under taskset or with a container's quota.

    At least 1, and a share counts as a whole one: with a quota of 1.5 cores there are 2.
    ``root``: where ``proc`` and ``sys`` are.
    """
    affinity = getattr(os, "sched_getaffinity", None)  # only Linux has it
    usable = len(affinity(0)) if affinity else os.cpu_count() or 1
    return max(1, min([usable, *map(math.ceil, _quotas(root))]))


def _quotas(root: Path) -> Iterator[float]:
    """The quotas, in cores, of this process's control group and of all groups around it (Linux)."""
    for hierarchy, group, read in _groups(root):
        for folder in (group, *group.parents):
            with suppress(OSError, ValueError):  # no such file; "max", which is no number
                quota, period = read(hierarchy / folder)
                if quota > 0 and period > 0:  # version 1 says -1 where there is none
                    yield quota / period


def _groups(root: Path) -> Iterator[tuple[Path, Path, Callable[[Path], tuple[int, int]]]]:
    """The hierarchies that control processors, this process's group in each, and what reads a quota there."""
    try:
        lines = (root / "proc/self/cgroup").read_text(encoding="utf-8").splitlines()
    except OSError:
        return
    mounted = root / "sys/fs/cgroup"
    for line in lines:
        _, controllers, path = line.split(":", 2)
        # A container may show its host's path, which is not below the mount: then the mount's own counts.
        group = Path(path.lstrip("/"))
        if not controllers:
            yield mounted, group, _version_2
        elif "cpu" in controllers.split(","):
            yield mounted / controllers, group, _version_1
            yield mounted / "cpu", group, _version_1


def _version_2(folder: Path) -> tuple[int, int]:
    quota, period = (folder / "cpu.max").read_text(encoding="ascii").split()
    return int(quota), int(period)


def _version_1(folder: Path) -> tuple[int, int]:
    quota, period = (
        (folder / f"cpu.cfs_{what}_us").read_text(encoding="ascii") for what in ("quota", "period")
    )
    return int(quota), int(period)
