"""Eight requests on a time line, with and without collecting. How it might go: nothing here is measured."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from triptych.course import Course
from triptych.site.plots import GREY

#: When the requests arrive, one call for one image, one call for eight; in units of the waiting time.
ARRIVALS = (0.0, 0.1, 0.15, 0.3, 0.35, 0.5, 0.6, 0.8)
ONE, EIGHT, WAIT, ALONE = 0.32, 0.7, 1.0, 2.2
WAITING, CALLED = "#dfe3e8", "#3f6fb5"


def draw(course: Course) -> Figure:
    """Two panels with a line for each request: grey while it waits, blue while the network works on it."""
    figure = Figure(figsize=(6.4, 4.6))
    plain, batched = figure.subplots(2, 1, sharex=True, gridspec_kw={"height_ratios": (8, 9), "hspace": 0.32})
    free = 0.0
    for row, arrival in enumerate(ARRIVALS):
        start = max(arrival, free)
        free = start + ONE
        _request(plain, row, arrival, start, free)
    plain.set_title("one call for each request", loc="left", fontsize=10)
    for row, arrival in enumerate(ARRIVALS):
        _request(batched, row, arrival, WAIT, WAIT + EIGHT)
    _request(batched, len(ARRIVALS), ALONE, ALONE + WAIT, ALONE + WAIT + ONE)
    batched.annotate(
        "alone, and waits all the same", (ALONE, len(ARRIVALS)), (-6, 0), textcoords="offset points",
        ha="right", va="center", fontsize=9,
    )  # fmt: skip
    batched.axvline(WAIT, color=GREY, linestyle=":", linewidth=1)
    batched.text(
        WAIT + EIGHT + 0.05,
        0,
        "until max_batch_time after the first",
        va="center",
        fontsize=9,
        color="#5b6470",
    )
    batched.set_title("collected into one call", loc="left", fontsize=10)
    batched.set_xlabel("time, from left to right")
    handles = [plain.barh(-9, 0.1, color=colour) for colour in (WAITING, CALLED)]
    plain.legend(handles, ("waits", "in the network"), loc="upper right", frameon=False, fontsize=9)
    for axes, rows in ((plain, 8), (batched, 9)):
        axes.set_ylim(rows - 0.4, -0.7)
        axes.set_yticks([])
        axes.set_xticks([])
        axes.set_ylabel("requests")
        for side in ("top", "right", "left"):
            axes.spines[side].set_visible(False)
    plain.set_xlim(-0.05, ALONE + WAIT + ONE + 0.1)
    return figure


def _request(axes: Axes, row: int, arrival: float, start: float, end: float) -> None:
    axes.barh(row, start - arrival, left=arrival, height=0.6, color=WAITING)
    axes.barh(row, end - start, left=start, height=0.6, color=CALLED)
