"""A Sphinx directive that shows what was measured, a row for each machine, framework and variant.

    ```{results} resnet50 training
    ```

The name is one that the notebooks of chapter ``performance`` give their measurements. With
``:machine: amd-epyc-2-cores`` only one record is shown. The articles' figures, where they have
any, stand below. Everything comes from ``results/`` and the ledger; the page is read again when
a record changes, comes or goes.

Add the extension after ``triptych.site.side_by_side``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from triptych import __version__
from triptych.benchmark import records as results
from triptych.benchmark.records import MachineRecord, MeasuredSetting, Measurement
from triptych.benchmark.units import number, readable
from triptych.claims.figures import Claimed, claimed
from triptych.course import Course
from triptych.errors import TriptychError
from triptych.frameworks import FRAMEWORKS
from triptych.site.side_by_side import ChapterDirective, row

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

Cells = list[str]


class Results(ChapterDirective):
    """One table of results. A record that cannot be read is a warning at the directive's line."""

    required_arguments = 1
    final_argument_whitespace = True
    option_spec: ClassVar = {"machine": directives.unchanged_required}

    def shown(self) -> list[nodes.Node]:
        """The table and what its figures are, or how to get one where nothing is recorded."""
        note_records(self.env, self.course)
        name = self.arguments[0]
        records = results.read(self.course)
        found = list(self._found(name, records))
        columns = COLUMNS.get(name, GENERAL)
        body = [line for record, entry in found for line in _rows(record, entry, name, columns)]
        body += [_article_row(told, columns) for told in claimed(self.course, name)]
        if not body:
            return [nodes.paragraph("", "No machine is recorded yet: ", nodes.literal("", "make bench"),
                                    nodes.Text(" adds yours."))]  # fmt: skip
        heads = ["Machine", "Framework", "Variant", *(column for column, _, _ in columns)]
        specs = [nodes.colspec(colwidth=width) for width in (3, 2, 2, *(2 for _ in columns))]
        group = nodes.tgroup("", *specs, nodes.thead("", row(heads)), nodes.tbody("", *body), cols=len(heads))
        table = nodes.table("", group, classes=[TABLE, "colwidths-auto"])
        self.set_source_info(table)
        return [table, _explained(found, name)]

    def _found(
        self, name: str, records: Sequence[MachineRecord]
    ) -> Iterator[tuple[MachineRecord, MeasuredSetting]]:
        known = dict.fromkeys([*NAMES, *(r.name for m in records for e in m.entries for r in e.results)])
        if name not in known:
            raise TriptychError(f"results {name!r}", "no such measurement", f"there are: {', '.join(known)}")
        if (wanted := self.options.get("machine")) and wanted not in [r.machine for r in records]:
            machines = ", ".join(r.machine for r in records) or "none yet"
            raise TriptychError(f":machine: {wanted}", "no such record", f"there are: {machines}")
        for record in records:
            if wanted in (None, record.machine):
                yield from ((record, entry) for entry in record.entries if entry.named(name))


# --- what is shown of a result ---------------------------------------------------


def _rate(result: Measurement, _: MeasuredSetting) -> str:
    if result.rate is None:
        return ""
    low, high = result.rates
    return f"{number(result.rate)} ({number(low)}–{number(high)})"


def _spread(result: Measurement, _: MeasuredSetting) -> str:
    low, high = readable(result.at(25)), readable(result.at(75))
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
    return f"{result.peak_bytes / 1e9:.1f} GB" if result.peak_bytes else ""


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


Shown = Callable[[Measurement, MeasuredSetting], str]
Said = Callable[[Claimed], str]


def _nothing(_: Claimed) -> str:
    return ""


def _said_memory(told: Claimed) -> str:
    return f"{told.gigabytes:.1f} GB" if told.gigabytes else ""


#: Of each measurement the columns: the title, what a result shows there, and what an article says.
GENERAL: list[tuple[str, Shown, Said]] = [
    ("Median", _spread, _nothing),
    ("A second", _per_second, _nothing),
    ("First call", _first, _nothing),
]
TRAINING: list[tuple[str, Shown, Said]] = [
    ("Images/s", _rate, lambda told: number(told.rate or 0)),
    ("Step", _median, _nothing),
    ("First step", _first, _nothing),
    ("Peak memory", _memory, _said_memory),
    ("Of matmul peak", _fraction, _nothing),
]
COLUMNS = {
    "resnet50 training": TRAINING,
    "reference training": TRAINING,
    "mobilenet_v2 inference": [
        ("Threads", _threads, _nothing),
        ("Median", _spread, lambda told: readable((told.milliseconds or 0) / 1e3)),
        ("99 % within", _last, _nothing),
        ("First call", _first, _nothing),
    ],
}


