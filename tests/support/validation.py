"""nbval compares numbers as numbers: a plugin for pytest, see ``triptych.notebooks.compare``.

Where a new output says the same as the stored one by that rule, nbval is given the stored one;
everything else it compares and reports itself.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import pytest
from nbformat import NotebookNode
from nbval.plugin import IPyNbCell

from triptych.notebooks.compare import same_text, same_value

_nbval_compares = IPyNbCell.compare_outputs


def _compare_outputs(
    cell: IPyNbCell, test: list[NotebookNode], ref: list[NotebookNode], skip_compare: Any = None
) -> bool:
    """In place of nbval's method; ``test`` holds the new outputs and ``ref`` the stored ones."""
    tolerance = cell.cell.metadata.get("triptych", {}).get("tolerance", {})
    if len(test) == len(ref):
        test = [_settled(*pair, tolerance) for pair in zip(test, ref, strict=True)]
    return _nbval_compares(cell, test, ref, skip_compare)


def _settled(new: NotebookNode, stored: NotebookNode, tolerance: Mapping[str, float]) -> NotebookNode:
    """The new output, with the stored text wherever the two say the same."""
    settled = copy.deepcopy(new)
    for texts, stored_texts in ((settled, stored), (settled.get("data", {}), stored.get("data", {}))):
        for key in texts.keys() & stored_texts.keys():
            one, other = texts[key], stored_texts[key]
            if not (isinstance(one, str) and isinstance(other, str) and (key == "text" or "/" in key)):
                continue
            if same_text(one, other) or (tolerance and same_value(one, other, tolerance)):
                texts[key] = other
    return settled


def pytest_configure(config: pytest.Config) -> None:
    """Put our comparison before nbval's, which has no hook for one."""
    IPyNbCell.compare_outputs = _compare_outputs
