"""Grading many notebooks: what is to be graded, by whom, and what came of it.

``grade_all`` walks through what was handed in, gives what the store does not yet
know to an engine (the machine's cores here, a Dask cluster in ``cluster``), and
keeps every grade as it comes. A notebook is graded by ``grade_one``: the sandbox
runs its cells, the hidden checks run here and ask it for values.
"""

from __future__ import annotations

import json
import platform
import secrets
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import Any, Protocol

from triptych import __version__
from triptych.dev import doctor as tools
from triptych.files import digest as sha256
from triptych.frameworks import FRAMEWORKS
from triptych.grading.chapter import GradedChapter
from triptych.grading.checks import HiddenCheck, run
from triptych.grading.checks.author import Caller
from triptych.grading.sandbox import Code, Limits, Sandbox, TimedOut
from triptych.grading.store import FAULT, Grade, GradeStore, SubmissionRow
from triptych.grading.submissions import Submission, cells_to_run, framework_of
from triptych.machine import cores
from triptych.notebooks.untrusted import Unreadable, parse


@dataclass(frozen=True)
class Job:
    """One notebook for an engine: plain data, so that it can go to another machine."""

    key: str
    cells: tuple[Code, ...]
    seed: int


class Engine(Protocol):
    """Grades jobs, several at a time, and yields each as it is done, in any order."""

    def run(self, jobs: Iterable[Job]) -> Iterator[tuple[Job, Grade]]:
        """Take jobs as there is room for them, so that no more than a few are in memory."""


# --- one notebook ---------------------------------------------------------------


def grade_one(job: Job, sandbox: Sandbox, checks: Sequence[HiddenCheck]) -> Grade:
    """The grade of one notebook: whatever it does, and even if the grader itself fails (a ``fault``)."""
    try:
        with sandbox.open(job.cells) as session:
            results = run(checks, _Impatient(session), job.cells, job.seed)
        outcome = session.outcome
    except Exception as error:  # a check that is wrong, a sandbox that broke: nobody else's grade suffers
        return Grade((), job.seed, fault=f"{type(error).__name__}: {' '.join(str(error).split())[:300]}")
    return Grade(
        results,
        job.seed,
        reason=outcome.reason,
        output=outcome.output,
        errors=tuple((e.cell, e.type, e.message) for e in outcome.errors),
        wall=round(outcome.wall, 3),
        cpu=round(outcome.cpu, 3),
        peak_memory=outcome.peak_memory,
    )


class _Impatient:
    """A session that does not wait again and again for a function that does not end.

    One that has never answered is waited for once, one that has is waited for twice.
    A helper that calls the function whose name it is given first stands for that function.
    """

    def __init__(self, session: Caller) -> None:
        self._session = session
        self._answered: set[str] = set()
        self._late: Counter[str] = Counter()

    def call(self, name: str, /, *args: Any, **kwargs: Any) -> Any:
        key = args[0] if args and isinstance(args[0], str) and args[0].isidentifier() else name
        if self._late[key] > (key in self._answered):
            raise TimedOut(f"{key} did not end before, so it was not called again")
        try:
            value = self._session.call(name, *args, **kwargs)
        except TimedOut:
            self._late[key] += 1
            raise
        self._answered.add(key)
        return value


# --- the machine's cores ----------------------------------------------------------


class Cores:
    """Grades on this machine: threads that drive one warm sandbox, started at the first job.

    ``make`` starts the sandbox; ``jobs`` notebooks run at a time, one a core by default.
    """

    def __init__(
        self,
        checks: Sequence[HiddenCheck],
        make: Callable[[], AbstractContextManager[Sandbox]],
        jobs: int = 0,
    ) -> None:
        self._checks, self._make, self._jobs = checks, make, jobs or cores()

    def run(self, jobs: Iterable[Job]) -> Iterator[tuple[Job, Grade]]:
        """Grade ``jobs``; without any, no sandbox is started."""
        queue = iter(jobs)
        first = next(queue, None)
        if first is None:
            return
        with self._make() as sandbox, ThreadPoolExecutor(self._jobs, "grade") as pool:
            running: dict[Future[Grade], Job] = {}
            try:
                running[pool.submit(grade_one, first, sandbox, self._checks)] = first
                for job in queue:
                    running[pool.submit(grade_one, job, sandbox, self._checks)] = job
                    while len(running) >= 2 * self._jobs:
                        yield from _done(running)
                while running:
                    yield from _done(running)
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise


def _done(running: dict[Future[Grade], Job]) -> Iterator[tuple[Job, Grade]]:
    done, _ = wait(running, return_when=FIRST_COMPLETED)
    for future in done:
        yield running.pop(future), future.result()


# --- many -------------------------------------------------------------------------


