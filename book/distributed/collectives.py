"""The five ways in which workers talk: what each holds before and after, and who sends what to whom."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, Rectangle

from triptych.course import Course

WORKERS = 4
#: A worker's colour; the sum of all workers' parts has its own.
COLOURS = ("#bcd4ef", "#f6d3ae", "#c5e3c2", "#e3cdea")
ARROWS = ("#3f74b0", "#c9772a", "#4f9a49", "#9557a8")
SUM, LINE = "#ffe48a", "#4a5460"
GAP = 1.0  # between two workers, in cells
TOP, BOTTOM = 2.55, 0.0  # where the cells of before and after begin; a cell is 0.8 high
HIGH = 0.8

#: A part of a worker's data: whose it is (None: the sum of all), and which of the parts.
Part = tuple[int | None, int]
Held = list[list[Part | None]]
#: From a worker's part (None: from all of them) to another worker's.
Arrow = tuple[tuple[int, int | None], tuple[int, int | None]]

EACH, OWN = range(WORKERS), [[(worker, part) for part in range(WORKERS)] for worker in range(WORKERS)]
ONE: Held = [[(worker, part) if part == worker else None for part in EACH] for worker in EACH]


def draw(course: Course) -> Figure:
    """A row for each: on top what the workers hold before, below what they hold after."""
    figure = Figure(figsize=(5.4, 8.2), layout="constrained")
    panels: tuple[tuple[str, Held, Held, list[Arrow]], ...] = (
        (
            "broadcast: what one has, all get",
            [[(0, part) for part in EACH], *[[None] * WORKERS for _ in range(WORKERS - 1)]],
            [[(0, part) for part in EACH] for _ in EACH],
            [((0, None), (worker, None)) for worker in EACH],
        ),
        (
            "all-gather: all get what each has",
            ONE,
            [[(part, part) for part in EACH] for _ in EACH],
            [((source, source), (worker, source)) for source in EACH for worker in EACH],
        ),
        (
            "reduce-scatter: each gets its part of the sum",
            [[*parts] for parts in OWN],
            [[(None, part) if part == worker else None for part in EACH] for worker in EACH],
            [((source, worker), (worker, worker)) for source in EACH for worker in EACH],
        ),
        (
            "all-reduce: all get the whole sum",
            [[*parts] for parts in OWN],
            [[(None, part) for part in EACH] for _ in EACH],
            [],
        ),
        (
            "send and receive: here each to its right neighbour",
            ONE,
            [[(part, part) if part == (worker - 1) % WORKERS else None for part in EACH] for worker in EACH],
            [((worker, worker), ((worker + 1) % WORKERS, worker)) for worker in EACH],
        ),
    )
    for axes, (title, before, after, arrows) in zip(figure.subplots(len(panels)), panels, strict=True):
        panel(axes, title, before, after)
        for (source, part), (target, place) in arrows:
            arrow(axes, middle(source, part), TOP - 0.06, middle(target, place), BOTTOM + HIGH + 0.06, source)
        if not arrows:  # all into one sum, and out again
            through(axes)
    return figure


def middle(worker: int, part: int | None) -> float:
    """Where a worker's part is, from left to right; without a part, the middle of all of them."""
    return worker * (WORKERS + GAP) + (WORKERS / 2 if part is None else part + 0.5)


def panel(axes: Axes, title: str, before: Held, after: Held) -> None:
    """The four workers, before and after."""
    axes.set_title(title, fontsize=10)
    axes.set_xlim(-2.6, WORKERS * (WORKERS + GAP) - GAP + 0.1)
    axes.set_ylim(-0.1, TOP + HIGH + 0.75)
    axes.axis("off")
    for bottom, word, held in ((TOP, "before", before), (BOTTOM, "after", after)):
        axes.text(-0.35, bottom + HIGH / 2, word, ha="right", va="center", fontsize=9)
        for worker, parts in enumerate(held):
            for place, part in enumerate(parts):
                cell(axes, worker * (WORKERS + GAP) + place, bottom, part)
    for worker in EACH:
        axes.text(middle(worker, None), TOP + HIGH + 0.1, f"worker {worker}", ha="center", fontsize=8.5)


def cell(axes: Axes, left: float, bottom: float, part: Part | None) -> None:
    """A part, by its number, in the colour of the worker that it came from; empty for None."""
    whose, which = part or (None, 0)
    fill = "none" if part is None else SUM if whose is None else COLOURS[whose]
    axes.add_patch(Rectangle((left, bottom), 1, HIGH, facecolor=fill, edgecolor=LINE, linewidth=0.7))
    if part:
        text = f"Σ{which}" if whose is None else f"{which}"
        axes.text(left + 0.5, bottom + HIGH / 2 - 0.03, text, ha="center", va="center", fontsize=8.5)


def arrow(axes: Axes, x: float, y: float, to_x: float, to_y: float, worker: int | None) -> None:
    """From (x, y) down to another place, in the colour of the worker that sends."""
    axes.add_patch(
        FancyArrowPatch(
            (x, y),
            (to_x, to_y),
            arrowstyle="-|>",
            mutation_scale=7,
            color=LINE if worker is None else ARROWS[worker],
            linewidth=0.9,
            shrinkA=0,
            shrinkB=0,
        )
    )


def through(axes: Axes) -> None:
    """All workers into one sum, and from there to all."""
    x = middle(WORKERS - 1, WORKERS - 1) / 2 + 0.25
    y = (TOP + BOTTOM + HIGH) / 2
    for worker in EACH:
        arrow(axes, middle(worker, None), TOP - 0.06, x + (worker - 1.5) * 0.28, y + 0.3, worker)
        arrow(axes, x + (worker - 1.5) * 0.28, y - 0.3, middle(worker, None), BOTTOM + HIGH + 0.06, None)
    axes.add_patch(Rectangle((x - 0.8, y - 0.3), 1.6, 0.6, facecolor=SUM, edgecolor=LINE, linewidth=0.7))
    axes.text(x, y - 0.02, "sum", ha="center", va="center", fontsize=8.5)
