"""Grades of a made-up class, a hostile submission among them."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup

from triptych.grading.checks import CheckResult
from triptych.grading.report import About
from triptych.grading.store import Grade
from triptych.grading.submissions import Roster, Student

EVIL = "<script>alert(1)</script>\x1b[2J\x00\u202e'\"</style></title><img src=x onerror=alert(1)>"

#: What a teacher should look at, in the grade of Ann's second notebook.
FLAG = "code cell 3 uses get_ipython()"

ABOUT = About(
    "graphs",
    {"loop": 4.0, "branch": 3.0},
    titles={"loop": "A loop that compiles"},
    sections={"loop": [("Data-dependent loops", "https://example.org/triptych/book/graphs/x.html#loops")]},
    messages={"loop/ends": "Mind `while`: it ends."},
    objectives=("see a trace", "bound `retraces`"),
    seed=7,
    versions={"jax": "0.10.2"},
)


def result(check: str, points: float, earned: float, **texts: Any) -> CheckResult:
    return CheckResult(check, check.partition("/")[0], 1, points, earned, **texts)


def grade_of(loop: float, branch: float, **more: Any) -> Grade:
    texts = {"message": "Mind `while`: it ends.", "input": "loop(3)", "expected": "4", "got": "5"}
    return Grade(
        (
            result("loop/starts", 1, min(loop, 1)),
            result("loop/ends", 3, max(loop - 1, 0), **(texts if loop < 4 else {})),
            result("branch/chooses", 3, branch, **(texts if branch < 3 else {})),
        ),
        seed=11,
        versions=(("jax", "0.10.2"),),
        **more,
    )


def hostile() -> Grade:
    evil = CheckResult("loop/ends", "loop", 1, 4, 0, EVIL, EVIL, EVIL, EVIL)
    return Grade((evil,), 11, EVIL, EVIL * 200, (("a", EVIL, EVIL),) * 30, versions=(("jax", EVIL),))


ROSTER = Roster(tuple(Student(i, n) for i, n in [("s1", "Ann Lee"), ("s2", "Bo"), ("s9", "Zoë O'Neil")]))


def rows(out: Path) -> dict[str, dict[str, str]]:
    text = (out / "marks.csv").read_text(encoding="utf-8-sig")
    return {row["notebook"] or row["student"]: row for row in csv.DictReader(io.StringIO(text))}


def soup(path: Path) -> BeautifulSoup:
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
