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

from __future__ import annotations

import contextlib
import itertools
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from triptych.errors import TriptychError
from triptych.grading import jail, values
from triptych.grading.box import BROKEN, PROCESSES

#: Seconds after a limit that an interrupted submission has to say so, before it is ended.
GRACE = 0.5

#: The image of the container kind; it holds the course's Python environment.
IMAGE = os.environ.get("TRIPTYCH_IMAGE", "triptych-grading")

_TRUSTED = "for a notebook that you wrote yourself, --trusted runs it without a sandbox"
_INSTALL = "install bubblewrap (Debian, Ubuntu: apt install bubblewrap) or podman"


# --- what a grader says and is told -----------------------------------------------------------


@dataclass(frozen=True)
class Limits:
    """What one submission may use: seconds of wall time, bytes, and characters of output kept."""

    cells: float = 60.0
    call: float = 10.0
    total: float = 120.0
    memory: int = 3 << 30
    output: int = 20_000
    value: int = 8 << 20


@dataclass(frozen=True)
class Code:
    """One cell to run."""

    id: str
    source: str


@dataclass(frozen=True)
class CellError:
    """A cell that raised; the run goes on, as later cells may be fine."""

    cell: str
    type: str
    message: str


@dataclass(frozen=True)
class Outcome:
    """How a session ended and what it used: seconds, bytes, and what it printed.

    ``reason`` is empty when all went well, else a sentence without its subject:
    "ran longer than 60 s while its cells ran". ``peak_memory`` is what the
    submission had beyond the imported frameworks; it is 0 where it cannot be seen.
    """

    reason: str
    wall: float
    cpu: float
    peak_memory: int
    output: str
    errors: tuple[CellError, ...]


class SubmissionError(Exception):
    """Anything that is the submission's own fault; its text is for the learner."""


class Missing(SubmissionError):
    """The notebook defines no function of that name."""


class Raised(SubmissionError):
    """The function raised; ``type`` and ``message`` are the exception's."""

    def __init__(self, name: str, type: str, message: str) -> None:
        """``name``: the function's."""
        self.type, self.message = type, message
        super().__init__(f"{name} raised {type}" + (f": {message}" if message else ""))


class TimedOut(SubmissionError):
    """A call took too long. The session may live on."""


class OutOfMemory(SubmissionError):
    """A call wanted more memory than is allowed. The session may live on."""


class BadValue(SubmissionError):
    """What was returned is not plain data, or is too large."""


class Died(SubmissionError):
    """The submission's process is no more; its text says why."""


class SandboxUnavailable(TriptychError):
    """No sandbox here that could hold other people's code; says what to install."""


class SandboxFailed(TriptychError):
    """The sandbox itself failed in the middle of a submission, which is not to blame: run it again."""


class Sandbox:
    """Runs submissions, each apart from this process and from the others.

    A context manager. It may be used from several threads at once; make one in
    each process. ``frameworks`` are imported once, where they are installed, and
    submissions start with them imported. ``kind`` is "bubblewrap", "container",
    "trusted" (no sandbox: for one's own notebook) or "auto", which means the first
    of the first two that works here. Entering raises SandboxUnavailable where none does.
    """

    def __init__(
        self,
        frameworks: Sequence[str] = ("torch", "tensorflow", "jax"),
        limits: Limits = Limits(),
        kind: str = "auto",
    ) -> None:
        """Nothing starts before the ``with`` block is entered."""
        self.limits = limits
        self.kind = kind
        self._frameworks = tuple(frameworks)
        self._keeper: _Keeper | None = None

    def __enter__(self) -> Self:
        """Start; returns when the frameworks are imported."""
        self._keeper = _start(self.kind, self._frameworks)
        self.kind = self._keeper.kind
        return self

    def __exit__(self, *_: object) -> None:
        """End every process of the sandbox."""
        assert self._keeper is not None
        self._keeper.close()
        self._keeper = None

    def open(self, cells: Sequence[Code], limits: Limits | None = None) -> Session:
        """Run ``cells`` and return a session that answers calls; use it as a context manager.

        ``limits``: this submission's own, where they are not the sandbox's.
        What the cells do wrong is told by the session, not raised here. Raises
        SandboxUnavailable where the sandbox itself fails.
        """
        if self._keeper is None:
            raise RuntimeError("use the sandbox in a with block")
        return Session(self._keeper, limits or self.limits, cells)


