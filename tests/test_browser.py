"""The site in a real browser: accessibility, panels, menus, search, requests."""

from __future__ import annotations

import gzip
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe

PAGES = {
    "front": "book/index.html",
    "chapter": "book/graphs.html",
    "panels": "book/graphs/tracing.html",
    "notebook": "notebooks/graphs/pytorch.html",
    "exercise": "exercises/graphs/jax.html",
    "guide": "book/guides/instructor.html",
    "search": "search.html?q=retracing",
}
WIDTHS = {390: 844, 1440: 900, 1920: 1080}
PANELS = ".side-by-side"


@pytest.fixture
def visit(browser, address):
    """``visit("book/graphs.html", width=390)`` opens a page in a browser of its own."""
    contexts = []

    def visit(path, width=1440, theme="light", javascript=True, context=None):
        if context is None:
            context = browser.new_context(
                viewport={"width": width, "height": WIDTHS.get(width, 900)},
                color_scheme=theme,
                java_script_enabled=javascript,
                reduced_motion="reduce",
            )
            contexts.append(context)
        page = context.new_page()
        page.faults = []
        page.on(
            "console", lambda message: page.faults.append(message.text) if message.type == "error" else None
        )
        page.on("pageerror", lambda error: page.faults.append(str(error)))
        page.loaded = []
        page.on("request", lambda request: page.loaded.append(request.url))
        page.goto(f"{address}/{path}", wait_until="networkidle")
        return page

    yield visit
    for context in contexts:
        context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_no_violation(visit, name, width, theme):
    page = visit(PAGES[name], width, theme)
    assert page.evaluate("document.documentElement.dataset.theme") == theme
    found = [
        f"{rule['id']}: {node['html'][:120]}"
        for rule in Axe().run(page).response["violations"]
        for node in rule["nodes"]
    ]
    assert found == []


@pytest.mark.parametrize("name", PAGES)
def test_a_page_asks_nothing_of_other_hosts_and_logs_no_error(visit, address, name):
    page = visit(PAGES[name])
    host = urlsplit(address).netloc
    assert [url for url in page.loaded if urlsplit(url).netloc != host and not url.startswith("data:")] == []
    assert len(page.loaded) > 3
    assert page.faults == []


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_not_wider_than_the_window(visit, name, width):
    page = visit(PAGES[name], width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_first_visit_is_below_one_and_a_half_megabytes(visit, address, site):
    page = visit(PAGES["front"])
    files = {urlsplit(url).path.lstrip("/") for url in page.loaded if url.startswith(address)}
    total = sum(len(gzip.compress((site / name).read_bytes())) for name in files if (site / name).is_file())
    assert 100_000 < total < 1_500_000, total


def shown(page):
    """The text of the panels of the page's first comparison that can be seen, shortened."""
    panels = page.locator(PANELS).first.locator(".sd-tab-content")
    return [i for i in range(panels.count()) if panels.nth(i).is_visible()]


def as_tabs(page):
    """Show tabs where the window is wide enough for columns."""
    button = page.get_by_role("button", name="Show as tabs")
    if button.count() and button.first.is_visible():
        button.first.click()


def test_the_chosen_tab_is_kept_on_the_page_and_on_other_pages(visit):
    page = visit(PAGES["panels"], 1024)
    assert shown(page) == [0]
    page.locator(PANELS).first.get_by_text("JAX", exact=True).click()
    assert shown(page) == [2]
    last = page.locator(PANELS).last.locator(".sd-tab-content")
    assert [last.nth(i).is_visible() for i in range(3)] == [False, False, True]
    other = visit(PAGES["front"], context=page.context)
    assert shown(other) == [2]


def test_the_address_chooses_the_tab(visit):
    page = visit(PAGES["panels"] + "?framework=tensorflow", 1024)
    assert shown(page) == [1]


def test_arrow_keys_move_between_the_tabs(visit):
    page = visit(PAGES["panels"], 1024)
    page.locator(PANELS).first.locator("input").first.focus()
    page.keyboard.press("ArrowRight")
    assert shown(page) == [1]


@pytest.mark.parametrize("width", [390, 1024])
def test_below_1400_pixels_there_are_tabs_and_no_switch(visit, width):
    page = visit(PAGES["panels"], width)
    assert shown(page) == [0]
    assert not page.get_by_role("button", name="Show as tabs").first.is_visible()


def test_from_1400_pixels_there_are_columns_and_the_switch_is_remembered(visit):
    page = visit(PAGES["panels"], 1440)
    assert shown(page) == [0, 1, 2]
    panels = page.locator(PANELS).first.locator(".sd-tab-content")
    boxes = [panels.nth(i).bounding_box() for i in range(3)]
    assert len({round(box["y"]) for box in boxes}) == 1
    assert boxes[0]["x"] + boxes[0]["width"] <= boxes[1]["x"]
    assert boxes[1]["x"] + boxes[1]["width"] <= boxes[2]["x"]
    as_tabs(page)
    assert shown(page) == [0]
    again = visit(PAGES["panels"], context=page.context)
    assert shown(again) == [0]
    again.get_by_role("button", name="Show in columns").first.click()
    assert shown(again) == [0, 1, 2]


def test_without_javascript_every_panel_can_be_read(visit):
    for width in (390, 1440):
        assert shown(visit(PAGES["panels"], width, javascript=False)) == [0, 1, 2]


def test_a_panel_links_to_its_notebook_at_the_section(visit):
    page = visit(PAGES["panels"] + "?framework=jax", 1024)
    panel = page.locator(PANELS).nth(3).locator(".sd-tab-content").nth(2)
    panel.locator("a[href*='notebooks/graphs/jax.html#']").click()
    page.wait_for_url("**/notebooks/graphs/jax.html#retracing-and-its-price")
    assert page.locator("#retracing-and-its-price").is_visible()


def test_the_menu_opens_on_a_phone(visit):
    page = visit(PAGES["panels"], 390)
    link = page.locator(".bd-sidebar-primary a", has_text="Graphs in JAX").first
    assert not link.is_visible()
    page.locator("button.primary-toggle:visible, .primary-toggle:visible").first.click()
    link.wait_for(state="visible", timeout=5000)


def test_search_finds_retracing(visit):
    page = visit(PAGES["search"])
    page.locator("#search-results li a").first.wait_for(timeout=20_000)
    results = page.locator("#search-results li a").all_inner_texts()
    assert any("Graphs" in text for text in results), results


def test_the_page_prints_its_prediction_answers_folded(visit):
    page = visit(PAGES["panels"], 1024)
    answers = page.locator("details.sd-dropdown")
    assert answers.count() == 4
    first = answers.first
    assert first.get_attribute("open") is None
    first.locator("summary").click()
    assert first.locator(".sd-card-body").is_visible()
