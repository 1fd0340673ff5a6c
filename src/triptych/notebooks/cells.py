"""Notebooks as plain JSON data, for what takes them apart cell by cell.

Nothing here trusts the data: a cell or its metadata may lack a key or hold another kind of value.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Cell = dict[str, Any]


def load(text: str) -> dict[str, Any]:
    """The notebook in ``text``. Raises ValueError where that is not JSON or not an object."""
    node = json.loads(text)
    if not isinstance(node, dict):
        raise ValueError("JSON, but not a notebook")
    return node


def read(path: Path) -> dict[str, Any]:
    """The notebook at ``path``. Raises OSError, and ValueError as ``load`` does."""
    return load(path.read_text(encoding="utf-8"))


def dump(node: dict[str, Any]) -> str:
    """The text of a notebook, as a stored one is written."""
    return json.dumps(node, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def cells(node: object) -> Iterator[Cell]:
    """The cells of a notebook that are JSON objects, in order."""
    listed = node.get("cells") if isinstance(node, dict) else None
    return (cell for cell in (listed if isinstance(listed, list) else ()) if isinstance(cell, dict))


def code_cells(node: object) -> Iterator[Cell]:
    """The code cells of a notebook, in order."""
    return (cell for cell in cells(node) if cell.get("cell_type") == "code")


def source(cell: Cell) -> str:
    """The cell's text, which the format stores as one string or as a list of lines."""
    text = cell.get("source")
    if isinstance(text, list):
        return "".join(line for line in text if isinstance(line, str))
    return text if isinstance(text, str) else ""


def marks(cell: Cell) -> dict[str, Any]:
    """What stands under ``nbgrader`` in the cell's metadata; empty where nothing does."""
    metadata = cell.get("metadata")
    nbgrader = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    return nbgrader if isinstance(nbgrader, dict) else {}


def name(cell: Cell) -> str:
    """The cell's grade_id, else its id, else nothing."""
    names = (marks(cell).get("grade_id"), cell.get("id"))
    return next((name for name in names if isinstance(name, str)), "")
