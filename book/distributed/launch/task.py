"""The task of the chapter: a small network on scikit-learn's digits, and NumPy's own answer.

Every strategy must end with the weights that ``train`` computes in one process.
"""

import json
import socket
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

STEPS, BATCH, RATE = 10, 64, 0.5

digits = load_digits()
images = (digits.images / 16).reshape(-1, 64)  # float64, 0 to 1
labels = digits.target


def drawn():
    """First weights, 64 -> 128 -> 10, float64."""
    rng = np.random.default_rng(0)
    return {
        "w1": rng.normal(0, np.sqrt(2 / 64), (64, 128)),
        "b1": np.zeros(128),
        "w2": rng.normal(0, np.sqrt(2 / 128), (128, 10)),
        "b2": np.zeros(10),
    }


def share(step, rank=0, workers=1):
    """Rows of the step's global batch that a worker takes."""
    each = BATCH // workers
    first = step * BATCH + rank * each
    return slice(first, first + each)


def train():
    """Weights and losses of one process, with gradients written by hand."""
    w, losses = drawn(), []
    for step in range(STEPS):
        x, y = images[share(step)], labels[share(step)]
        h = x @ w["w1"] + w["b1"]
        a = np.maximum(h, 0)
        z = a @ w["w2"] + w["b2"]
        z = z - z.max(1, keepdims=True)
        p = np.exp(z) / np.exp(z).sum(1, keepdims=True)
        losses.append(-np.log(p[np.arange(BATCH), y]).mean())
        p[np.arange(BATCH), y] -= 1
        dz = p / BATCH
        dh = (dz @ w["w2"].T) * (h > 0)
        gradient = {"w1": x.T @ dh, "b1": dh.sum(0), "w2": a.T @ dz, "b2": dz.sum(0)}
        w = {name: w[name] - RATE * gradient[name] for name in w}
    return w, losses


def report(path, rank, workers, losses, weights):
    """Every worker writes what came out, next to what NumPy says, into ``<path>.<rank>``."""
    expected, _ = train()
    difference = max(abs(weights[name] - expected[name]).max() for name in expected)
    result = {
        "workers": workers,
        "host": socket.gethostname(),
        "losses": [round(float(loss), 6) for loss in losses],
        "largest difference": float(difference),
    }
    Path(f"{path}.{rank}").write_text(json.dumps(result))
