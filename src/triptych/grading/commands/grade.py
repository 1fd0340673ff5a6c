"""``triptych grade``: its options, and which of the two kinds of grading they mean."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from triptych.errors import TriptychError
from triptych.frameworks import FRAMEWORKS
from triptych.grading.commands.learner import grade_own
from triptych.grading.commands.teacher import grade_class

_path = click.Path(path_type=Path)


@click.command()
@click.argument("path", type=_path)
@click.option("--chapter", help="The chapter, for example graphs; with --self, the folder's name by default.")
@click.option(
    "--framework", type=click.Choice(list(FRAMEWORKS)), help="Of all notebooks; by default found from each."
)
@click.option("--self", "own", is_flag=True, help="Your own notebook: see at once what is solved.")
@click.option("--out", type=_path, help="Folder for the marks; PATH-graded by default.")
@click.option("--students", type=_path, help="CSV of names and student ids.")
@click.option("--settings", type=_path, help="Your settings; grading.toml, where there is one, by default.")
@click.option("--platform", help="Whose names the files have: moodle, canvas, ...; recognised by default.")
@click.option("--dry-run", is_flag=True, help="Only show whose each file is; nothing is run.")
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
    After an interruption, the same command continues where it stopped.
    """
    if options["trusted"] and path.suffix.lower() != ".ipynb":
        raise TriptychError(
            path,
            "--trusted runs code without a sandbox, so it is for one notebook of your own",
            "install bubblewrap or podman to grade other people's",
        )
    if own:
        if options["settings"]:
            raise TriptychError("--settings", "is for a class", "leave out --self or --settings")
        grade_own(path, chapter, options)
    else:
        grade_class(path, chapter, options)
