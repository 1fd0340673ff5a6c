"""What is beyond its bounds is ended, and what was found until then counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.tiny_course import RIGHT
from triptych.errors import TriptychError
from triptych.grading.marking import Beyond, Markers, Sandboxes
from triptych.grading.marking.process import MarkingProcess
from triptych.grading.sandbox import Limits

CHECKS = """\
import numpy as np
from triptych.grading.checks import check

@check("double", points=2, objective=1, message="Twice the number.")
def doubles(ask, draw):
    ask.equal("double", 4, expected=8)

@check("double", points=1, objective=1, message="0 is a number too.")
def costs(ask, draw):
    ask("double", 0)
    COST

@check("greet", points=3, objective=2, message="Say hello.")
def greets(ask, draw):
    ask.equal("greet", "Ann", expected="hello Ann")
"""
BEYOND = {
    "Python": ("while True: pass", "more than 2 s of computing"),
    "one call in C": (
        "sum(range(10**12))",
        "more than 2 s of computing",
    ),
    "memory": ("[bytes(1 << 20) for _ in range(4_000)]", "more than 1 GiB of memory"),
    "an array": ("np.ones(1 << 28)", "more than 1 GiB of memory"),
}
QUICK = ("an array",)


@pytest.mark.parametrize(
    "what", [pytest.param(what, marks=() if what in QUICK else pytest.mark.slow) for what in BEYOND]
)
def test_checks_that_cost_too_much_end_and_what_was_found_counts(
    what: str, markers: Markers, sandboxes: Sandboxes, setting, job
) -> None:
    cost, told = BEYOND[what]
    given = setting(CHECKS.replace("COST", cost), limits=Limits(total=4))
    grade = markers.grade(job(RIGHT), given, sandboxes)
    assert (grade.fault, grade.reason) == ("", f"to check its answers takes {told}")
    assert [result.earned for result in grade.results] == [2, 0, 0]
    assert [result.message for result in grade.results[1:]] == [f"Not asked: {grade.reason}."] * 2
    assert grade.framework == "jax"
    assert markers.grade(job(RIGHT), setting(), sandboxes).earned == 6  # another process


def test_an_answer_that_a_check_stumbles_over_is_wrong_and_a_check_that_stumbles_alone_is_a_fault(
    markers: Markers, sandboxes: Sandboxes, setting, job
) -> None:
    deep = "def double(n): return '[' * 100_000\ndef greet(n): return 'hello Ann'"
    for stumbles in ("import json; json.loads(ask('double', 0))", "raise RuntimeError(ask('double', 0))"):
        grade = markers.grade(job(deep), setting(CHECKS.replace("COST", stumbles)), sandboxes)
        assert (grade.fault, [r.earned for r in grade.results]) == ("", [0, 0, 3])
    for alone in ("undefined", "import nothing_of_this_name", "from os import nothing"):
        grade = markers.grade(job(deep), setting(CHECKS.replace("COST", alone)), sandboxes)
        assert "double/costs: the check failed" in grade.fault
        assert grade.results == ()


@pytest.mark.parametrize(
    ("what", "told"), [("computing", "more than 20 s of computing"), ("memory", "more than 1 GiB of memory")]
)
def test_what_costs_too_much_to_read_or_to_list_is_told(
    what: str, told: str, sandboxes: Sandboxes, setting, job, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No file that is taken in comes near these bounds today: the process is made to say so."""

    def beyond(*arguments: object, **more: object) -> None:
        raise Beyond(what)

    monkeypatch.setattr(MarkingProcess, "ask", beyond)
    work = job(RIGHT)
    with Markers(1) as markers:
        for grade in (markers.digest(work.item), markers.grade(work, setting(), sandboxes)):
            assert (grade.refused, grade.fault) == (f"to read it takes {told}", "")
        with pytest.raises(TriptychError, match=r"to list it takes more than .*; name a folder"):
            markers.look(Path(work.source))
