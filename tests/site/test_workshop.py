"""A workshop's zip: a chapter for a class, without a network and without a solution."""

from __future__ import annotations

import json
import posixpath
import re
import shutil
import zipfile
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import nbformat
import pytest
from bs4 import BeautifulSoup
from click.testing import CliRunner

from support import ROOT, edit, section
from support.visits import visits
from triptych.cli import main
from triptych.course import Chapter, Course
from triptych.dev import work
from triptych.errors import TriptychError
from triptych.frameworks import FRAMEWORKS
from triptych.grading.submissions import Roster
from triptych.notebooks import cells as plain
from triptych.site.workshop import pack, papers, timetable
from triptych.site.workshop.timetable import Part, sessions

WEB = "https://example.org/tiny"
PAGE = """<html><head>
<link rel="canonical" href="{web}/{page}.html"><link rel="next" href="{up}book/tiny/worked.html">
</head><body><nav><ul>
<li><a class="reference internal" href="{up}book/tiny/more.html">More</a></li>
<li><a class="reference internal" href="{up}book/tiny/worked.html">Worked</a></li>
<li><a class="reference internal" href="{up}book/other.html?framework=jax#a">Other</a></li>
</ul></nav><a href="{up}_sources/{page}{ending}">source</a>
<p>When you have tried: <a href="{up}book/tiny/worked.html#x">worked</a>.</p><a href="#here">here</a>
<a href="https://example.com/">elsewhere</a><img src="{up}_images/used.png">
<a class="right-next" href="{up}book/tiny/worked.html"><p>next</p></a>
</body></html>"""
KEPT = ("book/index", "book/tiny", "book/tiny/more", "book/glossary", "search")
PAGES = (*KEPT, "book/tiny/worked", "book/other")


@pytest.fixture
def html(tmp_path: Path) -> Path:
    """A built site of a chapter ``tiny``, and another one."""
    folder = tmp_path / "html"
    notebooks = [f"{room}/tiny/{name}" for room in ("notebooks", "exercises") for name in FRAMEWORKS]
    for page in (*PAGES, *notebooks):
        path = folder / f"{page}.html"
        path.parent.mkdir(parents=True, exist_ok=True)
        ending = ".ipynb" if page in notebooks else ".md"
        path.write_text(PAGE.format(web=WEB, page=page, up="../" * page.count("/"), ending=ending))
    (folder / "index.html").write_text('<meta content="0; url=book/index.html" http-equiv="refresh"/>')
    for name in ("_static/a.css", "_static/digits/a.onnx", "_images/used.png", "_images/other.png"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("x")
    place = {"anchor": "", "heading": "H", "trail": [], "kind": "page", "text": []}
    jax = {"jax": ["notebooks/tiny/jax.html", "h", []], "keras": ["notebooks/other/keras.html", "h", []]}
    listed = [place | {"page": f"{page}.html", "siblings": jax} for page in PAGES]
    data = json.dumps({"titles": {}, "places": listed})
    (folder / "search-index.js").write_text(f"globalThis.triptychIndex={data};\n")
    return folder


@pytest.fixture
def small(course: Course, save) -> Course:
    """A course with a chapter ``tiny`` of one page with two sections, and one exercise."""
    for file in ("pyproject.toml", "constraints/default.txt", work.TUTOR):
        (course.root / file).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / file, course.root / file)
    (course.root / "book/tiny").mkdir(parents=True)
    panels = "# More\n\n```{side-by-side} One\n```\n\n```{side-by-side} Two\n```\n"
    (course.root / "book/tiny.md").write_text("# Tiny\n\nNo panels.\n")
    (course.root / "book/tiny/more.md").write_text(panels)
    for name in FRAMEWORKS:
        path = save(name, section("One"), section("Two"))
        links = "[a](../../book/tiny.md#x) [b](../../book/other.md) [c](jax.ipynb) [d](https://example.com)"
        image = "![i](../../book/_static/a.css)"
        edit(path, lambda raw, text=f"{links} {image}": raw["cells"][1].update(source=f"## One\n\n{text}"))
        exercise = course.root / f"exercises/tiny/{name}.ipynb"
        exercise.parent.mkdir(parents=True, exist_ok=True)
        made = nbformat.v4.new_notebook(
            cells=[
                nbformat.v4.new_markdown_cell("## Twice", id="q"),
                nbformat.v4.new_code_cell("# YOUR CODE HERE", id="a"),
                nbformat.v4.new_markdown_cell("[w](../../book/tiny/worked.md)", id="worked"),
            ]
        )
        nbformat.write(made, exercise)
    return course


