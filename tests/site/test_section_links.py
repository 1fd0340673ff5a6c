"""The landing frame and a section's own links, on the course's own site."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup

from support import ROOT
from support.small_site import frame
from support.visits import visits
from triptych.course import Course

CHAPTERS = Course(ROOT).chapters
KINDS = ["book/graphs", "book/graphs/tracing", "notebooks/graphs/jax", "exercises/graphs/jax"]
PAGES = [
    path.relative_to(ROOT).with_suffix("").as_posix()
    for chapter in CHAPTERS
    for pattern in (f"book/{chapter.name}.md", f"book/{chapter.name}/*.md", f"*s/{chapter.name}/*.ipynb")
    for path in sorted(ROOT.glob(pattern))
    if "solutions" not in path.parts
]
TRACING = "book/graphs/tracing.html"
PUBLISHED = "https://triptych-course.github.io/triptych/"


@pytest.mark.parametrize(
    "name", [*KINDS, *(pytest.param(page, marks=pytest.mark.slow) for page in PAGES if page not in KINDS)]
)
def test_every_page_of_a_chapter_is_framed_and_its_sections_can_be_reported(site, name):
    page = BeautifulSoup((site / f"{name}.html").read_text(encoding="utf-8"), "html.parser")
    told = frame(page)
    assert list(told)[:2] == ["For you if", "Before"]
    assert "Passed with" in told["Checked"]
    assert "Next" in told or name.startswith(f"exercises/{CHAPTERS[-1].name}/")
    headings = page.select("article h2")
    assert len(page.select(".section-report a")) == len(headings)
    assert headings or name.endswith("/articles")


@pytest.fixture
def visit(browser, address):
    with visits(browser, address) as visit:
        yield visit


def opacity(link) -> str:
    return link.evaluate("e => getComputedStyle(e).opacity")


def clipboard(page) -> str:
    """What was copied, as a field that it is pasted into has it."""
    page.evaluate("document.body.prepend(document.createElement('textarea'))")
    page.locator("textarea").first.focus()
    page.keyboard.press("Control+V")
    return page.locator("textarea").first.input_value()


@pytest.mark.parametrize("from_disk", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_a_section_is_reported_and_its_published_address_copied_by_mouse_and_by_keyboard(
    visit, site, from_disk
):
    page = visit(TRACING, at=site.as_uri()) if from_disk else visit(TRACING)
    link, report = page.locator("h2 > a.headerlink").first, page.locator(".section-report").first
    assert (opacity(link), opacity(report)) == ("0", "0")
    page.locator(".bd-article h2").first.hover()
    assert (opacity(link), opacity(report)) == ("1", "1")
    page.mouse.move(0, 0)
    report.locator("a").focus()
    assert opacity(report) == "1"
    link.focus()
    assert opacity(link) == "1"
    page.keyboard.press("Enter")
    page.wait_for_selector("a.headerlink[data-copied]")
    assert page.get_by_role("status").filter(has_text="Address copied").count() == 1
    assert page.url.endswith(f"{TRACING}#eager-by-default")
    assert clipboard(page) == f"{PUBLISHED}{TRACING}#eager-by-default"
    assert page.faults == []


@pytest.mark.slow
def test_without_the_clipboard_the_address_is_copied_all_the_same(visit):
    page = visit(TRACING)
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(); }")
    page.locator("h2 > a.headerlink").nth(1).click(force=True)
    page.wait_for_selector("a.headerlink[data-copied]")
    assert clipboard(page) == f"{PUBLISHED}{TRACING}#the-same-function-as-a-graph"


@pytest.mark.slow
def test_without_javascript_the_link_is_a_link(visit):
    page = visit(TRACING, javascript=False)
    link = page.locator("h2 > a.headerlink").first
    assert link.get_attribute("href") == "#eager-by-default"
    link.focus()
    assert opacity(link) == "1"


@pytest.mark.slow
def test_on_a_phone_a_section_shows_its_links(browser, address):
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto(f"{address}/{TRACING}")
    for name in (".section-report", ".bd-article h2 > a.headerlink"):
        assert opacity(page.locator(name).first) == "1"
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    context.close()
