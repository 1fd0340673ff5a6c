"""Three meanings of saved: what is in each file, and what whoever opens it must bring."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from triptych.course import Course
from triptych.site.plots import GREY

COLUMNS = ("the numbers", "what to compute", "what computes it")

#: A row for each file: its name, an example, and for each column whether the file has it, and what it is.
FILES = (
    ("weights", ".npz, .h5", ((True, "arrays"), (False, "your code"), (False, "the framework"))),
    ("a pickle", "torch.save(model)", ((True, "arrays"), (False, "your code"), (False, "the framework"))),
    ("model", ".keras", ((True, "arrays"), (True, "its layers"), (False, "the framework"))),
    ("program", ".pt2, SavedModel", ((True, "arrays"), (True, "every operation"), (False, "a runtime"))),
)
LEFT, WIDTH, HEIGHT = 2.3, 2.2, 0.62
IN_FILE = "#c9d8ef"


def draw(course: Course) -> Figure:
    """A line for each file: filled boxes are in it, hollow ones must be there already."""
    figure = Figure(figsize=(5.2, 3.1))
    axes = figure.add_axes((0, 0, 1, 1))
    for column, title in enumerate(COLUMNS):
        axes.text(LEFT + (column + 0.5) * WIDTH, -0.75, title, ha="center", fontsize=9.5)
    for row, (name, example, boxes) in enumerate(FILES):
        axes.text(0.05, row - 0.1, name, va="center", fontsize=10)
        axes.text(0.05, row + 0.2, example, va="center", fontsize=8, color="#5b6470")
        for column, (inside, what) in enumerate(boxes):
            _box(axes, LEFT + (column + 0.5) * WIDTH, row, what, inside)
    _box(axes, 3.1, 4.15, "in the file", True)
    _box(axes, 6.4, 4.15, "to be brought", False)
    axes.set_xlim(0, LEFT + 3 * WIDTH + 0.05)
    axes.set_ylim(4.6, -1.1)
    axes.set_axis_off()
    return figure


def _box(axes: Axes, middle: float, y: float, text: str, inside: bool) -> None:
    axes.add_patch(
        FancyBboxPatch(
            (middle - 0.45 * WIDTH, y - HEIGHT / 2), 0.9 * WIDTH, HEIGHT, "round,pad=0.01,rounding_size=0.1",
            facecolor=IN_FILE if inside else "none", edgecolor=GREY, linestyle="-" if inside else "--",
        )
    )  # fmt: skip
    axes.text(middle, y, text, ha="center", va="center", fontsize=8.5)
