"""What is changed in a reference answer, and how a change is named and explained."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from triptych.course import Course
from triptych.errors import TriptychError

pytest.importorskip("mutmut")

from triptych.grading.mutation.explained import explained, same
from triptych.grading.mutation.mutants import Mutant, mutants
from triptych.grading.mutation.outcomes import Outcomes
from triptych.grading.mutation.trial import Fate

ANSWER = '''\
def row_sums(x, least=0):
    """Sums of the rows that are large enough."""
    @jax.jit
    def sums(x):
        return x.sum(axis=1)
    total = sums(x)
    if total.min() > least:
        return {"sums": total}
    return {}
'''


def made(answer: str) -> dict[tuple[str, str], str]:
    return {(mutant.old, mutant.new): mutant.answer for mutant in mutants("rows", "jax", answer)}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("return x.sum(axis=1)", "return x.sum(axis=2)"),
        ("return x.sum(axis=1)", "pass"),
        ("if total.min() > least:", "if total.min() >= least:"),
        ("if total.min() > least:", "if not (total.min() > least):"),
        ('return {"sums": total}', 'return {"XXsumsXX": total}'),
        ("total = sums(x)", "pass"),
        ("def row_sums(x, least=0):", "def row_sums(x, least=1):"),
        ("@jax.jit", ""),
    ],
)
def test_one_thing_is_changed(old: str, new: str) -> None:
    assert (old, new) in made(ANSWER)


def test_each_mutant_is_another_program_and_differs_in_what_names_it() -> None:
    texts = list(made(ANSWER).values())
    assert len(set(texts)) == len(texts) == len(mutants("rows", "jax", ANSWER))
    for (old, new), text in made(ANSWER).items():
        compile(text, "mutant", "exec")
        lines = [line.strip() for line in text.splitlines()]
        assert text != ANSWER and all(line in lines for line in new.split("\n") if line), (old, new)


def test_texts_for_readers_and_values_of_none_are_left_alone() -> None:
    assert not any("large enough" in old for old, _ in made(ANSWER))
    assert not any("None" in new for _, new in made(ANSWER))


# --- explanations ------------------------------------------------------------------------


def mutant(old: str, new: str, framework: str = "jax") -> Mutant:
    return Mutant("rows", framework, old, new, new)


def test_an_explanation_covers_the_change_that_it_names() -> None:
    why = same("rows", "at equality both are x", ("a", "b"), jax=[("c", "d")])
    assert why.covers(mutant("a", "b", "pytorch")) and why.covers(mutant("c", "d"))
    assert not why.covers(mutant("c", "d", "pytorch")) and not why.covers(mutant("a", "d"))
    assert not same("other", "why", ("a", "b")).covers(mutant("a", "b"))


def test_an_explanation_of_what_is_no_longer_made_is_stale() -> None:
    why = same("rows", "at equality both are x", ("a", "b"), jax=[("c", "d")])
    assert why.stale([mutant("a", "b", "pytorch"), mutant("c", "d")]) == []
    assert why.stale([mutant("c", "d", "pytorch")]) == ["rows: ('a', 'b')", "rows, jax: ('c', 'd')"]


def test_a_file_of_explanations_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "_config.yml").write_text("title: t\n")
    folder = tmp_path / "solutions/tiny"
    folder.mkdir(parents=True)
    assert explained(Course(tmp_path), "tiny") == ()
    (folder / "equivalent.py").write_text(
        "from triptych.grading.mutation.explained import same\n"
        "EQUIVALENT = (same('rows', 'why', torch=[('a', 'b')]),)\n"
    )
    with pytest.raises(TriptychError, match=r"solutions/tiny/equivalent.py: .*no framework is called torch"):
        explained(Course(tmp_path), "tiny")


# --- what is known is not tried again ----------------------------------------------------

CHECKS = """
from triptych.grading.checks import check
def _least(): return 1
@check("rows", points=1, message="Sum the rows.")
def sums(ask, draw): ask.equal("row_sums", _least(), expected=1)
@check("other", points=1, message="Other.")
def others(ask, draw): ask.equal("other", 2, expected=2)
"""


@pytest.mark.parametrize(
    ("old", "new", "known"),
    [
        ("", "", True),
        ("Sum the rows.", "Sum each row.", True),
        ('"other", 2', '"other", 3', True),
        ("return 1", "return 2", False),
        ("expected=1", "expected=2", False),
    ],
)
def test_a_fate_counts_until_what_decided_it_changes(tmp_path: Path, old: str, new: str, known: bool) -> None:
    course, node = Course(tmp_path), {"cells": []}
    Outcomes(course, "tiny", "jax", node, CHECKS).keep(mutant("a", "b"), Fate(True, "rows/sums"))
    later = Outcomes(course, "tiny", "jax", node, CHECKS.replace(old, new))
    assert later.get(mutant("a", "b")) == (Fate(True, "rows/sums") if known else None)
    assert later.get(mutant("a", "c")) is None


def test_a_fate_is_of_the_notebooks_locked_cells(tmp_path: Path) -> None:
    def node(text: str) -> dict:
        marks = {"nbgrader": {"locked": True, "grade": False}}
        return {"cells": [{"cell_type": "code", "metadata": marks, "source": text}]}

    Outcomes(Course(tmp_path), "tiny", "jax", node("a"), CHECKS).keep(mutant("a", "b"), Fate(False))
    assert Outcomes(Course(tmp_path), "tiny", "jax", node("b"), CHECKS).get(mutant("a", "b")) is None
    stored = json.loads((tmp_path / "_build/mutation/tiny-jax.json").read_text())
    assert list(stored.values()) == [[False, ""]]
