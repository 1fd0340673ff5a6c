"""Writing a grading's reports into a folder, one student at a time so that any class fits into memory."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

from triptych import files
from triptych.grading.report.overview import Overview
from triptych.grading.report.pages import Pages, slug
from triptych.grading.report.tables import csv_heading, csv_row, json_head, json_row
from triptych.grading.report.views import About, Sheet, sheets
from triptych.grading.store import Grade, GradeStore, SubmissionRow
from triptych.grading.submissions import Roster
from triptych.notebooks.untrusted import encodable


def write(folder: Path, about: About, store: GradeStore, roster: Roster) -> Overview:
    """Write marks.csv, marks.json, feedback/*.html and overview.html; returns what the overview shows."""
    (folder / "feedback").mkdir(parents=True, exist_ok=True)
    pages, overview = Pages(about), Overview(about)
    table = io.StringIO(newline="")
    marks = csv.writer(table)
    marks.writerow(csv_heading(about))
    with files.replacing(folder / "marks.json") as data:
        data.write("{\n")
        for name, value in json_head(about).items():
            data.write(f" {json.dumps(name)}: {json.dumps(value)},\n")
        data.write(' "submissions": [')
        separator = ""
        for student in sheets(store):
            overview.add(student)
            for sheet in student:
                marks.writerow(csv_row(sheet, about))
                data.write(f"{separator}\n  {json.dumps(json_row(sheet))}")
                separator = ","
            page = folder / "feedback" / f"{slug(student[0].row.student)}.html"
            files.replace(page, encodable(pages.feedback(student)))
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
    return overview


def write_own_feedback(path: Path, about: About, row: SubmissionRow, grade: Grade) -> None:
    """Write a learner's own feedback page to ``path``."""
    files.replace(path, encodable(Pages(about).feedback((Sheet(row, grade),), own=True)))
