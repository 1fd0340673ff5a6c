"""A data-parallel step on a time line: gradients sent after the backward pass, or during it."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from triptych.course import Course

LAYERS = 4
FORWARD, BACKWARD, SEND = 1.0, 2.0, 1.7  # of one layer; sending takes less than computing here
COLOURS = {"forward": "#bcd4ef", "backward": "#f6d3ae", "all-reduce": "#c5e3c2"}
LINE = "#4a5460"


def draw(course: Course) -> Figure:
    """Above all gradients at the end, below each layer's as soon as it is there."""
    figure = Figure(figsize=(5.4, 3.7), layout="constrained")
    above, below = figure.subplots(2, sharex=True)
    late = step(above, "sent when all gradients are there", overlap=False)
    early = step(below, "each layer's sent as soon as it is there", overlap=True)
    for axes, end in ((above, late), (below, early)):
        axes.set_xlim(0, late + 0.1)
        axes.axvline(end, color=LINE, linestyle="--", linewidth=0.9)
    below.axvspan(early, late, color="#9aa4b0", alpha=0.18)
    below.text((early + late) / 2, 0.5, "saved", ha="center", va="center", fontsize=9)
    below.set_xlabel("time (digits: layers; blue forward, orange backward)")
    return figure


def step(axes: Axes, title: str, overlap: bool) -> float:
    """One step; returns when it ends."""
    clock = 0.0
    for layer in range(1, LAYERS + 1):
        job(axes, 0, clock, FORWARD, "forward", layer)
        clock += FORWARD
    there = {}
    for layer in range(LAYERS, 0, -1):
        job(axes, 0, clock, BACKWARD, "backward", layer)
        clock += BACKWARD
        there[layer] = clock
    free = 0.0 if overlap else clock
    for layer, ready in there.items():
        free = max(free, ready)
        job(axes, 1, free, SEND, "all-reduce", layer)
        free += SEND
    axes.set_title(title, fontsize=10)
    axes.set_yticks([0, 1], ["computes", "sends"])
    axes.set_ylim(1.55, -0.55)
    axes.set_xticks([])
    axes.tick_params(length=0)
    for side in ("top", "right", "bottom"):
        axes.spines[side].set_visible(False)
    axes.text(LAYERS * FORWARD / 2, 0.45, "forward", ha="center", va="top", fontsize=8.5)
    return free


def job(axes: Axes, row: int, start: float, takes: float, kind: str, layer: int) -> None:
    """A box with its layer's number."""
    axes.barh(row, takes, left=start, height=0.72, color=COLOURS[kind], edgecolor=LINE, linewidth=0.7)
    axes.text(start + takes / 2, row, layer, ha="center", va="center", fontsize=9)
