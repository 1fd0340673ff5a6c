"""nbgrader's gradebook: marks for instructors who keep theirs there.

Through nbgrader's own interface (``nbgrader.api.Gradebook``), so any database of
its will do: SQLite by default, PostgreSQL by its address. An assignment is a
chapter, its one notebook has a grade cell for each exercise, and of a student's
notebooks the one that counts is entered. Entering again replaces; marks given by
hand in nbgrader's form stay.
"""

from __future__ import annotations

import os
import re
import sys
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from triptych.errors import TriptychError
from triptych.grading.report import Sheet
from triptych.grading.store import FAULT
from triptych.grading.submissions import Roster

EXTRA = "`pip install 'triptych[gradebook]'` installs it"


def address(text: str) -> str:
    """The database's address; the path of a file is meant as SQLite."""
    return text if "://" in text else f"sqlite:///{Path(text).resolve()}"


def shown(url: str) -> str:
    """The address without its password."""
    return re.sub(r"(://[^:@/]*):[^@/]*@", r"\1:***@", url)


def require(url: str) -> Any:
    """nbgrader's Gradebook class, if it and the database's driver are here.

    Raises TriptychError that names what to install. Called before anything is
    graded, so that what is missing is reported at once.
    """
    try:
        from nbgrader.api import Gradebook
        from sqlalchemy.engine import make_url
        from sqlalchemy.exc import ArgumentError, NoSuchModuleError
    except ImportError:
        raise TriptychError("--gradebook", "nbgrader is not installed", EXTRA) from None
    try:
        make_url(address(url)).get_dialect().import_dbapi()
    except (ArgumentError, NoSuchModuleError) as error:
        remedy = "give a file's name, sqlite:///FILE or postgresql://USER@HOST/NAME"
        raise TriptychError(shown(url), f"not a database's address ({error})", remedy) from None
    except ImportError as error:
        driver = "'psycopg[binary]'" if error.name == "psycopg" else error.name
        raise TriptychError(shown(url), "its driver is not installed", f"`pip install {driver}`") from None
    return Gradebook


def enter(
    url: str,
    chapter: str,
    exercises: Mapping[str, float],
    students: Iterable[tuple[Sheet, ...]],
    roster: Roster,
) -> int:
    """Enter each student's mark; returns how many. Raises TriptychError.

    ``students`` are each one's notebooks, the one that counts first. Those of the
    roster who did not hand in are entered as students without a submission.
    """
    from sqlalchemy.exc import SQLAlchemyError

    try:
        with _alembic_on_path(), warnings.catch_warnings(), require(url)(address(url)) as book:
            # nbgrader adds a submission to its student before its session; that is its own affair.
            warnings.filterwarnings("ignore", message=r"Object of type <Submitted\w+> not in session")
            book.update_or_create_assignment(chapter)
            book.update_or_create_notebook(chapter, chapter)
            for exercise, points in exercises.items():
                book.update_or_create_grade_cell(
                    exercise, chapter, chapter, max_score=points, cell_type="code"
                )
            for student in roster.students:
                _student(book, student.id, student.name)
            entered = 0
            for sheets in students:
                entered += _enter(book, chapter, exercises, sheets[0])
            return entered
    except SQLAlchemyError as error:
        problem = " ".join(str(error).split())[:300]
        remedy = "check its address, and that the database runs"
        raise TriptychError(shown(url), f"the gradebook cannot be written ({problem})", remedy) from None


@contextmanager
def _alembic_on_path() -> Iterator[None]:
    """nbgrader runs the program ``alembic``, which lies beside a Python that may not be on the path."""
    before = os.environ.get("PATH", "")
    os.environ["PATH"] = os.pathsep.join(filter(None, [str(Path(sys.executable).parent), before]))
    try:
        yield
    finally:
        os.environ["PATH"] = before


def _student(book: Any, id: str, name: str) -> None:
    first, _, last = name.rpartition(" ")
    book.update_or_create_student(id, first_name=first or None, last_name=last or None)


def _enter(book: Any, chapter: str, exercises: Mapping[str, float], sheet: Sheet) -> int:
    if sheet.row.reason.startswith(FAULT):
        return 0
    student = sheet.row.student
    _student(book, student, sheet.row.name)
    book.update_or_create_submission(chapter, student)
    earned = sheet.grade.exercises() if sheet.grade else {}
    for exercise in exercises:
        grade = book.find_grade(exercise, chapter, chapter, student)
        grade.auto_score = earned.get(exercise, (0.0, 0.0))[0]
    book.db.commit()
    return 1
