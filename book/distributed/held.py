"""How many parameters each of two workers holds, by how the model is split; from the checkpoints."""

from matplotlib.figure import Figure

from triptych.course import Course
from triptych.notebooks import model as notebook
from triptych.site.plots import GREY

SHARDING, PIPELINE = "Sharding parameters", "Model and pipeline parallel"
COLOURS = ("#4c86c6", "#e59b4c")


def draw(course: Course) -> Figure:
    """Two bars for each way, with their numbers; a line where the whole model is."""
    stored = {
        name: notebook.read(path, course).checkpoints for name, path in course.siblings("distributed").items()
    }
    shared = stored["pytorch"][SHARDING].shared
    whole, half = shared["parameters"], shared["most that a worker holds"]
    units = stored["jax"][SHARDING].only["most by units"]
    ways = {
        "data parallel:\na copy each": (whole, whole),
        "sharded": (half, half),
        "split by units\n(tensor parallel)": (units, units),
        "pipeline:\na layer each": tuple(stored["pytorch"][PIPELINE].only["numbers a stage"]),
    }
    figure = Figure(figsize=(5.2, 3.6), layout="constrained")
    axes = figure.subplots()
    for row, held in enumerate(ways.values()):
        for worker, count in enumerate(held):
            at = row + 0.38 * worker - 0.19
            axes.barh(at, count, height=0.34, color=COLOURS[worker])
            axes.text(count + 120, at, f"{count:,}", va="center", fontsize=9)
    for worker, colour in enumerate(COLOURS):
        axes.barh(0, 0, color=colour, label=f"worker {worker}")
    axes.axvline(whole, color=GREY, linewidth=0.8, linestyle=":")
    axes.set_yticks(range(len(ways)), list(ways))
    axes.invert_yaxis()
    axes.set_xlim(0, whole * 1.16)
    axes.set_xlabel("parameters held between two steps")
    axes.legend(frameon=False, fontsize=9, loc="center", bbox_to_anchor=(0.74, 0.5))
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    return figure
