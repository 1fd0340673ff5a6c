"""Marks back into Moodle's grading worksheet and Canvas's gradebook, as these export and import them.

Moodle (``mod/assign/feedback/offline``) reads the columns Identifier, Grade, Last modified (grade)
and, where it has it, Feedback comments. Canvas (``lib/gradebook_importer.rb``) knows an assignment
by the number in its heading, ``Graphs (12345)``; its row "Points Possible" has the maximum.
"""

from __future__ import annotations

import html
import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from triptych.errors import TriptychError
from triptych.grading.report import number
from triptych.grading.report.tables import harmless
from triptych.grading.submissions import Roster, Student
from triptych.grading.worksheet import Line, Worksheet

#: Headings by which Moodle's worksheet is known.
_MOODLE = ("identifier", "grade", "last modified (grade)")


@dataclass(frozen=True)
class StudentMark:
    """A student's mark, of ``out_of``, and what is said of it."""

    student: str
    name: str
    mark: float
    feedback: str


@dataclass(frozen=True)
class Filled:
    """The file's new bytes; how many marks are in it, and a line for each that is not."""

    data: bytes
    entered: int
    left_out: tuple[str, ...]


def marks_of(folder: Path) -> tuple[float, tuple[StudentMark, ...]]:
    """What marks are out of, and the mark of each student who has one. Raises TriptychError."""
    file = folder / "marks.json"
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
        marks = tuple(
            StudentMark(str(s["student"]), str(s["name"]), float(s["mark"]), _feedback(s, data["out_of"]))
            for s in data["submissions"]
            if s["counts"] and s["mark"] is not None
        )
        return float(data["out_of"]), marks
    except OSError as error:
        remedy = "name the folder of the marks, which `triptych grade` writes"
        raise TriptychError(file, f"cannot be read ({error.strerror})", remedy) from None
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        problem = f"not the marks of a grading ({type(error).__name__}: {error})"
        raise TriptychError(file, problem, "grade again: nothing is graded twice") from None


def fill(
    file: Path,
    marks: Sequence[StudentMark],
    out_of: float,
    assignment: str = "",
    rescale: bool | None = None,
    feedback: bool = False,
    overwrite: bool = False,
) -> Filled:
    """The platform's file with the marks in it; every other byte as it was. Raises TriptychError.

    ``assignment`` names Canvas's column. Where its maximum is not ``out_of``, ``rescale`` must
    say what to do. Grades that are there are kept, and told, unless ``overwrite``.
    """
    roster, sheet = Roster.read(file), Worksheet.read(file)
    platform, column, most = _grade_column(sheet, assignment)
    comments = sheet.column("feedback comments") if feedback else None
    if feedback and platform == "Canvas":
        raise TriptychError(file, "Canvas's gradebook takes no comments", "leave --feedback out")
    if feedback and comments is None:
        where = "in Moodle, switch on the feedback type \u201cFeedback comments\u201d, and export again"
        raise TriptychError(file, "no column of feedback comments", where)
    factor = _factor(file, out_of, most, rescale)
    lines = {line.number: line for line in sheet.lines}
    values: dict[tuple[Line, int], str] = {}
    left_out: list[str] = []
    entered: dict[int, StudentMark] = {}
    kept: list[str] = []
    for mark in marks:
        student, why = _match(mark, roster)
        line = lines.get(student.line) if student else None
        if not line:
            left_out.append(f"{mark.name} ({mark.student}): {why or 'not found in the file'}")
            continue
        if other := entered.get(line.number):
            raise TriptychError(
                f"{file}:{line.number}",
                f"two students of the marks could be {sheet.value(line, 0)}: {other.student}, {mark.student}",
                "grade again with this file as the class list: --students",
            )
        entered[line.number] = mark
        if why := _closed(platform, sheet, line, column):
            left_out.append(f"{mark.name} ({mark.student}): {why}")
            continue
        new = {column: number(mark.mark * factor)}
        if comments is not None:
            new[comments] = mark.feedback
        for place, value in new.items():
            old = sheet.value(line, place)
            if old not in ("", "-") and not _same(old, value) and not overwrite:
                kept.append(f"{mark.name} has {old[:20]!r}")
            values[line, place] = value
    if kept:
        more = f" and {len(kept) - 3} more" if len(kept) > 3 else ""
        remedy = "say --overwrite to replace what is there"
        raise TriptychError(file, f"not empty: {', '.join(kept[:3])}{more}", remedy)
    changed = {place: value for place, value in values.items() if not _same(sheet.value(*place), value)}
    return Filled(sheet.replaced(changed), sum(place[1] == column for place in values), tuple(left_out))


