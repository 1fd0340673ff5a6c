"""What costs a correct submission nothing: noise, duplicates, lost metadata, another order."""

from __future__ import annotations

import ast
import copy
import random
import re
from collections.abc import Callable

import pytest

from support.exercises import (
    CHAPTERS,
    blank,
    code,
    failed,
    graded,
    in_every_framework,
    new_cell,
    of_every_chapter,
    solution,
)
from triptych.grading import release
from triptych.grading.sandbox import Sandbox
from triptych.notebooks.cells import marks, source

NOISE = {
    "prints, warnings and stderr": (
        "import logging, sys, warnings\n"
        "print('hello')\n"
        "print('a line of noise', file=sys.stderr)\n"
        "warnings.warn('careful')\n"
        "logging.error('an error that is none')"
    ),
    "a plot": "import matplotlib.pyplot as plt\nfig, ax = plt.subplots()\nax.plot([1, 2])\nplt.show()",
    "magics and shell": "%matplotlib inline\n!echo hello\n%timeit -n1 -r1 1 + 1",
    "a cell that fails": "1 / 0",
    "a syntax error": "def (",
    "a value": "{'y': 1}",
}


#: Answers inside which noise is made: where the framework does not mind, and the clock neither.
NOISY = {
    "graphs": ("bucketed-answer", "break-even-answer", "time-calls-answer"),
    "autodiff": ("train-answer", "gradients-answer", "jacobian-answer", "accepts-answer", "clipped-answer"),
    "performance": ("timed-answer", "plan-answer", "fair-answer", "summary-answer", "translation-answer"),
    "deployment": ("agreement-answer", "opened-answer", "run-answer", "product-answer", "respond-answer"),
    "distributed": (
        "step-answer",
        "train-answer",
        "ring-all-reduce-answer",
        "mlp-answer",
        "translation-answer",
    ),
}


@pytest.mark.slow
@of_every_chapter
@in_every_framework
def test_noise_costs_nothing(warm_sandbox: Sandbox, chapter: str, framework: str) -> None:
    submitted = solution(chapter, framework)
    for text in NOISE.values():
        submitted["cells"].insert(4, new_cell(text))
        submitted["cells"].append(new_cell(text))
    noisy = "print('called'); import sys, warnings; sys.stderr.write('noise'); warnings.warn('careful')"
    for cell in code(submitted):
        if marks(cell).get("grade_id") in NOISY[chapter]:
            cell["source"] = source(cell).replace("    ### BEGIN", f"    {noisy}\n    ### BEGIN")
    assert failed(graded(warm_sandbox, chapter, framework, submitted)) == []


def duplicated(node: dict) -> None:
    node["cells"] = [copy.deepcopy(cell) for cell in node["cells"] for _ in range(2)]


def shuffled(node: dict) -> None:
    random.Random(0).shuffle(node["cells"])


def without_metadata(node: dict) -> None:
    node["metadata"] = {}
    for cell in node["cells"]:
        cell["metadata"] = {}


def from_colab(node: dict) -> None:
    """Colab's own ids, in metadata, and nbformat 4.0, in which cells have none."""
    node["nbformat_minor"] = 0
    for number, cell in enumerate(node["cells"]):
        del cell["id"]
        cell["metadata"] = {"id": f"{number:02d}aBcDeFgHiJ", "colab": {"base_uri": "https://localhost/"}}


def without_locked_cells(node: dict) -> None:
    node["cells"] = [cell for cell in node["cells"] if not marks(cell).get("locked")]


def with_helpers_broken(node: dict) -> None:
    for cell in node["cells"]:
        if marks(cell).get("grade_id") == "helpers":
            names = [node.name for node in ast.parse(source(cell)).body if hasattr(node, "name")]
            cell["source"] = "\n".join(f"def {name}(*given, **named): return None" for name in names)


def answered_in_check_cells(node: dict) -> None:
    """The answer typed above the visible check, in its cell; the answer's own cell left blank."""
    for before, cell in zip(node["cells"], node["cells"][1:], strict=False):
        if marks(cell).get("grade") and marks(before).get("solution"):
            cell["source"] = source(before) + "\n\n" + source(cell)
            before["source"] = "pass"


def with_blank_copies(node: dict) -> None:
    """Every answer cell copied before it was answered, the blank copy left below."""
    for cell in [cell for cell in node["cells"] if marks(cell).get("solution")]:
        blank = re.sub(
            r"( *)### BEGIN SOLUTION\n.*?### END SOLUTION",
            lambda region: region[1] + release.STUBS["code"].replace("\n", "\n" + region[1]),
            source(cell),
            flags=re.DOTALL,
        )
        node["cells"].append(copy.deepcopy(cell) | {"source": blank})


CHANGES = [
    duplicated,
    shuffled,
    without_metadata,
    from_colab,
    without_locked_cells,
    with_helpers_broken,
    answered_in_check_cells,
    with_blank_copies,
]


def test_blank_copies_are_those_of_the_release() -> None:
    for chapter in CHAPTERS:
        node = {"cells": code(solution(chapter, "tensorflow"))}
        answers = [cell for cell in node["cells"] if marks(cell).get("solution")]
        with_blank_copies(node)
        given = [source(c) for c in code(blank(chapter, "tensorflow")) if marks(c).get("solution")]
        assert [source(cell) for cell in node["cells"][-len(answers) :]] == given


@pytest.mark.slow
@of_every_chapter
@pytest.mark.parametrize("change", CHANGES, ids=[change.__name__ for change in CHANGES])
def test_a_changed_notebook_costs_a_correct_submission_nothing(
    warm_sandbox: Sandbox, chapter: str, change: Callable[[dict], None]
) -> None:
    submitted = solution(chapter, "tensorflow")
    change(submitted)
    assert failed(graded(warm_sandbox, chapter, "tensorflow", submitted)) == []


@pytest.mark.slow
@of_every_chapter
@pytest.mark.parametrize("framework", ["pytorch", "jax"])
def test_all_changes_at_once_cost_nothing(warm_sandbox: Sandbox, chapter: str, framework: str) -> None:
    submitted = solution(chapter, framework)
    for change in (without_locked_cells, duplicated, shuffled, from_colab):
        change(submitted)
    assert failed(graded(warm_sandbox, chapter, framework, submitted)) == []