class Session:
    """A submission whose cells have run. For one thread; leaving its with block ends it.

    ``errors`` lists the cells that raised. ``outcome`` is known after the with block.
    """

    outcome: Outcome

    def __init__(self, keeper: _Keeper, limits: Limits, cells: Sequence[Code]) -> None:
        """See ``Sandbox.open``."""
        self.errors: tuple[CellError, ...] = ()
        self._limits = limits
        self._reason = ""  # the first thing that went wrong
        self._death = ""  # why there is no process any more
        self._end: dict[str, Any] | None = None
        self._numbers = itertools.count(1)
        self._started = time.monotonic()
        self._deadline = self._started + limits.total
        self._link = keeper.connect(limits)
        try:
            self._run(cells)
        except BaseException:
            self._link.close()
            raise

    def __enter__(self) -> Self:
        """The session itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """End every process of the submission. Raises SandboxFailed as ``call`` does."""
        try:
            self._finish()
        finally:
            self._link.close()

    def call(self, name: str, /, *args: Any, **kwargs: Any) -> Any:
        """What the submission's function ``name`` returns for these arguments.

        Arguments and value are plain data (see ``values``); a framework's tensor comes
        back as an array. Raises Missing, Raised, TimedOut, OutOfMemory or BadValue,
        and Died when the process ended, now or earlier; SandboxFailed where the sandbox did.
        """
        limits, number = self._limits, next(self._numbers)
        if self._death:
            raise Died(self._death)
        message = {
            "call": number,
            "name": name,
            "args": values.encode(args, limits.value),
            "kwargs": values.encode(kwargs, limits.value),
        }
        too_long = f"ran longer than {limits.call:g} s in a call of {name}"
        too_large = f"needed more than {_size(limits.memory)} of memory in a call of {name}"
        reply = self._ask(message, limits.call, too_long)
        match reply:
            case {"call": _, "value": value, **rest} if not rest:
                try:
                    return values.decode(value, limits.value)
                except values.NotPlain as error:
                    raise BadValue(f"{name} returned a value {_text(error)}") from None
            case {"missing": True}:
                raise Missing(f"the notebook defines no function named {name}")
            case {"bad": str(problem)}:
                raise BadValue(f"{name} returned a value {_text(problem)}")
            case {"late": True}:
                self._reason = self._reason or too_long
                raise TimedOut(too_long)
            case {"raised": ["MemoryError", str()]}:
                self._reason = self._reason or too_large
                raise OutOfMemory(too_large)
            case {"raised": [str(kind), str(problem)]}:
                raise Raised(name, _text(kind), _text(problem))
        self._fail(_NONSENSE)
        raise Died(self._death)

    def _run(self, cells: Sequence[Code]) -> None:
        limits = self._limits
        job = {
            "cells": [{"id": cell.id, "source": cell.source} for cell in cells],
            "cells_seconds": limits.cells,
            "call_seconds": limits.call,
            "total": limits.total,
            "memory": limits.memory,
            "output": limits.output,
            "value": limits.value,
        }
        too_long = f"ran longer than {limits.cells:g} s while its cells ran"
        try:
            reply = self._ask(job, limits.cells, too_long, number=None)
        except SubmissionError:
            return  # the reason is kept, and every call will tell it
        match reply:
            case {"ready": list(found), "late": bool(late)} if len(found) <= len(cells):
                self.errors = tuple(CellError(*map(_text, entry)) for entry in found if _is_error(entry))
                self._reason = too_long if late else ""
            case _:
                self._fail(_NONSENSE)

    def _ask(self, message: dict, seconds: float, too_long: str, number: int | None = 0) -> Any:
        """The reply to ``message``; where there is none, the session is over and the cause is raised."""
        deadline = min(time.monotonic() + seconds + GRACE, self._deadline)
        try:
            values.send(self._link.writing, message, deadline)
            reply = values.receive(self._link.reading, self._limits.value, deadline)
        except TimeoutError:
            total = deadline == self._deadline
            self._fail(f"ran longer than {self._limits.total:g} s in all" if total else too_long)
            raise TimedOut(self._death) from None
        except values.NotPlain as error:
            self._fail(f"sent back something {error}")
            raise BadValue(self._death) from None
        except EOFError:
            self._fail("")
            kind = OutOfMemory if self._end and self._end.get("why") == "memory" else Died
            raise kind(self._death) from None
        if not isinstance(reply, dict) or (number is not None and reply.get("call") != message["call"]):
            self._fail(_NONSENSE)
            raise Died(self._death)
        return reply

    def _fail(self, reason: str) -> None:
        """End the session; without a ``reason`` the supervisor knows it."""
        self._end = self._link.end(0 if reason else 1)
        self._death = reason or _told_by(self._end, self._limits)
        self._reason = self._reason or self._death

    def _finish(self) -> None:
        """Make the outcome."""
        if self._end is None:
            self._end = self._link.end(0)
            if self._end.get("why") != "closed":
                self._reason = self._reason or _told_by(self._end, self._limits)
        self._death = self._death or "the session is over"
        end = self._end
        self.outcome = Outcome(
            reason=self._reason,
            wall=time.monotonic() - self._started,
            cpu=_number(end.get("cpu")),
            peak_memory=int(_number(end.get("peak"))),
            output=_text(end.get("output", ""), self._limits.output + 100),
            errors=self.errors,
        )


_NONSENSE = "sent the grader something that it had not asked for"


def _told_by(end: dict[str, Any], limits: Limits) -> str:
    """The reason that a supervisor's last word gives."""
    status = end.get("status")
    match end.get("why"):
        case "memory":
            return f"used more than {_size(limits.memory)} of memory"
        case "processes":
            return f"started more processes than an exercise needs (more than {PROCESSES} at once)"
        case "total":
            return f"ran longer than {limits.total:g} s in all"
        case "exit" if isinstance(status, int) and status < 0:
            with contextlib.suppress(ValueError):
                return f"crashed: its process was ended by {signal.Signals(-status).name}"
            return f"crashed: its process was ended by signal {-status}"
        case "exit" if status == BROKEN:
            return "broke the functions of Python or NumPy that its answers are sent with"
        case "exit":
            return f"ended its own process (exit status {status}) before it was asked everything"
        case "not watched":
            problem = f"could not watch a submission any longer ({_text(end.get('detail'))})"
            raise SandboxFailed("sandbox", problem, "run it again")
        case "no jail":
            raise SandboxUnavailable("sandbox", f"could not be made ({_text(end.get('detail'))})", _TRUSTED)
    raise SandboxFailed(
        "sandbox", "lost a submission: its supervisor is gone", "run it again, perhaps with fewer --jobs"
    )


