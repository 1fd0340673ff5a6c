"""The files in a zip, whatever it claims of itself."""

from __future__ import annotations

import os
import re
import stat
import struct
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from triptych.errors import TriptychError
from triptych.grading.submissions.files import (
    BOUNDS,
    LINK,
    Bounds,
    SubmittedFolder,
    SubmittedItem,
    require_size,
)
from triptych.notebooks.untrusted import Unreadable, encodable

_DRIVE = re.compile(r"[A-Za-z]:")

#: Characters of a name in a zip; a file's own path has no more.
NAME = 1_000


@dataclass(frozen=True)
class PackedFile(SubmittedItem):
    """A file in an archive: the ``number``-th of the archive's table of contents, there called ``entry``."""

    archive: Path = Path()
    number: int = 0
    entry: str = ""

    def read(self, bounds: Bounds) -> bytes:
        """The file's bytes, whatever size the archive claims. Raises Unreadable."""
        if self.problem:
            raise Unreadable(self.problem)
        return unpacked(_opened(self.archive), self.number, self.entry, bounds)


def unpacked(archive: zipfile.ZipFile, number: int, entry: str, bounds: Bounds) -> bytes:
    """The bytes of the ``number``-th file of a zip, there called ``entry``. Raises Unreadable."""
    infos = archive.infolist()
    if number >= len(infos) or encodable(infos[number].orig_filename) != entry:
        raise Unreadable("the zip is not the one that was looked at")
    info = infos[number]
    require_size(info.file_size, bounds)
    try:
        with archive.open(info) as file:
            data = file.read(bounds.notebook + 1)
    except MemoryError:
        raise Unreadable("to unpack it takes more memory than a notebook can need") from None
    except Exception:  # zipfile and the decompressors document few of those that they raise
        raise Unreadable("it is damaged inside the zip and cannot be unpacked") from None
    require_size(len(data), bounds)
    return data


def _opened(path: Path) -> zipfile.ZipFile:
    """The archive, opened once for all of its files. Raises Unreadable."""
    try:
        status = path.stat()
        return _kept_open(path, status.st_mtime_ns, status.st_size)
    except Exception as error:
        raise Unreadable(f"the zip cannot be opened any more ({error})") from None


@lru_cache(maxsize=1)
def _kept_open(path: Path, changed: int, size: int) -> zipfile.ZipFile:
    return zipfile.ZipFile(path)


def files_of_archive(archive: zipfile.ZipFile, bounds: Bounds) -> Iterator[SubmittedItem]:
    """The files of a zip, by the names they claim, which are never used as paths. The zip is closed then."""
    with archive:
        for number, info in enumerate(archive.infolist()):
            try:
                yield _item(info, number, Path(archive.filename or ""), bounds)
            except Exception as error:  # nothing that one entry says ends the others
                place = PurePosixPath(f"entry {number + 1}")
                yield SubmittedItem(place, f"its record in the zip cannot be read ({type(error).__name__})")


def _item(info: zipfile.ZipInfo, number: int, archive: Path, bounds: Bounds) -> SubmittedItem:
    path, problem = place_of(info, bounds)
    if info.is_dir() and not problem:
        return SubmittedFolder(path)
    return PackedFile(path, problem, archive, number, encodable(info.orig_filename))


def place_of(info: zipfile.ZipInfo, bounds: Bounds) -> tuple[PurePosixPath, str]:
    """Where an entry lies in its zip, in a path that leads nowhere else, and why it is not read."""
    name = _archive_name(info)
    parts = PurePosixPath(name[:NAME].replace("\\", "/")).parts
    kept = [p for p in parts if p not in ("/", "//", "..") and not _DRIVE.fullmatch(p)]
    path = PurePosixPath(*kept[: bounds.depth + 1])
    problem = ""
    if len(name) > NAME:
        problem = f"its name in the zip has {len(name):,} characters, {name[:40]!r} the first of them"
    elif name.startswith(("/", "\\")) or ".." in parts or _DRIVE.match(name) or "\0" in name:
        problem = f"its name in the zip, {name[:100]!r}, leads outside of the folder of submissions"
    elif stat.S_ISLNK(info.external_attr >> 16):
        problem = LINK
    elif info.flag_bits & 0x1:
        problem = "it is encrypted inside the zip"
    elif len(parts) > bounds.depth:
        problem = f"folders within folders, more than {bounds.depth} deep"
    return path, problem


def _archive_name(info: zipfile.ZipInfo) -> str:
    """The entry's name; without the UTF-8 flag it may be UTF-8 all the same, as older servers write it."""
    name = info.orig_filename
    if not info.flag_bits & 0x800:
        try:
            return name.encode("cp437").decode("utf-8")
        except UnicodeError:
            pass
    return encodable(name)


def open_archive(path: Path, bounds: Bounds = BOUNDS) -> zipfile.ZipFile:
    """The zip at ``path``, its table of contents read.

    Raises TriptychError where it is not a zip, or where it could only be a bomb:
    too many entries, or more bytes unpacked than bounds allow.
    """
    remedy = "download the submissions again from the learning platform"
    try:
        with path.open("rb") as file:
            size, entries = table_of_contents(file)
        if entries > bounds.listed or size > bounds.directory:
            raise TriptychError(
                path, f"a zip of {entries:,} files; at most {bounds.listed:,} are read", remedy
            )
        archive = zipfile.ZipFile(path)
    except TriptychError:
        raise
    except Exception as error:  # whichever lie makes zipfile stumble
        if path.suffix.lower() != ".zip":
            problem = "neither a notebook, nor a folder, nor a zip"
            raise TriptychError(path, problem, "name what was handed in") from None
        problem = " ".join(str(error).split())[:200] or type(error).__name__
        raise TriptychError(path, f"not a zip that can be read ({problem})", remedy) from None
    infos = archive.infolist()
    problem = ""
    if len(infos) > bounds.listed:
        problem = f"a zip of {len(infos):,} files; at most {bounds.listed:,} are read"
    elif sum(info.file_size for info in infos) > bounds.unpacked:
        problem = f"a zip that unpacks to more than {bounds.unpacked >> 30} GB"
    if problem:
        archive.close()
        raise TriptychError(path, problem, remedy)
    return archive


def table_of_contents(file: BinaryIO) -> tuple[int, int]:
    """What a zip's last record says of its table of contents: (bytes, entries).

    The table is read into memory as a whole, so its size is looked at before.
    """
    end = file.seek(0, os.SEEK_END)
    file.seek(max(0, end - 65_557))
    tail = file.read()
    end_record = tail.rfind(b"PK\x05\x06")
    if end_record < 0:
        raise zipfile.BadZipFile("no table of contents")
    entries, size = struct.unpack_from("<HI", tail, end_record + 10)
    if entries == 0xFFFF or size == 0xFFFFFFFF:  # zip64: the figures stand in another record
        (offset,) = struct.unpack_from("<Q", tail, tail.rindex(b"PK\x06\x07") + 8)
        file.seek(offset)
        entries, size = struct.unpack_from("<QQ", file.read(56), 32)
    return size, entries
