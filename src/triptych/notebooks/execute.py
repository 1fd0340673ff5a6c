"""Run a notebook from a clean kernel, by papermill, in its own folder."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

from triptych import files
from triptych.errors import TriptychError


def execute(
    path: Path,
    executed: Path,
    name: str,
    seconds: int | None = None,
    progress: bool = False,
    remedy: str = "",
    parameters: Mapping[str, str | int] | None = None,
    after_cell: Callable[[], object] = lambda: None,
) -> None:
    """Run ``path`` and write it with its outputs to ``executed``; ``path`` itself is left as it is.

    ``parameters`` replace those of the cell tagged ``parameters``; ``after_cell`` is called after
    each cell, those that raise too. The kernel's temporary files go with it.

    Raises TriptychError, which names the cell by the notebook's ``name``, for the first cell that
    raises or takes more than ``seconds``, and where the kernel dies; ``remedy`` stands at its end.
    Cells tagged ``raises-exception`` may raise.
    """
    import papermill  # brings Jupyter with it: two seconds that other commands need not pay
    from nbclient.exceptions import CellTimeoutError, DeadKernelError

    try:
        with files.temporary_folder():
            papermill.execute_notebook(
                str(path),
                str(executed),
                parameters=dict(parameters or {}),
                kernel_name="python3",
                cwd=str(path.parent),
                progress_bar=progress,
                log_output=False,
                execution_timeout=seconds,
                on_cell_executed=lambda **_: after_cell(),
            )
    except papermill.PapermillExecutionError as error:
        reason = f"{error.ename}: {_short(str(error.evalue))}"
        raise TriptychError(f"{name}: code cell {error.exec_count}", reason, remedy) from None
    except DeadKernelError:
        reason = "its kernel died (out of memory, or a crash in compiled code)"
        raise TriptychError(f"{name}{_last_begun(executed)}", reason, remedy) from None
    except CellTimeoutError:
        raise TriptychError(f"{name}{_last_begun(executed)}", f"not done in {seconds} s", remedy) from None


def _short(text: str) -> str:
    """The text in one line; of a long one, a process's log for instance, the beginning and the end."""
    line = " ".join(text.split())
    return line if len(line) <= 300 else f"{line[:90].rstrip()} ... {line[-205:].lstrip()}"


def _last_begun(executed: Path) -> str:
    """The code cell that papermill had begun last: ": code cell 7", or nothing where it wrote no file."""
    try:
        cells = json.loads(executed.read_text(encoding="utf-8"))["cells"]
    except (OSError, ValueError):
        return ""
    code = [cell["metadata"].get("papermill", {}) for cell in cells if cell["cell_type"] == "code"]
    begun = [number for number, times in enumerate(code, 1) if times.get("start_time")]
    return f": code cell {begun[-1]}" if begun else ""
