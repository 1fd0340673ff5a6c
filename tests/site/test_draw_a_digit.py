"""The page that reads a drawn digit: in a real browser, from the built site."""

from __future__ import annotations

import functools
import math
import re
import threading
import time
from http.server import ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest

from support import ROOT, QuietHandler, need
from support.digits import DRAWINGS, OURS, bitmap, counted, elsewhere, read  # noqa: F401  (a fixture)
from support.visits import violations, visits
from triptych.dev import doctor as tools
from triptych.dev import model_exports as exports
from triptych.frameworks import FRAMEWORKS
from triptych.site import draw_a_digit
from triptych.site.draw_a_digit.directive import FILES, WORDS

pytestmark = pytest.mark.slow  # a browser and the runtime for each; what needs none is in test_javascript.py

PAGE = "book/deployment/draw.html"
PARTS, SURFACE = ".draw-a-digit-parts", ".draw-a-digit-surface canvas"
SWEEP = [(390, "light"), (1440, "light"), (1440, "dark")]


@pytest.fixture(scope="module")
def visit(browser, address):
    need(tools.ORT_WEB)
    with visits(browser, address) as visit:
        yield lambda path=PAGE, **options: visit(path, **options)


@pytest.fixture(scope="module")
def shared(visit):
    """One page for all the drawings, so that the runtime is loaded once."""
    return visit()


def draw(page, strokes) -> list[list[list[int]]]:
    """Draw by real mouse events; returns the points that the surface was given, as whole numbers."""
    page.locator(SURFACE).scroll_into_view_if_needed()
    left, top = page.evaluate(
        "c => { const b = c.getBoundingClientRect(); return [b.left + c.clientLeft, b.top + c.clientTop] }",
        page.locator(SURFACE).element_handle(),
    )
    given = []
    for stroke in strokes:
        given.append([])
        for number, (x, y) in enumerate(stroke):
            at = math.floor(left + x + 0.5), math.floor(top + y + 0.5)  # a mouse knows whole pixels
            page.mouse.move(*at)
            if not number:
                page.mouse.down()
            given[-1].append([math.floor(at[0] - left + 0.5), math.floor(at[1] - top + 0.5)])
        page.mouse.up()
    return given


def settle(page) -> None:
    page.wait_for_function(f"document.querySelector('{PARTS}').dataset.state === 'ready'", timeout=60_000)


def counts(page) -> np.ndarray:
    cells = page.locator(".draw-a-digit-counts td").all_inner_texts()
    return np.array([int(text) for text in cells]).reshape(8, 8)


def probabilities(page) -> np.ndarray | None:
    shown = page.evaluate(
        "[...document.querySelectorAll('.draw-a-digit-bars tr')].map(r => r.dataset.probability)"
    )
    return np.array([float(p) for p in shown]) if all(shown) else None


def answer(page) -> str:
    return page.locator(".draw-a-digit-answer").inner_text()


def choose(page, framework: str) -> None:
    page.get_by_role("radio", name=FRAMEWORKS[framework].title, exact=True).check()


@pytest.mark.parametrize("number", [0, pytest.param(9, marks=pytest.mark.slow)])
def test_a_drawing_is_counted_and_read_as_python_does(shared, read, number):
    """Which drawings are read right is tested without a browser: in test_javascript.py."""
    drawing = DRAWINGS[number]
    shared.get_by_role("button", name="Clear").click()
    given = draw(shared, drawing["strokes"])
    settle(shared)
    ink = counts(shared)
    assert (ink == counted(bitmap(given))).all()
    for framework in FRAMEWORKS:
        choose(shared, framework)
        expected = read(framework, ink)
        np.testing.assert_allclose(probabilities(shared), expected, rtol=0, atol=1e-5)
        assert expected.argmax() == drawing["digit"]
        assert answer(shared).startswith(f"Read as {WORDS[drawing['digit']]} (")
    agreement = shared.locator(".draw-a-digit-agreement").inner_text()
    assert agreement.startswith(f"All three exports say {WORDS[drawing['digit']]}; their probabilities ")
    time_taken = shared.locator(".draw-a-digit-time").inner_text()
    assert float(time_taken.split(" ms")[0]) > 0 and "JAX’s export" in time_taken
    assert shared.faults == []


