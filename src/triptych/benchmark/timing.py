"""How long a call takes, with every sample kept and no winner named that the samples do not show.

    from triptych.benchmark.timing import compare, measure

    a = measure(lambda: f(x), synchronise=jax.block_until_ready)
    b = measure(lambda: g(x), synchronise=jax.block_until_ready)
    print(a, b, compare(a, b), sep="\\n")

The first call stands apart: it compiles, allocates and fills caches. Then comes a warm-up
until two calls agree, then the samples. No framework is imported here: a call that
returns before its work is done needs its framework's ``synchronise``. The notebooks of
chapter ``performance`` carry the same in twenty lines; a test holds the two equal.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

Out = TypeVar("Out")

#: The warm-up ends when two calls in turn differ by less than this part, or after so many calls.
AGREE = 0.1
WARM_UP = 8


@dataclass(frozen=True)
class Timing:
    """Seconds of the first call, and of each repeat after the warm-up."""

    first: float
    samples: tuple[float, ...]

    @property
    def median(self) -> float:
        """The samples' median, in seconds. Raises ValueError without samples."""
        if not self.samples:
            raise ValueError("no samples: nothing was repeated")
        return statistics.median(self.samples)

    @property
    def spread(self) -> float:
        """The inter-quartile range in seconds: how far apart the middle half of the samples lies."""
        low, high = quantile(self.samples, 0.25), quantile(self.samples, 0.75)
        return high - low

    @cached_property
    def interval(self) -> tuple[float, float]:
        """The median's bootstrap interval of 95 %, in seconds; the same for the same samples.

        Percentile method, 9,999 resamples (Efron and Tibshirani, An Introduction to the Bootstrap,
        chapter 13). Raises ValueError for fewer than two samples, which know nothing of their spread.
        """
        if len(self.samples) < 2:
            raise ValueError(f"{len(self.samples)} samples: an interval needs two or more")
        import numpy as np  # these two are needed by nobody who only reads a record
        from scipy.stats import bootstrap

        found = bootstrap((self.samples,), np.median, rng=0, method="percentile")
        low, high = found.confidence_interval
        return float(low), float(high)

    def __str__(self) -> str:
        """Median, interval and first call, in a unit that fits."""
        low, high = self.interval
        return (
            f"{readable(self.median)} ({readable(low)} to {readable(high)}, "
            f"{len(self.samples)} samples), first call {readable(self.first)}"
        )


@dataclass(frozen=True)
class Comparison:
    """Two timings side by side. Where their intervals overlap there is no winner and no ratio."""

    a: Timing
    b: Timing

    @property
    def faster(self) -> bool | None:
        """Whether a is faster than b; None where the samples do not tell."""
        (a_low, a_high), (b_low, b_high) = self.a.interval, self.b.interval
        if a_high < b_low:
            return True
        return False if b_high < a_low else None

    @property
    def ratio(self) -> float | None:
        """How many times faster the faster one is, by the medians; None without a winner."""
        if self.faster is None:
            return None
        slow, fast = (self.b, self.a) if self.faster else (self.a, self.b)
        return slow.median / fast.median

    def __str__(self) -> str:
        """The verdict in one sentence."""
        if self.faster is None:
            (a_low, a_high), (b_low, b_high) = self.a.interval, self.b.interval
            return (
                f"No winner: the intervals overlap ({readable(a_low)} to {readable(a_high)}, "
                f"{readable(b_low)} to {readable(b_high)}); measure more, or in a quieter hour."
            )
        return f"The {'first' if self.faster else 'second'} is {self.ratio:.2f} times faster."


def measure(
    call: Callable[[], Out], synchronise: Callable[[Out], object] = lambda out: out, repeats: int = 10
) -> Timing:
    """Time ``call``: its first call, a warm-up until two calls agree, then ``repeats`` samples.

    ``synchronise`` gets what the call returns, and returns when the work is done. Garbage
    collection stays on, as it is part of the price. Raises ValueError for no repeats.
    """
    if repeats < 1:
        raise ValueError(f"{repeats} repeats: there must be one or more")

    def once() -> float:
        start = time.perf_counter()
        synchronise(call())
        return time.perf_counter() - start

    first, last = once(), once()
    for _ in range(WARM_UP):
        before, last = last, once()
        if abs(last - before) < AGREE * before:
            break
    return Timing(first, tuple(once() for _ in range(repeats)))


def compare(a: Timing, b: Timing) -> Comparison:
    """Whether ``a`` is faster than ``b``: ``.faster`` is None where their intervals overlap."""
    return Comparison(a, b)


def quantile(samples: tuple[float, ...], part: float) -> float:
    """The value below which ``part`` of the samples lies, between samples by a straight line.

    As ``numpy.quantile``. Raises ValueError without samples.
    """
    if not samples:
        raise ValueError("no samples: nothing was repeated")
    ordered = sorted(samples)
    below, rest = divmod(part * (len(ordered) - 1), 1)
    low = ordered[int(below)]
    return low if not rest else low + rest * (ordered[int(below) + 1] - low)


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
