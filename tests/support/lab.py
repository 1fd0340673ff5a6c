"""A small course opened with `triptych lab`, and what a browser sees of its panes."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from support import ROOT
from triptych.frameworks import FRAMEWORKS

SECTIONS = ("One", "Two", "Three", "Four", "Five")
LAB = [sys.executable, "-m", "triptych.cli", "lab"]

#: A line of 60 characters, the longest that a notebook of the course may have.
LINE = "# " + "60_characters" * 4 + "_so_it"
assert len(LINE) == 60

PANES = """() => [...document.querySelectorAll('.jp-NotebookPanel')]
    .filter((panel) => panel.checkVisibility())
    .sort((a, b) => a.getBoundingClientRect().x - b.getBoundingClientRect().x)
    .map((panel) => panel.querySelector('.jp-WindowedPanel-outer'))"""

#: How far the cell with a heading is below the upper edge of each pane; 99999 where it is not laid out.
HEADINGS = f"""(title) => ({PANES})().map((pane) => {{
    const named = (heading) => heading.textContent.replace('¶', '') === title;
    const heading = [...pane.querySelectorAll('h2')].find(named);
    if (!heading) return 99999;
    return heading.closest('.jp-Cell').getBoundingClientRect().top - pane.getBoundingClientRect().top;
}})"""


@dataclass
class Lab:
    """JupyterLab as `triptych lab` opened it, the process that did, and what it said."""

    address: str
    process: subprocess.Popen[bytes]
    log: Path

    def family(self) -> list[psutil.Process]:
        """The process and all below it."""
        process = psutil.Process(self.process.pid)
        return [process, *process.children(recursive=True)]


def cell(kind: str, source: str, **metadata: object) -> dict:
    code = {"execution_count": None, "outputs": []} if kind == "code" else {}
    return {"cell_type": kind, "metadata": metadata, "source": source, **code}


def notebook(title: str, sections: Sequence[str]) -> str:
    """A notebook in plain Python whose sections are long, and need the cell above them."""
    cells = [
        cell("markdown", f"# {title}"),
        cell("code", f"# @title Sets the base\nbase = 20\n{LINE}", jupyter={"source_hidden": True}),
    ]
    for number, name in enumerate(sections, 1):
        words = "\n\n".join(f"Paragraph {n} of {name}." for n in range(16 + 3 * len(title)))
        cells += [
            cell("markdown", f"## {name}\n\n{words}"),
            cell("code", f"{LINE}\nprint('ran', base + {number})"),
        ]
    for number, one in enumerate(cells):
        one["id"] = f"c{number}"
    spec = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": spec, "language_info": {"name": "python"}}
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells})


def small_course(folder: Path) -> Path:
    """A copy of the course with nothing but a chapter of three small notebooks."""
    chapter = folder / "notebooks" / "graphs"
    chapter.mkdir(parents=True)
    shutil.copy(ROOT / "_config.yml", folder)
    for name in FRAMEWORKS:
        (chapter / f"{name}.ipynb").write_text(notebook(name, SECTIONS), encoding="utf-8")
    return folder


@contextlib.contextmanager
def opened(
    course: Path, home: Path, *options: str, command: Sequence[str | Path] = (*LAB, "graphs")
) -> Iterator[Lab]:
    """JupyterLab on the course's chapter, for a user with this home; nothing of it is left afterwards."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("JUPYTER")}
    log = home / "log"
    terminal, stdin = os.openpty()  # so that JupyterLab would ask before it ends
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, *options],
            cwd=course,
            env=environment | {"HOME": str(home)},
            stdin=stdin,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    family: list[psutil.Process] = []
    try:
        lab = Lab(_address(process, log), process, log)
        yield lab
        family = lab.family() if process.poll() is None else []
        process.send_signal(signal.SIGTERM)
        _, alive = psutil.wait_procs(family, timeout=60)
        assert not alive, "left behind by JupyterLab"
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        os.close(terminal)
        os.close(stdin)


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    """The address that JupyterLab gives, when something answers there."""
    for _ in range(1200):
        if found := re.search(r"http://127\.0\.0\.1:(\d+)/\S+token=\w+", log.read_text()):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", int(found.group(1)))):
                return found.group(0)
        assert process.poll() is None, log.read_text()
        time.sleep(0.05)
    raise AssertionError(log.read_text())
