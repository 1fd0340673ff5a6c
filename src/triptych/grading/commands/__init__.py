"""The commands ``release``, ``grade``, ``settings``, ``marks`` and ``progress``, and for one's own exercises.

What they need is imported when they are called: ``triptych --help`` stays quick.
"""

from triptych.grading.commands.exercises import new_exercises, try_exercises
from triptych.grading.commands.grade import grade
from triptych.grading.commands.learner import progress
from triptych.grading.commands.marks import marks
from triptych.grading.commands.mutation import mutation
from triptych.grading.commands.release import release
from triptych.grading.commands.settings import settings

COMMANDS = [release, grade, settings, marks, progress, new_exercises, try_exercises, mutation]
