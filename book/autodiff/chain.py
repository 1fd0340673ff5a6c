"""The chain rule on one small graph: y = 2x + sin x at x = 1, forwards the values, backwards the slopes."""

import math
from collections.abc import Mapping

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from triptych.course import Course

#: Where the nodes stand.
PLACES = {"x": (0.0, 0.0), "a": (1.0, 0.6), "b": (1.0, -0.6), "y": (2.0, 0.0)}
EDGES = (("x", "a"), ("x", "b"), ("a", "y"), ("b", "y"))
FORWARD, BACKWARD = "#0b5cad", "#b3400b"


def draw(_: Course) -> Figure:
    """Two panels, one above the other: what each node is, and how much the result moves with it."""
    x = 1.0
    a, b, slope = 2 * x, math.sin(x), math.cos(x)
    figure = Figure(figsize=(4.6, 4.6), layout="constrained")  # narrow, so that a phone can show it
    above, below = figure.subplots(2, 1)
    above.set_title("forwards, the values", fontsize=10, color=FORWARD)
    below.set_title("backwards, the slopes of y", fontsize=10, color=BACKWARD)
    values = {"x": f"x = {x:g}", "a": f"a = 2x = {a:g}", "b": f"b = sin x = {b:.3f}", "y": f"y = {a + b:.3f}"}
    panel(above, values, {}, FORWARD)
    slopes = {
        "y": "dy/dy = 1",
        "a": "dy/da = 1",
        "b": "dy/db = 1",
        "x": f"dy/dx = 2 + {slope:.3f}\n= {2 + slope:.3f}",
    }
    local = {("a", "x"): "· 2", ("b", "x"): f"· {slope:.3f}", ("y", "a"): "· 1", ("y", "b"): "· 1"}
    panel(below, slopes, local, BACKWARD)
    return figure


def panel(
    axes: Axes, nodes: Mapping[str, str], backwards: Mapping[tuple[str, str], str], colour: str
) -> None:
    """The graph with these texts at its nodes; with texts at its edges its arrows point backwards."""
    for edge in backwards or EDGES:
        (x0, y0), (x1, y1) = (PLACES[end] for end in edge)
        arrow = {"arrowstyle": "->", "color": colour, "shrinkA": 20, "shrinkB": 38 if edge[1] == "x" else 20}
        axes.annotate("", (x1, y1), (x0, y0), arrowprops=arrow)
        if backwards:
            axes.text((x0 + x1) / 2, (y0 + y1) / 2, backwards[edge], ha="center", va="center", fontsize=9,
                      color=colour, bbox={"fc": "white", "ec": "none", "pad": 1.5})  # fmt: skip
    for node, (x, y) in PLACES.items():
        axes.text(x, y, nodes[node], ha="center", va="center", fontsize=9,
                  bbox={"boxstyle": "round,pad=0.35", "fc": "#f6f7f8", "ec": colour})  # fmt: skip
    axes.set_xlim(-0.5, 2.4)
    axes.set_ylim(-0.85, 0.85)
    axes.set_axis_off()
