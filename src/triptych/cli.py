"""The command line: ``triptych --help``."""

from __future__ import annotations

import difflib
import importlib.util
import os
import shutil
import sys
from pathlib import Path

import click

from triptych import __version__, files
from triptych.benchmark.commands import bench
from triptych.claims import ledger
from triptych.course import Course
from triptych.dev import doctor as tools
from triptych.dev.commands import versions_group
from triptych.dev.environment import environment_yml
from triptych.dev.processors import named, pose
from triptych.errors import TriptychError
from triptych.frameworks import FRAMEWORKS
from triptych.grading.commands import COMMANDS
from triptych.notebooks import parity
from triptych.notebooks.normalise import normalised


class _Group(click.Group):
    """A group whose commands end in one line and status 1 on bad input."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except TriptychError as error:
            click.echo(str(error), err=True)
            ctx.exit(1)


_paths = click.argument("paths", nargs=-1, type=click.Path(path_type=Path))


@click.group(cls=_Group)
@click.version_option(__version__, package_name="triptych")
def main() -> None:
    """Triptych: deep-learning frameworks, side by side."""


@main.command()
@_paths
@click.option("--check", is_flag=True, help="Change nothing; fail where a notebook is not normalised.")
def normalise(paths: tuple[Path, ...], check: bool) -> None:
    """Bring stored notebooks into their reviewable form (all of them by default)."""
    course, chosen = _chosen(paths)
    # All are read before any is written: bad input changes nothing.
    texts = {path: normalised(path, course) for path in chosen}
    changed = [path for path, text in texts.items() if path.read_text(encoding="utf-8") != text]
    for path in changed:
        if check:
            click.echo(f"{course.name(path)}: not normalised; run `triptych normalise {course.name(path)}`")
            click.echo(_first_difference(path.read_text(encoding="utf-8"), texts[path]))
        else:
            files.replace(path, texts[path])
            click.echo(f"{course.name(path)}: normalised")
    click.echo(f"{len(chosen)} notebooks, {len(changed)} {'to change' if check else 'changed'}")
    if check and changed:
        sys.exit(1)


@main.command()
@_paths
def refresh(paths: tuple[Path, ...]) -> None:
    """Run notebooks from clean kernels and store their outputs (all by default)."""
    course, chosen = _chosen(paths)
    _need("papermill", "make lab")
    from triptych.dev import version_sets
    from triptych.notebooks.refresh import refresh as run

    failed = 0
    for number, path in enumerate(chosen, 1):
        click.echo(f"[{number}/{len(chosen)}] {course.name(path)}")
        try:
            run(path, course)
        except TriptychError as error:
            failed += 1
            click.echo(str(error), err=True)
            version_sets.note(course, path, error)
        else:
            version_sets.note(course, path)
    click.echo(f"{len(chosen) - failed} of {len(chosen)} notebooks refreshed")
    if failed:
        sys.exit(1)


@main.command()
@click.argument("chapters", nargs=-1)
def check(chapters: tuple[str, ...]) -> None:
    """Check stored notebooks without running them: structure, outputs, parity of siblings."""
    course = Course.containing(Path.cwd())
    found = [] if chapters else parity.strays(course)
    chapters = chapters or tuple(chapter.name for chapter in course.chapters)
    found += [line for chapter in chapters for line in parity.check(course, chapter)]
    for line in found:
        click.echo(line, err=True)
    click.echo(f"{len(chapters)} chapters, {len(found)} complaints")
    if found:
        sys.exit(1)


@main.command()
@_paths
def claims(paths: tuple[Path, ...]) -> None:
    """Check the ledger of claims (only these files' complaints, where some are named) and count."""
    course = Course.containing(Path.cwd())
    told = ledger.load(course)
    names = tuple(f"{course.name(path)}:" for path in paths)
    found = [line for line in told.complaints if not names or line.startswith((*names, "notebooks/"))]
    for line in found:
        click.echo(line, err=True)
    _show_counts(ledger.tally(told, "chapter", ledger.CHAPTERS))
    click.echo(f"{len(told.claims)} claims, {len(found)} complaints")
    if found:
        sys.exit(1)


@main.command(context_settings={"ignore_unknown_options": True})
@click.argument("chapter", required=False)
@click.argument("jupyter_options", nargs=-1, type=click.UNPROCESSED)
def lab(chapter: str | None, jupyter_options: tuple[str, ...]) -> None:
    """Open a chapter in JupyterLab, its notebooks in panes side by side.

    Further options go to JupyterLab, for example --no-browser or --port=9000.
    """
    course = Course.containing(Path.cwd())
    if chapter and chapter.startswith("-"):
        jupyter_options, chapter = (chapter, *jupyter_options), None
    chapter = chapter or course.chapters[0].name
    course.siblings(chapter)
    _need("jupyterlab", "make lab")
    from triptych.dev.lab import open_lab

    sys.exit(open_lab(course, chapter, jupyter_options))


@main.command()
@click.option("--check", is_flag=True, help="Change nothing; fail where environment.yml is not current.")
def environment(check: bool) -> None:
    """Make environment.yml from pyproject.toml and constraints/default.txt."""
    course = Course.containing(Path.cwd())
    file = course.root / "environment.yml"
    text = environment_yml(course)
    current = file.is_file() and file.read_text(encoding="utf-8") == text
    if check and not current:
        raise TriptychError("environment.yml", "not what the constraints say", "run `triptych environment`")
    if not current:
        file.write_text(text, encoding="utf-8")
    click.echo(f"environment.yml: {'current' if current else 'written'}")


@main.command()
@click.option("--check", is_flag=True, help="Run no notebook; fail where a stored model answers otherwise.")
def exports(check: bool) -> None:
    """Make the models that the page "Draw a digit" runs: three notebooks, some minutes."""
    course = Course.containing(Path.cwd())
    from triptych.dev import model_exports as models

    if check:
        found = models.check(course)
        for line in found:
            click.echo(line, err=True)
        click.echo(f"{len(FRAMEWORKS)} models, {len(found)} complaints")
        if found:
            sys.exit(1)
        return
    _need("papermill", "make lab")
    for framework in FRAMEWORKS:
        click.echo(f"{course.name(models.make(course, framework))}: written")


@main.command(context_settings={"allow_interspersed_args": False})
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


@main.command()
def doctor() -> None:
    """Say what is installed, what is missing, and what that costs."""
    report = tools.examine(Course.containing(Path.cwd()))
    width = max(len(finding.name) for finding in report)
    for finding in report:
        mark = "!" if finding.mend else " "
        mend = f": {finding.mend}" if finding.mend else ""
        click.echo(f"{mark} {finding.name:<{width}}  {finding.state}{mend}")


for _command in (*COMMANDS, versions_group, bench):
    main.add_command(_command)


def _chosen(paths: tuple[Path, ...]) -> tuple[Course, list[Path]]:
    """The course, and the notebooks meant by ``paths`` (files or folders)."""
    course = Course.containing(paths[0] if paths else Path.cwd())
    if not paths:
        return course, course.notebooks()
    chosen: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(p for p in path.rglob("*.ipynb") if ".ipynb_checkpoints" not in p.parts)
            if not inside:
                raise TriptychError(path, "no notebooks in this folder", "name a chapter's folder")
            chosen += inside
        else:
            chosen.append(path)
    return course, chosen


def _show_counts(rows: dict[str, list[int]]) -> None:
    click.echo(" " * 15 + "".join(f"{chapter:>13}" for chapter in (*ledger.CHAPTERS, "all")))
    for name, numbers in rows.items():
        click.echo(f"{name:<15}" + "".join(f"{number:>13}" for number in numbers))


def _need(module: str, target: str) -> None:
    if importlib.util.find_spec(module) is None:
        raise TriptychError(module, "not installed", f"`{target}` installs what the notebooks need")


def _first_difference(old: str, new: str, lines: int = 6) -> str:
    difference = list(difflib.unified_diff(old.splitlines(), new.splitlines(), n=0, lineterm=""))
    return "\n".join(f"    {line[:160]}" for line in difference[2 : 2 + lines])


if __name__ == "__main__":
    main()
