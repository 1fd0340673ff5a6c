"""Peak memory of the process in ResNet-50 training: every recorded machine beside the articles' figures."""

from matplotlib.figure import Figure

from triptych.benchmark.records import Measurement
from triptych.claims.figures import claimed
from triptych.course import Course
from triptych.site.plots import Group, Row, measured, rows, said

NAME = "resnet50 training"


def draw(course: Course) -> Figure:
    """A dot for each variant, on an axis that begins at zero; the articles' are hollow."""
    told = claimed(course, NAME)
    title = f"{told[0].hardware}, as the articles say: batch not told"
    theirs = [said(one.framework, one.product, one.gigabytes, f"{one.gigabytes:.1f}") for one in told]
    groups = [*measured(course, NAME, row), Group(title, tuple(theirs))]
    return rows(groups, "peak of the process, earlier variants included (GB, 10⁹ bytes)", log=False)


def row(result: Measurement) -> Row | None:
    """The largest peak of all rounds."""
    if not result.peak_bytes:
        return None
    peak = result.peak_bytes / 1e9
    return Row(result.framework, result.variant, peak, peak, peak, f"{peak:.1f}")
