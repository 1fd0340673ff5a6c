"""The launch files for Slurm and Kubernetes: linted, and Slurm's run with stand-ins for its programs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from support import ROOT

LAUNCH = ROOT / "book/distributed/launch"
BIN = Path(sys.executable).parent
#: What Slurm sets, on the second of two machines with four GPUs.
SLURM = {
    "SLURM_JOB_ID": "17",
    "SLURM_JOB_NODELIST": "gpu[01-02]",
    "SLURM_NNODES": "2",
    "SLURM_PROCID": "1",
    "SLURM_GPUS_ON_NODE": "4",
    "SLURM_CPUS_PER_TASK": "16",
}
STAND_INS = {
    "scontrol": 'test "$*" = "show hostnames gpu[01-02]" && printf "gpu01\\ngpu02\\n"',
    "srun": 'exec "$@"',
    "torchrun": 'echo torchrun "$@"',
    "python": 'echo python "$@"; echo "$TF_CONFIG"',
}


def printed(file: str, folder: Path) -> str:
    """What the batch file would run on the second machine."""
    for name, body in STAND_INS.items():
        (folder / name).write_text(f"#!/bin/sh\n{body}\n")
        (folder / name).chmod(0o755)
    environment = {"PATH": f"{folder}:{os.environ['PATH']}", **SLURM}
    call = ["bash", LAUNCH / file]
    return subprocess.run(call, env=environment, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("path", sorted(LAUNCH.glob("*.sbatch")), ids=lambda path: path.name)
def test_a_batch_file_passes_shellcheck(path):
    call = [BIN / "shellcheck", path]
    found = subprocess.run(call, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout


@pytest.mark.parametrize("path", sorted(LAUNCH.glob("*.yaml")), ids=lambda path: path.name)
def test_a_manifest_is_valid_for_kubernetes(path):
    call = [BIN / "kubernetes-validate", "--strict", path]
    found = subprocess.run(call, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout + found.stderr


@pytest.mark.parametrize("path", sorted(LAUNCH.glob("*.[sy]*")), ids=lambda path: path.name)
def test_the_script_that_is_started_exists(path):
    named = [word for word in path.read_text().replace(",", " ").split() if word.endswith(".py")]
    assert named
    for name in named:
        assert (LAUNCH / name).is_file(), name


def test_slurm_starts_one_torchrun_a_machine_that_meets_at_the_first(tmp_path):
    words = printed("pytorch.sbatch", tmp_path).split()
    assert words[:5] == ["torchrun", "--nnodes", "2", "--nproc-per-node", "4"]
    assert words[words.index("--rdzv-endpoint") + 1] == "gpu01:29500"
    assert words[-2:] == ["train_pytorch.py", "result-17"]


def test_slurm_leaves_the_rest_to_jax(tmp_path):
    assert printed("jax.sbatch", tmp_path).splitlines()[0] == "python train_jax.py result-17"


def test_slurm_tells_tensorflow_all_workers_and_its_own_place(tmp_path):
    command, config = printed("tensorflow.sbatch", tmp_path).splitlines()
    assert command == "python train_tensorflow.py result-17"
    assert json.loads(config) == {
        "cluster": {"worker": ["gpu01:29500", "gpu02:29500"]},
        "task": {"type": "worker", "index": 1},
    }


@pytest.mark.parametrize("framework", ["pytorch", "tensorflow", "jax"])
def test_a_manifests_pods_find_each_other_by_names_that_exist(framework):
    service, job = yaml.safe_load_all((LAUNCH / f"{framework}.yaml").read_text())
    name, pods = job["metadata"]["name"], job["spec"]["template"]["spec"]
    assert service["spec"]["clusterIP"] == "None"
    assert service["spec"]["selector"] == {"job-name": name}
    assert pods["subdomain"] == service["metadata"]["name"]
    assert job["spec"]["completions"] == job["spec"]["parallelism"] == 2
    assert f"{name}-0.{pods['subdomain']}:29500" in str(pods["containers"])


def test_kubernetes_tells_tensorflow_all_workers_and_its_own_place():
    _, job = yaml.safe_load_all((LAUNCH / "tensorflow.yaml").read_text())
    variables = {v["name"]: v.get("value") for v in job["spec"]["template"]["spec"]["containers"][0]["env"]}
    config = json.loads(variables["TF_CONFIG"].replace("$(INDEX)", "1"))
    assert config["cluster"]["worker"] == ["triptych-0.triptych:29500", "triptych-1.triptych:29500"]
    assert config["task"] == {"type": "worker", "index": 1}
