"""A link at each section to a new issue about it."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup
from sphinx.application import Sphinx

from triptych.course import Course
from triptych.site.landing.about import About, about
from triptych.site.landing.frame import told

#: The class of the link's paragraph, which the style sheet looks for.
REPORT = "section-report"

_HEADING = re.compile(r'<h2>(?P<title>.*?)<a class="headerlink" href="#(?P<id>[^"]+)"[^>]*>[^<]*</a></h2>')

_BODY = """\
Section: {address}
{versions}

What is wrong, or not clear?

"""


def add_reports(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Put the link behind every second-level heading of a chapter's page."""
    course = Course.containing(Path(app.srcdir))
    here = about(page, course) if doctree is not None else None
    if here is None:
        return
    address = context.get("pageurl") or page

    def with_report(match: re.Match[str]) -> str:
        heading = html.unescape(re.sub(r"<[^>]+>", "", match["title"]))
        url = issue_url(course, here, heading, f"{address}#{match['id']}", told(app, here, course))
        link = Markup('<a href="{}">Report a problem<span class="visually-hidden"> with “{}”</span></a>')
        return f'{match[0]}\n<p class="{REPORT}">{link.format(url, heading)}</p>'

    context["body"] = _HEADING.sub(with_report, context["body"])


def issue_url(course: Course, here: About, heading: str, address: str, versions: list[str]) -> str:
    """Where the repository opens an issue about a section, filled in but for the problem itself."""
    body = _BODY.format(address=address, versions=" ".join(versions).strip())
    query = urlencode({"title": f"{here.page}: {heading}", "body": body})
    return f"{course.repository_url}/issues/new?{query}"
