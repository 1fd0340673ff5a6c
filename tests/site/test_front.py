"""Where a stranger arrives: the front page, and the page for an address that leads nowhere."""

from __future__ import annotations

import functools
import re
import threading
from http.server import ThreadingHTTPServer

import pytest

from support import ROOT, QuietHandler
from support.small_site import Site
from support.small_site import site as small  # noqa: F401  (a fixture)
from support.visits import WIDTHS, violations, visits
from triptych.course import Course

FRONT = """\
# Front

```{side-by-side} Getting warmer
:chapter: tiny
:cells: 1
:first: jax
```

```{chapter-map}
```

```{learning-path} I know one and want "another"
:frameworks: jax, pytorch

1. [It](book/tiny.md)
2. [Elsewhere](https://example.org)
```

{colab}`Try <tiny/jax>`

```{toctree}
book/tiny
notebooks/tiny/pytorch
notebooks/tiny/tensorflow
notebooks/tiny/jax
```
"""


@pytest.fixture
def front(small) -> Site:
    """The small course, whose front page has everything that a front page may have."""
    small.page(FRONT, "index")
    small.page("# Tiny\n\n*How small can it be?*\n\n```{side-by-side} Getting warmer\n```\n")
    return small


def test_the_map_has_each_chapters_title_and_question_and_follows_them(front):
    assert front.build() == ""
    (entry,) = front.html("index").select(".chapter-map li")
    assert (entry.get_text(), entry.a["href"]) == ("Tiny How small can it be?", "book/tiny.html")
    front.page("# Minute\n\n*How minute?*\n\n```{side-by-side} Getting warmer\n```\n")
    front.build()
    (entry,) = front.html("index").select(".chapter-map li")
    assert entry.get_text() == "Minute How minute?"


def test_a_path_has_its_time_and_chooses_the_frameworks_and_some_cells_stand_without_prose(front):
    assert front.build() == ""
    page = front.html("index")
    path = page.select_one("details.learning-path")
    assert path.summary.get_text().startswith('I know one and want "another" 5 min')
    links = [link["href"] for link in path.find_all("a")]
    assert links == ["book/tiny.html?framework=jax,pytorch", "https://example.org"]
    assert path.select_one("li .time").get_text(strip=True) == "5 min"
    assert page.select_one(".side-by-side .cell_input").get_text(strip=True) == "measure()"
    assert len(page.select(".side-by-side .cell")) == 3
    assert not page.select(".side-by-side-links")
    assert page.select_one("script[src*='panels.js']")["data-first"] == "jax"


def test_an_unknown_framework_and_a_missing_notebook_are_told_with_their_line(front):
    text = FRONT.replace("jax, pytorch", "jax, caffe").replace("tiny/jax>", "tiny/caffe>")
    front.page(text.replace(":first: jax", ":first: caffe"), "index")
    warnings = front.build()
    assert "index.md:3: WARNING: :first: caffe: no such panel; there are: pytorch" in warnings
    assert "index.md:12: ERROR: :frameworks: caffe: there are pytorch" in warnings
    assert "no notebook notebooks/tiny/caffe.ipynb" in warnings


def test_the_readme_lists_every_chapter_with_the_question_of_its_page():
    rows = re.findall(
        r"^\| \[[^\]]+\]\(book/(\w+)\.md\) \| ([^|]+) \|", (ROOT / "README.md").read_text("utf-8"), re.M
    )
    questions = {
        chapter.name: re.search(r"^\*(.+)\*$", (ROOT / f"book/{chapter.name}.md").read_text("utf-8"), re.M)[1]
        for chapter in Course(ROOT).chapters
    }
    assert rows == list(questions.items())


# --- the course's own ------------------------------------------------------------------


@pytest.fixture
def visit(browser, address):
    with visits(browser, address) as visit:
        yield visit


