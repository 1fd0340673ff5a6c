"""What a teacher reads and fills in: a start page, the timetable, the day's checklist, the class list."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from triptych.course import Course
from triptych.errors import TriptychError
from triptych.frameworks import PANELS
from triptych.site.front import paths
from triptych.site.workshop import timetable
from triptych.site.workshop.timetable import Part, Session

_TEMPLATES = Path(__file__).with_name("templates")

#: The papers by their place in the zip, and the template of each.
_PAPERS = {
    "README.md": "readme.md",
    "teacher/timetable.md": "timetable.md",
    "teacher/checklist.md": "checklist.md",
    "teacher/class-list.csv": "class-list.csv",
}


@dataclass(frozen=True)
class Day:
    """What a teacher decides: when a session begins and how long it may be, in minutes, and a hub."""

    start: int = 9 * 60
    longest: int = 210
    hub: str = ""


def papers(course: Course, chapter: str, found: Sequence[Part], day: Day) -> Iterator[tuple[str, bytes]]:
    """Each paper: its place in the zip, and its text."""
    sessions = timetable.sessions(found, day.longest)
    jinja = Environment(
        loader=FileSystemLoader(_TEMPLATES), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    jinja.filters["clock"] = lambda minutes: clock(day.start + minutes)
    names = course.chapter(chapter).exercise_notebooks
    known = {
        "chapter": chapter,
        "title": chapter.capitalize(),
        "sessions": sessions,
        "hours": lasting,
        "reading": round(sum(part.minutes for part in found if not part.exercise)),
        "solving": round(sum(part.minutes for part in found if part.exercise)),
        "speeds": paths,
        "timetable": timetable,
        "exercises": sum(part.exercise for part in found),
        "first": next(iter(names)),
        "frameworks": {name: PANELS[name].title for name in names if name in PANELS},
        "colab": {name: course.colab_url(_exercise(course, chapter, name)) for name in names},
        "hub": {name: hub_link(course, chapter, name, day.hub) for name in names} if day.hub else {},
        "repository": course.repository_url,
    }
    for place, template in _PAPERS.items():
        yield place, jinja.get_template(template).render(known).strip().encode() + b"\n"


def hub_link(course: Course, chapter: str, name: str, hub: str) -> str:
    """The address that fetches the course into a home on a JupyterHub, and opens an exercise there."""
    folder = course.repository_url.rpartition("/")[2]
    opened = f"lab/tree/{folder}/exercises/{chapter}/{name}.ipynb?autodecode"
    query = urlencode({"repo": course.repository_url, "branch": course.branch, "urlpath": opened})
    return f"{hub}/hub/user-redirect/git-pull?{query}"


def clock(minutes: int) -> str:
    """A time of day, from minutes after midnight."""
    hours, rest = divmod(minutes, 60)
    return f"{hours % 24:02}:{rest:02}"


def start(text: str) -> int:
    """Minutes after midnight, from ``09:00``. Raises TriptychError."""
    hours, colon, minutes = text.partition(":")
    if colon and hours.isdecimal() and minutes.isdecimal() and int(hours) < 24 and int(minutes) < 60:
        return 60 * int(hours) + int(minutes)
    raise TriptychError(f"--start {text}", "no time of day", "write it like 09:00")


def hub(text: str) -> str:
    """The address of a JupyterHub, as far as links need it; empty where there is none. Raises TriptychError.

    It may be a page's of the hub, as a browser shows it: ``https://hub.example.org/hub/home``.
    """
    address = urlsplit(text)
    if text and not (address.scheme in ("http", "https") and address.netloc):
        raise TriptychError(f"--hub {text}", "no web address", "write it like https://hub.example.org")
    return text.partition("?")[0].rstrip("/").removesuffix("/hub").partition("/hub/")[0]


def lasting(session: Session) -> str:
    """How long a session is, in hours and minutes."""
    hours, minutes = divmod(session.minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def _exercise(course: Course, chapter: str, name: str) -> Path:
    return course.root / "exercises" / chapter / f"{name}.ipynb"
