"""Where a stranger arrives: what the front page has beyond Markdown, and the page for a dead address.

    ```{chapter-map}
    ```

lists every chapter of the course that has a page, with the question that stands under its title:
a new chapter appears by itself. The same map stands on ``404.html``, which hosts such as GitHub
Pages show for any address that leads nowhere. ``{learning-path}`` is a list of pages with the time
that they take, and `` {colab}`JAX <graphs/jax>` `` opens a notebook on Colab.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxRole

from triptych.course import Course
from triptych.site.front.chapters import MAP, ChapterMap, fill_maps
from triptych.site.front.lost import offer_page
from triptych.site.front.paths import LearningPath, fill_paths
from triptych.site.page_files import PageFiles


class OnColab(SphinxRole):
    """A link that opens a notebook on Colab: `` {colab}`JAX <graphs/jax>` ``."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """The link, or a warning where there is no such notebook."""
        title, _, name = self.text.rstrip(">").rpartition("<")
        course = Course.containing(Path(self.env.srcdir))
        path = course.root / "notebooks" / f"{name}.ipynb"
        if not path.is_file():
            message = self.inliner.reporter.warning(f"no notebook {course.name(path)}", line=self.lineno)
            return [], [message]
        return [nodes.reference("", title.strip(), refuri=course.colab_url(path))], []


def pages_to_write(app: Sphinx, env: Any) -> list[str]:
    """The front page shows what stands on other pages, so it is written each time."""
    return [app.config.root_doc]


def add_front(app: Sphinx, files: PageFiles) -> None:
    """Add the directives, the role, and the page 404.html."""
    folder = Path(__file__).parent
    app.add_directive("chapter-map", ChapterMap)
    app.add_directive("learning-path", LearningPath)
    app.add_role("colab", OnColab())
    app.config.templates_path = [*app.config.templates_path, str(folder)]  # the default list is shared
    app.connect("env-updated", pages_to_write)
    app.connect("doctree-resolved", fill_maps)
    app.connect("doctree-resolved", fill_paths)
    app.connect("html-collect-pages", offer_page)
    files.add(folder / "front.css", MAP)
