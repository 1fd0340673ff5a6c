"""The notebook model: what is read, what is refused, what normalising does."""

from __future__ import annotations

import json

import nbformat
import pytest
from support import section

from triptych import files
from triptych.notebooks import lint, raw
from triptych.notebooks import model as notebook
from triptych.notebooks.normalise import normalised
from triptych.errors import TriptychError


def edit(path, change):
    """Apply ``change`` to a stored notebook's JSON."""
    raw = json.loads(path.read_text())
    change(raw)
    path.write_text(json.dumps(raw))


def refused(path, course):
    """The one line that reading ``path`` ends in."""
    with pytest.raises(TriptychError) as caught:
        notebook.read(path, course)
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith("notebooks/tiny/jax.ipynb")
    return message


def test_sections_and_checkpoints_are_read_by_heading(course, save):
    path = save("jax", section("One"), section("Two", shown="{'z': [1, 2.5, 'a', True], 'only': {'n': 3}}"))
    read = notebook.read(path, course)
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
    assert notebook.read(path, course).headings == ("One",)
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


def test_normalising_twice_changes_nothing_more(course, save):
    path = save("jax", section("One"), normalise=False)
    files.replace(path, normalised(path, course))
    assert normalised(path, course) == path.read_text()


def test_normalising_removes_what_varies_and_keeps_what_is_meant(course, save):
    path = save("jax", section("One"), normalise=False)

    def disturb(raw):
        raw["metadata"] = {
            "widgets": {"state": 1},
            "papermill": {"duration": 3.2},
            "kernelspec": {"display_name": "my env", "name": "my-env", "language": "python"},
            "language_info": {"name": "python", "version": "3.11.7"},
            "triptych": {"needs": ["C++ compiler"]},
        }
        cell = raw["cells"][2]
        cell["id"] = "0a1b2c3d"
        cell["metadata"] |= {"execution": {"iopub.execute_input": "2026-11-21"}, "scrolled": True}
        cell["source"] = "{'y': 1.0}   \n\n"
        cell["outputs"][:0] = [
            {"output_type": "stream", "name": "stdout", "text": "a"},
            {"output_type": "stream", "name": "stdout", "text": "b"},
        ]

    edit(path, disturb)
    text = normalised(path, course)
    node = nbformat.reads(text, as_version=4)
    assert node.nbformat_minor == 5
    assert node.metadata == {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
        "triptych": {"needs": ["C++ compiler"]},
    }
    cell = node.cells[2]
    assert cell.id == "one-2"
    assert cell.metadata == {"tags": ["checkpoint"]}
    assert cell.source == "{'y': 1.0}"
    assert [output.output_type for output in cell.outputs] == ["stream", "execute_result"]
    assert cell.outputs[0].text == "ab"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("retrace-plot", True),
        ("step2", True),
        ("0a1b2c3d", False),
        ("deadbeef", False),
        ("3f9a0c1e-5b1d-4c55-9d50-0a1b2c3d4e5f", False),
        ("aB3dEfGh1jKl", False),
        ("cell-4", False),
    ],
)
def test_an_id_that_a_person_wrote_is_kept_and_a_machine_made_one_is_named_after_its_section(
    course, save, given, kept
):
    path = save("jax", section("One"), normalise=False)
    edit(path, lambda raw: raw["cells"][2].update(id=given))
    node = nbformat.reads(normalised(path, course), as_version=4)
    assert node.cells[2].id == (given if kept else "one-2")


def test_the_colab_badge_stands_once_under_the_title_with_the_repository_of_the_config(course, save):
    path = save("jax", section("One"))
    first = nbformat.read(path, as_version=4).cells[0].source
    link = "https://colab.research.google.com/github/example/tiny/blob/main/notebooks/tiny/jax.ipynb"
    badge = f"[![Open in Colab](../../book/_static/colab.svg)]({link})"
    assert first.splitlines()[:3] == ["# Tiny in JAX", "", badge]
    moved = (course.root / "_config.yml").read_text().replace("example/tiny", "example/other")
    (course.root / "_config.yml").write_text(moved)
    text = normalised(path, type(course)(course.root))
    assert "example/other" in text
    assert text.count("Open in Colab") == 1
    assert "example/tiny" not in text


def code_cell(**changes):
    """A cell before the checkpoint, with the given fields."""
    return nbformat.v4.new_code_cell("1", execution_count=1, **changes)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"metadata": {"tags": ["hide-input"]}}, "unknown tag 'hide-input'"),
        ({"outputs": [nbformat.v4.new_output("stream", name="stderr", text="W0000 tf")]}, "stderr is stored"),
        ({"outputs": [nbformat.v4.new_output("error", ename="KeyError")]}, "an error is stored (KeyError)"),
        (
            {"outputs": [nbformat.v4.new_output("stream", text="<f at 0x7f1234567890>")]},
            "a memory address is shown",
        ),
        (
            {"outputs": [nbformat.v4.new_output("stream", text="in /home/me/x.py")]},
            "an absolute path is shown",
        ),
        (
            {
                "outputs": [
                    nbformat.v4.new_output("display_data", {"application/vnd.jupyter.widget-view+json": {}})
                ]
            },
            "a widget view is stored",
        ),
    ],
)
def test_what_must_not_be_stored_is_named_with_its_cell(course, save, changes, complaint):
    markdown, checkpoint = section("One")
    path = save("jax", [markdown, code_cell(**changes), checkpoint])
    (found,) = lint.complaints(path, course)
    assert complaint in found
    assert found.startswith("notebooks/tiny/jax.ipynb: cell ")


def test_outputs_of_several_runs_are_complained_of(course, save):
    path = save("jax", section("One"))
    edit(path, lambda raw: raw["cells"][2].update(execution_count=7))
    (found,) = lint.complaints(path, course)
    assert "not the outputs of one clean run" in found


def test_a_clean_notebook_has_no_complaints(course, save):
    assert lint.complaints(save("jax", section("One"), section("Two")), course) == []


def test_one_section_can_be_cut_out_without_its_heading_line(course, save):
    path = save("jax", section("One"), section("Two"))
    node = raw.section_node(path, "Two", course)
    assert [cell.source for cell in node.cells] == ["A question.", "{'y': 1.0}"]
    with pytest.raises(TriptychError, match=r"no section 'Three'; its sections are: 'One', 'Two'"):
        raw.section_node(path, "Three", course)
