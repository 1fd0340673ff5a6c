"""The plots of chapter ``performance``, drawn for real."""

from __future__ import annotations

import runpy
from datetime import date

import numpy as np
import pytest

from support import ROOT
from support.claims import with_ledger
from support.records import everything, measurement, record, store
from triptych.benchmark import records as results
from triptych.benchmark.programs.variants import CACHED
from triptych.course import Course
from triptych.frameworks import FRAMEWORKS

pytest.importorskip("matplotlib", reason="no matplotlib: figures are not drawn")
FIGURES = sorted((ROOT / "book/performance").glob("*.py"))
#: Those of recorded machines; the others show what the notebooks have stored.
OF_RECORDS = [path.stem for path in FIGURES if "triptych.benchmark" in path.read_text()]
OURS = Course(ROOT)


def drawn(name: str, course: Course):
    """The figure of a file, drawn for real, and all its texts."""
    figure = runpy.run_path(str(ROOT / "book/performance" / f"{name}.py"))["draw"](course)
    figure.draw_without_rendering()
    from matplotlib.text import Text

    return figure, [text.get_text() for text in figure.findobj(Text) if text.get_text()]


@pytest.mark.parametrize("name", OF_RECORDS)
def test_a_figure_without_records_says_how_to_get_one(course, name):
    figure, texts = drawn(name, with_ledger(course))
    assert any("no machine is recorded yet: `make bench` adds yours" in text for text in texts)
    assert figure.axes


def test_the_training_figure_shows_every_machine_beside_the_articles_and_marks_old_ones(course):
    with_ledger(course)
    store(course.root, record("new", everything(date.today().isoformat())))
    store(course.root, record("old", everything("2020-01-01"), processor="Ancient", cores=1))
    figure, texts = drawn("training", course)
    assert "AMD EPYC, 2 cores, batch 8" in texts
    assert "Ancient, 1 core, batch 8 (old: 2020-01-01)" in texts
    assert "V100, as the articles say: no batch, no precision, no method" in texts
    dots = [line for line in figure.axes[0].get_lines() if line.get_marker() in "osD"]
    ours = [8 / 2.25, 8 / 4.5, 8 / 9.0]
    assert [float(line.get_xdata()[0]) for line in dots] == [*ours, *ours, 1180, 1250, 1320]
    assert [line.get_markerfacecolor() == "white" for line in dots] == [False] * 6 + [True] * 3
    assert "1,320" in texts
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()].count("PyTorch, eager") == 2


def test_the_inference_figure_shows_median_and_99th_percentile(course):
    store(with_ledger(course).root, record("lab", everything()))
    figure, texts = drawn("inference", course)
    assert {"PyTorch, graph, 1 thread", "PyTorch, graph, 2 threads"} <= set(texts)
    lines = figure.axes[0].get_lines()
    assert [float(x) for x in lines[0].get_xdata()] == pytest.approx([20.0, 2000.0])
    assert {"TensorFlow, called TensorFlow Lite", "JAX, variant not said", "20, 99 %: 2,000"} <= set(texts)


def test_the_memory_figure_begins_at_zero_and_shows_gigabytes(course):
    store(with_ledger(course).root, record("lab", everything()))
    figure, texts = drawn("memory", course)
    assert figure.axes[0].get_xlim()[0] == 0
    assert {"2.0", "4.0", "8.0", "9.7", "10.8", "11.2"} <= set(texts)


def test_the_break_even_figure_has_its_crossing_where_both_totals_are_equal(course):
    store(course.root, record("lab", everything()))
    module = runpy.run_path(str(ROOT / "book/performance/break_even.py"))
    found = results.read(course)[0].entries[0].named("mlp step")
    eager, compiled = found[0], found[1]
    even = module["crossing"](eager, compiled)
    # 0.01 + (n - 1) 0.004 = 3.01 + (n - 1) 0.001
    assert even == pytest.approx(1001)
    assert module["total"](eager, even) == pytest.approx(module["total"](compiled, even))
    assert module["crossing"](compiled, eager) is None
    figure, texts = drawn("break_even", course)
    assert texts.count("1,001") == 3
    assert [axes.get_title() for axes in figure.axes] == [
        framework.title for framework in FRAMEWORKS.values()
    ]
    assert any(text.startswith("AMD EPYC, 2 cores; 2026-11-21") for text in texts)


