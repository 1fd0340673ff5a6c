"""Parity of siblings, on small chapters and on the course's own."""

from __future__ import annotations

import json

import pytest

from support import ROOT, declare, section
from triptych.course import Course
from triptych.frameworks import FRAMEWORKS, PANELS
from triptych.notebooks import folds, parity
from triptych.notebooks.compare import agree

OURS = Course(ROOT)


@pytest.mark.parametrize("chapter", [chapter.name for chapter in OURS.chapters])
def test_the_notebooks_of_a_chapter_agree_and_are_stored_clean(chapter):
    assert parity.check(OURS, chapter) == []


def chapter(save, **checkpoints):
    """A chapter whose siblings show the given checkpoints, ``{'y': 1.0}`` by default."""
    for name in FRAMEWORKS:
        save(name, section("One", shown=checkpoints.get(name, "{'y': 1.0}")))


def test_equal_siblings_have_nothing_to_complain_of(course, save):
    chapter(save)
    assert parity.check(course, "tiny") == []


@pytest.mark.parametrize(
    ("other", "complaint"),
    [
        ("{'y': 1.001}", "'y' is 1.001, but 1.0 in notebooks/tiny/pytorch.ipynb: section 'One'"),
        ("{'y': True}", "'y' is True"),
        ("{'y': '1.0'}", "'y' is '1.0'"),
        ("{'y': [1.0]}", "'y' is [1.0]"),
        ("{'z': 1.0}", "keys differ"),
        ("{'y': 1.0, 'z': 2}", "keys differ"),
    ],
)
def test_a_checkpoint_that_differs_is_named_with_its_section(course, save, other, complaint):
    chapter(save, jax=other)
    (found,) = parity.check(course, "tiny")
    assert found.startswith("notebooks/tiny/jax.ipynb: section 'One'")
    assert complaint in found


def test_the_last_digit_of_float32_may_differ_and_what_stands_under_only(course, save):
    chapter(save, jax="{'y': 1.000001, 'only': {'traces': 1}}", pytorch="{'y': 1.0, 'only': {'traces': 8}}")
    assert parity.check(course, "tiny") == []


def test_a_large_number_of_something_may_not_differ_by_one(course, save):
    """One in a million is less than float32's last digit, and a parameter too many all the same."""
    chapter(save, jax="{'y': [1000001]}", pytorch="{'y': [1000000]}", tensorflow="{'y': [1000000]}")
    (found,) = parity.check(course, "tiny")
    assert "'y' is [1000001], but [1000000]" in found and "of integers 0)" in found


def test_a_stated_tolerance_with_its_reason_is_honoured(course, save):
    chapter(save, jax="{'y': 1.001}")
    path = course.root / "notebooks/tiny/jax.ipynb"
    raw = json.loads(path.read_text())
    raw["cells"][2]["metadata"]["triptych"] = {"tolerance": {"y": 1e-2}, "reason": "a long sum"}
    path.write_text(json.dumps(raw))
    assert parity.check(course, "tiny") == []


def test_a_missing_heading_is_named_in_the_sibling_that_lacks_it(course, save):
    save("pytorch", section("One"), section("Two"))
    save("tensorflow", section("One"), section("Two"))
    save("jax", section("One"))
    (found,) = parity.check(course, "tiny")
    assert found.startswith("notebooks/tiny/jax.ipynb: no section 'Two'")


def test_headings_in_another_order_are_named(course, save):
    for name in ("pytorch", "tensorflow"):
        save(name, section("One"), section("Two"))
    save("jax", section("Two"), section("One"))
    (found,) = parity.check(course, "tiny")
    assert "reorder one" in found


def test_a_missing_sibling_is_named(course, save):
    save("pytorch", section("One"))
    assert any(
        "notebooks/tiny/tensorflow.ipynb: no such notebook" in line for line in parity.check(course, "tiny")
    )


def test_a_chapter_with_single_notebooks_has_no_siblings_to_agree(course, save):
    declare("tiny", notebooks=("pytorch", "jax"), aligned=False)
    save("pytorch", section("One"))
    save("jax", section("Two", shown="{'z': 2}"))
    assert parity.check(course, "tiny") == []


def test_a_fourth_panel_is_held_to_its_siblings(course, save):
    declare("tiny", notebooks=tuple(PANELS))
    for name in PANELS:
        save(name, section("One", shown="{'y': 2.0}" if name == "keras" else "{'y': 1.0}"))
    (line,) = parity.check(course, "tiny")
    assert line.startswith("notebooks/tiny/keras.ipynb")


def test_a_notebook_that_no_chapter_declares_is_named(course, save):
    path = save("jax", section("One"))
    path.rename(path.with_name("jax-copy.ipynb"))
    (line,) = parity.strays(course)
    assert line.startswith("notebooks/tiny/jax-copy.ipynb: no chapter declares this notebook")


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        (0.0, 1e-9, True),
        (0.0, 1e-3, False),
        (float("nan"), float("nan"), True),
        (float("inf"), float("inf"), True),
        (1, 1.0, True),
        (True, 1, False),
        ([1.0, [2.0]], [1.0, [2.0000001]], True),
        ([1.0, 2.0], [1.0], False),
        ("a", "a", True),
    ],
)
def test_agreement_of_two_values(a, b, same):
    assert agree(a, b, parity.RTOL) is same


def test_a_chapters_notebook_whose_visible_cells_are_long_is_told(course, save):
    long = section("One", source="\n".join(["{'y': float(1)}"] * (folds.LONGEST + 1)))
    for framework in FRAMEWORKS:
        save(framework, long)
    found = parity.check(course, "tiny")
    assert [f"/{name}.ipynb: cell 'one-2' has 26 lines" in "\n".join(found) for name in FRAMEWORKS] == [
        True
    ] * 3
