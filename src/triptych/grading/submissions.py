"""What was handed in: a notebook, a folder, or a zip as Moodle or Canvas exports it.

Nothing is ever unpacked onto the disk, and nothing is read before its size is
known. What cannot be graded is not an error of the run: it becomes a submission
with a ``problem``, a reason that a teacher understands, beside those of the others.
"""

from __future__ import annotations

import json
import os
import re
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any

from triptych.errors import TriptychError
from triptych.frameworks import FRAMEWORKS
from triptych.grading.students import Roster


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


class Unreadable(Exception):
    """A notebook that cannot be graded; ``str()`` is the reason, for a teacher."""


@dataclass(frozen=True)
class Submission:
    """One notebook of one student; or, with a ``problem``, the reason why there is none.

    ``source`` is the file's name inside what was handed in. ``entry`` reads it.
    """

    student: str
    name: str
    source: str
    entry: Entry | None = field(default=None, repr=False, compare=False)
    late: bool = False
    known: bool = True  # stands in the list of names, or there is no such list
    problem: str = ""

    def read(self, bounds: Bounds = BOUNDS) -> bytes:
        """The notebook's bytes, at most ``bounds.notebook`` of them. Raises Unreadable."""
        if self.problem or self.entry is None:
            raise Unreadable(self.problem or "there is no notebook")
        return self.entry.read(bounds)


# --- the files, wherever they lie -----------------------------------------------


@dataclass(frozen=True)
class Entry:
    """A file that was handed in. ``path`` has no ``..`` and no root; ``problem`` bars reading it."""

    path: PurePosixPath
    problem: str = ""

    def read(self, bounds: Bounds) -> bytes:
        """The file's bytes. Raises Unreadable."""
        raise Unreadable(self.problem or "it cannot be read")


@dataclass(frozen=True)
class Folder(Entry):
    """A folder: so that an empty one is noticed."""


@dataclass(frozen=True)
class File(Entry):
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
            _require_size(status.st_size, bounds)
            data = file.read(bounds.notebook + 1)
        _require_size(len(data), bounds)
        return data


@dataclass(frozen=True)
class Packed(Entry):
    """A file in an archive."""

    archive: zipfile.ZipFile | None = field(default=None, repr=False, compare=False)
    info: zipfile.ZipInfo | None = field(default=None, repr=False, compare=False)

    def read(self, bounds: Bounds) -> bytes:
        """The file's bytes, whatever size the archive claims. Raises Unreadable."""
        if self.problem or self.archive is None or self.info is None:
            raise Unreadable(self.problem)
        _require_size(self.info.file_size, bounds)
        if self.info.file_size > (1 << 20) and self.info.file_size > bounds.ratio * max(
            self.info.compress_size, 1
        ):
            raise Unreadable(
                f"it unpacks to more than {bounds.ratio} times its packed size, as only a zip bomb does"
            )
        try:
            with self.archive.open(self.info) as file:
                data = file.read(bounds.notebook + 1)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError):
            raise Unreadable("it is damaged inside the zip and cannot be unpacked") from None
        _require_size(len(data), bounds)
        return data


def _require_size(size: int, bounds: Bounds) -> None:
    if size > bounds.notebook:
        raise Unreadable(
            f"the notebook has {size / (1 << 20):.0f} MB, more than the {bounds.notebook >> 20} MB "
            "that are read; clear its outputs and hand it in again"
        )


_DRIVE = re.compile(r"[A-Za-z]:")

LINK = "a symbolic link, not a notebook: it may point anywhere, so it is not followed"


def _folder_entries(folder: Path, ignore: Path | None, bounds: Bounds) -> Iterator[Entry]:
    """The files of a folder, links never followed."""
    todo = [(folder, PurePosixPath())]
    while todo:
        here, name = todo.pop()
        for item in sorted(os.scandir(here), key=lambda item: item.name):
            path = name / _text(item.name)
            if item.is_symlink():
                yield Entry(path, LINK)
            elif item.is_dir(follow_symlinks=False):
                if ignore and Path(item.path).resolve() == ignore:
                    continue
                if len(path.parts) >= bounds.depth:
                    yield Entry(path, f"folders within folders, more than {bounds.depth} deep")
                else:
                    todo.append((Path(item.path), path))
                    yield Folder(path)
            else:
                yield File(path, "", Path(item.path))


