"""Learning paths: an ordered list of pages for a reader with an aim, and the time that they take.

    ```{learning-path} I know PyTorch and want to read JAX
    :frameworks: pytorch, jax

    1. [Tracing](graphs/tracing.md): when Python runs, and when the compiler does.
    ```

The links open with those frameworks chosen. The times are estimated from what stands on the pages:
prose at a slow reader's speed, visible code and its output line by line, in each of the frameworks.
"""

from __future__ import annotations

import math
import posixpath
from collections.abc import Mapping, Sequence
from html import escape
from typing import ClassVar
from urllib.parse import urlsplit

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from triptych.frameworks import FRAMEWORKS, PANELS
from triptych.site.search.index import sections_read
from triptych.site.search.sections import Section

#: How fast a technical text is read and thought about.
WORDS_A_MINUTE, LINES_A_MINUTE = 180, 12
#: Minutes for an exercise.
EXERCISE = 15

PATH = "learning-path"


class LearningPath(SphinxDirective):
    """A path: its title and its time in one line, which unfolds its list."""

    has_content = True
    required_arguments = 1
    final_argument_whitespace = True
    option_spec: ClassVar = {"frameworks": directives.unchanged_required}

    def run(self) -> list[nodes.Node]:
        """The list in a place of its own, which is filled in when all pages have been read."""
        names = self.options.get("frameworks", "").replace(",", " ").split()
        if unknown := [name for name in names if name not in PANELS]:
            raise self.error(f":frameworks: {' '.join(unknown)}: there are {', '.join(PANELS)}")
        path = nodes.container(classes=[PATH], frameworks=names, title=self.arguments[0])
        self.state.nested_parse(self.content, self.content_offset, path)
        return [path]


def fill_paths(app: Sphinx, document: nodes.document, page: str) -> None:
    """Put the times into the page's paths, and the choice of frameworks into their links."""
    read = sections_read(app.env)
    for path in [node for node in document.findall(nodes.container) if PATH in node["classes"]]:
        names, total = path["frameworks"], 0.0
        for item in path.findall(nodes.list_item):
            took = 0.0
            for link in item.findall(nodes.reference):
                if link.get("internal") and "refuri" in link:
                    target = _target(app, page, link["refuri"])
                    took += minutes(read, *target, names or list(FRAMEWORKS)[:1])
                    if names and any(section.panels for section in read.get(target[0], ())):
                        link["refuri"] = _choosing(link["refuri"], names)
            total += took
            if took and isinstance(item.children[0], nodes.paragraph):
                item.children[0] += nodes.inline("", f" {_short(took)}", classes=["time"])
        head = f'<summary>{escape(path["title"])} <span class="time">{_long(total)}</span></summary>'
        opening: nodes.Node = nodes.raw("", f'<details class="{PATH}">{head}', format="html")
        around, place = path.parent, path.parent.index(path)
        around[place : place + 1] = [opening, *path.children, nodes.raw("", "</details>", format="html")]


def _target(app: Sphinx, page: str, uri: str) -> tuple[str, str]:
    """The page and the anchor that a relative address leads to."""
    parts = urlsplit(uri)
    here = posixpath.dirname(app.builder.get_target_uri(page))
    path = posixpath.normpath(posixpath.join(here, parts.path))
    return path.removesuffix(app.builder.out_suffix), parts.fragment  # type: ignore[attr-defined]


def _choosing(uri: str, names: Sequence[str]) -> str:
    path, mark, anchor = uri.partition("#")
    return f"{path}?framework={','.join(names)}{mark}{anchor}"


def minutes(
    read: Mapping[str, Sequence[Section]], page: str, anchor: str, frameworks: Sequence[str]
) -> float:
    """How long a page takes, or the section ``anchor``, with its panels of these frameworks."""
    here = [s for s in read.get(page, ()) if anchor in ("", s.anchor)]
    if page.startswith("exercises/"):
        return EXERCISE * sum(bool(section.anchor) for section in here)
    chapter = ([*page.split("/"), ""])[1]
    headings = {section.heading for section in here if section.panels}
    panels = [
        section
        for name in frameworks
        for section in read.get(f"notebooks/{chapter}/{name}", ())
        if section.heading in headings
    ]
    return sum(map(_minutes, [*here, *panels]))


def _minutes(section: Section) -> float:
    words = sum(len(text.split()) for kind, text in section.text if kind == "prose")
    lines = sum(text.count("\n") + 1 for kind, text in section.text if kind == "code")
    return words / WORDS_A_MINUTE + lines / LINES_A_MINUTE


def _short(minutes: float) -> str:
    return f"{5 * max(1, math.ceil(minutes / 5))} min"


def _long(minutes: float) -> str:
    """In minutes, or in halves of an hour."""
    halves = round(minutes / 30)
    if halves < 2:
        return _short(minutes)
    hours, half = divmod(halves, 2)
    return f"{hours}{'½' if half else ''} {'hour' if halves == 2 else 'hours'}"
