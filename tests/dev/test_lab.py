"""JupyterLab, opened as `make lab` opens it, in a real browser."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass

import psutil
import pytest

from support import ROOT


@dataclass
class Lab:
    """JupyterLab as `triptych lab` opened it, and the process that did."""

    address: str
    pid: int


@pytest.fixture
def lab(tmp_path):
    """JupyterLab on a copy of the graphs chapter, and a home whose settings must stay untouched."""
    for name in ("_config.yml", "notebooks/graphs", "exercises/graphs"):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        (tmp_path / "course" / name).parent.mkdir(parents=True, exist_ok=True)
        copy(ROOT / name, tmp_path / "course" / name)
    home = tmp_path / "home"
    own = home / ".jupyter/lab/workspaces"
    own.mkdir(parents=True)
    (own / "default-37a8.jupyterlab-workspace").write_text('{"data": {}, "metadata": {"id": "default"}}')
    before = {path: path.read_bytes() for path in own.iterdir()}
    environment = os.environ | {"HOME": str(home), "JUPYTER_CONFIG_DIR": str(home / ".jupyter")}
    log = tmp_path / "log"
    options = ["--no-browser", "--port=0", "--ip=127.0.0.1", "--allow-root"]
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "triptych.cli", "lab", "graphs", *options],
            cwd=tmp_path / "course",
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        for _ in range(600):
            found = re.search(r"http://127\.0\.0\.1:\d+/\S+token=\w+", log.read_text())
            if found:
                break
            assert process.poll() is None, log.read_text()
            time.sleep(0.1)
        assert found, log.read_text()
        yield Lab(found.group(0), process.pid)
        assert {path: path.read_bytes() for path in own.iterdir()} == before
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def test_the_workspace_shows_three_notebooks_side_by_side(browser, lab):
    context = browser.new_context(viewport={"width": 1600, "height": 900})
    page = context.new_page()
    page.goto(lab.address)
    panels = page.locator(".jp-NotebookPanel:visible")
    panels.nth(2).wait_for(timeout=60_000)
    for index in range(3):
        panels.nth(index).locator("h1").first.wait_for(timeout=60_000)
    boxes = sorted((panels.nth(i).bounding_box() for i in range(panels.count())), key=lambda box: box["x"])
    assert len(boxes) == 3
    assert all(box["width"] > 300 for box in boxes)
    assert boxes[0]["x"] + boxes[0]["width"] <= boxes[1]["x"]
    assert boxes[1]["x"] + boxes[1]["width"] <= boxes[2]["x"]
    titles = {panels.nth(i).locator("h1").first.inner_text().strip("¶") for i in range(3)}
    assert titles == {"Graphs in PyTorch", "Graphs in TensorFlow", "Graphs in JAX"}
    if shot := os.environ.get("TRIPTYCH_SCREENSHOTS"):
        page.screenshot(path=f"{shot}/lab.png")
    context.close()


@pytest.mark.slow
def test_what_ends_the_command_ends_jupyterlab_and_its_kernels(lab):
    """SIGTERM, as a service manager or a closed container sends it, to `triptych lab` alone."""
    server, _, token = lab.address.partition("/lab")
    token = token.rpartition("token=")[2]
    request = urllib.request.Request(
        f"{server}/api/kernels", b"{}", {"Authorization": f"token {token}"}, method="POST"
    )
    assert urllib.request.urlopen(request).status == 201
    process = psutil.Process(lab.pid)
    family = [process, *process.children(recursive=True)]
    assert len(family) > 1
    os.kill(lab.pid, signal.SIGTERM)
    _, alive = psutil.wait_procs(family, timeout=60)
    assert not alive
