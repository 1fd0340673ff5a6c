"""A grade for the terminal."""

from __future__ import annotations

from collections.abc import Iterator

from triptych.grading.report.texts import ERRORS, number, plain, title
from triptych.grading.report.views import About, Sheet
from triptych.grading.store import Grade, SubmissionRow


def text_report(grade: Grade, about: About) -> Iterator[tuple[str, str]]:
    """A grade for the terminal: lines, each with its kind; errors of cells first, which explain the rest."""
    for cell, type, message in grade.errors[:ERRORS]:
        yield "open", plain(f"{cell}: {type}: {' '.join(message.split())}")[:200]
    if len(grade.errors) > ERRORS:
        yield "open", f"and {len(grade.errors) - ERRORS} more cells with errors"
    for exercise in Sheet(SubmissionRow("", "", ""), grade).exercises:
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
            above = ", or its cell raised the error above" if grade.errors else ""
            yield "detail", f"  {part}not answered yet{above}"
    yield "total", f"{'Total':<44} {number(grade.earned) + ' of ' + number(grade.points):>9}"
