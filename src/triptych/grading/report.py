"""What comes of a grading: marks as CSV and JSON, a page for each student, one for the class.

A submission is hostile text. Every value on a page goes through Jinja's
autoescape, after the characters that could steer a terminal or turn a line
around are dropped; the pages run no script, load nothing, and say so to the
browser in a content security policy.
"""

from __future__ import annotations

import csv
import dataclasses
import hashlib
import io
import json
import math
import re
import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import jinja2
import markupsafe

from triptych.frameworks import FRAMEWORKS
from triptych.grading.checks import Result
from triptych.grading.record import FAULT, Grade, Record, Row
from triptych.grading.students import Roster, Student

#: Characters of a student's own output that a feedback page shows.
OUTPUT = 4_000
#: Exceptions of a student's cells that a feedback page shows.
ERRORS = 20


# --- texts --------------------------------------------------------------------------

_ANSI = re.compile(r"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|.)", re.DOTALL)
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def plain(text: str) -> str:
    """``text`` without terminal colours, control characters and changes of writing direction."""
    return _UNSEEN.sub("", _ANSI.sub("", text.replace("\r\n", "\n")))


def cut(text: str, limit: int = OUTPUT) -> str:
    """The beginning and the end of ``text``, ``limit`` characters at most besides a line between them."""
    text = plain(text)
    if len(text) <= limit:
        return text
    left_out = len(text) - limit
    return f"{text[: limit // 2]}\n[... {left_out:,} characters left out ...]\n{text[-(limit // 2) :]}"


def number(points: float) -> str:
    """Points as a person writes them."""
    return f"{round(points, 2):g}"


def prose(text: str) -> markupsafe.Markup:
    """``text`` escaped, and what stands between backticks as code."""
    return markupsafe.Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(markupsafe.escape(plain(text)))))


def title(id: str) -> str:
    """``bounded-traces`` as a heading."""
    words = id.rpartition("/")[2].replace("-", " ").replace("_", " ")
    return words[:1].upper() + words[1:]


def slug(student: str) -> str:
    """A file name for a student, whatever the id holds; different for different students."""
    if re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,59}", student):
        return student
    mark = hashlib.sha256(student.encode("utf-8", "replace")).hexdigest()[:8]
    words = re.sub(r"[^a-z0-9]+", "-", student.lower()).strip("-")[:50]
    return f"{words or 'student'}-{mark}"


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("triptych.grading"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: plain(value) if type(value) is str else value,
    )
    environment.filters |= {"cut": cut, "number": number, "title_of": title, "prose": prose}
    environment.globals["frameworks"] = FRAMEWORKS
    return environment


# --- what the pages show ----------------------------------------------------------------


@dataclass(frozen=True)
class Exercise:
    """An exercise with its checks' results."""

    id: str
    results: tuple[Result, ...]

    @property
    def earned(self) -> float:
        """The points earned."""
        return sum(result.earned for result in self.results)

    @property
    def points(self) -> float:
        """The points to be earned."""
        return sum(result.points for result in self.results)

    @property
    def objectives(self) -> tuple[int, ...]:
        """The objectives of the checks that failed."""
        return tuple(sorted({r.objective for r in self.results if r.earned < r.points}))

    @property
    def state(self) -> str:
        """``solved``, ``partly`` or ``open``."""
        return "solved" if self.earned >= self.points else "partly" if self.earned else "open"


@dataclass(frozen=True)
class Sheet:
    """One notebook with what came of it; ``counts``: its mark is the student's."""

    row: Row
    grade: Grade | None
    counts: bool = True

    @property
    def reason(self) -> str:
        """Why it could not be graded or ended early; empty where neither."""
        return self.row.reason or (self.grade.reason if self.grade else "")

    @property
    def exercises(self) -> tuple[Exercise, ...]:
        """The exercises, in the checks' order."""
        found: dict[str, list[Result]] = {}
        for result in self.grade.results if self.grade else ():
            found.setdefault(result.exercise, []).append(result)
        return tuple(Exercise(id, tuple(results)) for id, results in found.items())


