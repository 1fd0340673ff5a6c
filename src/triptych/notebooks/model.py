"""The notebook model: sections and checkpoints, as frozen dataclasses.

A notebook is a title cell followed by sections. A section begins at a Markdown
cell whose first line is ``## Heading`` and ends in a checkpoint: a code cell
tagged ``checkpoint`` whose displayed value is a ``dict`` literal.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat

from triptych.course import Course
from triptych.errors import TriptychError
from triptych.notebooks import raw
from triptych.notebooks.folds import CHECKPOINT, HIDE_INPUT, PLUMBING
from triptych.notebooks.raw import shortened

VARIES = "nbval-ignore-output"

#: Key of a checkpoint under which the siblings may differ.
ONLY = "only"

#: The tags that a cell may carry, and what each means. Any other is an error.
TAGS = {
    CHECKPOINT: "the last code cell of a section; its displayed dict is what siblings share",
    VARIES: "the output varies from run to run (a timing); only errors count",
    "raises-exception": "the cell fails on purpose and its error is shown",
    "parameters": "the cell's values may be replaced by papermill",
    PLUMBING: "a cell that is folded; its first line, a comment, says what it does",
    HIDE_INPUT: "what `triptych normalise` writes for a plumbing cell; never by hand",
    "deprecated-api": "the cell calls a retired or deprecated API, because that is its subject",
}

_FENCE = re.compile(r"^(`{3,}|~{3,}).*?^\1", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Cell:
    """One cell. ``shown`` is its displayed value as text, or None without one.

    ``settings`` is what stands under ``triptych`` in its metadata.
    """

    id: str
    kind: str
    source: str
    tags: frozenset[str]
    shown: str | None
    settings: Mapping[str, Any]


@dataclass(frozen=True)
class Checkpoint:
    """A section's stored value, a dict of rounded numbers, strings, booleans and lists.

    ``tolerance`` gives keys that may differ between siblings by more than the
    default, as relative tolerances; ``reason`` says why. Where the value ``varies``
    from run to run, nothing compares it.
    """

    place: str
    heading: str
    value: Mapping[str, Any]
    tolerance: Mapping[str, float] = field(default_factory=dict)
    reason: str = ""
    varies: bool = False

    @property
    def shared(self) -> dict[str, Any]:
        """What the siblings must have too."""
        return {key: value for key, value in self.value.items() if key != ONLY}

    @property
    def only(self) -> Mapping[str, Any]:
        """What may differ between frameworks."""
        return self.value.get(ONLY, {})


@dataclass(frozen=True)
class Section:
    """A heading and the cells under it, the heading's own among them."""

    heading: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Notebook:
    """A stored notebook, read and understood.

    ``measured`` has, by heading, what cells tagged as varying show as a dict: times and the like,
    of the stored run.
    """

    path: Path
    name: str
    title: str
    sections: tuple[Section, ...]
    checkpoints: Mapping[str, Checkpoint]
    measured: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def headings(self) -> tuple[str, ...]:
        """The sections' headings, in order."""
        return tuple(section.heading for section in self.sections)

    @property
    def cells(self) -> Iterator[tuple[str, Cell]]:
        """Every cell under a heading, with that heading."""
        return ((s.heading, cell) for s in self.sections for cell in s.cells)


def read(path: Path, course: Course | None = None) -> Notebook:
    """Read the notebook at ``path``, its sections and their checkpoints.

    Raises TriptychError, which names the file, the heading and the remedy, where
    the file is missing or not a notebook, was never run, has no title or no
    sections, or where a section lacks a checkpoint or holds one that cannot be read.
    """
    name = (course or Course.containing(path)).name(path)
    node = raw.load(path, name)
    title = next(
        (line[2:].strip() for c in node.cells[:1] for line in c.source.splitlines() if line.startswith("# ")),
        None,
    )
    if title is None:
        raise TriptychError(name, "no title", "begin the first cell with '# Title'")
    sections = tuple(_sections(node, name))
    if not sections:
        raise TriptychError(name, "no sections", "begin a Markdown cell with '## Heading'")
    _require_run(node, name)
    checkpoints = {s.heading: _checkpoint(s, name) for s in sections}
    return Notebook(path, name, title, sections, checkpoints, {s.heading: _measured(s) for s in sections})


