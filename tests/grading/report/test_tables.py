"""Marks for spreadsheets and for programs."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from support.grades import ABOUT, FLAG, ROSTER, rows, soup
from triptych.grading import report
from triptych.grading.report import writer
from triptych.grading.report.pages import Pages
from triptych.grading.store import GradeStore, SubmissionRow
from triptych.grading.submissions import Roster, Student


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


FORMULAS = (
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "＝1",
    "＋1",
    "－1",
    "＠x",
    "−1",
    " =1",
    "\t=1",
    "\r=1",
    '"=1',
    "x;=1",
)


def test_every_cell_is_quoted(out: Path) -> None:
    text = (out / "marks.csv").read_text(encoding="utf-8-sig")
    assert all(line.startswith('"') and line.endswith('"') for line in text.splitlines())
    table = list(csv.reader(io.StringIO(text), strict=True))
    assert len({len(row) for row in table}) == 1
    written = io.StringIO(newline="")
    csv.writer(written, quoting=csv.QUOTE_ALL).writerows(table)
    assert written.getvalue() == text.replace("\n", "\r\n")
    assert not any("\x1b" in cell or "\n" in cell or "\t" in cell for row in table for cell in row)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("quotes", [csv.QUOTE_MINIMAL, csv.QUOTE_NONE], ids=["quotes", "no-quotes"])
def test_no_reader_finds_a_formula(separator: str, quotes: int, store: GradeStore, tmp_path: Path) -> None:
    """However a spreadsheet splits the table, in whichever column the text of a student stands."""
    told = [
        f"{before}{formula}" for formula in FORMULAS for before in ("", "a,", "a; ", "a\t", 'a";"', "a | ")
    ]
    store.hand_in(SubmissionRow(t, t, t, "jax", t, reason=t, key="k1") for t in told)
    report.write(tmp_path, ABOUT, store, Roster(tuple(Student(f"{t} absent", t) for t in told)))
    table = (tmp_path / "marks.csv").read_text(encoding="utf-8-sig")
    for line in csv.reader(io.StringIO(table), delimiter=separator, quoting=quotes):
        for cell in line:
            assert not cell.lstrip('" ').startswith(tuple("=+-@＝＋－＠−")), cell


def test_numbers_stay_numbers(out: Path) -> None:
    for name, row in rows(out).items():
        for column in ("mark", "out of", "notebooks", "raw", "late deduction", "points: loop", "seed"):
            assert not row[column] or float(row[column]) >= 0, (name, column)
    assert rows(out)["ann/pytorch.ipynb"]["raw"] == "7"


def test_flags_and_the_number_of_notebooks_stand_in_both_tables(out: Path) -> None:
    assert rows(out)["ann/pytorch.ipynb"]["flags"] == FLAG
    assert [rows(out)[n]["notebooks"] for n in ("ann/jax.ipynb", "bo.ipynb", "s9")] == ["2", "1", "0"]
    found = [s for s in json.loads((out / "marks.json").read_text())["submissions"] if s["student"] == "s1"]
    assert {s["notebook"]: s["flags"] for s in found} == {"ann/pytorch.ipynb": [FLAG], "ann/jax.ipynb": []}


def test_a_doubt_about_whose_it_is_stands_with_the_flags(store: GradeStore, tmp_path: Path) -> None:
    doubt = "not clear who this is: 2 hand-ins could be by s1"
    store.hand_in([SubmissionRow("Ann Lee (4711)", "Ann Lee", "a.ipynb", "jax", "d1", key="k1", note=doubt)])
    overview = report.write(tmp_path, ABOUT, store, ROSTER)
    assert rows(tmp_path)["a.ipynb"]["flags"] == doubt
    assert [flags for _, flags in overview.flagged] == [(doubt,)]
    team = SubmissionRow("bo", "Bo", "b.ipynb", "jax", "d1", key="k1", note="handed in by the group Ada")
    overview = report.write(tmp_path / "team", ABOUT, _with(store, team), ROSTER)
    assert (overview.flagged, overview.lines[0].notes) == ([], ("handed in by the group Ada",))
    (page,) = (tmp_path / "feedback").iterdir()
    assert doubt not in page.read_text(encoding="utf-8")


def _with(store: GradeStore, row: SubmissionRow) -> GradeStore:
    store.hand_in([row])
    return store


@pytest.mark.parametrize("what", ["csv_row", "json_row", "feedback"])
def test_a_grade_that_cannot_be_shown_is_its_students_reason(
    what: str, store: GradeStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = Pages if what == "feedback" else writer
    sound = getattr(owner, what)

    def failing(*given: object, **more: object) -> object:
        sheet = next(g for g in given if not isinstance(g, Pages))
        sheet = sheet[0] if isinstance(sheet, tuple) else sheet
        if sheet.row.student == "s2" and sheet.grade:
            raise RecursionError("too deep")
        return sound(*given, **more)

    monkeypatch.setattr(owner, what, failing)
    overview = report.write(tmp_path, ABOUT, store, ROSTER)
    bo = rows(tmp_path)["bo.ipynb"]
    assert bo["mark"] == ""
    assert bo["reason"] == "the grader failed, not the submission: its report (RecursionError: too deep)"
    assert rows(tmp_path)["ann/pytorch.ipynb"]["mark"] == "7"
    assert "RecursionError" in (tmp_path / "feedback/s2.html").read_text(encoding="utf-8")
    assert overview.faults == 2


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
