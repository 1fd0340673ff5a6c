"""The directive of the page that reads a drawn digit, on a small real site built by Sphinx itself."""

from __future__ import annotations

import pytest

from support.small_site import CONF, Site, later
from triptych.course import Course
from triptych.dev import model_exports as exports
from triptych.frameworks import FRAMEWORKS
from triptych.site.draw_a_digit import directive

DRAW = "# Draw\n\nBefore.\n\n```{draw-a-digit}\n```\n"
INDEX = "# Tiny\n\n```{toctree}\nbook/deployment/draw\n```\n"


@pytest.fixture
def tiny(course, tmp_path, monkeypatch) -> Site:
    """A course with the page, three models and a package: their content does not matter here."""
    site = Site(course)
    site.package = tmp_path / "npm/onnxruntime-web"
    (site.package / "dist").mkdir(parents=True)
    (site.package / "package.json").write_text('{"version": "1.2.3"}')
    for name in directive.FILES:
        (site.package / "dist" / name).write_text(name)
    for framework in FRAMEWORKS:
        path = exports.model_path(course, framework)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(framework)
    monkeypatch.setattr(directive, "npm_package", lambda name: site.package)
    (site.root / "conf.py").write_text(CONF + "exclude_patterns += ['npm']\n")
    site.page(INDEX, "index")
    site.page(DRAW, "book/deployment/draw")
    return site


def shown(site: Site):
    return site.html("book/deployment/draw")


def test_the_page_brings_its_two_files_its_models_and_its_script_and_other_pages_do_not(tiny):
    assert tiny.build() == ""
    static = tiny.root / "_build/html/_static"
    assert sorted(path.name for path in (static / "onnxruntime-web").iterdir()) == sorted(directive.FILES)
    assert (static / "digits/digits-jax.onnx").read_text() == "jax"
    assert "ONNX Runtime Web 1.2.3" in shown(tiny).get_text()
    assert [box["value"] for box in shown(tiny).select("input[name=framework]")] == list(FRAMEWORKS)
    sources = [script["src"] for script in shown(tiny).select("script[src]")]
    ours = [src for src in sources if "rasteriser.js" in src or "draw-a-digit.js" in src]
    assert "rasteriser.js" in ours[0] and "draw-a-digit.js" in ours[1]
    for kind in ("script[src*='draw-a-digit.js']", "link[href*='draw-a-digit.css']"):
        assert len(shown(tiny).select(kind)) == 1
        assert tiny.html("index").select(kind) == []


def test_without_the_package_the_page_says_how_to_bring_it_and_the_build_goes_on(tiny, monkeypatch):
    told = []
    monkeypatch.setattr(directive.LOGGER, "info", told.append)
    package = tiny.package.rename(tiny.package.with_name("elsewhere"))
    assert tiny.build() == ""
    assert len(told) == 1 and "ONNX Runtime Web" in told[0] and "make extras" in told[0]
    note = shown(tiny).select_one(".draw-a-digit-missing").get_text()
    assert "make extras" in note and "npm install --prefix" in note
    assert shown(tiny).select("canvas, script[src*='draw-a-digit.js']") == []
    assert not (tiny.root / "_build/html/_static/onnxruntime-web").exists()
    package.rename(tiny.package)
    assert tiny.build() == ""  # and the page is read again when it comes
    assert len(shown(tiny).select("canvas")) == 2


def test_a_missing_model_is_a_warning_at_the_directives_line_and_the_others_are_offered(tiny):
    exports.model_path(Course(tiny.root), "jax").unlink()
    assert tiny.build() == (
        "book/deployment/draw.md:5: WARNING: book/_static/digits/digits-jax.onnx: no such model; "
        "`triptych exports` makes it\n"
    )
    assert [box["value"] for box in shown(tiny).select("input[name=framework]")] == ["pytorch", "tensorflow"]


def test_a_model_that_changes_is_brought_again_under_another_address(tiny):
    tiny.build()
    first = shown(tiny).select_one("input[value=jax]")["data-model"]
    path = exports.model_path(Course(tiny.root), "jax")
    path.write_text("trained anew")
    later(path)
    tiny.build()
    assert shown(tiny).select_one("input[value=jax]")["data-model"] != first
    assert (tiny.root / "_build/html/_static/digits/digits-jax.onnx").read_text() == "trained anew"


@pytest.mark.parametrize("builder", ["text", "latex", "gettext"])
def test_other_builders_pass_over_it(tiny, builder):
    warnings = tiny.build(builder)
    assert "triptych" not in warnings and "Traceback" not in warnings
