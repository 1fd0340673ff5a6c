"""A Sphinx directive for figures that are drawn while the site is built, from stored values.

    ```{drawing} kinks.py
    :alt: One sentence that says what the figure shows.
    ```

The Python file lies beside the page and defines ``draw(course) -> Figure``
(Matplotlib). It reads checkpoints or records, so a figure cannot say anything
else than what was validated. The page is read again when the file, a notebook
of its chapter or a record in ``results/`` changes, or a record comes or goes.
"""

from __future__ import annotations

import hashlib
import io
import os
import runpy
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx

from triptych import __version__
from triptych.errors import TriptychError
from triptych.site.results import note_records
from triptych.site.side_by_side import ChapterDirective

#: Below the output folder of Sphinx's source: where drawn figures are put before they are copied.
FOLDER = "drawn"


class Drawing(ChapterDirective):
    """One figure, as SVG. A file that cannot be run is a warning that names it."""

    required_arguments = 1
    option_spec: ClassVar = {
        "alt": directives.unchanged_required,
        "chapter": directives.unchanged_required,
    }

    def shown(self) -> list[nodes.Node]:
        """The image. Raises TriptychError for a file without ``draw``, or one that fails."""
        script = Path(self.env.doc2path(self.env.docname)).parent / self.arguments[0]
        place = self.course.name(script)
        if not self.options.get("alt"):
            raise TriptychError(place, "drawn without a text", "say under :alt: what the figure shows")
        self._depend_on(script)
        svg = _drawn(script, place, self.course)
        name = f"{self.chapter}-{script.stem}-{hashlib.sha256(svg).hexdigest()[:8]}.svg"
        file = Path(self.env.app.doctreedir) / FOLDER / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(svg)
        path = os.path.relpath(file, Path(self.env.doc2path(self.env.docname)).parent)
        image = nodes.image("", uri=Path(path).as_posix(), alt=self.options["alt"], align="center")
        self.set_source_info(image)
        return [image]

    def _depend_on(self, script: Path) -> None:
        self.env.note_dependency(str(script))
        for path in self.notebooks.values():
            self.env.note_dependency(str(path))
        note_records(self.env, self.course)


def _drawn(script: Path, place: str, course: object) -> bytes:
    """The figure as SVG, the same bytes for the same figure."""
    import matplotlib

    settings = {"svg.hashsalt": "triptych", "svg.fonttype": "none", "font.family": "sans-serif"}
    try:
        with matplotlib.rc_context(settings):
            figure = runpy.run_path(str(script))["draw"](course)
            buffer = io.BytesIO()
            figure.savefig(buffer, format="svg", metadata={"Date": None}, bbox_inches="tight")
    except TriptychError:
        raise
    except FileNotFoundError as error:
        raise TriptychError(place, f"not there ({error})", "check the name") from None
    except Exception as error:  # the file is a program: whatever it does wrong is told at the page's line
        raise TriptychError(place, f"failed ({type(error).__name__}: {error})", "run its draw()") from None
    return buffer.getvalue()


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive."""
    app.setup_extension("triptych.site.side_by_side")
    app.setup_extension("triptych.site.results")
    app.add_directive("drawing", Drawing)
    return {"version": __version__, "parallel_read_safe": True, "parallel_write_safe": True}
