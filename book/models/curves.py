"""The losses of the four GPTs, laid over each other, and how far each is from PyTorch's."""

import math

from matplotlib.figure import Figure

from triptych.course import Course
from triptych.frameworks import PANELS
from triptych.notebooks import model as notebook
from triptych.site.plots import GREY

HEADING, LOSSES, EVERY = "A milestone: a small GPT", "every tenth loss", 10
#: In bits: below it, a distance is the checkpoint's own rounding.
LEAST = 2e-6
LETTERS = 53
#: The lines lie on each other: each is drawn so that those below it can be seen.
LINES = {"pytorch": ("-", 5.0), "tensorflow": ("-", 3.2), "jax": ("-", 1.6), "keras": (":", 1.4)}


def draw(course: Course) -> Figure:
    """Above, the losses in bits; below, their distance from PyTorch's, on a logarithmic axis."""
    found = {
        name: [loss / math.log(2) for loss in notebook.read(path, course).checkpoints[HEADING].shared[LOSSES]]
        for name, path in course.siblings("models").items()
    }
    steps = range(0, EVERY * len(found["pytorch"]), EVERY)
    figure = Figure(figsize=(5.2, 5.0), layout="constrained")  # narrow, so that it can be read on a phone
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
    for name, losses in found.items():
        style, width = LINES[name]
        framework = PANELS[name]
        above.plot(steps, losses, style, color=framework.colour, lw=width, label=framework.title)
        if name != "pytorch":
            apart = [max(abs(a - b), LEAST) for a, b in zip(losses, found["pytorch"], strict=True)]
            filled = "none" if name == "keras" else framework.colour
            below.plot(steps, apart, framework.marker, color=framework.colour, ms=4, mfc=filled)
    above.axhline(math.log2(LETTERS), color=GREY, lw=0.8, ls="--", zorder=0)
    above.text(steps[-1], math.log2(LETTERS) + 0.05, f"all {LETTERS} letters equally likely", ha="right",
               va="bottom", fontsize=9)  # fmt: skip
    above.set_ylabel("bits a letter")
    above.set_ylim(0, math.log2(LETTERS) + 0.7)
    above.legend(fontsize=9, frameon=False)
    below.set_yscale("log")
    below.set_ylabel("distance from PyTorch's (bits)")
    below.set_ylim(LEAST / 3, 1e-2)
    below.text(0, LEAST / 1.35, "lowest: this or less", va="top", fontsize=8.5, color=GREY)
    below.set_xlabel("step")
    for axes in (above, below):
        axes.spines[["top", "right"]].set_visible(False)
    return figure
