"""A program in a process of its own."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from triptych.benchmark.processes import follow

LITTER = """
import os, tempfile
print(tempfile.mkdtemp(), flush=True)
os.kill(os.getpid(), 9)
"""


def test_a_program_is_followed_and_its_temporary_files_go_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    said: list[str] = []
    status = follow([sys.executable, "-c", LITTER], tmp_path, tmp_path / "log", said.append)
    assert status == -9
    assert len(said) == 1 and said[0].startswith(str(temporary))
    assert list(temporary.iterdir()) == []
