"""The exports that the page "Draw a digit" runs: made by the notebooks, and checked against them."""

from __future__ import annotations

import re
import shutil

import nbformat
import pytest
from click.testing import CliRunner

from support import declare, section
from support.digits import OURS, elsewhere
from triptych.cli import main
from triptych.course import Course
from triptych.dev import model_exports as exports
from triptych.errors import TriptychError
from triptych.frameworks import FRAMEWORKS


@pytest.fixture
def models(course: Course) -> Course:
    """A course that has the chapter's notebooks and the stored models."""
    declare(exports.CHAPTER)
    models = [exports.model_path(OURS, framework) for framework in FRAMEWORKS]
    for path in [*OURS.siblings(exports.CHAPTER).values(), *models]:
        copy = course.root / OURS.name(path)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)
    return course


def test_the_stored_models_answer_as_the_notebooks_stored():
    assert exports.check(OURS) == []


def test_a_damaged_model_is_named(models):
    path = exports.model_path(models, "jax")
    path.write_bytes(path.read_bytes()[:2000])
    (line,) = exports.check(models)
    assert line.startswith("book/_static/digits/digits-jax.onnx: cannot be run (")
    assert line.endswith("; run `triptych exports`")


def test_a_model_that_answers_otherwise_is_named_with_the_difference(models, monkeypatch):
    path = exports.model_path(models, "tensorflow")
    path.write_bytes(elsewhere(path))
    monkeypatch.chdir(models.root)
    run = CliRunner().invoke(main, ["exports", "--check"])
    assert run.exit_code == 1 and run.output.endswith("3 models, 3 complaints\n")
    lines = run.stderr.splitlines()
    assert {line.partition(":")[0] for line in lines} == {"book/_static/digits/digits-tensorflow.onnx"}
    assert all(line.endswith("; run `triptych exports`") for line in lines)
    assert "'logits of image 0' begin [" in lines[0]
    assert re.search(r"'right, v2' is \d+ of 597, in notebooks/deployment/tensorflow\.ipynb \d+", lines[1])
    assert re.search(r"logits up to 1e\+03 away from those of digits-pytorch\.onnx, \d+ labels", lines[2])


def test_a_missing_model_and_a_missing_checkpoint_are_named(models, save):
    exports.model_path(models, "pytorch").unlink()
    save("jax", section("Another network"), chapter=exports.CHAPTER)
    first, second = exports.check(models)
    assert first == "book/_static/digits/digits-pytorch.onnx: no such model; run `triptych exports`"
    assert second.startswith(
        "notebooks/deployment/jax.ipynb: no checkpoint in a section 'The network to carry'"
    )


def test_without_onnx_runtime_there_is_a_clear_error(monkeypatch):
    monkeypatch.setattr(exports.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(TriptychError, match=r"^onnxruntime: not installed; `make extras`"):
        exports.check(OURS)


def test_a_model_is_made_by_running_its_notebook_and_a_notebook_that_writes_none_is_told(course, save):
    parameters = nbformat.v4.new_code_cell('export_to = ""', metadata={"tags": ["parameters"]})
    writes = "open(f'{export_to}/digits-jax.onnx', 'w').write('made')"
    for framework in FRAMEWORKS:
        save(framework, [parameters], section("One", source=writes), chapter=exports.CHAPTER)
    before = course.siblings(exports.CHAPTER)["jax"].read_text()
    assert exports.make(course, "jax", progress=False).read_text() == "made"
    assert course.siblings(exports.CHAPTER)["jax"].read_text() == before
    with pytest.raises(TriptychError, match=r"pytorch\.ipynb: wrote no digits-pytorch.onnx into `export_to`"):
        exports.make(course, "pytorch", progress=False)
