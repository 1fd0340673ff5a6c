"""A small real course, built by Sphinx itself: what the tests of the pages' components share."""

from __future__ import annotations

import os
import re
import shutil
from io import StringIO
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace, patch_docutils

from support import ROOT, section
from triptych.course import Course
from triptych.frameworks import FRAMEWORKS

CONF = """\
extensions = ["myst_nb", "sphinx_design", "triptych.site"]
nb_execution_mode = "off"
nitpicky = True
exclude_patterns = ["_build"]
"""
INDEX = """\
# Tiny course

```{toctree}
book/tiny
notebooks/tiny/pytorch
notebooks/tiny/tensorflow
notebooks/tiny/jax
```
"""
PAGE = """\
# Tiny

Before.

```{side-by-side} Getting warmer
```

After.
"""


class Site:
    """A course in a folder, as Sphinx builds it."""

    def __init__(self, course: Course) -> None:
        self.root = course.root
        self.read: list[str] = []
        (self.root / "conf.py").write_text(CONF)
        (self.root / "index.md").write_text(INDEX)
        (self.root / "book/_static").mkdir(parents=True)
        shutil.copy(ROOT / "book/_static/colab.svg", self.root / "book/_static")

    def page(self, text: str, name: str = "book/tiny") -> None:
        path = self.root / f"{name}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def build(self, builder: str = "html", parallel: int = 0) -> str:
        """Build what is out of date; returns the warnings."""
        warnings = StringIO()
        out = self.root / "_build"
        with patch_docutils(), docutils_namespace():
            app = Sphinx(
                self.root,
                self.root,
                out / builder,
                out / "doctrees",
                builder,
                status=StringIO(),
                warning=warnings,
                parallel=parallel,
            )
            self.read = []
            app.connect("source-read", lambda app, name, source: self.read.append(name))
            app.build()
        return re.sub(r"\x1b\[[0-9;]*m", "", warnings.getvalue()).replace(f"{self.root}/", "")

    def html(self, name: str = "book/tiny") -> BeautifulSoup:
        return BeautifulSoup((self.root / f"_build/html/{name}.html").read_text(), "html.parser")

    def panels(self, name: str = "book/tiny") -> dict[str, Tag]:
        """The panels of the page's first set, by their titles, in order."""
        panels = self.html(name).select_one(".side-by-side").find_all(recursive=False)
        return {panel.find(class_="rubric").get_text(strip=True): panel for panel in panels}


@pytest.fixture
def site(course, save) -> Site:
    """A chapter ``tiny`` of two sections, whose page shows the second."""
    for framework in FRAMEWORKS:
        save(framework, *sections(framework))
    site = Site(course)
    site.page(PAGE)
    return site


def sections(framework: str, shown: str | None = None) -> list[list[dict]]:
    warm = section("Getting warmer", shown or f"{{'warm': 2, 'only': {{'by': '{framework}'}}}}", "measure()")
    warm[0].source += "\n\nSee [the chapter](../../book/tiny.md)."
    return [section("Cold start", "{'cold': 1.5, 'list': [1, 2]}", "cold()"), warm]


def frame(page: BeautifulSoup) -> dict[str, str]:
    """The landing frame's rows."""
    rows = page.select(".landing > dl > div")
    return {row.dt.get_text(): " ".join(row.dd.get_text().split()) for row in rows}


def later(path: Path) -> None:
    """Move the file's time, so that the change is seen however coarse the clock is."""
    time = path.stat().st_mtime_ns + 10**9
    os.utime(path, ns=(time, time))
