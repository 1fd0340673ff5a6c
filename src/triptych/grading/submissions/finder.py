"""Finding submissions: which files a path holds, and whose notebook each is."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

from triptych.errors import TriptychError
from triptych.grading.submissions import layout
from triptych.grading.submissions.archives import files_of_archive, open_archive
from triptych.grading.submissions.files import (
    BOUNDS,
    MORE,
    TOO_MANY,
    Bounds,
    DiskFile,
    SubmittedItem,
    files_of_folder,
)
from triptych.grading.submissions.identity import Identity, identities, owner_of
from triptych.grading.submissions.layout import is_file, is_noise, is_notebook, is_packed
from triptych.grading.submissions.model import HandIn, Ignored, Submission
from triptych.grading.submissions.pattern import named
from triptych.grading.submissions.platforms import (
    BY_HAND,
    PLATFORMS,
    Owner,
    Platform,
    platform_of,
    recognised,
    stem,
)
from triptych.grading.submissions.roster import Roster
from triptych.grading.submissions.student import of_one


def find(path: Path, *arguments: Any, **named: Any) -> tuple[Submission, ...]:
    """Everything that was handed in at ``path``, ordered by student and file; arguments as for ``look``."""
    return look(path, *arguments, **named).submissions


def look(
    path: Path,
    roster: Roster | None = None,
    chapter: str = "",
    ignore: Path | None = None,
    bounds: Bounds = BOUNDS,
    platform: str = "",
    pattern: str = "",
) -> HandIn:
    """Everything that was handed in at ``path``, and what was ignored.

    ``path`` is a notebook, a folder (a notebook or a folder for each student, or an
    unpacked export) or a zip. ``roster`` turns names into student ids, ``ignore`` is
    a folder that is not a submission (the marks'), and of a student's folder that
    holds a folder ``chapter``, only that one counts. ``platform`` says whose names the
    files have, one of ``PLATFORMS``; with "auto", or none, that is recognised. ``pattern`` reads
    them instead (see ``named``).

    Raises TriptychError where ``path`` itself cannot be read or holds nothing, where
    the platform is unclear, and for a wrong platform or pattern.
    """
    roster = roster or Roster()
    reader = _reader(platform, pattern)
    items = _items(path, ignore, bounds)
    kept = [item for item in items if not is_noise(PurePosixPath(*item.path.parts[:1]))]
    return _Sorting(path, roster, chapter, reader, bounds).sort(kept, packed=not path.is_dir())


def _reader(platform: str, pattern: str) -> Platform | None:
    platform = "" if platform == "auto" else platform
    if pattern:
        if platform:
            raise TriptychError("pattern", f"given beside the platform {platform!r}", "leave one of them out")
        return named(pattern)
    if platform and platform not in PLATFORMS:
        raise TriptychError("platform", f"none is called {platform!r}", f"there are: {', '.join(PLATFORMS)}")
    return PLATFORMS[platform] if platform else None


def _items(path: Path, ignore: Path | None, bounds: Bounds) -> list[SubmittedItem]:
    if not path.exists():
        raise TriptychError(path, "no such file or folder", "check the name")
    if not path.is_dir():
        if path.suffix.lower() == ".ipynb":
            return [DiskFile(PurePosixPath(path.name), "", path.resolve())]
        return list(files_of_archive(open_archive(path, bounds), bounds))
    if (path / "_config.yml").is_file() and (path / "solutions").is_dir():
        raise TriptychError(path, "the course's own folder, not what was handed in", "name the submissions")
    return list(files_of_folder(path, ignore and ignore.resolve(), bounds, is_noise))


class _Sorting:
    """Sorts what was handed in: by owner, and what is nobody's aside."""

    def __init__(
        self, path: Path, roster: Roster, chapter: str, reader: Platform | None, bounds: Bounds
    ) -> None:
        self._path, self._roster, self._chapter = path, roster, chapter
        self._reader, self._bounds = reader, bounds
        self._ignored: list[Ignored] = []

    def sort(self, items: Sequence[SubmittedItem], packed: bool) -> HandIn:
        items = self._without_marks(items)
        items = self._bounded(self._unwrapped(items, packed))
        reader = self._reader or self._recognised(items)
        owners: dict[str, Owner] = {}
        files: dict[str, list[tuple[SubmittedItem, Owner]]] = {}
        for item in items:
            if is_noise(item.path) and reader.name == "files":
                continue
            if owner := self._owner(item, reader):
                owners.setdefault(owner.key, owner)
                files.setdefault(owner.key, []).append((item, owner))
        who = identities(list(owners.values()), self._roster)
        found = [s for key in owners for s in self._of_student(who[key], files[key])]
        if not found:
            raise self._nothing(reader)
        order = sorted(found, key=lambda s: (s.student.casefold(), s.student, s.turn, s.source))
        return HandIn(tuple(order), tuple(self._ignored), reader.name)

    def _nothing(self, reader: Platform) -> TriptychError:
        names = [ignored.source for ignored in self._ignored]
        if reader.name == "pattern" and names:
            problem = f"the pattern matches no file's name, not {names[0][:100]!r} for example"
            return TriptychError(self._path, problem, "it is matched from the beginning of such a name")
        return TriptychError(self._path, "no submissions here", "name a notebook, a folder of them, or a zip")

    # --- around all ---------------------------------------------------------------

    def _without_marks(self, items: Sequence[SubmittedItem]) -> list[SubmittedItem]:
        marks = layout.marks_folders(items)
        for folder in sorted(marks):
            self._ignored.append(Ignored(f"{folder}/", "the marks of an earlier grading"))
        return [i for i in items if not marks or not marks.intersection((i.path, *i.path.parents))]

    def _unwrapped(self, items: list[SubmittedItem], packed: bool) -> list[SubmittedItem]:
        if self._reader and self._reader.name in ("pattern", "files"):
            return items
        nbgraders = layout.nbgraders_root(items)
        if nbgraders and (self._reader is None or self._reader.name == "nbgrader"):
            self._reader = PLATFORMS["nbgrader"]
            for item in items:
                if is_file(item) and item.path.parts[:1] != (nbgraders,) and not is_noise(item.path):
                    self._ignored.append(Ignored(str(item.path), f"not in the folder {nbgraders}"))
            return layout.below([i for i in items if i.path.parts[:1] == (nbgraders,)], nbgraders)
        counted = [i for i in items if not is_noise(i.path)]
        for _ in range(3):
            top = layout.wrapper(counted, self._roster, packed)
            if not top:
                break
            for item in counted:
                if is_file(item) and len(item.path.parts) == 1:
                    self._ignored.append(Ignored(str(item.path), "beside the folder of submissions"))
            items = layout.below([i for i in items if i.problem or i.path.parts[:1] == (top,)], top)
            counted = [i for i in items if not is_noise(i.path)]
        return items

    def _bounded(self, items: list[SubmittedItem]) -> list[SubmittedItem]:
        """The items without those of a folder that has too many, where notebooks are the last to go."""
        by_top: dict[str, list[SubmittedItem]] = {}
        folders_are_owners = not self._reader or self._reader.name not in ("files", "pattern")
        for item in items if folders_are_owners else ():
            if is_file(item) and not is_noise(item.path) and len(item.path.parts) > 1:
                by_top.setdefault(item.path.parts[0], []).append(item)
        dropped: set[int] = set()
        for top, own in by_top.items():
            if len(own) > self._bounds.own + 1:  # one more says so already, in a folder on the disk
                own.sort(key=lambda item: not is_notebook(item.path))
                dropped.update(map(id, own[self._bounds.own :]))
                items.append(SubmittedItem(PurePosixPath(top, MORE), TOO_MANY.format(self._bounds.own)))
        kept = [item for item in items if id(item) not in dropped]
        if sum(is_file(item) and not is_noise(item.path) for item in kept) > self._bounds.entries:
            raise TriptychError(
                self._path,
                f"more than {self._bounds.entries:,} files",
                "name the folder that holds only the submissions",
            )
        return kept

    def _recognised(self, items: Iterable[SubmittedItem]) -> Platform:
        telling = (
            (i.path, is_file(i))
            for i in items
            if not is_noise(i.path)
            and (
                len(i.path.parts) > 1
                or not is_file(i)
                or is_notebook(i.path)
                or is_packed(i.path)
                or platform_of(i.path, True)
            )
        )
        return recognised(telling, self._path)

    # --- whose ---------------------------------------------------------------------

    def _owner(self, item: SubmittedItem, reader: Platform) -> Owner | None:
        """Whose item this is; None for what belongs to nobody, which is then ignored."""
        path = item.path
        loose = is_file(item) and (len(path.parts) == 1 or reader.name == "files")
        if not path.parts:
            self._ignored.append(Ignored(item.path.name, item.problem or "it has no name"))
            return None
        readings = reader.read(path, is_file(item))
        if path.name == MORE and reader.name in ("files", "pattern"):
            self._ignored.append(Ignored(str(path), item.problem))
            return None
        if readings:
            if reader.name not in ("", "files") or self._is_somebodys(item, loose):
                return owner_of(readings, self._roster)
        elif reader.name in ("moodle", "canvas", "blackboard"):  # added by hand
            readings = BY_HAND.read(path, is_file(item))
            if readings and self._is_somebodys(item, loose):
                return readings[0]
        if is_file(item) and not is_noise(path):
            self._ignored.append(Ignored(str(path), _why_nobodys(reader, path)))
        return None

    def _is_somebodys(self, item: SubmittedItem, loose: bool) -> bool:
        """Whether a loose file is a student's: a notebook, what should be one, or one that the list names."""
        path = item.path
        return (
            not loose
            or bool(item.problem)
            or ".ipynb" in path.name.lower()
            or is_packed(path)
            or self._roster.knows(stem(path))
        )

    # --- of one student --------------------------------------------------------------

    def _of_student(
        self, who: Sequence[Identity], files: Sequence[tuple[SubmittedItem, Owner]]
    ) -> Iterator[Submission]:
        """A student's submissions; those of a team are each member's."""
        submissions, ignored = of_one(files, self._chapter, self._bounds)
        self._ignored += (Ignored(str(item.path), why, who[0].name) for item, why in ignored)
        for identity, submission in itertools.product(who, submissions):
            yield replace(
                submission,
                student=identity.student,
                name=identity.name,
                known=identity.known,
                note=identity.note,
            )


def _why_nobodys(reader: Platform, path: PurePosixPath) -> str:
    if reader.name == "pattern":
        return "the pattern does not match"
    if reader.name in ("folders", "nbgrader"):
        return "not in a student's folder"
    return "not a notebook, and nobody's name"
