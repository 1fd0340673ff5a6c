"""A store of grades, and the reports written from it."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.grades import ABOUT, ROSTER
from triptych.grading import report
from triptych.grading.store import GradeStore


@pytest.fixture
def out(store: GradeStore, tmp_path: Path) -> Path:
    report.write(tmp_path, ABOUT, store, ROSTER)
    return tmp_path