def _archive_entries(archive: zipfile.ZipFile, bounds: Bounds) -> Iterator[Entry]:
    """The files of a zip, by the names they claim, which are never used as paths."""
    for info in archive.infolist():
        name = _archive_name(info)
        parts = PurePosixPath(name.replace("\\", "/")).parts
        safe = PurePosixPath(*(p for p in parts if p not in ("/", "//", "..") and not _DRIVE.fullmatch(p)))
        problem = ""
        if name.startswith(("/", "\\")) or ".." in parts or _DRIVE.match(name) or "\0" in name:
            problem = f"its name in the zip, {name[:100]!r}, leads outside of the folder of submissions"
        elif stat.S_ISLNK(info.external_attr >> 16):
            problem = LINK
        elif info.flag_bits & 0x1:
            problem = "it is encrypted inside the zip"
        elif len(parts) > bounds.depth:
            problem = f"folders within folders, more than {bounds.depth} deep"
        if info.is_dir() and not problem:
            yield Folder(safe)
        else:
            yield Packed(safe, problem, archive, info)


def _archive_name(info: zipfile.ZipInfo) -> str:
    """The entry's name; without the UTF-8 flag it may be UTF-8 all the same, as older servers write it."""
    name = info.orig_filename
    if not info.flag_bits & 0x800:
        try:
            return name.encode("cp437").decode("utf-8")
        except UnicodeError:
            pass
    return _text(name)


def open_archive(path: Path, bounds: Bounds = BOUNDS) -> zipfile.ZipFile:
    """The zip at ``path``, its table of contents read.

    Raises TriptychError where it is not a zip, or where it could only be a bomb:
    too many entries, or more bytes unpacked than bounds allow.
    """
    mend = "download the submissions again from the learning platform"
    try:
        size, entries = _table_of_contents(path)
        if entries > bounds.entries or size > bounds.directory:
            raise TriptychError(
                path, f"a zip of {entries:,} files; at most {bounds.entries:,} are read", mend
            )
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, struct.error, EOFError, OSError, NotImplementedError, ValueError) as error:
        raise TriptychError(path, f"not a zip that can be read ({error})", mend) from None
    infos = archive.infolist()
    problem = ""
    if len(infos) > bounds.entries:
        problem = f"a zip of {len(infos):,} files; at most {bounds.entries:,} are read"
    elif sum(info.file_size for info in infos) > bounds.unpacked:
        problem = f"a zip that unpacks to more than {bounds.unpacked >> 30} GB"
    if problem:
        archive.close()
        raise TriptychError(path, problem, mend)
    return archive


def _table_of_contents(path: Path) -> tuple[int, int]:
    """What a zip's last record says of its table of contents: (bytes, entries).

    The table is read into memory as a whole, so its size is looked at before.
    """
    with path.open("rb") as file:
        end = file.seek(0, os.SEEK_END)
        file.seek(max(0, end - 65_557))
        tail = file.read()
        found = tail.rfind(b"PK\x05\x06")
        if found < 0:
            raise zipfile.BadZipFile("no table of contents")
        entries, size = struct.unpack_from("<HI", tail, found + 10)
        if entries == 0xFFFF or size == 0xFFFFFFFF:  # zip64: the figures stand in another record
            (offset,) = struct.unpack_from("<Q", tail, tail.rindex(b"PK\x06\x07") + 8)
            file.seek(offset)
            entries, size = struct.unpack_from("<QQ", file.read(56), 32)
    return size, entries


# --- whose are they? --------------------------------------------------------------

#: Moodle, one folder a student (4.x; until 4.0 with a last underscore) or all files in one folder:
#: ``Jane Doe_12345_assignsubmission_file/jax.ipynb``, ``Jane Doe_12345_assignsubmission_file_jax.ipynb``.
#: The number is Moodle's own for this hand-in ("Participant 12345" in its grading worksheet).
_MOODLE = re.compile(
    r"^(?P<name>.+?)_(?P<id>\d+)_assignsubmission_(?P<kind>[a-z]+)(?:_(?P<file>.*))?$", re.DOTALL
)

