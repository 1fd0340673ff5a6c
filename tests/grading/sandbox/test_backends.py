"""The kinds of sandbox: which is chosen, what starts it, what is said where there is none."""

from __future__ import annotations

import sys

import pytest

from support.sandboxes import cells
from triptych.grading.sandbox import Limits, Sandbox, SandboxUnavailable, container, environment


def test_a_container_has_no_network_nothing_to_write_and_no_privileges():
    command = container.container_command("/usr/bin/podman", "a-name", Limits(memory=1 << 30))
    line = " ".join(command)
    for wanted in (
        *("/usr/bin/podman run --rm --interactive --name a-name", "--network none", "--read-only"),
        *(
            "--cap-drop ALL",
            "--security-opt no-new-privileges",
            "--memory 1342177280 --memory-swap 1342177280",
        ),
        *("--user 1000:1000", "--pids-limit", "--pull never", "--tmpfs /tmp:rw,exec,nosuid,nodev,size="),
    ):
        assert wanted in line
    assert command[-6:] == [container.IMAGE, "python3", "-P", "-m", "inside", "contained"]
    volumes = [command[at + 1] for at, word in enumerate(command) if word == "--volume"]
    assert volumes == [f"{environment.INSIDE}:/sandbox/inside:ro"]  # nothing of the instructor's


def test_the_container_kind_speaks_over_standard_streams(tmp_path, monkeypatch):
    """A stand-in for docker starts the same program here; it shows the protocol, not the isolation."""
    fake = tmp_path / "docker"
    fake.write_text(
        f"#!{sys.executable}\nimport os, sys\n"
        "if sys.argv[1] != 'run': sys.exit(0)\n"
        "print('WARNING: some noise of docker', file=sys.stderr, flush=True)\n"
        "os.execv(sys.executable, [sys.executable, *sys.argv[sys.argv.index('python3') + 1:]])\n"
    )
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(environment.INSIDE.parent))
    with Sandbox(kind="auto") as contained:
        assert contained.kind == "container"
        with contained.open(cells("def f(x): return x * 2")) as session:
            assert session.call("f", 21) == 42
    assert session.outcome.reason == ""


def test_without_any_sandbox_the_refusal_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SandboxUnavailable) as refused, Sandbox():
        pass
    told = str(refused.value)
    assert "cannot be run safely here" in told
    assert "apt install bubblewrap" in told
    assert "--trusted" in told


def test_a_bubblewrap_that_may_not_work_is_explained(tmp_path, monkeypatch):
    fake = tmp_path / "bwrap"
    fake.write_text("#!/bin/sh\necho 'bwrap: setting up uid map: Permission denied' >&2\nexit 1\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SandboxUnavailable, match="setting up uid map: Permission denied") as refused:
        Sandbox(kind="bubblewrap").__enter__()
    assert "apparmor_restrict_unprivileged_userns" in refused.value.remedy


def test_a_container_without_its_image_is_explained(tmp_path, monkeypatch):
    fake = tmp_path / "podman"
    fake.write_text("#!/bin/sh\necho 'Error: image not known' >&2\nexit 125\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SandboxUnavailable, match=r"no image .*podman: .*image not known"):
        Sandbox(kind="container").__enter__()
