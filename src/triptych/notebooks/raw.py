"""Notebook JSON: read and checked, and cut down to a section.

Only this room touches it. Other rooms receive the frozen dataclasses of ``model``, or a
node that they hand to a library as it is.
"""

from __future__ import annotations

import copy
import json
from functools import lru_cache
from pathlib import Path

import nbformat

from triptych.course import Course
from triptych.errors import TriptychError


def load(path: Path, name: str) -> nbformat.NotebookNode:
    """The notebook at ``path`` as a node of format 4.5, each cell with an id.

    Raises TriptychError, which begins with ``name``, where it is missing or not a notebook.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise TriptychError(name, "no such notebook", "check the name") from None
    except UnicodeDecodeError:
        raise TriptychError(name, "not UTF-8 text", _RESTORE) from None
    try:
        return copy.deepcopy(_node(text))
    except ValueError as error:
        raise TriptychError(name, str(error), _RESTORE) from None


_RESTORE = "save it again from JupyterLab or restore it from git"


@lru_cache(maxsize=64)
def _node(text: str) -> nbformat.NotebookNode:
    """The notebook that ``text`` is; kept, as a page asks for each of its panels. Raises ValueError."""
    try:
        raw = json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON (line {error.lineno}, column {error.colno}: {error.msg})") from None
    if not isinstance(raw, dict) or raw.get("nbformat") != 4 or not isinstance(raw.get("cells"), list):
        raise ValueError("JSON, but not a notebook of format 4")
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
        raise ValueError(f"not a valid notebook ({reason})") from None
    return node


def code(path: Path, name: str) -> tuple[str, ...]:
    """The sources of the notebook's code cells. Raises TriptychError as ``load`` does."""
    return tuple(cell.source for cell in load(path, name).cells if cell.cell_type == "code")


def code_by_id(path: Path, name: str) -> dict[str, str]:
    """The sources of the notebook's code cells by their ids. Raises TriptychError as ``load`` does."""
    return {cell.id: cell.source for cell in load(path, name).cells if cell.cell_type == "code"}


def section_node(path: Path, wanted: str, course: Course) -> nbformat.NotebookNode:
    """The notebook cut down to one section's cells, without the heading's own line.

    For renderers that want an nbformat node. Raises TriptychError for a missing
    notebook or heading; the message lists the headings that there are.
    """
    name = course.name(path)
    node = load(path, name)
    headings = [heading(cell) for cell in node.cells]
    if wanted not in headings:
        known = ", ".join(repr(h) for h in headings if h)
        raise TriptychError(name, f"no section {wanted!r}", f"its sections are: {known}")
    start = headings.index(wanted)
    end = next((i for i in range(start + 1, len(headings)) if headings[i]), len(headings))
    node.cells = node.cells[start:end]
    node.cells[0].source = node.cells[0].source.partition("\n")[2].lstrip("\n")
    return node


def heading(cell: nbformat.NotebookNode) -> str | None:
    """The section that begins at this cell, or None where none does."""
    first = cell.source.partition("\n")[0]
    if cell.cell_type == "markdown" and first.startswith("## "):
        return first[3:].strip()
    return None


def shortened(text: str | None) -> str:
    """``text`` in one line of at most 60 characters, for a message."""
    if text is None:
        return "it shows nothing"
    text = " ".join(text.split())
    return text if len(text) <= 60 else text[:57] + "..."
