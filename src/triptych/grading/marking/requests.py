"""What a marking process is asked, as plain data that can also go to another machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from triptych.grading.sandbox import Limits
from triptych.grading.submissions.files import SubmittedItem
from triptych.grading.submissions.resemblance import Likeness

#: Seconds of the processor for a request: to list what was handed in, and to read one notebook.
LISTING, READING = 120, 20


@dataclass(frozen=True)
class Setting:
    """What all notebooks of one grading are marked with.

    ``checks`` is the text of the hidden checks, ``place`` where it stands; ``released`` the text of
    each framework's released notebook; ``framework`` that of all notebooks, or empty: found from each.
    ``ours`` tells the released notebooks from ``others`` of the course, by name.
    """

    chapter: str
    checks: str = field(repr=False)
    place: str
    released: Mapping[str, str] = field(repr=False)
    limits: Limits
    framework: str = ""
    kind: str = "auto"
    ours: Likeness = field(default_factory=Likeness, repr=False)
    others: Mapping[str, Likeness] = field(default_factory=dict, repr=False)

    @property
    def seconds(self) -> int:
        """Seconds of the processor that the checks of one notebook may take, on this side."""
        return max(2, round(self.limits.total / 2))


@dataclass(frozen=True)
class Job:
    """One notebook to be graded: where its bytes are, and what they were when it was looked at."""

    key: str
    item: SubmittedItem
    source: str
    digest: str
    seed: int


@dataclass(frozen=True)
class Look:
    """List what was handed in, with the arguments of ``submissions.look``."""

    arguments: tuple[Any, ...]
    named: Mapping[str, Any]


@dataclass(frozen=True)
class Digest:
    """Read a file and say its SHA-256."""

    item: SubmittedItem


@dataclass(frozen=True)
class Read:
    """Read a file and hand over its bytes."""

    item: SubmittedItem


@dataclass(frozen=True)
class Grade:
    """Grade a notebook under the setting that was told last."""

    job: Job


Request = Setting | Look | Digest | Read | Grade
