"""The order of a student's notebooks, and the cap on how many are graded."""

from __future__ import annotations

from dataclasses import replace

import pytest

from triptych.grading.attempts import capped, natural
from triptych.grading.submissions import Submission


def handed_in(*sources: str, student: str = "ann") -> list[Submission]:
    return [Submission(student, student.title(), source) for source in sources]


def graded(submissions: list[Submission], most: int = 6) -> list[str]:
    return [s.source for s in capped(submissions, most) if not s.problem]


@pytest.mark.parametrize(
    ("names", "last"),
    [
        (["jax-10.ipynb", "jax-9.ipynb", "jax.ipynb"], "jax-10.ipynb"),
        (["jax (2).ipynb", "jax (10).ipynb", "jax.ipynb"], "jax (10).ipynb"),
        (["jax.ipynb", "zz-scratch.ipynb", "notes.ipynb"], "jax.ipynb"),
        (["b/jax.ipynb", "a/jax.ipynb"], "b/jax.ipynb"),
    ],
)
def test_names_are_sorted_as_people_count(names: list[str], last: str) -> None:
    assert graded(handed_in(*names))[-1] == last


def test_where_the_platform_tells_the_turn_no_name_changes_it() -> None:
    first, second = handed_in("doe_1_77_zz.ipynb", "doe_1_78_aa.ipynb")
    assert graded([replace(first, turn=77), replace(second, turn=78)], 1) == ["doe_1_78_aa.ipynb"]


def test_scratch_notebooks_do_not_push_the_exercise_beyond_the_cap() -> None:
    own = handed_in("jax.ipynb", *(f"test{n}.ipynb" for n in range(20)))
    assert "jax.ipynb" in graded(own)


def test_the_last_are_graded_and_the_others_say_which_they_were() -> None:
    found = capped(handed_in(*(f"jax-{n}.ipynb" for n in range(1, 9))), 6)
    assert [s.problem for s in found[:3]] == [
        "not graded: the 1st of 8 notebooks; the last 6 of one student are graded",
        "not graded: the 2nd of 8 notebooks; the last 6 of one student are graded",
        "",
    ]


def test_what_cannot_be_graded_takes_nobodys_place() -> None:
    own = handed_in(*(f"jax-{n}.ipynb" for n in range(6)))
    own += [replace(s, problem="a symbolic link") for s in handed_in("x1.ipynb", "x2.ipynb")]
    assert len(graded(own)) == 6


def test_each_student_has_a_cap_of_their_own() -> None:
    both = handed_in("jax-1.ipynb", "jax-2.ipynb") + handed_in("jax-1.ipynb", student="bo")
    assert graded(both, 1) == ["jax-2.ipynb", "jax-1.ipynb"]


def test_a_name_of_any_length_is_sorted() -> None:
    assert natural("1" * 60_000) > natural("1" * 50)
