"""The site in a real browser: accessibility, menus, search, requests; panels: test_panels_browser.py."""

from __future__ import annotations

import gzip
import itertools
from urllib.parse import urlsplit

import pytest

from support.visits import WIDTHS, violations, visits

PAGES = {
    "front": "book/index.html",
    "chapter": "book/graphs.html",
    "panels": "book/graphs/tracing.html",
    "notebook": "notebooks/graphs/pytorch.html",
    "exercise": "exercises/graphs/jax.html",
    "guide": "book/guides/instructor.html",
    "glossary": "book/glossary.html",
    "ledger": "book/claims.html?chapter=graphs&verdict=wrong",  # axe takes long for all the rows
    "claims": "book/graphs/articles.html?article=four-frameworks",
    "search": "search.html?q=retracing",
}
LEDGER, CLAIMS = "book/claims.html", "book/graphs/articles.html"


@pytest.fixture
def visit(browser, address):
    with visits(browser, address) as visit:
        yield visit


#: Of three kinds of pages one width and theme, so that each width and theme is in the quick lane.
SAMPLE = {
    (name, list(WIDTHS)[number], ["light", "dark"][number % 2])
    for number, name in enumerate(("front", "panels", "claims"))
}


def sweep(*axes):
    """Every combination of these; all that is not in the sample is slow."""
    sampled = {case[: len(axes)] for case in SAMPLE}
    return [
        pytest.param(*case, marks=() if case in sampled else pytest.mark.slow)
        for case in itertools.product(*axes)
    ]


@pytest.mark.parametrize(("name", "width", "theme"), sweep(PAGES, WIDTHS, ["light", "dark"]))
def test_axe_finds_no_violation(visit, name, width, theme):
    page = visit(PAGES[name], width, theme)
    assert page.evaluate("document.documentElement.dataset.theme") == theme
    assert violations(page) == []


QUICKLY = {"front", "panels", "notebook", "claims"}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in QUICKLY else pytest.mark.slow) for name in PAGES]
)
def test_a_page_asks_nothing_of_other_hosts_and_logs_no_error(visit, address, name):
    page = visit(PAGES[name])
    host = urlsplit(address).netloc
    assert [url for url in page.loaded if urlsplit(url).netloc != host and not url.startswith("data:")] == []
    assert len(page.loaded) > 3
    assert page.faults == []


