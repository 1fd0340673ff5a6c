"""nbval with numbers compared as numbers: what passes on another processor, and what fails on none."""

from __future__ import annotations

import re
import subprocess
import sys

import nbformat
import pytest

from support import ROOT
from triptych.notebooks.compare import same_text, same_value

#: What the cell shows, what is stored, whether that is the same, and the cell's tolerance.
CELLS = {
    "equal": ("{'y': 1.177}", "{'y': 1.177}", True, {}),
    "one unit in the last of four digits": ("{'y': 1.177}", "{'y': 1.178}", True, {}),
    "a digit fewer, rounded": ("{'y': 0.123}", "{'y': 0.1231}", True, {}),
    "two units": ("{'y': 1.177}", "{'y': 1.179}", False, {}),
    "a digit more": ("{'y': 1.177}", "{'y': 1.1775}", False, {}),
    "a changed word": ("{'y': 'fast'}", "{'y': 'slow'}", False, {}),
    "a list one shorter": ("{'y': [1, 2]}", "{'y': [1]}", False, {}),
    "0.6 for 0.5": ("{'y': 0.6}", "{'y': 0.5}", False, {}),
    "an integer": ("{'y': 12345}", "{'y': 12346}", False, {}),
    "a boolean": ("{'y': True}", "{'y': False}", False, {}),
    "within the declared tolerance": ("{'y': 0.6, 'z': 1}", "{'y': 0.5, 'z': 1}", True, {"y": 0.2}),
    "beyond the declared tolerance": ("{'y': 0.7, 'z': 1}", "{'y': 0.5, 'z': 1}", False, {"y": 0.2}),
    "another key than the declared": ("{'y': 0.6, 'z': 1}", "{'y': 0.5, 'z': 2}", False, {"y": 0.2}),
    "printed, one unit": ("print('loss 0.12345\\nend')", "loss 0.12346\nend\n", True, {}),
    "printed, a missing line": ("print('loss 0.12345\\nend')", "loss 0.12345\n", False, {}),
    "printed, aligned columns": ("print('[1.     2.5]')", "[0.9999 2.5]\n", True, {}),
}


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What nbval says of each of CELLS: one notebook, one kernel."""
    folder = tmp_path_factory.mktemp("validation")
    cells = []
    for shown, stored, _, tolerance in CELLS.values():
        output = (
            nbformat.v4.new_output("stream", name="stdout", text=stored)
            if shown.startswith("print")
            else nbformat.v4.new_output("execute_result", {"text/plain": stored}, execution_count=1)
        )
        settings = {"triptych": {"tolerance": tolerance, "reason": "a test"}} if tolerance else {}
        cells.append(nbformat.v4.new_code_cell(shown, execution_count=1, outputs=[output], metadata=settings))
    nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / "cells.ipynb")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-c", ROOT / "pyproject.toml"]
    options = ["--confcutdir", ROOT, "-p", "support.validation", "-rA", "-q", folder / "cells.ipynb"]
    run = subprocess.run(
        [*command, *options],
        cwd=ROOT / "tests",  # on the path of a Python that is started with -m
        capture_output=True,
        text=True,
        check=False,
    )
    found = re.findall(r"^(PASSED|FAILED) \S*::Cell (\d+)", run.stdout, re.MULTILINE)
    said = {name: word for word, number in found for i, name in enumerate(CELLS) if i == int(number)}
    assert len(said) == len(CELLS), run.stdout + run.stderr
    return said


@pytest.mark.parametrize("name", CELLS)
def test_a_cell_passes_where_its_numbers_agree_and_fails_where_anything_else_differs(outcomes, name):
    assert outcomes[name] == ("PASSED" if CELLS[name][2] else "FAILED")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("1.0", "0.9999999", True),
        ("0.123", "0.124", False),
        ("1.000", "0.999", True),
        ("1.234e-05", "1.235e-05", True),
        ("1.234e-05", "1.235e-06", False),
        ("12.34ms", "12.35ms", True),
        ("12.34ms", "12.34s", False),
        ("1.234+2.345j", "1.234+2.346j", True),
        ("-1.234", "1.234", False),
        ("0.00012", "0.00013", False),
        ("1e-16", "2e-16", False),
        ("1234.5", "1234", False),
        ("2.13.0", "2.13.1", False),
        ("2026-11-29", "2026-11-28", False),
        ("float32[3]", "float64[3]", False),
        ("nan", "1.0", False),
        ("a  1.234", "a 1.234", False),
    ],
)
def test_two_texts_are_the_same_by_their_numbers(one, other, same):
    assert same_text(one, other) is same_text(other, one) is same


@pytest.mark.parametrize("text", ["array([1.0])", "{'y': 1.0", "3.0", "", "{'z': 1.0}"])
def test_a_tolerance_is_for_dicts_with_the_same_keys(text):
    assert not same_value(text, "{'y': 1.0}", {"y": 1.0})
