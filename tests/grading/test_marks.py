"""From points to marks: lateness, weights, the scale, and which notebook counts."""

from __future__ import annotations

import json

import pytest

from support.tiny_course import HALF, RIGHT, marks, notebook
from triptych.grading.marks import Policy, rounded

POINTS = {"loop": 4.0, "branch": 3.0}
EARNED = {"loop": 3.0, "branch": 1.5}


@pytest.mark.parametrize(
    ("policy", "late", "value", "out_of", "deduction"),
    [
        (Policy(), True, 4.5, 7, 0),
        (Policy(late="percent", deduct=10), False, 4.5, 7, 0),
        (Policy(late="percent", deduct=10), True, 4.05, 7, 0.45),
        (Policy(late="points", deduct=2), True, 2.5, 7, 2),
        (Policy(late="points", deduct=20), True, 0, 7, 4.5),
        (Policy(late="zero"), True, 0, 7, 4.5),
        (Policy(weights={"loop": 2, "branch": 0}), False, 6, 8, 0),
        (Policy(out_of=100), False, 64.29, 100, 0),
        (Policy(out_of=100, decimals=0), False, 64, 100, 0),
        (Policy(out_of=10, weights={"branch": 0}, late="points", deduct=1), True, 6.5, 10, 1),
    ],
)
def test_a_mark_keeps_what_the_checks_gave(policy, late, value, out_of, deduction) -> None:
    mark = policy.mark(EARNED, POINTS, late)
    assert (mark.value, mark.out_of, round(mark.deduction, 9), mark.raw) == (value, out_of, deduction, 4.5)


def test_a_half_is_rounded_upwards_however_the_computer_holds_it() -> None:
    assert [rounded(x, 0) for x in (0.5, 1.5, 2.5)] == [1, 2, 3]
    assert rounded(2.675, 2) == 2.68
    assert rounded(0.1 + 0.2 + 0.2, 0) == 1


def test_the_best_counts_and_of_equal_ones_the_first() -> None:
    handed_in = [("jax", 3.0), ("jax", 5.0), ("", -1.0), ("pytorch", 5.0)]
    assert Policy().counting(handed_in) == 1
    assert Policy().counting([("", -2.0), ("", -1.0)]) == 1


def test_the_last_counts_in_each_framework_and_of_these_the_best() -> None:
    last = Policy(counts="last")
    assert last.counting([("jax", 5.0), ("jax", 3.0)]) == 1
    assert last.counting([("pytorch", 4.0), ("jax", 5.0), ("jax", 3.0)]) == 0
    assert last.counting([("jax", 5.0), ("", -1.0)]) == 0  # what cannot be graded replaces nothing
    assert last.counting([("", -1.0)]) == 0


def test_a_policy_is_said_in_sentences() -> None:
    policy = Policy(
        counts="last", late="percent", deduct=10, weights={"loop": 2, "branch": 0, "x": 1}, out_of=100
    )
    assert list(policy.words({"loop": "A loop"})) == [
        "Of a student's notebooks the last one in each framework counts, and of these the best.",
        "A notebook that was handed in late loses 10% of its mark.",
        "The points of “A loop” are multiplied by 2.",
        "“branch” does not count.",
        "Marks are scaled to 100 points.",
    ]
    assert list(Policy(late="zero").words({}))[1:] == ["A notebook that was handed in late counts 0."]


@pytest.mark.slow
def test_guessing_often_earns_no_more_than_the_cap_allows(grade, handed_in, tiny, tmp_path) -> None:
    """Sixty notebooks of one student: the last six are graded, and how many there were is said."""
    folder = handed_in(ben=HALF)
    (folder / "ann").mkdir()
    for number in range(60):
        source = RIGHT if number == 50 else f"{HALF}# {number}\n"
        (folder / f"ann/try-{number}.ipynb").write_text(notebook(source))
    grade(folder, "--framework", "jax")
    found = [
        s
        for s in json.loads((tmp_path / "class-graded/marks.json").read_text())["submissions"]
        if s["student"] == "ann"
    ]
    graded = {s["notebook"]: s["mark"] for s in found if s["mark"] is not None}
    assert graded == {f"ann/try-{number}.ipynb": 1 for number in range(54, 60)}
    reasons = {s["notebook"]: s["reason"] for s in found}
    assert reasons["ann/try-50.ipynb"] == (
        "not graded: the 51st of 60 notebooks; the last 6 of one student are graded"
    )
    assert {s["notebooks"] for s in found} == {60}
    assert "60 notebooks, 6 of them graded, the best counts" in (
        tmp_path / "class-graded/overview.html"
    ).read_text(encoding="utf-8")
    page = (tmp_path / "class-graded/feedback/ann.html").read_text(encoding="utf-8")
    assert "You handed in 60 notebooks; only the last 6 that can be read are graded." in page
    (tiny.root / "grading.toml").write_text("[hand-in]\nmost = 12\n")
    grade(folder, "--framework", "jax")
    found = json.loads((tmp_path / "class-graded/marks.json").read_text())["submissions"]
    assert max(s["mark"] or 0 for s in found if s["student"] == "ann") == 6


@pytest.mark.slow
def test_what_is_late_costs_what_the_settings_say_and_the_better_one_counts(
    grade, handed_in, tiny, tmp_path
) -> None:
    folder = handed_in()
    (folder / "annlee_11_101_half.ipynb").write_text(notebook(HALF))
    (folder / "benroe_LATE_12_102_right.ipynb").write_text(notebook(RIGHT))
    (tiny.root / "grading.toml").write_text("[late]\npolicy = 'percent'\ndeduct = 50\n")
    grade(folder)
    found = {s["notebook"]: s for s in marks(tmp_path / "class-graded").values()}
    late = found["benroe_LATE_12_102_right.ipynb"]
    assert (late["raw"], late["late_deduction"], late["mark"], late["late"]) == (6, 3, 3, True)
    soon = found["annlee_11_101_half.ipynb"]
    assert (soon["raw"], soon["late_deduction"], soon["mark"]) == (1, 0, 1)
    pages = [p.read_text(encoding="utf-8") for p in (tmp_path / "class-graded/feedback").iterdir()]
    (page,) = [p for p in pages if "The checks gave 6 of 6 points. It was handed in late: −3." in p]
    assert "A notebook that was handed in late loses 50% of its mark." in page
    assert "late, −3" in (tmp_path / "class-graded/overview.html").read_text(encoding="utf-8")


def test_changing_the_policy_grades_nothing_again(grade, handed_in, tiny, tmp_path) -> None:
    folder = handed_in(ann=RIGHT)
    grade(folder)
    (tiny.root / "grading.toml").write_text("[marks]\nout-of = 10\n")
    assert "1 of them graded before" in grade(folder)
    assert marks(tmp_path / "class-graded")["ann"]["mark"] == 10
