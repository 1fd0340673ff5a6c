"""Total time against the number of calls of one function, of which the first one compiles."""

import math

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from triptych.course import Course
from triptych.frameworks import FRAMEWORKS
from triptych.notebooks import model as notebook
from triptych.site.plots import GREY

HEADING = "How much does it buy?"
CALLS = [10 ** (k / 10) for k in range(31)]  # 1 to a thousand; on these axes the lines are bent
LARGEST = -1  # of the sizes: three million numbers


def draw(course: Course) -> Figure:
    """A panel for each framework: eager in grey, compiled in its colour, a dot where they meet."""
    figure = Figure(figsize=(5.4, 6.4), layout="constrained")  # narrow, so that it can be read on a phone
    siblings = course.siblings("graphs")
    panels = figure.subplots(len(siblings), 1, sharex=True, sharey=True)
    for axes, (name, path) in zip(panels, siblings.items(), strict=True):
        stored = notebook.read(path, course).measured[HEADING]
        eager, compiled = (float(stored[f"{way} ms"][LARGEST]) for way in ("eager", "compiled"))
        first = stored["first ms"]
        first = float(first[LARGEST] if isinstance(first, list) else first)
        panel(axes, name, eager, first, compiled)
    panels[-1].set_xlabel("calls of the function, with three million numbers")
    return figure


def panel(axes: Axes, name: str, eager: float, first: float, compiled: float) -> None:
    """The two lines of one framework, in milliseconds."""
    framework = FRAMEWORKS[name]
    axes.set_title(framework.title, fontsize=10, loc="left")
    axes.plot(CALLS, [eager * n for n in CALLS], color=GREY, label="eager")
    axes.plot(CALLS, [first + (n - 1) * compiled for n in CALLS], color=framework.colour, label="compiled")
    axes.set_xscale("log")
    axes.set_yscale("log")
    if eager > compiled:
        even = max(1.0, (first - compiled) / (eager - compiled))
        if even <= CALLS[-1]:
            axes.plot(even, eager * even, "o", color=framework.colour, markersize=6)
            words = "after 1 call" if even == 1 else f"after {math.ceil(even):,} calls"
            axes.annotate(words, (even, eager * even), (8, -13), textcoords="offset points", fontsize=9)
    axes.set_xticks([1, 10, 100, 1000], ["1", "10", "100", "1,000"])
    axes.yaxis.set_major_formatter(lambda y, _: f"{y:,.10g}")
    axes.set_ylabel("ms in all")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(fontsize=9, frameon=False, loc="upper left")
