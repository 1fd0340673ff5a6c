"""MobileNetV2 at batch 1: median and 99th percentile of every recorded machine and variant."""

from matplotlib.figure import Figure

from triptych.benchmark.records import Measurement
from triptych.benchmark.units import number
from triptych.claims.figures import claimed
from triptych.course import Course
from triptych.site.plots import Group, Row, measured, rows, said

NAME = "mobilenet_v2 inference"


def draw(course: Course) -> Figure:
    """A dot at the median, a line from there to the 99th percentile; the articles' are hollow."""
    told = claimed(course, NAME)
    title = f"{told[0].hardware}, as the articles say: no threads, no method"
    theirs = [said(one.framework, one.product, one.milliseconds, f"{one.milliseconds:g}") for one in told]
    label = "milliseconds a call (logarithmic)\ndot: the median; line: up to the 99th percentile"
    return rows([*measured(course, NAME, row), Group(title, tuple(theirs))], label, log=True)


def row(result: Measurement) -> Row:
    """The median, and the time that 99 calls of 100 do not exceed, in milliseconds."""
    threads = {None: "", 1: ", 1 thread"}.get(result.threads, f", {result.threads} threads")
    median, last = 1e3 * result.median, 1e3 * result.at(99)
    text = f"{number(median)}, 99 %: {number(last)}"
    return Row(result.framework, result.variant + threads, median, median, last, text)
