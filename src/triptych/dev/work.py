"""A learner's work folder: copies of the exercises and of the chapters' notebooks, to write into.

``exercises/`` and ``notebooks/`` are what the course releases; written into, they would stop the
next ``git pull``, and spoil the site and the tests. ``work/`` is the learner's: git, the site and the
tests leave it alone, and a file that is there is never written over.

``work/AGENTS.md`` are the rules for an AI tutor, which assistants look for in the folder that they work in.
``work/graphs/jax.ipynb`` is the exercise, ``work/notebooks/graphs/jax.ipynb`` the chapter's notebook.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from triptych import files
from triptych.course import Course
from triptych.errors import TriptychError

FOLDER = "work"

#: The rules for an AI tutor: they are copied, too.
TUTOR = "exercises/AGENTS.md"

#: In that folder: the digest of what each file was copied from.
_RECORD = ".released.json"


@dataclass(frozen=True)
class Filled:
    """What came of filling the folder: the files that are new, and those whose release is newer."""

    copied: tuple[Path, ...]
    behind: tuple[Path, ...]

    def lines(self, course: Course) -> Iterator[str]:
        """The same for a reader."""
        if notebooks := [path for path in self.copied if path.suffix == ".ipynb"]:
            folders = sorted({course.name(path.parent) for path in notebooks})
            where = " and ".join(folders) if len(folders) < 3 else f"{FOLDER}/"
            yield f"copied {len(notebooks)} notebook{'s' * (len(notebooks) != 1)} into {where}"
        for path in self.behind:
            yield (
                f"{course.name(path)}: there is a newer release; yours is kept. To have both, give yours "
                f"another name, then run `triptych work`"
            )


def fill(course: Course, chapters: Iterable[str]) -> Filled:
    """Copy what is missing of the ``chapters`` into the work folder; nothing is written over.

    Raises TriptychError where the folder cannot be written.
    """
    folder = course.root / FOLDER
    record = _record(folder)
    before = dict(record)
    copied: list[Path] = []
    behind: list[Path] = []
    try:
        for source, target in _pairs(course, chapters):
            key, digest = target.relative_to(folder).as_posix(), files.digest(source.read_bytes())
            if _copy(source, target):
                copied.append(target)
                record[key] = digest
            elif record.setdefault(key, digest) != digest:
                behind.append(target)
        if record != before:
            files.replace(folder / _RECORD, json.dumps(record, indent=1, sort_keys=True) + "\n")
    except OSError as error:
        place = error.filename or folder
        remedy = "copy the course to a folder that you may write to"
        raise TriptychError(place, f"cannot be written ({error.strerror})", remedy) from None
    return Filled(tuple(copied), tuple(behind))


def notebook(course: Course, chapter: str, name: str) -> Path:
    """Where the copy of a chapter's notebook is."""
    return course.root / FOLDER / "notebooks" / chapter / f"{name}.ipynb"


def exercise(course: Course, chapter: str, name: str) -> Path:
    """Where the copy of an exercise is."""
    return course.root / FOLDER / chapter / f"{name}.ipynb"


def begun(course: Course, chapter: str, name: str) -> bool:
    """Whether the copy of an exercise has been written into."""
    path = exercise(course, chapter, name)
    released = _record(course.root / FOLDER).get(f"{chapter}/{name}.ipynb")
    try:
        return released is not None and files.digest(path.read_bytes()) != released
    except OSError:
        return False


def chapters(course: Course) -> list[str]:
    """The chapters that there is something to copy of: the course's, and those with exercises alone."""
    declared = [chapter.name for chapter in course.chapters]
    own = sorted({path.parent.name for path in course.root.glob("exercises/*/*.ipynb")} - set(declared))
    return [*declared, *own]


def _pairs(course: Course, chapters: Iterable[str]) -> Iterator[tuple[Path, Path]]:
    """Each released notebook and the rules for tutors, and where its copy belongs."""
    if (rules := course.root / TUTOR).is_file():
        yield rules, course.root / FOLDER / rules.name
    for chapter in chapters:
        exercises = sorted((course.root / "exercises" / chapter).glob("*.ipynb"))
        if not exercises or chapter in [known.name for known in course.chapters]:
            for name, path in course.siblings(chapter).items():
                yield path, notebook(course, chapter, name)
        for path in exercises:
            yield path, exercise(course, chapter, path.stem)


def _copy(source: Path, target: Path) -> bool:
    """Copy ``source`` where nothing is; whether that was so. Half a copy is never left behind.

    A copy that lies in a deeper folder has its links to the course's other folders follow.
    """
    if os.path.lexists(target):
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=target.parent, prefix=".copying-", delete=False) as file:
        temporary = Path(file.name)
        try:
            deeper = b"../" * (len(target.parents) - len(source.parents))
            file.write(source.read_bytes().replace(b"](../../", b"](../../" + deeper))
            file.close()
            temporary.chmod(0o644)
            temporary.rename(target)
        except BaseException:
            file.close()
            temporary.unlink(missing_ok=True)
            raise
    return True


def _record(folder: Path) -> dict[str, str]:
    """What was copied; empty where that is not known: then what is there counts as the learner's."""
    try:
        record = json.loads((folder / _RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return {str(k): str(v) for k, v in record.items()} if isinstance(record, dict) else {}
