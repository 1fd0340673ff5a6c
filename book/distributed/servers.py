"""A parameter server with two workers on a time line: it waits for both, or for nobody."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch

from triptych.course import Course

#: What a gradient takes: worker 1 is the slower one.
TAKES = (2.0, 3.5)
END = 13.0
COLOURS, LINE = ("#bcd4ef", "#f6d3ae"), "#4a5460"
SERVER = 2  # its row


def draw(course: Course) -> Figure:
    """Above the server waits for both in each step, below it applies each gradient when it comes."""
    figure = Figure(figsize=(5.4, 4.9), layout="constrained")
    above, below = figure.subplots(2)
    start, step = 0.0, max(TAKES)
    while start + step <= END:
        for worker, takes in enumerate(TAKES):
            work(above, worker, start, takes)
            send(above, worker, start + takes if takes == step else start + step, start + takes)
        update(above, start + step, "0, 0")
        start += step
    finish(above, "synchronous: each step waits for the slower worker")

    arrivals = sorted(
        (takes * number, worker)
        for worker, takes in enumerate(TAKES)
        for number in range(1, int(END / takes) + 1)
    )
    fetched = [0, 0]  # how many updates had been made when a worker fetched the weights
    for number, (when, worker) in enumerate(arrivals):
        work(below, worker, when - TAKES[worker], TAKES[worker])
        send(below, worker, when, when)
        update(below, when, f"{number - fetched[worker]}")
        fetched[worker] = number + 1
    finish(below, "asynchronous: nobody waits, gradients come late")
    below.set_xlabel("time; at the server: updates made since the worker fetched")
    return figure


def work(axes: Axes, worker: int, start: float, takes: float) -> None:
    """A worker computes a gradient."""
    axes.barh(worker, takes, left=start, height=0.62, color=COLOURS[worker], edgecolor=LINE, linewidth=0.7)
    axes.text(start + takes / 2, worker, "gradient", ha="center", va="center", fontsize=7.5)


def send(axes: Axes, worker: int, when: float, ready: float) -> None:
    """It goes to the server; a dotted line for as long as the worker waits."""
    if when > ready:
        axes.plot([ready, when], [worker, worker], ":", color=LINE, linewidth=1.2)
    axes.add_patch(
        FancyArrowPatch(
            (when, worker + (0.31 if when == ready else 0)),
            (when, SERVER - 0.2),
            arrowstyle="-|>",
            mutation_scale=8,
            color=LINE,
            linewidth=0.9,
            shrinkA=0,
            shrinkB=0,
        )
    )


def update(axes: Axes, when: float, text: str) -> None:
    """The server changes the weights."""
    axes.plot(when, SERVER, "o", color="#ffe48a", markeredgecolor=LINE, markersize=7)
    axes.text(when, SERVER + 0.3, text, ha="center", va="top", fontsize=8.5)


def finish(axes: Axes, title: str) -> None:
    """Names, and no frame."""
    axes.set_title(title, fontsize=10)
    axes.set_xlim(0, END)
    axes.set_ylim(SERVER + 0.75, -0.45)
    axes.set_yticks([0, 1, SERVER], ["worker 0", "worker 1", "server"])
    axes.set_xticks([])
    axes.tick_params(length=0)
    for side in ("top", "right", "bottom"):
        axes.spines[side].set_visible(False)
