"""A class of 300 as Moodle and as Canvas export it, with all that is odd in real ones, and the truth of it.

``moodle`` and ``canvas`` write a zip and a class list and return the ``Truth``: whose each
file is, whether it was late, and what grading it comes to. The names of files are made here as
the platforms' own code makes them, and nothing of ``triptych.grading.submissions`` is used.
"""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import product
from pathlib import Path

from support.exercises import BANK, HIDDEN, blank, solution, with_mistake
from triptych.notebooks import cells as plain

SIZE = 300
CHAPTER = "graphs"

#: Mistakes that are planted, by the content's name: framework, exercise and name in the chapter's bank.
PLANTED = {
    "a call too few": ("jax", "places", "calls counted while tracing"),
    "state lost": ("jax", "places", "the state is overwritten or dropped"),
    "traces miscounted": ("pytorch", "places", "calls taken for traces"),
}

_GIVEN = (
    *("Ann", "Bo", "José", "Zoë", "Łukasz", "Øyvind", "Nguyễn", "İpek", "Yıldız", "Иван", "Ёлка", "Σοφία"),
    *("小明", "지민", "さくら", "राम", "रमा", "தமிழ்", "สมชาย", "علي"),
)
_FAMILY = (
    *("Lee", "Ray", "O'Neil", "Müller", "Smith-Jones", "Çelik", "ŞAHİN", "Петров", "Παπάς"),
    *("王", "김", "山田", "शर्मा", "முருகன்", "ใจดี"),
)


@dataclass(frozen=True)
class Person:
    """A student; ``number`` is the platform's."""

    id: str
    given: str
    family: str
    number: int

    @property
    def name(self) -> str:
        return f"{self.given} {self.family}"


@dataclass(frozen=True)
class Row:
    """The truth about a file: whose, late or not, and its content or, beginning with ``!``, the problem."""

    id: str
    late: bool
    comes_to: str


@dataclass
class Truth:
    """The truth about a class: by file; who handed in nothing; which files are nobody's hand-in."""

    listed: list[Person]
    rows: dict[str, Row] = field(default_factory=dict)
    missing: set[str] = field(default_factory=set)
    ignored: set[str] = field(default_factory=set)


# --- contents ------------------------------------------------------------------------------


@cache
def content(name: str) -> bytes:
    """A notebook, or what was handed in for one; the same bytes for the same name."""
    if name in PLANTED:
        framework, exercise, mistake = PLANTED[name]
        found = next(m for m in BANK[CHAPTER].wrong if (m.exercise, m.name) == (exercise, mistake))
        return _bytes(with_mistake(CHAPTER, framework, found))
    made: dict[str, Callable[[], bytes]] = {
        "right": lambda: _bytes(_without_marks(solution(CHAPTER, "jax"))),
        "right in PyTorch": lambda: _bytes(_without_marks(solution(CHAPTER, "pytorch"))),
        "unanswered": lambda: _bytes(blank(CHAPTER, "jax")),
        "another chapter's": lambda: _bytes(blank("autodiff", "jax")),
        "cut short": lambda: content("right")[:-40],
        "a web page": lambda: b"<!DOCTYPE html><html><title>Log in</title></html>",
        "nothing": lambda: b"",
        "a zip": lambda: b"PK\x03\x04",
    }
    return made[name]()


def _bytes(node: dict) -> bytes:
    return json.dumps(node, ensure_ascii=False).encode()


def _without_marks(node: dict) -> dict:
    for cell in plain.code_cells(node):
        cell["source"] = re.sub(r"^ *### (BEGIN|END) SOLUTION\n", "", plain.source(cell), flags=re.MULTILINE)
    return node


# --- people --------------------------------------------------------------------------------