#: Canvas: ``doejane_LATE_1234_56789_jax-1.ipynb``: the sortable name without spaces, LATE where it was,
#: the student's number in Canvas and the file's; ``anon_<id>`` where the hand-in is anonymous.
_CANVAS = re.compile(
    r"^(?:(?P<name>(?!LATE_)[^\W_]\w*?)_)?(?P<late>LATE_)?(?:(?P<anonymous>anon_[0-9A-Za-z]+)|(?P<id>\d+))"
    r"_(?P<number>\d+)_(?P<file>.+)$",
    re.DOTALL,
)

_IGNORED = {".ipynb_checkpoints", "__MACOSX", ".git", "__pycache__"}
_PACKED = (".zip", ".7z", ".rar", ".tar", ".gz", ".tgz", ".bz2", ".xz")


def _canvas(name: str) -> re.Match[str] | None:
    """The parts of a name that Canvas gave; it names the student or says that he is anonymous."""
    found = _CANVAS.match(name)
    return found if found and (found["name"] or found["anonymous"]) else None


@dataclass(frozen=True)
class _Owner:
    """Whose a file is, as its name says: the platform's number, and a name."""

    key: str
    name: str
    number: str = ""
    late: bool = False


def find(
    path: Path,
    roster: Roster | None = None,
    chapter: str = "",
    ignore: Path | None = None,
    bounds: Bounds = BOUNDS,
) -> tuple[Submission, ...]:
    """Everything that was handed in at ``path``, ordered by student and file.

    ``path`` is a notebook, a folder (a notebook or a folder for each student, or an
    unpacked export) or a zip. ``roster`` turns names into student ids, ``ignore`` is
    a folder that is not a submission (the marks'), and of a student's folder that
    holds a folder ``chapter``, only that one counts.

    Raises TriptychError where ``path`` itself cannot be read or holds nothing.
    """
    if not path.exists():
        raise TriptychError(path, "no such file or folder", "check the name")
    if path.is_dir():
        entries = list(_bounded(_folder_entries(path, ignore and ignore.resolve(), bounds), path, bounds))
    elif path.suffix.lower() == ".ipynb":
        entries = [File(PurePosixPath(path.name), "", path.resolve())]
    else:
        entries = _without_wrapper(list(_archive_entries(open_archive(path, bounds), bounds)), roster)
    sound = [e for e in entries if not _is_noise(e.path)]
    found = tuple(_submissions(sound, roster or Roster(), chapter))
    if not found:
        raise TriptychError(path, "no submissions here", "name a notebook, a folder of them, or a zip")
    return found


def _bounded(entries: Iterable[Entry], path: Path, bounds: Bounds) -> Iterator[Entry]:
    for number, entry in enumerate(entries):
        if number >= bounds.entries:
            raise TriptychError(
                path, f"more than {bounds.entries:,} files", "name the folder that holds only the submissions"
            )
        yield entry


def _is_noise(path: PurePosixPath) -> bool:
    return bool(_IGNORED.intersection(path.parts)) or path.name.startswith("._") or path.name == ".DS_Store"


def _without_wrapper(entries: list[Entry], roster: Roster | None) -> list[Entry]:
    """A zip's entries without the one folder that holds them all, where it is not a student's."""
    sound = [e for e in entries if e.path.parts and not e.problem and not _is_noise(e.path)]
    tops = {e.path.parts[0] for e in sound}
    if len(tops) != 1 or any(len(e.path.parts) < 2 and _is_file(e) for e in sound):
        return entries
    (top,) = tops
    inside = [e for e in sound if len(e.path.parts) > 1 and _is_file(e)]
    nested = all(len(e.path.parts) > 2 for e in inside)
    stems = {_stem(e.path) for e in inside}
    platform = any(_MOODLE.match(e.path.parts[1]) or _canvas(e.path.parts[1]) for e in inside)
    students = bool(inside) and (
        platform or (roster and any(roster.knows(s) for s in stems)) or nested or not stems & set(FRAMEWORKS)
    )
    if not students or _MOODLE.match(top) or (roster and roster.knows(top)):
        return entries
    return [
        replace(e, path=PurePosixPath(*e.path.parts[1:])) if e.path.parts[:1] == (top,) else e
        for e in entries
        if e.path.parts != (top,)
    ]


def _is_file(entry: Entry) -> bool:
    return not isinstance(entry, Folder)


