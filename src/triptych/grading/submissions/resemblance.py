"""Which of the course's notebooks a submitted one is, where it is another than was asked for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from triptych.files import digest
from triptych.notebooks import cells

#: What a cell must have to tell one notebook from another, characters without spaces.
_TELLING = 20

#: So many cells of another notebook, and none of this chapter's, make a notebook that other one.
_CELLS = 3

_NAMES = re.compile(r"^(?:async def|def|class) +(\w+)|^(\w+) *(?::[^=\n]{1,100})?=(?!=)", re.MULTILINE)


@dataclass(frozen=True)
class Likeness:
    """What is known of a notebook of the course: its cells' digests, and the names that they define."""

    texts: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()

    @classmethod
    def of(cls, notebooks: Iterable[dict[str, Any]]) -> Likeness:
        """The likeness of notebooks together, as plain JSON data. Time grows with their size."""
        sources = [cells.source(cell) for notebook in notebooks for cell in cells.cells(notebook)]
        code = [cells.source(cell) for notebook in notebooks for cell in cells.code_cells(notebook)]
        squeezed = ("".join(source.split()) for source in sources)
        texts = (digest(text, 16) for text in squeezed if len(text) >= _TELLING)
        names = (found[1] or found[2] for source in code for found in _NAMES.finditer(source))
        return cls(frozenset(texts), frozenset(names))


def another(notebook: dict[str, Any], ours: Likeness, others: Mapping[str, Likeness]) -> str:
    """Which of ``others`` the notebook is, by name, where nothing in it is this chapter's; else empty.

    ``ours`` is the likeness of this chapter's released notebooks. A notebook that has a
    cell of theirs, or defines a name that only they do, is this chapter's, whatever else is in it.
    """
    mine = Likeness.of([notebook])
    best, most = "", _CELLS - 1
    for name, other in others.items():
        if (count := len(mine.texts & other.texts - ours.texts)) > most:
            best, most = name, count
    if not best:
        return ""
    other = others[best]
    is_ours = mine.texts & ours.texts - other.texts or mine.names & ours.names - other.names
    return "" if is_ours else best


def copied(notebook: dict[str, Any]) -> int:
    """How many of its cells hold a mark that only the course's solutions have, and no release."""
    return sum("### BEGIN SOLUTION" in cells.source(cell) for cell in cells.code_cells(notebook))
