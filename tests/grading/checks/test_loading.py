"""Hidden checks are loaded from the course, or from an instructor's folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from triptych.course import Course
from triptych.errors import TriptychError
from triptych.grading import checks


def test_a_chapter_without_checks_is_told(course: Course, tmp_path: Path) -> None:
    with pytest.raises(TriptychError, match=r"solutions/tiny/checks.py: no hidden checks there"):
        checks.load(course, "tiny")
    (tmp_path / "checks.py").write_text("def broken(:")
    with pytest.raises(TriptychError, match=r"cannot be read \(SyntaxError"):
        checks.load(course, "tiny", tmp_path)
    (tmp_path / "checks.py").write_text("x = 1")
    with pytest.raises(TriptychError, match="holds no checks"):
        checks.load(course, "tiny", tmp_path)


def test_an_instructors_private_checks_are_taken_from_a_folder(course: Course, tmp_path: Path) -> None:
    private = tmp_path / "mine" / "tiny"
    private.mkdir(parents=True)
    (private / "checks.py").write_text(
        "from triptych.grading.checks import check\n\n\n"
        "@check('e', points=1, objective=1, message='m')\ndef is_asked(ask, draw):\n    ask('f')\n"
    )
    assert [hidden.id for hidden in checks.load(course, "tiny", tmp_path / "mine")] == ["e/is-asked"]
