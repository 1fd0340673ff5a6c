"""One model and the places that this chapter takes it to, each with the question that it is asked there."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from triptych.course import Course
from triptych.site.plots import GREY

#: Where the model arrives, and what is absent there.
PLACES = (
    ("a Python without your code", "no class, no function"),
    ("another runtime", "no framework"),
    ("another language", "no Python"),
    ("a phone", "no room"),
    ("a server", "no time, and strangers"),
    ("a browser", "no Python, nothing installed"),
)
FILE, PLACE = 3.6, 6.3  # where the columns begin


def draw(course: Course) -> Figure:
    """Notebook, file, places, from left to right."""
    figure = Figure(figsize=(7.2, 3.6))
    axes = figure.add_axes((0, 0, 1, 1))
    middle = (len(PLACES) - 1) / 2
    _box(axes, 0, middle, "your notebook", "code and weights", 2.3)
    _box(axes, FILE, middle, "a file", "what is in it?", 1.5)
    axes.annotate("", (FILE - 0.1, middle), (2.4, middle), arrowprops={"arrowstyle": "->", "color": GREY})
    for row, (place, absent) in enumerate(PLACES):
        _box(axes, PLACE, row, place, absent, 3.6)
        line = {"arrowstyle": "->", "color": GREY, "connectionstyle": "arc3,rad=0"}
        axes.annotate("", (PLACE - 0.1, row), (FILE + 1.6, middle), arrowprops=line)
    axes.text(
        PLACE + 3.75, middle, "1,797 digits:\nthe same\nlabels?\nlogits how\nfar off?",
        va="center", fontsize=9.5, style="italic",
    )  # fmt: skip
    axes.set_xlim(-0.15, 11.5)
    axes.set_ylim(len(PLACES) - 0.45, -0.55)
    axes.set_axis_off()
    return figure


def _box(axes: Axes, left: float, row: float, title: str, below: str, width: float) -> None:
    box = FancyBboxPatch(
        (left, row - 0.36),
        width,
        0.72,
        "round,pad=0.02,rounding_size=0.12",
        facecolor="#eef1f4",
        edgecolor=GREY,
    )
    axes.add_patch(box)
    axes.text(left + width / 2, row - 0.12, title, ha="center", va="center", fontsize=9.5)
    axes.text(left + width / 2, row + 0.18, below, ha="center", va="center", fontsize=8, color="#5b6470")
