"""A learner's work folder: filled once, never written over, and nobody else's business."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from support import ROOT, declare, section
from triptych.cli import main
from triptych.course import Course
from triptych.dev import work
from triptych.errors import TriptychError
from triptych.frameworks import FRAMEWORKS


@pytest.fixture
def small(course: Course, save, monkeypatch: pytest.MonkeyPatch) -> Course:
    """A course with one chapter, its notebooks and exercises."""
    for name in FRAMEWORKS:
        save(name, section("One"))
        exercise = course.root / f"exercises/tiny/{name}.ipynb"
        exercise.parent.mkdir(parents=True, exist_ok=True)
        exercise.write_text(f'{{"exercise": "{name}"}}')
    monkeypatch.chdir(course.root)
    return course


def said(*options: str) -> str:
    result = CliRunner().invoke(main, ["work", *options])
    assert result.exit_code == 0, result.output
    return result.output


def test_it_is_filled_with_exercises_and_notebooks_once(small: Course) -> None:
    assert said() == "copied 6 notebooks into work/notebooks/tiny and work/tiny\n"
    for name in FRAMEWORKS:
        for here, there in (("exercises", "work"), ("notebooks", "work/notebooks")):
            one, other = (small.root / f"{folder}/tiny/{name}.ipynb" for folder in (here, there))
            deeper = "](../../" if here == "exercises" else "](../../../"
            assert one.read_text().replace("](../../", deeper) == other.read_text()
    assert said() == "work/: all is there\n"
    assert not [path for path in (small.root / "work").rglob("*") if path.name.startswith(".copying")]


def test_links_and_pictures_of_a_copy_lead_to_the_same_files(tmp_path: Path) -> None:
    """Those of the course's own notebooks and exercises, whose copies lie in other folders."""
    for folder in ("notebooks/graphs", "exercises/graphs", "book"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    shutil.copy(ROOT / "_config.yml", tmp_path)
    work.fill(Course(tmp_path), ["graphs"])
    links = [
        (path, link)
        for path in (tmp_path / "work").rglob("*.ipynb")
        for link in re.findall(r"\]\((\.[^)#]*)", path.read_text(encoding="utf-8"))
    ]
    assert sum("colab.svg" in link for _, link in links) == 6
    assert [link for path, link in links if not (path.parent / link).exists()] == []


def test_the_rules_for_an_ai_tutor_come_along_and_may_be_changed(small: Course) -> None:
    rules = small.root / work.TUTOR
    rules.write_text("Hints only.")
    assert said() == "copied 6 notebooks into work/notebooks/tiny and work/tiny\n"
    own = small.root / "work/AGENTS.md"
    assert own.read_text() == "Hints only."
    own.write_text("Our class: no AI at all.")
    said()
    assert own.read_text() == "Our class: no AI at all."


def test_what_is_there_is_never_written_over_and_a_newer_release_is_told(small: Course) -> None:
    said()
    mine, released = small.root / "work/tiny/jax.ipynb", small.root / "exercises/tiny/jax.ipynb"
    mine.write_text('{"mine": 1}')
    assert said() == "work/: all is there\n"
    released.write_text('{"exercise": "newer"}')
    assert said().startswith("work/tiny/jax.ipynb: there is a newer release; yours is kept.")
    assert mine.read_text() == '{"mine": 1}'
    mine.rename(mine.with_name("my-jax.ipynb"))
    assert said() == "copied 1 notebook into work/tiny\n"
    assert mine.read_bytes() == released.read_bytes()
    assert said() == "work/: all is there\n"


@pytest.mark.parametrize("record", ["", "[]", '{"tiny/jax.ipynb": 3}', "[" * 10_000])
def test_without_its_record_what_is_there_is_the_learners(record: str, small: Course) -> None:
    said()
    mine = small.root / "work/tiny/jax.ipynb"
    mine.write_text("mine")
    (small.root / "work/.released.json").write_text(record)
    said()
    assert mine.read_text() == "mine"


def test_a_link_or_a_folder_in_the_way_is_left_alone(small: Course, tmp_path: Path) -> None:
    target = small.root / "work/tiny/jax.ipynb"
    target.parent.mkdir(parents=True)
    target.symlink_to(tmp_path / "nowhere.ipynb")
    said()
    assert target.is_symlink() and not (tmp_path / "nowhere.ipynb").exists()


def test_a_folder_that_cannot_be_written_is_one_line(small: Course) -> None:
    (small.root / "work").write_text("a file")
    result = CliRunner().invoke(main, ["work"])
    assert result.exit_code == 1
    assert result.output.startswith(f"{small.root}/work")
    assert "cannot be written (Not a directory); copy the course to a folder that you may" in result.output
    assert len(result.output.splitlines()) == 1


def test_an_unknown_chapter_is_named(small: Course) -> None:
    result = CliRunner().invoke(main, ["work", "graps"])
    assert (result.exit_code, len(result.output.splitlines())) == (1, 1)
    assert "no such chapter" in result.output


def test_exercises_of_ones_own_need_no_chapter_of_the_course(small: Course) -> None:
    own = small.root / "exercises/mine/jax.ipynb"
    own.parent.mkdir()
    own.write_text("{}")
    assert "work/mine" in said("mine")
    assert (small.root / "work/mine/jax.ipynb").read_text() == "{}"


def test_begun_means_written_into(small: Course) -> None:
    assert not work.begun(small, "tiny", "jax")
    said()
    assert not work.begun(small, "tiny", "jax")
    work.exercise(small, "tiny", "jax").write_text("mine")
    assert work.begun(small, "tiny", "jax")


def test_the_lab_opens_the_learners_copies_and_for_authors_the_courses_own(
    small: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    from triptych.dev import lab

    opened: list[list[str]] = []
    monkeypatch.setattr(lab, "open_lab", lambda command: opened.append(command) or 0)
    for options, folder in ((["--edit"], "notebooks"), ([], "work/notebooks")):
        result = CliRunner().invoke(main, ["lab", "tiny", *options, "--no-browser"])
        assert result.exit_code == 0, result.output
        assert opened[-1][-1] == "--no-browser"
        (file,) = (small.root / "_build/lab").iterdir()
        names = [key for key in json.loads(file.read_text())["data"] if key.startswith("notebook:")]
        assert names == [f"notebook:{folder}/tiny/{name}.ipynb" for name in FRAMEWORKS]
        assert (small.root / "work").is_dir() == (not options)


def test_git_the_site_and_the_checks_leave_it_alone(small: Course, tmp_path: Path) -> None:
    said()
    (small.root / "work/notebooks/tiny/jax.ipynb").write_text("broken")
    (small.root / "work/tiny/mine.py").write_text("(")
    assert not [path for path in small.notebooks() if "work" in path.relative_to(small.root).parts]
    assert small.strays() == []
    if (ROOT / ".git").exists() and shutil.which("git"):
        for name in ("work/graphs/jax.ipynb", "work/mine.py", "work/.released.json"):
            ignored = subprocess.run(["git", "check-ignore", "-q", name], cwd=ROOT, check=False)
            assert ignored.returncode == 0, name
    settings = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    assert "work" in settings["exclude_patterns"]


def test_a_chapter_without_its_notebook_is_told(course: Course) -> None:
    declare("tiny")
    with pytest.raises(TriptychError, match="no such notebook"):
        work.fill(course, ["tiny"])
