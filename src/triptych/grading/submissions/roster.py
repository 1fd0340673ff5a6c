"""The class list: a CSV that turns names into student ids.

Any CSV with an id and a name will do, and so will what the platforms export:
Moodle's participants or grading worksheet, Canvas's gradebook.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from triptych.errors import TriptychError

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
#: Headings of columns that say the same of a student in another way, and find the student too.
_NUMBERS = ("identifier", "moodle id", "canvas id", "canvas user id", "participant", "file", "folder")
_NAMES = ("name", "full name", "fullname", "student", "student name")
_FIRST = ("first name", "firstname", "given name", "forename")
_LAST = ("last name", "lastname", "surname", "family name")


@dataclass(frozen=True)
class Student:
    """One row of the list; ``keys`` are the ids by which a platform may call the student."""

    id: str
    name: str
    keys: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Roster:
    """The class. Without students, everybody is known by the name on the hand-in."""

    students: tuple[Student, ...] = ()

    @classmethod
    def read(cls, path: Path) -> Roster:
        """The students in the CSV at ``path``; separated by commas, semicolons or tabs.

        Raises TriptychError for a file without a column of ids, or with an id twice.
        """
        try:
            data = path.read_bytes()
        except OSError as error:
            raise TriptychError(path, f"cannot be read ({error.strerror})", "check the name") from None
        try:
            text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
        except UnicodeDecodeError:
            text = data.decode("cp1252", "replace")  # as a spreadsheet on Windows saves it
        first = text.partition("\n")[0]
        delimiter = max(",;\t", key=first.count)
        rows = list(csv.reader(io.StringIO(text), delimiter=delimiter))
        headings = [" ".join(h.replace("_", " ").split()).casefold() for h in rows[0]] if rows else []
        if not any(h in _IDS for h in headings):
            raise TriptychError(
                path,
                f"no column of student ids among: {', '.join(headings) or 'nothing'}",
                "give it a first line such as: id,name",
            )
        students = tuple(_students(headings, rows[1:]))
        seen: set[str] = set()
        for student in students:
            if student.id in seen:
                raise TriptychError(path, f"the id {student.id!r} is listed twice", "remove one")
            seen.add(student.id)
        return cls(students)

    @cached_property
    def _by_key(self) -> dict[str, Student]:
        return _unambiguous((key, student) for student in self.students for key in student.keys)

    @cached_property
    def _by_name(self) -> dict[str, Student]:
        return _unambiguous((name, student) for student in self.students for name in student.names)

    def find(self, number: str, name: str) -> Student | None:
        """The student with the platform's ``number``, or of that name or id; None if unknown or unclear."""
        if number and (student := self._by_key.get(_key(number))):
            return student
        return self._by_key.get(_key(name)) or self._by_name.get(_plain(name))

    def knows(self, name: str) -> bool:
        """Whether a student has that id or name."""
        return self.find("", name) is not None


def _students(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[Student]:
    for row in rows:
        values = {h: v.strip() for h, v in zip(headings, row, strict=False) if v.strip()}

        def first(names: Sequence[str], values: dict[str, str] = values) -> str:
            return next((values[n] for n in names if n in values), "")

        identity = first(_IDS)
        if not identity:
            continue
        given, family, whole = first(_FIRST), first(_LAST), first(_NAMES)
        if "," in whole:  # "Doe, Jane", as Canvas writes it
            family, _, given = (part.strip() for part in whole.partition(","))
        name = f"{given} {family}".strip() if given or family else whole or identity
        # Platforms put the family name first; where the list does not say which it is, any word may be.
        words = name.split()
        turned = (" ".join(words[i:] + words[:i]) for i in range(len(words)))
        names = {_plain(n) for n in (*turned, f"{family} {given}", whole)} - {""}
        keys = {_key(values[h]) for h in values if h in _IDS or h in _NUMBERS}
        # "Participant 12345" in Moodle's worksheet is 12345 in the export's names.
        keys |= {m[1] for h in values if h in _NUMBERS and (m := re.search(r"(\d+)$", values[h]))}
        yield Student(identity, name, frozenset(keys), frozenset(names))


def _unambiguous(pairs: Iterator[tuple[str, Student]]) -> dict[str, Student]:
    """By key, without the keys that two students share."""
    by_key: dict[str, set[Student]] = {}
    for key, student in pairs:
        by_key.setdefault(key, set()).add(student)
    return {key: next(iter(students)) for key, students in by_key.items() if len(students) == 1}


def _key(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).split()).casefold()


def _plain(name: str) -> str:
    """A name without case, accents, spaces, punctuation: ``José O'Neil`` is ``joseoneil``."""
    letters = unicodedata.normalize("NFKD", name).casefold()
    return "".join(c for c in letters if c.isalnum())