def people(first_number: int) -> list[Person]:
    """The class: 300 people, some of whose names differ in little or in nothing."""
    names = list(product(_GIVEN, _FAMILY))
    step = 7  # so that neighbours differ in both names
    chosen = [names[(step * i) % len(names)] for i in range(SIZE)]
    assert len(set(chosen)) == len(chosen)
    return [Person(f"s{i:03}", given, family, first_number + i) for i, (given, family) in enumerate(chosen)]


class _Class:
    """Hands in for one person after another."""

    def __init__(self, members: list[Person], path: Path) -> None:
        self.truth = Truth(list(members))
        self._left = iter(members)
        self._zip = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED)

    def next(self, count: int = 1) -> Iterator[Person]:
        for _ in range(count):
            yield next(self._left)

    def rest(self) -> Iterator[Person]:
        yield from self._left

    def put(
        self, name: str, row: Row | None = None, data: bytes | None = None, ignored: bool = False
    ) -> None:
        """Add a file. With a ``row`` it is somebody's, else ignored with a word or a tool's."""
        if data is None:
            data = content(row.comes_to) if row and not row.comes_to.startswith("!") else b"x"
        self._zip.writestr(name, data)
        if row:
            self.truth.rows[name] = row
        elif ignored:
            self.truth.ignored.add(name)

    def close(self) -> Truth:
        self._zip.close()
        return self.truth


_WHAT = ("right", "a call too few", "right in PyTorch", "state lost", "unanswered", "traces miscounted")
_BROKEN = ("cut short", "a web page", "nothing", "a zip", "another chapter's")
_OWN_NAMES = (
    "x_{n}_assignsubmission_file_jax.ipynb",
    "{n}_{n}_jax.ipynb",
    "leeann_LATE_{n}_901_jax.ipynb",
    "Ann Lee_{n}_assignsubmission_file_jax.ipynb",
    "Graphs_s001_attempt_2026-11-29-10-00-00_jax.ipynb",
    "s001.ipynb",
    "Copy of jax.ipynb",
    "jax (1).ipynb",
    "JAX.IPYNB",
    "j\na\tx.ipynb",
    "\u202ejax.ipynb",
    "😀.ipynb",
    "jax...ipynb",
    "=cmd|calc.ipynb",
)
_NOT_NOTEBOOKS = {
    "jax.ipynb.txt": "!no notebook, only .*jax.ipynb.txt$",
    "jax.ipynb.json": "!no notebook, only .*jax.ipynb.json$",
    "jax.py": "!no notebook, only .*jax.py$",
    "jax.pdf": "!no notebook, only .*jax.pdf$",
    ".jax.ipynb.icloud": "!no notebook, only .*placeholder that iCloud leaves",
    "jax.ipynb.gdoc": "!no notebook, only .*link to Google Drive",
    "work.rar": "!an archive .*work.rar",
}


def _csv(path: Path, headings: list[str], rows: list[list[object]]) -> None:
    text = io.StringIO()
    csv.writer(text).writerows([headings, *rows])
    path.write_text(text.getvalue(), encoding="utf-8-sig")


# --- Moodle --------------------------------------------------------------------------------


def _clean(name: str) -> str:
    """As Moodle's ``clean_filename`` leaves a name."""
    kept = "".join(c for c in name.replace("_", " ") if unicodedata.category(c) != "Cc")
    return re.sub(r"\.\.+", "", re.sub(r"""[&<>"`|':\\/]""", "", kept))


