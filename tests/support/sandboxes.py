"""What the tests of the sandbox share: cells, small limits, and a look at its processes from outside."""

from __future__ import annotations

import time
from collections.abc import Callable

import psutil

from triptych.grading.sandbox import Code, Limits

SMALL = Limits(cells=1, call=1, total=5, memory=256 << 20, output=2_000, value=1 << 20)


def cells(*sources: str) -> list[Code]:
    """A notebook's cells."""
    return [Code(f"cell-{number}", source) for number, source in enumerate(sources)]


def wait_until(condition: Callable[[], object], seconds: float = 30) -> bool:
    """Wait for it, however busy the machine is; whether it came about."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def bubblewraps() -> set[psutil.Process]:
    """The bubblewraps that this process has started and that live: one a sandbox."""
    return {child for child in psutil.Process().children() if lives(child) and child.name() == "bwrap"}


def lives(process: psutil.Process) -> bool:
    """Whether it runs, also if another has its number by now."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def chain(bubblewrap: psutil.Process) -> tuple[psutil.Process, psutil.Process, psutil.Process]:
    """Bubblewrap, the first process of its namespace, and the warm process."""
    (first,) = bubblewrap.children()
    # a submission whose supervisor was killed is the first process's child until it is reaped
    warm = min(first.children(), key=psutil.Process.create_time)
    return bubblewrap, first, warm


def supervisors(bubblewrap: psutil.Process) -> list[psutil.Process]:
    """The supervisors of a sandbox's submissions, oldest first, and the processes below them."""
    return [child for child in chain(bubblewrap)[-1].children(recursive=True) if lives(child)]
