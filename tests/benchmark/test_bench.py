"""`triptych bench` on made-up notebooks: what is measured, kept and recorded."""

from __future__ import annotations

import getpass
import json
import re
import socket
from pathlib import Path

import pytest

from support.benchmark import CODE, bench, order, stored, write_notebooks  # noqa: F401  (a fixture)
from support.records import everything, record, store
from triptych.benchmark import hardware, parts, records, run
from triptych.benchmark.write import as_text
from triptych.frameworks import FRAMEWORKS


def test_rounds_are_interleaved_and_every_sample_is_recorded(bench, course):
    result = bench()
    assert result.exit_code == 0, result.output
    assert order(course) == [*FRAMEWORKS, *FRAMEWORKS]
    (machine,) = records.read(course)
    (one,) = machine.entries
    assert (one.scale, one.device, one.precision, one.rounds) == ("full", "cpu", "float32", 2)
    assert (one.complete, one.busy) == (True, False)
    assert [(r.framework, r.name, r.samples) for r in one.results] == [
        (framework, *measured)
        for framework in FRAMEWORKS
        for measured in (("bandwidth", (0.5, 0.7) * 2), ("mlp step", (0.25,) * 2))
    ]
    assert one.versions["jax"]["python"] == "3"
    assert "jaxlib" in one.versions["jax"]
    assert "results/amd-epyc-2-cores.json: 6 of 6 parts, 12 measurements" in result.output


def test_progress_names_the_part_what_was_measured_and_how_long_the_rest_takes(bench):
    lines = bench().output.splitlines()
    assert lines[0] == "amd-epyc-2-cores: scale full, cpu, float32; 2 rounds of 3 notebooks"
    assert lines[1] == "[1/6] round 1, PyTorch"
    assert "      mlp step, eager: 250 ms, 512 rows/s" in lines
    assert re.fullmatch(r"\[2/6\] round 1, TensorFlow \(about \d+ s left\)", lines[5])


def test_a_record_names_no_host_no_user_and_no_path(bench, course):
    bench()
    text = json.dumps(stored(course))
    assert socket.gethostname() not in text
    assert str(Path.home()) not in text
    assert str(course.root) not in text
    assert f'"{getpass.getuser()}"' not in text


def test_finished_parts_are_kept_and_only_the_rest_is_measured(bench, course):
    bench("--rounds", "1")
    order(course)
    result = bench()
    assert order(course) == list(FRAMEWORKS)
    assert "3 of 6 parts are measured already (--fresh measures them again)." in result.output
    result = bench()
    assert result.exit_code == 0
    assert order(course) == []
    assert "Nothing is left to measure." in result.output
    bench("--fresh", "--rounds", "1")
    assert order(course) == list(FRAMEWORKS)


def test_other_code_other_versions_and_old_parts_are_measured_again(bench, course, monkeypatch):
    bench("--rounds", "1")
    order(course)
    write_notebooks(course, jax=CODE.replace("0.25", "0.125"))
    bench("--rounds", "1")
    assert order(course) == ["jax"]
    monkeypatch.setattr(parts, "installed", lambda package: "9.9" if package == "torch" else "1.0")
    bench("--rounds", "1")
    assert order(course) == list(FRAMEWORKS)
    file = next((course.root / parts.WORK).rglob("round-1-tensorflow.json"))
    part = json.loads(file.read_text())
    file.write_text(json.dumps({**part, "date": "2020-01-01"}))
    bench("--rounds", "1")
    assert order(course) == ["tensorflow"]


def test_a_notebook_that_fails_is_named_and_the_others_are_measured(bench, course):
    write_notebooks(course, tensorflow=CODE + "1 / 0\n")
    result = bench("--rounds", "1")
    assert result.exit_code == 1
    assert order(course) == list(FRAMEWORKS)
    assert "failed: ZeroDivisionError: division by zero (more in _build/bench/performance/" in result.output
    assert "2 of 3 parts, 6 measurements" in result.output
    (one,) = stored(course)["entries"]
    assert one["complete"] is False
    (part,) = one["frameworks"]["tensorflow"]["rounds"]
    assert (part["complete"], len(part["measurements"])) == (False, 2)
    write_notebooks(course)
    assert bench("--rounds", "1").exit_code == 0
    assert order(course) == ["tensorflow"]
    assert stored(course)["entries"][0]["complete"] is True


