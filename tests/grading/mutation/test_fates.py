"""What becomes of a mutant, in the sandbox."""

from __future__ import annotations

import json

import pytest

from triptych.errors import TriptychError
from triptych.grading.checks import HiddenCheck
from triptych.grading.sandbox import Sandbox

pytest.importorskip("mutmut")

from triptych.grading.mutation.mutants import Mutant
from triptych.grading.mutation.trial import BATCH, Fate, Trial


def cell(source: str, **marks: object) -> dict:
    named = {"schema_version": 3, "grade": False, "locked": False, "solution": False, "task": False} | marks
    return {
        "cell_type": "code",
        "id": str(marks["grade_id"]),
        "metadata": {"nbgrader": named},
        "source": source,
        "outputs": [],
        "execution_count": None,
    }


ANSWER = "def double(x):\n    return sum([x, x])"
BLANK = "def double(x):\n    raise NotImplementedError()"
VISIBLE = cell("assert double(2) == 4", grade_id="double", grade=True, locked=True, points=1)


def notebook(answer: str) -> dict:
    cells = [cell(answer, grade_id="double-answer", solution=True), VISIBLE]
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}


def doubles(ask, draw) -> None:  # type: ignore[no-untyped-def]
    ask.equal("double", 3, expected=6)


def large(ask, draw) -> None:  # type: ignore[no-untyped-def]
    """Drawn so that one seed in two gives 1 and the others 0: what it tells is left to chance."""
    x = int(draw.integers(0, 2))
    ask.equal("double", 1000 + x, expected=2000 + 2 * x)


def hidden(function) -> HiddenCheck:  # type: ignore[no-untyped-def]
    return HiddenCheck(f"double/{function.__name__}", "double", 1, 0, "Twice.", function)


@pytest.fixture
def trial(warm_sandbox: Sandbox) -> Trial:
    return Trial(
        warm_sandbox, "jax", notebook(ANSWER), json.dumps(notebook(BLANK)), [hidden(doubles), hidden(large)]
    )


def fates(trial: Trial, *answers: str) -> list[Fate]:
    made = [Mutant("double", "jax", "", "", answer) for answer in answers]
    found = {mutant.answer: fate for mutant, fate in trial.fates("double", made)}
    return [found[answer] for answer in answers]


def test_a_mutant_is_killed_by_the_check_that_fails(trial: Trial) -> None:
    wrong, other, right, late = fates(
        trial,
        "def double(x):\n    return 3 * x",
        "def double(x):\n    return 2 * x if x < 9 else 0",
        "def double(x):\n    return x + x",
        "def double(y):\n    return 2 * x",
    )
    assert wrong == Fate(True, "double/doubles")
    assert other == Fate(True, "double/large") and late.killed
    assert right == Fate(False)


def test_what_only_some_seeds_tell_is_alive(trial: Trial) -> None:
    (chance,) = fates(trial, "def double(x):\n    return 2000 if x == 1001 else 2 * x")
    assert chance == Fate(False, "double/large")


def test_a_cell_that_fails_does_not_leave_the_reference_in_its_place(trial: Trial) -> None:
    assert fates(trial, "def double(x):\n    return 2 * x\nraise ValueError") == [Fate(True, "its cell")]


def test_neither_an_end_nor_what_is_left_behind_decides_about_another(trial: Trial) -> None:
    ends = "import os\ndef double(x):\n    os._exit(0)"
    spoils = "import builtins\nbuiltins.sum = None\ndef double(x):\n    return 3 * x"
    needs = "def double(x):\n    return sum([x, 0, x])"
    found = fates(trial, spoils, needs, ends, needs + "\n")
    assert [fate.killed for fate in found] == [True, False, True, False]


def test_more_mutants_than_share_a_session_are_all_tried(trial: Trial) -> None:
    answers = [f"def double(x):\n    return {n} * x" for n in range(BATCH + 3)]
    assert [n for n, fate in enumerate(fates(trial, *answers)) if not fate.killed] == [2]


def test_a_reference_that_does_not_pass_is_told(warm_sandbox: Sandbox) -> None:
    wrong = notebook("def double(x):\n    return 2.5 * x")
    trial = Trial(warm_sandbox, "jax", wrong, json.dumps(notebook(BLANK)), [hidden(doubles)])
    with pytest.raises(TriptychError, match="jax: double: the reference is refused by double/doubles"):
        list(trial.fates("double", []))
