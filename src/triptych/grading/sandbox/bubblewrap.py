"""The sandbox of Linux: bubblewrap around one warm process, which forks one for each submission."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from triptych.grading.sandbox import keeper
from triptych.grading.sandbox.backend import Backend, Channel
from triptych.grading.sandbox.cgroups import Group, Groups, groups
from triptych.grading.sandbox.environment import INSIDE, MOUNT, VARIABLES
from triptych.grading.sandbox.errors import INSTALL, TRUSTED, SandboxFailed, SandboxUnavailable
from triptych.grading.sandbox.inside import WRITABLE, messages, seccomp, values
from triptych.grading.sandbox.inside.namespaces import LEARNER
from triptych.grading.sandbox.model import Limits
from triptych.grading.sandbox.mounts import Python, mounts
from triptych.grading.sandbox.text import printable
from triptych.grading.sandbox.users import NoUsers, Users, process_of, users

#: Seconds that the warm process has to import the frameworks, and to fork a supervisor.
START, FORK = 300.0, 60.0


class BubblewrapBackend(Backend):
    """Keeps a warm process, and starts another when that one is gone, perhaps for want of memory."""

    kind = "bubblewrap"

    def __init__(self, frameworks: tuple[str, ...]) -> None:
        """Returns when the frameworks are imported. Raises SandboxUnavailable."""
        bubblewrap = shutil.which("bwrap")
        if not bubblewrap:
            raise SandboxUnavailable("bubblewrap", "not installed", f"{INSTALL}; {TRUSTED}")
        if not seccomp.known_machine():
            raise SandboxUnavailable("bubblewrap", "only used on x86-64 and aarch64", TRUSTED)
        self._bubblewrap, self._frameworks = bubblewrap, frameworks
        self._lock = threading.Lock()
        self._groups = groups()  # first: a process that is alone in its cgroup may make some
        self._warm: WarmProcess | None = WarmProcess(bubblewrap, frameworks)
        self._closed = False

    def connect(self, limits: Limits) -> Channel:
        """A channel to a supervisor that the warm process, or its successor, has forked."""
        tried: WarmProcess | None = None
        for _ in range(4):
            warm = self._current()
            try:
                channel = warm.connect()
            except WarmProcessGone:
                if warm is tried:
                    self._discard(warm)
                tried = warm  # perhaps its new supervisor alone was lost: others' submissions run in it
                continue
            if self._groups:
                channel.enter(self._groups, limits.memory)
            return channel
        raise SandboxFailed("bubblewrap", "its warm process ended twice", "run it again with fewer --jobs")

    def close(self) -> None:
        """End the warm process, and with it every submission; there will be no other."""
        with self._lock:
            self._closed = True
            warm, self._warm = self._warm, None
        if warm:
            warm.stop()

    def _current(self) -> WarmProcess:
        """The warm process; a new one where the last was discarded."""
        with self._lock:
            if self._closed:
                raise RuntimeError("the sandbox was closed")
            if self._warm is None:
                try:
                    self._warm = WarmProcess(self._bubblewrap, self._frameworks)
                except SandboxUnavailable as error:
                    problem = f"its warm process ended, and no other could be started ({error.problem})"
                    raise SandboxFailed("bubblewrap", problem, "run it again with fewer --jobs") from None
            return self._warm

    def _discard(self, warm: WarmProcess) -> None:
        """Stop ``warm``, unless another thread has done so and has started its successor."""
        with self._lock:
            if self._warm is not warm:
                return
            self._warm = None
        warm.stop()


class WarmProcessGone(Exception):
    """The warm process is dead or dying: it took no submission."""


class WarmProcess:
    """One start of bubblewrap. May be used from several threads."""

    def __init__(self, bubblewrap: str, frameworks: tuple[str, ...]) -> None:
        """Returns when the frameworks are imported. Raises SandboxUnavailable."""
        problem = self._start(bubblewrap, frameworks, users())
        if problem and self._users:  # perhaps they could not be given
            problem = self._start(bubblewrap, frameworks, None)
        if problem:
            raise SandboxUnavailable(
                "bubblewrap",
                f"installed, but makes no sandbox here ({problem})",
                "this account may not make user namespaces (Ubuntu 24.04 and later: sudo sysctl "
                f"kernel.apparmor_restrict_unprivileged_userns=0), or install podman; {TRUSTED}",
            )

    def _start(self, bubblewrap: str, frameworks: tuple[str, ...], given: Users | None) -> str:
        """Start, with users for submissions where ``given``; why it is not warm, or an empty text."""
        with tempfile.TemporaryDirectory(prefix="triptych-") as made:
            return self._start_with(bubblewrap, frameworks, given, mounts(Python.running(), Path(made)))

    def _start_with(
        self, bubblewrap: str, frameworks: tuple[str, ...], given: Users | None, files: list[str]
    ) -> str:
        self._users = given
        self._control, theirs = socket.socketpair()
        self._lock = threading.Lock()  # of the control socket
        self._log = tempfile.TemporaryFile()  # noqa: SIM115  (closed by stop)
        self._process: subprocess.Popen[bytes] | None = None
        self._thread: threading.Thread | None = None
        (told, tell), (wait, go) = (os.pipe(), os.pipe()) if given else ((-1, -1), (-1, -1))
        passed = (theirs.fileno(), *((tell, wait) if given else ()))
        command = bubblewrap_command(bubblewrap, frameworks, files, *passed)
        problem = ""
        try:
            self._process, self._thread = keeper.start(command, passed, self._log)
        except OSError as error:
            problem = str(error)
        theirs.close()
        if given:
            os.close(tell)
            os.close(wait)
            try:
                if not problem:
                    given.give(process_of(told))
                    os.write(go, b"y")
            except (NoUsers, OSError) as error:
                problem = printable(error)
            os.close(told)
            os.close(go)
        problem = problem or self._first_word()
        if problem:
            self.stop()
        return problem

    def connect(self) -> SocketChannel:
        """A channel to a new supervisor. Raises WarmProcessGone, and SandboxFailed where it cannot fork.

        Only the supervisor's greeting shows that there is one. A process that was killed
        takes requests until it is dead, but the kernel lets it fork no more.
        """
        channel, theirs = SocketChannel.pair()
        try:
            with theirs[0], theirs[1], self._lock:
                socket.send_fds(self._control, [b"s"], [end.fileno() for end in theirs])
            problem = channel.greeting(FORK)
        except (OSError, EOFError) as error:  # a TimeoutError, too, is an OSError
            channel.close()
            raise WarmProcessGone from error
        if problem:
            channel.close()
            raise SandboxFailed(
                "bubblewrap", f"cannot start a submission ({printable(problem)})", "run it again"
            )
        return channel

    def stop(self) -> None:
        """End it, and with it its namespaces and all that is in them. Once, by one thread."""
        with self._lock:
            self._control.close()
        if self._process:
            try:
                self._process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                self._process.kill()
        if self._thread:
            self._thread.join()
        self._log.close()

    def _first_word(self) -> str:
        """Wait until it is warm: why it never will be, or an empty text."""
        try:
            word = messages.receive(self._control.fileno(), deadline=time.monotonic() + START)
            return str(word.get("failed", ""))
        except (EOFError, TimeoutError, values.NotPlain):
            self._log.seek(0)
            return printable(self._log.read()[-500:].decode(errors="replace").strip()) or "no word from it"


class SocketChannel(Channel):
    """Two pairs of sockets: one for the calls, one for the submission's life."""

    def __init__(self, calls: socket.socket, life: socket.socket) -> None:
        calls.setblocking(False)
        self._calls, self._life = calls, life
        self._group: Group | None = None
        self.reading = self.writing = calls.fileno()

    @classmethod
    def pair(cls) -> tuple[SocketChannel, tuple[socket.socket, socket.socket]]:
        """A channel, and the other ends of its sockets."""
        calls, their_calls = socket.socketpair()
        life, their_life = socket.socketpair()
        return cls(calls, life), (their_calls, their_life)

    def end(self, patience: float) -> dict[str, Any]:
        """Closing our side of the life socket ends the submission."""
        for wait in (patience, 10):
            try:
                word = messages.receive(self._life.fileno(), deadline=time.monotonic() + wait)
                if self._group and word.get("why") == "killed" and self._group.ran_out():
                    word["why"] = "memory"
                return word if isinstance(word, dict) else {}
            except TimeoutError:
                with contextlib.suppress(OSError):
                    self._life.shutdown(socket.SHUT_WR)
            except (EOFError, values.NotPlain):
                break
        return {}

    def close(self) -> None:
        """The supervisor ends the submission when it sees this."""
        self._calls.close()
        self._life.close()
        if self._group:
            self._group.remove()

    def enter(self, groups: Groups, memory: int) -> None:
        """Let the kernel bound the submission; where that fails, its supervisor alone does."""
        with contextlib.suppress(OSError):
            self._group = groups.make(memory)
            self._group.take(self.supervisor)


