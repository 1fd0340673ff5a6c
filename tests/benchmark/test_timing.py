"""The timing helper that the notebooks of chapter ``performance`` show, taken out of their cells."""

from __future__ import annotations

import ast

import numpy as np
import pytest

from support import ROOT
from triptych.course import Course
from triptych.frameworks import FRAMEWORKS
from triptych.notebooks import model as notebook

OURS = Course(ROOT)

#: How long each call takes and the wait after it, and how many calls go before the samples.
CALLS = {
    "steady": ([5.0] + [1.0] * 40, 0.0, 3),
    "asynchronous": ([3.0] + [0.01] * 40, 2.0, 3),
    "slow to warm up": ([9.0, 8.0, 6.0, 4.0, 2.0, 1.5, 1.45] + [1.0, 1.2] * 20, 0.0, 7),
    "never steady": ([1.0, 2.0] * 30, 0.0, 10),
    "differs by a tenth, which is not less": ([5.0, 10.0, 11.0] + [11.0] * 40, 0.0, 4),
}
#: Samples to be compared, and whether the first are faster.
LOW, HIGH = [1.0, 1.1, 0.9, 1.05, 0.95] * 4, [2.0, 2.2, 1.8, 2.1, 1.9] * 4
NEAR = [1.02, 1.12, 0.9, 1.0, 0.99] * 4
ONE_OUTLIER = [1.0] * 19 + [50.0]
PAIRS = {
    "low, high": (LOW, HIGH, True),
    "high, low": (HIGH, LOW, False),
    "the same": (LOW, LOW, None),
    "intervals overlap": (LOW, NEAR, None),
    "overlap, the other way round": (NEAR, LOW, None),
    "one outlier": (ONE_OUTLIER, HIGH, True),
}


class Clock:
    """Stands for the module ``time`` and for the work that takes it."""

    def __init__(self, calls: list[float], wait: float) -> None:
        self.calls, self.seconds, self.now, self.made, self.waited = calls, wait, 100.0, 0, []

    def perf_counter(self) -> float:
        return self.now

    def call(self) -> str:
        self.now += self.calls[self.made]
        self.made += 1
        return f"out {self.made}"

    def wait(self, out: str) -> None:
        self.now += self.seconds
        self.waited.append(out)


def shown(framework: str) -> dict[str, str]:
    """The text of a notebook's own helpers, by their names."""
    read = notebook.read(OURS.siblings("performance")[framework], OURS)
    sources = [cell.source for _, cell in read.cells if cell.kind == "code"]
    helpers = {}
    for wanted in ("measure", "interval", "faster"):
        (source,) = (source for source in sources if f"def {wanted}(" in source)
        (node,) = (n for n in ast.parse(source).body if isinstance(n, ast.FunctionDef) and n.name == wanted)
        helpers[wanted] = ast.get_source_segment(source, node)
    return helpers


@pytest.fixture
def helpers() -> dict[str, object]:
    """The first notebook's helpers, as functions; a test holds the siblings' equal."""
    from scipy.stats import bootstrap

    names: dict[str, object] = {"np": np, "bootstrap": bootstrap}
    for source in shown("pytorch").values():
        exec(source, names)
    return names


def test_the_siblings_show_the_same_helper_word_for_word():
    first, *others = (shown(framework) for framework in FRAMEWORKS)
    assert others == [first, first]


@pytest.mark.parametrize("repeats", [1, 10])
@pytest.mark.parametrize(("calls", "wait", "before"), CALLS.values(), ids=CALLS)
def test_the_first_call_stands_apart_then_come_a_warm_up_and_every_sample(
    helpers, calls, wait, before, repeats
):
    helpers["time"] = clock = Clock(calls, wait)
    first, samples = helpers["measure"](clock.call, clock.wait, repeats)
    assert first == pytest.approx(calls[0] + wait)
    assert samples == pytest.approx([call + wait for call in calls[before : before + repeats]])
    assert clock.waited == [f"out {i}" for i in range(1, before + repeats + 1)]


@pytest.mark.parametrize(("a", "b", "faster"), PAIRS.values(), ids=PAIRS)
def test_a_winner_is_named_only_where_the_intervals_do_not_overlap(helpers, a, b, faster):
    assert helpers["faster"](a, b) is faster


def test_the_interval_is_that_of_the_median_and_the_same_every_time(helpers):
    samples = np.random.default_rng(0).lognormal(size=100).tolist()
    low, high = helpers["interval"](samples)
    assert low < np.median(samples) < high
    assert (low, high) == helpers["interval"](samples)
    # About median +- 1.96 * 1.2533 sigma / sqrt(n), in logarithms: an independent estimate.
    assert np.log(high / low) == pytest.approx(2 * 1.96 * 1.2533 / 10, rel=0.4)
