"""In what order a student's notebooks were handed in, and how many of them are graded."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import groupby
from pathlib import PurePosixPath

from triptych.frameworks import FRAMEWORKS
from triptych.grading.submissions import Submission

#: How the reason begins where a student handed in more notebooks than are graded.
BEYOND = "not graded: the "


def capped(submissions: Iterable[Submission], most: int) -> tuple[Submission, ...]:
    """``submissions``, each student's in the order of handing in; the last ``most`` notebooks are graded.

    Who may hand in sixty notebooks that guess has sixty guesses. The others stay, with the reason.
    """
    return tuple(s for _, own in groupby(submissions, lambda s: s.student) for s in _capped(list(own), most))


def _capped(own: list[Submission], most: int) -> Iterator[Submission]:
    own.sort(key=order)
    graded = [s for s in own if not s.problem]
    beyond = len(graded) - most
    number = 0
    for submission in own:
        number += not submission.problem
        if submission.problem or number > beyond:
            yield submission
            continue
        which = f"{_ordinal(number)} of {len(graded)} notebooks"
        yield replace(submission, problem=f"{BEYOND}{which}; the last {most} of one student are graded")


def order(submission: Submission) -> tuple[object, ...]:
    """What a student's notebooks are sorted by, the last handed in last.

    Where the platform numbers or dates the files, by that. Elsewhere nothing tells when that a student
    could not change, and the names decide, with numbers as numbers. Those that name a framework come
    last, so that scratch notebooks in a folder never push the exercise beyond the cap.
    """
    named = any(framework in PurePosixPath(submission.source).stem.lower() for framework in FRAMEWORKS)
    return submission.turn, named, natural(submission.source)


def natural(name: str) -> tuple[tuple[int, int, str], ...]:
    """A key that sorts ``jax-10`` after ``jax-9``, and ``jax`` before ``jax-1``."""
    stem, dot, suffix = name.rpartition(".")
    parts = re.split(r"([0-9]+)", stem if dot else name) + ([suffix] if dot else [])
    return tuple(
        (1, int(p[:4000]), "") if p.isdecimal() and p.isascii() else (0, 0, p.casefold()) for p in parts
    )


def _ordinal(number: int) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10 if number % 100 not in (11, 12, 13) else 0, "th")
    return f"{number}{ending}"
