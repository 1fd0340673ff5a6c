"""Who works when: three products in a row, on a time line, from the notebooks' own timings."""

import ast
from typing import Any

from matplotlib.figure import Figure

from triptych.course import Course
from triptych.frameworks import FRAMEWORKS
from triptych.notebooks import model as notebook
from triptych.site.plots import GREY

HEADING = "How to time"
SHARE = "share until it returned"
ASKED, RETURNED, THERE = "asked, ms", "returned, ms", "there at the latest, ms"
#: The narrowest bar that can be seen, in per cent of the axis.
THIN = 0.8
#: From one framework to the next, and from its first lane to its second.
STEP, LANE = 2.6, 0.8


def draw(course: Course) -> Figure:
    """Two lanes for each framework: what Python does, and when each product is computed."""
    figure = Figure(figsize=(5.2, 3.8), layout="constrained")  # narrow, so that it can be read on a phone
    axes = figure.subplots()
    ticks: dict[float, str] = {}
    for row, (name, path) in enumerate(course.siblings("performance").items()):
        read, colour = notebook.read(path, course), FRAMEWORKS[name].colour
        line = shown(read, ASKED)
        early = shown(read, SHARE)[SHARE] < 0.5
        # Who returns with the product has it by then; else it is there when the wait for it ends.
        done = line[THERE] if early else line[RETURNED]
        percent = 100 / done[-1]
        python, computes = row * STEP, row * STEP + LANE
        ticks |= {python: f"{FRAMEWORKS[name].title}: Python", computes: "the product"}
        begin = left = 0.0
        for asked, returned, end in zip(line[ASKED], line[RETURNED], done, strict=True):
            left, width = max(left, percent * asked), max(percent * (returned - asked), THIN)
            axes.barh(python, width, 0.6, left, color=colour, edgecolor="white", linewidth=0.6)
            left += width
            begin = max(begin, asked)
            axes.barh(computes, percent * (end - begin), 0.6, percent * begin, color=GREY, alpha=0.55,
                      edgecolor="white", linewidth=0.6)  # fmt: skip
            begin = end
        if early:
            axes.barh(
                python, 100 - left, 0.6, left, facecolor="none", edgecolor=colour, hatch="///", alpha=0.5
            )
        told = "three calls return early, then it waits" if early else "each call returns with its product"
        axes.text(0, python - 0.42, told, fontsize=9, va="bottom")
    axes.set_yticks(list(ticks), list(ticks.values()))
    axes.tick_params(axis="y", length=0)
    axes.invert_yaxis()
    axes.set_xlim(0, 101)
    axes.set_xticks([0, 25, 50, 75, 100])
    axes.set_xlabel("time since the first call, in per cent of\nthe time until all three products were there")
    axes.spines[["top", "right", "left"]].set_visible(False)
    return figure


def shown(read: notebook.Notebook, key: str) -> dict[str, Any]:
    """The dict of the section with this key."""
    for heading, cell in read.cells:
        if heading == HEADING and cell.shown and key in cell.shown:
            return dict(ast.literal_eval(cell.shown))
    raise KeyError(key)
