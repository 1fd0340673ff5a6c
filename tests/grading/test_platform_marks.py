"""Marks in Moodle's and Canvas's own files: the grades change, and no other byte."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from support.grades import ABOUT, ROSTER
from support.tiny_course import HALF, RIGHT, notebook
from triptych.cli import main
from triptych.grading import report
from triptych.grading.store import GradeStore

MOODLE = (
    'Identifier,"Full name","Email address",Status,Grade,"Maximum grade","Grade can be changed",'
    '"Last modified (grade)","Feedback comments"\r\n'
    '"Participant 101","Ann Lee",ann@example.org,"Submitted for grading",,7.00,Yes,-,\r\n'
    '"Participant 102","Bo Roe",bo@example.org,"Submitted for grading\n - late",,7.00,Yes,'
    '"Monday, 2 November 2026, 10:00 AM",""\r\n'
    '"Participant 103","Cy ""C"" Poe",cy@example.org,"No submission",,7.00,No,-,\r\n'
    '"Participant 104","Zoë O\'Neil",zoe@example.org,"No submission",,7.00,Yes,-,\r\n'
)
CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Section,Graphs (5001),Autodiff (5002),Graphs Final Score\n"
    ",,,,,Manual Posting,,\n"
    "    Points Possible,,,,,7.00,10.00,(read only)\n"
    '"Lee, Ann",2001,s1,ann,A,,8.00,92.5\n'
    '"Roe, Bo",2002,s2,bo,A,,,\n'
    '"Poe, Cy",2003,s3,cy,A,EX,,\n'
    '"Day, Di",2004,s4,di,B,N/A,,\n'
    '"Student, Test",2999,,abc,A,,,\n'
)


def marks(folder: Path, out_of: float = 7, **students: float | None) -> Path:
    """A folder of marks: ``marks(tmp_path, ann=6)``; the name is the key, capitalised, or ``id: name``."""
    folder.mkdir(exist_ok=True)
    entries = []
    for key, mark in students.items():
        student, _, name = key.partition(":")
        check = {"exercise": "loop", "message": "Mind <b>while</b>."}
        entries.append(
            {
                **{"student": student, "name": name or student, "mark": mark, "counts": True, "reason": ""},
                "exercises": {"loop": {"earned": 1, "points": 4}, "branch": {"earned": 3, "points": 3}},
                "checks": [check],
            }
        )
    (folder / "marks.json").write_text(json.dumps({"out_of": out_of, "submissions": entries}))
    return folder


def run(folder: Path, text: str | bytes, *options: str, status: int = 0, name: str = "export.csv") -> str:
    file = folder.parent / name
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    result = CliRunner().invoke(main, ["marks", str(folder), str(file), *options])
    assert result.exit_code == status, result.output
    assert file.read_bytes() == (text.encode() if isinstance(text, str) else text)
    return result.output


def filled(folder: Path) -> bytes:
    return (folder.parent / "export-filled.csv").read_bytes()


def test_moodles_worksheet_gets_grades_and_keeps_every_other_byte(tmp_path: Path) -> None:
    folder = marks(
        tmp_path / "m", **{"s1:Ann Lee": 6.5, "s2:Bo Roe": 0, "s3:Cy C Poe": 3, "s4:Zoë O'Neil": None}
    )
    shown = run(folder, MOODLE)
    wanted = MOODLE.replace('grading",,7.00', 'grading",6.5,7.00', 1).replace('late",,', 'late",0,', 1)
    assert filled(folder).decode() == wanted
    assert "left out: Cy C Poe (s3): Moodle says that the grade cannot be changed" in shown
    assert "2 marks entered, 1 left out" in shown


def test_a_dash_is_no_grade(tmp_path: Path) -> None:
    text = MOODLE.replace('grading",,7.00', 'grading",-,7.00', 1)
    run(marks(tmp_path / "m", **{"s1:Ann Lee": 6}), text)
    assert b'grading",6,7.00' in filled(tmp_path / "m")


def test_moodle_gets_feedback_as_text(tmp_path: Path) -> None:
    run(marks(tmp_path / "m", **{"s1:Ann Lee": 4}), MOODLE, "--feedback")
    table = list(csv.reader(io.StringIO(filled(tmp_path / "m").decode(), newline="")))
    assert table[1][4] == "4"
    assert table[1][8] == "4 of 7. loop 1 of 4: Mind &lt;b&gt;while&lt;/b&gt;"
    assert [row[8] for row in table[2:]] == ["", "", ""]


def test_the_feedback_says_what_lateness_cost(tmp_path: Path) -> None:
    folder = marks(tmp_path / "m", **{"s1:Ann Lee": 3.5})
    data = json.loads((folder / "marks.json").read_text())
    data["submissions"][0]["late_deduction"] = 0.5
    (folder / "marks.json").write_text(json.dumps(data))
    run(folder, MOODLE, "--feedback")
    assert b'"3.5 of 7. Handed in late: 0.5 taken off. loop 1 of 4: ' in filled(folder)


def test_canvas_gets_one_assignments_grades_and_keeps_every_other_byte(tmp_path: Path) -> None:
    students = {"s1:Ann Lee": 6.5, "2002:Bo Roe": 7, "s3:Cy Poe": 1, "s4:Di Day": 2}
    shown = run(marks(tmp_path / "m", **students), CANVAS, "--assignment", "Graphs")
    wanted = CANVAS.replace("ann,A,,8.00", "ann,A,6.5,8.00").replace("bo,A,,,", "bo,A,7,,")
    assert filled(tmp_path / "m").decode() == wanted
    assert "Cy Poe (s3): excused in Canvas" in shown
    assert "Di Day (s4): not assigned to this student in Canvas" in shown
    for named in ("5001", "Graphs (5001)"):
        (tmp_path / "export-filled.csv").unlink()
        run(tmp_path / "m", CANVAS, "--assignment", named)
        assert filled(tmp_path / "m").decode() == wanted


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("newline", ["\r\n", "\n", "\r"])
def test_a_file_stays_as_it_is_written(encoding: str, separator: str, newline: str, tmp_path: Path) -> None:
    rows = list(csv.reader(io.StringIO(MOODLE, newline="")))
    table = io.StringIO(newline="")
    csv.writer(table, delimiter=separator, lineterminator="\n").writerows(rows)
    text = table.getvalue().replace("\n", newline)
    run(marks(tmp_path / "m", **{"s2:Bo Roe": 5}), text.encode(encoding))
    wanted = text.replace(f'late"{separator}', f'late"{separator}5', 1)
    assert wanted != text
    assert filled(tmp_path / "m") == wanted.encode(encoding)


def test_marks_are_rescaled_only_where_that_is_said(tmp_path: Path) -> None:
    folder = marks(tmp_path / "m", out_of=41, **{"s1:Ann Lee": 20.5})
    shown = run(folder, MOODLE, status=1)
    assert shown.endswith(
        "its maximum is 7, and the marks are out of 41; "
        "say --rescale, or --no-rescale to enter them as they are\n"
    )
    assert not (tmp_path / "export-filled.csv").exists()
    run(folder, MOODLE, "--rescale")
    assert b'grading",3.5,7.00' in filled(folder)
    run(folder, MOODLE, "--no-rescale", "--out", str(tmp_path / "other.csv"))
    assert b'grading",20.5,7.00' in (tmp_path / "other.csv").read_bytes()


def test_grades_that_are_there_are_not_replaced_unasked(tmp_path: Path) -> None:
    there = MOODLE.replace('grading",,7.00', 'grading",3.00,7.00', 1)
    folder = marks(tmp_path / "m", **{"s1:Ann Lee": 6})
    assert "not empty: Ann Lee has '3.00'; say --overwrite" in run(folder, there, status=1)
    run(folder, there, "--overwrite")
    assert b'grading",6,7.00' in filled(folder)
    same = marks(tmp_path / "m", **{"s1:Ann Lee": 3})
    run(same, there, "--out", str(tmp_path / "same.csv"))
    assert (tmp_path / "same.csv").read_bytes() == there.encode()


def test_a_filled_file_is_never_written_over(tmp_path: Path) -> None:
    folder = marks(tmp_path / "m", **{"s1:Ann Lee": 6})
    (tmp_path / "export-filled.csv").write_text("mine")
    assert "export-filled.csv: is there already; remove it" in run(folder, MOODLE, status=1)
    assert filled(folder) == b"mine"


def test_a_mark_is_entered_only_for_whom_it_clearly_belongs_to(tmp_path: Path) -> None:
    """The id of one is another's number in Canvas; two have the same name; one is not there."""
    twins = CANVAS.replace('"Poe, Cy"', '"Roe, Bo"')
    students = {"2002:Ann Lee": 5, "x2:Bo Roe": 6, "x9:Eve Fox": 7}
    shown = run(marks(tmp_path / "m", **students), twins, "--assignment", "5001")
    assert "left out: Ann Lee (2002): its id is another's there" in shown
    assert "left out: Bo Roe (x2): 2 on the list could be called so: s2, s3" in shown
    assert "left out: Eve Fox (x9): not found in the file" in shown
    assert filled(tmp_path / "m").decode() == twins


