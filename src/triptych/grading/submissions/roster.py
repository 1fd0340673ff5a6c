"""The class list: a CSV that turns names into student ids.

Any CSV with an id and a name will do, and so will what the platforms export:
Moodle's participants or grading worksheet, Canvas's gradebook.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from triptych.errors import TriptychError
from triptych.grading.submissions import table
from triptych.grading.submissions.names import READINGS, bare, exact, folded, key

#: Headings of the columns that hold a student's id, the first that a row has counts.
_IDS = (
    "student id",
    "studentid",
    "id number",
    "idnumber",
    "sis user id",
    "matriculation number",
    "username",
    "sis login id",
    "login",
    "id",
    "student number",
    "email address",
    "email",
    "identifier",
)
#: Headings of the columns with a platform's own numbers: only there is a number from a file's name looked up.
_NUMBERS = {
    "moodle": ("identifier", "moodle id", "participant"),
    "canvas": ("canvas id", "canvas user id"),
}
_NAMES = ("name", "full name", "fullname", "student", "student name")
_FIRST = ("first name", "firstname", "given name", "forename")
_LAST = ("last name", "lastname", "surname", "family name")
_TEAMS = ("group", "groups", "team")
#: The columns that only Canvas's gradebook has: in it, ``id`` is Canvas's number.
_CANVAS = ({"student", "id", "sis user id"}, {"student", "id", "sis login id"})
#: Rows of Canvas's gradebook that are nobody.
_NOBODY = ("points possible", "student, test", "test student")


@dataclass(frozen=True)
class Student:
    """One row of the list.

    ``ids`` are the ids under which the student may hand in by hand, ``numbers`` the platforms' own
    (``("moodle", "4711")``), ``names`` the name in the orders in which it may be written: the
    list's own first. ``teams`` are the groups; ``line`` is where the row begins in the file, from 1.
    """

    id: str
    name: str
    ids: frozenset[str] = frozenset()
    names: tuple[str, ...] = ()
    numbers: frozenset[tuple[str, str]] = frozenset()
    teams: frozenset[str] = frozenset()
    line: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Found:
    """What the list says: a student, or in ``why`` who it could be; a better match has a lower ``level``."""

    student: Student | None = None
    level: int = 99
    why: str = ""


@dataclass(frozen=True)
class Roster:
    """The class. Without students, everybody is known by the name on the hand-in."""

    students: tuple[Student, ...] = ()
    _tables: dict[str, Mapping[object, tuple[Student, ...]]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @classmethod
    def read(cls, path: Path) -> Roster:
        """The students in the CSV at ``path``; separated by commas, semicolons or tabs.

        Raises TriptychError, with the line, for what is no such list: without a column of ids, with
        an id twice or none, in an unknown encoding, with a quote that is not closed.
        """
        headings, rows = table.read(path)
        if not any(h in _IDS for h in headings):
            raise TriptychError(
                path,
                f"no column of student ids among: {', '.join(h for h in headings if h)[:200]}",
                "give it a first line such as: id,name",
            )
        students = tuple(_students(path, headings, rows))
        if not students:
            raise TriptychError(path, "nobody in the list, only headings", "add a line for each student")
        return cls(students)

    # --- whom a name means ------------------------------------------------------

    def by_number(self, platform: str, number: str) -> Student | None:
        """The student with that number of that platform's."""
        return self._only("number", lambda s: s.numbers, (platform, number)) if number else None

    def by_id(self, text: str) -> Student | None:
        """The student with that id: as it stands, else without regard to case."""
        return self._only("id", lambda s: (exact(i) for i in s.ids), exact(text)) or self._only(
            "key", lambda s: (key(i) for i in s.ids), key(text)
        )

    def by_name(self, name: str) -> Found:
        """The student of that name; where several could be meant, nobody, and why."""
        level = 0
        for whole in (True, False):  # the name as the list has it before its words in another order
            for reading in READINGS:
                level += 1
                if not (wanted := reading(name)):
                    continue
                those = self._table(f"{reading.__name__} {whole}", _of_names(reading, whole)).get(wanted, ())
                if len(those) == 1:
                    return Found(those[0], level)
                if those:
                    who = ", ".join(s.id for s in those[:3])
                    return Found(None, level, f"{len(those)} on the list could be called so: {who}")
        return Found()

    def find(self, name: str) -> Found:
        """The student whom a name or an id means that people wrote by hand."""
        student, found = self.by_id(name), self.by_name(name)
        if student and found.student and student is not found.student:
            who = f"{student.id} by the id, {found.student.id} by the name"
            return Found(None, 0, f"two on the list could be meant: {who}")
        return Found(student, 0) if student else found

    def knows(self, name: str) -> bool:
        """Whether a student has that id or name."""
        return self.find(name).student is not None

    def team(self, name: str) -> tuple[Student, ...]:
        """The members of the group of that name."""
        return self._table("team", lambda s: (folded(team) for team in s.teams)).get(folded(name), ())

    def agrees(self, student: Student, name: str) -> bool:
        """Whether the name is that student's, in any order and spelling."""
        return bare(name) in {bare(n) for n in student.names} - {""}

    def _only(self, kind: str, keys: Callable[[Student], Iterable[object]], wanted: object) -> Student | None:
        those = self._table(kind, keys).get(wanted, ()) if wanted else ()
        return those[0] if len(those) == 1 else None

    def _table(
        self, kind: str, keys: Callable[[Student], Iterable[object]]
    ) -> Mapping[object, tuple[Student, ...]]:
        """The students by such a key; made once."""
        if kind not in self._tables:
            made: dict[object, list[Student]] = {}
            for student in self.students:
                for wanted in dict.fromkeys(keys(student)):
                    made.setdefault(wanted, []).append(student)
            self._tables[kind] = {k: tuple(those) for k, those in made.items()}
        return self._tables[kind]


