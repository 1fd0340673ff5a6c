"""`triptych bench` on made-up programs: what is measured, kept, refused and recorded."""

from __future__ import annotations

import getpass
import json
import re
import socket
from pathlib import Path

import pytest

from support.benchmark import bench, order, stored, write_notebooks  # noqa: F401  (a fixture)
from support.records import everything, record, store
from triptych.benchmark import hardware, parts, records, run
from triptych.benchmark.programs import variants
from triptych.benchmark.programs.variants import MACHINE
from triptych.benchmark.write import as_text
from triptych.course import Course
from triptych.frameworks import FRAMEWORKS

ALL = [MACHINE, *FRAMEWORKS]


def test_rounds_alternate_and_every_sample_is_recorded(bench, course):
    result = bench()
    assert result.exit_code == 0, result.output
    assert order(course) == [*ALL, *ALL[::-1], *ALL, *ALL[::-1], *ALL]
    (machine,) = records.read(course)
    (one,) = machine.entries
    assert (one.scale, one.device, one.precision, one.rounds) == ("full", "cpu", "float32", 5)
    assert (one.complete, one.busy) == (True, False)
    assert [(r.framework, r.name, r.by_round) for r in one.results] == [
        (framework, "mlp step", ((0.25,) * 10,) * 5) for framework in FRAMEWORKS
    ]
    assert [(r.name, r.variant, len(r.samples)) for r in one.machine] == [("bandwidth", "copy", 500)]
    assert "jaxlib" in one.versions["jax"]
    assert "results/amd-epyc-2-cores.json: 20 of 20 parts, 15 measurements" in result.output


def test_a_process_tells_its_phases_its_memory_and_its_threads(bench, course):
    bench("--rounds", "1")
    (found,) = records.read(course)[0].entries[0].named("mlp step")[:1]
    assert (found.facts["import_s"], found.first) == (0.5, 1.5)
    assert (found.peak_bytes, found.above_bytes, found.own_process) == (30, 20, True)
    assert (found.threads, found.facts["threads_read"], found.facts["few"]) == (2, 2, False)


def test_progress_names_the_part_what_was_measured_and_how_long_the_rest_takes(bench):
    lines = bench().output.splitlines()
    assert lines[0] == "amd-epyc-2-cores: scale full, cpu, float32; 5 rounds of 4 programs"
    assert lines[1] == "[1/20] round 1: the machine, bandwidth, copy"
    assert "      250 ms, 512 rows/s; first call 1.5 s" in lines
    assert re.fullmatch(r"\[2/20\] round 1: PyTorch, mlp step, eager \(about \d+ s left\)", lines[3])


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
    result = bench("--rounds", "2")
    assert order(course) == ALL[::-1]
    assert "4 of 8 parts are measured already (--fresh measures them again)." in result.output
    result = bench("--rounds", "2")
    assert result.exit_code == 0
    assert order(course) == []
    assert "Nothing is left to measure." in result.output
    bench("--fresh", "--rounds", "1")
    assert order(course) == ALL


def test_other_code_other_versions_and_old_parts_are_measured_again(bench, course, monkeypatch):
    bench("--rounds", "1")
    order(course)
    write_notebooks(course, jax="told['samples_s'] = [0.125]")
    bench("--rounds", "1")
    assert order(course) == ["jax"]
    monkeypatch.setattr(parts, "installed", lambda package: "9.9" if package == "torch" else "1.0")
    bench("--rounds", "1")
    assert order(course) == ALL
    file = next((course.root / parts.WORK).rglob("mlp-step-tensorflow-eager-2.json"))
    part = json.loads(file.read_text())
    file.write_text(json.dumps({**part, "date": "2020-01-01"}))
    bench("--rounds", "1")
    assert order(course) == ["tensorflow"]


def test_a_program_that_fails_is_named_and_the_others_are_measured(bench, course):
    write_notebooks(course, tensorflow="1 / 0")
    result = bench("--rounds", "1")
    assert result.exit_code == 1
    assert order(course) == ALL
    assert (
        "failed: TensorFlow, mlp step, eager: ZeroDivisionError: division by zero; more in" in result.output
    )
    assert "3 of 4 parts, 2 measurements" in result.output
    (one,) = stored(course)["entries"]
    assert one["complete"] is False
    assert list(one["frameworks"]) == ["pytorch", "jax"]
    write_notebooks(course)
    assert bench("--rounds", "1").exit_code == 0
    assert order(course) == ["tensorflow"]
    assert stored(course)["entries"][0]["complete"] is True


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("told['samples_s'] = [-0.25]", "samples_s 1: -0.25 is less than or equal"),
        ("told['samples_s'] = [float('nan')]", "samples_s 1: nan is not finite; this is a fault"),
        ("del told['peak_bytes']", "'peak_bytes' is a required property"),
        ("told['threads_read'] = 1", "JAX, mlp step, eager: ran on 1 threads instead of 2"),
        ("told['check'][0] = 2.6", "computed 2.6, where PyTorch, mlp step, eager computed 2.5; only equal"),
        ("told['check'][1] = 7.1", "computed 7.1, where PyTorch, mlp step, eager computed 7; only equal"),
        ("os._exit(0)", "JAX, mlp step, eager: ended, but told nothing"),
    ],
    ids=["negative", "nan", "no memory", "other threads", "another result", "another gradient", "nothing"],
)
def test_a_program_that_is_not_what_it_should_be_is_named_and_left_out(bench, course, code, line):
    write_notebooks(course, jax=code)
    result = bench("--rounds", "1")
    assert result.exit_code == 1
    assert line in result.output
    assert list(stored(course)["entries"][0]["frameworks"]) == ["pytorch", "tensorflow"]


