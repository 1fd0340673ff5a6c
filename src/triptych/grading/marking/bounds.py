"""What bounds a marking process: the kernel's limits, set by itself before it reads anything."""

from __future__ import annotations

import math
import time
from pathlib import Path

#: Bytes of memory that a request may need, beyond what the process has at its start.
MEMORY = 1 << 30


def bound_memory() -> None:
    """From now on at most ``MEMORY`` more; what would need more raises MemoryError. No core is dumped."""
    import resource  # Windows has none

    status = Path("/proc/self/status")
    if status.exists():  # elsewhere no limit of this kind binds
        held = next(int(line.split()[1]) << 10 for line in status.open() if line.startswith("VmData:"))
        _limit(resource.RLIMIT_DATA, held + MEMORY)
    _limit(resource.RLIMIT_CORE, 0)


def allow(seconds: int) -> None:
    """From now on at most ``seconds`` of the processor; beyond them the kernel's SIGXCPU ends it."""
    import resource

    _limit(resource.RLIMIT_CPU, math.ceil(time.process_time()) + seconds)


def _limit(number: int, value: int) -> None:
    import resource

    _, hard = resource.getrlimit(number)
    soft = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(number, (soft, hard))
