"""What ``triptych grade --dry-run`` shows."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from support.submissions import notebook
from triptych.cli import main
from triptych.course import Course


@pytest.fixture
def shown(tiny: Course, monkeypatch, tmp_path: Path):
    """``shown(path, ...)``: what the command prints, nothing having been written beside ``path``."""
    monkeypatch.chdir(tiny.root)

    def shown(path: Path | str, *options: object) -> list[str]:
        before = sorted(tmp_path.rglob("*"))
        arguments = ["grade", str(path), "--chapter", "tiny", "--dry-run", *map(str, options)]
        result = CliRunner().invoke(main, arguments)
        assert result.exit_code == 0, result.output
        assert sorted(tmp_path.rglob("*")) == before
        return result.output.splitlines()

    return shown


def hand_in(folder: Path, **files: bytes) -> Path:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def test_each_file_has_a_line_and_so_has_who_did_not_hand_in(shown, tmp_path: Path) -> None:
    files = {
        "leeann_11_901_jax.ipynb": notebook(),
        "ray小明_LATE_12_902_jax.ipynb": notebook(),
        "foxcy_13_903_a\nb.pdf": b"%PDF",
        "hint.txt": b"x",
        ".DS_Store": b"x",
    }
    folder = hand_in(tmp_path / "class", **files)
    students = tmp_path / "class.csv"
    students.write_text('Student,ID,SIS User ID\n"Lee, Ann",11,s1\n"Ray, 小明",12,s2\n"Dow, Dee",14,s4\n')
    assert shown(folder, "--students", students) == [
        "student  name      late  file                           remark",
        "foxcy    foxcy           foxcy_13_903_a b.pdf           no notebook, only foxcy_13_903_a b.pdf; "
        "not on the class list",
        "s1       Ann Lee         leeann_11_901_jax.ipynb",
        "s2       小明 Ray  late  ray小明_LATE_12_902_jax.ipynb",
        "s4       Dee Dow         -                              nothing handed in",
        "-        -               hint.txt                       ignored: not a notebook, and nobody's name",
        "",
        "3 files of 3 students; late: 1; no notebook that can be graded: 1; not on the class list: 1; "
        "handed in nothing: 1; ignored: 1. The names are as Canvas writes them. Nothing was run.",
    ]


def test_many_ignored_files_are_counted(shown, tmp_path: Path) -> None:
    data = {f"ann/data/{number:03}.csv": b"1" for number in range(200)}
    lines = shown(hand_in(tmp_path / "class", **data, **{"ann/jax.ipynb": notebook()}))
    assert len(lines) == 9
    assert "196 more files" in lines[6] and "ignored: not a notebook" in lines[6]


def test_a_terminal_is_not_steered_by_a_name(shown, tmp_path: Path) -> None:
    name = "a\u202enn\x1b[2J\u200f.ipynb"
    lines = shown(hand_in(tmp_path / "class", **{name: notebook()}))
    assert lines[1].split() == ["ann", "ann", "ann.ipynb"]


@pytest.mark.parametrize("where", [".", "..", "class"])
def test_a_folder_may_be_named_from_within(
    where: str, shown, tmp_path: Path, monkeypatch, tiny: Course
) -> None:
    folder = hand_in(tiny.root / "class", **{"ann.ipynb": notebook(), "inner/bo.ipynb": notebook()})
    monkeypatch.chdir(folder / "inner" if where == ".." else folder if where == "." else tiny.root)
    assert [line.split()[0] for line in shown(where)[1:3]] == ["ann", "inner"]


def test_the_courses_own_folder_is_no_hand_in(tiny: Course, monkeypatch) -> None:
    monkeypatch.chdir(tiny.root)
    result = CliRunner().invoke(main, ["grade", ".", "--chapter", "tiny", "--dry-run"])
    assert result.exit_code == 1
    assert result.output == ".: the course's own folder, not what was handed in; name the submissions\n"
