"""The notebook model: sections, checkpoints, and what a stored notebook looks like.

This is the only module that touches notebook JSON. Everything else receives
the frozen dataclasses below.

A notebook is a title cell followed by sections. A section begins at a Markdown
cell whose first line is ``## Heading`` and ends in a checkpoint: a code cell
tagged ``checkpoint`` whose displayed value is a ``dict`` literal.
"""

from __future__ import annotations

import ast
import json
import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat

from triptych.course import Course
from triptych.errors import TriptychError

CHECKPOINT = "checkpoint"
VARIES = "nbval-ignore-output"

#: Key of a checkpoint under which the siblings may differ.
ONLY = "only"

#: The tags that a cell may carry, and what each means. Any other is an error.
TAGS = {
    CHECKPOINT: "the last code cell of a section; its displayed dict is what siblings share",
    VARIES: "the output varies from run to run (a timing); only errors count",
    "raises-exception": "the cell fails on purpose and its error is shown",
    "parameters": "the cell's values may be replaced by papermill (`make bench`)",
    "deprecated-api": "the cell calls a retired or deprecated API, because that is its subject",
}

#: Cell metadata that is kept; everything else (timings, editor state) is dropped.
KEPT_CELL_METADATA = ("tags", "mystnb", "nbgrader", "triptych", "deletable", "editable")

