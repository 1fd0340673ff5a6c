"""A directive for a matrix that a chapter's notebooks fill: one row a thing, one column a framework.

    ```{matrix} Choosing a path
    :with: What each path costs
    :lines: {0} | {1} | {2:g} kB, {3:g} ms | {5} labels equal
    :absent: no way of its own
    ```

The section's checkpoint gives, under ``only``, a list for each row: ``{"onnx": ["torch.onnx", True]}``.
``:head:`` is what a row is ("Path" by default). ``:with:`` adds the list that another section's
checkpoint has for that row. Each of ``:lines:`` is a
format string with positions in the joined list; a truth value reads "works" or "fails"; a line is left
out where the list is too short for it, or where all that it shows is 0.

Nothing is typed by hand: a row exists because a notebook has run it.
"""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx

from triptych.errors import TriptychError
from triptych.frameworks import PANELS
from triptych.notebooks import model as notebook
from triptych.site.chapter import ChapterDirective
from triptych.site.markup import row, section_link, table
from triptych.site.page_files import PageFiles

#: The class of the table, which the style sheet looks for.
TABLE = "matrix"

WORDS = {True: "works", False: "fails"}


class Matrix(ChapterDirective):
    """One table. What a notebook lacks is a warning at the directive's line."""

    required_arguments = 1
    final_argument_whitespace = True
    option_spec: ClassVar = {
        "chapter": directives.unchanged_required,
        "head": directives.unchanged_required,
        "with": directives.unchanged_required,
        "lines": directives.unchanged_required,
        "absent": directives.unchanged_required,
    }

    def content_nodes(self) -> list[nodes.Node]:
        """The table; its column heads link to the sections that it was read from."""
        heading = self.arguments[0]
        lines = [line.strip() for line in self.options.get("lines", "{0}").split("|")]
        columns: dict[str, dict[str, list]] = {}
        heads: list[str | nodes.Node] = [self.options.get("head", "Path")]
        for framework, path in self.notebooks.items():
            read = notebook.read(path, self.course)
            columns[framework] = self._column(read, heading)
            heads.append(section_link(self, path, heading, PANELS[framework].title))
        names = list(dict.fromkeys(name for column in columns.values() for name in column))
        body = [
            row([name, *(self._cell(column.get(name), lines) for column in columns.values())])
            for name in names
        ]
        made = table([TABLE], [2, *(3 for _ in columns)], row(heads), body)
        self.set_source_info(made)
        return [made]

    def _column(self, read: notebook.Notebook, heading: str) -> dict[str, list]:
        """Of each row the list that this notebook gives it."""
        rows = {name: list(values) for name, values in _lists(read, heading).items()}
        if also := self.options.get("with"):
            added = _lists(read, also)
            for name, values in rows.items():
                values += added.get(name, [])
        return rows

    def _cell(self, values: Sequence[Any] | None, lines: Sequence[str]) -> str | nodes.Node:
        if values is None:
            return self.options.get("absent", "")
        cell = nodes.inline(support_smartquotes=False)  # names of programs and their options
        for line in lines:
            if text := _line(line, values):
                cell += nodes.inline("", text, classes=["matrix-line"])
        return cell


def _lists(read: notebook.Notebook, heading: str) -> Mapping[str, Sequence[Any]]:
    """The lists that the section's checkpoint has under ``only``. Raises TriptychError without any."""
    if heading not in read.checkpoints:
        known = ", ".join(map(repr, read.headings))
        raise TriptychError(read.name, f"no section {heading!r}", f"its sections are: {known}")
    only = read.checkpoints[heading].only
    if rows := {name: value for name, value in only.items() if isinstance(value, list)}:
        return rows
    raise TriptychError(f"{read.name}: {heading}", "no lists under 'only'", "give each row a list there")


def _line(line: str, values: Sequence[Any]) -> str:
    """The line's text, empty where there is nothing to say."""
    used = [name for _, name, _, _ in string.Formatter().parse(line) if name is not None]
    if any(not name.isdigit() for name in used):
        raise TriptychError(f":lines: {line}", "has names", "write positions: {0}, {1:g}, ...")
    if any(int(name) >= len(values) for name in used):
        return ""
    shown = [values[int(name)] for name in used]
    if shown and all(value == 0 and not isinstance(value, bool) for value in shown):
        return ""
    words = [WORDS[value] if isinstance(value, bool) else value for value in values]
    try:
        return line.format(*words)
    except ValueError as error:
        raise TriptychError(
            f":lines: {line}", f"does not fit {values!r} ({error})", "correct the format"
        ) from None


def add_matrix(app: Sphinx, files: PageFiles) -> None:
    """Add the directive and its style sheet."""
    app.add_directive("matrix", Matrix)
    files.add(Path(__file__).with_name("matrix.css"), TABLE)
