"""The commands ``triptych release``, ``grade`` and ``progress``.

What they need is imported when they are called: ``triptych --help`` stays quick.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click

from triptych.course import Course
from triptych.errors import TriptychError
from triptych.frameworks import FRAMEWORKS

if TYPE_CHECKING:
    from triptych.grading.grade import Chapter, Conditions, Engine
    from triptych.grading.sandbox import Limits

#: Where a learner's own results are kept, in the course's folder.
PROGRESS = ".triptych/progress.sqlite"

_path = click.Path(path_type=Path)


@click.command()
@click.argument("chapters", nargs=-1)
@click.option("--check", is_flag=True, help="Change nothing; fail where an exercise is not current.")
def release(chapters: tuple[str, ...], check: bool) -> None:
    """Make exercises/ from solutions/, without a trace of the solutions (all chapters by default)."""
    from triptych import files
    from triptych.grading import release as releasing

    course = Course.containing(Path.cwd())
    if check:
        stale = releasing.stale(course)
        for line in stale:
            click.echo(line, err=True)
        click.echo(f"{len(releasing.solutions(course))} exercises, {len(stale)} complaints")
        if stale:
            sys.exit(1)
        return
    chosen = [s for s in releasing.solutions(course) if not chapters or s.parent.name in chapters]
    if unknown := sorted(set(chapters) - {s.parent.name for s in chosen}):
        raise TriptychError(f"solutions/{unknown[0]}", "no such chapter of exercises", "check the name")
    # All are made before any is written: bad input changes nothing.
    texts = {releasing.exercise_of(s, course): releasing.release(s, course) for s in chosen}
    changed = 0
    for exercise, text in texts.items():
        if exercise.is_file() and exercise.read_text(encoding="utf-8") == text:
            continue
        exercise.parent.mkdir(parents=True, exist_ok=True)
        files.replace(exercise, text)
        click.echo(f"{course.name(exercise)}: released")
        changed += 1
    click.echo(f"{len(texts)} exercises, {changed} changed")


@click.command()
@click.argument("path", type=_path)
@click.option("--chapter", help="The chapter, for example graphs; with --self, the folder's name by default.")
@click.option(
    "--framework", type=click.Choice(list(FRAMEWORKS)), help="Of all notebooks; else found from each."
)
@click.option("--self", "own", is_flag=True, help="Your own notebook: see at once what is solved.")
@click.option("--out", type=_path, help="Folder for the marks; PATH-graded by default.")
@click.option("--students", type=_path, help="CSV of names and student ids.")
@click.option("--checks", type=_path, help="Folder with hidden checks of your own.")
@click.option("--jobs", type=click.IntRange(1), help="Notebooks at a time; one a core by default.")
@click.option(
    "--gradebook", metavar="URL", help="Enter the marks into nbgrader's gradebook (or a file's name)."
)
@click.option("--scheduler", metavar="TCP", help="Give the notebooks to a Dask cluster, tcp://HOST:PORT.")
@click.option("--seed", type=click.IntRange(0), help="For the hidden inputs; drawn and kept by default.")
@click.option(
    "--limit",
    "limits",
    multiple=True,
    metavar="NAME=NUMBER",
    help="cells, call or total in seconds; memory in MB.",
)
@click.option("--retry", is_flag=True, help="Grade again what ended early, for a technical reason.")
@click.option("--trusted", is_flag=True, help="Run one notebook of your own without a sandbox.")
def grade(path: Path, chapter: str | None, own: bool, **options: Any) -> None:
    """Grade what was handed in: a notebook, a folder, or a zip from Moodle or Canvas.

    Writes marks.csv, marks.json, overview.html and a page of feedback for each student.
    Interrupted, it goes on where it was when the same command is given again.
    """
    if options["trusted"] and path.suffix.lower() != ".ipynb":
        raise TriptychError(
            path,
            "--trusted runs code without a sandbox, so it is for one notebook of your own",
            "install bubblewrap or podman to grade other people's",
        )
    if own:
        _grade_own(path, chapter, options)
    else:
        _grade_class(path, chapter, options)


def _grade_class(path: Path, chapter_name: str | None, options: dict[str, Any]) -> None:
    from triptych.grading import gradebook, report, submissions
    from triptych.grading.checks import objectives
    from triptych.grading.grade import Chapter, Conditions, grade_all, new_seed, versions
    from triptych.grading.record import FILE
    from triptych.grading.students import Roster

    started = time.monotonic()
    course = Course.containing(Path.cwd())
    if not chapter_name:
        raise TriptychError("--chapter", "not given", "name the chapter, for example: --chapter graphs")
    chapter = Chapter.of(course, chapter_name, options["checks"])
    roster = Roster.read(options["students"]) if options["students"] else Roster()
    out = options["out"] or path.with_name(f"{path.resolve().stem}-graded")
    if options["gradebook"]:
        gradebook.require(options["gradebook"])
    found = submissions.find(path, roster, chapter.name, ignore=out)
    with ExitStack() as stack:
        cluster = None
        if options["scheduler"]:
            from triptych.grading.cluster import Cluster

            cluster = stack.enter_context(Cluster(options["scheduler"]))
        record = stack.enter_context(_record(out / FILE))
        if (known := record.about("chapter", chapter.name)) != chapter.name:
            raise TriptychError(out, f"holds the marks of the chapter {known}", "choose another --out")
        if options["seed"] is not None:
            record.set_about("seed", str(options["seed"]))
        conditions = Conditions(
            chapter,
            seed=int(record.about("seed", str(new_seed()))),
            limits=_limits(options["limits"]),
            kind="trusted" if options["trusted"] else "auto",
            versions=cluster.versions if cluster else versions(),
        )
        progress = stack.enter_context(_Progress(len(found)))
        try:
            tally = grade_all(
                found,
                conditions,
                _engines(cluster, conditions, options["jobs"]),
                record,
                options["framework"] or "",
                options["retry"],
                progress.advance,
            )
        except KeyboardInterrupt:
            progress.end()
            click.echo("interrupted: what is graded is kept; the same command goes on from there", err=True)
            sys.exit(130)
        progress.end()
        about = _about(chapter, objectives(course, chapter.name), conditions)
        overview = report.write(out, about, record, roster)
        if options["gradebook"]:
            count = gradebook.enter(
                options["gradebook"], chapter.name, chapter.exercises, report.sheets(record), roster
            )
            click.echo(f"{count} marks entered into the gradebook")
    took = time.monotonic() - started
    known = f", {tally.known} of them known from before" if tally.known else ""
    click.echo(f"{tally.submissions} notebooks of {len(overview.lines)} students in {took:.0f} s{known}")
    for row in overview.troubles[:10]:
        click.echo(f"  {report.plain(row.name)} ({report.plain(row.source)}): {report.plain(row.reason)}")
    if len(overview.troubles) > 10:
        click.echo(f"  and {len(overview.troubles) - 10} more that ended early or could not be graded")
    if overview.missing:
        click.echo(f"{len(overview.missing)} students did not hand in")
    click.echo(f"median {report.number(overview.median)} of {report.number(chapter.points)} points")
    click.echo(f"The class: {out / 'overview.html'}; marks and feedback are beside it")
    if tally.faults:
        raise TriptychError(
            out,
            f"{tally.faults} notebooks have no mark because the grader failed",
            "see overview.html, then run the same command again",
        )


def _grade_own(path: Path, chapter_name: str | None, options: dict[str, Any]) -> None:
    """A learner's own notebook. Everything is shown, what was expected too.

    The inputs are drawn anew in every run, so an expected value is no answer to
    the next one; the checks are public in any case, and a comparison teaches more
    than a verdict.
    """
    from triptych.grading import report, submissions
    from triptych.grading.checks import objectives
    from triptych.grading.grade import MODULES, Chapter, Conditions, grade_one, new_seed, prepare, versions
    from triptych.grading.sandbox import Sandbox

    if path.suffix.lower() != ".ipynb" or not path.is_file():
        raise TriptychError(path, "not a notebook", "name one, for example exercises/graphs/jax.ipynb")
    try:
        course = Course.containing(path)
    except TriptychError:  # a download, say: graded from within the course
        course = Course.containing(Path.cwd())
    chapter = Chapter.of(course, chapter_name or path.resolve().parent.name, options["checks"])
    (submission,) = submissions.find(path)
    with TemporaryDirectory(prefix="triptych-") as folder:
        conditions = Conditions(
            replace(chapter, released=_released_anew(course, chapter, Path(folder))),
            seed=new_seed() if options["seed"] is None else options["seed"],
            limits=_limits(options["limits"]),
            kind="trusted" if options["trusted"] else "auto",
            versions=versions(),
        )
        row, job = prepare(submission, conditions, framework=options["framework"] or "")
        about = _about(conditions.chapter, objectives(course, chapter.name), conditions)
    if job is None:
        raise TriptychError(path, row.reason)
    with Sandbox((MODULES[row.framework],), conditions.limits, conditions.kind) as sandbox:
        graded = grade_one(job, sandbox, chapter.checks)
    if graded.fault:
        raise TriptychError(path, f"the grader failed: {graded.fault}", "please report it")
    for kind, line in report.text_report(graded, about):
        click.echo(click.style(line, **_STYLES[kind]))
    if graded.reason:
        click.echo(f"It ended early: {report.plain(graded.reason)}.", err=True)
    page = path.with_suffix(".feedback.html")
    report.self_feedback(page, about, row, graded)
    with _record(course.root / PROGRESS) as record:
        record.solve(chapter.name, row.framework, graded)
    click.echo(f"The same with more room: {page}")


def _released_anew(course: Course, chapter: Chapter, folder: Path) -> dict[str, Path]:
    """The chapter's notebooks as they are released, where a learner may be writing into the released ones."""
    from triptych.grading import release as releasing

    found = dict(chapter.released)
    for framework in found:
        solution = course.root / "solutions" / chapter.name / f"{framework}.ipynb"
        if solution.is_file():
            found[framework] = folder / f"{framework}.ipynb"
            found[framework].write_text(releasing.release(solution, course), encoding="utf-8")
    return found


