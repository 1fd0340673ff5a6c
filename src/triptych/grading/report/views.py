"""What the reports show: a student's notebooks and exercises, and what the whole grading has in common."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from triptych.grading.checks import CheckResult
from triptych.grading.report.texts import title
from triptych.grading.store import FAULT, Grade, GradeStore, SubmissionRow


@dataclass(frozen=True)
class About:
    """What the whole grading has in common."""

    chapter: str
    exercises: Mapping[str, float]
    titles: Mapping[str, str] = field(default_factory=dict)  # of the exercises, by id
    messages: Mapping[str, str] = field(default_factory=dict)  # of the checks, by id
    objectives: Sequence[str] = ()
    seed: int = 0
    versions: Mapping[str, str] = field(default_factory=dict)
    limits: Mapping[str, float] = field(default_factory=dict)

    @property
    def points(self) -> float:
        """The most that can be earned."""
        return sum(self.exercises.values())

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
    def state(self) -> str:
        """``solved``, ``partly`` or ``open``."""
        return "solved" if self.earned >= self.points else "partly" if self.earned else "open"


@dataclass(frozen=True)
class Sheet:
    """One notebook with what came of it; ``counts``: its mark is the student's."""

    row: SubmissionRow
    grade: Grade | None
    counts: bool = True

    @property
    def reason(self) -> str:
        """Why it could not be graded or ended early; empty where neither."""
        return self.row.reason or (self.grade.reason if self.grade else "")

    @property
    def exercises(self) -> tuple[ExerciseResult, ...]:
        """The exercises, in the checks' order."""
        by_exercise: dict[str, list[CheckResult]] = {}
        for result in self.grade.results if self.grade else ():
            by_exercise.setdefault(result.exercise, []).append(result)
        return tuple(ExerciseResult(id, tuple(results)) for id, results in by_exercise.items())


def sheets(store: GradeStore) -> Iterator[tuple[Sheet, ...]]:
    """Each student's notebooks, the one that counts first: the one with the most points.

    A learner may solve the exercises in one framework or in all, and may hand in
    twice; neither costs anything.
    """
    gathered: list[tuple[SubmissionRow, Grade | None]] = []
    for row, grade in store.rows():
        if gathered and gathered[0][0].student != row.student:
            yield _of_student(gathered)
            gathered = []
        gathered.append((row, grade))
    if gathered:
        yield _of_student(gathered)


def _of_student(gathered: Sequence[tuple[SubmissionRow, Grade | None]]) -> tuple[Sheet, ...]:
    best = max(range(len(gathered)), key=lambda i: (_mark(gathered[i][1]), -i))
    order = [best, *(i for i in range(len(gathered)) if i != best)]
    return tuple(Sheet(*gathered[i], counts=i == best) for i in order)


def _mark(grade: Grade | None) -> float:
    return -1.0 if grade is None else grade.earned


def is_fault(row: SubmissionRow) -> bool:
    """Whether the grader failed on the notebook, so that it has no mark."""
    return row.reason.startswith(FAULT)
