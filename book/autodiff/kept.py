"""The memory of 24 layers, plain and recomputed in groups, as each framework's own account has it."""

from matplotlib.figure import Figure

from triptych.claims.evidence import StoredValues
from triptych.course import Course
from triptych.frameworks import FRAMEWORKS

HEADING = "Trading memory for time"


def draw(course: Course) -> Figure:
    """Two bars for each account: plain, and with groups of four layers recomputed."""
    values = StoredValues(course)

    def stored(name: str, key: str) -> list[float]:
        return list(values.each(f"autodiff/{name}#{HEADING}/{key}").value)

    jax = stored("jax", "temporary memory, MiB")
    accounts = [
        ("pytorch", "kept after the forward pass", stored("pytorch", "kept, MiB")),
        ("pytorch", "peak of a process", stored("pytorch", "peak, MiB")),
        ("tensorflow", "peak of a run, eager", stored("tensorflow", "peak, eager, MiB")),
        ("tensorflow", "peak of a run, XLA", stored("tensorflow", "peak, XLA, MiB")),
        ("jax", "compiled, a Python loop", jax[:2]),
        ("jax", "compiled, a scan", jax[2:]),
    ]
    figure = Figure(figsize=(5.2, 4.6), layout="constrained")  # narrow, so that it can be read on a phone
    axes = figure.subplots()
    for row, (name, _, (plain, groups)) in enumerate(accounts):
        colour = FRAMEWORKS[name].colour
        for at, size, filled in ((row - 0.19, plain, False), (row + 0.19, groups, True)):
            axes.barh(at, size, 0.34, color=colour if filled else "white", edgecolor=colour, linewidth=1.2)
            axes.text(size + 4, at, f"{size:.0f}", va="center", fontsize=9)
    axes.barh(0, 0, color="white", edgecolor="#5b6470", label="plain")
    axes.barh(0, 0, color="#5b6470", edgecolor="#5b6470", label="recomputed in groups of four")
    labels = [f"{FRAMEWORKS[name].title}:\n{what}" for name, what, _ in accounts]
    axes.set_yticks(range(len(accounts)), labels, fontsize=9)
    axes.invert_yaxis()
    axes.set_xlim(0, 1.13 * max(max(sizes) for *_, sizes in accounts))
    axes.set_xlabel("memory (MiB), each by its own account")
    axes.legend(frameon=False, fontsize=9, loc="lower right", bbox_to_anchor=(1, 1), ncols=2)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    return figure
