"""The tour's network: what goes in, what comes out, and the weights between, with their shapes."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Rectangle

from triptych.course import Course
from triptych.site.plots import GREY

#: A three of scikit-learn's digits, 0 to 16 in each pixel.
DIGIT = (
    "0 0 7 15 13 1 0 0",
    "0 8 13 6 15 4 0 0",
    "0 2 1 13 13 0 0 0",
    "0 0 2 15 11 1 0 0",
    "0 0 0 1 12 12 1 0",
    "0 0 0 0 1 10 8 0",
    "0 0 8 4 5 14 9 0",
    "0 0 7 13 13 9 0 0",
)
SHOWN = 9  # of 64 units
BLUE, RED = "#0b5cad", "#b3400b"
PIXELS, HIDDEN, ANSWERS = 64, 64, 10


def draw(_: Course) -> Figure:
    """From left to right: the picture, its 64 numbers, 64 hidden units, ten logits."""
    figure = Figure(figsize=(4.8, 3.85))  # narrow, so that it can be read on a phone
    axes = figure.add_axes((0, 0, 1, 1))
    _picture(axes, 0.15, 1.25, 1.5)
    pixels, hidden = _units(axes, 2.35, SHOWN, 0.4), _units(axes, 4.5, SHOWN, 0.4)
    logits = _units(axes, 6.65, ANSWERS, 0.36)
    axes.annotate("", (2.15, 2), (1.75, 2), arrowprops={"arrowstyle": "->", "color": GREY})
    for left, right in ((pixels, hidden), (hidden, logits)):
        for start in left:
            for end in right:
                axes.plot([start[0] + 0.13, end[0] - 0.13], [start[1], end[1]], color=GREY, lw=0.3, alpha=0.6)
    for answer, (x, y) in enumerate(logits):
        best = answer == 3
        axes.text(x + 0.24, y, str(answer), va="center", fontsize=8.5, weight="bold" if best else "normal",
                  color=RED if best else "#333333")  # fmt: skip
    axes.add_patch(Circle(logits[3], 0.13, color=RED))
    for x, name, shape in (
        (0.9, "a picture", "8 × 8"),
        (2.35, "pixels", f"{PIXELS}"),
        (4.5, "hidden", f"{HIDDEN}, ReLU"),
        (6.75, "logits", f"{ANSWERS}"),
    ):
        axes.text(x, 4.28, name, ha="center", fontsize=9.5)
        axes.text(x, 4.55, shape, ha="center", fontsize=8.5, color=BLUE)
    for x, rows, columns in ((3.42, PIXELS, HIDDEN), (5.57, HIDDEN, ANSWERS)):
        axes.text(x, -0.42, f"{rows} × {columns} weights", ha="center", fontsize=8.5, color=BLUE)
        axes.text(x, -0.15, f"+ {columns} biases", ha="center", fontsize=8.5, color=BLUE)
    axes.text(3.42, 4.85, "(nine of the 64 are drawn)", ha="center", fontsize=8, color=GREY)
    axes.set_xlim(0, 7.3)
    axes.set_ylim(5, -0.7)
    axes.set_axis_off()
    return figure


def _picture(axes: Axes, left: float, top: float, size: float) -> None:
    pixel = size / len(DIGIT)
    for row, line in enumerate(DIGIT):
        for column, value in enumerate(map(int, line.split())):
            place = (left + column * pixel, top + row * pixel)
            axes.add_patch(Rectangle(place, pixel, pixel, color=str(1 - 0.85 * value / 16), lw=0))
    axes.add_patch(Rectangle((left, top), size, size, fill=False, ec=GREY, lw=0.8))


def _units(axes: Axes, x: float, count: int, apart: float) -> list[tuple[float, float]]:
    """A column of ``count`` circles around the middle; where they go."""
    places = [(x, 2 + (number - (count - 1) / 2) * apart) for number in range(count)]
    for place in places:
        axes.add_patch(Circle(place, 0.13, fc="#c9dcf2", ec=BLUE, lw=0.8))
    return places