def moodle(path: Path, listed: Path) -> Truth:
    """Write Moodle's zip and its grading worksheet with a column of the institution's ids."""
    members = people(4_000)
    someones = members[40].number
    it = _Class(members, path)

    def folder(person: Person, name: str = "", kind: str = "file") -> str:
        return f"{_clean(name or person.name)}_{person.number}_assignsubmission_{kind}/"

    it.put("desktop.ini")
    it.put("__MACOSX/._jax.ipynb")
    for own in _OWN_NAMES:
        (person,) = it.next()
        it.put(folder(person) + own.format(n=someones), Row(person.id, False, "right"))
    for own, problem in _NOT_NOTEBOOKS.items():
        (person,) = it.next()
        it.put(folder(person) + own, Row(person.id, False, problem))
    for broken in _BROKEN:
        (person,) = it.next()
        it.put(f"{folder(person)}jax.ipynb", Row(person.id, False, broken))
    (person,) = it.next()
    it.put(f"{folder(person)}.ipynb_checkpoints/jax-checkpoint.ipynb")
    it.truth.rows[_clean(person.name)] = Row(person.id, False, "!no notebook, only checkpoint copies")
    (person,) = it.next()
    for chapter, where in product(("graphs", "autodiff"), ("exercises", "solutions", "notebooks")):
        name = f"{folder(person)}triptych-main/{where}/{chapter}/jax.ipynb"
        counts = (chapter, where) == ("graphs", "exercises")
        it.put(name, Row(person.id, False, "state lost") if counts else None, ignored=not counts)
    (person,) = it.next()  # two attempts, in two frameworks
    it.put(f"{folder(person)}jax.ipynb", Row(person.id, False, "state lost"))
    it.put(f"{folder(person)}pytorch.ipynb", Row(person.id, False, "right in PyTorch"))
    for where in ("jax.ipynb", "triptych-main/exercises/graphs/jax.ipynb"):  # in a zip of one's own
        (person,) = it.next()
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as inner:
            inner.writestr(where, content("state lost"))
            inner.writestr("__MACOSX/._jax.ipynb", b"x")
        it.put(f"{folder(person)}work.zip", data=packed.getvalue())
        it.truth.rows[f"{folder(person)}work.zip/{where}"] = Row(person.id, False, "state lost")
    (person,) = it.next()  # with much beside it
    it.put(f"{folder(person)}jax.ipynb", Row(person.id, False, "right"))
    for number in range(500):
        it.put(f"{folder(person)}.git/objects/{number:03}")
    for number in range(3):
        it.put(f"{folder(person)}data/{number}.csv", ignored=True)
    for person in it.next(2):  # with a text typed into Moodle
        it.put(f"{folder(person)}jax.ipynb", Row(person.id, False, "right"))
        it.put(f"{folder(person, kind='onlinetext')}onlinetext.html", ignored=True)
    (person,) = it.next()  # who calls herself otherwise than the list
    it.put(f"{folder(person, 'Annie x LATE 11 901')}jax.ipynb", Row(person.id, False, "right"))
    (person,) = it.next()  # whose name came decomposed
    name = unicodedata.normalize("NFD", folder(person, "José Łé"))
    it.put(f"{name}jax.ipynb", Row(person.id, False, "right"))
    for index, person in enumerate(it.next(2)):  # two of one name, told apart by their numbers
        it.truth.listed[it.truth.listed.index(person)] = Person(person.id, "Kim", "Park", person.number)
        what = ("right", "state lost")[index]
        it.put(f"{folder(person, 'Kim Park')}jax.ipynb", Row(person.id, False, what))
    stranger = Person("", "s001", "", 9_001)  # a display name that is somebody's id; not on the list
    it.put(f"{folder(stranger, 's001')}jax.ipynb", Row("s001 (9001)", False, "right"))
    guest = Person("", "Guest", "", 9_002)
    it.put(f"{folder(guest, 'Team 1-Guest')}jax.ipynb", Row("Team 1-Guest", False, "right"))
    it.truth.missing = {person.id for person in it.next(9)}
    for index, person in enumerate(it.rest()):
        what = _WHAT[index % len(_WHAT)]
        it.put(
            f"{folder(person)}{index % 3}/jax.ipynb" if index % 5 else f"{folder(person)}jax.ipynb",
            Row(person.id, False, what),
        )
    rows = [[f"Participant {p.number}", p.name, f"{p.id}@example.org", p.id] for p in it.truth.listed]
    _csv(listed, ["Identifier", "Full name", "Email address", "Student ID"], rows)
    return it.close()


