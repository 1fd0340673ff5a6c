"""A class of 300 with all that is odd in real ones is graded right to the last name and mark."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner

import support
from support import mixed_class
from support.mixed_class import Truth
from triptych.cli import main
from triptych.dev import doctor as tools
from triptych.grading.submissions import HandIn, Roster, look

PLATFORMS = ["moodle", "canvas"]


@pytest.fixture(scope="module", params=PLATFORMS)
def handed_in(request, tmp_path_factory) -> tuple[Path, Path, Truth]:
    """The zip, the class list and the truth."""
    folder = tmp_path_factory.mktemp(request.param)
    path, listed = folder / "export.zip", folder / "class.csv"
    return path, listed, getattr(mixed_class, request.param)(path, listed)


@pytest.fixture(scope="module")
def seen(handed_in: tuple[Path, Path, Truth]) -> HandIn:
    path, listed, _ = handed_in
    return look(path, Roster.read(listed), mixed_class.CHAPTER)


def test_each_file_is_its_owners(handed_in, seen: HandIn) -> None:
    truth: Truth = handed_in[2]
    assert {s.source: (s.student, s.late) for s in seen.submissions} == {
        source: (row.id, row.late) for source, row in truth.rows.items()
    }
    names = {person.id: person.name for person in truth.listed}
    assert all(s.name == names[s.student] for s in seen.submissions if s.known)
    assert {s.student for s in seen.submissions if not s.known} == {
        row.id for row in truth.rows.values() if row.id not in names
    }


def test_who_handed_in_nothing_and_what_is_nobodys_is_told(handed_in, seen: HandIn) -> None:
    truth: Truth = handed_in[2]
    assert {person.id for person in truth.listed} - {s.student for s in seen.submissions} == truth.missing
    assert Counter(i.source for i in seen.ignored) == Counter(dict.fromkeys(truth.ignored, 1))


def test_what_is_no_notebook_has_its_reason(handed_in, seen: HandIn) -> None:
    truth: Truth = handed_in[2]
    for submission in seen.submissions:
        comes_to = truth.rows[submission.source].comes_to
        if comes_to.startswith("!"):
            assert re.match(comes_to[1:], submission.problem), submission
        else:
            assert not submission.problem, submission


@pytest.mark.slow
def test_every_mark_and_reason_is_right(handed_in, monkeypatch) -> None:
    support.need(tools.BUBBLEWRAP)
    path, listed, truth = handed_in
    monkeypatch.chdir(support.ROOT)
    arguments = [
        "grade",
        path,
        "--chapter",
        mixed_class.CHAPTER,
        "--students",
        listed,
        "--limit",
        "cells=300",
    ]
    result = CliRunner().invoke(main, [*map(str, arguments), "--limit", "call=60", "--limit", "total=900"])
    assert result.exit_code == 0, result.output
    rows = json.loads((path.parent / "export-graded/marks.json").read_text(encoding="utf-8"))["submissions"]
    told = {row["notebook"]: row for row in rows if row["notebook"]}
    assert set(told) == set(truth.rows)
    best: dict[str, float] = {}
    for source, row in truth.rows.items():
        got = told[source]
        assert (got["student"], got["late"]) == (row.id, row.late), source
        if row.comes_to.startswith("!"):
            assert re.match(row.comes_to[1:], got["reason"]), source
        elif row.comes_to in mixed_class.REASONS:
            assert got["reason"].startswith(mixed_class.REASONS[row.comes_to]), source
        else:
            assert (got["raw"], got["reason"]) == (mixed_class.mark(row.comes_to), ""), source
        best[row.id] = max(best.get(row.id, 0.0), mixed_class.mark(row.comes_to))
    counted = {row["student"]: row["mark"] for row in rows if row["counts"]}
    assert {student: counted.get(student, 0.0) for student in best} == best
    assert {row["student"] for row in rows if not row["notebook"]} <= truth.missing
