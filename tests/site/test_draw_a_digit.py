"""The page that reads a drawn digit: in a real browser, from the built site; its directive; its models.

The drawings of ``strokes.json`` are polylines on the surface's 280 × 280 points. They were drawn before
the page existed. One number of the page was chosen with them in view, and the page says so: the limit of
1.5 to the stretching. With 2, the one with a flag was read as a three.
"""

from __future__ import annotations

import functools
import json
import math
import re
import shutil
import threading
import time
from http.server import ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import nbformat
import numpy as np
import pytest
from click.testing import CliRunner

from support import ROOT, QuietHandler, declare, need, section
from support.small_site import CONF, Site, later
from triptych.cli import main
from triptych.course import Course
from triptych.dev import doctor as tools
from triptych.dev import model_exports as exports
from triptych.errors import TriptychError
from triptych.frameworks import FRAMEWORKS
from triptych.site import draw_a_digit
from triptych.site.side_by_side import STATIC

PAGE = "book/deployment/draw.html"
PARTS, SURFACE = ".draw-a-digit-parts", ".draw-a-digit-surface canvas"
DRAWINGS = json.loads((ROOT / "tests/site/strokes.json").read_text(encoding="utf-8"))
NAMES = [f"{drawing['digit']}, {drawing['style']}" for drawing in DRAWINGS]
WORDS = draw_a_digit.WORDS
OURS = Course(ROOT)


# --- the same in Python ----------------------------------------------------------


def bitmap(strokes: list[list[list[int]]]) -> np.ndarray:
    """The page's 32 × 32 points of ink, by the recipe as book/deployment/draw.md tells it."""
    points = np.concatenate([np.array(stroke, float) for stroke in strokes])
    low, high = points.min(0), points.max(0)
    (width, height), middle = high - low, (low + high) / 2
    ends = [(a, b) for stroke in strokes for a, b in zip(stroke, stroke[1:] or stroke, strict=False)]
    start, end = np.array(ends, float).transpose(1, 0, 2)
    centres = np.arange(32) + 0.5 - 16

    def inked(radius: float) -> np.ndarray:
        down = 32 / (height + 2 * radius)
        across = min(20 / (width + 2 * radius), 1.5 * down)
        x, y = np.meshgrid(middle[0] + centres / across, middle[1] + centres / down)
        at = np.stack([x, y], axis=-1)[:, :, None]  # rows, columns, segments, 2
        along = end - start
        length2 = (along**2).sum(-1)
        part = ((at - start) * along).sum(-1) / np.where(length2, length2, 1)
        nearest = start + np.clip(part, 0, 1)[..., None] * along
        return (((at - nearest) ** 2).sum(-1) <= radius**2).any(-1)

    radii = [max(width, height, 16) * pen / 128 for pen in range(2, 25)]
    on = min(map(inked, radii), key=lambda on: abs(int(on.sum()) - 313))
    rows = np.flatnonzero(on.any(1))
    top, bottom = rows[0] + 2, rows[-1] - 2
    if top >= bottom or not (on[top].any() and on[bottom].any()):
        return on
    slope = (int(on[top].argmax()) - int(on[bottom].argmax())) / int(bottom - top)
    sheared = np.zeros_like(on)
    for row in range(32):
        columns = np.flatnonzero(on[row]) + math.floor((row - 16) * slope + 0.5)
        sheared[row, columns[(columns >= 0) & (columns < 32)]] = True
    return sheared


def counted(on: np.ndarray) -> np.ndarray:
    return on.reshape(8, 4, 8, 4).sum((1, 3))


@pytest.fixture(scope="module")
def read():
    """``read("jax", counts)``: Python's probabilities of one image, by the stored export."""
    runtime = pytest.importorskip("onnxruntime", reason="no onnxruntime: exports are not run")
    sessions = {
        name: runtime.InferenceSession(exports.model(OURS, name), providers=["CPUExecutionProvider"])
        for name in FRAMEWORKS
    }

    def read(framework: str, counts: np.ndarray) -> np.ndarray:
        session = sessions[framework]
        image = (counts[None] / 16).astype("float32")
        (logits,) = session.run(None, {session.get_inputs()[0].name: image})
        powers = np.exp(logits[0].astype(float) - logits[0].max())
        return powers / powers.sum()

    return read


# --- the page in the browser ------------------------------------------------------


