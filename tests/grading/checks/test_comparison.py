"""Answers are compared and shown."""

from __future__ import annotations

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
