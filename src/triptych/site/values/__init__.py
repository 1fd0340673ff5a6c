"""Roles for the numbers of a sentence.

A stored value, computed when the page is read::

    That saves {value}`{graphs#Dynamic shapes/padding} / 100 | percent` of the work.

:mod:`triptych.claims.sentences` has the expressions and forms, and
:mod:`triptych.benchmark.recorded` the references to what was measured. What leads nowhere is a
warning at its line. A number that is given, not measured, with the reason, which only the
source shows::

    The limit is {given}`200 MB | a setting of the sandbox`.
"""

from __future__ import annotations

from pathlib import Path

from sphinx.application import Sphinx

from triptych.site.page_files import PageFiles
from triptych.site.values.roles import UNKNOWN, VALUE, GivenRole, ValueRole


def add_values(app: Sphinx, files: PageFiles) -> None:
    """Add the roles and their style sheet."""
    app.add_role("value", ValueRole())
    app.add_role("given", GivenRole())
    files.add(Path(__file__).with_name("values.css"), VALUE, UNKNOWN)