def test_the_bars_say_what_was_computed(shared):
    shared.get_by_role("button", name="Clear").click()
    draw(shared, DRAWINGS[0]["strokes"])
    settle(shared)
    rows = shared.locator(".draw-a-digit-bars tr")
    for digit, p in enumerate(probabilities(shared)):
        assert rows.nth(digit).locator("td").last.inner_text() == f"{100 * p:.1f} %"
        whole, bar = (rows.nth(digit).locator(s).bounding_box() for s in ("td > div", "td > div > div"))
        assert (bar or {"width": 0})["width"] == pytest.approx(p * whole["width"], abs=1)


def test_a_digit_is_drawn_by_keyboard_alone(visit):
    page = visit()
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate(f"document.activeElement === document.querySelector('{SURFACE}')"):
            break
    surface = page.get_by_role("application", name="Drawing surface")  # which says how to draw
    how = surface.get_attribute("aria-describedby")
    assert "Space puts it down and lifts it" in page.locator(f"#{how}").inner_text()
    place = page.locator(".draw-a-digit-pen")
    assert place.inner_text() == "Pen up, 50 across, 50 down (of 100)."
    for key, times in {"ArrowUp": 9, "ArrowLeft": 5}.items():
        for _ in range(times):
            page.keyboard.press(key)
    page.keyboard.press("Space")
    assert place.inner_text() == "Pen down, 32 across, 18 down (of 100)."
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    page.keyboard.down("ArrowDown")
    for key in ["ArrowLeft", "ArrowDown", "ArrowDown"] * 5:
        if key == "ArrowDown":
            page.keyboard.down(key)  # held: it repeats
        else:
            page.keyboard.press(key)  # two at once: aslant
    page.keyboard.up("ArrowDown")
    page.keyboard.press("Space")
    assert place.inner_text().startswith("Pen up, ")
    settle(page)
    points = [[90 + 10 * i, 50] for i in range(11)] + [[190, 60]]
    for key in ["aslant", "down", "down"] * 5:
        x, y = points[-1]
        points.append([x - 10, y + 10] if key == "aslant" else [x, y + 10])
    assert (counts(page) == counted(bitmap([points]))).all()
    assert answer(page).startswith("Read as seven (")
    page.keyboard.press("Shift+ArrowRight")
    assert place.inner_text() == "Pen up, 51 across, 75 down (of 100)."
    page.keyboard.press("Backspace")
    assert counts(page).sum() == 0
    for key in ("Space", "ArrowDown", "Space", "Delete"):
        page.keyboard.press(key)
    assert counts(page).sum() == 0
    page.keyboard.press("Tab")  # the surface holds nobody
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Show me one"
    page.keyboard.press("Enter")
    settle(page)
    assert answer(page).startswith("Number 1,200 of the data set, labelled seven: read as ")
    assert page.faults == []


def test_the_last_stroke_is_undone_and_everything_is_cleared(shared):
    four = next(drawing["strokes"] for drawing in DRAWINGS if len(drawing["strokes"]) == 2)
    shared.get_by_role("button", name="Clear").click()
    first = draw(shared, four[:1])
    settle(shared)
    one = counts(shared)
    both = first + draw(shared, four[1:])
    settle(shared)
    assert (counts(shared) == counted(bitmap(both))).all() and (counts(shared) != one).any()
    shared.get_by_role("button", name="Undo").click()
    settle(shared)
    assert (counts(shared) == one).all()
    shared.get_by_role("button", name="Clear").click()
    assert counts(shared).sum() == 0
    assert probabilities(shared) is None
    assert answer(shared) == "Empty. Draw a digit, or let one be shown."
    shared.get_by_role("button", name="Undo").click()  # of nothing
    assert counts(shared).sum() == 0 and shared.faults == []


def test_a_finger_draws(visit):
    page = visit(touch=True, width=390)
    page.locator(SURFACE).scroll_into_view_if_needed()
    page.locator(SURFACE).tap(position={"x": 100, "y": 60})
    settle(page)
    assert counts(page).sum() > 300
    assert page.locator(SURFACE).evaluate("c => getComputedStyle(c).touchAction") == "none"


def test_shown_digits_are_the_data_sets_and_drawing_replaces_them(visit, read):
    page = visit()
    images = datasets().images
    for number, label in stored()[:3]:
        page.get_by_role("button", name="Show me one").click()
        settle(page)
        assert (counts(page) == images[number]).all()
        np.testing.assert_allclose(probabilities(page), read("pytorch", images[number]), rtol=0, atol=1e-5)
        assert answer(page).startswith(
            f"Number {number:,} of the data set, labelled {WORDS[label]}: read as "
        )
    given = draw(page, DRAWINGS[3]["strokes"])
    settle(page)
    assert (counts(page) == counted(bitmap(given))).all()
    assert answer(page).startswith("Read as one")


