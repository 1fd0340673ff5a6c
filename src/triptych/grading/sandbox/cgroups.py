"""A cgroup for each submission, where this process may make some: the kernel then bounds what it holds.

Version 2 only. Where systemd gives a user a slice of his own, where a process runs in a
scope that was delegated to it (``systemd-run --user --scope -p Delegate=yes``), in a
container whose only process it is, and for root, this is so. Everywhere else the
supervisor's own count of memory and processes has to do, which goes on beside it.
"""

from __future__ import annotations

import itertools
import os
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

#: What is needed of the kernel.
CONTROLLERS = frozenset({"memory", "pids"})

#: Bytes beyond the limit that the supervisor enforces: its own pages, and the kernel's for both.
SLACK = 256 << 20

#: Threads and processes.
PROCESSES = 512


@dataclass
class Group:
    """The cgroup of one submission, which its supervisor enters before it forks."""

    folder: Path

    def limit(self, memory: int) -> None:
        """Bound it. Raises OSError."""
        (self.folder / "memory.max").write_text(str(memory + SLACK))
        (self.folder / "pids.max").write_text(str(PROCESSES))
        with suppress(OSError):  # where there is no swap
            (self.folder / "memory.swap.max").write_text("0")

    def take(self, process: int) -> None:
        """Put a process into it, and with it all that it will fork. Raises OSError."""
        (self.folder / "cgroup.procs").write_text(str(process))

    def ran_out(self) -> bool:
        """Whether the kernel killed a process because this group's limit was reached."""
        counts = dict.fromkeys(("oom", "oom_kill"), 0)
        with suppress(OSError, ValueError):
            for line in (self.folder / "memory.events").read_text().splitlines():
                name, count = line.split()
                counts[name] = int(count)
        return counts["oom"] > 0 and counts["oom_kill"] > 0

    def remove(self, patience: float = 2.0) -> None:
        """End what is left in it, and remove it."""
        with suppress(OSError):
            (self.folder / "cgroup.kill").write_text("1")
        deadline = time.monotonic() + patience
        while self.folder.exists():
            with suppress(OSError):
                self.folder.rmdir()
                return
            if time.monotonic() > deadline:
                return
            time.sleep(0.01)


@dataclass
class Groups:
    """Makes groups in a folder of the kernel's in which this process may."""

    folder: Path
    _numbers: itertools.count = field(default_factory=itertools.count, compare=False)

    def make(self, memory: int) -> Group:
        """A new group, bounded. Raises OSError."""
        group = Group(self.folder / f"triptych-{os.getpid()}-{next(self._numbers)}")
        group.folder.mkdir()
        try:
            group.limit(memory)
        except OSError:
            group.remove()
            raise
        return group


def groups() -> Groups | None:
    """Where this process may make groups that bound memory and processes; None where nowhere."""
    own = _own()
    if own is None:
        return None
    folder, root = own
    for candidate in (folder, *folder.parents):
        if _usable(candidate):
            return _tried(Groups(candidate))
        if candidate == root:
            break
    return _tried(Groups(folder)) if _made_usable(folder) else None


def _own() -> tuple[Path, Path] | None:
    """The folder of this process's cgroup, and that of the topmost one that can be seen."""
    try:
        path = next(
            line[3:] for line in Path("/proc/self/cgroup").read_text().splitlines() if line.startswith("0::/")
        )
        for line in Path("/proc/self/mountinfo").read_text().splitlines():
            before, _, after = line.partition(" - ")
            if after.split()[0] == "cgroup2":
                top, mounted = before.split()[3:5]
                if Path(path).is_relative_to(top):
                    return Path(mounted) / Path(path).relative_to(top), Path(mounted)
    except (OSError, StopIteration, ValueError, IndexError):
        pass
    return None


def _usable(folder: Path) -> bool:
    """Whether groups made in it can be bounded, and processes moved into them."""
    try:
        given = set((folder / "cgroup.subtree_control").read_text().split())
    except OSError:
        return False
    return given >= CONTROLLERS and os.access(folder, os.W_OK) and os.access(folder / "cgroup.procs", os.W_OK)


def _made_usable(folder: Path) -> bool:
    """Make it so, where this process is the only one in it: it moves into a group of its own there."""
    try:
        available = set((folder / "cgroup.controllers").read_text().split())
        inhabitants = (folder / "cgroup.procs").read_text().split()
        if not available >= CONTROLLERS or inhabitants != [str(os.getpid())]:
            return False
        leaf = folder / f"triptych-{os.getpid()}"
        leaf.mkdir(exist_ok=True)
        (leaf / "cgroup.procs").write_text(str(os.getpid()))
        (folder / "cgroup.subtree_control").write_text(" ".join(f"+{name}" for name in sorted(CONTROLLERS)))
    except OSError:
        return False
    return True


def _tried(made: Groups) -> Groups | None:
    """These, if a process can be put into a group of theirs."""
    try:
        group = made.make(1 << 30)
    except OSError:
        return None
    try:
        with subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as trial:
            group.take(trial.pid)
    except OSError:
        return None
    finally:
        group.remove()
    return made
