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
from triptych.grading.commands.steps import Steps


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
    """What was printed, without the steps that were told while one waited."""
    assert result.exit_code == 0, result.output
    told = [" ".join(line.split()) for line in result.output.splitlines()]
    return [line for line in told if not line.endswith(" ...")]


def progress() -> list[str]:
    """The rows of `triptych progress`."""
    output = CliRunner().invoke(main, ["progress"]).output
    return [" ".join(line.split()) for line in output.splitlines()]


def test_a_learner_sees_what_is_solved_and_progress_remembers(own, tiny: Course) -> None:
    found = lines(own("double = lambda n: 2 * n\n"))
    assert "Twice 3 of 3" in found
    assert "Total 3 of 6" in found
    assert "The notebook defines no function named greet." in found
    page = tiny.root / "work/tiny/jax.feedback.html"
    assert "Your notebook" in page.read_text(encoding="utf-8")
    assert "tiny JAX 1 of 2 3 of 6 Greet" in progress()
    assert "tiny PyTorch 0 of 2 not tried Twice" in progress()


def test_progress_keeps_the_best_of_what_lies_where_a_learner_works(
    own, tiny: Course, tmp_path: Path
) -> None:
    own("double = lambda n: 2 * n\n")
    own("greet = lambda name: f'hello {name}'\n", path=tiny.root / "work/tiny/another-jax.ipynb")
    assert "tiny JAX 2 of 2 6 of 6 all solved" in progress()
    own("x = 1\n")
    assert "tiny JAX 2 of 2 6 of 6 all solved" in progress()


def test_progress_does_not_count_a_copy_from_elsewhere(own, tmp_path: Path) -> None:
    found = lines(own(RIGHT, "--chapter", "tiny", path=tmp_path / "downloads/jax.ipynb"))
    assert "Total 6 of 6" in found
    assert "`triptych progress` counts what lies in work/ or exercises/" in found
    assert "tiny JAX 0 of 2 not tried Twice" in progress()


def test_who_waits_is_told_what_is_done(own) -> None:
    result = own(RIGHT)
    told = [line for line in result.stderr.splitlines() if line.endswith(" ...")]
    assert told == [
        "reading the notebook ...",
        "starting a sandbox with JAX ...",
        "running the cells ...",
        "hidden check 1 of 3 asked ...",
    ]
    assert "..." not in result.stdout


def test_on_a_terminal_one_line_changes_and_is_gone_at_the_end(capsys, monkeypatch) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    with Steps() as steps:
        steps.tell("hidden check 1 of 2 asked")
        steps.tell("hidden check 2 of 2 asked")
    shown = capsys.readouterr().err.split("\r")
    assert [text.replace("\x1b[K", "") for text in shown] == [
        "",
        "hidden check 1 of 2 asked ...",
        "hidden check 2 of 2 asked ...",
        "",
    ]


def test_progress_knows_what_was_begun_in_the_work_folder(tiny: Course, monkeypatch) -> None:
    monkeypatch.chdir(tiny.root)
    work.fill(tiny, ["tiny"])
    work.exercise(tiny, "tiny", "pytorch").write_text(notebook("x = 1"))
    assert "tiny PyTorch 0 of 2 begun Twice" in progress()
    assert "tiny JAX 0 of 2 not tried Twice" in progress()


def test_an_error_in_a_cell_is_told_before_what_is_not_answered(own) -> None:
    found = lines(own("def double(n:\n    return 2 * n\n"))
    assert re.fullmatch(r"code cell 1: SyntaxError: .* \(line [0-9]+\)", found[0])
    assert found[2].startswith("The cell that defines `double` failed: code cell 1: SyntaxError")
    assert found[4] == "The notebook defines no function named greet."


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
