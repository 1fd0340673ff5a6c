"""The class at a glance."""

from __future__ import annotations

from pathlib import Path

from support.grades import soup
from triptych.grading import report
from triptych.grading.report import About
from triptych.grading.store import GradeStore


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
