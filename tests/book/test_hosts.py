"""The launch files' commands on two emulated hosts, each with a network of its own.

Only a cable joins the two, so what passes here goes by addresses and not by shared memory or
loopback. The namespace of processes ends with the test: nothing can be left.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from support import ROOT, need
from triptych.dev import doctor as tools

pytest.importorskip("torch", reason="no frameworks")
pytestmark = pytest.mark.slow

LAUNCH = ROOT / "book/distributed/launch"
BIN = Path(sys.executable).parent
SECONDS = 240


def hosts(*commands: str, **environment: str) -> str:
    """Run a command on each host; returns what both printed. Fails where one fails, or time is up."""
    need(tools.NAMESPACES)
    fork = [
        "unshare",
        "--map-root-user",
        "--net",
        "--mount",
        "--pid",
        "--mount-proc",
        "--fork",
        "--kill-child",
    ]
    call = [*fork, sys.executable, ROOT / "tests/support/two_hosts.py", str(SECONDS), *commands]
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}{os.pathsep}/usr/sbin{os.pathsep}/sbin"
    environment = {**os.environ, "PATH": path, "OMP_NUM_THREADS": "1", **environment}
    done = subprocess.run(
        call, env=environment, capture_output=True, text=True, timeout=SECONDS + 60, check=False
    )
    assert done.returncode == 0, f"exit {done.returncode}\n{done.stdout[-3000:]}\n{done.stderr[-6000:]}"
    return done.stdout


def reports(folder: Path) -> list[dict]:
    return [json.loads(path.read_text()) for path in sorted(folder.glob("result.*"))]


def assert_one_training_on_two_hosts(found: list[dict]) -> None:
    assert sorted(each["host"] for each in found) == ["one", "two"]
    assert {each["workers"] for each in found} == {2}
    assert found[0]["losses"] == found[1]["losses"]
    # Float64: sums in another order, over ten steps.
    assert max(each["largest difference"] for each in found) < 1e-10


def test_the_hosts_reach_each_other_and_nothing_else():
    look = 'hostname; ip -brief address show scope global | tr -s " "; ip route'
    printed = hosts(look, look)
    assert printed.count("10.77.0.0/24 dev") == 2
    assert "default" not in printed
    assert {"one", "two"} <= set(printed.split())


def test_a_failure_on_one_host_is_the_tests_failure():
    with pytest.raises(AssertionError, match="exit 7"):
        hosts("sleep 60", "exit 7")


def test_pytorch_by_torchrun(tmp_path):
    command = (
        f"torchrun --nnodes 2 --nproc-per-node 1 --rdzv-id triptych --rdzv-backend c10d "
        f"--rdzv-endpoint one:29500 {LAUNCH}/train_pytorch.py {tmp_path}/result"
    )
    hosts(command, command)
    assert_one_training_on_two_hosts(reports(tmp_path))


def test_jax_by_a_coordinator(tmp_path):
    train = f"COORDINATOR=one:29500 python {LAUNCH}/train_jax.py {tmp_path}/result"
    commands = [f"PROCESSES=2 PROCESS={rank} {train}" for rank in range(2)]
    hosts(*commands)
    assert_one_training_on_two_hosts(reports(tmp_path))


def test_tensorflow_by_tf_config(tmp_path):
    commands = []
    for rank in range(2):
        task = {"cluster": {"worker": ["one:29500", "two:29500"]}, "task": {"type": "worker", "index": rank}}
        (tmp_path / f"{rank}.json").write_text(json.dumps(task))
        config = f"TF_CONFIG=$(cat {tmp_path}/{rank}.json)"
        commands.append(f"export {config}; python {LAUNCH}/train_tensorflow.py {tmp_path}/result")
    hosts(*commands)
    assert_one_training_on_two_hosts(reports(tmp_path))


def test_ray_on_a_cluster_by_its_address(tmp_path):
    pytest.importorskip("ray", reason="no Ray")
    done = shlex.quote(str(tmp_path / "done"))
    start = "ray start --num-cpus 1 --disable-usage-stats --object-store-memory 100000000"
    head = (
        f"{start} --head --node-ip-address 10.77.0.1 --port 6379 --include-dashboard false >/dev/null && "
        f"until [ -e {done}.joined ]; do sleep 0.2; done && "
        f"RAY_ADDRESS=10.77.0.1:6379 python {LAUNCH}/train_ray.py {tmp_path}/result; "
        f"code=$?; touch {done}; exit $code"
    )
    second = (
        f"until {start} --address 10.77.0.1:6379 --node-ip-address 10.77.0.2 >/dev/null; do sleep 0.5; done; "
        f"touch {done}.joined; until [ -e {done} ]; do sleep 0.2; done"
    )
    hosts(head, second, PYTHONPATH=str(LAUNCH), RAY_AUTH_MODE="disabled", RAY_TRAIN_V2_ENABLED="1")
    assert_one_training_on_two_hosts(reports(tmp_path))