@pytest.fixture
def unpacked(small: Course, html: Path, tmp_path: Path) -> Path:
    """The chapter's zip, unpacked."""
    pack.pack(small, "tiny", html, tmp_path / "made.zip", papers.Day(hub="https://hub.example.org"))
    with zipfile.ZipFile(tmp_path / "made.zip") as archive:
        archive.extractall(tmp_path / "class")
    return tmp_path / "class/triptych-tiny"


def test_it_holds_what_a_class_needs_and_nothing_of_another_chapter_or_of_a_solution(unpacked):
    found = {path.relative_to(unpacked).as_posix() for path in unpacked.rglob("*") if path.is_file()}
    site = {"_static/a.css", "_images/used.png", "search-index.js", "index.html", "search.html"}
    site |= {f"book/{name}.html" for name in ("index", "tiny", "tiny/more", "glossary")}
    own = {f"{room}/tiny/{name}" for room in ("notebooks", "exercises") for name in FRAMEWORKS}
    teacher = {f"teacher/{name}" for name in ("timetable.md", "checklist.md", "class-list.csv")}
    assert found == {
        *(f"site/{name}" for name in site | {f"{name}.html" for name in own}),
        *(f"{name}.ipynb" for name in own),
        *teacher,
        "README.md",
        "requirements.txt",
        "constraints.txt",
        work.TUTOR,
    }


def test_the_same_course_gives_the_same_zip(small, html, tmp_path):
    for name in ("one.zip", "two.zip"):
        pack.pack(small, "tiny", html, tmp_path / name, papers.Day())
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_links_lead_into_the_site_or_to_the_web_and_say_so(unpacked):
    page = BeautifulSoup((unpacked / "site/book/tiny/more.html").read_text(), "html.parser")
    links = {a.get_text(): a for a in page.find_all("a")}
    assert set(links) == {"More", "Other", "here", "elsewhere"}  # of no worked solution, of no source
    assert links["More"]["href"] == "../../book/tiny/more.html"
    assert links["Other"]["href"] == f"{WEB}/book/other.html?framework=jax#a"
    assert "network" in links["Other"]["title"] and "external" in links["Other"]["class"]
    assert "When you have tried" not in page.get_text() and "next" not in page.get_text()
    assert not page.find_all("link", rel="next")
    lesson = BeautifulSoup((unpacked / "site/notebooks/tiny/jax.html").read_text(), "html.parser")
    source = next(a["href"] for a in lesson.find_all("a") if a.get_text() == "source")
    assert (unpacked / "site/notebooks/tiny" / source).resolve() == unpacked / "notebooks/tiny/jax.ipynb"


def test_the_sites_first_page_leads_to_the_chapter(unpacked):
    assert "url=book/tiny.html" in (unpacked / "site/index.html").read_text()


def test_the_search_finds_only_what_is_there(unpacked):
    text = (unpacked / "site/search-index.js").read_text()
    places = json.loads(text.removeprefix("globalThis.triptychIndex=").removesuffix(";\n"))["places"]
    pages = [place["page"] for place in places]
    assert pages == [f"{page}.html" for page in KEPT]
    assert all(list(place["siblings"]) == ["jax"] for place in places)


