"""One model and the places that this chapter takes it to, each with what is absent there."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from triptych.course import Course
from triptych.site.plots import GREY

#: Where the model arrives, in two columns, and what is absent there.
PLACES = (
    (("a Python without your code", "no class, no function"), ("a phone", "no room")),
    (("another runtime", "no framework"), ("a server", "no time, and strangers")),
    (("another language", "no Python"), ("a browser", "nothing installed")),
)
WIDTH, HEIGHT, MIDDLE = 4.3, 0.78, 4.65  # of a box, and of the figure


def draw(course: Course) -> Figure:
    """The notebook, below it the file, and from the file an arrow to each place."""
    figure = Figure(figsize=(4.8, 4.4))  # narrow, so that it can be read on a phone
    axes = figure.add_axes((0, 0, 1, 1))
    _box(axes, MIDDLE, 0, "your notebook", "code and weights")
    _box(axes, MIDDLE, 1.3, "a file", "what is in it?")
    _arrow(axes, (MIDDLE, HEIGHT / 2), (MIDDLE, 1.3 - HEIGHT / 2))
    for row, pair in enumerate(PLACES):
        y = 2.7 + row
        for side, (place, absent) in zip((-1, 1), pair, strict=True):
            _arrow(axes, (MIDDLE, 1.3 + HEIGHT / 2), (MIDDLE + side * 0.2, y))
            _box(axes, MIDDLE + side * (0.25 + WIDTH / 2), y, place, absent)
    axes.text(
        MIDDLE, 5.55, "At each: 1,797 digits. Are the labels the same, how far are the logits off?",
        ha="center", va="center", fontsize=8.5, style="italic",
    )  # fmt: skip
    axes.set_xlim(0, 2 * MIDDLE)
    axes.set_ylim(5.85, -0.5)
    axes.set_axis_off()
    return figure


def _box(axes: Axes, middle: float, y: float, title: str, below: str) -> None:
    corner, rounded = (middle - WIDTH / 2, y - HEIGHT / 2), "round,pad=0.01,rounding_size=0.1"
    axes.add_patch(FancyBboxPatch(corner, WIDTH, HEIGHT, rounded, facecolor="#eef1f4", edgecolor=GREY))
    axes.text(middle, y - 0.13, title, ha="center", va="center", fontsize=9.5)
    axes.text(middle, y + 0.2, below, ha="center", va="center", fontsize=8, color="#5b6470")


def _arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    axes.annotate("", end, start, arrowprops={"arrowstyle": "->", "color": GREY})
