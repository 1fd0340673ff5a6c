"""Panels, on a small real course built by Sphinx itself."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from bs4 import Tag

from support.colours import contrast
from support.small_site import CONF, INDEX, PAGE, Site, later, sections, site  # noqa: F401  (a fixture)
from triptych.course import Chapter
from triptych.frameworks import FRAMEWORKS, PANELS
from triptych.site import panels


def test_each_framework_has_a_panel_in_order(site):
    assert site.build() == ""
    assert list(site.panels()) == ["PyTorch", "TensorFlow", "JAX"]


def test_a_panel_shows_its_own_sections_code_and_stored_output_and_no_other(site):
    site.build()
    for framework, panel in zip(FRAMEWORKS, site.panels().values(), strict=True):
        assert panel.select_one(".cell_input").get_text(strip=True) == "measure()"
        assert f"'by': '{framework}'" in panel.select_one(".cell_output").get_text()
        assert "A question." in panel.get_text()
        assert "cold()" not in panel.get_text()


def test_the_heading_stands_once_on_the_page_and_not_in_the_panels(site):
    site.page(PAGE.replace("Before.", "## Getting warmer"))
    site.build()
    assert len(site.html().select_one(".body").find_all(string="Getting warmer")) == 1


def test_a_link_in_a_cell_leads_from_the_panel_where_it_leads_from_the_notebook(site):
    site.build()
    assert site.panels()["JAX"].find("a", string="the chapter")["href"] == "#"
    assert site.html("notebooks/tiny/jax").find("a", string="the chapter")["href"] == "../../book/tiny.html"


def test_a_checkpoint_is_marked_in_panels_and_on_the_notebooks_page(site):
    site.build()
    assert len(site.panels()["JAX"].select(".cell.tag_checkpoint")) == 1
    assert len(site.html("notebooks/tiny/jax").select(".cell.tag_checkpoint")) == 2
    assert site.html("notebooks/tiny/jax").select("link[href*='checkpoints.css']")
    assert not site.html("index").select("link[href*='checkpoints.css']")


def test_a_panel_ends_in_links_to_its_notebooks_section_to_colab_and_to_the_source(site):
    site.build()
    for framework, panel in zip(FRAMEWORKS, site.panels().values(), strict=True):
        links = {a.get_text(): a["href"] for a in panel.find_all(recursive=False)[-1].find_all("a")}
        page, *outside = links.values()
        assert page == f"../notebooks/tiny/{framework}.html#getting-warmer"
        file = f"example/tiny/blob/main/notebooks/tiny/{framework}.ipynb"
        assert outside == [f"https://colab.research.google.com/github/{file}", f"https://github.com/{file}"]
        assert site.html(f"notebooks/tiny/{framework}").find(id="getting-warmer")


def test_a_notebook_that_is_no_page_of_the_site_is_a_warning(site):
    (site.root / "conf.py").write_text(CONF + "exclude_patterns += ['notebooks/tiny/jax.ipynb']\n")
    warnings = site.build()
    assert "book/tiny.md:5: WARNING: Unknown source document 'notebooks/tiny/jax'" in warnings


def test_there_is_a_panel_for_each_notebook_that_the_chapter_declares(site, save, monkeypatch):
    """A chapter with Keras has four panels, and one without JAX two."""
    save("keras", *sections("keras"))
    site.page(INDEX.replace("notebooks/tiny/jax", "notebooks/tiny/jax\nnotebooks/tiny/keras"), "index")
    for names, titles in {
        ("keras", *FRAMEWORKS): ["PyTorch", "TensorFlow", "JAX", "Keras"],
        ("tensorflow", "pytorch"): ["PyTorch", "TensorFlow"],
    }.items():
        monkeypatch.setattr("triptych.course.CHAPTERS", (Chapter("tiny", notebooks=names),))
        site.page(f"{PAGE}\n```{{checkpoints}}\n```\n")
        later(site.root / "book/tiny.md")
        assert site.build() == ""
        assert list(site.panels()) == titles
        head = site.html().select_one("table.checkpoints tr")
        assert [cell.get_text() for cell in head.select("th")][2:] == titles
    assert "'by': 'keras'" not in str(site.html())


def test_a_chapter_without_panels_and_an_unknown_one_are_located_warnings(site, monkeypatch):
    monkeypatch.setattr("triptych.course.CHAPTERS", (Chapter("tiny", notebooks=("museum",)),))
    assert site.build().startswith(
        "book/tiny.md:5: WARNING: notebooks/tiny: has no panels; its notebooks are: museum"
    )
    site.page(PAGE.replace("warmer\n", "warmer\n:chapter: huge\n"))
    assert "notebooks/huge: no such chapter; there are: tiny" in site.build()


# --- options -------------------------------------------------------------------


def test_frameworks_chooses_panels_and_keeps_their_order(site):
    site.page(PAGE.replace("warmer\n", "warmer\n:frameworks: jax pytorch\n"))
    assert site.build() == ""
    assert list(site.panels()) == ["PyTorch", "JAX"]


def test_an_unknown_framework_is_a_located_warning(site):
    site.page(PAGE.replace("warmer\n", "warmer\n:frameworks: jax caffe\n"))
    assert re.match(
        r"book/tiny\.md:5: WARNING: .*caffe.* no such framework; there are: pytorch", site.build()
    )


def test_chapter_names_another_chapter_than_the_pages(site):
    site.page(PAGE.replace("warmer\n", "warmer\n:chapter: tiny\n"), "book/other")
    site.page(INDEX.replace("book/tiny", "book/tiny\nbook/other"), "index")
    assert site.build() == ""
    assert len(site.panels("book/other")) == 3


def test_a_page_below_the_chapters_folder_belongs_to_the_chapter(site):
    site.page(PAGE, "book/tiny/more")
    site.page(INDEX.replace("book/tiny", "book/tiny\nbook/tiny/more"), "index")
    assert site.build() == ""
    assert len(site.panels("book/tiny/more")) == 3


# --- what is wrong -------------------------------------------------------------


def test_a_missing_heading_is_a_located_warning_that_lists_the_headings(site):
    site.page(PAGE.replace("Getting warmer", "Getting hot"))
    warnings = site.build().splitlines()
    assert len(warnings) == 3
    for framework, warning in zip(FRAMEWORKS, warnings, strict=True):
        assert warning.startswith(
            f"book/tiny.md:5: WARNING: notebooks/tiny/{framework}.ipynb: no section 'Getting hot'; "
            "its sections are: 'Cold start', 'Getting warmer'"
        )
    assert "After." in site.html().get_text()


def test_a_missing_notebook_is_a_located_warning_and_the_others_are_shown(site):
    site.page(INDEX.replace("notebooks/tiny/jax\n", ""), "index")
    (site.root / "notebooks/tiny/jax.ipynb").unlink()
    warnings = site.build()
    assert warnings.startswith("book/tiny.md:5: WARNING: notebooks/tiny/jax.ipynb: no such notebook")
    assert list(site.panels()) == ["PyTorch", "TensorFlow"]


@pytest.mark.parametrize("directive", ["{side-by-side} Getting warmer", "{checkpoints}"])
def test_a_damaged_notebook_is_a_located_warning(site, directive):
    (site.root / "conf.py").write_text(CONF + "exclude_patterns += ['notebooks']\n")
    site.page("# Tiny course\n\n```{toctree}\nbook/tiny\n```\n", "index")
    site.page(PAGE.replace("{side-by-side} Getting warmer", directive))
    (site.root / "notebooks/tiny/jax.ipynb").write_text('{"cells": [')
    assert "book/tiny.md:5: WARNING: notebooks/tiny/jax.ipynb: not JSON" in site.build()
    text = site.html().select_one(".body").get_text()
    assert "TensorFlow" in text and "JAX" not in text


def test_the_warnings_of_another_type_being_silenced_these_are_not(site):
    (site.root / "conf.py").write_text(CONF + "suppress_warnings = ['myst', 'mystnb', 'docutils', 'ref']\n")
    site.page(PAGE.replace("Getting warmer", "Getting hot"))
    assert "no section 'Getting hot'" in site.build()
    (site.root / "conf.py").write_text(CONF + "suppress_warnings = ['triptych.side_by_side']\n")
    assert site.build() == ""  # so the type is the one that the settings would have to name


def test_a_fault_in_a_cell_is_located_in_the_notebook(site, save):
    broken = sections("jax")
    broken[1][0].source += "\n\nSee [nothing](#no-such-place)."
    save("jax", *broken)
    warnings = [line for line in site.build().splitlines() if "no-such-place" in line]
    assert len(warnings) == 2  # from the notebook's own page and from the panel
    assert all(re.match(r"notebooks/tiny/jax\.ipynb:\d+: WARNING", line) for line in warnings)


# --- building again ------------------------------------------------------------


def test_a_page_is_read_again_when_one_of_its_notebooks_changes_and_only_then(site, save):
    site.page("# Apart\n", "apart")
    site.page(INDEX.replace("book/tiny", "book/tiny\napart"), "index")
    site.build()
    site.build()
    assert site.read == []
    later(save("jax", *sections("jax", "{'warm': 3}")))
    site.build()
    assert sorted(site.read) == ["book/tiny", "notebooks/tiny/jax"]
    assert "{'warm': 3}" in site.panels()["JAX"].get_text()


def test_a_page_is_read_again_when_its_missing_notebook_comes(site, save):
    path = site.root / "notebooks/tiny/jax.ipynb"
    text = path.read_text()
    path.unlink()
    site.build()
    path.write_text(text)
    assert site.build() == ""
    assert "JAX" in site.panels()


def test_a_page_is_read_again_when_the_repositorys_address_changes(site):
    site.build()
    config = site.root / "_config.yml"
    config.write_text(config.read_text().replace("example/tiny", "example/moved"))
    later(config)
    site.build()
    assert "github.com/example/moved/" in str(site.panels()["JAX"])


def test_reading_in_parallel_gives_the_same_page(site):
    for number in range(5):  # Sphinx reads in parallel from six pages on
        site.page(PAGE.replace("warmer\n", "warmer\n:chapter: tiny\n"), f"book/more{number}")
    more = "\n".join(f"book/more{number}" for number in range(5))
    site.page(INDEX.replace("book/tiny", f"book/tiny\n{more}"), "index")
    assert site.build(parallel=2) == ""
    texts = [
        [panel.get_text() for panel in site.panels(f"book/{name}").values()] for name in ("tiny", "more4")
    ]
    assert texts[0] == texts[1]
    assert "measure()" in texts[0][2]


# --- ways of showing -----------------------------------------------------------


def parts(panel: Tag) -> list[str]:
    """The text of the divisions between a panel's title and its links."""
    return [part.get_text() for part in panel.find_all("div", recursive=False)]


