"""How far a median can be trusted, and when one program may be called faster than another.

Samples of one process resemble each other: what was laid out badly in memory, or clocked lower,
stays so until the process ends. Their number therefore says little; the number of *rounds*, each
with a process of its own, decides. An interval here comes from the medians of the rounds, one
number each, in logarithms, as what disturbs a time multiplies it.

**The interval** promises 95 %. From six rounds on it reaches from one of the rounds' medians to
another, so many from either end that the true median lies between them in 95 % of all cases, whatever
the shape of the noise. Below six even the outermost two promise less, so it is Student's, for the
medians' centre in logarithms, built at 97.5 % (rounds are not normal, and the reserve is for skewed
noise and heavy tails), and holds the outermost two as well. With two rounds nothing is promised (None).

**What no method can promise.** Where a process runs at one of two speeds, equally likely and far apart,
all n rounds have the same one in 2 / 2^n of all cases, and then nothing in them tells of the other: the
interval holds the true median in at most 75 % of all cases with three rounds, 88 % with four, 94 % with
five, 97 % with six.

**A winner** is named by the rounds' ratios, as a round's programs are measured near each other
in time: what disturbs one may disturb both. It promises that of two equal programs one is called
faster in at most 1 % of all comparisons. With two speeds as above one program gets the fast one in all
n rounds and the other the slow one in 2 / 4^n of all comparisons: 3 % with three rounds, 0.8 % with
four, 0.2 % with five. So below five no winner is named.

``tests/benchmark/test_intervals.py`` holds all this by simulation, at the record's own counts and for
the shapes of noise that it lists.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence

#: What is promised: the interval holds the true value, of two equal programs one is called faster.
COVERAGE, FALSE_WINNERS = 0.95, 0.01

#: Fewer rounds than these tell no interval, and no winner.
ROUNDS, WINNER_ROUNDS = 3, 5

#: Student's quantiles by the number of rounds (one degree of freedom less): at 98.75 % for a two-sided
#: interval of 97.5 %, and at 99.7 %. With more rounds the last is used, which is larger than needed.
_INTERVAL = {3: 6.2053, 4: 4.1765, 5: 3.4954}
_WINNER = {5: 5.3214, 6: 4.5703, 7: 4.1517, 8: 3.8868, 9: 3.7049, 10: 3.5726}


def interval(rounds: Sequence[Sequence[float]]) -> tuple[float, float] | None:
    """The ends, in seconds, of the 95 % interval of the median; None with fewer than three rounds.

    ``rounds`` has each round's samples in seconds, all positive.
    """
    medians = sorted(statistics.median(samples) for samples in rounds)
    if len(medians) < ROUNDS:
        return None
    if len(medians) not in _INTERVAL:
        inner = _left_out(len(medians))
        return medians[inner], medians[-1 - inner]
    low, high = _ends([math.log(median) for median in medians], _INTERVAL)
    return min(math.exp(low), medians[0]), max(math.exp(high), medians[-1])


def faster(a: Sequence[Sequence[float]], b: Sequence[Sequence[float]]) -> bool | None:
    """Whether ``a`` is faster than ``b``: True, False, or None where no winner may be named.

    Both have each round's samples in seconds, in the same rounds, at least five.
    """
    if len(a) != len(b) or len(a) < WINNER_ROUNDS:
        return None
    ratios = [
        math.log(statistics.median(one) / statistics.median(other)) for one, other in zip(a, b, strict=True)
    ]
    low, high = _ends(ratios, _WINNER)
    if low <= 0 <= high:
        return None
    return high < 0


def reachable(rounds: int) -> float:
    """The coverage that no method exceeds with so many rounds of processes at one of two speeds."""
    return 1 - 0.5 ** (rounds - 1)


def _left_out(n: int) -> int:
    """How many of n sorted medians, six or more, may be left out at either end.

    Each lies below the true median in half of all cases, so the interval misses on one side where at
    most so many do: by the binomial distribution in 2.5 % of all cases, or fewer.
    """
    below, out = 0.5**n, 0
    while (below := below + math.comb(n, out + 1) * 0.5**n) <= (1 - COVERAGE) / 2:
        out += 1
    return out


def _ends(values: Sequence[float], quantiles: dict[int, float]) -> tuple[float, float]:
    """The ends of Student's interval of the mean."""
    n = len(values)
    reach = quantiles[min(n, max(quantiles))] * statistics.stdev(values) / math.sqrt(n)
    middle = statistics.fmean(values)
    return middle - reach, middle + reach
