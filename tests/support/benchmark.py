"""A made-up chapter ``performance`` with few programs, measured without frameworks on a quiet machine."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import nbformat
import pytest
from click.testing import CliRunner, Result

from support import declare
from triptych.benchmark import hardware, parts, plan, run
from triptych.benchmark.programs import variants
from triptych.benchmark.programs.variants import MACHINE, Variant
from triptych.cli import main
from triptych.course import Course
from triptych.frameworks import FRAMEWORKS

#: A program's process: it appends its name to ``order.txt`` and tells a measurement.
PROGRAM = """\
import json, os, sys
job = json.load(open(sys.argv[1]))
with open("order.txt", "a") as order:
    order.write(f"{job['framework']}:{job['variant']}\\n")
told = {"name": job["name"], "variant": job["variant"], "threads": job["threads"], "dtype": job["dtype"],
        "threads_read": job["threads"], "import_s": 0.5, "first_s": 1.5, "samples_s": [0.25] * job["samples"],
        "items": 128, "item": "row", "batch": 128, "start_bytes": 10, "peak_bytes": 30, "check": [2.5, 7.0]}
names = {"told": told, "job": job, "os": os, "json": json}
for cell in job["cells"]:
    exec(cell, names)
json.dump(told, open(job["out"], "w"))
"""
QUIET = hardware.Load(2.0, (0.1, 0.2, 0.3))

#: The programs: of each framework an eager step, of the machine one copy.
PROGRAMS = (
    Variant(MACHINE, "bandwidth", "copy", "machine", (), "fast"),
    *(Variant(name, "mlp step", "eager", name, ("step",), "usual") for name in FRAMEWORKS),
)


def write_notebooks(course: Course, **codes: str) -> None:
    """The chapter's three notebooks: the timing helper, and a cell that the program runs."""
    declare("performance")
    for name in FRAMEWORKS:
        cells = [nbformat.v4.new_markdown_cell("# Tiny")]
        for cell, code in (("time-measure", "measure = None"), ("step", codes.get(name, "pass"))):
            cells.append(nbformat.v4.new_code_cell(code, id=cell))
        path = course.root / f"notebooks/performance/{name}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        node = nbformat.v4.new_notebook(cells=cells, metadata={"language_info": {"name": "python"}})
        nbformat.write(node, path)


def without_frameworks(job: Mapping[str, Any], file: Path) -> list[list[str]]:
    """The process that stands for a program's."""
    return [[sys.executable, "-c", PROGRAM, str(file)]]


@pytest.fixture
def bench(course: Course, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """``bench("--device", "cpu")`` measures in a made-up course on a quiet machine without frameworks."""
    write_notebooks(course)
    parts._by_id.cache_clear()
    monkeypatch.chdir(course.root)
    monkeypatch.setattr(variants, "every", lambda: PROGRAMS)
    monkeypatch.setattr(run, "commands", without_frameworks)
    monkeypatch.setattr(run, "current_load", lambda: QUIET)
    monkeypatch.setattr(run, "busiest", lambda: "another 68 %")
    monkeypatch.setattr(run, "LOOK", 0.0)
    monkeypatch.setattr(hardware.OtherPrograms, "percent", lambda self: 0.5)
    made_up = hardware.Hardware("AMD EPYC", "x86_64", 2, 2**34, ("avx2",), None)
    monkeypatch.setattr(plan, "this_machine", lambda: made_up)
    return lambda *arguments: CliRunner().invoke(main, ["bench", *arguments])


def order(course: Course) -> list[str]:
    """The frameworks whose programs were run since the last question, in order."""
    path = course.root / "order.txt"
    ran = [line.partition(":")[0] for line in path.read_text().split()] if path.exists() else []
    path.unlink(missing_ok=True)
    return ran


def stored(course: Course, name: str = "amd-epyc-2-cores") -> dict:
    return json.loads((course.root / f"results/{name}.json").read_text())
