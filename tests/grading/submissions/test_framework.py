"""Which framework a notebook is written in."""

from __future__ import annotations

from support.submissions import notebook
from triptych.grading.submissions import framework_of
from triptych.notebooks.untrusted import parse


def test_the_framework_is_that_of_the_release_it_resembles() -> None:
    released = {name: parse(notebook(f"import {name}_helpers")) for name in ("pytorch", "tensorflow", "jax")}
    ours = parse(notebook("import jax_helpers"))
    assert framework_of(ours, released, "pytorch.ipynb") == "jax"
    unlike = parse(notebook("import torch\nx = 1"))
    assert framework_of(unlike, released, "tensorflow (2).ipynb") == "tensorflow"
    assert framework_of(unlike, released, "mine.ipynb") == "pytorch"
    assert framework_of(parse(notebook("x = 1")), released, "mine.ipynb") == ""