_STYLES: dict[str, dict[str, Any]] = {
    "solved": {"fg": "green"},
    "partly": {"fg": "yellow"},
    "open": {"fg": "red"},
    "detail": {},
    "value": {"dim": True},
    "total": {"bold": True},
}


@click.command()
def progress() -> None:
    """Say what you have solved, by chapter and framework, as `triptych grade --self` last found it."""
    from triptych.grading.checks import FILE
    from triptych.grading.grade import Chapter
    from triptych.grading.report import number, title

    course = Course.containing(Path.cwd())
    chapters = sorted(file.parent.name for file in course.root.glob(f"solutions/*/{FILE}"))
    if not chapters:
        raise TriptychError("solutions", "no chapter has exercises yet", "come back later")
    click.echo(f"{'chapter':<16} {'framework':<12} {'solved':<9} {'points':<11} next")
    with _record(course.root / PROGRESS) as record:
        for name in chapters:
            chapter = Chapter.of(course, name)
            exercises = chapter.exercises
            for framework, label in ((f.name, f.title) for f in FRAMEWORKS.values()):
                solved = record.solved(name, framework)
                done = [e for e, p in exercises.items() if solved.get(e, (0.0, p))[0] >= p]
                earned = sum(min(solved[e][0], p) for e, p in exercises.items() if e in solved)
                left = next((e for e in exercises if e not in done), "")
                left = chapter.titles.get(left) or title(left) or "all solved"
                counts = f"{len(done)} of {len(exercises)}"
                points = f"{number(earned)} of {number(sum(exercises.values()))}"
                if not solved:
                    points = "not tried"
                click.echo(f"{name:<16} {label:<12} {counts:<9} {points:<11} {left}")


