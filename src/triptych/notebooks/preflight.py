"""The preflight cell: after its imports, a notebook says where versions are none that passed.

The cell is the same in every notebook and exercise of a framework, and generated. It is silent where
all versions lie within ``constraints/preflight.json``; that file changes only at a release of versions
(``triptych versions freeze``), so that stored notebooks do not change from week to week.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from triptych.course import Course
from triptych.errors import TriptychError
from triptych.frameworks import PANELS
from triptych.notebooks.folds import PLUMBING
from triptych.notebooks.model import VARIES

FILE = "constraints/preflight.json"
ID = "preflight"
PYTHON = "Python"
TITLE = "Says which versions here are not among those that passed"

#: The folders whose notebooks have the cell. A solution has none: its exercise gets it when it is released.
FOLDERS = ("notebooks", "exercises")

_CODE = '''\
# {title}
def preflight(passed, runtime):
    """Prints three lines where a version is not within passed."""
    import platform
    import re
    import sys
    from importlib import metadata

    def numbers(version):
        return [int(n) for n in re.findall(r"\\d+", version)[:3]]

    def installed(name):
        if name == "Python":
            return platform.python_version()
        if hasattr(sys.modules.get(name), "__version__"):
            return sys.modules[name].__version__
        try:
            return metadata.version(name)
        except metadata.PackageNotFoundError:
            return "not installed"

    other = []
    for name, (low, high) in passed.items():
        here = installed(name)
        if not (numbers(low) <= numbers(here)
                and numbers(here)[:2] <= numbers(high)):
            other.append(f"{{name}} {{here}} (passed: {{low}} to {{high}})")
    if other:
        print("Versions that this course has not been tried with:",
              f"{{', '.join(other)}}.")
        print("What that may cost: other digits in a result, and"
              " errors where a function was renamed or removed.")
        print("To get versions that passed: on Colab, Runtime >"
              " Change runtime type > Runtime version >",
              f"{{runtime}}; elsewhere, `make lab`.")


preflight({{
{ranges}
}}, runtime="{runtime}")'''


@dataclass(frozen=True)
class Passed:
    """What passed: for each framework the lowest and highest version of what its notebooks import.

    The lowest are whole versions, the highest stand for all their patches: ``2.14``. ``runtime`` is
    the name of a runtime of Colab's that lies within them.
    """

    ranges: Mapping[str, Mapping[str, tuple[str, str]]]
    runtime: str

    def source(self, framework: str) -> str:
        """The cell's code."""
        lines = [
            f'    "{name}": ("{low}", "{high}"),' for name, (low, high) in self.ranges[framework].items()
        ]
        return _CODE.format(title=TITLE, ranges="\n".join(lines), runtime=self.runtime)


def read(course: Course) -> Passed | None:
    """What ``constraints/preflight.json`` says; None where a course has no such file.

    Raises TriptychError for a file that is not such a record.
    """
    path = course.root / FILE
    return _parsed(path.read_text(encoding="utf-8")) if path.is_file() else None


@lru_cache(maxsize=4)
def _parsed(text: str) -> Passed:
    try:
        data = json.loads(text)
        ranges = {
            framework: {str(name): (str(low), str(high)) for name, (low, high) in packages.items()}
            for framework, packages in data["passed"].items()
        }
        return Passed(ranges, str(data["colab"]["runtime"]))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        problem = f"not a record of versions ({type(error).__name__}: {error})"
        raise TriptychError(FILE, problem, "restore it from git, or run `triptych versions freeze`") from None


def put(node: NotebookNode, place: Path, course: Course) -> None:
    """Put the current cell after the notebook's imports, in the place of an older one.

    Stored outputs stay: where the cells were run in order, they are numbered anew with the cell
    among them, as the cell prints nothing there. A notebook without the framework's import, and one
    that is none of ``FOLDERS``, gets none. ``place`` is where the course has the notebook.
    """
    parts = Path(course.name(place)).parts
    if len(parts) != 3 or parts[0] not in FOLDERS or place.stem not in PANELS:
        return
    passed = read(course)
    imports = re.compile(rf"^import {PANELS[place.stem].module}\b", re.MULTILINE)
    others = [cell for cell in node.cells if cell.get("id") != ID]
    after = (i for i, cell in enumerate(others) if cell.cell_type == "code" and imports.search(cell.source))
    at = next(after, None)
    if passed is None or place.stem not in passed.ranges or at is None:
        return
    cell = nbformat.v4.new_code_cell(passed.source(place.stem), id=ID, metadata={"tags": [PLUMBING, VARIES]})
    node.cells = [*others[: at + 1], cell, *others[at + 1 :]]
    _number(node, cell)


def _number(node: NotebookNode, new: NotebookNode) -> None:
    """Number the cells as of one run with the new one, where they are those of one run without it."""
    code = [cell for cell in node.cells if cell.cell_type == "code"]
    found = [cell.execution_count for cell in code if cell is not new]
    numbers = [number for number, cell in enumerate(code, 1) if cell is not new]
    if found in (numbers, list(range(1, len(code)))):
        for number, cell in enumerate(code, 1):
            cell.execution_count = number
