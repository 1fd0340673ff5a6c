"""``triptych grade`` for a class: a folder or a zip of submissions."""

from __future__ import annotations

import sys
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from triptych.course import Course
from triptych.errors import TriptychError
from triptych.grading.commands import conditions as common

if TYPE_CHECKING:
    from triptych.grading.report import Overview
    from triptych.grading.run import Tally


def grade_class(path: Path, chapter_name: str | None, options: dict[str, Any]) -> None:
    """Grade what is at ``path``, write the reports, and say what came of it. Raises TriptychError."""
    from triptych.grading import nbgrader_db, report
    from triptych.grading.attempts import capped
    from triptych.grading.chapter import GradedChapter, chapters, objectives
    from triptych.grading.marking import Markers
    from triptych.grading.run import Conditions, Cores, grade_all, new_seed, versions
    from triptych.grading.settings import Settings
    from triptych.grading.store import FILE
    from triptych.grading.submissions import Roster

    started = time.monotonic()
    course = Course.containing(Path.cwd())
    if not chapter_name:
        raise TriptychError("--chapter", "not given", "name the chapter, for example: --chapter graphs")
    settings = Settings.find(options["settings"], (Path.cwd(), course.root))
    chapter = GradedChapter.of(course, chapter_name, options["checks"] or settings.checks)
    settings.require_chapters(chapters(course))
    policy = settings.of_chapter(chapter.name, tuple(chapter.exercises))
    limits = common.limits(options["limits"], settings.limits)
    students = options["students"] or settings.roster
    roster = Roster.read(students) if students else Roster()
    place = path if path.name not in ("", "..") else path.resolve()  # "." has no name
    out = options["out"] or place.with_name(f"{path.resolve().stem}-graded")
    if options["gradebook"]:
        nbgrader_db.require(options["gradebook"])
    platform = options["platform"] or settings.platform
    pattern = "" if options["platform"] else settings.pattern
    with ExitStack() as stack:
        markers = stack.enter_context(Markers(options["jobs"] or settings.jobs or 0))
        handin = markers.look(path, roster, chapter.name, ignore=out, platform=platform, pattern=pattern)
        submissions = capped(handin.submissions, policy.most)
        if options["dry_run"]:
            from triptych.grading.commands.dry_run import show

            return show(replace(handin, submissions=submissions), roster)
        cluster = None
        if options["scheduler"]:
            from triptych.grading.cluster import Cluster

            cluster = stack.enter_context(Cluster(options["scheduler"]))
        store = stack.enter_context(common.open_store(out / FILE))
        if (known := store.about("chapter", chapter.name)) != chapter.name:
            raise TriptychError(out, f"holds the marks of the chapter {known}", "choose another --out")
        seed = settings.seed if options["seed"] is None else options["seed"]
        if seed is not None:
            store.set_about("seed", str(seed))
        conditions = Conditions(
            chapter,
            seed=int(store.about("seed", str(new_seed()))),
            limits=limits,
            kind="trusted" if options["trusted"] else "auto",
            versions=cluster.versions if cluster else versions(),
            framework=chapter.require(options["framework"]),
        )
        setting = conditions.setting
        progress = stack.enter_context(_Progress(len(submissions)))
        try:
            tally = grade_all(
                submissions,
                conditions,
                cluster.prepared(setting, markers) if cluster else Cores(markers, setting),
                store,
                options["retry"],
                progress.advance,
            )
        except KeyboardInterrupt:
            progress.end()
            click.echo("interrupted: the grades so far are kept; give the same command to continue", err=True)
            sys.exit(130)
        progress.end()
        about = common.about(conditions, objectives(course, chapter.name), policy)
        try:
            overview = report.write(out, about, store, roster)
        except OSError as error:
            remedy = "make room, then give the same command again: nothing is graded twice"
            raise TriptychError(out, f"the marks cannot be written ({error.strerror})", remedy) from None
        if options["gradebook"]:
            count = nbgrader_db.enter(
                options["gradebook"], chapter.name, chapter.exercises, report.sheets(store, about), roster
            )
            click.echo(f"{common.counted(count, 'mark')} entered into the gradebook")
    if handin.ignored:
        click.echo(f"nobody's hand-in: {common.counted(len(handin.ignored), 'file')}; --dry-run lists them")
    _summarise(tally, overview, time.monotonic() - started, out)


def _summarise(tally: Tally, overview: Overview, took: float, out: Path) -> None:
    """Print what came of it. Raises TriptychError where the grader failed on a notebook."""
    from triptych.grading.report import number, plain

    counted = common.counted
    known = f", {tally.known} of them graded before" if tally.known else ""
    notebooks, students = counted(tally.submissions, "notebook"), counted(len(overview.lines), "student")
    click.echo(f"{notebooks} of {students} in {took:.0f} s{known}")
    for row in overview.troubles[:10]:
        click.echo(f"  {plain(row.name)} ({plain(row.source)}): {plain(row.reason)}")
    if len(overview.troubles) > 10:
        click.echo(f"  and {len(overview.troubles) - 10} more that ended early or could not be graded")
    if overview.missing:
        click.echo(f"{counted(len(overview.missing), 'student')} did not hand in")
    click.echo(f"median {number(overview.median)} of {number(overview.about.out_of)} points")
    click.echo(f"The class: {out / 'overview.html'}; marks and feedback are beside it")
    if overview.flagged:
        click.echo(f"{counted(len(overview.flagged), 'notebook')} to look at: see overview.html")
    if overview.faults:
        raise TriptychError(
            out,
            f"{overview.faults} notebooks have no mark because the grader failed",
            "see overview.html, then run the same command again",
        )


class _Progress:
    """How far the grading of ``length`` notebooks is: a bar in a terminal, else a line now and then."""

    def __init__(self, length: int) -> None:
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
        if self._bar:
            self._bar.__enter__()
        return self

    def __exit__(self, *exception: object) -> None:
        self.end()

    def advance(self, count: int, name: str) -> None:
        """Count ``count`` more as finished; the last was ``name``'s."""
        from triptych.grading.report import plain

        self._done += count
        if self._bar:
            self._bar.update(count, plain(name)[:40])
        elif self._done - self._said >= max(1, self._length // 10):
            self._said = self._done
            click.echo(f"graded {self._done} of {self._length}", err=True)

    def end(self) -> None:
        """End the bar's line, whatever the count."""
        if self._open and self._bar:
            self._bar.__exit__(None, None, None)
        self._open = False
