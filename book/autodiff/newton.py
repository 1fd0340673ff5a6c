"""Rosenbrock's valley, with the way that Newton's method takes and that of plain gradient descent."""

import numpy as np
from matplotlib.figure import Figure

from triptych.course import Course
from triptych.notebooks import model as notebook

HEADING = "Higher orders"
NEWTON, DESCENT = "#0b5cad", "#b3400b"
RATE, TOLERANCE = 0.001, 1e-8


def draw(course: Course) -> Figure:
    """Contours of the function; Newton's points are the notebooks', the other way is walked here."""
    stored = notebook.read(course.siblings("autodiff")["jax"], course).checkpoints[HEADING]
    newton = np.array(stored.shared["newton path"])
    told = stored.only["gradient descent steps"]
    descent = np.array(list(descend(*newton[0])))
    steps = len(descent) - 1
    if round(steps, -2) != told:
        raise ValueError(f"{steps} steps of gradient descent, in the notebook about {told}")
    figure = Figure(figsize=(5.2, 4.2), layout="constrained")  # narrow, so that it can be read on a phone
    axes = figure.subplots()
    x0, x1 = np.meshgrid(np.linspace(0.88, 1.26, 200), np.linspace(0.9, 1.52, 200))
    height = (1 - x0) ** 2 + 100 * (x1 - x0**2) ** 2
    levels = 10.0 ** np.arange(-4, 2.1, 0.5)
    axes.contour(x0, x1, height, levels, colors="#c8ccd2", linewidths=0.8)
    axes.plot(*descent.T, "-", color=DESCENT, linewidth=2.5, label=f"gradient descent, about {told:,} steps")
    axes.plot(*descent[:3].T, "o", color=DESCENT, markersize=4)
    label = f"Newton, {len(newton) - 1} steps"
    axes.plot(*newton.T, "o--", color=NEWTON, markersize=6, linewidth=1, label=label)
    for step, (beside, above) in enumerate([(8, -4), (8, 2), (-16, -4)]):
        name = "start" if step == 0 else str(step)
        offset = {"xytext": (beside, above), "textcoords": "offset points"}
        axes.annotate(name, newton[step], **offset, color=NEWTON, fontsize=9)
    axes.plot(1, 1, "*", color="black", markersize=11, zorder=3)
    axes.annotate("minimum", (1, 1), (-54, 8), textcoords="offset points", fontsize=9)
    axes.set_xlabel("$x_0$")
    axes.set_ylabel("$x_1$")
    axes.legend(loc="upper left", frameon=True, framealpha=1, edgecolor="none", fontsize=9)
    return figure


def descend(x, y):
    """Every point of gradient descent, until no component of the gradient is above the tolerance."""
    while True:
        yield x, y
        dx, dy = -2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x)
        if max(abs(dx), abs(dy)) < TOLERANCE:
            return
        x, y = x - RATE * dx, y - RATE * dy