@pytest.mark.parametrize(("name", "width"), sweep(PAGES, WIDTHS))
def test_a_page_is_not_wider_than_the_window(visit, name, width):
    page = visit(PAGES[name], width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_first_visit_is_below_one_megabyte(visit, address, site):
    """The front page with all that it loads, compressed as servers do: two seconds at 4 Mbit/s."""
    page = visit(PAGES["front"])
    files = {urlsplit(url).path.lstrip("/") for url in page.loaded if url.startswith(address)}
    total = sum(len(gzip.compress((site / name).read_bytes())) for name in files if (site / name).is_file())
    assert 100_000 < total < 1_000_000, total


def test_the_menu_opens_on_a_phone(visit):
    page = visit(PAGES["panels"], 390)
    link = page.locator(".bd-sidebar-primary a", has_text="Graphs in JAX").first
    assert not link.is_visible()
    page.locator("button.primary-toggle:visible, .primary-toggle:visible").first.click()
    link.wait_for(state="visible", timeout=5000)


def test_the_page_prints_its_prediction_answers_folded(visit):
    page = visit(PAGES["panels"], 1024)
    answers = page.locator("details.sd-dropdown")
    assert answers.count() == 4
    first = answers.first
    assert first.get_attribute("open") is None
    first.locator("summary").click()
    assert first.locator(".sd-card-body").is_visible()


@pytest.mark.slow
def test_a_drawing_is_dark_on_a_dark_screen_and_light_on_paper(visit):
    page = visit(PAGES["chapter"], theme="dark")
    drawings = {ground: page.locator(f".bd-article img.only-{ground}").first for ground in ("light", "dark")}
    assert [drawing.is_visible() for drawing in drawings.values()] == [False, True]
    page.emulate_media(media="print")
    assert [drawing.is_visible() for drawing in drawings.values()] == [True, False]


# --- the ledger -----------------------------------------------------------------


def claims(page):
    """The rows of the page's table of claims that can be seen, as text."""
    rows = page.locator("table.claims tbody tr")
    return page.evaluate(
        "rows => rows.filter(r => r.offsetParent).map(r => r.innerText)", rows.element_handles()
    )


def query(page):
    return urlsplit(page.url).query


@pytest.mark.slow
def test_words_filter_the_claims_the_address_keeps_them_and_the_number_is_told(visit):
    page = visit(LEDGER)
    total = len(claims(page))
    page.get_by_label("Words").fill("TF.function")
    found = claims(page)
    assert 0 < len(found) < 50 < total
    assert all("tf.function" in row for row in found)
    assert page.get_by_role("status").inner_text() == f"{len(found)} of {total} claims"
    assert query(page) == "words=TF.function"
    page.get_by_role("button", name="Clear").click()
    assert (len(claims(page)), query(page)) == (total, "")


@pytest.mark.parametrize("width", [pytest.param(390, marks=pytest.mark.slow), 1440])
def test_boxes_filter_the_claims_and_add_up(visit, width):
    page = visit(LEDGER, width)
    page.get_by_label("Verdict").select_option("wrong")
    wrong = len(claims(page))
    page.get_by_label("Chapter").select_option("graphs")
    found = claims(page)
    assert 0 < len(found) < wrong
    assert all("wrong" in row and "Graphs" in row for row in found)
    assert query(page) == "chapter=graphs&verdict=wrong"


@pytest.mark.slow
def test_the_address_filters_and_a_visit_to_a_row_and_back_keeps_the_choice(visit):
    page = visit(LEDGER + "?verdict=wrong,outdated&system=tensorflow&framework=jax")
    found = claims(page)
    assert found and all(("wrong" in row or "outdated" in row) and "TensorFlow" in row for row in found)
    assert page.get_by_label("Verdict").input_value() == "wrong,outdated"
    page.locator("table.claims tbody tr:visible a").first.click()
    page.wait_for_url("**#claim-*")
    assert page.locator("tr:target").is_visible()
    page.go_back()
    assert page.get_by_label("System").input_value() == "tensorflow"
    assert claims(page) == found


@pytest.mark.slow
def test_an_address_that_asks_for_what_there_is_not_shows_every_claim(visit):
    page = visit(CLAIMS + "?verdict=nonsense&system=caffe")
    assert len(claims(page)) == page.locator("table.claims tbody tr").count()
    assert page.faults == []


def test_a_link_to_a_claim_shows_it_whatever_is_chosen(visit):
    page = visit(CLAIMS)
    last = page.locator("table.claims tbody tr").last.get_attribute("id")
    page = visit(f"{CLAIMS}?words=no-such-words#{last}")
    assert page.locator(f"#{last}").is_visible()
    assert query(page) == ""


@pytest.mark.slow
def test_what_is_wrong_about_tf_function_is_two_clicks_from_the_front_page(visit):
    page = visit(PAGES["front"])
    page.locator(".bd-sidebar-primary a", has_text="The ledger").first.click()
    page.locator(".bd-article a", has_text="what do they get wrong about it").click()
    page.wait_for_url("**words=tf.function**")
    found = claims(page)
    assert found and all("tf.function" in row and ("wrong" in row or "outdated" in row) for row in found)


@pytest.mark.slow
def test_the_filter_is_used_by_keyboard_alone(visit):
    page = visit(CLAIMS)
    page.get_by_label("Words").focus()
    page.keyboard.type("retrac")
    page.keyboard.press("Enter")  # sends no form
    found = claims(page)
    assert found and query(page) == "words=retrac"
    for _ in range(4):
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Clear"
    page.keyboard.press("Enter")
    assert len(claims(page)) > len(found)


def test_without_javascript_every_claim_is_there_and_no_dead_box(visit):
    for path in (LEDGER, CLAIMS):
        page = visit(f"{path}?verdict=wrong", javascript=False)
        rows = page.locator("table.claims tbody tr")
        assert rows.count() > 90 and rows.last.is_visible() and rows.first.is_visible()
        assert page.locator(".claims-filter").count() == 0
