"""The grader's side of the sandbox: open a submission, call its functions, learn how it ended.

    with Sandbox() as sandbox:
        with sandbox.open([Code("c1", "def double(x): return 2 * x")]) as session:
            session.call("double", numpy.arange(3))
        session.outcome.reason

What is promised, with bubblewrap (Linux). A submission's code runs in a process
that has no network, not even its own machine's; sees the system's programs, the
Python environment and nothing else of this machine's files; writes only to its
own /tmp, home and /dev/shm, which are bounded and vanish; sees and can signal
only its own processes, at most 32; has no capabilities and cannot gain any. It is
ended when it exceeds its time or its memory (all its processes together) and when
this process goes away, and takes every process of its own with it. It shares
nothing with other submissions but the read-only files and the memory of the
imported frameworks, which is copied before it is written. What comes back is
plain data; no code of the submission runs, and nothing of it is unpickled, here.

What is not promised. A hole in the Linux kernel is a hole in the sandbox. Memory
is looked at every 20 ms, so a limit can be exceeded for that long; the kernel's
own memory for pipes and sockets is not counted. A submission can use the cores
that it finds until its time is over: others run beside it, more slowly. It can tell
the time and how busy the machine is. A value does not prove how it was computed.

In a container the same is left to docker or podman, one container a submission.
``kind="trusted"`` promises only the limits, for a notebook of one's own.
"""

from triptych.grading.sandbox.backend import Channel
from triptych.grading.sandbox.errors import (
    BadValue,
    Died,
    Missing,
    OutOfMemory,
    Raised,
    SandboxFailed,
    SandboxUnavailable,
    SubmissionError,
    TimedOut,
)
from triptych.grading.sandbox.model import CellError, Code, Limits, Outcome
from triptych.grading.sandbox.sandbox import Sandbox
from triptych.grading.sandbox.session import Session

__all__ = [
    "BadValue",
    "CellError",
    "Channel",
    "Code",
    "Died",
    "Limits",
    "Missing",
    "OutOfMemory",
    "Outcome",
    "Raised",
    "Sandbox",
    "SandboxFailed",
    "SandboxUnavailable",
    "Session",
    "SubmissionError",
    "TimedOut",
]
