"""Messages between the grader and a submission, on descriptors: a length, then JSON.

Both sides use this module; the grader's side trusts nothing that it reads.
"""

from __future__ import annotations

import json
import os
import select
import time
from typing import Any

from .values import ITEMS, LIMIT, NotPlain


def send(fd: int, message: Any, deadline: float | None = None) -> None:
    """Write one message: four bytes of length, then JSON.

    ``deadline`` (of ``time.monotonic``) needs a descriptor that does not block.
    Raises TimeoutError past it, and EOFError where nobody reads any more.
    """
    content = json.dumps(message, allow_nan=False).encode()
    rest = memoryview(len(content).to_bytes(4, "big") + content)
    while rest:
        _wait(fd, select.POLLOUT, deadline)
        try:
            rest = rest[os.write(fd, rest) :]
        except BlockingIOError:
            continue
        except OSError as error:
            raise EOFError from error


def receive(fd: int, limit: int = LIMIT, deadline: float | None = None, items: int | None = 2 * ITEMS) -> Any:
    """Read one message that ``send`` wrote, of a value of at most ``limit`` bytes.

    Of ``items`` numbers and containers at most, each of which costs many times its
    size; None where the grader sends it. Raises NotPlain for anything else,
    TimeoutError past the deadline, and EOFError where nobody writes any more.
    """
    length = int.from_bytes(_read(fd, 4, deadline), "big")
    if length > 2 * limit + (1 << 16):  # base64 and JSON's escapes add to the value's own size
        raise NotPlain(f"larger than {limit / 2**20:.3g} MiB")
    content = _read(fd, length, deadline)
    if items is not None and _items(content) > items:
        raise NotPlain(f"more than {ITEMS} numbers outside arrays; return an array")
    try:
        return json.loads(content.decode("utf-8"), parse_constant=_refuse)
    except (ValueError, RecursionError, MemoryError) as error:
        raise NotPlain("not a message of the grader's own kind") from error


def read_all(fd: int) -> str:
    """What is written to a pipe until it is closed at the other end."""
    with os.fdopen(fd, encoding="utf-8", errors="replace") as pipe:
        return pipe.read()


def _items(content: bytearray) -> int:
    """At most how many numbers and containers a message has: those marks that are not within its texts."""
    marks = sum(content.count(mark) for mark in b",[{")
    if marks <= ITEMS or content.count(b'"') > 4 * ITEMS:
        return marks
    outside = content.replace(b"\\\\", b"").replace(b'\\"', b"").split(b'"')[::2]
    return sum(part.count(mark) for part in outside for mark in b",[{")


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def _read(fd: int, size: int, deadline: float | None) -> bytearray:
    content = bytearray()
    while len(content) < size:
        _wait(fd, select.POLLIN, deadline)
        try:
            part = os.read(fd, min(size - len(content), 1 << 20))
        except BlockingIOError:
            continue
        except OSError as error:
            raise EOFError from error
        if not part:
            raise EOFError
        content += part
    return content


def _wait(fd: int, event: int, deadline: float | None) -> None:
    if deadline is None:
        return
    poll = select.poll()
    poll.register(fd, event)
    if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
        raise TimeoutError
