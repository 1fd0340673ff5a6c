"""Attempts to use more processes and space than is allowed."""

from __future__ import annotations

from hostile.attempt import Hostile

RESOURCES = (
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
for folder in ("/tmp", "/home/learner", "/dev/shm"):
    try:
        for number in range(100):
            with open(f"{folder}/{number}", "wb") as file:
                for _ in range(64): file.write(bytes(1 << 20))
    except OSError: pass
import time; time.sleep(1)
def double(x): return 0 * x
""",
        ends=r"used more than 256 MiB of memory",
        raises="Died",
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
