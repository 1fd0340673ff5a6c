"""What an answer's text mentions is found without running it."""

from __future__ import annotations

import time
import tracemalloc

import pytest

from triptych.grading.checks import Sources
from triptych.grading.sandbox import Code, Missing

CELLS = (
    Code(
        "1",
        "import jax as j\nfrom jax import numpy as np2, lax\nimport torch.nn.functional as F\nfast = j.jit",
    ),
    Code("2", "%matplotlib inline\n@j.jit\ndef a(x):\n    return np2.sin(x)"),
    Code("3", "def helper(x):\n    return lax.cond(x, x, x)"),
    Code("4", "def b(x):\n    return helper(x)\n\n\nc = lambda x: fast(x)"),
    Code("5", "def broken(:"),
    Code("6", "def a2(x):\n    return 1\n\n\ndef a2(x):\n    return x.block_until_ready()"),
)


def test_uses_finds_a_name_under_any_alias_and_through_helpers() -> None:
    sources = Sources(CELLS)
    assert sources.mentions("a", ["jax.jit"])
    assert sources.mentions("a", ["jax.numpy"])
    assert not sources.mentions("a", ["jax.numpy.si", "jax.lax"])
    assert sources.mentions("b", ["jax.lax.cond"])
    assert sources.mentions("c", ["jax.jit"])
    assert sources.mentions("a2", [".block_until_ready"])
    assert not sources.mentions("helper", ["jax.jit"])


def test_source_is_the_last_definition_with_its_decorators() -> None:
    sources = Sources(CELLS)
    assert sources.text("a") == "@j.jit\ndef a(x):\n    return np2.sin(x)"
    assert sources.text("a2") == "def a2(x):\n    return x.block_until_ready()"
    with pytest.raises(Missing):
        sources.text("broken")


@pytest.mark.parametrize(
    "text", ["-" * 100_000 + "1", "(" * 100_000, "1+" * 90_000 + "1", "\0", "x = 1\n" * 90_000]
)
def test_source_that_cannot_be_parsed_is_passed_over(text: str) -> None:
    sources = Sources([Code("1", "def f(x):\n    return x"), Code("2", text)])
    assert sources.text("f").startswith("def f")


def seconds(text: str) -> float:
    """Of this process, to read a notebook of one cell and ask for what it mentions; the least of three."""
    times = []
    for _ in range(3):
        started = time.process_time()
        sources = Sources([Code("1", text)])
        if "f" in sources:
            sources.mentions("f", ["jax.jit"])
        times.append(time.process_time() - started)
    return min(times)


@pytest.mark.parametrize(
    ("start", "unit"),
    [
        ("def f(:", "\n"),  # broken, so that lines of magic are looked for
        ("f = a", ".b"),
        ("f = 1", "; g = 1"),
    ],
    ids=["blank lines", "a chain", "one long line"],
)
def test_ten_times_the_text_costs_about_ten_times(start: str, unit: str) -> None:
    most = 199_000 // len(unit) if unit != ".b" else 3_000
    few, many = seconds(start + unit * (most // 10)), seconds(start + unit * most)
    assert many < 30 * few + 0.02


def test_no_syntax_tree_is_kept() -> None:
    text = "def f(x):\n" + "    x = x + 1; x = [x, x]\n" * 7_000
    tracemalloc.start()
    sources = [Sources([Code("1", text.replace("f", f"f{i}", 1))]) for i in range(3)]
    assert len(sources) == 3
    assert tracemalloc.get_traced_memory()[0] < 12 * len(text)
    tracemalloc.stop()


BELOW = (
    Code("1", "try:\n    def f(x):\n        return jax.jit(x)\nexcept Exception as e:\n    f = None"),
    Code(
        "2",
        "if x:\n    with y:\n        @wrap\n        def g(x):\n            return f(x)\nelse:\n    g = 1",
    ),
    Code("3", "version = !ls\nwhile x:\n    h, i = f, None"),
    Code("4", "%%writefile mine.py\ndef j(x):\n    return jax.jit(x)"),
    Code("5", "import mine\nj = mine.j"),
    Code("6", "match x:\n    case 1:\n        k = lambda x: f(x)"),
)


@pytest.mark.parametrize("name", list("fghijk"))
def test_a_definition_is_found_below_the_top_level(name: str) -> None:
    sources = Sources(BELOW)
    assert sources.mentions(name, ["jax.jit"])
    assert sources.text("g") == "        @wrap\n        def g(x):\n            return f(x)"
