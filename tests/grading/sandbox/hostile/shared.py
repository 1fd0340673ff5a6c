"""Attempts on what the kernel keeps once for all: for a user, for a file, for the machine."""

from __future__ import annotations

from hostile.attempt import Hostile

_SHARED_FILES = """
import fcntl, glob, os, signal
signal.signal(signal.SIGIO, signal.SIG_IGN)
files = [os.open(path, os.O_RDONLY) for path in sorted(glob.glob(os.path.dirname(os.__file__) + "/*.py"))]
held = []
def loot(): return [str(one) for one in held]
def double(x): return 0 * x
"""

_KERNEL = """
import ctypes, os, platform
libc = ctypes.CDLL(None, use_errno=True)
number = lambda x86, arm: x86 if platform.machine() == "x86_64" else arm
held = []
def loot(): return [str(one) for one in held]
def double(x): return 0 * x
"""

SHARED = (
    Hostile(
        "takes leases on files that all read",
        _SHARED_FILES
        + """
for file in files:
    try: held.append(fcntl.fcntl(file, 1024, fcntl.F_WRLCK))
    except OSError: pass
""",
    ),
    Hostile(
        "locks files that all read",
        _SHARED_FILES
        + """
for file in files:
    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    fcntl.lockf(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
inodes = {os.fstat(file).st_ino for file in files}
for line in open("/proc/locks"):  # those of its own processes
    if int(line.split()[5].split(":")[2]) in inodes: held.append(line)
""",
    ),
    Hostile(
        "writes a hint on a file that all read",
        _SHARED_FILES
        + """
for command in (1036, 1038):
    try:
        fcntl.fcntl(files[0], command, (3).to_bytes(8, "little"))
        held.append(fcntl.fcntl(files[0], 1035, bytes(8)))
    except OSError: pass
""",
    ),
    Hostile(
        "wants to be told of what happens in folders that all read",
        _SHARED_FILES
        + """
folder = os.open(os.path.dirname(os.__file__), os.O_RDONLY)
try: held.append(fcntl.fcntl(folder, fcntl.F_NOTIFY, fcntl.DN_ACCESS | fcntl.DN_MULTISHOT))
except OSError: pass
""",
    ),
    Hostile(
        "takes every inotify instance of its user",
        _KERNEL + "while (got := libc.inotify_init1(0)) >= 0: held.append(got)\n",
    ),
    Hostile(
        "takes every timer of its user",
        _KERNEL
        + """
class Event(ctypes.Structure):
    _fields_ = [("value", ctypes.c_void_p), ("signal", ctypes.c_int), ("notify", ctypes.c_int),
                ("rest", ctypes.c_int * 12)]
timer, event, made = ctypes.c_int(), Event(None, 10, 0), 0
while libc.syscall(number(222, 107), 1, ctypes.byref(event), ctypes.byref(timer)) == 0: made += 1
if made > 1000: held.append(made)
""",
    ),
    Hostile(
        "takes all asynchronous input and output of the machine",
        _KERNEL
        + """
while True:
    context = ctypes.c_ulong(0)
    if libc.syscall(number(206, 0), 4096, ctypes.byref(context)) != 0: break
    held.append(context.value)
""",
    ),
    Hostile(
        "takes the kernel's room for filters",
        _KERNEL
        + """
import struct
program = struct.pack("=HBBI", 0x20, 0, 0, 0) * 4000 + struct.pack("=HBBI", 6, 0, 0, 0x7fff0000)
content = ctypes.create_string_buffer(program, len(program))
header = ctypes.c_char_p(struct.pack("@HP", len(program) // 8, ctypes.addressof(content)))
for _ in range(8):
    if libc.prctl(22, 2, header, 0, 0) == 0 or libc.syscall(number(317, 277), 1, 0, header) == 0:
        held.append("a filter")
""",
    ),
    Hostile(
        "has the kernel compile filters for its sockets",
        _KERNEL
        + """
import socket, struct
program = struct.pack("=HBBI", 0x20, 0, 0, 0) * 1000 + struct.pack("=HBBI", 6, 0, 0, 1)
content = ctypes.create_string_buffer(program, len(program))
header = struct.pack("@HP", len(program) // 8, ctypes.addressof(content))
for option in (26, 51):
    try:
        with socket.socket(socket.AF_UNIX) as one: one.setsockopt(socket.SOL_SOCKET, option, header)
        held.append(option)
    except OSError: pass
""",
    ),
    Hostile(
        "makes rules for Landlock without end",
        _KERNEL
        + """
rules = (ctypes.c_uint64 * 2)(0xf, 0)
if (got := libc.syscall(444, ctypes.byref(rules), 8, 0)) >= 0: held.append(got)
""",
    ),
    Hostile(
        "locks memory of its user's",
        _KERNEL
        + """
import mmap
room = mmap.mmap(-1, 4 << 20, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
at = ctypes.addressof(ctypes.c_char.from_buffer(room))
if libc.mlock(ctypes.c_void_p(at), ctypes.c_size_t(4 << 20)) == 0: held.append("4 MiB")
""",
    ),
    Hostile(
        "hides itself from who measures it",
        _KERNEL + "if libc.prctl(4, 0, 0, 0, 0) == 0: held.append('hidden')\n",
    ),
    Hostile(
        "has descriptors on their way",
        """
import os, socket
kept = []
def double(x):
    sent = 0
    try:
        while sent < 800:
            kept.append(socket.socketpair())
            socket.send_fds(kept[-1][0], [b"x"], [kept[-1][0].fileno()] * 200)
            sent += 200
    except OSError: pass  # too many for a user
    return 0 * x
""",
    ),
    Hostile(
        "makes pipes as large as may be",
        """
import fcntl, os
kept, grown = [], []
def loot(): return grown
def double(x):
    for _ in range(64):
        kept.append(os.pipe())
        try: grown.append(fcntl.fcntl(kept[-1][1], 1031, 1 << 20))
        except OSError: pass
    return 0 * x
""",
    ),
)
