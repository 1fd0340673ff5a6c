"""What four workers hold before and after each collective."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from triptych.course import Course

WORKERS = 4
#: A worker's colour; the sum of all workers' parts has its own.
COLOURS = ("#bcd4ef", "#f6d3ae", "#c5e3c2", "#e3cdea")
SUM, LINE = "#ffe48a", "#4a5460"

#: A part of a worker's data: whose it is (None: the sum of all), and which of the parts.
Part = tuple[int | None, int]
Held = list[list[Part | None]]

BEFORE: Held = [[(worker, part) for part in range(WORKERS)] for worker in range(WORKERS)]
ONE_EACH: Held = [
    [(worker, part) if part == worker else None for part in range(WORKERS)] for worker in range(WORKERS)
]
PANELS: tuple[tuple[str, Held], ...] = (
    ("before: four parts each", BEFORE),
    ("broadcast from worker 0", [[(0, part) for part in range(WORKERS)] for _ in range(WORKERS)]),
    (
        "reduce-scatter",
        [[(None, part) if part == worker else None for part in range(WORKERS)] for worker in range(WORKERS)],
    ),
    ("all-reduce", [[(None, part) for part in range(WORKERS)] for _ in range(WORKERS)]),
    ("before: one part each", ONE_EACH),
    ("all-gather", [[(part, part) for part in range(WORKERS)] for _ in range(WORKERS)]),
)


def draw(course: Course) -> Figure:
    """Two columns of three, which a phone can show: a row for each worker, a cell for each part."""
    figure = Figure(figsize=(5.4, 5.6), layout="constrained")
    for axes, (title, held) in zip(figure.subplots(3, 2).flat, PANELS, strict=True):
        panel(axes, title, held)
    return figure


def panel(axes: Axes, title: str, held: Held) -> None:
    """The four workers in one state."""
    axes.set_title(title, fontsize=10)
    axes.set_xlim(-0.05, WORKERS + 0.05)
    axes.set_ylim(WORKERS + 0.05, -0.05)
    axes.set_yticks(
        [worker + 0.5 for worker in range(WORKERS)], [f"worker {worker}" for worker in range(WORKERS)]
    )
    axes.set_xticks([])
    axes.tick_params(length=0, labelsize=8.5)
    for spine in axes.spines.values():
        spine.set_visible(False)
    for worker, parts in enumerate(held):
        for place, part in enumerate(parts):
            whose, which = part or (None, 0)
            fill = "none" if part is None else SUM if whose is None else COLOURS[whose]
            axes.add_patch(
                Rectangle((place, worker + 0.08), 0.94, 0.84, facecolor=fill, edgecolor=LINE, linewidth=0.7)
            )
            if part:
                text = f"Σ{which}" if whose is None else f"{whose}.{which}"
                axes.text(place + 0.47, worker + 0.5, text, ha="center", va="center", fontsize=9)
