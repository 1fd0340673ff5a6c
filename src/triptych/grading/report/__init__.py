"""What comes of a grading: marks as CSV and JSON, a page for each student, one for the class."""

from triptych.grading.report.overview import Overview
from triptych.grading.report.pages import slug
from triptych.grading.report.terminal import text_report
from triptych.grading.report.texts import cut, number, plain, title
from triptych.grading.report.views import About, ExerciseResult, Sheet, sheets
from triptych.grading.report.writer import write, write_own_feedback

__all__ = [
    "About",
    "ExerciseResult",
    "Overview",
    "Sheet",
    "cut",
    "number",
    "plain",
    "sheets",
    "slug",
    "text_report",
    "title",
    "write",
    "write_own_feedback",
]