def _sections(node: nbformat.NotebookNode, name: str) -> Iterator[Section]:
    heading: str | None = None
    cells: list[Cell] = []
    seen: set[str] = set()
    for cell in node.cells:
        new = raw.heading(cell)
        body = cell.source.partition("\n")[2] if new else cell.source
        if cell.cell_type == "markdown" and re.search(r"^## ", _FENCE.sub("", body), re.MULTILINE):
            raise TriptychError(
                name, f"cell {cell.id!r} has a '## ' heading that is not its first line", "split the cell"
            )
        if new in seen:
            raise TriptychError(name, f"two sections are headed {new!r}", "rename one")
        if new:
            if heading:
                yield Section(heading, tuple(cells))
            heading, cells = new, []
            seen.add(new)
        if heading:
            cells.append(_cell(cell))
    if heading:
        yield Section(heading, tuple(cells))


def _cell(cell: nbformat.NotebookNode) -> Cell:
    shown = [
        output.data["text/plain"]
        for output in cell.get("outputs", ())
        if output.output_type == "execute_result" and "text/plain" in output.data
    ]
    return Cell(
        id=cell.id,
        kind=cell.cell_type,
        source=cell.source,
        tags=frozenset(cell.metadata.get("tags", ())),
        shown=shown[-1] if shown else None,
        settings=cell.metadata.get("triptych", {}),
    )


def _require_run(node: nbformat.NotebookNode, name: str) -> None:
    for cell in node.cells:
        if cell.cell_type == "code" and cell.source.strip() and cell.execution_count is None:
            raise TriptychError(name, f"cell {cell.id!r} was never run", f"run `triptych refresh {name}`")


def _checkpoint(section: Section, name: str) -> Checkpoint:
    place = f"{name}: section {section.heading!r}"
    code = [cell for cell in section.cells if cell.kind == "code"]
    tagged = [cell for cell in code if CHECKPOINT in cell.tags]
    rule = "a section has one checkpoint, its last code cell"
    if len(tagged) != 1:
        raise TriptychError(place, f"{len(tagged)} cells are tagged 'checkpoint'", rule)
    cell = tagged[0]
    if cell is not code[-1]:
        raise TriptychError(place, "a code cell follows the checkpoint", rule)
    remedy = "end the cell in a dict of rounded numbers, strings, booleans and lists"
    try:
        value = ast.literal_eval(cell.shown or "")
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        raise TriptychError(
            place, f"the checkpoint's value cannot be read ({shortened(cell.shown)})", remedy
        ) from None
    if not isinstance(value, dict) or not value:
        raise TriptychError(place, f"the checkpoint shows no dict ({shortened(cell.shown)})", remedy)
    if wrong := _not_plain(value):
        raise TriptychError(place, f"the checkpoint's key {wrong!r} is not plain data", remedy)
    tolerance, reason = cell.settings.get("tolerance", {}), cell.settings.get("reason", "")
    if tolerance and not reason:
        raise TriptychError(
            place, "the checkpoint has a tolerance without a reason", "say why under triptych: reason"
        )
    if unknown := set(tolerance) - set(value):
        raise TriptychError(
            place, f"the tolerance names {sorted(unknown)}, which the checkpoint lacks", "use its keys"
        )
    return Checkpoint(place, section.heading, value, dict(tolerance), reason, VARIES in cell.tags)


def _measured(section: Section) -> dict[str, Any]:
    """What varying cells show as dicts of plain data; any other output of theirs is for the reader alone."""
    measured: dict[str, Any] = {}
    for cell in section.cells:
        if VARIES not in cell.tags or CHECKPOINT in cell.tags or not (cell.shown or "").startswith("{"):
            continue
        try:
            value = ast.literal_eval(cell.shown or "")
        except (SyntaxError, ValueError, MemoryError, RecursionError):
            continue
        if isinstance(value, dict) and not _not_plain(value):
            measured |= value
    return measured


def _not_plain(value: dict[Any, Any], inside_only: bool = False) -> str | None:
    """The first key whose value is not a number, string, boolean or list of these."""
    plain = (bool, int, float, str)
    for key, item in value.items():
        if not isinstance(key, str):
            return str(key)
        if key == ONLY and not inside_only:
            if not isinstance(item, dict) or (wrong := _not_plain(item, inside_only=True)):
                return key if not isinstance(item, dict) else f"{key}: {wrong}"
        elif isinstance(item, list):
            flat = [x for row in item for x in (row if isinstance(row, list) else [row])]
            if not all(isinstance(x, plain) for x in flat):
                return key
        elif not isinstance(item, plain):
            return key
    return None
