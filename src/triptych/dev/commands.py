"""The commands that look after a copy of the course, and those that learners work with in it."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import click

from triptych.course import Course
from triptych.dev import work as workfolder
from triptych.dev.doctor import examine, require
from triptych.dev.processors import named, pose
from triptych.errors import TriptychError
from triptych.frameworks import FRAMEWORKS


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("chapter", required=False)
@click.argument("jupyter_options", nargs=-1, type=click.UNPROCESSED)
@click.option("--edit", is_flag=True, help="The course's own notebooks instead of your copies in work/.")
@click.option(
    "--frameworks", metavar="NAMES", multiple=True, help="Those panes only, for example pytorch,jax."
)
def lab(
    chapter: str | None, jupyter_options: tuple[str, ...], edit: bool, frameworks: tuple[str, ...]
) -> None:
    """Open a chapter in JupyterLab: your copies of its notebooks (in work/) in panes side by side.

    The panes follow each other from heading to heading. Further options go to JupyterLab, for
    example --no-browser or --port=9000.
    """
    course = Course.containing(Path.cwd())
    if chapter and chapter.startswith("-"):
        options = (chapter, *jupyter_options)
        names = [known.name for known in course.chapters]
        chapter = next((option for option in options if option in names), None)
        jupyter_options = tuple(option for option in options if option != chapter)
    chapter = chapter or course.chapters[0].name
    require("jupyterlab", "make lab")
    from triptych.dev.lab import arguments, chosen, is_root, open_lab

    notebooks = course.siblings(chapter)
    if frameworks:
        notebooks = chosen(notebooks, ",".join(frameworks))
    if not edit:
        for line in workfolder.fill(course, [chapter]).lines(course):
            click.echo(line, err=True)
        notebooks = {name: workfolder.notebook(course, chapter, name) for name in notebooks}
    if is_root():
        warning = "warning: you are root, so that code in a notebook may change anything on this machine"
        click.echo(f"{warning}; better start JupyterLab as an ordinary user", err=True)
    open_lab(arguments(course, chapter, notebooks.values(), jupyter_options))


@click.command()
@click.argument("chapters", nargs=-1)
def work(chapters: tuple[str, ...]) -> None:
    """Copy exercises and notebooks into work/, where they are yours (all chapters by default).

    A file that is there is never written over; a newer release is only reported.
    """
    course = Course.containing(Path.cwd())
    filled = workfolder.fill(course, chapters or workfolder.chapters(course))
    for line in list(filled.lines(course)) or ["work/: all is there"]:
        click.echo(line)


@click.command()
def doctor() -> None:
    """Say what is installed, what is missing, and what that costs."""
    report = examine(Course.containing(Path.cwd()))
    width = max(len(finding.name) for finding in report)
    for finding in report:
        mark = "!" if finding.fix else " "
        fix = f": {finding.fix}" if finding.fix else ""
        click.echo(f"{mark} {finding.name:<{width}}  {finding.state}{fix}")


@click.command()
@click.option("--check", is_flag=True, help="Run no notebook; fail where a stored model answers otherwise.")
def exports(check: bool) -> None:
    """Make the models that the page "Draw a digit" runs: three notebooks, some minutes."""
    course = Course.containing(Path.cwd())
    from triptych.dev import model_exports as models

    if check:
        complaints = models.check(course)
        for line in complaints:
            click.echo(line, err=True)
        click.echo(f"{len(FRAMEWORKS)} models, {len(complaints)} complaints")
        if complaints:
            sys.exit(1)
        return
    require("papermill", "make lab")
    for framework in FRAMEWORKS:
        click.echo(f"{course.name(models.make(course, framework))}: written")


@click.command()
@click.option("--check", is_flag=True, help="Change nothing; fail where environment.yml is not current.")
def environment(check: bool) -> None:
    """Make environment.yml from pyproject.toml and constraints/default.txt."""
    from triptych import files
    from triptych.dev.environment import environment_yml

    course = Course.containing(Path.cwd())
    file = course.root / "environment.yml"
    text = environment_yml(course)
    current = file.is_file() and file.read_text(encoding="utf-8") == text
    if check and not current:
        raise TriptychError("environment.yml", "differs from the constraints", "run `triptych environment`")
    if not current:
        files.replace(file, text)
    click.echo(f"environment.yml: {'current' if current else 'written'}")


@click.command()
@click.option(
    "--check", is_flag=True, help="Build nothing; fail where the extension is not made from its source."
)
def panes(check: bool) -> None:
    """Build the extension of JupyterLab that `triptych lab` opens; Node and npm's registry are needed."""
    from triptych.dev import panes_build

    course = Course.containing(Path.cwd())
    if not check:
        panes_build.build(course, click.echo)
    if complaints := panes_build.complaints(course):
        for line in complaints:
            click.echo(line, err=True)
        sys.exit(1)
    click.echo(f"{course.name(panes_build.BUILT)}: {'current' if check else 'written'}")


