"""Every timing of one program on the newest record: which of them is its speed?"""

from matplotlib.figure import Figure

from triptych.benchmark import records as results
from triptych.benchmark.units import readable
from triptych.course import Course
from triptych.frameworks import FRAMEWORKS
from triptych.site.plots import GREY, NOTHING

NAME, FRAMEWORK, VARIANT = "mlp step", "jax", "jit"
#: A mean that a careless timing would take: over so many calls, the first among them.
CARELESS = 100


def draw(course: Course) -> Figure:
    """A dot for each call in its order, and lines at the numbers that one could report."""
    figure = Figure(figsize=(5.4, 3.4), layout="constrained")
    axes = figure.subplots()
    found = results.newest(results.read(course), NAME)
    here = (FRAMEWORK, VARIANT)
    programs = [r for r in found[1].named(NAME) if (r.framework, r.variant) == here] if found else []
    if not (found and programs):
        axes.text(0.5, 0.5, NOTHING, transform=axes.transAxes, ha="center")
        return figure
    program, colour = programs[0], FRAMEWORKS[FRAMEWORK].colour
    samples = [1e3 * s for s in program.samples]
    first = 1e3 * program.first
    axes.plot(range(2, len(samples) + 2), samples, ".", color=colour, markersize=4)
    axes.plot(1, first, "D", color=colour, markersize=6)
    axes.annotate("the first call", (1, first), (8, -3), textcoords="offset points", fontsize=9)
    top = max(samples[len(samples) // 2 :])  # under the labels
    numbers = (  # its name, the number, and the height of its label: clear of the dots
        ("mean of the first hundred", (first + sum(samples[: CARELESS - 1])) / CARELESS, None),
        ("median of all the others", 1e3 * program.median, 1.05 * top),
        ("fastest", min(samples), 0.95 * min(samples)),
    )
    for name, value, height in numbers:
        axes.axhline(value, color=GREY, linewidth=0.8, zorder=0)
        label = f"{name}: {readable(value / 1e3)}"
        side = "top" if height and height < value else "bottom"
        axes.text(len(samples), height or 1.05 * value, label, ha="right", va=side, fontsize=9)
    axes.set_ylim(0.5 * min(samples), 2 * first)
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter(lambda y, _: f"{y:,.10g}")
    axes.set_xlim(-4, len(samples) + 6)
    axes.set_xlabel("call")
    axes.set_ylabel("milliseconds (logarithmic)")
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_title(f"one program, {len(samples) + 1} calls; {found[0].label(found[1])}", fontsize=10)
    return figure
