"""Document nodes that several components make: tables, and links to a notebook's section."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from docutils import nodes
from myst_parser.mdit_to_docutils.base import default_slugify
from sphinx import addnodes
from sphinx.util.docutils import SphinxDirective, SphinxRole


def table(
    classes: Sequence[str], widths: Sequence[int], head: nodes.row, body: Iterable[nodes.row]
) -> nodes.table:
    """A table whose columns are as wide as HTML likes; ``widths`` (characters) are for other formats."""
    specs = [nodes.colspec(colwidth=width) for width in widths]
    parts = [*specs, nodes.thead("", head), nodes.tbody("", *body)]
    group = nodes.tgroup("", *parts, cols=len(specs))
    return nodes.table("", group, classes=[*classes, "colwidths-auto"])


def row(cells: Iterable[str | nodes.Node]) -> nodes.row:
    """A table's row, a cell for each text or inline node."""
    return nodes.row("", *(entry(cell) for cell in cells))


def entry(content: str | nodes.Node, **attributes: Any) -> nodes.entry:
    """A table's cell: a paragraph, or nothing where ``content`` is empty."""
    inline = nodes.Text(content) if isinstance(content, str) else content
    return nodes.entry("", *([nodes.paragraph("", "", inline)] if content else []), **attributes)


def section_link(
    directive: SphinxDirective | SphinxRole, path: Path, heading: str, text: str
) -> addnodes.pending_xref:
    """A link to a section on a notebook's own page; a warning where there is no such section."""
    target = directive.env.path2doc(str(path))
    return _link(
        directive,
        text,
        refdomain="doc",
        reftype="myst",
        reftarget=target,
        reftargetid=default_slugify(heading),
    )


def page_link(directive: SphinxDirective | SphinxRole, page: str, text: str) -> addnodes.pending_xref:
    """A link to a page by its name; a warning where there is no such page."""
    return _link(directive, text, refdomain="std", reftype="doc", reftarget=f"/{page}", refwarn=True)


def _link(directive: SphinxDirective | SphinxRole, text: str, **target: Any) -> addnodes.pending_xref:
    """A link that Sphinx resolves when all pages have been read."""
    link = addnodes.pending_xref(
        "", nodes.inline("", text), refdoc=directive.env.docname, refexplicit=True, **target
    )
    directive.set_source_info(link)
    return link
