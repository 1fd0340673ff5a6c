"""What comes of a grading: marks, pages that hostile text cannot leave, a class at a glance."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup

from triptych.errors import TriptychError
from triptych.grading import nbgrader_db, report
from triptych.grading.checks import CheckResult
from triptych.grading.report import About, cut, plain, slug
from triptych.grading.store import FAULT, Grade, GradeStore, SubmissionRow
from triptych.grading.submissions import Roster, Student

EVIL = "<script>alert(1)</script>\x1b[2J\x00\u202e'\"</style></title><img src=x onerror=alert(1)>"

ABOUT = About(
    "graphs",
    {"loop": 4.0, "branch": 3.0},
    titles={"loop": "A loop that compiles"},
    messages={"loop/ends": "Mind `while`: it ends."},
    objectives=("see a trace", "bound `retraces`"),
    seed=7,
    versions={"jax": "0.10.2"},
)


def result(check: str, points: float, earned: float, **texts: str) -> CheckResult:
    return CheckResult(check, check.partition("/")[0], 1, points, earned, **texts)


def grade(loop: float, branch: float, **more: Any) -> Grade:
    texts = {"message": "Mind `while`: it ends.", "input": "loop(3)", "expected": "4", "got": "5"}
    return Grade(
        (
            result("loop/starts", 1, min(loop, 1)),
            result("loop/ends", 3, max(loop - 1, 0), **(texts if loop < 4 else {})),
            result("branch/chooses", 3, branch, **(texts if branch < 3 else {})),
        ),
        seed=11,
        versions=(("jax", "0.10.2"),),
        **more,
    )


def hostile() -> Grade:
    evil = CheckResult("loop/ends", "loop", 1, 4, 0, EVIL, EVIL, EVIL, EVIL)
    return Grade((evil,), 11, EVIL, EVIL * 200, (("a", EVIL, EVIL),) * 30, versions=(("jax", EVIL),))


ROSTER = Roster(tuple(Student(i, n) for i, n in [("s1", "Ann Lee"), ("s2", "Bo"), ("s9", "Zoë O'Neil")]))


@pytest.fixture
def store(tmp_path: Path):
    with GradeStore(tmp_path / "record.sqlite") as store:
        rows = [
            (SubmissionRow("s1", "Ann Lee", "ann/jax.ipynb", "jax", "d1", key="k1"), grade(1, 3)),
            (
                SubmissionRow("s1", "Ann Lee", "ann/pytorch.ipynb", "pytorch", "d2", key="k2", late=True),
                grade(4, 3),
            ),
            (
                SubmissionRow("s2", "Bo", "bo.ipynb", "jax", "d3", key="k3"),
                grade(1, 0, reason="ran longer than 60 s"),
            ),
            (SubmissionRow(f"=1+1{EVIL}", EVIL, EVIL, "jax", "d4", known=False, key="k4"), hostile()),
            (SubmissionRow("cy", "Cy", "cy.ipynb", reason="not a notebook: not JSON (line 1)"), None),
            (SubmissionRow("di", "Di", "di.ipynb", "jax", "d5", reason=f"{FAULT}: OSError"), None),
        ]
        for row, graded in rows:
            if graded:
                store.keep(row.key, graded)
        store.hand_in([row for row, _ in rows])
        yield store


@pytest.fixture
def out(store: GradeStore, tmp_path: Path) -> Path:
    report.write(tmp_path, ABOUT, store, ROSTER)
    return tmp_path


def rows(out: Path) -> dict[str, dict[str, str]]:
    text = (out / "marks.csv").read_text(encoding="utf-8-sig")
    return {row["notebook"] or row["student"]: row for row in csv.DictReader(io.StringIO(text))}


def soup(path: Path) -> BeautifulSoup:
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def test_marks_are_in_the_table_by_exercise_with_seed_and_versions(out: Path) -> None:
    ann = rows(out)["ann/pytorch.ipynb"]
    assert (ann["student"], ann["mark"], ann["out of"], ann["late"], ann["seed"]) == (
        "s1",
        "7",
        "7",
        "yes",
        "11",
    )
    assert (ann["points: loop"], ann["points: branch"]) == ("4", "3")
    assert ann["versions"] == "jax=0.10.2"
    assert ann["sha256"] == "d2"


def test_of_two_notebooks_the_better_one_counts(out: Path) -> None:
    assert (rows(out)["ann/pytorch.ipynb"]["counts"], rows(out)["ann/jax.ipynb"]["counts"]) == ("yes", "no")


def test_what_could_not_be_graded_has_no_points_and_a_reason(out: Path) -> None:
    assert (rows(out)["cy.ipynb"]["mark"], rows(out)["cy.ipynb"]["reason"][:14]) == ("0", "not a notebook")
    assert rows(out)["bo.ipynb"]["reason"] == "ran longer than 60 s"


def test_a_failure_of_the_grader_is_no_mark(out: Path) -> None:
    assert rows(out)["di.ipynb"]["mark"] == ""


def test_who_did_not_hand_in_is_in_every_list(out: Path) -> None:
    assert (rows(out)["s9"]["mark"], rows(out)["s9"]["reason"]) == ("", "did not hand in")
    assert json.loads((out / "marks.json").read_text())["missing"] == [
        {"student": "s9", "name": "Zoë O'Neil"}
    ]
    assert "Zoë O'Neil" in soup(out / "overview.html").find(id="missing").find_parent("section").text


def test_no_cell_of_the_table_is_a_formula(out: Path) -> None:
    text = (out / "marks.csv").read_text(encoding="utf-8-sig")
    for row in csv.reader(io.StringIO(text)):
        assert not any(cell.startswith(("=", "+", "-", "@")) for cell in row)
        assert not any("\x1b" in cell or "\n" in cell for cell in row)


def test_the_json_has_every_check_of_every_notebook(out: Path) -> None:
    data = json.loads((out / "marks.json").read_text(encoding="utf-8"))
    assert (data["chapter"], data["seed"], len(data["submissions"])) == ("graphs", 7, 6)
    bo = next(s for s in data["submissions"] if s["student"] == "s2")
    assert bo["exercises"]["loop"] == {"earned": 1, "points": 4}
    assert [c["check"] for c in bo["checks"]] == ["loop/starts", "loop/ends", "branch/chooses"]


def test_feedback_says_what_failed_with_input_expected_got_and_message(out: Path) -> None:
    page = soup(out / "feedback/s2.html")
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
        assert all(link == "data:," or link.startswith("feedback/") for link in links)


def test_a_file_name_is_never_what_a_student_wants_it_to_be(out: Path) -> None:
    assert slug("s1") == "s1"
    names = ["../../x", "..", "", "A", "a" * 300, "CON/../x", "é", "a b", "a-b", EVIL]
    made = [slug(name) for name in names]
    assert len(set(made)) == len(names)
    assert all(set(m) <= set("abcdefghijklmnopqrstuvwxyz0123456789-_") and len(m) < 70 for m in made)


def test_own_output_is_cut_to_a_bound_and_keeps_both_ends(out: Path) -> None:
    assert (
        cut("a" * 5000 + "z" * 5000, 100) == "a" * 50 + "\n[... 9,900 characters left out ...]\n" + "z" * 50
    )
    assert plain("\x1b[31mred\x1b[0m\r\n\x07\x1b]0;title\x07ok\ud800") == "red\nok"
    page = next((out / "feedback").glob("1-1*.html"))
    assert page.stat().st_size < 60_000


def test_the_overview_counts_the_class(out: Path) -> None:
    page = soup(out / "overview.html")
    figures = {d.dt.text: " ".join(d.dd.text.split()) for d in page.select(".figures > div")}
    assert figures == {
        "handed in": "5 of 6",
        "median": "0.5 of 7",
        "mean": "2 of 7",
        "full marks": "1",
        "ended early or not graded": "4",
    }
    assert page.select_one("[role=img]")["aria-label"] == (
        "Students by points. 0: 2, 1: 1, 2: 0, 3: 0, 4: 0, 5: 0, 6: 0, 7: 1."
    )
    hardest = page.find(id="hardest").find_parent("section").find("tbody").find_all("tr")
    assert "A loop that compiles: ends" in hardest[0].text
    assert "2 of 3" in hardest[0].text
    students = page.find(id="students").find_parent("section").text
    for note in ("2 notebooks, the best counts", "late", "not on the class list", "no mark"):
        assert note in students


def test_marks_with_halves_are_gathered_into_bars(store: GradeStore) -> None:
    overview = report.Overview(About("graphs", {"loop": 41.0}))
    assert [label for label, _ in overview.distribution()] == [
        *("0–5", "5–10", "10–15", "15–20", "20–25", "25–30", "30–35", "35–40", "40–41")
    ]


def test_a_second_writing_changes_no_byte(out: Path, store: GradeStore) -> None:
    files = [p for p in sorted(out.rglob("*")) if p.suffix in (".html", ".csv", ".json")]
    before = [p.read_bytes() for p in files]
    report.write(out, ABOUT, store, ROSTER)
    assert [p.read_bytes() for p in files] == before
    assert not list(out.rglob("*.new"))


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


# --- nbgrader's gradebook -----------------------------------------------------------------


def test_without_nbgrader_the_error_names_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "nbgrader.api", None)
    with pytest.raises(
        TriptychError, match=r"nbgrader is not installed; `pip install 'triptych\[gradebook\]'`"
    ):
        nbgrader_db.require("marks.db")


def test_a_password_is_not_shown() -> None:
    assert nbgrader_db.shown("postgresql://me:secret@host:1/db") == "postgresql://me:***@host:1/db"
    assert nbgrader_db.address("sub/marks.db") == f"sqlite:///{Path('sub/marks.db').resolve()}"


def test_marks_are_entered_into_nbgraders_gradebook_once(store: GradeStore, tmp_path: Path) -> None:
    pytest.importorskip("nbgrader", reason="no nbgrader: its gradebook is not tried")
    from nbgrader.api import Gradebook

    file = str(tmp_path / "gradebook.db")
    for _ in range(2):
        entered = nbgrader_db.enter(file, "graphs", ABOUT.exercises, report.sheets(store), ROSTER)
        assert entered == 4
    with nbgrader_db._alembic_on_path(), Gradebook(nbgrader_db.address(file)) as book:
        scores = {d["student"]: d["score"] for d in book.submission_dicts("graphs")}
        assert (scores["s1"], scores["s2"], scores["cy"]) == (7, 1, 0)
        assert book.find_assignment("graphs").max_score == 7
        assert book.find_student("s1").last_name == "Lee"
        assert "s9" in {s.id for s in book.students}
        assert "s9" not in scores


@pytest.mark.parametrize("url", ["nonsense://x", "postgresql+nothing://x"])
def test_a_wrong_address_of_a_gradebook_is_told_before_grading(url: str) -> None:
    pytest.importorskip("nbgrader", reason="no nbgrader: its gradebook is not tried")
    with pytest.raises(TriptychError, match="not a database's address"):
        nbgrader_db.require(url)


def test_help_is_quick_as_nothing_of_grading_is_imported() -> None:
    code = "import sys, triptych.cli; print([m for m in ('numpy', 'jinja2', 'sqlite3') if m in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"
