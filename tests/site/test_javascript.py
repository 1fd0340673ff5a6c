"""All scripts: their linter and unit tests; and the rasteriser beside the same in Python."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest

from support import ROOT, need
from support.digits import DRAWINGS, NAMES, bitmap, counted, read  # noqa: F401  (a fixture)
from triptych.dev import doctor as tools
from triptych.frameworks import FRAMEWORKS
from triptych.site import draw_a_digit

BIOME = tools.Tool(
    "Biome",
    lambda: next(map(str, tools.npm_package("@biomejs/biome").glob("bin/biome")), None),
    "JavaScript and TypeScript are not linted",
    "make test",
)
RASTERISER = Path(draw_a_digit.__file__).with_name("rasteriser.js")


def node(*arguments: str | Path, code: str = "") -> str:
    """What Node prints for these arguments, or for a program that it reads."""
    run = subprocess.run(
        [need(tools.NODE), *arguments], cwd=ROOT, input=code, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, f"{run.stdout[-4000:]}{run.stderr[-4000:]}"
    return run.stdout or run.stderr


def test_the_linter_finds_nothing_and_sees_every_script():
    told = node(need(BIOME), "check", "--error-on-warnings", "--max-diagnostics=20")
    here = [p for folder in ("src", "book", "tests") for p in (ROOT / folder).rglob("*.*s")]
    scripts = [
        path
        for path in here
        if path.suffix in (".js", ".mjs", ".ts") and not {"_build", "labextensions"} & set(path.parts)
    ]
    assert f"Checked {len(scripts) + 1} files" in told  # and its own settings


def test_the_units_of_the_scripts():
    tests = sorted((ROOT / "tests").glob("*/*.test.mjs"))
    assert "# fail 0" in node("--test", "--test-reporter=tap", *tests)


@pytest.fixture(scope="module")
def rasterised() -> list[np.ndarray]:
    """The counts of all drawings, by the page's own script."""
    code = f"""
        import {json.dumps(RASTERISER.as_uri())};
        const drawings = {json.dumps([drawing["strokes"] for drawing in DRAWINGS])};
        const {{ bitmap, counted }} = globalThis.rasteriser;
        console.log(JSON.stringify(drawings.map((strokes) => counted(bitmap(strokes)))));
    """
    return [np.array(counts).reshape(8, 8) for counts in json.loads(node("--input-type=module", code=code))]


def test_all_ten_digits_are_drawn():
    assert {drawing["digit"] for drawing in DRAWINGS} == set(range(10))
    assert len(NAMES) == len(set(NAMES)) >= 14


@pytest.mark.parametrize("number", range(len(DRAWINGS)), ids=NAMES)
def test_a_drawing_is_counted_as_the_recipe_says_and_read_right_by_every_export(rasterised, read, number):
    counts, drawing = rasterised[number], DRAWINGS[number]
    assert (counts == counted(bitmap(drawing["strokes"]))).all()
    assert [read(framework, counts).argmax() for framework in FRAMEWORKS] == [drawing["digit"]] * 3
