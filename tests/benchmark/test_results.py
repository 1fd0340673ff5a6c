"""Records, and the table and the figures that show them."""

from __future__ import annotations

import copy
import runpy
from datetime import date

import numpy as np
import pytest

from support import ROOT
from support.claims import with_ledger
from support.records import entry, everything, measurement, record, store
from support.small_site import CONF, Site, site  # noqa: F401  (a fixture)
from triptych.benchmark import records as results
from triptych.benchmark.flops import training_flop
from triptych.course import Course
from triptych.errors import TriptychError
from triptych.frameworks import FRAMEWORKS

OURS = Course(ROOT)
TODAY = date(2026, 12, 1)


def small(day="2026-11-21", machine="lab", **options):
    """A record of one measurement in two rounds."""
    rounds = [
        [measurement("mlp step", "eager", samples, first)]
        for samples, first in (([1.0, 3.0], 9.0), ([5.0], 7.0))
    ]
    return record(machine, entry({"jax": rounds}, day, **options))  # fmt: skip


def test_our_own_records_can_be_read():
    for found in results.read(OURS):
        assert found.entries
        assert all(one.scale == "full" for one in found.entries)


def test_rounds_are_taken_together(course):
    store(course.root, small())
    (found,) = results.read(course)
    (result,) = found.entries[0].named("mlp step")
    assert (found.machine, found.date) == ("lab", date(2026, 11, 21))
    assert (result.samples, result.median) == ((1.0, 3.0, 5.0), 3.0)
    assert (result.firsts, result.first, result.rounds) == ((9.0, 7.0), 8.0, 2)
    assert result.rate is None


def test_a_result_knows_its_rate_its_quartiles_and_its_largest_peak(course):
    store(course.root, record("lab", everything()))
    result = results.read(course)[0].entries[0].named("resnet50 training")[0]
    assert result.framework == "pytorch"
    assert result.samples == (2.0, 2.5, 2.0, 2.5)
    assert result.rate == 8 / 2.25
    assert result.rates == (8 / 2.5, 8 / 2.0)
    assert result.peak_bytes == 2_000_000_001


def test_the_same_variant_with_other_threads_is_another_result(course):
    store(course.root, record("lab", everything()))
    found = results.read(course)[0].entries[0].named("mobilenet_v2 inference")
    assert [(one.framework, one.threads) for one in found] == [(f, n) for f in FRAMEWORKS for n in (1, 2)]
    assert found[0].at(99) == pytest.approx(2.0)


def test_the_share_of_samples_that_a_time_covers_is_numpys_percentile():
    samples = tuple(np.random.default_rng(0).random(37))
    result = results.Measurement("jax", "n", "v", 1, (1.0,), samples, {})
    for percent in (25, 50, 99):
        assert result.at(percent) == pytest.approx(np.percentile(samples, percent))
    assert results.Measurement("jax", "n", "v", 1, (1.0,), (2.0,), {}).at(99) == 2.0


def test_an_entry_is_old_after_180_days():
    found = [results._entry(everything(day)) for day in ("2026-06-04", "2026-06-03")]
    assert [results.old(one, TODAY) for one in found] == [False, True]
    assert results.remarks(found[1], TODAY) == ["old: 2026-06-03"]
    busy = results._entry(everything("2026-11-30", busy=True, complete=False))
    assert results.remarks(busy, TODAY) == ["machine was busy", "incomplete"]


def test_the_newest_is_found_over_machines(course):
    store(course.root, record("a", everything("2026-01-01"), everything("2026-03-01", precision="bfloat16")))
    store(course.root, small("2026-02-01", "b"))
    records = results.read(course)
    newest = results.newest(records, "mlp step")
    assert (newest[0].machine, newest[1].date) == ("a", date(2026, 3, 1))
    assert results.newest(records, "nothing") is None
    assert records[0].label(newest[1]) == "AMD EPYC, 2 cores, bfloat16"


def test_a_label_of_a_gpu_entry_names_the_gpu(course):
    store(course.root, record("gpu", everything(device="gpu", precision="tf32"), gpu="NVIDIA H200"))
    (found,) = results.read(course)
    assert found.label(found.entries[0]) == "NVIDIA H200, tf32"


def test_other_files_of_the_folder_are_no_records(course):
    store(course.root, small())
    (course.root / "results/versions.json").write_text('{"cores": 2}')
    assert [one.machine for one in results.read(course)] == ["lab"]


