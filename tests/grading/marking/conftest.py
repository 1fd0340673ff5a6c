"""What the tests of marking share: a course's setting, and a sandbox that is started once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

import psutil
import pytest

from support import need
from support.sandboxes import bubblewraps
from support.tiny_course import CHECKS, notebook
from triptych.dev import doctor as tools
from triptych.files import digest
from triptych.grading.marking import Job, Markers, Sandboxes, Setting
from triptych.grading.sandbox import Limits, Sandbox
from triptych.grading.submissions.files import DiskFile


class Shared(Sandboxes):
    """Sandboxes that are one without frameworks, whatever is asked for; it is started once."""

    def __init__(self) -> None:
        super().__init__(Limits(), make=lambda *_: Sandbox((), Limits(), "bubblewrap"))

    def start(self, framework: str) -> Sandbox:
        return super().start("jax")


@pytest.fixture(scope="module")
def sandboxes() -> Iterator[Sandboxes]:
    need(tools.BUBBLEWRAP)
    with Shared() as made:
        yield made


@pytest.fixture
def bubblewrap(sandboxes: Sandboxes) -> psutil.Process:
    """The outermost process of the sandbox."""
    sandboxes.start("jax")
    return max(bubblewraps(), key=lambda process: process.create_time())


@pytest.fixture(scope="module")
def markers() -> Iterator[Markers]:
    with Markers(2) as markers:
        yield markers


@pytest.fixture
def setting() -> Callable[..., Setting]:
    """``setting(checks, **more)``"""

    def setting(checks: str = CHECKS, **more: object) -> Setting:
        given = {"released": {"jax": notebook("x = 1")}, "limits": Limits(), "framework": "jax"} | more
        return Setting("tiny", checks, "checks.py", **given)

    return setting


@pytest.fixture
def job(tmp_path: Path) -> Callable[..., Job]:
    """``job(source, ...)``: a notebook of those cells; ``job(data=b"...")`` of those bytes."""

    def job(*sources: str, data: bytes = b"", name: str = "jax.ipynb") -> Job:
        file = tmp_path / name
        file.write_bytes(data or notebook(*sources).encode())
        return Job(name, DiskFile(PurePosixPath(name), "", file), name, digest(file.read_bytes()), seed=1)

    return job
