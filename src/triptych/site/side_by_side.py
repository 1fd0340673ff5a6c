"""Sphinx directives that show a chapter's notebooks next to each other.

One section of a chapter, as each framework computes it::

    ```{side-by-side} Eager by default
    ```

and one table of everything the chapter's sections compute::

    ```{checkpoints}
    ```

The chapter is named as the page or its folder is: ``book/graphs.md`` and
``book/graphs/tracing.md`` show ``notebooks/graphs/``.
Nothing is executed. MyST-NB renders the stored outputs, as it does on the
notebook's own page; sphinx-design makes the panels a set of synced tabs; the
style sheet turns the same tabs into columns where the window is wide.

Add the extension after ``myst_nb`` and ``sphinx_design``.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import Any, ClassVar

import nbformat
from docutils import nodes
from docutils.parsers.rst import directives
from myst_nb.core.execute import create_client
from myst_nb.core.loggers import SphinxDocLogger
from myst_nb.core.nb_to_tokens import notebook_to_tokens
from myst_nb.core.render import load_renderer
from myst_nb.sphinx_ import SphinxNbRenderer
from myst_parser.mdit_to_docutils.base import default_slugify
from myst_parser.parsers.mdit import create_md_parser
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective
from sphinx_design.shared import create_component

from triptych import __version__
from triptych.course import CONFIG, Course
from triptych.errors import TriptychError
from triptych.frameworks import FRAMEWORKS
from triptych.notebooks import model as notebook
from triptych.notebooks import raw

LOGGER = logging.getLogger(__name__)

STATIC = Path(__file__).with_name("static")

_MISSING = object()

#: The class of a set of panels, which the style sheet and the script look for.
PANELS = "side-by-side"


class ChapterDirective(SphinxDirective):
    """A directive about one chapter. What is wrong becomes a warning at its own line."""

    def run(self) -> list[nodes.Node]:
        """What the directive shows."""
        try:
            return self.shown()
        except TriptychError as error:
            self.warn(error)
            return []

    def shown(self) -> list[nodes.Node]:
        """What the directive shows. Raises TriptychError where it cannot."""
        raise NotImplementedError

    @cached_property
    def course(self) -> Course:
        """The course that the site is made of; the page is read again when its settings change."""
        course = Course.containing(Path(self.env.srcdir))
        self.env.note_dependency(str(course.root / CONFIG))
        return course

    @property
    def frameworks(self) -> list[str]:
        """The frameworks asked for, in panel order."""
        wanted = self.options.get("frameworks", " ".join(FRAMEWORKS)).replace(",", " ").split()
        if unknown := [name for name in wanted if name not in FRAMEWORKS]:
            known = ", ".join(FRAMEWORKS)
            raise TriptychError(
                f":frameworks: {' '.join(unknown)}", "no such framework", f"there are: {known}"
            )
        return [name for name in FRAMEWORKS if name in wanted]

    @property
    def chapter(self) -> str:
        """The option's, or the one that the page is named after or lies below."""
        _, *below = Path(self.env.docname).parts
        return self.options.get("chapter") or (below[0] if below else self.env.docname)

    @property
    def notebooks(self) -> dict[str, Path]:
        """The chapter's notebook for each framework; the page is read again when one changes."""
        folder = self.course.root / "notebooks" / self.chapter
        found = {name: folder / f"{name}.ipynb" for name in self.frameworks}
        for path in found.values():
            self.env.note_dependency(str(path))
        return found

    def warn(self, error: TriptychError) -> None:
        """Say it at the directive's own line."""
        LOGGER.warning(
            str(error), location=self.get_location(), type="triptych", subtype=self.name.replace("-", "_")
        )


class SideBySide(ChapterDirective):
    """One section of a chapter: a panel for each framework, its code, outputs and links."""

    required_arguments = 1
    final_argument_whitespace = True
    option_spec: ClassVar = {
        "chapter": directives.unchanged_required,
        "frameworks": directives.unchanged_required,
    }

    def shown(self) -> list[nodes.Node]:
        """One set of panels; a panel that cannot be made is a warning."""
        panels = []
        for framework, path in self.notebooks.items():
            try:
                panels.append(self._panel(framework, path))
            except TriptychError as error:  # the other panels are still worth reading
                self.warn(error)
        if not panels:
            return []
        tab_set = create_component("tab-set", classes=["sd-tab-set", PANELS], children=panels)
        self.set_source_info(tab_set)
        return [tab_set]

    def _panel(self, framework: str, path: Path) -> nodes.Element:
        heading = self.arguments[0]
        section = raw.section_node(path, heading, self.course)
        label = nodes.rubric("", FRAMEWORKS[framework].title, classes=["sd-tab-label", framework])
        label["sync_group"], label["sync_id"] = "framework", framework
        content = create_component("tab-content", classes=["sd-tab-content", framework])
        content += self._rendered(section, path)
        content += self._links(framework, path, heading)
        panel = create_component("tab-item", classes=["sd-tab-item"], children=[label, content])
        self.set_source_info(panel)
        return panel

    def _rendered(self, section: nbformat.NotebookNode, path: Path) -> list[nodes.Node]:
        """The section's cells, rendered by MyST-NB as on the notebook's own page."""
        document = self.state.document
        config = self.env.mystnb_config.copy(execution_mode="off")
        box = nodes.Element()
        here = Path(self.env.doc2path(self.env.docname)).parent
        links = {  # what the notebook links to is named relative to the notebook
            "relative-images": os.path.relpath(path.parent, here),
            "relative-docs": (".", str(here), str(path.parent)),
        }
        parser = create_md_parser(self.env.myst_config, SphinxNbRenderer)
        parser.options.update(document=document, current_node=box, nb_config=config)
        logger = SphinxDocLogger(document)
        renderer = load_renderer(config.render_plugin)(parser.renderer, logger)
        with (
            _lent(document, nb_renderer=renderer, source=str(path)),  # so warnings name the notebook
            create_client(section, str(path), config, logger) as parser.options["nb_client"],
        ):
            parser.renderer.setup_render(parser.options, links)
            tokens = notebook_to_tokens(section, parser, links, logger)
            # All but nb_initialise and nb_finalise, which set the whole page's metadata.
            parser.renderer._render_tokens(tokens[1:-1])
        return box.children

    def _links(self, framework: str, path: Path, heading: str) -> nodes.paragraph:
        page = section_link(self, path, heading, f"{FRAMEWORKS[framework].title} notebook")
        links = nodes.paragraph("", "", page, classes=[f"{PANELS}-links"])
        for text, url in {
            "Open in Colab": self.course.colab_url(path),
            "Source": self.course.source_url(path),
        }.items():
            links += nodes.Text(" · ")
            links += nodes.reference("", text, refuri=url)
        return links


