"""How long a chapter takes in a class, reckoned from what is read and run there, and its timetable."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from triptych.course import Course
from triptych.errors import TriptychError
from triptych.frameworks import PANELS
from triptych.notebooks import cells as plain
from triptych.notebooks.folds import PLUMBING
from triptych.site.front.paths import EXERCISE, LINES_A_MINUTE, WORDS_A_MINUTE

#: Minutes for each section besides reading: to predict, and to compare with the neighbours.
TALK = 3
#: Minutes for each code cell besides reading: to run it and look.
RUN = 0.2
#: Minutes at the beginning and at the end of a session, and of a break.
OPENING, ENDING, BREAK = 10, 10, 15
#: After so many minutes a class needs a break.
LONGEST = 95

_PANELS = re.compile(r"^```\{side-by-side\}[ \t]+(.+?)[ \t]*$", re.MULTILINE)
_TITLE = re.compile(r"^# (.+)$", re.MULTILINE)
_HEADING = re.compile(r"## (.+)")
_FENCED = re.compile(r"^(`{3,}|~{3,}).*?^\1[ \t]*$", re.MULTILINE | re.DOTALL)
_NO_PROSE = re.compile(r"^(?::::?.*|:[\w-]+:.*|---.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Part:
    """What a class does in one go: a page's sections, or an exercise. ``minutes`` is not rounded."""

    what: str
    how: str
    minutes: float
    exercise: bool = False


@dataclass(frozen=True)
class Row:
    """A line of the timetable; ``start`` and ``end`` in minutes from the session's beginning."""

    start: int
    end: int
    what: str
    how: str


@dataclass
class Session:
    """One meeting of the class."""

    rows: list[Row] = field(default_factory=list)

    @property
    def minutes(self) -> int:
        """How long it is."""
        return self.rows[-1].end if self.rows else 0

    def add(self, what: str, how: str, minutes: int) -> None:
        """Add what comes next."""
        self.rows.append(Row(self.minutes, self.minutes + minutes, what, how))


def parts(course: Course, chapter: str) -> list[Part]:
    """What a class does with a chapter, in order: its pages with panels, then its exercises.

    Of the frameworks the one that takes longest counts, since the tables compare when all are done.
    Raises TriptychError for a chapter without a page or exercises.
    """
    lessons = [_sections(path) for path in course.siblings(chapter).values()]
    pages: dict[Path, list[str]] = {}
    page_of = {heading: page for page in _pages(course, chapter) for heading in _headings(page)}
    for heading in lessons[0]:
        if heading in page_of:
            pages.setdefault(page_of[heading], []).append(heading)
    if not pages:
        raise TriptychError(f"book/{chapter}", "no page shows a section", "add a `{side-by-side}`")
    found = []
    for page, headings in pages.items():
        text = page.read_text(encoding="utf-8")
        run = max(sum(map(_minutes, (lesson[h] for h in headings if h in lesson))) for lesson in lessons)
        title = _TITLE.search(text)
        sections = f"{len(headings)} sections" if len(headings) > 1 else "one section"
        found.append(
            Part(
                title[1] if title else page.stem,
                f"{sections}: predict, run, compare with your neighbours' frameworks",
                _words(_prose(text)) / WORDS_A_MINUTE + run + TALK * len(headings),
            )
        )
    return found + _exercises(course, chapter)


def sessions(found: Sequence[Part], longest: int) -> list[Session]:
    """The parts as sessions of at most ``longest`` minutes, with breaks; all times in fives.

    A part that is longer than a session has one to itself. Exercises in a row share a line.
    """
    done: list[Session] = []
    session, since = Session(), 0
    for part in found:
        minutes = 5 * max(1, math.ceil(part.minutes / 5))
        pause = BREAK if since and since + minutes > LONGEST else 0
        if len(session.rows) > 1 and session.minutes + pause + minutes + ENDING > longest:
            done.append(session)
            session, since, pause = Session(), 0, 0
        if not session.rows:
            _open(session, first=not done)
        if pause:
            session.add("Break", "", pause)
            since = 0
        session.add(part.what, part.how, minutes)
        since += minutes
    if session.rows:
        done.append(session)
    for number, each in enumerate(done, 1):
        _close(each, last=number == len(done))
    return [Session(list(_joined(each.rows))) for each in done]


