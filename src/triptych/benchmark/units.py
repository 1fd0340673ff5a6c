"""Numbers and times as readers see them: three digits, and a unit that fits."""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from typing import Any


def number(value: float) -> str:
    """Three digits, from a hundred on in full: 3.56, 1,320."""
    return f"{value:.3g}" if value < 99.95 else f"{value:,.0f}"


def readable(seconds: float) -> str:
    """A time with three digits and a unit: 12.3 ms.

    >>> readable(0.0123), readable(156.2), readable(4.2e-6)
    ('12.3 ms', '156 s', '4.2 µs')
    """
    units = (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6))
    unit, size = next((pair for pair in units if seconds >= 0.9995 * pair[1]), units[-1])
    value = seconds / size
    if value >= 999.5:  # three digits and a comma, not 1e+03
        return f"{value:,.0f} s"
    return f"{value:.3g} {unit}"


def line(measured: Mapping[str, Any]) -> str:
    """A measurement in a line: "250 ms, 512 rows/s; first call 1.5 s"."""
    median = statistics.median(measured["samples_s"])
    rate = ""
    if (items := measured.get("items")) and measured.get("item") in ("image", "row"):
        rate = f", {number(items / median)} {measured['item']}s/s"
    return f"{readable(median)}{rate}; first call {readable(measured['first_s'])}"