def test_a_checkpoint_is_a_part_of_its_own_so_that_it_can_stand_in_a_row(site):
    site.build()
    assert "lined-up" in site.html().select_one(".side-by-side")["class"]
    for framework, panel in zip(FRAMEWORKS, site.panels().values(), strict=True):
        before, checkpoint, after = parts(panel)
        assert "A question." in before and "measure()" not in before
        assert "measure()" in checkpoint and f"'by': '{framework}'" in checkpoint
        assert after.strip() == ""


def test_panels_of_which_one_has_no_checkpoint_are_not_lined_up(site, save):
    cold, (question, _) = sections("jax")
    save("jax", cold, [question], normalise=False)
    site.build()
    assert "lined-up" not in site.html().select_one(".side-by-side")["class"]
    assert [len(parts(panel)) for panel in site.panels().values()] == [1, 1, 1]


def source(suffix: str) -> str:
    return Path(panels.__file__).with_suffix(suffix).read_text()


def test_only_what_the_script_sets_hides_a_panel_and_it_can_hide_each(site):
    site.build()
    assert not [key for key in site.html().html.attrs if key in ("data-panels", "data-hidden")]
    for part in site.html().select(".side-by-side, .side-by-side *"):
        assert "hidden" not in part.attrs and "display" not in part.get("style", "")
    sheet = re.sub(r"/\*.*?\*/", "", source(".css"), flags=re.DOTALL)
    hiding = [rule.split("}")[-1] for rule in sheet.split("{ display: none")[:-1]]
    assert hiding
    for selector in ",".join(hiding).split(","):
        assert "html[data-hidden~=" in selector or "html[data-folded~=" in selector
    assert re.findall(r'data-hidden~="(\w+)"\] \S+ > \.(\w+)', sheet) == [(name, name) for name in PANELS]


