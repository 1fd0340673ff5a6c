"""Sandboxes that a file's tests share, and what a snooper would like to find."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from hostile.attempt import SECRET

from support import ROOT, need
from support.sandboxes import bubblewraps
from triptych.dev import doctor as tools
from triptych.grading.sandbox import Sandbox


@pytest.fixture(scope="module")
def plain_and_its_bubblewrap() -> Iterator[tuple[Sandbox, psutil.Process]]:
    need(tools.BUBBLEWRAP)
    os.environ["GRADER_SECRET"] = SECRET
    before = bubblewraps()
    with Sandbox(frameworks=(), kind="bubblewrap") as made:
        (bubblewrap,) = bubblewraps() - before
        yield made, bubblewrap
    del os.environ["GRADER_SECRET"]


@pytest.fixture(scope="module")
def plain(plain_and_its_bubblewrap: tuple[Sandbox, psutil.Process]) -> Sandbox:
    """A sandbox without frameworks: quick to start. The grader's environment holds the secret."""
    return plain_and_its_bubblewrap[0]


@pytest.fixture(scope="module")
def bubblewrap(plain_and_its_bubblewrap: tuple[Sandbox, psutil.Process]) -> psutil.Process:
    """The outermost process of ``plain``."""
    return plain_and_its_bubblewrap[1]


@pytest.fixture(scope="module")
def full() -> Iterator[Sandbox]:
    """A sandbox with the three frameworks."""
    need(tools.BUBBLEWRAP)
    with Sandbox(kind="bubblewrap") as made:
        yield made


@pytest.fixture
def surroundings(tmp_path: Path) -> Iterator[dict[str, object]]:
    """What a snooper would like to find: files, listeners. The listeners must never hear anything."""
    (tmp_path / "solutions").mkdir()
    for name in ("gradebook.db", "solutions/checks.py", "other-student.ipynb"):
        (tmp_path / name).write_text(SECRET)
    abstract = f"triptych-{os.getpid()}"
    with (
        socket.create_server(("127.0.0.1", 0)) as tcp,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp,
        socket.socket(socket.AF_UNIX) as unnamed,
        socket.socket(socket.AF_UNIX) as named,
    ):
        port = tcp.getsockname()[1]
        udp.bind(("127.0.0.1", port))
        unnamed.bind("\0" + abstract)
        named.bind(str(tmp_path / "socket"))
        for listener in (tcp, unnamed, named):
            listener.listen()
        yield {
            "here": tmp_path,
            "port": port,
            "abstract": abstract,
            "repository": ROOT,
            "python": sys.base_prefix,
        }
        for listener in (tcp, udp, unnamed, named):
            listener.setblocking(False)
            with pytest.raises(BlockingIOError):
                listener.recv(1) if listener is udp else listener.accept()
