"""Install a group of pyproject.toml into the course's own environment: ``make`` calls this before all else.

    python -m triptych.dev.install lab .venv

Nothing is installed yet, so this imports nothing that Python itself lacks. Room is looked for first, and
what fails half-way is told in one line: pip's own account of a full disk is a page, without a remedy.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from triptych.errors import TriptychError

#: Gigabytes on the disk of each group with all that it needs, measured with CPU builds and rounded up.
GIGABYTES = {"book": 1, "lab": 4, "bench": 4, "extras": 4, "test": 6}

#: In an environment that has no group yet: what fails leaves nothing of it.
NEW = ".new"

_FULL = ("[Errno 28]", "No space left on device", "[Errno 122]", "Disk quota exceeded")


def install(group: str, environment: Path) -> None:
    """Have the environment's pip install the group.

    Raises TriptychError where there is no room, or pip fails.
    """
    needed = GIGABYTES[group] * 1e9 - _size(environment)
    if (free := shutil.disk_usage(environment).free) < needed:
        raise TriptychError(
            environment,
            f"`{group}` needs {_gb(needed)} more of disk, and {_gb(free)} are free",
            "make room, then run the same command again (on Linux pip takes some 4 GB of GPU libraries "
            "besides, unless PIP_EXTRA_INDEX_URL names PyTorch's CPU builds)",
        )
    command = [str(environment / "bin/pip"), "install", "--progress-bar", "on"]
    command += ["--constraint", "constraints/default.txt", "--editable", f".[{group}]"]
    pip = subprocess.run(command, stderr=subprocess.PIPE, text=True, errors="replace", check=False)
    full = pip.returncode and any(words in pip.stderr for words in _FULL)
    if not full:
        sys.stderr.write(pip.stderr)
    if pip.returncode:
        left = (
            "nothing is left of it" if (environment / NEW).exists() else "what it had before is still there"
        )
        places = {str(environment): environment, tempfile.gettempdir(): Path(tempfile.gettempdir())}
        free_now = ", ".join(f"{_gb(shutil.disk_usage(p).free)} in {name}" for name, p in places.items())
        raise TriptychError(
            environment,
            f"the disk was full before `{group}` was installed (free: {free_now}); {left}"
            if full
            else f"`{group}` could not be installed (see above); {left}",
            f"make room for {_gb(needed)}, then run the same command again"
            if full
            else "mend that, then run the same command again",
        )


def _size(folder: Path) -> float:
    """Bytes that a folder takes on the disk."""
    files = (Path(path, name) for path, _, names in os.walk(folder) for name in names)
    return sum(file.lstat().st_blocks * 512 for file in files)


def _gb(size: float) -> str:
    return f"{max(size, 0) / 1e9:.1f} GB"


if __name__ == "__main__":
    try:
        install(sys.argv[1], Path(sys.argv[2]))
    except TriptychError as error:
        sys.exit(str(error))
