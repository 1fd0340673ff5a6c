"""Linux's own means of confinement: namespaces, mounts, capabilities, limits, seccomp.

Nothing here knows of grading. Each function changes the calling process, for
good, and raises OSError where the system refuses. Constants are those of the
kernel's headers.
"""

from __future__ import annotations

import ctypes
import functools
import os
import platform
import re
import select
import struct
from pathlib import Path

from . import WRITABLE
from .seccomp import NEW_NAMESPACES, filter_program

# <sys/mount.h>
_READ_ONLY, _NO_SETUID, _NO_DEVICES, _NO_EXECUTE = 1, 2, 4, 8
_BIND, _RECURSIVE, _PRIVATE = 0x1000, 0x4000, 0x40000
# <sys/prctl.h>
_SET_PDEATHSIG, _SET_SECCOMP, _CAPBSET_DROP, _SET_CHILD_SUBREAPER, _SET_NO_NEW_PRIVS = 1, 22, 24, 36, 38
_CAP_AMBIENT, _CAP_AMBIENT_CLEAR_ALL = 47, 4

#: Files in one of these folders.
FILES = 20_000


@functools.cache
def _libc() -> ctypes.CDLL:
    """The C library; looked for when it is needed, as Windows has none of this kind."""
    return ctypes.CDLL(None, use_errno=True)


def confine(memory: int, seconds: float) -> None:
    """From process 1 of new namespaces to one that can do no harm; the order matters."""
    limit_processes()
    hide_files()
    limit_resources(memory, seconds)
    drop_privileges()
    filter_system_calls()
    os.chdir("/home/learner")


def _check(result: int, what: str) -> None:
    if result != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{what}: {os.strerror(code)}")


def enter_namespaces() -> None:
    """Leave every namespace of the caller's; its next child becomes process 1 of a new one.

    The process must have one thread. Inside, the user is number 1000 and nobody
    else exists. Refused to root before Linux 6.14, as no limit on processes binds it.
    """
    if Path("/proc/self/uid_map").read_text().split()[1] == "0" and _kernel() < (6, 14):
        raise OSError("root's processes cannot be limited before Linux 6.14; grade as an ordinary user")
    user, group = os.getuid(), os.getgid()
    wanted = ("user", "mount", "pid", "ipc", "net", "uts")
    _check(_libc().unshare(sum(NEW_NAMESPACES[name] for name in wanted)), "new namespaces")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"1000 {user} 1")
    Path("/proc/self/gid_map").write_text(f"1000 {group} 1")


def hide_files() -> None:
    """Private, bounded, empty folders to write in, and a read-only /proc of the new namespace alone.

    For process 1 of a new pid namespace in a new mount namespace. /dev/zero goes,
    as mapping it makes memory that no limit counts.
    """
    _mount("none", "/", None, _RECURSIVE | _PRIVATE)
    for folder, size in WRITABLE.items():
        options = f"size={size},nr_inodes={FILES},mode=0755,uid=1000,gid=1000"
        _mount("tmpfs", folder, "tmpfs", _NO_SETUID | _NO_DEVICES, options)
    _mount("tmpfs", "/dev/pts", "tmpfs", _NO_SETUID | _NO_DEVICES | _READ_ONLY, "size=4k,mode=0555")
    _mount("/dev/null", "/dev/zero", None, _BIND)
    _mount("proc", "/proc", "proc", _NO_SETUID | _NO_DEVICES | _NO_EXECUTE | _READ_ONLY)


def _mount(source: str, target: str, kind: str | None, flags: int, options: str = "") -> None:
    result = _libc().mount(
        source.encode(), target.encode(), kind and kind.encode(), ctypes.c_ulong(flags), options.encode()
    )
    _check(result, f"mount {target}")


def limit_processes() -> None:
    """Bound the threads and processes of this pid namespace together; before ``hide_files``.

    Linux 6.14 and later do it for any user; before, a limit for each user has to do.
    """
    bound = max(256 + 4 * (os.cpu_count() or 1), 301)  # the frameworks start threads for each core
    if _kernel() >= (6, 14):
        Path("/proc/sys/kernel/pid_max").write_text(str(bound))  # this namespace's own
    # Linux 5.14 and later count what is in this user namespace, before that all of the user's
    elsewhere = Path("/proc/loadavg").read_text().split()[3].split("/")[1]
    bound += int(elsewhere) if _kernel() < (5, 14) else 0
    import resource  # Windows has none

    resource.setrlimit(resource.RLIMIT_NPROC, (bound, bound))


def _kernel() -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", platform.release())[:2])


def drop_privileges() -> None:
    """No capability now or later, nothing to be gained by running another program."""
    _check(_libc().prctl(_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")
    _check(_libc().prctl(_CAP_AMBIENT, _CAP_AMBIENT_CLEAR_ALL, 0, 0, 0), "ambient capabilities")
    last = int(Path("/proc/sys/kernel/cap_last_cap").read_text())
    for capability in range(last + 1):
        _check(_libc().prctl(_CAPBSET_DROP, capability, 0, 0, 0), "bounding set")
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)  # _LINUX_CAPABILITY_VERSION_3, this process
    _check(_libc().capset(header, (ctypes.c_uint32 * 6)()), "capabilities")


def die_with_parent(pipe: int) -> None:
    """Be killed when the parent ends, however it ends.

    ``pipe``: an end to write to, of a pipe that only the parent reads. A parent that
    was gone before the kernel knew what to do then is known by it: OSError.
    """
    _check(_libc().prctl(_SET_PDEATHSIG, 9, 0, 0, 0), "parent-death signal")
    poll = select.poll()
    poll.register(pipe, 0)
    if poll.poll(0):
        raise OSError("the parent is gone")


def adopt_orphans() -> bool:
    """Become the parent of descendants whose own parent ends; False where the system cannot."""
    return hasattr(_libc(), "prctl") and _libc().prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0


def limit_resources(memory: int, seconds: float) -> None:
    """Limits of one process: ``memory`` bytes more than it has now, ``seconds`` of each core.

    They bound accidents; a supervisor has to add up the processes.
    """
    import resource  # Windows has none

    held = 0
    status = Path("/proc/self/status")
    if status.exists():
        held = next(int(line.split()[1]) << 10 for line in status.open() if line.startswith("VmData:"))
    cpu = int(seconds * (os.cpu_count() or 1)) + 1
    wanted = {
        "RLIMIT_DATA": held + memory,
        "RLIMIT_CPU": cpu,
        "RLIMIT_CORE": 0,
        "RLIMIT_NOFILE": 512,
        "RLIMIT_MSGQUEUE": 0,
    }
    for name, value in wanted.items():
        if hasattr(resource, name):  # macOS lacks some
            number = getattr(resource, name)
            _, hard = resource.getrlimit(number)
            value = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.setrlimit(number, (value, value))


def filter_system_calls() -> None:
    """Install ``seccomp.filter_program`` for this thread and all that it starts; needs no_new_privs."""
    program = filter_program(platform.machine())
    content = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("@HP", len(program) // 8, ctypes.addressof(content))
    _check(_libc().prctl(_SET_SECCOMP, 2, ctypes.c_char_p(header), 0, 0), "seccomp filter")
