"""What a kind of sandbox provides: a backend, which makes a channel to each submission's processes."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from typing import Any

from triptych.grading.sandbox.inside import messages
from triptych.grading.sandbox.model import Limits


class Channel(ABC):
    """The grader's ends of one session. The descriptors do not block.

    ``supervisor``: its process's number where /proc was mounted that it sees; 0 where there is none.
    """

    reading: int
    writing: int
    supervisor: int = 0

    def send(self, message: Any, deadline: float) -> None:
        """To the learner's process. Raises TimeoutError and EOFError."""
        messages.send(self.writing, message, deadline)

    def receive(self, limit: int, deadline: float) -> Any:
        """What the learner's process answers. Raises NotPlain, TimeoutError and EOFError."""
        return messages.receive(self.reading, limit, deadline)

    def greeting(self, patience: float) -> str:
        """Wait for the supervisor's first word: why there is none, or an empty text when it is up.

        Nothing else shows that there is one: a request can reach a process that is dying.
        Raises EOFError where it came to nothing, TimeoutError after ``patience`` seconds.
        """
        match messages.receive(self.reading, deadline=time.monotonic() + patience):
            case {"up": True, "process": int(process)}:
                self.supervisor = process
                return ""
            case {"failed": problem}:
                return str(problem)
            case word:
                return str(word)

    @abstractmethod
    def end(self, patience: float) -> dict[str, Any]:
        """End the submission after ``patience`` seconds in which it may end by itself.

        Returns its supervisor's last word; an empty dict where it left none.
        """

    @abstractmethod
    def close(self) -> None:
        """Release the descriptors, and end what may still run."""


class Backend(ABC):
    """Makes sessions of one kind. May be used from several threads."""

    kind: str

    @abstractmethod
    def connect(self, limits: Limits) -> Channel:
        """A channel to a supervisor that is up and waits for its job.

        Raises SandboxUnavailable and SandboxFailed.
        """

    def close(self) -> None:  # noqa: B027  (most have nothing to end)
        """End what was started; nothing is started any more."""
