"""Whole numbers and a scale: one scale for a tensor, or one for each of its outputs. Made-up weights."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from triptych.course import Course
from triptych.site.plots import GREY

#: Two outputs of a layer: the first has small weights, the second a large one.
WEIGHTS = {"output 1": (-0.27, -0.14, -0.05, 0.06, 0.16, 0.28), "output 2": (-0.95, -0.4, 0.11, 0.62, 1.05)}
#: Whole numbers from -LARGEST to LARGEST; int8 has 127, which nobody could see.
LARGEST = 6
BEFORE, AFTER = "#5b6470", "#3f6fb5"


def draw(course: Course) -> Figure:
    """Two number lines a panel: ticks at the steps, and from each weight an arrow to its step."""
    figure = Figure(figsize=(5.2, 4.2), layout="constrained")
    tensor, channel = figure.subplots(2, 1, sharex=True)
    largest = max(abs(w) for row in WEIGHTS.values() for w in row)
    _panel(
        tensor,
        "one scale for the tensor: the largest weight sets every step",
        dict.fromkeys(WEIGHTS, largest),
    )
    _panel(channel, "one scale for each output", {name: max(map(abs, row)) for name, row in WEIGHTS.items()})
    channel.set_xlabel("weight")
    handles = [tensor.plot([], [], "o", color=colour, markersize=5)[0] for colour in (BEFORE, AFTER)]
    figure.legend(
        handles,
        ("weight", "what is kept of it: here 13 steps, in int8 255"),
        loc="outside lower center",
        ncol=2,
        frameon=False,
        fontsize=9,
    )
    return figure


def _panel(axes: Axes, title: str, largest: dict[str, float]) -> None:
    for y, (name, weights) in enumerate(WEIGHTS.items()):
        step = largest[name] / LARGEST
        axes.axhline(y, color=GREY, linewidth=0.8, zorder=0)
        for whole in range(-LARGEST, LARGEST + 1):
            axes.plot([whole * step] * 2, [y - 0.09, y + 0.09], color=GREY, linewidth=0.8, zorder=0)
        for weight in weights:
            kept = round(weight / step) * step
            axes.plot([weight, kept], [y - 0.28, y], color=GREY, linewidth=0.8)
            axes.plot(weight, y - 0.28, "o", color=BEFORE, markersize=5)
            axes.plot(kept, y, "o", color=AFTER, markersize=5)
    axes.set_yticks(range(len(WEIGHTS)), WEIGHTS)
    axes.set_ylim(1.35, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.set_title(title, loc="left", fontsize=10)
