"""What keeps pages light, on a small real course built by Sphinx itself."""

from __future__ import annotations

import nbformat

from support import section
from support.small_site import CONF, PAGE, site  # noqa: F401  (a fixture)

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="


def test_code_is_marked_up_sparingly_and_reads_the_same(site, save):
    code = "def f(x):\n    return x + 1  # more\n"
    save("jax", section("Getting warmer", source=code))
    site.build()
    shown = site.panels()["JAX"].select_one(".cell_input pre")
    assert shown.get_text() == code
    assert [span.get_text() for span in shown.select("span[class]")] == ["def", "f", "return", "# more"]


def test_a_line_of_more_than_sixty_characters_is_marked_with_its_indent_and_reads_the_same(site, save):
    long = f"    b = {'1 + ' * 13}1"
    assert len(long) == 61
    source = f"if True:\n{long}\n{long.replace('b', '')}\n"
    save("jax", section("Getting warmer", source=source))
    site.build()
    block = site.html("notebooks/tiny/jax").select_one(".cell_input pre")
    assert block.get_text().rstrip() == source.rstrip()
    assert [(line.get_text(), line["style"]) for line in block.select(".long")] == [(long, "--in:4")]


def test_a_picture_tells_its_size_before_it_is_loaded(site, save):
    picture = section("Getting warmer")
    data = {"image/png": PIXEL, "text/plain": "a pixel"}
    picture[1].outputs.insert(0, nbformat.v4.new_output("display_data", data))
    save("jax", picture)
    site.build()
    image = site.panels()["JAX"].select_one(".cell_output img")
    assert (image["width"], image["height"], image["loading"]) == ("1", "1", "lazy")


def test_mathjax_comes_from_the_site_and_only_where_there_is_mathematics(site):
    (site.root / "conf.py").write_text(CONF + 'myst_enable_extensions = ["dollarmath"]\n')
    site.page(PAGE.replace("Before.", "Before $x^2$."))
    site.build()
    script = site.html().select_one("script[src*=mathjax]")["src"].partition("?")[0]
    assert script == "../_static/mathjax/tex-chtml.js"
    assert not site.html("index").select("script[src*=mathjax]")
    shipped = [path for path in (site.root / "_build/html/_static/mathjax").rglob("*") if path.is_file()]
    assert any(path.name == "MathJax_Main-Regular.woff" for path in shipped)
    assert sum(path.stat().st_size for path in shipped) < 1_600_000


def test_icons_are_loaded_once(site):
    """A stand-in for the theme's page, whose template loads them as fonts and as a script."""
    script = '<script defer src="_static/scripts/fontawesome.js?digest=1"></script>'
    (site.root / "conf.py").write_text(CONF + "templates_path = ['templates']\n")
    (site.root / "templates").mkdir()
    (site.root / "templates/layout.html").write_text(
        '{% extends "!layout.html" %}{% block extrahead %}' + script + "<!-- here -->{% endblock %}"
    )
    site.build()
    page = (site.root / "_build/html/book/tiny.html").read_text()
    assert "<!-- here -->" in page and "fontawesome" not in page
    assert "panels.js" in page
