"""The preflight cell: generated, the same everywhere, silent with versions that passed, else three lines."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from types import ModuleType

import nbformat
import pytest

from support import ROOT, edit, section
from triptych import files
from triptych.course import Course
from triptych.dev import frozen, versions
from triptych.errors import TriptychError
from triptych.frameworks import PANELS
from triptych.grading import release
from triptych.notebooks import lint, model, preflight
from triptych.notebooks.normalise import normalised

OURS = Course(ROOT)
LESSONS = OURS.notebooks()
EXERCISES = [release.exercise_of(path, OURS) for path in release.solutions(OURS)]
STORED = [pytest.param(path, id=OURS.name(path)) for path in (*LESSONS, *EXERCISES) if path.stem in PANELS]
RANGES = {"Python": ["3.8", "3.99"], "jax": ["0.7.2", "0.12"]}


def record(course: Course, **passed: object) -> None:
    (course.root / "constraints").mkdir(exist_ok=True)
    data = {"passed": passed or {"jax": RANGES}, "colab": {"runtime": "2026.07"}}
    (course.root / preflight.FILE).write_text(json.dumps(data))


def cells(path: Path) -> list[nbformat.NotebookNode]:
    return nbformat.read(path, as_version=4).cells


@pytest.mark.parametrize("path", STORED)
def test_each_notebook_and_exercise_has_its_frameworks_cell_after_the_imports(path):
    passed = preflight.read(OURS)
    found = cells(path)
    (at,) = [i for i, cell in enumerate(found) if cell.id == preflight.ID]
    assert found[at].source.split("\n", 1)[1] == passed.source(path.stem).split("\n", 1)[1]
    assert f"import {PANELS[path.stem].module}" in found[at - 1].source
    assert {"plumbing", "nbval-ignore-output"} <= set(found[at].metadata.tags)
    assert not found[at].outputs


def run(source: str, monkeypatch, capsys, **installed: str) -> list[str]:
    """What the cell prints where these packages are installed."""
    for name, version in installed.items():
        module = ModuleType(name)
        module.__version__ = version
        monkeypatch.setitem(sys.modules, name, module)
    exec(source, {})
    return capsys.readouterr().out.splitlines()


@pytest.mark.parametrize("version", ["0.7.2", "0.8.0", "0.12.0.1", "0.12.9", "0.12.0+cuda12"])
def test_it_is_silent_where_the_versions_passed(monkeypatch, capsys, version):
    cell = preflight.Passed({"jax": RANGES}, "2026.07").source("jax")
    assert run(cell, monkeypatch, capsys, jax=version) == []


@pytest.mark.parametrize("version", ["0.7.1", "0.13.0", "1.0", "0.13.0.dev20261130", "0.6"])
def test_else_it_says_in_three_lines_what_differs_what_it_costs_and_what_to_do(monkeypatch, capsys, version):
    cell = preflight.Passed({"jax": RANGES}, "2026.07").source("jax")
    what, cost, remedy = run(cell, monkeypatch, capsys, jax=version)
    assert f"jax {version} (passed: 0.7.2 to 0.12)." in what and "Python" not in what
    assert "errors" in cost
    assert "on Colab, Runtime > Change runtime type > Runtime version > 2026.07;" in remedy


def test_a_missing_package_is_told(monkeypatch, capsys):
    cell = preflight.Passed({"jax": {"no-such-package": ["1.0", "2.0"]}}, "2026.07").source("jax")
    assert "no-such-package not installed (passed: 1.0 to 2.0)" in run(cell, monkeypatch, capsys)[0]


@pytest.mark.parametrize("framework", PANELS)
def test_it_is_silent_with_colabs_runtime_of_that_name(monkeypatch, capsys, framework):
    passed = preflight.read(OURS)
    there = json.loads((ROOT / preflight.FILE).read_text())["colab"]
    assert passed.runtime == there["runtime"]
    monkeypatch.setattr("platform.python_version", lambda: there["packages"]["Python"])
    packages = {name: there["packages"][name] for name in frozen.PACKAGES[framework]}
    assert run(passed.source(framework), monkeypatch, capsys, **packages) == []


@pytest.mark.parametrize("framework", PANELS)
def test_what_it_knows_holds_the_sets_and_is_what_the_course_asks_for(framework):
    known, sets = preflight.read(OURS).ranges[framework], versions.read(OURS)
    asked = {versions.canonical(r): r.specifier for r in versions.requirements(OURS, "course")}
    assert set(known) == {"Python", *frozen.PACKAGES[framework]}
    for name, (low, high) in known.items():
        for each in (sets["default"], sets["colab"]):
            assert frozen.within(each.python if name == "Python" else each.packages[name], low, high), name
        assert all(asked[name].contains(version) for version in (low, high) if name in asked), name


def imported(source: str = "import jax", count: int | None = 1) -> list[nbformat.NotebookNode]:
    return [nbformat.v4.new_code_cell(source, id="setup", execution_count=count)]


def test_stored_outputs_stay_and_their_cells_are_numbered_anew(course, save):
    path = save("jax", imported(), section("One"), section("Two"))
    before = model.read(path, course)
    record(course)
    files.replace(path, normalised(path, course))
    code = [cell for cell in cells(path) if cell.cell_type == "code"]
    assert [cell.id for cell in code][:2] == ["setup", preflight.ID]
    assert [cell.execution_count for cell in code] == [1, 2, 3, 4]
    assert code[-1].outputs[0].execution_count == 4
    assert model.read(path, course).checkpoints == before.checkpoints
    assert lint.complaints(path, course) == []
    assert normalised(path, course) == path.read_text()


def test_the_record_of_versions_still_knows_the_notebook(course, save):
    path = save("jax", imported(), section("One"))
    before = versions.code_of(course, path)
    record(course)
    files.replace(path, normalised(path, course))
    assert versions.code_of(course, path) == before
    edit(path, lambda raw: raw["cells"][1].update(source="import jax  # another"))
    assert versions.code_of(course, path) != before


def test_an_older_cell_is_replaced_and_what_it_printed_goes(course, save):
    record(course)
    path = save("jax", imported(), section("One"))

    def age(raw):
        (old,) = [cell for cell in raw["cells"] if cell["id"] == preflight.ID]
        old["source"] = "# what an earlier version did"
        old["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "three lines"}]
        raw["cells"].append(raw["cells"].pop(raw["cells"].index(old)))

    edit(path, age)
    made = nbformat.reads(normalised(path, course), as_version=4)
    (cell,) = [cell for cell in made.cells if cell.id == preflight.ID]
    assert made.cells.index(cell) == 2 and not cell.outputs
    assert '"jax": ("0.7.2", "0.12")' in cell.source


def test_cells_that_were_not_run_in_order_are_not_made_to_look_so(course, save):
    path = save("jax", imported(), section("One"))
    record(course)
    edit(path, lambda raw: raw["cells"][1].update(execution_count=7))
    files.replace(path, normalised(path, course))
    assert [c.execution_count for c in cells(path) if c.cell_type == "code"] == [7, None, 2]


@pytest.mark.parametrize("source", ["import math", "    import jax", "import jaxtyping"])
def test_a_notebook_without_the_frameworks_import_has_none(course, save, source):
    record(course)
    path = save("jax", imported(f"if True:\n    pass\n{source}"), section("One"))
    assert preflight.ID not in [cell.id for cell in cells(path)]


@pytest.mark.parametrize("text", ["", "[]", '{"passed": 1}', '{"passed": {"jax": {"jax": 1}}, "colab": {}}'])
def test_a_broken_record_is_told(course, save, text):
    record(course)
    (course.root / preflight.FILE).write_text(text)
    with pytest.raises(TriptychError, match=r"constraints/preflight.json: not a record of versions"):
        save("jax", imported(), section("One"))


def all_passed(folder: Path) -> dict:
    """Copy what freezing reads into ``folder``; the record as if every notebook had passed with every set."""
    for file in (preflight.FILE, versions.FILE, "pyproject.toml", "_config.yml"):
        (folder / file).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / file, folder / file)
    data = json.loads((folder / versions.FILE).read_text())
    for told in data["sets"].values():
        passed = {"outcome": "passed", "date": told["date"], "last_passed": told["date"]}
        told["notebooks"] = {place: dict(passed) for place in told["notebooks"]}
    (folder / versions.FILE).write_text(json.dumps(data))
    return data


def test_freezing_keeps_the_runtime_and_says_whether_anything_changed(tmp_path):
    data = all_passed(tmp_path)
    copy = Course(tmp_path)
    frozen.freeze(copy)
    assert not frozen.freeze(copy) and frozen.differing(copy) == []
    data["sets"]["newest"]["packages"]["torch"] = "2.99.0"
    (tmp_path / versions.FILE).write_text(json.dumps(data))
    (line,) = frozen.differing(copy)
    assert line.startswith("pytorch: torch 2.11 to 2.99 has passed, and the cells know")
    assert frozen.freeze(copy)
    assert preflight.read(copy).ranges["pytorch"]["torch"] == ("2.11", "2.99")
    assert preflight.read(copy).runtime == preflight.read(OURS).runtime


def test_a_set_counts_only_where_all_of_a_frameworks_lessons_passed(tmp_path):
    data = all_passed(tmp_path)
    data["sets"]["newest"]["packages"]["torch"] = "2.99.0"
    lesson = data["sets"]["newest"]["notebooks"]["notebooks/graphs/pytorch.ipynb"]
    lesson |= {"outcome": "failed", "why": "gone"}
    (tmp_path / versions.FILE).write_text(json.dumps(data))
    assert frozen.ranges(Course(tmp_path))["pytorch"]["torch"] == ("2.11", "2.13")
    lesson |= {"outcome": "not run", "why": "its code has changed since"}
    (tmp_path / versions.FILE).write_text(json.dumps(data))
    with pytest.raises(TriptychError, match=r"graphs/pytorch.ipynb: not run with the set newest"):
        frozen.ranges(Course(tmp_path))
