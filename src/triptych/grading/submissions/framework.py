"""Which framework a submitted notebook is written in."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Any

from triptych.notebooks import cells

_IMPORTS = {
    "pytorch": re.compile(r"^[ \t]*(?:import|from)[ \t]+torch\b", re.MULTILINE),
    "tensorflow": re.compile(r"^[ \t]*(?:import|from)[ \t]+(?:tensorflow|keras)\b", re.MULTILINE),
    "jax": re.compile(r"^[ \t]*(?:import|from)[ \t]+jax\b", re.MULTILINE),
}


def framework_of(notebook: dict[str, Any], released: dict[str, dict[str, Any]], source: str) -> str:
    """The framework whose release the notebook resembles most; then by file name; then by its imports.

    ``released`` holds the released notebooks by framework; where there is one, it is that.
    Empty where nothing tells.
    """
    if len(released) == 1:
        return next(iter(released))
    texts = {cells.source(cell).strip() for cell in cells.cells(notebook)} - {""}
    shared = {
        name: len(texts & {cells.source(cell).strip() for cell in cells.cells(release)})
        for name, release in released.items()
    }
    best = [name for name, count in shared.items() if count and count == max(shared.values())]
    if len(best) == 1:
        return best[0]
    named = [name for name in released if name in PurePosixPath(source).name.lower()]
    if len(named) == 1:
        return named[0]
    code = "\n".join(cells.source(cell) for cell in cells.code_cells(notebook))
    imported = [name for name in released if name in _IMPORTS and _IMPORTS[name].search(code)]
    return imported[0] if len(imported) == 1 else ""
