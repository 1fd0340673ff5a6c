"""What must not be stored, and how it is told."""

from __future__ import annotations

import nbformat
import pytest

from support import edit, section
from triptych.notebooks import lint


def code_cell(**changes):
    """A cell before the checkpoint, with the given fields."""
    return nbformat.v4.new_code_cell("1", execution_count=1, **changes)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"metadata": {"tags": ["hide-all"]}}, "unknown tag 'hide-all'"),
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
        (
            {
                "outputs": [
                    nbformat.v4.new_output("display_data", {"application/json": {"y": [float("nan")]}})
                ]
            },
            "NaN or Infinity is stored",
        ),
        (
            {
                "outputs": [
                    nbformat.v4.new_output(
                        "execute_result", {"text/plain": "{'y': np.float64(1.0)}"}, execution_count=1
                    )
                ]
            },
            "a dict is shown whose values cannot be read back",
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


@pytest.mark.parametrize("typed", ["2", "True", "-1.5", "20 * 2 * 4", "[4, 8]", "not False"])
@pytest.mark.parametrize(
    "dict_of",
    ["{{'y': {}}}", "{{'only': {{'y': {}}}}}", "{{'only': {{'x': x}} | {{'y': {}}}}}", "facts | {{'y': {}}}"],
)
def test_a_number_that_was_typed_into_a_checkpoint_is_named_by_its_key(course, save, dict_of, typed):
    path = save("jax", section("One", source="x = 1\n" + dict_of.format(typed)))
    (found,) = lint.complaints(path, course)
    assert "the value of 'y' is typed" in found


@pytest.mark.parametrize(
    "value", ["x", "2 * x", "len([1, 2])", "[x, 1]", "'a label'", "['v1', 'v2']", "not x"]
)
def test_what_a_cell_computed_and_labels_may_stand_in_a_checkpoint(course, save, value):
    path = save("jax", section("One", source=f"x = 1\n{{'y': {value}, **facts}}"))
    assert lint.complaints(path, course) == []
