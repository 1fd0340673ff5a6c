"""Run notebooks from clean kernels and store their outputs, normalised."""

from __future__ import annotations

import tempfile
from pathlib import Path

from triptych import files
from triptych.course import Course
from triptych.errors import TriptychError
from triptych.notebooks import lint
from triptych.notebooks.execute import execute
from triptych.notebooks.normalise import normalised


def refresh(path: Path, course: Course, progress: bool = True) -> None:
    """Execute ``path`` by papermill in its own folder and replace it by the result.

    The file is left as it is where a cell fails or the kernel dies, or where the outputs
    hold something that must not be stored (TriptychError says what).
    """
    name = course.name(path)
    normalised(path, course)  # bad input is told before a kernel starts
    with tempfile.TemporaryDirectory() as folder:
        executed = Path(folder) / path.name
        execute(path, executed, name, progress=progress, remedy="the stored notebook is unchanged")
        # The copy lies outside the course: names and links must be those of the original.
        text = normalised(executed, course, stored_as=path)
        executed.write_text(text, encoding="utf-8")
        if complaints := lint.complaints(executed, course, stored_as=path):
            raise TriptychError(name, "the run's outputs cannot be stored", "\n  ".join(["", *complaints]))
        files.replace(path, text)
