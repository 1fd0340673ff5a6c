"""The engine's example, node by node: its values forwards, its gradients backwards, and the shares."""

import math

from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from triptych.course import Course
from triptych.notebooks import model as notebook

HEADING = "Build one yourself"

#: The order in the checkpoint's "forwards" and "backwards", what each node is made of, where it stands.
NODES = {
    "x": ("", (0.0, 0.9)),
    "y": ("", (0.0, -0.9)),
    "a": ("x · y", (1.5, -0.9)),
    "s": ("sin x", (1.5, 0.9)),
    "b": ("a + s", (3.0, 0.9)),
    "z": ("b · a", (4.5, 0.0)),
}
#: From the user to what it is made of, and the partner by which a product multiplies (none in a sum).
EDGES = (
    ("z", "b", "a"),
    ("z", "a", "b"),
    ("b", "a", ""),
    ("b", "s", ""),
    ("s", "x", "cos"),
    ("a", "x", "y"),
    ("a", "y", "x"),
)
FORWARD, BACKWARD = "#0b5cad", "#b3400b"


def draw(course: Course) -> Figure:
    """Each node with value and gradient; on each edge, backwards, the share that it carries."""
    path = course.siblings("autodiff")["pytorch"]
    shared = notebook.read(path, course).checkpoints[HEADING].shared
    value = dict(zip(NODES, shared["forwards"], strict=True))
    gradient = dict(zip(NODES, shared["backwards"], strict=True))
    figure = Figure(figsize=(5.4, 3.9), layout="constrained")  # narrow, so that it can be read on a phone
    axes = figure.subplots()
    for user, operand, partner in EDGES:
        slope = math.cos(value["x"]) if partner == "cos" else value.get(partner, 1.0)
        (x0, y0), (x1, y1) = NODES[user][1], NODES[operand][1]
        arrow = {"arrowstyle": "->", "color": BACKWARD, "shrinkA": 28, "shrinkB": 30}
        axes.annotate("", (x1, y1), (x0, y0), zorder=0, arrowprops=arrow)
        axes.text((x0 + x1) / 2, (y0 + y1) / 2, f"{gradient[user] * slope:.3f}", ha="center", va="center",
                  fontsize=9, color=BACKWARD, bbox={"fc": "white", "ec": "none", "pad": 1})  # fmt: skip
    for name, (made, (x, y)) in NODES.items():
        axes.add_patch(FancyBboxPatch((x - 0.4, y - 0.26), 0.8, 0.52, boxstyle="round,pad=0.06",
                                      fc="#f6f7f8", ec="#8a929c"))  # fmt: skip
        lines = (
            (0.2, f"{name} = {made}" if made else name, "#000000"),
            (0.0, f"{value[name]:.3f}", FORWARD),
            (-0.2, f"{gradient[name]:.3f}", BACKWARD),
        )
        for up, text, colour in lines:
            axes.text(x, y + up, text, ha="center", va="center", fontsize=9, color=colour)
    axes.text(-0.45, -1.55, "value, made from left to right", color=FORWARD, fontsize=9)
    axes.text(-0.45, -1.8, "gradient of z, and the shares that it is the sum of", color=BACKWARD, fontsize=9)
    axes.set_xlim(-0.6, 5.1)
    axes.set_ylim(-1.9, 1.3)
    axes.set_axis_off()
    return figure
