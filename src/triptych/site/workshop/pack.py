"""The workshop's zip, put together."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from triptych.course import Course
from triptych.dev import environment, work
from triptych.site import offline
from triptych.site.workshop import timetable
from triptych.site.workshop.chapter_site import FOLDER, chapter_site
from triptych.site.workshop.lessons import notebooks
from triptych.site.workshop.papers import Day, papers


def pack(course: Course, chapter: str, html: Path, target: Path, day: Day) -> int:
    """Write the chapter's workshop into the zip ``target``; returns the zip's bytes.

    ``html`` is the built site. The same course, site and day give the same zip. Raises TriptychError
    for an unknown chapter, one without exercises, a site that is not built, and where the zip cannot
    be written.
    """
    course.siblings(chapter)
    return offline.write(target, html, sorted(_files(course, chapter, html, day)))


def _files(course: Course, chapter: str, html: Path, day: Day) -> Iterator[tuple[str, bytes]]:
    top = f"triptych-{chapter}"
    site = chapter_site(html, course, chapter)
    rules = course.root / work.TUTOR
    parts = (
        papers(course, chapter, timetable.parts(course, chapter), day),
        notebooks(course, site),
        ((f"{FOLDER}/{name}", data) for name, data in site.files()),
        [(work.TUTOR, rules.read_bytes())] if rules.is_file() else [],
        [
            ("requirements.txt", environment.requirements_txt(course).encode()),
            ("constraints.txt", (course.root / environment.CONSTRAINTS).read_bytes()),
        ],
    )
    yield from ((f"{top}/{name}", data) for part in parts for name, data in part)
