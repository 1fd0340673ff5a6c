"""Where there is no sandbox, the grader can still be imported, and says what to do."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from triptych.grading.sandbox import environment

#: What the standard library lacks on Windows, taken away before anything of ours is imported, but after
#: those whose Windows halves we cannot have here.
WINDOWS = """
import asyncio, ctypes, http.server, multiprocessing, os, select, signal, socket, subprocess, sys
import click, jinja2, jsonschema, nbformat, numpy
for module in ("fcntl", "grp", "pwd", "resource", "termios"):
    sys.modules[module] = None  # to import it raises ImportError
for module, names in (
    (os, "fork wait4 setsid getuid getgid killpg sched_getaffinity"),
    (select, "poll"),
    (signal, "SIGKILL SIGCHLD SIGALRM SIGSTOP setitimer ITIMER_REAL"),
    (socket, "AF_UNIX send_fds recv_fds"),
):
    for name in names.split():
        if hasattr(module, name):
            delattr(module, name)
library = ctypes.CDLL
def refuse(name, *arguments, **options):
    if name is None:
        raise TypeError("argument of type 'NoneType' is not iterable")
    return library(name, *arguments, **options)
ctypes.CDLL = refuse
"""


def run(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=False
    )


def test_every_module_of_the_grader_can_be_imported_without_what_windows_lacks() -> None:
    done = run(
        WINDOWS
        + """
import importlib, pkgutil, triptych.grading
names = [m.name for m in pkgutil.walk_packages(triptych.grading.__path__, "triptych.grading.")]
for name in names:
    if not name.endswith("__main__"):
        importlib.import_module(name)
print(*names)
"""
    )
    assert done.returncode == 0, done.stderr
    assert "triptych.grading.sandbox.inside.confinement" in done.stdout.split()


def test_help_is_given_without_what_windows_lacks() -> None:
    for words in (["--help"], ["grade", "--help"]):
        done = run(f"{WINDOWS}\nfrom triptych.cli import main\nmain()", *words)
        assert done.returncode == 0, done.stderr
        assert "Usage" in done.stdout


def test_windows_is_told_to_use_wsl_whatever_the_kind() -> None:
    done = run(
        WINDOWS
        + """
from triptych.grading.sandbox import Sandbox, SandboxUnavailable
for kind in ("auto", "bubblewrap", "container", "trusted"):
    try:
        Sandbox(kind=kind).__enter__()
    except SandboxUnavailable as error:
        print(error)
"""
    )
    assert done.stdout.count("use WSL") == 4, done.stderr


def test_what_runs_inside_imports_nothing_from_outside(tmp_path: Path) -> None:
    """A copy of the folder is all that it needs; of this course, nothing else is there."""
    shutil.copytree(environment.INSIDE, tmp_path / "inside")
    done = run(
        """
import importlib, pkgutil, sys
sys.path[:] = [sys.argv[1], *(entry for entry in sys.path if not entry.endswith("src"))]
sys.modules["triptych"] = None
import inside
names = [m.name for m in pkgutil.walk_packages(inside.__path__, "inside.") if not m.name.endswith("__main__")]
for name in names:
    importlib.import_module(name)
print(*names)
""",
        str(tmp_path),
    )
    assert done.returncode == 0, done.stderr
    assert {"inside.learner", "inside.messages", "inside.supervisor", "inside.warm"} <= {*done.stdout.split()}
