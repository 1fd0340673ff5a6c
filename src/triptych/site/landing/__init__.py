"""The landing frame: what whoever comes from a search should know of a page, in a few lines.

For whom it is and what one should know before (:mod:`triptych.course`), with which versions it
last passed (``results/versions.json``), and where to go next. On a chapter's page, the pages
below it, its notebooks and its exercises, under the title and the question. Nothing is typed on
the pages, and the search does not index it.
"""

from __future__ import annotations

from pathlib import Path

from sphinx.application import Sphinx

from triptych.site.landing.frame import FRAME, Place, frame_pages, pages_to_write
from triptych.site.page_files import PageFiles


def add_landing(app: Sphinx, files: PageFiles) -> None:
    """Leave a place for the frame when a page is read, and fill it when it is written."""
    app.add_transform(Place)
    app.connect("env-updated", pages_to_write)
    app.connect("html-page-context", frame_pages)
    files.add(Path(__file__).with_name("landing.css"), FRAME)