def _grade_column(sheet: Worksheet, assignment: str) -> tuple[str, int, Mapping[int, float]]:
    """The platform, its column of grades, and the maximum by line (0: of all lines)."""
    if all(sheet.column(heading) is not None for heading in _MOODLE):
        if assignment:
            raise TriptychError("--assignment", "Moodle's worksheet is of one assignment", "leave it out")
        column, maximum = sheet.column("grade"), sheet.column("maximum grade")
        assert column is not None
        found = {line.number: _points(sheet, line, maximum) for line in sheet.lines} if maximum else {}
        return "Moodle", column, found
    if sheet.column("id") is None or sheet.column("section") is None:
        raise TriptychError(
            sheet.path,
            "neither Moodle's grading worksheet nor Canvas's gradebook, by its headings",
            "export it, in English: the grading worksheet from Moodle, the gradebook from Canvas",
        )
    column = _assignment(sheet, assignment)
    points = next((li for li in sheet.lines if sheet.value(li, 0).casefold() == "points possible"), None)
    return "Canvas", column, {0: _points(sheet, points, column)} if points else {}


def _assignment(sheet: Worksheet, wanted: str) -> int:
    """Canvas's column of the assignment with that name or number; the only one, where none is named."""
    named = {i: m for i, h in enumerate(sheet.headings) if (m := re.fullmatch(r"(.*) \(([0-9]+)\)", h))}
    those = [i for i, m in named.items() if not wanted or wanted in (m[1], m[2], m[0])]
    if len(those) == 1:
        return those[0]
    names = ", ".join(repr(m[0]) for m in named.values()) or "none"
    if not wanted:
        raise TriptychError("--assignment", "not given", f"name one of Canvas's: {names}")
    problem = "two are called so" if those else "no such assignment in the gradebook"
    remedy = "give its number" if those else f"there are: {names}"
    raise TriptychError("--assignment", f"{wanted!r}: {problem}", remedy)


def _points(sheet: Worksheet, line: Line, column: int | None) -> float:
    """A maximum. Raises TriptychError for what is no number, a scale for instance."""
    text = sheet.value(line, column)
    try:
        value = float(text.replace(",", "."))
        if value > 0 and math.isfinite(value):
            return value
    except ValueError:
        pass
    raise TriptychError(
        f"{sheet.path}:{line.number}",
        f"the maximum is {text[:40]!r}, no number of points",
        "have the assignment graded by points, and export again",
    )


def _factor(file: Path, out_of: float, most: Mapping[int, float], rescale: bool | None) -> float:
    """What marks are multiplied by."""
    maxima = sorted(set(most.values()))
    if len(maxima) > 1:
        raise TriptychError(
            file, f"several maxima: {', '.join(map(number, maxima[:3]))}", "export one assignment at a time"
        )
    if not maxima or math.isclose(maxima[0], out_of) or rescale is False:
        return 1.0
    if rescale is None:
        raise TriptychError(
            file,
            f"its maximum is {number(maxima[0])}, and the marks are out of {number(out_of)}",
            "say --rescale, or --no-rescale to enter them as they are",
        )
    return maxima[0] / out_of


def _match(mark: StudentMark, roster: Roster) -> tuple[Student | None, str]:
    """The file's student with that id or, without one, of that name; else why not."""
    by_id, by_name = roster.by_id(mark.student), roster.by_name(mark.name)
    named = mark.name != mark.student
    # An id of the class list can be another's number on the platform: the name must agree.
    if by_id and (not named or roster.agrees(by_id, mark.name)):
        return by_id, ""
    if by_name.student and not (by_id and named and by_name.student is not by_id):
        return by_name.student, ""
    return None, "its id is another's there" if by_id else by_name.why


def _closed(platform: str, sheet: Worksheet, line: Line, column: int) -> str:
    """Why the platform takes no grade in that line; empty where it does."""
    if platform == "Moodle":
        changeable = sheet.value(line, sheet.column("grade can be changed"))
        return "Moodle says that the grade cannot be changed" if changeable.casefold() == "no" else ""
    held = sheet.value(line, column).upper()
    return {"EX": "excused in Canvas", "N/A": "not assigned to this student in Canvas"}.get(held, "")


def _same(old: str, new: str) -> bool:
    """Whether two cells hold the same text or number: 7 is 7.00 and 7,0."""
    try:
        return old == new or math.isclose(float(old.replace(",", ".")), float(new), abs_tol=0.005)
    except ValueError:
        return False


def _feedback(entry: Mapping[str, Any], out_of: float) -> str:
    """What a student reads in Moodle, as the HTML that it takes comments for."""
    parts = [f"{number(entry['mark'])} of {number(out_of)}"]
    if off := entry.get("late_deduction"):
        parts.append(f"Handed in late: {number(off)} taken off")
    parts += _exercises(entry)
    if entry["reason"]:
        parts.append(str(entry["reason"]))
    return html.escape(harmless(". ".join(parts)), quote=False)[:10_000]


def _exercises(entry: Mapping[str, Any]) -> Iterator[str]:
    for exercise, points in entry.get("exercises", {}).items():
        failed = {c["message"] for c in entry["checks"] if c["exercise"] == exercise and c["message"]}
        if points["earned"] < points["points"]:
            hints = f": {' '.join(sorted(failed))}" if failed else ""
            yield f"{exercise} {number(points['earned'])} of {number(points['points'])}{hints.rstrip('.')}"
