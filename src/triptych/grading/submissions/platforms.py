"""Whose file it is, by the names that learning platforms write: the only place that knows them.

A platform writes the beginning of a name, a student the rest of it. So a name is read from
its beginning, with what the platform lets stand in a person's name, and what follows is never
looked at. Which platform it was is decided once for a whole hand-in (``recognised``).

Moodle (``mod/assign/classes/downloader.php``) writes ``Jane Doe_4711_assignsubmission_file``,
then ``/`` or ``_`` and the file's own name; underscores in a person's name become spaces. The
number is the submission's ("Participant 4711" in the grading worksheet); a team has its group's.
Canvas (``lib/content_zipper.rb``) writes ``doejane_LATE_1234_56789_jax.ipynb``: the sortable
name in small letters, of which only word characters are left; LATE where it was; the user's
number (``anon_x1Y`` instead of name and number where marking is anonymous); the file's.
Blackboard writes ``Graphs_jdoe_attempt_2026-11-29-10-00-00_jax.ipynb``, and the same with
``.txt`` for its receipt.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from triptych.errors import TriptychError
from triptych.frameworks import FRAMEWORKS

#: Names longer than this are no platform's, characters; file systems take 255 bytes.
LONGEST = 1_000

_MOODLE = re.compile(
    r"(?P<name>.+?)(?:_(?P<id>[0-9]+))?_assignsubmission_[a-z0-9]+?(?:_(?P<file>.*))?", re.DOTALL
)
_CANVAS = re.compile(
    r"(?=(?P<late>_late)?_(?:(?P<anonymous>anon_[0-9a-z]+)|(?P<id>[0-9]+))_(?P<file>[0-9]+)_)", re.IGNORECASE
)
_BLACKBOARD = re.compile(
    r"(?P<before>.+?)_attempt_(?P<time>[0-9]{4}(?:-[0-9]{2}){5})(?:_(?P<file>.*)|(?P<receipt>\.txt))?",
    re.DOTALL,
)


@dataclass(frozen=True)
class Owner:
    """Whose a file is, as its name says: a name and, where the platform gave it, the platform's number.

    ``key`` is the same for all files of one owner. ``turn`` sorts them in the order in which
    they were handed in, where the platform tells it.
    """

    key: str
    name: str
    number: str = ""
    late: bool = False
    turn: int = 0
    platform: str = ""


@dataclass(frozen=True)
class Platform:
    """How a platform names things. ``read`` tells the owner from the path in the hand-in.

    It returns the possible owners, the likeliest first; none where the name is not the platform's.
    """

    name: str
    read: Callable[[PurePosixPath, bool], tuple[Owner, ...]]


# --- the platforms ----------------------------------------------------------------------


def moodle(path: PurePosixPath, is_file: bool) -> tuple[Owner, ...]:
    """The owner that the first folder's name, or a loose file's, tells as Moodle writes it."""
    first = _first(path)
    parts = _MOODLE.fullmatch(first) if len(first) <= LONGEST else None
    if not parts:
        return ()
    number = parts["id"] or ""
    return (Owner(f"moodle:{number}:{parts['name']}", parts["name"], number, platform="moodle"),)


def canvas(path: PurePosixPath, is_file: bool) -> tuple[Owner, ...]:
    """The owners that a file's name can tell as Canvas writes it, or the name of the folder that it became.

    A person's name may hold ``_11_22_`` itself, so that there are several readings; the
    first is the one that no name of a file can change.
    """
    first = _first(path)
    if len(first) > LONGEST:
        return ()
    written = f"_{first[: _word(first)]}"
    owners: list[Owner] = []
    end = 0
    for parts in _CANVAS.finditer(written):
        if owners and parts.start() < end:
            continue  # the rest of the one before: "_LATE_12_34_" holds "_12_34_"
        name, anonymous = written[1 : parts.start()], parts["anonymous"]
        if bool(name) == bool(anonymous):  # an anonymous one has no name
            continue
        end = parts.end("id") if parts["id"] else parts.end("anonymous")
        number = parts["id"] or anonymous
        who = name or anonymous
        owners.append(
            Owner(
                f"canvas:{number}:{who}",
                who,
                number,
                bool(parts["late"]),
                int(parts["file"][:18]),
                "canvas",
            )
        )
        if len(owners) == 4:
            break
    return tuple(owners)


def _word(text: str) -> int:
    """How many characters at the beginning are word characters as Ruby has them: marks too."""
    for index, character in enumerate(text):
        if not character.isalnum() and unicodedata.category(character)[0] not in "M" and character != "_":
            return index
    return len(text)


def blackboard(path: PurePosixPath, is_file: bool) -> tuple[Owner, ...]:
    """The owners that a loose file's name can tell as Blackboard writes it, by their user names.

    A user name may hold an underscore, and so may an assignment's: the readings go from
    the shortest user name to the longest.
    """
    first = _first(path)
    if not is_file or len(path.parts) > 1 or len(first) > LONGEST:
        return ()
    parts = _BLACKBOARD.fullmatch(first)
    if not parts:
        return ()
    words = parts["before"].split("_")
    turn = int(parts["time"].replace("-", ""))
    users = ["_".join(words[-count:]) for count in range(1, len(words))][:4]
    return tuple(Owner(f"blackboard:{u}", u, u, False, turn, "blackboard") for u in users if u)


def folders(path: PurePosixPath, is_file: bool) -> tuple[Owner, ...]:
    """The first folder's name."""
    if is_file and len(path.parts) == 1:
        return ()
    first = _first(path)
    return (Owner(f"folder:{first}", first),)


