"""Pages say what failed, and hostile text cannot leave them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup

from support.grades import ABOUT, EVIL, ROSTER, grade_of, result, soup
from triptych.grading import report
from triptych.grading.report import cut, plain, slug
from triptych.grading.store import Grade, GradeStore, SubmissionRow


def test_feedback_says_what_failed_with_input_expected_got_and_message(out: Path) -> None:
    page = soup(out / "feedback/s2.html")
    assert " ".join(page.find(id="notebook-1").text.split()) == "JAX bo.ipynb"
    (loop,) = [e for e in page.select(".exercise") if "A loop that compiles" in e.h3.text]
    assert "✓ passed" in loop.select_one(".passed").text
    failed = loop.select_one(".failed")
    assert failed.select_one(".message").decode_contents() == "Mind <code>while</code>: it ends."
    assert [d.text for d in failed.select("dt, dd")] == ["Input", "loop(3)", "Expected", "4", "Got", "5"]
    assert "ran longer than 60 s" in page.select_one(".notice").text


def test_a_page_holds_nothing_of_a_submission_but_text(out: Path) -> None:
    paths = [out / "overview.html", *(out / "feedback").glob("*.html")]
    assert len(paths) == 6
    for path in paths:
        text = path.read_text(encoding="utf-8")
        page = soup(path)
        assert not page.find(["script", "img", "iframe", "form", "object", "embed", "base"]), path
        assert not [tag for tag in page.find_all(True) for name in tag.attrs if name.startswith("on")]
        assert len(page.find_all("style")) == len(page.find_all("title")) == 1
        assert "default-src 'none'" in page.find("meta", {"http-equiv": "Content-Security-Policy"})["content"]
        assert not set("\x00\x1b\u202e") & set(text)
        links = [tag.get("href", "") for tag in page.find_all(["a", "link"])]
        ours = ("feedback/", "https://example.org/triptych/book/")
        assert all(link in ("data:,", "#look") or link.startswith(ours) for link in links)


def test_a_file_name_is_never_what_a_student_wants_it_to_be(out: Path) -> None:
    assert slug("s1") == "s1"
    names = ["../../x", "..", "", "A", "a" * 300, "CON/../x", "é", "a b", "a-b", EVIL]
    made = [slug(name) for name in names]
    assert len(set(made)) == len(names)
    assert all(set(m) <= set("abcdefghijklmnopqrstuvwxyz0123456789-_") and len(m) < 70 for m in made)


def test_no_student_can_take_anothers_page() -> None:
    """Whatever one is called: also as another's page, in other letters, or as a device of Windows."""
    names = [
        "Ann",
        slug("Ann"),
        slug(slug("Ann")),
        "ann",
        "ANN",
        "ann-17239b6e",
        "con",
        "COM1",
        "nul",
        "lpt9",
    ]
    made = [slug(name) for name in names]
    assert len({page.casefold() for page in made}) == len(names)
    assert not {"con", "com1", "nul", "lpt9"} & set(made)
    assert slug("ann") == "ann" and slug("ann-17239b6e") == "ann-17239b6e"


def test_a_page_of_an_earlier_grading_is_gone_and_others_stay(out: Path, store: GradeStore) -> None:
    """Ann, graded by her name at first and by her id now, has one page."""
    (out / "feedback/index.html").write_text("<h1>the instructor's own</h1>")
    rows = [replace(row, student="ann") if row.student == "s1" else row for row, _ in store.rows()]
    store.hand_in(rows)
    report.write(out, ABOUT, store, ROSTER)
    pages = {page.name for page in (out / "feedback").iterdir()}
    assert {"ann.html", "index.html", "s2.html"} <= pages
    assert "s1.html" not in pages


def test_what_is_not_solved_links_the_sections_that_it_is_about(out: Path) -> None:
    page = soup(out / "feedback/s2.html")
    loop, branch = page.select(".exercise")
    links = [(a.text, a["href"]) for a in loop.select(".objective a")]
    assert links == [("Data-dependent loops", "https://example.org/triptych/book/graphs/x.html#loops")]
    assert not branch.select(".objective a")


def own_page(tmp_path: Path, grade: Grade) -> BeautifulSoup:
    """A learner's own page."""
    row = SubmissionRow("a", "A", "a.ipynb", "jax")
    report.write_own_feedback(tmp_path / "page.html", ABOUT, row, grade)
    return soup(tmp_path / "page.html")


def test_an_exception_comes_before_the_diagnosis_and_is_told_once(tmp_path: Path) -> None:
    failed = result(
        "loop/ends",
        3,
        0,
        message="The start counts too.",
        problem="It raised TypeError: no <b>.",
        got="TypeError: no <b>",
        input="loop(3)",
    )
    (line,) = own_page(tmp_path, Grade((failed,), 1)).select("li.failed")
    assert [p.text for p in line.select("p")] == [
        "It raised TypeError: no <b>.",
        "What this check looks for: The start counts too.",
    ]
    assert [d.text for d in line.select("dt")] == ["Input"]
    lines = [" ".join(line.split()) for _, line in report.text_report(Grade((failed,), 1), ABOUT)]
    assert lines[1:4] == [
        "Ends: It raised TypeError: no <b>.",
        "What this check looks for: The start counts too.",
        "input loop(3)",
    ]


