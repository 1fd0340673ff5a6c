"""What the tests share: small courses made on the spot, a quiet web server, named skips."""

from __future__ import annotations

import json
from collections.abc import Callable
from http.server import SimpleHTTPRequestHandler
from pathlib import Path
from typing import Any

import nbformat
import pytest

from triptych import course
from triptych.course import Chapter
from triptych.dev import doctor as tools

ROOT = Path(__file__).resolve().parents[2]

#: How the reasons begin of skips for want of docker or podman, of networks, and of cgroups of one's own.
NO_ENGINE = "no container engine"
NO_NETWORKS = f"no {tools.NAMESPACES.name}"
NO_CGROUP = "no cgroup of one's own"

CONFIG = """\
title: Tiny
repository:
  url: https://github.com/example/tiny
  branch: main
"""


def need(tool: tools.Tool) -> str:
    """The path of an optional tool; the test is skipped by the tool's name where it is missing."""
    path = tool.find()
    if not path:
        pytest.skip(f"no {tool.name}: {tool.without}")
    return path


def declare(chapter: str, **options: Any) -> None:
    """Declare a chapter of the small course; the fixture ``course`` takes it back."""
    if chapter not in [known.name for known in course.CHAPTERS]:
        course.CHAPTERS = (*course.CHAPTERS, Chapter(chapter, **options))


def edit(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Apply ``change`` to a stored notebook's JSON."""
    notebook = json.loads(path.read_text())
    change(notebook)
    path.write_text(json.dumps(notebook))


def section(heading: str, shown: str = "{'y': 1.0}", source: str = "{'y': float(1)}") -> list[dict]:
    """A section's cells, run, with the text that its checkpoint shows."""
    markdown = nbformat.v4.new_markdown_cell(f"## {heading}\n\nA question.")
    code = nbformat.v4.new_code_cell(
        source,
        metadata={"tags": ["checkpoint"]},
        execution_count=1,
        outputs=[nbformat.v4.new_output("execute_result", {"text/plain": shown}, execution_count=1)],
    )
    return [markdown, code]


class QuietHandler(SimpleHTTPRequestHandler):
    """Serves files without writing a line for each request."""

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""
