"""``triptych marks``: marks back into the platform that the notebooks came from."""

from __future__ import annotations

from pathlib import Path

import click

from triptych.errors import TriptychError

_path = click.Path(path_type=Path)


@click.command()
@click.argument("folder", type=_path)
@click.argument("exported", type=_path)
@click.option("--assignment", default="", help="Canvas's assignment, by its name or number.")
@click.option("--rescale/--no-rescale", default=None, help="Marks in proportion to the platform's maximum.")
@click.option("--feedback", is_flag=True, help="Moodle: a summary in the column of feedback comments.")
@click.option("--overwrite", is_flag=True, help="Replace grades that the file holds already.")
@click.option("--out", type=_path, help="The filled file; EXPORTED-filled.csv by default.")
def marks(
    folder: Path,
    exported: Path,
    assignment: str,
    rescale: bool | None,
    feedback: bool,
    overwrite: bool,
    out: Path | None,
) -> None:
    """Fill EXPORTED, Moodle's grading worksheet or Canvas's gradebook, with the marks in FOLDER.

    Nothing else in it changes, and EXPORTED itself stays as it is: upload the filled file.
    """
    from triptych.grading import platform_marks
    from triptych.grading.report import plain

    out = out or exported.with_name(f"{exported.stem}-filled.csv")
    out_of, those = platform_marks.marks_of(folder)
    filled = platform_marks.fill(exported, those, out_of, assignment, rescale, feedback, overwrite)
    try:
        with out.open("xb") as file:
            file.write(filled.data)
    except FileExistsError:
        raise TriptychError(out, "is there already", "remove it, or name another with --out") from None
    except OSError as error:
        raise TriptychError(out, f"cannot be written ({error.strerror})", "name another with --out") from None
    for line in filled.left_out:
        click.echo(f"left out: {' '.join(plain(line).split())}", err=True)
    click.echo(f"{out}: {filled.entered} marks entered, {len(filled.left_out)} left out")
