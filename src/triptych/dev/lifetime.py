"""A process that ends in good order with what started it."""

from __future__ import annotations

import os
import signal
import threading
import time


def end_with_parent() -> None:
    """Have this process get SIGTERM when its parent ends, or when its terminal is closed (SIGHUP).

    Who starts it with nohup wants it to stay, and keeps it. Call it in the main thread. Elsewhere
    than on POSIX it does nothing.
    """
    if os.name != "posix" or signal.getsignal(signal.SIGHUP) == signal.SIG_IGN:
        return
    signal.signal(signal.SIGHUP, lambda *_: _terminate())
    threading.Thread(target=_watch, args=(os.getppid(),), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    _terminate()


def _terminate() -> None:
    os.kill(os.getpid(), signal.SIGTERM)
