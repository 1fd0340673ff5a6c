"""What was handed in, once it is sorted."""

from __future__ import annotations

from dataclasses import dataclass, field

from triptych.grading.submissions.files import BOUNDS, Bounds, SubmittedItem
from triptych.notebooks.untrusted import Unreadable


@dataclass(frozen=True)
class Submission:
    """One notebook of one student; or, with a ``problem``, the reason why there is none.

    ``source`` is the file's name inside what was handed in, and ``item`` the file itself.
    ``turn`` grows in the order in which a student's files were handed in, where the platform
    tells it; else it is 0. ``note`` is what the instructor may want to know of whose it is.
    """

    student: str
    name: str
    source: str
    item: SubmittedItem | None = field(default=None, repr=False, compare=False)
    late: bool = False
    known: bool = True  # on the class list, or there is no such list
    problem: str = ""
    turn: int = 0
    note: str = ""

    def read(self, bounds: Bounds = BOUNDS) -> bytes:
        """The notebook's bytes, at most ``bounds.notebook`` of them. Raises Unreadable."""
        if self.problem or self.item is None:
            raise Unreadable(self.problem or "there is no notebook")
        return self.item.read(bounds)


@dataclass(frozen=True)
class Ignored:
    """A file that is nobody's submission, and why; ``name`` is the student's in whose folder it lies."""

    source: str
    why: str
    name: str = ""


@dataclass(frozen=True)
class HandIn:
    """What was handed in: each file is a submission, is ignored with a reason, or was left by a tool.

    ``platform`` is the one whose names they are; empty where they are people's own.
    """

    submissions: tuple[Submission, ...]
    ignored: tuple[Ignored, ...]
    platform: str
