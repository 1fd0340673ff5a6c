"""The commands from end to end, and what they refuse."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from support.tiny_course import CHECKS, HALF, RIGHT, marks
from triptych.cli import main
from triptych.course import Course
from triptych.grading.marking import Markers
from triptych.grading.sandbox import Sandbox
from triptych.grading.store import FILE, GradeStore


def test_a_class_becomes_marks_feedback_and_an_overview(grade, handed_in, tmp_path: Path) -> None:
    folder = handed_in(
        ann=RIGHT, ben=HALF, cleo="1 / 0", dora="import os; os._exit(0)", eve="while True: pass"
    )
    (folder / "finn.ipynb").write_text("not json")
    names = tmp_path / "names.csv"
    names.write_text("id,name\n" + "".join(f"{n},{n.title()} Lee\n" for n in ("ann", "ben", "gus")))
    shown = grade(folder, "--students", names, "--limit", "cells=2")
    found = marks(tmp_path / "class-graded")
    assert {name: s["mark"] for name, s in found.items()} == {
        **{"ann": 6, "ben": 1, "cleo": 0, "dora": 0, "eve": 0, "finn": 0}
    }
    assert found["ann"]["name"] == "Ann Lee"
    assert found["ben"]["checks"][0]["message"] == "Twice the number, not its square."
    assert found["cleo"]["errors"][0]["type"] == "ZeroDivisionError"
    assert "ran longer than 2 s while its cells ran" in found["eve"]["reason"]
    assert found["dora"]["reason"]
    assert "not a notebook" in found["finn"]["reason"]
    assert "6 notebooks of 6 students" in shown
    assert "1 student did not hand in" in shown
    assert {p.name for p in (tmp_path / "class-graded").iterdir()} >= {
        "marks.csv",
        "overview.html",
        "feedback",
    }
    assert len(list((tmp_path / "class-graded/feedback").iterdir())) == 6


def test_the_same_command_again_grades_nothing_twice(grade, handed_in, tmp_path: Path, monkeypatch) -> None:
    folder = handed_in(ann=RIGHT, ben=HALF)
    grade(folder)
    first = (tmp_path / "class-graded/marks.csv").read_bytes()
    monkeypatch.setattr(Markers, "grade", lambda *a: pytest.fail("graded twice"))
    assert "2 of them graded before" in grade(folder)
    assert (tmp_path / "class-graded/marks.csv").read_bytes() == first


def test_a_sandbox_is_not_started_for_what_cannot_be_graded(grade, tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "class").mkdir()
    (tmp_path / "class/ann.ipynb").write_text("{}")
    monkeypatch.setattr(Sandbox, "__enter__", lambda self: pytest.fail("started"))
    assert "JSON, but not a notebook" in grade(tmp_path / "class")


def test_a_store_that_is_none_or_anothers_is_refused(grade, handed_in, tmp_path: Path) -> None:
    folder = handed_in(ann=RIGHT)
    out = tmp_path / "out"
    out.mkdir()
    with GradeStore(out / FILE) as store:
        store.about("chapter", "autodiff")
    assert "holds the marks of the chapter autodiff; choose another --out" in grade(
        folder, "--out", out, status=1
    )
    (out / FILE).write_bytes(b"not a database, but long enough to be taken for something" * 20)
    for extra in ("-wal", "-shm"):
        (out / f"{FILE}{extra}").unlink(missing_ok=True)
    assert "not a store of grades" in grade(folder, "--out", out, status=1)


def test_trusted_is_for_one_notebook_of_ones_own(grade, handed_in) -> None:
    assert "is for one notebook of your own" in grade(handed_in(ann=RIGHT), "--trusted", status=1)


def test_trusted_grades_it_without_a_sandbox(grade, handed_in, tmp_path: Path) -> None:
    source = RIGHT + "\nimport os\nprint('parent', os.getppid())\n"
    grade(handed_in(ann=source) / "ann.ipynb", "--trusted", "--out", tmp_path / "out")
    (row,) = marks(tmp_path / "out").values()
    assert (row["mark"], row["reason"]) == (6, "")
    grade(handed_in(ann=f"{source}\nos._exit(3)") / "ann.ipynb", "--trusted", "--out", tmp_path / "out")
    (row,) = marks(tmp_path / "out").values()
    assert (row["mark"], row["reason"]) == (
        0,
        "ended its own process (exit status 3) before it was asked everything",
    )


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["--chapter", "nothing"], "no such chapter of exercises; there are: tiny"),
        (["--chapter", "../tiny"], "no such chapter of exercises"),
        (
            ["--limit", "speed=3"],
            "invalid limit 'speed=3'; give NAME=NUMBER, where NAME is one of cells, call, total, memory",
        ),
        (["--limit", "cells=-1"], "invalid limit"),
        (["--checks", "nowhere"], "no hidden checks there"),
        (["--students", "nowhere.csv"], "cannot be read"),
    ],
)
def test_a_wrong_option_is_one_line_that_says_what_to_do(options, problem, grade, handed_in) -> None:
    shown = grade(handed_in(ann=RIGHT), *options, status=1)
    assert problem in shown
    assert len(shown.splitlines()) == 1


def test_a_wrong_limit_is_told_before_anything_is_listed_or_written(grade, handed_in, tmp_path: Path) -> None:
    folder = handed_in(ann=RIGHT)
    for more in ((), ("--dry-run",)):
        assert "invalid limit 'cells'" in grade(folder, "--limit", "cells", *more, status=1)
    assert not (tmp_path / "class-graded").exists()


def test_release_check_tells_what_is_not_current(tiny: Course, monkeypatch) -> None:
    monkeypatch.chdir(tiny.root)
    result = CliRunner().invoke(main, ["release", "--check"])
    assert (result.exit_code, "made from no solution" in result.output) == (1, True)
    unknown = CliRunner().invoke(main, ["release", "nothing"])
    assert (unknown.exit_code, "no such chapter" in unknown.output) == (1, True)


@pytest.mark.slow
def test_private_checks_take_the_place_of_the_courses_own(grade, handed_in, tmp_path: Path) -> None:
    private = tmp_path / "private"
    private.mkdir()
    (private / "checks.py").write_text(CHECKS.replace("points=3", "points=30"))
    grade(handed_in(ann=RIGHT), "--checks", private)
    assert marks(tmp_path / "class-graded")["ann"]["mark"] == 33


@pytest.mark.slow
def test_a_disk_that_is_full_when_marks_are_written_is_one_line_and_nothing_is_lost(
    grade, handed_in, tmp_path: Path, monkeypatch
) -> None:
    folder = handed_in(ann=RIGHT)
    with monkeypatch.context() as full:

        def replacing(path: Path, newline: str | None = None) -> None:
            raise OSError(28, "No space left on device")

        full.setattr("triptych.files.replacing", replacing)
        shown = grade(folder, status=1).splitlines()[-1]
    assert shown == (
        f"{tmp_path}/class-graded: the marks cannot be written (No space left on device); "
        "make room, then give the same command again: nothing is graded twice"
    )
    assert "1 of them graded before" in grade(folder)
    assert marks(tmp_path / "class-graded")["ann"]["mark"] == 6


def test_a_folder_that_was_deleted_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    outcome = CliRunner().invoke(main, ["grade", "x", "--chapter", "graphs"])
    assert outcome.exit_code == 1
    assert outcome.output == "the current folder was deleted; change to another one\n"
