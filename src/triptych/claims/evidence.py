"""Stored values of notebooks, by reference: what a claim is measured by.

A reference names one value, of one notebook or of all its siblings::

    graphs/tensorflow#Retracing and its price/traces, naive
    graphs#Retracing and its price/sum

and a sentence may name one by one what siblings have differently (:meth:`StoredValues.each`)::

    graphs/*#Retracing and its price/traces, naive
    graphs/tensorflow,jax#Retracing and its price/traces, naive

A value that was measured on a machine has its record's reference (:mod:`triptych.claims.recorded`)::

    results/amd-epyc-2-cores#mlp step/jax/jit/median

Stored outputs are read; nothing is run.
"""

from __future__ import annotations

import re
from functools import cached_property
from pathlib import Path

from triptych.benchmark import records
from triptych.claims import recorded
from triptych.claims.references import Reference, nearest
from triptych.claims.typed import typed_keys
from triptych.course import Course
from triptych.errors import TriptychError
from triptych.notebooks import model as notebook
from triptych.notebooks.compare import agree
from triptych.notebooks.model import VARIES, Checkpoint, Notebook
from triptych.notebooks.parity import RTOL

_REFERENCE = re.compile(r"(?P<chapter>[\w-]+)(?:/(?P<notebooks>[\w*,-]+))?#(?P<place>[^/]+/.+)")


class StoredValues:
    """The stored values of a course; each notebook is read once.

    ``unreadable`` has the notebooks that could not be read, and why.
    """

    def __init__(self, course: Course) -> None:
        self.course = course
        self.unreadable: dict[Path, TriptychError] = {}
        self._read: dict[Path, Notebook] = {}

    def find(self, text: str) -> Reference:
        """The value that ``text`` names, and that is the same in all notebooks and at every run.

        A record's is the one that was measured. Raises TriptychError, which lists the nearest
        names, where there is no such chapter, notebook, heading or key, where siblings disagree,
        and where a notebook's value varies from run to run.
        """
        if recorded.is_recorded(text):
            found = recorded.find(text, self._records)
            if found.several:
                raise TriptychError(text, "several values", "name one framework and one variant")
            return found
        reference, checkpoints = self._looked_up(text)
        if reference.varies:
            raise TriptychError(
                text,
                f"the cell is tagged {VARIES!r}: its values vary, so they prove nothing",
                "cite one that every run repeats",
            )
        values, key = reference.values, reference.key
        first = next(iter(values))
        rtol = max(RTOL, *(checkpoint.tolerance.get(key, 0.0) for checkpoint in checkpoints.values()))
        if not all(agree(values[first], value, rtol) for value in values.values()):
            differing = ", ".join(f"{value!r} in {name}" for name, value in values.items())
            raise TriptychError(text, f"the notebooks differ ({differing})", "cite each by its own name")
        return reference

    def each(self, text: str) -> Reference:
        """The values that ``text`` names, one a notebook where it names several or ``*``.

        They may differ, and vary from run to run (``Reference.varies``): these are the stored
        run's. Of a chapter without a notebook, the siblings' common value. Raises TriptychError.
        """
        match = _REFERENCE.fullmatch(text)
        return self._looked_up(text)[0] if match and match["notebooks"] else self.find(text)

    def _looked_up(self, text: str) -> tuple[Reference, dict[str, Checkpoint]]:
        match = _REFERENCE.fullmatch(text)
        if not match:
            raise TriptychError(
                text, "not a reference", "write chapter/notebook#Heading/key or chapter#Heading/key"
            )
        chapter, place = match["chapter"], match["place"]
        shared, typed = True, []
        notebooks = self._notebooks(chapter, match["notebooks"], text)
        checkpoints = {name: self._checkpoint(path, place, text) for name, path in notebooks.items()}
        heading = next(iter(checkpoints.values())).heading
        key, varies, values = place.removeprefix(f"{heading}/"), False, {}
        for name, checkpoint in checkpoints.items():
            measured = self._notebook(notebooks[name]).measured[checkpoint.heading]
            stored = {**measured, **checkpoint.only, **checkpoint.shared}
            if key not in stored:
                raise TriptychError(text, f"no key {key!r} in {checkpoint.place}", nearest(key, stored))
            values[name] = stored[key]
            shared &= key in checkpoint.shared
            if key in typed_keys(self._notebook(notebooks[name]), checkpoint.heading):
                typed.append(name)
            varies |= checkpoint.varies or (key not in checkpoint.only and key not in checkpoint.shared)
        several = any(sign in (match["notebooks"] or "") for sign in "*,")
        shared &= self.course.chapter(chapter).aligned
        reference = Reference(
            text, chapter, heading, key, values, several, varies, shared=shared, typed=tuple(typed)
        )
        return reference, checkpoints

    @cached_property
    def _records(self) -> tuple[records.MachineRecord, ...]:
        return records.read(self.course)

    def _notebooks(self, chapter: str, names: str | None, text: str) -> dict[str, Path]:
        known = [known.name for known in self.course.chapters]
        if chapter not in known:
            raise TriptychError(text, f"no notebooks in chapter {chapter!r}", nearest(chapter, known))
        if names is None or names == "*":
            return self.course.siblings(chapter)
        notebooks = {path.stem: path for path in self.course.notebooks(chapter)}
        for name in (chosen := names.split(",")):
            if name not in notebooks:
                raise TriptychError(text, f"no notebook {name!r} in {chapter!r}", nearest(name, notebooks))
        return {name: notebooks[name] for name in chosen}

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
        return read.checkpoints[max(fitting, key=len)]
