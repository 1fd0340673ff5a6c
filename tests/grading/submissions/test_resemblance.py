"""A notebook that is another of the course's is told from this chapter's."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

import support
from support.submissions import notebook
from triptych.grading.submissions.resemblance import Likeness, another, copied
from triptych.notebooks.untrusted import parse

CHAPTER = "graphs"


@cache
def read(name: str) -> dict:
    return parse((support.ROOT / name).read_bytes())


def names(*folders: str) -> list[str]:
    root = support.ROOT
    found = sorted(str(p.relative_to(root)) for f in folders for p in root.glob(f"{f}/*/*.ipynb"))
    return [name for name in found if ".ipynb_checkpoints" not in name]


@cache
def ours() -> Likeness:
    return Likeness.of([read(n) for n in names("exercises") if f"/{CHAPTER}/" in n])


@cache
def others() -> dict[str, Likeness]:
    return {
        n: Likeness.of([read(n)])
        for n in names("exercises", "notebooks")
        if n.split("/")[:2] != ["exercises", CHAPTER]
    }


@pytest.mark.parametrize("name", names("exercises", "notebooks"))
def test_each_notebook_of_the_course_is_known(name: str) -> None:
    own = Path(name).parts[:2] == ("exercises", CHAPTER)
    assert another(read(name), ours(), others()) == ("" if own else name)


@pytest.mark.parametrize("name", names("solutions"))
def test_an_answered_notebook_is_still_that_chapters(name: str) -> None:
    _, chapter, file = name.split("/")
    expected = "" if chapter == CHAPTER else f"exercises/{chapter}/{file}"
    assert another(read(name), ours(), others()) == expected
    assert copied(read(name)) > 0


def test_an_answer_makes_any_notebook_this_chapters() -> None:
    whole = dict(read("exercises/autodiff/jax.ipynb"))
    answer = {
        "cell_type": "code",
        "metadata": {},
        "source": f"def {sorted(ours().names)[0]}(x):\n    return x",
    }
    assert another({**whole, "cells": [*whole["cells"], answer]}, ours(), others()) == ""
    assert another(parse(notebook("import jax\nx = 1")), ours(), others()) == ""
    assert copied(read("exercises/graphs/jax.ipynb")) == 0


def test_two_cells_of_another_chapter_are_no_other_notebook() -> None:
    whole = read("exercises/autodiff/jax.ipynb")
    telling = [c for c in whole["cells"] if Likeness.of([{"cells": [c]}]).texts]
    assert another({**whole, "cells": telling[-2:]}, ours(), others()) == ""
    assert another({**whole, "cells": telling[-3:]}, ours(), others()) == "exercises/autodiff/jax.ipynb"