def test_a_notebooks_links_lead_into_the_zip_or_to_the_web(unpacked):
    node = plain.read(unpacked / "notebooks/tiny/pytorch.ipynb")
    text = next(plain.source(c) for c in plain.cells(node) if plain.source(c).startswith("## One"))
    leads = dict(re.findall(r"\[(\w)\]\(([^)]+)\)", text))
    assert leads == {
        "a": "../../site/book/tiny.html#x",
        "b": f"{WEB}/book/other.html",
        "c": "jax.ipynb",
        "d": "https://example.com",
        "i": "../../site/_static/a.css",
    }
    exercise = [cell["id"] for cell in plain.cells(plain.read(unpacked / "exercises/tiny/jax.ipynb"))]
    assert exercise == ["q", "a"]


def test_the_papers_name_the_chapters_commands_and_links(unpacked, small):
    checklist = (unpacked / "teacher/checklist.md").read_text()
    assert "--chapter tiny --students class-list.csv --out marks" in checklist
    for name in FRAMEWORKS:
        assert small.colab_url(small.root / f"exercises/tiny/{name}.ipynb") in checklist
    (link,) = re.findall(r"<(https://hub\.example\.org[^>]*jax[^>]*)>", checklist)
    asked = parse_qs(urlsplit(link).query)
    assert asked["repo"] == ["https://github.com/example/tiny"] and asked["branch"] == ["main"]
    assert asked["urlpath"] == ["lab/tree/tiny/exercises/tiny/jax.ipynb?autodecode"]
    roster = Roster.read(unpacked / "teacher/class-list.csv")
    assert [student.id for student in roster.students] == ["s001", "s002"]
    assert "solutions" in (unpacked / "README.md").read_text()
    pins = (unpacked / "requirements.txt").read_text().splitlines()
    assert {"jax", "torch", "jupyterlab"} <= {pin.partition("==")[0] for pin in pins}
    held = (unpacked / "constraints.txt").read_text()
    assert "--constraint constraints.txt" in pins and "\njaxlib==" in held and "\nkeras==" in held


@pytest.mark.parametrize("page", ["", "/", "/hub", "/hub/", "/hub/home", "/hub/spawn?next=%2Fhub%2Fhome"])
def test_a_hub_s_address_may_be_that_of_a_page_of_it(page):
    for hub in ("https://hub.example.org", "http://example.org/jupyter"):
        assert papers.hub(hub + page) == hub
    assert papers.hub("") == ""


def test_the_time_is_reckoned_from_what_is_read_run_and_solved(small):
    def fill(raw):
        raw["cells"][1]["source"] = "## One\n\n" + "word " * 178
        raw["cells"][2]["source"] = "\n".join(["x = 1"] * 12)
        raw["cells"][2]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "a\n" * 12}]
        raw["cells"][3]["source"] = "## Two\n\n" + "word " * 358
        raw["cells"][4] |= {"source": "x\n" * 6, "outputs": []}
        raw["cells"].append(dict(raw["cells"][2], id="folded", metadata={"tags": ["plumbing"]}))

    edit(small.root / "notebooks/tiny/jax.ipynb", fill)  # the slowest of the frameworks counts
    page, exercise = timetable.parts(small, "tiny")
    assert (page.what, exercise.what, exercise.minutes) == ("More", "Exercise: Twice", 15)
    one, two, title = 1 + 2, 2 + 0.5, 2 / 180
    assert page.minutes == pytest.approx(one + two + title + 3 * timetable.RUN + 2 * timetable.TALK)


def reckoned(*minutes: int, exercises: int = 0) -> list[Part]:
    pages = [Part(f"P{number}", "", each) for number, each in enumerate(minutes)]
    return [*pages, *(Part(f"Exercise: E{n}", "", 15, exercise=True) for n in range(exercises))]


