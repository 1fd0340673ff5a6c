"""The marking process's way to the grader, and the channel to a submission that the grader lends."""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from typing import Any

from triptych.grading.marking import wire
from triptych.grading.sandbox import Channel
from triptych.grading.sandbox.inside import messages


class Port:
    """Speaks with the grader; each method raises EOFError where the grader is gone."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection

    def request(self) -> Any:
        """The next request."""
        return wire.receive(self._connection)[0]

    def done(self, answer: dict[str, Any]) -> None:
        """Answer the request."""
        self._send({"done": answer})

    def tell(self, **told: Any) -> None:
        """Say something before the answer."""
        self._send({"tell": told})

    def ask(self, **question: Any) -> tuple[Any, list[int]]:
        """Ask something before the answer: the grader's reply, and open descriptors."""
        self._send({"ask": question})
        return wire.receive(self._connection)

    def _send(self, message: dict[str, Any]) -> None:
        messages.send(self._connection.fileno(), message)


class LentChannel(Channel):
    """A channel that the grader has opened, and will close; this process talks on it."""

    def __init__(self, port: Port, reading: int, writing: int) -> None:
        self._port, self.reading, self.writing = port, reading, writing

    def end(self, patience: float) -> dict[str, Any]:
        """Let the grader end the submission; its supervisor's last word.

        Nothing is said to it any more: a program ends when nobody can write to it, this process included.
        """
        self.close()
        word, _ = self._port.ask(end=patience)
        return word if isinstance(word, dict) else {}

    def close(self) -> None:
        """Close this process's own ends."""
        for descriptor in {self.reading, self.writing} - {-1}:
            with suppress(OSError):
                os.close(descriptor)
        self.reading = self.writing = -1
