"""The command line, as a user meets it: real runs, one-line errors, nothing lost."""

from __future__ import annotations

import json
import subprocess
import sys

import nbformat
import pytest
from click.testing import CliRunner

from support import ROOT, section
from triptych.cli import main
from triptych.frameworks import FRAMEWORKS


@pytest.fixture
def run(course, monkeypatch):
    """``run("check")`` runs the command in the tiny course."""
    monkeypatch.chdir(course.root)
    return lambda *arguments: CliRunner().invoke(main, [str(a) for a in arguments])


def test_normalise_check_fails_and_writes_nothing_then_normalise_fixes(run, save):
    path = save("jax", section("One"), normalise=False)
    before = path.read_text()
    result = run("normalise", "--check")
    assert result.exit_code == 1
    assert "notebooks/tiny/jax.ipynb: not normalised" in result.output
    assert path.read_text() == before
    assert run("normalise").exit_code == 0
    assert path.read_text() != before
    assert run("normalise", "--check").exit_code == 0


def test_bad_input_ends_in_one_line_and_status_1_and_nothing_is_written(run, save):
    good, bad = save("jax", section("One"), normalise=False), save("pytorch", section("One"))
    bad.write_text("{")
    before = good.read_text()
    result = run("normalise")
    assert result.exit_code == 1
    assert result.stderr.splitlines() == [result.stderr.strip()]
    assert result.stderr.startswith("notebooks/tiny/pytorch.ipynb: not JSON")
    assert good.read_text() == before


def test_check_names_every_fault_of_every_sibling(run, save):
    save("pytorch", section("One"))
    save("tensorflow", section("One", shown="{'y': 2.0}"))
    save("jax", section("One"), section("Two"))
    result = run("check")
    assert result.exit_code == 1
    assert [line.partition(":")[0] for line in result.stderr.splitlines()] == [
        "notebooks/tiny/tensorflow.ipynb",
        "notebooks/tiny/jax.ipynb",
    ]


def test_an_unknown_chapter_is_answered_with_the_chapters_there_are(run, save):
    save("jax", section("One"))
    for command in ("check", "lab"):
        result = run(command, "grafs")
        assert result.exit_code == 1
        assert "notebooks/grafs: no such chapter; there are: tiny" in result.stderr


def test_outside_a_course_the_user_is_told_where_to_go(tmp_path_factory, monkeypatch):
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    result = CliRunner().invoke(main, ["check"])
    assert result.exit_code == 1
    assert "no _config.yml" in result.stderr


def test_help_is_quick_as_nothing_heavy_is_imported():
    heavy = ["nbformat", "jsonschema", "ruamel.yaml", "papermill", "psutil", "cpuinfo", "sphinx", "numpy"]
    code = f"import sys, triptych.cli; print([m for m in {heavy} if m in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


def unrun(source):
    """A section whose checkpoint cell was never run."""
    markdown, _ = section("One")
    return [markdown, nbformat.v4.new_code_cell(source, metadata={"tags": ["checkpoint"]})]


def test_refresh_runs_a_notebook_and_stores_it_normalised(run, save):
    path = save("jax", unrun("{'y': 1.0 + float(1)}"))
    result = run("refresh", path)
    assert result.exit_code == 0, result.output
    cell = nbformat.read(path, as_version=4).cells[2]
    assert cell.outputs[0].data["text/plain"] == "{'y': 2.0}"
    assert cell.execution_count == 1
    assert run("normalise", "--check").exit_code == 0
    assert [p.name for p in path.parent.iterdir()] == ["jax.ipynb"]


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("1 / 0", "code cell 1: ZeroDivisionError: division by zero"),
        ("import sys; print('w', file=sys.stderr); {'y': 1}", "stderr is stored"),
    ],
)
def test_refresh_leaves_a_notebook_alone_whose_run_cannot_be_stored(run, save, source, told):
    path = save("jax", unrun(source))
    before = path.read_text()
    result = run("refresh", path)
    assert result.exit_code == 1
    assert told in result.stderr
    assert "0 of 1 notebooks refreshed" in result.output
    assert path.read_text() == before


def test_doctor_says_what_is_here_and_what_a_missing_tool_costs(monkeypatch):
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", "/nowhere")
    monkeypatch.delenv("CXX", raising=False)
    result = CliRunner().invoke(main, ["doctor"])
    assert result.exit_code == 0
    assert "torch" in result.output
    told = " ".join(result.output.split())
    assert "! chromium not found: without it, the site and JupyterLab are not tried" in told
    assert "apt install g++" in result.output


def test_the_workspace_names_the_three_siblings_and_leaves_the_users_own_alone(course, save):
    from triptych.dev import lab

    for name in FRAMEWORKS:
        save(name, section("One"))
    command = lab.arguments(course, "tiny", course.siblings("tiny").values(), ["--no-browser"])
    (file,) = (course.root / "_build/lab").iterdir()
    assert f"--LabApp.workspaces_dir={file.parent}" in command
    assert command[-1] == "--no-browser"
    data = json.loads(file.read_text())["data"]
    panes = data["layout-restorer:data"]["main"]["dock"]["children"]
    assert [pane["widgets"] for pane in panes] == [
        [f"notebook:notebooks/tiny/{name}.ipynb"] for name in FRAMEWORKS
    ]
    assert all(data[pane["widgets"][0]]["data"]["factory"] == "Notebook" for pane in panes)
