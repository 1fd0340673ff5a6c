"""What a GPU is asked by ``bench/gpu.py``, and what happens where there is none."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from support.scripts import script


def test_without_a_gpu_the_script_says_so_in_one_line_and_changes_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    gpu = script("gpu")
    monkeypatch.setattr(gpu, "found_gpu", lambda framework: None)
    monkeypatch.setattr(gpu, "RECORD", tmp_path / "gpu.json")
    monkeypatch.setattr(gpu.subprocess, "run", lambda *a, **k: pytest.fail("something was started"))
    monkeypatch.setattr(sys, "argv", ["gpu.py"])
    gpu.main()
    out = capsys.readouterr().out
    said = "neither PyTorch nor JAX finds a GPU here; nothing measured, nothing changed"
    assert out == f"bench/gpu.py: {said}\n"
    assert list(tmp_path.iterdir()) == []


def test_the_gpus_time_is_kept_and_what_ends_early_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    gpu = script("gpu")
    limits = []

    def run(command: list[str], timeout: float, **options: object) -> subprocess.CompletedProcess[str]:
        limits.append(timeout)
        row = json.dumps({"framework": command[3], "what": "product"})
        if command[3] == "jax":
            raise subprocess.TimeoutExpired(command, timeout, output=f'{row}\n{{"cut'.encode())
        return subprocess.CompletedProcess(command, 0, f"{row}\n", "")

    monkeypatch.setattr(gpu, "found_gpu", lambda framework: "A GPU")
    monkeypatch.setattr(gpu, "RECORD", tmp_path / "gpu.json")
    monkeypatch.setattr(gpu.subprocess, "run", run)
    monkeypatch.setattr(sys, "argv", ["gpu.py", "--minutes", "10"])
    gpu.main()
    assert limits[0] <= 300 and sum(limits) <= 901  # the second has what the first left
    assert "ended early: out of time" in capsys.readouterr().out
    rows = json.loads((tmp_path / "gpu.json").read_text())["rows"]
    assert [row["framework"] for row in rows] == ["pytorch", "jax", "jax"]


def test_numbers_that_rounding_does_not_explain_end_the_gpus_script() -> None:
    gpu = script("gpu")
    exact = np.array([1.0, -2.0])
    assert gpu.close("product", exact * (1 + 1e-3), exact, "tf32") == pytest.approx(1e-3)
    with pytest.raises(SystemExit, match="product, float32: off by"):
        gpu.close("product", exact * (1 + 1e-3), exact, "float32")
    with pytest.raises(SystemExit):
        gpu.close("product", exact * np.nan, exact, "bfloat16")
