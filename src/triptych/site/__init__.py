"""The Sphinx extension ``triptych.site``: all that the pages show beyond Markdown.

Each component stands in a module or a folder of its own, with its style sheet and script
beside it, and is added by one function here. List the extension after ``myst_nb``,
``sphinx_design`` and the theme.
"""

from __future__ import annotations

from typing import Any

from sphinx.application import Sphinx

from triptych import __version__
from triptych.site.checkpoints import add_checkpoints
from triptych.site.claims import add_claims
from triptych.site.draw_a_digit import add_draw_a_digit
from triptych.site.drawing import add_drawing
from triptych.site.folds import add_folds
from triptych.site.front import add_front
from triptych.site.glossary import add_glossary
from triptych.site.landing import add_landing
from triptych.site.matrix import add_matrix
from triptych.site.mutants import add_mutants
from triptych.site.page_files import PageFiles
from triptych.site.pages import add_lighter_pages
from triptych.site.palette import add_palette
from triptych.site.panels import add_panels
from triptych.site.paper import add_print_style
from triptych.site.results import add_results
from triptych.site.search import add_search
from triptych.site.sections import add_sections
from triptych.site.values import add_values
from triptych.site.worked import add_worked


def setup(app: Sphinx) -> dict[str, Any]:
    """Add every component."""
    app.setup_extension("myst_nb")
    app.setup_extension("sphinx_design")
    files = PageFiles(app)
    add_lighter_pages(app)
    add_palette(app)
    add_panels(app, files)
    add_checkpoints(app, files)
    add_folds(app, files)
    add_matrix(app, files)
    add_results(app, files)
    add_mutants(app)
    add_values(app, files)
    add_landing(app, files)
    add_sections(app, files)
    add_drawing(app)
    add_claims(app, files)
    add_draw_a_digit(app, files)
    add_search(app, files)
    add_front(app, files)
    add_glossary(app)
    add_worked(app, files)
    add_print_style(files)
    return {"version": __version__, "env_version": 3, "parallel_read_safe": True, "parallel_write_safe": True}
