"""The page on which the reader draws a digit and three exports of one network read it.

    ```{draw-a-digit}
    ```

The page runs the models in the browser: ONNX Runtime Web is copied into the site from the npm
package, of which it needs two files, and the models from ``book/_static/digits/``. Nothing of it
is loaded before the reader draws. A site built without the package says on the page how to
install it; that is no warning, since the course can do without.

``rasteriser.js`` turns strokes into what the network reads, ``draw-a-digit.js`` is the page.
"""

from __future__ import annotations

from pathlib import Path

from sphinx.application import Sphinx

from triptych.site.draw_a_digit.directive import PART, DrawADigit, bring_files, version
from triptych.site.page_files import PageFiles


def add_draw_a_digit(app: Sphinx, files: PageFiles) -> None:
    """Add the directive; only its page loads scripts, style, runtime and models."""
    app.add_directive("draw-a-digit", DrawADigit)
    # A setting, so that pages are read again when the package comes, goes or is another.
    app.add_config_value("draw_a_digit_runtime", lambda config: version(), "env", types=[str])
    app.connect("html-page-context", bring_files)
    folder = Path(__file__).parent
    files.add(folder / "draw-a-digit.css", PART)
    files.add(folder / "rasteriser.js", PART, loading_method="defer")
    files.add(folder / "draw-a-digit.js", PART, loading_method="defer")
