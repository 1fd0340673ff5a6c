"""A Sphinx directive for the page on which the reader draws a digit and three exports read it.

    ```{draw-a-digit}
    ```

The page runs the models in the browser: ONNX Runtime Web is copied into the site from the npm
package, of which it needs two files, and the models from ``book/_static/digits/``. Nothing of it
is loaded before the reader draws. A site built without the package says on the page how to bring
it; that is no warning, since the course can do without.

Add the extension after ``triptych.site.side_by_side``.
"""

from __future__ import annotations

import hashlib
import html
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.fileutil import copy_asset

from triptych import __version__
from triptych.course import Course
from triptych.dev.doctor import ORT_WEB, npm_package
from triptych.dev.model_exports import model
from triptych.errors import TriptychError
from triptych.frameworks import FRAMEWORKS
from triptych.site.side_by_side import ChapterDirective

LOGGER = logging.getLogger(__name__)

#: The class of what the directive shows, which the style sheet and the script look for.
PART = "draw-a-digit"

#: What the page needs of the package: the entry, which has the glue in it, and the WebAssembly.
FILES = ("ort.wasm.bundle.min.mjs", "ort-wasm-simd-threaded.wasm")

#: Where they lie in the site, below ``_static``.
RUNTIME, MODELS = "onnxruntime-web", "digits"

WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def _dist(name: str) -> Path:
    """A file of the npm package, whether it is there or not."""
    return npm_package(RUNTIME) / "dist" / name


def _version() -> str:
    """The package's version, or nothing where it is not there."""
    if not all(_dist(name).is_file() for name in FILES):
        return ""
    return json.loads((npm_package(RUNTIME) / "package.json").read_text(encoding="utf-8"))["version"]


class DrawADigit(ChapterDirective):
    """The drawing surface, its counts of ink and its bars. A missing model is a warning."""

    def shown(self) -> list[nodes.Node]:
        """The page's part, or how to bring what it runs on."""
        models = list(self._models())
        if not self.config.draw_a_digit_runtime:
            LOGGER.info(f"{self.env.docname}: no {ORT_WEB.name}: {ORT_WEB.without} ({ORT_WEB.install})")
            return [_missing()]
        if not models:
            return []
        return [nodes.container("", nodes.raw("", _page(models), format="html"), classes=[PART])]

    def _models(self) -> Iterable[tuple[str, Path]]:
        for framework in FRAMEWORKS:
            path = model(self.course, framework)
            self.env.note_dependency(str(path))
            if path.is_file():
                yield framework, path
            else:
                self.warn(
                    TriptychError(self.course.name(path), "no such model", "`triptych exports` makes it")
                )


def _missing() -> nodes.Element:
    """What the page says where the site was built without the runtime."""
    text = nodes.paragraph("", "", classes=["admonition-title"])
    text += nodes.Text("This site was built without ONNX Runtime Web")
    mend = nodes.paragraph("", "So nothing can be drawn here. In your copy of the course, ")
    mend += [nodes.literal("", "make extras"), nodes.Text(" brings it from npm, and ")]
    mend += [nodes.literal("", "make book"), nodes.Text(" builds the site anew. npm alone does it, too: ")]
    mend += nodes.literal("", f"npm install --prefix {Path(sys.prefix).name}/lib onnxruntime-web")
    mend += nodes.Text(".")
    return nodes.container("", text, mend, classes=[f"{PART}-missing", "admonition", "note"])


# --- the page's part ------------------------------------------------------------


