"""The frameworks' colours as CSS variables, so that pages and plots have one palette.

For each framework ``--triptych-<name>``; and ``--triptych-framework`` inside of an element
that has the framework's name as its class.
"""

from __future__ import annotations

from pathlib import Path

from sphinx.application import Sphinx

from triptych import files
from triptych.frameworks import PANELS
from triptych.site.page_files import PRIORITY

FILE = "palette.css"


def style_sheet() -> str:
    """The colours on a light ground and on a dark one."""
    light = "".join(f"  --triptych-{name}: {panel.colour};\n" for name, panel in PANELS.items())
    dark = "".join(f"  --triptych-{name}: {panel.dark};\n" for name, panel in PANELS.items())
    classes = "".join(f".{name} {{ --triptych-framework: var(--triptych-{name}); }}\n" for name in PANELS)
    return f':root {{\n{light}}}\nhtml[data-theme="dark"] {{\n{dark}}}\n{classes}'


def _write(app: Sphinx) -> None:
    if app.builder.format == "html":
        folder = Path(app.outdir, "_static")
        folder.mkdir(parents=True, exist_ok=True)
        files.replace(folder / FILE, style_sheet())


def add_palette(app: Sphinx) -> None:
    """Write the style sheet into the site, and link it on every page."""
    app.connect("builder-inited", _write)
    app.add_css_file(FILE, priority=PRIORITY)
