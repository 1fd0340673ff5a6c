"""The grader's side of one marking process: it is started, asked, and known by how it ended."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Any

from triptych.grading.marking import wire
from triptych.grading.marking.requests import Request
from triptych.grading.sandbox import keeper
from triptych.grading.sandbox.inside import messages, values
from triptych.grading.sandbox.text import printable

#: Bytes of one answer; a notebook's own, as text, is the largest.
ANSWER = 32 << 20

#: Seconds after which a process that neither computes nor answers is given up, beside its request's own.
SILENCE = 600.0


class Beyond(Exception):
    """What was asked costs more than it may: the fault of what is read. Its text: of what."""


class Lost(Exception):
    """The process is gone, and it cannot be told why; ``trace`` is what it wrote last."""

    def __init__(self, problem: str, trace: str = "") -> None:
        self.trace = trace
        super().__init__(problem)


#: Answers a question that the process has before it is done: a value, and open descriptors.
Aside = Callable[[dict[str, Any]], tuple[Any, Sequence[int]]]


class MarkingProcess:
    """One process, for one thread at a time. After ``Beyond`` or ``Lost`` there must be another."""

    def __init__(self) -> None:
        """Start it. Raises Lost where that is not possible."""
        self._control, theirs = socket.socketpair()
        self._log: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  (closed with this object)
        self.usable = True
        self.setting: object = None
        command = [sys.executable, "-X", "faulthandler", "-m", str(__package__), str(theirs.fileno())]
        try:
            self._process, _ = keeper.start(command, [theirs.fileno()], self._log, _environment())
        except OSError as error:
            raise Lost(f"no marking process can be started ({error})") from None
        finally:
            theirs.close()
        self.pid = self._process.pid

    def tell(self, request: Request) -> None:
        """Send a request that has no answer. Raises Lost."""
        try:
            wire.send(self._control, request)
        except OSError:
            raise self._ended() from None

    def ask(self, request: Request, aside: Aside | None = None, patience: float = 0.0) -> dict[str, Any]:
        """The answer to a request; what the process asks or tells before is given to ``aside``.

        ``patience``: seconds that may pass without a word, beyond ``SILENCE``. Raises Beyond and Lost,
        and what ``aside`` raises; the process is not usable then.
        """
        self.usable = False
        self.tell(request)
        while True:
            word = self._word(patience)
            match word:
                case {"done": dict(answer)}:
                    if answer.get("beyond"):
                        raise Beyond(str(answer["beyond"]))
                    self.usable = True
                    return answer
                case {"tell": dict(told)} if aside:
                    aside(told)
                case {"ask": dict(question)} if aside:
                    value, descriptors = aside(question)
                    try:
                        wire.send(self._control, value, descriptors)
                    except OSError:
                        raise self._ended() from None
                case _:
                    raise self._ended("it answered something that it was not asked")

    @property
    def lives(self) -> bool:
        """Whether it has not ended, which it may do while nobody asks it."""
        return self._process.poll() is None

    def stop(self) -> None:
        """End it, whatever it does. From any thread."""
        self.usable = False
        if self._process.poll() is None:
            self._process.kill()

    def _word(self, patience: float) -> Any:
        try:
            return messages.receive(
                self._control.fileno(), ANSWER, deadline=time.monotonic() + SILENCE + patience
            )
        except EOFError:
            raise self._ended() from None
        except TimeoutError:
            raise self._ended(f"no word from it for {SILENCE + patience:g} s") from None
        except values.NotPlain as error:
            raise self._ended(f"it answered something {error}") from None

    def _ended(self, problem: str = "") -> Exception:
        """What to raise: its processor's time was over, or else something that is nobody's fault."""
        self.usable = False
        if problem:
            self.stop()
        try:
            code = self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.stop()
            code = self._process.wait()
        if code == -getattr(signal, "SIGXCPU", 24):
            return Beyond("computing")
        self._log.seek(0, os.SEEK_END)
        self._log.seek(max(0, self._log.tell() - 4_000))
        trace = printable(self._log.read().decode(errors="replace"), 4_000)
        return Lost(problem or f"the marking process ended ({_how(code)})", trace)


def _how(code: int) -> str:
    if code >= 0:
        return f"exit status {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"


def _environment() -> dict[str, str]:
    """This process's, with the package as it is here; one thread, as there is a process a core."""
    source = str(Path(__file__).resolve().parents[3])
    paths = [source, *filter(None, [os.environ.get("PYTHONPATH")])]
    return os.environ | {
        "PYTHONPATH": os.pathsep.join(paths),
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONWARNINGS": "ignore",
    }