@pytest.fixture(scope="module")
def visit(browser, address):
    """``visit()`` opens the page in a browser of its own, ``visit(context=...)`` in one that is there."""
    need(tools.ORT_WEB)
    contexts = []

    def visit(path=PAGE, width=1440, theme="light", context=None, at=address, touch=False):
        if context is None:
            context = browser.new_context(
                viewport={"width": width, "height": 1000},
                color_scheme=theme,
                reduced_motion="reduce",
                has_touch=touch,
            )
            contexts.append(context)
        page = context.new_page()
        page.faults, page.loaded = [], []
        page.on("console", lambda told: page.faults.append(told.text) if told.type == "error" else None)
        page.on("pageerror", lambda error: page.faults.append(str(error)))
        page.on("request", lambda request: page.loaded.append(request.url))
        page.goto(f"{at}/{path}", wait_until="networkidle")
        return page

    yield visit
    for context in contexts:
        context.close()


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
    told = page.evaluate(
        "[...document.querySelectorAll('.draw-a-digit-bars tr')].map(r => r.dataset.probability)"
    )
    return np.array([float(p) for p in told]) if all(told) else None


def answer(page) -> str:
    return page.locator(".draw-a-digit-answer").inner_text()


def choose(page, framework: str) -> None:
    page.get_by_role("radio", name=FRAMEWORKS[framework].title, exact=True).check()


@pytest.mark.parametrize("drawing", DRAWINGS, ids=NAMES)
def test_a_drawing_is_counted_and_read_as_python_does_and_read_right(shared, read, drawing):
    shared.get_by_role("button", name="Clear").click()
    given = draw(shared, drawing["strokes"])
    settle(shared)
    found = counts(shared)
    assert abs(found - counted(bitmap(given))).max() == 0
    for framework in FRAMEWORKS:
        choose(shared, framework)
        expected = read(framework, found)
        np.testing.assert_allclose(probabilities(shared), expected, rtol=0, atol=1e-5)
        assert expected.argmax() == drawing["digit"]
        assert answer(shared).startswith(f"Read as {WORDS[drawing['digit']]} (")
    agreement = shared.locator(".draw-a-digit-agreement").inner_text()
    assert agreement.startswith(f"All three exports say {WORDS[drawing['digit']]}; their probabilities ")
    told = shared.locator(".draw-a-digit-time").inner_text()
    assert float(told.split(" ms")[0]) > 0 and "JAX’s export" in told
    assert shared.faults == []


def test_all_ten_digits_are_drawn():
    assert {drawing["digit"] for drawing in DRAWINGS} == set(range(10))
    assert len(NAMES) == len(set(NAMES)) >= 14


def test_the_bars_say_what_was_computed(shared):
    shared.get_by_role("button", name="Clear").click()
    draw(shared, DRAWINGS[0]["strokes"])
    settle(shared)
    rows = shared.locator(".draw-a-digit-bars tr")
    for digit, p in enumerate(probabilities(shared)):
        assert rows.nth(digit).locator("td").last.inner_text() == f"{100 * p:.1f} %"
        whole, bar = (rows.nth(digit).locator(s).bounding_box() for s in ("td > div", "td > div > div"))
        assert (bar or {"width": 0})["width"] == pytest.approx(p * whole["width"], abs=1)


def test_a_digit_is_drawn_by_keyboard_alone(visit, read):
    page = visit()
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate(f"document.activeElement === document.querySelector('{SURFACE}')"):
            break
    surface = page.get_by_role("application", name="Drawing surface")  # and how to is told with it
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


@pytest.mark.parametrize("strokes", [[[[140, 140]]], [[[60, 140], [220, 140]]], [[[0, 0], [280, 280]]]])
def test_a_dot_a_line_and_a_corner_are_no_error(shared, strokes):
    shared.get_by_role("button", name="Clear").click()
    given = draw(shared, strokes)
    settle(shared)
    assert (counts(shared) == counted(bitmap(given))).all()
    assert probabilities(shared).sum() == pytest.approx(1)
    assert shared.faults == []


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
    for number, label in stored():
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
    assert answer(page).startswith("Nothing is loaded yet. The first stroke brings ONNX Runtime Web 1.")
    draw(page, DRAWINGS[0]["strokes"])
    settle(page)
    loaded = [urlsplit(url).path for url in page.loaded if heavy.search(url)]
    names = [f"/_static/onnxruntime-web/{name}" for name in draw_a_digit.FILES]
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


def test_the_address_and_the_sites_tabs_choose_the_framework_and_it_is_remembered(visit):
    page = visit(PAGE + "?framework=jax")
    assert page.get_by_role("radio", name="JAX").is_checked()
    page = visit(context=page.context)
    assert page.get_by_role("radio", name="JAX").is_checked()
    choose(page, "tensorflow")
    tabs = visit("book/graphs/tracing.html", context=page.context)
    chosen = ".side-by-side input:checked + label"
    assert tabs.locator(chosen).first.text_content().strip() == "TensorFlow"
    page = visit(PAGE + "?framework=caffe")
    assert page.get_by_role("radio", name="PyTorch").is_checked()