def _is_error(entry: object) -> bool:
    return isinstance(entry, list) and len(entry) == 3 and all(isinstance(part, str) for part in entry)


def _text(value: object, limit: int = 1000) -> str:
    """Text from a submission: bounded, and without what would move a terminal's cursor."""
    text = str(value)[:limit].encode("utf-8", "replace").decode("utf-8")
    return "".join(c if c.isprintable() or c in "\n\t" else "\N{REPLACEMENT CHARACTER}" for c in text)


def _number(value: object) -> float:
    return float(value) if type(value) in (int, float) else 0.0


def _size(size: int) -> str:
    return f"{size / 2**30:.3g} GiB" if size >= 1 << 30 else f"{size / 2**20:.3g} MiB"


# --- where the submission's processes are -----------------------------------------------------


@dataclass
class _Link:
    """The grader's ends of one session: descriptors that do not block."""

    reading: int
    writing: int
    #: Ends the submission, after seconds in which it may end by itself; its supervisor's last word, or {}.
    end: Callable[[float], dict[str, Any]]
    close: Callable[[], None]


class _Keeper(ABC):
    """What makes sessions of one kind."""

    kind: str

    @abstractmethod
    def connect(self, limits: Limits) -> _Link:
        """A supervisor that waits for its job."""

    def close(self) -> None:  # noqa: B027  (most have nothing to end)
        """End what was started."""


def _start(kind: str, frameworks: tuple[str, ...]) -> _Keeper:
    """The keeper of that kind, or the first that works."""
    if not hasattr(os, "fork"):
        raise SandboxUnavailable("sandbox", "Windows itself cannot run one", "use WSL")
    match kind:
        case "bubblewrap":
            return _Warm(frameworks)
        case "container":
            return _Container()
        case "trusted":
            return _Trusted()
        case "auto":
            problems = []
            for make in (lambda: _Warm(frameworks), _Container):
                try:
                    return make()
                except SandboxUnavailable as error:
                    problems.append(f"{error.place}: {error.problem}")
            raise SandboxUnavailable(
                "sandbox",
                f"other people's notebooks cannot be run safely here ({'; '.join(problems)})",
                f"{_INSTALL}; {_TRUSTED}",
            )
    raise ValueError(f"no kind of sandbox is called {kind!r}")


