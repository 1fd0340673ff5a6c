"""A forward pass with shapes: a picture, two layers, ten logits."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch, Rectangle

from triptych.course import Course
from triptych.errors import TriptychError
from triptych.notebooks import model as notebook

HEADING = "Three ways to say the same model"
#: The first of scikit-learn's digits, 0 to 16 in each pixel.
DIGIT = (
    "0 0 5 13 9 1 0 0",
    "0 0 13 15 10 15 5 0",
    "0 3 15 2 0 11 8 0",
    "0 4 12 0 0 8 8 0",
    "0 5 8 0 0 9 8 0",
    "0 4 11 0 1 12 7 0",
    "0 2 14 5 10 12 0 0",
    "0 0 6 13 10 0 0 0",
)
PIXELS, HIDDEN, CLASSES = 64, 32, 10
INK, LAYER, NUMBERS = "#444b55", "#0b5cad", "#b3400b"
TALL = 4.0  # of the column of 64 numbers


def parameters(rows: int, columns: int) -> int:
    """A dense layer's: a kernel and a bias."""
    return rows * columns + columns


def draw(course: Course) -> Figure:
    """From left to right. Raises TriptychError where the notebook's network is another one."""
    total = parameters(PIXELS, HIDDEN) + parameters(HIDDEN, CLASSES)
    path = course.siblings("models")["pytorch"]
    found = notebook.read(path, course).checkpoints[HEADING].shared["parameters, list"]
    if found != total:
        problem = f"a network of {total} parameters is drawn, and the notebook has {found}"
        raise TriptychError("book/models/forward.py", problem, "draw the notebook's")
    figure = Figure(figsize=(5.2, 3.3), layout="constrained")  # narrow, so that it can be read on a phone
    axes = figure.subplots()
    picture = [[int(pixel) for pixel in row.split()] for row in DIGIT]
    axes.imshow(picture, cmap="gray_r", extent=(0, 1.2, -0.6, 0.6), zorder=1)
    axes.add_patch(Rectangle((0, -0.6), 1.2, 1.2, fc="none", ec=INK, lw=0.8, zorder=2))
    axes.text(0.6, -0.78, "8 × 8", ha="center", va="top", fontsize=9)
    column(axes, 1.9, PIXELS)
    layer(axes, 2.65, "hidden", PIXELS, HIDDEN, "then ReLU")
    column(axes, 4.75, HIDDEN)
    layer(axes, 5.5, "out", HIDDEN, CLASSES, "")
    column(axes, 7.6, CLASSES)
    axes.text(7.7, -0.95, "logits", ha="center", va="top", fontsize=9)
    for start, end in ((1.25, 1.85), (2.1, 2.6), (4.3, 4.7), (4.95, 5.45), (7.15, 7.55)):
        axes.annotate("", (end, 0), (start, 0), arrowprops={"arrowstyle": "->", "color": INK})
    axes.set_xlim(-0.1, 8.2)
    axes.set_ylim(-2.5, 2.55)
    axes.set_aspect("auto")
    axes.set_axis_off()
    return figure


def column(axes: Axes, x: float, size: int) -> None:
    """A column of numbers, as tall as there are, and how many."""
    tall = TALL * size / PIXELS
    axes.add_patch(Rectangle((x, -tall / 2), 0.2, tall, fc=NUMBERS, ec=NUMBERS, alpha=0.25))
    axes.text(x + 0.1, tall / 2 + 0.08, str(size), ha="center", va="bottom", fontsize=9, color=NUMBERS)


def layer(axes: Axes, x: float, name: str, rows: int, columns: int, after: str) -> None:
    """A layer's box, its arrays, and its number of parameters."""
    axes.add_patch(
        FancyBboxPatch((x, -0.75), 1.6, 1.5, boxstyle="round,pad=0.03", fc=LAYER, ec=LAYER, alpha=0.2)
    )
    text = f"{name}\nkernel {rows} × {columns}\nbias {columns}" + (f"\n{after}" if after else "")
    axes.text(x + 0.8, 0, text, ha="center", va="center", fontsize=8.5)
    count = f"{parameters(rows, columns):,}\nparameters"
    axes.text(x + 0.8, -0.95, count, ha="center", va="top", fontsize=8.5, color=LAYER)
