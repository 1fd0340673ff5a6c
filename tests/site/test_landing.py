"""The landing frame and the links to report a problem: what they say, on a small real site."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlsplit

import pytest
from bs4 import BeautifulSoup

from support.small_site import INDEX, PAGE, Site, frame, later, site  # noqa: F401  (a fixture)
from triptych import course as courses
from triptych.course import Chapter
from triptych.dev.versions import Outcome, Versions, code_of
from triptych.frameworks import FRAMEWORKS
from triptych.site.landing.passed import sentences

PACKAGES = {"torch": "2.13.0", "tensorflow": "2.21.0", "jax": "0.10.2"}
GRAPHS = [f"notebooks/graphs/{name}.ipynb" for name in FRAMEWORKS]
PASSED = Outcome("passed", "2026-11-29", last_passed="2026-11-29")


def versions(**outcomes: Outcome) -> Versions:
    notebooks = {place: outcomes.get(name, PASSED) for name, place in zip(FRAMEWORKS, GRAPHS, strict=True)}
    return Versions("2026-11-29", "3.11", PACKAGES, (), notebooks)


# --- what a record says -----------------------------------------------------------


def test_a_page_of_several_frameworks_says_what_passed_and_when():
    (told,) = sentences({"default": versions(), "colab": versions()}, GRAPHS, list(FRAMEWORKS.values()))
    ours = "PyTorch 2.13.0, TensorFlow 2.21.0 and JAX 0.10.2"
    assert told == f"Passed with {ours}, with Colab’s versions on 2026-11-29."


def test_each_set_has_its_day_where_they_differ_and_the_earliest_of_its_notebooks():
    sets = {"default": versions(), "newest": versions(jax=Outcome("passed", "2026-11-20"))}
    told = sentences(sets, GRAPHS, list(FRAMEWORKS.values()))
    assert told[0].endswith("JAX 0.10.2 on 2026-11-29, with the newest on 2026-11-20.")


def test_a_notebooks_own_page_names_its_frameworks_versions():
    sets = {"default": versions(), "colab": versions(), "newest": versions()}
    (told,) = sentences(sets, GRAPHS[:1], [FRAMEWORKS["pytorch"]])
    assert told == "Passed with PyTorch 2.13.0, with Colab’s 2.13.0 and the newest 2.13.0 on 2026-11-29."


def test_sets_of_one_day_share_it():
    old = dict.fromkeys(FRAMEWORKS, Outcome("passed", "2026-11-20"))
    sets = {"default": versions(), "colab": versions(**old), "newest": versions(**old)}
    told = sentences(sets, GRAPHS, list(FRAMEWORKS.values()))
    assert told[0].endswith("JAX 0.10.2 on 2026-11-29, with Colab’s versions and the newest on 2026-11-20.")


def test_a_failure_is_told_with_its_reason_and_the_last_day_it_passed():
    failed = Outcome("failed", "2026-11-28", "cell 3: " + "x" * 400, "2026-11-01")
    first, second = sentences({"newest": versions(jax=failed)}, GRAPHS, list(FRAMEWORKS.values()))
    assert first == ""
    assert second.startswith(
        "The notebook in JAX does not run with the newest versions (2026-11-28): cell 3: xx"
    )
    assert second.endswith("xx … It last passed on 2026-11-01.") and len(second) < 300


def test_what_was_not_run_for_one_reason_is_one_sentence():
    waits = Outcome("not run", why="it is newer than the last run with them")
    sets = {"default": versions(), "colab": versions(**dict.fromkeys(FRAMEWORKS, waits))}
    _, told = sentences(sets, GRAPHS, list(FRAMEWORKS.values()))
    which = "The notebook in PyTorch, TensorFlow and JAX"
    assert told == f"{which} was not run with Colab’s versions: it is newer than the last run with them."
    assert sentences({}, GRAPHS, []) == [] == sentences(sets, ["notebooks/graphs/keras.ipynb"], [])


# --- on a small site ---------------------------------------------------------------


@pytest.fixture
def framed(site: Site, monkeypatch: pytest.MonkeyPatch) -> Site:
    """A chapter with a reader, a page below it, and a record."""
    tiny = Chapter("tiny", reader="are <new>", needs="a & b", after=("other",))
    monkeypatch.setattr(courses, "CHAPTERS", (tiny, Chapter("other")))
    site.page(PAGE.replace("# Tiny\n", "# Tiny\n\n*How warm is it?*\n"))
    site.page("# Below\n\n*And below?*\n\n## First\n\nText.\n\n### Not this\n", "book/tiny/below")
    site.page("# The other\n", "book/other")
    site.page(INDEX.replace("book/tiny\n", "book/tiny\nbook/tiny/below\nbook/other\n"), "index")
    record(site)
    return site


def record(site: Site, **outcome: str) -> None:
    ended = {"outcome": "passed", "date": "2026-11-29", "last_passed": "2026-11-29", **outcome}
    paths = [site.root / f"notebooks/tiny/{name}.ipynb" for name in FRAMEWORKS]
    course = courses.Course(site.root)
    notebooks = {course.name(path): {**ended, "code": code_of(course, path)} for path in paths}
    default = {
        "date": "2026-11-29", "python": "3.11", "packages": PACKAGES, "without": [], "notebooks": notebooks,
    }  # fmt: skip
    path = site.root / "results/versions.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({"schema": 1, "sets": {"default": default}}))
    later(path)


def issue_is_about(page: BeautifulSoup, name: str, heading: str) -> None:
    """The page's one section links to a new issue that names it and says the versions."""
    (link,) = page.select(".section-report a")
    assert link.get_text() == f"Report a problem with “{heading}”"
    url = urlsplit(link["href"])
    assert f"{url.scheme}://{url.netloc}{url.path}" == "https://github.com/example/tiny/issues/new"
    query = parse_qs(url.query)
    assert query["title"] == [f"{name}: {heading}"]
    assert f"{name}#{heading.lower()}\nPassed with PyTorch 2.13.0" in query["body"][0]


