"""A submission's processes: which they are, and how much memory they hold together."""

from __future__ import annotations

import os
import re
from pathlib import Path


def submission(confined: bool) -> list[str]:
    """The process numbers of the submission, daemons included; empty where there is no /proc."""
    if confined:  # this process shares the mounts of the submission, and so its /proc
        return [path.name for path in Path("/proc").iterdir() if path.name.isdigit()]
    found: list[str] = []
    waiting = [str(os.getpid())]
    while waiting:
        name = waiting.pop()
        try:
            children = Path(f"/proc/{name}/task/{name}/children").read_text().split()
        except OSError:
            continue
        found += children
        waiting += children
    return found


def memory_of(process: str, precise: bool = False) -> int:
    """Bytes of anonymous and shared memory in use; 0 for a process that is gone.

    ``precise``: a page that n processes share counts as one n-th in each.
    """
    file, wanted = ("smaps_rollup", _PRECISE) if precise else ("status", _ROUGH)
    try:
        content = Path("/proc", process, file).read_bytes()
    except OSError:
        return 0
    return sum(int(kilobytes) << 10 for kilobytes in wanted.findall(content))


# Matched at a line's beginning: a process may call itself "\rRssAnon:", but not begin a line.
_ROUGH = re.compile(rb"^Rss(?:Anon|Shmem):\s+(\d+) kB$", re.MULTILINE)
_PRECISE = re.compile(rb"^Pss_(?:Anon|Shmem):\s+(\d+) kB$", re.MULTILINE)


def memory_in(processes: list[str], inherited: int, limit: int, settled: bool) -> int:
    """The bytes of memory that they hold together, beyond what was ``inherited``.

    A forked process seems to hold what it shares with its parent. Only where that
    would decide is the exact count made, and not before the number of processes has
    ``settled``: the kernel may keep it waiting for one that is forking.
    """
    sizes = [memory_of(process) for process in processes]
    most = max(sum(sizes) - inherited, 0)
    if most <= limit or len(sizes) == 1:
        return most
    least = sum(max(size - inherited, 0) for size in sizes)
    if least > limit or not settled:
        return least
    return sum(memory_of(process, precise=True) for process in processes)
