"""What the tests of the sandbox share: cells, small limits, and a look at its processes from outside."""

from __future__ import annotations

import importlib.metadata
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
from packaging.requirements import Requirement

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


def as_nobody(folder: Path) -> str:
    """Shell text that runs its arguments as user 54321.

    Root's Python may lie where only root may enter: in mounts of its own, the way there is opened.
    """
    base = Path(sys.base_prefix).resolve()
    run = 'exec setpriv --reuid 54321 --regid 54321 --clear-groups --inh-caps=-all -- "$@"'
    closed = next((p for p in reversed(base.parents) if not p.stat().st_mode & 1), None)
    if closed is None:
        return run
    kept = folder / "base"
    steps = (
        f"mkdir -p {kept}",
        f"mount --bind {base} {kept}",
        f"mount -t tmpfs -o mode=755 none {closed}",
        f"mkdir -p {base}",
        f"mount --bind {kept} {base}",
        run,
    )
    return f"exec unshare --mount sh -c '{' && '.join(steps)}' sh \"$@\""


def closure(*names: str) -> list[importlib.metadata.Distribution]:
    """The packages named and what they need, as they are installed here."""
    found: dict[str, importlib.metadata.Distribution] = {}
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        try:
            found[name] = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            continue
        for requirement in map(Requirement, found[name].requires or []):
            wanted = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
            if wanted and requirement.name not in found:
                waiting.append(requirement.name)
    return list(found.values())
