"""`triptych bench` on made-up notebooks: what is measured, kept, refused and recorded."""

from __future__ import annotations

import getpass
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import psutil
import pytest
from click.testing import CliRunner

from support import ROOT, declare
from support.records import entry, everything, measurement, record, store
from triptych.benchmark import hardware as machine
from triptych.benchmark import records as results
from triptych.benchmark import run as bench
from triptych.cli import main
from triptych.course import Course
from triptych.frameworks import FRAMEWORKS

#: What stands for a notebook's code: two measurements, written one after the other.
CODE = """\
import json, os, time
measurements = []

def keep(name, variant, *samples, **facts):
    measurements.append({"name": name, "variant": variant, "first_s": 1.0, "samples_s": samples, **facts})
    told = {"schema": 1, "framework": FRAMEWORK, "scale": scale, "device": device, "precision": precision,
            "versions": {"python": "3"}, "measurements": measurements}
    with open(record + ".part", "w") as file:
        json.dump(told, file)
    os.replace(record + ".part", record)

keep("bandwidth", "copy", 0.5, 0.7, items=8, item="byte")
keep("mlp step", "eager", 0.25, items=128, item="row")
"""
PARAMETERS = 'device = "cpu"\nscale = "quick"\nprecision = "float32"\nrecord = ""\n'
QUIET = machine.Load(2.0, (0.1, 0.2, 0.3))


def write_notebooks(course: Course, **codes: str) -> None:
    """The chapter's three notebooks, with this code instead of CODE where one is given."""
    declare("performance")
    for name in FRAMEWORKS:
        cells = [
            nbformat.v4.new_markdown_cell("# Tiny"),
            nbformat.v4.new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]}),
            nbformat.v4.new_code_cell(f"FRAMEWORK = {name!r}\n" + codes.get(name, CODE)),
        ]
        path = course.root / f"notebooks/performance/{name}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        node = nbformat.v4.new_notebook(cells=cells, metadata={"language_info": {"name": "python"}})
        nbformat.write(node, path)


def without_jupyter(notebook: Path, executed: Path, parameters: dict[str, str]) -> list[str]:
    """Runs the notebook's code at once, as papermill would with a kernel."""
    order = notebook.parent / "order.txt"
    before = order.read_text() if order.exists() else ""
    order.write_text(f"{before}{notebook.stem} ")
    code = [cell.source for cell in nbformat.read(notebook, as_version=4).cells[1:]]
    given = "\n".join(f"{name} = {value!r}" for name, value in parameters.items())
    return [sys.executable, "-c", "\n".join([code[0], given, *code[1:]])]


@pytest.fixture
def run(course, monkeypatch):
    """``run("--device", "cpu")`` measures in a made-up course on a quiet machine without Jupyter."""
    write_notebooks(course)
    monkeypatch.chdir(course.root)
    monkeypatch.setattr(bench, "papermill", without_jupyter)
    monkeypatch.setattr(machine, "load", lambda: QUIET)
    monkeypatch.setattr(machine.Others, "percent", lambda self: 0.5)
    hardware = machine.Hardware("AMD EPYC", "x86_64", 2, 2**34, ("avx2",), None)
    monkeypatch.setattr(machine, "hardware", lambda: hardware)
    return lambda *arguments: CliRunner().invoke(main, ["bench", *arguments])


def order(course: Course) -> list[str]:
    """The notebooks that were run since the last question, in order."""
    path = course.root / "notebooks/performance/order.txt"
    ran = path.read_text().split() if path.exists() else []
    path.unlink(missing_ok=True)
    return ran


def stored(course: Course, name: str = "amd-epyc-2-cores") -> dict:
    return json.loads((course.root / f"results/{name}.json").read_text())


# --- a run -----------------------------------------------------------------------


def test_rounds_are_interleaved_and_every_sample_is_recorded(run, course):
    result = run()
    assert result.exit_code == 0, result.output
    assert order(course) == [*FRAMEWORKS, *FRAMEWORKS]
    (found,) = results.read(course)
    (one,) = found.entries
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


def test_progress_names_the_part_what_was_measured_and_how_long_the_rest_takes(run):
    lines = run().output.splitlines()
    assert lines[0] == "amd-epyc-2-cores: scale full, cpu, float32; 2 rounds of 3 notebooks"
    assert lines[1] == "[1/6] round 1, PyTorch"
    assert "      mlp step, eager: 250 ms, 512 rows/s" in lines
    assert re.fullmatch(r"\[2/6\] round 1, TensorFlow \(about \d+ s left\)", lines[5])