#: What an output must not show, as it changes from machine to machine.
_UNSTABLE = {
    "a memory address": re.compile(r"\b(?:at |object )0x[0-9a-f]{6,}"),
    "an absolute path": re.compile(r"(?<![\w.:/])/(?:root|home|tmp|work|Users|var|usr|opt|private)/\w"),
}
#: Ids that a person would write: words and numbers with dashes, but not eight hexadecimal digits.
_READABLE_ID = re.compile(r"(?![0-9a-f]{8}(-|$))[a-z][a-z0-9]*(-[a-z0-9]+)*")
_BADGE_LINE = re.compile(r"^\[!\[Open in Colab\]\([^)]*\)\]\([^)]*\)\n*", re.MULTILINE)
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
    """A stored notebook, read and understood."""

    path: Path
    name: str
    title: str
    sections: tuple[Section, ...]
    checkpoints: Mapping[str, Checkpoint]

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

    Raises TriptychError, which names the file, the heading and the mend, where
    the file is missing or not a notebook, was never run, has no title or no
    sections, or where a section lacks a checkpoint or holds one that cannot be read.
    """
    name = (course or Course.containing(path)).name(path)
    node = _load(path, name)
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
    return Notebook(path, name, title, sections, checkpoints)


def complaints(path: Path, course: Course, stored_as: Path | None = None) -> list[str]:
    """What must not stand in a stored notebook and only an author can mend, one line each.

    Looks for unknown tags, cells run out of order, stored stderr, errors that were
    not meant, widget views, memory addresses and absolute paths. ``stored_as`` is
    the notebook's place in the course where ``path`` is a copy of it.
    """
    name = course.name(stored_as or path)
    node = _load(path, name)
    found = []
    code = [cell for cell in node.cells if cell.cell_type == "code" and cell.source.strip()]
    counts = [cell.execution_count for cell in code]
    if None not in counts and counts != list(range(1, len(code) + 1)):
        found.append(f"{name}: not the outputs of one clean run; run `triptych refresh {name}`")
    for cell in node.cells:
        place = f"{name}: cell {cell.get('id', '?')!r}"
        tags = set(cell.metadata.get("tags", ()))
        for tag in sorted(tags - set(TAGS)):
            found.append(f"{place}: unknown tag {tag!r}; the tags are: {', '.join(TAGS)}")
        for output in cell.get("outputs", ()):
            found += [f"{place}: {what}" for what in _output_complaints(output, tags)]
    return found


def normalised(path: Path, course: Course, stored_as: Path | None = None) -> str:
    """The text that ``path`` should have: nbformat 4.5, readable ids, nothing that varies.

    Drops timings, widget state and editor state, merges split streams, gives
    machine-made ids a readable name, and puts the Colab badge under the title.
    ``stored_as`` is the notebook's place in the course where ``path`` is a copy of it.
    """
    place = stored_as or path
    node = _load(path, course.name(place))
    node.nbformat, node.nbformat_minor = 4, 5
    node.metadata = nbformat.from_dict(
        {
            **{k: v for k, v in node.metadata.items() if k in ("nbgrader", "triptych")},
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        }
    )
    node.cells = [cell for cell in node.cells if cell.source.strip()]
    _put_badge(node, place, course)
    _name_cells(node)
    for cell in node.cells:
        cell.source = "\n".join(line.rstrip() for line in cell.source.strip("\n").split("\n"))
        cell.metadata = nbformat.from_dict(
            {
                key: cell.metadata[key]
                for key in KEPT_CELL_METADATA
                if cell.metadata.get(key) not in (None, [], {})
            }
        )
        if cell.cell_type == "code":
            cell.outputs = _merge_streams(cell.outputs)
            for output in cell.outputs:
                if output.output_type == "execute_result":
                    output.execution_count = cell.execution_count
    nbformat.validate(node)
    return nbformat.writes(node) + "\n"


def write(path: Path, text: str) -> None:
    """Replace the file in one step, so that an interruption leaves the old one whole."""
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", dir=path.parent, prefix=".", suffix=".ipynb", delete=False
    ) as temporary:
        temporary.write(text)
    Path(temporary.name).chmod(0o644)
    Path(temporary.name).replace(path)


def section_node(path: Path, heading: str, course: Course) -> nbformat.NotebookNode:
    """The notebook cut down to one section's cells, without the heading's own line.

    For renderers that want an nbformat node. Raises TriptychError for a missing
    notebook or heading; the message lists the headings that there are.
    """
    name = course.name(path)
    node = _load(path, name)
    headings = [_heading(cell) for cell in node.cells]
    if heading not in headings:
        known = ", ".join(repr(h) for h in headings if h)
        raise TriptychError(name, f"no section {heading!r}", f"its sections are: {known}")
    start = headings.index(heading)
    end = next((i for i in range(start + 1, len(headings)) if headings[i]), len(headings))
    node.cells = node.cells[start:end]
    node.cells[0].source = node.cells[0].source.partition("\n")[2].lstrip("\n")
    return node


# --- reading -----------------------------------------------------------------


def _load(path: Path, name: str) -> nbformat.NotebookNode:
    restore = "save it again from JupyterLab or restore it from git"
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise TriptychError(name, "no such notebook", "check the name") from None
    except UnicodeDecodeError:
        raise TriptychError(name, "not UTF-8 text", restore) from None
    except json.JSONDecodeError as error:
        raise TriptychError(
            name, f"not JSON (line {error.lineno}, column {error.colno}: {error.msg})", restore
        ) from None
    if not isinstance(raw, dict) or raw.get("nbformat") != 4 or not isinstance(raw.get("cells"), list):
        raise TriptychError(name, "JSON, but not a notebook of format 4", restore)
    try:
        raw["nbformat_minor"] = 5
        for index, cell in enumerate(raw["cells"]):
            cell.setdefault("id", f"cell-{index}")
            if isinstance(cell["source"], list):
                cell["source"] = "".join(cell["source"])
        node = nbformat.reads(json.dumps(raw), as_version=4)
        nbformat.validate(node)
    except (nbformat.ValidationError, KeyError, TypeError, AttributeError) as error:
        reason = getattr(error, "message", None) or f"{type(error).__name__}: {error}"
        raise TriptychError(name, f"not a valid notebook ({reason})", restore) from None
    return node


def _heading(cell: nbformat.NotebookNode) -> str | None:
    first = cell.source.partition("\n")[0]
    if cell.cell_type == "markdown" and first.startswith("## "):
        return first[3:].strip()
    return None


def _sections(node: nbformat.NotebookNode, name: str) -> Iterator[Section]:
    heading, cells, seen = None, [], set()
    for cell in node.cells:
        new = _heading(cell)
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
    mend = "end the cell in a dict of rounded numbers, strings, booleans and lists"
    try:
        value = ast.literal_eval(cell.shown or "")
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        raise TriptychError(
            place, f"the checkpoint's value cannot be read ({_short(cell.shown)})", mend
        ) from None
    if not isinstance(value, dict) or not value:
        raise TriptychError(place, f"the checkpoint shows no dict ({_short(cell.shown)})", mend)
    if wrong := _not_plain(value):
        raise TriptychError(place, f"the checkpoint's key {wrong!r} is not plain data", mend)
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


def _short(text: str | None) -> str:
    if text is None:
        return "it shows nothing"
    text = " ".join(text.split())
    return text if len(text) <= 60 else text[:57] + "..."


# --- normalising -------------------------------------------------------------


def _put_badge(node: nbformat.NotebookNode, path: Path, course: Course) -> None:
    """One badge line under the title, from the repository address in ``_config.yml``."""
    if not node.cells or not node.cells[0].source.startswith("# "):
        return
    image = os.path.relpath(course.root / "book/_static/colab.svg", path.resolve().parent)
    badge = f"[![Open in Colab]({Path(image).as_posix()})]({course.colab_url(path)})"
    title, _, rest = node.cells[0].source.partition("\n")
    rest = _BADGE_LINE.sub("", rest).strip("\n")
    node.cells[0].source = f"{title}\n\n{badge}\n\n{rest}".rstrip("\n")


def _name_cells(node: nbformat.NotebookNode) -> None:
    """Replace machine-made and repeated ids by the section's heading and a number."""
    taken: set[str] = set()
    section, number = "start", 0
    for cell in node.cells:
        if heading := _heading(cell):
            section, number = re.sub(r"[^a-z0-9]+", "-", heading.lower()).strip("-")[:50], 0
        number += 1
        if cell.id in taken or not _READABLE_ID.fullmatch(cell.id) or cell.id.startswith("cell-"):
            cell.id = f"{section}-{number}"
            while cell.id in taken:
                number += 1
                cell.id = f"{section}-{number}"
        taken.add(cell.id)


def _merge_streams(outputs: list[nbformat.NotebookNode]) -> list[nbformat.NotebookNode]:
    merged: list[nbformat.NotebookNode] = []
    for output in outputs:
        last = merged[-1] if merged else None
        if last and last.output_type == output.output_type == "stream" and last.name == output.name:
            last.text += output.text
        else:
            merged.append(output)
    return merged


def _output_complaints(output: nbformat.NotebookNode, tags: set[str]) -> Iterator[str]:
    if output.output_type == "stream" and output.name == "stderr":
        yield f"stderr is stored ({_short(output.text)}); prevent it at its source"
    if output.output_type == "error" and "raises-exception" not in tags:
        yield f"an error is stored ({output.ename}); mend it, or tag the cell 'raises-exception'"
    data = output.get("data", {})
    if any("widget" in mime for mime in data):
        yield "a widget view is stored; show its value instead"
    text = output.get("text", "") + "".join(
        value for mime, value in data.items() if mime.startswith("text/") and isinstance(value, str)
    )
    for what, pattern in _UNSTABLE.items():
        if match := pattern.search(text):
            around = _short(text[max(0, match.start() - 20) : match.end() + 20])
            yield f"{what} is shown ({around}); print what matters instead"
