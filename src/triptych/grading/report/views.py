"""What the reports show: a student's notebooks and exercises, and what the whole grading has in common."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from triptych.grading.attempts import BEYOND
from triptych.grading.checks import NOT_YET, CheckResult
from triptych.grading.marks import Mark, Policy
from triptych.grading.report.texts import title
from triptych.grading.store import FAULT, Grade, GradeStore, SubmissionRow
from triptych.grading.submissions.identity import GROUP


@dataclass(frozen=True)
class About:
    """What the whole grading has in common."""

    chapter: str
    exercises: Mapping[str, float]
    titles: Mapping[str, str] = field(default_factory=dict)  # of the exercises, by id
    sections: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict)  # titles, addresses
    messages: Mapping[str, str] = field(default_factory=dict)  # of the checks, by id
    objectives: Sequence[str] = ()
    seed: int = 0
    versions: Mapping[str, str] = field(default_factory=dict)
    limits: Mapping[str, float] = field(default_factory=dict)
    policy: Policy = field(default_factory=Policy)

    @property
    def points(self) -> float:
        """The most that the checks give."""
        return sum(self.exercises.values())

    @property
    def out_of(self) -> float:
        """The most that a mark can be."""
        return self.policy.total(self.exercises)

    def rules(self) -> tuple[str, ...]:
        """How marks are made, in sentences."""
        return tuple(self.policy.words({e: self.title(e) for e in self.exercises}))

    def title(self, exercise: str) -> str:
        """The exercise as its notebook's heading calls it."""
        return self.titles.get(exercise) or title(exercise)


@dataclass(frozen=True)
class ExerciseResult:
    """An exercise with its checks' results."""

    id: str
    results: tuple[CheckResult, ...]

    @property
    def earned(self) -> float:
        """The points earned."""
        return sum(result.earned for result in self.results)

    @property
    def points(self) -> float:
        """The points to be earned."""
        return sum(result.points for result in self.results)

    @property
    def objectives(self) -> tuple[int, ...]:
        """The objectives of the checks that failed."""
        return tuple(sorted({r.objective for r in self.results if r.earned < r.points}))

    @property
    def absences(self) -> tuple[str, ...]:
        """Why functions of the exercise could not be asked, each once."""
        return tuple(dict.fromkeys(r.message for r in self.results if r.absent and r.message != NOT_YET))

    @property
    def repeated(self) -> frozenset[str]:
        """The checks whose problem is one that a check before them had: it is told once."""
        seen: set[str] = set()
        repeated: set[str] = set()
        for result in self.results:
            if result.problem in seen:
                repeated.add(result.check)
            elif result.problem:
                seen.add(result.problem)
        return frozenset(repeated)

    @property
    def state(self) -> str:
        """``solved``, ``partly`` or ``open``."""
        return "solved" if self.earned >= self.points else "partly" if self.earned else "open"


@dataclass(frozen=True)
class Sheet:
    """One notebook with what came of it; ``counts``: its mark is the student's.

    ``mark`` is None where there is none: the grader failed, or more were handed in than are graded.
    """

    row: SubmissionRow
    grade: Grade | None
    mark: Mark | None = None
    counts: bool = True

    @property
    def reason(self) -> str:
        """Why it could not be graded or ended early; empty where neither."""
        return self.row.reason or (self.grade.reason if self.grade else "")

    @property
    def beyond(self) -> bool:
        """Whether it is not graded because the student handed in more than are."""
        return self.row.reason.startswith(BEYOND)

    @property
    def ended_early(self) -> bool:
        """Whether something went wrong with it: it was to be graded, and was not, or not to its end."""
        return bool(self.reason) and not self.beyond

    @property
    def flags(self) -> tuple[str, ...]:
        """What a teacher should look at: whose it may not be, and what may have steered a measurement."""
        doubts = (self.row.note,) if self.row.note and not self.row.note.startswith(GROUP) else ()
        if not doubts and not self.row.known:
            doubts = ("not on the class list",)
        return doubts + (self.grade.flags if self.grade else ())

    @property
    def exercises(self) -> tuple[ExerciseResult, ...]:
        """The exercises, in the checks' order."""
        by_exercise: dict[str, list[CheckResult]] = {}
        for result in self.grade.results if self.grade else ():
            by_exercise.setdefault(result.exercise, []).append(result)
        return tuple(ExerciseResult(id, tuple(results)) for id, results in by_exercise.items())


def sheets(store: GradeStore, about: About) -> Iterator[tuple[Sheet, ...]]:
    """Each student's notebooks, the one that counts first."""
    gathered: list[Sheet] = []
    for row, grade in store.rows():
        if gathered and gathered[0].row.student != row.student:
            yield _of_student(gathered, about.policy)
            gathered = []
        gathered.append(Sheet(row, grade, mark_of(row, grade, about)))
    if gathered:
        yield _of_student(gathered, about.policy)


def mark_of(row: SubmissionRow, grade: Grade | None, about: About) -> Mark | None:
    """The mark of a notebook; 0 for what was handed in and cannot be graded, None where there is none."""
    if grade is None and (not row.source or is_fault(row) or row.reason.startswith(BEYOND)):
        return None
    earned = {exercise: points for exercise, (points, _) in grade.exercises().items()} if grade else {}
    return about.policy.mark(earned, about.exercises, row.late)


def _of_student(gathered: Sequence[Sheet], policy: Policy) -> tuple[Sheet, ...]:
    best = policy.counting([(sheet.row.framework, _rank(sheet)) for sheet in gathered])
    order = [best, *(i for i in range(len(gathered)) if i != best)]
    return tuple(replace(gathered[i], counts=i == best) for i in order)


def _rank(sheet: Sheet) -> float:
    """A notebook's mark, or below 0: one that could not be graded counts before one that need not be."""
    if sheet.grade and sheet.mark:
        return sheet.mark.value
    return -2.0 if sheet.beyond else -1.0


def is_fault(row: SubmissionRow) -> bool:
    """Whether the grader failed on the notebook, so that it has no mark."""
    return row.reason.startswith(FAULT)