def elsewhere(path: Path) -> bytes:
    """The stored model with 1,000 added to its answer for a three."""
    onnx = pytest.importorskip("onnx", reason="no onnx: no model can be damaged")
    model = onnx.load(path)
    old = model.graph.output[0].name
    more = onnx.numpy_helper.from_array(np.eye(10, dtype="float32")[3:4] * 1000, "more")
    model.graph.initializer.append(more)
    model.graph.node.append(onnx.helper.make_node("Add", [old, "more"], ["moved"]))
    model.graph.output[0].name = "moved"
    return model.SerializeToString()


def test_the_switch_shows_each_exports_own_answer_and_a_disagreement_is_told(visit):
    other = elsewhere(exports.model(OURS, "jax"))
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


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_axe_finds_no_violation_before_and_after_a_drawing(visit, width, theme):
    from axe_playwright_python.sync_playwright import Axe

    page = visit(width=width, theme=theme)
    assert page.evaluate("document.documentElement.dataset.theme") == theme
    for strokes in ([], DRAWINGS[9]["strokes"]):
        if strokes:
            draw(page, strokes)
            settle(page)
        found = [
            f"{rule['id']}: {node['html'][:120]}"
            for rule in Axe().run(page).response["violations"]
            for node in rule["nodes"]
        ]
        assert found == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", [390, 1440])
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


# --- what the page says -------------------------------------------------------------


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
    script = (STATIC / "draw-a-digit.js").read_text(encoding="utf-8")
    found = re.findall(r'^    \[(\d+), (\d), "([a-q]{64})"\],$', script, re.MULTILINE)
    assert [(int(number), int(label)) for number, label, _ in found] == stored()
    for number, _, letters in found:
        assert [ord(letter) - ord("a") for letter in letters] == data[int(number)].tolist()


def test_the_page_tells_what_is_measured_of_the_data_set():
    images = datasets().images
    text = " ".join((ROOT / "book/deployment/draw.md").read_text(encoding="utf-8").split())
    assert len(images) == 1797
    assert (images[:, [0, 7]].max(2) > 0).all()
    assert "All 1,797 have ink in the first and in the last row of blocks." in text
    columns = images.max(1) > 0
    wide = 8 - columns.argmax(1) - columns[:, ::-1].argmax(1)
    narrow = wide < 5
    ones = int((datasets().target[narrow] == 1).sum())
    assert (
        f"{(wide == 6).sum():,} are six blocks wide; {(wide == 5).sum()} are five "
        f"and {(wide == 7).sum()} seven; of the {narrow.sum()} that are narrower, {ones} are ones."
    ) in text
    ink = images.sum((1, 2))
    assert (
        f"The median is {np.median(ink):.0f} points; {(ink < 256).sum()} images have fewer than 256 "
        f"and {(ink > 412).sum()} more than 412."
    ) in text
    apart = abs((images[:, 0] > 0).argmax(1) - (images[:, 7] > 0).argmax(1))
    assert (
        f"In {(apart == 0).sum():,} the first block with ink is the same in the first and in the last row, "
        f"in {(apart == 1).sum()} it is the next one, in {(apart > 1).sum()} another."
    ) in text


# --- the directive -------------------------------------------------------------------

DRAW = "# Draw\n\nBefore.\n\n```{draw-a-digit}\n```\n"
INDEX = "# Tiny\n\n```{toctree}\nbook/deployment/draw\n```\n"


@pytest.fixture
def tiny(course, tmp_path, monkeypatch) -> Site:
    """A course with the page, three models and a package: their content does not matter here."""
    site = Site(course)
    site.package = tmp_path / "npm/onnxruntime-web"
    (site.package / "dist").mkdir(parents=True)
    (site.package / "package.json").write_text('{"version": "1.2.3"}')
    for name in draw_a_digit.FILES:
        (site.package / "dist" / name).write_text(name)
    for framework in FRAMEWORKS:
        path = exports.model(course, framework)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(framework)
    monkeypatch.setattr(draw_a_digit, "npm_package", lambda name: site.package)
    (site.root / "conf.py").write_text(
        CONF.replace('"triptych.site.side_by_side"', '"triptych.site.draw_a_digit"')
        + "exclude_patterns += ['npm']\n"
    )
    site.page(INDEX, "index")
    site.page(DRAW, "book/deployment/draw")
    return site


def shown(site: Site):
    return site.html("book/deployment/draw")


def test_the_page_brings_its_two_files_its_models_and_its_script_and_other_pages_do_not(tiny):
    assert tiny.build() == ""
    static = tiny.root / "_build/html/_static"
    assert sorted(path.name for path in (static / "onnxruntime-web").iterdir()) == sorted(draw_a_digit.FILES)
    assert (static / "digits/digits-jax.onnx").read_text() == "jax"
    assert "ONNX Runtime Web 1.2.3" in shown(tiny).get_text()
    assert [box["value"] for box in shown(tiny).select("input[name=framework]")] == list(FRAMEWORKS)
    for kind in ("script[src*='draw-a-digit.js']", "link[href*='draw-a-digit.css']"):
        assert len(shown(tiny).select(kind)) == 1
        assert tiny.html("index").select(kind) == []


