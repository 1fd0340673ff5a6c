"""Peak memory of the process in ResNet-50 training: every recorded machine beside the articles' figures."""

from matplotlib.figure import Figure

from triptych.benchmark.records import Measurement, read
from triptych.claims.figures import claimed
from triptych.course import Course
from triptych.site.plots import Group, Row, measured, rows, said

NAME = "resnet50 training"


def draw(course: Course) -> Figure:
    """A dot for each variant, a line down to what importing had taken; the articles' are hollow."""
    told = claimed(course, NAME)
    title = f"{told[0].hardware}, as the articles say: batch not told"
    theirs = [said(one.framework, one.product, one.gigabytes, f"{one.gigabytes:.1f}") for one in told]
    groups = [*measured(course, NAME, row), Group(title, tuple(theirs))]
    return rows(groups, label(course), log=False)


def label(course: Course) -> str:
    """What the axis shows: since version 2 of the records each variant has a process of its own."""
    results = [r for record in read(course) for entry in record.entries for r in entry.named(NAME)]
    if all(result.own_process for result in results):
        return "peak of the variant's own process (GB, 10⁹ bytes)\nline: down to what importing had taken"
    return "peak of the process, earlier variants included (GB, 10⁹ bytes)"


def row(result: Measurement) -> Row | None:
    """The largest peak of all rounds."""
    if not result.peak_bytes:
        return None
    peak = result.peak_bytes / 1e9
    start = result.facts.get("start_bytes", result.peak_bytes) / 1e9
    return Row(result.framework, result.variant, peak, start, peak, f"{peak:.1f}")
