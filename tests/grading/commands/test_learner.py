"""A learner grades their own notebook, in work/ or anywhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import support
from support.tiny_course import RIGHT, notebook
from triptych.cli import main
from triptych.course import Course
from triptych.dev import doctor as tools
from triptych.dev import work


@pytest.fixture
def own(tiny: Course, monkeypatch: pytest.MonkeyPatch):
    """``own(source)`` writes the learner's work/tiny/jax.ipynb and grades it in the course."""
    support.need(tools.BUBBLEWRAP)
    monkeypatch.chdir(tiny.root)

    def own(source: str, *options: str, path: Path | None = None) -> Result:
        path = path or tiny.root / "work/tiny/jax.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(notebook(source))
        return CliRunner().invoke(main, ["grade", "--self", str(path), "--framework", "jax", *options])

    return own


def lines(result: Result) -> list[str]:
    assert result.exit_code == 0, result.output
    return [" ".join(line.split()) for line in result.output.splitlines()]


def test_a_learner_sees_what_is_solved_and_progress_remembers(own, tiny: Course) -> None:
    found = lines(own("double = lambda n: 2 * n\n"))
    assert "Twice 3 of 3" in found
    assert "Total 3 of 6" in found
    assert any(line.startswith("Greets: ") for line in found)
    page = tiny.root / "work/tiny/jax.feedback.html"
    assert "Your notebook" in page.read_text(encoding="utf-8")
    progress = [line.split() for line in CliRunner().invoke(main, ["progress"]).output.splitlines()]
    assert ["tiny", "JAX", "1", "of", "2", "3", "of", "6", "Greet"] in progress
    assert ["tiny", "PyTorch", "0", "of", "2", "not", "tried", "Twice"] in progress


def test_progress_knows_what_was_begun_in_the_work_folder(tiny: Course, monkeypatch) -> None:
    monkeypatch.chdir(tiny.root)
    work.fill(tiny, ["tiny"])
    work.exercise(tiny, "tiny", "pytorch").write_text(notebook("x = 1"))
    progress = [line.split() for line in CliRunner().invoke(main, ["progress"]).output.splitlines()]
    assert ["tiny", "PyTorch", "0", "of", "2", "begun", "Twice"] in progress
    assert ["tiny", "JAX", "0", "of", "2", "not", "tried", "Twice"] in progress


def test_an_error_in_a_cell_is_told_before_what_is_not_answered(own) -> None:
    found = lines(own("def double(n:\n    return 2 * n\n"))
    assert re.fullmatch(r"code cell 1: SyntaxError: .* \(line [0-9]+\)", found[0])
    assert "not answered yet" not in found


def test_a_notebook_from_elsewhere_is_told_of_the_option(own, tmp_path: Path) -> None:
    download = tmp_path / "downloads/jax.ipynb"
    result = own(RIGHT, path=download)
    assert result.exit_code == 1
    assert result.output == (
        f"{download}: its chapter is not clear: its folder is 'downloads'; "
        "say it: --chapter NAME, one of tiny\n"
    )
    assert "Total 6 of 6" in lines(own(RIGHT, "--chapter", "tiny", path=download))


def test_whoever_works_in_the_release_is_told_where_to_work(own, tiny: Course) -> None:
    found = lines(own(RIGHT, path=tiny.root / "exercises/tiny/jax.ipynb"))
    assert "exercises/ is the release; work in work/tiny/jax.ipynb (`triptych work` copies it there)" in found
    assert "Total 6 of 6" in found


def test_what_cannot_be_written_is_said_and_the_marks_are_shown(own, tiny: Course) -> None:
    """Where neither the page nor the progress can be written, as on a read-only mount."""
    (tiny.root / ".triptych").write_text("a file where a folder should be")
    (tiny.root / "work/tiny/jax.feedback.html/x").mkdir(parents=True)
    found = lines(own(RIGHT))
    assert "Total 6 of 6" in found
    assert any("jax.feedback.html: cannot be written (" in line for line in found)
    assert any(".triptych: cannot be made (" in line and "will not know" in line for line in found)


def test_what_is_no_notebook_is_told_where_the_exercises_are(tiny: Course, monkeypatch) -> None:
    monkeypatch.chdir(tiny.root)
    result = CliRunner().invoke(main, ["grade", "--self", "work/tiny/jax.ipynb"])
    assert (result.exit_code, result.output) == (
        1,
        "work/tiny/jax.ipynb: not a notebook; name one, for example work/graphs/jax.ipynb; "
        "`triptych work` copies the exercises there\n",
    )


def test_settings_are_for_a_class(own) -> None:
    result = own(RIGHT, "--settings", "grading.toml")
    assert (result.exit_code, result.output) == (
        1,
        "--settings: is for a class; leave out --self or --settings\n",
    )
