"""Stored values of notebooks, by reference: what a claim is measured by.

A reference names one value, of one notebook or of all its siblings::

    graphs/tensorflow#Retracing and its price/traces, naive
    graphs#Retracing and its price/sum

Stored outputs are read; nothing is run.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from triptych.course import Course
from triptych.errors import TriptychError
from triptych.notebooks import model as notebook
from triptych.notebooks.compare import agree
from triptych.notebooks.model import Checkpoint, Notebook
from triptych.notebooks.parity import RTOL

_REFERENCE = re.compile(r"(?P<chapter>[\w-]+)(?:/(?P<notebook>[\w-]+))?#(?P<place>[^/]+/.+)")


@dataclass(frozen=True)
class Reference:
    """A stored value: ``values`` has it by the notebooks' names, in panel order."""

    text: str
    chapter: str
    heading: str
    key: str
    values: Mapping[str, Any]

    @property
    def value(self) -> Any:
        """The value; of siblings, which agree, the first one's."""
        return next(iter(self.values.values()))


class StoredValues:
    """The stored values of a course; each notebook is read once.

    ``unreadable`` has the notebooks that could not be read, and why.
    """

    def __init__(self, course: Course) -> None:
        self.course = course
        self.unreadable: dict[Path, TriptychError] = {}
        self._read: dict[Path, Notebook] = {}

    def find(self, text: str) -> Reference:
        """The value that ``text`` names.

        Raises TriptychError, which lists the nearest names, where there is no such
        chapter, notebook, heading or key, where siblings disagree, and where the value
        varies from run to run.
        """
        match = _REFERENCE.fullmatch(text)
        if not match:
            raise TriptychError(
                text, "not a reference", "write chapter/notebook#Heading/key or chapter#Heading/key"
            )
        chapter, place = match["chapter"], match["place"]
        checkpoints = {
            name: self._checkpoint(path, place, text)
            for name, path in self._notebooks(chapter, match["notebook"], text).items()
        }
        keys = {name: _key(checkpoint, place, text) for name, checkpoint in checkpoints.items()}
        values = {name: {**c.only, **c.shared}[keys[name]] for name, c in checkpoints.items()}
        first = next(iter(values))
        rtol = max(RTOL, *(c.tolerance.get(keys[name], 0.0) for name, c in checkpoints.items()))
        if not all(agree(values[first], value, rtol) for value in values.values()):
            differing = ", ".join(f"{value!r} in {name}" for name, value in values.items())
            raise TriptychError(text, f"the notebooks differ ({differing})", "cite each by its own name")
        return Reference(text, chapter, checkpoints[first].heading, keys[first], values)

    def _notebooks(self, chapter: str, name: str | None, text: str) -> dict[str, Path]:
        known = [known.name for known in self.course.chapters]
        if chapter not in known:
            raise TriptychError(text, f"no notebooks in chapter {chapter!r}", nearest(chapter, known))
        if name is None:
            return self.course.siblings(chapter)
        notebooks = {path.stem: path for path in self.course.notebooks(chapter)}
        if name not in notebooks:
            raise TriptychError(text, f"no notebook {name!r} in {chapter!r}", nearest(name, notebooks))
        return {name: notebooks[name]}

    def _notebook(self, path: Path) -> Notebook:
        if path in self.unreadable:
            raise self.unreadable[path]
        if path not in self._read:
            try:
                self._read[path] = notebook.read(path, self.course)
            except TriptychError as error:
                self.unreadable[path] = error
                raise
        return self._read[path]

    def _checkpoint(self, path: Path, place: str, text: str) -> Checkpoint:
        read = self._notebook(path)
        fitting = [heading for heading in read.headings if place.startswith(f"{heading}/")]
        if not fitting:
            heading = place.partition("/")[0]
            raise TriptychError(
                text, f"no heading {heading!r} in {read.name}", nearest(heading, read.headings)
            )
        checkpoint = read.checkpoints[max(fitting, key=len)]
        if checkpoint.varies:
            raise TriptychError(
                text,
                "the checkpoint is tagged 'nbval-ignore-output': its values vary, so they prove nothing",
                "cite one that every run repeats",
            )
        return checkpoint


def nearest(word: str, known: Iterable[str]) -> str:
    """Advice: the names among ``known`` that look most like ``word``."""
    known = [name for name in known if name]
    close = difflib.get_close_matches(word, known, n=4, cutoff=0.4) or known[:8]
    return f"the nearest are: {', '.join(map(repr, close))}" if close else "there are none"


def _key(checkpoint: Checkpoint, place: str, text: str) -> str:
    key = place.removeprefix(f"{checkpoint.heading}/")
    known = [*checkpoint.shared, *checkpoint.only]
    if key not in known:
        raise TriptychError(text, f"no key {key!r} in {checkpoint.place}", nearest(key, known))
    return key
