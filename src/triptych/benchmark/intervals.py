"""How far a median can be trusted, and when one program may be called faster than another.

Samples of one process resemble each other: what was laid out badly in memory, or clocked lower,
stays so until the process ends. Their number therefore says little; the number of *rounds*, each
with a process of its own, decides. An interval here comes from the medians of the rounds, one
number each, in logarithms, as what disturbs a time multiplies it.

**The interval** is Student's, for the centre of the rounds' medians. It promises 95 %, and is
built at 97.5 %: rounds are not normal, and at three of them the shape matters. The reserve is for
skewed noise, for heavy tails, and for machines with two speeds. With two rounds nothing is
promised (None).

**A winner** is named by the rounds' ratios, as a round's programs are measured near each other
in time: what disturbs one may disturb both. It promises that of two equal programs one is called
faster in at most 1 % of all comparisons.

``tests/benchmark/test_intervals.py`` holds both promises by simulation, at the record's own counts and
for the shapes of noise that it lists. They do not hold for every other: with three rounds, two speeds
that lie a tenth apart break the second, two that are equally likely the first; and with twenty rounds
or more of skewed noise the centre of the medians is no longer near enough to their median.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence

#: What is promised: the interval holds the true value, of two equal programs one is called faster.
COVERAGE, FALSE_WINNERS = 0.95, 0.01

#: Fewer rounds than these tell no interval and no winner.
ROUNDS = 3

#: Student's quantiles by the number of rounds (one degree of freedom less): at 98.75 % for a two-sided
#: interval of 97.5 %, and at 99.7 %. With more rounds the last is used, which is larger than needed.
_INTERVAL = {3: 6.2053, 4: 4.1765, 5: 3.4954, 6: 3.1634, 7: 2.9687, 8: 2.8412, 9: 2.7515, 10: 2.685}
_WINNER = {3: 12.8518, 4: 6.9944, 5: 5.3214, 6: 4.5703, 7: 4.1517, 8: 3.8868, 9: 3.7049, 10: 3.5726}


def interval(rounds: Sequence[Sequence[float]]) -> tuple[float, float] | None:
    """The ends, in seconds, of the 95 % interval of the median; None with fewer than three rounds.

    ``rounds`` has each round's samples in seconds, all positive.
    """
    if len(rounds) < ROUNDS:
        return None
    low, high = _ends([math.log(statistics.median(samples)) for samples in rounds], _INTERVAL)
    return math.exp(low), math.exp(high)


def faster(a: Sequence[Sequence[float]], b: Sequence[Sequence[float]]) -> bool | None:
    """Whether ``a`` is faster than ``b``: True, False, or None where no winner may be named.

    Both have each round's samples in seconds, in the same rounds.
    """
    if len(a) != len(b) or len(a) < ROUNDS:
        return None
    ratios = [
        math.log(statistics.median(one) / statistics.median(other)) for one, other in zip(a, b, strict=True)
    ]
    low, high = _ends(ratios, _WINNER)
    if low <= 0 <= high:
        return None
    return high < 0


def _ends(values: Sequence[float], quantiles: dict[int, float]) -> tuple[float, float]:
    """The ends of Student's interval of the mean."""
    n = len(values)
    reach = quantiles[min(n, max(quantiles))] * statistics.stdev(values) / math.sqrt(n)
    middle = statistics.fmean(values)
    return middle - reach, middle + reach
