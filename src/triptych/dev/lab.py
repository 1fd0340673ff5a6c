"""JupyterLab with a chapter's notebooks in panes side by side: a learner's copies, or the course's own.

JupyterLab restores a layout from a *workspace* file. We write one for the
chapter into a folder of our own and point JupyterLab there, so that the user's
own workspaces are neither read nor written.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from triptych.course import Course


def workspace(course: Course, chapter: str, notebooks: Iterable[Path]) -> dict[str, object]:
    """The workspace of a chapter, as JupyterLab stores it: one pane for each of the ``notebooks``.

    Source: JupyterLab's layout restorer (``layout-restorer:data``), and the
    notebook tracker, whose restore command wants each path again.
    """
    paths = [path.relative_to(course.root).as_posix() for path in notebooks]
    panes = [{"type": "tab-area", "currentIndex": 0, "widgets": [f"notebook:{path}"]} for path in paths]
    dock = {
        "type": "split-area",
        "orientation": "horizontal",
        "sizes": [1 / len(panes)] * len(panes),
        "children": panes,
    }
    data: dict[str, object] = {
        "layout-restorer:data": {
            "main": {"dock": dock, "current": f"notebook:{paths[0]}"},
            "left": {"collapsed": True, "widgets": []},
            "right": {"collapsed": True, "widgets": []},
        }
    }
    data |= {f"notebook:{path}": {"data": {"path": path, "factory": "Notebook"}} for path in paths}
    return {"data": data, "metadata": {"id": workspace_id(chapter)}}


def workspace_id(chapter: str) -> str:
    """The workspace's name in JupyterLab's address: ``/lab/workspaces/<id>``."""
    return f"triptych-{chapter}"


def write_workspace(course: Course, chapter: str, notebooks: Iterable[Path]) -> Path:
    """Write the chapter's workspace file into ``_build/lab`` and return that folder."""
    from jupyterlab_server.workspaces_handler import WorkspacesManager  # it names the file

    folder = course.root / "_build" / "lab"
    WorkspacesManager(str(folder)).save(
        workspace_id(chapter), json.dumps(workspace(course, chapter, notebooks))
    )
    return folder


def command(course: Course, chapter: str, notebooks: Iterable[Path], extra: Sequence[str] = ()) -> list[str]:
    """The command that opens JupyterLab on the chapter; ``extra`` is passed through."""
    folder = write_workspace(course, chapter, notebooks)
    return [
        sys.executable,
        "-m",
        "jupyterlab",
        f"--ServerApp.root_dir={course.root}",
        f"--LabApp.workspaces_dir={folder}",
        f"--LabApp.default_url=/lab/workspaces/{workspace_id(chapter)}",
        "--LabApp.news_url=None",  # ask nothing of other hosts
        "--LabApp.check_for_updates_class=jupyterlab.handlers.announcements.NeverCheckForUpdate",
        *extra,
    ]


def open_lab(command: Sequence[str]) -> int:
    """Run JupyterLab until the user stops it; its exit status.

    In place of this process where the system can: what ends that one ends JupyterLab too.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    if os.name == "posix":
        os.execv(command[0], list(command))
    return subprocess.run(command, check=False).returncode
