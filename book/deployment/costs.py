"""What one image costs on each path: the medians of the three notebooks, on one logarithmic axis.

A filled mark is a file with an open batch, or a path without the choice; a hollow one is for one image.
"""

from statistics import median

from matplotlib.figure import Figure

from triptych.course import Course
from triptych.frameworks import FRAMEWORKS
from triptych.notebooks import model as notebook
from triptych.site.plots import GREY

HEADING = "What each path costs"
FILL = {False: "full", True: "none"}
MARKS = {"pytorch": "o", "tensorflow": "s", "jax": "D"}
#: Where the list of a path has its median, in ms.
MEDIAN = 1
#: How a path says that it is the twin of another.
OPEN, ONE = ", open batch", ", one image"
#: Paths without a twin whose file is for one image.
FIXED = {
    ("pytorch", "int8"),
    ("tensorflow", "ahead of time"),
    *(("jax", way) for way in ("ahead of time", "float16, stored", "int8", "other language")),
}


def draw(course: Course) -> Figure:
    """A line for each path, the quickest on top, and on it a mark for each file of each framework."""
    times: dict[str, dict[tuple[str, bool], float]] = {}
    machines = set()
    for name, path in course.siblings("deployment").items():
        found = notebook.read(path, course).checkpoints[HEADING]
        machines.add(found.shared["machine"])
        rows = {way: row for way, row in found.only.items() if not way.startswith("operations")}
        for way, row in rows.items():
            base = way.removesuffix(OPEN).removesuffix(ONE)
            one = way.endswith(ONE) or way + OPEN in rows or (name, way) in FIXED
            times.setdefault(base, {})[name, one] = row[MEDIAN]
    order = sorted(times, key=lambda way: median(times[way].values()))
    figure = Figure(figsize=(5.2, 0.27 * len(order) + 1.2), layout="constrained")
    axes = figure.subplots()
    for y, way in enumerate(order):
        axes.axhline(y, color=GREY, linewidth=0.5, zorder=0)
        for (name, one), ms in times[way].items():
            colour = FRAMEWORKS[name].colour
            axes.plot(ms, y, MARKS[name], color=colour, fillstyle=FILL[one], markersize=6, alpha=0.85)
    handles = [
        axes.plot([], [], MARKS[name], color=FRAMEWORKS[name].colour, label=FRAMEWORKS[name].title)[0]
        for name in MARKS
    ]
    handles.append(axes.plot([], [], "o", color=GREY, fillstyle="none", label="for one image")[0])
    figure.legend(handles=handles, loc="outside lower center", ncol=4, frameon=False, fontsize=8)
    axes.set_yticks(range(len(order)), order)
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(len(order) - 0.4, -0.6)
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(lambda x, _: f"{x:,.10g}")
    axes.set_xlabel("milliseconds for one image (logarithmic)")
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.set_title("; ".join(sorted(machines)), loc="left", fontsize=9)
    return figure
