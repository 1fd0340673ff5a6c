"""Answers in NumPy earn what values can earn, and nothing of what only a framework's program has."""

from __future__ import annotations

import re

import pytest
from forging import CONTROL, FORGERIES, Forgery

from support.exercises import CHAPTERS, HIDDEN, PATIENT, blank, new_cell, released, solution
from triptych.frameworks import FRAMEWORKS
from triptych.grading import checks
from triptych.grading.checks.suspicions import suspicions
from triptych.grading.sandbox import Sandbox
from triptych.grading.submissions import cells_to_run

#: What needs a framework: to compile, to capture, to count traces, to differentiate; or more than a name.
NEED_A_FRAMEWORK = frozenset(
    {
        "places/traces-once-a-shape",
        "places/program-counts-data",
        "operations/looks-at-a-program",
        "traces/one-program-a-bucket",
        "branch/the-branch-compiles",
        "loop/the-loop-compiles",
        "state/remembers-nothing",
        "state/draws-are-compiled",
        "break-even/times-the-first-call",
        "translation/the-translation-compiles",
        "recorded/the-weights-learn",
        "custom/slope-in-m",
        "custom/slope-in-e",
        "custom/above-counts-once-in-each",
        "custom/accepts-a-right-gradient",
        "custom/refuses-a-wrong-gradient",
    }
)


def graded(sandbox: Sandbox, forgery: Forgery) -> tuple[set[str], str]:
    """The checks that it passes, and what a teacher is told."""
    node = blank(forgery.chapter, "jax")
    node["cells"] += [new_cell(text) for text in forgery.sources()]
    program = cells_to_run(node, released(forgery.chapter, "jax"))
    with sandbox.open(program.cells, PATIENT, program.helpers) as session:
        found = checks.run(HIDDEN[forgery.chapter], session, program.helpers, program.cells, seed=7)
    passed = {result.check for result in found.results if result.earned >= result.points}
    return passed, "; ".join([*found.flags, *session.outcome.flags])


def test_answers_in_numpy_earn_all_that_values_can_earn(warm_sandbox: Sandbox) -> None:
    passed, flags = graded(warm_sandbox, CONTROL)
    assert {hidden.id for hidden in HIDDEN["graphs"]} - passed < NEED_A_FRAMEWORK
    assert flags == ""


@pytest.mark.slow
@pytest.mark.parametrize("forgery", FORGERIES, ids=lambda forgery: forgery.name)
def test_what_measures_is_out_of_reach(warm_sandbox: Sandbox, forgery: Forgery) -> None:
    passed, flags = graded(warm_sandbox, forgery)
    assert not passed & NEED_A_FRAMEWORK
    assert re.search(forgery.flag, flags), flags


@pytest.mark.parametrize("chapter", CHAPTERS)
@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_nothing_in_a_reference_solution_is_flagged(chapter: str, framework: str) -> None:
    program = cells_to_run(solution(chapter, framework), released(chapter, framework))
    assert suspicions(program.cells) == ()


def test_an_honest_use_of_ipython_is_not_flagged() -> None:
    for text in ("%timeit f()", "!ls", "x = !ls", "%matplotlib inline\nf?", "import numpy as np\nnp.sum(1)"):
        node = {"cells": [new_cell(text)]}
        assert suspicions(cells_to_run(node, released("graphs", "jax")).cells) == (), text
