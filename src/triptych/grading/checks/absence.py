"""Why a function that a check calls was not there: its cell failed, its name is another, it was not begun."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from triptych.grading.checks.result import NOT_YET
from triptych.grading.sandbox import CellError, Code

_NAME = r"[^\W\d]\w{0,79}"
#: A line that gives a name to a function, to a class or to a value.
_GIVEN = re.compile(
    rf"^[ \t]*(?:(?:async[ \t]+)?def|class)[ \t]+({_NAME})\b|^[ \t]*({_NAME})[ \t]*=[^=]", re.MULTILINE
)
_UNKNOWN = re.compile(rf"name '({_NAME})' is not defined")


def given_names(source: str) -> set[str]:
    """The names that the lines of a cell define, whether or not the cell is Python."""
    return {function or value for function, value in _GIVEN.findall(source)}


class Absence:
    """What is known of a submission's functions that cannot be asked."""

    def __init__(
        self, cells: Iterable[Code], errors: Sequence[CellError], missing: Mapping[str, str] | None = None
    ) -> None:
        """``missing``: names that the submission neither defines nor leaves open, each with a similar one."""
        self._missing = missing or {}
        self._failed: dict[str, CellError] = {}
        by_cell: dict[str, list[CellError]] = {}
        for error in errors:
            by_cell.setdefault(error.cell, []).append(error)
        for cell in cells:
            for error in by_cell.get(cell.id, ()):
                self._failed |= dict.fromkeys(given_names(cell.source), error)

    def why(self, names: Iterable[str], untouched: bool) -> str:
        """Why the first of these names cannot be asked; empty where it can.

        ``untouched``: one of them is still as it was released.
        """
        for name in names:
            if name in self._failed:
                return f"The cell that defines `{name}` failed: {_said(self._failed[name])}."
            if name in self._missing:
                similar = self._missing[name]
                perhaps = f" Is it `{similar}` now?" if similar else ""
                return f"No function `{name}` found: answers are found by their names.{perhaps}"
        return NOT_YET if untouched else ""

    def behind(self, kind: str, message: str) -> str:
        """The failed cell behind a NameError, in a sentence; empty where there is none."""
        unknown = _UNKNOWN.search(message) if kind == "NameError" else None
        error = self._failed.get(unknown[1]) if unknown else None
        return f" The cell that defines `{unknown[1]}` failed: {_said(error)}." if unknown and error else ""


def _said(error: CellError) -> str:
    message = " ".join(error.message.split())
    return f"{error.cell}: {error.type}" + (f": {message.rstrip('.')}" if message else "")
