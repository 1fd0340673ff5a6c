"""JupyterLab with a chapter's notebooks in panes side by side.

JupyterLab restores a layout from a *workspace* file. We write one for the
chapter into a folder of our own and point JupyterLab there, so that the user's
own workspaces are neither read nor written.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from triptych.course import Course


def workspace(course: Course, chapter: str) -> dict[str, object]:
    """The workspace of a chapter, as JupyterLab stores it: one pane for each sibling.

    Source: JupyterLab's layout restorer (``layout-restorer:data``), and the
    notebook tracker, whose restore command wants each path again.
    """
    paths = [course.name(path) for path in course.siblings(chapter).values()]
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


def write_workspace(course: Course, chapter: str) -> Path:
    """Write the chapter's workspace file into ``_build/lab`` and return that folder."""
    from jupyterlab_server.workspaces_handler import WorkspacesManager  # it names the file

    folder = course.root / "_build" / "lab"
    WorkspacesManager(str(folder)).save(workspace_id(chapter), json.dumps(workspace(course, chapter)))
    return folder


def command(course: Course, chapter: str, extra: Sequence[str] = ()) -> list[str]:
    """The command that opens JupyterLab on the chapter; ``extra`` is passed through."""
    folder = write_workspace(course, chapter)
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


def open_lab(course: Course, chapter: str, extra: Sequence[str] = ()) -> int:
    """Run JupyterLab until the user stops it; its exit status."""
    return subprocess.run(command(course, chapter, extra), check=False).returncode
