"""Submissions that try to get marks they have not earned, or to do harm.

Each is to define ``double(x)``, which should return ``2 * x``; none does it
honestly. What one lays hands on it returns from ``loot()``, which must be
empty. ``ends`` is what the teacher is told, as a regular expression; empty where
the submission is merely wrong. ``raises`` names what the call gives, and is
empty where it gives a (wrong) value. ``{port}``, ``{abstract}`` and ``{here}`` are
filled in by the test: a listener's port on loopback, a unix socket's name, and a
folder of the grader's that holds the word in ``SECRET``.
"""

from __future__ import annotations

from dataclasses import dataclass

#: What stands in the grader's files, environment and in other submissions.
SECRET = "the-grader-keeps-" + "this-to-itself"


@dataclass(frozen=True)
class Hostile:
    """One attempt. The name reads as what it does."""

    name: str
    source: str
    ends: str = ""
    raises: str = ""


# --- time ------------------------------------------------------------------------------------

TIME = (
    Hostile(
        "loops for ever in a cell",
        "while True: pass",
        ends=r"ran longer than 1 s while its cells ran",
        raises="Missing",
    ),
    Hostile(
        "loops for ever in a cell and swallows the interruption",
        """
def spin():
    while True: hash(0)
while True:
    try: spin()
    except BaseException: pass
""",
        ends=r"ran longer than 1 s while its cells ran",
        raises="Died",
    ),
    Hostile(
        "loops for ever in a call",
        "def double(x):\n    while True: pass",
        ends=r"ran longer than 1 s in a call of double",
        raises="TimedOut",
    ),
    Hostile(
        "ignores every signal and sleeps",
        """
import signal, time
for number in range(1, 65):
    try: signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError): pass
signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
def double(x):
    while True: time.sleep(1)
""",
        ends=r"ran longer than 1 s in a call of double",
        raises="TimedOut",
    ),
    Hostile(
        "computes for ever outside the interpreter",
        "def double(x):\n    return 3 ** (10 ** 10)",
        ends=r"ran longer than 1 s in a call of double",
        raises="TimedOut",
    ),
    Hostile(
        "stops itself",
        "import os, signal\ndef double(x):\n    os.kill(0, signal.SIGSTOP)\n    import time; time.sleep(60)",
        ends=r"ran longer than 1 s in a call of double",
        raises="TimedOut",
    ),
    Hostile(
        "has an exception whose text takes for ever",
        """
class Slow(Exception):
    def __str__(self):
        while True: pass
def double(x): raise Slow
""",
        ends=r"ran longer than 1 s in a call of double",
        raises="TimedOut",
    ),
)

# --- memory, processes, space --------------------------------------------------------------------

RESOURCES = (
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
        "forks without end",
        """
import os
def double(x):
    while True:
        try: os.fork()
        except OSError: pass
""",
        # on a busy machine the time may be over first
        ends=r"started more processes than an exercise needs|ran longer than 1 s",
        raises="Died|TimedOut",
    ),
    Hostile(
        "keeps thirty processes busy",
        """
import os
def double(x):
    for _ in range(28):
        if os.fork() == 0:
            os.setsid()
            while True: pass
    while True: pass
""",
        ends=r"ran longer than 1 s in a call of double",
        raises="TimedOut",
    ),
    Hostile(
        "leaves a daemon and says nothing of it",
        """
import os, time
def double(x):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            while True: time.sleep(0.1)
        os._exit(0)
    os.wait()
    return 0 * x
""",
    ),
    Hostile(
        "fills the disk",
        """
import os
written = {}
for folder in ("/tmp", "/home/learner", "/dev/shm"):
    written[folder] = 0
    try:
        for number in range(100):
            with open(f"{folder}/{number}", "wb") as file:
                for _ in range(64): written[folder] += file.write(bytes(1 << 20))
    except OSError: pass
def loot(): return [f"{where}: {size}" for where, size in written.items() if size > 300 << 20]
def double(x): return 0 * x
""",
    ),
    Hostile(
        "makes files without end",
        """
made = 0
try:
    while True:
        open(f"/tmp/{made}", "w").close()
        made += 1
except OSError: pass
def loot(): return [made] if made > 25_000 else []
def double(x): return 0 * x
""",
    ),
    Hostile(
        "prints without end",
        "def double(x):\n    while True: print('x' * 10_000)",
        ends=r"ran longer than 1 s in a call of double",
        raises="TimedOut",
    ),
    Hostile(
        "writes terminal commands",
        r"print('\x1b[2J\x1b]0;owned\x07' + chr(0) + '\ud800')"
        + "\ndef double(x): raise ValueError('\\x1b[2J')",
        raises="Raised",
    ),
    Hostile(
        "recurses without end in Python",
        "def double(x): return double(x)",
        raises="Raised",
    ),
    Hostile(
        "recurses without end outside Python",
        """
import sys
sys.setrecursionlimit(10**9)
class Chain:
    def __init__(self, next): self.next = next
    def __repr__(self): return repr(self.next)
def double(x):
    chain = None
    for _ in range(10**6): chain = (chain,)
    return hash(chain)
""",
        ends=r"crashed: its process was ended by SIGSEGV",
        raises="Died",
    ),
)

