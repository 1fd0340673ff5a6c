"""What `triptych bench` refuses before anything runs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from support.benchmark import bench, order  # noqa: F401  (a fixture)
from triptych.benchmark import plan, records
from triptych.frameworks import FRAMEWORKS


@pytest.mark.parametrize(
    ("options", "line"),
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
def test_bad_options_end_in_one_line_before_anything_runs(bench, course, options, line):
    result = bench(*options)
    assert result.exit_code == 1
    assert result.output.startswith(line)
    assert len(result.output.splitlines()) == 1
    assert order(course) == []


def fake_gpus(monkeypatch: pytest.MonkeyPatch, **names: list[str]) -> None:
    """Let each framework, asked in its own process, find these GPUs."""
    table = {name: replace(f, gpus=f"found = {names.get(name, [])}") for name, f in FRAMEWORKS.items()}
    monkeypatch.setattr(plan, "FRAMEWORKS", table)


def test_a_missing_gpu_is_reported_before_anything_runs(bench, course, monkeypatch):
    fake_gpus(monkeypatch)
    result = bench("--device", "gpu")
    assert result.exit_code == 1
    assert result.output.startswith("--device gpu: no GPU for PyTorch, TensorFlow, JAX; it needs a driver")
    fake_gpus(monkeypatch, pytorch=["H"], jax=["H"])
    assert "no GPU for TensorFlow; it needs" in bench("--device", "gpu").output
    assert order(course) == []


@pytest.mark.slow
@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_framework_is_asked_for_its_gpus_for_real(monkeypatch, framework):
    # Whatever this machine has: the question runs, and a list comes back.
    asked = replace(FRAMEWORKS[framework], gpus=f"{FRAMEWORKS[framework].gpus}\nfound = ['asked', *found]")
    monkeypatch.setattr(plan, "FRAMEWORKS", {framework: asked})
    assert plan.gpu_names(framework)[0] == "asked"


def test_a_missing_framework_is_reported(bench, monkeypatch):
    monkeypatch.setattr(plan, "installed", lambda package: None if package == "jax" else "1.0")
    result = bench()
    assert result.exit_code == 1
    assert result.output.startswith("jax: not installed; `make lab` installs it")


def test_several_precisions_of_a_gpu_are_entries_of_one_record(bench, course, monkeypatch):
    fake_gpus(monkeypatch, **{name: ["NVIDIA H200"] for name in FRAMEWORKS})
    precisions = ["--precision", "tf32", "--precision", "float32"]
    result = bench("--device", "gpu", *precisions, "--rounds", "1")
    assert result.exit_code == 0, result.output
    (machine,) = records.read(course)
    assert machine.machine == "nvidia-h200"
    assert [machine.label(one) for one in machine.entries] == ["NVIDIA H200", "NVIDIA H200, tf32"]
    bench("--device", "gpu", "--precision", "bfloat16", "--rounds", "1")
    assert len(records.read(course)[0].entries) == 3
