"""What one image costs on each path: the medians of the three notebooks, on one logarithmic axis."""

from statistics import median

from matplotlib.figure import Figure

from triptych.course import Course
from triptych.frameworks import FRAMEWORKS
from triptych.notebooks import model as notebook
from triptych.site.plots import GREY

HEADING = "What each path costs"
MARKS = {"pytorch": "o", "tensorflow": "s", "jax": "D"}
#: Where the list of a path has its median, in ms.
MEDIAN = 1


def draw(course: Course) -> Figure:
    """A line for each path, the quickest on top, and on it a mark for each framework that walked it."""
    times: dict[str, dict[str, float]] = {}
    machines = set()
    for name, path in course.siblings("deployment").items():
        found = notebook.read(path, course).checkpoints[HEADING]
        machines.add(found.shared["machine"])
        for way, row in found.only.items():
            times.setdefault(way, {})[name] = row[MEDIAN]
    order = sorted(times, key=lambda way: median(times[way].values()))
    figure = Figure(figsize=(5.2, 0.27 * len(order) + 1.2), layout="constrained")
    axes = figure.subplots()
    for y, way in enumerate(order):
        axes.axhline(y, color=GREY, linewidth=0.5, zorder=0)
        for name, ms in times[way].items():
            axes.plot(ms, y, MARKS[name], color=FRAMEWORKS[name].colour, markersize=6, alpha=0.85)
    handles = [
        axes.plot([], [], MARKS[name], color=FRAMEWORKS[name].colour, label=FRAMEWORKS[name].title)[0]
        for name in MARKS
    ]
    figure.legend(handles=handles, loc="outside lower center", ncol=3, frameon=False, fontsize=9)
    axes.set_yticks(range(len(order)), order)
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(len(order) - 0.4, -0.6)
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(lambda x, _: f"{x:,.10g}")
    axes.set_xlabel("milliseconds for one image (logarithmic)")
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.set_title("; ".join(sorted(machines)), loc="left", fontsize=9)
    return figure
