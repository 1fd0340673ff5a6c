"""The grader's side of the sandbox: open a submission, call its functions, learn how it ended.

    with Sandbox() as sandbox:
        with sandbox.open([Code("c1", "def double(x): return 2 * x")]) as session:
            session.call("double", numpy.arange(3))
        session.outcome.reason

What is promised, with bubblewrap (Linux). A submission's code runs in a process
that has no network, not even its own machine's; sees the system's programs, what
Python needs of its environment and nothing else of this machine's files, also where
the environment lies in the course's folder; writes only to its own /tmp, home and
/dev/shm, which are bounded and vanish; sees and can signal only its own processes, of
which at most 32 live at a time; has no capabilities and cannot gain any. It is ended
when it exceeds its time or its memory and when this process goes away, and takes every
process of its own with it. What comes back is plain data; no code of the submission
runs, and nothing of it is unpickled, here.

Memory is that of all its processes together: their own pages, in swap too, the page
tables that map them, what lies in its three folders, and for each of its sockets what
that may hold. A process that does not let itself be read counts as over the limit.
Beyond what was imported, nothing is shared but copied before it is written. Where
this process may make cgroups (version 2), each submission has one, and the kernel bounds
its memory, what it keeps beside included, and the number of its processes.

Nor does it take from the others, or from this machine's programs, what the kernel keeps
once for all. Leases, inotify, asynchronous input and output, filters of its own,
Landlock's rules, keys and message queues are refused; timers, queued signals and locked
memory are limited to a few; a lock on a file does nothing and succeeds, so two processes
of one submission do not lock each other out. What the kernel counts for each user
(descriptors on their way, pipes, watches of epoll) is a submission's own where it can be
given a user of its own: to root, and to those who have newuidmap and 64 numbers in
/etc/subuid and /etc/subgid. Elsewhere all have the grader's user: then PyTorch's workers
share tensors by files instead of descriptors, so that none depends on that count, and a
submission that makes thousands of pipes gives the user's other programs smaller ones.

A submission that is killed from outside, as where the machine has no memory left, is
not to blame: SandboxFailed. From inside, nothing of the kind reaches its first process.

What is not promised. A hole in the Linux kernel is a hole in the sandbox. Memory is
looked at every 20 ms, so a limit can be exceeded for that long; what the kernel keeps
beside (descriptors, pipes, mappings) is bounded by their numbers, to some hundred MiB,
but not counted. A submission can use the cores that it finds until its time is over:
others run beside it, more slowly. It can tell the time and how busy the machine is, and
two that conspire can tell each other something by that, or by waiting on the same page
of a file. It sees where Python's files lie on this machine: the list of mounts and
compiled modules name the folders. A value does not prove how it was computed.

In a container files, network and processes are docker's or podman's affair, one container
a submission; limits, filter and supervisor are the same, and the supervisor does not let
itself be looked into. ``kind="trusted"`` promises only the limits, for a notebook of one's own.
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
