"""The sandboxes of one grading: one for each framework, started when the first notebook needs it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

from triptych.frameworks import FRAMEWORKS
from triptych.grading.sandbox import Channel, Limits, Sandbox


class Sandboxes:
    """A context manager; leaving it ends every sandbox. May be used from several threads.

    A class in one framework waits for the import of no other, and where several are
    needed, the cores import them beside each other.
    """

    def __init__(self, limits: Limits, kind: str = "auto", make: Callable[..., Sandbox] = Sandbox) -> None:
        """``limits`` and ``kind`` as for ``Sandbox``, which ``make`` makes."""
        self._limits, self._kind, self._make = limits, kind, make
        self._started: dict[str, Sandbox] = {}
        self._locks = {framework: threading.Lock() for framework in FRAMEWORKS}
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closed = True
        for framework, lock in self._locks.items():
            with lock:
                if sandbox := self._started.pop(framework, None):
                    sandbox.__exit__(kind, error, trace)

    def start(self, framework: str) -> Sandbox:
        """The framework's sandbox, started. Raises SandboxUnavailable where none can be."""
        with self._locks[framework]:
            if self._closed:
                raise RuntimeError("the grading is over")
            if framework not in self._started:
                made = self._make((FRAMEWORKS[framework].module,), self._limits, self._kind)
                self._started[framework] = made.__enter__()
            return self._started[framework]

    def connect(self, framework: str) -> Channel:
        """A channel to a submission's processes. Raises SandboxUnavailable and SandboxFailed."""
        return self.start(framework).connect()
