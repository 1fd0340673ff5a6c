"""From the grader to a marking process: pickled requests of the grader's own, and open descriptors.

The other way goes nothing but JSON (``sandbox.inside.messages``): the grader unpickles nothing.
"""

from __future__ import annotations

import pickle
import socket
from collections.abc import Sequence
from typing import Any

_LENGTH = 8


def send(control: socket.socket, value: Any, descriptors: Sequence[int] = ()) -> None:
    """Send a value, and descriptors with its first bytes. Raises OSError where nobody reads."""
    content = pickle.dumps(value)
    head = len(content).to_bytes(_LENGTH, "big")
    socket.send_fds(control, [head], descriptors)
    control.sendall(content)


def receive(control: socket.socket) -> tuple[Any, list[int]]:
    """The next value and its descriptors. Raises EOFError where nobody writes any more."""
    head, descriptors, _, _ = socket.recv_fds(control, _LENGTH, 4)
    rest = _LENGTH - len(head)
    head += _exactly(control, rest) if head and rest else b""
    if len(head) < _LENGTH:
        raise EOFError
    return pickle.loads(_exactly(control, int.from_bytes(head, "big"))), list(descriptors)


def _exactly(control: socket.socket, size: int) -> bytes:
    content = bytearray()
    while len(content) < size:
        part = control.recv(min(size - len(content), 1 << 20))
        if not part:
            raise EOFError
        content += part
    return bytes(content)