def test_a_page_has_one_frame_under_its_question_and_each_section_a_link_to_report_it(framed):
    assert framed.build() == ""
    page = framed.html()
    assert frame(page) == {
        "For you if": "you are <new>.",
        "Before": "a & b; The other",
        "Next": "Below",
        "Checked": "Passed with PyTorch 2.13.0, TensorFlow 2.21.0 and JAX 0.10.2 on 2026-11-29.",
    }
    assert page.select_one(".landing").find_previous_sibling().get_text() == "How warm is it?"
    assert frame(framed.html("book/tiny/below"))["Before"] == "Tiny"
    notebook = framed.html("notebooks/tiny/jax")
    assert frame(notebook)["Next"] == "The other"
    print(notebook.select_one(".landing").parent)
    assert notebook.select_one(".landing").find_previous_sibling().get_text() == "Why?"
    assert frame(framed.html("book/other")) == {"Next": "Tiny in PyTorch"}
    assert not frame(framed.html("index"))
    assert not framed.html("index").select(".section-report")
    issue_is_about(framed.html("book/tiny/below"), "book/tiny/below", "First")
    index = (framed.root / "_build/html/search-index.js").read_text()
    assert '"2.13.0"' not in index and "Report a problem" not in index


def test_frames_follow_the_record_without_reading_a_page_again(framed):
    framed.build()
    record(framed, outcome="failed", why="cell 2: <b>")
    framed.build()
    assert framed.read == []
    assert "does not run with PyTorch" in frame(framed.html("book/tiny/below"))["But"]
    assert "cell 2: <b>." in frame(framed.html("notebooks/tiny/jax"))["But"]
    (framed.root / "results/versions.json").write_text("{")
    (warning,) = framed.build().splitlines()
    assert warning.startswith("WARNING: results/versions.json: not JSON")
    assert list(frame(framed.html())) == ["For you if", "Before", "Next"]
