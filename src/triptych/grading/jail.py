"""Linux's own means of confinement: namespaces, mounts, capabilities, limits, seccomp.

Nothing here knows of grading. Each function changes the calling process, for
good, and raises OSError where the system refuses. Constants are those of the
kernel's headers; a test compares the system call numbers with libseccomp's.
"""

from __future__ import annotations

import ctypes
import os
import platform
import re
import resource
import struct
from pathlib import Path

_libc = ctypes.CDLL(None, use_errno=True)

# <linux/sched.h>
_NEW_NAMESPACES = {
    "mount": 0x00020000,
    "cgroup": 0x02000000,
    "uts": 0x04000000,
    "ipc": 0x08000000,
    "user": 0x10000000,
    "pid": 0x20000000,
    "net": 0x40000000,
    "time": 0x00000080,
}
# <sys/mount.h>
_READ_ONLY, _NO_SETUID, _NO_DEVICES, _NO_EXECUTE = 1, 2, 4, 8
_BIND, _RECURSIVE, _PRIVATE = 0x1000, 0x4000, 0x40000
# <sys/prctl.h>
_SET_PDEATHSIG, _SET_SECCOMP, _CAPBSET_DROP, _SET_CHILD_SUBREAPER, _SET_NO_NEW_PRIVS = 1, 22, 24, 36, 38
_CAP_AMBIENT, _CAP_AMBIENT_CLEAR_ALL = 47, 4

#: Where a submission may write, and the bytes that it may leave there.
WRITABLE = {"/tmp": 256 << 20, "/home/learner": 64 << 20, "/dev/shm": 256 << 20}

#: Files in one of these folders.
FILES = 20_000


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
    _check(_libc.unshare(sum(_NEW_NAMESPACES[name] for name in wanted)), "new namespaces")
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
    result = _libc.mount(
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
    resource.setrlimit(resource.RLIMIT_NPROC, (bound, bound))


def _kernel() -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", platform.release())[:2])


def drop_privileges() -> None:
    """No capability now or later, nothing to be gained by running another program."""
    _check(_libc.prctl(_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")
    _check(_libc.prctl(_CAP_AMBIENT, _CAP_AMBIENT_CLEAR_ALL, 0, 0, 0), "ambient capabilities")
    last = int(Path("/proc/sys/kernel/cap_last_cap").read_text())
    for capability in range(last + 1):
        _check(_libc.prctl(_CAPBSET_DROP, capability, 0, 0, 0), "bounding set")
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)  # _LINUX_CAPABILITY_VERSION_3, this process
    _check(_libc.capset(header, (ctypes.c_uint32 * 6)()), "capabilities")


def die_with_parent() -> None:
    """Be killed when the parent ends, however it ends."""
    _check(_libc.prctl(_SET_PDEATHSIG, 9, 0, 0, 0), "parent-death signal")


def adopt_orphans() -> bool:
    """Become the parent of descendants whose own parent ends; False where the system cannot."""
    return hasattr(_libc, "prctl") and _libc.prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0


def limit_resources(memory: int, seconds: float) -> None:
    """Limits of one process: ``memory`` bytes more than it has now, ``seconds`` of each core.

    They bound accidents; a supervisor has to add up the processes.
    """
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


# --- seccomp -----------------------------------------------------------------------------------

#: System calls that no exercise needs, by machine. What they could do is prevented by namespaces,
#: mounts and missing capabilities as well; this keeps the kernel's less trodden paths out of reach,
#: and memory that no limit counts (memfd, System V segments).
REFUSED = {
    # name: (x86-64, aarch64), from the kernel's headers
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "unshare": (272, 97),
    "setns": (308, 268),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "process_madvise": (440, 440),
    "kcmp": (312, 272),
    "pidfd_getfd": (438, 438),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "msgget": (68, 186),
    "semget": (64, 190),
    "mq_open": (240, 180),
    "open_by_handle_at": (304, 265),
    "fanotify_init": (300, 262),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "acct": (163, 89),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "reboot": (169, 142),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "clock_adjtime": (305, 266),
    "adjtimex": (159, 171),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "syslog": (103, 116),
    "vhangup": (153, 58),
    "personality": (135, 92),
    "move_pages": (279, 239),
    "migrate_pages": (256, 238),
}
#: System calls that are looked at more closely.
EXAMINED = {
    "clone": (56, 220),
    "clone3": (435, 435),
    "setsid": (112, 157),
    "socket": (41, 198),
    "mmap": (9, 222),
}
#: The newest system call that was considered (mseal); the kernel is said not to have later ones.
NEWEST = 462

_MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7), "arm64": (1, 0xC00000B7)}
_EPERM, _ENOMEM, _ENOSYS = 1, 12, 38
_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _AND, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x54, 0x06
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16


