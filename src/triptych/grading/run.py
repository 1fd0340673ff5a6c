"""Grading many notebooks: what is to be graded, by whom, and what came of it.

``grade_all`` walks through what was handed in, gives what the store does not yet
know to an engine (the machine's cores here, a Dask cluster in ``cluster``), and
keeps every grade as it comes. A notebook is read and marked in a process of its own
(``marking``): none is ever in this one.
"""

from __future__ import annotations

import json
import platform
import secrets
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any, Protocol

from triptych import __version__, files
from triptych.dev import doctor as tools
from triptych.errors import TriptychError
from triptych.files import digest as sha256
from triptych.frameworks import FRAMEWORKS
from triptych.grading.chapter import GradedChapter
from triptych.grading.marking import Job, Markers, Sandboxes, Setting, each
from triptych.grading.sandbox import Limits
from triptych.grading.store import FAULT, Grade, GradeStore, SubmissionRow
from triptych.grading.submissions import Submission
from triptych.grading.submissions.files import SubmittedItem
from triptych.notebooks.untrusted import encodable

#: The folder beside the record where a maintainer finds what failed in the grader, and where.
FAULTS = "faults"


class Engine(Protocol):
    """Reads and grades, several at a time, and yields each as it is done, in any order."""

    def digests(self, items: Mapping[int, SubmittedItem]) -> Iterator[tuple[int, Grade | str]]:
        """The SHA-256 of each file; where it cannot be read, a grade that says why."""

    def run(self, jobs: Iterable[Job]) -> Iterator[tuple[Job, Grade]]:
        """Take jobs as there is room for them, so that no more than a few are in memory."""


# --- the machine's cores ----------------------------------------------------------


class Cores:
    """Grades on this machine: threads that each ask a marking process, ``markers.jobs`` at a time."""

    def __init__(self, markers: Markers, setting: Setting) -> None:
        """Sandboxes are started when the first notebook needs one, and end with the last job."""
        self._markers, self._setting = markers, setting

    def digests(self, items: Mapping[int, SubmittedItem]) -> Iterator[tuple[int, Grade | str]]:
        """See ``Engine``."""
        return each(items, lambda number: self._markers.digest(items[number]), self._markers.jobs)

    def run(self, jobs: Iterable[Job]) -> Iterator[tuple[Job, Grade]]:
        """Grade ``jobs``. Raises SandboxUnavailable where there is no sandbox."""
        with Sandboxes(self._setting.limits, self._setting.kind) as sandboxes:
            yield from each(
                jobs, lambda job: self._markers.grade(job, self._setting, sandboxes), self._markers.jobs
            )


# --- many -------------------------------------------------------------------------


