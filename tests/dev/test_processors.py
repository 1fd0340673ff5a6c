"""A command run as on another processor: what it sees, and what bad input says."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from click.testing import CliRunner

from support import ROOT
from triptych.cli import main
from triptych.course import Course
from triptych.dev import processors
from triptych.dev.processors import PROCESSORS
from triptych.notebooks import raw

SEES = "import json, os; print(json.dumps([dict(os.environ), len(os.sched_getaffinity(0))]))"


def seen(name: str, **variables: str) -> tuple[dict[str, str], int]:
    """The variables, and the number of cores, of a command that is run as on that processor."""
    done = subprocess.run(
        [sys.executable, "-m", "triptych.cli", "cpu", name, sys.executable, "-c", SEES],
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")} | variables,
        capture_output=True,
        text=True,
        check=True,
    )
    return tuple(json.loads(done.stdout))


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="only Linux confines a process")
@pytest.mark.parametrize("name", PROCESSORS)
def test_a_command_sees_the_processors_variables_and_cores(name):
    if not processors.instructions() >= {PROCESSORS[name].needs} - {""}:
        pytest.skip(f"no {PROCESSORS[name].needs} here")
    variables, cores = seen(name, XLA_FLAGS="--xla_dump_hlo_as_text")
    for variable, value in PROCESSORS[name].variables.items():
        assert value in variables[variable]
    assert variables["XLA_FLAGS"].endswith("--xla_dump_hlo_as_text")
    assert cores == (PROCESSORS[name].cores or len(os.sched_getaffinity(0)))


def test_an_unknown_processor_is_told_with_the_known_ones():
    result = CliRunner().invoke(main, ["cpu", "z80", "true"])
    assert result.exit_code == 1
    assert result.stderr.splitlines() == ["CPU=z80: unknown processor; known are avx2, one-thread"]


def test_a_machine_without_avx2_says_so_in_one_line(monkeypatch):
    monkeypatch.setattr(processors, "instructions", lambda: frozenset({"sse2"}))
    result = CliRunner().invoke(main, ["cpu", "avx2", "true"])
    assert result.exit_code == 1
    assert len(result.stderr.splitlines()) == 1
    assert result.stderr.startswith("CPU=avx2: this processor has no AVX2; ")


def test_a_missing_program_is_told_in_one_line():
    name = next(iter(PROCESSORS.keys() - {"avx2"}))
    code = f"from triptych.cli import main; main(['cpu', '{name}', 'no-such-program'])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.splitlines() == ["no-such-program: no such program; name one that is on the path"]


def test_the_notebooks_add_to_the_flags_that_are_set():
    """Else `make test CPU=avx2` would be lost on them."""
    course = Course.containing(ROOT)
    setting = 0
    for path in course.notebooks():
        for cell in raw.load(path, course.name(path)).cells:
            if cell.cell_type == "code" and "XLA_FLAGS" in cell.source:
                setting += 1
                assert '.get("XLA_FLAGS", "")' in cell.source, f"{course.name(path)}: {cell.id}"
    assert setting
