"""Whether a process that was killed is to blame for it, or the machine that had no memory left."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

from .confinement import Place

_KILLED = -9


class Deaths:
    """What the kernel counts, before a submission runs and after."""

    def __init__(self, place: Place) -> None:
        """Counts now."""
        self._place = place
        self._before = self._counts()

    def cause(self, status: int | None, spent: float, allowed: int) -> str:
        """How a submission ended by itself: "exit", "memory", "processor"; "killed" where it is not to blame.

        ``status``: of its first process. ``spent``, ``allowed``: its seconds of processor
        time. Process 1 of a namespace takes no SIGKILL from inside; in a container, and
        here, a process can send it to itself, and the kernel's count has to tell.
        """
        if status != _KILLED:
            return "exit"
        if spent >= allowed - 1:
            return "processor"
        if self._place is Place.NAMESPACES:
            return "killed"
        own, machine = (now > before for now, before in zip(self._counts(), self._before, strict=True))
        return "memory" if own else "killed" if machine else "exit"

    def _counts(self) -> tuple[int, int]:
        """How often the container's limit on memory was reached, and how often the machine had none left."""
        if self._place is Place.NAMESPACES:
            return 0, 0
        own = 0
        if self._place is Place.CONTAINER:  # its own cgroup, of version 2 or 1
            own = _number("/sys/fs/cgroup/memory.events", "oom")
            own += _number("/sys/fs/cgroup/memory/memory.oom_control", "oom_kill")
        return own, _number("/proc/vmstat", "oom_kill")


def _number(file: str, name: str) -> int:
    """The number behind a name in one of the kernel's tables; 0 where it has none."""
    with suppress(OSError):
        if found := re.search(rf"^{name} (\d+)$", Path(file).read_text(), re.MULTILINE):
            return int(found[1])
    return 0
