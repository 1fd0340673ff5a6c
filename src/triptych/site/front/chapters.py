"""The map of the chapters: what stands on each chapter's own page, read from there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective

from triptych.course import Course

#: The class of the map, which the style sheet looks for.
MAP = "chapter-map"


@dataclass(frozen=True)
class Entry:
    """A chapter on the map: its page, and the title and the question that stand there."""

    page: str
    title: str
    question: str


def entries(env: BuildEnvironment) -> Iterator[Entry]:
    """The chapters whose pages are part of the site, in the order of the book."""
    for chapter in Course.containing(Path(env.srcdir)).chapters:
        page = f"book/{chapter.name}"
        if page in env.found_docs:
            yield Entry(page, env.titles[page].astext(), _question(env.get_doctree(page)))


def _question(page: nodes.document) -> str:
    """The paragraph under the title, if all of it is emphasised; else nothing."""
    title = next(iter(page.findall(nodes.title)), None)
    under = title.next_node(nodes.paragraph, descend=False, siblings=True) if title else None
    if under is None or not under.children or not isinstance(under.children[0], nodes.emphasis):
        return ""
    return under.astext()


class ChapterMap(SphinxDirective):
    """The place of the map, which is filled when all pages have been read."""

    def run(self) -> list[nodes.Node]:
        """An empty list."""
        return [nodes.bullet_list(classes=[MAP])]


def fill_maps(app: Sphinx, document: nodes.document, page: str) -> None:
    """Put the chapters into the page's maps."""
    for place in document.findall(nodes.bullet_list):
        if MAP in place["classes"]:
            place += [_item(app, page, entry) for entry in entries(app.env)]


def _item(app: Sphinx, page: str, entry: Entry) -> nodes.list_item:
    uri = app.builder.get_relative_uri(page, entry.page)
    link = nodes.reference("", entry.title, internal=True, refuri=uri)
    text = [nodes.Text(" "), nodes.emphasis("", entry.question)] if entry.question else []
    return nodes.list_item("", nodes.paragraph("", "", link, *text))
