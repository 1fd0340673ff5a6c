"""The page for an address that leads nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from sphinx.application import Sphinx

from triptych.site.front.chapters import entries


def offer_page(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """``404.html``, whose links hold wherever the host shows it.

    They are relative, as on every page, to a base that the page's own script corrects: the
    published folder, another one, or the disk. (The package sphinx-notfound-page writes
    absolute links, which hold in the published folder alone.)
    """
    folder = urlsplit(app.config.html_baseurl).path or "/"
    yield (
        "404",
        {"title": "No such page", "site_folder": folder, "chapters": list(entries(app.env))},
        "404.html",
    )
