"""Images a second in ResNet-50 training: every recorded machine beside the articles' V100."""

from matplotlib.figure import Figure

from triptych.benchmark.records import Measurement
from triptych.benchmark.units import number
from triptych.claims.figures import claimed
from triptych.course import Course
from triptych.site.plots import Group, Row, measured, rows, said

NAME = "resnet50 training"


def draw(course: Course) -> Figure:
    """A dot at the median, a line through its spread; the articles' are hollow."""
    told = claimed(course, NAME)
    title = f"{told[0].hardware}, as the articles say: no batch, no precision, no method"
    theirs = Group(title, tuple(said(one.framework, one.product, one.rate, number(one.rate)) for one in told))
    return rows([*measured(course, NAME, row), theirs], "images a second (logarithmic)", log=True)


def row(result: Measurement) -> Row | None:
    """The rate with its quartiles."""
    if not result.rate:
        return None
    low, high = result.rates
    return Row(result.framework, result.variant, result.rate, low, high, number(result.rate))
