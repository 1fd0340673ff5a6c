"""The articles' figures, read from their claims' ``figure:`` fields."""

from __future__ import annotations

import pytest

from support import ROOT
from support.claims import with_ledger
from triptych.claims import ledger
from triptych.claims.figures import MEASURED, claimed
from triptych.course import Course
from triptych.errors import TriptychError

OURS = Course(ROOT)


def test_the_articles_figures_are_those_of_the_ledger():
    figures = {name: {one.framework: one for one in claimed(OURS, name)} for name in MEASURED}
    training, inference = figures["resnet50 training"], figures["mobilenet_v2 inference"]
    assert {f: one.rate for f, one in training.items()} == {"pytorch": 1180, "tensorflow": 1250, "jax": 1320}
    assert {f: one.gigabytes for f, one in training.items()} == {
        "pytorch": 10.8,
        "tensorflow": 11.2,
        "jax": 9.7,
    }
    assert {f: one.milliseconds for f, one in inference.items()} == {
        "pytorch": 15.7,
        "tensorflow": 12.3,
        "jax": 10.9,
    }
    assert {one.hardware for one in training.values()} == {"V100"}
    assert {one.product for one in inference.values()} == {"PyTorch Mobile", "TensorFlow Lite", "JAX"}
    assert claimed(OURS, "mlp step") == []


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("value: 1250", "value: fast", "guide-resnet-tf-1250: figure: value: 'fast' is not allowed"),
        ("value: 1250", "value: 1251", "guide-resnet-tf-1250: figure: 1,251 is not in the claim's text"),
        ("unit: images/s", "unit: images", "guide-resnet-tf-1250: figure: unit: unknown value 'images'"),
    ],
)
def test_a_figure_that_is_wrong_is_a_complaint(course, old, new, problem):
    path = with_ledger(course).root / "book/claims/selection-guide.yml"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    assert any(problem in line for line in ledger.load(course).complaints)


def test_a_framework_without_its_figure_is_named(course):
    path = with_ledger(course).root / "book/claims/selection-guide.yml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("value: 1250", "value: fast").replace("value: 11.2", "value: much"), "utf-8")
    with pytest.raises(TriptychError, match=r"'resnet50 training': no claim has one for tensorflow"):
        claimed(course, "resnet50 training")
