"""``triptych release``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from triptych import files
from triptych.course import Course
from triptych.errors import TriptychError
from triptych.grading.commands.conditions import counted


@click.command()
@click.argument("chapters", nargs=-1)
@click.option("--check", is_flag=True, help="Change nothing; fail where an exercise is not current.")
def release(chapters: tuple[str, ...], check: bool) -> None:
    """Make exercises/ from solutions/, without a trace of the solutions (all chapters by default)."""
    from triptych.grading import release as releasing

    course = Course.containing(Path.cwd())
    if check:
        stale = releasing.stale(course)
        for line in stale:
            click.echo(line, err=True)
        click.echo(
            f"{counted(len(releasing.solutions(course)), 'exercise')}, {counted(len(stale), 'complaint')}"
        )
        if stale:
            sys.exit(1)
        return
    chosen = [s for s in releasing.solutions(course) if not chapters or s.parent.name in chapters]
    if unknown := sorted(set(chapters) - {s.parent.name for s in chosen}):
        there = ", ".join(sorted({s.parent.name for s in releasing.solutions(course)})) or "none yet"
        raise TriptychError(f"solutions/{unknown[0]}", "no such chapter of exercises", f"there are: {there}")
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
    click.echo(f"{counted(len(texts), 'exercise')}, {changed} changed")
