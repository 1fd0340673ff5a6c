"""Attempts to read, write and reach what is not the submission's."""

from __future__ import annotations

from hostile.attempt import Hostile

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
        template=True,
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
        template=True,
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
        template=True,
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
        template=True,
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