def test_nothing_is_loaded_before_the_first_stroke_and_nothing_from_elsewhere(visit, address):
    page = visit()
    heavy = re.compile(r"onnx|\.wasm|\.mjs")
    assert [url for url in page.loaded if heavy.search(url)] == []
    assert answer(page).startswith("Nothing is loaded yet. The first stroke loads ONNX Runtime Web 1.")
    draw(page, DRAWINGS[0]["strokes"])
    settle(page)
    loaded = [urlsplit(url).path for url in page.loaded if heavy.search(url)]
    names = [f"/_static/onnxruntime-web/{name}" for name in FILES]
    assert sorted(loaded) == sorted([*names, *(f"/_static/digits/digits-{name}.onnx" for name in FRAMEWORKS)])
    host = urlsplit(address).netloc
    assert [url for url in page.loaded if urlsplit(url).netloc != host and not url.startswith("data:")] == []


class SlowHandler(QuietHandler):
    """Lets everybody wait for a module."""

    def do_GET(self) -> None:
        if ".mjs" in self.path:
            time.sleep(3)
        super().do_GET()


def test_what_is_drawn_while_the_runtime_loads_is_read_when_it_is_here(visit, site):
    handler = functools.partial(SlowHandler, directory=str(site))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        page = visit(at=f"http://127.0.0.1:{server.server_port}")
        four = next(drawing["strokes"] for drawing in DRAWINGS if len(drawing["strokes"]) == 2)
        given = draw(page, four[:1])
        page.wait_for_function(f"document.querySelector('{PARTS}').dataset.state === 'busy'")
        assert answer(page).startswith("Loading ONNX Runtime Web and the exports.")
        assert page.locator("progress").is_visible()
        assert (counts(page) == counted(bitmap(given))).all()  # needs no runtime
        given += draw(page, four[1:])
        assert probabilities(page) is None
        settle(page)
        assert (counts(page) == counted(bitmap(given))).all()
        assert answer(page).startswith("Read as four")
        assert not page.locator("progress").is_visible()
        assert sum(".wasm?" in url for url in page.loaded) == 1
        server.shutdown()


@pytest.mark.parametrize(
    ("file", "why"),
    [
        (r"\.wasm(\?|$)", r"onnxruntime-web/\S+\.wasm\S*: 404"),
        (r"\.mjs(\?|$)", r"Failed to fetch \S+ imported module: \S+onnxruntime-web/\S+\.mjs"),
    ],
)
def test_a_runtime_that_cannot_be_loaded_is_told(file, why, visit):
    page = visit()
    page.route(re.compile(file), lambda route: route.fulfill(status=404))
    draw(page, DRAWINGS[0]["strokes"])
    settle(page)
    assert re.search(rf"The models could not be run here \({why}", answer(page))
    assert counts(page).sum() > 256
    page.get_by_role("button", name="Clear").click()
    settle(page)


def test_a_page_opened_as_a_file_says_how_to_serve_it(browser, site):
    need(tools.ORT_WEB)
    page = browser.new_page()
    page.goto((site / PAGE).as_uri())
    for _ in range(2):
        assert "python -m http.server" in answer(page) and "over http" in answer(page)
        draw(page, DRAWINGS[0]["strokes"])
        settle(page)
    assert counts(page).sum() > 256
    page.close()


def test_the_address_and_the_sites_panels_choose_the_framework_and_it_is_remembered(visit):
    page = visit(PAGE + "?framework=jax")
    assert page.get_by_role("radio", name="JAX").is_checked()
    page = visit(context=page.context)
    assert page.get_by_role("radio", name="JAX").is_checked()
    page.goto(f"{page.url}?framework=jax")
    choose(page, "tensorflow")
    page.reload()
    assert page.get_by_role("radio", name="TensorFlow").is_checked()
    chapter = visit("book/graphs/tracing.html", context=page.context)
    chapter.set_viewport_size({"width": 390, "height": 844})  # where one panel fits
    pressed = chapter.get_by_role("button", pressed=True)
    assert pressed.all_inner_texts() == ["TensorFlow"]
    page = visit(PAGE + "?framework=caffe")
    assert page.get_by_role("radio", name="PyTorch").is_checked()


