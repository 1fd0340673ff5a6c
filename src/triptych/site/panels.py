"""A directive that shows a section of a chapter's notebooks next to each other, a panel a framework.

    ```{side-by-side} Eager by default
    ```

There is a panel for each notebook that the chapter declares (:mod:`triptych.course`), or for
those of ``:frameworks:``. ``:cells: 2`` shows the section's first two visible code cells, and
nothing else. Nothing is executed. MyST-NB renders the stored outputs, as it does on
the notebook's own page; sphinx-design makes the panels a set of synced tabs; the style sheet
turns the same tabs into columns where the window is wide.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from myst_nb.core.execute import create_client
from myst_nb.core.loggers import SphinxDocLogger
from myst_nb.core.nb_to_tokens import notebook_to_tokens
from myst_nb.core.render import load_renderer
from myst_nb.sphinx_ import SphinxNbRenderer
from myst_parser.parsers.mdit import create_md_parser
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx_design.shared import create_component

from triptych.errors import TriptychError
from triptych.frameworks import PANELS
from triptych.notebooks import folds, raw
from triptych.site.chapter import ChapterDirective
from triptych.site.markup import section_link
from triptych.site.page_files import PageFiles

#: The class of a set of panels, which the style sheet and the script look for.
SET = "side-by-side"


class SideBySide(ChapterDirective):
    """One section of a chapter: a panel for each framework, its code, outputs and links."""

    required_arguments = 1
    final_argument_whitespace = True
    option_spec: ClassVar = {
        "chapter": directives.unchanged_required,
        "frameworks": directives.unchanged_required,
        "cells": directives.positive_int,
    }

    def content_nodes(self) -> list[nodes.Node]:
        """One set of panels; a panel that cannot be made is a warning."""
        panels = []
        for framework, path in self.notebooks.items():
            try:
                panels.append(self._panel(framework, path))
            except TriptychError as error:  # the other panels are still worth reading
                self.warn(error)
        if not panels:
            return []
        tab_set = create_component("tab-set", classes=["sd-tab-set", SET], children=panels)
        self.set_source_info(tab_set)
        return [tab_set]

    def _panel(self, framework: str, path: Path) -> nodes.Element:
        heading = self.arguments[0]
        section = raw.section_node(path, heading, self.course)
        if "cells" in self.options:
            section = folds.first_code(section, self.options["cells"])
        label = nodes.rubric("", PANELS[framework].title, classes=["sd-tab-label", framework])
        label["sync_group"], label["sync_id"] = "framework", framework
        content = create_component("tab-content", classes=["sd-tab-content", framework])
        content += self._rendered(section, path)
        if "cells" not in self.options:
            content += self._links(framework, path, heading)
        panel = create_component("tab-item", classes=["sd-tab-item"], children=[label, content])
        self.set_source_info(panel)
        return panel

    def _rendered(self, section: Any, path: Path) -> list[nodes.Node]:
        """The cells of a notebook node, rendered by MyST-NB as on the notebook's own page."""
        document = self.state.document
        env: Any = self.env  # MyST puts its settings there
        config = env.mystnb_config.copy(execution_mode="off")
        parent = nodes.Element()
        here = Path(self.env.doc2path(self.env.docname)).parent
        links = {  # what the notebook links to is named relative to the notebook
            "relative-images": os.path.relpath(path.parent, here),
            "relative-docs": (".", str(here), str(path.parent)),
        }
        parser = create_md_parser(env.myst_config, SphinxNbRenderer)
        parser.options.update(document=document, current_node=parent, nb_config=config)
        renderer: Any = parser.renderer  # a SphinxNbRenderer, which the parser's type does not say
        logger = SphinxDocLogger(document)
        outputs = load_renderer(config.render_plugin)(renderer, logger)
        with (
            _lent(document, nb_renderer=outputs, source=str(path)),  # so warnings name the notebook
            create_client(section, str(path), config, logger) as parser.options["nb_client"],
        ):
            renderer.setup_render(parser.options, links)
            tokens = notebook_to_tokens(section, parser, links, logger)
            # All but nb_initialise and nb_finalise, which set the whole page's metadata.
            renderer._render_tokens(tokens[1:-1])
        return parent.children

    def _links(self, framework: str, path: Path, heading: str) -> nodes.paragraph:
        page = section_link(self, path, heading, f"{PANELS[framework].title} notebook")
        links = nodes.paragraph("", "", page, classes=[f"{SET}-links"])
        for text, url in {
            "Open in Colab": self.course.colab_url(path),
            "Source": self.course.source_url(path),
        }.items():
            links += nodes.Text(" · ")
            links += nodes.reference("", text, refuri=url)
        return links


@contextmanager
def _lent(document: nodes.document, **attributes: Any) -> Iterator[None]:
    """Give the document these attributes for a while."""
    before = {key: document[key] for key in attributes if key in document}
    document.attributes.update(attributes)
    try:
        yield
    finally:
        for key in attributes:
            del document[key]
        document.attributes.update(before)


def _anchor_headings(app: Sphinx, config: Config) -> None:
    """A panel links to its heading on the notebook's page."""
    config.myst_heading_anchors = max(config.myst_heading_anchors, 2)


def add_panels(app: Sphinx, files: PageFiles) -> None:
    """Add the directive. Only pages with panels load the script, which therefore can tell them apart."""
    app.add_directive("side-by-side", SideBySide)
    files.add(Path(__file__).with_name("panels.css"), SET)
    files.add(Path(__file__).with_name("panels.js"), SET)
    app.connect("config-inited", _anchor_headings)
