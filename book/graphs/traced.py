"""Which of the twelve calls each framework traced, from the notebooks' checkpoints."""

from matplotlib.figure import Figure

from triptych.course import Course
from triptych.frameworks import FRAMEWORKS
from triptych.notebooks import model as notebook

HEADING = "Retracing and its price"
CALLS = 12
#: What the calls are given, above the squares.
LENGTHS = [2 + call % 3 for call in range(CALLS)]
IDLE = "#e4e7eb"


def draw(course: Course) -> Figure:
    """A row for each framework, a square for each call: filled where it was traced."""
    figure = Figure(figsize=(5.4, 2.5))  # narrow, so that it can be read on a phone
    axes = figure.subplots()
    for row, (name, path) in enumerate(course.siblings("graphs").items()):
        traced = notebook.read(path, course).checkpoints[HEADING].only["traced at calls"]
        for call in range(CALLS):
            colour = FRAMEWORKS[name].colour if call in traced else IDLE
            axes.barh(row, 0.86, 0.72, left=call - 0.43, color=colour)
            if call in traced:
                axes.text(call, row, "T", ha="center", va="center", color="white", fontsize=9)
        axes.text(CALLS - 0.3, row, f"{len(traced)}", va="center", fontsize=10)
    axes.text(CALLS - 0.3, -1.05, "traces", fontsize=9, va="center")
    for height, title, words in (
        (-2.35, "length", LENGTHS),
        (-1.7, "type", ["f32"] * 6 + ["i32"] * 6),
        (-1.05, "step", list(range(CALLS))),
    ):
        axes.text(-0.7, height, title, ha="right", va="center", fontsize=9)
        for call, word in enumerate(words):
            axes.text(call, height, str(word), ha="center", va="center", fontsize=9)
    axes.axhline(-0.6, color=IDLE, linewidth=1)
    titles = [FRAMEWORKS[name].title for name in course.siblings("graphs")]
    axes.set_yticks(range(len(titles)), titles, fontsize=10)
    axes.set_xticks([])
    axes.set_xlim(-0.6, CALLS + 0.9)
    axes.set_ylim(2.5, -2.7)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    return figure
