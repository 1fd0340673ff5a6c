"""What an answer's text mentions is found without running it."""

from __future__ import annotations

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
