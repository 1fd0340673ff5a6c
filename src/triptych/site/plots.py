"""What the figures of chapter ``performance`` have in common: a row for each variant, by machine.

The figures themselves are in ``book/performance/*.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from triptych.benchmark import records
from triptych.benchmark.records import MachineRecord, MeasuredSetting, Measurement
from triptych.course import Course
from triptych.frameworks import FRAMEWORKS

#: What belongs to no framework.
GREY = "#8a9099"

#: What a figure says where there is no record.
NOTHING = "no machine is recorded yet: `make bench` adds yours"

#: Inches: of a line, and of all that is above and below the lines. Lines between two groups.
LINE, FRAME, GAP = 0.25, 1.1, 0.4


@dataclass(frozen=True)
class Row:
    """A variant: a dot at its value, a line from ``low`` to ``high``, and the value as text beside it.

    What is not ``ours`` is drawn hollow.
    """

    framework: str
    label: str
    value: float
    low: float
    high: float
    text: str
    ours: bool = True


@dataclass(frozen=True)
class Group:
    """The rows of one machine."""

    title: str
    rows: tuple[Row, ...]


def measured(
    course: Course, name: str, row: Callable[[Measurement], Row | None], facts: Sequence[str] = ("batch",)
) -> list[Group]:
    """A group for each recorded machine and setting, with what ``row`` makes of its results of this name.

    The title says the hardware, those ``facts`` that all rows share, and what a reader must know:
    old, busy, incomplete. Raises TriptychError for a record that cannot be read.
    """
    groups = []
    for record in records.read(course):
        for entry in record.entries:
            drawn = [(result, made) for result in entry.named(name) if (made := row(result))]
            if drawn:
                title = _title(record, entry, [result for result, _ in drawn], facts)
                groups.append(Group(title, tuple(made for _, made in drawn)))
    return groups


def _title(
    record: MachineRecord, entry: MeasuredSetting, results: Iterable[Measurement], facts: Sequence[str]
) -> str:
    shared = [
        f"{fact} {values.pop()}"
        for fact in facts
        if len(values := {result.facts.get(fact) for result in results}) == 1 and None not in values
    ]
    remarks = records.remarks(entry)
    return ", ".join([record.label(entry), *shared]) + (f" ({'; '.join(remarks)})" if remarks else "")


def said(framework: str, product: str, value: float | None, text: str) -> Row:
    """An article's value: no spread, no variant, and the article's word for the framework if it has one."""
    label = "variant not said" if product == FRAMEWORKS[framework].title else f"called {product}"
    return Row(framework, label, value or 0.0, value or 0.0, value or 0.0, text, ours=False)


def rows(groups: Sequence[Group], xlabel: str, log: bool) -> Figure:
    """A line of text for each group and each of its rows.

    Where nothing of ours is among the groups, a line says how to add a machine.
    """
    groups = list(groups)
    if not any(row.ours for group in groups for row in group.rows):
        groups.insert(0, Group(NOTHING, ()))
    lines = sum(1 + len(group.rows) + GAP for group in groups) - GAP
    figure = Figure(figsize=(7.2, FRAME + LINE * lines))
    axes = figure.subplots()
    line, places, labels = 0.0, [], []
    for group in groups:
        axes.text(0, line, group.title, transform=axes.get_yaxis_transform(), va="center", weight="bold",
                  fontsize=9)  # fmt: skip
        for row in group.rows:
            line += 1
            _draw(axes, line, row)
            places.append(line)
            labels.append(f"{FRAMEWORKS[row.framework].title}, {row.label}")
        line += 1 + GAP
    axes.set_yticks(places, labels, fontsize=9)
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(lines - 0.4, -0.6)
    _scale(axes, [end for group in groups for row in group.rows for end in (row.low, row.high)], log)
    axes.set_xlabel(xlabel)
    axes.grid(axis="x", color="#e4e7eb", linewidth=0.8)
    axes.set_axisbelow(True)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    return figure


def _draw(axes: Axes, line: float, row: Row) -> None:
    colour, marker = FRAMEWORKS[row.framework].colour, FRAMEWORKS[row.framework].marker
    axes.plot([row.low, row.high], [line, line], color=colour, linewidth=2, alpha=0.6)
    axes.plot(row.value, line, marker, color=colour, markersize=6, mfc=colour if row.ours else "white")
    axes.annotate(row.text, (row.high, line), (7, 0), textcoords="offset points", va="center",
                  fontsize=8.5)  # fmt: skip


def _scale(axes: Axes, values: Sequence[float], log: bool) -> None:
    """Axes with room for the numbers at the right; a logarithmic one has its marks written out."""
    if not values:
        axes.set_xticks([])
    elif log:
        axes.set_xscale("log")
        axes.set_xlim(min(values) / 1.6, max(values) * 3)
        axes.xaxis.set_major_formatter(lambda x, _: f"{x:,.10g}")
    else:
        axes.set_xlim(0, max(values) * 1.15)
