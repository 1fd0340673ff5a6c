"""Pages that show the records in ``results/`` are read again when one changes, comes or goes.

A file that is new or gone is no dependency that Sphinx could know: so each page has a hash of
all records as they were when it was read.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.environment.collectors import EnvironmentCollector

from triptych import files
from triptych.benchmark.records import FOLDER
from triptych.course import Course


def note_records(env: BuildEnvironment, course: Course) -> None:
    """The page that is being read shows the records as they are now."""
    _pages(env)[env.docname] = _state(course)


def _pages(env: Any) -> dict[str, str]:
    """The pages that show records, each with the records' state; kept with the environment."""
    if not hasattr(env, "triptych_records"):
        env.triptych_records = {}
    return env.triptych_records


def _state(course: Course) -> str:
    paths = sorted((course.root / FOLDER).glob("*.json"))
    return files.digest(repr([(path.name, files.digest(path.read_bytes())) for path in paths]))


class RecordReaders(EnvironmentCollector):
    """Keeps the list of pages that show records."""

    def clear_doc(self, app: Sphinx, env: BuildEnvironment, docname: str) -> None:
        """Forget a page."""
        _pages(env).pop(docname, None)

    def merge_other(
        self, app: Sphinx, env: BuildEnvironment, docnames: set[str], other: BuildEnvironment
    ) -> None:
        """Take over the pages that another process has read."""
        _pages(env).update({page: state for page, state in _pages(other).items() if page in docnames})

    def process_doc(self, app: Sphinx, doctree: nodes.document) -> None:
        """Nothing: a directive notes its page itself."""

    def get_outdated_docs(
        self,
        app: Sphinx,
        env: BuildEnvironment,
        added: set[str],
        changed: set[str],
        removed: set[str],
    ) -> list[str]:
        """The pages that were read with other records than those of now."""
        if not (pages := _pages(env)):
            return []
        now = _state(Course.containing(Path(app.srcdir)))
        return [page for page, state in pages.items() if state != now]
