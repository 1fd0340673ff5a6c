"""Figures drawn from stored values while a small real site is built."""

from __future__ import annotations

import re

import pytest

from support.colours import contrast
from support.small_site import Site, site  # noqa: F401  (a fixture)
from triptych.frameworks import PANELS
from triptych.site.dark import dark

pytest.importorskip("matplotlib", reason="no matplotlib: figures are not drawn")

DRAW = """\
from matplotlib.figure import Figure
from triptych.notebooks import model as notebook

def draw(course):
    values = [
        notebook.read(path, course).checkpoints["Getting warmer"].value["warm"]
        for path in course.siblings("tiny").values()
    ]
    figure = Figure()
    figure.subplots().bar(["a", "b", "c"], values)
    figure.suptitle(f"drawn from {values}")
    return figure
"""
PAGE = """\
# Tiny

```{drawing} warm.py
:alt: Three bars of the same height.
:chapter: tiny
```
"""


@pytest.fixture
def drawn(site: Site) -> Site:
    (site.root / "book/warm.py").write_text(DRAW)
    site.page(PAGE)
    return site


def image(drawn: Site, ground: str = "light") -> str:
    found = drawn.html().select_one(f"img.only-{ground}")
    assert found["alt"] == "Three bars of the same height."
    return (drawn.root / "_build/html/book" / found["src"]).resolve().read_text()


def test_a_figure_shows_what_the_checkpoints_hold(drawn):
    assert drawn.build() == ""
    assert "drawn from [2, 2, 2]" in image(drawn)


def test_a_figure_has_a_dark_twin_that_says_the_same(drawn):
    assert drawn.build() == ""
    light, night = image(drawn), image(drawn, "dark")
    assert "drawn from [2, 2, 2]" in night
    assert "#ffffff" in light and "#ffffff" not in night
    assert night.count("<path") == light.count("<path")


def test_on_a_dark_ground_a_framework_has_its_dark_colour_and_text_can_be_read():
    colours = ["#ffffff", "#000000", "#5b6470", "#c9dcf2", *(panel.colour for panel in PANELS.values())]
    style = b'<style type="text/css">'
    found = dark(style + " ".join(colours).encode()).decode()
    text, ground, black, grey, pale, *panels = re.findall("#[0-9a-f]{6}", found)
    assert panels == [panel.dark for panel in PANELS.values()]
    assert text == black
    assert min(contrast(black, ground), contrast(black, pale)) >= 7 > contrast(pale, ground) > 1.2
    assert contrast(grey, ground) >= 4.5


def test_a_figure_is_drawn_again_when_its_file_changes_and_only_then(drawn):
    drawn.build()
    assert drawn.build() == ""
    assert drawn.read == []
    (drawn.root / "book/warm.py").write_text(DRAW.replace("drawn from", "read from"))
    drawn.build()
    assert drawn.read == ["book/tiny"]
    assert "read from [2, 2, 2]" in image(drawn)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            ("book/warm.py", "def draw", "def paint"),
            "book/warm.py: failed (KeyError: 'draw'); run its draw()",
        ),
        (("book/warm.py", '"Getting warmer"', '"Boiling"'), "book/warm.py: failed (KeyError: 'Boiling')"),
        (("book/tiny.md", "warm.py", "cold.py"), "book/cold.py: no such file"),
        (
            ("book/tiny.md", ":alt: Three bars of the same height.\n", ""),
            "book/warm.py: no alternative text",
        ),
    ],
    ids=["no draw", "no section", "no file", "no text"],
)
def test_a_figure_that_cannot_be_drawn_is_a_warning_at_its_line(drawn, change, told):
    file, old, new = change
    path = drawn.root / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    warnings = drawn.build()
    assert told in warnings
    assert "book/tiny.md:3: WARNING" in warnings


def test_a_figure_is_drawn_again_when_a_machine_is_recorded(drawn):
    drawn.build()
    (drawn.root / "results").mkdir()
    (drawn.root / "results/laptop.json").write_text("{}")
    drawn.build()
    assert drawn.read == ["book/tiny"]
    assert drawn.build() == ""
    assert drawn.read == []
