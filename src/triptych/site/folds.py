"""Plumbing on the site: one quiet line, its title, under which MyST-NB folds the code.

MyST-NB itself makes a box of it that screen readers call "Toggle hidden content".
"""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.transforms import Transform
from myst_nb.sphinx_ import HideCodeCellNode, depart_HideCellInput
from sphinx.application import Sphinx
from sphinx.writers.html5 import HTML5Translator

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


def _open_fold(writer: HTML5Translator, node: HideCodeCellNode) -> None:
    classes = " ".join(["fold", *node["classes"]])
    writer.body.append(f'<details class="{classes}"><summary>{escape(node["prompt_show"])}</summary>\n')


def add_folds(app: Sphinx, files: PageFiles) -> None:
    """Add the transform, and the mark-up and style of a fold."""
    app.add_transform(TitlesOnce)
    app.add_node(HideCodeCellNode, override=True, html=(_open_fold, depart_HideCellInput))
    files.add(Path(__file__).with_name("folds.css"), f"tag_{PLUMBING}")
