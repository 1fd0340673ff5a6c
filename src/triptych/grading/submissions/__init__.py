"""Submissions: a notebook, a folder, or a zip as a learning platform exports it.

Nothing is ever unpacked onto the disk, and nothing is read before its size is
known. What cannot be graded is not an error of the run: it becomes a submission
with a ``problem``, a reason that a teacher understands, beside those of the others.
"""

from triptych.grading.submissions.execution import Program, cells_to_run
from triptych.grading.submissions.files import BOUNDS, Bounds
from triptych.grading.submissions.finder import find, look
from triptych.grading.submissions.framework import framework_of
from triptych.grading.submissions.model import HandIn, Ignored, Submission
from triptych.grading.submissions.pattern import named
from triptych.grading.submissions.platforms import PLATFORMS
from triptych.grading.submissions.roster import Roster, Student

__all__ = [
    "BOUNDS",
    "PLATFORMS",
    "Bounds",
    "HandIn",
    "Ignored",
    "Program",
    "Roster",
    "Student",
    "Submission",
    "cells_to_run",
    "find",
    "framework_of",
    "look",
    "named",
]
