"""Plumbing: one tag, three renderings made by the normaliser, and what may not be folded."""

from __future__ import annotations

import nbformat
import pytest

from support import ROOT, edit, section
from triptych import files
from triptych.course import Course
from triptych.notebooks import folds, lint, raw
from triptych.notebooks.normalise import normalised

COURSE = Course.containing(ROOT)


def code(source: str, *tags: str, **metadata) -> dict:
    return nbformat.v4.new_code_cell(source, execution_count=1, metadata={"tags": list(tags), **metadata})


def plumbing(source: str, *tags: str) -> dict:
    return code(source, folds.PLUMBING, *tags)


def cells(path):
    return nbformat.reads(path.read_text(), as_version=4).cells


@pytest.mark.parametrize("written", ["# Starts a server", "#Starts a server", "# @title Starts a server"])
def test_a_plumbing_cell_is_folded_on_the_site_in_jupyterlab_and_on_colab(save, course, written):
    heading, *rest = section("One")
    path = save("jax", [heading, plumbing(f"{written}\nx = 1"), *rest])
    cell = cells(path)[2]
    assert cell.source == "# @title Starts a server\nx = 1"
    assert cell.metadata == {
        "tags": ["plumbing", "hide-input"],
        "mystnb": {"code_prompt_show": "Starts a server", "code_prompt_hide": "Starts a server"},
        "jupyter": {"source_hidden": True},
        "cellView": "form",
    }
    assert lint.complaints(path, course) == []


def test_a_cell_that_begins_with_a_magic_keeps_it_first_and_has_no_form_on_colab(save, course):
    heading, *rest = section("One")
    path = save("jax", [heading, plumbing("%%writefile worker.py\n# The worker\nx = 1"), *rest])
    cell = cells(path)[2]
    assert cell.source == "%%writefile worker.py\n# The worker\nx = 1"
    assert "cellView" not in cell.metadata
    assert cell.metadata["jupyter"] == {"source_hidden": True}
    assert cell.metadata["mystnb"]["code_prompt_show"] == "The worker"


def test_a_cell_that_is_plumbing_no_longer_is_shown_again(save, course):
    heading, *rest = section("One")
    path = save("jax", [heading, plumbing("# Starts a server\nx = 1"), *rest])
    edit(path, lambda raw: raw["cells"][2]["metadata"]["tags"].remove("plumbing"))
    files.replace(path, normalised(path, course))
    assert cells(path)[2].metadata == {}


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ({"figure": {"width": "40%"}}, {"mystnb": {"figure": {"width": "40%"}}}),
        ({"remove_code_source": True}, {}),
        (["image"], {}),
    ],
)
def test_a_setting_of_the_site_stays_unless_it_hides_a_cell_or_is_none(save, written, kept):
    heading, *rest = section("One")
    assert cells(save("jax", [heading, code("x = 1", mystnb=written), *rest]))[2].metadata == kept


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (plumbing("x = 1"), "plumbing without a title"),
        (plumbing("%%writefile w.py"), "plumbing without a title"),
        (plumbing("#"), "plumbing without a title"),
        (plumbing("# @title\nx = 1"), "plumbing without a title"),
    ],
)
def test_plumbing_without_a_title_is_told(save, course, cell, said):
    heading, *rest = section("One")
    (found,) = lint.complaints(save("jax", [heading, cell, *rest]), course)
    assert found.startswith("notebooks/tiny/jax.ipynb: cell 'one-2': ") and said in found


def test_a_folded_checkpoint_is_told_and_stays_visible(save, course):
    path = save("jax", section("One", source="# Shows y\n{'y': float(1)}"))
    edit(path, lambda raw: raw["cells"][2]["metadata"]["tags"].append("plumbing"))
    files.replace(path, normalised(path, course))
    assert cells(path)[2].metadata == {"tags": ["checkpoint", "plumbing"]}
    (found,) = lint.complaints(path, course)
    assert "'one-2': a checkpoint is tagged 'plumbing'" in found


@pytest.mark.parametrize(
    ("shown", "said"),
    [("y = jax.jit(f)", False), ("y = f(1)", True), ("y = 1  # jax.jit", True), ("y = jax.jitter(f)", True)],
)
def test_a_call_that_the_prose_is_about_stands_in_a_visible_cell(save, course, shown, said):
    heading, *rest = section("One")
    text = nbformat.v4.new_markdown_cell("Here ``jax.jit`` compiles, and `worker.py` runs.")
    folded = plumbing("# Compiles\nz = jax.jit(g)  # worker.py")
    found = lint.complaints(save("jax", [heading, text, folded, code(shown), *rest]), course)
    assert any("'jax.jit' is what the prose is about" in line for line in found) == said
    assert len(found) == said


def test_long_visible_cells_are_told_and_long_folds_are_not(save):
    heading, *rest = section("One")
    long = "\n".join(["# Does much", *["x = 1"] * folds.LONGEST])
    path = save("jax", [heading, code(long), *(code("x = 1") for _ in range(20)), plumbing(long), *rest])
    (found,) = folds.length_complaints(raw.load(path, "jax"), "jax")
    assert "cell 'one-2' has 26 lines, more than 25" in found


def test_one_visible_cell_in_ten_may_have_more_than_fifteen_lines(save):
    heading, *rest = section("One")
    lines = "\n".join(["x = 1"] * (folds.SHORT + 1))
    cells = [heading, *(code(lines) for _ in range(2)), *(code("x = 1") for _ in range(17)), *rest]
    assert list(folds.length_complaints(raw.load(save("jax", cells), "jax"), "jax")) == []
    cells[1:1] = [code(lines)]
    (found,) = folds.length_complaints(raw.load(save("jax", cells), "jax"), "jax")
    assert "3 of 21 visible code cells" in found
