"""Five inputs padded to a few lengths: what is data, what is filling, and how many programs that makes."""

from matplotlib.figure import Figure

from triptych.course import Course
from triptych.notebooks import model as notebook

HEADING = "Dynamic shapes"
LENGTHS = (3, 5, 6, 9, 12)
BUCKETS = (4, 8, 16)
COLOURS = {4: "#3b6ea5", 8: "#e0a03b", 16: "#7a5195"}  # from the site's palette
FILLING = "#e4e7eb"


def draw(course: Course) -> Figure:
    """A row of squares for each input; its colour is the program that runs it."""
    path = next(iter(course.siblings("graphs").values()))
    stored = notebook.read(path, course).checkpoints[HEADING].shared
    figure = Figure(figsize=(5.4, 2.6))  # narrow, so that it can be read on a phone
    axes = figure.subplots()
    filled = 0
    for row, length in enumerate(LENGTHS):
        bucket = next(size for size in BUCKETS if size >= length)
        filled += bucket - length
        for place in range(bucket):
            colour = COLOURS[bucket] if place < length else FILLING
            axes.barh(row, 0.9, 0.74, left=place, color=colour)
        axes.text(bucket + 0.25, row, f"{bucket}", va="center", fontsize=9)
    if filled != stored["padding"]:
        raise ValueError(f"drawn with {filled} elements of filling, stored are {stored['padding']}")
    for bucket in BUCKETS:
        axes.barh(0, 0, color=COLOURS[bucket], label=f"program for {bucket}")
    axes.barh(0, 0, color=FILLING, label="filling, kept out by the mask")
    axes.set_yticks(range(len(LENGTHS)), [f"{length} elements" for length in LENGTHS], fontsize=10)
    axes.set_xticks([])
    axes.set_xlim(-0.1, 17.2)
    axes.set_ylim(len(LENGTHS) - 0.4, -0.6)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.legend(loc="upper center", bbox_to_anchor=(0.42, 0.0), ncols=2, frameon=False, fontsize=9)
    return figure