@dataclass(frozen=True)
class Conditions:
    """What a grade depends on besides the notebook itself.

    ``seed`` is the run's; each notebook's own is made from it and from its bytes:
    the same notebook always meets the same hidden inputs, a changed one meets others.
    """

    chapter: GradedChapter
    seed: int
    limits: Limits = field(default_factory=Limits)
    kind: str = "auto"
    versions: Mapping[str, str] = field(default_factory=dict)

    def seed_of(self, digest: str) -> int:
        """The seed of the notebook with that digest."""
        return int(sha256(f"{self.seed}:{digest}", 12), 16)

    def key(self, digest: str, framework: str) -> str:
        """The key of a grade in the store: equal if everything that matters is."""
        matters = {**self._matters, "notebook": digest, "framework": framework}
        return sha256(json.dumps(matters, sort_keys=True))

    @cached_property
    def _matters(self) -> dict[str, Any]:
        return {
            "checks": sha256(self.chapter.checks_file.read_bytes()),
            "released": {f: sha256(text) for f, text in self.chapter.released.items()},
            "seed": self.seed,
            "limits": asdict(self.limits),
            "kind": self.kind,
            "versions": dict(self.versions),
        }


def versions() -> dict[str, str]:
    """The versions that a grade depends on, those of packages that are installed."""
    packages = ("numpy", *(framework.packages[0] for framework in FRAMEWORKS.values()))
    installed = {name: version for name in packages if (version := tools.installed(name))}
    return {"python": platform.python_version(), "triptych": __version__, **installed}


def new_seed() -> int:
    """A seed for a run."""
    return secrets.randbits(48)


def grade_all(
    submissions: Sequence[Submission],
    conditions: Conditions,
    make_engine: Callable[[tuple[str, ...]], Engine],
    store: GradeStore,
    framework: str = "",
    retry: bool = False,
    progress: Callable[[int, str], None] = lambda count, name: None,
) -> Tally:
    """Grade what was handed in; afterwards the store holds a row for each submission.

    ``make_engine`` is given the frameworks that are needed. ``framework`` is that of
    all notebooks, or empty: found from each. ``retry`` grades again what ended early, for
    a technical reason. ``progress`` gets the number of rows just finished and a student's name.
    """
    rows: list[SubmissionRow] = []
    pending: dict[str, list[int]] = {}  # by key: the same bytes, handed in twice, are graded once
    for number, submission in enumerate(submissions):
        row, _ = prepare(submission, conditions, framework)
        rows.append(row)
        if row.key and not _is_known(store, row.key, retry):
            pending.setdefault(row.key, []).append(number)
    waiting = sum(len(numbers) for numbers in pending.values())
    progress(len(rows) - waiting, "")
    tally = Tally(len(rows), sum(bool(row.key) for row in rows) - waiting)

    def jobs() -> Iterator[Job]:
        for numbers in list(pending.values()):
            submission, expected = submissions[numbers[0]], rows[numbers[0]]
            row, job = prepare(submission, conditions, framework)
            if job is not None and row.key == expected.key:
                yield job
                continue
            for number in numbers:
                rows[number] = _without_grade(rows[number], "it changed while the others were graded")

    if pending:
        needed = {rows[numbers[0]].framework for numbers in pending.values()}
        engine = make_engine(tuple(f for f in FRAMEWORKS if f in needed))
        for job, grade in engine.run(jobs()):
            numbers = pending[job.key]
            if grade.fault:
                tally.faults += len(numbers)
                for number in numbers:
                    rows[number] = _without_grade(rows[number], f"{FAULT}: {grade.fault}")
            else:
                store.keep(job.key, replace(grade, versions=tuple(sorted(conditions.versions.items()))))
            progress(len(numbers), rows[numbers[0]].name)
    store.hand_in(rows)
    return tally


@dataclass
class Tally:
    """How many submissions there were, how many grades were known, and how often the grader failed."""

    submissions: int
    known: int
    faults: int = 0


def _is_known(store: GradeStore, key: str, retry: bool) -> bool:
    if retry and (grade := store.grade(key)) and grade.reason:
        return False
    return store.knows(key)


def prepare(
    submission: Submission, conditions: Conditions, framework: str = ""
) -> tuple[SubmissionRow, Job | None]:
    """The submission's row, and what an engine needs to grade it; None where it cannot be graded."""
    row = SubmissionRow(
        student=submission.student,
        name=submission.name,
        source=submission.source,
        late=submission.late,
        known=submission.known,
    )
    try:
        data = submission.read()
        row = replace(row, digest=sha256(data))
        notebook = parse(data)
        framework = framework or framework_of(notebook, conditions.chapter.notebooks, submission.source)
        if not framework:
            raise Unreadable(
                "its framework is not clear: nothing of the released notebook is in it, and its imports "
                "do not tell; say --framework"
            )
    except Unreadable as error:
        return replace(row, reason=str(error)), None
    cells = tuple(cells_to_run(notebook, conditions.chapter.released[framework]))
    key = conditions.key(row.digest, framework)
    return replace(row, framework=framework, key=key), Job(key, cells, conditions.seed_of(row.digest))


def _without_grade(row: SubmissionRow, reason: str) -> SubmissionRow:
    return replace(row, key="", reason=reason)
