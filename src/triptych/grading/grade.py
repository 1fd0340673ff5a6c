"""Grading many notebooks: what is to be graded, by whom, and what came of it.

``grade_all`` walks through what was handed in, gives what the record does not yet
know to an engine (the machine's cores here, a Dask cluster in ``cluster``), and
keeps every grade as it comes. A notebook is graded by ``grade_one``: the sandbox
runs its cells, the hidden checks run here and ask it for values.
"""

from __future__ import annotations

import hashlib
import json
import platform
import re
import secrets
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

from triptych import __version__
from triptych.course import Course
from triptych.dev import doctor as tools
from triptych.errors import TriptychError
from triptych.frameworks import FRAMEWORKS
from triptych.grading import checks as hidden
from triptych.grading.checks import Hidden
from triptych.grading.record import FAULT, Grade, Record, Row
from triptych.grading.release import cells_to_run
from triptych.grading.sandbox import Code, Limits, Sandbox, Session, TimedOut
from triptych.grading.submissions import Submission, Unreadable, framework_of, parse
from triptych.machine import cores

#: What each framework's notebooks import, and what it is called on PyPI.
MODULES = {"pytorch": "torch", "tensorflow": "tensorflow", "jax": "jax"}


@dataclass(frozen=True)
class Chapter:
    """What a chapter's notebooks are graded with."""

    name: str
    checks_file: Path
    checks: tuple[Hidden, ...] = field(repr=False)
    released: Mapping[str, Path]

    @classmethod
    def of(cls, course: Course, name: str, folder: Path | None = None) -> Chapter:
        """The chapter's checks (``folder``: an instructor's own) and released notebooks.

        Raises TriptychError where the checks or the exercises are missing.
        """
        if not name or Path(name).name != name or not (course.root / "solutions" / name).is_dir():
            graded = sorted(p.parent.name for p in course.root.glob(f"solutions/*/{hidden.FILE}"))
            there = ", ".join(graded) or "none yet"
            raise TriptychError(f"solutions/{name}", "no such chapter of exercises", f"there are: {there}")
        own = [course.root / "solutions" / name / hidden.FILE]
        if folder is not None:
            own = [folder / name / hidden.FILE, folder / hidden.FILE]
        file = next((f for f in own if f.is_file()), own[-1])
        released = {f: course.root / "exercises" / name / f"{f}.ipynb" for f in FRAMEWORKS}
        for path in released.values():
            if not path.is_file():
                raise TriptychError(course.name(path), "no such exercise", "run `triptych release`")
        return cls(name, file, hidden.load(course, name, folder), released)

    @cached_property
    def notebooks(self) -> dict[str, dict[str, Any]]:
        """The released notebooks as plain data, by framework. Raises TriptychError."""
        return {framework: _released(path) for framework, path in self.released.items()}

    @cached_property
    def titles(self) -> dict[str, str]:
        """The exercises' headings: the one above the visible check that has the exercise's name."""
        found: dict[str, str] = {}
        for notebook in self.notebooks.values():
            heading = ""
            for cell in notebook["cells"]:
                if cell["cell_type"] == "markdown" and (line := re.search(r"^## (.+)", cell["source"], re.M)):
                    heading = line[1].strip()
                name = cell["metadata"].get("nbgrader", {}).get("grade_id")
                if name in self.exercises and heading:
                    found.setdefault(name, heading)
        return found

    @property
    def exercises(self) -> dict[str, float]:
        """The exercises and their points, in the order of the checks."""
        found: dict[str, float] = {}
        for check in self.checks:
            found[check.exercise] = found.get(check.exercise, 0.0) + check.points
        return found

    @property
    def points(self) -> float:
        """The most that can be earned."""
        return sum(self.exercises.values())


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


