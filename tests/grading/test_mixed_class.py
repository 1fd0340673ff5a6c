"""A class of 300 with all that is odd in real ones is graded right to the last name and mark."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from support import mixed_class
from support.mixed_class import Truth
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