@dataclass(frozen=True)
class Conditions:
    """What a grade depends on besides the notebook itself.

    ``seed`` is the run's; each notebook's own is made from it and from its bytes:
    the same notebook always meets the same hidden inputs, a changed one meets others.
    ``framework`` is that of all notebooks, or empty: found from each.
    """

    chapter: GradedChapter
    seed: int
    limits: Limits = field(default_factory=Limits)
    kind: str = "auto"
    versions: Mapping[str, str] = field(default_factory=dict)
    framework: str = ""

    def seed_of(self, digest: str) -> int:
        """The seed of the notebook with that digest."""
        return int(sha256(f"{self.seed}:{digest}", 12), 16)

    def key(self, digest: str, source: str) -> str:
        """The key of a grade in the store: equal if everything that matters is.

        Of the file's name only the frameworks in it matter, which may tell the notebook's.
        """
        name = PurePosixPath(source).name.lower()
        named = [framework for framework in self.chapter.released if framework in name]
        return sha256(json.dumps({**self._matters, "notebook": digest, "named": named}, sort_keys=True))

    @property
    def setting(self) -> Setting:
        """What the marking processes are told."""
        file = self.chapter.checks_file
        return Setting(
            chapter=self.chapter.name,
            checks=self.chapter.checks_text,
            place=str(file),
            released=dict(self.chapter.released),
            limits=self.limits,
            framework=self.framework,
            kind=self.kind,
            ours=self.chapter.ours,
            others=self.chapter.others,
        )

    @cached_property
    def _matters(self) -> dict[str, Any]:
        return {
            "checks": sha256(self.chapter.checks_text),
            "released": {f: sha256(text) for f, text in self.chapter.released.items()},
            "seed": self.seed,
            "limits": asdict(self.limits),
            "kind": self.kind,
            "framework": self.framework,
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
    engine: Engine,
    store: GradeStore,
    retry: bool = False,
    progress: Callable[[int, str], None] = lambda count, name: None,
) -> Tally:
    """Grade what was handed in; afterwards the store holds a row for each submission.

    ``retry`` grades again what ended early, for a technical reason. ``progress`` gets the
    number of rows just finished and a student's name. Raises TriptychError where the record
    cannot be written; what was kept before is not lost.
    """
    rows = [_row(submission) for submission in submissions]
    tally = Tally(len(rows))
    items = {n: s.item for n, s in enumerate(submissions) if s.item is not None and not rows[n].reason}
    pending: dict[str, list[int]] = {}  # by key: the same bytes, handed in twice, are graded once
    for number, digest in engine.digests(items):
        if isinstance(digest, Grade):
            _without_grade(rows, [number], digest, store, tally)
            continue
        key = conditions.key(digest, rows[number].source)
        rows[number] = replace(rows[number], digest=digest, key=key)
        known = store.grade(key)
        if known and not (retry and known.reason):
            rows[number] = replace(rows[number], framework=known.framework)
            tally.known += 1
        else:
            pending.setdefault(key, []).append(number)
    waiting = sum(len(numbers) for numbers in pending.values())
    progress(len(rows) - waiting, "")

    def jobs() -> Iterator[Job]:
        for key, numbers in sorted(pending.items(), key=lambda pair: pair[1]):
            row = rows[numbers[0]]
            yield Job(key, items[numbers[0]], row.source, row.digest, conditions.seed_of(row.digest))

    for job, grade in engine.run(jobs()) if pending else ():
        numbers = pending[job.key]
        if not (grade.fault or grade.refused):
            grade = _kept(store, job.key, replace(grade, versions=tuple(sorted(conditions.versions.items()))))
        if grade.fault or grade.refused:
            _without_grade(rows, numbers, grade, store, tally)
        for number in numbers:
            rows[number] = replace(rows[number], framework=grade.framework)
        progress(len(numbers), rows[numbers[0]].name)
    store.hand_in(rows)
    return tally


@dataclass
class Tally:
    """How many submissions there were, how many grades were known, and how often the grader failed."""

    submissions: int
    known: int = 0
    faults: int = 0


def _row(submission: Submission) -> SubmissionRow:
    """What is known of a submission before it is read."""
    problem = submission.problem or ("" if submission.item else "there is no notebook")
    return SubmissionRow(
        student=submission.student,
        name=submission.name,
        source=submission.source,
        late=submission.late,
        known=submission.known,
        reason=problem,
        note=submission.note,
    )


def _kept(store: GradeStore, key: str, grade: Grade) -> Grade:
    """The grade, once it is in the store; where only this one cannot be kept, that is a fault."""
    try:
        store.keep(key, grade)
    except TriptychError:
        raise
    except Exception as error:
        fault = f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"
        return Grade((), grade.seed, fault=fault, trace=traceback.format_exc()[-20_000:])
    return grade


def _without_grade(
    rows: list[SubmissionRow], numbers: Sequence[int], grade: Grade, store: GradeStore, tally: Tally
) -> None:
    """Note in the rows why there is no mark; where the grader failed, leave a maintainer its trace."""
    reason = grade.refused
    if grade.fault:
        tally.faults += len(numbers)
        more = _trace(rows[numbers[0]], grade, store)
        reason = f"{FAULT}: {grade.fault} (no mark; graded again next time{more})"
    for number in numbers:
        rows[number] = replace(rows[number], key="", reason=encodable(reason))


def _trace(row: SubmissionRow, grade: Grade, store: GradeStore) -> str:
    """Write a fault's trace beside the record; what to add to the reason."""
    name = f"{row.digest[:12] or sha256(row.source, 12)}.txt"
    about = f"{row.student}: {row.source}\nSHA-256: {row.digest or 'unknown'}\n{grade.fault}\n"
    try:
        (store.file.parent / FAULTS).mkdir(exist_ok=True)
        files.replace(store.file.parent / FAULTS / name, encodable(f"{about}\n{grade.trace}\n"))
    except OSError:
        return ""
    return f"; for a maintainer: {FAULTS}/{name}"
