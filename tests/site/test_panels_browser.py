"""Panels in a real browser: which are shown, in how many columns, and that no line of code is cut off."""

from __future__ import annotations

import functools
import itertools
import json
import re
import threading
import time
from http.server import ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest

from support import QuietHandler
from support.visits import violations, visits
from triptych.frameworks import FRAMEWORKS

CHAPTER, OTHER, STEADY = "book/graphs/tracing.html", "book/graphs/control-flow.html", "book/graphs/state.html"
TITLES = [panel.title for panel in FRAMEWORKS.values()]
#: The widths of screens on which no line may be cut off, and how many columns fit.
COLUMNS = {1280: 2, 1366: 2, 1440: 3, 1536: 3, 1680: 3, 1920: 3}
KEY = "triptych-panels"

#: The blocks of code and output that can be seen and are cut off: their first lines.
CUT_OFF = """() => [...document.querySelectorAll(".bd-article pre")].filter((pre) => {
  if (!pre.checkVisibility()) return false;
  for (let box = pre; !box.matches(".cell, section"); box = box.parentElement)
    if (box.scrollWidth > box.clientWidth) return true;
  return pre.getBoundingClientRect().right > document.documentElement.clientWidth;
}).map((pre) => pre.textContent.slice(0, 60))"""

UNFOLD = "document.querySelectorAll('details').forEach((fold) => { fold.open = true; })"

#: How much of the page has moved down or up, or within the article, since it was first drawn, as
#: browsers count it. (The theme's own buttons move sideways when its script comes.)
SHIFTS = """() => new Promise((done) => {
  const ours = (shift) => shift.sources.some(({ node, previousRect, currentRect }) =>
    previousRect.y !== currentRect.y || node?.parentElement?.closest(".bd-article"));
  new PerformanceObserver((list) =>
    done(list.getEntries().filter(ours).reduce((sum, shift) => sum + shift.value, 0)))
    .observe({ type: "layout-shift", buffered: true });
  setTimeout(() => done(0), 100);
})"""


@pytest.fixture(scope="module")
def page(browser):
    """One page for all of this file: most of what a visit costs is a new window."""
    context = browser.new_context(reduced_motion="reduce")
    context.route("**/favicon.ico", lambda route: route.fulfill(body=""))  # which a style sheet has not
    page = context.new_page()
    page.on("console", lambda line: page.faults.append(line.text) if line.type == "error" else None)
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    yield page
    context.close()


@pytest.fixture
def visit(page, address):
    """``visit(path, 1366, stored)``: as a reader's first visit, but for what the site has ``stored``."""

    def visit(path: str, width: int = 1440, stored: str | None = None) -> None:
        page.faults = []
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(f"{address}/_static/panels.css")
        page.evaluate("localStorage.clear()")
        if stored is not None:
            page.evaluate(f"localStorage.setItem('{KEY}', {json.dumps(stored)})")
        page.goto(f"{address}/{path}", wait_until="load")

    return visit


@pytest.fixture
def go_on(page, address):
    """Another page, with what the site has stored by now."""
    return lambda path: page.goto(f"{address}/{path}", wait_until="load")


def choice(*frameworks: str) -> str:
    return json.dumps({"version": 1, "frameworks": frameworks})


def shown(page, number: int = 0) -> list[str]:
    """The titles of the panels of the page's ``number``-th set that can be seen."""
    return page.evaluate(
        "n => [...document.querySelectorAll('.side-by-side')[n].children]"
        ".filter(panel => panel.getClientRects().length).map(panel => panel.firstElementChild.innerText)",
        number,
    )


def pressed(page) -> list[str]:
    return page.locator(".side-by-side-switches").get_by_role("button", pressed=True).all_inner_texts()


def press(page, title: str) -> None:
    page.get_by_role("button", name=title, exact=True).click()


