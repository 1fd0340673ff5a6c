"""What of a hand-in counts, and that nothing else in it is lost without a word."""

from __future__ import annotations

import errno
import os
from dataclasses import replace
from pathlib import Path

import pytest

from support.submissions import by_student, notebook, roster
from triptych.errors import TriptychError
from triptych.grading.store import FILE
from triptych.grading.submissions import BOUNDS, find, look
from triptych.grading.submissions.files import files_of_folder
from triptych.grading.submissions.layout import is_noise

MOODLE = "{}_{}_assignsubmission_file/"
ANN, BO = MOODLE.format("Ann Lee", 1), MOODLE.format("Bo Ray", 2)


def test_a_student_with_only_checkpoints_has_a_row(pack, put, tmp_path: Path) -> None:
    copy = ".ipynb_checkpoints/jax-checkpoint.ipynb"
    found = find(pack({f"{ANN}{copy}": notebook(), f"{BO}jax.ipynb": notebook(), f"{BO}{copy}": notebook()}))
    assert by_student(found) == {"Ann Lee": "no notebook, only checkpoint copies", "Bo Ray": ""}
    put(f"ann/{copy}")
    put("bo/jax.ipynb")
    put(f"bo/{copy}")
    put(copy)
    found = find(tmp_path / "class")
    assert by_student(found) == {"ann": "no notebook, only checkpoint copies", "bo": ""}


@pytest.mark.parametrize("listed", [True, False])
@pytest.mark.parametrize(
    "stray", ["desktop.ini", "README.txt", "Thumbs.db", "__MACOSX/subs/._ann.ipynb", ".git/HEAD"]
)
def test_a_stray_file_beside_the_folder_makes_nobody_one_student(
    stray: str, listed: bool, pack, tmp_path: Path
) -> None:
    path = pack({"subs/ann.ipynb": notebook(), "subs/bo.ipynb": notebook("x = 2"), stray: b"[x]"})
    names = roster(tmp_path, "id,name\ns1,ann\ns2,bo\n") if listed else None
    handin = look(path, names)
    assert [s.student for s in handin.submissions] == (["s1", "s2"] if listed else ["ann", "bo"])
    assert [i.source for i in handin.ignored] == (["README.txt"] if stray == "README.txt" else [])


def test_an_export_in_a_folder_in_a_folder_is_seen_through(pack, put, tmp_path: Path) -> None:
    names = ["leeann_11_901_jax.ipynb", "rayb_12_902_jax.ipynb"]
    path = pack({f"down/graphs submissions/{name}": notebook() for name in names})
    assert set(by_student(find(path))) == {"leeann", "rayb"}
    for name in names:
        put(f"graphs submissions/{name}")
    assert set(by_student(find(tmp_path / "class"))) == {"leeann", "rayb"}


def test_a_lone_folder_is_a_student(put, tmp_path: Path) -> None:
    put("ann/one.ipynb")
    put("ann/two.ipynb")
    assert set(by_student(find(tmp_path / "class"))) == {"ann"}


def test_the_courses_own_notebooks_are_nobodys_hand_in(pack) -> None:
    course = (
        "exercises/graphs/jax",
        "exercises/autodiff/jax",
        "solutions/graphs/jax",
        "notebooks/graphs/jax",
    )
    path = pack(
        {
            **{f"{ANN}triptych-main/{name}.ipynb": notebook() for name in course},
            f"{BO}solutions/graphs/jax.ipynb": notebook(),
            f"{MOODLE.format('Cy Fox', 3)}my solutions/jax.ipynb": notebook(),
            f"{MOODLE.format('Dee Dow', 4)}solutions/jax.ipynb": notebook(),
        }
    )
    handin = look(path, chapter="graphs")
    assert by_student(handin.submissions) == {
        "Ann Lee": "",
        "Bo Ray": "no notebook of one's own, only the course's",
        "Cy Fox": "",
        "Dee Dow": "",
    }
    assert handin.submissions[0].source == f"{ANN}triptych-main/exercises/graphs/jax.ipynb"
    assert {
        i.source.rpartition("triptych-main/")[2]: i.why for i in handin.ignored if i.name == "Ann Lee"
    } == {
        "exercises/autodiff/jax.ipynb": "not in the folder graphs, as others are",
        "solutions/graphs/jax.ipynb": "the course's own solution, nobody's hand-in",
        "notebooks/graphs/jax.ipynb": "the course's own notebooks, nobody's hand-in",
    }


