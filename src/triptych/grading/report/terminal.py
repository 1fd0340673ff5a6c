"""A grade for the terminal."""

from __future__ import annotations

from collections.abc import Iterator

from triptych.grading.checks import CheckResult
from triptych.grading.report.texts import ERRORS, LOOKS_FOR, SAME, number, plain, title
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
        absent = [r.message for r in failed if r.absent]
        for message in dict.fromkeys(absent):
            part = "" if len(absent) == len(exercise.results) else "in part: "
            yield "detail", f"  {part}{plain(message)}"
        for result in failed:
            if result.check in exercise.repeated:
                yield "detail", f"  {title(result.check)}: {SAME}"
            elif not result.absent:
                yield from _failed(result)
    yield "total", f"{'Total':<44} {number(grade.earned) + ' of ' + number(grade.points):>9}"


def _failed(result: CheckResult) -> Iterator[tuple[str, str]]:
    """What a check found: an exception first, then its diagnosis, then the values."""
    yield "detail", f"  {title(result.check)}: {plain(result.problem or result.message)}"
    if result.problem:
        yield "detail", f"    {LOOKS_FOR} {plain(result.message)}"
    values = {
        "input": result.input,
        "expected": result.expected,
        "got": result.got,
        "differs": result.difference,
    }
    if result.got in result.problem:
        del values["got"]
    for name, value in values.items():
        if text := plain(value):
            yield "value", f"    {name:<9} {text[:160]}{' ...' if len(text) > 160 else ''}"