def test_a_record_names_no_host_no_user_and_no_path(run, course):
    run()
    text = json.dumps(stored(course))
    assert socket.gethostname() not in text
    assert str(Path.home()) not in text
    assert str(course.root) not in text
    assert f'"{getpass.getuser()}"' not in text


def test_finished_parts_are_kept_and_only_the_rest_is_measured(run, course):
    run("--rounds", "1")
    order(course)
    result = run()
    assert order(course) == list(FRAMEWORKS)
    assert "3 of 6 parts are measured already (--fresh begins anew)." in result.output
    result = run()
    assert result.exit_code == 0
    assert order(course) == []
    assert "Nothing is left to measure." in result.output
    run("--fresh", "--rounds", "1")
    assert order(course) == list(FRAMEWORKS)


def test_other_code_other_versions_and_old_parts_are_measured_again(run, course, monkeypatch):
    run("--rounds", "1")
    order(course)
    write_notebooks(course, jax=CODE.replace("0.25", "0.125"))
    run("--rounds", "1")
    assert order(course) == ["jax"]
    monkeypatch.setattr(bench, "installed", lambda package: "9.9" if package == "torch" else "1.0")
    run("--rounds", "1")
    assert order(course) == list(FRAMEWORKS)
    file = next((course.root / bench.WORK).rglob("round-1-tensorflow.json"))
    part = json.loads(file.read_text())
    file.write_text(json.dumps({**part, "date": "2020-01-01"}))
    run("--rounds", "1")
    assert order(course) == ["tensorflow"]


def test_a_notebook_that_fails_is_told_and_the_others_are_measured(run, course):
    write_notebooks(course, tensorflow=CODE + "1 / 0\n")
    result = run("--rounds", "1")
    assert result.exit_code == 1
    assert order(course) == list(FRAMEWORKS)
    assert "failed: ZeroDivisionError: division by zero (more in _build/bench/performance/" in result.output
    assert "2 of 3 parts, 6 measurements" in result.output
    (one,) = stored(course)["entries"]
    assert one["complete"] is False
    (part,) = one["frameworks"]["tensorflow"]["rounds"]
    assert (part["complete"], len(part["measurements"])) == (False, 2)
    write_notebooks(course)
    assert run("--rounds", "1").exit_code == 0
    assert order(course) == ["tensorflow"]
    assert stored(course)["entries"][0]["complete"] is True


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (CODE.replace("0.25,", "-0.25,"), "measurements 2 samples_s 1: -0.25 is less than or equal"),
        (CODE.replace("0.25,", "float('nan'),"), "measurements 2 samples_s 1: nan is no number; mend keep()"),
        (CODE.replace('"scale": scale', '"scale": "quick"'), "the notebook ran with other settings"),
        ("pass\n", "jax.ipynb: ran, but wrote no record; see to its function keep()"),
    ],
    ids=["negative", "nan", "other settings", "nothing"],
)  # fmt: skip
def test_a_notebook_that_writes_what_is_no_record_is_told_and_left_out(run, course, code, told):
    write_notebooks(course, jax=code)
    result = run("--rounds", "1")
    assert result.exit_code == 1
    assert told in result.output
    assert list(stored(course)["entries"][0]["frameworks"]) == ["pytorch", "tensorflow"]


def test_what_is_incomplete_does_not_replace_what_is_complete(run, course):
    before = record("amd-epyc-2-cores", everything("2026-01-01"))
    store(course.root, before)
    write_notebooks(course, jax="1 / 0\n")
    result = run("--rounds", "1")
    assert "keeps its complete measurement of 2026-01-01" in result.output
    assert stored(course) == before
    write_notebooks(course)
    run("--rounds", "1")
    assert stored(course)["entries"][0]["date"] != "2026-01-01"


def test_one_framework_measured_again_leaves_the_others_in_the_record(run, course):
    run("--rounds", "1")
    result = run("--rounds", "1", "--framework", "jax", "--fresh")
    assert result.exit_code == 0
    assert order(course) == [*FRAMEWORKS, "jax"]
    (one,) = stored(course)["entries"]
    assert list(one["frameworks"]) == list(FRAMEWORKS)
    assert one["complete"] is True


def test_a_trial_is_not_recorded(run, course):
    result = run("--scale", "quick", "--rounds", "1")
    assert result.exit_code == 0
    assert "only scale full is recorded in results/" in result.output
    assert not (course.root / "results").exists()
    (trial,) = (course.root / bench.WORK).rglob("trial.json")
    results.require(json.loads(trial.read_text()), "trial")