def _page(models: list[tuple[str, Path]]) -> str:
    """The whole part as HTML, at its full size, so that nothing moves when figures come."""
    sizes = {name: _dist(name).stat().st_size for name in FILES}
    runtime, wasm = (_versioned(f"{RUNTIME}/{name}", _dist(name)) for name in FILES)
    weight = sum(path.stat().st_size for _, path in models)
    choices = "".join(
        f'<label><input type="radio" name="framework" value="{name}"{" checked" * (not index)}'
        f' data-name="{FRAMEWORKS[name].title}" data-model="{_versioned(f"{MODELS}/{path.name}", path)}">'
        f" {FRAMEWORKS[name].title}</label>"
        for index, (name, path) in enumerate(models)
    )
    return _HTML.format(
        runtime=html.escape(runtime),
        wasm=html.escape(wasm),
        bytes=sizes[FILES[1]],
        about=f"ONNX Runtime Web {html.escape(_version())} ({sum(sizes.values()) / 1e6:.0f} MB, less than a"
        f" third of it where the server compresses) and the exports ({weight / 1e6:.1f} MB)",
        choices=choices,
        counts="".join(
            f'<tr><th scope="row"><span>Row {row + 1}</span></th>{"<td>0</td>" * 8}</tr>' for row in range(8)
        ),
        bars="".join(
            f'<tr><th scope="row">{digit} <span>{word}</span></th>'
            "<td><div><div></div></div></td><td>–</td></tr>"
            for digit, word in enumerate(WORDS)
        ),
    )


def _versioned(name: str, file: Path) -> str:
    """``name`` with a few digits of the file's hash: a browser asks again for what has changed."""
    return f"{name}?v={hashlib.sha256(file.read_bytes()).hexdigest()[:8]}"


_HTML = """\
<noscript><p>Drawing needs JavaScript, which is off in this browser.</p></noscript>
<div class="draw-a-digit-parts" data-runtime="{runtime}" data-wasm="{wasm}" data-bytes="{bytes}">
<div class="draw-a-digit-surface">
<canvas width="280" height="280" tabindex="0" role="application" aria-label="Drawing surface"
 aria-describedby="draw-a-digit-how"></canvas>
<p class="draw-a-digit-buttons"><button type="button" data-do="clear">Clear</button>
<button type="button" data-do="undo">Undo</button>
<button type="button" data-do="show">Show me one</button></p>
<p id="draw-a-digit-how">Draw with mouse, finger or pen. By keyboard: arrow keys move the pen (two at once go
 aslant, Shift takes small steps), Space puts it down and lifts it, Backspace takes back a stroke,
 Delete clears.</p>
<p class="draw-a-digit-pen" role="status"></p>
</div>
<div class="draw-a-digit-input">
<div><p class="draw-a-digit-caption">32 × 32 points</p>
<canvas class="draw-a-digit-bitmap" width="32" height="32" role="img"
 aria-label="The drawing in 32 by 32 points"></canvas></div>
<table class="draw-a-digit-counts"><caption>Ink in each block of 4 × 4</caption>
<tbody>{counts}</tbody></table>
</div>
<div class="draw-a-digit-output">
<fieldset><legend>Read by the export from</legend>{choices}</fieldset>
<p class="draw-a-digit-answer" role="status">Nothing is loaded yet. The first stroke brings {about}.</p>
<progress max="1" value="0" aria-label="Loading the runtime"></progress>
<table class="draw-a-digit-bars"><caption>Probability of each digit</caption><tbody>{bars}</tbody></table>
<p class="draw-a-digit-agreement"></p>
<p class="draw-a-digit-time"></p>
</div>
</div>
"""


# --- the files that the page needs ------------------------------------------------


def _page_files(app: Sphinx, page: str, template: str, context: dict, doctree: nodes.document | None) -> None:
    """Only the page with the directive loads its script and style, and only it brings runtime and models."""
    parts = doctree.findall(nodes.container) if doctree else ()
    if not any(PART in part["classes"] for part in parts):
        return
    app.add_css_file("draw-a-digit.css", priority=700)
    app.add_js_file("draw-a-digit.js", loading_method="defer")
    for name in FILES:
        copy_asset(_dist(name), Path(app.outdir, "_static", RUNTIME))
    course = Course.containing(Path(app.srcdir))
    for framework in FRAMEWORKS:
        copy_asset(model(course, framework), Path(app.outdir, "_static", MODELS))


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive."""
    app.setup_extension("triptych.site.side_by_side")
    app.add_directive("draw-a-digit", DrawADigit)
    # A setting, so that pages are read again when the package comes, goes or is another.
    app.add_config_value("draw_a_digit_runtime", lambda config: _version(), "env", types=[str])
    app.connect("html-page-context", _page_files)
    return {"version": __version__, "parallel_read_safe": True, "parallel_write_safe": True}
