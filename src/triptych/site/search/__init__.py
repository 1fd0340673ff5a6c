"""The site's search, in place of Sphinx's: it finds sections, names in code and error messages.

Sphinx's index has pages and whole words; this one has the sections with their text, and a name is
found by each of its parts. It is one script that a page loads when the reader begins to search, so
that it works from the disk too, where a page may not fetch a file.

``sections.py`` says what can be found, ``index.py`` writes it down, ``ranking.js`` finds it, and
``search.js`` shows it: in the dialog on every page, and on the page ``search.html``.
"""

from __future__ import annotations

from pathlib import Path

from sphinx.application import Sphinx

from triptych.site.page_files import PageFiles
from triptych.site.search.index import SectionsOfPages, offer_page, replace_own_search, write_index


def add_search(app: Sphinx, files: PageFiles) -> None:
    """Collect the sections, write the index, and add the page and the script that show results."""
    folder = Path(__file__).parent
    app.add_env_collector(SectionsOfPages)
    app.config.templates_path = [*app.config.templates_path, str(folder)]  # the default list is shared
    app.connect("builder-inited", replace_own_search)
    app.connect("html-collect-pages", offer_page)
    app.connect("build-finished", write_index)
    files.add(folder / "search.css")
    files.add(folder / "ranking.js", loading_method="defer")
    files.add(folder / "search.js", loading_method="defer")
