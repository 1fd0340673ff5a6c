"""Attempts to outlast the clock."""

from __future__ import annotations

from hostile.attempt import Hostile

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
