"""The HTML pages: one of feedback for each student, and one for the class.

A submission is hostile text. Every value on a page goes through Jinja's
autoescape, after the characters that could steer a terminal or reverse a line
are dropped; the pages run no script, load nothing, and say so to the
browser in a content security policy.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import jinja2
import markupsafe

from triptych import files
from triptych.frameworks import FRAMEWORKS
from triptych.grading.checks import NOT_YET
from triptych.grading.report.overview import Overview
from triptych.grading.report.texts import ERRORS, LOOKS_FOR, OUTPUT, SAME, cut, number, plain, title
from triptych.grading.report.views import About, Sheet
from triptych.notebooks.untrusted import encodable

#: Notebooks of one student that a feedback page shows.
SHEETS = 20

#: Hexadecimal digits of a page's name: too many for anybody to search a name with the same.
_DIGITS = 24
_PLAIN = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")
_MADE = re.compile(rf".*-[0-9a-f]{{{_DIGITS}}}")
_DEVICES = frozenset({"aux", "con", "nul", "prn", *(f"{d}{n}" for d in ("com", "lpt") for n in range(10))})


class Pages:
    """Renders the pages of one grading."""

    def __init__(self, about: About) -> None:
        self._about = about
        self._environment = _environment()
        self._feedback = self._environment.get_template("feedback.html")

    def feedback(self, sheets: Sequence[Sheet], own: bool = False) -> str:
        """A student's page; ``own``: for the learner who graded it."""
        shown = [sheet for sheet in sheets if not sheet.beyond][:SHEETS] or sheets[:1]
        return self._feedback.render(
            sheets=shown,
            count=len(sheets),
            beyond=sum(sheet.beyond for sheet in sheets),
            about=self._about,
            own=own,
            output=OUTPUT,
            errors=ERRORS,
        )

    def overview(self, overview: Overview) -> str:
        """The page for the class."""
        page = self._environment.get_template("overview.html")
        return page.render(o=overview, about=self._about, slug=slug)


def slug(student: str) -> str:
    """A file name for a student, whatever the id holds; different for different students.

    On any file system: small letters only, and no name that Windows keeps for a device. An id
    that looks like a name made here gets one of its own, so that none can be taken away.
    """
    if _PLAIN.fullmatch(student) and not _MADE.fullmatch(student) and student not in _DEVICES:
        return student
    words = files.slug(student)[:40] or "student"
    return f"{words}-{files.digest(encodable(student), _DIGITS)}"


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("triptych.grading.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: plain(value) if type(value) is str else value,
    )
    environment.filters |= {"cut": cut, "number": number, "title_of": title, "prose": prose}
    environment.globals |= {
        "frameworks": FRAMEWORKS,
        "LOOKS_FOR": LOOKS_FOR,
        "SAME": SAME,
        "NOT_YET": NOT_YET,
    }
    return environment


def prose(text: str) -> markupsafe.Markup:
    """``text`` escaped, with backquoted text as code."""
    return markupsafe.Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(markupsafe.escape(plain(text)))))
