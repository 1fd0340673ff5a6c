"""The notebook model: what is read, and what is refused."""

from __future__ import annotations

import nbformat
import pytest

from support import edit, section
from triptych.errors import TriptychError
from triptych.notebooks import model, raw


def refused(path, course):
    """The one line that reading ``path`` ends in."""
    with pytest.raises(TriptychError) as caught:
        model.read(path, course)
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith("notebooks/tiny/jax.ipynb")
    return message


def test_sections_and_checkpoints_are_read_by_heading(course, save):
    path = save("jax", section("One"), section("Two", shown="{'z': [1, 2.5, 'a', True], 'only': {'n': 3}}"))
    read = model.read(path, course)
    assert read.title == "Tiny in JAX"
    assert read.headings == ("One", "Two")
    assert read.checkpoints["One"].value == {"y": 1.0}
    assert read.checkpoints["Two"].shared == {"z": [1, 2.5, "a", True]}
    assert read.checkpoints["Two"].only == {"n": 3}


def test_a_file_that_is_not_json_is_named_with_the_place_of_the_fault(course, save):
    path = save("jax", section("One"))
    path.write_text("{\n  'single': 1}")
    assert "not JSON (line 2, column 3" in refused(path, course)


@pytest.mark.parametrize(
    "text", ["[]", "{}", '{"nbformat": 3, "cells": []}', '{"nbformat": 4, "cells": [7]}']
)
def test_json_that_is_no_notebook_is_refused(course, save, text):
    path = save("jax", section("One"))
    path.write_text(text)
    assert "notebook" in refused(path, course)


def test_a_missing_file_is_named(course):
    path = course.root / "notebooks/tiny/jax.ipynb"
    assert "no such notebook" in refused(path, course)


def test_a_notebook_that_was_never_run_is_refused(course, save):
    path = save("jax", section("One"))
    edit(path, lambda raw: raw["cells"][2].update(execution_count=None, outputs=[]))
    message = refused(path, course)
    assert "never run" in message
    assert "triptych refresh notebooks/tiny/jax.ipynb" in message


@pytest.mark.parametrize(
    "shown",
    ["array([1., 2.])", "{'y': array(1.)}", "3.0", "{}", "{1: 2}", "{'y': (1, 2)}", "{'y': {'a': 1}}"],
)
def test_a_checkpoint_that_is_not_a_dict_of_plain_data_is_refused_with_its_section(course, save, shown):
    path = save("jax", section("One"), section("Two", shown=shown))
    message = refused(path, course)
    assert "section 'Two'" in message
    assert "end the cell in a dict" in message


def test_a_section_without_a_checkpoint_is_refused(course, save):
    path = save("jax", section("One"), section("Two")[:1])
    assert "section 'Two': 0 cells are tagged 'checkpoint'" in refused(path, course)


def test_a_code_cell_after_the_checkpoint_is_refused(course, save):
    late = nbformat.v4.new_code_cell("1", execution_count=1)
    path = save("jax", [*section("One"), late])
    assert "follows the checkpoint" in refused(path, course)


def test_a_heading_inside_a_cell_is_refused_but_not_one_inside_a_code_fence(course, save):
    fenced = nbformat.v4.new_markdown_cell("Text\n\n```md\n## Not a heading\n```")
    path = save("jax", [*section("One"), fenced])
    assert model.read(path, course).headings == ("One",)
    hidden = nbformat.v4.new_markdown_cell("Text\n\n## Hidden")
    path = save("jax", [*section("One"), hidden])
    assert "not its first line" in refused(path, course)


def test_a_repeated_heading_is_refused(course, save):
    assert "two sections are headed 'One'" in refused(save("jax", section("One"), section("One")), course)


def test_a_tolerance_needs_a_reason_and_a_key_that_exists(course, save):
    path = save("jax", section("One"))
    edit(path, lambda raw: raw["cells"][2]["metadata"].update(triptych={"tolerance": {"y": 1e-3}}))
    assert "without a reason" in refused(path, course)
    settings = {"tolerance": {"other": 1e-3}, "reason": "long sums"}
    edit(path, lambda raw: raw["cells"][2]["metadata"].update(triptych=settings))
    assert "other" in refused(path, course)


def test_one_section_can_be_cut_out_without_its_heading_line(course, save):
    path = save("jax", section("One"), section("Two"))
    node = raw.section_node(path, "Two", course)
    assert [cell.source for cell in node.cells] == ["A question.", "{'y': float(1)}"]
    with pytest.raises(TriptychError, match=r"no section 'Three'; its sections are: 'One', 'Two'"):
        raw.section_node(path, "Three", course)