def test_a_session_begins_pauses_and_ends(course):
    (one,) = sessions(reckoned(38, 41, 20, exercises=2), 240)
    assert [(row.start, row.end, row.what) for row in one.rows] == [
        (0, 10, "Begin"),
        (10, 50, "P0"),
        (50, 95, "P1"),
        (95, 110, "Break"),
        (110, 130, "P2"),
        (130, 160, "2 exercises: E0, E1"),
        (160, 170, "Hand in"),
    ]


@pytest.mark.parametrize("longest", [75, 95, 120, 180, 210, 600])
def test_all_is_taught_once_in_order_and_no_session_is_too_long(longest):
    found = reckoned(12, 38, 41, 20, 7, exercises=9)
    made = sessions(found, longest)
    assert all(session.minutes <= longest for session in made)
    told = " ".join(row.what for session in made for row in session.rows)
    positions = [told.index(part.what.removeprefix("Exercise: ")) for part in found]
    assert positions == sorted(positions)
    for session in made:
        assert all(a.end == b.start for a, b in zip(session.rows, session.rows[1:], strict=False))
        stretch = 0
        for row in session.rows[1:-1]:
            stretch = 0 if row.what == "Break" else stretch + row.end - row.start
            assert stretch <= timetable.LONGEST
    assert [s.rows[-1].what for s in made] == ["End"] * (len(made) - 1) + ["Hand in"]


def test_what_is_longer_than_a_session_has_one_to_itself():
    made = sessions(reckoned(300, 10), 120)
    assert [[row.what for row in s.rows] for s in made] == [
        ["Begin", "P0", "End"],
        ["Begin again", "P1", "End"],
    ]


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["nothing"], "no such chapter"),
        (["tiny", "--start", "25:00"], "no time of day; write it like 09:00"),
        (["tiny", "--start", "nine"], "no time of day; write it like 09:00"),
        (["tiny", "--hub", "hub.example.org"], "no web address; write it like https://hub.example.org"),
        (["tiny", "--site", "elsewhere"], "no site is built there; run `make book` first"),
        (["tiny", "--into", "zip.txt"], "no name of a zip"),
    ],
)
def test_bad_input_is_one_line_and_writes_nothing(small, html, monkeypatch, options, problem):
    monkeypatch.chdir(small.root)
    site = [] if "--site" in options else ["--site", str(html)]
    done = CliRunner().invoke(main, ["workshop", *options, *site])
    assert (done.exit_code, len(done.output.splitlines())) == (1, 1)
    assert problem in done.output
    assert not [*small.root.rglob("*.zip")]


def test_a_chapter_without_exercises_or_panels_is_told(small, html, tmp_path, monkeypatch):
    (small.root / "book/tiny/more.md").write_text("# More\n")
    with pytest.raises(TriptychError, match="no page shows a section"):
        pack.pack(small, "tiny", html, tmp_path / "a.zip", papers.Day())
    (small.root / "book/tiny/more.md").write_text("# More\n\n```{side-by-side} One\n```\n")
    shutil.rmtree(small.root / "exercises/tiny")
    with pytest.raises(TriptychError, match="exercises/tiny: no exercises"):
        pack.pack(small, "tiny", html, tmp_path / "a.zip", papers.Day())
    monkeypatch.setattr("triptych.course.CHAPTERS", (Chapter("tiny", exercises=False),))
    with pytest.raises(TriptychError, match="exercises/tiny: this chapter has no exercises yet; choose"):
        pack.pack(small, "tiny", html, tmp_path / "a.zip", papers.Day())
    assert not (tmp_path / "a.zip").exists()


# --- the course's own ----------------------------------------------------------


