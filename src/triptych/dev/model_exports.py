"""The exported models that the page "Draw a digit" runs: made by notebooks, checked without them."""

from __future__ import annotations

import importlib.util
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from triptych.course import Course
from triptych.errors import TriptychError
from triptych.frameworks import FRAMEWORKS
from triptych.notebooks import model as notebook
from triptych.notebooks.execute import execute

if TYPE_CHECKING:
    import numpy as np

FOLDER = "book/_static/digits"

#: The notebooks that write a model each, and where they say what it answers.
CHAPTER, SECTION = "deployment", "The network to carry"
LOGITS, RIGHT = "logits of image 0", "right, v2"

#: Of the data set's 1,797 images the first are for training; checkpoints count the others.
TRAIN = 1200

#: Checkpoints keep four digits of a logit; float32 in another order differs by less than the second number.
STORED_DIGITS, FLOAT32 = 6e-4, 1e-4

_FIX = "run `triptych exports`"


def model_path(course: Course, framework: str) -> Path:
    """Where the framework's export is stored."""
    return course.root / FOLDER / f"digits-{framework}.onnx"


def make(course: Course, framework: str, progress: bool = True) -> Path:
    """Run the framework's notebook in a clean kernel and store the model that it exports.

    The notebook itself is left as it is. Raises TriptychError where a cell fails or no model is written.
    """
    source = course.siblings(CHAPTER)[framework]
    name, target = course.name(source), model_path(course, framework)
    with tempfile.TemporaryDirectory() as folder:
        execute(
            source,
            Path(folder) / "executed.ipynb",
            name,
            progress=progress,
            remedy="the stored model is unchanged",
            parameters={"export_to": folder},
        )
        made = Path(folder) / target.name
        if not made.is_file():
            raise TriptychError(name, f"wrote no {target.name} into `export_to`", "check its section on ONNX")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(made, target)
    return target


def check(course: Course) -> list[str]:
    """What is wrong with the stored models, a line each; no notebook is run.

    Each model is run on all images of the data set and compared with its notebook's checkpoint
    and with the first sibling. Raises TriptychError where ONNX Runtime is missing.
    """
    for module in ("onnxruntime", "sklearn"):
        if importlib.util.find_spec(module) is None:
            raise TriptychError(module, "not installed", "`make extras` installs what runs the models")
    from sklearn.datasets import load_digits

    digits = load_digits()
    images = (digits.images / 16).astype("float32")
    logits: dict[str, np.ndarray] = {}
    complaints: list[str] = []
    for framework in FRAMEWORKS:
        try:
            logits[framework] = _answers(course, framework, images)
            complaints += _against_checkpoint(course, framework, logits[framework], digits.target)
        except TriptychError as error:
            complaints.append(str(error))
    return complaints + list(_against_each_other(course, logits))


def _answers(course: Course, framework: str, images: np.ndarray) -> np.ndarray:
    """The stored model's logits, (N, 10), of images (N, 8, 8)."""
    import onnxruntime

    path = model_path(course, framework)
    if not path.is_file():
        raise TriptychError(course.name(path), "no such model", _FIX)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4  # what it would log is raised, too
    try:
        session = onnxruntime.InferenceSession(path.read_bytes(), options, providers=["CPUExecutionProvider"])
        (answer,) = session.run(None, {session.get_inputs()[0].name: images})
    except Exception as error:  # ONNX Runtime's errors share no public class
        reason = " ".join(str(error).split())[:200]
        raise TriptychError(course.name(path), f"cannot be run ({reason})", _FIX) from None
    if answer.shape != (len(images), 10):
        raise TriptychError(course.name(path), f"answers {answer.shape}, not {(len(images), 10)}", _FIX)
    return answer


def _against_checkpoint(
    course: Course, framework: str, logits: np.ndarray, labels: np.ndarray
) -> Iterator[str]:
    name = course.name(model_path(course, framework))
    source = course.siblings(CHAPTER)[framework]
    stored = _checkpoint(source, course)
    for wanted, has in zip(stored[LOGITS], logits[0].tolist(), strict=False):
        if abs(has - wanted) > STORED_DIGITS * abs(wanted) + FLOAT32:
            yield (
                f"{name}: {LOGITS!r} begin {[float(f'{x:.4g}') for x in logits[0, :5]]}, "
                f"in {course.name(source)} {stored[LOGITS]}; {_FIX}"
            )
            break
    right = int((logits.argmax(1) == labels)[TRAIN:].sum())
    if right != stored[RIGHT]:
        yield (
            f"{name}: {RIGHT!r} is {right} of {len(labels) - TRAIN}, "
            f"in {course.name(source)} {stored[RIGHT]}; {_FIX}"
        )


def _checkpoint(source: Path, course: Course) -> dict[str, Any]:
    read = notebook.read(source, course)
    if SECTION not in read.checkpoints:
        raise TriptychError(
            read.name, f"no checkpoint in a section {SECTION!r}", "the exports are compared with it"
        )
    stored = dict(read.checkpoints[SECTION].value)
    for key in (LOGITS, RIGHT):
        if key not in stored:
            raise TriptychError(
                f"{read.name}: {SECTION}", f"no {key!r} in the checkpoint", "the exports are compared with it"
            )
    return stored


def _against_each_other(course: Course, logits: dict[str, np.ndarray]) -> Iterator[str]:
    if not logits:
        return
    first, *others = logits
    for other in others:
        difference = float(abs(logits[other] - logits[first]).max())
        labels = int((logits[other].argmax(1) != logits[first].argmax(1)).sum())
        if labels or not difference <= FLOAT32:
            yield (
                f"{course.name(model_path(course, other))}: logits up to {difference:.2g} away from those of "
                f"{model_path(course, first).name}, {labels} labels differ; {_FIX}"
            )
