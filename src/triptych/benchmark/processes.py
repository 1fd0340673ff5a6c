"""Another process, followed line by line, that ends with all that it has started."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from triptych import files


def follow(command: Sequence[str], folder: Path, log: Path, say: Callable[[str], None]) -> int:
    """Run ``command`` in ``folder`` and pass on each line that it prints; its exit status.

    Its standard error goes to ``log``, and its temporary files (a compiler's cache, an exported model) go
    when it ends. On KeyboardInterrupt the process and all that it has started are ended before the
    exception goes on.
    """
    with files.temporary_folder(), log.open("w", encoding="utf-8") as errors:
        # A session of its own: Ctrl-C reaches this process alone, which then ends the other.
        process = subprocess.Popen(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        )
        assert process.stdout
        with process.stdout:
            try:
                for line in process.stdout:
                    say(line.rstrip("\n"))
                return process.wait()
            except KeyboardInterrupt:
                signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second Ctrl-C must not cut this short
                _end(process)
                raise


@contextmanager
def stoppable() -> Iterator[None]:
    """Within, Ctrl-C, a signal to end and a closed terminal all raise KeyboardInterrupt."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    signals = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {which: signal.signal(which, stop) for which in signals}
    try:
        yield
    finally:
        for which, handler in before.items():
            signal.signal(which, handler)


def _end(process: subprocess.Popen[str]) -> None:
    """End the process and all that it has started, in whatever session that is."""
    if process.poll() is not None:
        return
    import psutil

    try:
        top = psutil.Process(process.pid)
        family = [*top.children(recursive=True), top]
    except psutil.NoSuchProcess:
        family = []
    for ask in (psutil.Process.terminate, psutil.Process.kill):
        for member in family:
            try:
                ask(member)
            except psutil.NoSuchProcess:
                continue
        _, family = psutil.wait_procs(family, timeout=5)
    process.wait()