def resize(page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


# --- what fits -----------------------------------------------------------------


@pytest.mark.parametrize(
    "number", [pytest.param(1, marks=pytest.mark.slow), 2, pytest.param(3, marks=pytest.mark.slow)]
)
def test_no_line_of_a_chapters_page_is_cut_off(visit, page, number):
    visit(f"{CHAPTER}?framework={','.join([*FRAMEWORKS][-number:])}")
    for width in (1280, 1440):
        resize(page, width)
        assert len(shown(page)) == min(number, COLUMNS[width])
        page.evaluate(UNFOLD)
        assert page.evaluate(CUT_OFF) == []


@pytest.mark.slow
@pytest.mark.parametrize("folder", ["book", "notebooks", "exercises"])
def test_no_line_of_any_page_is_cut_off(page, go_on, visit, site, folder):
    """Code has at most 60 characters a line, which fit; a line that is longer goes on below itself."""
    visit(CHAPTER, stored=choice(*FRAMEWORKS))
    cut, seen = {}, 0
    for path in sorted(str(page.relative_to(site)) for page in (site / folder).rglob("*.html")):
        go_on(path)
        page.evaluate(UNFOLD)
        for width in COLUMNS:
            resize(page, width)
            seen += page.locator(".bd-article pre").count()
            if found := page.evaluate(CUT_OFF):
                cut[path, width] = found
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            if page.locator(".side-by-side").count():
                assert page.evaluate("document.documentElement.dataset.panels") == str(COLUMNS[width])
    assert seen > 300
    assert cut == {}


@pytest.mark.slow
def test_the_type_is_not_small_and_is_the_same_in_all_columns(visit, page):
    visit(CHAPTER)
    for width in COLUMNS:
        resize(page, width)
        sizes = page.evaluate(
            "[...document.querySelectorAll('.side-by-side pre')].filter(p => p.getClientRects().length)"
            ".map(p => parseFloat(getComputedStyle(p).fontSize))"
        )
        assert len({round(size, 2) for size in sizes}) == 1
        assert 11.5 <= sizes[0] <= 14


def test_panels_stand_beside_each_other_in_their_order_with_their_checkpoints_in_a_row(visit, page):
    visit(f"{CHAPTER}?framework=jax,pytorch", 1366)
    assert shown(page) == ["PyTorch", "JAX"]
    for one in page.locator(".side-by-side").all():
        left, right = [panel.bounding_box() for panel in one.locator("> div:visible").all()]
        assert left["y"] == right["y"] and left["x"] + left["width"] < right["x"]
        rows = [cell.bounding_box()["y"] for cell in one.locator(".tag_checkpoint:visible").all()]
        assert len(rows) == 2 and abs(rows[0] - rows[1]) < 1


def test_the_side_bars_fold_when_columns_need_the_room_and_come_back(visit, page):
    visit(CHAPTER, 1440)
    navigation, contents = page.locator("#pst-primary-sidebar"), page.locator("#pst-secondary-sidebar")
    assert (navigation.is_visible(), contents.is_visible()) == (False, False)
    press(page, "TensorFlow")
    assert (navigation.is_visible(), contents.is_visible()) == (True, False)
    press(page, "JAX")
    assert (navigation.is_visible(), contents.is_visible()) == (True, True)


@pytest.mark.slow
def test_a_folded_side_bar_is_shown_over_the_page_by_its_button_and_by_keyboard(visit, page):
    visit(CHAPTER, 1440)
    before = page.locator(".side-by-side").first.bounding_box()
    for button, link in {
        ".primary-toggle": "Autodiff",
        ".secondary-toggle": "What runs at trace time",
    }.items():
        for _ in range(2):
            page.locator(f"{button}:visible").focus()
            page.keyboard.press("Enter")
            dialog = page.locator("dialog[open]")
            assert dialog.get_by_role("link", name=link).is_visible()
            box = dialog.bounding_box()
            assert box["y"] == 0 and 0 < box["width"] < 400 and box["height"] == 900
            assert page.locator(".side-by-side").first.bounding_box() == before
            page.keyboard.press("Escape")
            assert page.locator("dialog[open]").count() == 0
            assert page.evaluate("document.activeElement.className").find(button[1:]) > 0


@pytest.mark.slow
def test_a_wider_window_shows_more_and_a_narrower_one_less(visit, page):
    visit(CHAPTER, 1920)
    for width, titles in {
        1366: ["PyTorch", "TensorFlow"],
        390: ["PyTorch"],
        1440: ["PyTorch", "TensorFlow", "JAX"],
    }.items():
        resize(page, width)
        assert shown(page) == titles == pressed(page)


# --- the choice ----------------------------------------------------------------


def test_a_switch_shows_and_hides_its_panel_on_the_whole_page(visit, page):
    visit(CHAPTER, 1440)
    assert pressed(page) == shown(page) == ["PyTorch", "TensorFlow", "JAX"]
    press(page, "TensorFlow")
    assert pressed(page) == shown(page) == shown(page, 3) == ["PyTorch", "JAX"]
    press(page, "PyTorch")
    press(page, "JAX")  # the last one stays
    assert pressed(page) == shown(page) == ["JAX"]
    assert page.locator(".bd-article-container").bounding_box()["width"] <= 800  # a text's width


@pytest.mark.slow
def test_where_two_fit_the_third_is_one_press_away(visit, page):
    visit(CHAPTER, 1366)
    assert shown(page) == ["PyTorch", "TensorFlow"]
    press(page, "JAX")
    assert pressed(page) == shown(page) == ["PyTorch", "JAX"]
    resize(page, 1440)
    assert shown(page) == ["PyTorch", "TensorFlow", "JAX"]  # which had only made room


def test_on_a_phone_one_panel_is_shown_and_each_other_is_one_press_away(visit, page):
    visit(CHAPTER, 390)
    for title in ("JAX", "PyTorch", "TensorFlow"):
        press(page, title)
        assert pressed(page) == shown(page) == [title]
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_choice_is_remembered_on_other_pages_and_stands_in_the_address(visit, page, go_on):
    visit(f"{CHAPTER}?x=1#eager-by-default", 1440)
    press(page, "TensorFlow")
    there = urlsplit(page.url)
    assert (there.query, there.fragment) == ("x=1&framework=pytorch,jax", "eager-by-default")
    go_on(OTHER)
    assert shown(page) == ["PyTorch", "JAX"] and not urlsplit(page.url).query


def test_an_address_chooses_for_this_page_and_the_next(visit, page, go_on):
    visit(f"{CHAPTER}?framework=jax,tensorflow", 1440)
    assert shown(page) == ["TensorFlow", "JAX"]
    go_on(OTHER)
    assert shown(page) == ["TensorFlow", "JAX"]


def test_an_address_that_asks_for_what_there_is_not_is_told_so(visit, page):
    visit(f"{CHAPTER}?framework=caffe,,jax,JAX", stored=choice("tensorflow"))
    assert shown(page) == ["JAX"]
    told = page.get_by_role("status").filter(has_text="caffe")
    assert told.inner_text() == "This page has no panels for “caffe”. It has PyTorch, TensorFlow and JAX."
    assert page.faults == []
    press(page, "PyTorch")
    assert told.count() == 0


@pytest.mark.parametrize("query", ["caffe", pytest.param(",,", marks=pytest.mark.slow)])
def test_an_address_that_chooses_nothing_leaves_the_stored_choice(visit, page, query):
    visit(f"{CHAPTER}?framework={query}", stored=choice("jax", "pytorch"))
    assert shown(page) == ["PyTorch", "JAX"]
    assert page.get_by_role("status").filter(has_text="no panels").count() == bool(query.strip(","))


@pytest.mark.slow
def test_an_address_may_ask_for_anything_and_what_is_told_is_short_and_goes_away(visit, page):
    names = ["<img/onerror=alert(1)>", "y" * 3000, *(f"n{number}" for number in range(300))]
    visit(f"{CHAPTER}?framework={','.join(names)}", 390)
    told = page.get_by_role("status").filter(has_text="no panels")
    assert f"“<img/onerror=alert(1)>”, “{'y' * 23}…”, “n0”, 299 more." in told.inner_text()
    assert told.bounding_box()["height"] < 120
    page.keyboard.press("Escape")
    assert told.count() == 0
    assert page.faults == []


@pytest.mark.slow
@pytest.mark.parametrize("what", ["get() { throw new DOMException('') }", "value: undefined", "value: full"])
def test_where_nothing_can_be_stored_the_choice_and_the_themes_buttons_work(browser, address, what):
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.add_init_script(
        "const full = { getItem: () => null, removeItem() {}, setItem() { throw new DOMException('') } };"
        f"Object.defineProperty(window, 'localStorage', {{ {what}, configurable: true }});"
    )
    page.goto(f"{address}/{CHAPTER}?framework=jax", wait_until="load")
    assert shown(page) == ["JAX"]
    press(page, "PyTorch")
    assert shown(page) == ["PyTorch", "JAX"]
    page.keyboard.press("Control+k")
    assert page.locator("dialog[open]").get_by_role("searchbox").is_visible()
    page.keyboard.press("Escape")
    seen = []
    for _ in range(2):
        page.locator(".theme-switch-button:visible").click()
        seen.append(page.evaluate("document.documentElement.dataset.theme"))
    assert sorted(seen) == ["dark", "light"]
    page.close()


OLDER = [
    "tabs",
    *(
        pytest.param(text, marks=pytest.mark.slow)
        for text in (choice("caffe"), '{"version": 2, "frameworks": ["jax"]}')
    ),
]


@pytest.mark.parametrize("value", OLDER)
def test_what_an_older_version_stored_is_dropped(visit, page, go_on, value):
    visit(CHAPTER, stored=value)
    assert shown(page) == ["PyTorch", "TensorFlow", "JAX"]
    assert page.faults == []
    press(page, "JAX")
    go_on(CHAPTER)
    assert shown(page) == ["PyTorch", "TensorFlow"]


def test_the_switches_are_used_by_keyboard_alone(visit, page):
    visit(CHAPTER, 1440)
    page.locator(".primary-toggle:visible").focus()
    for title in ("PyTorch", "TensorFlow"):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == title
    style = "getComputedStyle(document.activeElement).outline"
    assert "3px" in page.evaluate(style) and "solid" in page.evaluate(style)
    page.keyboard.press("Space")
    assert pressed(page) == shown(page) == ["PyTorch", "JAX"]
    assert page.evaluate("document.activeElement.textContent") == "TensorFlow"
    page.keyboard.press("Enter")
    assert shown(page) == ["PyTorch", "TensorFlow", "JAX"]


@pytest.mark.parametrize("width", [pytest.param(390, marks=pytest.mark.slow), 1440])
def test_on_paper_the_chosen_panels_stand_one_under_another_with_all_of_their_code(visit, page, width):
    """Whether they fit beside each other on the screen or not."""
    visit(f"{CHAPTER}?framework=pytorch,jax", width)
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 680, "height": 900})  # A4's text at 96 dots an inch
    assert shown(page) == ["PyTorch", "JAX"]
    first, second = [box(page, name) for name in ("pytorch", "jax")]
    assert second["y"] >= first["y"] + first["height"]
    cut = "() => [...document.querySelectorAll('pre')].filter(e => e.scrollWidth > e.clientWidth).length"
    assert page.evaluate(cut) == 0
    assert not page.locator(".side-by-side-switches").is_visible()
    page.emulate_media(media="screen")


