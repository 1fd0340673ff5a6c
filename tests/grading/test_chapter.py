"""A chapter as it is graded."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from support import ROOT
from triptych.course import Course
from triptych.errors import TriptychError
from triptych.grading.chapter import GradedChapter
from triptych.grading.submissions import cells_to_run


def test_an_exercise_that_was_worked_on_is_not_taken_for_the_release(tmp_path: Path) -> None:
    """Solved in place, as a learner may: nobody is given those answers, and nothing else is graded."""
    for folder in ("solutions/graphs", "exercises/graphs"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    shutil.copy(ROOT / "_config.yml", tmp_path)
    before = GradedChapter.of(Course(tmp_path), "graphs").released
    shutil.copy(tmp_path / "solutions/graphs/pytorch.ipynb", tmp_path / "exercises/graphs/pytorch.ipynb")
    released = GradedChapter.of(Course(tmp_path), "graphs").released
    assert released == before
    given = "".join(cell.source for cell in cells_to_run({}, released["pytorch"]).cells)
    assert "raise NotImplementedError()" in given
    assert "BEGIN SOLUTION" not in given
    (tmp_path / "exercises/graphs/jax.ipynb").unlink()
    assert GradedChapter.of(Course(tmp_path), "graphs").released == before


def test_where_there_is_no_solution_the_stored_exercise_counts(tiny: Course) -> None:
    assert '"# jax' in GradedChapter.of(tiny, "tiny").released["jax"]
    (tiny.root / "exercises/tiny/jax.ipynb").write_text("not JSON")
    with pytest.raises(TriptychError, match=r"jax.ipynb: cannot be read .*; run `triptych release`"):
        GradedChapter.of(tiny, "tiny")


def test_one_framework_is_enough(tiny: Course) -> None:
    (tiny.root / "exercises/tiny/jax.ipynb").unlink()
    chapter = GradedChapter.of(tiny, "tiny")
    assert list(chapter.released) == ["pytorch", "tensorflow"]
    with pytest.raises(TriptychError, match="tiny has no exercises in it; there are: pytorch, tensorflow"):
        chapter.require("jax")
    for framework in chapter.released:
        (tiny.root / f"exercises/tiny/{framework}.ipynb").unlink()
    with pytest.raises(TriptychError, match=r"solutions/tiny: no notebook there; write one"):
        GradedChapter.of(tiny, "tiny")
