"""The store of grades: what was graded stays graded, whatever interrupts the run.

One SQLite file in the folder of the marks. Every grade is committed the moment it
is known, under a key made of everything that it depends on: the notebook's bytes,
the checks, the released notebook, the seed, the limits and the versions. What has
its key in the store is not graded again; a changed notebook or check has another.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from triptych.errors import TriptychError
from triptych.grading.checks import CheckResult

FILE = "record.sqlite"

#: The beginning of the reason where the grader itself failed, and there is no mark.
FAULT = "the grader failed, not the submission"

_TABLES = """
CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS grade (key TEXT PRIMARY KEY, grade TEXT NOT NULL);
DROP TABLE IF EXISTS submission;  -- of version 0.2, without notes; it is written anew in each run
CREATE TABLE IF NOT EXISTS handed_in (
    student TEXT NOT NULL, name TEXT NOT NULL, source TEXT NOT NULL, framework TEXT NOT NULL,
    digest TEXT NOT NULL, late INTEGER NOT NULL, known INTEGER NOT NULL,
    key TEXT NOT NULL, reason TEXT NOT NULL, note TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS solved (
    chapter TEXT NOT NULL, framework TEXT NOT NULL, exercise TEXT NOT NULL,
    earned REAL NOT NULL, points REAL NOT NULL, day TEXT NOT NULL,
    PRIMARY KEY (chapter, framework, exercise));
"""


@dataclass(frozen=True)
class Grade:
    """What came of one notebook. Seconds, bytes; ``errors`` are (cell, type, message).

    ``reason`` says why it ended early, for a teacher; empty where it did not.
    ``fault`` is the grader's own failure (``trace``: where), ``refused`` why there is nothing to
    mark, for a teacher: such a grade is no mark and is not kept.
    ``notes`` tell learner and teacher what was set right before the checks; ``flags`` are
    for the teacher alone, and cost nothing: what hints at a forged measurement.
    """

    results: tuple[CheckResult, ...]
    seed: int
    reason: str = ""
    output: str = ""
    errors: tuple[tuple[str, str, str], ...] = ()
    wall: float = 0.0
    cpu: float = 0.0
    peak_memory: int = 0
    versions: tuple[tuple[str, str], ...] = ()
    fault: str = ""
    trace: str = ""
    refused: str = ""
    framework: str = ""
    notes: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()

    @property
    def earned(self) -> float:
        """The mark."""
        return sum(result.earned for result in self.results)

    @property
    def points(self) -> float:
        """The most that could be earned."""
        return sum(result.points for result in self.results)

    def exercises(self) -> dict[str, tuple[float, float]]:
        """Earned and possible points by exercise, in the checks' order."""
        exercises: dict[str, tuple[float, float]] = {}
        for result in self.results:
            earned, points = exercises.get(result.exercise, (0.0, 0.0))
            exercises[result.exercise] = (earned + result.earned, points + result.points)
        return exercises

    def text(self) -> str:
        """As it is kept."""
        return json.dumps(asdict(self))

    @classmethod
    def of(cls, text: str) -> Grade:
        """From what is kept."""
        kept: dict[str, Any] = json.loads(text)
        kept["results"] = tuple(CheckResult(**result) for result in kept["results"])
        kept["errors"] = tuple(tuple(error) for error in kept["errors"])
        kept["versions"] = tuple(tuple(version) for version in kept["versions"])
        for texts in ("notes", "flags"):  # a record of version 0.2 has none
            kept[texts] = tuple(kept.get(texts, ()))
        return cls(**kept)


@dataclass(frozen=True)
class SubmissionRow:
    """One notebook that was handed in, or the reason why it could not be graded.

    ``key`` leads to its grade; empty where there is none. ``note`` tells the teacher, and nobody
    else, what is doubtful about whose it is.
    """

    student: str
    name: str
    source: str
    framework: str = ""
    digest: str = ""
    late: bool = False
    known: bool = True
    key: str = ""
    reason: str = ""
    note: str = ""


class GradeStore:
    """The grades in one file, made in a folder that exists; a context manager.

    For one process at a time. Raises TriptychError for a file that is no such store.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        try:
            self._base = sqlite3.connect(file, timeout=30, isolation_level=None)
            self._base.execute("PRAGMA journal_mode = WAL")
            self._base.execute("PRAGMA synchronous = NORMAL")
            self._base.executescript(_TABLES)
        except sqlite3.OperationalError as error:
            raise self._unwritable(error) from None
        except sqlite3.DatabaseError as error:
            raise TriptychError(
                file, f"not a store of grades ({error})", "move it away, or choose another --out"
            ) from None

    def __enter__(self) -> GradeStore:
        return self

    def __exit__(self, *exception: object) -> None:
        self._base.close()

    def about(self, name: str, value: str) -> str:
        """The value under ``name``; where there is none yet, ``value`` is stored."""
        self._base.execute("INSERT OR IGNORE INTO about VALUES (?, ?)", (name, value))
        return self._base.execute("SELECT value FROM about WHERE name = ?", (name,)).fetchone()[0]

    def set_about(self, name: str, value: str) -> None:
        """Store ``value`` under ``name``."""
        self._base.execute("INSERT OR REPLACE INTO about VALUES (?, ?)", (name, value))

    # --- grades ----------------------------------------------------------------

    def knows(self, key: str) -> bool:
        """Whether there is a grade under ``key``."""
        return self._base.execute("SELECT 1 FROM grade WHERE key = ?", (key,)).fetchone() is not None

    def keep(self, key: str, grade: Grade) -> None:
        """Keep a grade; it is on the disk when this returns. Raises TriptychError where it cannot be."""
        try:
            self._base.execute("INSERT OR REPLACE INTO grade VALUES (?, ?)", (key, grade.text()))
        except sqlite3.OperationalError as error:
            raise self._unwritable(error) from None

    def grade(self, key: str) -> Grade | None:
        """The grade under ``key``."""
        kept = self._base.execute("SELECT grade FROM grade WHERE key = ?", (key,)).fetchone()
        return Grade.of(kept[0]) if kept else None

    # --- what was handed in ------------------------------------------------------

    def hand_in(self, rows: Iterable[SubmissionRow]) -> None:
        """Replace what was handed in by ``rows``, all at once. Raises TriptychError as ``keep`` does."""
        try:
            self._base.execute("BEGIN IMMEDIATE")
            self._base.execute("DELETE FROM handed_in")
            self._base.executemany(
                "INSERT INTO handed_in VALUES"
                " (:student, :name, :source, :framework, :digest, :late, :known, :key, :reason, :note)",
                (asdict(row) for row in rows),
            )
            self._base.execute("COMMIT")
        except BaseException as error:
            with suppress(sqlite3.Error):
                self._base.execute("ROLLBACK")
            if isinstance(error, sqlite3.OperationalError):
                raise self._unwritable(error) from None
            raise

    def _unwritable(self, error: sqlite3.Error) -> TriptychError:
        remedy = "make room there, then give the same command: it goes on where it was"
        return TriptychError(self.file, f"the record cannot be written ({error})", remedy)

    def rows(self) -> Iterator[tuple[SubmissionRow, Grade | None]]:
        """What was handed in, by student, each with its grade; one at a time in memory."""
        query = (
            "SELECT s.*, g.grade FROM handed_in s LEFT JOIN grade g ON g.key = s.key AND s.key != ''"
            " ORDER BY s.student, s.rowid"
        )
        for *values, grade in self._base.execute(query):
            student, name, source, framework, digest, late, known, key, reason, note = values
            row = SubmissionRow(
                student, name, source, framework, digest, bool(late), bool(known), key, reason, note
            )
            yield row, Grade.of(grade) if grade else None

    # --- a learner's own progress -------------------------------------------------

    def solve(self, chapter: str, framework: str, grade: Grade) -> None:
        """Note what a learner's own run came to; of each exercise the best run counts.

        An exercise that is worth other points now begins anew. Raises TriptychError as ``keep``.
        """
        rows = [
            (chapter, framework, exercise, earned, points, date.today().isoformat())
            for exercise, (earned, points) in grade.exercises().items()
        ]
        try:
            self._base.executemany(
                "INSERT INTO solved VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE"
                " SET earned = excluded.earned, points = excluded.points, day = excluded.day"
                " WHERE excluded.earned > earned OR excluded.points != points",
                rows,
            )
        except sqlite3.OperationalError as error:
            raise self._unwritable(error) from None

    def solved(self, chapter: str, framework: str) -> dict[str, tuple[float, float]]:
        """Earned and possible points by exercise, in the best run; empty where never graded."""
        query = "SELECT exercise, earned, points FROM solved WHERE chapter = ? AND framework = ?"
        return {e: (earned, points) for e, earned, points in self._base.execute(query, (chapter, framework))}
