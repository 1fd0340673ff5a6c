"""Sphinx extension that keeps the site's pages light, steady and self-contained.

- Code is coloured sparingly: keywords, definitions, strings and comments. Without
  mark-up for names, operators and brackets a page has half the size.
- Images tell their size, so that nothing jumps when they arrive.
- MathJax lies in the site itself, and only pages with mathematics load it.
- The theme's icons come from its fonts alone, not a second time from a script that is
  larger than everything else on a page.
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TextIO

from docutils import nodes
from pygments.formatters import HtmlFormatter
from pygments.token import Comment, Keyword, Name, Number, Operator, Punctuation, String, Text, _TokenType
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.fileutil import copy_asset
from sphinx.util.images import get_image_size

from triptych import __version__

LOGGER = logging.getLogger(__name__)

#: Tokens that look like the text around them.
PLAIN = (Number, Operator, Punctuation, Text)
PLAIN_NAMES = {Name, Name.Builtin, Name.Builtin.Pseudo, Name.Exception, Name.Namespace, Name.Variable.Magic}

#: Tokens whose kinds all look the same, so that neighbours share one span.
ALIKE = (Comment, Keyword, String)

#: What a site needs of all that the package sphinx-mathjax-offline ships.
MATHJAX = ("tex-chtml.js", "output/chtml/fonts/woff-v2")

_ICON_SCRIPT = re.compile(r"\s*<script [^>]*\bscripts/fontawesome\.js[^>]*></script>")
_IMAGE = re.compile(r'<img (?=[^>]*\bsrc="[^"]*?_images/([^"/]+)")(?![^>]*\b(?:width|style)=)')

_WORD = re.compile(r'<span class="pre">([^<]*)</span>')


class SparingFormatter(HtmlFormatter):
    """Pygments' HTML formatter with fewer colours, and so with fewer spans."""

    def format(self, tokensource: Iterable[tuple[_TokenType, str]], outfile: TextIO) -> None:
        """Write the tokens, those that look alike as one kind."""
        super().format(((_sparing(kind), text) for kind, text in tokensource), outfile)


def _sparing(kind: _TokenType) -> _TokenType:
    if kind is Operator.Word:
        return Keyword  # in, not, and, or, is
    if kind in PLAIN_NAMES or any(kind in group for group in PLAIN):
        return Text
    return next((group for group in ALIKE if kind in group), kind)


def _colour_sparingly(app: Sphinx) -> None:
    if app.builder.format == "html":
        app.builder.highlighter.formatter = SparingFormatter


def _size_images(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    sources = {Path(name).name: source for source, name in app.builder.images.items()}

    def sized(match: re.Match[str]) -> str:
        source = sources.get(match[1])
        size = source and get_image_size(Path(app.srcdir, source))
        return f'<img loading="lazy" width="{size[0]}" height="{size[1]}" ' if size else match[0]

    if "body" in context:
        context["body"] = _IMAGE.sub(sized, context["body"])


def _unwrap_words(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Inline code without a span for each word: shorter, and it may break where a line ends."""
    if "body" in context:
        context["body"] = _WORD.sub(r"\1", context["body"])


def _copy_mathjax(app: Sphinx) -> None:
    if app.builder.format != "html":
        return
    package = importlib.util.find_spec("sphinx-mathjax-offline")
    if package is None:
        LOGGER.warning(
            "no formula will be set: install sphinx-mathjax-offline", type="triptych", subtype="pages"
        )
        return
    source = Path(package.origin).parent / "static/mathjax"
    for name in MATHJAX:
        target = Path(app.outdir, "_static/mathjax", name)
        copy_asset(source / name, target if (source / name).is_dir() else target.parent)


def _mathjax_where_it_is_used(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Sphinx loads it on every page above one with mathematics, too: the front page among them."""
    if doctree is None or not any(doctree.findall(lambda n: isinstance(n, (nodes.math, nodes.math_block)))):
        context["script_files"] = [
            script
            for script in context["script_files"]
            if not str(getattr(script, "filename", "")).endswith(MATHJAX[0])
        ]


def _drop_icon_script(app: Sphinx, failed: Exception | None) -> None:
    """The theme's template has no setting for it, so the script is taken out of the finished pages."""
    if failed or app.builder.format != "html":
        return
    for page in Path(app.outdir).rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        if _ICON_SCRIPT.search(text):
            page.write_text(_ICON_SCRIPT.sub("", text), encoding="utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect what is done once a build and once a page."""
    app.connect("builder-inited", _colour_sparingly)
    app.connect("builder-inited", _copy_mathjax)
    app.connect("html-page-context", _size_images)
    app.connect("html-page-context", _unwrap_words)
    app.connect("html-page-context", _mathjax_where_it_is_used, priority=900)  # after Sphinx's own
    app.connect("build-finished", _drop_icon_script)
    return {"version": __version__, "parallel_read_safe": True, "parallel_write_safe": True}
