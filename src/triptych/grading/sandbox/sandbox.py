"""The sandbox as a grader uses it, and the choice of its kind."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from typing import Self

from triptych.grading.sandbox.backend import Backend, Channel
from triptych.grading.sandbox.bubblewrap import BubblewrapBackend
from triptych.grading.sandbox.container import ContainerBackend
from triptych.grading.sandbox.errors import INSTALL, TRUSTED, SandboxFailed, SandboxUnavailable
from triptych.grading.sandbox.model import Code, Limits
from triptych.grading.sandbox.process import ProcessBackend
from triptych.grading.sandbox.session import Session


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
        limits: Limits | None = None,
        kind: str = "auto",
    ) -> None:
        """Nothing starts before the ``with`` block is entered."""
        self.limits = limits or Limits()
        self.kind = kind
        self._frameworks = tuple(frameworks)
        self._backend: Backend | None = None

    def __enter__(self) -> Self:
        """Start; returns when the frameworks are imported."""
        self._backend = _start(self.kind, self._frameworks)
        self.kind = self._backend.kind
        return self

    def __exit__(self, *_: object) -> None:
        """End every process of the sandbox."""
        assert self._backend is not None
        self._backend.close()
        self._backend = None

    def open(
        self, cells: Sequence[Code], limits: Limits | None = None, helpers: Sequence[Code] = ()
    ) -> Session:
        """Run ``cells`` and return a session that answers calls; use it as a context manager.

        ``helpers``: the release's locked cells. They run before the others, and are the
        grader's own when functions are called, whatever the others have made of them.
        ``limits``: this submission's own, where they are not the sandbox's.
        What the cells do wrong is told by the session, not raised here. Raises
        SandboxUnavailable where there is no sandbox any more, and SandboxFailed where
        it lost the submission twice: one that is lost while it is opened is opened
        again, as what made it may have been dying already.
        """
        backend, limits = self._backend, limits or self.limits
        if backend is None:
            raise RuntimeError("use the sandbox in a with block")
        with contextlib.suppress(SandboxFailed):
            return Session(backend.connect(limits), limits, cells, helpers)
        return Session(backend.connect(limits), limits, cells, helpers)

    def connect(self) -> Channel:
        """A channel to one submission's processes, for a session in another process. Raises as ``open``."""
        if self._backend is None:
            raise RuntimeError("use the sandbox in a with block")
        return self._backend.connect(self.limits)


def _start(kind: str, frameworks: tuple[str, ...]) -> Backend:
    """The backend of that kind, or the first that works."""
    if not hasattr(os, "fork"):
        raise SandboxUnavailable("sandbox", "Windows itself cannot run one", "use WSL")
    match kind:
        case "bubblewrap":
            return BubblewrapBackend(frameworks)
        case "container":
            return ContainerBackend()
        case "trusted":
            return ProcessBackend()
        case "auto":
            problems = []
            for make in (lambda: BubblewrapBackend(frameworks), ContainerBackend):
                try:
                    return make()
                except SandboxUnavailable as error:
                    problems.append(f"{error.place}: {error.problem}")
            raise SandboxUnavailable(
                "sandbox",
                f"other people's notebooks cannot be run safely here ({'; '.join(problems)})",
                f"{INSTALL}; {TRUSTED}",
            )
    raise ValueError(f"no kind of sandbox is called {kind!r}")