# --- the answer, and how it comes ------------------------------------------------------------------

ANSWERS = (
    Hostile(
        "patches NumPy's tests",
        """
import numpy
for name in ("assert_allclose", "assert_array_equal", "assert_equal"):
    setattr(numpy.testing, name, lambda *_, **__: None)
numpy.allclose = numpy.array_equal = lambda *_, **__: True
def double(x): return 0 * x
""",
    ),
    Hostile(
        "patches the built-in functions",
        """
import builtins
builtins.all = builtins.any = builtins.isinstance = lambda *_: True
builtins.abs = lambda _: 0
builtins.AssertionError = type("Harmless", (Exception,), {})
def double(x): return 0 * x
""",
        ends=r"broke the functions of Python or NumPy that its answers are sent with",
        raises="Died",
    ),
    Hostile(
        "patches what packs its answers",
        """
import json, struct, os, sys
json.dumps = lambda *_, **__: '{"call": 1, "passed": true, "points": 100}'
def double(x): return 0 * x
""",
        ends=r"sent the grader something that it had not asked for",
        raises="Died",
    ),
    Hostile(
        "returns an object that equals everything",
        """
class Any:
    def __eq__(self, other): return True
    __ne__ = __lt__ = lambda self, other: False
    def __hash__(self): return 0
def double(x): return Any()
""",
        raises="BadValue",
    ),
    Hostile(
        "returns an array that equals everything",
        """
import numpy
class Any(numpy.ndarray):
    def __eq__(self, other): return numpy.ones(self.shape, bool)
    def __array_ufunc__(self, *_, **__): return numpy.zeros(self.shape)
    def __array_function__(self, *_, **__): return True
def double(x): return numpy.zeros(x.shape, x.dtype).view(Any)
""",
    ),
    Hostile(
        "returns a number that equals everything",
        """
class Any(float):
    def __eq__(self, other): return True
def double(x): return [Any(0)] * len(x)
""",
    ),
    Hostile(
        "returns an array of objects that equal everything",
        """
import numpy
class Any:
    def __eq__(self, other): return True
def double(x): return numpy.array([Any() for _ in x], dtype=object)
""",
        raises="BadValue",
    ),
    Hostile(
        "returns a pickle in disguise",
        """
import pickle
class Harm:
    def __reduce__(self): return (print, ("code of the submission runs in the grader",))
    def __array__(self, *_, **__): raise ValueError(pickle.dumps(self))
def double(x): return Harm()
""",
        raises="Raised",
    ),
    Hostile(
        "returns a pickle's bytes",
        "import pickle\ndef double(x): return pickle.dumps(print)",
        raises="BadValue",
    ),
    Hostile(
        "returns far too much",
        "import numpy\ndef double(x): return numpy.zeros(1 << 24)",
        raises="BadValue",
    ),
    Hostile(
        "returns a list without an end",
        "def double(x):\n    ring = []\n    ring.append(ring)\n    return ring",
        raises="BadValue",
    ),
    Hostile(
        "returns a coroutine",
        "async def double(x): return 2 * x",
        raises="BadValue",
    ),
    Hostile(
        "forges messages on every descriptor",
        """
import json, os, socket, struct
def double(x):
    text = json.dumps({"call": 7, "value": {"passed": True}, "why": "closed", "points": 100}).encode()
    for fd in range(1024):
        try: os.write(fd, len(text).to_bytes(4, "big") + text)
        except OSError: pass
    return 0 * x
""",
        ends=r"sent the grader something that it had not asked for",
        raises="Died",
    ),
    Hostile(
        "announces a message of four gigabytes",
        """
import os
def double(x):
    for fd in range(3, 1024):
        try: os.write(fd, bytes([255]) * 4096)
        except OSError: pass
    while True: pass
""",
        ends=r"sent back something larger than 1 MiB",
        raises="BadValue",
    ),
    Hostile(
        "sends a message one byte at a time",
        """
import os, time
def double(x):
    sockets = [fd for fd in range(3, 64) if os.path.exists(f"/proc/self/fd/{fd}")]
    while True:
        for fd in sockets:
            try: os.write(fd, bytes(1))
            except OSError: pass
        time.sleep(0.05)
        if not sockets: break
""",
        ends=r"ran longer than 1 s in a call|had not asked for|not a message",
        raises="TimedOut|Died|BadValue",
    ),
    Hostile(
        "sends lists in lists in lists",
        """
import os
def double(x):
    text = b"[" * 200_000
    for fd in range(3, 64):
        try: os.write(fd, len(text).to_bytes(4, "big") + text)
        except OSError: pass
    while True: pass
""",
        ends=r"sent back something not a message of the grader's own kind",
        raises="BadValue",
    ),
    Hostile(
        "answers before it is asked",
        """
import json, os
text = json.dumps({"call": 1, "value": [0.0]}).encode()
for fd in range(3, 64):
    try: os.write(fd, len(text).to_bytes(4, "big") + text)
    except OSError: pass
""",
        ends=r"sent the grader something that it had not asked for",
        raises="Died",
    ),
    Hostile(
        "closes every descriptor",
        "import os\ndef double(x):\n    os.closerange(0, 1024)\n    return 0 * x",
        ends=r"ended its own process",
        raises="Died",
    ),
    Hostile(
        "ends its process",
        "import os\ndef double(x): os._exit(0)",
        ends=r"ended its own process \(exit status 0\) before it was asked everything",
        raises="Died",
    ),
    Hostile(
        "ends its process in a cell",
        "import os\nos._exit(3)",
        ends=r"ended its own process \(exit status 3\)",
        raises="Died",
    ),
    Hostile(
        "exits politely",
        "import sys\ndef double(x): sys.exit(0)",
        raises="Raised",
    ),
    Hostile(
        "crashes",
        "import ctypes\ndef double(x): return ctypes.string_at(0)",
        ends=r"crashed: its process was ended by SIGSEGV",
        raises="Died",
    ),
    Hostile(
        "deletes the names that it was given",
        """
for name in list(globals()):
    if not name.startswith("__"): del globals()[name]
import sys
for name in list(sys.modules):
    if name.startswith(("triptych", "IPython", "numpy", "json")): del sys.modules[name]
""",
        raises="Missing",
    ),
    Hostile(
        "traces and rewrites what runs it",
        """
import sys
def tracer(frame, event, argument):
    if "passed" in frame.f_locals: frame.f_locals["passed"] = True
    frame.f_locals["reply"] = {"call": 1, "value": [1.0]}
    return tracer
def double(x):
    sys.settrace(tracer)
    return 0 * x
""",
    ),
    Hostile(
        "rewrites the frames that called it",
        """
import sys
def double(x):
    frame = sys._getframe()
    while frame:
        if "reply" in frame.f_locals: frame.f_locals["reply"].update(points=100, passed=True)
        if "job" in frame.f_locals: frame.f_locals["job"].update(memory=1 << 60, total=1e9, value=1 << 60)
        frame = frame.f_back
    return 0 * x
""",
        ends=r"sent the grader something that it had not asked for",
        raises="Died",
    ),
    Hostile(
        "leaves a thread that answers later calls",
        """
import json, os, threading, time
def forge():
    for number in range(2, 2000):
        text = json.dumps({"call": number % 99, "value": {"passed": True}}).encode()
        try: os.write(number % 20, len(text).to_bytes(4, "big") + text)
        except OSError: pass
        time.sleep(0.001)
def double(x):
    threading.Thread(target=forge, daemon=True).start()
    time.sleep(0.3)
    return 0 * x
""",
        ends=r"sent the grader something that it had not asked for",
        raises="Died",
    ),
    Hostile(
        "wants the last word when Python exits",
        """
import atexit, time
@atexit.register
def last():
    while True: time.sleep(1)
def double(x): return 0 * x
""",
    ),
)