class Checkpoints(ChapterDirective):
    """Every stored checkpoint of a chapter in one table, a column for each framework.

    By default the values that the frameworks share; with ``:only:`` those that
    rightly differ. ``:section:`` takes those of one section.
    """

    option_spec: ClassVar = {
        "chapter": directives.unchanged_required,
        "only": directives.flag,
        "section": directives.unchanged_required,
    }

    def shown(self) -> list[nodes.Node]:
        """One table; a notebook that cannot be read is a warning."""
        chapter: dict[str, notebook.Notebook] = {}
        for framework, path in self.notebooks.items():
            try:
                chapter[framework] = notebook.read(path, self.course)
            except TriptychError as error:
                self.warn(error)
        columns = {framework: dict(self._values(read)) for framework, read in chapter.items()}
        rows = list(dict.fromkeys(row for column in columns.values() for row in column))
        # A key that only one notebook has stands with its section, and the section where it belongs.
        headings = list(dict.fromkeys(heading for read in chapter.values() for heading in read.headings))
        rows.sort(key=lambda row: headings.index(row[0]))
        return [self._table(columns, rows)] if rows else []

    def _values(self, read: notebook.Notebook) -> Iterator[tuple[tuple[str, str], Any]]:
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

    def _table(
        self, columns: Mapping[str, Mapping[tuple[str, str], Any]], rows: list[tuple[str, str]]
    ) -> nodes.table:
        several = "section" not in self.options
        titles = ["Section"] * several + ["Value", *(FRAMEWORKS[name].title for name in columns)]
        head = nodes.thead("", row(titles))
        body = nodes.tbody()
        for heading, group in groupby(rows, key=lambda row: row[0]):
            keys = [key for _, key in group]
            for key in keys:
                values = [column.get((heading, key), _MISSING) for column in columns.values()]
                body += row([key, *("" if v is _MISSING else nodes.literal("", repr(v)) for v in values)])
            if several:
                body[-len(keys)].insert(0, _entry(heading, morerows=len(keys) - 1))
        specs = [nodes.colspec(colwidth=width) for width in (*[3] * several, 2, *(2 for _ in columns))]
        group = nodes.tgroup("", *specs, head, body, cols=len(specs))
        table = nodes.table("", group, classes=["checkpoints", "colwidths-auto"])
        self.set_source_info(table)
        return table


def section_link(directive: SphinxDirective, path: Path, heading: str, text: str) -> addnodes.pending_xref:
    """A link to a section on a notebook's own page; a warning where there is no such section."""
    link = addnodes.pending_xref(
        "",
        nodes.inline("", text),
        refdomain="doc",
        reftype="myst",
        refdoc=directive.env.docname,
        reftarget=directive.env.path2doc(str(path)),
        reftargetid=default_slugify(heading),
        refexplicit=True,
    )
    directive.set_source_info(link)
    return link


def row(cells: Iterable[str | nodes.Node]) -> nodes.row:
    """A table's row, a cell for each text or inline node."""
    return nodes.row("", *(_entry(cell) for cell in cells))


def _entry(content: str | nodes.Node, **attributes: Any) -> nodes.entry:
    inline = nodes.Text(content) if isinstance(content, str) else content
    return nodes.entry("", *([nodes.paragraph("", "", inline)] if content else []), **attributes)


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


# --- the files that a site needs -----------------------------------------------


def _page_files(app: Sphinx, page: str, template: str, context: dict, doctree: nodes.document | None) -> None:
    """Only pages with panels load the script, which therefore can tell them from the others."""
    if doctree and any(PANELS in node["classes"] for node in doctree.findall(nodes.container)):
        app.add_js_file("side-by-side.js")


def _configure(app: Sphinx, config: Config) -> None:
    config.html_static_path.append(str(STATIC))
    # A panel links to its heading on the notebook's page.
    config.myst_heading_anchors = max(config.myst_heading_anchors, 2)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directives, their style sheet and their script."""
    app.setup_extension("myst_nb")
    app.setup_extension("sphinx_design")
    app.add_directive("side-by-side", SideBySide)
    app.add_directive("checkpoints", Checkpoints)
    app.add_css_file("side-by-side.css", priority=700)  # after sphinx-design's
    app.connect("config-inited", _configure)
    app.connect("html-page-context", _page_files)
    return {"version": __version__, "parallel_read_safe": True, "parallel_write_safe": True}
