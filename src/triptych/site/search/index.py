"""The index of the site's search: collected while pages are read, written when the site is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docutils import nodes
from jinja2.ext import Extension
from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.environment import BuildEnvironment
from sphinx.environment.collectors import EnvironmentCollector

from triptych import files
from triptych.frameworks import PANELS
from triptych.site.search.sections import Place, Section, places, sections

#: The script with the index, at the top of the site.
INDEX = "search-index.js"

# The theme loads Sphinx's search on every page: its index alone would be a third of a first visit.
_OWN_SCRIPTS = re.compile(
    r"<script src=\"\{\{ pathto\('(?:_static/(?:searchtools|language_data)|searchindex)\.js'.*?</script>"
)


def sections_read(env: Any) -> dict[str, list[Section]]:
    """The sections of every page that was read; kept with the environment."""
    if not hasattr(env, "triptych_sections"):
        env.triptych_sections = {}
    return env.triptych_sections


class SectionsOfPages(EnvironmentCollector):
    """Collects what can be found on each page."""

    def clear_doc(self, app: Sphinx, env: BuildEnvironment, docname: str) -> None:
        """Forget a page."""
        sections_read(env).pop(docname, None)

    def merge_other(
        self, app: Sphinx, env: BuildEnvironment, docnames: set[str], other: BuildEnvironment
    ) -> None:
        """Take over the pages that another process has read."""
        sections_read(env).update(
            {page: found for page, found in sections_read(other).items() if page in docnames}
        )

    def process_doc(self, app: Sphinx, doctree: nodes.document) -> None:
        """Collect a page's sections."""
        sections_read(app.env)[app.env.docname] = sections(app.env.docname, doctree)


class _WithoutOwnScripts(Extension):
    """Takes the scripts out of the theme's template, which has no setting for them."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        return _OWN_SCRIPTS.sub("", source)


def replace_own_search(app: Sphinx) -> None:
    """Sphinx makes no index and no page of its own."""
    if isinstance(app.builder, StandaloneHTMLBuilder):
        app.builder.search = False
        app.builder.templates.environment.add_extension(_WithoutOwnScripts)


def offer_page(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """The page to which the search fields lead."""
    yield "search", {"title": "Search"}, "search.html"


def write_index(app: Sphinx, error: Exception | None) -> None:
    """Write the script with all places into the finished site."""
    if error is not None or not isinstance(app.builder, StandaloneHTMLBuilder):
        return
    kept = sections_read(app.env)
    inside = [page for page in app.env.collect_relations() if page in kept]  # in the order of the book
    found = [_entry(app, place) for place in places({page: kept[page] for page in inside})]
    titles = {name: framework.title for name, framework in PANELS.items()}
    data = json.dumps({"titles": titles, "places": found}, ensure_ascii=False, separators=(",", ":"))
    files.replace(Path(app.outdir, INDEX), f"globalThis.triptychIndex={data};\n")


def _entry(app: Sphinx, place: Place) -> dict[str, Any]:
    """A place as the script has it: each text with its kind, each sibling with its own text."""
    first = place.section
    uri = app.builder.get_target_uri
    kind = _kind(place)
    texts = [] if first in place.siblings.values() else _texts(first, kind)
    return {
        "page": uri(first.page),
        "anchor": first.anchor,
        "heading": first.heading,
        "trail": _trail(app, first.page, kind),
        "kind": kind,
        "text": texts,
        "siblings": {name: [uri(s.page), s.anchor, _texts(s, kind)] for name, s in place.siblings.items()},
    }


def _texts(section: Section, kind: str) -> list[tuple[str, str]]:
    """The texts as prose or code. Of an exercise only its words: code to be completed explains nothing."""
    texts = [("prose" if form == "prose" else "code", text) for form, text in section.text]
    return [text for text in texts if kind != "exercise" or text[0] == "prose"]


def _kind(place: Place) -> str:
    if place.section.anchor.startswith("claim-"):
        return "claim"
    if place.section.page.startswith("exercises/"):
        return "exercise"
    return "lesson" if place.siblings and place.section.page.startswith("book/") else "page"


def _trail(app: Sphinx, page: str, kind: str) -> list[str]:
    """The titles of the page and of the chapter that it belongs to."""
    _, chapter, *_ = [*page.split("/"), ""]
    above = f"book/{chapter}"
    titles = [app.env.titles[name].astext() for name in (above, page) if name in app.env.titles]
    trail = titles[:1] if above == page or kind == "exercise" else titles
    return ["Exercises", *trail] if kind == "exercise" else trail