def files(path: PurePosixPath, is_file: bool) -> tuple[Owner, ...]:
    """The file's own name, wherever it lies."""
    if not is_file:
        return ()
    name = stem(path)
    return (Owner(f"file:{name}", name),)


def folders_and_files(path: PurePosixPath, is_file: bool) -> tuple[Owner, ...]:
    """The first folder's name, or a loose file's own."""
    return folders(path, is_file) or files(path, is_file)


#: What ``platform`` may be: how names are read. "nbgrader" has a folder for each student in ``submitted/``.
PLATFORMS: Mapping[str, Platform] = {
    p.name: p
    for p in (
        Platform("moodle", moodle),
        Platform("canvas", canvas),
        Platform("blackboard", blackboard),
        Platform("nbgrader", folders),
        Platform("folders", folders),
        Platform("files", files),
    )
}

#: Where no platform was recognised: each student has a notebook or a folder.
BY_HAND = Platform("", folders_and_files)

#: What only these platforms write.
_MARKS = {
    "moodle": re.compile("_assignsubmission_[a-z0-9]"),
    "canvas": _CANVAS,
    "blackboard": re.compile("_attempt_[0-9]{4}-"),
}


# --- which one it was -------------------------------------------------------------------


def platform_of(path: PurePosixPath, is_file: bool) -> str:
    """The platform that wrote the name of the first folder, or of a loose file; empty for none.

    Where a name can be read as one platform's and as another's, it is that one's whose mark
    stands first: all that follows may be a student's.
    """
    first = _first(path)
    if len(first) > LONGEST:
        return ""
    begins = {
        name: found.start()
        for name, mark in _MARKS.items()
        if PLATFORMS[name].read(path, is_file) and (found := mark.search(f"_{first}"))
    }
    return min(begins, key=lambda name: begins[name], default="")


def recognised(paths: Iterable[tuple[PurePosixPath, bool]], place: object) -> Platform:
    """Whose export it is, by all its first names together: each path with whether it is a file.

    Raises TriptychError where some are a platform's and some are not, or are another one's:
    there, a student's file name could pass for a platform's.
    """
    first: dict[tuple[str, bool], str] = {}
    for path, is_file in paths:
        which = _first(path), is_file and len(path.parts) == 1
        if which not in first:
            first[which] = platform_of(path, is_file)
    kinds = sorted(set(first.values()))
    if len(kinds) <= 1:
        return PLATFORMS[kinds[0]] if kinds and kinds[0] else BY_HAND
    said = []
    for kind in kinds:
        name = next(name for (name, _), its in first.items() if its == kind)
        said.append(f"{_short(name)!r} is named as {kind.capitalize() or 'no platform'} does")
    raise TriptychError(
        place, f"unclear whose export it is: {', '.join(said)}", f"say it: --platform {', '.join(PLATFORMS)}"
    )


# --- names that people give -----------------------------------------------------------------


def stem(path: PurePosixPath) -> str:
    """The student's name in a file's: ``ann`` for ``ann_jax.ipynb`` and ``Copy of ann (1).ipynb``."""
    name = unicodedata.normalize("NFC", path.name)[:LONGEST]
    lower = name.lower()
    at = lower.find(".ipynb")
    name = name[:at] if at > 0 else name[: -len(path.suffix)] if path.suffix else name
    name = re.sub(r"(?:[ _-]+copy)?(?: ?\([0-9]{1,3}\))?$", "", name.strip(), flags=re.IGNORECASE)
    name = re.sub(r"^copy of ", "", name, flags=re.IGNORECASE)
    words = "|".join(FRAMEWORKS)
    shorter = re.sub(rf"^(?:{words})[-_. ]+|[-_. ]+(?:{words})$", "", name, flags=re.IGNORECASE)
    return shorter or name or path.name


def _first(path: PurePosixPath) -> str:
    return unicodedata.normalize("NFC", path.parts[0]) if path.parts else ""


def _short(name: str) -> str:
    return name if len(name) <= 60 else f"{name[:57]}..."