def test_a_folder_called_like_the_chapter_counts_only_for_its_notebooks(put, tmp_path: Path) -> None:
    put("ann/graphs/plot.png", b"x")
    put("ann/jax.ipynb")
    assert [s.source for s in find(tmp_path / "class", chapter="graphs")] == ["ann/jax.ipynb"]


def test_an_earlier_gradings_folder_is_no_student(put, tmp_path: Path) -> None:
    put("ann.ipynb")
    for name in (FILE, "marks.csv", "overview.html", "feedback/ann.html"):
        put(f"class-graded/{name}", b"x")
    put("bo/record.sqlite", b"x")
    put("bo/marks.csv", b"x")
    put("bo/jax.ipynb")
    handin = look(tmp_path / "class")
    assert set(by_student(handin.submissions)) == {"ann", "bo"}
    assert next((i.source, i.why) for i in handin.ignored) == (
        "class-graded/",
        "the marks of an earlier grading",
    )


def test_one_students_many_files_stop_nobody(put, tmp_path: Path) -> None:
    bounds = replace(BOUNDS, own=10, entries=60)
    for number in range(100):
        put(f"ann/.git/objects/{number}", b"x")
        put(f"bo/data/{number}.csv", b"x")
    put("ann/jax.ipynb")
    put("bo/jax.ipynb")
    put("cy.ipynb")
    handin = look(tmp_path / "class", bounds=bounds)
    assert by_student(handin.submissions) == {"ann": "", "bo": "", "cy": ""}
    assert "more than 10 files in one student's folder; the others were not looked at" in {
        i.why for i in handin.ignored
    }


def test_one_students_many_files_stop_nobody_in_a_zip(pack) -> None:
    files = {f"ann/.git/objects/{number}": b"x" for number in range(100)}
    files |= {f"bo/data/{number}.csv": b"x" for number in range(100)}
    files |= {f"{name}/jax.ipynb": notebook() for name in ("ann", "bo", "cy")}
    handin = look(pack(files), bounds=replace(BOUNDS, own=10, entries=60))
    assert by_student(handin.submissions) == {"ann": "", "bo": "", "cy": ""}
    with pytest.raises(TriptychError, match="more than 5 files; name the folder"):
        find(pack({f"s{number}.ipynb": notebook() for number in range(6)}), bounds=replace(BOUNDS, entries=5))


def test_one_students_many_files_stop_nobody_around_whom_a_folder_lies(put, tmp_path: Path) -> None:
    for number in range(100):
        put(f"export/ann/data/{number}.csv", b"x")
        put(f"export/s{number}.ipynb")
    found = find(tmp_path / "class", platform="files", bounds=replace(BOUNDS, own=20, entries=150))
    assert len(found) == 100


