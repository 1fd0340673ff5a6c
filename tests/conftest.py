"""What the tests share: small courses made on the spot, and named skips."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

import nbformat
import pytest

from support import CONFIG, QuietHandler, course_site, declare, need
from triptych.course import Course
from triptych.dev import doctor as tools
from triptych.frameworks import PANELS


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    """An empty course in a folder of its own; a chapter is declared when a notebook of it is saved."""
    monkeypatch.setattr("triptych.course.CHAPTERS", ())
    (tmp_path / "_config.yml").write_text(CONFIG)
    return Course(tmp_path)


@pytest.fixture
def save(course: Course) -> Callable[..., Path]:
    """``save("jax", *cells)`` writes a normalised notebook of the chapter ``tiny``."""

    def save(framework: str, *cells: list[dict], chapter: str = "tiny", normalise: bool = True) -> Path:
        from triptych import files
        from triptych.notebooks.normalise import normalised

        name = PANELS[framework].title if framework in PANELS else framework
        title = nbformat.v4.new_markdown_cell(f"# Tiny in {name}\n\nWhy?")
        node = nbformat.v4.new_notebook(cells=[title, *(cell for group in cells for cell in group)])
        count = 0
        for cell in node.cells:
            if cell.cell_type == "code" and cell.execution_count is not None:
                count += 1
                cell.execution_count = count
                for output in cell.outputs:
                    if output.output_type == "execute_result":
                        output.execution_count = count
        declare(chapter)
        path = course.root / "notebooks" / chapter / f"{framework}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(node, path)
        if normalise:
            files.replace(path, normalised(path, course))
        return path

    return save


@pytest.fixture(scope="session")
def site() -> Path:
    """The course's own site: its HTML folder."""
    return course_site.built()


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium, driven by Playwright, that can reach nothing but loopback."""
    path = need(tools.CHROMIUM)
    from playwright.sync_api import sync_playwright

    quiet = [
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=quiet)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def address(site: Path) -> Iterator[str]:
    """The site, served on a free port of loopback."""
    handler = functools.partial(QuietHandler, directory=str(site))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
