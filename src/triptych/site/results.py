"""A directive that shows what was measured, a row for each machine, framework and variant.

    ```{results} resnet50 training
    ```

The name is one that the notebooks of chapter ``performance`` give their measurements. With
``:machine: amd-epyc-2-cores`` only one record is shown. The articles' figures, where they have
any, stand below. Everything comes from ``results/`` and the ledger; the page is read again when
a record changes, comes or goes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx

from triptych.benchmark import records
from triptych.benchmark.flops import training_flop
from triptych.benchmark.intervals import COVERAGE, WINNER_ROUNDS, reachable
from triptych.benchmark.records import MachineRecord, MeasuredSetting, Measurement
from triptych.benchmark.units import number, readable
from triptych.claims.figures import Claimed, claimed
from triptych.errors import TriptychError
from triptych.frameworks import FRAMEWORKS
from triptych.site.chapter import ChapterDirective
from triptych.site.markup import row, table
from triptych.site.page_files import PageFiles
from triptych.site.rebuild import RecordReaders, note_records

#: The class of the table, which the style sheet looks for.
TABLE = "results"

#: The names of what the notebooks measure.
NAMES = (
    "matmul peak",
    "bandwidth",
    "elementwise chain",
    "mlp step",
    "resnet50 training",
    "mobilenet_v2 inference",
    "input pipeline",
    "reference training",
)

#: What a page counts in, where a notebook's own unit is too small for it.
_LARGE = {
    "FLOP": ("GFLOP", 1e9),
    "operation": ("GFLOP", 1e9),
    "byte": ("GB", 1e9),
    "number": ("million numbers", 1e6),
}

#: What marks a program with fewer samples a round, since it is slow.
FEW = " *"

#: A column: its title, what it shows of a result, and what of an article's figure.
Column = tuple[str, Callable[[Measurement, MeasuredSetting], str], Callable[[Claimed], str]]


class Results(ChapterDirective):
    """One table of results. A record that cannot be read is a warning at the directive's line."""

    required_arguments = 1
    final_argument_whitespace = True
    option_spec: ClassVar = {"machine": directives.unchanged_required}

    def content_nodes(self) -> list[nodes.Node]:
        """The table and what its figures are, or how to get one where nothing is recorded."""
        note_records(self.env, self.course)
        name = self.arguments[0]
        chosen = list(self._chosen(name, records.read(self.course)))
        shown = [(result, entry) for _, entry in chosen for result in entry.named(name)]
        columns = _filled(COLUMNS.get(name, GENERAL), shown)
        body = [line for record, entry in chosen for line in _rows(record, entry, name, columns)]
        body += [_article_row(figure, columns) for figure in claimed(self.course, name)]
        if not body:
            return [nodes.paragraph("", "No machine is recorded yet: ", nodes.literal("", "make bench"),
                                    nodes.Text(" adds yours."))]  # fmt: skip
        heads = ["Machine", "Framework", "Variant", *(column for column, _, _ in columns)]
        made = table([TABLE], [3, 2, 2, *(2 for _ in columns)], row(heads), body)
        self.set_source_info(made)
        return [made, _explained(chosen, name)]

    def _chosen(
        self, name: str, machines: Sequence[MachineRecord]
    ) -> Iterator[tuple[MachineRecord, MeasuredSetting]]:
        measured = [
            result.name for record in machines for entry in record.entries for result in entry.results
        ]
        known = dict.fromkeys([*NAMES, *measured])
        if name not in known:
            raise TriptychError(f"results {name!r}", "no such measurement", f"there are: {', '.join(known)}")
        wanted = self.options.get("machine")
        if wanted and wanted not in [record.machine for record in machines]:
            there = ", ".join(record.machine for record in machines) or "none yet"
            raise TriptychError(f":machine: {wanted}", "no such record", f"there are: {there}")
        for record in machines:
            if wanted in (None, record.machine):
                yield from ((record, entry) for entry in record.entries if entry.named(name))


# --- what is shown of a result ---------------------------------------------------


def _rate(result: Measurement, _: MeasuredSetting) -> str:
    if result.rate is None or result.rates is None:
        return ""
    low, high = result.rates
    return f"{number(result.rate)} ({number(low)}–{number(high)})"


