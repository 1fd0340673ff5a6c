"""Parity: the three notebooks of a chapter say the same thing.

Siblings have the same headings in the same order, and each section's
checkpoint has the same keys and, within a tolerance, the same values. Only
what stands under the key ``only`` may differ. Stored outputs are compared, so
no kernel is needed.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest

from triptych.course import Course
from triptych.errors import TriptychError
from triptych.notebooks import folds, lint, model, raw
from triptych.notebooks.compare import agree
from triptych.notebooks.model import Checkpoint, Notebook

#: Relative tolerance for numbers: float32 has seven digits, and notebooks round to six.
RTOL = 1e-5


def check(course: Course, chapter: str) -> list[str]:
    """What is wrong with a chapter's notebooks, one line each; empty where all is well.

    Raises TriptychError for an unknown chapter.
    """
    declared = course.chapter(chapter)
    complaints: list[str] = []
    notebooks: list[Notebook] = []
    for path in course.notebooks(chapter):
        try:
            complaints += lint.complaints(path, course)
            complaints += folds.length_complaints(raw.load(path, course.name(path)), course.name(path))
            notebooks.append(model.read(path, course))
        except TriptychError as error:
            complaints.append(str(error))
    try:
        course.siblings(chapter)
    except TriptychError as error:
        return [*complaints, str(error)]
    if declared.aligned:
        for other in notebooks[1:]:
            complaints += differences(notebooks[0], other)
    return complaints


def strays(course: Course) -> list[str]:
    """The notebooks that no chapter declares, one line each."""
    return [
        f"{course.name(path)}: no chapter declares this notebook; add it to CHAPTERS in "
        "src/triptych/course.py, or move it out of notebooks/"
        for path in course.strays()
    ]


def differences(first: Notebook, other: Notebook) -> Iterator[str]:
    """How ``other`` differs from its sibling ``first``: headings, then checkpoints."""
    for here, there in zip_longest(first.headings, other.headings):
        if here != there:
            if here not in other.headings and here is not None:
                yield (
                    f"{other.name}: no section {here!r}, which {first.name} has; "
                    "add it, or remove it from its siblings"
                )
            elif there not in first.headings and there is not None:
                yield (
                    f"{other.name}: section {there!r} is missing in {first.name}; "
                    "add it there, or remove it here"
                )
            else:
                yield f"{other.name}: section {there!r} stands where {first.name} has {here!r}; reorder one"
            return
    for heading in first.headings:
        yield from _checkpoint_differences(first.checkpoints[heading], other.checkpoints[heading])


def _checkpoint_differences(first: Checkpoint, other: Checkpoint) -> Iterator[str]:
    a, b = first.shared, other.shared
    if list(a) != list(b):
        odd = sorted(set(a) ^ set(b)) or list(b)
        yield (
            f"{other.place}: the checkpoint's keys differ from {first.place}: {', '.join(odd)}; "
            "give siblings the same keys in the same order, or put them under 'only'"
        )
        return
    for key in a:
        declared = max(first.tolerance.get(key, 0.0), other.tolerance.get(key, 0.0))
        rtol = max(RTOL, declared)
        if not agree(a[key], b[key], rtol, whole=declared):
            yield (
                f"{other.place}: {key!r} is {b[key]!r}, but {a[key]!r} in {first.place} "
                f"(relative tolerance {rtol:g}, of integers {declared:g}); "
                "fix one, or state a tolerance with its reason"
            )