def _submissions(entries: Sequence[Entry], roster: Roster, chapter: str) -> Iterator[Submission]:
    grouped: dict[str, tuple[_Owner, list[Entry]]] = {}
    for entry in entries:
        owner = _owner(entry, len(entry.path.parts) > 1 or not _is_file(entry))
        if owner is None:
            continue
        known, files = grouped.setdefault(owner.key, (owner, []))
        if owner.late and not known.late:
            grouped[owner.key] = (replace(known, late=True), files)
        if _is_file(entry):
            files.append(entry)
    found: list[Submission] = []
    names = Counter(owner.name for owner, _ in grouped.values())
    for owner, files in grouped.values():
        if owner.number and names[owner.name] > 1 and not roster.find(owner.number, owner.name):
            owner = replace(owner, name=f"{owner.name} ({owner.number})")  # two of the same name
        found += _of_student(owner, _of_chapter(files, chapter), roster)
    yield from sorted(found, key=lambda s: (s.student.casefold(), s.student, s.source))


def _owner(entry: Entry, in_folder: bool) -> _Owner | None:
    """Whose file this is, by the name of its folder or its own; None for what belongs to nobody."""
    if not entry.path.parts:
        return None
    first = unicodedata.normalize("NFC", entry.path.parts[0])
    if moodle := _MOODLE.match(first):
        return _Owner(f"moodle:{moodle['id']}:{moodle['name']}", moodle["name"], moodle["id"])
    if not in_folder and (canvas := _canvas(first)):
        number = canvas["id"] or canvas["anonymous"]
        return _Owner(f"canvas:{number}", canvas["name"] or number, number, bool(canvas["late"]))
    if in_folder:
        return _Owner(f"folder:{first}", first)
    if entry.problem or entry.path.suffix.lower() in (".ipynb", *_PACKED):
        name = unicodedata.normalize("NFC", _stem(entry.path))
        return _Owner(f"file:{name}", name)
    return None


def _stem(path: PurePosixPath) -> str:
    """The student's name in a notebook's: ``ann`` for ``ann_jax.ipynb`` and for ``ann (1).ipynb``."""
    stem = re.sub(r"\s*\(\d+\)$", "", path.name[: -len(path.suffix)] if path.suffix else path.name)
    words = "|".join(FRAMEWORKS)
    shorter = re.sub(rf"^(?:{words})[-_. ]+|[-_. ]+(?:{words})$", "", stem, flags=re.IGNORECASE)
    return shorter or stem


def _of_chapter(files: list[Entry], chapter: str) -> list[Entry]:
    """Of a student's folder with a folder for each assignment, the chapter's files."""
    inside = [file for file in files if chapter and chapter in file.path.parts[1:-1]]
    return inside or files


def _of_student(owner: _Owner, files: list[Entry], roster: Roster) -> Iterator[Submission]:
    student = roster.find(owner.number, owner.name)
    common = {
        "student": student.id if student else owner.name,
        "name": student.name if student else owner.name,
        "late": owner.late,
        "known": student is not None or not roster.students,
    }
    notebooks = [f for f in files if f.path.suffix.lower() == ".ipynb"] or [f for f in files if f.problem]
    seen: set[PurePosixPath] = set()
    for file in notebooks:
        problem = file.problem
        if file.path in seen:
            problem = "a second file of the same name in the zip; only the first is graded"
        seen.add(file.path)
        yield Submission(source=str(file.path), entry=file, problem=problem, **common)
    if notebooks:
        return
    packed = [f for f in files if f.path.name.lower().endswith(_PACKED)]
    others = sorted(f.path.name for f in files)
    if packed:
        reason = (
            f"an archive ({packed[0].path.name}), not a notebook; unpack it, or ask for the notebook itself"
        )
    elif others:
        more = f" and {len(others) - 3} more" if len(others) > 3 else ""
        reason = f"no notebook, only {', '.join(others[:3])}{more}"
    else:
        reason = "an empty folder, no notebook"
    where = str((packed or files)[0].path) if files else common["name"]
    yield Submission(source=where, problem=reason, **common)


# --- a notebook's content ---------------------------------------------------------


