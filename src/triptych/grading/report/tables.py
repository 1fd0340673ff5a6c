"""The marks as rows: of a CSV for spreadsheets, and of a JSON for programs."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from triptych.grading.report.texts import number, plain
from triptych.grading.report.views import About, Sheet, is_fault

#: The CSV's columns, before and after those of the exercises.
_FIRST = ("student", "name", "mark", "out of", "counts", "framework", "notebook", "reason")
_LAST = ("late", "seed", "sha256", "versions")


def csv_heading(about: About) -> list[str]:
    """The first row of marks.csv."""
    return [*_FIRST, *(f"points: {exercise}" for exercise in about.exercises), *_LAST]


def csv_row(sheet: Sheet, about: About) -> list[str]:
    """A notebook's row of marks.csv."""
    row, grade = sheet.row, sheet.grade
    earned = grade.exercises() if grade else {}
    handed_in = bool(row.source)
    cells = [
        row.student,
        row.name,
        number(grade.earned) if grade else "0" if handed_in and not is_fault(row) else "",
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


def _harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    cell = " ".join(plain(cell).split())
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@")) else cell


def json_head(about: About) -> dict[str, Any]:
    """What marks.json says of the whole grading."""
    return {
        "chapter": about.chapter,
        "points": about.points,
        "exercises": dict(about.exercises),
        "seed": about.seed,
        "limits": dict(about.limits),
        "versions": dict(about.versions),
    }


def json_row(sheet: Sheet) -> dict[str, Any]:
    """A notebook's entry in marks.json."""
    row, grade = sheet.row, sheet.grade
    entry: dict[str, Any] = {
        "student": row.student,
        "name": row.name,
        "notebook": row.source,
        "framework": row.framework,
        "sha256": row.digest,
        "late": row.late,
        "in_list": row.known,
        "counts": sheet.counts,
        "reason": sheet.reason,
        "mark": grade.earned if grade else None if is_fault(row) else 0,
    }
    if grade:
        entry |= {
            "seed": grade.seed,
            "exercises": {e: {"earned": a, "points": b} for e, (a, b) in grade.exercises().items()},
            "checks": [asdict(result) for result in grade.results],
            "errors": [{"cell": c, "type": t, "message": m} for c, t, m in grade.errors],
            "versions": dict(grade.versions),
            "run": {"wall_s": grade.wall, "cpu_s": grade.cpu, "peak_memory": grade.peak_memory},
        }
    return entry
