"""How often a 95 % interval of the median misses, and how often two equal programs get a winner: computed."""

from math import comb

from matplotlib.figure import Figure

from triptych.course import Course
from triptych.site.plots import GREY

#: Numbers of samples; odd, so that the median is one of them.
SAMPLES = range(3, 102, 2)
#: Below so many samples the panels' `faster` names no winner.
ENOUGH = 6
LEVEL = 0.05
COLOURS = ("#3b6ea5", "#e0a03b")


def draw(course: Course) -> Figure:
    """Both probabilities against the number of samples, and the level that was asked for."""
    figure = Figure(figsize=(5.2, 3.4), layout="constrained")
    axes = figure.subplots()
    ends = [interval(n) for n in SAMPLES]
    series = {
        "the interval misses the true median": [misses(n, *e) for n, e in zip(SAMPLES, ends, strict=True)],
        "of two equal programs one is named faster": [
            winner(n, *e) for n, e in zip(SAMPLES, ends, strict=True)
        ],
    }
    for (label, values), colour, marker in zip(series.items(), COLOURS, "os", strict=True):
        axes.plot(SAMPLES, [100 * v for v in values], marker, color=colour, markersize=4, label=label)
        axes.annotate(f"{100 * values[0]:.0f} %", (SAMPLES[0], 100 * values[0]), (7, -3),
                      textcoords="offset points", fontsize=9)  # fmt: skip
    axes.axhline(100 * LEVEL, color=GREY, linewidth=0.8, zorder=0)
    axes.text(SAMPLES[-1] * 1.12, 100 * LEVEL, "5 %: what\n95 % promises", va="center", fontsize=9)
    axes.axvline(ENOUGH, color=GREY, linewidth=0.8, linestyle=":", zorder=0)
    axes.set_yscale("log")
    axes.set_ylim(0.1, 60)
    axes.yaxis.set_major_formatter(lambda y, _: f"{y:g} %")
    axes.set_xscale("log")
    axes.set_xlim(2.6, SAMPLES[-1] * 1.08)
    axes.set_xticks([3, 6, 10, 30, 100], ["3", "6", "10", "30", "100"])
    axes.set_xticks([], minor=True)
    axes.set_xlabel("independent samples of each program (logarithmic)")
    axes.set_ylabel("probability (logarithmic)")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(fontsize=9, frameon=False, loc="lower center", bbox_to_anchor=(0.45, 1.0))
    return figure


def interval(n: int) -> tuple[int, int]:
    """The ranks, from 1, of the samples at the ends of the percentile bootstrap's interval.

    A resample's median is at most the k-th sample if more than half of its n draws are among the k smallest.
    """

    def at_most(k: int) -> float:
        return sum(comb(n, j) * (k / n) ** j * (1 - k / n) ** (n - j) for j in range((n + 1) // 2, n + 1))

    low = next(k for k in range(1, n + 1) if at_most(k) >= LEVEL / 2)
    high = next(k for k in range(1, n + 1) if at_most(k) >= 1 - LEVEL / 2)
    return low, high


def misses(n: int, low: int, high: int) -> float:
    """The probability that the true median, with half of all samples below it, is outside of the interval."""
    return 1 - sum(comb(n, below) for below in range(low, high)) / 2**n


def winner(n: int, low: int, high: int) -> float:
    """The probability that the intervals of n samples each, all from one distribution, do not overlap.

    One of them ends below the other where fewer than `low` of the other's samples come before its own
    sample of rank `high`; every order of the 2 n samples is as likely as any other.
    """
    ways = sum(comb(high - 1 + other, other) * comb(2 * n - high - other, n - other) for other in range(low))
    return 2 * ways / comb(2 * n, n)
