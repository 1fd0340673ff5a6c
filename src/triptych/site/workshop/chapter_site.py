"""The built site, cut down to one chapter: what a class opens without a network.

Kept are the chapter's pages, lessons and exercises, the front page, the glossary, the learner's guide
and the search, which then finds only these. A link to any other page leads to the site on the web, and
says so. Worked solutions are left out with every link to them.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup, Tag

from triptych.course import Course
from triptych.errors import TriptychError
from triptych.site.search.index import INDEX

#: The folder of the zip that holds the site.
FOLDER = "site"
#: Pages of the site that belong to every chapter.
COMMON = ("index", "search", "book/index", "book/glossary", "book/guides/learner")
#: The page of a chapter that a class must not have.
WORKED = "worked"
#: Folders of _static that only some pages need, and are large.
_LARGE = ("_static/onnxruntime-web", "_static/digits")
_BEFORE, _AFTER = "globalThis.triptychIndex=", ";\n"


@dataclass(frozen=True)
class ChapterSite:
    """A chapter's part of the site that is built in ``html``; ``web`` is the site's address."""

    html: Path
    course: Course
    chapter: str
    web: str

    @cached_property
    def pages(self) -> tuple[str, ...]:
        """The pages that are kept, by their names: ``book/graphs/tracing``.

        Raises TriptychError where the chapter's page is not built.
        """
        rooms = (f"book/{self.chapter}", f"notebooks/{self.chapter}", f"exercises/{self.chapter}")
        own = [path for room in rooms for path in sorted((self.html / room).glob("*.html"))]
        names = [path.relative_to(self.html).with_suffix("").as_posix() for path in own]
        wanted = [*COMMON, rooms[0], *names]
        if not (self.html / f"{rooms[0]}.html").is_file():
            raise TriptychError(
                self.html, f"the chapter {self.chapter} is not built there", "run `make book` first"
            )
        return tuple(p for p in wanted if not self.is_worked(p) and (self.html / f"{p}.html").is_file())

    def is_worked(self, page: str) -> bool:
        """Whether the page is one of worked solutions, of this or another chapter."""
        return page.startswith("book/") and posixpath.basename(page) == WORKED

    def files(self) -> Iterator[tuple[str, bytes]]:
        """Each file of the chapter's site: its place below the site's folder, and what it holds."""
        text = ""
        for page in self.pages:
            made = self._page(page)
            text += made
            yield f"{page}.html", made.encode()
        yield INDEX, self._index().encode()
        for path in sorted(self.html.glob("_static/**/*")):
            name = path.relative_to(self.html).as_posix()
            large = next((folder for folder in _LARGE if name.startswith(f"{folder}/")), None)
            template = path.suffix == ".html"  # of the theme's, which only a build reads
            if path.is_file() and not template and (large is None or posixpath.basename(large) in text):
                yield name, path.read_bytes()
        for path in sorted(self.html.glob("_images/*")):
            if path.name in text:
                yield f"_images/{path.name}", path.read_bytes()

    def address(self, page: str, here: str, rest: str = "") -> str:
        """Where a link from the place ``here`` (in the zip's site) to a page leads; ``rest``: ``?a#b``."""
        if page in self.pages:
            return posixpath.relpath(f"{page}.html", posixpath.dirname(here) or ".") + rest
        return f"{self.web}/{page}.html{rest}"

    def _page(self, page: str) -> str:
        soup = BeautifulSoup((self.html / f"{page}.html").read_text(encoding="utf-8"), "html.parser")
        for link in soup.find_all(["a", "link"], href=True):
            parts = urlsplit(str(link["href"]))
            if parts.scheme or parts.netloc or not parts.path:
                continue
            target = posixpath.normpath(posixpath.join(posixpath.dirname(page), unquote(parts.path)))
            if target.startswith("_sources/"):
                self._source(link, target.removeprefix("_sources/"), page)
            elif target.endswith(".html"):
                self._relink(link, target.removesuffix(".html"), page, str(link["href"])[len(parts.path) :])
        if page == "index":  # it leads on at once: to the chapter, not to the course's front page
            return str(soup).replace("book/index.html", f"book/{self.chapter}.html")
        return str(soup)

    def _relink(self, link: Tag, target: str, page: str, rest: str) -> None:
        if self.is_worked(target):
            _remove(link)
        elif target not in self.pages:
            if link.name == "link":
                link.decompose()
                return
            link["href"] = self.address(target, page, rest)
            link["title"] = "On the course's site: this needs the network"
            kept = [name for name in link.get_attribute_list("class") if name not in (None, "internal")]
            link["class"] = " ".join([*map(str, kept), "external"])

    def _source(self, link: Tag, source: str, page: str) -> None:
        """A notebook's file is the zip's own; that of a text is left out."""
        if source.endswith(".ipynb") and f"{source.removesuffix('.ipynb')}" in self.pages:
            link["href"] = posixpath.relpath(f"../{source}", posixpath.dirname(page))
        else:
            _remove(link)

    def _index(self) -> str:
        text = (self.html / INDEX).read_text(encoding="utf-8")
        data = json.loads(text.removeprefix(_BEFORE).removesuffix(_AFTER))
        kept = {f"{page}.html" for page in self.pages}
        places = []
        for place in data["places"]:
            siblings = {name: s for name, s in place["siblings"].items() if s[0] in kept}
            if place["page"] in kept:
                places.append(place | {"siblings": siblings})
        made = json.dumps(data | {"places": places}, ensure_ascii=False, separators=(",", ":"))
        return f"{_BEFORE}{made}{_AFTER}"


def chapter_site(html: Path, course: Course, chapter: str) -> ChapterSite:
    """The chapter's part of the site in ``html``. Raises TriptychError where none is built there."""
    front = html / "book/index.html"
    if not front.is_file():
        raise TriptychError(html, "no site is built there", "run `make book` first")
    own = re.search(
        r'<link rel="canonical" href="([^"]+)/book/index\.html"', front.read_text(encoding="utf-8")
    )
    if not own:
        raise TriptychError(
            html, "the site does not know its address", "name it in _config.yml: html: baseurl"
        )
    return ChapterSite(html, course, chapter, own[1])


def _remove(link: Tag) -> None:
    """Take out a link with the line that it is: of a list, of the navigation, or a paragraph."""
    if link.name == "link" or {"left-prev", "right-next"} & set(link.get_attribute_list("class")):
        link.decompose()
        return
    line = next((parent for parent in link.parents if parent.name in ("li", "p")), link)
    line.decompose()
