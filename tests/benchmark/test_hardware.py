"""The hardware and its load, as a record holds them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from support import ROOT
from support.records import entry, measurement, record
from triptych.benchmark import hardware, records


@pytest.mark.parametrize(
    ("brand", "slug"),
    [
        ("AMD EPYC", "amd-epyc-2-cores"),
        ("Intel(R) Xeon(R) CPU E5-2686 v4 @ 2.30GHz", "intel-xeon-e5-2686-v4-2-cores"),
        ("11th Gen Intel(R) Core(TM) i7-1165G7 @ 2.80GHz", "intel-core-i7-1165g7-2-cores"),
        ("AMD Ryzen 9 5950X 16-Core Processor", "amd-ryzen-9-5950x-2-cores"),
    ],
)
def test_a_processors_name_becomes_a_files_name(brand, slug):
    processor = hardware.Hardware(hardware.short_name(brand), "x86_64", 2, 1, (), None)
    assert processor.slug("cpu") == slug


def test_gpus_are_read_from_the_drivers_tool(tmp_path, monkeypatch):
    tool = tmp_path / "nvidia-smi"
    tool.write_text("#!/bin/sh\necho 'NVIDIA H200, 143771'\necho 'NVIDIA H200, 143771'\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    gpus = hardware.nvidia_gpu()
    assert gpus == hardware.Gpu("NVIDIA H200", 2, 143771 * 2**20)
    assert hardware.Hardware("x", "x", 2, 1, (), gpus).slug("gpu") == "nvidia-h200-2"
    tool.write_text("#!/bin/sh\nexit 9\n")
    assert hardware.nvidia_gpu() is None


def test_what_others_use_is_measured_apart_from_our_own_children(monkeypatch):
    others = hardware.OtherPrograms()
    subprocess.run(
        [sys.executable, "-c", "import time\nwhile time.process_time() < 0.5: pass"],
        check=True,
    )
    busy, own, total = (b - a for a, b in zip(others._before, hardware._used(), strict=True))
    assert own > 0.45
    assert own <= busy <= total
    assert 0 <= others.percent() <= 100
    readings = iter([(100.0, 50.0, 1000.0), (160.0, 90.0, 1100.0)])  # busy 60, 40 of it ours, of 100
    monkeypatch.setattr(hardware, "_used", lambda: next(readings))
    assert hardware.OtherPrograms().percent() == 20.0


def test_who_is_busy_is_told_by_name():
    busy = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        told = hardware.busiest(most=10)
    finally:
        busy.kill()
        busy.wait()
    assert f"{Path(sys.executable).resolve().name[:6]}" in told
    assert "%" in told


def test_hardware_has_what_a_record_needs():
    data = record("lab", entry({"jax": [[measurement("mlp step", "jit", [1.0])]]}, "2026-11-21"))
    records.require(
        {**data, "hardware": hardware.this_machine().as_json(), "system": hardware.operating_system()}, "lab"
    )


def test_make_bench_is_a_target():
    shown = subprocess.run(["make", "-C", ROOT, "help"], capture_output=True, text=True, check=True).stdout
    assert "make bench " in shown