def test_what_is_incomplete_does_not_replace_what_is_complete(bench, course):
    before = record("amd-epyc-2-cores", everything("2026-01-01"))
    store(course.root, before)
    write_notebooks(course, jax="1 / 0")
    result = bench("--rounds", "1")
    assert "keeps its complete measurement of 2026-01-01" in result.output
    assert stored(course) == before
    write_notebooks(course)
    bench("--rounds", "1")
    assert stored(course)["entries"][0]["date"] != "2026-01-01"


def test_a_record_of_the_older_schema_makes_way_for_a_whole_new_one_only(bench, course):
    before = {**record("amd-epyc-2-cores", everything("2026-01-01")), "schema": 1}
    store(course.root, before)
    result = bench("--rounds", "1", "--framework", "jax")
    assert "is of an older schema; measure pytorch, tensorflow, too, to replace it." in result.output
    assert stored(course) == before
    bench("--rounds", "1")
    assert (stored(course)["schema"], len(stored(course)["entries"])) == (2, 1)


def test_one_framework_measured_again_leaves_the_others_in_the_record(bench, course):
    bench("--rounds", "1")
    result = bench("--rounds", "1", "--framework", "jax", "--fresh")
    assert result.exit_code == 0
    assert order(course) == [*ALL, MACHINE, "jax"]
    (one,) = stored(course)["entries"]
    assert list(one["frameworks"]) == list(FRAMEWORKS)
    assert one["complete"] is True


def test_a_trial_is_not_recorded_and_takes_one_round(bench, course):
    result = bench("--scale", "quick")
    assert result.exit_code == 0
    assert order(course) == ALL
    assert "only scale full is recorded in results/" in result.output
    assert not (course.root / "results").exists()
    (trial,) = (course.root / parts.WORK).rglob("trial.json")
    records.require(json.loads(trial.read_text()), "trial")


def loads(*percents: float):
    """Stands for ``current_load``: these one after the other, the last for good."""
    left = list(percents)

    def load() -> hardware.Load:
        return hardware.Load(left.pop(0) if len(left) > 1 else left[0], (4.5, 6.4, 11.7))

    return load


def test_a_busy_machine_is_refused_for_the_record_and_said_who_is_busy(bench, course, monkeypatch):
    monkeypatch.setattr(run, "current_load", loads(68.0))
    result = bench("--wait", "0")
    assert result.exit_code == 1
    assert "the machine is busy (another 68 %): waiting up to 0 s" in result.output
    assert "The machine is still busy (another 68 %). A record wants a quiet one" in result.output
    assert order(course) == []
    assert not (course.root / "results").exists()


def test_a_busy_machine_is_waited_for(bench, course, monkeypatch):
    monkeypatch.setattr(run, "current_load", loads(68.0, 30.0, 2.0))
    result = bench("--rounds", "1")
    assert result.exit_code == 0
    assert result.output.count("the machine is busy") == 1
    assert stored(course)["entries"][0]["busy"] is False


def test_a_trial_goes_on_beside_other_work_and_says_so(bench, course, monkeypatch):
    monkeypatch.setattr(run, "current_load", loads(68.0))
    result = bench("--scale", "quick")
    assert result.exit_code == 0
    assert "the machine is busy (another 68 %): times will be too long" in result.output
    (trial,) = (course.root / parts.WORK).rglob("trial.json")
    assert json.loads(trial.read_text())["entries"][0]["busy"] is True


def test_what_others_disturbed_is_measured_again(bench, course, monkeypatch):
    percents = iter([31.0, 0.5])
    monkeypatch.setattr(hardware.OtherPrograms, "percent", lambda self: next(percents, 0.5))
    result = bench("--rounds", "1")
    assert result.exit_code == 0
    assert "other programs used 31 %: measured again" in result.output
    assert order(course) == [MACHINE, *ALL]
    assert stored(course)["entries"][0]["busy"] is False


def test_a_machine_that_stays_disturbed_ends_the_run_and_keeps_what_there_is(bench, course, monkeypatch):
    percents = iter([0.5, 0.5])
    monkeypatch.setattr(hardware.OtherPrograms, "percent", lambda self: next(percents, 31.0))
    result = bench("--rounds", "1")
    assert result.exit_code == 1
    assert order(course) == [MACHINE, "pytorch", *["tensorflow"] * run.AGAIN]
    assert "results/amd-epyc-2-cores.json: 2 of 4 parts" in result.output


def test_a_record_is_json_with_the_samples_of_a_measurement_in_one_line():
    data = {"a": [1.5, 2.5], "b": [{"c": [], "d": "é"}], "e": {}, "f": None}
    assert json.loads(as_text(data)) == data
    assert as_text(data).splitlines()[1:3] == [' "a": [1.5, 2.5],', ' "b": [']
    with pytest.raises(ValueError, match="JSON"):
        as_text([float("nan")])


def test_the_programs_find_their_cells_in_our_notebooks():
    from support import ROOT

    ours = Course(ROOT)
    for one in variants.every():
        if one.cells:
            assert all(parts._sources(ours, one.framework, one.cells)), one


def test_what_our_pages_and_claims_cite_is_measured():
    from support import ROOT

    cited = set()
    for path in [*(ROOT / "book").rglob("*.md"), *(ROOT / "book/claims").glob("*.yml")]:
        text = " ".join(path.read_text(encoding="utf-8").split())
        cited |= set(re.findall(r"results/amd-epyc-2-cores#([^/}`\"]+)/([a-z]+)/([^/}`\"]+)", text))
    assert len(cited) > 30
    assert cited <= {(one.name, one.framework, one.variant) for one in variants.every()}