COMMANDS = [release, grade, progress]


# --- pieces -------------------------------------------------------------------------


def _engines(cluster: Any, conditions: Conditions, jobs: int | None) -> Callable[[tuple[str, ...]], Engine]:
    """What makes the engine, once it is known which frameworks are needed."""
    from triptych.grading.grade import MODULES, Cores
    from triptych.grading.sandbox import Sandbox

    def make(frameworks: tuple[str, ...]) -> Engine:
        modules = tuple(MODULES[framework] for framework in frameworks)
        if cluster:
            from triptych.grading.cluster import Setting

            text = conditions.chapter.checks_file.read_text(encoding="utf-8")
            setting = Setting(conditions.chapter.name, text, modules, conditions.limits, conditions.kind)
            return cluster.prepared(setting)
        return Cores(
            conditions.chapter.checks,
            lambda: Sandbox(modules, conditions.limits, conditions.kind),
            jobs or 0,
        )

    return make


def _record(file: Path) -> Any:
    from triptych.grading.record import Record

    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise TriptychError(
            file.parent, f"cannot be made ({error.strerror})", "choose another --out"
        ) from None
    return Record(file)


def _about(chapter: Chapter, objectives: tuple[str, ...], conditions: Conditions) -> Any:
    from triptych.grading.report import About

    return About(
        chapter=chapter.name,
        exercises=chapter.exercises,
        titles=chapter.titles,
        messages={check.id: check.message for check in chapter.checks},
        objectives=objectives,
        seed=conditions.seed,
        versions=conditions.versions,
        limits=asdict(conditions.limits),
    )


