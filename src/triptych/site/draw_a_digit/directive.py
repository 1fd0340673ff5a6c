"""The directive, and the files that its page needs."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docutils import nodes
from jinja2 import Environment, FileSystemLoader
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.fileutil import copy_asset

from triptych import files
from triptych.course import Course
from triptych.dev.doctor import ORT_WEB, npm_package
from triptych.dev.model_exports import model_path
from triptych.errors import TriptychError
from triptych.frameworks import FRAMEWORKS
from triptych.site.chapter import ChapterDirective

LOGGER = logging.getLogger(__name__)

#: The class of what the directive shows, which the style sheet and the script look for.
PART = "draw-a-digit"

#: What the page needs of the package: the entry, which has the glue in it, and the WebAssembly.
FILES = ("ort.wasm.bundle.min.mjs", "ort-wasm-simd-threaded.wasm")

#: Their folders in the site, below ``_static``.
RUNTIME, MODELS = "onnxruntime-web", "digits"

WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


@dataclass(frozen=True)
class _Export:
    """A framework's export of the network. ``address`` is relative to ``_static``."""

    name: str
    title: str
    path: Path
    address: str


class DrawADigit(ChapterDirective):
    """The drawing surface, its counts of ink and its bars. A missing model is a warning."""

    def content_nodes(self) -> list[nodes.Node]:
        """The page's part, or how to install what it runs on."""
        exports = list(self._exports())
        if not self.config.draw_a_digit_runtime:
            LOGGER.info(f"{self.env.docname}: no {ORT_WEB.name}: {ORT_WEB.without} ({ORT_WEB.install})")
            return [_missing()]
        if not exports:
            return []
        return [nodes.container("", nodes.raw("", _html(exports), format="html"), classes=[PART])]

    def _exports(self) -> Iterable[_Export]:
        for name, framework in FRAMEWORKS.items():
            path = model_path(self.course, name)
            self.env.note_dependency(str(path))
            if path.is_file():
                yield _Export(name, framework.title, path, _versioned(f"{MODELS}/{path.name}", path))
            else:
                place = self.course.name(path)
                self.warn(TriptychError(place, "no such model", "`triptych exports` makes it"))


def version() -> str:
    """The installed package's version, empty where it is not installed."""
    if not all(_dist(name).is_file() for name in FILES):
        return ""
    return json.loads((npm_package(RUNTIME) / "package.json").read_text(encoding="utf-8"))["version"]


def _dist(name: str) -> Path:
    """A file of the npm package, whether it is there or not."""
    return npm_package(RUNTIME) / "dist" / name


def _missing() -> nodes.Element:
    """What the page says where the site was built without the runtime."""
    title = nodes.paragraph("", "", classes=["admonition-title"])
    title += nodes.Text("This site was built without ONNX Runtime Web")
    text = nodes.paragraph("", "So nothing can be drawn here. In your copy of the course, ")
    text += [nodes.literal("", "make extras"), nodes.Text(" installs it from npm, and ")]
    text += [nodes.literal("", "make book"), nodes.Text(" builds the site again. npm alone does it, too: ")]
    text += nodes.literal("", f"npm install --prefix {Path(sys.prefix).name}/lib onnxruntime-web")
    text += nodes.Text(".")
    return nodes.container("", title, text, classes=[f"{PART}-missing", "admonition", "note"])


def _html(exports: list[_Export]) -> str:
    """The whole part as HTML, at its full size, so that nothing moves when figures come."""
    templates = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True)
    sizes = {name: _dist(name).stat().st_size for name in FILES}
    runtime, wasm = (_versioned(f"{RUNTIME}/{name}", _dist(name)) for name in FILES)
    return templates.get_template("page.html").render(
        runtime=runtime,
        wasm=wasm,
        bytes=sizes[FILES[1]],
        version=version(),
        megabytes=f"{sum(sizes.values()) / 1e6:.0f}",
        models=exports,
        models_megabytes=f"{sum(export.path.stat().st_size for export in exports) / 1e6:.1f}",
        words=WORDS,
    )


def _versioned(name: str, file: Path) -> str:
    """``name`` with a few digits of the file's hash: a browser asks again for what has changed."""
    return f"{name}?v={files.digest(file.read_bytes(), 8)}"


def bring_files(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Copy runtime and models into the site for the page that has the directive."""
    parts = doctree.findall(nodes.container) if doctree else ()
    if not any(PART in part["classes"] for part in parts):
        return
    for name in FILES:
        copy_asset(_dist(name), Path(app.outdir, "_static", RUNTIME))
    course = Course.containing(Path(app.srcdir))
    for framework in FRAMEWORKS:
        copy_asset(model_path(course, framework), Path(app.outdir, "_static", MODELS))
