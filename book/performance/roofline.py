"""One roofline for the three: the chain of twenty operations, eager and fused, and the matrix product.

One definition for all. The flat part is the best median of a product that anybody reached, NumPy
included; the slope is the best median of a copy or triad of arrays too large for a cache; the dashed
slope is the same for arrays of the chain's size, of which a cache holds a part. A point is the median
of a framework's own samples.
"""

from collections.abc import Iterator

from matplotlib.figure import Figure

from triptych.benchmark import records as results
from triptych.benchmark.programs.variants import CACHED
from triptych.benchmark.records import MeasuredSetting, Measurement
from triptych.course import Course
from triptych.frameworks import FRAMEWORKS
from triptych.site.plots import GREY, NOTHING

CHAIN, PRODUCT, COPIES = "elementwise chain", "matmul peak", "bandwidth"
#: What fuses the chain, by framework; "eager" does not.
FUSED = {"pytorch": "compiled", "tensorflow": "xla", "jax": "jit"}
#: Operations for a number of the chain, the numbers, and the bytes moved for each: eager, fused.
OPERATIONS, NUMBERS, EAGER, ONCE = 20, 4_000_000, 160, 8
#: The product of two matrices with so many rows.
ROWS = 1024
#: What stands at so many operations for each byte.
LABELS = {OPERATIONS / EAGER: "eager chain", OPERATIONS / ONCE: "fused chain", ROWS / 6: "matrix product"}


def draw(course: Course) -> Figure:
    """Operations a second against operations for each byte, below the roof that the record shows."""
    figure = Figure(figsize=(6.8, 4.2), layout="constrained")
    axes = figure.subplots()
    found = results.newest(results.read(course), CHAIN)
    if not found:
        axes.text(0.5, 0.5, NOTHING, transform=axes.transAxes, ha="center")
        return figure
    record, entry = found
    peak = entry.matmul_peak("float32") or 0.0
    best, cached = entry.best(COPIES), entry.best(CACHED)
    bandwidth = best.rate or 0.0 if best else 0.0
    ends = [0.03, peak / bandwidth if bandwidth else 0.03, 1000.0]
    roof = [min(peak, x * bandwidth) / 1e9 for x in ends]
    axes.plot(ends, roof, color=GREY, label=f"roof: {whose(entry, best)}")
    if cached and cached.rate:
        ends = [0.03, peak / cached.rate]
        axes.plot(
            ends, [x * cached.rate / 1e9 for x in ends], "--", color=GREY, label="the same for 16 MB arrays"
        )
    lowest: dict[float, float] = {}
    for name, panel in FRAMEWORKS.items():
        points = [(x, y / 1e9) for x, y in at(name, entry)]
        axes.plot(
            [x for x, _ in points],
            [y for _, y in points],
            panel.marker,
            color=panel.colour,
            label=panel.title,
            alpha=0.85,
        )
        for x, y in points:
            lowest[x] = min(y, lowest.get(x, y))
    for x, y in lowest.items():
        axes.annotate(LABELS[x], (x, y), (0, -18), textcoords="offset points", ha="center", fontsize=9)
    axes.set_ylim(bottom=min(lowest.values(), default=1.0) / 3)
    axes.set_xscale("log")
    axes.set_yscale("log")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(lambda value, _: f"{value:,.10g}")
    axes.set_xlabel("operations for each byte moved")
    axes.set_ylabel("10⁹ operations a second")
    axes.set_title(record.label(entry), fontsize=10)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(fontsize=9, frameon=False)
    return figure


def whose(entry: MeasuredSetting, best: Measurement | None) -> str:
    """Which frameworks' measurements the two parts of the roof are."""
    product = entry.best(PRODUCT)
    parts = [f"{owner(best)} {best.variant}"] if best else []
    parts += [f"{owner(product)} product"] if product else []
    return ", ".join(parts) or "not measured"


def owner(result: Measurement) -> str:
    """Whose measurement it is: a framework's, or the machine's own by NumPy."""
    return f"{FRAMEWORKS[result.framework].title}'s" if result.framework in FRAMEWORKS else "NumPy's"


def at(framework: str, entry: MeasuredSetting) -> Iterator[tuple[float, float]]:
    """The framework's points: operations for each byte, and operations a second."""
    operations = OPERATIONS * NUMBERS
    for result in mine(framework, entry, CHAIN):
        if result.variant in ("eager", FUSED[framework]):
            moved = EAGER if result.variant == "eager" else ONCE
            yield OPERATIONS / moved, operations / result.median
    for result in mine(framework, entry, PRODUCT):
        if result.facts.get("dtype") == "float32" and result.rate:
            yield ROWS / 6, result.rate


def mine(framework: str, entry: MeasuredSetting, name: str) -> list[Measurement]:
    """A framework's results of this name."""
    return [result for result in entry.named(name) if result.framework == framework]
