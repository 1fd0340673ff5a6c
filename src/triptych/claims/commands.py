"""The commands ``triptych claims`` and ``triptych numbers``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from triptych.course import Course


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
def claims(paths: tuple[Path, ...]) -> None:
    """Check the ledger of claims (only these files' complaints, where some are named) and count."""
    from triptych.claims import ledger

    course = Course.containing(Path.cwd())
    loaded = ledger.load(course)
    names = tuple(f"{course.name(path)}:" for path in paths)
    complaints = [line for line in loaded.complaints if not names or line.startswith((*names, "notebooks/"))]
    for line in complaints:
        click.echo(line, err=True)
    _show_counts(ledger.tally(loaded, "chapter", ledger.CHAPTERS), ledger.CHAPTERS)
    click.echo(f"{len(loaded.claims)} claims, {len(complaints)} complaints")
    if complaints:
        sys.exit(1)


@click.command()
@click.argument("pages", nargs=-1, type=click.Path(path_type=Path))
def numbers(pages: tuple[Path, ...]) -> None:
    """Find measured numbers that were typed into pages (all, or these files and folders)."""
    from triptych.claims.prose import typed_numbers

    course = Course.containing(Path.cwd())
    found = typed_numbers(course, [page.resolve() for page in pages])
    for number in found:
        click.echo(str(number), err=True)
    click.echo(f"{len(found)} typed numbers")
    if found:
        sys.exit(1)


def _show_counts(rows: dict[str, list[int]], chapters: Sequence[str]) -> None:
    click.echo(" " * 15 + "".join(f"{chapter:>13}" for chapter in (*chapters, "all")))
    for name, numbers in rows.items():
        click.echo(f"{name:<15}" + "".join(f"{number:>13}" for number in numbers))
