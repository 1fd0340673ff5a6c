"""The filter on a submission's system calls; a test compares the numbers with libseccomp's."""

from __future__ import annotations

import functools
import platform
import struct
from collections.abc import Iterable

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
#: memory that no limit counts, and what all users or all programs of a user share.
REFUSED: dict[str, tuple[int | None, int | None]] = {
    # name: (x86-64, aarch64), from the kernel's headers; None: there is none
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
    "io_setup": (206, 0),  # the whole machine shares fs.aio-max-nr
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "vmsplice": (278, 75),  # a byte in a pipe keeps the huge page around it
    "seccomp": (317, 277),  # programs share the kernel's room for compiled filters
    "landlock_create_ruleset": (444, 444),  # rules without a bound on their number
    "landlock_add_rule": (445, 445),
    "landlock_restrict_self": (446, 446),
    "shmget": (29, 194),
    "msgget": (68, 186),
    "semget": (64, 190),
    "mq_open": (240, 180),
    "open_by_handle_at": (304, 265),
    "inotify_init": (253, None),  # few for each user, of the grader's and of every submission's
    "inotify_init1": (294, 26),
    "fanotify_init": (300, 262),
    "cachestat": (451, 451),  # who has read a shared file
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
    "modify_ldt": (154, None),
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
#: Those that do nothing and succeed, as well-meant programs make them too. They would reach beyond
#: the submission: locks on files that all share, the page cache, the disks, the processor's sessions.
IGNORED = {
    "flock": (73, 32),
    "sync": (162, 81),
    "syncfs": (306, 267),
    "fadvise64": (221, 223),
    "readahead": (187, 213),
    "setsid": (112, 157),
}
#: Those that files in memory seem not to support: lists of permissions take memory that no limit counts.
UNSUPPORTED = {
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "fsetxattr": (190, 7),
}
#: System calls that are looked at more closely.
EXAMINED = {
    "clone": (56, 220),
    "clone3": (435, 435),
    "socket": (41, 198),
    "socketpair": (53, 199),
    "setsockopt": (54, 208),
    "mmap": (9, 222),
    "fcntl": (72, 25),
    "prctl": (157, 167),
    "setrlimit": (160, 164),
    "prlimit64": (302, 261),
}
#: All of them.
CALLS = REFUSED | IGNORED | UNSUPPORTED | EXAMINED
#: The newest system call that was considered (mseal); the kernel is said not to have later ones.
NEWEST = 462

#: The commands of ``fcntl`` that concern the caller's own descriptors, from <linux/fcntl.h>: duplicates,
#: flags, owners, seals, what is known of a file. Not: leases, notifications, hints kept with a shared
#: file, a pipe's size.
_OWN_DESCRIPTORS = (*range(6), *range(8, 12), 15, 16, 36, 1025, 1027, 1028, 1030, *range(1032, 1036), 1037)
#: Those that lock a part of a file.
_LOCKS = (6, 7, 37, 38)
#: The options of a socket that well-meant programs set, from <asm/socket.h>: addresses used again, a
#: buffer to receive in, keeping alive, lingering, credentials, timeouts. Not: filters, which are compiled.
_SOCKET_OPTIONS = (2, 8, 9, 13, 15, 16, 20, 21, 66, 67)
#: The options of ``prctl`` that well-meant programs use, from <linux/prctl.h>: the death of a parent,
#: names, timer slack, children that are adopted, huge pages, vector lengths, and what only asks. Not:
#: PR_SET_DUMPABLE, which hides a process's memory, nor core scheduling, which keeps cores from others.
_HARMLESS = (1, 2, 3, 15, 16, 21, 23, 27, 29, 30, 36, 37, 38, 39, 40, 41, 42, 50, 51, 63, 64, 0x53564D41)

_MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7), "arm64": (1, 0xC00000B7)}
_EPERM, _ENOMEM, _EINVAL, _ENOSYS, _ENOPROTOOPT, _ENOTSUP = 1, 12, 22, 38, 92, 95
_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _AND, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x54, 0x06
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16


def known_machine() -> bool:
    """Whether the system call numbers of this machine's processor are known here."""
    return platform.machine() in _MACHINES


