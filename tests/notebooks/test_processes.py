"""No process outlives a notebook: not when it ends, a cell fails, it is interrupted or killed.

Every process that a kernel starts inherits its environment, and with it a mark by which it is
found again, whatever session or parent it has moved to.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest

from support import ROOT, need
from triptych.course import Course
from triptych.dev import doctor as tools

psutil = pytest.importorskip("psutil", reason="no frameworks")
nbclient = pytest.importorskip("nbclient", reason="no frameworks")

MARK = "TRIPTYCH_TEST_MARK"
IMPORTS = "import os, signal, subprocess, sys, tempfile, time\nfrom pathlib import Path\nimport psutil"
#: Daemons of the worst kind: a session of their own, no parent, deaf to polite signals.
DAEMONS = """
import os, signal, time
for _ in range(3):
    if os.fork() == 0:
        os.setsid()
        if os.fork():
            os._exit(0)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        time.sleep(600)
time.sleep(600)
"""
STARTED = f"""
process = start([sys.executable, "-c", {DAEMONS!r}], os.devnull)
while len(psutil.Process().children(recursive=True)) < 5:  # the guard, its child, three daemons
    time.sleep(0.1)
time.sleep(1)  # to be seen
"""
ENDINGS = {
    "the notebook stops it": "stop(process)",
    "the notebook ends": "",
    "a cell fails": "raise RuntimeError('on purpose')",
    "an interrupt": "os.kill(os.getpid(), signal.SIGINT); time.sleep(60)",
    "a kill": "os.kill(os.getpid(), signal.SIGKILL)",
}


def starters() -> list[Path]:
    """The notebooks that start processes."""
    return [path for path in Course(ROOT).notebooks() if start_cell(path)]


def start_cell(path: Path) -> str | None:
    cells = nbformat.read(path, as_version=4).cells
    return next((cell.source for cell in cells if cell.get("id") == "start"), None)


def marked(mark: str) -> list[psutil.Process]:
    """The living processes that carry the mark."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK) == mark and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.Error:
            continue
    return found


def none_left(mark: str) -> bool:
    """Whether all marked processes end within a bounded time; what is left is killed."""
    deadline = time.monotonic() + 20
    while (left := marked(mark)) and time.monotonic() < deadline:
        time.sleep(0.1)
    for process in left:
        process.kill()
    return not left


def run(node: nbformat.NotebookNode, folder: Path, meanwhile: Callable | None = None) -> tuple[str, str]:
    """Run the cells in a marked kernel; returns the mark and how it ended.

    ``meanwhile(mark, over)`` runs beside it in a thread, and may do harm until ``over`` is set.
    """
    mark, over = uuid.uuid4().hex, threading.Event()
    client = nbclient.NotebookClient(node, timeout=240, resources={"metadata": {"path": str(folder)}})
    beside = threading.Thread(target=meanwhile, args=(mark, over)) if meanwhile else None
    if beside:
        beside.start()
    try:
        client.execute(env={**os.environ, MARK: mark})
        ended = "completed"
    except nbclient.exceptions.DeadKernelError:
        ended = "killed"
    except nbclient.exceptions.CellExecutionError as error:
        ended = error.ename
    finally:
        over.set()
        if beside:
            beside.join(timeout=300)
    return mark, ended


def test_the_cell_that_starts_processes_is_the_same_in_all_notebooks():
    cells = {path: start_cell(path) for path in starters()}
    assert len(cells) >= 3
    assert len(set(cells.values())) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="no fork")
@pytest.mark.parametrize(
    "ending",
    [pytest.param(name, marks=() if name == "a kill" else pytest.mark.slow) for name in ENDINGS],
)
def test_daemons_end_however_the_notebook_does(ending, tmp_path):
    sources = [IMPORTS, start_cell(starters()[0]), STARTED, ENDINGS[ending]]
    node = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    seen = []

    def look(mark: str, over: threading.Event) -> None:
        deadline = time.monotonic() + 60
        while len(seen) < 6 and time.monotonic() < deadline:  # the kernel too
            seen[:] = marked(mark) or seen
            time.sleep(0.02)

    mark, ended = run(node, tmp_path, look)
    assert len(seen) >= 6, "the daemons were not seen alive"
    expected = {"a cell fails": "RuntimeError", "an interrupt": "KeyboardInterrupt", "a kill": "killed"}
    assert ended == expected.get(ending, "completed")
    assert none_left(mark)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="no signals")
@pytest.mark.parametrize("path", starters(), ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_nothing_is_left_when_the_notebook_is_stopped_while_its_processes_run(path, tmp_path):
    """Interrupted or killed, in turns, when its first guarded process has children."""
    node = nbformat.read(path, as_version=4)
    for name in node.metadata.get("triptych", {}).get("needs", []):
        need(next(tool for tool in tools.TOOLS if tool.name == name))
    how = signal.SIGKILL if starters().index(path) % 2 else signal.SIGINT
    struck = []

    def strike(mark: str, over: threading.Event) -> None:
        deadline = time.monotonic() + 600
        while time.monotonic() < deadline and not (struck or over.is_set()):
            for process in marked(mark):
                try:
                    guard = any("prctl(36" in word for word in process.cmdline())
                    if guard and process.children():
                        struck.append(process.parent())
                        break
                except psutil.Error:
                    continue
            time.sleep(0.2)
        over.wait(1)  # in the middle of its work
        for kernel in struck * 10:
            # Python drops an interrupt that arrives between two cells, in a finalizer, or while it
            # collects garbage (JAX has a callback there, which swallows it): press again.
            with contextlib.suppress(psutil.NoSuchProcess):
                kernel.send_signal(how)
            if over.wait(5):
                return

    mark, ended = run(node, tmp_path, strike)
    assert struck, "the notebook started no guarded process"
    assert ended == {signal.SIGKILL: "killed", signal.SIGINT: "KeyboardInterrupt"}[how]
    assert none_left(mark)
    assert not list(tmp_path.iterdir()), "the notebook left files in its working folder"
