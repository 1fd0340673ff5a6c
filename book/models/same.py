"""Which pixels a strided convolution looks at: three ways to pad a row of eight."""

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from triptych.course import Course
from triptych.errors import TriptychError
from triptych.frameworks import PANELS
from triptych.notebooks import model as notebook
from triptych.site.plots import GREY

HEADING = "Defaults that differ"
KEY = "stride 2 looks at"
WIDTH, PIXELS = 3, 8
FILLING = "#e4e7eb"

#: A row: whose way it is, how it is written, and the first pixel that a window's middle lies on.
WAYS = (
    ("pytorch", "padding=1, as one writes in PyTorch:\na zero on either side, the right one never seen", 0),
    ("keras", "'same' in Keras, TensorFlow and JAX:\none zero is enough, on the right", 1),
    (None, "'valid', Keras's default: no zeros", 1),
)


def draw(course: Course) -> Figure:
    """Pixels for each way, and below them a bar for each window with a dot at its middle."""
    stored = {
        name: notebook.read(path, course).checkpoints[HEADING].only[KEY]
        for name, path in course.siblings("models").items()
    }
    figure = Figure(figsize=(5.2, 5.0))  # narrow, so that it can be read on a phone
    axes = figure.subplots()
    for row, (name, words, first) in enumerate(WAYS):
        top = 3.4 * row
        last = PIXELS - 1 if name else PIXELS - 2
        middles = list(range(first, last + 1, 2))
        if name and middles != stored[name]:
            raise TriptychError(
                f"same.py: {name}", f"drawn {middles}, stored {stored[name]}", "draw what is stored"
            )
        padded = {"pytorch": (-1, PIXELS), "keras": (PIXELS,)}.get(name, ())
        for pixel in [*range(PIXELS), *padded]:
            inside = pixel in range(PIXELS)
            axes.add_patch(
                Rectangle(
                    (pixel - 0.45, top),
                    0.9,
                    0.8,
                    facecolor="#ffffff" if inside else FILLING,
                    edgecolor=GREY,
                    linestyle="-" if inside else "--",
                )
            )
            axes.text(
                pixel,
                top + 0.4,
                pixel if inside else 0,
                ha="center",
                va="center",
                fontsize=10,
                color="#000000" if inside else GREY,
            )
        colour = PANELS[name].colour if name else GREY
        for i, middle in enumerate(middles):
            y = top + 1.1 + 0.4 * (i % 2)
            axes.plot(
                [middle - 1.4, middle + 1.4],
                [y, y],
                color=colour,
                linewidth=5,
                alpha=0.45,
                solid_capstyle="butt",
            )
            axes.plot(middle, y, "o", color=colour, markersize=6)
        axes.text(-1.6, top - 0.25, words, va="bottom", fontsize=9.5)
    axes.set_xlim(-1.7, PIXELS + 0.7)
    axes.set_ylim(3.4 * len(WAYS) - 1.2, -1.4)
    axes.axis("off")
    return figure
