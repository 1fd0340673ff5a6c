"""Where three faults of a port show: the largest differences, layer by layer and after one step."""

import numpy as np
from matplotlib.figure import Figure
from scipy.special import erf
from sklearn.datasets import load_digits

from triptych.course import Course
from triptych.notebooks import model as notebook
from triptych.site.plots import GREY

HEADING = "The port clinic"
LIMIT = 1e-5
FAULT, SMALL = "#b3400b", "#0b5cad"
#: The keys of the checkpoint, what is wrong there, and how it is said here.
FAULTS = {
    "momentum": ("keep", 0.99, "BatchNorm keeps\n0.99, not 0.9"),
    "padding": ("pads", (0, 1), "pads right and\nbottom only"),
    "gelu": ("tanh", True, "GELU by tanh,\nnot exact"),
}


def draw(course: Course) -> Figure:
    """A column for each fault, a row for each comparison: what is above the limit is filled."""
    stored = notebook.read(course.siblings("models")["jax"], course).checkpoints[HEADING].shared
    original = rows(np.float64)
    figure = Figure(figsize=(5.6, 4.6), layout="constrained")
    names = list(original)
    for axes, (fault, (argument, value, title)) in zip(
        figure.subplots(1, 3, sharey=True), FAULTS.items(), strict=True
    ):
        port = rows(np.float32, **{argument: value})
        apart = [differ(original[name], port[name]) for name in names]
        first = next(i for i, difference in enumerate(apart) if difference > LIMIT)
        check(fault, names[first], apart[first], stored)
        axes.axvspan(1e-9, LIMIT, color="#eef0f3", zorder=0)
        for row, difference in enumerate(apart):
            large = difference > LIMIT
            at = max(difference, 3e-9)
            axes.plot([1e-9, at], [row, row], color=FAULT if large else GREY, linewidth=1, zorder=1)
            face = FAULT if large else "white"
            axes.plot(
                at, row, "o", color=FAULT if large else GREY, markerfacecolor=face, markersize=6, zorder=2
            )
        axes.annotate(
            "first",
            (apart[first], first),
            (0, 8),
            textcoords="offset points",
            ha="center",
            color=FAULT,
            fontsize=9,
        )
        axes.set_xscale("log")
        axes.set_xlim(1e-9, 10)
        axes.set_xticks([1e-7, 1e-4, 1e-1])
        axes.set_title(title, fontsize=9)
        axes.tick_params(labelsize=9)
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
    axes = figure.axes[0]
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.5, -0.9)
    figure.supxlabel("largest difference, relative to the largest value (grey ground: rounding)", fontsize=9)
    return figure


def rows(dtype, keep=0.9, pads=(1, 1), tanh=False) -> dict[str, np.ndarray]:
    """What the clinic compares before the first step and, of the state, after it, in this precision."""
    rng = np.random.default_rng(4)
    kernel = rng.normal(0, 0.5, (3, 3, 1, 8)).astype("float32").reshape(9, 8).astype(dtype)
    dense = rng.normal(0, 0.1, (128, 10)).astype("float32").astype(dtype)
    digits = load_digits()
    order = np.random.default_rng(0).permutation(1797)[:64]
    x = (digits.data[order] / 16).astype("float32").reshape(-1, 8, 8).astype(dtype)
    x = np.pad(x, [(0, 0), pads, pads])
    conv = np.stack([x[:, i : i + 7 : 2, j : j + 7 : 2] for i in range(3) for j in range(3)], -1) @ kernel
    mean, variance = conv.mean((0, 1, 2)), conv.var((0, 1, 2))
    made = {}
    for mode, m, v in ("eval", dtype(0), dtype(1)), ("train", mean, variance):
        norm = (conv - m) / np.sqrt(v + dtype(1e-5))
        if tanh:
            root = dtype(np.sqrt(2 / np.pi))
            gelu = norm * (1 + np.tanh(root * (norm + dtype(0.044715) * norm**3))) / 2
        else:
            gelu = norm * (1 + erf(norm / dtype(np.sqrt(2)))) / 2
        logits = gelu.reshape(64, 128) @ dense
        made |= {f"{mode}: {name}": a for name, a in zip(LAYERS, (conv, norm, gelu, logits), strict=True)}
    labels = digits.target[order]
    each = logits - logits.max(1, keepdims=True)
    each -= np.log(np.exp(each).sum(1, keepdims=True))
    made["step 1: loss"] = -each[np.arange(64), labels].mean()
    made["step 1: mean"] = dtype(1 - keep) * mean
    made["step 1: variance"] = dtype(keep) + dtype(1 - keep) * variance
    return made


LAYERS = ("conv", "norm", "gelu", "dense")


def differ(a, b) -> float:
    """The notebooks' measure."""
    return float(np.abs(a - b).max() / max(np.abs(a).max(), np.abs(b).max()))


def check(fault: str, name: str, difference: float, stored) -> None:
    """Raises ValueError where this drawing and the notebooks do not find the same."""
    told, by = ": ".join(stored[f"first row that differs, {fault}"]), stored[f"differs by, {fault}"]
    if name != told or not 0.9 * by < difference < 1.1 * by:
        raise ValueError(f"{fault}: {name} by {difference:.2g}; in the notebooks {told} by {by:.2g}")