def box(page, framework):
    return page.locator(f".side-by-side > .{framework}").first.bounding_box()


def test_without_javascript_every_panel_can_be_read(browser, address):
    with visits(browser, address) as visit:
        page = visit(CHAPTER, javascript=False)
        for width in (390, 1440):
            page.set_viewport_size({"width": width, "height": 900})
            panels = page.locator(".side-by-side").first.locator("> div").all()
            tops = [panel.bounding_box()["y"] for panel in panels if panel.is_visible()]
            assert len(tops) == 3 and tops == sorted(set(tops))
        assert page.locator(".side-by-side-switches").count() == 0


@pytest.mark.slow
def test_from_a_file_the_choice_works(browser, site):
    page = browser.new_page(viewport={"width": 1366, "height": 768})
    page.goto(f"{(site / CHAPTER).as_uri()}?framework=jax,caffe")
    assert shown(page) == ["JAX"]
    press(page, "TensorFlow")
    assert pressed(page) == shown(page) == ["TensorFlow", "JAX"]
    page.close()


@pytest.mark.slow
def test_keras_has_a_switch_where_it_has_panels(visit, page):
    """The page's own panels decide; here one is made."""

    def with_keras(route) -> None:
        text = route.fetch().text()
        text = text.replace('data-frameworks="pytorch', 'data-frameworks="keras pytorch', 1)
        panel = '<div class="side-by-side-panel keras"><p class="rubric">Keras</p><div></div></div>'
        head, start, rest = text.partition('<div class="side-by-side lined-up')
        assert start and rest
        opened = rest.index(">") + 1
        route.fulfill(body=f"{head}{start}{rest[:opened]}{panel}{rest[opened:]}", content_type="text/html")

    page.route(f"**/{CHAPTER}*", with_keras)
    visit(f"{CHAPTER}?framework=keras,jax")
    assert shown(page) == ["Keras", "JAX"]
    assert shown(page, 1) == ["JAX"]
    press(page, "JAX")
    assert shown(page) == ["Keras"]
    assert shown(page, 1) == TITLES  # of which none is chosen
    page.unroute_all()


