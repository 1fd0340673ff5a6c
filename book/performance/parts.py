"""What fills the memory of a training step of ResNet-50: counted, from the notebooks' checkpoints."""

from matplotlib.figure import Figure

from triptych.course import Course
from triptych.notebooks import model as notebook
from triptych.site.plots import GREY

HEADING = "Memory"
#: PyTorch counted what is kept for backward with two images of 64 x 64 pixels; it grows with both.
COUNTED = (2, 64)
#: Images and their side, and what the optimiser keeps for each weight.
CASES = (
    ("2 images, 64 × 64", (2, 64), 0),
    ("8 images, 224 × 224", (8, 224), 0),
    ("the same with Adam", (8, 224), 2),
)
#: From the site's palette, in an order that stays apart in grey, too.
COLOURS = {"weights": "#3b6ea5", "gradients": "#e0a03b", "optimiser": "#7a5195", "activations": GREY}


def draw(course: Course) -> Figure:
    """A stacked bar for each case, in megabytes."""
    stored = notebook.read(course.siblings("performance")["pytorch"], course).checkpoints[HEADING]
    weights = stored.shared["weight bytes"] / 1e6
    kept = float(stored.only["kept for backward, MB"])
    figure = Figure(figsize=(6.8, 2.8), layout="constrained")
    axes = figure.subplots()
    for row, (_, (batch, side), state) in enumerate(CASES):
        images = batch / COUNTED[0] * (side / COUNTED[1]) ** 2
        parts = {
            "weights": weights,
            "gradients": stored.shared["gradient bytes"] / 1e6,
            "optimiser": state * weights,
            "activations": kept * images,
        }
        left = 0.0
        for name, size in parts.items():
            axes.barh(row, size, 0.55, left, color=COLOURS[name], label=name if not row else None)
            left += size
        axes.annotate(
            f"{left:,.0f} MB", (left, row), (5, 0), textcoords="offset points", va="center", fontsize=9
        )
    axes.set_yticks(range(len(CASES)), [label for label, *_ in CASES])
    axes.tick_params(axis="y", length=0)
    axes.invert_yaxis()
    axes.margins(x=0.15)
    axes.set_xlabel("MB (10⁶ bytes)")
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.legend(fontsize=9, frameon=False, ncols=4, loc="lower center", bbox_to_anchor=(0.4, 1.0))
    return figure
