"""Writing a grading's reports into a folder, one student at a time so that any class fits into memory."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass, replace
from pathlib import Path

from triptych import files
from triptych.grading.report.overview import Overview
from triptych.grading.report.pages import Pages, slug
from triptych.grading.report.tables import csv_heading, csv_row, json_head, json_row
from triptych.grading.report.views import About, Sheet, mark_of, sheets
from triptych.grading.store import FAULT, Grade, GradeStore, SubmissionRow
from triptych.grading.submissions import Roster
from triptych.notebooks.untrusted import encodable

#: What stands at the beginning of each of our pages.
_OURS = b'<meta name="generator" content="triptych">'


def write(folder: Path, about: About, store: GradeStore, roster: Roster) -> Overview:
    """Write marks.csv, marks.json, feedback/*.html and overview.html; returns what the overview shows."""
    (folder / "feedback").mkdir(parents=True, exist_ok=True)
    pages, overview = Pages(about), Overview(about)
    table = io.StringIO(newline="")
    marks = csv.writer(table, quoting=csv.QUOTE_ALL)
    marks.writerow(csv_heading(about))
    with files.replacing(folder / "marks.json") as data:
        data.write("{\n")
        for name, value in json_head(about).items():
            data.write(f" {json.dumps(name)}: {json.dumps(value)},\n")
        data.write(' "submissions": [')
        separator = ""
        written: set[str] = set()
        for student in sheets(store, about):
            report = _sound(student, about, pages)
            overview.add(report.student)
            marks.writerows(report.rows)
            for entry in report.entries:
                data.write(f"{separator}\n  {entry}")
                separator = ","
            page = f"{slug(student[0].row.student)}.html"
            written.add(page)
            files.replace(folder / "feedback" / page, report.page)
        overview.missing = [s for s in roster.students if s.id not in overview.seen]
        missing = [{"student": s.id, "name": s.name} for s in overview.missing]
        data.write(f'\n ],\n "missing": {json.dumps(missing)}\n}}\n')
    for absent in overview.missing:
        row = SubmissionRow(absent.id, absent.name, "", reason="did not hand in")
        marks.writerow(csv_row(Sheet(row, None), about))
    with files.replacing(folder / "marks.csv", newline="") as file:
        # With a byte-order mark, without which spreadsheets corrupt accents.
        file.write("\ufeff" + encodable(table.getvalue()))
    files.replace(folder / "overview.html", encodable(pages.overview(overview)))
    _remove_others(folder / "feedback", written)
    return overview


def _remove_others(folder: Path, written: set[str]) -> None:
    """Remove pages of an earlier grading: of whom is called otherwise now, they would be given out too."""
    for page in folder.glob("*.html"):
        if page.name not in written and page.is_file():
            with page.open("rb") as file:
                ours = _OURS in file.read(400)
            if ours:
                page.unlink()


@dataclass(frozen=True)
class _Report:
    """What is written of a student: rows of marks.csv, entries of marks.json, the page."""

    student: tuple[Sheet, ...]
    rows: list[list[str]]
    entries: list[str]
    page: str


def _sound(student: tuple[Sheet, ...], about: About, pages: Pages) -> _Report:
    """A student's report; a grade that cannot be shown is the student's reason, not the class's end."""
    try:
        return _report(student, about, pages)
    except Exception as error:
        problem = f"{FAULT}: its report ({type(error).__name__}: {' '.join(str(error).split())[:300]})"
        bare = tuple(Sheet(replace(s.row, reason=problem), None, counts=s.counts) for s in student)
        return _report(bare, about, pages)


def _report(student: tuple[Sheet, ...], about: About, pages: Pages) -> _Report:
    count = len(student)
    return _Report(
        student,
        [csv_row(sheet, about, count) for sheet in student],
        [json.dumps(json_row(sheet, count)) for sheet in student],
        encodable(pages.feedback(student)),
    )


def write_own_feedback(path: Path, about: About, row: SubmissionRow, grade: Grade) -> None:
    """Write a learner's own feedback page to ``path``."""
    sheet = Sheet(row, grade, mark_of(row, grade, about))
    files.replace(path, encodable(Pages(about).feedback((sheet,), own=True)))
