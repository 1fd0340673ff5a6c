"""``triptych grade --self``, for a learner's own notebook, and ``triptych progress``."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from triptych.course import Course
from triptych.dev import work
from triptych.errors import TriptychError
from triptych.frameworks import FRAMEWORKS
from triptych.grading.commands import conditions as common
from triptych.grading.commands.steps import Steps

#: Where a learner's own results are kept, in the course's folder.
PROGRESS = ".triptych/progress.sqlite"

_STYLES: dict[str, dict[str, Any]] = {
    "solved": {"fg": "green"},
    "partly": {"fg": "yellow"},
    "open": {"fg": "red"},
    "detail": {},
    "value": {"dim": True},
    "total": {"bold": True},
}


def grade_own(path: Path, chapter_name: str | None, options: dict[str, Any]) -> None:
    """Grade a learner's own notebook. Everything is shown, what was expected too.

    The inputs are drawn anew in every run, so an expected value is no answer to
    the next one; the checks are public in any case, and a comparison teaches more
    than a verdict.
    """
    from triptych.grading import report
    from triptych.grading.chapter import GradedChapter, objectives
    from triptych.grading.marking import Job, Markers, Sandboxes
    from triptych.grading.run import Conditions, new_seed, versions
    from triptych.grading.store import Grade, SubmissionRow
    from triptych.grading.submissions import find

    if path.suffix.lower() != ".ipynb" or not path.is_file():
        remedy = "name one, for example work/graphs/jax.ipynb; `triptych work` copies the exercises there"
        raise TriptychError(path, "not a notebook", remedy)
    try:
        course = Course.containing(path)
    except TriptychError:  # a download, say: graded from within the course
        course = Course.containing(Path.cwd())
    chapter = GradedChapter.of(course, chapter_name or _chapter_of(path, course), options["checks"])
    (submission,) = find(path)
    conditions = Conditions(
        chapter,
        seed=new_seed() if options["seed"] is None else options["seed"],
        limits=common.limits(options["limits"]),
        kind="trusted" if options["trusted"] else "auto",
        versions=versions(),
        framework=chapter.require(options["framework"]),
    )
    about = common.about(conditions, objectives(course, chapter.name))
    assert submission.item is not None  # it is a file
    row = SubmissionRow(submission.student, submission.name, submission.source)
    setting = conditions.setting
    with (
        Markers(1) as markers,
        Sandboxes(conditions.limits, conditions.kind) as sandboxes,
        Steps() as steps,
    ):
        steps.tell("reading the notebook")
        digest = markers.digest(submission.item)
        if isinstance(digest, Grade):
            grade = digest
        else:
            job = Job("", submission.item, row.source, digest, conditions.seed_of(digest))
            grade = markers.grade(job, setting, sandboxes, steps.tell)
            row = replace(row, digest=digest, framework=grade.framework)
    if grade.refused:
        raise TriptychError(path, grade.refused)
    if grade.fault:
        raise TriptychError(path, f"the grader failed: {grade.fault}", "please report it")
    for kind, line in report.text_report(grade, about):
        click.echo(click.style(line, **_STYLES[kind]))
    if grade.reason:
        click.echo(f"It ended early: {report.plain(grade.reason)}.", err=True)
    page = path.with_suffix(".feedback.html")
    try:
        report.write_own_feedback(page, about, row, grade)
        click.echo(f"The same in more detail: {page}")
    except OSError as error:
        click.echo(f"{page}: cannot be written ({error.strerror}); it has more detail", err=True)
    if path.resolve().parent not in [
        course.root / room / chapter.name for room in (work.FOLDER, "exercises")
    ]:
        click.echo(f"`triptych progress` counts what lies in {work.FOLDER}/ or exercises/", err=True)
        return
    try:
        with common.open_store(course.root / PROGRESS) as store:
            store.solve(chapter.name, row.framework, grade)
    except TriptychError as error:
        click.echo(f"{error.place}: {error.problem}; `triptych progress` will not know of this run", err=True)


def _chapter_of(path: Path, course: Course) -> str:
    """The chapter of a learner's notebook: the name of its folder. Raises TriptychError for another one."""
    from triptych.grading.chapter import chapters

    folder, known = path.resolve().parent, chapters(course)
    if folder.name not in known:
        remedy = f"say it: --chapter NAME, one of {', '.join(known) or 'none'}"
        raise TriptychError(path, f"its chapter is not clear: its folder is {folder.name!r}", remedy)
    if folder.parent == course.root / "exercises":
        own = course.name(work.exercise(course, folder.name, path.stem))
        click.echo(f"exercises/ is the release; work in {own} (`triptych work` copies it there)", err=True)
    return folder.name


@click.command()
def progress() -> None:
    """Show what you have solved, by chapter and framework: the best of each `triptych grade --self`.

    Of notebooks in work/ or exercises/.
    """
    from triptych.grading.chapter import GradedChapter, chapters
    from triptych.grading.report import number, title

    course = Course.containing(Path.cwd())
    with_exercises = chapters(course)
    if not with_exercises:
        raise TriptychError("solutions", "no chapter has exercises", "restore the folder from git")
    click.echo(f"{'chapter':<16} {'framework':<12} {'solved':<9} {'points':<11} next")
    file = course.root / PROGRESS
    with common.open_store(file) if file.is_file() else nullcontext() as store:
        for name in with_exercises:
            chapter = GradedChapter.of(course, name)
            exercises = chapter.exercises
            for framework in (FRAMEWORKS[released] for released in chapter.released):
                solved = store.solved(name, framework.name) if store else {}
                done = [e for e, p in exercises.items() if solved.get(e, (0.0, p))[0] >= p]
                earned = sum(min(solved[e][0], p) for e, p in exercises.items() if e in solved)
                left = next((e for e in exercises if e not in done), "")
                following = chapter.titles.get(left) or title(left) or "all solved"
                counts = f"{len(done)} of {len(exercises)}"
                untried = "begun" if work.begun(course, name, framework.name) else "not tried"
                points = f"{number(earned)} of {number(chapter.points)}" if solved else untried
                click.echo(f"{name:<16} {framework.title:<12} {counts:<9} {points:<11} {following}")
