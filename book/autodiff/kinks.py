"""Which slope each framework chooses at a kink, drawn from the notebooks' checkpoints."""

from matplotlib.figure import Figure

from triptych.course import Course
from triptych.frameworks import FRAMEWORKS
from triptych.notebooks import model as notebook
from triptych.site.plots import GREY

HEADING = "Where the three disagree"

#: What is drawn: the checkpoint's key, its label, and the slopes that lie between the two sides.
#: Of a gradient with two entries the first is drawn.
KINKS = (
    ("relu", "relu at 0", "relu"),
    ("abs", "abs at 0", "abs"),
    ("clip", "clip(x, 0, 1) at 1", "clip"),
    ("maximum", "maximum(x, y) at a tie", (0.0, 1.0)),
    ("max", "max of [2, 2]", (0.0, 1.0)),
    ("norm", "norm of [0, 0]", (-1.0, 1.0)),
    ("x to the 0", "x ** 0 at 0", (0.0, 0.0)),
    ("round", "round at 0.5", None),
    ("sqrt", "sqrt at 0", None),
)
#: The order of the slopes in "left slopes" and "right slopes".
SIDED = ("relu", "abs", "clip")
RIGHT = 1.45  # where what is no number is written


def draw(course: Course) -> Figure:
    """A row for each function: the bar holds the slopes between the sides, the markers the choices."""
    stored = {
        name: notebook.read(path, course).checkpoints[HEADING]
        for name, path in course.siblings("autodiff").items()
    }
    sides = next(iter(stored.values())).shared
    figure = Figure(figsize=(5.2, 5.2))  # narrow, so that it can be read on a phone
    axes = figure.subplots()
    for row, (key, _, interval) in enumerate(KINKS):
        if isinstance(interval, str):
            at = SIDED.index(interval)
            interval = sorted((sides["left slopes"][at], sides["right slopes"][at]))
        if interval is not None:
            low, high = interval
            axes.plot([low, high], [row, row], color="#c8ccd2", linewidth=13, solid_capstyle="butt", zorder=1)
        words: dict[str, list[float]] = {}  # what is no number, and where it stands
        for shift, (name, checkpoint) in zip((-0.22, 0.0, 0.22), stored.items(), strict=True):
            value = checkpoint.only[key]
            value = value[0] if isinstance(value, list) else value
            colour, marker = FRAMEWORKS[name].colour, FRAMEWORKS[name].marker
            try:
                number = float(value)
                finite = abs(number) < float("inf")
            except ValueError:
                finite = False
            if finite:
                axes.plot(number, row + shift, marker, color=colour, markersize=6, zorder=2)
            else:
                axes.plot(RIGHT, row + shift, marker, color=colour, markersize=6)
                words.setdefault(str(value), []).append(row + shift)
        for word, heights in words.items():
            axes.text(RIGHT + 0.08, sum(heights) / len(heights), word, va="center", fontsize=9)
    for name in stored:
        framework = FRAMEWORKS[name]
        axes.plot([], [], framework.marker, color=framework.colour, label=framework.title)
    axes.plot([], [], color="#c8ccd2", linewidth=9, label="between the one-sided slopes")
    axes.axvline(1.25, color=GREY, linewidth=0.8)
    axes.text(RIGHT - 0.1, -0.75, "no number", fontsize=9)
    axes.set_yticks(range(len(KINKS)), [label for _, label, _ in KINKS])
    axes.invert_yaxis()
    axes.set_xlim(-1.2, 1.8)
    axes.set_xticks([-1, -0.5, 0, 0.5, 1])
    axes.set_xlabel("slope at the kink (of two entries, the first)")
    axes.legend(loc="upper center", bbox_to_anchor=(0.3, -0.13), ncols=2, frameon=False, fontsize=9)
    return figure