@functools.cache
def filter_program(machine: str) -> bytes:
    """The seccomp filter for ``machine`` (as ``platform.machine()`` names it), in classic BPF.

    Refused: what is listed above; calls of another architecture or newer than
    ``NEWEST``; new namespaces by ``clone``; sockets that are not unix streams; shared
    anonymous memory and huge pages; what would let ``fcntl``, ``prctl``, ``setsockopt``
    and ``setrlimit`` reach beyond the submission. ``clone3``, whose flags a filter cannot see, is
    said not to exist, so the C library falls back to ``clone``. A lock on a file does
    nothing and succeeds: the files that submissions share are nobody's to lock, and
    their own are seen by no other. ``setsid`` likewise: the kernel shares the processor
    fairly among sessions, and a submission is to remain one.
    """
    column, architecture = _MACHINES[machine]
    program = [
        _step(_LOAD, _ARCHITECTURE),
        _step(_EQUAL, architecture, 1),
        _step(_RETURN, _KILL),
        _step(_LOAD, _NUMBER),
        _step(_AT_LEAST, NEWEST + 1, 0, 1),  # x86's x32 calls are beyond it too
        _answer(_ENOSYS),
    ]
    answers = {
        **{name: [_answer(_EPERM)] for name in REFUSED},
        **{name: [_answer(0)] for name in IGNORED},
        **{name: [_answer(_ENOTSUP)] for name in UNSUPPORTED},
    }
    for name, steps in (answers | _examinations()).items():
        number = CALLS[name][column]
        if number is not None:
            program += [_step(_EQUAL, number, 0, len(steps)), *steps]
    return b"".join([*program, _allow()])


def _examinations() -> dict[str, list[bytes]]:
    """What is done for each call of ``EXAMINED``; every way through the steps returns."""
    unix, stream, options, send_buffer = 1, 1, 1, 7  # AF_UNIX, SOCK_STREAM, SOL_SOCKET, SO_SNDBUF
    shared_anonymous, huge = 0x21, 0x40000  # of mmap's flags
    # RLIMIT_CPU: whoever lowers it is killed as if from outside. RLIMIT_CORE: see confinement.
    fixed = (0, 4)
    own_stream = [
        _argument(0),
        _step(_EQUAL, unix, 1),
        _answer(_EPERM),
        _argument(1),
        _step(_AND, 0xF),
        _step(_EQUAL, stream, 1),
        _answer(_EPERM),
        _allow(),
    ]
    return {
        "clone3": [_answer(_ENOSYS)],
        "clone": [
            _argument(0),
            _step(_ANY_BIT, sum(NEW_NAMESPACES.values()) & ~0xFF, 0, 1),  # the low byte is a signal
            _answer(_EPERM),
            _allow(),
        ],
        "socket": own_stream,
        "socketpair": own_stream,
        "setsockopt": [
            _argument(1),
            _step(_EQUAL, options, 1),
            _answer(_ENOPROTOOPT),
            _argument(2),
            *_if_one_of((send_buffer,), _answer(0)),
            *_if_one_of(_SOCKET_OPTIONS, _allow()),
            _answer(_ENOPROTOOPT),
        ],
        "mmap": [
            _argument(3),
            _step(_ANY_BIT, huge, 2),
            _step(_AND, shared_anonymous),
            _step(_EQUAL, shared_anonymous, 0, 1),
            _answer(_ENOMEM),
            _allow(),
        ],
        "fcntl": [
            _argument(1),
            *_if_one_of(_LOCKS, _answer(0)),
            *_if_one_of(_OWN_DESCRIPTORS, _allow()),
            _answer(_EINVAL),
        ],
        "prctl": [_argument(0), *_if_one_of(_HARMLESS, _allow()), _answer(_EPERM)],
        "setrlimit": [_argument(0), *_if_one_of(fixed, _answer(_EPERM)), _allow()],
        "prlimit64": [
            _argument(2),  # the new limit; none where it only asks
            _step(_EQUAL, 0, 0, 3),
            _argument(2, high=True),
            _step(_EQUAL, 0, 0, 1),
            _allow(),
            _argument(1),
            *_if_one_of(fixed, _answer(_EPERM)),
            _allow(),
        ],
    }


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)


def _answer(errno: int) -> bytes:
    return _step(_RETURN, _ERRNO | errno)


def _allow() -> bytes:
    return _step(_RETURN, _ALLOW)


def _argument(index: int, high: bool = False) -> bytes:
    """Load an argument's low half, or its high one: both machines are little-endian."""
    return _step(_LOAD, _ARGUMENTS + 8 * index + 4 * high)


def _if_one_of(values: Iterable[int], then: bytes) -> list[bytes]:
    return [part for value in values for part in (_step(_EQUAL, value, 0, 1), then)]
