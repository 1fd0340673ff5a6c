"""The measured programs themselves, each in its own process, with our notebooks' cells."""

from __future__ import annotations

import importlib.util
import json
import subprocess

import pytest

from support import ROOT
from triptych.benchmark import run
from triptych.benchmark.parts import Part, Parts
from triptych.benchmark.plan import Settings
from triptych.benchmark.programs import variants
from triptych.benchmark.programs.variants import CACHED, MACHINE, RUNTIMES
from triptych.course import Course
from triptych.frameworks import FRAMEWORKS

TRIAL = Settings("quick", "cpu", "float32", 1)


def measured(tmp_path, framework: str, name: str, variant: str, threads: int = 1) -> dict:
    """What a program's processes tell, run as `make bench` runs them at scale quick."""
    (one,) = [
        one
        for one in variants.every()
        if (one.framework, one.name, one.variant) == (framework, name, variant)
    ]
    part = Part(1, 1, one, threads, tmp_path / "part.json")
    job = Parts(Course(ROOT), "lab", list(FRAMEWORKS), TRIAL, 2).job(part)
    file, told = tmp_path / "part.job", {}
    file.write_text(json.dumps(job))
    for command in run.commands(job, file):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-2000:]
        told |= json.loads((tmp_path / "part.out").read_text())
    return told


@pytest.mark.parametrize(
    ("name", "variant", "check"),
    [("bandwidth", "triad", 2.0), (CACHED, "in place", -1.0), ("matmul peak", "float32", 25.594)],
)
def test_the_machines_own_roof_is_measured_without_a_framework(tmp_path, name, variant, check):
    told = measured(tmp_path, MACHINE, name, variant)
    assert told["check"][0] == pytest.approx(check, rel=1e-4)
    assert (told["threads"], told["threads_read"]) == (1, 1)
    assert told["items"] / min(told["samples_s"]) > 1e8
    assert told["peak_bytes"] > told["start_bytes"] > 1e6


@pytest.mark.slow
@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_frameworks_program_is_built_from_its_notebooks_cells(tmp_path, framework):
    told = measured(tmp_path, framework, "mlp step", "eager")
    assert told["check"][0] == pytest.approx(2.93735, rel=1e-5)  # the notebooks' checkpoints have it, too
    assert told["threads_read"] == 1
    assert told["import_s"] > 0
    assert len(told["samples_s"]) == variants.SAMPLES["fast"][1]


@pytest.mark.slow
def test_jax_computes_the_same_with_products(tmp_path):
    told = [measured(tmp_path, "jax", "resnet50 training", variant) for variant in ("jit", "jit, products")]
    assert told[0]["check"] == pytest.approx(told[1]["check"], rel=1e-3)
    assert told[0]["check"][1] < 0.5 * told[0]["check"][0]  # the second loss: it has trained
    assert all(one["compile_s"] > 0 for one in told)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("framework", "variant"),
    [(f, v) for f in FRAMEWORKS for v in RUNTIMES if (f, v) != ("pytorch", "litert")],
)
def test_a_runtime_runs_a_stored_file_without_the_framework(tmp_path, framework, variant):
    needed = {
        "onnxruntime": ("onnxruntime", "onnxscript", "tf2onnx", "jax2onnx"),
        "litert": ("ai_edge_litert",),
    }
    if missing := [name for name in needed[variant] if not importlib.util.find_spec(name)]:
        pytest.skip(f"not installed: {', '.join(missing)}")
    told = measured(tmp_path, framework, "mobilenet_v2 inference", variant)
    assert told["check"][0] == pytest.approx(3.08355e-4, rel=1e-3)
    assert told["export_s"] > 0 and told["load_s"] > 0
    assert told["start_bytes"] < 150e6  # no framework fits in there
