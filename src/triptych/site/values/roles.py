"""The roles that put a number into a sentence."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

from docutils import nodes
from sphinx.util import logging
from sphinx.util.docutils import SphinxRole

from triptych.benchmark import records
from triptych.claims import recorded
from triptych.claims.evidence import StoredValues
from triptych.claims.references import Reference
from triptych.claims.sentences import said
from triptych.course import Course
from triptych.errors import TriptychError
from triptych.site.markup import page_link, section_link
from triptych.site.rebuild import note_records

LOGGER = logging.getLogger(__name__)

#: The classes of a value, and of one that leads nowhere, which the style sheet looks for.
VALUE, UNKNOWN = "stored-value", "stored-value-unknown"

#: The page that shows what was measured.
MEASURED = "book/performance/measured"


class _NumberRole(SphinxRole):
    """A role whose fault is a warning at its line; its text then stands as written, and marked."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """What stands in the sentence."""
        try:
            return [self.number()], []
        except TriptychError as error:
            LOGGER.warning(str(error), location=self.get_location(), type="triptych", subtype=self.name)
            return [nodes.literal("", self.text, classes=[UNKNOWN])], []

    def number(self) -> nodes.Node:
        """The number. Raises TriptychError where there is none."""
        raise NotImplementedError


class ValueRole(_NumberRole):
    """A stored value as text that leads to where it was computed.

    The page is read again when a notebook or a record that it names changes.
    """

    @cached_property
    def _course(self) -> Course:
        return Course.containing(Path(self.env.srcdir))

    @cached_property
    def _stored(self) -> StoredValues:
        """Each notebook is read once a build, not once a value."""
        return StoredValues(self._course)

    @cached_property
    def _records(self) -> tuple[records.MachineRecord, ...]:
        return records.read(self._course)

    def number(self) -> nodes.Node:
        """A link to the section of the first notebook, or to the page of what was measured."""
        value = said(self.text, self._found)
        first = value.references[0]
        if recorded.is_recorded(first.text):
            link = page_link(self, MEASURED, value.text)
        else:
            (path, *_) = self._paths(first.chapter, first.values)
            link = section_link(self, path, first.heading, value.text)
        link["classes"].append(VALUE)
        return link

    def _found(self, text: str) -> Reference:
        if recorded.is_recorded(text):
            note_records(self.env, self._course)
            return recorded.find(text, self._records)
        try:
            found = self._stored.each(text)
        except TriptychError:
            chapter = text.partition("#")[0].partition("/")[0]
            if chapter in [known.name for known in self._course.chapters]:
                self._note(chapter, self._course.chapter(chapter).notebooks)
            raise
        self._note(found.chapter, found.values)
        return found

    def _note(self, chapter: str, notebooks: Iterable[str]) -> None:
        for path in self._paths(chapter, notebooks):
            self.env.note_dependency(str(path))

    def _paths(self, chapter: str, notebooks: Iterable[str]) -> list[Path]:
        return [self._course.root / "notebooks" / chapter / f"{name}.ipynb" for name in notebooks]


class GivenRole(_NumberRole):
    """A number that was not measured, as it stands; the reason is for whoever reads the source."""

    def number(self) -> nodes.Node:
        """The text in front of the bar."""
        text, _, reason = (part.strip() for part in self.text.partition("|"))
        if not text or not reason:
            raise TriptychError(self.text, "no reason", "write {given}`200 MB | a setting of the sandbox`")
        return nodes.Text(text)
