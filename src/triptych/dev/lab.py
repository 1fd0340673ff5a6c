"""JupyterLab with a chapter's notebooks in panes side by side: a learner's copies, or the course's own.

JupyterLab restores a layout from a *workspace* file. We write one for the
chapter into a folder of our own and point JupyterLab there, so that the user's
own workspaces are neither read nor written. An extension of our own, which nobody
needs to install, lets the panes follow each other (`panes/`); it also leaves out
JupyterLab's question about news.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from triptych.course import Course
from triptych.dev.lifetime import end_with_parent
from triptych.errors import TriptychError

#: Where our extension of JupyterLab is, as `triptych panes` builds it.
EXTENSIONS = Path(__file__).with_name("labextensions")


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


def chosen(notebooks: Mapping[str, Path], names: str) -> dict[str, Path]:
    """Those of a chapter's ``notebooks`` that ``names`` says, with commas between them, in its order.

    Raises TriptychError for a name that is empty, unknown or there twice.
    """
    wanted = [name.strip().lower() for name in names.split(",")]
    problem = ""
    if "" in wanted:
        problem = "a name is missing"
    elif unknown := [name for name in wanted if name not in notebooks]:
        problem = f"no notebook {unknown[0]!r} in this chapter"
    elif len(set(wanted)) < len(wanted):
        problem = "a name is there twice"
    if problem:
        raise TriptychError(f"--frameworks {names!r}", problem, f"there are: {','.join(notebooks)}")
    return {name: notebooks[name] for name in wanted}


def arguments(
    course: Course, chapter: str, notebooks: Iterable[Path], extra: Sequence[str] = ()
) -> list[str]:
    """What JupyterLab is started with to open the chapter; ``extra`` is passed through."""
    folder = write_workspace(course, chapter, notebooks)
    return [
        f"--ServerApp.root_dir={course.root}",
        "--ServerApp.answer_yes=True",  # Control-C ends it without a question
        "--ServerApp.port_retries=50",  # whatever the user's own settings say
        f"--LabApp.workspaces_dir={folder}",
        f"--LabApp.default_url=/lab/workspaces/{workspace_id(chapter)}",
        f"--LabApp.extra_labextensions_path={EXTENSIONS}",
        *(["--ServerApp.allow_root=True"] if is_root() else []),
        *extra,
    ]


def is_root() -> bool:
    """Whether this process may do anything on this machine. Jupyter starts so only when it is told to."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


def open_lab(arguments: Sequence[str]) -> None:
    """Run JupyterLab in this process until the user stops it, or until what started it ends."""
    from jupyterlab.labapp import LabApp

    end_with_parent()
    LabApp.launch_instance(argv=list(arguments))
