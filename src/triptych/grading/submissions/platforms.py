"""Whose file it is, by the names that learning platforms give: the only place that knows them."""

from __future__ import annotations

import re
from dataclasses import dataclass

#: Moodle, one folder a student (4.x; until 4.0 with a last underscore) or all files in one folder:
#: ``Jane Doe_12345_assignsubmission_file/jax.ipynb``, ``Jane Doe_12345_assignsubmission_file_jax.ipynb``.
#: The number is Moodle's own for this submission ("Participant 12345" in its grading worksheet).
_MOODLE = re.compile(
    r"^(?P<name>.+?)_(?P<id>\d+)_assignsubmission_(?P<kind>[a-z]+)(?:_(?P<file>.*))?$", re.DOTALL
)

#: Canvas: ``doejane_LATE_1234_56789_jax-1.ipynb``: the sortable name without spaces, LATE where it was,
#: the student's number in Canvas and the file's; ``anon_<id>`` where the submission is anonymous.
_CANVAS = re.compile(
    r"^(?:(?P<name>(?!LATE_)[^\W_]\w*?)_)?(?P<late>LATE_)?(?:(?P<anonymous>anon_[0-9A-Za-z]+)|(?P<id>\d+))"
    r"_(?P<number>\d+)_(?P<file>.+)$",
    re.DOTALL,
)


@dataclass(frozen=True)
class Owner:
    """Whose a file is, as its name says: a name and, where a platform gave it, the platform's number.

    ``key`` is the same for all files of one owner.
    """

    key: str
    name: str
    number: str = ""
    late: bool = False


def moodle(name: str) -> Owner | None:
    """The owner that Moodle's name of a folder or of a file tells; None for another name."""
    parts = _MOODLE.match(name)
    return Owner(f"moodle:{parts['id']}:{parts['name']}", parts["name"], parts["id"]) if parts else None


def canvas(name: str) -> Owner | None:
    """The owner that Canvas's name of a file tells, perhaps an anonymous one; None for another name."""
    parts = _CANVAS.match(name)
    if not parts or not (parts["name"] or parts["anonymous"]):
        return None
    number = parts["id"] or parts["anonymous"]
    return Owner(f"canvas:{number}", parts["name"] or number, number, bool(parts["late"]))