def sheets(record: Record) -> Iterator[tuple[Sheet, ...]]:
    """Each student's notebooks, the one that counts first: the one with the most points.

    A learner may solve the exercises in one framework or in all, and may hand in
    twice; nobody loses by it.
    """
    gathered: list[tuple[Row, Grade | None]] = []
    for row, grade in record.rows():
        if gathered and gathered[0][0].student != row.student:
            yield _of_student(gathered)
            gathered = []
        gathered.append((row, grade))
    if gathered:
        yield _of_student(gathered)


def _of_student(gathered: Sequence[tuple[Row, Grade | None]]) -> tuple[Sheet, ...]:
    best = max(range(len(gathered)), key=lambda i: (_mark(gathered[i][1]), -i))
    order = [best, *(i for i in range(len(gathered)) if i != best)]
    return tuple(Sheet(*gathered[i], counts=i == best) for i in order)


def _mark(grade: Grade | None) -> float:
    return -1.0 if grade is None else grade.earned


# --- files ------------------------------------------------------------------------------


@dataclass(frozen=True)
class About:
    """What the whole grading has in common."""

    chapter: str
    exercises: Mapping[str, float]
    titles: Mapping[str, str] = field(default_factory=dict)  # of the exercises, by id
    messages: Mapping[str, str] = field(default_factory=dict)  # of the checks, by id
    objectives: Sequence[str] = ()
    seed: int = 0
    versions: Mapping[str, str] = field(default_factory=dict)
    limits: Mapping[str, float] = field(default_factory=dict)

    @property
    def points(self) -> float:
        """The most that can be earned."""
        return sum(self.exercises.values())

    def title(self, exercise: str) -> str:
        """The exercise as its notebook's heading calls it."""
        return self.titles.get(exercise) or title(exercise)


def write(folder: Path, about: About, record: Record, roster: Roster) -> Overview:
    """Write marks.csv, marks.json, feedback/*.html and overview.html into ``folder``.

    One student at a time, so that a class of any size fits into memory. Returns
    what the overview shows.
    """
    (folder / "feedback").mkdir(parents=True, exist_ok=True)
    environment = _environment()
    page = environment.get_template("feedback.html")
    overview = Overview(about)
    table = io.StringIO(newline="")
    marks = csv.writer(table)
    marks.writerow(_COLUMNS[:8] + [f"points: {e}" for e in about.exercises] + _COLUMNS[8:])
    with _Replaced(folder / "marks.json") as data:
        top = {
            "chapter": about.chapter,
            "points": about.points,
            "exercises": dict(about.exercises),
            "seed": about.seed,
            "limits": dict(about.limits),
            "versions": dict(about.versions),
        }
        data.write(json.dumps(top, indent=1)[:-2] + ',\n "submissions": [')
        separator = ""
        for student in sheets(record):
            overview.add(student)
            for sheet in student:
                marks.writerow(_csv_row(sheet, about))
                data.write(f"{separator}\n  {json.dumps(_json_row(sheet))}")
                separator = ","
            html = page.render(sheets=student, about=about, own=False, output=OUTPUT, errors=ERRORS)
            put(folder / "feedback" / f"{slug(student[0].row.student)}.html", html)
        overview.missing = [s for s in roster.students if s.id not in overview.seen]
        missing = [{"student": s.id, "name": s.name} for s in overview.missing]
        data.write(f'\n ],\n "missing": {json.dumps(missing)}\n}}\n')
    for absent in overview.missing:
        marks.writerow(
            _csv_row(Sheet(Row(absent.id, absent.name, "", reason="did not hand in"), None), about)
        )
    # With a byte-order mark, without which spreadsheets spoil accents.
    put(folder / "marks.csv", "\ufeff" + table.getvalue())
    put(
        folder / "overview.html",
        environment.get_template("overview.html").render(o=overview, about=about, slug=slug),
    )
    return overview


def self_feedback(path: Path, about: About, row: Row, grade: Grade) -> None:
    """Write a learner's own feedback page to ``path``."""
    page = _environment().get_template("feedback.html")
    sheet = Sheet(row, grade)
    put(path, page.render(sheets=(sheet,), about=about, own=True, output=OUTPUT, errors=ERRORS))


