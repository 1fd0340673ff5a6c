"""A program for each session, which talks on its standard streams: here, or in a container."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from triptych.grading.sandbox import inside
from triptych.grading.sandbox.backend import Backend, Channel
from triptych.grading.sandbox.errors import TRUSTED, SandboxUnavailable
from triptych.grading.sandbox.inside import values
from triptych.grading.sandbox.model import Limits
from triptych.grading.sandbox.text import printable

#: Seconds that a program has to start and to greet.
START = 120.0

#: Bytes kept of what a program writes on its error stream: of others' words, and of the supervisor's last.
NOISE, WORD = 500, 1 << 20


@dataclass(frozen=True)
class Program:
    """What to start, its environment (None: this process's), where, and what then ends it for good."""

    command: Sequence[str]
    environment: dict[str, str] | None = None
    folder: str | None = None
    farewell: Sequence[Sequence[str]] = ()


class ProgramBackend(Backend):
    """A backend that has nothing but a program to start."""

    def __init__(self) -> None:
        """What programs leave in the folder ``files`` is removed by ``close``."""
        self._folder = tempfile.TemporaryDirectory(prefix="tri-", ignore_cleanup_errors=True)
        self.files = self._folder.name

    def close(self) -> None:
        """Remove that folder."""
        self._folder.cleanup()

    @abstractmethod
    def program(self, limits: Limits) -> Program:
        """The program for one session."""

    def connect(self, limits: Limits) -> Channel:
        """A channel to a program that has started and greeted."""
        channel = StreamChannel(self.program(limits))
        try:
            if not (problem := channel.greeting(START)):
                return channel
        except TimeoutError:
            problem = f"no answer within {START:g} s"
        except (EOFError, values.NotPlain):
            channel.end(1)
            problem = channel.noise()
        except BaseException:
            channel.close()
            raise
        channel.close()
        raise SandboxUnavailable(self.kind, f"could not be started ({printable(problem)})", TRUSTED)


class ProcessBackend(ProgramBackend):
    """No sandbox: this Python, with the limits, for a notebook of one's own."""

    kind = "trusted"

    def program(self, limits: Limits) -> Program:
        """This Python, with the course's package as it is here."""
        source = str(Path(__file__).resolve().parents[3])
        paths = [source, *filter(None, [os.environ.get("PYTHONPATH")])]
        own = {"MPLBACKEND": "agg", "PYTHONPATH": os.pathsep.join(paths), "TMPDIR": self.files}
        environment = os.environ | own
        return Program([sys.executable, "-m", inside.__name__, "single"], environment)


class ErrorStream:
    """A program's error stream: the end of what others write there, and the supervisor's last word.

    Read while it is written, so that neither memory nor disk fills, however much it is.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        """Reads in a thread until nobody can write any more; then ``stream`` is closed."""
        self._stream = stream
        self._noise, self._word, self._speaking = b"", bytearray(), False
        self._thread = threading.Thread(target=self._read, name="sandbox errors", daemon=True)
        self._thread.start()

    def _read(self) -> None:
        with self._stream, contextlib.suppress(OSError):
            while part := os.read(self._stream.fileno(), 1 << 16):
                if not self._speaking:  # the first byte of a message's length is zero
                    noise, zero, part = part.partition(b"\0")
                    self._noise = (self._noise + noise)[-NOISE:]
                    self._speaking = bool(zero)
                self._word += part[: max(WORD - len(self._word), 0)]

    def noise(self) -> str:
        """The end of what came before the last word."""
        self._thread.join(timeout=1)
        return self._noise.decode(errors="replace").strip()

    def last_word(self) -> dict[str, Any]:
        """Of the supervisor, whose process is gone; empty where it left none, or not a whole one."""
        self._thread.join(timeout=1)
        length, content = int.from_bytes(self._word[:3], "big"), self._word[3:]
        with contextlib.suppress(ValueError, RecursionError):
            word = json.loads(content) if len(content) == length else None
            return word if isinstance(word, dict) else {}
        return {}


class StreamChannel(Channel):
    """The calls on a program's standard input and output, the supervisor's last word on its error stream."""

    def __init__(self, program: Program) -> None:
        """Start the program."""
        self._farewell = program.farewell
        self._process = subprocess.Popen(
            program.command,
            env=program.environment,
            cwd=program.folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
        )
        assert self._process.stdin and self._process.stdout and self._process.stderr
        self._errors = ErrorStream(self._process.stderr)
        self._input, self._output = self._process.stdin, self._process.stdout
        self.reading, self.writing = self._output.fileno(), self._input.fileno()
        os.set_blocking(self.reading, False)
        os.set_blocking(self.writing, False)

    def end(self, patience: float) -> dict[str, Any]:
        """Closing the program's input ends the submission; where it does not, the farewell and a kill do."""
        steps = ((patience, self._input.close), (2, self._say_farewell), (10, self._process.kill))
        for wait, next_step in steps:
            try:
                self._process.wait(timeout=wait)
                break
            except subprocess.TimeoutExpired:
                next_step()
        self._process.wait()
        self._input.close()
        self._say_farewell()
        return self._errors.last_word()

    def noise(self) -> str:
        """What others than the supervisor wrote on the error stream, such as the container's engine."""
        return self._errors.noise()

    def close(self) -> None:
        """End the program where it still runs."""
        if self._process.poll() is None:
            self.end(0)
        self._input.close()
        self._output.close()

    def _say_farewell(self) -> None:
        for command in self._farewell:
            with contextlib.suppress(subprocess.TimeoutExpired):  # the program itself is killed next
                subprocess.run(command, capture_output=True, timeout=30, check=False)
