"""``triptych settings``."""

from __future__ import annotations

from pathlib import Path

import click

from triptych.errors import TriptychError


@click.command()
@click.argument("file", type=click.Path(path_type=Path), default="grading.toml")
def settings(file: Path) -> None:
    """Write a settings file for grading (grading.toml) with every default, each as a comment.

    A file that is there is never overwritten.
    """
    from triptych.grading.settings_file import template

    try:
        with file.open("x", encoding="utf-8", newline="\n") as new:
            new.write(template())
    except FileExistsError:
        raise TriptychError(file, "is there already, and is not overwritten", "name another file") from None
    except OSError as error:
        raise TriptychError(file, f"cannot be written ({error.strerror})", "name another file") from None
    click.echo(f"{file}: written; remove the # in front of what you change")
