"""One encoder for two pictures: the shared layer is one box, and two arrows go through it."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch, Rectangle

from triptych.course import Course
from triptych.errors import TriptychError
from triptych.notebooks import model as notebook

HEADING = "Three ways to say the same model"
#: Two threes of scikit-learn's digits, 0 to 16 in each pixel.
LEFT = (
    "0 0 7 15 13 1 0 0",
    "0 8 13 6 15 4 0 0",
    "0 2 1 13 13 0 0 0",
    "0 0 2 15 11 1 0 0",
    "0 0 0 1 12 12 1 0",
    "0 0 0 0 1 10 8 0",
    "0 0 8 4 5 14 9 0",
    "0 0 7 13 13 9 0 0",
)
RIGHT = (
    "0 2 9 15 14 9 3 0",
    "0 4 13 8 9 16 8 0",
    "0 0 0 6 14 15 3 0",
    "0 0 0 11 14 2 0 0",
    "0 0 0 2 15 11 0 0",
    "0 0 0 0 2 15 4 0",
    "0 1 5 6 13 16 6 0",
    "0 2 12 12 13 11 0 0",
)
PIXELS, CODE = 64, 16
INK, LAYER, PLAIN = "#444b55", "#0b5cad", "#8a929c"
#: The two ways, above and below the middle.
ONE, TWO = "#b3400b", "#6b3fa0"


def draw(course: Course) -> Figure:
    """From left to right. Raises TriptychError where the notebook's network is another one."""
    total = PIXELS * CODE + CODE + CODE + 1
    path = course.siblings("models")["pytorch"]
    found = notebook.read(path, course).checkpoints[HEADING].shared["parameters, shared"]
    if found != total:
        problem = f"a network of {total} parameters is drawn, and the notebook has {found}"
        raise TriptychError("book/models/shared.py", problem, "draw the notebook's")
    figure = Figure(figsize=(5.2, 2.7), layout="constrained")  # narrow, so that it can be read on a phone
    axes = figure.subplots()
    for name, rows, y, colour in (("left", LEFT, 0.85, ONE), ("right", RIGHT, -0.85, TWO)):
        picture = [[int(pixel) for pixel in row.split()] for row in rows]
        axes.imshow(picture, cmap="gray_r", extent=(0, 1.1, y - 0.55, y + 0.55), zorder=1)
        axes.add_patch(Rectangle((0, y - 0.55), 1.1, 1.1, fc="none", ec=colour, lw=1, zorder=2))
        axes.text(0.55, y + (0.62 if y > 0 else -0.62), name, ha="center", va="bottom" if y > 0 else "top",
                  fontsize=9, color=colour)  # fmt: skip
        arrow(axes, (1.15, y), (2.0, y * 0.45), colour)
        arrow(axes, (3.75, y * 0.45), (4.6, y * 0.3), colour)
        axes.text(4.2, y * 0.62, f"{'a' if y > 0 else 'b'}: {CODE}", ha="center", va="center", fontsize=9,
                  color=colour)  # fmt: skip
    box(axes, 2.05, 1.65, f"encoder\nkernel {PIXELS} × {CODE}\nbias {CODE}\nthen ReLU", LAYER)
    box(axes, 4.65, 0.9, "|a − b|", PLAIN)
    arrow(axes, (5.6, 0), (6.2, 0), INK)
    axes.text(5.9, 0.1, str(CODE), ha="center", va="bottom", fontsize=9)
    box(axes, 6.25, 1.5, f"head\nkernel {CODE} × 1\nbias 1", LAYER)
    arrow(axes, (7.8, 0), (8.3, 0), INK)
    axes.text(8.4, 0, "1", ha="left", va="center", fontsize=9)
    axes.set_xlim(-0.1, 8.7)
    axes.set_ylim(-1.75, 1.75)
    axes.set_aspect("auto")
    axes.set_axis_off()
    return figure


def arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float], colour: str) -> None:
    """An arrow."""
    axes.annotate(
        "", end, start, arrowprops={"arrowstyle": "->", "color": colour, "shrinkA": 0, "shrinkB": 0}
    )


def box(axes: Axes, x: float, wide: float, text: str, colour: str) -> None:
    """A box around the middle, and what it is."""
    axes.add_patch(FancyBboxPatch((x, -0.72), wide, 1.44, boxstyle="round,pad=0.03", fc=colour, ec=colour,
                                  alpha=0.2))  # fmt: skip
    axes.text(x + wide / 2, 0, text, ha="center", va="center", fontsize=8.5)
