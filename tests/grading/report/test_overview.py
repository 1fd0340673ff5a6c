"""The class at a glance."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from support.grades import ABOUT, FLAG, ROSTER, soup
from triptych.grading import report
from triptych.grading.marks import Policy
from triptych.grading.report import About
from triptych.grading.store import GradeStore, SubmissionRow


def test_the_overview_counts_the_class(out: Path) -> None:
    page = soup(out / "overview.html")
    figures = {d.dt.text: " ".join(d.dd.text.split()) for d in page.select(".figures > div")}
    assert figures == {
        "handed in": "4 of 5 and 1 not on the list",
        "median": "0.5 of 7",
        "mean": "2 of 7",
        "full marks": "1",
        "ended early or not graded": "4",
        "to look at": "2",
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


def test_what_to_look_at_stands_in_a_section_and_beside_the_mark(out: Path) -> None:
    page = soup(out / "overview.html")
    other, line = page.find(id="look").find_parent("section").find("tbody").find_all("tr")
    assert FLAG in line.text and "Ann Lee" in line.text and "ann/pytorch.ipynb" in line.text
    assert "not on the class list" in other.text
    marked = [
        row for row in page.find(id="students").find_parent("section").find_all("tr") if row.select("a.tag")
    ]
    assert [row.th.a.text for row in marked][1:] == ["Ann Lee"]  # the first is not on the list
    assert "7 of 7" in marked[1].text  # it costs nothing


def test_the_rules_are_said(tmp_path: Path, store: GradeStore) -> None:
    policy = Policy(counts="last", late="points", deduct=1, weights={"loop": 2})
    overview = report.write(tmp_path, replace(ABOUT, policy=policy), store, ROSTER)
    text = " ".join(soup(tmp_path / "overview.html").find("footer").text.split())
    assert text.startswith(
        "Of a student's notebooks the last one in each framework counts, and of these the best. "
        "A notebook that was handed in late loses 1 point. The points of “A loop that compiles” are "
        "multiplied by 2. Seed 7."
    )
    (ann,) = [line for line in overview.lines if line.student == "s1"]
    assert (ann.mark, overview.about.out_of) == (10, 11)  # 4 twice and 3, less 1


def test_one_student_fills_no_page(store: GradeStore, tmp_path: Path) -> None:
    """5,000 files that cannot be graded: the class's page and the student's stay short, the table has all."""
    rows = [row for row, _ in store.rows()]
    many = [SubmissionRow("mal", "Mal", f"mal/{n}.ipynb", reason="a symbolic link") for n in range(5000)]
    store.hand_in([*rows, *many])
    overview = report.write(tmp_path, ABOUT, store, ROSTER)
    mals = [row for row in overview.troubles if row.student == "mal"]
    assert (len(mals), mals[-1].reason) == (10, "and 4,991 more")
    assert (tmp_path / "feedback/mal.html").stat().st_size < 40_000
    text = " ".join(soup(tmp_path / "feedback/mal.html").text.split())
    assert "You handed in 5000 notebooks." in text and "The first 20 are shown here." in text
    assert (tmp_path / "overview.html").stat().st_size < 60_000
    assert (tmp_path / "marks.csv").read_text(encoding="utf-8").count('"mal"') == 5000


def test_marks_with_halves_are_gathered_into_bars(store: GradeStore) -> None:
    overview = report.Overview(About("graphs", {"loop": 41.0}))
    assert [label for label, _ in overview.distribution()] == [
        *("0–5", "5–10", "10–15", "15–20", "20–25", "25–30", "30–35", "35–40", "40–41")
    ]