def test_a_busy_machine_is_told_in_the_console_and_in_the_record(run, course, monkeypatch):
    monkeypatch.setattr(machine, "load", lambda: machine.Load(68.0, (4.5, 6.4, 11.7)))
    result = run("--rounds", "1")
    said = "The machine is busy with other work (68 % of its processors, load average 4.5)"
    assert said in result.output
    (one,) = stored(course)["entries"]
    assert one["busy"] is True
    assert one["load"] == {
        "cpu_percent": 68.0, "load_average": [4.5, 6.4, 11.7], "others_percent": 0.5, "busy": True,
    }  # fmt: skip


def test_the_load_average_counts_before_the_first_part_only(run, course, monkeypatch):
    # Later it is our own notebooks' load of the last minute.
    monkeypatch.setattr(machine, "load", lambda: machine.Load(2.0, (2.5, 0.1, 0.1)))
    result = run("--rounds", "1")
    assert result.output.count("The machine is busy") == 1
    told = stored(course)["entries"][0]["frameworks"].values()
    assert [one["rounds"][0]["load"]["busy"] for one in told] == [True, False, False]


def test_a_machine_that_becomes_busy_meanwhile_is_told_too(run, course, monkeypatch):
    monkeypatch.setattr(machine.Others, "percent", lambda self: 31.0)
    result = run("--rounds", "1")
    assert "2 measurements in 0 s; other programs used 31 %" in result.output
    assert stored(course)["entries"][0]["busy"] is True


