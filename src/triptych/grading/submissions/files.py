"""The files that were handed in, in a folder or in a zip: read only once their size is known.

Nothing is unpacked onto the disk, links are not followed, and no name in an archive
is used as a path.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from triptych.notebooks.untrusted import Unreadable, encodable


@dataclass(frozen=True)
class Bounds:
    """How much is taken in. Beyond a bound, a submission is refused with a reason."""

    notebook: int = 16 << 20  # bytes of one notebook
    cells: int = 2_000  # cells of one notebook
    entries: int = 50_000  # files in a folder or in an archive
    directory: int = 32 << 20  # bytes of an archive's table of contents
    unpacked: int = 8 << 30  # bytes of an archive's files together
    ratio: int = 200  # how many times larger than packed a file may be (beyond the first MiB)
    depth: int = 8  # folders within folders


BOUNDS = Bounds()


@dataclass(frozen=True)
class SubmittedItem:
    """What was handed in. ``path`` has no ``..`` and no root; ``problem`` says why it is not read."""

    path: PurePosixPath
    problem: str = ""

    def read(self, bounds: Bounds) -> bytes:
        """The file's bytes. Raises Unreadable."""
        raise Unreadable(self.problem or "it cannot be read")


@dataclass(frozen=True)
class SubmittedFolder(SubmittedItem):
    """A folder; listed so that an empty one is noticed."""


@dataclass(frozen=True)
class DiskFile(SubmittedItem):
    """A file in a folder."""

    place: Path = Path()

    def read(self, bounds: Bounds) -> bytes:
        """The file's bytes, if it is a regular file of bounded size. Raises Unreadable."""
        if self.problem:
            raise Unreadable(self.problem)
        # Not through a link put there since, and not waiting for a pipe's other end.
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        try:
            descriptor = os.open(self.place, flags | getattr(os, "O_BINARY", 0))
        except OSError as error:
            raise Unreadable(f"the file cannot be opened ({error.strerror})") from None
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise Unreadable("not an ordinary file")
            require_size(status.st_size, bounds)
            data = file.read(bounds.notebook + 1)
        require_size(len(data), bounds)
        return data


def require_size(size: int, bounds: Bounds) -> None:
    """Raise Unreadable for more bytes than a notebook may have."""
    if size > bounds.notebook:
        raise Unreadable(
            f"the notebook has {size / (1 << 20):.0f} MB, more than the {bounds.notebook >> 20} MB "
            "that are read; clear its outputs and hand it in again"
        )


LINK = "a symbolic link, not a notebook: it may point anywhere, so it is not followed"


def files_of_folder(folder: Path, ignore: Path | None, bounds: Bounds) -> Iterator[SubmittedItem]:
    """The files of a folder, links never followed."""
    todo = [(folder, PurePosixPath())]
    while todo:
        here, name = todo.pop()
        for item in sorted(os.scandir(here), key=lambda item: item.name):
            path = name / encodable(item.name)
            if item.is_symlink():
                yield SubmittedItem(path, LINK)
            elif item.is_dir(follow_symlinks=False):
                if ignore and Path(item.path).resolve() == ignore:
                    continue
                if len(path.parts) >= bounds.depth:
                    yield SubmittedItem(path, f"folders within folders, more than {bounds.depth} deep")
                else:
                    todo.append((Path(item.path), path))
                    yield SubmittedFolder(path)
            else:
                yield DiskFile(path, "", Path(item.path))