@pytest.mark.parametrize(
    ("text", "options", "said"),
    [
        (MOODLE.replace("Identifier", "Number"), [], "neither Moodle's grading worksheet nor Canvas's"),
        (MOODLE, ["--assignment", "x"], "Moodle's worksheet is of one assignment; leave it out"),
        (MOODLE.replace(",\"Feedback comments\"", ""), ["--feedback"], "no column of feedback comments"),
        (MOODLE.replace("bo@", "ann@"), [], "the id 'ann@example.org' is listed twice, first in line 2"),
        (MOODLE.replace("7.00", "Good", 1), [], ":2: the maximum is 'Good', no number of points; have"),
        (MOODLE.replace("7.00", "9.00", 1), [], "several maxima: 7, 9; export one assignment at a time"),
        (MOODLE + '"Participant 105","Eve', [], "a quote is opened and not closed"),
        (CANVAS, [], "--assignment: not given; name one of Canvas's: 'Graphs (5001)', 'Autodiff (5002)'"),
        (CANVAS, ["--assignment", "Grafs"], "no such assignment in the gradebook; there are: 'Graphs"),
        (CANVAS.replace("Autodiff", "Graphs"), ["--assignment", "Graphs"], "two are called so; give"),
        (CANVAS, ["--assignment", "5001", "--feedback"], "takes no comments; leave --feedback out"),
        (CANVAS.replace(",s1,ann,A,,8.00,92.5", ",s1"), ["--assignment", "5001"],
         ":4: the line ends before the column 'Graphs (5001)'; export it again"),
        (CANVAS.replace("7.00,10.00", ",10.00"), ["--assignment", "5001"], ":3: the maximum is '', no"),
        ("PK\x03\x04", [], "a workbook (.xlsx, .ods, .numbers), not a CSV"),
        ("", [], "an empty list"),
        (b"Identifier\n\xff\xfe", [], "not in UTF-8"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_one_line_and_nothing_is_written(text, options, said, tmp_path: Path) -> None:
    folder = marks(tmp_path / "m", **{"s1:Ann Lee": 6, "s2:Bo Roe": 6})
    shown = run(folder, text, *options, status=1)
    assert said in shown
    assert len(shown.splitlines()) == 1
    assert not (tmp_path / "export-filled.csv").exists()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"out_of": 1, "submissions": [{}]}', "[" * 9000])
def test_what_are_no_marks_are_one_line(text: str, tmp_path: Path) -> None:
    (tmp_path / "m").mkdir()
    assert "marks.json: cannot be read (No such file" in run(tmp_path / "m", MOODLE, status=1)
    (tmp_path / "m/marks.json").write_text(text)
    assert "marks.json: not the marks of a grading (" in run(tmp_path / "m", MOODLE, status=1)


def test_the_reports_own_file_is_read(store: GradeStore, tmp_path: Path) -> None:
    report.write(tmp_path / "m", ABOUT, store, ROSTER)
    shown = run(tmp_path / "m", MOODLE.replace("Bo Roe", "Bo"))
    assert 'grading",7,7.00' in filled(tmp_path / "m").decode()
    assert 'late",1,7.00' in filled(tmp_path / "m").decode()
    assert "2 marks entered, 2 left out" in shown


def test_from_the_export_to_the_import(grade, handed_in, tmp_path: Path) -> None:
    """Moodle's own worksheet is the class list, and gets the marks."""
    folder = handed_in()
    for name, number, source in (("Ann Lee", 101, RIGHT), ("Bo Roe", 102, HALF)):
        (folder / f"{name}_{number}_assignsubmission_file").mkdir()
        (folder / f"{name}_{number}_assignsubmission_file/jax.ipynb").write_text(notebook(source))
    worksheet = MOODLE.replace("7.00", "6.00")
    (tmp_path / "class.csv").write_text(worksheet)
    grade(folder, "--students", tmp_path / "class.csv", "--out", tmp_path / "m")
    run(tmp_path / "m", worksheet)
    table = list(csv.reader(io.StringIO(filled(tmp_path / "m").decode(), newline="")))
    assert [row[4] for row in table[1:]] == ["6", "1", "", ""]
