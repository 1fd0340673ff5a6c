"""The small GPT as blocks: what goes in, what comes out, and the shape of the numbers between them."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from triptych.course import Course
from triptych.errors import TriptychError
from triptych.notebooks import model as notebook

HEADING = "A milestone: a small GPT"
TEXTS, TIME, WIDTH, HEADS, LAYERS, LETTERS = 16, 96, 64, 4, 2, 53
INK, SEES, ALONE, PLAIN = "#444b55", "#b3400b", "#0b5cad", "#8a929c"

#: From the bottom to the top: the text in the box, its colour, and the shape of what leaves it.
STEM = (
    ("letters of a text", PLAIN, f"{TEXTS} × {TIME}"),
    ("a row for each letter + a row for its place", PLAIN, f"{TEXTS} × {TIME} × {WIDTH}"),
)
BLOCK = (
    ("norm", PLAIN, ""),
    (f"attention: {HEADS} heads of {WIDTH // HEADS}", SEES, ""),
    ("norm", PLAIN, ""),
    (f"dense {WIDTH} → {4 * WIDTH}, GELU, dense → {WIDTH}", ALONE, ""),
)
TOP = (
    ("norm", PLAIN, f"{TEXTS} × {TIME} × {WIDTH}"),
    (f"head: dense {WIDTH} → {LETTERS}", PLAIN, f"{TEXTS} × {TIME} × {LETTERS}"),
)
LEFT, RIGHT, TALL = 0.9, 4.1, 0.5


def weights() -> int:
    """The number of weights of the network that is drawn."""
    norm = 2 * WIDTH
    attention = WIDTH * 3 * WIDTH + 3 * WIDTH + WIDTH * WIDTH + WIDTH
    dense = WIDTH * 4 * WIDTH + 4 * WIDTH + 4 * WIDTH * WIDTH + WIDTH
    block = 2 * norm + attention + dense
    return (LETTERS + TIME) * WIDTH + LAYERS * block + norm + WIDTH * LETTERS


def draw(course: Course) -> Figure:
    """The network from bottom to top. Raises TriptychError where the notebook trains another one."""
    path = course.siblings("models")["pytorch"]
    found = notebook.read(path, course).checkpoints[HEADING].shared["parameters"]
    if found != weights():
        problem = f"a network of {weights()} weights is drawn, and the notebook has {found}"
        raise TriptychError("book/models/gpt.py", problem, "draw the notebook's")
    figure = Figure(figsize=(5.2, 7.0), layout="constrained")  # narrow, so that it can be read on a phone
    axes = figure.subplots()
    y = 0.0
    for box in STEM:
        y = put(axes, y, *box)
    bottom = y - 0.2
    for i, box in enumerate(BLOCK):
        if i % 2 == 0:
            start = y - 0.12
        y = put(axes, y, *box)
        if i % 2:
            around(axes, start, y - 0.3)
    axes.add_patch(FancyBboxPatch((LEFT - 0.7, bottom), RIGHT - LEFT + 1.3, y - bottom - 0.14,
                                  boxstyle="round,pad=0.02", fc="none", ec=INK, ls="--", lw=0.9))  # fmt: skip
    axes.text(LEFT - 0.6, (bottom + y) / 2, f"block, {LAYERS} times", fontsize=9, color=INK, va="center",
              ha="left", rotation=90)  # fmt: skip
    for box in TOP:
        y = put(axes, y, *box)
    axes.text((LEFT + RIGHT) / 2, y - 0.02, "a logit for each possible next letter", ha="center", va="bottom",
              fontsize=9)  # fmt: skip
    axes.set_xlim(0.0, 5.6)
    axes.set_ylim(-0.15, y + 0.3)
    axes.set_axis_off()
    return figure


def put(axes: Axes, y: float, text: str, colour: str, shape: str) -> float:
    """A box at the height y, an arrow out of it, and beside it the shape; the height of the next one."""
    axes.add_patch(FancyBboxPatch((LEFT, y), RIGHT - LEFT, TALL, boxstyle="round,pad=0.03", fc=colour,
                                  ec=colour, alpha=0.22))  # fmt: skip
    axes.text((LEFT + RIGHT) / 2, y + TALL / 2, text, ha="center", va="center", fontsize=9)
    above = y + TALL + 0.46
    arrow = {"arrowstyle": "->", "color": INK, "shrinkA": 0, "shrinkB": 0}
    middle = (LEFT + RIGHT) / 2
    axes.annotate("", (middle, above - 0.03), (middle, y + TALL + 0.03), arrowprops=arrow)
    if shape:
        axes.text(middle + 0.2, y + TALL + 0.16, shape, fontsize=8.5, va="center", color=INK)
    return above


def around(axes: Axes, low: float, high: float) -> None:
    """The way around a part of a block, and the plus where it comes back."""
    x = RIGHT + 0.25
    middle = (LEFT + RIGHT) / 2
    axes.plot([middle, x, x, middle], [low, low, high, high], color=INK, lw=1, zorder=0)
    axes.plot(middle, high, "o", color="white", mec=INK, ms=9)
    axes.text(middle, high, "+", ha="center", va="center", fontsize=9)
