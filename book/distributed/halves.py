"""Two layers on two workers: the first matrix by columns, the second by rows; and four workers in a mesh."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, Rectangle

from triptych.course import Course
from triptych.notebooks import model as notebook

SECTION = "Splitting a layer"
#: A worker's colour; what all have is grey, a sum has its own.
COLOURS = ("#bcd4ef", "#f6d3ae", "#c5e3c2", "#e3cdea")
ALL, SUM, LINE = "#e4e8ed", "#ffe48a", "#4a5460"


def draw(course: Course) -> Figure:
    """Above the two products, from left to right; below who has which rows and units on the mesh."""
    path = course.siblings("distributed")["pytorch"]
    shared = notebook.read(path, course).checkpoints[SECTION].shared
    units, rows = shared["hidden units on a worker"], shared["rows that a worker computes"]
    figure = Figure(figsize=(5.4, 6.6))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(0, 108)
    axes.set_ylim(0, 132)
    axes.axis("off")

    title(axes, 129, "by columns: the hidden units are divided")
    block(axes, 4, 101, 16, 20, [(ALL, "")], "images", f"{2 * rows} rows, both")
    sign(axes, 25, 111, "×")
    block(axes, 30, 103, 26, 16, [(COLOURS[0], "0"), (COLOURS[1], "1")], "w1", f"{units} units each")
    sign(axes, 61, 111, "=")
    block(axes, 66, 101, 26, 20, [(COLOURS[0], "0"), (COLOURS[1], "1")], "hidden", "nothing is sent")

    title(axes, 92.5, "by rows: each has a part of a sum")
    block(axes, 4, 60, 26, 20, [(COLOURS[0], "0"), (COLOURS[1], "1")], "hidden", "")
    sign(axes, 34, 70, "×")
    block(axes, 39, 57, 9, 26, [(COLOURS[0], "0"), (COLOURS[1], "1")], "w2", "", across=False)
    sign(axes, 52, 70, "=")
    block(axes, 56, 60, 9, 20, [(COLOURS[0], "0")], "", "")
    sign(axes, 69, 70, "+")
    block(axes, 73, 60, 9, 20, [(COLOURS[1], "1")], "", "")
    arrow(axes, (84.5, 70), (93, 70))
    axes.text(88.5, 73, "all-\nreduce", ha="center", va="bottom", fontsize=8)
    block(axes, 95, 60, 9, 20, [(SUM, "Σ")], "logits", "")

    title(axes, 47, "four workers in a mesh: data × tensor")
    for number in range(4):
        row, column = divmod(number, 2)
        x, y = 26 + 40 * column, 20 - 16 * row
        axes.add_patch(Rectangle((x, y), 38, 14, facecolor=COLOURS[number], edgecolor=LINE, linewidth=0.9))
        axes.text(x + 19, y + 10.2, f"worker {number}", ha="center", va="center", fontsize=10, weight="bold")
        held = (
            f"rows {rows * row}–{rows * (row + 1) - 1}",
            f"units {units * column}–{units * (column + 1) - 1}",
        )
        axes.text(x + 19, y + 4.4, ", ".join(held), ha="center", va="center", fontsize=9)
        if row == 0:
            axes.text(x + 19, 35.5, f"tensor = {column}", ha="center", va="bottom", fontsize=9)
        if column == 0:
            axes.text(23, y + 7, f"data = {row}", ha="right", va="center", fontsize=9)
    return figure


def title(axes: Axes, y: float, text: str) -> None:
    """What one row of the picture shows."""
    axes.text(4, y, text, ha="left", va="top", fontsize=10, weight="bold")


def block(
    axes: Axes,
    x: float,
    y: float,
    wide: float,
    high: float,
    parts: list[tuple[str, str]],
    name: str,
    below: str,
    across: bool = True,
) -> None:
    """A matrix of one or two parts, side by side or stacked; a part is a colour and whose it is."""
    for number, (colour, text) in enumerate(parts):
        w, h = (wide / len(parts), high) if across else (wide, high / len(parts))
        left = x + number * w if across else x
        bottom = y if across else y + high - (number + 1) * h
        axes.add_patch(Rectangle((left, bottom), w, h, facecolor=colour, edgecolor=LINE, linewidth=0.9))
        axes.text(left + w / 2, bottom + h / 2, text, ha="center", va="center", fontsize=10)
    axes.text(x + wide / 2, y + high + 0.8, name, ha="center", va="bottom", fontsize=9)
    axes.text(x + wide / 2, y - 1.2, below, ha="center", va="top", fontsize=8.5)


def sign(axes: Axes, x: float, y: float, text: str) -> None:
    """An operator between two matrices."""
    axes.text(x, y, text, ha="center", va="center", fontsize=13)


def arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    """What is sent."""
    axes.add_patch(
        FancyArrowPatch(
            start, end, arrowstyle="-|>", mutation_scale=10, color=LINE, linewidth=1.2, shrinkA=0, shrinkB=0
        )
    )
