"""A program for each session: a container's engine, played by a program of this machine."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import psutil
import pytest

from support import ROOT
from support.sandboxes import SMALL, as_nobody, cells
from triptych.grading.sandbox import Sandbox, SandboxFailed, SandboxUnavailable, SubmissionError

ONE = cells("def f(): return 1")


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stand-in that is chosen for docker; the test writes what it does when it is to run."""
    program = tmp_path / "docker"
    monkeypatch.setenv("PATH", str(tmp_path))
    return program


def stand_in(program: Path, run: str) -> None:
    program.write_text(
        f"#!{sys.executable}\nimport os, signal, sys\nif sys.argv[1] != 'run': sys.exit(0)\n{run}\n"
    )
    program.chmod(0o755)


SERVE = "os.execv(sys.executable, [sys.executable, '-m', 'triptych.grading.sandbox.inside', 'single'])"


def test_a_container_that_ends_in_the_middle_was_there(docker: Path) -> None:
    """It is not said that it could not be made."""
    stand_in(docker, SERVE)
    before = set(psutil.Process().children())
    with Sandbox(kind="container") as contained, contained.open(ONE) as session:
        assert session.call("f") == 1
        (engine,) = (child for child in psutil.Process().children() if child not in before)
        engine.kill()
        with pytest.raises(SandboxFailed, match="its supervisor is gone"):
            while True:  # its learner's process may answer once more
                session.call("f")


def test_a_container_that_ends_while_its_cells_run_is_started_again(docker: Path, tmp_path: Path) -> None:
    cell = f"""
import os, signal
def f(): return 1
if not os.path.exists({str(tmp_path / "second")!r}):
    open({str(tmp_path / "second")!r}, "w").close()
    os.kill(os.getppid(), signal.SIGKILL)
    signal.pause()  # else it might still say that its cells have run
"""
    stand_in(docker, SERVE)
    with Sandbox(kind="container") as contained, contained.open(cells(cell)) as session:
        assert session.call("f") == 1
    assert session.outcome.reason == ""


def test_a_container_that_never_was_is_told_with_the_engine_s_words(docker: Path) -> None:
    stand_in(docker, "sys.exit('docker: no such runtime')")
    with (
        Sandbox(kind="container") as contained,
        pytest.raises(SandboxUnavailable, match=r"could not be started .docker: no such runtime"),
    ):
        contained.open(ONE)


# --- the last word ------------------------------------------------------------------------------


@pytest.fixture
def contained(docker: Path, tmp_path: Path) -> Path:
    """The stand-in runs what a container runs, as a user without privileges; it confines nothing else."""
    command = (sys.executable, "-m", "inside", "contained")
    words = ["sh", "-c", as_nobody(tmp_path), "sh", *command] if os.getuid() == 0 else [*command]
    source = str(ROOT / "src/triptych/grading/sandbox")
    path = "/usr/sbin:/usr/bin:/sbin:/bin"
    environment = {"PYTHONPATH": source, "PATH": path, "HOME": "/tmp", "MPLCONFIGDIR": "/tmp/matplotlib"}
    stand_in(docker, f"os.chdir('/')\nos.execvpe({words[0]!r}, {words!r}, {environment!r})")
    return docker


FORGES = """
import glob, json, os, signal
word = json.dumps({"why": "closed", "status": 0, "cpu": 0, "peak": 0, "output": "forged"}).encode()
def double(x):
    for path in glob.glob(f"/proc/{os.getppid()}/fd/*"):
        try: os.write(os.open(path, os.O_WRONLY), len(word).to_bytes(4, "big") + word)
        except OSError: pass
    os.kill(os.getppid(), signal.SIGINT)
    os._exit(3)
"""


def test_a_submission_cannot_forge_its_supervisor_s_last_word(contained: Path) -> None:
    with (
        Sandbox(kind="container") as sandbox,
        sandbox.open(cells(FORGES), SMALL) as session,
        pytest.raises(SubmissionError),
    ):
        session.call("double", 1)
    assert session.outcome.reason.startswith("ended its own process (exit status 3)")
    assert "forged" not in session.outcome.output


def test_what_is_written_on_the_error_stream_is_bounded_while_it_is_written(docker: Path) -> None:
    stand_in(
        docker, f"for _ in range(64): sys.stderr.write('noise ' * (1 << 18))\nsys.stderr.flush()\n{SERVE}"
    )
    with Sandbox(kind="container") as sandbox, sandbox.open(ONE) as session:
        assert session.call("f") == 1
        for name in os.listdir("/proc/self/fd"):  # noqa: PTH208  (one is closed again by then)
            try:
                status = os.fstat(int(name))
            except OSError:
                continue
            assert not stat.S_ISREG(status.st_mode) or status.st_nlink or status.st_size < 1 << 20
    assert session.outcome.reason == ""


def test_a_process_that_kills_itself_is_to_blame_where_no_memory_was_wanting(docker: Path) -> None:
    stand_in(docker, SERVE)
    kills = cells("import os, signal\ndef f(): os.kill(os.getpid(), signal.SIGKILL)")
    with (
        Sandbox(kind="container") as sandbox,
        sandbox.open(kills, SMALL) as session,
        pytest.raises(SubmissionError, match="SIGKILL"),
    ):
        session.call("f")
    assert session.outcome.reason == "crashed: its process was ended by SIGKILL"
