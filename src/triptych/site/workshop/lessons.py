"""The chapter's notebooks as a class gets them: their links lead into the zip's site, or to the web."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from triptych.course import Course
from triptych.notebooks import cells as plain
from triptych.site.workshop.chapter_site import FOLDER, WORKED, ChapterSite

#: A link or an image of Markdown, and where it leads.
_LINK = re.compile(r"(\]\()([^)\s]+)(?=\))")


def notebooks(course: Course, site: ChapterSite) -> Iterator[tuple[str, bytes]]:
    """Each lesson and exercise of the site's chapter: its place in the zip, and its text.

    The cell that links worked solutions is left out; nothing else of a cell's code, names or marks
    changes, so that what is handed in is graded like the released exercise.
    """
    for room in ("notebooks", "exercises"):
        for path in sorted((course.root / room / site.chapter).glob("*.ipynb")):
            node = plain.read(path)
            node["cells"] = [cell for cell in plain.cells(node) if cell.get("id") != WORKED]
            place = f"{room}/{site.chapter}/{path.name}"
            for cell in node["cells"]:
                if cell.get("cell_type") == "markdown":
                    cell["source"] = linked(plain.source(cell), place, site).splitlines(keepends=True)
            yield place, plain.dump(node).encode()


def linked(text: str, place: str, site: ChapterSite) -> str:
    """The Markdown of the notebook at ``place`` with its links as the zip needs them."""

    def link(found: re.Match[str]) -> str:
        path, mark, anchor = found[2].partition("#")
        if re.match(r"[a-z]+:", found[2]) or not path:
            return found[0]
        target = posixpath.normpath(posixpath.join(posixpath.dirname(place), path))
        page, ending = posixpath.splitext(target)
        if target.startswith("book/_static/"):
            leads = f"{FOLDER}/{target.removeprefix('book/')}"
        elif ending == ".ipynb" and page in site.pages:
            return found[0]
        elif ending in (".md", ".ipynb"):
            leads = f"{FOLDER}/{page}.html" if page in site.pages else f"{site.web}/{page}.html"
        else:
            return found[0]
        if leads.startswith(f"{FOLDER}/"):
            leads = posixpath.relpath(leads, posixpath.dirname(place))
        return f"{found[1]}{leads}{mark}{anchor}"

    return _LINK.sub(link, text)
