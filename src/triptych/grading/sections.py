"""The sections of a chapter that an exercise is about, and where the site shows them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from triptych.course import Course

#: A section's title and address.
Link = tuple[str, str]

_HEADING = re.compile(r"^## +(.+?) *$", re.MULTILINE)
_SHOWN = re.compile(r"^`{3,}\{side-by-side\} +(.+?) *$", re.MULTILINE)


def links(course: Course, chapter: str, titles: Iterable[str]) -> tuple[Link, ...]:
    """The sections of these titles on the published site; those that no page has are left out.

    Of two pages with such a section it is the one that shows the notebooks' section. Nothing
    where ``_config.yml`` does not say where the site is.
    """
    where = dict(_places(course, chapter)) if course.site_url else {}
    return tuple((title, where[title]) for title in titles if title in where)


def _places(course: Course, chapter: str) -> Iterator[Link]:
    """The sections' addresses; of several with one title the last counts."""
    pages = [course.root / "book" / f"{chapter}.md", *sorted((course.root / "book" / chapter).glob("*.md"))]
    texts = {page: page.read_text(encoding="utf-8") for page in pages if page.is_file()}
    for find in (_HEADING, _SHOWN):
        for page, text in list(texts.items())[::-1]:
            yield from ((title, _address(course, page, title)) for title in find.findall(text))


def _address(course: Course, page: Path, title: str) -> str:
    return f"{course.site_url}{course.name(page).removesuffix('.md')}.html#{anchor(title)}"


def anchor(title: str) -> str:
    """The anchor that MyST gives a heading: as GitHub does."""
    return re.sub(r"[^\w\- ]", "", title.strip().lower()).replace(" ", "-")