def training_flop(side: int) -> int:
    """Floating-point operations for one image in a training step of ResNet-50 v1.5, from its shapes.

    Convolutions and the head only, a multiplication and an addition as two: the forward pass,
    the gradient of the weights, and that of the inputs (not of the image). At 224 pixels 24.3e9,
    three times the 4.1e9 multiply-adds of the forward pass (He et al. 2015, table 1, has 3.8e9
    for v1, which strides earlier).
    """
    at = -(-side // 2)
    stem = 7 * 7 * 3 * 64 * at * at
    at, width, rest = -(-at // 2), 64, 0
    for stage, blocks in enumerate((3, 4, 6, 3)):
        inner = 64 * 2**stage
        for block in range(blocks):
            before = at
            if stage and not block:
                at = -(-at // 2)
            rest += width * inner * before**2 + 9 * inner**2 * at**2 + 4 * inner**2 * at**2
            if not block:
                rest += 4 * inner * width * at**2
            width = 4 * inner
    rest += width * 1000
    return 2 * (2 * stem + 3 * rest)


def _side(result: Measurement) -> int:
    return int(result.facts.get("side", 224))


# --- the table -------------------------------------------------------------------


def _rows(
    record: MachineRecord, entry: MeasuredSetting, name: str, columns: Sequence[tuple[str, Shown, Said]]
) -> Iterator[nodes.row]:
    found = entry.named(name)
    listed = any(show is _threads for _, show, _ in columns)
    batch, threads = _common(found, "batch"), _common(found, "threads")
    for result in found:
        told = [show(result, entry) for _, show, _ in columns]
        apart = result.threads and not threads and not listed
        variant = f"{result.variant}, {_many(result.threads)}" if apart else result.variant
        line = row([FRAMEWORKS[result.framework].title, variant, *told])
        if result is found[0]:
            about = [f"batch {batch}"] * bool(batch) + [_many(threads)] * bool(threads and not listed)
            line.insert(0, _machine(record, entry, about, len(found)))
        yield line


def _machine(record: MachineRecord, entry: MeasuredSetting, about: Sequence[str], lines: int) -> nodes.entry:
    cell = nodes.entry("", nodes.paragraph("", record.label(entry)), morerows=lines - 1)
    remarks = [remark.partition(":")[0] for remark in results.remarks(entry)]
    cell += nodes.paragraph("", ", ".join([str(entry.date), *about, *remarks]), classes=["results-about"])
    return cell


def _common(found: Sequence[Measurement], fact: str) -> int | None:
    """What all results have in common; None where they differ, or do not tell."""
    values = {result.facts.get(fact) for result in found}
    return values.pop() if len(values) == 1 else None


def _many(threads: int) -> str:
    return f"{threads} thread{'' if threads == 1 else 's'}"


def _article_row(told: Claimed, columns: Sequence[tuple[str, Shown, Said]]) -> nodes.row:
    said = [say(told) for _, _, say in columns]
    line = row([f"{told.hardware} (the articles)", told.product, "not said", *said])
    line["classes"].append("results-article")
    return line


def _explained(found: Sequence[tuple[MachineRecord, MeasuredSetting]], name: str) -> nodes.paragraph:
    """What the numbers are, and the peaks that the fractions are of."""
    text = "In brackets the middle half of all samples. "
    if any(show is _fraction for _, show, _ in COLUMNS.get(name, GENERAL)):
        text += "Memory is the process's own, on a GPU the device's. "
        peaks = [
            f"{record.label(entry)} {number(peak / 1e9)} GFLOP/s"
            for record, entry in found
            if (peak := entry.matmul_peak(entry.precision))
        ]
        work = {training_flop(_side(result)) for _, entry in found for result in entry.named(name)}
        if peaks and work:
            flop = " or ".join(f"{one / 1e9:.1f}" for one in sorted(work))
            text += f"The fraction counts {flop} GFLOP an image against the fastest matrix product of the"
            text += f" same number format measured there: {'; '.join(peaks)}. "
    return nodes.paragraph("", text.strip(), classes=["results-note"])


# --- the build -------------------------------------------------------------------


def note_records(env: BuildEnvironment, course: Course) -> None:
    """Remember that the page in work shows the records as they are now, for any directive that does."""
    pages = _pages(env)
    pages[env.docname] = _state(course)


def _pages(env: BuildEnvironment) -> dict[str, str]:
    if not hasattr(env, "triptych_results"):
        env.triptych_results = {}
    return env.triptych_results


def _state(course: Course) -> str:
    """A hash of the records: a file that is new or gone is no dependency that Sphinx could know."""
    state = hashlib.sha256()
    for path in sorted((course.root / results.FOLDER).glob("*.json")):
        state.update(path.name.encode() + b"\0" + path.read_bytes())
    return state.hexdigest()


def _outdated(app: Sphinx, env: BuildEnvironment, *changes: set[str]) -> list[str]:
    if not (pages := _pages(env)):
        return []
    now = _state(Course.containing(Path(app.srcdir)))
    return [page for page, state in pages.items() if state != now]


def _purge(app: Sphinx, env: BuildEnvironment, page: str) -> None:
    _pages(env).pop(page, None)


def _merge(app: Sphinx, env: BuildEnvironment, pages: set[str], other: BuildEnvironment) -> None:
    _pages(env).update({page: state for page, state in _pages(other).items() if page in pages})


def _page_files(app: Sphinx, page: str, template: str, context: dict, doctree: nodes.document | None) -> None:
    """Only pages with a table load the style sheet."""
    if doctree and any(TABLE in table["classes"] for table in doctree.findall(nodes.table)):
        app.add_css_file("results.css", priority=700)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive and its style sheet."""
    app.setup_extension("triptych.site.side_by_side")
    app.add_directive("results", Results)
    app.connect("env-get-outdated", _outdated)
    app.connect("env-purge-doc", _purge)
    app.connect("env-merge-info", _merge)
    app.connect("html-page-context", _page_files)
    return {"version": __version__, "env_version": 1, "parallel_read_safe": True, "parallel_write_safe": True}
