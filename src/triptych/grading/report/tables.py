"""The marks as rows: of a CSV for spreadsheets, and of a JSON for programs."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import Any

from triptych.grading.report.texts import number, plain
from triptych.grading.report.views import About, Sheet

#: The CSV's columns, before and after those of the exercises.
_FIRST = (
    *("student", "name", "mark", "out of", "counts", "notebooks", "framework", "notebook", "reason", "flags"),
    *("raw", "late deduction"),
)
_LAST = ("late", "seed", "sha256", "versions")

#: What makes a spreadsheet calculate, at a cell's beginning or after what another reader splits cells at;
#: with the wide and small forms, which some read as the plain ones.
_FORMULA = re.compile(r"""(^|[,;|])(["'\s]*)(?=[=+\-@＝＋－＠﹦﹢﹣﹫−])""")


def csv_heading(about: About) -> list[str]:
    """The first row of marks.csv."""
    return [harmless(cell) for cell in (*_FIRST, *(f"points: {e}" for e in about.exercises), *_LAST)]


def csv_row(sheet: Sheet, about: About, notebooks: int = 1) -> list[str]:
    """A notebook's row of marks.csv; its student handed in so many ``notebooks``."""
    row, grade, mark = sheet.row, sheet.grade, sheet.mark
    earned = grade.exercises() if grade else {}
    handed_in = bool(row.source)
    cells = [
        row.student,
        row.name,
        number(mark.value) if mark else "",
        number(about.out_of),
        "yes" if sheet.counts else "no",
        str(notebooks if handed_in else 0),
        row.framework,
        row.source,
        sheet.reason,
        " | ".join(sheet.flags),
        number(mark.raw) if mark else "",
        number(mark.deduction) if mark else "",
        *(number(earned[e][0]) if e in earned else "" for e in about.exercises),
        ("yes" if row.late else "no") if handed_in else "",
        str(grade.seed) if grade else "",
        row.digest,
        " ".join(f"{name}={version}" for name, version in grade.versions) if grade else "",
    ]
    return [harmless(cell) for cell in cells]


def harmless(cell: str) -> str:
    """A cell in which no spreadsheet finds a formula, at whatever it splits rows."""
    return _FORMULA.sub(r"\1\2'", " ".join(plain(cell).split()))


def json_head(about: About) -> dict[str, Any]:
    """What marks.json says of the whole grading."""
    return {
        "chapter": about.chapter,
        "points": about.points,
        "out_of": about.out_of,
        "exercises": dict(about.exercises),
        "policy": asdict(about.policy),
        "seed": about.seed,
        "limits": dict(about.limits),
        "versions": dict(about.versions),
    }


def json_row(sheet: Sheet, notebooks: int = 1) -> dict[str, Any]:
    """A notebook's entry in marks.json; its student handed in so many ``notebooks``."""
    row, grade, mark = sheet.row, sheet.grade, sheet.mark
    entry: dict[str, Any] = {
        "student": row.student,
        "name": row.name,
        "notebook": row.source,
        "framework": row.framework,
        "sha256": row.digest,
        "late": row.late,
        "in_list": row.known,
        "counts": sheet.counts,
        "notebooks": notebooks,
        "reason": sheet.reason,
        "flags": list(sheet.flags),
        "mark": mark.value if mark else None,
        "raw": mark.raw if mark else None,
        "late_deduction": mark.deduction if mark else None,
    }
    if grade:
        entry |= {
            "seed": grade.seed,
            "exercises": {e: {"earned": a, "points": b} for e, (a, b) in grade.exercises().items()},
            "checks": [asdict(result) for result in grade.results],
            "notes": list(grade.notes),
            "errors": [{"cell": c, "type": t, "message": m} for c, t, m in grade.errors],
            "versions": dict(grade.versions),
            "run": {"wall_s": grade.wall, "cpu_s": grade.cpu, "peak_memory": grade.peak_memory},
        }
    return entry