def _spread(result: Measurement, _: MeasuredSetting) -> str:
    low, high = map(readable, result.spread)
    if low.split()[1] == high.split()[1]:
        low = low.split()[0]
    return f"{readable(result.median)} ({low}–{high})"


def _last(result: Measurement, _: MeasuredSetting) -> str:
    return readable(result.at(99))


def _median(result: Measurement, _: MeasuredSetting) -> str:
    return readable(result.median)


def _first(result: Measurement, _: MeasuredSetting) -> str:
    return readable(result.first)


def _memory(result: Measurement, _: MeasuredSetting) -> str:
    return _bytes(result.peak_bytes)


def _above(result: Measurement, _: MeasuredSetting) -> str:
    return _bytes(result.above_bytes)


def _bytes(size: int | None) -> str:
    if not size:
        return ""
    return f"{size / 1e9:.1f} GB" if size >= 0.95e9 else f"{size / 1e6:.0f} MB"


def _phase(name: str) -> Callable[[Measurement, MeasuredSetting], str]:
    """What was done before the first call, in seconds; nothing where it was not, or not told apart."""
    return lambda result, _: readable(result.facts[name]) if name in result.facts else ""


def _threads(result: Measurement, _: MeasuredSetting) -> str:
    return str(result.threads or "")


def _per_second(result: Measurement, _: MeasuredSetting) -> str:
    if result.rate is None:
        return ""
    item = result.facts.get("item", "item")
    unit, size = _LARGE.get(item, (f"{item}s", 1.0))
    return f"{number(result.rate / size)} {unit}"


def _fraction(result: Measurement, entry: MeasuredSetting) -> str:
    peak = entry.matmul_peak(result.facts.get("dtype", "float32"))
    if not peak or result.rate is None:
        return ""
    return f"{result.rate * training_flop(_side(result)) / peak:.0%}"


def _nothing(_: Claimed) -> str:
    return ""


def _claimed_memory(figure: Claimed) -> str:
    return f"{figure.gigabytes:.1f} GB" if figure.gigabytes else ""


_COMPILE: Column = ("Compile", _phase("compile_s"), _nothing)

#: The columns of most measurements, and of those that have columns of their own. A column in which no
#: row has anything is left out.
GENERAL: list[Column] = [
    ("Median", _spread, _nothing),
    ("A second", _per_second, _nothing),
    _COMPILE,
    ("First call", _first, _nothing),
]
TRAINING: list[Column] = [
    ("Images/s", _rate, lambda figure: number(figure.rate or 0)),
    ("Step", _median, _nothing),
    _COMPILE,
    ("First step", _first, _nothing),
    ("Peak memory", _memory, _claimed_memory),
    ("Above start", _above, _nothing),
    ("Of matmul peak", _fraction, _nothing),
]
COLUMNS: dict[str, list[Column]] = {
    "resnet50 training": TRAINING,
    "reference training": TRAINING,
    "mobilenet_v2 inference": [
        ("Threads", _threads, _nothing),
        ("Median", _spread, lambda figure: readable((figure.milliseconds or 0) / 1e3)),
        ("99 % within", _last, _nothing),
        ("Export", _phase("export_s"), _nothing),
        ("Load", _phase("load_s"), _nothing),
        _COMPILE,
        ("First call", _first, _nothing),
        ("Peak memory", _memory, _nothing),
    ],
}


def _filled(
    columns: Sequence[Column], results: Sequence[tuple[Measurement, MeasuredSetting]]
) -> list[Column]:
    """The columns in which any of these results has something."""
    return [column for column in columns if not results or any(column[1](*pair) for pair in results)]


def _side(result: Measurement) -> int:
    return int(result.facts.get("side", 224))


# --- the table -------------------------------------------------------------------


def _rows(
    record: MachineRecord, entry: MeasuredSetting, name: str, columns: Sequence[Column]
) -> Iterator[nodes.row]:
    results = entry.named(name)
    listed = any(show is _threads for _, show, _ in columns)
    batch, threads = _common(results, "batch"), _common(results, "threads")
    for result in results:
        values = [show(result, entry) for _, show, _ in columns]
        variant = result.variant
        if result.threads and not threads and not listed:
            variant += f", {_many(result.threads)}"
        if result.facts.get("few"):
            variant += FEW
        line = row([FRAMEWORKS[result.framework].title, variant, *values])
        if result is results[0]:
            about = [f"batch {batch}"] if batch else []
            if threads and not listed:
                about.append(_many(threads))
            line.insert(0, _machine(record, entry, about, len(results)))
        yield line


