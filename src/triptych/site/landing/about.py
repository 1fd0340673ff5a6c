"""What a page belongs to, and which page comes after it."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass

from triptych.course import Chapter, Course
from triptych.frameworks import PANELS, Framework


@dataclass(frozen=True)
class About:
    """A page of a chapter; ``room`` is book, notebooks or exercises, the chapter's own has no ``name``."""

    room: str
    chapter: Chapter
    name: str = ""

    @property
    def page(self) -> str:
        """The page's name, as Sphinx knows it."""
        return "/".join(part for part in (self.room, self.chapter.name, self.name) if part)

    @property
    def notebooks(self) -> tuple[str, ...]:
        """The notebooks whose run vouches for the page, as ``results/versions.json`` names them."""
        folder = "solutions" if self.room == "exercises" else "notebooks"
        names = self.chapter.notebooks if self.room == "book" else (self.name,)
        return tuple(f"{folder}/{self.chapter.name}/{name}.ipynb" for name in names)

    @property
    def frameworks(self) -> tuple[Framework, ...]:
        """The frameworks of those notebooks, in panel order."""
        names = self.chapter.notebooks if self.room == "book" else (self.name,)
        return tuple(panel for name, panel in PANELS.items() if name in names)

    @property
    def before(self) -> tuple[str, ...]:
        """The pages to be read before."""
        own = () if self.page == f"book/{self.chapter.name}" else (self.chapter.name,)
        return tuple(f"book/{name}" for name in own or self.chapter.after)


def about(page: str, course: Course) -> About | None:
    """What the page of this name belongs to; None where it is no chapter's."""
    room, _, rest = page.partition("/")
    name, _, below = rest.partition("/")
    chapter = next((chapter for chapter in course.chapters if chapter.name == name), None)
    if chapter is None or "/" in below or room not in ("book", "notebooks", "exercises"):
        return None
    if room != "book" and below not in chapter.notebooks:
        return None
    return About(room, chapter, below)


def next_page(here: About, course: Course, pages: Container[str], following: str | None) -> str | None:
    """The page to read next; ``following`` is the next one in the table of contents.

    After a notebook come its exercises, after those the next chapter.
    """
    if here.room == "book":
        return following
    names = [chapter.name for chapter in course.chapters]
    after = names[names.index(here.chapter.name) + 1 :]
    exercises = [f"exercises/{here.chapter.name}/{here.name}"] if here.room == "notebooks" else []
    return next((page for page in [*exercises, *(f"book/{name}" for name in after)] if page in pages), None)