def bubblewrap_command(
    bubblewrap: str, frameworks: Sequence[str], files: list[str], control: int, tell: int = -1, wait: int = -1
) -> list[str]:
    """What starts the warm process, whose end of the control socket has the number ``control``.

    Inside are the system's programs and libraries, this Python and its packages, and
    the folder ``inside``, all read-only: ``files``, the words of ``mounts``. The host's
    /proc is there for the warm process only, which needs it to write its children's user
    maps and to be allowed to give them one of their own. Where there are users for
    submissions, bubblewrap says on ``tell`` which process is to be given them, and waits
    for that on ``wait``; the warm process keeps the right to hand them out.
    """
    python = Python.running()
    to_be_given = ("--userns-block-fd", str(wait), "--info-fd", str(tell))
    may_give = ("--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID")
    alone = ("--uid", str(LEARNER), "--gid", str(LEARNER))
    variables = VARIABLES | {
        "PATH": f"{python.environment}/bin:/usr/bin:/bin",
        "PYTHONPATH": ":".join([MOUNT, *map(str, python.elsewhere)]),
    }
    return [
        *(bubblewrap, "--unshare-all", "--die-with-parent", "--new-session", "--clearenv"),
        *("--unshare-user", "--hostname", "sandbox", "--cap-drop", "ALL"),
        *(alone if tell < 0 else (*to_be_given, *may_give)),
        *files,
        *("--bind", "/proc", "/proc", "--dev", "/dev", "--perms", "0755", "--dir", "/home"),
        *(part for folder in WRITABLE for part in ("--tmpfs", folder)),
        *("--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/home/learner"),
        *(part for name, value in variables.items() for part in ("--setenv", name, value)),
        *(f"{python.environment}/bin/python3", "-P", "-m", INSIDE.name, "warm", str(control)),
        *("nobody" if tell < 0 else "users", *frameworks),
    ]