@pytest.fixture(scope="module", params=["graphs", "deployment"])
def own(request: pytest.FixtureRequest, site: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A chapter of the course's own, from its zip."""
    folder = tmp_path_factory.mktemp("a teacher's own – 教室 #2")
    pack.pack(Course(ROOT), request.param, site, folder / "made.zip", papers.Day())
    with zipfile.ZipFile(folder / "made.zip") as archive:
        archive.extractall(folder)
    return folder / f"triptych-{request.param}"


@pytest.mark.slow
def test_no_link_of_the_course_is_dead_and_none_leads_to_a_worked_solution(own):
    dead, seen = [], 0
    for path in own.rglob("*.html"):
        for tag in BeautifulSoup(path.read_text(), "html.parser").find_all(["a", "link", "img", "script"]):
            url = str(tag.get("href") or tag.get("src") or "")
            parts = urlsplit(url)
            assert not parts.path.endswith("/worked.html"), path
            if parts.scheme or parts.netloc or not parts.path:
                continue
            seen += 1
            if not (path.parent / unquote(parts.path)).is_file():
                dead.append((path.relative_to(own).as_posix(), url))
    for path in own.rglob("*.ipynb"):
        prose = [
            plain.source(cell) for cell in plain.cells(plain.read(path)) if cell["cell_type"] == "markdown"
        ]
        for url in re.findall(r"\]\(([^)\s]+)\)", "\n".join(prose)):
            if re.match(r"https?:|#", url):
                continue
            seen += 1
            if not (path.parent / url.partition("#")[0]).is_file():
                dead.append((path.relative_to(own).as_posix(), url))
    assert seen > 1000 and dead == []


@pytest.mark.slow
def test_no_answer_of_a_solution_is_in_the_courses_zip(own):
    chapter = own.name.removeprefix("triptych-")
    texts = [p.read_text() for p in own.rglob("*") if p.suffix in (".html", ".ipynb", ".js", ".md")]
    squeezed = re.sub(r"<[^>]+>|\\n|[\s\"\\,]", "", "\n".join(texts))
    released = "\n".join(p.read_text() for p in sorted((ROOT / "exercises" / chapter).glob("*.ipynb")))
    given = re.sub(r"\\n|[\s\"\\,]", "", released)  # a program to translate is an answer elsewhere
    seen = 0
    for name in FRAMEWORKS:
        for cell in plain.code_cells(plain.read(ROOT / f"solutions/{chapter}/{name}.ipynb")):
            answers = re.findall(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", plain.source(cell), re.DOTALL)
            for answer in answers:
                told = re.sub(r"[\s\"\\,]", "", answer)
                if len(told) > 150 and told not in given:
                    seen += 1
                    assert told not in squeezed
    assert seen > 5


@pytest.mark.slow
def test_an_exercise_of_the_courses_zip_is_the_released_one_but_for_its_links(own):
    for path in sorted(own.glob("exercises/*/*.ipynb")):
        mine, released = (
            [cell for cell in plain.cells(plain.read(p)) if cell["id"] != "worked"]
            for p in (path, ROOT / path.relative_to(own))
        )
        assert [c["id"] for c in mine] == [c["id"] for c in released]
        assert [c["metadata"] for c in mine] == [c["metadata"] for c in released]
        code = [[plain.source(c) for c in each if c["cell_type"] == "code"] for each in (mine, released)]
        assert code[0] == code[1]


@pytest.mark.slow
def test_the_courses_zip_opens_from_the_disk_and_is_searched_there(own, browser):
    chapter = own.name.removeprefix("triptych-")
    with visits(browser, (own / "site").as_uri()) as visit:
        for page in ("index.html", f"book/{chapter}.html", f"exercises/{chapter}/jax.html"):
            opened = visit(page)
            assert opened.locator("article h1").count() == 1
            assert [url for url in opened.loaded if not url.startswith(("file:", "data:"))] == []
            assert opened.faults == []
        page = visit("search.html?q=trace")
        page.locator(".found > li a").first.click()
        page.wait_for_url(re.compile(r"/site/(book|notebooks|exercises)/"))
        assert page.faults == []
        assert posixpath.basename(urlsplit(page.url).path) != "search.html"
