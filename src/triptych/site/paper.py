"""How a page prints: the chosen panels, code unbroken."""

from __future__ import annotations

from pathlib import Path

from triptych.site.page_files import PageFiles


def add_print_style(files: PageFiles) -> None:
    """Link the style sheet on every page."""
    files.add(Path(__file__).with_name("print.css"))