def test_without_the_package_the_page_says_how_to_bring_it_and_the_build_goes_on(tiny, monkeypatch):
    told = []
    monkeypatch.setattr(draw_a_digit.LOGGER, "info", told.append)
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
    exports.model(Course(tiny.root), "jax").unlink()
    assert tiny.build() == (
        "book/deployment/draw.md:5: WARNING: book/_static/digits/digits-jax.onnx: no such model; "
        "`triptych exports` makes it\n"
    )
    assert [box["value"] for box in shown(tiny).select("input[name=framework]")] == ["pytorch", "tensorflow"]


def test_a_model_that_changes_is_brought_again_under_another_address(tiny):
    tiny.build()
    first = shown(tiny).select_one("input[value=jax]")["data-model"]
    path = exports.model(Course(tiny.root), "jax")
    path.write_text("trained anew")
    later(path)
    tiny.build()
    assert shown(tiny).select_one("input[value=jax]")["data-model"] != first
    assert (tiny.root / "_build/html/_static/digits/digits-jax.onnx").read_text() == "trained anew"


@pytest.mark.parametrize("builder", ["text", "latex", "gettext"])
def test_other_builders_pass_over_it(tiny, builder):
    warnings = tiny.build(builder)
    assert "triptych" not in warnings and "Traceback" not in warnings


# --- the stored models ---------------------------------------------------------------


@pytest.fixture
def models(course):
    """A course that has the chapter's notebooks and the stored models."""
    declare(exports.CHAPTER)
    for path in [*OURS.siblings(exports.CHAPTER).values(), *(exports.model(OURS, f) for f in FRAMEWORKS)]:
        copy = course.root / OURS.name(path)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)
    return course


def test_the_stored_models_answer_as_the_notebooks_stored():
    assert exports.check(OURS) == []


def test_a_damaged_model_is_named(models):
    path = exports.model(models, "jax")
    path.write_bytes(path.read_bytes()[:2000])
    (line,) = exports.check(models)
    assert line.startswith("book/_static/digits/digits-jax.onnx: cannot be run (")
    assert line.endswith("; run `triptych exports`")


def test_a_model_that_answers_otherwise_is_named_with_the_difference(models, monkeypatch):
    path = exports.model(models, "tensorflow")
    path.write_bytes(elsewhere(path))
    monkeypatch.chdir(models.root)
    run = CliRunner().invoke(main, ["exports", "--check"])
    assert run.exit_code == 1 and run.output.endswith("3 models, 3 complaints\n")
    lines = run.stderr.splitlines()
    assert {line.partition(":")[0] for line in lines} == {"book/_static/digits/digits-tensorflow.onnx"}
    assert all(line.endswith("; run `triptych exports`") for line in lines)
    assert "'logits of image 0' begin [" in lines[0]
    assert re.search(r"'right, v2' is \d+ of 597, in notebooks/deployment/tensorflow\.ipynb \d+", lines[1])
    assert re.search(r"logits up to 1e\+03 away from those of digits-pytorch\.onnx, \d+ labels", lines[2])


def test_a_missing_model_and_a_missing_checkpoint_are_named(models, save):
    exports.model(models, "pytorch").unlink()
    save("jax", section("Another network"), chapter=exports.CHAPTER)
    first, second = exports.check(models)
    assert first == "book/_static/digits/digits-pytorch.onnx: no such model; run `triptych exports`"
    assert second.startswith(
        "notebooks/deployment/jax.ipynb: no checkpoint in a section 'The network to carry'"
    )


def test_without_onnx_runtime_there_is_a_clear_error(monkeypatch):
    monkeypatch.setattr(exports.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(TriptychError, match=r"^onnxruntime: not installed; `make extras`"):
        exports.check(OURS)


def test_a_model_is_made_by_running_its_notebook_and_a_notebook_that_writes_none_is_told(course, save):
    parameters = nbformat.v4.new_code_cell('export_to = ""', metadata={"tags": ["parameters"]})
    writes = "open(f'{export_to}/digits-jax.onnx', 'w').write('made')"
    for framework in FRAMEWORKS:
        save(framework, [parameters], section("One", source=writes), chapter=exports.CHAPTER)
    before = course.siblings(exports.CHAPTER)["jax"].read_text()
    assert exports.make(course, "jax", progress=False).read_text() == "made"
    assert course.siblings(exports.CHAPTER)["jax"].read_text() == before
    with pytest.raises(TriptychError, match=r"pytorch\.ipynb: wrote no digits-pytorch.onnx into `export_to`"):
        exports.make(course, "pytorch", progress=False)
