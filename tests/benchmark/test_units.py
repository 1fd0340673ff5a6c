"""Numbers and times as readers see them."""

from __future__ import annotations

import pytest

from triptych.benchmark.units import number, readable


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0123, "12.3 ms"),
        (156.2, "156 s"),
        (4.2e-6, "4.2 µs"),
        (0.9996, "1 s"),
        (1234.5, "1,234 s"),
        (999.7, "1,000 s"),
        (1e-8, "0.01 µs"),
    ],
)
def test_times_have_three_digits_and_a_unit(seconds, text):
    assert readable(seconds) == text


@pytest.mark.parametrize(("value", "text"), [(3.5555, "3.56"), (99.95, "100"), (1320.4, "1,320")])
def test_numbers_have_three_digits_or_all_before_the_point(value, text):
    assert number(value) == text
