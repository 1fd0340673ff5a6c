"""What a reader can do with a section: copy its address, and report a problem with it.

On a chapter's pages, notebooks and exercises. The theme's link behind a heading copies the
section's address on the published site (``sections.js``; without it, it is the plain link that it
was); beside the heading stands a link to a new issue that has the page, the section and the
versions filled in.
"""

from __future__ import annotations

from pathlib import Path

from sphinx.application import Sphinx

from triptych.site.landing.frame import FRAME
from triptych.site.page_files import PageFiles
from triptych.site.sections.report import add_reports


def add_sections(app: Sphinx, files: PageFiles) -> None:
    """Add the links, and their style sheet and script to the pages that have a landing frame."""
    app.connect("html-page-context", add_reports)
    files.add(Path(__file__).with_name("sections.css"), FRAME)
    files.add(Path(__file__).with_name("sections.js"), FRAME, defer="defer")
