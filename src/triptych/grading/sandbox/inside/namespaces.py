"""A submission's own namespaces: users, mounts, processes, network; and its own files in them.

Each function changes the calling process, for good, and raises OSError where the
system refuses. Constants are those of the kernel's headers.
"""

from __future__ import annotations

import ctypes
import os
from contextlib import suppress
from pathlib import Path

from . import WRITABLE, kernel
from .seccomp import NEW_NAMESPACES

# <sys/mount.h>
_READ_ONLY, _NO_SETUID, _NO_DEVICES, _NO_EXECUTE = 1, 2, 4, 8
_BIND, _RECURSIVE, _PRIVATE = 0x1000, 0x4000, 0x40000

#: Files in one of these folders.
FILES = 20_000

#: The user and group that the warm process has, and that each submission believes it has.
LEARNER = 1000

#: Where the warm process may give users to submissions: their numbers in its namespace, and how many.
FIRST_USER, USERS = 2000, 64


class Mapping:
    """Which user of the warm process's namespace a submission's only user is, agreed on by two processes.

    Another user than the warm process's own must be entered from outside the new
    namespace: by the warm process, while the one that it has forked waits.
    """

    def __init__(self, user: int | None) -> None:
        """``user``: one of those given to submissions, or None: the warm process's own. Before the fork."""
        self.user = user
        self._own = os.getuid(), os.getgid()
        none = (-1, -1)
        self._asking, self._answer = (none, none) if user is None else (os.pipe(), os.pipe())

    def enter(self) -> None:
        """In the forked process, which has just left its user namespace: be mapped. Raises OSError."""
        if self.user is None:
            _write_map("self", *self._own)
            return
        os.write(self._asking[1], bytes(Path("/proc/self").readlink()))  # its number where /proc was mounted
        if os.read(self._answer[0], 1) != b"y":
            raise OSError("its user was not entered")

    def serve(self) -> None:
        """In the warm process: enter the user, or find that the forked process is gone."""
        if self.user is None:
            return
        (reading, asking), (answer, writing) = self._asking, self._answer
        os.close(asking)
        os.close(answer)
        with suppress(OSError):  # then there is no answer
            if process := os.read(reading, 32).decode():
                _write_map(process, self.user, self.user)
                os.write(writing, b"y")
        os.close(reading)
        os.close(writing)

    def forked(self) -> None:
        """In the forked process: keep its own ends alone, so that each side sees the other end."""
        if self.user is not None:
            os.close(self._asking[0])
            os.close(self._answer[1])

    def close(self) -> None:
        """In the forked process, mapped."""
        if self.user is not None:
            os.close(self._asking[1])
            os.close(self._answer[0])


def _write_map(process: str, user: int, group: int) -> None:
    Path(f"/proc/{process}/setgroups").write_text("deny")
    Path(f"/proc/{process}/uid_map").write_text(f"{LEARNER} {user} 1")
    Path(f"/proc/{process}/gid_map").write_text(f"{LEARNER} {group} 1")


def enter_namespaces(mapping: Mapping) -> None:
    """Leave every namespace of the caller's; its next child becomes process 1 of a new one.

    The process must have one thread. Inside, the user is number 1000 and nobody
    else exists. Refused to root before Linux 6.14, as no limit on processes binds it.
    """
    own = Path("/proc/self/uid_map").read_text().split()[1]
    if own == "0" and kernel.version() < (6, 14):
        raise OSError("root's processes cannot be limited before Linux 6.14; grade as an ordinary user")
    mapping.forked()
    with suppress(OSError):  # allowed only to a process that may give users
        os.setgroups([])
    wanted = ("user", "mount", "pid", "ipc", "net", "uts")
    kernel.check(kernel.libc().unshare(sum(NEW_NAMESPACES[name] for name in wanted)), "new namespaces")
    mapping.enter()
    mapping.close()


def become_learner() -> None:
    """From whoever forked this process to the only user that its namespace knows."""
    os.setresgid(LEARNER, LEARNER, LEARNER)
    os.setresuid(LEARNER, LEARNER, LEARNER)


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
    result = kernel.libc().mount(
        source.encode(), target.encode(), kind and kind.encode(), ctypes.c_ulong(flags), options.encode()
    )
    kernel.check(result, f"mount {target}")


def limit_processes() -> None:
    """Bound the threads and processes of this pid namespace together; before ``hide_files``.

    Linux 6.14 and later do it for any user; before, a limit for each user has to do.
    """
    bound = max(256 + 4 * (os.cpu_count() or 1), 301)  # the frameworks start threads for each core
    if kernel.version() >= (6, 14):
        Path("/proc/sys/kernel/pid_max").write_text(str(bound))  # this namespace's own
    # Linux 5.14 and later count what is in this user namespace, before that all of the user's
    elsewhere = Path("/proc/loadavg").read_text().split()[3].split("/")[1]
    bound += int(elsewhere) if kernel.version() < (5, 14) else 0
    import resource  # Windows has none

    resource.setrlimit(resource.RLIMIT_NPROC, (bound, bound))
