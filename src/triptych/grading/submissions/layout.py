"""What of a hand-in counts: without what tools leave behind, wrappers, and the course's own files."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from triptych.course import CHAPTERS
from triptych.frameworks import FRAMEWORKS
from triptych.grading.submissions.files import SubmittedFolder, SubmittedItem
from triptych.grading.submissions.platforms import platform_of, stem
from triptych.grading.submissions.roster import Roster

PACKED = (".zip", ".7z", ".rar", ".tar", ".gz", ".tgz", ".bz2", ".xz")

#: What editors, systems and version control leave beside one's files: nobody's work.
_FOLDERS = frozenset(
    (
        "__MACOSX/.git/.hg/.svn/.ipynb_checkpoints/.virtual_documents/__pycache__/.pytest_cache/.mypy_cache/"
        ".ruff_cache/.jupyter/.ipython/.cache/.config/.local/.venv/venv/node_modules/.idea/.vscode/.vs/.trash/"
        ".trashes/.spotlight-v100/.fseventsd/$recycle.bin/system volume information"
    )
    .casefold()
    .split("/")
)
_FILES = re.compile(
    r"\.ds_store|\._.*|desktop\.ini|(?:eh)?thumbs\.db|\.directory|icon\r|~\$.*|\.~lock\..*|.*\.sw[op]",
    re.DOTALL,
)

CHECKPOINTS = ".ipynb_checkpoints"

#: The folders of a checkout of the course that hold notebooks, but no hand-in.
_COURSES = ("solutions", "notebooks")
_IN_COURSE = {"exercises", "work", *_COURSES}

#: Files that only stand for another file, by their endings.
_STAND_INS = {
    ".icloud": "a placeholder that iCloud leaves, not the file",
    ".gdoc": "a link to Google Drive, not the file",
    ".gsheet": "a link to Google Drive, not the file",
    ".gcolab": "a link to Google Colab, not the file",
    ".lnk": "a shortcut, not the file",
    ".url": "a link, not the file",
    ".webloc": "a link, not the file",
    ".desktop": "a shortcut, not the file",
    ".crdownload": "a download that had not ended",
    ".part": "a download that had not ended",
}


def is_file(item: SubmittedItem) -> bool:
    """Whether it is a file, and not a folder (which is listed so that an empty one is noticed)."""
    return not isinstance(item, SubmittedFolder)


def is_notebook(path: PurePosixPath) -> bool:
    """Whether it is called like a notebook."""
    return path.suffix.lower() == ".ipynb"


def is_packed(path: PurePosixPath) -> bool:
    """Whether it is called like an archive."""
    return path.name.lower().endswith(PACKED)


def is_noise(path: PurePosixPath) -> bool:
    """Whether it is what a tool leaves behind, or in such a folder."""
    return any(p.lower() in _FOLDERS for p in path.parts) or bool(_FILES.fullmatch(path.name.lower()))


def stand_in(path: PurePosixPath) -> str:
    """What a file is that only stands for another; empty for others."""
    return _STAND_INS.get(path.suffix.lower(), "")


# --- around all submissions ----------------------------------------------------------------


def marks_folders(items: Iterable[SubmittedItem]) -> set[PurePosixPath]:
    """The folders with the marks of an earlier grading: its record beside its tables, and no notebook."""
    inside: dict[PurePosixPath, set[str]] = {}
    for item in items:
        if is_file(item):
            inside.setdefault(item.path.parent, set()).add(item.path.name)
            if is_notebook(item.path):
                for folder in item.path.parents:
                    inside.setdefault(folder, set()).add(".ipynb")
    return {
        folder
        for folder, names in inside.items()
        if folder.parts and {"record.sqlite", "marks.csv"} <= names and ".ipynb" not in names
    }


def nbgraders_root(items: Sequence[SubmittedItem]) -> str:
    """``submitted`` where this is the folder of a course made with nbgrader, else nothing."""
    tops = {item.path.parts[0] for item in items if item.path.parts}
    others = {"source", "release", "autograded", "feedback", "nbgrader_config.py", "gradebook.db"}
    return "submitted" if "submitted" in tops and tops & others else ""


def below(items: Iterable[SubmittedItem], top: str) -> list[SubmittedItem]:
    """The items without the folder ``top`` around them, others as they are."""
    return [
        replace(item, path=item.path.relative_to(top)) if item.path.parts[:1] == (top,) else item
        for item in items
        if item.path.parts != (top,)
    ]


def wrapper(items: Sequence[SubmittedItem], roster: Roster, packed: bool) -> str:
    """The one folder around all submissions, which is nobody's own; empty where there is none.

    Loose files beside it that are no notebooks do not count. In a folder on the disk
    (not ``packed``) the names inside must tell, as a lone folder there is a student's.
    """
    loose = [i.path for i in items if is_file(i) and len(i.path.parts) == 1 and not i.problem]
    inner = [i.path for i in items if is_file(i) and len(i.path.parts) > 1 and not i.problem]
    tops = {i.path.parts[0] for i in items if (len(i.path.parts) > 1 or not is_file(i)) and not i.problem}
    if (
        len(tops) != 1
        or not inner
        or any(is_notebook(p) or is_packed(p) or roster.knows(stem(p)) for p in loose)
    ):
        return ""
    (top,) = tops
    if platform_of(PurePosixPath(top), False) or roster.knows(top):
        return ""
    return top if _are_of_several(inner, roster, packed) else ""


def _are_of_several(paths: Sequence[PurePosixPath], roster: Roster, packed: bool) -> bool:
    """Whether the files of one folder are a class's rather than one student's."""
    second = {PurePosixPath(*p.parts[1:2]): len(p.parts) == 2 for p in paths}
    if any(platform_of(path, loose) for path, loose in second.items()):
        return True
    if any(roster.knows(stem(path) if loose else path.name) for path, loose in second.items()):
        return True
    folders = {path.name for path, loose in second.items() if not loose}
    if len(folders) == len(second) == 1:
        return _are_of_several([PurePosixPath(*p.parts[1:]) for p in paths], roster, False)
    if not packed:
        return False
    if len(folders) == len(second):  # each in a folder of its own, unless those are a course's
        ours = {*FRAMEWORKS, *_IN_COURSE, *(chapter.name for chapter in CHAPTERS)}
        return not folders & ours
    return not {stem(path) for path in second} & set(FRAMEWORKS)


# --- in one student's folder ------------------------------------------------------------------


def chosen(
    files: Sequence[SubmittedItem], chapter: str, ignored: Callable[[SubmittedItem, str], object]
) -> list[SubmittedItem]:
    """Of a student's files those that count for ``chapter``; the others are ``ignored``, with the reason."""
    kept: list[SubmittedItem] = []
    roots = _courses([file.path for file in files])
    for file in files:
        why = _nobodys(file.path, roots, chapter) if is_notebook(file.path) else ""
        if why:
            ignored(file, why)
        else:
            kept.append(file)
    if chapter and any(is_notebook(f.path) and chapter in f.path.parts[1:-1] for f in kept):
        for file in kept:
            if chapter not in file.path.parts[1:-1]:
                ignored(file, f"not in the folder {chapter}, as others are")
        kept = [file for file in kept if chapter in file.path.parts[1:-1]]
    return kept


