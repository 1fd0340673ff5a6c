"""Hidden checks: how a chapter's author writes them, how they run, and how answers are compared."""

from triptych.grading.checks.author import Ask, HiddenCheck, Wrong, check
from triptych.grading.checks.comparison import SHOWN, agree, shorten, shown
from triptych.grading.checks.result import NOT_YET, CheckResult
from triptych.grading.checks.runner import (
    FILE,
    checks_file,
    load,
    loaded,
    read,
    results,
    run,
    sections,
)
from triptych.grading.checks.sources import Sources

__all__ = [
    "FILE",
    "NOT_YET",
    "SHOWN",
    "Ask",
    "CheckResult",
    "HiddenCheck",
    "Sources",
    "Wrong",
    "agree",
    "check",
    "checks_file",
    "load",
    "loaded",
    "read",
    "results",
    "run",
    "sections",
    "shorten",
    "shown",
]
