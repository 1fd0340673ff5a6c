"""What each worker holds in training with Adam, by how the model is split; from the checkpoints."""

from matplotlib.figure import Figure

from triptych.course import Course
from triptych.notebooks import model as notebook
from triptych.site.plots import GREY

SHARDING, PIPELINE, LAYER = "Sharding parameters", "Model and pipeline parallel", "Splitting a layer"
#: What Adam keeps for each parameter, in float64: its name, numbers, and colour.
KEPT = (("weights", 1, "#4c86c6"), ("gradients", 1, "#e59b4c"), ("Adam's two moments", 2, "#7fb77a"))
BYTES = 8  # of a float64


def draw(course: Course) -> Figure:
    """A bar for each worker, of three parts; a line where one process with the whole model is."""
    stored = {
        name: notebook.read(path, course).checkpoints for name, path in course.siblings("distributed").items()
    }
    shared = stored["pytorch"][SHARDING].shared
    whole, half = shared["parameters"], shared["most that a worker holds"]
    units = stored["pytorch"][LAYER].shared["most that a worker holds"]
    #: PyTorch's: it cuts the biases along *data*, too; the siblings leave them whole, and hold a little more.
    quarter = stored["pytorch"][LAYER].only["most on the mesh"]
    assert all(quarter <= held[LAYER].only["most on the mesh"] for held in stored.values())
    #: Measured: weights and moments, three of the four.
    assert shared["bytes with Adam, one process"] == 3 * whole * BYTES
    assert shared["bytes with Adam, a worker"] == 3 * half * BYTES
    ways = {
        "data parallel:\na copy each": (whole, whole),
        "sharded\n(FSDP)": (half, half),
        "tensor parallel:\nby units": (units, units),
        "sharded x tensor:\nfour workers": (quarter,) * 4,
        "pipeline:\na layer each": tuple(stored["pytorch"][PIPELINE].only["numbers a stage"]),
    }
    figure = Figure(figsize=(5.2, 5.2), layout="constrained")
    axes = figure.subplots()
    numbers = sum(each for _, each, _ in KEPT)
    for row, held in enumerate(ways.values()):
        for worker, count in enumerate(held):
            high = 0.76 / len(held)
            at, left = row + high * (worker + 0.5) - 0.38, 0.0
            for _, each, colour in KEPT:
                wide = each * count * BYTES / 1e3
                axes.barh(at, wide, left=left, height=0.87 * high, color=colour)
                left += wide
            axes.text(
                left + 4,
                at,
                f"worker {worker}: {left:.0f} kB",
                va="center",
                fontsize=9 if len(held) < 4 else 7.5,
            )
    for name, _, colour in KEPT:
        axes.barh(0, 0, color=colour, label=name)
    alone = numbers * whole * BYTES / 1e3
    axes.plot([alone, alone], [-0.5, len(ways) - 1.5], ":", color=GREY, linewidth=1.2, label="one process")
    axes.set_yticks(range(len(ways)), list(ways))
    axes.invert_yaxis()
    axes.set_xlim(0, alone * 1.5)
    axes.set_xlabel("kB a worker holds between two steps, with Adam")
    figure.legend(frameon=False, fontsize=9, loc="outside lower center", ncols=2)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    return figure
