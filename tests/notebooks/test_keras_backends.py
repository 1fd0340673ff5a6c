"""Keras's notebooks give the same checkpoints whichever backend computes, each in a process of its own."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest

from support import ROOT
from triptych.course import Course
from triptych.notebooks import execute, model, parity, raw

OURS = Course(ROOT)
NOTEBOOKS = [path for path in OURS.notebooks() if path.stem == "keras"]
BACKENDS = ("jax", "tensorflow", "torch")
SECONDS = 240

#: Of a notebook that trains for long, its cell tagged ``parameters`` says for how many steps.
FEW = {"STEPS": 10}

#: Where a backend trains by another rule: relative tolerances for the keys that have one declared. In
#: TensorFlow an embedding's gradient comes in rows, whose squares Keras's AdamW adds up one by one.
LOOSER = {("tensorflow", "A milestone: a small GPT"): 1e-2}

pytestmark = pytest.mark.slow


def run(path: Path, backend: str, folder: Path, patch: pytest.MonkeyPatch) -> model.Notebook:
    """The notebook as it was run with that backend; its last cell says with which it was."""
    node = raw.load(path, OURS.name(path))
    node.cells.append(nbformat.v4.new_code_cell("print(keras.backend.backend())", id="which-backend"))
    copy, executed = folder / path.name, folder / backend / path.name
    executed.parent.mkdir()
    nbformat.write(node, copy)
    shortened = any("parameters" in cell.metadata.get("tags", ()) for cell in node.cells)
    patch.setenv("KERAS_BACKEND", backend)
    execute.execute(
        copy, executed, f"{OURS.name(path)} with {backend}", SECONDS, parameters=FEW if shortened else None
    )
    done = nbformat.read(executed, as_version=4)
    assert done.cells.pop().outputs[0].text.strip() == backend
    nbformat.write(done, executed)
    return loosened(model.read(executed, OURS), backend)


def loosened(read: model.Notebook, backend: str) -> model.Notebook:
    """The notebook with the tolerances of ``LOOSER`` for that backend."""
    checkpoints = {
        heading: replace(stored, tolerance=dict.fromkeys(stored.tolerance, rtol))
        if (rtol := LOOSER.get((backend, heading)))
        else stored
        for heading, stored in read.checkpoints.items()
    }
    return replace(read, checkpoints=checkpoints)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=map(OURS.name, NOTEBOOKS))
def test_the_checkpoints_are_equal_with_every_backend(path, tmp_path, monkeypatch):
    first, *others = (run(path, backend, tmp_path, monkeypatch) for backend in BACKENDS)
    assert first.headings
    assert [line for other in others for line in parity.differences(first, other)] == []


def test_there_is_such_a_notebook_and_no_backend_is_chosen_for_it():
    assert NOTEBOOKS
    assert "KERAS_BACKEND" not in os.environ