def parse(data: bytes, bounds: Bounds = BOUNDS) -> dict[str, Any]:
    """The notebook in ``data`` as plain JSON data, its cells' sources as one string each.

    Metadata is a hint that platforms lose, so little is asked of it. Raises Unreadable
    where this is not a Python notebook of format 4; the reason says what it is.
    """
    text = _decoded(data)
    if not text.strip():
        raise Unreadable("an empty file")
    try:
        raw = json.loads(text)
    except RecursionError:
        raise Unreadable("brackets within brackets without end, not a notebook") from None
    except ValueError as error:
        start = text.lstrip()[:15].lower()
        if start.startswith(("<!doctype", "<html")):
            raise Unreadable("a web page, not a notebook; download the notebook as .ipynb") from None
        where = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        raise Unreadable(
            f"not a notebook: not JSON{where}; perhaps it was cut short or is another file"
        ) from None
    if not isinstance(raw, dict) or "nbformat" not in raw:
        raise Unreadable("JSON, but not a notebook")
    if raw["nbformat"] != 4 or not isinstance(raw.get("cells"), list):
        raise Unreadable(
            f"a notebook of format {str(raw['nbformat'])[:20]!r}; "
            "open it in JupyterLab or Colab and save it again"
        )
    metadata = raw.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    if language := _other_language(metadata):
        raise Unreadable(f"a notebook in {language}, not in Python")
    if len(raw["cells"]) > bounds.cells:
        raise Unreadable(f"{len(raw['cells']):,} cells; at most {bounds.cells:,} are read")
    cells = [_cell(cell, number) for number, cell in enumerate(raw["cells"], 1)]
    if not any(cell["cell_type"] == "code" and cell["source"].strip() for cell in cells):
        raise Unreadable("a notebook without a single cell of code")
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells}


def _cell(cell: Any, number: int) -> dict[str, Any]:
    if not isinstance(cell, dict) or cell.get("cell_type") not in ("code", "markdown", "raw", "heading"):
        raise Unreadable(f"a damaged notebook: cell {number} is not a cell")
    source = cell.get("source", "")
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    if not isinstance(source, str):
        raise Unreadable(f"a damaged notebook: cell {number} has no text")
    metadata = cell.get("metadata")
    return {
        "id": _text(cell["id"]) if isinstance(cell.get("id"), str) else "",
        "cell_type": cell["cell_type"],
        "metadata": metadata if isinstance(metadata, dict) else {},
        "source": _text(source),
    }


def _decoded(data: bytes) -> str:
    if data[:2] == b"PK":
        raise Unreadable("a zip named like a notebook; ask for the notebook itself")
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        raise Unreadable("not a notebook: not text in UTF-8; perhaps it is another file, renamed") from None


def _other_language(metadata: dict[str, Any]) -> str:
    """The language that the notebook names, if that is not Python."""
    for part, key in (("kernelspec", "language"), ("language_info", "name")):
        info = metadata.get(part)
        name = info.get(key) if isinstance(info, dict) else None
        if isinstance(name, str) and name.strip() and not name.lower().startswith(("python", "ipython")):
            return _text(name)[:40]
    return ""


def _text(text: str) -> str:
    """``text`` without lone surrogates, which no file and no database can hold."""
    return text.encode("utf-8", "replace").decode("utf-8")


# --- which framework is it? ---------------------------------------------------------

_IMPORTS = {
    "pytorch": re.compile(r"^\s*(?:import|from)\s+torch\b", re.MULTILINE),
    "tensorflow": re.compile(r"^\s*(?:import|from)\s+(?:tensorflow|keras)\b", re.MULTILINE),
    "jax": re.compile(r"^\s*(?:import|from)\s+jax\b", re.MULTILINE),
}


def framework_of(notebook: dict[str, Any], released: dict[str, dict[str, Any]], source: str) -> str:
    """The framework whose release the notebook resembles most; then by file name; then by its imports.

    ``released`` holds the released notebooks by framework. Empty where nothing tells.
    """
    texts = {cell["source"].strip() for cell in notebook["cells"]} - {""}
    shared = {
        name: len(texts & {"".join(cell["source"]).strip() for cell in release["cells"]})
        for name, release in released.items()
    }
    best = [name for name, count in shared.items() if count and count == max(shared.values())]
    if len(best) == 1:
        return best[0]
    named = [name for name in released if name in PurePosixPath(source).name.lower()]
    if len(named) == 1:
        return named[0]
    code = "\n".join(cell["source"] for cell in notebook["cells"] if cell["cell_type"] == "code")
    imported = [name for name in released if name in _IMPORTS and _IMPORTS[name].search(code)]
    return imported[0] if len(imported) == 1 else ""
