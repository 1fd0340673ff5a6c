"""The ways of three optimisers through a bent valley, walked here in NumPy by the chapter's rules."""

import numpy as np
from matplotlib.figure import Figure

from triptych.course import Course

STEPS = 60
START = np.array([-1.6, 1.6])
#: Name, colour and rate.
WALKS = {
    "SGD": ("#0b5cad", 0.02),
    "momentum": ("#b3400b", 0.02),
    "Adam": ("#17803d", 0.3),
}


def draw(course: Course) -> Figure:
    """Contours of the valley, and every step of the three ways."""
    figure = Figure(figsize=(5.2, 4.4), layout="constrained")
    axes = figure.subplots()
    x, y = np.meshgrid(np.linspace(-2.1, 2.1, 300), np.linspace(-1.3, 3.2, 300))
    axes.contour(x, y, height(x, y), 2.0 ** np.arange(-4, 7), colors="#c8ccd2", linewidths=0.8)
    for name, (colour, rate) in WALKS.items():
        points = np.array(list(walk(name, rate)))
        left = height(*points[-1])
        axes.plot(
            *points.T,
            ".-",
            color=colour,
            linewidth=1.2,
            markersize=4,
            label=f"{name}, rate {rate}: {left:.3f} above the minimum",
        )
    axes.plot(*START, "ko", markersize=5, zorder=3)
    axes.annotate("start", START, (-6, 8), textcoords="offset points", fontsize=9, ha="right")
    axes.plot(1, 1, "*", color="black", markersize=11, zorder=3)
    axes.annotate("minimum", (1, 1), (8, -14), textcoords="offset points", fontsize=9)
    axes.set_xlabel("$x$")
    axes.set_ylabel("$y$")
    axes.legend(
        loc="upper center", fontsize=8.5, framealpha=1, edgecolor="none", title=f"after {STEPS} steps"
    )
    return figure


def height(x, y):
    """A valley along the parabola y = x²; its lowest point is (1, 1)."""
    return (1 - x) ** 2 / 4 + 2 * (y - x * x) ** 2


def walk(name, rate):
    """The points of one optimiser, by the rules of the section."""
    w, kept = START.copy(), {"v": 0.0, "m": 0.0, "s": 0.0}
    yield w
    for n in range(1, STEPS + 1):
        x, y = w
        g = np.array([-(1 - x) / 2 - 8 * x * (y - x * x), 4 * (y - x * x)])
        if name == "Adam":
            kept["m"] = 0.9 * kept["m"] + 0.1 * g
            kept["s"] = 0.999 * kept["s"] + 0.001 * g * g
            mean, size = kept["m"] / (1 - 0.9**n), np.sqrt(kept["s"] / (1 - 0.999**n))
            w = w - rate * mean / (size + 1e-8)
        elif name == "momentum":
            kept["v"] = 0.9 * kept["v"] + g
            w = w - rate * kept["v"]
        else:
            w = w - rate * g
        yield w
