"""When Python runs, and when the compiled program does: three calls, eager and compiled. Not to scale."""

from collections.abc import Iterator, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from triptych.course import Course

#: The parts of a call and their lengths.
Call = Sequence[tuple[str, float]]

#: What happens, and its colour.
COLOURS = {
    "Python": "#c8ccd2",
    "an operation": "#a9d5b8",
    "tracing": "#8a9099",
    "compiling": "#4d5560",
    "check": "#e4e7eb",
    "the program": "#2e7d4f",
}
#: Of a function of three operations.
EAGER_CALL = (("Python", 0.6), ("an operation", 1.0)) * 3
FIRST_CALL = (("tracing", 2.6), ("compiling", 5.2), ("the program", 1.3))
LATER_CALL = (("check", 0.5), ("the program", 1.3))
BETWEEN, END = 0.7, 17.2


def draw(_: Course) -> Figure:
    """Two rows on one axis of time."""
    figure = Figure(figsize=(5.4, 2.4))  # narrow, so that it can be read on a phone
    axes = figure.subplots()
    rows: dict[str, Sequence[Call]] = {
        "eager": [EAGER_CALL] * 3,
        "compiled": [FIRST_CALL, LATER_CALL, LATER_CALL],
    }
    for row, calls in enumerate(rows.values()):
        for number, middle in enumerate(laid_out(axes, row, calls), 1):
            axes.text(middle, row - 0.42, f"call {number}", ha="center", fontsize=9)
    for name, colour in COLOURS.items():
        axes.barh([0], [0], color=colour, label=name)
    axes.set_yticks(range(len(rows)), list(rows), fontsize=11)
    axes.set_ylim(1.5, -0.7)
    axes.set_xlim(-0.2, END)
    axes.set_xticks([])
    axes.set_xlabel("time, not to scale")
    axes.annotate("", (END, 1.5), (-0.2, 1.5), annotation_clip=False, arrowprops={"arrowstyle": "->"})
    axes.legend(loc="upper center", bbox_to_anchor=(0.45, -0.14), ncols=3, frameon=False, fontsize=9,
                handlelength=1.2, columnspacing=1.4)  # fmt: skip
    for side in axes.spines.values():
        side.set_visible(False)
    axes.tick_params(length=0)
    return figure


def laid_out(axes: Axes, row: int, calls: Sequence[Call]) -> Iterator[float]:
    """Draw the calls of a row one after the other, and say where the middle of each is."""
    at = 0.0
    for call in calls:
        start = at
        for name, length in call:
            axes.barh(row, length, left=at, height=0.5, color=COLOURS[name], edgecolor="white")
            at += length
        yield (start + at) / 2
        at += BETWEEN
