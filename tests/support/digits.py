"""Drawn digits, and what the page that reads them does, in Python.

The drawings of ``strokes.json`` are polylines on the surface's 280 × 280 points. They were drawn before
the page existed. One number of the page was chosen with them in view, and the page says so: the limit of
1.5 to the stretching. With 2, the one with a flag was read as a three.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from support import ROOT
from triptych.course import Course
from triptych.dev import model_exports as exports
from triptych.frameworks import FRAMEWORKS

Strokes = list[list[list[int]]]

DRAWINGS = json.loads((ROOT / "tests/site/strokes.json").read_text(encoding="utf-8"))
NAMES = [f"{drawing['digit']}, {drawing['style']}" for drawing in DRAWINGS]
OURS = Course(ROOT)


def bitmap(strokes: Strokes) -> np.ndarray:
    """The page's 32 × 32 points of ink, by the recipe as book/deployment/draw.md tells it."""
    points = np.concatenate([np.array(stroke, float) for stroke in strokes])
    low, high = points.min(0), points.max(0)
    (width, height), middle = high - low, (low + high) / 2
    ends = [(a, b) for stroke in strokes for a, b in zip(stroke, stroke[1:] or stroke, strict=False)]
    start, end = np.array(ends, float).transpose(1, 0, 2)
    centres = np.arange(32) + 0.5 - 16

    def inked(radius: float) -> np.ndarray:
        down = 32 / (height + 2 * radius)
        across = min(20 / (width + 2 * radius), 1.5 * down)
        x, y = np.meshgrid(middle[0] + centres / across, middle[1] + centres / down)
        at = np.stack([x, y], axis=-1)[:, :, None]  # rows, columns, segments, 2
        along = end - start
        length2 = (along**2).sum(-1)
        part = ((at - start) * along).sum(-1) / np.where(length2, length2, 1)
        nearest = start + np.clip(part, 0, 1)[..., None] * along
        return (((at - nearest) ** 2).sum(-1) <= radius**2).any(-1)

    radii = [max(width, height, 16) * pen / 128 for pen in range(2, 25)]
    on = min(map(inked, radii), key=lambda on: abs(int(on.sum()) - 313))
    rows = np.flatnonzero(on.any(1))
    top, bottom = rows[0] + 2, rows[-1] - 2
    if top >= bottom or not (on[top].any() and on[bottom].any()):
        return on
    slope = (int(on[top].argmax()) - int(on[bottom].argmax())) / int(bottom - top)
    sheared = np.zeros_like(on)
    for row in range(32):
        columns = np.flatnonzero(on[row]) + math.floor((row - 16) * slope + 0.5)
        sheared[row, columns[(columns >= 0) & (columns < 32)]] = True
    return sheared


def counted(on: np.ndarray) -> np.ndarray:
    return on.reshape(8, 4, 8, 4).sum((1, 3))


@pytest.fixture(scope="session")
def read() -> Callable[[str, np.ndarray], np.ndarray]:
    """``read("jax", counts)``: Python's probabilities of one image, by the stored export."""
    runtime = pytest.importorskip("onnxruntime", reason="no onnxruntime: exports are not run")
    sessions = {
        name: runtime.InferenceSession(exports.model_path(OURS, name), providers=["CPUExecutionProvider"])
        for name in FRAMEWORKS
    }

    def read(framework: str, counts: np.ndarray) -> np.ndarray:
        session = sessions[framework]
        image = (counts[None] / 16).astype("float32")
        (logits,) = session.run(None, {session.get_inputs()[0].name: image})
        powers = np.exp(logits[0].astype(float) - logits[0].max())
        return powers / powers.sum()

    return read


def elsewhere(path: Path) -> bytes:
    """The stored model with 1,000 added to its answer for a three."""
    onnx = pytest.importorskip("onnx", reason="no onnx: no model can be damaged")
    model = onnx.load(path)
    old = model.graph.output[0].name
    more = onnx.numpy_helper.from_array(np.eye(10, dtype="float32")[3:4] * 1000, "more")
    model.graph.initializer.append(more)
    model.graph.node.append(onnx.helper.make_node("Add", [old, "more"], ["moved"]))
    model.graph.output[0].name = "moved"
    return model.SerializeToString()
