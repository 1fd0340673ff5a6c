"""What keeps the site's pages light, steady and self-contained.

- Code is coloured sparingly: keywords, definitions, strings and comments. Without
  mark-up for names, operators and brackets a page has half the size.
- A line of code that is longer than the others may be is marked, so that it can go on below itself.
- Images have their size, so that nothing jumps when they arrive.
- MathJax is part of the site itself, and only pages with mathematics load it.
- The theme's icons come from its fonts alone, not a second time from a script that is
  larger than everything else on a page.
"""

from __future__ import annotations

import html
import importlib.util
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TextIO

from docutils import nodes
from jinja2.ext import Extension
from pygments.formatters import HtmlFormatter
from pygments.token import Comment, Keyword, Name, Number, Operator, Punctuation, String, Text, _TokenType
from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.config import Config
from sphinx.util import logging
from sphinx.util.fileutil import copy_asset
from sphinx.util.images import get_image_size

LOGGER = logging.getLogger(__name__)

#: Tokens that look like the text around them.
PLAIN = (Number, Operator, Punctuation, Text)
PLAIN_NAMES = {Name, Name.Builtin, Name.Builtin.Pseudo, Name.Exception, Name.Namespace, Name.Variable.Magic}

#: Tokens whose kinds all look the same, so that neighbours share one span.
ALIKE = (Comment, Keyword, String)

#: The characters that fit beside each other everywhere; the most that a line of a notebook's code has.
LINE = 60

#: What a site needs of all that the package sphinx-mathjax-offline ships.
MATHJAX = ("tex-chtml.js", "output/chtml/fonts/woff-v2")

_ICON_SCRIPT = re.compile(r"\s*<script [^>]*\bscripts/fontawesome\.js[^>]*></script>")

_TAG = re.compile("<[^>]*>")

# In the finished HTML, since docutils writes the size of an image node as its `style`, and
# that beats the style sheet's `height: auto` where the window is narrow.
_IMAGE = re.compile(r'<img (?=[^>]*\bsrc="[^"]*?_images/([^"/]+)")(?![^>]*\b(?:width|style)=)')


class SparingFormatter(HtmlFormatter):
    """Pygments' HTML formatter with fewer colours, so with fewer spans; a long line has one of its own."""

    def format(self, tokensource: Iterable[tuple[_TokenType, str]], outfile: TextIO) -> None:
        """Write the tokens, those that look alike as one kind."""
        super().format(((_sparing(kind), text) for kind, text in tokensource), outfile)

    def wrap(self, source: Iterable[tuple[int, str]]) -> Iterator[tuple[int, str]]:
        """Wrap the lines, those of more than ``LINE`` characters in a span that knows their indent."""
        return super().wrap((kind, _marked(line)) for kind, line in source)


def _marked(line: str) -> str:
    text = html.unescape(_TAG.sub("", line)).rstrip()
    if len(text) <= LINE:
        return line
    indent = len(text) - len(text.lstrip(" "))
    return f'<span class="long" style="--in:{indent}">{line.removesuffix(chr(10))}</span>\n'


def _sparing(kind: _TokenType) -> _TokenType:
    if kind is Operator.Word:
        return Keyword  # in, not, and, or, is
    if kind in PLAIN_NAMES or any(kind in group for group in PLAIN):
        return Text
    return next((group for group in ALIKE if kind in group), kind)


def _colour_sparingly(app: Sphinx) -> None:
    if isinstance(app.builder, StandaloneHTMLBuilder):
        app.builder.highlighter.formatter = SparingFormatter


def _colour_once(app: Sphinx) -> None:
    """The same code stands in a panel and on its notebook's page."""
    if isinstance(app.builder, StandaloneHTMLBuilder):
        highlighter = app.builder.highlighter
        coloured = highlighter.highlight_block
        kept: dict[tuple[str, str, str], str] = {}

        def highlight_block(source: str, lang: str, **options: Any) -> str:
            key = (source, lang, repr(sorted((k, v) for k, v in options.items() if k != "location")))
            if key not in kept:
                kept[key] = coloured(source, lang, **options)
            return kept[key]

        highlighter.highlight_block = highlight_block  # type: ignore[assignment, method-assign]


def _size_images(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    sources = {Path(name).name: source for source, name in app.builder.images.items()}

    def sized(match: re.Match[str]) -> str:
        source = sources.get(match[1])
        size = get_image_size(str(Path(app.srcdir, source))) if source else None
        return f'<img loading="lazy" width="{size[0]}" height="{size[1]}" ' if size else match[0]

    if "body" in context:
        context["body"] = _IMAGE.sub(sized, context["body"])


class _WithoutIconScript(Extension):
    """Takes the script out of the theme's template, which has no setting for it."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        return _ICON_SCRIPT.sub("", source)


def _drop_icon_script(app: Sphinx) -> None:
    if isinstance(app.builder, StandaloneHTMLBuilder):
        app.builder.templates.environment.add_extension(_WithoutIconScript)


def _mathjax_of_the_site(app: Sphinx, config: Config) -> None:
    config.mathjax_path = f"mathjax/{MATHJAX[0]}"


def _copy_mathjax(app: Sphinx) -> None:
    if app.builder.format != "html":
        return
    package = importlib.util.find_spec("sphinx-mathjax-offline")
    if package is None or package.origin is None:
        LOGGER.warning(
            "formulas are shown as TeX: install sphinx-mathjax-offline", type="triptych", subtype="pages"
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


def add_lighter_pages(app: Sphinx) -> None:
    """Connect what is done once a build and once a page."""
    app.connect("config-inited", _mathjax_of_the_site)
    app.connect("builder-inited", _colour_sparingly)
    app.connect("builder-inited", _colour_once)
    app.connect("builder-inited", _drop_icon_script)
    app.connect("builder-inited", _copy_mathjax)
    app.connect("html-page-context", _size_images)
    app.connect("html-page-context", _mathjax_where_it_is_used, priority=900)  # after Sphinx's own