def known_machine() -> bool:
    """Whether the system call numbers of this machine's processor are known here."""
    return platform.machine() in _MACHINES


def filter_program(machine: str) -> bytes:
    """The seccomp filter for ``machine`` (as ``platform.machine()`` names it), in classic BPF.

    Refused: what is listed above; calls of another architecture or newer than
    ``NEWEST``; new namespaces by ``clone``; sockets that are not unix sockets; shared
    anonymous memory and huge pages. ``clone3``, whose flags a filter cannot see, is
    said not to exist, so the C library falls back to ``clone``. ``setsid`` does nothing
    and succeeds: the kernel shares the processor fairly among sessions, and a
    submission is to remain one.
    """
    column, architecture = _MACHINES[machine]
    number = {name: numbers[column] for name, numbers in (REFUSED | EXAMINED).items()}

    def step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
        return struct.pack("=HBBI", code, if_true, if_false, value)

    def answer(errno: int) -> bytes:
        return step(_RETURN, _ERRNO | errno)

    def when(name: str, *steps: bytes) -> list[bytes]:
        """``steps`` for this call alone; each way through them must return."""
        return [step(_EQUAL, number[name], 0, len(steps)), *steps]

    def argument(index: int) -> bytes:
        return step(_LOAD, _ARGUMENTS + 8 * index)  # its low half: both machines are little-endian

    allow = step(_RETURN, _ALLOW)
    shared_anonymous, huge = 0x21, 0x40000
    program = [
        step(_LOAD, _ARCHITECTURE),
        step(_EQUAL, architecture, 1),
        step(_RETURN, _KILL),
        step(_LOAD, _NUMBER),
        step(_AT_LEAST, NEWEST + 1, 0, 1),  # x86's x32 calls are beyond it too
        answer(_ENOSYS),
        *(part for name in REFUSED for part in when(name, answer(_EPERM))),
        *when("clone3", answer(_ENOSYS)),
        *when("setsid", answer(0)),
        *when(
            "clone",
            argument(0),
            step(_ANY_BIT, sum(_NEW_NAMESPACES.values()) & ~0xFF, 0, 1),  # the low byte is a signal
            answer(_EPERM),
            allow,
        ),
        *when("socket", argument(0), step(_EQUAL, 1, 1), answer(_EPERM), allow),  # 1: AF_UNIX
        *when(
            "mmap",
            argument(3),
            step(_ANY_BIT, huge, 2),
            step(_AND, shared_anonymous),
            step(_EQUAL, shared_anonymous, 0, 1),
            answer(_ENOMEM),
            allow,
        ),
        allow,
    ]
    return b"".join(program)


def filter_system_calls() -> None:
    """Install ``filter_program`` for this thread and all that it starts; needs no_new_privs."""
    program = filter_program(platform.machine())
    content = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("@HP", len(program) // 8, ctypes.addressof(content))
    _check(_libc.prctl(_SET_SECCOMP, 2, ctypes.c_char_p(header), 0, 0), "seccomp filter")