def test_on_paper_each_panel_that_is_not_chosen_can_be_hidden():
    sheet = Path(panels.__file__).with_name("print.css").read_text()
    assert re.findall(r'data-unchosen~="(\w+)"\] \S+ > \.(\w+)', sheet) == [(name, name) for name in PANELS]


def test_the_style_sheet_comes_after_the_theme(site):
    site.build()
    sheets = [
        Path(link["href"].partition("?")[0]).name for link in site.html().find_all("link", rel="stylesheet")
    ]
    assert sheets.index("panels.css") > sheets.index("sphinx-design.min.css")
    assert (site.root / "_build/html/_static/panels.css").is_file()


def test_only_pages_with_panels_load_the_scripts_which_are_told_the_frameworks(site):
    site.page(PAGE.replace("warmer\n", "warmer\n:chapter: tiny\n:frameworks: jax pytorch\n"), "book/other")
    site.page(INDEX.replace("book/tiny", "book/tiny\nbook/other"), "index")
    site.build()
    for page, frameworks in {"book/tiny": "pytorch tensorflow jax", "book/other": "pytorch jax"}.items():
        scripts = [
            Path(tag["src"].partition("?")[0]).name for tag in site.html(page).select("head script[src]")
        ]
        ours = [name for name in scripts if name in ("choice.js", "columns.js", "panels.js")]
        assert ours == ["choice.js", "columns.js", "panels.js"]
        assert site.html(page).select_one("script[src*='panels.js']")["data-frameworks"] == frameworks
    for page in ("index", "notebooks/tiny/jax"):
        assert not site.html(page).select("script[src*='panels.js'], script[src*='choice.js']")