def measured(data, turn):
    """The measurement of a round of ``small()``."""
    return data["entries"][0]["frameworks"]["jax"]["rounds"][turn]["measurements"][0]


def settings(data):
    return data["entries"][0]["settings"]


WRONG = [
    (lambda d: d.update(schema=2), ": schema: version 2, but this course reads version 1; update the course"),
    (lambda d: d.pop("schema"), ": 'schema' is a required property; restore the file"),
    (lambda d: d.update(machine="other"), ": records machine 'other'; rename the file other.json"),
    (lambda d: d["hardware"].update(cores=0), ": hardware cores: 0 is less than the minimum of 1"),
    (lambda d: d["hardware"].update(host="me"), ": hardware: Additional properties are not allowed"),
    (lambda d: settings(d).update(device="tpu"), ": entries 1 settings device: 'tpu' is not one of"),
    (lambda d: settings(d).update(scale="quick"), ": a trial at scale 'quick'; only scale 'full'"),
    (lambda d: d["entries"][0].update(frameworks={"mxnet": {}}), ": entries 1 frameworks: 'mxnet' is not"),
    (
        lambda d: measured(d, 1).update(samples_s=[1.0, -1.0]),
        ": entries 1 frameworks jax rounds 2 measurements 1 samples_s 2: -1.0 is less than or equal to",
    ),
    (
        lambda d: measured(d, 1).update(samples_s=[]),
        ": entries 1 frameworks jax rounds 2 measurements 1 samples_s: [] should be non-empty",
    ),
    (
        lambda d: measured(d, 0).update(first_s=float("nan")),
        ": entries 1 frameworks jax rounds 1 measurements 1 first_s: nan is not finite; restore the file",
    ),
    (
        lambda d: measured(d, 0).update(shape=[1, 2]),
        ": entries 1 frameworks jax rounds 1 measurements 1 shape: [1, 2] is not of type",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("spoil", "told"), WRONG, ids=[told[:60] for _, told in WRONG])
def test_a_wrong_record_is_told_in_one_line_that_names_file_and_place(course, spoil, told):
    data = copy.deepcopy(small())
    store(course.root, small("2026-11-21", "fine"))
    spoil(data)
    path = store(course.root, data)
    path.rename(path.with_name("lab.json"))
    with pytest.raises(TriptychError) as error:
        results.read(course)
    assert f"results/lab.json{told}" in str(error.value)
    assert "\n" not in str(error.value)


def test_a_file_that_was_cut_off_is_told(course):
    store(course.root, small()).write_text('{"schema": 1, ')
    with pytest.raises(TriptychError, match=r"results/lab.json: not JSON"):
        results.read(course)


# --- the figures -----------------------------------------------------------------

pytest.importorskip("matplotlib", reason="no matplotlib: figures are not drawn")
FIGURES = sorted((ROOT / "book/performance").glob("*.py"))


def drawn(name: str, course: Course):
    """The figure of a file, drawn for real, and all its texts."""
    figure = runpy.run_path(str(ROOT / "book/performance" / f"{name}.py"))["draw"](course)
    figure.draw_without_rendering()
    from matplotlib.text import Text

    return figure, [text.get_text() for text in figure.findobj(Text) if text.get_text()]


@pytest.mark.parametrize("name", [path.stem for path in FIGURES])
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


# --- the table -------------------------------------------------------------------

PAGE = """\
# Tiny

```{results} resnet50 training
```
"""


@pytest.fixture
def tables(site: Site) -> Site:
    # The articles' claims are ours, and cite chapters that are not there.
    (site.root / "conf.py").write_text(CONF + 'suppress_warnings = ["triptych.claims"]\n')
    with_ledger(Course(site.root))
    site.page(PAGE)
    return site


def cells(tables: Site) -> list[list[str]]:
    table = tables.html().select_one("table.results")
    return [[cell.get_text(" ", strip=True) for cell in line.select("td, th")] for line in table.select("tr")]


def test_the_table_has_a_row_for_each_result_and_the_articles_below(tables):
    store(tables.root, record("lab", everything(date.today().isoformat(), busy=True)))
    assert tables.build() == ""
    head, *rows = cells(tables)
    assert head == [
        "Machine",
        "Framework",
        "Variant",
        "Images/s",
        "Step",
        "First step",
        "Peak memory",
        "Of matmul peak",
    ]
    assert rows[0] == [
        f"AMD EPYC, 2 cores {date.today()}, batch 8, 2 threads, machine was busy", "PyTorch", "eager",
        "3.56 (3.2–4)", "2.25 s", "4 s", "2.0 GB", "80%",
    ]  # fmt: skip
    assert rows[1][:3] == ["TensorFlow", "eager", "1.78 (1.6–2)"]
    assert rows[3] == ["V100 (the articles)", "PyTorch", "not said", "1,180", "", "", "10.8 GB", ""]
    assert len(rows) == 6
    note = tables.html().select_one(".results-note").get_text()
    assert "counts 24.3 GFLOP an image" in note
    assert "AMD EPYC, 2 cores 107 GFLOP/s" in note


def test_the_fraction_is_of_the_work_that_the_shapes_say():
    # The forward pass has 4.089e9 multiply-adds (a count by hand of v1.5); a step has three such
    # passes but for the image's own gradient, which nobody needs.
    stem = 7 * 7 * 3 * 64 * 112 * 112
    assert training_flop(224) == pytest.approx(2 * (3 * 4.0892e9 - stem), rel=1e-3)
    assert training_flop(64) < training_flop(224) / 12


def test_threads_stand_with_the_variants_where_they_differ(tables):
    data = record("lab", everything())
    for part in data["entries"][0]["frameworks"]["jax"]["rounds"]:
        for told in part["measurements"]:
            if told["name"] == "resnet50 training":
                told["threads"] = 1
    store(tables.root, data)
    assert tables.build() == ""
    _, first, second, third, *_ = cells(tables)
    assert first[0].endswith("2026-11-21, batch 8")
    assert [line[-6] for line in (first, second, third)] == [
        "eager, 2 threads",
        "eager, 2 threads",
        "eager, 1 thread",
    ]


def test_other_names_have_the_general_columns_and_inference_its_own(tables):
    store(tables.root, record("lab", everything()))
    tables.page(PAGE.replace("resnet50 training", "matmul peak"))
    assert tables.build() == ""
    head, first, *_ = cells(tables)
    assert head[3:] == ["Median", "A second", "First call"]
    assert first[3:] == ["20 ms (20–20 ms)", "107 GFLOP", "1 s"]
    tables.page(PAGE.replace("resnet50 training", "mobilenet_v2 inference"))
    assert tables.build() == ""
    head, first, *_, last = cells(tables)
    assert head[3:] == ["Threads", "Median", "99 % within", "First call"]
    assert first[3:6] == ["1", "20 ms (20–20 ms)", "2 s"]
    assert last == ["Snapdragon 865 (the articles)", "JAX", "not said", "", "10.9 ms", "", ""]


def test_a_page_is_read_again_when_a_record_comes_changes_or_goes_and_only_then(tables):
    assert tables.build() == ""
    assert len(cells(tables)) == 4
    assert tables.build() == ""
    assert tables.read == []
    path = store(tables.root, record("lab", everything()))
    tables.build()
    assert tables.read == ["book/tiny"]
    assert len(cells(tables)) == 7
    path.unlink()
    tables.build()
    assert tables.read == ["book/tiny"]


def test_without_any_record_a_table_without_figures_of_the_articles_is_a_sentence(tables):
    tables.page(PAGE.replace("resnet50 training", "mlp step"))
    assert tables.build() == ""
    assert "No machine is recorded yet: make bench adds yours." in tables.html().get_text()


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "resnet50 training",
            "resnet training",
            "results 'resnet training': no such measurement; there are: matmul",
        ),
        ("training\n", "training\n:machine: mine\n", ":machine: mine: no such record; there are: lab"),
    ],
    ids=["name", "machine"],
)
def test_what_is_not_recorded_is_a_warning_at_its_line(tables, old, new, told):
    store(tables.root, record("lab", everything()))
    tables.page(PAGE.replace(old, new, 1))
    warnings = tables.build()
    assert told in warnings
    assert "book/tiny.md:3: WARNING" in warnings


def test_a_wrong_record_is_a_warning_at_the_tables_line(tables):
    store(tables.root, {**record("lab", everything()), "schema": 7})
    warnings = tables.build()
    assert "book/tiny.md:3: WARNING: results/lab.json: schema: version 7" in warnings
