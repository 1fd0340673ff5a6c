"""Entries of a ledger made up for the tests."""

from __future__ import annotations

import shutil

from support import ROOT
from triptych.course import Course

#: The file of the small ledger.
FILE = "book/claims/old-news.yml"
SOURCE = {"title": "Moved", "publisher": "PyTorch", "date": "2022-09-12", "url": "https://example.org/moved"}
FIGURE = {"what": "resnet50 training", "framework": "tensorflow", "value": "1250", "unit": "images/s"}


def entry(id="old-first", **changes):
    """An entry without fault; a change to None leaves the key out."""
    whole = {
        "id": id,
        "section": "1.1",
        "claim": "It counts to two.",
        "systems": ["tensorflow", "jax"],
        "chapter": "graphs",
        "kind": "behaviour",
        "verdict": "holds",
        "because": "It does.",
        "evidence": [{"see": "tiny/jax#Cold start/warm"}, {"source": SOURCE}],
        **changes,
    }
    return {key: value for key, value in whole.items() if value is not None}


def with_ledger(course: Course) -> Course:
    """The course with the articles' claims."""
    (course.root / "book/claims").mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / "book/claims/selection-guide.yml", course.root / "book/claims")
    return course
