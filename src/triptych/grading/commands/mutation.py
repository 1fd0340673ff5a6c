"""``triptych mutation``: what the hidden checks notice, measured with mutants of the solutions."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from triptych import files
from triptych.course import Course
from triptych.errors import TriptychError
from triptych.frameworks import FRAMEWORKS


@click.command()
@click.argument("chapters", nargs=-1)
@click.option("--framework", "frameworks", multiple=True, type=click.Choice(list(FRAMEWORKS)))
@click.option("--exercise", "exercises", multiple=True, help="Only this exercise; may be repeated.")
@click.option("--list", "only_listed", is_flag=True, help="Try nothing; say what is known.")
@click.option(
    "--record", "recorded", is_flag=True, help="Write what was tried whole to results/mutation.json."
)
@click.option("--trusted", is_flag=True, help="Run the solutions without a sandbox.")
def mutation(
    chapters: tuple[str, ...],
    frameworks: tuple[str, ...],
    exercises: tuple[str, ...],
    only_listed: bool,
    recorded: bool,
    trusted: bool,
) -> None:
    """Change one small thing in each solution at a time, and see whether a hidden check notices.

    What survives is printed as solutions/CHAPTER/equivalent.py takes it. A trial that was
    interrupted goes on where it was, and what has not changed is not tried again.
    """
    from triptych.dev import mutation_record as record

    try:
        from triptych.grading.mutation import study
    except ModuleNotFoundError as error:
        raise TriptychError("triptych mutation", f"needs {error.name}", "install triptych[test]") from None
    from triptych.grading import chapter as graded

    course = Course.containing(Path.cwd())
    kind = "trusted" if trusted else "auto"
    open_ones = 0
    for name in chapters or graded.chapters(course):
        of = study.Study(course, graded.GradedChapter.of(course, name))

        def chosen(each: study.Exercise) -> bool:
            return each.framework in (frameworks or FRAMEWORKS) and each.name in (exercises or (each.name,))

        for each in filter(chosen, of.exercises) if only_listed else of.run(kind, chosen):
            open_ones += _say(each)
        for line in of.stale():
            click.echo(f"solutions/{name}/equivalent.py: no such mutant any more: {line}", err=True)
            open_ones += 1
        if recorded:
            record.write(course, _whole(name, of.exercises))
    if open_ones:
        sys.exit(1)


def _say(each) -> int:  # type: ignore[no-untyped-def]  # an Exercise, which needs mutmut
    """One line for an exercise, and one for each mutant that asks for something; how many those are."""
    counts = each.counts
    known = [f"{number} {kind}" for kind, number in vars(counts).items() if number]
    where = "" if each.tried_in == each.framework else f" (as in {FRAMEWORKS[each.tried_in].title})"
    click.echo(f"{each.chapter}/{each.framework} {each.name}: {', '.join(known)}{where}")
    for mutant, fate in each.alive:
        click.echo(f"    {mutant},{f'  # killed by {fate.by} with some seeds' if fate.by else ''}")
    for mutant, fate in each.refuted:
        click.echo(f"    {mutant} is said to be equivalent, and is killed by {fate.by}")
    return len(each.alive) + len(each.refuted)


def _whole(chapter: str, exercises: list):  # type: ignore[no-untyped-def]
    """The notebooks whose mutants were all tried, as ``record.write`` takes them."""
    for framework in dict.fromkeys(each.framework for each in exercises):
        mine = [each for each in exercises if each.framework == framework]
        if not any(each.counts.untried for each in mine):
            counts = {
                each.name: {k: n for k, n in vars(each.counts).items() if k != "untried"} for each in mine
            }
            yield chapter, framework, files.digest("\n\n".join(each.answer for each in mine), 16), counts
