"""Run one notebook of the benchmark, and print each measurement once its cell is done.

``python -m triptych.benchmark.execute NOTEBOOK EXECUTED PARAMETERS``: the notebook with its
outputs goes to EXECUTED; PARAMETERS is JSON, and its ``record`` the file that the notebook
writes. A process of its own, so that Ctrl-C in a terminal does not reach the kernel.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TextIO

from triptych.benchmark.units import number, readable
from triptych.errors import TriptychError
from triptych.notebooks.execute import execute


class Progress:
    """Prints the measurements that have come into the file since the last look."""

    def __init__(self, file: Path, output: TextIO) -> None:
        self.file, self.output, self.shown = file, output, 0

    def show(self) -> None:
        """Print what is new. What is wrong with the file is reported when the notebook has ended."""
        try:
            measurements = json.loads(self.file.read_text(encoding="utf-8"))["measurements"][self.shown :]
        except (OSError, ValueError, KeyError, TypeError):
            return
        for measured in measurements:
            print(line(measured), file=self.output, flush=True)
        self.shown += len(measurements)


def line(measured: Mapping[str, Any]) -> str:
    """A measurement in a line: "mlp step, eager: 250 ms, 512 rows/s"."""
    try:
        median = statistics.median(measured["samples_s"])
        rate = ""
        if (items := measured.get("items")) and measured.get("item") in ("image", "row", "example"):
            rate = f", {number(items / median)} {measured['item']}s/s"
        threads = f", threads: {measured['threads']}" if "threads" in measured else ""
        return f"{measured['name']}, {measured['variant']}{threads}: {readable(median)}{rate}"
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return "a measurement"


def main(notebook: str, executed: str, parameters: str) -> int:
    """Run it; its exit status."""
    # The kernel inherits standard output. Were it this pipe, the reader would wait for every
    # process that the kernel leaves behind: it gets the log instead.
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as output:
        os.dup2(2, 1)
        given = json.loads(parameters)
        progress = Progress(Path(given["record"]), output)
        try:
            path = Path(notebook)
            execute(path, Path(executed), path.name, parameters=given, after_cell=progress.show)
        except TriptychError as error:
            print(error, file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
