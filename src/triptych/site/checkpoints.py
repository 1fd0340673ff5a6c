"""A directive for one table of everything that a chapter's sections compute, a column a framework.

    ```{checkpoints}
    ```

By default the values that the frameworks share; with ``:only:`` those that rightly differ.
``:section:`` takes those of one section. The style sheet also marks a checkpoint's cell, in
panels and on the notebooks' own pages.

What the rows mean can be said in a last column, which ``:notes:`` names. The directive's lines are then
the rows in their order; one without a colon is a title above those that follow. A value without a line,
or a line without a value, is a warning, so the table is whole::

    ```{checkpoints}
    :section: Defaults that differ
    :only:
    :notes: What it does to a port
    Norms
    LayerNorm epsilon: Answers differ from the third digit on where the variance is small.
    ```
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx

from triptych.errors import TriptychError
from triptych.frameworks import PANELS
from triptych.notebooks import model as notebook
from triptych.site.chapter import ChapterDirective
from triptych.site.markup import entry, row, table
from triptych.site.page_files import PageFiles

#: A value's place: its section's heading, and its key.
Key = tuple[str, str]

#: The class of the table, which the style sheet looks for.
TABLE = "checkpoints"

#: The class of a table with notes, and of a row that is a title above others.
NOTED, GROUP = "checkpoints-noted", "checkpoints-group"

_MISSING = object()


class Checkpoints(ChapterDirective):
    """Every stored checkpoint of a chapter, or of one section, in one table."""

    has_content = True
    option_spec: ClassVar = {
        "chapter": directives.unchanged_required,
        "notes": directives.unchanged_required,
        "only": directives.flag,
        "section": directives.unchanged_required,
    }

    def content_nodes(self) -> list[nodes.Node]:
        """One table; a notebook that cannot be read is a warning."""
        chapter: dict[str, notebook.Notebook] = {}
        for framework, path in self.notebooks.items():
            try:
                chapter[framework] = notebook.read(path, self.course)
            except TriptychError as error:
                self.warn(error)
        columns = {framework: dict(self._values(read)) for framework, read in chapter.items()}
        keys = list(dict.fromkeys(key for column in columns.values() for key in column))
        # A key that only one notebook has stands with its section, and the section where it belongs.
        headings = list(dict.fromkeys(heading for read in chapter.values() for heading in read.headings))
        keys.sort(key=lambda key: headings.index(key[0]))
        if "notes" in self.options:
            return [self._noted(columns, keys)]
        if self.content:
            raise TriptychError("checkpoints", "has lines and no notes", "name their column with :notes:")
        return [self._table(columns, keys)] if keys else []

    def _values(self, read: notebook.Notebook) -> Iterator[tuple[Key, Any]]:
        wanted = self.options.get("section")
        if wanted and wanted not in read.headings:
            known = ", ".join(map(repr, read.headings))
            raise TriptychError(read.name, f"no section {wanted!r}", f"its sections are: {known}")
        for heading, checkpoint in read.checkpoints.items():
            if wanted and heading != wanted:
                continue
            values = checkpoint.only if "only" in self.options else checkpoint.shared
            for key, value in values.items():
                yield (heading, key), value

    def _table(self, columns: Mapping[str, Mapping[Key, Any]], keys: list[Key]) -> nodes.table:
        several = "section" not in self.options
        titles = ["Section"] * several + ["Value", *(PANELS[name].title for name in columns)]
        body: list[nodes.row] = []
        for heading, group in groupby(keys, key=lambda key: key[0]):
            names = [name for _, name in group]
            body += [row([name, *_cells(columns, (heading, name))]) for name in names]
            if several:
                body[-len(names)].insert(0, entry(heading, morerows=len(names) - 1))
        widths = [*[3] * several, 2, *(2 for _ in columns)]
        made = table([TABLE], widths, row(titles), body)
        self.set_source_info(made)
        return made

    def _noted(self, columns: Mapping[str, Mapping[Key, Any]], keys: list[Key]) -> nodes.table:
        """The rows that the directive's lines name, each with its note."""
        if "section" not in self.options:
            raise TriptychError("checkpoints", "notes without a section", "name it with :section:")
        titles = ["Value", *(PANELS[name].title for name in columns), self.options["notes"]]
        known = {name: (heading, name) for heading, name in keys}
        body: list[nodes.row] = []
        for number, line in enumerate(self.content, self.content_offset + 1):
            name, colon, note = (part.strip() for part in line.partition(": "))
            if not colon:
                body.append(nodes.row("", entry(name, morecols=len(titles) - 1), classes=[GROUP]))
                continue
            if name not in known:
                raise TriptychError(f"checkpoints: {name}", "no such value left", f"left are: {_list(known)}")
            said = nodes.inline("", "", *self.parse_inline(note, lineno=number)[0])
            body.append(row([name, *_cells(columns, known.pop(name)), said]))
        if known:
            raise TriptychError("checkpoints", f"no line says what these mean: {_list(known)}", "add them")
        made = table([TABLE, NOTED], [2, *(2 for _ in columns), 6], row(titles), body)
        self.set_source_info(made)
        return made


def _cells(columns: Mapping[str, Mapping[Key, Any]], key: Key) -> Iterator[str | nodes.Node]:
    """A value's cell in each column, empty where a notebook does not have it."""
    for column in columns.values():
        value = column.get(key, _MISSING)
        yield "" if value is _MISSING else nodes.literal("", repr(value))


def _list(names: Iterable[str]) -> str:
    return ", ".join(map(repr, names)) or "none"


def add_checkpoints(app: Sphinx, files: PageFiles) -> None:
    """Add the directive, and the style of its table and of a checkpoint's cell."""
    app.add_directive("checkpoints", Checkpoints)
    files.add(Path(__file__).with_name("checkpoints.css"), TABLE, "tag_checkpoint")
