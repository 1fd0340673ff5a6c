"""Plumbing on the site: MyST-NB folds it, and the fold's line is its title, which need not stand twice.

The style sheet makes of MyST-NB's box one quiet line.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.transforms import Transform
from sphinx.application import Sphinx

from triptych.notebooks.folds import PLUMBING
from triptych.site.page_files import PageFiles


class TitlesOnce(Transform):
    """Takes Colab's ``# @title`` line out of folded code: the fold's own line says it."""

    default_priority = 800

    def apply(self, **kwargs: Any) -> None:
        """Change the literal blocks of plumbing cells."""
        for cell in self.document.findall(nodes.container):
            if f"tag_{PLUMBING}" not in cell["classes"]:
                continue
            for block in list(cell.findall(nodes.literal_block))[:1]:
                first, _, rest = block.rawsource.partition("\n")
                if first.startswith("# @title "):
                    block.rawsource = rest.lstrip("\n")
                    block.children[:] = [nodes.Text(block.rawsource)]


def add_folds(app: Sphinx, files: PageFiles) -> None:
    """Add the transform and the style of a fold."""
    app.add_transform(TitlesOnce)
    files.add(Path(__file__).with_name("folds.css"), f"tag_{PLUMBING}")
