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