class _Replaced:
    """A text file that takes the place of the old one in one step, once it is whole."""

    def __init__(self, path: Path) -> None:
        self._path, self._temporary = path, path.with_name(f".{path.name}.new")

    def __enter__(self) -> io.TextIOWrapper:
        """The new file, to be written."""
        self._file = self._temporary.open("w", encoding="utf-8", errors="replace", newline="")
        return self._file

    def __exit__(self, kind: object, *exception: object) -> None:
        """Puts it in the place of the old one, or drops it if it could not be written."""
        self._file.close()
        if kind is None:
            self._temporary.replace(self._path)
        else:
            self._temporary.unlink()


def put(path: Path, text: str) -> None:
    """Write ``text`` to ``path``, the old file whole until the new one is."""
    with _Replaced(path) as file:
        file.write(text)


# --- marks ---------------------------------------------------------------------------------

_COLUMNS = [
    "student",
    "name",
    "mark",
    "out of",
    "counts",
    "framework",
    "notebook",
    "reason",
    "late",
    "seed",
    "sha256",
    "versions",
]


def _csv_row(sheet: Sheet, about: About) -> list[str]:
    row, grade = sheet.row, sheet.grade
    earned = grade.exercises() if grade else {}
    handed_in = bool(row.source)
    cells = [
        row.student,
        row.name,
        number(grade.earned) if grade else "0" if handed_in and not _is_fault(row) else "",
        number(about.points),
        "yes" if sheet.counts else "no",
        row.framework,
        row.source,
        sheet.reason,
        *(number(earned[e][0]) if e in earned else "" for e in about.exercises),
        ("yes" if row.late else "no") if handed_in else "",
        str(grade.seed) if grade else "",
        row.digest,
        " ".join(f"{name}={version}" for name, version in grade.versions) if grade else "",
    ]
    return [_harmless(cell) for cell in cells]


def _is_fault(row: Row) -> bool:
    return row.reason.startswith(FAULT)


def _harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    cell = " ".join(plain(cell).split())
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@")) else cell


def _json_row(sheet: Sheet) -> dict[str, Any]:
    row, grade = sheet.row, sheet.grade
    found: dict[str, Any] = {
        "student": row.student,
        "name": row.name,
        "notebook": row.source,
        "framework": row.framework,
        "sha256": row.digest,
        "late": row.late,
        "in_list": row.known,
        "counts": sheet.counts,
        "reason": sheet.reason,
        "mark": grade.earned if grade else None if _is_fault(row) else 0,
    }
    if grade:
        found |= {
            "seed": grade.seed,
            "exercises": {e: {"earned": a, "points": b} for e, (a, b) in grade.exercises().items()},
            "checks": [asdict(result) for result in grade.results],
            "errors": [{"cell": c, "type": t, "message": m} for c, t, m in grade.errors],
            "versions": dict(grade.versions),
            "run": {"wall_s": grade.wall, "cpu_s": grade.cpu, "peak_memory": grade.peak_memory},
        }
    return found


# --- the class ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """A student's line in the overview."""

    student: str
    name: str
    mark: float | None
    framework: str
    notes: tuple[str, ...]


