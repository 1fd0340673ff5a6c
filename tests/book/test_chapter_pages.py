"""The form of pages: what Markdown would lose in silence, and how long a reader waits for the first panel."""

from __future__ import annotations

import re

import pytest

from support import ROOT
from triptych.course import CHAPTERS

#: A fence of backticks whose line has another backtick is no fence to Markdown, but a paragraph.
NO_FENCE = re.compile(r"^ *(`{3,})\{.*`.*$", re.MULTILINE)


def test_no_directive_of_a_page_is_lost_by_a_backtick_in_its_title() -> None:
    pages = {path: path.read_text(encoding="utf-8") for path in sorted((ROOT / "book").rglob("*.md"))}
    assert {path.name: NO_FENCE.findall(text) for path, text in pages.items() if NO_FENCE.search(text)} == {}
    assert NO_FENCE.search("Text\n\n```{side-by-side} What `jit` does\n```\n")


def words_before_the_first_panel(page: str) -> int:
    """The words that are read: without what directives draw, tables and the addresses of links."""
    text = page.partition("```{side-by-side}")[0]
    text = re.sub(r"^(`{3,}).*?^\1$", "", text, flags=re.MULTILINE | re.DOTALL)
    text = re.sub(r"^[:|].*$", "", text, flags=re.MULTILINE)
    return len(re.sub(r"\]\([^)]*\)", "]", text).split())


@pytest.mark.parametrize("chapter", [chapter.name for chapter in CHAPTERS])
def test_no_page_of_a_chapter_has_more_than_900_words_before_its_first_panel(chapter: str) -> None:
    pages = [ROOT / f"book/{chapter}.md", *sorted((ROOT / "book" / chapter).glob("*.md"))]
    counts = {page.name: words_before_the_first_panel(page.read_text(encoding="utf-8")) for page in pages}
    assert {name: count for name, count in counts.items() if count > 900} == {}
    assert words_before_the_first_panel("word " * 901 + "\n```{side-by-side} One\n```\nmore") == 901
