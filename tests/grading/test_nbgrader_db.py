"""Marks are entered into nbgrader's database."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from support.grades import ABOUT, ROSTER
from triptych.errors import TriptychError
from triptych.grading import nbgrader_db, report
from triptych.grading.store import GradeStore


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
        entered = nbgrader_db.enter(file, "graphs", ABOUT.exercises, report.sheets(store, ABOUT), ROSTER)
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
