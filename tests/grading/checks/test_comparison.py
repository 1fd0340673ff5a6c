"""Answers are compared and shown."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from triptych.grading import checks
from triptych.grading.checks import agree, shorten, shown


@pytest.mark.parametrize(
    ("expected", "got", "same"),
    [
        (1.0, 1.0 + 1e-9, True),
        (1, 1.0, True),
        (1, True, False),
        (True, True, True),
        (True, np.bool_(True), True),
        (True, 1, False),
        ([1, 2], (1, 2), True),
        ([1, 2], np.array([1, 2]), True),
        ([1, 2], [1, 2, 3], False),
        (np.ones(2), [1.0, 1.0], True),
        (np.ones(2), np.ones((2, 1)), False),
        (np.ones(2), [[1], [1, 2]], False),
        (np.ones(2), None, False),
        (np.ones(1), "1", False),
        ("yes", "yes", True),
        ("yes", 1, False),
        (None, None, True),
        (None, 0, False),
        ({"a": 1}, {"a": 1, "b": 2}, True),
        ({"a": 1}, {"b": 1}, False),
        ({"a": 1}, [1], False),
        (1.0, float("nan"), False),
        (float("inf"), float("inf"), True),
    ],
)
def test_agree_compares_numbers_closely_and_the_rest_exactly(
    expected: object, got: object, same: bool
) -> None:
    assert agree(expected, got) is same


def test_values_are_shown_in_one_short_line() -> None:
    assert shown([np.float32(0.1), {"a": np.arange(2)}]) == "[0.1, {'a': [0 1] int64}]"
    assert len(shown(np.zeros((500, 500)))) <= checks.SHOWN
    assert len(shown(["x" * 1000] * 1000)) <= checks.SHOWN
    assert shorten("a\nb   c") == "a b c"


@pytest.mark.parametrize(
    ("value", "begin"),
    [
        (np.zeros((2,) * 22, "float32"), "[0, 0, 0, 0, 0, 0, ...] of shape (2, 2,"),
        (np.ones((1, 2) * 5), "[[[[[[[[[[1. 1.]"),
        (np.zeros((2,) * 20, "bool"), "[0, 0, 0, 0, 0, 0, ...] of shape"),
        (np.zeros((9,) * 6), "[[[[[[0. ... 0.]"),
        ({f"k{i}": "x" * 100 for i in range(100_000)}, "{'k0': 'xxx"),
        ([[["y" * 9_000] * 100] * 100] * 100, "[[['yyy"),
        ("z" * (8 << 20), "'zzz"),
        ([[[[[[[1]]]]]]] * 1_000, "[[[[[...]]]], [[[[...]]]]"),
        (10**5_000, "an integer of 16610 bits"),
    ],
    ids=["halves", "flat", "booleans", "six-d", "dict", "lists", "string", "deep", "integer"],
)
def test_what_will_be_cut_is_not_built_first(value: object, begin: str) -> None:
    tracemalloc.start()
    try:
        text = shown(value)
        assert text.startswith(begin) and len(text) <= checks.SHOWN
        assert tracemalloc.get_traced_memory()[1] < 2 << 20
    finally:
        tracemalloc.stop()


def test_a_text_of_spaces_is_shortened_without_being_taken_apart() -> None:
    text = "a " * (4 << 20) + "b"
    tracemalloc.start()
    assert shorten(text).endswith("a b")
    assert tracemalloc.get_traced_memory()[1] < 1 << 20
    tracemalloc.stop()