@pytest.mark.parametrize(
    ("code", "line"),
    [
        (CODE.replace("0.25,", "-0.25,"), "measurements 2 samples_s 1: -0.25 is less than or equal"),
        (CODE.replace("0.25,", "float('nan'),"), "measurements 2 samples_s 1: nan is not finite; check"),
        (CODE.replace('"scale": scale', '"scale": "quick"'), "the notebook ran with other settings"),
        ("pass\n", "jax.ipynb: ran, but wrote no record; check its function keep()"),
    ],
    ids=["negative", "nan", "other settings", "nothing"],
)  # fmt: skip
def test_a_notebook_that_writes_what_is_no_record_is_named_and_left_out(bench, course, code, line):
    write_notebooks(course, jax=code)
    result = bench("--rounds", "1")
    assert result.exit_code == 1
    assert line in result.output
    assert list(stored(course)["entries"][0]["frameworks"]) == ["pytorch", "tensorflow"]


def test_what_is_incomplete_does_not_replace_what_is_complete(bench, course):
    before = record("amd-epyc-2-cores", everything("2026-01-01"))
    store(course.root, before)
    write_notebooks(course, jax="1 / 0\n")
    result = bench("--rounds", "1")
    assert "keeps its complete measurement of 2026-01-01" in result.output
    assert stored(course) == before
    write_notebooks(course)
    bench("--rounds", "1")
    assert stored(course)["entries"][0]["date"] != "2026-01-01"


def test_one_framework_measured_again_leaves_the_others_in_the_record(bench, course):
    bench("--rounds", "1")
    result = bench("--rounds", "1", "--framework", "jax", "--fresh")
    assert result.exit_code == 0
    assert order(course) == [*FRAMEWORKS, "jax"]
    (one,) = stored(course)["entries"]
    assert list(one["frameworks"]) == list(FRAMEWORKS)
    assert one["complete"] is True


def test_a_trial_is_not_recorded(bench, course):
    result = bench("--scale", "quick", "--rounds", "1")
    assert result.exit_code == 0
    assert "only scale full is recorded in results/" in result.output
    assert not (course.root / "results").exists()
    (trial,) = (course.root / parts.WORK).rglob("trial.json")
    records.require(json.loads(trial.read_text()), "trial")


def test_a_busy_machine_is_reported_in_the_console_and_in_the_record(bench, course, monkeypatch):
    monkeypatch.setattr(run, "current_load", lambda: hardware.Load(68.0, (4.5, 6.4, 11.7)))
    result = bench("--rounds", "1")
    said = "The machine is busy with other work (68 % of its processors, load average 4.5)"
    assert said in result.output
    (one,) = stored(course)["entries"]
    assert one["busy"] is True
    assert one["load"] == {
        "cpu_percent": 68.0, "load_average": [4.5, 6.4, 11.7], "others_percent": 0.5, "busy": True,
    }  # fmt: skip


def test_the_load_average_counts_before_the_first_part_only(bench, course, monkeypatch):
    # Later it is our own notebooks' load of the last minute.
    monkeypatch.setattr(run, "current_load", lambda: hardware.Load(2.0, (2.5, 0.1, 0.1)))
    result = bench("--rounds", "1")
    assert result.output.count("The machine is busy") == 1
    measured = stored(course)["entries"][0]["frameworks"].values()
    assert [one["rounds"][0]["load"]["busy"] for one in measured] == [True, False, False]


def test_a_machine_that_becomes_busy_meanwhile_is_reported_too(bench, course, monkeypatch):
    monkeypatch.setattr(hardware.OtherPrograms, "percent", lambda self: 31.0)
    result = bench("--rounds", "1")
    assert re.search(r"2 measurements in \d+ s; other programs used 31 %", result.output)
    assert stored(course)["entries"][0]["busy"] is True


def test_a_record_is_json_with_the_samples_of_a_measurement_in_one_line():
    data = {"a": [1.5, 2.5], "b": [{"c": [], "d": "é"}], "e": {}, "f": None}
    assert json.loads(as_text(data)) == data
    assert as_text(data).splitlines()[1:3] == [' "a": [1.5, 2.5],', ' "b": [']
    with pytest.raises(ValueError, match="JSON"):
        as_text([float("nan")])