@click.command(context_settings={"allow_interspersed_args": False})
@click.argument("processor")
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
def cpu(processor: str, command: tuple[str, ...]) -> None:
    """Run COMMAND as on another PROCESSOR: avx2 (no AVX-512) or one-thread.

    `make test CPU=avx2` runs the notebooks so, and compares their outputs with the stored ones.
    """
    pose(named(processor), os.environ)
    if not (program := shutil.which(command[0])):
        raise TriptychError(command[0], "no such program", "name one that is on the path")
    os.execv(program, [program, *command[1:]])


@click.group("versions")
def versions_group() -> None:
    """Run the notebooks with other sets of versions; say with which they pass."""


@versions_group.command()
@click.argument("name", metavar="SET")
def install(name: str) -> None:
    """Install a set of versions into this environment: `make test SET=...` calls this in one of its own."""
    from triptych.dev import version_sets

    without = version_sets.install(Course.containing(Path.cwd()), name, click.echo)
    click.echo(f"{name}: installed" + (f", without {', '.join(without)}" if without else ""))


@versions_group.command()
@click.argument("name", metavar="SET")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
def run(name: str, paths: tuple[Path, ...]) -> None:
    """Run notebooks and solutions (all by default) in this environment, and record what passed.

    Assertions count; stored outputs are not compared.
    """
    from triptych.dev import version_sets, versions

    course = Course.containing(Path.cwd())
    recorded = version_sets.run(course, name, paths, click.echo)
    click.echo(f"{name}: {recorded.passed} of {len(recorded.notebooks)} passed; written to {versions.FILE}")
    if any(outcome.outcome == versions.FAILED for outcome in recorded.notebooks.values()):
        sys.exit(1)


@versions_group.command()
def show() -> None:
    """Show what is recorded of every set."""
    from triptych.dev import versions

    for name, recorded in versions.read(Course.containing(Path.cwd())).items():
        frameworks = ", ".join(f"{p} {recorded.packages.get(p, '-')}" for p in ("torch", "tensorflow", "jax"))
        click.echo(f"{name}, {recorded.date}: Python {recorded.python}, {frameworks}")
        for place, outcome in recorded.notebooks.items():
            why = f": {outcome.why}" if outcome.why else ""
            click.echo(f"  {place:<40} {outcome.outcome}{why}")


@versions_group.command()
@click.option("--check", is_flag=True, help="Change nothing; fail where other versions have passed since.")
def freeze(check: bool) -> None:
    """At a release of versions: let the preflight cells know what passed (then: normalise, release)."""
    from triptych.dev import frozen
    from triptych.notebooks import preflight

    course = Course.containing(Path.cwd())
    if check:
        for line in (differing := frozen.differing(course)):
            click.echo(line, err=True)
        click.echo(f"{preflight.FILE}: {'differs from' if differing else 'is'} what passed")
        if differing:
            sys.exit(1)
        return
    changed = frozen.freeze(course)
    remedy = "written; now run `triptych normalise` and `triptych release`" if changed else "current"
    click.echo(f"{preflight.FILE}: {remedy}")


COMMANDS: tuple[click.Command, ...] = (lab, work, doctor, exports, environment, panes, cpu, versions_group)
