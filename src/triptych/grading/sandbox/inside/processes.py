"""A submission's processes: which they are, how many live, and how much memory it holds.

What it holds is what its processes have of their own (anonymous memory, in swap too,
and the page tables that map it), what lies in its folders, and what its sockets may
have in them. A process that lives and cannot be read is taken for one that holds
more than is allowed.
"""

from __future__ import annotations

import os
import re
import socket
from contextlib import suppress
from pathlib import Path

from . import WRITABLE
from .confinement import Place

#: Bytes of a process that hides them: beyond every limit.
HIDDEN = 1 << 62

# Matched at a line's beginning: a process may call itself "\rRssAnon:", but not begin a line.
_OWN = re.compile(rb"^(?:RssAnon|VmPTE|VmSwap):\s+(\d+) kB$", re.MULTILINE)
_SHARED = re.compile(rb"^RssShmem:\s+(\d+) kB$", re.MULTILINE)
_TABLES = re.compile(rb"^VmPTE:\s+(\d+) kB$", re.MULTILINE)
_PRECISE = re.compile(rb"^(?:Pss_Anon|SwapPss):\s+(\d+) kB$", re.MULTILINE)
_THREADS = re.compile(rb"^Threads:\s+(\d+)$", re.MULTILINE)
_ENDED = re.compile(rb"^State:\s+[ZX]", re.MULTILINE)


def submission(place: Place) -> list[str]:
    """The process numbers of the submission, daemons included; empty where there is no /proc."""
    if place is Place.NAMESPACES:  # this process shares the mounts of the submission, and so its /proc
        return [name for name in os.listdir("/proc") if name.isdigit()]  # noqa: PTH208  (looked at often)
    found: list[str] = []
    waiting = [str(os.getpid())]
    while waiting:
        tasks = Path("/proc", waiting.pop(), "task")
        with suppress(OSError):
            for children in tasks.glob("*/children"):  # any thread may have forked
                numbers = children.read_text().split()
                found += numbers
                waiting += numbers
    return found


def living(processes: list[str]) -> int:
    """How many of them have not ended: one that has is there until its parent asks how."""
    return sum(not _is_over(_read(name, "status")) for name in processes)


def memory_of(process: str, shared: bool = False) -> int:
    """Bytes that a process has of its own, page tables and swap included; 0 for one that is gone.

    ``shared``: also those that it shares with others through files in memory. ``HIDDEN``
    where it lives and does not let itself be read.
    """
    _, status = _status(process)
    if status is None:
        return HIDDEN
    return _sum(_OWN, status) + (_sum(_SHARED, status) if shared else 0)


class Meter:
    """Measures one submission's memory."""

    def __init__(self, place: Place, limit: int) -> None:
        """``limit``: bytes. Made before the submission is forked: what is held now, it inherits."""
        self.place, self.limit = place, limit
        self.inherited = memory_of("self")
        self._tables = _sum(_TABLES, _read("self", "status"))
        ends = socket.socketpair()
        self._socket = ends[0].getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)
        for end in ends:
            end.close()
        self._before = self._beside("self") if place is Place.CONTAINER else 0

    def used(self, processes: list[str], settled: bool) -> int:
        """The bytes that it holds beyond what was inherited.

        A forked process seems to hold what it shares with its parent. Only where that
        would decide is the exact count made, and not before the number of processes has
        ``settled``: the kernel may keep it waiting for one that is forking.
        """
        here = self.place is Place.HERE
        beside = 0 if here else max(self._beside(processes[0] if processes else "1") - self._before, 0)
        sizes = [memory_of(process, shared=here) for process in processes]
        most = beside + max(sum(sizes) - self.inherited, 0)
        if most <= self.limit or len(sizes) == 1:
            return most
        least = beside + sum(max(size - self.inherited, 0) for size in sizes)
        if least > self.limit or not settled:
            return least
        return beside + sum(self._precisely(process) for process in processes)

    def _beside(self, process: str) -> int:
        """What lies in the folders, and in the sockets of ``process``'s network, as much as each can send."""
        held = 0
        for folder in WRITABLE:
            with suppress(OSError):
                room = os.statvfs(folder)
                held += (room.f_blocks - room.f_bfree) * room.f_frsize
        lines = (_read(process, "net/unix") or b"").count(b"\n")  # a heading, then one for each
        return held + max(lines - 1, 0) * self._socket

    def _precisely(self, process: str) -> int:
        """As ``memory_of``, but a page that n processes share counts as one n-th in each."""
        name, status = _status(process)
        content = _read(name, "smaps_rollup")
        if content is None or status is None:
            return HIDDEN
        return _sum(_PRECISE, content) + max(_sum(_TABLES, status) - self._tables, 0)


def _read(process: str, file: str) -> bytes | None:
    """The file's content; empty where the process is gone, None where it may not be read.

    Raises OSError where the machine is to blame, as for too many open files.
    """
    try:
        return Path("/proc", process, file).read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""
    except PermissionError:
        return None


def _status(process: str) -> tuple[str, bytes | None]:
    """The status that tells of a process's memory, and whose: another thread's, where its first has ended."""
    status = _read(process, "status")
    if status and not _OWN.search(status) and not _is_over(status):
        with suppress(OSError):
            for thread in os.listdir(f"/proc/{process}/task"):  # noqa: PTH208
                if _OWN.search(other := _read(thread, "status") or b""):
                    return thread, other
    return process, status


def _is_over(status: bytes | None) -> bool:
    """Whether a process is gone, or waits for its parent only: no thread of it is left."""
    if status is None:
        return False
    threads = _THREADS.search(status)
    return threads is None or (int(threads[1]) <= 1 and _ENDED.search(status) is not None)


def _sum(wanted: re.Pattern[bytes], content: bytes | None) -> int:
    return sum(int(kilobytes) << 10 for kilobytes in wanted.findall(content or b""))
