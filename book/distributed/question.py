"""The chapter's question: one worker with the whole batch, or two with half of it each."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from triptych.course import Course

BLUE, ORANGE, PLAIN = "#c9dcf2", "#f7dcc0", "#eceff3"
LINE = "#4a5460"


def draw(course: Course) -> Figure:
    """From top to bottom: rows, gradient, step, weights; on the right all twice, with an exchange."""
    figure = Figure(figsize=(5.2, 3.7))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(-3, 103)
    axes.set_ylim(0, 60)
    axes.axis("off")
    column(axes, 17, "one worker", "64 rows", BLUE)
    column(axes, 53, "worker 0", "rows 1–32", BLUE)
    column(axes, 83, "worker 1", "rows 33–64", ORANGE, right=True)
    arrow(axes, (63.2, 34), (72.8, 34), both=True)
    axes.text(68, 35.3, "exchange", ha="center", fontsize=8)
    arrow(axes, (27.5, 7), (42.5, 7), both=True, dashed=True)
    axes.text(35, 8.5, "the same?", ha="center", va="bottom", fontsize=10, weight="bold")
    return figure


def column(axes: Axes, x: float, name: str, rows: str, colour: str, right: bool = False) -> None:
    """One worker's way from its rows to its weights, ten times: the way back is on the left or the right."""
    axes.text(x, 57, name, ha="center", va="center", fontsize=10, weight="bold")
    for y, text, fill in (
        (48, rows, colour),
        (34, "gradient", colour),
        (20, "step", PLAIN),
        (7, "weights", PLAIN),
    ):
        axes.add_patch(
            FancyBboxPatch(
                (x - 9, y - 3.6),
                18,
                7.2,
                boxstyle="round,pad=0.6",
                facecolor=fill,
                edgecolor=LINE,
                linewidth=0.9,
            )
        )
        axes.text(x, y, text, ha="center", va="center", fontsize=10)
    for high, low in ((48, 34), (34, 20), (20, 7)):
        arrow(axes, (x, high - 4.4), (x, low + 4.4))
    side = 1 if right else -1
    axes.add_patch(
        FancyArrowPatch(
            (x + side * 9.8, 20),
            (x + side * 9.8, 48),
            connectionstyle=f"arc3,rad={side * 0.3}",
            arrowstyle="-|>",
            mutation_scale=9,
            color=LINE,
            linewidth=0.9,
        )
    )
    axes.text(x + side * 17.6, 34, "ten times", rotation=side * -90, ha="center", va="center", fontsize=8.5)


def arrow(
    axes: Axes, start: tuple[float, float], end: tuple[float, float], both: bool = False, dashed: bool = False
) -> None:
    """A straight arrow, with a head at one end or at both."""
    axes.add_patch(
        FancyArrowPatch(
            start,
            end,
            arrowstyle="<|-|>" if both else "-|>",
            mutation_scale=10,
            color=LINE,
            linewidth=1.1,
            linestyle="--" if dashed else "-",
            shrinkA=0,
            shrinkB=0,
        )
    )
