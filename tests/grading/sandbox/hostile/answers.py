"""Attempts to forge an answer, or the way it comes."""

from __future__ import annotations

from hostile.attempt import Hostile

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
