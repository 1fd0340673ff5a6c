"""The command line: ``triptych --help``."""

from __future__ import annotations

import difflib
import sys
from pathlib import Path

import click

from triptych import __version__, files
from triptych.benchmark.commands import bench
from triptych.claims.commands import claims, numbers
from triptych.course import Course
from triptych.dev.commands import COMMANDS as DEV_COMMANDS
from triptych.dev.doctor import require
from triptych.errors import TriptychError
from triptych.grading.commands import COMMANDS as GRADING_COMMANDS


class _Group(click.Group):
    """A group whose commands end in one line and status 1 on bad input."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            Path.cwd()
            return super().invoke(ctx)
        except FileNotFoundError as error:
            if error.filename is None:
                click.echo("the current folder was deleted; change to another one", err=True)
                ctx.exit(1)
            raise
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
    from triptych.notebooks.normalise import normalised

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
    require("papermill", "make lab")
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
@click.option("--site", type=click.Path(path_type=Path), help="The built site's folder, else _build/html.")
@click.option("--into", type=click.Path(path_type=Path), help="The zip, else _build/triptych-offline.zip.")
def offline(site: Path | None, into: Path | None) -> None:
    """Put the built site into one zip that opens from the disk (`make offline` builds the site first)."""
    from triptych.site.offline import pack

    build = Course.containing(Path.cwd()).root / "_build"
    target = into or build / "triptych-offline.zip"
    size = pack(site or build / "html", target)
    click.echo(f"{target}: {size / 1e6:.1f} MB; unpack it and open triptych/index.html")


@main.command()
@click.argument("chapter")
@click.option("--start", default="09:00", show_default=True, help="When a session begins.")
@click.option("--hours", default=3.5, show_default=True, type=click.FloatRange(1, 12), help="Its longest.")
@click.option("--hub", default="", help="Your JupyterHub's address, for links that open exercises there.")
@click.option("--site", type=click.Path(path_type=Path), help="The built site's folder, else _build/html.")
@click.option("--into", type=click.Path(path_type=Path), help="The zip, else _build/triptych-CHAPTER.zip.")
def workshop(chapter: str, start: str, hours: float, hub: str, site: Path | None, into: Path | None) -> None:
    """Put a chapter for a class into one zip: exercises, lessons, offline site, timetable, checklist.

    `make workshop` builds the site first. Worked solutions are not in it.
    """
    from triptych.site.workshop import pack, papers

    course = Course.containing(Path.cwd())
    target = into or course.root / "_build" / f"triptych-{chapter}.zip"
    day = papers.Day(papers.start(start), round(60 * hours), papers.hub(hub))
    size = pack.pack(course, chapter, site or course.root / "_build/html", target, day)
    click.echo(f"{target}: {size / 1e6:.1f} MB; unpack it and read triptych-{chapter}/README.md")


@main.command()
@click.argument("chapters", nargs=-1)
def check(chapters: tuple[str, ...]) -> None:
    """Check stored notebooks without running them: structure, outputs, parity of siblings."""
    from triptych.notebooks import parity

    course = Course.containing(Path.cwd())
    complaints = [] if chapters else parity.strays(course)
    chapters = chapters or tuple(chapter.name for chapter in course.chapters)
    complaints += [line for chapter in chapters for line in parity.check(course, chapter)]
    for line in complaints:
        click.echo(line, err=True)
    click.echo(f"{len(chapters)} chapters, {len(complaints)} complaints")
    if complaints:
        sys.exit(1)


for _command in (claims, numbers, bench, *DEV_COMMANDS, *GRADING_COMMANDS):
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


def _first_difference(old: str, new: str, lines: int = 6) -> str:
    difference = list(difflib.unified_diff(old.splitlines(), new.splitlines(), n=0, lineterm=""))
    return "\n".join(f"    {line[:160]}" for line in difference[2 : 2 + lines])


if __name__ == "__main__":
    main()
