"""Every exercise has a worked solution on its chapter's page, and its notebook links the page."""

from __future__ import annotations

import re

from support import ROOT
from support.exercises import COURSE, EXERCISES, blank, in_every_framework, of_every_chapter, solution
from triptych.frameworks import FRAMEWORKS
from triptych.grading.chapter import GradedChapter
from triptych.notebooks import answers
from triptych.notebooks.cells import source

_SECTION = re.compile(r"^## ([^\n]+)\n\n(`{3,})\{worked\} (\S+)\n(.*?)^\2$", re.MULTILINE | re.DOTALL)


def worked(chapter: str) -> list[tuple[str, str, str]]:
    """The page's sections: title, argument, body."""
    text = (ROOT / f"book/{chapter}/worked.md").read_text(encoding="utf-8")
    return [(title, argument, body) for title, _, argument, body in _SECTION.findall(text)]


@of_every_chapter
def test_every_exercise_has_a_worked_solution_under_its_own_title(chapter: str) -> None:
    titles = GradedChapter.of(COURSE, chapter).titles
    expected = [(titles[exercise], f"{chapter}/{exercise}") for exercise in EXERCISES[chapter]]
    assert [(title, argument) for title, argument, _ in worked(chapter)] == expected


@of_every_chapter
def test_every_framework_has_an_answer_to_show(chapter: str) -> None:
    for framework in FRAMEWORKS:
        shown = answers.reference(COURSE, chapter, framework)
        assert list(shown) == EXERCISES[chapter]
        for texts in shown.values():
            assert texts and not [text for text in texts if "SOLUTION" in text or '"""' in text]


@of_every_chapter
@in_every_framework
def test_an_exercises_notebook_ends_in_a_link_to_them(chapter: str, framework: str) -> None:
    link = f"(../../book/{chapter}/worked.md)"
    for node in (blank(chapter, framework), solution(chapter, framework)):
        assert link in source(node["cells"][-1])
        assert not [cell for cell in node["cells"][:-1] if "worked.md" in source(cell)]


def words(body: str) -> int:
    """The words that are read: without blocks of code, and without the addresses of links."""
    text = re.sub(r"^(`{3,}).*?^\1$", "", body, flags=re.MULTILINE | re.DOTALL)
    return len(re.sub(r"\]\([^)]*\)", "]", text).split())


@of_every_chapter
def test_every_exercise_has_its_reasons_at_a_readable_length(chapter: str) -> None:
    counts = {argument: words(body) for _, argument, body in worked(chapter)}
    wrong = {argument: count for argument, count in counts.items() if not 60 <= count <= 160}
    assert wrong == {} and counts
    assert words("one two\n\n```python\nthree\n```\n\n[four](five)") == 3