class _Warm(_Keeper):
    """Bubblewrap around the warm process; see ``box``."""

    kind = "bubblewrap"

    def __init__(self, frameworks: tuple[str, ...]) -> None:
        """Starts, and returns when the frameworks are imported."""
        self._bubblewrap = shutil.which("bwrap")
        if not self._bubblewrap:
            raise SandboxUnavailable("bubblewrap", "not installed", f"{_INSTALL}; {_TRUSTED}")
        if not jail.known_machine():
            raise SandboxUnavailable("bubblewrap", "only used on x86-64 and aarch64", _TRUSTED)
        self._frameworks = frameworks
        self._lock = threading.Lock()
        self._begin()

    def connect(self, limits: Limits) -> _Link:
        ctl, their_ctl = socket.socketpair()
        life, their_life = socket.socketpair()
        descriptors = [their_ctl.fileno(), their_life.fileno()]
        with their_ctl, their_life, self._lock:
            try:
                if self._process.poll() is not None:
                    raise BrokenPipeError
                socket.send_fds(self._control, [b"s"], descriptors)
            except OSError:  # the warm process is gone, perhaps for want of memory: once more
                self._stop()
                self._begin()
                socket.send_fds(self._control, [b"s"], descriptors)
        ctl.setblocking(False)

        def end(patience: float) -> dict[str, Any]:
            for wait in (patience, 10):
                try:
                    return values.receive(life.fileno(), deadline=time.monotonic() + wait)
                except TimeoutError:
                    with contextlib.suppress(OSError):
                        life.shutdown(socket.SHUT_WR)
                except (EOFError, values.NotPlain):
                    break
            return {}

        def close() -> None:
            ctl.close()
            life.close()

        return _Link(ctl.fileno(), ctl.fileno(), end, close)

    def close(self) -> None:
        with self._lock:
            self._stop()

    def _begin(self) -> None:
        self._control, theirs = socket.socketpair()
        self._log = tempfile.TemporaryFile()  # noqa: SIM115  (closed by _stop)
        command = bubblewrap_command(self._bubblewrap, self._frameworks, theirs.fileno())
        begun = threading.Event()

        def keep() -> None:
            # bubblewrap dies with the thread that started it, so that thread stays
            self._process = subprocess.Popen(
                command,
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=self._log,
                stderr=self._log,
                start_new_session=True,  # Ctrl-C is for the grader, which then closes this
            )
            begun.set()
            self._process.wait()

        self._thread = threading.Thread(target=keep, name="sandbox", daemon=True)
        self._thread.start()
        begun.wait()
        theirs.close()
        try:
            word = values.receive(self._control.fileno(), deadline=time.monotonic() + 300)
            problem = word.get("failed")
        except (EOFError, TimeoutError, values.NotPlain):
            self._log.seek(0)
            problem = _text(self._log.read()[-500:].decode(errors="replace").strip()) or "no word from it"
        if problem:
            self._stop()
            raise SandboxUnavailable(
                "bubblewrap",
                f"installed, but makes no sandbox here ({problem})",
                "this account may not make user namespaces (Ubuntu 24.04 and later: sudo sysctl "
                f"kernel.apparmor_restrict_unprivileged_userns=0), or install podman; {_TRUSTED}",
            )

    def _stop(self) -> None:
        self._control.close()  # the warm process ends, and with it its namespace
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._thread.join()
        self._log.close()