def test_a_folder_that_cannot_be_opened_is_its_owners_problem(put, tmp_path: Path, monkeypatch) -> None:
    put("ann/jax.ipynb")
    put("bo/jax.ipynb")
    real = os.scandir

    def refusing(path):
        if Path(path).name in closed:
            raise PermissionError(errno.EACCES, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", refusing)
    closed = {"bo"}
    rows = by_student(find(tmp_path / "class"))
    assert rows == {"ann": "", "bo": "a folder that cannot be opened (Permission denied)"}
    closed = {"class"}
    with pytest.raises(TriptychError, match="class: a folder that cannot be opened"):
        find(tmp_path / "class")


# --- files that should have been notebooks ---------------------------------------------------

ODD = {
    "bo.ipynb.txt": ("bo", "no notebook, only bo.ipynb.txt"),
    "bo.ipynb.json": ("bo", "no notebook, only bo.ipynb.json"),
    "bo.IPYNB": ("bo", ""),
    "Copy of bo.ipynb": ("bo", ""),
    "bo (1).ipynb": ("bo", ""),
    "bo_jax (12).ipynb": ("bo", ""),
    "bo - Copy.ipynb": ("bo", ""),
    "bo copy.ipynb": ("bo", ""),
    "bo.ipynb.icloud": (
        "bo",
        "no notebook, only bo.ipynb.icloud (a placeholder that iCloud leaves, not the file)",
    ),
    "bo.ipynb.gdoc": ("bo", "no notebook, only bo.ipynb.gdoc (a link to Google Drive, not the file)"),
    "bo.ipynb.crdownload": ("bo", "no notebook, only bo.ipynb.crdownload (a download that had not ended)"),
    "bo/jax.ipynb.lnk": ("bo", "no notebook, only jax.ipynb.lnk (a shortcut, not the file)"),
    "bo/thesis.pages": ("bo", "no notebook, only thesis.pages"),
    "bo/.DS_Store": ("bo", "an empty folder, no notebook"),
    "b\no.ipynb": ("b\no", ""),
    "😀.ipynb": ("😀", ""),
    "\u202ebo.ipynb": ("\u202ebo", ""),
    "bo..ipynb": ("bo.", ""),
    "bo .ipynb": ("bo", ""),
    "jax.ipynb": ("jax", ""),
    "jax (1).ipynb": ("jax", ""),
    ".ipynb": (".ipynb", "no notebook, only .ipynb"),
}


@pytest.mark.parametrize("name", ODD)
def test_an_odd_name_has_a_row(name: str, put, tmp_path: Path) -> None:
    put("ann.ipynb")
    put(name)
    student, problem = ODD[name]
    assert by_student(find(tmp_path / "class")) == {"ann": "", student: problem}


@pytest.mark.parametrize("name", ["cy.py", "cy.pdf", "cy", "cy.html", "cy.ipynb~", "cy_jax.docx"])
def test_a_file_of_another_kind_is_a_students_where_the_list_has_the_name(
    name: str, put, tmp_path: Path
) -> None:
    put("ann.ipynb")
    put(name, b"x")
    handin = look(tmp_path / "class")
    meant = ".ipynb" in name  # is not taken for a file of the instructor's
    assert (len(handin.submissions), len(handin.ignored)) == ((2, 0) if meant else (1, 1))
    found = find(tmp_path / "class", roster(tmp_path, "id,name\ns1,ann\ns2,Cy\n"))
    assert by_student(found) == {"s1": "", "s2": f"no notebook, only {name}"}


def test_every_file_is_somewhere(put, tmp_path: Path) -> None:
    names = [
        "ann.ipynb",
        "ann.pdf",
        "bo/jax.ipynb",
        "bo/data/x.csv",
        "cy/a.zip",
        "cy/b.txt",
        "hint.md",
        "e/x.py",
    ]
    for name in names:
        put(name, b"x")
    handin = look(tmp_path / "class", roster(tmp_path, "id,name\ns1,ann\ns2,bo\n"))
    told = {s.source for s in handin.submissions} | {i.source for i in handin.ignored}
    assert told == set(names)


def test_two_students_whose_names_look_alike_stay_two(put, tmp_path: Path) -> None:
    for name in ("Zoe", "Zoë", "ZOE", "zoe", "राम", "रमा"):
        put(f"{name}/jax.ipynb")
    assert set(by_student(find(tmp_path / "class"))) == {"Zoe", "Zoë", "ZOE", "zoe", "राम", "रमा"}
    listed = roster(tmp_path, "id,name\ns1,Zoe\ns2,Zoë\ns3,राम\n")
    found = {s.source.partition("/")[0]: (s.student, s.known) for s in find(tmp_path / "class", listed)}
    assert found == {
        "Zoe": ("s1", True),
        "Zoë": ("s2", True),
        "ZOE": ("s1", True),
        "zoe": ("s1", True),
        "राम": ("s3", True),
        "रमा": ("रमा", False),
    }


def test_one_students_many_files_are_not_walked_through(put, tmp_path: Path) -> None:
    for number in range(100):
        put(f"bo/data/{number // 10}/{number}.csv", b"x")
        put(f"bo/.git/{number}", b"x")
    put("cy.ipynb")
    bounds = replace(BOUNDS, own=10)
    walked = [str(item.path) for item in files_of_folder(tmp_path / "class", None, bounds, is_noise)]
    assert len(walked) < 20 and walked[-1] == "bo/..." and "cy.ipynb" in walked
