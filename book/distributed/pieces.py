"""A sharded checkpoint: who writes which file, and which files each reader needs; from PyTorch's notebook."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from triptych.course import Course
from triptych.notebooks import model as notebook

SECTION = "Saving what is sharded"
COLOURS, LINE, PLAIN = ("#bcd4ef", "#f6d3ae", "#c5e3c2", "#e3cdea"), "#4a5460", "#e4e8ed"
WIDE, HIGH = 22.0, 12.0
TOP, MIDDLE, BOTTOM = 76.0, 44.0, 8.0


def draw(course: Course) -> Figure:
    """From top to bottom: those that wrote, the files, those that read."""
    checkpoint = notebook.read(course.siblings("distributed")["pytorch"], course).checkpoints[SECTION]
    reads = checkpoint.only["who reads what of 0.weight"]
    files = [name for name in checkpoint.only["files"] if not name.startswith(".")]
    writers = checkpoint.shared["parts when saved"]
    assert len(files) == writers and len(reads) == checkpoint.shared["parts when resumed"]
    figure = Figure(figsize=(5.4, 4.3))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(-2, 110)
    axes.set_ylim(0, 92)
    axes.axis("off")
    each = 128 // writers
    for number, name in enumerate(files):
        x = 14 + 27 * number
        box(
            axes,
            x,
            TOP,
            COLOURS[number],
            f"worker {number}",
            f"rows {each * number}–{each * (number + 1) - 1}",
        )
        box(axes, x, MIDDLE, COLOURS[number], name, "")
        arrow(axes, (x, TOP - HIGH / 2), (x, MIDDLE + HIGH / 2))
    wide = 128 // len(reads)
    for number, needed in enumerate(reads):
        x = 27.5 + 54 * number
        box(axes, x, BOTTOM, PLAIN, f"worker {number}", f"rows {wide * number}–{wide * (number + 1) - 1}")
        for name in needed:
            arrow(axes, (14 + 27 * files.index(name), MIDDLE - HIGH / 2), (x, BOTTOM + HIGH / 2))
    axes.text(
        54.5,
        MIDDLE - HIGH / 2 - 9.5,
        ".metadata says\nwhich rows are where",
        ha="center",
        va="center",
        fontsize=8.5,
    )
    axes.text(
        54.5, TOP + HIGH / 2 + 1.5, "after step 5: four workers write", ha="center", va="bottom", fontsize=10
    )
    axes.text(54.5, BOTTOM, "from step 6:\ntwo read", ha="center", va="center", fontsize=10)
    return figure


def box(axes: Axes, x: float, y: float, colour: str, name: str, below: str) -> None:
    """A worker, or a file; its middle is at x, y."""
    axes.add_patch(
        FancyBboxPatch(
            (x - WIDE / 2, y - HIGH / 2),
            WIDE,
            HIGH,
            boxstyle="round,pad=0,rounding_size=1.5",
            facecolor=colour,
            edgecolor=LINE,
            linewidth=0.9,
        )
    )
    axes.text(x, y + (2.2 if below else 0), name, ha="center", va="center", fontsize=9.5)
    axes.text(x, y - 3, below, ha="center", va="center", fontsize=8.5)


def arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    """What is written, or read."""
    axes.add_patch(
        FancyArrowPatch(
            start, end, arrowstyle="-|>", mutation_scale=10, color=LINE, linewidth=1.1, shrinkA=0, shrinkB=0
        )
    )