def _limits(given: tuple[str, ...]) -> Limits:
    """The limits, the defaults but for those given as NAME=NUMBER."""
    from triptych.grading.sandbox import Limits

    units = {"cells": 1.0, "call": 1.0, "total": 1.0, "memory": 1 << 20}
    limits = Limits()
    for text in given:
        name, _, value = text.partition("=")
        try:
            amount = float(value)
        except ValueError:
            amount = 0.0
        if name not in units or not 0 < amount < 1e6:
            raise TriptychError(
                "--limit", f"{text!r} is no limit", f"NAME=NUMBER, NAME one of {', '.join(units)}"
            )
        limits = replace(limits, **{name: type(getattr(limits, name))(amount * units[name])})
    return limits


class _Progress:
    """How far the grading is: a bar in a terminal, else a line now and then."""

    def __init__(self, length: int) -> None:
        """``length``: how many notebooks there are."""
        self._length, self._done, self._said = length, 0, 0
        self._open = True
        self._bar: Any = None
        if sys.stderr.isatty():
            self._bar = click.progressbar(
                length=length,
                label="Grading",
                show_pos=True,
                item_show_func=lambda item: item,
                file=sys.stderr,
            )

    def __enter__(self) -> _Progress:
        """Shows the bar."""
        if self._bar:
            self._bar.__enter__()
        return self

    def __exit__(self, *exception: object) -> None:
        """Ends its line."""
        self.end()

    def advance(self, count: int, name: str) -> None:
        """``count`` more are finished; the last was ``name``'s."""
        from triptych.grading.report import plain

        self._done += count
        if self._bar:
            self._bar.update(count, plain(name)[:40])
        elif self._done - self._said >= max(1, self._length // 10):
            self._said = self._done
            click.echo(f"graded {self._done} of {self._length}", err=True)

    def end(self) -> None:
        """The end, whatever the count."""
        if self._open and self._bar:
            self._bar.__exit__(None, None, None)
        self._open = False
