"""The gradient of |z|^2 at 1 + 2i as each framework returns it, as an arrow in the complex plane."""

import numpy as np
from matplotlib.figure import Figure

from triptych.course import Course
from triptych.frameworks import FRAMEWORKS
from triptych.notebooks import model as notebook

HEADING = "Where the three disagree"
AT = (1.0, 2.0)
RATE = 0.25
BOTH = "#b3400b"  # of an arrow that is not one framework's


def draw(course: Course) -> Figure:
    """An arrow for each answer, and where a step of gradient descent leads; rings of equal |z|^2."""
    arrows: dict[tuple[float, float], list[str]] = {}
    for name, path in course.siblings("autodiff").items():
        slope = notebook.read(path, course).checkpoints[HEADING].only["|z|^2"]
        arrows.setdefault(tuple(slope), []).append(name)
    figure = Figure(figsize=(4.6, 4.6), layout="constrained")  # narrow, so that a phone can show it
    axes = figure.subplots()
    turn = np.linspace(0, 2 * np.pi, 200)
    for radius in np.sqrt([1.25, 5, 9.25]):
        axes.plot(radius * np.cos(turn), radius * np.sin(turn), color="#c8ccd2", linewidth=0.9)
        axes.text(-radius * 0.71, -radius * 0.71, f"{radius**2:g}", fontsize=9, color="#5b6470",
                  ha="center", va="center", bbox={"fc": "white", "ec": "none", "pad": 1})  # fmt: skip
    axes.text(-3.2, 4.45, "rings: equal $|z|^2$; arrows at half their length", fontsize=9, color="#5b6470")
    for (real, imaginary), names in arrows.items():
        colour = FRAMEWORKS[names[0]].colour if len(names) == 1 else BOTH
        tip = (AT[0] + real / 2, AT[1] + imaginary / 2)
        axes.annotate("", tip, AT, arrowprops={"arrowstyle": "-|>", "color": colour, "linewidth": 2})
        title = "\nand ".join(FRAMEWORKS[name].title for name in names)
        sign = "+" if imaginary > 0 else "−"
        axes.text(tip[0] + 0.12, tip[1] - 0.1, f"{title}:\n{real:g} {sign} {abs(imaginary):g}i", fontsize=9,
                  color=colour, va="center")  # fmt: skip
        step = (AT[0] - RATE * real, AT[1] - RATE * imaginary)
        axes.plot([AT[0], step[0]], [AT[1], step[1]], ":", color=colour, linewidth=1.5)
        axes.plot(*step, "o", color=colour, markersize=7)
        size = step[0] ** 2 + step[1] ** 2
        axes.annotate(f"a step against it:\n$|z|^2$ = {size:g}", step, (-8, 0), textcoords="offset points",
                      fontsize=9, color=colour, ha="right", va="center",
                      bbox={"fc": "white", "ec": "none", "pad": 0.5})  # fmt: skip
    axes.plot(*AT, "o", color="black", markersize=6)
    axes.annotate("z = 1 + 2i", AT, (9, 1), textcoords="offset points", fontsize=9, va="center")
    axes.axhline(0, color="#8a9099", linewidth=0.6, zorder=0)
    axes.axvline(0, color="#8a9099", linewidth=0.6, zorder=0)
    axes.set_xlim(-3.4, 4.6)
    axes.set_ylim(-3.2, 4.9)
    axes.set_aspect("equal")
    axes.set_xlabel("real part")
    axes.set_ylabel("imaginary part")
    return figure