# --- what is refused before anything runs ----------------------------------------


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--device", "tpu"], "--device tpu: no such device; there are: cpu, gpu"),
        (["--scale", "huge"], "--scale huge: no such scale; there are: quick, full"),
        (["--precision", "int8"], "--precision int8: no such precision; there are: float32, tf32, bfloat16"),
        (["--precision", "tf32"], "--precision tf32: only GPUs have it; measure with --device gpu"),
        (
            ["--framework", "mxnet"],
            "--framework mxnet: no such framework; there are: pytorch, tensorflow, jax",
        ),
        (["--name", "My laptop"], "--name My laptop: not a name for a record; use small letters"),
        (["--name", "versions"], "--name versions: not a name for a record"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_bad_options_end_in_one_line_before_anything_runs(run, course, options, told):
    result = run(*options)
    assert result.exit_code == 1
    assert result.output.startswith(told)
    assert len(result.output.splitlines()) == 1
    assert order(course) == []


def fake_gpus(monkeypatch, **found: list[str]) -> None:
    """Let each framework, asked in its own process, find these GPUs."""
    monkeypatch.setattr(bench, "GPUS", {name: f"found = {found.get(name, [])}" for name in FRAMEWORKS})


def test_a_missing_gpu_is_told_before_anything_runs(run, course, monkeypatch):
    fake_gpus(monkeypatch)
    result = run("--device", "gpu")
    assert result.exit_code == 1
    assert result.output.startswith("--device gpu: no GPU for PyTorch, TensorFlow, JAX; it needs a driver")
    fake_gpus(monkeypatch, pytorch=["H"], jax=["H"])
    assert "no GPU for TensorFlow; it needs" in run("--device", "gpu").output
    assert order(course) == []


def test_the_frameworks_here_are_asked_for_real(monkeypatch):
    # Whatever this machine has: the questions run, and a list comes back.
    for framework in FRAMEWORKS:
        ask = bench.GPUS[framework]
        monkeypatch.setitem(bench.GPUS, framework, f"{ask}\nfound = ['asked', *found]")
        assert bench._gpus(framework)[0] == "asked"


def test_a_missing_framework_is_told(run, monkeypatch):
    monkeypatch.setattr(bench, "installed", lambda package: None if package == "jax" else "1.0")
    result = run()
    assert result.exit_code == 1
    assert result.output.startswith("jax: not installed; `make lab` installs it")


def test_several_precisions_of_a_gpu_are_entries_of_one_record(run, course, monkeypatch):
    fake_gpus(monkeypatch, **{name: ["NVIDIA H200"] for name in FRAMEWORKS})
    precisions = ["--precision", "tf32", "--precision", "float32"]
    result = run("--device", "gpu", *precisions, "--rounds", "1")
    assert result.exit_code == 0, result.output
    (found,) = results.read(course)
    assert found.machine == "nvidia-h200"
    assert [found.label(one) for one in found.entries] == ["NVIDIA H200", "NVIDIA H200, tf32"]
    run("--device", "gpu", "--precision", "bfloat16", "--rounds", "1")
    assert len(results.read(course)[0].entries) == 3


# --- Ctrl-C, for real ------------------------------------------------------------


def test_ctrl_c_keeps_what_was_measured_ends_every_process_and_can_be_resumed(course):
    # With a worker of its own, as data loaders have: it does not end by itself with its kernel.
    wait = """\
if not os.path.exists("../../go"):
    import subprocess, sys
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"]).wait()
"""
    slow = CODE.replace('keep("mlp step"', f'{wait}keep("mlp step"')
    write_notebooks(course, tensorflow=slow)
    command = [Path(sys.executable).with_name("triptych"), "bench", "--rounds", "1", "--name", "lab"]
    process = subprocess.Popen(
        command,
        cwd=course.root,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    said: list[str] = []
    for line in process.stdout:
        said.append(line)
        if "bandwidth" in line and any("TensorFlow" in before for before in said):
            break
    time.sleep(0.5)
    children = psutil.Process(process.pid).children(recursive=True)
    assert any("time.sleep(300)" in " ".join(child.cmdline()) for child in children)
    assert any("ipykernel" in " ".join(child.cmdline()) for child in children)
    os.kill(process.pid, signal.SIGINT)
    rest = process.communicate(timeout=60)[0]
    assert process.returncode == 130, "".join(said) + rest
    assert "Stopped. What was measured is kept" in rest
    assert "Traceback" not in rest
    deadline = time.monotonic() + 10
    while any(child.is_running() for child in children) and time.monotonic() < deadline:
        time.sleep(0.1)
    left = [child for child in children if child.is_running()]
    for child in left:
        child.kill()
    assert not left
    (one,) = stored(course, "lab")["entries"]
    assert one["complete"] is False
    rounds = {name: told["rounds"][0] for name, told in one["frameworks"].items()}
    assert {name: (r["complete"], len(r["measurements"])) for name, r in rounds.items()} == {
        "pytorch": (True, 2),
        "tensorflow": (False, 1),
    }
    (course.root / "go").touch()
    again = subprocess.run(command, cwd=course.root, capture_output=True, text=True, check=False)
    assert again.returncode == 0, again.stdout + again.stderr
    assert "1 of 3 parts are measured already" in again.stdout
    (found,) = results.read(course)
    assert found.entries[0].complete
    assert found.hardware["cores"] >= 1


# --- the machine -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "slug"),
    [
        ("AMD EPYC", "amd-epyc-2-cores"),
        ("Intel(R) Xeon(R) CPU E5-2686 v4 @ 2.30GHz", "intel-xeon-e5-2686-v4-2-cores"),
        ("11th Gen Intel(R) Core(TM) i7-1165G7 @ 2.80GHz", "intel-core-i7-1165g7-2-cores"),
        ("AMD Ryzen 9 5950X 16-Core Processor", "amd-ryzen-9-5950x-2-cores"),
    ],
)
def test_a_processors_name_becomes_a_files_name(told, slug):
    found = machine.Hardware(machine.model({"model name": told}), "x86_64", 2, 1, (), None)
    assert found.slug("cpu") == slug


def test_gpus_are_read_from_the_drivers_tool(tmp_path, monkeypatch):
    tool = tmp_path / "nvidia-smi"
    tool.write_text("#!/bin/sh\necho 'NVIDIA H200, 143771'\necho 'NVIDIA H200, 143771'\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    found = machine.gpu()
    assert found == machine.Gpu("NVIDIA H200", 2, 143771 * 2**20)
    assert machine.Hardware("x", "x", 2, 1, (), found).slug("gpu") == "nvidia-h200-2"
    tool.write_text("#!/bin/sh\nexit 9\n")
    assert machine.gpu() is None


def test_what_others_use_is_told_apart_from_our_own_children(monkeypatch):
    others = machine.Others()
    subprocess.run(
        [sys.executable, "-c", "import time\nwhile time.process_time() < 0.5: pass"],
        check=True,
    )
    busy, own, total = (b - a for a, b in zip(others._before, machine._used(), strict=True))
    assert own > 0.45
    assert own <= busy <= total
    assert 0 <= others.percent() <= 100
    readings = iter([(100.0, 50.0, 1000.0), (160.0, 90.0, 1100.0)])  # busy 60, 40 of it ours, of 100
    monkeypatch.setattr(machine, "_used", lambda: next(readings))
    assert machine.Others().percent() == 20.0


def test_hardware_has_what_a_record_needs():
    data = record("lab", entry({"jax": [[measurement("mlp step", "jit", [1.0])]]}, "2026-11-21"))
    results.require({**data, "hardware": machine.hardware().as_json(), "system": machine.system()}, "lab")


def test_make_bench_is_a_target():
    shown = subprocess.run(["make", "-C", ROOT, "help"], capture_output=True, text=True, check=True).stdout
    assert "make bench " in shown