# --- looking around -----------------------------------------------------------------------------------

SNOOPING = (
    Hostile(
        "reads the grader's files",
        """
import pathlib
found = []
def loot(): return found
for name in ("{here}", "{here}/gradebook.db", "{here}/solutions/checks.py", "{repository}/solutions",
             "{repository}/tests", "/etc/passwd", "/etc/shadow", "/home",
             "/root", "/var/lib", "/run", "/sys"):
    path = pathlib.Path(name)
    try:
        entries = [path.read_text()] if path.is_file() else [p.name for p in path.iterdir()]
    except OSError: continue
    found += [f"{{name}}: {{entry}}" for entry in entries if entry not in ("learner", ".pyenv", "")]
def double(x): return 0 * x
""",
    ),
    Hostile(
        "searches every file for the secret",
        """
import os
word = "-to-itself"
word = "the-grader-keeps-this" + word
found = []
def loot(): return found
skip = ("/usr", "/lib", "/venv", "/proc", "/sys", "{python}")
for folder, folders, files in os.walk("/"):
    folders[:] = [f for f in folders if not os.path.join(folder, f).startswith(skip)]
    for file in files:
        path = os.path.join(folder, file)
        try:
            if os.path.isfile(path) and word.encode() in open(path, "rb").read(1 << 22): found.append(path)
        except OSError: pass
def double(x): return 0 * x
""",
    ),
    Hostile(
        "looks into the other processes",
        """
import glob, os
word = "the-grader-keeps-this" + "-to-itself"
found = []
def loot(): return found
me = str(os.getpid())
for path in glob.glob("/proc/[0-9]*"):
    if os.path.basename(path) != me: found.append(path)
for path in glob.glob("/proc/[0-9]*/environ") + glob.glob("/proc/[0-9]*/cmdline"):
    try:
        if word.encode() in open(path, "rb").read(): found.append(path)
    except OSError: pass
for root in glob.glob("/proc/[0-9]*/root") + glob.glob("/proc/[0-9]*/cwd"):
    if os.path.exists(root + "{here}"): found.append(root)
if word in repr(os.environ): found.append("environment")
def double(x): return 0 * x
""",
    ),
    Hostile(
        "looks for the grader in its own memory",
        """
import gc, os, re
word = b"the-grader-keeps-this" + b"-to-" + b"itself"
found = []
def loot(): return found
with open("/proc/self/mem", "rb") as memory:
    for line in open("/proc/self/maps"):
        start, end = (int(part, 16) for part in re.match("(.*?)-(.*?) ", line).groups())
        if "rw-p" not in line or end - start > 1 << 26: continue
        try:
            memory.seek(start)
            content = memory.read(end - start)
        except (OSError, OverflowError, ValueError): continue
        at = content.find(word)
        if at >= 0 and b"word" not in content[max(0, at - 400) : at]: found.append(line)
found = [line for line in found if "heap" in line][1:]
def double(x): return 0 * x
""",
    ),
    Hostile(
        "writes wherever it can",
        """
import os
found = []
def loot(): return found
own = ("/tmp", "/home/learner", "/dev/shm", "/proc")
for folder, folders, _ in os.walk("/"):
    folders[:] = [f for f in folders if not os.path.join(folder, f).startswith(own)]
    if folder.count("/") > 3: folders[:] = []
    try:
        open(os.path.join(folder, "mark"), "w").close()
        found.append(folder)
    except OSError: pass
for path in ("/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger", "/proc/self/oom_score_adj",
             "/proc/self/uid_map", "/proc/sys/kernel/hostname", "/sandbox/inside/learner.py"):
    try:
        open(path, "r+").close()
        found.append(path)
    except OSError: pass
def double(x): return 0 * x
""",
    ),
    Hostile(
        "reaches for the network",
        """
import socket
found = []
def loot(): return found
def attempt(what, *arguments):
    try: found.append(f"{{what.__name__}}{{arguments}}: {{what(*arguments)}}")
    except OSError: pass
def udp():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"x", ("127.0.0.1", {port}))
def unix(name):
    with socket.socket(socket.AF_UNIX) as sender: sender.connect(name)
def family(number):
    socket.socket(number, socket.SOCK_RAW if number in (16, 17) else socket.SOCK_STREAM).close()
attempt(socket.create_connection, ("127.0.0.1", {port}), 1)
attempt(socket.create_connection, ("::1", {port}), 1)
attempt(socket.getaddrinfo, "localhost.invalid", 80)
attempt(udp)
attempt(unix, chr(0) + "{abstract}")
attempt(unix, "{here}/socket")
for number in (2, 10, 16, 17, 38, 40): attempt(family, number)  # inet, inet6, netlink, packet, alg, vsock
def double(x): return 0 * x
""",
    ),
    Hostile(
        "kills whatever it can",
        """
import os, signal
found = []
def loot(): return found
for pid in (-1, os.getppid(), *range(2, 5000)):
    try:
        if pid: os.kill(pid, signal.SIGKILL); found.append(pid)
    except OSError: pass
def double(x): return 0 * x
""",
    ),
    Hostile(
        "asks the kernel for what it may not have",
        """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
found = []
def loot(): return found
for name, *arguments in (
    ("ptrace", 16, 1, 0, 0), ("ptrace", 0, 0, 0, 0), ("mount", b"none", b"/tmp", b"tmpfs", 0, b""),
    ("umount2", b"/proc", 2), ("umount2", b"/tmp", 2), ("unshare", 0x10000000), ("unshare", 0x20000),
    ("setns", 0, 0), ("chroot", b"/tmp"), ("setuid", 0), ("sethostname", b"x", 1), ("personality", 0x40000),
    ("setresuid", 0, 0, 0), ("setgroups", 0, 0), ("process_vm_readv", os.getpid(), 0, 0, 0, 0, 0),
    ("fsopen", b"tmpfs", 0), ("open_tree", -100, b"/", 1), ("prctl", 24, 0, 0, 0, 0), ("reboot", 0),
    ("shmget", 0, 4096, 0o1600), ("memfd_create", b"x", 0), ("mknod", b"/tmp/disk", 0o60600, 0x0800),
):
    if hasattr(libc, name) and getattr(libc, name)(*arguments) >= 0: found.append(name)
if libc.syscall(425, 8, 0) >= 0: found.append("io_uring")
if libc.syscall(321, 0, 0, 0) >= 0: found.append("bpf")
if libc.syscall(56, 0x10000000 | 17, 0, 0, 0, 0) >= 0: found.append("clone into a user namespace")
if libc.syscall(435, 0, 0) >= 0: found.append("clone3")
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
for name, wanted in (("CapEff", 0), ("CapPrm", 0), ("CapBnd", 0), ("CapAmb", 0), ("CapInh", 0)):
    if int(status[name], 16) != wanted: found.append(name)
if int(status["NoNewPrivs"]) != 1 or int(status["Seccomp"]) != 2: found.append("filters")
def double(x): return 0 * x
""",
    ),
    Hostile(
        "looks for the submission next door",
        """
import glob, os
word = "the-grader-keeps-this" + "-to-itself"
found = []
def loot(): return found
for folder in ("/tmp", "/home/learner", "/dev/shm", "/dev/pts"):
    found += [p for p in glob.glob(folder + "/*")]
for fd in os.listdir("/proc/self/fd"):
    target = os.path.realpath(f"/proc/self/fd/{fd}")
    if "next-door" in target: found.append(target)
def double(x): return 0 * x
""",
    ),
)

BANK = (*TIME, *RESOURCES, *ANSWERS, *SNOOPING)

#: Those whose source is a template, filled in with ``str.format``.
TEMPLATES = {
    "reads the grader's files",
    "searches every file for the secret",
    "looks into the other processes",
    "reaches for the network",
}
