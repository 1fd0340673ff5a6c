"""Numbers of users for submissions: each is another user to the kernel, where this one may hand such out.

What the kernel counts for a user (descriptors on their way, pipes, watches) is then
a submission's own, and nobody else's. Root may use any number; others those that
/etc/subuid and /etc/subgid give them, through shadow's newuidmap and newgidmap.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from triptych.grading.sandbox.inside.namespaces import FIRST_USER, LEARNER, USERS

#: Numbers that neither accounts nor systemd use: a block for each process number that there can be.
_UNUSED, _LAST = 0x70000000, 0x7FFFFFFD


class NoUsers(Exception):
    """The numbers could not be given."""


@dataclass(frozen=True)
class Users:
    """``USERS`` users and as many groups, from these numbers on; ``tools`` enter them, or else root does."""

    user: int
    group: int
    tools: tuple[str, str] | None = None

    def give(self, process: int) -> None:
        """Enter them in the user namespace of ``process``, beside its own user. Raises NoUsers."""
        own = (os.getuid(), os.getgid())
        for name, outside, first in zip(("uid", "gid"), own, (self.user, self.group), strict=True):
            entries = ((LEARNER, outside, 1), (FIRST_USER, first, USERS))
            try:
                if self.tools is None:
                    lines = "\n".join(" ".join(map(str, entry)) for entry in entries)
                    Path(f"/proc/{process}/{name}_map").write_text(lines)
                    continue
                tool = self.tools[name == "gid"]
                words = [str(number) for entry in entries for number in entry]
                subprocess.run([tool, str(process), *words], capture_output=True, timeout=30, check=True)
            except (OSError, subprocess.SubprocessError) as error:
                raise NoUsers(str(error)) from error


def users() -> Users | None:
    """The numbers that this process may give to submissions; None where it may give none."""
    if os.getuid() == 0:
        first = _UNUSED + os.getpid() * USERS % (_LAST - _UNUSED - USERS)
        return Users(first, first)
    found = [shutil.which(name) for name in ("newuidmap", "newgidmap")]
    ranges = [_given(Path("/etc", name)) for name in ("subuid", "subgid")]
    if not all(found) or None in ranges:
        return None
    return Users(ranges[0] or 0, ranges[1] or 0, (found[0] or "", found[1] or ""))


def _given(file: Path) -> int | None:
    """The first number of a range for this user that is large enough."""
    import pwd  # Windows has none

    names = {str(os.getuid())}
    with suppress(KeyError):
        names.add(pwd.getpwuid(os.getuid()).pw_name)
    try:
        lines = [line.split(":") for line in file.read_text().splitlines()]
        fitting = [int(line[1]) for line in lines if line[0] in names and int(line[2]) >= USERS]
    except (OSError, ValueError, IndexError):
        return None
    return fitting[0] if fitting else None


def process_of(told: int) -> int:
    """The process that bubblewrap's ``--info-fd`` names; ``told`` is the end to read. Raises NoUsers."""
    text = ""
    while not text.rstrip().endswith("}") and (part := os.read(told, 4096)):
        text += part.decode(errors="replace")
    try:
        return int(json.loads(text)["child-pid"])
    except (ValueError, KeyError, TypeError) as error:
        raise NoUsers("no word from bubblewrap") from error
