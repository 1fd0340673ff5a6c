"""The command ``triptych versions``: the notebooks with other versions than the course's own."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from triptych.course import Course


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

    for name, told in versions.read(Course.containing(Path.cwd())).items():
        frameworks = ", ".join(f"{p} {told.packages.get(p, '-')}" for p in ("torch", "tensorflow", "jax"))
        click.echo(f"{name}, {told.date}: Python {told.python}, {frameworks}")
        for place, outcome in told.notebooks.items():
            why = f": {outcome.why}" if outcome.why else ""
            click.echo(f"  {place:<40} {outcome.outcome}{why}")
