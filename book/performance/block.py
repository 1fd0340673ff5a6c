"""A transformer block's forward pass: operation by operation, and as PyTorch's compiler runs it."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from triptych.course import Course
from triptych.errors import TriptychError
from triptych.frameworks import FRAMEWORKS
from triptych.notebooks import model as notebook
from triptych.site.plots import GREY

HEADING, WRITTEN = "Attention and a transformer step", "loops written, forward and back"
#: The operations in their order, and whether a library computes them, compiled or not.
BLOCK = (
    ("norm", False), ("query, key, value", True), ("attention, fused", True), ("output", True),
    ("add", False), ("norm", False), ("up", True), ("GELU", False), ("down", True), ("add", False),
)  # fmt: skip
#: Those that the compiler makes one loop of.
JOINED = (4, 5)
LEFT, RIGHT, WIDTH = 0.0, 1.25, 1.0


def draw(course: Course) -> Figure:
    """Two columns of boxes. Raises TriptychError where the notebook counts other loops than are drawn."""
    path = course.siblings("performance")["pytorch"]
    forward, _ = notebook.read(path, course).checkpoints[HEADING].only[WRITTEN]
    loops = sum(not library for _, library in BLOCK) - len(JOINED) + 1
    if forward != loops:
        problem = f"{loops} loops are drawn, and the notebook's compiler writes {forward}"
        raise TriptychError("book/performance/block.py", problem, "draw what its cell prints")
    figure = Figure(figsize=(5.2, 4.4), layout="constrained")
    axes = figure.subplots()
    for row, (name, library) in enumerate(BLOCK):
        box(axes, LEFT, row, 1, name, library)
        if row not in JOINED:
            box(axes, RIGHT, row, 1, name, library)
    first = JOINED[0]
    box(axes, RIGHT, first, len(JOINED), "add and norm\nin one loop", False)
    for x, title in ((LEFT, "eager"), (RIGHT, "compiled")):
        axes.text(x + WIDTH / 2, -0.35, title, ha="center", fontsize=10, weight="bold")
    axes.text(
        (LEFT + RIGHT + WIDTH) / 2, len(BLOCK) + 0.35, "grey: a library computes it; coloured: a loop",
        ha="center", va="center", fontsize=9,
    )  # fmt: skip
    axes.set_xlim(LEFT - 0.05, RIGHT + WIDTH + 0.05)
    axes.set_ylim(len(BLOCK) + 0.6, -0.7)
    axes.axis("off")
    return figure


def box(axes: Axes, x: float, row: int, rows: int, text: str, library: bool) -> None:
    """One call, over so many rows."""
    colour = GREY if library else FRAMEWORKS["pytorch"].colour
    shape = FancyBboxPatch(
        (x + 0.02, row + 0.08), WIDTH - 0.04, rows - 0.16, boxstyle="round,pad=0,rounding_size=0.04",
        facecolor=colour, alpha=0.25 if library else 0.4, edgecolor=colour,
    )  # fmt: skip
    axes.add_patch(shape)
    axes.text(x + WIDTH / 2, row + rows / 2, text, ha="center", va="center", fontsize=9)
