"""Attempts to hold memory where a limit does not see it."""

from __future__ import annotations

from hostile.attempt import Hostile

#: What several of them need.
_MAPPING = """
import ctypes, os, time
libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long]
"""

MEMORY = (
    Hostile(
        "allocates without end",
        "def double(x):\n    hoard = []\n    while True: hoard.append(bytearray(1 << 24))",
        ends=r"(needed|used) more than 256 MiB of memory",
        raises="OutOfMemory",
    ),
    Hostile(
        "allocates in its grandchildren",
        """
import os, time
def double(x):
    for _ in range(12):
        if os.fork() == 0:
            if os.fork() == 0:
                hoard = b"x" * (100 << 20)
                time.sleep(60)
            os._exit(0)
    time.sleep(60)
""",
        ends=r"used more than 256 MiB of memory",
        raises="OutOfMemory",
    ),
    Hostile(
        "allocates memory that no process shows",
        """
import ctypes, mmap, os
libc = ctypes.CDLL(None, use_errno=True)
got = []
def loot(): return got
for flags in (mmap.MAP_SHARED | mmap.MAP_ANONYMOUS, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x40000):
    try: got.append(str(mmap.mmap(-1, 1 << 26, flags)))
    except OSError: pass
with open("/dev/zero", "r+b") as zero:
    try: got.append(str(mmap.mmap(zero.fileno(), 1 << 26)))
    except OSError: pass
if libc.memfd_create(b"hoard", 0) >= 0: got.append("memfd")
if libc.shmget(0, 1 << 26, 0o1600) >= 0: got.append("shmget")
def double(x): return 0 * x
""",
    ),
    Hostile(
        "fills page tables",
        _MAPPING
        + """
def double(x):
    pages = (600 << 20) // 4096  # a table for each two megabytes of addresses, one address read in each
    start = libc.mmap(None, pages << 21, 1, 0x4022, -1, 0)
    if start == ctypes.c_void_p(-1).value: raise MemoryError
    libc.madvise(ctypes.c_void_p(start), ctypes.c_size_t(pages << 21), 15)
    for page in range(pages): ctypes.string_at(start + (page << 21), 1)
    return 0 * x
""",
        ends=r"(needed|used) more than 256 MiB of memory",
        raises="OutOfMemory",
    ),
    Hostile(
        "fills page tables in many processes",
        _MAPPING
        + """
def double(x):
    pages = (60 << 20) // 4096
    for _ in range(12):
        if os.fork() == 0:
            start = libc.mmap(None, pages << 21, 1, 0x4022, -1, 0)
            libc.madvise(ctypes.c_void_p(start), ctypes.c_size_t(pages << 21), 15)
            for page in range(pages): ctypes.string_at(start + (page << 21), 1)
            time.sleep(60)
    time.sleep(8)
    return 0 * x
""",
        ends=r"used more than 256 MiB of memory",
        raises="OutOfMemory",
    ),
    Hostile(
        "hides the memory of its processes",
        """
import subprocess, sys, time
hide = "import ctypes, time; ctypes.CDLL(None).prctl(4, 0, 0, 0, 0); x = b'x' * (30 << 20); time.sleep(60)"
def double(x):
    for _ in range(14): subprocess.Popen([sys.executable, "-c", hide])
    time.sleep(8)
    return 0 * x
""",
        ends=r"used more than 256 MiB of memory",
        raises="OutOfMemory",
    ),
    Hostile(
        "ends the first thread of its processes and goes on in others",
        """
import ctypes, os, platform, threading, time
libc = ctypes.CDLL(None)
exit_thread = {"x86_64": 60, "aarch64": 93}[platform.machine()]
def hoard():
    time.sleep(0.3)  # until the first has ended, and with it what the process's status says
    kept = b"x" * (180 << 20)
    time.sleep(60)
def double(x):
    for _ in range(3):
        if os.fork() == 0:
            threading.Thread(target=hoard).start()
            libc.syscall(exit_thread, 0)
    time.sleep(5)
    return 0 * x
""",
        ends=r"used more than 256 MiB of memory",
        raises="OutOfMemory",
    ),
    Hostile(
        "keeps its hoard in files",
        """
def double(x):
    for folder in ("/tmp", "/dev/shm"):
        with open(f"{folder}/hoard", "wb") as file:
            for _ in range(200): file.write(bytes(1 << 20))
    import time; time.sleep(1)
    return 0 * x
""",
        ends=r"used more than 256 MiB of memory",
        raises="OutOfMemory",
    ),
    Hostile(
        "keeps its hoard in files without a name",
        """
import os, time
def double(x):
    for folder in ("/tmp", "/dev/shm"):
        file = os.open(folder, os.O_TMPFILE | os.O_RDWR)
        os.posix_fallocate(file, 0, 200 << 20)
    time.sleep(1)
    return 0 * x
""",
        ends=r"used more than 256 MiB of memory",
        raises="OutOfMemory",
    ),
    Hostile(
        "keeps its hoard in sockets",
        """
import os, socket, time
kept = []
def double(x):
    for _ in range(8):
        if os.fork() == 0:
            try:
                while True:
                    kept.append(socket.socketpair())
                    for end in kept[-1]:
                        end.setblocking(False)
                        try:
                            while True: end.send(bytes(30_000))
                        except BlockingIOError: pass
            except OSError: time.sleep(60)
    time.sleep(8)
    return 0 * x
""",
        ends=r"used more than 256 MiB of memory",
        raises="OutOfMemory",
    ),
    Hostile(
        "keeps its hoard in lists of permissions",
        """
import os, struct
held = []
def loot(): return held
def double(x):
    entries = [(1, 7, -1), *[(2, 7, 1000)] * 8000, (4, 7, -1), (16, 7, -1), (32, 7, -1)]
    permissions = struct.pack("<I", 2) + b"".join(struct.pack("<HHi", *entry) for entry in entries)
    open("/tmp/file", "w").close()
    try: os.setxattr("/tmp/file", "system.posix_acl_access", permissions)
    except OSError: return 0 * x
    held.append("a hundred kilobytes a file")
    return 0 * x
""",
    ),
    Hostile(
        "keeps huge pages by a byte of each in a pipe",
        _MAPPING
        + """
class Piece(ctypes.Structure): _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]
got = []
def loot(): return got
def double(x):
    huge = 2 << 20
    start = libc.mmap(None, 2 * huge, 3, 0x22, -1, 0)
    at = (start + huge - 1) & -huge
    libc.madvise(ctypes.c_void_p(at), ctypes.c_size_t(huge), 14)
    ctypes.memset(at, 1, 4096)
    _, pipe = os.pipe()
    if libc.vmsplice(pipe, ctypes.byref(Piece(at, 1)), ctypes.c_size_t(1), 0) > 0: got.append("a huge page")
    return 0 * x
""",
    ),
)
