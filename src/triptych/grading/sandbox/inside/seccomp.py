"""The filter on a submission's system calls; a test compares the numbers with libseccomp's."""

from __future__ import annotations

import platform
import struct

#: The flags of ``clone`` and ``unshare`` that make a namespace, from <linux/sched.h>.
NEW_NAMESPACES = {
    "mount": 0x00020000,
    "cgroup": 0x02000000,
    "uts": 0x04000000,
    "ipc": 0x08000000,
    "user": 0x10000000,
    "pid": 0x20000000,
    "net": 0x40000000,
    "time": 0x00000080,
}

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
            step(_ANY_BIT, sum(NEW_NAMESPACES.values()) & ~0xFF, 0, 1),  # the low byte is a signal
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
