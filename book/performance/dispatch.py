"""When a call returns, and when its product is there: from the notebooks' own timings."""

import ast

from matplotlib.figure import Figure

from triptych.course import Course
from triptych.frameworks import FRAMEWORKS
from triptych.notebooks import model as notebook
from triptych.site.plots import GREY

HEADING, KEY = "How to time", "share until it returned"


def draw(course: Course) -> Figure:
    """Two bars for each framework: until the call returned, and until the product was there."""
    figure = Figure(figsize=(5.0, 3.0), layout="constrained")  # narrow, so that it can be read on a phone
    axes = figure.subplots()
    titles = []
    for row, (name, path) in enumerate(course.siblings("performance").items()):
        share = 100 * shown(notebook.read(path, course))
        label = "until the product was there" if not row else None
        axes.barh(row - 0.17, 100, 0.3, color=GREY, alpha=0.5, label=label)
        axes.barh(row + 0.17, max(share, 0.8), 0.3, color=FRAMEWORKS[name].colour)
        told = f"the call returned: {share:.0f} %" if share >= 10 else f"the call returned: {share:.1g} %"
        inside = share > 50
        axes.annotate(
            told,
            (share, row + 0.17),
            (-5 if inside else 6, 0),
            textcoords="offset points",
            ha="right" if inside else "left",
            va="center",
            color="white" if inside else "black",
            fontsize=9,
        )
        titles.append(FRAMEWORKS[name].title)
    axes.set_yticks(range(len(titles)), titles)
    axes.tick_params(axis="y", length=0)
    axes.invert_yaxis()
    axes.set_xlim(0, 102)
    axes.set_xticks([0, 25, 50, 75, 100])
    axes.set_xlabel("time since the call, in per cent of the product's")
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.legend(fontsize=9, frameon=False, loc="lower center", bbox_to_anchor=(0.45, 1.0))
    return figure


def shown(read: notebook.Notebook) -> float:
    """The share of the product's time that had passed when the call returned."""
    for heading, cell in read.cells:
        if heading == HEADING and cell.shown and KEY in cell.shown:
            return float(ast.literal_eval(cell.shown)[KEY])
    raise KeyError(KEY)