def test_the_front_page_says_on_one_screen_what_this_is_and_how_to_start(visit):
    page = visit("book/index.html", 1440)
    for part in (".bd-article h1", ".side-by-side", "#start", "#paths", "#chapters"):
        box = page.locator(part).first.bounding_box()
        assert box["y"] + box["height"] <= WIDTHS[1440], part
    page = visit("book/index.html", 390)
    way = page.locator("#start li").first.bounding_box()
    assert way["y"] + way["height"] <= WIDTHS[390]


def cut(page) -> list[str]:
    """The blocks of code that are wider than their place."""
    return page.evaluate(
        """() => [...document.querySelectorAll("pre")]
            .filter((pre) => pre.getClientRects().length && pre.scrollWidth > pre.clientWidth)
            .map((pre) => pre.textContent)"""
    )


@pytest.mark.parametrize(
    "width", [390, *(pytest.param(width, marks=pytest.mark.slow) for width in (1280, 1366, 1440, 1536, 1920))]
)
def test_no_code_of_the_front_page_is_cut_off(visit, width):
    page = visit("book/index.html", width)
    titles = page.locator(".side-by-side-panel > .rubric:visible").all_inner_texts()
    assert titles == ["PyTorch", "JAX"][: 1 if width == 390 else 2]
    assert cut(page) == []


@pytest.mark.slow
def test_a_path_unfolds_and_leads_to_its_pages_with_the_frameworks_chosen(visit):
    page = visit("book/index.html")
    assert page.locator(".learning-path").count() >= 4
    first = page.locator(".learning-path", has_text="I know PyTorch and want JAX")
    first.locator("summary").click()
    first.get_by_role("link", name="Tracing").click()
    page.wait_for_url("**/book/graphs/tracing.html?framework=pytorch,jax")


# --- no such page -----------------------------------------------------------------------


@pytest.fixture
def published(site):
    """The site in the folder /triptych/ of a host that answers any dead address with 404.html."""

    class Host(QuietHandler):
        def translate_path(self, path: str) -> str:
            inside = path.partition("?")[0].removeprefix("/triptych")
            return super().translate_path(inside if inside != path else "/no-such-file")

        def send_error(self, *arguments: object) -> None:
            body = (site / "404.html").read_bytes()
            self.send_response(404)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Host, directory=str(site))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize("folder", ["/triptych", pytest.param("/triptych/book", marks=pytest.mark.slow)])
def test_a_dead_address_offers_what_its_name_is_about_and_the_chapters(visit, published, folder):
    page = visit("old/stop_gradient.html", at=published + folder)
    found = page.locator(".found > li > a", has_text="Stopping and clipping").first
    found.wait_for(timeout=20_000)
    assert [fault for fault in page.faults if "404" not in fault] == []
    chapters = page.locator(".chapter-map a")
    assert chapters.count() >= 6
    chapters.first.click()
    page.wait_for_url(f"{published}/triptych/book/models.html")


@pytest.mark.slow
@pytest.mark.parametrize(
    "address", ["a%ZZ", "%E0%A4%A", "<img src=x onerror=alert(1)>", "-".join(["x"] * 2000)]
)
def test_an_odd_dead_address_is_searched_for_as_it_stands(visit, published, address):
    page = visit(address, at=f"{published}/triptych")
    words = page.locator(".triptych-search-page input").input_value()
    assert words == address.replace("-", " ")[:100]
    assert [fault for fault in page.faults if "404" not in fault] == []


@pytest.mark.slow
def test_the_page_for_dead_addresses_opens_from_the_disk_and_stays_when_its_own_links_are_used(
    visit, site, published
):
    page = visit("404.html", at=site.as_uri())
    page.locator(".chapter-map a").first.click()
    page.wait_for_url("file://**/book/models.html")
    page = visit("old/page.html", at=f"{published}/triptych")
    page.evaluate("document.querySelector('#pst-skip-link a').click()")
    page.evaluate("new Promise((resolve) => setTimeout(resolve, 300))")  # fails where the page goes away
    assert page.url == f"{published}/triptych/old/page.html#main-content"


@pytest.mark.slow
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_no_violation_on_the_page_for_dead_addresses(visit, published, width, theme):
    assert violations(visit("old/page.html", width, theme, at=f"{published}/triptych")) == []
