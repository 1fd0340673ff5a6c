"""Running notebooks: what ends a run, and what it leaves."""

from __future__ import annotations

import nbformat
from click.testing import CliRunner

from support import section
from triptych.cli import main


def test_a_kernel_that_dies_is_told_and_the_notebooks_after_it_are_run(course, save, monkeypatch):
    monkeypatch.chdir(course.root)
    markdown, _ = section("One")
    tags = {"tags": ["checkpoint"]}
    dies = nbformat.v4.new_code_cell("import os; os._exit(1)", metadata=tags)
    lives = nbformat.v4.new_code_cell("{'y': 1.0 + float(1)}", metadata=tags)
    first, second = save("pytorch", [markdown, dies]), save("jax", [markdown, lives])
    before = first.read_text()
    result = CliRunner().invoke(main, ["refresh"])
    assert result.exit_code == 1
    assert "notebooks/tiny/pytorch.ipynb: code cell 1: its kernel died" in result.stderr
    assert "1 of 2 notebooks refreshed" in result.output
    assert first.read_text() == before
    assert "'y': 2.0" in second.read_text()


def test_a_kernel_s_temporary_files_go_with_it(course, save, monkeypatch, tmp_path):
    """Also where it dies, or was ended before it could remove them."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.chdir(course.root)
    markdown, _ = section("One")
    litter = "import os, tempfile; open('log', 'a').write(tempfile.mkdtemp() + ' '); {'x': 1 + len(os.sep)}"
    tags = {"tags": ["checkpoint"]}
    save("jax", [markdown, nbformat.v4.new_code_cell(litter, metadata=tags)])
    save("pytorch", [markdown, nbformat.v4.new_code_cell(f"{litter}; os._exit(1)", metadata=tags)])
    result = CliRunner().invoke(main, ["refresh"])
    assert "1 of 2 notebooks refreshed" in result.output
    left = (course.root / "notebooks/tiny/log").read_text().split()
    assert len(left) == 2 and all(path.startswith(str(temporary)) for path in left)
    assert list(temporary.iterdir()) == []