def _open(session: Session, first: bool) -> None:
    if first:
        session.add(
            "Begin", "everybody opens a notebook and runs its first cells; tables mix frameworks", OPENING
        )
    else:
        session.add("Begin again", "what was hard last time", OPENING)


def _close(session: Session, last: bool) -> None:
    exercises = any(row.what.startswith("Exercise") for row in session.rows)
    if last and exercises:
        session.add("Hand in", "restart, run all, download the .ipynb, hand it in", ENDING)
    else:
        session.add("End", "each table says one thing that surprised it", ENDING)


def _joined(rows: Iterable[Row]) -> Iterator[Row]:
    """The rows; exercises that follow each other are one, which says how many there are."""
    together: list[Row] = []
    for row in rows:
        if row.what.startswith("Exercise"):
            together.append(row)
            continue
        yield from _as_one(together)
        together = []
        yield row
    yield from _as_one(together)


def _as_one(rows: Sequence[Row]) -> Iterator[Row]:
    if rows:
        names = ", ".join(row.what.removeprefix("Exercise: ") for row in rows)
        title = "Exercise" if len(rows) == 1 else f"{len(rows)} exercises"
        yield Row(rows[0].start, rows[-1].end, f"{title}: {names}", rows[0].how)


def _exercises(course: Course, chapter: str) -> list[Part]:
    declared = course.chapter(chapter)
    if not declared.exercises:
        raise TriptychError(f"exercises/{chapter}", "this chapter has no exercises yet", "choose another")
    paths = [course.root / "exercises" / chapter / f"{name}.ipynb" for name in declared.exercise_notebooks]
    there = next((path for path in paths if path.is_file()), None)
    if there is None:
        raise TriptychError(f"exercises/{chapter}", "no exercises", "run `triptych release`")
    how = "alone or in pairs; the visible checks answer at once"
    return [Part(f"Exercise: {heading}", how, EXERCISE, exercise=True) for heading in _sections(there)]


def _pages(course: Course, chapter: str) -> list[Path]:
    book = course.root / "book"
    return [
        path for path in (book / f"{chapter}.md", *sorted((book / chapter).glob("*.md"))) if path.is_file()
    ]


def _headings(page: Path) -> list[str]:
    return _PANELS.findall(page.read_text(encoding="utf-8"))


def _sections(path: Path) -> dict[str, list[plain.Cell]]:
    """The cells of a notebook by the heading that they stand under."""
    found: dict[str, list[plain.Cell]] = {}
    under: list[plain.Cell] = []
    for cell in plain.cells(plain.read(path)):
        if cell.get("cell_type") == "markdown" and (heading := _HEADING.match(plain.source(cell))):
            under = found.setdefault(heading[1].strip(), [])
        under.append(cell)
    return found


def _minutes(section: Iterable[plain.Cell]) -> float:
    """To read and run a section: its words, its visible code and what that shows, line by line."""
    words, lines, run = 0, 0, 0
    for cell in section:
        if cell.get("cell_type") == "markdown":
            words += _words(plain.source(cell))
        elif cell.get("cell_type") == "code":
            run += 1
            if PLUMBING not in cell.get("metadata", {}).get("tags", ()):
                lines += len(plain.source(cell).splitlines()) + sum(map(_shown, cell.get("outputs", ())))
    return words / WORDS_A_MINUTE + lines / LINES_A_MINUTE + RUN * run


def _shown(output: dict[str, Any]) -> int:
    """The lines of text that an output shows."""
    text = output.get("text") or output.get("data", {}).get("text/plain") or ""
    return len(("".join(text) if isinstance(text, list) else str(text)).splitlines())


def _prose(page: str) -> str:
    return _NO_PROSE.sub("", _FENCED.sub("", page))


def _words(text: str) -> int:
    return len(text.split())


def frameworks(course: Course, chapter: str) -> list[str]:
    """The titles of the frameworks in which a chapter's notebooks are."""
    return [PANELS[name].title for name in course.chapter(chapter).notebooks if name in PANELS]
