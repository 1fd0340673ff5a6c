"""A stored value that a claim or a sentence refers to."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Reference:
    """A stored value: ``values`` has it by the notebooks' names, in panel order.

    Where ``several`` are named one by one, they may differ; otherwise siblings agree. Where a
    value ``varies`` from run to run, it is the stored run's; where it is ``recorded``, a machine's.
    A ``shared`` one is the same in every sibling, by parity. ``typed`` has the notebooks in which the
    author typed the value (:mod:`triptych.claims.typed`).
    """

    text: str
    chapter: str
    heading: str
    key: str
    values: Mapping[str, Any]
    several: bool = False
    varies: bool = False
    recorded: bool = False
    shared: bool = False
    typed: tuple[str, ...] = ()

    @property
    def subject(self) -> tuple[str, ...]:
        """What stays one value however it is referred to: siblings' shared keys are the same value."""
        return (self.chapter, self.heading, self.key) if self.shared else (self.text,)

    @property
    def is_typed(self) -> bool:
        """Whether no notebook computes the value."""
        return len(self.typed) == len(self.values)

    @property
    def value(self) -> Any:
        """The value; of siblings, which agree, the first one's."""
        return next(iter(self.values.values()))


def nearest(word: str, known: Iterable[str]) -> str:
    """Advice: the names among ``known`` that look most like ``word``."""
    known = [name for name in known if name]
    close = difflib.get_close_matches(word, known, n=4, cutoff=0.4) or known[:8]
    return f"the nearest are: {', '.join(map(repr, close))}" if close else "there are none"
