"""The sections of a chapter that an exercise is about."""

from __future__ import annotations

from pathlib import Path

import pytest

from support import ROOT
from support.exercises import COURSE, EXERCISES, of_every_chapter
from triptych.course import Course
from triptych.errors import TriptychError
from triptych.grading import checks
from triptych.grading.chapter import GradedChapter
from triptych.grading.sections import anchor, links

SITE = "https://example.org/course"


@of_every_chapter
def test_every_exercise_names_sections_that_the_site_shows(chapter: str) -> None:
    text = (ROOT / f"solutions/{chapter}/checks.py").read_text(encoding="utf-8")
    declared = checks.sections(text, ROOT / "checks.py", chapter)
    assert list(declared) == EXERCISES[chapter]
    found = GradedChapter.of(COURSE, chapter).sections
    assert {name: tuple(title for title, _ in linked) for name, linked in found.items()} == declared
    for _, address in (link for linked in found.values() for link in linked):
        assert address.startswith(f"{COURSE.site_url}book/{chapter}/") and "/worked.html" not in address


@pytest.fixture
def written(tmp_path: Path) -> Course:
    """A course whose chapter has a page with two sections, and one that shows the first."""
    (tmp_path / "_config.yml").write_text(f"html:\n  baseurl: {SITE}\n")
    (tmp_path / "book/tiny").mkdir(parents=True)
    (tmp_path / "book/tiny.md").write_text("## Is it *so*?\n\n## Other\n")
    (tmp_path / "book/tiny/a.md").write_text("## Is it *so*?\n\n```{side-by-side} Is it *so*?\n```\n")
    return Course(tmp_path)


def test_the_page_that_shows_a_section_is_linked(written: Course) -> None:
    assert links(written, "tiny", ["Other", "Is it *so*?", "Missing"]) == (
        ("Other", f"{SITE}/book/tiny.html#other"),
        ("Is it *so*?", f"{SITE}/book/tiny/a.html#is-it-so"),
    )


def test_without_a_site_or_a_page_nothing_is_linked(written: Course) -> None:
    assert links(written, "unknown", ["Other"]) == ()
    (written.root / "_config.yml").write_text("repository:\n  url: https://example.org/x\n")
    assert links(Course(written.root), "tiny", ["Other"]) == ()


def test_sections_of_another_form_are_told_with_their_place() -> None:
    assert checks.sections("x = 1", Path("checks.py"), "place") == {}
    for text in ("SECTIONS = ['a']", "SECTIONS = {'a': 1}"):
        with pytest.raises(TriptychError, match="place: SECTIONS is no dict of titles by exercise; write"):
            checks.sections(text, Path("checks.py"), "place")


@pytest.mark.parametrize("title", ["Data-dependent loops", "ONNX, there and compared", "A phone's runtime"])
def test_anchors_are_those_of_the_site(title: str) -> None:
    slugs = pytest.importorskip("myst_parser.mdit_to_docutils.base")
    assert anchor(title) == slugs.default_slugify(title)
