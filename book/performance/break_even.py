"""Total time against the number of calls: when a compiled step has earned its first call back."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from triptych.benchmark import records as results
from triptych.benchmark.records import Measurement
from triptych.course import Course
from triptych.frameworks import FRAMEWORKS
from triptych.site.plots import GREY, NOTHING

NAME = "mlp step"
EAGER = "eager"
CALLS = [10 ** (k / 10) for k in range(61)]  # 1 to a million; on these axes the lines are bent
#: The compiled variants of one framework, in their order.
LINES = ("-", "--", ":")


def draw(course: Course) -> Figure:
    """A panel for each framework: the eager step in grey, the compiled ones in the framework's colour."""
    found = results.newest(results.read(course), NAME)
    figure = Figure(figsize=(7.2, 3.6), layout="constrained")
    panels = figure.subplots(1, 3, sharey=True)
    for axes, framework in zip(panels, FRAMEWORKS, strict=True):
        axes.set_title(FRAMEWORKS[framework].title, fontsize=10)
        axes.set_xlabel("calls")
        measured = found[1].named(NAME) if found else []
        panel(axes, [result for result in measured if result.framework == framework])
    panels[0].set_ylabel("seconds in all")
    if found:
        record, entry = found
        told = "; ".join([record.label(entry), str(entry.date), *results.remarks(entry)])
    else:
        told = NOTHING
    figure.suptitle(told, fontsize=9)
    return figure


def panel(axes: Axes, found: list[Measurement]) -> None:
    """The lines of one framework, with a dot where a compiled one falls below the eager one."""
    eager = next((result for result in found if result.variant == EAGER), None)
    if eager:  # not other number formats, which are another subject
        found = [result for result in found if result.facts.get("dtype") == eager.facts.get("dtype")]
    lines = iter(LINES)
    for result in found:
        colour = FRAMEWORKS[result.framework].colour
        style = {"color": GREY} if result is eager else {"color": colour, "linestyle": next(lines, "-.")}
        axes.plot(CALLS, [total(result, n) for n in CALLS], label=result.variant, **style)
        if eager and result is not eager and (even := crossing(eager, result)) and even < CALLS[-1]:
            axes.plot(even, total(result, even), "o", color=colour, markersize=5)
            axes.annotate(f"{even:,.0f}", (even, total(result, even)), (5, -11), textcoords="offset points",
                          fontsize=8.5)  # fmt: skip
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlim(CALLS[0] / 2, CALLS[-1] * 2)
    axes.set_xticks([1, 1e3, 1e6], ["1", "1,000", "1 million"])
    axes.yaxis.set_major_formatter(lambda y, _: f"{y:,.10g}")
    if found:
        axes.legend(fontsize=8.5, frameon=False)
    else:
        axes.text(0.5, 0.5, "not measured", transform=axes.transAxes, ha="center", fontsize=9)


def total(result: Measurement, calls: float) -> float:
    """Seconds for so many calls: the first, which compiles, and the others at the median."""
    return result.until_second + (calls - 1) * result.median


def crossing(eager: Measurement, compiled: Measurement) -> float | None:
    """The number of calls after which the compiled step has taken less time; None where it never has.

    From first + (n - 1) median, equal for both.
    """
    gain = eager.median - compiled.median
    if gain <= 0:
        return None
    return 1 + max(0.0, compiled.until_second - eager.until_second) / gain
