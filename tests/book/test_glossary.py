"""The glossary: every term is explained somewhere, and linked where a chapter uses it."""

from __future__ import annotations

import re

from support import ROOT
from triptych.course import Course

GLOSSARY = ROOT / "book/glossary.md"


def entries() -> dict[tuple[str, ...], str]:
    """The terms of each entry, and what it says."""
    body = re.search(r"^```\{glossary\}\n:sorted:\n\n(.+?)^```$", GLOSSARY.read_text("utf-8"), re.M | re.S)[1]
    found = re.findall(r"((?:^\S.*\n)+)((?:^ .*\n|\n)+)", body, re.M)
    return {tuple(terms.splitlines()): text for terms, text in found}


def linked() -> set[str]:
    """The terms that chapters' pages link, in small letters."""
    chapters = [chapter.name for chapter in Course(ROOT).chapters]
    pages = [
        *(ROOT / f"book/{name}.md" for name in chapters),
        *(page for name in chapters for page in (ROOT / f"book/{name}").glob("*.md")),
    ]
    roles = [role for page in pages for role in re.findall(r"\{term\}`([^`]+)`", page.read_text("utf-8"))]
    return {re.sub(r".*<(.+)>$", r"\1", role, flags=re.S).lower() for role in roles}


def test_every_entry_is_short_and_leads_to_a_section():
    found = entries()
    assert len(found) > 70
    for terms, text in found.items():
        assert re.search(r"^  \[.+\]\([\w/.-]+\.md(#[\w-]+)?\)", text, re.M), terms
        assert len(text.split()) < 90, terms


def test_every_term_is_linked_from_a_chapters_page():
    assert [terms for terms in entries() if not {term.lower() for term in terms} & linked()] == []
