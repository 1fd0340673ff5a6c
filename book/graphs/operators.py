"""A branch and a loop inside a program: one node each, with the small programs that it holds."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from triptych.course import Course

NODE, INSIDE, LINE = "#e4edf6", "#f6f7f8", "#4d5560"
MIDDLE = 2.0  # of a panel


def draw(_: Course) -> Figure:
    """Two panels: the branch of the section, and the loop for the root."""
    figure = Figure(figsize=(5.4, 6.2), layout="constrained")  # narrow, so that it can be read on a phone
    above, below = figure.subplots(2, 1, height_ratios=(4.0, 3.4))
    branch(above)
    loop(below)
    return figure


def branch(axes: Axes) -> None:
    """``cond``: a condition chooses one of two programs."""
    frame(axes, "if x.sum() > 0: 2 * x, else: x / 2")
    text(axes, (MIDDLE, 3.7), "x")
    arrow(axes, (MIDDLE - 0.12, 3.64), (1.35, 3.18))
    text(axes, (1.12, 3.02), "sum > 0")
    arrow(axes, (1.12, 2.88), (1.12, 2.42))
    arrow(axes, (MIDDLE, 3.57), (MIDDLE, 2.42))
    holder(axes, "cond")
    body(axes, 1.12, "true", "2 * x")
    body(axes, 2.88, "false", "x / 2")
    text(axes, (MIDDLE, 0.92), "one of the two runs", size=8.5)
    arrow(axes, (MIDDLE, 0.66), (MIDDLE, 0.3))
    text(axes, (MIDDLE, 0.15), "y")


def loop(axes: Axes) -> None:
    """``while``: the body runs, and its result goes round, as long as the condition says so."""
    frame(axes, "while |z * z - x| > 1e-6: z = (z + x / z) / 2", top=3.3)
    text(axes, (1.12, 3.02), "z = x")
    arrow(axes, (1.12, 2.88), (1.12, 1.9))
    holder(axes, "while", bottom=0.5)
    body(axes, 1.12, "condition", "|z * z - x| > 1e-6")
    body(axes, 2.88, "body", "(z + x / z) / 2")
    arrow(axes, (1.8, 1.48), (2.2, 1.48))
    text(axes, (2.0, 1.62), "true", size=8.5)
    arrow(axes, (2.6, 1.07), (1.4, 1.07), bend=-0.3)
    text(axes, (MIDDLE, 0.64), "the new z", size=8.5)
    arrow(axes, (0.7, 1.07), (0.7, 0.2))
    text(axes, (0.9, 0.88), "false", size=8.5)
    text(axes, (0.7, 0.05), "z")


def frame(axes: Axes, title: str, top: float = 3.9) -> None:
    """An empty panel."""
    axes.set_title(title, fontsize=10, family="monospace")
    axes.set_xlim(0, 4)
    axes.set_ylim(-0.1, top)
    axes.set_axis_off()


def holder(axes: Axes, name: str, bottom: float = 0.74) -> None:
    """The node that stands in the program, with room for the programs that it holds."""
    box = FancyBboxPatch((0.2, bottom), 3.6, 2.34 - bottom, boxstyle="round,pad=0.05", fc=NODE, ec=LINE)
    box.set_zorder(0)
    axes.add_patch(box)
    axes.text(0.28, 2.24, name, fontsize=10, va="top", weight="bold")


def body(axes: Axes, middle: float, name: str, line: str) -> None:
    """A small program inside a node."""
    corner = (middle - 0.66, 1.12)
    axes.add_patch(FancyBboxPatch(corner, 1.32, 0.72, boxstyle="round,pad=0.02", fc=INSIDE, ec=LINE))
    axes.text(middle, 1.66, name, fontsize=9, ha="center", va="center", style="italic")
    axes.text(middle, 1.36, line, fontsize=8.5, ha="center", va="center", family="monospace")


def text(axes: Axes, at: tuple[float, float], what: str, size: float = 10) -> None:
    """A word on the panel."""
    axes.text(*at, what, ha="center", va="center", fontsize=size)


def arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float], bend: float = 0.0) -> None:
    """An arrow, straight or bent."""
    style = f"arc3,rad={bend}"
    axes.annotate("", end, start, arrowprops={"arrowstyle": "->", "color": LINE, "connectionstyle": style})
