"""The container kind of the sandbox, in a real engine, with an image made of this Python."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hostile.attempt import SECRET
from hostile.bank import BANK

from support import NO_ENGINE
from support.sandboxes import SMALL, cells, closure
from triptych.grading.sandbox import Limits, OutOfMemory, Sandbox, SubmissionError, container

IMAGE = "triptych-grading-test"

#: One of each kind of harm; the whole bank takes minutes here, as each submission is a container.
HARM = (
    "loops for ever in a cell and swallows the interruption",
    "allocates in its grandchildren",
    "forks without end",
    "leaves a daemon and says nothing of it",
    "fills the disk",
    "reads the grader's files",
    "searches every file for the secret",
    "reaches for the network",
)


@pytest.fixture(scope="module")
def contained(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A sandbox of the container kind, where docker or podman can run one."""
    engine, problem = _engine(), "neither docker nor podman can import an image"
    if engine:
        archive = tmp_path_factory.mktemp("image") / "root.tar"
        _pack(archive)
        made = subprocess.run([engine, "import", archive, IMAGE], capture_output=True, text=True, check=False)
        command = container.container_command(engine, "triptych-trial", Limits())
        trial = [IMAGE if word == container.IMAGE else word for word in command[:-5]]
        ran = subprocess.run([*trial, "python3", "-c", ""], capture_output=True, text=True, check=False)
        problem = made.stderr if made.returncode else ran.stderr if ran.returncode else ""
    if problem:
        pytest.skip(f"{NO_ENGINE}: {problem.strip()[-200:]}")
    before, container.IMAGE = container.IMAGE, IMAGE
    try:
        with Sandbox(frameworks=(), kind="container") as made:
            yield made
    finally:
        container.IMAGE = before
        subprocess.run([engine, "rmi", "--force", IMAGE], capture_output=True, check=False)


def _engine() -> str:
    """A docker or podman that answers."""
    for tool in filter(None, map(shutil.which, ("docker", "podman"))):
        if subprocess.run([tool, "info"], capture_output=True, check=False).returncode == 0:
            return tool
    return ""


def _pack(archive: Path) -> None:
    """This Python, NumPy, IPython and the libraries that they load, as an image's files."""
    base = Path(sys.base_prefix)
    unwanted = {"test", "site-packages", "idlelib", "__pycache__"}
    target = str(base).lstrip("/")  # where its libraries look for each other
    site = f"{target}/lib/python{sys.version_info.major}.{sys.version_info.minor}/site-packages"
    libraries: set[Path] = set()
    packed: set[str] = set()
    with tarfile.open(archive, "w") as tar:

        def add(path: Path, name: str) -> None:
            if name in packed:
                return
            packed.add(name)
            tar.add(path, name, recursive=False)
            if path.suffix == ".so" or path.name.startswith("python3") or ".so." in path.name:
                told = subprocess.run(["ldd", path], capture_output=True, text=True, check=False).stdout
                libraries.update(Path(found) for found in re.findall(r"(/[^ ]+)", told))

        for part in ("bin", "lib"):
            for path in sorted((base / part).rglob("*")):
                inside = path.relative_to(base)
                if not unwanted & set(inside.parts) and path.suffix not in (".a", ".pyc"):
                    add(path, f"{target}/{inside}")
        for distribution in closure("numpy", "ipython"):
            for file in distribution.files or ():
                if ".." not in file.parts and file.suffix != ".pyc":
                    add(Path(file.locate()), f"{site}/{file}")
        ours = (base, Path(sys.prefix))
        for library in sorted({Path(os.path.normpath(path)) for path in libraries if path.is_file()}):
            if any(map(library.is_relative_to, ours)):
                continue
            tar.add(library.resolve(), str(library).lstrip("/"))
        program = tarfile.TarInfo("usr/bin/python3")
        program.type, program.linkname = tarfile.SYMTYPE, f"{base}/bin/python3"
        tar.addfile(program)
        for folder, mode in (("tmp", 0o1777), ("home/learner", 0o1777), ("proc", 0o755), ("dev", 0o755)):
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode = tarfile.DIRTYPE, mode
            tar.addfile(entry)


LOOK = """
import os, socket
def double(x): return 2 * x
def look():
    found = {"user": os.getuid()}
    for file in ("/usr/x", "/sandbox/inside/x", "/home/learner/x", "/tmp/x"):
        try: found[file] = open(file, "w").write("a")
        except OSError as error: found[file] = error.strerror
    status = open("/proc/self/status").read()
    found["capabilities"] = status.split("CapEff:")[1].split()[0]
    found["course"] = os.listdir("/sandbox")
    return found
"""


def test_a_container_answers_and_holds_nothing_but_its_task(contained: Sandbox) -> None:
    with contained.open(cells(LOOK)) as session:
        np.testing.assert_array_equal(session.call("double", np.arange(3)), [0, 2, 4])
        assert session.call("look") == {
            "user": 1000,
            "/usr/x": "Read-only file system",
            "/sandbox/inside/x": "Read-only file system",
            "/home/learner/x": 1,
            "/tmp/x": 1,
            "capabilities": "0000000000000000",
            "course": ["inside"],
        }
    assert session.outcome.reason == ""
    with contained.open(cells("import os\ndef left(): return os.listdir('/tmp')")) as session:
        assert session.call("left") == []  # of the one before


@pytest.mark.parametrize("name", HARM)
def test_a_hostile_submission_gains_nothing_in_a_container(
    name: str,
    contained: Sandbox,
    surroundings: dict[str, object],
) -> None:
    hostile = next(one for one in BANK if one.name == name)
    source = hostile.source.format(**surroundings) if hostile.template else hostile.source
    limits = SMALL if hostile.ends else Limits(cells=20, call=10, total=40, memory=512 << 20)
    x = np.random.default_rng().normal(size=5)
    begun = time.monotonic()
    with contained.open(cells("import numpy", source), limits) as session:
        with contextlib.suppress(SubmissionError):
            assert not np.array_equal(session.call("double", x), 2 * x)
        if "def loot" in source:  # the image's own files may be read
            assert SECRET not in repr(session.call("loot"))
    if hostile.ends:
        assert session.outcome.reason
    assert time.monotonic() - begun < limits.total + 10
    left = subprocess.run([_engine(), "ps", "--all", "--quiet"], capture_output=True, text=True, check=True)
    assert left.stdout == ""


def test_memory_is_bounded_in_a_container(contained: Sandbox) -> None:
    eat = "def eat():\n    keep = []\n    while True: keep.append(bytearray(16 << 20))"
    with contained.open(cells(eat), Limits(memory=256 << 20)) as session, pytest.raises(OutOfMemory):
        session.call("eat")
    assert session.outcome.reason == "needed more than 256 MiB of memory in a call of eat"
