"""A made-up chapter ``performance`` that is measured without Jupyter, on a quiet machine."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner, Result

from support import declare
from triptych.benchmark import hardware, plan, run
from triptych.cli import main
from triptych.course import Course
from triptych.frameworks import FRAMEWORKS

#: What stands for a notebook's code: two measurements, each in a cell of its own.
CODE = """\
import json, os, time
measurements = []

def keep(name, variant, *samples, **facts):
    measurements.append({"name": name, "variant": variant, "first_s": 1.0, "samples_s": samples, **facts})
    part = {"schema": 1, "framework": FRAMEWORK, "scale": scale, "device": device, "precision": precision,
            "versions": {"python": "3"}, "measurements": measurements}
    with open(record + ".part", "w") as file:
        json.dump(part, file)
    os.replace(record + ".part", record)

keep("bandwidth", "copy", 0.5, 0.7, items=8, item="byte")
# %%
keep("mlp step", "eager", 0.25, items=128, item="row")
"""
PARAMETERS = 'device = "cpu"\nscale = "quick"\nprecision = "float32"\nrecord = ""\n'
QUIET = hardware.Load(2.0, (0.1, 0.2, 0.3))


def write_notebooks(course: Course, **codes: str) -> None:
    """The chapter's three notebooks, with this code instead of CODE where one is given."""
    declare("performance")
    for name in FRAMEWORKS:
        cells = [
            nbformat.v4.new_markdown_cell("# Tiny"),
            nbformat.v4.new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]}),
            nbformat.v4.new_code_cell(f"FRAMEWORK = {name!r}"),
            *map(nbformat.v4.new_code_cell, codes.get(name, CODE).split("# %%\n")),
        ]
        path = course.root / f"notebooks/performance/{name}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        node = nbformat.v4.new_notebook(cells=cells, metadata={"language_info": {"name": "python"}})
        nbformat.write(node, path)


def without_jupyter(notebook: Path, executed: Path, parameters: Mapping[str, str]) -> list[str]:
    """Runs the notebook's code at once, as papermill would with a kernel."""
    order = notebook.parent / "order.txt"
    before = order.read_text() if order.exists() else ""
    order.write_text(f"{before}{notebook.stem} ")
    code = [cell.source for cell in nbformat.read(notebook, as_version=4).cells[1:]]
    given = "\n".join(f"{name} = {value!r}" for name, value in parameters.items())
    show = """
import sys
from pathlib import Path
from triptych.benchmark.execute import Progress
Progress(Path(record), sys.stdout).show()"""
    return [sys.executable, "-c", "\n".join([code[0], given, *code[1:], show])]


@pytest.fixture
def bench(course: Course, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """``bench("--device", "cpu")`` measures in a made-up course on a quiet machine without Jupyter."""
    write_notebooks(course)
    monkeypatch.chdir(course.root)
    monkeypatch.setattr(run, "execution", without_jupyter)
    monkeypatch.setattr(run, "current_load", lambda: QUIET)
    monkeypatch.setattr(hardware.OtherPrograms, "percent", lambda self: 0.5)
    made_up = hardware.Hardware("AMD EPYC", "x86_64", 2, 2**34, ("avx2",), None)
    monkeypatch.setattr(plan, "this_machine", lambda: made_up)
    return lambda *arguments: CliRunner().invoke(main, ["bench", *arguments])


def order(course: Course) -> list[str]:
    """The notebooks that were run since the last question, in order."""
    path = course.root / "notebooks/performance/order.txt"
    ran = path.read_text().split() if path.exists() else []
    path.unlink(missing_ok=True)
    return ran


def stored(course: Course, name: str = "amd-epyc-2-cores") -> dict:
    return json.loads((course.root / f"results/{name}.json").read_text())
