"""Records: what is read of them, and what is refused."""

from __future__ import annotations

import copy
from datetime import date

import numpy as np
import pytest

from support import ROOT
from support.records import entry, everything, measurement, record, store
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
    (lambda d: d.update(schema=3), ": schema: version 3, but this course reads versions 1 to 2; update the"),
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


@pytest.mark.parametrize(("spoil", "problem"), WRONG, ids=[problem[:60] for _, problem in WRONG])
def test_a_wrong_record_is_reported_in_one_line_that_names_file_and_place(course, spoil, problem):
    data = copy.deepcopy(small())
    store(course.root, small("2026-11-21", "fine"))
    spoil(data)
    path = store(course.root, data)
    path.rename(path.with_name("lab.json"))
    with pytest.raises(TriptychError) as error:
        results.read(course)
    assert f"results/lab.json{problem}" in str(error.value)
    assert "\n" not in str(error.value)


def test_a_file_that_was_cut_off_is_reported(course):
    store(course.root, small()).write_text('{"schema": 1, ')
    with pytest.raises(TriptychError, match=r"results/lab.json: not JSON"):
        results.read(course)


def test_the_fraction_is_of_the_work_that_the_shapes_say():
    # The forward pass has 4.089e9 multiply-adds (a count by hand of v1.5); a step has three such
    # passes but for the image's own gradient, which nobody needs.
    stem = 7 * 7 * 3 * 64 * 112 * 112
    assert training_flop(224) == pytest.approx(2 * (3 * 4.0892e9 - stem), rel=1e-3)
    assert training_flop(64) < training_flop(224) / 12
