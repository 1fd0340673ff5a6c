"""Marks for spreadsheets and for programs."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

from support.grades import ABOUT, ROSTER, rows, soup
from triptych.grading import report
from triptych.grading.store import GradeStore


def test_marks_are_in_the_table_by_exercise_with_seed_and_versions(out: Path) -> None:
    ann = rows(out)["ann/pytorch.ipynb"]
    assert (ann["student"], ann["mark"], ann["out of"], ann["late"], ann["seed"]) == (
        "s1",
        "7",
        "7",
        "yes",
        "11",
    )
    assert (ann["points: loop"], ann["points: branch"]) == ("4", "3")
    assert ann["versions"] == "jax=0.10.2"
    assert ann["sha256"] == "d2"


def test_of_two_notebooks_the_better_one_counts(out: Path) -> None:
    assert (rows(out)["ann/pytorch.ipynb"]["counts"], rows(out)["ann/jax.ipynb"]["counts"]) == ("yes", "no")


def test_what_could_not_be_graded_has_no_points_and_a_reason(out: Path) -> None:
    assert (rows(out)["cy.ipynb"]["mark"], rows(out)["cy.ipynb"]["reason"][:14]) == ("0", "not a notebook")
    assert rows(out)["bo.ipynb"]["reason"] == "ran longer than 60 s"


def test_a_failure_of_the_grader_is_no_mark(out: Path) -> None:
    assert rows(out)["di.ipynb"]["mark"] == ""


def test_who_did_not_hand_in_is_in_every_list(out: Path) -> None:
    assert (rows(out)["s9"]["mark"], rows(out)["s9"]["reason"]) == ("", "did not hand in")
    assert json.loads((out / "marks.json").read_text())["missing"] == [
        {"student": "s9", "name": "Zoë O'Neil"}
    ]
    assert "Zoë O'Neil" in soup(out / "overview.html").find(id="missing").find_parent("section").text


def test_no_cell_of_the_table_is_a_formula(out: Path) -> None:
    text = (out / "marks.csv").read_text(encoding="utf-8-sig")
    for row in csv.reader(io.StringIO(text)):
        assert not any(cell.startswith(("=", "+", "-", "@")) for cell in row)
        assert not any("\x1b" in cell or "\n" in cell for cell in row)


def test_the_json_has_every_check_of_every_notebook(out: Path) -> None:
    data = json.loads((out / "marks.json").read_text(encoding="utf-8"))
    assert (data["chapter"], data["seed"], len(data["submissions"])) == ("graphs", 7, 6)
    bo = next(s for s in data["submissions"] if s["student"] == "s2")
    assert bo["exercises"]["loop"] == {"earned": 1, "points": 4}
    assert [c["check"] for c in bo["checks"]] == ["loop/starts", "loop/ends", "branch/chooses"]


def test_a_second_writing_changes_no_byte(out: Path, store: GradeStore) -> None:
    files = [p for p in sorted(out.rglob("*")) if p.suffix in (".html", ".csv", ".json")]
    before = [p.read_bytes() for p in files]
    report.write(out, ABOUT, store, ROSTER)
    assert [p.read_bytes() for p in files] == before
    assert not list(out.rglob("*.new"))