def test_the_roofline_has_the_machines_own_slopes_where_the_record_has_them(course):
    entry = everything()
    moved = {"bandwidth": 24e9, CACHED: 48e9}
    entry["machine"] = {
        "versions": {},
        "rounds": [
            {
                **{
                    key: entry["frameworks"]["jax"]["rounds"][0][key] for key in ("round", "date", "complete")
                },
                "seconds": 1.0,
                "load": entry["load"],
                "measurements": [
                    measurement(name, "copy", [1.0], items=rate, item="byte") for name, rate in moved.items()
                ],
            }
        ],
    }
    for name in FRAMEWORKS:
        chain = measurement("elementwise chain", "eager", [0.01], items=4e6, item="number")
        entry["frameworks"][name]["rounds"][0]["measurements"].append(chain)
    store(course.root, record("lab", entry))
    figure, _ = drawn("roofline", course)
    roof, cached, *_ = figure.axes[0].get_lines()
    assert roof.get_label() == "roof: NumPy's copy, PyTorch's product"
    assert roof.get_ydata()[0] == pytest.approx(0.03 * 24)
    assert cached.get_ydata()[0] == pytest.approx(0.03 * 48)


def test_the_memory_figure_of_own_processes_draws_a_line_from_the_start(course):
    entry = everything()
    for framework in entry["frameworks"].values():
        for part in framework["rounds"]:
            for told in part["measurements"]:
                told["start_bytes"] = 250_000_000
    store(with_ledger(course).root, record("lab", entry))
    figure, _ = drawn("memory", course)
    assert "peak of the variant's own process" in figure.axes[0].get_xlabel()
    assert float(figure.axes[0].get_lines()[0].get_xdata()[0]) == 0.25


def test_the_samples_figure_has_a_dot_for_each_call_and_names_three_numbers():
    module = runpy.run_path(str(ROOT / "book/performance/samples.py"))
    figure, texts = drawn("samples", OURS)
    calls, first = figure.axes[0].get_lines()[:2]
    program = next(
        result
        for result in results.newest(results.read(OURS), module["NAME"])[1].named(module["NAME"])
        if (result.framework, result.variant) == (module["FRAMEWORK"], module["VARIANT"])
    )
    assert len(calls.get_xdata()) == len(program.samples)
    assert first.get_ydata()[0] == pytest.approx(1e3 * program.first)
    assert sum(text.startswith(("mean of", "median of", "fastest")) for text in texts) == 3


def test_the_roofline_has_the_chain_twice_and_the_product_for_each_framework():
    figure, texts = drawn("roofline", OURS)
    roof, *points = figure.axes[0].get_lines()
    assert [line.get_label() for line in points] == [panel.title for panel in FRAMEWORKS.values()]
    assert [[float(x) for x in line.get_xdata()] for line in points] == [[0.125, 2.5, 1024 / 6]] * 3
    # no product is faster than the roof, which is the fastest of them
    assert max(float(line.get_ydata()[-1]) for line in points) == pytest.approx(max(roof.get_ydata()))
    assert {"eager chain", "fused chain", "matrix product"} <= set(texts)


def test_the_dispatch_figure_has_three_products_for_each_framework_and_says_who_waits():
    figure, texts = drawn("dispatch", OURS)
    told = [text for text in texts if "return" in text]
    assert told == ["each call returns with its product"] * 2 + ["three calls return early, then it waits"]
    # three calls and three products each, and the wait of the one that returned early
    assert len(figure.axes[0].patches) == 6 * len(FRAMEWORKS) + 1
    assert max(bar.get_x() + bar.get_width() for bar in figure.axes[0].patches) == pytest.approx(100)


def test_the_coverage_figure_agrees_with_counting_and_with_drawing_samples():
    module = runpy.run_path(str(ROOT / "book/performance/coverage.py"))
    assert module["interval"](3) == (1, 3)
    assert module["misses"](3, 1, 3) == 2 / 2**3  # all three on one side of the median
    assert module["winner"](3, 1, 3) == pytest.approx(2 / 20)  # of 20 orders of six samples, two are apart
    low, high = module["interval"](21)
    rng = np.random.default_rng(0)
    a, b = np.sort(rng.random((2, 20_000, 21)))[:, :, [low - 1, high - 1]]
    apart = np.mean((a[:, 1] < b[:, 0]) | (b[:, 1] < a[:, 0]))
    missed = np.mean((a[:, 0] > 0.5) | (a[:, 1] < 0.5))
    assert module["winner"](21, low, high) == pytest.approx(apart, abs=0.003)
    assert module["misses"](21, low, high) == pytest.approx(missed, abs=0.006)
    _, texts = drawn("coverage", OURS)
    assert {"25 %", "10 %"} <= set(texts)


def test_the_parts_of_memory_add_up_to_what_stands_beside_the_bar():
    _, texts = drawn("parts", OURS)
    # 102 MB of weights, as many of gradients, and what PyTorch counted for backward
    assert {"218 MB", "weights", "activations"} <= set(texts)
