"""Run notebooks from clean kernels and store their outputs, normalised."""

from __future__ import annotations

import tempfile
from pathlib import Path

from triptych import files
from triptych.course import Course
from triptych.errors import TriptychError
from triptych.notebooks import lint
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
        _execute(path, executed, name, progress)
        # The copy lies outside the course: names and links must be those of the original.
        text = normalised(executed, course, stored_as=path)
        executed.write_text(text, encoding="utf-8")
        if complaints := lint.complaints(executed, course, stored_as=path):
            raise TriptychError(name, "the run's outputs cannot be stored", "\n  ".join(["", *complaints]))
        files.replace(path, text)


def _execute(path: Path, executed: Path, name: str, progress: bool) -> None:
    import papermill  # brings Jupyter with it: two seconds that other commands need not pay
    from nbclient.exceptions import CellTimeoutError, DeadKernelError

    unchanged = "the stored notebook is unchanged"
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
            unchanged,
        ) from None
    except DeadKernelError:
        reason = "its kernel died (out of memory, or a crash in compiled code)"
        raise TriptychError(name, reason, unchanged) from None
    except CellTimeoutError as error:
        raise TriptychError(name, " ".join(str(error).split())[:300], unchanged) from None
