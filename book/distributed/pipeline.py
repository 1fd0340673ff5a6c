"""Two schedules of one pipeline on a time line: who works when, and how many activations a stage keeps."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from triptych.course import Course

STAGES, PIECES = 3, 6
TIME = {"F": 1, "B": 2}  # a backward job takes about twice as long as a forward one
COLOURS = {"F": "#bcd4ef", "B": "#f2b877"}
LINE = "#4a5460"

#: A job: forward or backward, and of which micro-batch.
Job = tuple[str, int]


def draw(course: Course) -> Figure:
    """One above the other; each row is a stage, each box a micro-batch."""
    figure = Figure(figsize=(5.4, 4.6), layout="constrained")
    above, below = figure.subplots(2)
    schedule(above, "GPipe: all forward, then all backward", [PIECES] * STAGES)
    schedule(below, "1F1B: backward as soon as possible", [STAGES - stage for stage in range(STAGES)])
    below.set_xlabel("time (digits: micro-batches; a stage keeps their activations)")
    for kind, name in (("F", "forward"), ("B", "backward")):
        above.barh(0, 0, color=COLOURS[kind], edgecolor=LINE, linewidth=0.7, label=name)
    figure.legend(frameon=False, fontsize=9, loc="outside lower center", ncols=2)
    return figure


def order(ahead: int) -> list[Job]:
    """A stage's jobs: so many micro-batches forward, then one backward and one forward in turn."""
    jobs: list[Job] = [("F", piece) for piece in range(ahead)]
    for piece in range(PIECES):
        jobs.append(("B", piece))
        if piece + ahead < PIECES:
            jobs.append(("F", piece + ahead))
    return jobs


def times(orders: list[list[Job]]) -> dict[tuple[int, Job], float]:
    """When each stage begins each job: as soon as it is free and what the job needs has come."""
    begun: dict[tuple[int, Job], float] = {}
    left, free = [list(jobs) for jobs in orders], [0.0] * STAGES
    while any(left):
        for stage, jobs in enumerate(left):
            while jobs:
                kind, piece = jobs[0]
                before = stage - 1 if kind == "F" else stage + 1
                needs = (before, (kind, piece)) if 0 <= before < STAGES else None
                if needs and needs not in begun:
                    break
                ready = begun[needs] + TIME[kind] if needs else 0.0
                begun[stage, jobs.pop(0)] = start = max(ready, free[stage])
                free[stage] = start + TIME[kind]
    return begun


def kept(jobs: list[Job]) -> int:
    """The most micro-batches whose activations a stage keeps at a time."""
    most = now = 0
    for kind, _ in jobs:
        now += 1 if kind == "F" else -1
        most = max(most, now)
    return most


def schedule(axes: Axes, title: str, ahead: list[int]) -> None:
    """One schedule, with the share of waiting in its title and what is kept at the end of each row."""
    orders = [order(number) for number in ahead]
    begun = times(orders)
    end = max(start + TIME[kind] for (_, (kind, _)), start in begun.items())
    work = STAGES * PIECES * sum(TIME.values())
    waiting = 1 - work / (STAGES * end)
    assert abs(waiting - (STAGES - 1) / (PIECES + STAGES - 1)) < 1e-12
    axes.set_title(f"{title}; waiting {waiting:.0%} of the time", fontsize=10)
    for (stage, (kind, piece)), start in begun.items():
        axes.barh(
            stage,
            TIME[kind],
            left=start,
            height=0.8,
            color=COLOURS[kind],
            edgecolor=LINE,
            linewidth=0.7,
        )
        axes.text(start + TIME[kind] / 2, stage, piece + 1, ha="center", va="center", fontsize=8.5)
    for stage, jobs in enumerate(orders):
        axes.text(end + 0.5, stage, f"keeps {kept(jobs)}", va="center", fontsize=9)
    axes.set_xlim(0, end + 4.6)
    axes.set_xticks([])
    axes.set_yticks(range(STAGES), [f"stage {stage}" for stage in range(STAGES)])
    axes.tick_params(length=0)
    axes.invert_yaxis()
    for side in ("top", "right", "bottom"):
        axes.spines[side].set_visible(False)
