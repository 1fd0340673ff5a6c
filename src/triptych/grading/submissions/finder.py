"""Finding submissions: which files a path holds, and whose notebook each is."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from triptych.errors import TriptychError
from triptych.frameworks import FRAMEWORKS
from triptych.grading.submissions.archives import files_of_archive, open_archive
from triptych.grading.submissions.files import (
    BOUNDS,
    Bounds,
    DiskFile,
    SubmittedFolder,
    SubmittedItem,
    files_of_folder,
)
from triptych.grading.submissions.platforms import Owner, canvas, moodle
from triptych.grading.submissions.roster import Roster
from triptych.notebooks.untrusted import Unreadable

_IGNORED = {".ipynb_checkpoints", "__MACOSX", ".git", "__pycache__"}
_PACKED = (".zip", ".7z", ".rar", ".tar", ".gz", ".tgz", ".bz2", ".xz")


@dataclass(frozen=True)
class Submission:
    """One notebook of one student; or, with a ``problem``, the reason why there is none.

    ``source`` is the file's name inside what was handed in, and ``item`` the file itself.
    """

    student: str
    name: str
    source: str
    item: SubmittedItem | None = field(default=None, repr=False, compare=False)
    late: bool = False
    known: bool = True  # on the class list, or there is no such list
    problem: str = ""

    def read(self, bounds: Bounds = BOUNDS) -> bytes:
        """The notebook's bytes, at most ``bounds.notebook`` of them. Raises Unreadable."""
        if self.problem or self.item is None:
            raise Unreadable(self.problem or "there is no notebook")
        return self.item.read(bounds)


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
    roster = roster or Roster()
    if not path.exists():
        raise TriptychError(path, "no such file or folder", "check the name")
    items: Sequence[SubmittedItem]
    if path.is_dir():
        items = list(_bounded(files_of_folder(path, ignore and ignore.resolve(), bounds), path, bounds))
    elif path.suffix.lower() == ".ipynb":
        items = [DiskFile(PurePosixPath(path.name), "", path.resolve())]
    else:
        items = _without_wrapper(list(files_of_archive(open_archive(path, bounds), bounds)), roster)
    submissions = _submissions([item for item in items if not _is_noise(item.path)], roster, chapter)
    if not submissions:
        raise TriptychError(path, "no submissions here", "name a notebook, a folder of them, or a zip")
    return submissions


def _bounded(items: Iterable[SubmittedItem], path: Path, bounds: Bounds) -> Iterator[SubmittedItem]:
    for number, item in enumerate(items):
        if number >= bounds.entries:
            raise TriptychError(
                path, f"more than {bounds.entries:,} files", "name the folder that holds only the submissions"
            )
        yield item


def _is_noise(path: PurePosixPath) -> bool:
    return bool(_IGNORED.intersection(path.parts)) or path.name.startswith("._") or path.name == ".DS_Store"


def _is_file(item: SubmittedItem) -> bool:
    return not isinstance(item, SubmittedFolder)


# --- a folder around all submissions ------------------------------------------------


def _without_wrapper(items: Sequence[SubmittedItem], roster: Roster) -> Sequence[SubmittedItem]:
    """A zip's items without the one folder that holds them all, where that is not a student's own."""
    sound = [i for i in items if i.path.parts and not i.problem and not _is_noise(i.path)]
    tops = {item.path.parts[0] for item in sound}
    files = [item.path for item in sound if _is_file(item)]
    if len(tops) != 1 or not files or any(len(path.parts) == 1 for path in files):
        return items
    (top,) = tops
    if moodle(top) or roster.knows(top) or not _are_of_several(files, roster):
        return items
    return [
        replace(item, path=item.path.relative_to(top)) if item.path.parts[:1] == (top,) else item
        for item in items
        if item.path.parts != (top,)
    ]


def _are_of_several(files: Sequence[PurePosixPath], roster: Roster) -> bool:
    """Whether the files of one folder are a class's rather than one student's.

    They are where a platform or the class list knows their names, where each lies in a
    folder of its own, or where none is called by a framework alone, as ``jax.ipynb`` is.
    """
    stems = {_stem(path) for path in files}
    return (
        any(moodle(path.parts[1]) or canvas(path.parts[1]) for path in files)
        or any(roster.knows(stem) for stem in stems)
        or all(len(path.parts) > 2 for path in files)
        or not stems & set(FRAMEWORKS)
    )