# --- nothing jumps -------------------------------------------------------------


@pytest.mark.parametrize(
    ("width", "number"),
    [(390, 1), (1366, 2), *(pytest.param(1440, n, marks=pytest.mark.slow) for n in (1, 2, 3))],
)
def test_a_page_with_a_stored_choice_does_not_shift_while_it_loads(visit, page, width, number):
    # A deferred script is late, so that the page is drawn before any script hears that it is whole.
    page.route("**/bootstrap.js*", lambda route: (time.sleep(0.2), route.continue_()))
    visit(STEADY, width, choice(*[*FRAMEWORKS][-number:]))
    page.unroute_all()
    assert len(shown(page)) == number
    assert page.evaluate(SHIFTS) < 0.001


@pytest.mark.slow
def test_a_page_that_comes_slowly_does_not_shift_when_a_sets_other_panels_come(page, site):
    class Slow(QuietHandler):
        def do_GET(self) -> None:
            if not self.path.startswith(f"/{STEADY}"):
                return super().do_GET()
            text = (site / STEADY).read_text(encoding="utf-8")
            at = [start.start() for start in re.finditer('<div class="side-by-side-panel', text)]
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            for start, end in itertools.pairwise([0, *at, None]):
                self.wfile.write(text[start:end].encode())
                time.sleep(0.15)

    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Slow, directory=site)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        page.set_viewport_size({"width": 1366, "height": 900})
        page.goto(f"http://127.0.0.1:{server.server_port}/{STEADY}?framework=tensorflow,jax")
        assert shown(page) == ["TensorFlow", "JAX"]
        assert page.evaluate(SHIFTS) < 0.001
        server.shutdown()


