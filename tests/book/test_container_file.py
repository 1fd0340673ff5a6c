"""The container file that the deployment notebooks write: linted, and held to what no linter asks for."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from support import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks/deployment").glob("*.ipynb"))
HADOLINT = Path(sys.executable).parent / "hadolint"

#: The minor version of this Python.
MINOR = "{}.{}".format(*sys.version_info)


def cells(path: Path) -> dict[str, str]:
    return {cell.id: cell.source for cell in nbformat.read(path, as_version=4).cells}


def text(path: Path, cell: str, minor: str = MINOR) -> str:
    """The string that a cell binds to a name; ``minor`` is the Python that runs the notebook."""
    bound = ast.parse(cells(path)[cell]).body[0]
    assert isinstance(bound, ast.Assign)
    return str(eval(compile(ast.Expression(bound.value), cell, "eval"), {"minor": minor}))


def broken_rules(container: str) -> list[str]:
    call = [HADOLINT, "--no-fail", "--format", "json", "-"]
    found = subprocess.run(call, input=container, capture_output=True, text=True, check=True)
    return sorted({problem["code"] for problem in json.loads(found.stdout)})


@pytest.fixture(scope="module")
def container() -> str:
    return text(NOTEBOOKS[0], "serving-ours")


def instructions(container: str, name: str) -> list[str]:
    joined = container.replace("\\\n", "")
    return [line.split(" ", 1)[1] for line in joined.splitlines() if line.startswith(f"{name} ")]


def test_the_three_notebooks_write_the_same_file():
    assert len(NOTEBOOKS) == 3
    assert len({text(path, "serving-ours") for path in NOTEBOOKS}) == 1


def test_hadolint_has_no_objection_to_it(container):
    assert broken_rules(container) == []


def test_hadolint_objects_to_the_first_attempt_and_to_what_a_slip_would_leave(container):
    assert broken_rules(text(NOTEBOOKS[0], "serving-first")) == [
        "DL3006",  # no version of the base
        "DL3013",  # none of the packages
        "DL3025",  # a command as a text, whose shell keeps signals from the server
        "DL3042",  # pip's cache stays in the image
        "DL3045",  # copied to wherever the base happens to be
    ]
    assert "DL3002" in broken_rules(container.replace("USER 1000", "USER root"))
    assert "DL3007" in broken_rules(container.replace(f":{MINOR}-slim-bookworm", ":latest"))


def test_its_base_is_the_python_that_ran_and_its_server_is_not_root():
    container = text(NOTEBOOKS[0], "serving-ours", minor="3.15")
    (base,) = instructions(container, "FROM")
    assert re.fullmatch(r"python:3\.15-slim-[a-z]+", base)
    *_, user = instructions(container, "USER")
    assert user not in {"root", "0"}
    assert container.index("USER") < container.index("\nCMD")


def test_the_servers_packages_are_pinned_for_the_python_that_runs_the_notebooks():
    written = (ROOT / "Makefile").read_text(encoding="utf-8")
    served = re.search(r"serving\.in --universal --python-version (3\.\d+)", written)
    ran = json.loads((ROOT / "results/versions.json").read_text(encoding="utf-8"))["sets"]["default"]
    assert served and ran["python"].startswith(f"{served[1]}.")


def test_its_health_is_asked_by_a_program_that_fails_where_nobody_answers(container):
    (health,) = instructions(container, "HEALTHCHECK")
    command = json.loads(health[health.index("[") :])
    assert command[0] == "python" and "/v2/health/ready" in command[-1]
    # A port that nobody listens on: the program is well formed, and says no.
    asked = [sys.executable, "-c", command[-1].replace(":8080", ":1")]
    assert subprocess.run(asked, capture_output=True, check=False).returncode == 1


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_what_it_copies_is_written_by_the_notebook(path, container):
    source = "\n".join(cells(path).values())
    for copied in instructions(container, "COPY"):
        for name in copied.split()[:-1]:
            if name in {"v1", "v2"}:
                assert f'"{name}"' in source
            else:
                assert f"server/{name}" in source or f'"{name}"' in source, name
