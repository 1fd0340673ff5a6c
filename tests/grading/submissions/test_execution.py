"""Which cells of a submission are run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from support.notation import ANSWER, CHECK, HELPER, REGION
from triptych import files
from triptych.course import Course
from triptych.grading import release
from triptych.grading.submissions import cells_to_run
from triptych.notebooks.cells import marks, source


@pytest.fixture
def exercise(course: Course, solution) -> Path:
    """A released notebook: a helper, an answer, a check."""
    path = solution(
        ("code", "def helper(x):\n    return x", HELPER),
        ("code", REGION, ANSWER),
        ("code", "assert f(1) == 2, 'twice'", CHECK),
    )
    target = release.exercise_of(path, course)
    target.parent.mkdir(parents=True)
    files.replace(target, release.release(path, course))
    return target


FIRST = ["a (released)"]


def ids(submitted: object, exercise: Path) -> list[str]:
    """The cells that are run after the helper, which is the release's, whatever was submitted."""
    program = cells_to_run(submitted, exercise.read_text())
    assert [(c.id, c.source) for c in program.helpers] == [("h (released)", "def helper(x):\n    return x")]
    return [cell.id for cell in program.cells]


def cell(text: object, **more: object) -> dict:
    return {"cell_type": "code", "source": text, "metadata": {}} | more


def test_what_was_released_is_run_first(exercise: Path) -> None:
    assert ids(json.loads(exercise.read_text()), exercise) == FIRST


def test_the_learners_cells_are_run_in_their_order(exercise: Path) -> None:
    submitted = {
        "cells": [cell("x = 1"), {"cell_type": "markdown", "source": "y"}, cell(["y = 2\n", "z = 3"])]
    }
    run = cells_to_run(submitted, exercise.read_text()).cells
    assert [c.id for c in run] == [*FIRST, "code cell 1", "code cell 2"]
    assert run[2].source == "y = 2\nz = 3"


def test_copies_of_released_cells_are_not_run_again(exercise: Path) -> None:
    node = json.loads(exercise.read_text())
    for copy in node["cells"]:
        copy["metadata"], copy["id"] = {}, "other"
        copy["source"] = source(copy).replace("\n", " \r\n")  # as another editor may save it
    assert ids({"cells": node["cells"] * 3}, exercise) == FIRST


def test_a_changed_check_is_run_only_for_what_it_defines(exercise: Path) -> None:
    node = json.loads(exercise.read_text())
    check = next(c for c in node["cells"] if marks(c).get("grade"))
    check["source"] = "print(f(1))\nassert f(1) == 3"
    assert ids(node, exercise) == FIRST
    check["source"] = "def f(x):\n    return 2 * x"
    assert ids(node, exercise) == [*FIRST, "code cell 3"]
    check["source"] = "%pwd\nimport a\nassert f(1) == 3\nb = 1\nc = f(9)\nwhile b:\n    b = 1\nprint(b)"
    run = [cell.source for cell in cells_to_run(node, exercise.read_text()).cells]
    assert run[1:] == ["import a", "b = 1"]
    del check["metadata"]["nbgrader"]  # known by its id
    check["source"] = "print(f(1))"
    assert ids(node, exercise) == FIRST


def test_a_changed_helper_is_run_as_a_cell_and_is_not_the_helper(exercise: Path) -> None:
    node = json.loads(exercise.read_text())
    next(c for c in node["cells"] if marks(c).get("locked"))["source"] = "helper = None"
    assert ids(node, exercise) == [*FIRST, "code cell 1"]


@pytest.mark.parametrize(
    "submitted",
    [
        {},
        [],
        None,
        {"cells": None},
        {"cells": [None, 1, "x", [], {}]},
        {"cells": [{"cell_type": "code"}]},
        {"cells": [cell(None), cell(7), cell([1, None]), cell("  \n"), cell({})]},
        {"cells": [cell("", metadata=[]), cell("", metadata={"nbgrader": 3}, id=[])]},
    ],
)
def test_a_misshapen_notebook_is_an_empty_one(exercise: Path, submitted: object) -> None:
    assert ids(submitted, exercise) == FIRST


def test_misshapen_metadata_does_not_lose_an_answer(exercise: Path) -> None:
    odd = [cell("x = 1", metadata=None), cell("x = 2", metadata={"nbgrader": {"grade_id": {}}}, id=7)]
    assert ids({"cells": odd}, exercise) == [*FIRST, "code cell 1", "code cell 2"]


def test_a_release_that_changes_is_read_again(exercise: Path) -> None:
    assert ids({}, exercise) == FIRST
    exercise.write_text(exercise.read_text().replace('"grade_id": "h"', '"grade_id": "other"'))
    assert cells_to_run({}, exercise.read_text()).helpers[0].id == "other (released)"


def missing(exercise: Path, *texts: str) -> dict[str, str]:
    return dict(cells_to_run({"cells": [cell(text) for text in texts]}, exercise.read_text()).missing)


def test_an_answer_of_which_nothing_is_left_is_missing(exercise: Path) -> None:
    blank = next(source(c) for c in json.loads(exercise.read_text())["cells"] if marks(c).get("solution"))
    assert missing(exercise) == {"f": ""}
    assert missing(exercise, blank) == missing(exercise, blank.replace("\n", "\n\n")) == {}
    assert missing(exercise, "def f(x):\n    return 2 * x") == {}
    assert missing(exercise, "def f(x:") == missing(exercise, "  f = lambda x: x") == {}
    assert missing(exercise, "def g(x):\n    return f == 1") == {"f": ""}


def test_a_missing_answer_may_have_another_name_now(course: Course, solution) -> None:
    path = solution(("code", REGION.replace("f(x)", "three_counters(x)"), ANSWER))
    exercise = release.exercise_of(path, course)
    exercise.parent.mkdir(parents=True)
    files.replace(exercise, release.release(path, course))
    renamed = "def three_counter(x):\n    return 2 * x"
    assert missing(exercise, renamed, "def tree(x): ...") == {"three_counters": "three_counter"}
    assert missing(exercise, "def something_else(x):\n    return 2 * x") == {"three_counters": ""}
    assert missing(exercise, "x = 1\n" * 20_000 + "".join(f"n{i} = 1\n" for i in range(5_000)))