def bubblewrap_command(bubblewrap: str, frameworks: Sequence[str], control: int) -> list[str]:
    """What starts the warm process, whose end of the control socket has the number ``control``.

    Inside are the system's programs and libraries, this Python and its packages,
    and the four modules that run there, all read-only. The host's /proc is there
    for the warm process only, which needs it to write its children's user maps and
    to be allowed to give them one of their own.
    """

    def read_only(*paths: tuple[str | Path, str | Path]) -> list[str]:
        return [str(part) for pair in paths for part in ("--ro-bind-try", *pair)]

    base, prefix = Path(sys.base_prefix), Path(sys.prefix)
    environment = "/venv" if prefix != base else str(base)
    python = f"{environment}/bin/python3"
    packages = [Path(entry) for entry in sys.path if entry.endswith("-packages")]
    elsewhere = [p for p in packages if not any(p.is_relative_to(q) for q in (base, prefix, "/usr"))]
    here = Path(__file__).resolve().parent
    modules = [
        (here.parent / "__init__.py", "/box/triptych/__init__.py"),
        *((here / name, f"/box/triptych/grading/{name}") for name in _MODULES),
    ]
    libraries = [(folder, folder) for folder in ("/lib", "/lib32", "/lib64", "/bin", "/sbin")]
    variables = _ENVIRONMENT | {
        "PATH": f"{environment}/bin:/usr/bin:/bin",
        "PYTHONPATH": ":".join(["/box", *map(str, elsewhere)]),
    }
    return [
        *(bubblewrap, "--unshare-all", "--die-with-parent", "--new-session", "--clearenv"),
        *("--unshare-user", "--uid", "1000", "--gid", "1000", "--hostname", "sandbox", "--cap-drop", "ALL"),
        *read_only(("/usr", "/usr"), *libraries),
        *read_only(("/etc/ld.so.cache", "/etc/ld.so.cache"), ("/etc/alternatives", "/etc/alternatives")),
        *read_only((base, base), *([(prefix, "/venv")] if prefix != base else [])),
        *read_only(*((path, path) for path in elsewhere), *modules),
        *("--bind", "/proc", "/proc", "--dev", "/dev"),
        *(part for folder in jail.WRITABLE for part in ("--tmpfs", folder)),
        *("--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/home/learner"),
        *(part for name, value in variables.items() for part in ("--setenv", name, value)),
        *(python, "-P", "-m", "triptych.grading.box", "warm", str(control), *frameworks),
    ]


_MODULES = ("__init__.py", "box.py", "jail.py", "values.py")

#: The submission's environment, beside its PATH. One thread: the cores serve many submissions.
_ENVIRONMENT = {
    "HOME": "/home/learner",
    "USER": "learner",
    "LOGNAME": "learner",
    "LANG": "C.UTF-8",
    "MPLBACKEND": "agg",
    "MPLCONFIGDIR": "/tmp/matplotlib",
    "KERAS_HOME": "/tmp/keras",
    "PYTHONDONTWRITEBYTECODE": "1",
    "CUDA_VISIBLE_DEVICES": "",
    "JAX_PLATFORMS": "cpu",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "2",
    "TORCHINDUCTOR_CACHE_DIR": "/tmp/inductor",
    "TORCHINDUCTOR_COMPILE_THREADS": "1",
    # What torch.compile would do before it compiles anything, in each submission: build and run test
    # programs for each of the processor's vector extensions (7 s), precompile its headers (5 s).
    "TORCHINDUCTOR_VEC_ISA_OK": "1",
    "TORCHINDUCTOR_CPP_CACHE_PRECOMPILE_HEADERS": "0",
}


class _Single(_Keeper):
    """A program for each session, which talks on its standard streams and imports what it needs."""

    #: Where it is started; None: here.
    folder: str | None = None

    @abstractmethod
    def command(self, limits: Limits) -> tuple[list[str], dict[str, str] | None, list[list[str]]]:
        """What to start, its environment (None: this process's), what then ends it for good."""

    def connect(self, limits: Limits) -> _Link:
        command, environment, farewell = self.command(limits)
        log = tempfile.TemporaryFile()  # noqa: SIM115  (closed with the link)
        process = subprocess.Popen(
            command,
            env=environment,
            cwd=self.folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            bufsize=0,
        )
        assert process.stdin and process.stdout
        os.set_blocking(process.stdin.fileno(), False)
        os.set_blocking(process.stdout.fileno(), False)

        def kill() -> None:
            for command in farewell:
                subprocess.run(command, capture_output=True, timeout=30, check=False)

        def end(patience: float) -> dict[str, Any]:
            for wait, give_up in (
                (patience, process.stdin.close),
                (2, kill),
                (10, process.kill),
                (None, None),
            ):
                try:
                    process.wait(timeout=wait)
                    break
                except subprocess.TimeoutExpired:
                    give_up()
            process.stdin.close()
            kill()
            log.seek(0)
            noise, _, word = log.read(1 << 20).partition(b"\0")  # the first byte of a message's length
            try:
                found = json.loads(word[3:])
            except ValueError:
                return {"why": "no jail", "detail": noise[-500:].decode(errors="replace").strip()}
            return found if isinstance(found, dict) else {}

        def close() -> None:
            if process.poll() is None:
                end(0)
            process.stdout.close()
            log.close()

        return _Link(process.stdout.fileno(), process.stdin.fileno(), end, close)