@dataclass
class Overview:
    """The class in figures, gathered one student at a time."""

    about: About
    lines: list[Line] = field(default_factory=list)
    troubles: list[Row] = field(default_factory=list)
    missing: Sequence[Student] = ()
    seen: set[str] = field(default_factory=set)
    notebooks: int = 0
    _earned: dict[str, list[float]] = field(default_factory=dict)
    _failed: dict[str, int] = field(default_factory=dict)
    _tried: int = 0

    def add(self, student: Sequence[Sheet]) -> None:
        """Take in a student's notebooks, the one that counts first."""
        first = student[0]
        self.seen.add(first.row.student)
        self.notebooks += len(student)
        notes: list[str] = []
        if len(student) > 1:
            notes.append(f"{len(student)} notebooks, the best counts")
        if any(sheet.row.late for sheet in student):
            notes.append("late")
        if not first.row.known:
            notes.append("not in the list of names")
        for sheet in student:
            if sheet.reason:
                self.troubles.append(dataclasses.replace(sheet.row, reason=sheet.reason))
        if first.reason:
            notes.append("could not be graded" if first.grade is None else "ended early")
        mark = first.grade.earned if first.grade else None if _is_fault(first.row) else 0.0
        self.lines.append(Line(first.row.student, first.row.name, mark, first.row.framework, tuple(notes)))
        if first.grade:
            self._tried += 1
            for exercise, (earned, _) in first.grade.exercises().items():
                self._earned.setdefault(exercise, []).append(earned)
            for result in first.grade.results:
                self._failed[result.check] = self._failed.get(result.check, 0) + (
                    result.earned < result.points
                )

    @property
    def marks(self) -> list[float]:
        """The marks that there are."""
        return [line.mark for line in self.lines if line.mark is not None]

    @property
    def median(self) -> float:
        """The mark in the middle; 0 without any."""
        return statistics.median(self.marks) if self.marks else 0.0

    @property
    def mean(self) -> float:
        """The average mark; 0 without any."""
        return statistics.fmean(self.marks) if self.marks else 0.0

    @property
    def full(self) -> int:
        """How many have all points."""
        return sum(mark >= self.about.points for mark in self.marks)

    def distribution(self) -> list[tuple[str, int]]:
        """Students by mark: a bar for each mark if there are few, else about ten of equal width.

        A mark on an edge is in the bar above it; full marks are in the last.
        """
        top = self.about.points
        if top <= 15 and all(float(mark).is_integer() for mark in [top, *self.marks]):
            return [(number(p), sum(m == p for m in self.marks)) for p in range(int(top) + 1)]
        power = 10.0 ** math.floor(math.log10(top / 10))
        width = next(power * step for step in (1, 2, 5, 10) if top / (power * step) <= 10)
        steps = max(1, math.ceil(top / width))
        counts = [0] * steps
        for mark in self.marks:
            counts[min(int(mark / width), steps - 1)] += 1
        edges = [min(width * step, top) for step in range(steps + 1)]
        return [(f"{number(edges[i])}–{number(edges[i + 1])}", count) for i, count in enumerate(counts)]

    def by_exercise(self) -> list[tuple[str, float, int, float]]:
        """Each exercise: id, points, how many solved it in full, the average."""
        found = []
        for exercise, points in self.about.exercises.items():
            earned = self._earned.get(exercise, [])
            solved = sum(e >= points for e in earned)
            found.append((exercise, points, solved, statistics.fmean(earned) if earned else 0.0))
        return found

    @property
    def graded(self) -> int:
        """How many students have a notebook that ran."""
        return self._tried

    def hardest(self, most: int = 8) -> list[tuple[str, int, str]]:
        """The checks that most students failed: id, how many, the message they read."""
        failed = sorted(((n, id) for id, n in self._failed.items() if n), key=lambda pair: -pair[0])
        return [(id, n, self.about.messages.get(id, "")) for n, id in failed[:most]]


def text_report(grade: Grade, about: About) -> Iterator[tuple[str, str]]:
    """A grade for the terminal: lines, each with its kind."""
    for exercise in Sheet(Row("", "", ""), grade).exercises:
        mark = f"{number(exercise.earned)} of {number(exercise.points)}"
        yield exercise.state, f"{about.title(exercise.id):<44} {mark:>9}"
        failed = [r for r in exercise.results if r.earned < r.points]
        answered = [r for r in failed if not r.got.startswith("NotImplementedError")]
        for result in answered:
            yield "detail", f"  {title(result.check)}: {plain(result.message)}"
            for name in ("input", "expected", "got"):
                if value := plain(getattr(result, name)):
                    yield "value", f"    {name:<9} {value[:160]}{' ...' if len(value) > 160 else ''}"
        if len(answered) < len(failed):
            part = "in part " if len(failed) < len(exercise.results) or answered else ""
            yield "detail", f"  {part}not answered yet"
    yield "total", f"{'Total':<44} {number(grade.earned) + ' of ' + number(grade.points):>9}"
