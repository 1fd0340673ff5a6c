"""A directive that shows a section of a chapter's notebooks next to each other, a panel a framework.

    ```{side-by-side} Eager by default
    ```

There is a panel for each notebook that the chapter declares (:mod:`triptych.course`), or for
those of ``:frameworks:``. ``:cells: 2`` shows the section's first two visible code cells, and
nothing else; ``:first: jax, keras`` are the panels that a reader sees who has not chosen yet.
Nothing is executed. MyST-NB renders the stored outputs, as it does on the notebook's own page.
``panels.js`` shows the panels that the reader has chosen (``choice.js``), in as many columns as
fit (``columns.js``).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
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
from triptych.site.draw_a_digit.directive import PART
from triptych.site.markup import section_link
from triptych.site.page_files import PageFiles

#: The class of a set of panels, which the style sheet and the script look for.
SET = "side-by-side"
PANEL = f"{SET}-panel"
#: The class of a set whose checkpoints can stand in one row.
LINED_UP = "lined-up"


class SideBySide(ChapterDirective):
    """One section of a chapter: a panel for each framework, its code, outputs and links."""

    required_arguments = 1
    final_argument_whitespace = True
    option_spec: ClassVar = {
        "chapter": directives.unchanged_required,
        "frameworks": directives.unchanged_required,
        "cells": directives.positive_int,
        "first": directives.unchanged_required,
    }

    def content_nodes(self) -> list[nodes.Node]:
        """One set of panels; a panel that cannot be made is a warning."""
        cells = {}
        for framework, path in self.notebooks.items():
            try:
                section = raw.section_node(path, self.arguments[0], self.course)
                if "cells" in self.options:
                    section = folds.first_code(section, self.options["cells"])
                cells[framework] = self._rendered(section, path)
            except TriptychError as error:  # the other panels are still worth reading
                self.warn(error)
        if not cells:
            return []
        lined_up = all(len(_checkpoints(one)) == 1 for one in cells.values())
        panels = [self._panel(framework, one, lined_up) for framework, one in cells.items()]
        classes = [SET, *([LINED_UP] if lined_up else [])]
        made = self._division(classes, panels)
        made["first"] = " ".join(name for name in self._first() if name in cells)
        return [made]

    def _first(self) -> list[str]:
        """The frameworks of ``:first:``. Raises TriptychError where there is no such panel."""
        wanted = self.options.get("first", "").replace(",", " ").split()
        if unknown := [name for name in wanted if name not in self.notebooks]:
            known = ", ".join(self.notebooks)
            raise TriptychError(f":first: {' '.join(unknown)}", "no such panel", f"there are: {known}")
        return wanted

    def _panel(self, framework: str, cells: list[nodes.Node], lined_up: bool) -> nodes.Element:
        """Its title, its cells (those before the checkpoint, the checkpoint, those after it), its links."""
        parts = [cells]
        if lined_up:
            (place,) = _checkpoints(cells)
            parts = [cells[:place], cells[place : place + 1], cells[place + 1 :]]
        title = nodes.rubric("", PANELS[framework].title)
        divisions = [self._division([], part) for part in parts]
        panel = self._division([PANEL, framework], [title, *divisions])
        if "cells" not in self.options:
            panel += self._links(framework, self.notebooks[framework], self.arguments[0])
        return panel

    def _division(self, classes: list[str], children: Sequence[nodes.Node]) -> nodes.Element:
        """A plain ``div``: docutils' own containers have classes that the theme gives a width."""
        made = create_component(SET, classes=classes, children=children)
        self.set_source_info(made)
        return made

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


def _checkpoints(cells: Sequence[nodes.Node]) -> list[int]:
    """The places of the checkpoints among the cells."""
    return [
        place
        for place, cell in enumerate(cells)
        if isinstance(cell, nodes.Element) and "tag_checkpoint" in cell["classes"]
    ]


def _shown(page: nodes.document) -> str:
    """The frameworks that have a panel on the page, in their order, with blanks between."""
    elements = (node for node in page.findall(nodes.Element) if PANEL in node["classes"])
    here = {name for element in elements for name in element["classes"]}
    return " ".join(name for name in PANELS if name in here)


def _first(page: nodes.document) -> str | None:
    """The frameworks of the page's first ``:first:``; None where it has none."""
    return next((node["first"] for node in page.findall(nodes.Element) if node.get("first")), None)


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
    folder = Path(__file__).parent
    files.add(folder / "panels.css", SET)
    files.add(folder / "choice.js", SET, PART)  # where a digit is drawn, the reader chooses, too
    files.add(folder / "columns.js", SET)
    files.add(folder / "panels.js", SET, **{"data-frameworks": _shown, "data-first": _first})
    app.connect("config-inited", _anchor_headings)
