"""Reading a notebook from somebody else: damaged, hostile, of another kind, or none at all.

Metadata is a hint that platforms lose, so little is asked of it, and what is
wrong is said in words that a teacher understands.
"""

from __future__ import annotations

import json
from typing import Any

from triptych.notebooks.cells import Cell


class Unreadable(Exception):
    """A notebook that cannot be graded; ``str()`` is the reason, for a teacher."""


def parse(data: bytes, most_cells: int = 2_000) -> dict[str, Any]:
    """The notebook in ``data`` as plain JSON data, its cells' sources as one string each.

    Raises Unreadable where this is not a Python notebook of format 4, or one of more
    than ``most_cells`` cells; the reason says what it is.
    """
    raw = _json(_decoded(data))
    if not isinstance(raw, dict) or "nbformat" not in raw:
        raise Unreadable("JSON, but not a notebook")
    if raw["nbformat"] != 4 or not isinstance(raw.get("cells"), list):
        raise Unreadable(
            f"a notebook of format {str(raw['nbformat'])[:20]!r}; "
            "open it in JupyterLab or Colab and save it again"
        )
    metadata = raw.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    if language := _other_language(metadata):
        raise Unreadable(f"a notebook in {language}, not in Python")
    if len(raw["cells"]) > most_cells:
        raise Unreadable(f"{len(raw['cells']):,} cells; at most {most_cells:,} are read")
    cells = [_cell(cell, number) for number, cell in enumerate(raw["cells"], 1)]
    if not any(cell["cell_type"] == "code" and cell["source"].strip() for cell in cells):
        raise Unreadable("a notebook without a single cell of code")
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells}


def encodable(text: str) -> str:
    """``text`` without lone surrogates, which no file and no database can hold."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _decoded(data: bytes) -> str:
    if data[:2] == b"PK":
        raise Unreadable("a zip named like a notebook; ask for the notebook itself")
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        raise Unreadable("not a notebook: not text in UTF-8; perhaps it is another file, renamed") from None


def _json(text: str) -> Any:
    if not text.strip():
        raise Unreadable("an empty file")
    try:
        return json.loads(text)
    except RecursionError:
        raise Unreadable("too many nested brackets, not a notebook") from None
    except ValueError as error:
        if text.lstrip()[:15].lower().startswith(("<!doctype", "<html")):
            raise Unreadable("a web page, not a notebook; download the notebook as .ipynb") from None
        if not isinstance(error, json.JSONDecodeError):
            raise Unreadable("a number of more digits than a notebook needs, not a notebook") from None
        raise Unreadable(
            f"not a notebook: not JSON (line {error.lineno}); perhaps it was cut short or is another file"
        ) from None


def _cell(cell: Any, number: int) -> Cell:
    if not isinstance(cell, dict) or cell.get("cell_type") not in ("code", "markdown", "raw", "heading"):
        raise Unreadable(f"a damaged notebook: cell {number} is not a cell")
    source = cell.get("source", "")
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    if not isinstance(source, str):
        raise Unreadable(f"a damaged notebook: cell {number} has no text")
    metadata = cell.get("metadata")
    return {
        "id": encodable(cell["id"]) if isinstance(cell.get("id"), str) else "",
        "cell_type": cell["cell_type"],
        "metadata": metadata if isinstance(metadata, dict) else {},
        "source": encodable(source),
    }


def _other_language(metadata: dict[str, Any]) -> str:
    """The language that the notebook names, if that is not Python."""
    for part, key in (("kernelspec", "language"), ("language_info", "name")):
        info = metadata.get(part)
        name = info.get(key) if isinstance(info, dict) else None
        if isinstance(name, str) and name.strip() and not name.lower().startswith(("python", "ipython")):
            return encodable(name)[:40]
    return ""
