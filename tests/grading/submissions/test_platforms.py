"""Exports of Moodle and Canvas."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.submissions import by_student, notebook, roster
from triptych.grading.submissions import find

MOODLE_CSV = """\
Identifier,Full name,Email address
Participant 4711,Ann Lee,ann@example.org
Participant 4712,José O'Neil,jose@example.org
Participant 4713,Cleo Roy,cleo@example.org
"""


@pytest.mark.parametrize(
    "names",
    [
        ["Ann Lee_4711_assignsubmission_file/jax.ipynb", "José O'Neil_4712_assignsubmission_file/x y.ipynb"],
        ["Ann Lee_4711_assignsubmission_file_/jax.ipynb", "José O'Neil_4712_assignsubmission_file_/j.ipynb"],
        ["Ann Lee_4711_assignsubmission_file_jax.ipynb", "José O'Neil_4712_assignsubmission_file_jax.ipynb"],
        [
            "Participant_4711_assignsubmission_file/jax.ipynb",
            "Participant_4712_assignsubmission_file/j.ipynb",
        ],
    ],
    ids=["4.x", "until 4.0", "files", "blind"],
)
def test_moodles_export_is_understood(names: list[str], pack, tmp_path: Path) -> None:
    text = {"Ann Lee_4711_assignsubmission_onlinetext/onlinetext.html": b"<p>hello</p>"}
    path = pack({name: notebook() for name in names} | text)
    found = find(path, roster(tmp_path, MOODLE_CSV))
    assert by_student(found) == {"ann@example.org": "", "jose@example.org": ""}
    assert {s.name for s in found} == {"Ann Lee", "José O'Neil"}
    assert all(s.known for s in found)


def test_moodles_names_do_without_a_list(pack) -> None:
    path = pack(
        {
            "Ann Lee_1_assignsubmission_file/a.ipynb": notebook(),
            "Ann Lee_2_assignsubmission_file/a.ipynb": notebook(),
            "Bo_3_assignsubmission_file/b.ipynb": notebook(),
        }
    )
    assert by_student(find(path)) == {"Ann Lee (1)": "", "Ann Lee (2)": "", "Bo": ""}


CANVAS_CSV = """\
Student,ID,SIS User ID,SIS Login ID,Section
    Points Possible,,,,
"Lee, Ann",11,s-1,ann,A
"O'Neil, José",12,s-2,jose,A
"Roy, Cleo",13,s-3,cleo,A
"""


def test_canvas_export_is_understood_late_and_resubmitted_too(pack, tmp_path: Path) -> None:
    path = pack(
        {
            "leeann_11_901_jax.ipynb": notebook(),
            "leeann_11_902_jax-1.ipynb": notebook("x = 2"),
            "oneiljosé_LATE_12_903_my_notebook.ipynb": notebook(),
            "roycleo_13_904_report.pdf": b"%PDF",
        }
    )
    found = find(path, roster(tmp_path, CANVAS_CSV))
    assert [(s.student, s.late) for s in found] == [
        ("s-1", False),
        ("s-1", False),
        ("s-2", True),
        ("s-3", False),
    ]
    assert by_student(found)["s-3"] == "no notebook, only roycleo_13_904_report.pdf"


def test_an_anonymous_canvas_export_keeps_its_students_apart(pack) -> None:
    path = pack({"anon_x1Y_901_jax.ipynb": notebook(), "LATE_anon_z2_902_jax.ipynb": notebook()})
    assert [(s.student, s.late) for s in find(path)] == [("anon_x1Y", False), ("anon_z2", True)]


def test_an_export_unpacked_into_a_folder_is_the_same(put, tmp_path: Path) -> None:
    put("leeann_11_901_jax.ipynb")
    put("Ann Lee_4711_assignsubmission_file/jax.ipynb")
    assert set(by_student(find(tmp_path / "class"))) == {"leeann", "Ann Lee"}
