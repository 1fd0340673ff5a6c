"""The reference scores full marks and a blank exercise none, in every framework."""

from __future__ import annotations

import re

import pytest

from support import need
from support.exercises import (
    EXERCISES,
    HIDDEN,
    blank,
    code,
    failed,
    graded,
    in_every_framework,
    in_one_framework_quickly,
    new_cell,
    of_every_chapter,
    of_light_chapters_quickly,
    solution,
)
from triptych.dev import doctor as tools
from triptych.frameworks import FRAMEWORKS
from triptych.grading import checks
from triptych.grading.sandbox import Code, Sandbox
from triptych.notebooks.cells import source


@pytest.mark.slow
@of_every_chapter
@in_every_framework
def test_solutions_run_clean_from_top_to_bottom(warm_sandbox: Sandbox, chapter: str, framework: str) -> None:
    cells = code(solution(chapter, framework))
    with warm_sandbox.open([Code(cell["id"], source(cell)) for cell in cells]) as session:
        pass
    assert session.outcome.errors == ()
    assert session.outcome.reason == session.outcome.output.strip() == ""


@of_light_chapters_quickly
@in_one_framework_quickly
@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_the_reference_scores_full_marks(
    warm_sandbox: Sandbox, chapter: str, framework: str, seed: int
) -> None:
    results = graded(warm_sandbox, chapter, framework, solution(chapter, framework), seed=seed)
    assert len(results) == len(HIDDEN[chapter])
    assert failed(results) == []


@pytest.mark.slow
@of_every_chapter
@in_every_framework
def test_the_reference_scores_full_marks_where_only_its_framework_is_loaded(
    chapter: str, framework: str
) -> None:
    """As ``triptych grade`` has it; the other tests share a sandbox with all three in it."""
    need(tools.BUBBLEWRAP)
    with Sandbox((FRAMEWORKS[framework].module,), kind="bubblewrap") as alone:
        assert failed(graded(alone, chapter, framework, solution(chapter, framework))) == []


@of_every_chapter
@in_one_framework_quickly
def test_the_blank_exercise_scores_zero(warm_sandbox: Sandbox, chapter: str, framework: str) -> None:
    results = graded(warm_sandbox, chapter, framework, blank(chapter, framework))
    assert sum(result.earned for result in results) == 0
    assert {result.message for result in results} == {checks.NOT_YET}


@pytest.mark.slow
@of_every_chapter
@in_every_framework
def test_an_empty_notebook_scores_zero(warm_sandbox: Sandbox, chapter: str, framework: str) -> None:
    results = graded(warm_sandbox, chapter, framework, {"cells": []})
    assert sum(result.earned for result in results) == 0


@pytest.mark.slow
@of_every_chapter
@in_every_framework
def test_visible_checks_fail_on_the_blank_exercise(
    warm_sandbox: Sandbox, chapter: str, framework: str
) -> None:
    cells = code(blank(chapter, framework))
    with warm_sandbox.open([Code(cell["id"], source(cell)) for cell in cells]) as session:
        pass
    assert {error.cell for error in session.outcome.errors} == set(EXERCISES[chapter])
    assert all("NotImplementedError" in (error.type + error.message) for error in session.outcome.errors)


@pytest.mark.slow
@of_every_chapter
def test_what_is_to_be_translated_works(warm_sandbox: Sandbox, chapter: str) -> None:
    """The code given in one framework, run in it, gets the marks of the reference there."""
    given = {"pytorch": "jax", "tensorflow": "pytorch", "jax": "tensorflow"}
    for framework, written_in in given.items():
        cells = solution(chapter, framework)["cells"]
        question = next(cell for cell in cells if cell["id"] == "translation-question")
        (text,) = re.findall(r"```python\n(.+?)```", source(question), re.DOTALL)
        submitted = solution(chapter, written_in)
        # The default backend would call a C++ compiler.
        text = text.replace("torch.compile(fullgraph=True)", "torch.compile(fullgraph=True, backend='eager')")
        submitted["cells"].append(new_cell(text))
        results = graded(warm_sandbox, chapter, written_in, submitted, "translation")
        assert failed(results) == [], (framework, written_in)