@pytest.mark.parametrize("builder", ["text", "latex", "gettext"])
def test_other_builders_show_every_panel(site, builder):
    site.page(PAGE + "\n```{checkpoints}\n```\n")
    warnings = site.build(builder)
    assert "triptych" not in warnings and "Traceback" not in warnings
    if builder == "text":
        text = (site.root / "_build/text/book/tiny.txt").read_text()
        places = [text.index(f"'by': '{framework}'") for framework in FRAMEWORKS]
        assert places == sorted(places)


def test_the_colours_are_those_of_the_frameworks_and_can_be_seen(site):
    site.build()
    sheet = (site.root / "_build/html/_static/palette.css").read_text()
    assert site.html().select("link[href*='palette.css']")
    light, dark = sheet.split("html[data-theme")
    for name, panel in PANELS.items():
        assert f"--triptych-{name}: {panel.colour};" in light
        assert f"--triptych-{name}: {panel.dark};" in dark
        # As WCAG asks of what is no text: 3 to 1, on the theme's grounds.
        assert contrast(panel.colour, "#ffffff") >= 3
        assert contrast(panel.dark, "#121212") >= 3


def test_only_the_components_own_files_come_into_the_site(site):
    site.build()
    static = site.root / "_build/html/_static"
    assert not [*static.rglob("*.py"), *static.rglob("page.html")]
    assert (static / "matrix.css").is_file()
