"""The course's own environment: room for it, and what a full disk leaves."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from support import ROOT
from triptych.dev import install
from triptych.errors import TriptychError

FULL = "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device"


def fake_pip(environment: Path, *lines: str) -> None:
    """Its pip prints what it is asked for, and runs the lines. It is as old as the course."""
    (environment / "bin").mkdir(parents=True, exist_ok=True)
    pip = environment / "bin/pip"
    pip.write_text("\n".join(["#!/bin/sh", 'echo "pip $*"', *lines]) + "\n")
    pip.chmod(0o755)
    os.utime(pip, (0, 0))


def traceback(line: str) -> str:
    """Shell: what pip says before it gives up."""
    return f"echo 'Traceback (most recent call last):' >&2; echo '{line}' >&2; exit 2"


pytestmark = pytest.mark.skipif(os.name != "posix", reason="no sh and no make on Windows")


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """``make("book", pip)`` in a folder of its own, where ``pip`` is what a new environment's pip does."""
    folder, path, made = tmp_path / "course", tmp_path / "path", tmp_path / "made"
    path.mkdir()
    for tool in ("sh", "rm", "touch", "mkdir", "chmod", "ln"):
        (path / tool).symlink_to(shutil.which(tool) or tool)
    (folder / "constraints").mkdir(parents=True)
    for name in ("pyproject.toml", "constraints/default.txt"):
        (folder / name).touch()
    (folder / "src").symlink_to(ROOT / "src")

    def run(group: str, pip: str) -> subprocess.CompletedProcess[str]:
        fake_pip(made, pip)
        (path / "python3.11").write_text(
            f"""#!/bin/sh
case "$*" in
--version) echo Python 3.11.7;;
"-m venv "*) mkdir -p "$3/bin" && ln -s {made}/bin/pip "$3/bin/pip" &&
    printf '%s\\n' '#!/bin/sh' 'exec {sys.executable} "$@"' > "$3/bin/python" && chmod +x "$3/bin/python";;
esac
"""
        )
        (path / "python3.11").chmod(0o755)
        return subprocess.run(
            [shutil.which("make"), "--no-print-directory", "-f", ROOT / "Makefile", f".venv/.has-{group}"],
            cwd=folder,
            env={"PATH": str(path), "TMPDIR": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )

    run.folder = folder  # type: ignore[attr-defined]
    return run


def test_a_group_is_installed_with_the_pins_and_once(make) -> None:
    done = make("book", ":")
    assert done.returncode == 0, done.stderr
    wanted = "pip install --progress-bar on --constraint constraints/default.txt --editable .[book]"
    assert wanted in done.stdout
    names = {path.name for path in (make.folder / ".venv").iterdir()}
    assert names == {"bin", ".has-book"}
    assert "pip install" not in make("book", ":").stdout


def test_a_full_disk_is_told_in_one_line_and_leaves_nothing(make) -> None:
    done = make("book", traceback(FULL))
    assert done.returncode != 0
    line, last = done.stderr.splitlines()
    assert line.startswith(".venv: the disk was full before `book` was installed (free: ")
    assert line.endswith("); nothing is left of it; make room for 1.0 GB, then run the same command again")
    assert last.startswith("make: ***")
    assert not (make.folder / ".venv").exists()
    assert make("book", ":").returncode == 0


def test_an_environment_that_has_another_group_keeps_it_and_is_not_taken_for_whole(make) -> None:
    assert make("book", ":").returncode == 0
    done = make("lab", traceback(FULL))
    assert "what it had before is still there" in done.stderr
    assert (make.folder / ".venv/.has-book").exists()
    assert not (make.folder / ".venv/.has-lab").exists()
    assert "pip install" in make("lab", ":").stdout


def test_another_failure_of_pip_is_shown_as_pip_tells_it(make) -> None:
    done = make("book", traceback("ERROR: No matching distribution found"))
    assert "ERROR: No matching distribution found" in done.stderr
    assert "`book` could not be installed (see above); nothing is left of it; mend that" in done.stderr
    assert not (make.folder / ".venv").exists()


@pytest.mark.parametrize(("free", "there", "enough"), [(3.9, 0, False), (4.1, 0, True), (3.9, 0.2, True)])
def test_room_is_looked_for_first(
    free: float, there: float, enough: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is installed already counts."""
    fake_pip(tmp_path, "touch called")
    usage = shutil.disk_usage(tmp_path)._replace(free=int(free * 1e9))
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    monkeypatch.setattr(install, "_size", lambda _: there * 1e9)
    monkeypatch.chdir(tmp_path)
    if enough:
        install.install("lab", tmp_path)
    else:
        with pytest.raises(TriptychError, match=r"`lab` needs 4\.0 GB more of disk, and 3\.9 GB are free"):
            install.install("lab", tmp_path)
    assert (tmp_path / "called").exists() == enough


def test_a_folder_s_size_is_what_it_takes_on_the_disk(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a/file").write_bytes(b"x" * 100_000)
    (tmp_path / "link").symlink_to("a/file")
    assert 100_000 <= install._size(tmp_path) < 200_000


def test_every_group_that_make_installs_has_a_size() -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    others = {"biome", "browser", "serving", "uv"}  # not by this
    groups = {word.partition(".has-")[2] for word in text.split() if word.startswith("$(VENV)/.has-")}
    assert {group.rstrip(":") for group in groups} - others - {"%", "$*"} == set(install.GIGABYTES)
