"""A directive for figures that are drawn while the site is built, from stored values.

    ```{drawing} kinks.py
    :alt: One sentence that says what the figure shows.
    ```

The Python file stands beside the page and defines ``draw(course) -> Figure``
(Matplotlib). It reads checkpoints or records, so a figure can only show what
was validated. The page is read again when the file, a notebook
of its chapter or a record in ``results/`` changes, or a record comes or goes.
"""

from __future__ import annotations

import io
import os
import runpy
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx import addnodes
from sphinx.application import Sphinx

from triptych import files
from triptych.course import Course
from triptych.errors import TriptychError
from triptych.site.chapter import ChapterDirective
from triptych.site.dark import dark
from triptych.site.rebuild import note_records

#: Below Sphinx's folder of doctrees: where drawn figures are kept before Sphinx copies them into the site.
FOLDER = "drawn"


class Drawing(ChapterDirective):
    """One figure as SVG, on a light ground and on a dark one. A file that cannot be run is a warning."""

    required_arguments = 1
    option_spec: ClassVar = {
        "alt": directives.unchanged_required,
        "chapter": directives.unchanged_required,
    }

    def content_nodes(self) -> list[nodes.Node]:
        """The image. Raises TriptychError for a file without ``draw``, or one that fails."""
        script = Path(self.env.doc2path(self.env.docname)).parent / self.arguments[0]
        place = self.course.name(script)
        if not self.options.get("alt"):
            raise TriptychError(place, "no alternative text", "say under :alt: what the figure shows")
        self.env.note_dependency(str(script))
        _ = self.notebooks  # so that the page is read again when one changes
        note_records(self.env, self.course)
        svg = _drawn(script, place, self.course)
        light = self._image(script.stem, svg)
        light["classes"].append("only-light")
        night = self._image(f"{script.stem}-dark", dark(svg))
        night["classes"].append("only-dark")
        return [light, addnodes.only("", night, expr="html")]

    def _image(self, name: str, svg: bytes) -> nodes.image:
        """The image's file, named after what it holds, and the image."""
        file = Path(self.env.app.doctreedir) / FOLDER / f"{self.chapter}-{name}-{files.digest(svg, 8)}.svg"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(svg)
        path = os.path.relpath(file, Path(self.env.doc2path(self.env.docname)).parent)
        image = nodes.image("", uri=Path(path).as_posix(), alt=self.options["alt"], align="center")
        self.set_source_info(image)
        return image


def _drawn(script: Path, place: str, course: Course) -> bytes:
    """The figure as SVG, the same bytes for the same figure."""
    import matplotlib

    settings: dict[Any, str] = {
        "svg.hashsalt": "triptych",
        "svg.fonttype": "none",
        "font.family": "sans-serif",
    }
    try:
        with matplotlib.rc_context(settings):
            figure = runpy.run_path(str(script))["draw"](course)
            buffer = io.BytesIO()
            figure.savefig(buffer, format="svg", metadata={"Date": None}, bbox_inches="tight")
    except TriptychError:
        raise
    except FileNotFoundError as error:
        raise TriptychError(place, f"no such file ({error})", "check the name") from None
    except Exception as error:  # the file is a program, and may fail in any way
        raise TriptychError(place, f"failed ({type(error).__name__}: {error})", "run its draw()") from None
    return buffer.getvalue()


def add_drawing(app: Sphinx) -> None:
    """Add the directive."""
    app.add_directive("drawing", Drawing)