class _Trusted(_Single):
    """No sandbox: this Python, with the limits."""

    kind = "trusted"

    def command(self, limits: Limits) -> tuple[list[str], dict[str, str] | None, list[list[str]]]:
        source = str(Path(__file__).resolve().parents[2])
        paths = [source, *filter(None, [os.environ.get("PYTHONPATH")])]
        environment = os.environ | {"MPLBACKEND": "agg", "PYTHONPATH": os.pathsep.join(paths)}
        return [sys.executable, "-m", "triptych.grading.box", "single"], environment, []


class _Container(_Single):
    """Docker or podman: a container for each submission."""

    kind = "container"
    folder = tempfile.gettempdir()  # podman leaves a file `oom` where it is started

    def __init__(self) -> None:
        """Looks for a program that has the image."""
        problems = []
        for tool in filter(None, map(shutil.which, ("docker", "podman"))):
            if not (problem := _image_problem(tool)):
                self._tool = tool
                return
            problems.append(f"{Path(tool).name}: {problem}")
        if not problems:
            raise SandboxUnavailable("container", "neither docker nor podman is installed", _TRUSTED)
        raise SandboxUnavailable(
            "container",
            f"no image {IMAGE!r} to run ({'; '.join(problems)})",
            f"make it, {Path(__file__).with_name('Containerfile')} says how; or name yours in TRIPTYCH_IMAGE",
        )

    def command(self, limits: Limits) -> tuple[list[str], dict[str, str] | None, list[list[str]]]:
        name = f"triptych-{uuid.uuid4().hex}"
        # Killed first, as podman gives a container that it removes ten seconds to end by itself.
        farewell = [[self._tool, "kill", name], [self._tool, "rm", "--force", name]]
        return container_command(self._tool, name, limits), None, farewell


#: Bytes for Python and the supervisor themselves, so that its limit is reached before the engine's.
_OWN_MEMORY = 256 << 20


def _image_problem(tool: str) -> str:
    """Why this docker or podman cannot run the image; empty if it has it."""
    try:
        known = subprocess.run(
            [tool, "image", "inspect", IMAGE], capture_output=True, timeout=60, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return _text(error)
    return "" if known.returncode == 0 else _text(known.stderr.decode(errors="replace").strip())


def container_command(tool: str, name: str, limits: Limits) -> list[str]:
    """What starts one submission's container: no network, nothing to write but bounded memory.

    The limit on processes of one user counts the host's too, so it is wide; ``--pids-limit`` binds.
    Both are named as an engine's own defaults are more than some hosts may give.
    """
    here = Path(__file__).resolve().parent
    package = [(here.parent / "__init__.py", "/box/triptych/__init__.py")]
    package += [(here / module, f"/box/triptych/grading/{module}") for module in _MODULES]
    folders = [
        ("--tmpfs", f"{folder}:rw,exec,nosuid,nodev,size={size},mode=1777")
        for folder, size in jail.WRITABLE.items()
    ]
    variables = _ENVIRONMENT | {"PYTHONPATH": "/box"}
    memory = str(limits.memory + _OWN_MEMORY)
    return [
        *(tool, "run", "--rm", "--interactive", "--name", name, "--pull", "never", "--log-driver", "none"),
        *("--network", "none", "--read-only", "--cap-drop", "ALL", "--user", "1000:1000", "--ipc", "private"),
        *("--security-opt", "no-new-privileges", "--pids-limit", "512"),
        *("--ulimit", "core=0", "--ulimit", "nofile=1024:1024", "--ulimit", "nproc=16384:16384"),
        *("--memory", memory, "--memory-swap", memory),
        *(part for folder in folders for part in folder),
        *(part for source, target in package for part in ("--volume", f"{source}:{target}:ro")),
        *(part for pair in variables.items() for part in ("--env", "=".join(pair))),
        *("--workdir", "/home/learner", IMAGE),
        *("python3", "-P", "-m", "triptych.grading.box", "single"),
    ]
