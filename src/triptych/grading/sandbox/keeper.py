"""Programs that are to die with the grader: each has a thread that starts it and stays."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Mapping, Sequence
from typing import IO


def start(
    command: Sequence[str],
    descriptors: Sequence[int],
    log: IO[bytes],
    environment: Mapping[str, str] | None = None,
) -> tuple[subprocess.Popen[bytes], threading.Thread]:
    """Start ``command`` with the open ``descriptors``; the process, and the thread that waits for its end.

    What asks the kernel to be ended with its parent is ended with the *thread* that started it, so
    that thread stays. ``environment``: None for this process's own. Raises OSError.
    """
    started = threading.Event()
    made: list[subprocess.Popen[bytes]] = []
    failed: list[OSError] = []

    def keep() -> None:
        try:
            process = subprocess.Popen(
                command,
                pass_fds=tuple(descriptors),
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for the grader, which then ends this
            )
        except OSError as error:
            failed.append(error)
            started.set()
            return
        made.append(process)
        started.set()
        process.wait()

    thread = threading.Thread(target=keep, name="keeper", daemon=True)
    thread.start()
    started.wait()
    if failed:
        raise failed[0]
    return made[0], thread
