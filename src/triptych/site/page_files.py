"""The components' style sheets and scripts: copied into the site, and linked by the pages that need them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config

#: After the style sheets of the theme and of sphinx-design, which ours change; before the site's own.
PRIORITY = 700


@dataclass(frozen=True)
class _File:
    path: Path
    shown_with: frozenset[str]
    attributes: dict[str, Any]


class PageFiles:
    """Every component's files. Only those that were added come into the site."""

    def __init__(self, app: Sphinx) -> None:
        self._files: list[_File] = []
        app.connect("config-inited", self._copy)
        app.connect("html-page-context", self._link)

    def add(self, path: Path, *classes: str, **attributes: Any) -> None:
        """Link ``path`` (.css or .js) on pages that have an element of one of these classes.

        Without classes on every page. ``attributes`` are those of Sphinx's ``add_css_file`` or
        ``add_js_file``; one that is a function is called with the page's document.
        """
        if path.suffix == ".css":
            attributes.setdefault("priority", PRIORITY)
        self._files.append(_File(path, frozenset(classes), attributes))

    def _copy(self, app: Sphinx, config: Config) -> None:
        config.html_static_path += [str(file.path) for file in self._files]

    def _link(
        self, app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
    ) -> None:
        elements = doctree.findall(nodes.Element) if doctree else ()
        here = {name for element in elements for name in element["classes"]}
        for file in self._files:
            if not file.shown_with or file.shown_with & here:
                add = app.add_css_file if file.path.suffix == ".css" else app.add_js_file
                given = file.attributes.items()
                add(file.path.name, **{key: made(doctree) if callable(made) else made for key, made in given})
