"""The timing helper, and that the notebooks' visible one does the same."""

from __future__ import annotations

import ast
import subprocess
import sys

import nbformat
import numpy as np
import pytest

from support import ROOT
from triptych.benchmark import timing
from triptych.benchmark.timing import Timing, compare, measure, readable
from triptych.course import Course
from triptych.frameworks import FRAMEWORKS

OURS = Course(ROOT)

#: How long each call and the wait after it take: some settle at once, some late, some never.
CALLS = {
    "steady": ([5.0] + [1.0] * 40, 0.0),
    "asynchronous": ([3.0] + [0.01] * 40, 2.0),
    "slow to warm up": ([9.0, 8.0, 6.0, 4.0, 2.0, 1.5, 1.45] + [1.0, 1.2] * 20, 0.0),
    "never steady": ([1.0, 2.0] * 30, 0.0),
    "differs by a tenth, which is not less": ([5.0, 10.0, 11.0] + [11.0] * 40, 0.0),
}
#: Samples to be compared.
LOW, HIGH = [1.0, 1.1, 0.9, 1.05, 0.95] * 4, [2.0, 2.2, 1.8, 2.1, 1.9] * 4
NEAR = [1.02, 1.12, 0.9, 1.0, 0.99] * 4
ONE_OUTLIER = [1.0] * 19 + [50.0]
DRAWN = np.random.default_rng(0).lognormal(size=50).tolist()
PAIRS = [
    (LOW, HIGH),
    (HIGH, LOW),
    (LOW, LOW),
    (LOW, NEAR),
    (NEAR, LOW),
    (ONE_OUTLIER, HIGH),
    (LOW, ONE_OUTLIER),
    (DRAWN, HIGH),
    (DRAWN, ONE_OUTLIER),
]


class Clock:
    """Stands for the module ``time`` and for the work that takes it."""

    def __init__(self, calls: list[float], waits: float) -> None:
        self.calls, self.waits, self.now, self.made, self.waited = calls, waits, 100.0, 0, []

    def perf_counter(self) -> float:
        return self.now

    def call(self) -> str:
        self.now += self.calls[self.made]
        self.made += 1
        return f"out {self.made}"

    def wait(self, out: str) -> str:
        self.now += self.waits
        self.waited.append(out)
        return out


def shown(framework: str) -> dict[str, str]:
    """The text of a notebook's own helpers, by their names."""
    path = OURS.siblings("performance")[framework]
    cells = [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    found = {}
    for wanted in ("measure", "interval", "faster"):
        sources = [source for source in cells if f"def {wanted}(" in source]
        assert len(sources) == 1, f"{path.name}: {len(sources)} cells define {wanted}()"
        defined = [
            n for n in ast.parse(sources[0]).body if isinstance(n, ast.FunctionDef) and n.name == wanted
        ]
        found[wanted] = ast.get_source_segment(sources[0], defined[0])
    return found


@pytest.fixture(params=FRAMEWORKS)
def cells(request) -> dict[str, object]:
    """A notebook's own helpers, out of the text of its cells."""
    from scipy.stats import bootstrap

    names: dict[str, object] = {"np": np, "bootstrap": bootstrap}
    for source in shown(request.param).values():
        exec(source, names)
    return names


@pytest.mark.parametrize("repeats", [1, 10])
@pytest.mark.parametrize("calls", CALLS.values(), ids=CALLS)
def test_the_notebooks_measure_as_the_helper_does(cells, monkeypatch, calls, repeats):
    theirs, ours = Clock(*calls), Clock(*calls)
    cells["time"] = theirs
    first, samples = cells["measure"](theirs.call, theirs.wait, repeats)
    monkeypatch.setattr(timing, "time", ours)
    found = measure(ours.call, ours.wait, repeats)
    assert (found.first, list(found.samples)) == (first, samples)
    assert (ours.made, ours.waited) == (theirs.made, theirs.waited)
    assert len(samples) == repeats


@pytest.mark.parametrize("pair", PAIRS)
def test_the_notebooks_name_a_winner_where_the_helper_does(cells, pair):
    a, b = (Timing(1.0, tuple(samples)) for samples in pair)
    assert compare(a, b).faster is cells["faster"](*pair)
    assert cells["interval"](pair[0]) == a.interval


def test_the_siblings_show_the_same_helper_word_for_word():
    first, *others = (shown(framework) for framework in FRAMEWORKS)
    assert others == [first, first]


# --- the helper itself -----------------------------------------------------------


def test_the_first_call_stands_apart_and_every_sample_is_kept(monkeypatch):
    clock = Clock([7.0, 1.0, 1.0, 3.0, 1.0, 2.0], 0.5)
    monkeypatch.setattr(timing, "time", clock)
    found = measure(clock.call, clock.wait, repeats=3)
    assert found == Timing(7.5, (3.5, 1.5, 2.5))
    assert found.median == 2.5
    assert found.spread == 1.0  # quartiles 2 and 3
    assert clock.waited == [f"out {i}" for i in range(1, 7)]


def test_the_warm_up_goes_on_until_two_calls_agree_but_not_for_ever(monkeypatch):
    for calls, made in ((CALLS["slow to warm up"][0], 7), (CALLS["never steady"][0], 10)):
        clock = Clock(calls, 0.0)
        monkeypatch.setattr(timing, "time", clock)
        measure(clock.call, repeats=1)
        assert clock.made == made + 1


def test_runs_whose_intervals_overlap_have_no_winner_and_no_ratio():
    same = compare(Timing(1.0, tuple(LOW)), Timing(1.0, tuple(NEAR)))
    assert same.faster is None
    assert same.ratio is None
    assert str(same).startswith("No winner: the intervals overlap (")
    faster = compare(Timing(1.0, tuple(LOW)), Timing(1.0, tuple(HIGH)))
    assert faster.faster is True
    assert faster.ratio == 2.0
    assert str(faster) == "The first is 2.00 times faster."
    assert str(compare(faster.b, faster.a)) == "The second is 2.00 times faster."


def test_the_interval_is_that_of_the_median_and_the_same_every_time():
    samples = tuple(np.random.default_rng(0).lognormal(size=100))
    low, high = Timing(1.0, samples).interval
    assert low < np.median(samples) < high
    assert (low, high) == Timing(2.0, samples).interval
    # About median +- 1.96 * 1.2533 sigma / sqrt(n), in logarithms: an independent estimate.
    assert np.log(high / low) == pytest.approx(2 * 1.96 * 1.2533 / 10, rel=0.4)


def test_quantiles_are_numpys():
    samples = tuple(np.random.default_rng(0).random(37))
    for part in (0, 0.25, 0.5, 0.99, 1):
        assert timing.quantile(samples, part) == pytest.approx(np.quantile(samples, part))


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (lambda: measure(lambda: None, repeats=0), "0 repeats: there must be one or more"),
        (lambda: Timing(1.0, (1.0,)).interval, "1 samples: an interval needs two or more"),
        (lambda: Timing(1.0, ()).median, "no samples"),
    ],
)
def test_what_cannot_be_measured_is_said(fault, told):
    with pytest.raises(ValueError, match=told):
        fault()


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
def test_times_are_readable(seconds, text):
    assert readable(seconds) == text


def test_no_framework_is_imported():
    names = "{'torch', 'tensorflow', 'jax', 'numpy', 'scipy'}"
    code = f"import sys, triptych.benchmark.timing; assert not {names} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
