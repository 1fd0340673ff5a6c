"""The form in which notebooks are stored: reviewable, and the same after every run."""

from __future__ import annotations

import os
import re
from pathlib import Path

import nbformat

from triptych.course import Course
from triptych.files import slug
from triptych.notebooks import folds, preflight, raw

#: Cell metadata that is kept; everything else (timings, editor state) is dropped.
KEPT_CELL_METADATA = (
    "tags",
    "mystnb",
    "nbgrader",
    "triptych",
    "deletable",
    "editable",
    *folds.COLLAPSED,
)

#: Ids that a person would write: words and numbers with dashes, but not eight hexadecimal digits.
_READABLE_ID = re.compile(r"(?![0-9a-f]{8}(-|$))[a-z][a-z0-9]*(-[a-z0-9]+)*")
_BADGE_LINE = re.compile(r"^\[!\[Open in Colab\]\([^)]*\)\]\([^)]*\)\n*", re.MULTILINE)


def normalised(path: Path, course: Course, stored_as: Path | None = None) -> str:
    """The text that ``path`` should have: nbformat 4.5, readable ids, nothing that varies.

    Drops timings, widget state and editor state, merges split streams, gives
    machine-made ids a readable name, puts the Colab badge under the title and the preflight
    cell after the imports, and folds plumbing.
    ``stored_as`` is the notebook's place in the course where ``path`` is a copy of it.
    """
    place = stored_as or path
    node = raw.load(path, course.name(place))
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
    preflight.put(node, place, course)
    _name_cells(node)
    for cell in node.cells:
        trimmed = _trimmed_text if cell.cell_type == "markdown" else str.rstrip
        cell.source = "\n".join(map(trimmed, cell.source.split("\n"))).strip("\n").rstrip()
        folds.put_fold(cell)
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


def _trimmed_text(line: str) -> str:
    """The line without blanks at its end, but for the two that are Markdown's line break."""
    text = line.rstrip()
    return f"{text}  " if text and line.endswith("  ") else text


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
        if heading := raw.heading(cell):
            section, number = slug(heading)[:50], 0
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