def _of_names(reading: Callable[[str], str], whole: bool) -> Callable[[Student], Iterator[str]]:
    """The keys of a student's names as one reading makes them; of names as they stand, or turned."""

    def keys(student: Student) -> Iterator[str]:
        for name in student.names:
            words = name.split()
            turns = range(1) if whole else range(len(words))
            yield from filter(None, (reading(" ".join(words[i:] + words[:i])) for i in turns))

    return keys


# --- the rows ---------------------------------------------------------------------------


def _students(path: Path, headings: Sequence[str], rows: Iterable[table.Row]) -> Iterator[Student]:
    platforms = dict(_NUMBERS)
    if any(columns <= set(headings) for columns in _CANVAS):
        platforms["canvas"] += ("id",)
    lines: dict[str, int] = {}
    for row in rows:
        student = _student(path, row, platforms)
        if student is None:
            continue
        if student.id in lines:
            raise TriptychError(
                f"{path}:{row.line}",
                f"the id {student.id!r} is listed twice, first in line {lines[student.id]}",
                "remove one",
            )
        lines[student.id] = row.line
        yield student


def _student(path: Path, row: table.Row, platforms: Mapping[str, Sequence[str]]) -> Student | None:
    """One row's student; None for a row that is nobody's. Raises TriptychError."""
    place = f"{path}:{row.line}"
    given, family, whole = (_first(row, names) for names in (_FIRST, _LAST, _NAMES))
    identity = _first(row, _IDS)
    who = whole or f"{given} {family}".strip()
    if whole.casefold() in _NOBODY or not (identity or who):
        return None
    if not identity:
        raise TriptychError(place, f"no id for {who[:60]}", "give one, or remove the line")
    if re.fullmatch(r"[0-9](?:[.,][0-9]+)?E\+[0-9]+", identity, re.IGNORECASE):
        raise TriptychError(
            place,
            f"the id {identity} was rounded by a spreadsheet",
            "export the list again, with the column of ids as text",
        )
    for text in (identity, given, family, whole):
        if "\n" in text:
            raise TriptychError(place, f"a line break in {text[:40]!r}", "see whether a quote is not closed")
    names = [f"{given} {family}".strip(), f"{family} {given}".strip()] if given or family else []
    if "," in whole:  # "Doe, Jane", as Canvas writes it
        last, _, rest = (part.strip() for part in whole.partition(","))
        names += [f"{rest} {last}".strip(), f"{last} {rest}".strip()]
    elif whole:
        names.append(whole)
    return Student(
        identity,
        names[0] if names else identity,
        frozenset(row.values[h] for h in row.values if h in _IDS),
        tuple(dict.fromkeys(exact(name) for name in names)),
        frozenset(_numbers(row, platforms)),
        frozenset(t.strip() for h in _TEAMS for t in row.values.get(h, "").split(",") if t.strip()),
        row.line,
    )


def _first(row: table.Row, headings: Sequence[str]) -> str:
    return next((row.values[h] for h in headings if h in row.values), "")


def _numbers(row: table.Row, platforms: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, str]]:
    """The platforms' numbers: "Participant 12345" in Moodle's worksheet, in any language, is 12345."""
    for platform, headings in platforms.items():
        for heading in headings:
            if number := re.search(r"(?:^|[^0-9])([0-9]+)$", row.values.get(heading, "")):
                yield platform, number[1]
