"""The frame itself: its place on a page, and what stands there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.transforms import Transform
from markupsafe import Markup, escape
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

from triptych import files
from triptych.course import CONFIG, Course
from triptych.dev import versions
from triptych.errors import TriptychError
from triptych.site.landing.about import About, about, next_page
from triptych.site.landing.passed import sentences

LOGGER = logging.getLogger(__name__)

#: The frame's class, which the style sheet looks for.
FRAME = "landing"

_DATE = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")

_PLACE = "<!-- landing -->"


class Place(Transform):
    """Leaves a place under the title and the question; the rest depends on other pages, and comes later."""

    default_priority = 870

    def apply(self, **kwargs: Any) -> None:
        """Mark the place on a chapter's page. Nothing where the document is no page of a chapter."""
        env: BuildEnvironment = self.document.settings.env
        course = _course(env)
        if course is None or about(env.docname, course) is None:
            return
        section = next(iter(self.document.findall(nodes.section)), None)
        if section is None:
            return
        body = section.children[1:]
        under = 1 + next((n + 1 for n, node in enumerate(body[:3]) if _is_question(node)), 0)
        place = nodes.raw("", _PLACE, format="html", classes=[FRAME])
        section.insert(under, place)


def _is_question(node: nodes.Node) -> bool:
    """Whether a node is a paragraph that is more than a picture, such as the badge."""
    return isinstance(node, nodes.paragraph) and next(iter(node.findall(nodes.Text)), None) is not None


def _course(env: BuildEnvironment) -> Course | None:
    try:
        return Course.containing(Path(env.srcdir))
    except TriptychError:
        return None


def told(app: Sphinx, here: About, course: Course) -> list[str]:
    """With which versions the page's notebooks passed, in sentences."""
    if not hasattr(app, "triptych_versions"):
        app.triptych_versions = _record(course)  # type: ignore[attr-defined]  # read once a build
    return sentences(app.triptych_versions, here.notebooks, here.frameworks)  # type: ignore[attr-defined]


def _record(course: Course) -> dict[str, versions.Versions]:
    try:
        return versions.read(course)
    except TriptychError as error:
        LOGGER.warning(str(error), type="triptych", subtype="landing")
        return {}


def pages_to_write(app: Sphinx, env: Any) -> list[str]:
    """Every page that has a frame, when the record of versions or what chapters say has changed."""
    course = _course(env)
    if course is None:
        return []
    path = course.root / versions.FILE
    recorded = files.digest(path.read_bytes()) if path.is_file() else ""
    settings = (course.root / CONFIG).read_text(encoding="utf-8")
    state = files.digest(repr((recorded, settings, course.chapters)))
    if getattr(env, "triptych_landing", None) == state:
        return []
    env.triptych_landing = state
    return [page for page in env.found_docs if about(page, course)]


def frame_pages(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Fill the place that was left."""
    if _PLACE not in context.get("body", ""):
        return
    course = Course.containing(Path(app.srcdir))
    here = about(page, course)
    frame = _frame(app, here, course, context) if here else ""
    context["body"] = context["body"].replace(_PLACE, frame)


def _frame(app: Sphinx, here: About, course: Course, context: dict[str, Any]) -> str:
    def link(page: str) -> Markup:
        return Markup('<a href="{}">{}</a>').format(context["pathto"](page), app.env.titles[page].astext())

    chapter = here.chapter
    known = [link(page) for page in here.before if page in app.env.titles]
    if here.page == f"book/{chapter.name}" and chapter.needs:
        known.insert(0, escape(chapter.needs))
    following = _following(app, here, course)
    passed, *faults = told(app, here, course) or [""]
    rows = [
        ("For you if", escape(f"you {chapter.reader}.") if chapter.reader else "", "whole"),
        ("Before", Markup("; ").join(known), "half"),
        ("Next", link(following) if following else "", "half"),
        ("Checked", _with_dates(passed), "whole"),
        *(("But", _with_dates(fault), "whole") for fault in faults),
    ]
    row = Markup('<div class="landing-{}"><dt>{}</dt><dd>{}</dd></div>')
    filled = Markup("").join(row.format(width, name, text) for name, text, width in rows if text)
    return Markup("<dl>{}</dl>").format(filled) if filled else ""


def _with_dates(text: str) -> Markup:
    """A date is no place to break a line."""
    return Markup(_DATE.sub(r"<time>\g<0></time>", str(escape(text))))


def _following(app: Sphinx, here: About, course: Course) -> str | None:
    _, _, following = getattr(app.builder, "relations", {}).get(here.page, [None, None, None])
    return next_page(here, course, app.env.found_docs, following)