def test_a_problem_that_several_checks_meet_is_told_once(tmp_path: Path) -> None:
    texts = {"message": "Mind this.", "problem": "It raised TypeError: no.", "got": "TypeError: no"}
    again = [result(f"loop/{name}", 1, 0, **texts) for name in ("starts", "goes-on", "ends")]
    grade = Grade((*again, result("branch/x", 1, 0, **texts)), 1)
    page = own_page(tmp_path, grade)
    assert len(page.select(".problem")) == len(page.select(".message")) == 2  # once in each exercise
    named = [" ".join(span.text.split()) for span in page.select(".failed .line span:nth-of-type(2)")]
    assert named == ["Starts", "Goes on: the same as above.", "Ends: the same as above.", "X"]
    lines = [" ".join(line.split()) for _, line in report.text_report(grade, ABOUT)]
    assert lines[1:5] == [
        "Starts: It raised TypeError: no.",
        "What this check looks for: Mind this.",
        "Goes on: the same as above.",
        "Ends: the same as above.",
    ]


def test_the_first_difference_stands_by_itself(tmp_path: Path) -> None:
    failed = result(
        "loop/ends", 3, 0, message="m", expected="[1, 2]", got="[1, 3]", difference="at [1]: 3 and not 2"
    )
    page = own_page(tmp_path, Grade((failed,), 1))
    assert [d.text for d in page.select("dt, dd")][-2:] == ["Differs", "at [1]: 3 and not 2"]
    lines = [" ".join(line.split()) for _, line in report.text_report(Grade((failed,), 1), ABOUT)]
    assert "differs at [1]: 3 and not 2" in lines


def test_why_a_function_could_not_be_asked_is_said_once_for_an_exercise(tmp_path: Path) -> None:
    why = "The cell that defines `loop` failed: code cell 3: SyntaxError: invalid <b>."
    absent = [result(f"loop/{name}", 1, 0, message=why, absent=True) for name in ("starts", "ends")]
    grade = Grade((*absent, result("branch/chooses", 3, 0, message="Not answered yet.", absent=True)), 1)
    page = own_page(tmp_path, grade)
    assert [p.text for p in page.select(".absence")] == [why.replace("`", "")]
    assert [tag.text for tag in page.select(".line .tag")] == ["not there", "not there", "not answered"]
    lines = [" ".join(line.split()) for _, line in report.text_report(grade, ABOUT)]
    assert lines[1:2] + lines[3:4] == [why, "Not answered yet."]
    part = Grade((*absent, result("loop/x", 1, 1)), 1)
    assert f"in part: {why}" in [line.strip() for _, line in report.text_report(part, ABOUT)]


def test_errors_of_cells_come_before_what_they_explain(tmp_path: Path) -> None:
    errors = (("code cell 3", "SyntaxError", "invalid syntax <b>"),)
    grade = grade_of(0, 0, errors=errors, reason="ran longer than 60 s", notes=("A note.",))
    report.write_own_feedback(tmp_path / "page.html", ABOUT, SubmissionRow("a", "A", "a.ipynb", "jax"), grade)
    page = soup(tmp_path / "page.html")
    first, after = page.select("main pre, main .notice p, main li")[1:3]
    assert after.text.startswith("It ended early")
    assert first.text.strip() == "code cell 3: SyntaxError: invalid syntax <b>"
    lines = [line for _, line in report.text_report(grade, ABOUT)]
    assert lines[0] == "code cell 3: SyntaxError: invalid syntax <b>"


def test_a_student_reads_how_many_notebooks_there_were_and_never_a_flag(out: Path) -> None:
    text = " ".join(soup(out / "feedback/s1.html").text.split())
    assert "You handed in 2 notebooks. Of a student's notebooks the one with the best mark counts." in text
    assert "A cell in try was read too" in text
    for path in (out / "feedback").iterdir():
        assert "get_ipython" not in path.read_text(encoding="utf-8")


def test_own_output_is_cut_to_a_bound_and_keeps_both_ends(out: Path) -> None:
    assert (
        cut("a" * 5000 + "z" * 5000, 100) == "a" * 50 + "\n[... 9,900 characters left out ...]\n" + "z" * 50
    )
    assert plain("\x1b[31mred\x1b[0m\r\n\x07\x1b]0;title\x07ok\ud800") == "red\nok"
    page = next((out / "feedback").glob("1-1*.html"))
    assert page.stat().st_size < 60_000


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_pages_are_accessible_load_nothing_and_fit(out: Path, browser: Any, scheme: str, width: int) -> None:
    from axe_playwright_python.sync_playwright import Axe

    for path in [out / "overview.html", *sorted((out / "feedback").glob("*.html"))]:
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        page = context.new_page()
        asked: list[str] = []
        page.on("request", lambda request, asked=asked: asked.append(request.url))
        page.on("dialog", lambda dialog: pytest.fail("a submission's script ran"))
        page.goto(path.as_uri())
        for summary in page.query_selector_all("summary"):
            summary.click()
        found = Axe().run(page).response["violations"]
        assert not [(v["id"], v["nodes"][0]["html"]) for v in found], path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        assert [url for url in asked if not url.startswith("data:")] == [path.as_uri()]
        context.close()
