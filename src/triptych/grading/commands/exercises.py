"""``triptych new-exercises`` and ``try-exercises``: exercises of one's own."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from triptych.course import Course
from triptych.frameworks import FRAMEWORKS


@click.command("new-exercises")
@click.argument("name")
@click.option(
    "--framework",
    "frameworks",
    multiple=True,
    type=click.Choice(list(FRAMEWORKS)),
    help="May be repeated; all three by default.",
)
def new_exercises(name: str, frameworks: tuple[str, ...]) -> None:
    """Start a chapter of exercises of your own: solutions/NAME, copied from a small example that works."""
    from triptych.grading import trial

    course = Course.containing(Path.cwd())
    for file in trial.create(course, name, tuple(dict.fromkeys(frameworks)) or tuple(FRAMEWORKS)):
        click.echo(course.name(file))
    click.echo(f"Make them yours; then: triptych release {name}, triptych try-exercises {name}")


@click.command("try-exercises")
@click.argument("name")
@click.option("--checks", type=click.Path(path_type=Path), help="Folder with hidden checks of your own.")
@click.option("--trusted", is_flag=True, help="Run your own code without a sandbox.")
def try_exercises(name: str, checks: Path | None, trusted: bool) -> None:
    """Try a chapter's exercises: full marks for the solutions, none for blank notebooks, mistakes caught."""
    from triptych.grading import trial
    from triptych.grading.chapter import GradedChapter

    course = Course.containing(Path.cwd())
    chapter = GradedChapter.of(course, name, checks)
    tried = problems = 0
    for one in trial.attempt(course, chapter, "trusted" if trusted else "auto"):
        tried += 1
        problems += bool(one.problem)
        if one.problem:
            click.echo(f"solutions/{name}/{one.framework}.ipynb: {one.what}: {one.problem}", err=True)
    click.echo(f"{tried} tried, {problems} complaints")
    if problems:
        sys.exit(1)