def test_what_is_read_stays_where_it_is_when_the_choice_changes(visit, page):
    visit(CHAPTER, 1440)
    page.evaluate("scrollTo(0, 3000)")
    blocks = page.locator(".side-by-side .pytorch .cell")
    tops = [block.bounding_box()["y"] for block in blocks.all()]
    number = next(i for i, top in enumerate(tops) if top > 0)
    for title in ("TensorFlow", "JAX", "JAX"):
        press(page, title)
        assert abs(blocks.nth(number).bounding_box()["y"] - tops[number]) < 100  # of 12,000


@pytest.mark.slow
def test_a_panel_that_goes_leaves_the_same_checkpoint_in_its_place(visit, page):
    visit(CHAPTER, 390)
    page.evaluate("document.querySelectorAll('.pytorch .tag_checkpoint')[2].scrollIntoView()")
    press(page, "JAX")
    top = page.locator(".side-by-side .jax .tag_checkpoint").nth(2).bounding_box()["y"]
    assert 0 <= top < 200


# --- all of it -----------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_no_violation_in_columns_and_in_the_open_side_bars(visit, page, theme):
    page.emulate_media(color_scheme=theme)
    visit(f"{CHAPTER}?framework=caffe")
    assert shown(page) == ["PyTorch", "TensorFlow", "JAX"]
    assert violations(page) == []
    for button in (".primary-toggle", ".secondary-toggle"):
        page.locator(f"{button}:visible").click()
        assert violations(page) == []
        page.keyboard.press("Escape")


@pytest.mark.slow
def test_a_panel_links_to_its_notebook_at_the_section(visit, page):
    visit(f"{CHAPTER}?framework=jax", 1024)
    page.locator(".side-by-side .jax").nth(3).locator("a[href*='notebooks/graphs/jax.html#']").click()
    page.wait_for_url("**/notebooks/graphs/jax.html#retracing-and-its-price")
    assert page.locator("#retracing-and-its-price").is_visible()


@pytest.mark.slow
def test_a_long_line_goes_on_below_itself_and_is_copied_as_one(visit, page):
    visit("exercises/graphs/jax.html", 1280)
    assert page.evaluate(CUT_OFF) == []
    line = page.locator("pre .long").filter(has_text=" ").first
    box = line.bounding_box()
    assert box["height"] > 0
    texts = page.evaluate(
        "[...document.querySelectorAll('.cell_input pre')].filter(pre => pre.checkVisibility())"
        ".map(pre => [pre.innerText.trim(), pre.textContent.trim()])"
    )
    assert all(inner == text for inner, text in texts)
    assert any(max(map(len, text.splitlines())) > 60 for _, text in texts)
