"""Linux's own means of confinement: capabilities, limits, a filter on system calls.

Nothing here knows of grading. Each function changes the calling process, for
good, and raises OSError where the system refuses. Constants are those of the
kernel's headers.
"""

from __future__ import annotations

import ctypes
import enum
import os
import platform
import select
import struct
from pathlib import Path

from . import seccomp
from .kernel import check, libc
from .namespaces import hide_files, limit_processes

# <sys/prctl.h>
_SET_PDEATHSIG, _SET_DUMPABLE, _SET_SECCOMP, _CAPBSET_DROP = 1, 4, 22, 24
_SET_CHILD_SUBREAPER, _SET_NO_NEW_PRIVS = 36, 38
_CAP_AMBIENT, _CAP_AMBIENT_CLEAR_ALL = 47, 4

#: Bytes of address space beyond the memory that is allowed: ample for what reserves more than it uses,
#: too little for page tables that matter (two thousandths of what is mapped).
SPACE = 64 << 30


class Place(enum.Enum):
    """Where a submission runs, and so what its process has to do to be confined."""

    NAMESPACES = "namespaces of its own, which it enters itself"
    CONTAINER = "a container, which has made them"
    HERE = "here, unconfined: one's own notebook"


def confine(place: Place, memory: int, seconds: float) -> None:
    """From a process that has just been forked to one that can do no harm; the order matters.

    ``memory``: bytes; ``seconds`` of each core. Those two bind in every place.
    """
    if place is Place.NAMESPACES:
        limit_processes()
        hide_files()
    limit_resources(memory, seconds)
    if place is Place.HERE:
        return
    limit_what_users_share()
    limit_space(memory)
    if place is Place.NAMESPACES:
        drop_capabilities()
    if place is Place.NAMESPACES or seccomp.known_machine():
        filter_system_calls()
    if place is Place.NAMESPACES:
        os.chdir("/home/learner")


def drop_capabilities() -> None:
    """No capability now or later."""
    forbid_privileges()
    check(libc().prctl(_CAP_AMBIENT, _CAP_AMBIENT_CLEAR_ALL, 0, 0, 0), "ambient capabilities")
    last = int(Path("/proc/sys/kernel/cap_last_cap").read_text())
    for capability in range(last + 1):
        check(libc().prctl(_CAPBSET_DROP, capability, 0, 0, 0), "bounding set")
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)  # _LINUX_CAPABILITY_VERSION_3, this process
    check(libc().capset(header, (ctypes.c_uint32 * 6)()), "capabilities")


def forbid_privileges() -> None:
    """Nothing is to be gained by running another program."""
    check(libc().prctl(_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")


def show_memory(shown: bool) -> None:
    """Whether the user's other processes may look into this one and use its descriptors; on Linux.

    A child inherits it. A change of user hides it, too.
    """
    if hasattr(libc(), "prctl"):
        check(libc().prctl(_SET_DUMPABLE, int(shown), 0, 0, 0), "dumpable")


def die_with_parent(pipe: int) -> None:
    """Be killed when the parent ends, however it ends.

    ``pipe``: an end to write to, of a pipe that only the parent reads. A parent that
    was gone before the kernel knew what to do then is known by it: OSError.
    """
    check(libc().prctl(_SET_PDEATHSIG, 9, 0, 0, 0), "parent-death signal")
    poll = select.poll()
    poll.register(pipe, 0)
    if poll.poll(0):
        raise OSError("the parent is gone")


def adopt_orphans() -> bool:
    """Become the parent of descendants whose own parent ends; False where the system cannot."""
    return hasattr(libc(), "prctl") and libc().prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0


def processor_time(seconds: float) -> int:
    """Seconds of processor time that a process may use in ``seconds`` of each core."""
    return int(seconds * (os.cpu_count() or 1)) + 1


def limit_resources(memory: int, seconds: float) -> None:
    """Limits of one process: ``memory`` bytes more than it has now, ``seconds`` of each core.

    They bound accidents; a supervisor has to add up the processes.
    """
    _limit(
        RLIMIT_DATA=_held("VmData") + memory,
        RLIMIT_CPU=processor_time(seconds),
        RLIMIT_CORE=1,  # 0 would still start what this machine keeps for crashed programs
        RLIMIT_NOFILE=512,
    )


def limit_what_users_share() -> None:
    """Limits on what the kernel counts for a user, to whom this machine's grader belongs as well.

    Timers and queued signals, locked memory, message queues; and no priority that some
    systems give to a user's programs.
    """
    _limit(RLIMIT_SIGPENDING=256, RLIMIT_MEMLOCK=64 << 10, RLIMIT_MSGQUEUE=0, RLIMIT_RTPRIO=0, RLIMIT_NICE=0)


def limit_space(memory: int) -> None:
    """Limit the addresses that one process may map, and with them its page tables."""
    _limit(RLIMIT_AS=_held("VmSize") + memory + SPACE)


def _limit(**wanted: int) -> None:
    import resource  # Windows has none

    for name, value in wanted.items():
        if hasattr(resource, name):  # macOS lacks some
            number = getattr(resource, name)
            _, hard = resource.getrlimit(number)
            value = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.setrlimit(number, (value, value))


def _held(what: str) -> int:
    """Bytes that this process has of it, as its status says; 0 where there is no /proc."""
    status = Path("/proc/self/status")
    if not status.exists():
        return 0
    return next(int(line.split()[1]) << 10 for line in status.open() if line.startswith(f"{what}:"))


def filter_system_calls() -> None:
    """Install ``seccomp.filter_program`` for this thread and all that it starts."""
    forbid_privileges()  # the kernel wants it first
    program = seccomp.filter_program(platform.machine())
    content = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("@HP", len(program) // 8, ctypes.addressof(content))
    check(libc().prctl(_SET_SECCOMP, 2, ctypes.c_char_p(header), 0, 0), "seccomp filter")