def test_the_switch_shows_each_exports_own_answer_and_a_disagreement_is_told(visit):
    other = elsewhere(exports.model_path(OURS, "jax"))
    page = visit("book/graphs.html")
    page.context.route("**/digits-jax.onnx*", lambda route: route.fulfill(body=other))
    page = visit(context=page.context)
    draw(page, DRAWINGS[0]["strokes"])
    settle(page)
    assert answer(page).startswith("Read as zero")
    assert (
        page.locator(".draw-a-digit-agreement")
        .inner_text()
        .startswith("The exports disagree: PyTorch zero, TensorFlow zero, JAX three; ")
    )
    choose(page, "jax")
    assert answer(page) == "Read as three (100.0 %)."
    assert page.locator(".draw-a-digit-bars tr.best th").inner_text().startswith("3")


@pytest.mark.parametrize(
    ("width", "theme"),
    [(390, "dark"), *(pytest.param(*case, marks=pytest.mark.slow) for case in SWEEP)],
)
def test_axe_finds_no_violation_before_and_after_a_drawing(visit, width, theme):
    page = visit(width=width, theme=theme)
    assert page.evaluate("document.documentElement.dataset.theme") == theme
    for strokes in ([], DRAWINGS[9]["strokes"]):
        if strokes:
            draw(page, strokes)
            settle(page)
        assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", [390, pytest.param(1440, marks=pytest.mark.slow)])
def test_nothing_moves_when_figures_come(visit, width):
    page = visit(width=width)
    places = """() => [...document.querySelectorAll('.draw-a-digit-parts *, .bd-article h2')]
        .filter(e => !e.matches('.draw-a-digit-bars td > div > div, th > span'))
        .map(e => [e.tagName, e.getBoundingClientRect()])
        .map(([name, box]) => [name, box.x, box.y + scrollY, box.height])"""
    page.locator(SURFACE).scroll_into_view_if_needed()
    before = page.evaluate(places)
    draw(page, DRAWINGS[0]["strokes"])
    loading = page.evaluate(places)
    settle(page)
    assert [a for a, b in zip(before, loading, strict=True) if a != b] == []
    assert [(a, b) for a, b in zip(before, page.evaluate(places), strict=True) if a != b] == []
    page.get_by_role("button", name="Show me one").click()
    settle(page)
    page.locator(SURFACE).press("ArrowRight")
    choose(page, "tensorflow")
    assert [(a, b) for a, b in zip(before, page.evaluate(places), strict=True) if a != b] == []


# --- what the page says ------------------------------------------------------------


@functools.cache
def datasets():
    return pytest.importorskip("sklearn.datasets", reason="no scikit-learn: no data set").load_digits()


def stored() -> list[tuple[int, int]]:
    """Of the images that were not trained on, the first of each digit: its number and label."""
    first = {}
    for number in range(exports.TRAIN, 1797):
        first.setdefault(int(datasets().target[number]), number)
    return sorted((number, label) for label, number in first.items())


def test_the_scripts_digits_are_the_data_sets():
    data = datasets().data.astype(int)
    script = Path(draw_a_digit.__file__).with_name("draw-a-digit.js").read_text(encoding="utf-8")
    found = re.findall(r'^    \[(\d+), (\d), "([a-q]{64})"\],$', script, re.MULTILINE)
    assert [(int(number), int(label)) for number, label, _ in found] == stored()
    for number, _, letters in found:
        assert [ord(letter) - ord("a") for letter in letters] == data[int(number)].tolist()


def test_the_pages_numbers_are_those_of_the_data_set():
    images, labels = datasets().images, datasets().target
    text = (ROOT / "book/deployment/draw.md").read_text(encoding="utf-8")
    columns = images.max(1) > 0
    wide = 8 - columns.argmax(1) - columns[:, ::-1].argmax(1)
    ink = images.sum((1, 2))
    apart = abs((images[:, 0] > 0).argmax(1) - (images[:, 7] > 0).argmax(1))
    assert (images[:, [0, 7]].max(2) > 0).all()  # ink in the first and in the last row of blocks
    numbers = {
        "images": len(images),
        **{f"{blocks} blocks wide": (wide == blocks).sum() for blocks in (5, 6, 7)},
        "narrower": (wide < 5).sum(),
        "of them ones": ((wide < 5) & (labels == 1)).sum(),
        "median of ink": int(np.median(ink)),
        "fewer than 256": (ink < 256).sum(),
        "more than 412": (ink > 412).sum(),
        **{f"first ink {n} apart": (apart == n).sum() for n in (0, 1)},
        "further apart": (apart > 1).sum(),
    }
    stated = re.findall(r"[\d,]*\d", text)
    assert {what: n for what, n in numbers.items() if f"{n:,}" not in stated} == {}
