"""What Markdown would pass over in silence."""

from __future__ import annotations

import re

from support import ROOT

#: A fence of backticks whose line has another backtick is no fence to Markdown, but a paragraph.
NO_FENCE = re.compile(r"^ *(`{3,})\{.*`.*$", re.MULTILINE)


def test_no_directive_of_a_page_is_lost_by_a_backtick_in_its_title() -> None:
    pages = {path: path.read_text(encoding="utf-8") for path in sorted((ROOT / "book").rglob("*.md"))}
    assert {path.name: NO_FENCE.findall(text) for path, text in pages.items() if NO_FENCE.search(text)} == {}
    assert NO_FENCE.search("Text\n\n```{side-by-side} What `jit` does\n```\n")
