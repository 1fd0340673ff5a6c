"""The stored form: what normalising removes, and what it keeps."""

from __future__ import annotations

import nbformat
import pytest

from support import edit, section
from triptych import files
from triptych.notebooks.normalise import normalised


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


@pytest.mark.parametrize(
    ("source", "kept"),
    [
        ("A line  \nbroken by hand", "A line  \nbroken by hand"),
        ("A line    \nbroken by hand", "A line  \nbroken by hand"),
        ("A line \nnot broken", "A line\nnot broken"),
        ("The last line has nothing to break  ", "The last line has nothing to break"),
        ("   \nbetween  \n  \nparagraphs", "between  \n\nparagraphs"),
    ],
)
def test_a_hard_line_break_of_markdown_is_kept(course, save, source, kept):
    markdown, checkpoint = section("One")
    path = save("jax", [markdown, nbformat.v4.new_markdown_cell(source), checkpoint])
    assert nbformat.read(path, as_version=4).cells[2].source == kept
