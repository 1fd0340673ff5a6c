"""The files that were handed in, in a folder or in a zip: read only once their size is known.

Nothing is unpacked onto the disk, links are not followed, and no name in an archive
is used as a path.
"""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path, PurePosixPath

from triptych.errors import TriptychError
from triptych.notebooks.untrusted import Unreadable, encodable


@dataclass(frozen=True)
class Bounds:
    """How much is taken in. Beyond a bound, a submission is refused with a reason."""

    notebook: int = 16 << 20  # bytes of one notebook
    cells: int = 2_000  # cells of one notebook
    own: int = 5_000  # files in one student's folder; those beyond are not looked at
    entries: int = 50_000  # files in a folder or in an archive, without those that tools leave
    listed: int = 250_000  # files in an archive's table of contents
    directory: int = 32 << 20  # bytes of an archive's table of contents
    unpacked: int = 8 << 30  # bytes of an archive's files together
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


#: What a folder that holds more files than are looked at has in their place, and its problem.
MORE = "..."
TOO_MANY = "more than {:,} files in one student's folder; the others were not looked at"

LINK = "a symbolic link, not a notebook: it may point anywhere, so it is not followed"


def files_of_folder(
    folder: Path, ignore: Path | None, bounds: Bounds, skip: Callable[[PurePosixPath], bool]
) -> Iterator[SubmittedItem]:
    """The files of a folder, links never followed; folders that ``skip`` names are not entered.

    One student's folder gives at most ``bounds.own`` items, then one that says so: it is
    the first of the levels that holds more than one thing. Raises TriptychError where
    ``folder`` itself cannot be read.
    """
    first, problem = _inside(folder, bounds.entries)
    if problem:
        raise TriptychError(folder, problem, "see who may read it")
    todo: list[tuple[list[os.DirEntry[str]], PurePosixPath]] = [(first, PurePosixPath())]
    level = 0  # of the students' folders, counted from the folder's own
    seen: Counter[tuple[str, ...]] = Counter()
    while todo:
        entries, name = todo.pop()
        below: list[tuple[list[os.DirEntry[str]], PurePosixPath]] = []
        counted = [e for e in entries if not skip(PurePosixPath(e.name))]
        if len(name.parts) == level and len(counted) == 1 and counted[0].is_dir(follow_symlinks=False):
            level += 1
        for entry in entries:
            path = name / encodable(entry.name)
            own = path.parts[: level + 1]
            seen[own] += 1
            if len(path.parts) > level + 1 and seen[own] > bounds.own:
                if seen[own] == bounds.own + 1:
                    yield SubmittedItem(PurePosixPath(*own, MORE), TOO_MANY.format(bounds.own))
                continue
            if entry.is_symlink():
                yield SubmittedItem(path, LINK)
            elif not entry.is_dir(follow_symlinks=False):
                yield DiskFile(path, "", Path(entry.path))
            elif ignore and Path(entry.path).resolve() == ignore:
                continue
            elif skip(path):
                yield SubmittedFolder(path)
            elif len(path.parts) >= bounds.depth:
                yield SubmittedItem(path, f"folders within folders, more than {bounds.depth} deep")
            else:
                most = bounds.entries if len(path.parts) <= level else bounds.own
                inside, problem = _inside(Path(entry.path), most)
                yield SubmittedItem(path, problem) if problem else SubmittedFolder(path)
                below.append((inside, path))
        todo += reversed(below)


def _inside(folder: Path, most: int) -> tuple[list[os.DirEntry[str]], str]:
    """What a folder holds, by name, files before folders and one more than ``most`` at most; or why not."""
    try:
        with os.scandir(folder) as entries:
            found = list(islice(entries, most + 1))
        return sorted(found, key=lambda e: (e.is_dir(follow_symlinks=False), e.name)), ""
    except OSError as error:
        return [], f"a folder that cannot be opened ({error.strerror})"
