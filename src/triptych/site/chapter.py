"""What the directives about a chapter have in common."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from docutils import nodes
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from triptych.course import CONFIG, Course
from triptych.errors import TriptychError
from triptych.frameworks import PANELS

LOGGER = logging.getLogger(__name__)


class ChapterDirective(SphinxDirective):
    """A directive about one chapter; a TriptychError becomes a warning at the directive's line.

    The chapter is named as the page or its folder is: ``book/graphs.md`` and
    ``book/graphs/tracing.md`` show ``notebooks/graphs/``. Where a directive has the option
    ``:chapter:``, that names it.
    """

    def run(self) -> list[nodes.Node]:
        """What the directive shows: nothing where it failed."""
        try:
            return self.content_nodes()
        except TriptychError as error:
            self.warn(error)
            return []

    def content_nodes(self) -> list[nodes.Node]:
        """What the directive shows. Raises TriptychError where it cannot."""
        raise NotImplementedError

    @cached_property
    def course(self) -> Course:
        """The course that the site is made of; the page is read again when its settings change."""
        course = Course.containing(Path(self.env.srcdir))
        self.env.note_dependency(str(course.root / CONFIG))
        return course

    @property
    def chapter(self) -> str:
        """The chapter that the option names, or the page."""
        _, *below = Path(self.env.docname).parts
        return self.options.get("chapter") or (below[0] if below else self.env.docname)

    @property
    def notebooks(self) -> dict[str, Path]:
        """The notebooks that the chapter declares, or those of ``:frameworks:``, in the panels' order.

        A notebook need not exist; the page is read again when one changes. Raises TriptychError
        for an unknown chapter, one without panels, or a framework that it does not have.
        """
        declared = self.course.chapter(self.chapter).notebooks
        known = [name for name in PANELS if name in declared]
        if not known:
            raise TriptychError(
                f"notebooks/{self.chapter}", "has no panels", f"its notebooks are: {', '.join(declared)}"
            )
        wanted = self.options.get("frameworks", " ".join(known)).replace(",", " ").split()
        if unknown := [name for name in wanted if name not in known]:
            raise TriptychError(
                f":frameworks: {' '.join(unknown)}", "no such framework", f"there are: {', '.join(known)}"
            )
        folder = self.course.root / "notebooks" / self.chapter
        paths = {name: folder / f"{name}.ipynb" for name in known if name in wanted}
        for path in paths.values():
            self.env.note_dependency(str(path))
        return paths

    def warn(self, error: TriptychError) -> None:
        """Warn at the directive's own line."""
        LOGGER.warning(
            str(error), location=self.get_location(), type="triptych", subtype=self.name.replace("-", "_")
        )