def grade_one(job: Job, sandbox: Sandbox, checks: Sequence[Hidden]) -> Grade:
    """The grade of one notebook: whatever it does, and even if the grader itself fails (a ``fault``)."""
    try:
        with sandbox.open(job.cells) as session:
            results = hidden.run(checks, _Impatient(session), job.cells, job.seed)
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

    def __init__(self, session: Session) -> None:
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
    """Grades on this machine: threads that drive one warm sandbox, started at the first job."""

    def __init__(
        self, checks: Sequence[Hidden], make: Callable[[], AbstractContextManager[Sandbox]], jobs: int = 0
    ) -> None:
        """``make`` starts a sandbox; ``jobs`` notebooks run at a time, one a core by default."""
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

    chapter: Chapter
    seed: int
    limits: Limits = field(default_factory=Limits)
    kind: str = "auto"
    versions: Mapping[str, str] = field(default_factory=dict)

    def seed_of(self, digest: str) -> int:
        """The seed of the notebook with that digest."""
        return int(_digest(f"{self.seed}:{digest}".encode())[:12], 16)

    def key(self, digest: str, framework: str) -> str:
        """The key of a grade in the record: equal if everything that matters is."""
        matters = {**self._matters, "notebook": digest, "framework": framework}
        return _digest(json.dumps(matters, sort_keys=True).encode())

    @cached_property
    def _matters(self) -> dict[str, Any]:
        return {
            "checks": _digest(self.chapter.checks_file.read_bytes()),
            "released": {f: _digest(p.read_bytes()) for f, p in self.chapter.released.items()},
            "seed": self.seed,
            "limits": asdict(self.limits),
            "kind": self.kind,
            "versions": dict(self.versions),
        }


def versions() -> dict[str, str]:
    """The versions that a grade depends on, those of packages that are installed."""
    found = {"python": platform.python_version(), "triptych": __version__}
    found |= {name: version for name in ("numpy", *MODULES.values()) if (version := tools.installed(name))}
    return found


def new_seed() -> int:
    """A seed for a run."""
    return secrets.randbits(48)


def grade_all(
    found: Sequence[Submission],
    conditions: Conditions,
    make_engine: Callable[[tuple[str, ...]], Engine],
    record: Record,
    framework: str = "",
    retry: bool = False,
    progress: Callable[[int, str], None] = lambda count, name: None,
) -> Tally:
    """Grade what was handed in; afterwards the record holds a row for each submission.

    ``make_engine`` is given the frameworks that are needed. ``framework`` is that of
    all notebooks, or empty: found from each. ``retry`` grades again what ended early,
    for a technical reason. ``progress`` is told how many rows are finished, and whose.
    """
    rows: list[Row] = []
    pending: dict[str, list[int]] = {}  # by key: the same bytes, handed in twice, are graded once
    for number, submission in enumerate(found):
        row, _ = prepare(submission, conditions, framework)
        rows.append(row)
        if row.key and not _is_known(record, row.key, retry):
            pending.setdefault(row.key, []).append(number)
    waiting = sum(len(numbers) for numbers in pending.values())
    progress(len(rows) - waiting, "")
    tally = Tally(len(rows), sum(bool(row.key) for row in rows) - waiting)

    def jobs() -> Iterator[Job]:
        for numbers in list(pending.values()):
            submission, expected = found[numbers[0]], rows[numbers[0]]
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
                record.keep(job.key, replace(grade, versions=tuple(sorted(conditions.versions.items()))))
            progress(len(numbers), rows[numbers[0]].name)
    record.hand_in(rows)
    return tally


@dataclass
class Tally:
    """How many submissions there were, how many grades were known, and how often the grader failed."""

    submissions: int
    known: int
    faults: int = 0


def _is_known(record: Record, key: str, retry: bool) -> bool:
    if retry and (grade := record.grade(key)) and grade.reason:
        return False
    return record.knows(key)


def prepare(submission: Submission, conditions: Conditions, framework: str = "") -> tuple[Row, Job | None]:
    """The submission's row, and what an engine needs to grade it; None where it cannot be graded."""
    row = Row(
        student=submission.student,
        name=submission.name,
        source=submission.source,
        late=submission.late,
        known=submission.known,
    )
    try:
        data = submission.read()
        row = replace(row, digest=_digest(data))
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


def _without_grade(row: Row, reason: str) -> Row:
    return replace(row, key="", reason=reason)


def _released(path: Path) -> dict[str, Any]:
    """A released notebook, as plain data with its sources as text. Raises TriptychError."""
    try:
        return parse(path.read_bytes())
    except (OSError, Unreadable) as error:
        raise TriptychError(path, f"cannot be read ({error})", "run `triptych release`") from None


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