# --- whose they are -----------------------------------------------------------------


def _submissions(items: Sequence[SubmittedItem], roster: Roster, chapter: str) -> tuple[Submission, ...]:
    owners: dict[str, Owner] = {}
    files: dict[str, list[SubmittedItem]] = {}
    for item in items:
        owner = _owner(item)
        if owner is None:
            continue
        first = owners.setdefault(owner.key, owner)
        owners[owner.key] = replace(first, late=first.late or owner.late)
        files.setdefault(owner.key, []).extend([item] if _is_file(item) else [])
    submissions: list[Submission] = []
    names = Counter(owner.name for owner in owners.values())
    for key, owner in owners.items():
        if owner.number and names[owner.name] > 1 and not roster.find(owner.number, owner.name):
            owner = replace(owner, name=f"{owner.name} ({owner.number})")  # two of the same name
        submissions += _of_student(owner, _of_chapter(files[key], chapter), roster)
    return tuple(sorted(submissions, key=lambda s: (s.student.casefold(), s.student, s.source)))


def _owner(item: SubmittedItem) -> Owner | None:
    """Whose item this is, by the name of its folder or its own; None for what belongs to nobody."""
    if not item.path.parts:
        return None
    first = unicodedata.normalize("NFC", item.path.parts[0])
    if owner := moodle(first):
        return owner
    if len(item.path.parts) > 1 or not _is_file(item):
        return Owner(f"folder:{first}", first)
    if owner := canvas(first):
        return owner
    if item.problem or item.path.suffix.lower() in (".ipynb", *_PACKED):
        name = unicodedata.normalize("NFC", _stem(item.path))
        return Owner(f"file:{name}", name)
    return None


def _stem(path: PurePosixPath) -> str:
    """The student's name in a notebook's: ``ann`` for ``ann_jax.ipynb`` and for ``ann (1).ipynb``."""
    stem = re.sub(r"\s*\(\d+\)$", "", path.name[: -len(path.suffix)] if path.suffix else path.name)
    words = "|".join(FRAMEWORKS)
    shorter = re.sub(rf"^(?:{words})[-_. ]+|[-_. ]+(?:{words})$", "", stem, flags=re.IGNORECASE)
    return shorter or stem


def _of_chapter(files: list[SubmittedItem], chapter: str) -> list[SubmittedItem]:
    """Of a student's folder with a folder for each assignment, the chapter's files."""
    inside = [file for file in files if chapter and chapter in file.path.parts[1:-1]]
    return inside or files


def _of_student(owner: Owner, files: Sequence[SubmittedItem], roster: Roster) -> Iterator[Submission]:
    """A student's notebooks; without any, one submission that says what there is instead."""
    student = roster.find(owner.number, owner.name)
    blank = Submission(
        student=student.id if student else owner.name,
        name=student.name if student else owner.name,
        source="",
        late=owner.late,
        known=student is not None or not roster.students,
    )
    notebooks = [f for f in files if f.path.suffix.lower() == ".ipynb"] or [f for f in files if f.problem]
    if not notebooks:
        yield _without_notebook(blank, files)
    seen: set[PurePosixPath] = set()
    for file in notebooks:
        twice = file.path in seen
        seen.add(file.path)
        problem = "a second file of the same name in the zip; only the first is graded" if twice else ""
        yield replace(blank, source=str(file.path), item=file, problem=problem or file.problem)


def _without_notebook(blank: Submission, files: Sequence[SubmittedItem]) -> Submission:
    """The submission of a student whose files are no notebooks."""
    packed = [file for file in files if file.path.name.lower().endswith(_PACKED)]
    names = sorted(file.path.name for file in files)
    if packed:
        archive = packed[0].path
        problem = f"an archive ({archive.name}), not a notebook; unpack it, or ask for the notebook itself"
        return replace(blank, source=str(archive), problem=problem)
    if names:
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        problem = f"no notebook, only {', '.join(names[:3])}{more}"
        return replace(blank, source=str(files[0].path), problem=problem)
    return replace(blank, source=blank.name, problem="an empty folder, no notebook")
