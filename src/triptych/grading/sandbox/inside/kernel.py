"""The C library's own calls, where Python's standard library has none, and the kernel's version."""

from __future__ import annotations

import ctypes
import functools
import os
import platform
import re


@functools.cache
def libc() -> ctypes.CDLL:
    """The C library; looked for when it is needed, as Windows has none of this kind."""
    return ctypes.CDLL(None, use_errno=True)


def check(result: int, what: str) -> None:
    """Raises OSError where a call of ``libc`` did not give 0."""
    if result != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{what}: {os.strerror(code)}")


def version() -> tuple[int, ...]:
    """Major and minor, as (6, 14)."""
    return tuple(int(part) for part in re.findall(r"\d+", platform.release())[:2])
