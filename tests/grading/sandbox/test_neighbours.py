"""While one submission takes what the kernel keeps once for all, the others and this machine go on."""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import platform
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hostile.attempt import Hostile
from hostile.shared import SHARED

from support import need
from support.sandboxes import cells
from triptych.dev import doctor as tools
from triptych.grading.sandbox import Limits, Sandbox, bubblewrap

LOADS = """
import torch
def load():
    data = torch.utils.data.DataLoader(list(range(8)), batch_size=2, num_workers=2)
    return [batch.tolist() for batch in data]
"""

LIMITS = Limits(cells=60, call=60, total=120, memory=2 << 30)


@pytest.fixture(scope="module")
def with_torch() -> Iterator[Sandbox]:
    need(tools.BUBBLEWRAP)
    with Sandbox(("torch",), LIMITS, kind="bubblewrap") as made:
        yield made


@pytest.fixture(scope="module")
def of_one_user() -> Iterator[Sandbox]:
    """As where submissions cannot be given users of their own."""
    need(tools.BUBBLEWRAP)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bubblewrap, "users", lambda: None)
        with Sandbox(("torch",), LIMITS, kind="bubblewrap") as made:
            yield made


def others_go_on(hostile: Hostile, sandbox: Sandbox) -> None:
    with sandbox.open(cells(hostile.source)) as session:
        session.call("double", np.ones(3))
        undisturbed()
        with sandbox.open(cells(LOADS)) as neighbour:
            assert neighbour.call("load") == [[0, 1], [2, 3], [4, 5], [6, 7]]
        assert neighbour.outcome.reason == ""
    assert session.outcome.reason == ""


def undisturbed() -> None:
    """What a program of the same user does with the files that submissions read, and with its own limits."""
    for path in sorted(Path(os.__file__).parent.glob("*.py")):
        try:
            file = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        except BlockingIOError:
            pytest.fail(f"somebody has a lease on {path}")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        finally:
            os.close(file)
    libc = ctypes.CDLL(None, use_errno=True)
    watch = libc.inotify_init1(0)
    assert watch >= 0, f"no inotify instance is left: {errno.errorcode[ctypes.get_errno()]}"
    os.close(watch)
    made, ended, first = (222, 226, 206) if platform.machine() == "x86_64" else (107, 111, 0)
    timer = ctypes.c_int()
    assert libc.syscall(made, 1, None, ctypes.byref(timer)) == 0, "no timer is left"
    libc.syscall(ended, timer)
    context = ctypes.c_ulong(0)
    assert libc.syscall(first, 8, ctypes.byref(context)) == 0, "no asynchronous input and output is left"
    libc.syscall(first + 1, context)


@pytest.mark.slow
@pytest.mark.parametrize("hostile", SHARED, ids=lambda hostile: hostile.name)
def test_neighbours_and_this_machine_s_programs_go_on(hostile: Hostile, with_torch: Sandbox) -> None:
    others_go_on(hostile, with_torch)


@pytest.mark.slow
@pytest.mark.parametrize(
    "hostile",
    [one for one in SHARED if one.name in ("has descriptors on their way", "makes pipes as large as may be")],
    ids=lambda hostile: hostile.name,
)
def test_they_go_on_where_submissions_have_one_user(hostile: Hostile, of_one_user: Sandbox) -> None:
    others_go_on(hostile, of_one_user)