# --- Canvas --------------------------------------------------------------------------------


def _word(text: str) -> str:
    """What Canvas's ``gsub(/[^[[:word:]]]/, "")`` leaves."""
    return "".join(
        c for c in text if unicodedata.category(c)[0] in "LM" or unicodedata.category(c) in ("Nd", "Pc")
    )


def canvas(path: Path, listed: Path) -> Truth:
    """Write Canvas's zip and its gradebook."""
    members = people(70_000)
    members[0] = Person("s000", "y", "x_ 70040_ 22_", 70_000)  # a name that looks like another's number
    members[1] = Person("s001", "LATE", "late", 70_001)
    someones = members[40].number
    it = _Class(members, path)
    files = iter(range(900_000, 910_000))

    def name(person: Person, own: str, late: bool = False, called: str = "") -> str:
        sortable = called or f"{person.family}, {person.given}"
        user = re.sub(r"_(\d+)_", r"\1", sortable).lower()
        own = re.sub(r'[\x00/\\:*?"<>|]+', "_", own)
        return f"{_word('_'.join([user, *['LATE'] * late, str(person.number)]))}_{next(files)}_{own}"

    it.put("Thumbs.db")
    for index, own in enumerate(_OWN_NAMES):
        (person,) = it.next()
        it.put(
            name(person, own.format(n=someones), bool(index % 2)), Row(person.id, bool(index % 2), "right")
        )
    for own, problem in _NOT_NOTEBOOKS.items():
        (person,) = it.next()
        it.put(name(person, own), Row(person.id, False, problem))
    for broken in _BROKEN:
        (person,) = it.next()
        it.put(name(person, "jax.ipynb", True), Row(person.id, True, broken))
    for person in it.next(3):  # handed in again, late
        it.put(name(person, "jax.ipynb"), Row(person.id, False, "unanswered"))
        it.put(name(person, "jax-1.ipynb", True), Row(person.id, True, "right"))
        it.put(name(person, "plot.png"), ignored=True)
    (person,) = it.next()  # a group's name in the place of the person's
    it.put(name(person, "jax.ipynb", called="Blue team"), Row(person.id, False, "right"))
    stranger = Person("", "s001", "", 99_001)
    it.put(name(stranger, "jax.ipynb", called="s001"), Row("s001 (99001)", False, "right"))
    it.truth.missing = {person.id for person in it.next(9)}
    for index, person in enumerate(it.rest()):
        late = index % 4 == 0
        it.put(name(person, "jax.ipynb", late), Row(person.id, late, _WHAT[index % len(_WHAT)]))
    rows: list[list[object]] = [["    Points Possible", "", "", "", "", "41"]]
    rows += [[f"{p.family}, {p.given}", p.number, p.id, f"u{p.id}", "A", ""] for p in it.truth.listed]
    rows.append(["Student, Test", 1, "", "", "A", ""])
    _csv(listed, ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Graphs (7)"], rows)
    return it.close()


# --- what grading comes to ---------------------------------------------------------------------

#: The reasons of contents that cannot be graded.
REASONS = {
    "cut short": "not a notebook: not JSON",
    "a web page": "a web page, not a notebook",
    "nothing": "an empty file",
    "a zip": "a zip named like a notebook",
    "another chapter's": "this is exercises/autodiff/jax.ipynb, not an exercise of the chapter graphs",
}


def mark(name: str) -> float:
    """The points of a content: all, but for those of the check that catches its mistake."""
    if name in PLANTED:
        _, exercise, mistake = PLANTED[name]
        caught = next(m.caught_by for m in BANK[CHAPTER].wrong if (m.exercise, m.name) == (exercise, mistake))
        return mark("right") - next(check.points for check in HIDDEN[CHAPTER] if check.id == caught)
    return sum(check.points for check in HIDDEN[CHAPTER]) if name.startswith("right") else 0.0
