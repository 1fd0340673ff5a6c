"""A prediction is not spoilt: nothing that answers it stands above the folded answer.

Read from the pages' structure: a section that shows panels asks once, on the page or in each
panel, and between its heading and the answer's fold there is only text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from support import ROOT
from triptych.course import Course
from triptych.notebooks import raw

COURSE = Course(ROOT)
ASKS = re.compile(r"^\*\*Predict\.\*\*", re.MULTILINE)
ANSWER = re.compile(r"^:::\{dropdown\} Answer$", re.MULTILINE)
#: A question or an answer that is written in another way, and a fold that is open from the start.
ODD = re.compile(
    r"^[ \t>]*(?:[*_]+Predict(?!\.\*\*)\w*\b|Predict\w*[.:])"
    r"|^[ \t>]*(?:`{3,}|:{3,})\{\w+\} .*\b[Aa]nswer\b(?<!^:::\{dropdown\} Answer).*$|^:open:.*$",
    re.MULTILINE,
)
PANELS = re.compile(r"^```\{side-by-side\} (.+)$", re.MULTILINE)
#: What shows something: a directive or code, a table, an image, a stored value, a claim's verdict.
SHOWS = re.compile(
    r"^[ \t>]*(?:```|:::|~~~|\||(?:[-*+]|\d+\.)[ \t]+(?:```|:::))|^.*\|[ \t]*\n[ \t]*\|?[ \t]*:?-+:?[ \t]*\|"
    r"|!\[|\{(?:value|claim)\}`|<(?:img|table|details|svg|pre)\b",
    re.MULTILINE,
)


@dataclass(frozen=True)
class PageSection:
    place: str
    text: str

    def faults(self) -> Iterator[str]:
        """What spoils or lacks the prediction of a section with panels, one line each."""
        panels = PANELS.findall(self.text)
        asked, answers = len(ASKS.findall(self.text)), len(ANSWER.findall(self.text))
        if not panels:
            return
        yield from (
            f"{self.place}: {odd.strip()!r} is not how a page asks or answers"
            for odd in ODD.findall(self.text)
        )
        if asked != answers or asked > 1:
            yield f"{self.place}: {asked} predictions and {answers} answers; a section asks once"
        elif asked and (shown := SHOWS.search(self.text[: ANSWER.search(self.text).start()])):
            yield f"{self.place}: {shown[0]!r} stands above the answer; show it after the fold"
        elif asked and not ASKS.search(self.text[: ANSWER.search(self.text).start()]):
            yield f"{self.place}: the answer stands above its question"


def sections(path: Path) -> list[PageSection]:
    parts = re.split(r"^## (.+)$", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    name = path.relative_to(ROOT).as_posix()
    return [
        PageSection(f"{name}: {heading}", text)
        for heading, text in zip(parts[1::2], parts[2::2], strict=True)
    ]


def questions(chapter: str) -> dict[str, dict[str, int]]:
    """For each section of a chapter, how often each of its notebooks asks for a prediction."""
    asked: dict[str, dict[str, int]] = {}
    for framework, path in COURSE.siblings(chapter).items():
        heading = ""
        for cell in raw.load(path, path.name).cells:
            heading = raw.heading(cell) or heading
            asked.setdefault(heading, {}).setdefault(framework, 0)
            asked[heading][framework] += len(ASKS.findall(cell.source))
    return asked


PAGES = [
    (chapter.name, path)
    for chapter in COURSE.chapters
    for path in sorted((ROOT / "book" / chapter.name).glob("*.md"))
]


@pytest.mark.parametrize(("chapter", "path"), PAGES, ids=[str(p.relative_to(ROOT)) for _, p in PAGES])
def test_no_prediction_of_a_page_is_spoilt(chapter: str, path: Path) -> None:
    assert [fault for section in sections(path) for fault in section.faults()] == []


@pytest.mark.parametrize("chapter", [chapter.name for chapter in COURSE.chapters])
def test_a_section_asks_on_the_page_or_in_the_panels_and_once(chapter: str) -> None:
    in_panels = questions(chapter)
    wrong = []
    for _, path in (page for page in PAGES if page[0] == chapter):
        for section in sections(path):
            on_page = len(ASKS.findall(section.text))
            for heading in PANELS.findall(section.text):
                asked = in_panels.pop(heading, {})
                if any(count + on_page != 1 for count in asked.values()):
                    wrong.append(f"{section.place}: asked {on_page} times on the page, {asked} in the panels")
    assert wrong == []


FOLD = re.compile(r"^(:{3,})\{dropdown\} .+?^\1$", re.MULTILINE | re.DOTALL)


def in_the_open(chapter_page: str) -> list[str]:
    """The tables that a chapter's page shows unfolded in its take-away, before the reader has been asked."""
    take_away = chapter_page.partition("\n## Take-away\n")[2].partition("\n## ")[0]
    return re.findall(r"^(?:\||```\{checkpoints\}).*$", FOLD.sub("", take_away), re.MULTILINE)


@pytest.mark.parametrize("chapter", [chapter.name for chapter in COURSE.chapters])
def test_a_chapters_take_away_is_folded_as_the_page_comes_before_its_sections(chapter: str) -> None:
    page = (ROOT / "book" / f"{chapter}.md").read_text(encoding="utf-8")
    assert "\n## Take-away\n" in page
    assert in_the_open(page) == []
    assert in_the_open(page.replace(":::{dropdown} Every", "Every")) != []


ASKED = "Text.\n\n**Predict.** Which?\n\n:::{dropdown} Answer\nThis.\n:::\n\n```{side-by-side} One\n```\n"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (ASKED, None),
        (ASKED.replace("Text.", "```{figure} x.png\n```"), "'```' stands above the answer"),
        (ASKED.replace("Text.", "| a | b |\n| - | - |"), "'|' stands above the answer"),
        (ASKED.replace("Text.", "It is {value}`graphs/jax#One/x` ms."), "{value}"),
        (ASKED.replace("Which?", "Which?\n\n![plot](x.png)"), "'![' stands above the answer"),
        (ASKED.replace("**Predict.** Which?\n\n", "") + "\n**Predict.** Which?\n", "above its question"),
        (ASKED.replace("Text.", "**Predict.** And what?"), "2 predictions and 1 answers"),
        (ASKED.replace("Text.", "- ```python\n  x\n  ```"), "stands above the answer"),
        (ASKED.replace("Text.", "  ```{figure} x.png\n  ```"), "stands above the answer"),
        (ASKED.replace("Text.", "a | b |\n- | - |"), "stands above the answer"),
        (ASKED.replace("Text.", '<img src="x.png">'), "'<img' stands above the answer"),
        (ASKED.replace("Answer\n", "Answer\n:open:\n"), "':open:' is not how"),
        (ASKED.replace("**Predict.**", "**Prediction:**"), "'**Prediction' is not how"),
        (ASKED.replace("Answer", "The answer"), "':::{dropdown} The answer' is not how"),
        ("Only text, and a table.\n\n| a | b |\n| - | - |\n", None),
    ],
)
def test_what_spoils_a_prediction_is_told(text: str, fault: str | None) -> None:
    found = list(PageSection("page: One", text).faults())
    assert any(fault in line for line in found) if fault else found == []