def _courses(paths: Sequence[PurePosixPath]) -> set[tuple[str, ...]]:
    """The folders that are a copy of the course: its solutions stand beside its exercises or notebooks."""
    inside: dict[tuple[str, ...], set[str]] = {}
    for path in paths:
        for index, part in enumerate(path.parts[:-1]):
            if part in _IN_COURSE:
                inside.setdefault(path.parts[:index], set()).add(part)
    return {root for root, names in inside.items() if "solutions" in names and len(names) > 1}


def _nobodys(path: PurePosixPath, roots: set[tuple[str, ...]], chapter: str) -> str:
    """Why a notebook is nobody's hand-in: it is the course's own. Empty where it may be a student's."""
    parts = path.parts
    chapters = {c.name for c in CHAPTERS} | {chapter}
    for index, part in enumerate(parts[:-2]):
        if part == "solutions" and parts[index + 1] in chapters and _is_the_courses(parts[-1]):
            return "the course's own solution, nobody's hand-in"
    for index, part in enumerate(parts[:-1]):
        if part in _COURSES and parts[:index] in roots:
            return f"the course's own {part}, nobody's hand-in"
    return ""


def _is_the_courses(name: str) -> bool:
    """Whether a file is called as the course calls its notebooks: ``jax.ipynb``."""
    return name.removesuffix(".ipynb") in FRAMEWORKS