def _machine(record: MachineRecord, entry: MeasuredSetting, about: Sequence[str], lines: int) -> nodes.entry:
    cell = nodes.entry("", nodes.paragraph("", record.label(entry)), morerows=lines - 1)
    remarks = [remark.partition(":")[0] for remark in records.remarks(entry)]
    cell += nodes.paragraph("", ", ".join([str(entry.date), *about, *remarks]), classes=["results-about"])
    return cell


def _common(results: Sequence[Measurement], fact: str) -> int | None:
    """What all results have in common; None where they differ, or do not say."""
    values = {result.facts.get(fact) for result in results}
    return values.pop() if len(values) == 1 else None


def _many(threads: int) -> str:
    return f"{threads} thread{'' if threads == 1 else 's'}"


def _article_row(figure: Claimed, columns: Sequence[Column]) -> nodes.row:
    values = [show(figure) for _, _, show in columns]
    line = row([f"{figure.hardware} (the articles)", figure.product, "not said", *values])
    line["classes"].append("results-article")
    return line


def _explained(chosen: Sequence[tuple[MachineRecord, MeasuredSetting]], name: str) -> nodes.paragraph:
    """What the numbers are, who is fastest where that is sure, and the peaks that the fractions are of."""
    results = [result for _, entry in chosen for result in entry.named(name)]
    text = _brackets(results)
    text += " ".join(_fastest(record, entry, name) for record, entry in chosen)
    if any(show is _fraction for _, show, _ in COLUMNS.get(name, GENERAL)):
        if all(result.own_process for result in results):
            text += "Memory is the peak of a process that did nothing else, on a GPU of the device; "
            text += "above start, of that what came after importing. "
        else:
            text += "Memory is the process's own, on a GPU the device's. "
        peaks = [
            f"{record.label(entry)} {number(peak / 1e9)} GFLOP/s"
            for record, entry in chosen
            if (peak := entry.matmul_peak(entry.precision))
        ]
        work = {training_flop(_side(result)) for result in results}
        if peaks and work:
            flop = " or ".join(f"{one / 1e9:.1f}" for one in sorted(work))
            text += f"The fraction counts {flop} GFLOP an image against the fastest matrix product of the"
            text += f" same number format measured there: {'; '.join(peaks)}. "
    return nodes.paragraph("", text.strip(), classes=["results-note"])


def _brackets(results: Sequence[Measurement]) -> str:
    """What stands in brackets, and what the mark means."""
    told = {result.interval is not None for result in results}
    text = "In brackets the middle half of all samples. "
    if True in told:
        text = "In brackets the 95 % interval of the median, from the rounds' medians"
        text += "; without three rounds the middle half of all samples. " if False in told else ". "
        rounds = min(result.rounds for result in results if result.interval)
        if (most := reachable(rounds)) < COVERAGE:
            text += f"Of a program with two speeds far apart, {rounds} rounds "
            text += f"promise at most {100 * most:.0f} %. "
    if any(result.facts.get("few") for result in results):
        text += f"{FEW.strip()}: slow, so fewer samples a round. "
    return text


def _fastest(record: MachineRecord, entry: MeasuredSetting, name: str) -> str:
    """Which program is faster than each of the other frameworks'; nothing where it cannot be told."""
    if len({result.framework for result in entry.named(name)}) < 2 or name in ("matmul peak", "bandwidth"):
        return ""
    if min(result.rounds for result in entry.named(name)) < WINNER_ROUNDS:
        return ""
    first = entry.fastest(name)
    where = record.label(entry)
    if first is None:
        return f"On {where} no program is beyond doubt faster than each of the other frameworks'. "
    title = FRAMEWORKS[first.framework].title
    return f"On {where} {title}'s {first.variant} is faster than each program of the other frameworks. "


def add_results(app: Sphinx, files: PageFiles) -> None:
    """Add the directive and its style sheet, and read pages again when the records change."""
    app.add_directive("results", Results)
    files.add(Path(__file__).with_name("results.css"), TABLE)
    app.add_env_collector(RecordReaders)
