"""Memory of one call of attention against the length of the text, as the notebooks counted it."""

import ast
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from triptych.course import Course
from triptych.frameworks import FRAMEWORKS
from triptych.notebooks import model as notebook

HEADING = "Attention and a transformer step"
LENGTH, UNIT = "length", ", MB"
#: What each way is called, and how it is drawn.
WAYS = {
    "by hand": ("by the formula", "-", {"marker": "o", "markersize": 4}),
    "own": ("its own function", "--", {"marker": "s", "markersize": 8, "markerfacecolor": "none"}),
    "in blocks": ("in blocks", ":", {"marker": "D", "markersize": 4.5}),
}


def draw(course: Course) -> Figure:
    """A panel for each framework, on the same axes."""
    figure = Figure(figsize=(5.2, 6.4), layout="constrained")  # narrow, so that it can be read on a phone
    panels = figure.subplots(3, 1, sharex=True, sharey=True)
    for axes, (name, path) in zip(panels, course.siblings("performance").items(), strict=True):
        panel(axes, name, shown(notebook.read(path, course)))
    panels[1].set_ylabel("memory of one call (MB)")
    panels[0].yaxis.set_major_formatter(lambda y, _: f"{y:g}")
    panels[-1].set_xlabel("positions")
    return figure


def panel(axes: Axes, name: str, counted: dict[str, Any]) -> None:
    """The lines of one framework."""
    lengths, colour = counted[LENGTH], FRAMEWORKS[name].colour
    axes.set_title(FRAMEWORKS[name].title, fontsize=10)
    for way, (label, line, mark) in WAYS.items():
        found = counted.get(way + UNIT)
        if found and None not in found:
            axes.plot(lengths, found, line, color=colour, label=label, **mark)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xticks(lengths, [f"{n:,}" for n in lengths])
    axes.minorticks_off()
    axes.legend(fontsize=9, frameon=False, loc="upper left")
    axes.spines[["top", "right"]].set_visible(False)


def shown(read: notebook.Notebook) -> dict[str, Any]:
    """What the section counted."""
    for heading, cell in read.cells:
        if heading == HEADING and cell.shown and LENGTH in cell.shown:
            return dict(ast.literal_eval(cell.shown))
    raise KeyError(LENGTH)
