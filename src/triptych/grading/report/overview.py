"""The class in figures, gathered one student at a time."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from triptych.grading.report.texts import number
from triptych.grading.report.views import About, Sheet, is_fault
from triptych.grading.store import SubmissionRow
from triptych.grading.submissions import Student
from triptych.grading.submissions.identity import GROUP

#: Lines of one student's in a list of the overview.
LISTED = 10

T = TypeVar("T")


@dataclass(frozen=True)
class StudentLine:
    """A student's line in the overview."""

    student: str
    name: str
    mark: float | None
    framework: str
    notes: tuple[str, ...]
    flagged: bool = False


def _first(items: list[T], rest: Callable[[int], T]) -> list[T]:
    """The first of one student's ``items``, so that nobody fills the page; ``rest`` says how many more."""
    return items if len(items) <= LISTED else [*items[: LISTED - 1], rest(len(items) - LISTED + 1)]


@dataclass
class Overview:
    """The class in figures, gathered one student at a time."""

    about: About
    lines: list[StudentLine] = field(default_factory=list)
    troubles: list[SubmissionRow] = field(default_factory=list)
    flagged: list[tuple[SubmissionRow, tuple[str, ...]]] = field(default_factory=list)
    faults: int = 0
    missing: Sequence[Student] = ()
    seen: set[str] = field(default_factory=set)
    notebooks: int = 0
    guests: int = 0  # who handed in and is not on the class list
    _earned: dict[str, list[float]] = field(default_factory=dict)
    _failed: dict[str, int] = field(default_factory=dict)
    _tried: int = 0

    def add(self, student: Sequence[Sheet]) -> None:
        """Take in a student's notebooks, the one that counts first."""
        first = student[0]
        self.seen.add(first.row.student)
        self.notebooks += len(student)
        self.guests += not first.row.known
        self.faults += sum(is_fault(sheet.row) for sheet in student)
        early = [replace(sheet.row, reason=sheet.reason) for sheet in student if sheet.ended_early]
        self.troubles += _first(early, lambda more: replace(early[0], source="", reason=f"and {more:,} more"))
        flagged = [(sheet.row, sheet.flags) for sheet in student if sheet.flags]
        self.flagged += _first(
            flagged, lambda more: (replace(first.row, source=""), (f"and {more:,} more notebooks",))
        )
        self.lines.append(
            StudentLine(
                first.row.student,
                first.row.name,
                first.mark.value if first.mark else None,
                first.row.framework,
                tuple(self._notes(student)),
                any(sheet.flags for sheet in student),
            )
        )
        if first.grade:
            self._tried += 1
            for exercise, (earned, _) in first.grade.exercises().items():
                self._earned.setdefault(exercise, []).append(earned)
            for result in first.grade.results:
                self._failed[result.check] = self._failed.get(result.check, 0) + (
                    result.earned < result.points
                )

    def _notes(self, student: Sequence[Sheet]) -> Iterator[str]:
        """What stands beside a student's mark."""
        first, count = student[0], len(student)
        if count > 1:
            left_out = sum(sheet.beyond for sheet in student)
            graded = f", {count - left_out} of them graded" if left_out else ""
            yield f"{count} notebooks{graded}, the {self.about.policy.counts} counts"
        if first.mark and first.mark.deduction:
            yield f"late, −{number(first.mark.deduction)}"
        elif any(sheet.row.late for sheet in student):
            yield "late" if first.row.late else "another one late"
        if first.row.note.startswith(GROUP):
            yield first.row.note
        if not first.row.known:
            yield "not on the class list"
        if first.reason:
            yield "could not be graded" if first.grade is None else "ended early"

    @property
    def marks(self) -> list[float]:
        """The marks that there are."""
        return [line.mark for line in self.lines if line.mark is not None]

    @property
    def median(self) -> float:
        """The mark in the middle; 0 without any."""
        return statistics.median(self.marks) if self.marks else 0.0

    @property
    def mean(self) -> float:
        """The average mark; 0 without any."""
        return statistics.fmean(self.marks) if self.marks else 0.0

    @property
    def full(self) -> int:
        """How many have all points."""
        return sum(mark >= self.about.out_of for mark in self.marks)

    def distribution(self) -> list[tuple[str, int]]:
        """Students by mark: a bar for each mark if there are few, else about ten of equal width.

        A mark on an edge is in the bar above it; full marks are in the last.
        """
        top = self.about.out_of
        if top <= 15 and all(float(mark).is_integer() for mark in [top, *self.marks]):
            return [(number(p), sum(m == p for m in self.marks)) for p in range(int(top) + 1)]
        power = 10.0 ** math.floor(math.log10(top / 10))
        width = next(power * step for step in (1, 2, 5, 10) if top / (power * step) <= 10)
        steps = max(1, math.ceil(top / width))
        counts = [0] * steps
        for mark in self.marks:
            counts[min(int(mark / width), steps - 1)] += 1
        edges = [min(width * step, top) for step in range(steps + 1)]
        return [(f"{number(edges[i])}–{number(edges[i + 1])}", count) for i, count in enumerate(counts)]

    def by_exercise(self) -> list[tuple[str, float, int, float]]:
        """Each exercise: id, points, how many solved it in full, the average."""
        exercises = []
        for exercise, points in self.about.exercises.items():
            earned = self._earned.get(exercise, [])
            solved = sum(e >= points for e in earned)
            exercises.append((exercise, points, solved, statistics.fmean(earned) if earned else 0.0))
        return exercises

    @property
    def graded(self) -> int:
        """How many students have a notebook that ran."""
        return self._tried

    def hardest(self, most: int = 8) -> list[tuple[str, int, str]]:
        """The checks that most students failed: id, how many, the message they read."""
        failed = sorted(((n, id) for id, n in self._failed.items() if n), key=lambda pair: -pair[0])
        return [(id, n, self.about.messages.get(id, "")) for n, id in failed[:most]]
