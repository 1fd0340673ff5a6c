"""The notebooks' GPT against public implementations of the same, by ``bench/attention.py``."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from support import ROOT
from support.scripts import script


@pytest.mark.slow
@pytest.mark.parametrize("framework", ["pytorch", "tensorflow", "jax"])
def test_the_notebooks_gpt_gives_a_public_ones_loss_and_gradients(framework: str, tmp_path: Path) -> None:
    command = [sys.executable, str(ROOT / "bench/attention.py"), framework, "--equal-only"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["losses differ by"] < 1e-5 and told["gradients differ by"] < 1e-4
    assert "ratio" not in told  # nothing was timed


def test_unequal_programs_are_not_timed() -> None:
    attention = script("attention")
    pair = attention.Pair(lambda out: out)
    pair.loss = {"ours": 1.0, "reference": 1.0}
    pair.gradients = {"ours": {"w": np.ones(2)}, "reference": {"w": np.ones(2)}}
    assert pair.farthest() == (0.0, 0.0)
    pair.gradients["reference"]["w"] = np.array([1.0, 1.001])
    with pytest.raises(SystemExit, match=r"gradients by 1\.0e-03"):
        pair.farthest()


def test_a_ratio_has_the_interval_of_its_pairs() -> None:
    attention = script("attention")
    times = np.random.default_rng(0).uniform(1, 1.2, 60)
    told = attention.ratio({"ours": list(1.1 * times), "reference": list(times)})
    assert told["ratio"] == 1.1 and told["interval"] == [1.1, 1.1]
    told = attention.ratio({"ours": list(times), "reference": list(times[::-1])})
    assert told["interval"][0] < 1 < told["interval"][1]
