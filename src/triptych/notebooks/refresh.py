"""Run notebooks from clean kernels and store their outputs, normalised."""

from __future__ import annotations

import tempfile
from pathlib import Path

from triptych.notebooks import model as notebook
from triptych.course import Course
from triptych.errors import TriptychError


def refresh(path: Path, course: Course, progress: bool = True) -> None:
    """Execute ``path`` by papermill in its own folder and replace it by the result.

    The file is left as it is where a cell fails, or where the outputs hold
    something that must not be stored (TriptychError says what).
    """
    import papermill  # brings Jupyter with it: two seconds that other commands need not pay

    name = course.name(path)
    notebook.normalised(path, course)  # bad input is told before a kernel starts
    with tempfile.TemporaryDirectory() as folder:
        executed = Path(folder) / path.name
        try:
            papermill.execute_notebook(
                str(path),
                str(executed),
                kernel_name="python3",
                cwd=str(path.parent),
                progress_bar=progress,
                log_output=False,
            )
        except papermill.PapermillExecutionError as error:
            raise TriptychError(
                f"{name}: code cell {error.exec_count}",
                f"{error.ename}: {' '.join(str(error.evalue).split())[:300]}",
                "the stored notebook is unchanged",
            ) from None
        # The copy lies outside the course: names and links must be those of the original.
        text = notebook.normalised(executed, course, stored_as=path)
        executed.write_text(text, encoding="utf-8")
        if found := notebook.complaints(executed, course, stored_as=path):
            raise TriptychError(name, "the run's outputs cannot be stored", "\n  ".join(["", *found]))
        notebook.write(path, text)
