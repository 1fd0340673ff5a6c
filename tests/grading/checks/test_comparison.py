"""Answers are compared and shown."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from triptych.grading import checks
from triptych.grading.checks import agree, shorten, shown
from triptych.grading.checks.difference import difference


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


@pytest.mark.parametrize(
    ("expected", "got", "where"),
    [
        ({"a": [1, 2, 3]}, {"a": [1, 5, 3]}, "at ['a'][1]: 5 and not 2"),
        ({"a": 1, "b": 2}, {"a": 1}, "at ['b']: there is none"),
        ([[1, 2], [3]], [[1, 2], [3, 4]], "at [1]: 2 elements and not 1"),
        ([[1, 2], [3]], [np.array([1, 2]), 3], "at [1]: 3 and not [3]"),
        ((1, True), [1, 1], "at [1]: 1 and not True"),
        ((1, None), [1, 0], "at [1]: 0 and not None"),
        (["1"], [1], "at [0]: 1 and not '1'"),
        (np.zeros((2, 3)), np.eye(2, 3), "at [0, 0]: 1.0 and not 0.0"),
        (np.arange(3.0), np.array([0, 1, np.nan]), "at [2]: nan and not 2.0"),
        (np.arange(3.0), np.zeros((1, 3)), "the shape (1, 3) and not (3,)"),
        (np.arange(2.0), [[1], [1, 2]], "lists of different lengths"),
        (np.array([True, False]), np.array([True, True]), "at [1]: True and not False"),
        (
            np.array([True]),
            np.array([1]),
            "an array of int64 of shape (1,) and not an array of bool of shape (1,)",
        ),
        (np.arange(2.0), "ab", "a text and not an array of float64 of shape (2,)"),
        ([1e-30], [2e-24], "at [0]: 2e-24 and not 1e-30"),
        ([0.3], [0.1 + 0.2], "at [0]: 0.30000000000000004 and not 0.3, 5.6e-17 apart"),
        (["x" * 500 + "a"], ["x" * 500 + "b"], "at [0]: " + "x"),
    ],
)
def test_the_first_difference_is_shown_by_itself(expected: object, got: object, where: str) -> None:
    text = difference(expected, got, 0, 0)
    assert text == where or (len(where) < 10 and text.startswith("at [0]: 'xxx") and "b'" in text)


def test_what_has_no_parts_is_told_apart_where_it_looks_the_same() -> None:
    assert difference(1.0, 2.0, 0, 0) == "" and difference([1], [1], 0, 0) == ""
    assert difference(0.3, 0.1 + 0.2, 0, 0, always=True) == ("0.30000000000000004 and not 0.3, 5.6e-17 apart")
    assert shown(0) == "0" and shown(0.0) == "0.0" and shown(-3.0) == "-3.0" and shown(1e22) == "1e+22"


def test_a_difference_is_found_in_a_large_answer_and_stays_short() -> None:
    large = [np.zeros((500, 500)) for _ in range(3)]
    other = [array.copy() for array in large]
    other[2][499, 498] = 1e-9
    assert difference(large, other, 0, 0) == "at [2][499, 498]: 1e-09 and not 0.0"
    deep = {"k" * 300: {"k" * 300: [1]}}
    assert len(difference(deep, {"k" * 300: {"k" * 300: [2]}}, 0, 0)) < 200
