"""Submissions that are small, or allowed, and cost whoever reads, parses, compares or shows them.

Each is the reference solution of a real exercise with one thing more: a cell, an answer, or
something in the notebook's JSON. ``lost``: the exercise that the thing more takes the points of.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from support.exercises import COURSE, new_cell, solution
from triptych.grading import checks

CHAPTER, FRAMEWORK = "graphs", "jax"

#: The exercises that are graded: some that compare values, and ask what a function uses.
EXERCISES = ("places", "operations", "state")


def checks_of_these() -> str:
    """The text of the chapter's hidden checks, those of other exercises taken out."""
    return checks.read(COURSE, CHAPTER) + (
        "\nfor _name in list(globals()):\n"
        f"    if getattr(globals()[_name], 'exercise', {EXERCISES[0]!r}) not in {EXERCISES}:\n"
        "        del globals()[_name]\n"
    )


def reference() -> dict:
    """The chapter's solution of these exercises."""
    node = solution(CHAPTER, FRAMEWORK)
    wanted = ("setup", "helpers", *(f"{each}-answer" for each in (*EXERCISES, "draws")))
    node["cells"] = [cell for cell in node["cells"] if cell["id"] in wanted]
    return node


@dataclass(frozen=True)
class Costly:
    """``cell`` is added, ``json`` stands in the notebook's metadata as it is; one of them."""

    cell: str = ""
    json: str = ""
    lost: str = ""
    reason: str = ""

    def notebook(self) -> bytes:
        """The notebook's bytes."""
        node = reference()
        if self.cell:
            node["cells"].append(new_cell(self.cell))
        node["metadata"]["more"] = "THE PLACE"
        return json.dumps(node).replace('"THE PLACE"', self.json or "0").encode()


def _answer(function: str, value: str) -> str:
    return f"import numpy as np\n\ndef {function}(*args):\n    return {value}\n"


_CHAIN = "    f = a" + ".b" * 900 + "\n"

COSTLY = {
    # sources
    "blank lines": Costly("(" + "\n" * 195_000),
    "indented nothing": Costly("(\n" + " " * 195_000 + "\n"),
    "lines of magic": Costly("(" + "\n%a" * 60_000),
    "chains of attributes": Costly(
        "import jax\n\ndef three_counters(arrays):\n" + _CHAIN * 100 + "    return jax.jit\n", lost="places"
    ),
    "a thousand definitions on a line": Costly("; ".join(f"a{i} = 1" for i in range(15_000))),
    "a long expression": Costly("unused = [" + "[], " * 49_000 + "]"),
    "brackets": Costly("(" * 190_000),
    "digits": Costly("9" * 190_000),
    # answers
    "an array of halves": Costly(_answer("draws", "np.zeros((2,) * 20, 'f4')"), lost="state"),
    "an array of thirty dimensions": Costly(_answer("draws", "np.zeros((1, 2) * 15, 'f8')"), lost="state"),
    "a dict": Costly(_answer("count_operations", "{f'k{i}': i for i in range(240_000)}"), lost="operations"),
    "lists": Costly(_answer("count_operations", "[[['x' * 30_000] * 10] * 5] * 5"), lost="operations"),
    "a text": Costly(_answer("count_operations", "'1, ' * 2_600_000"), lost="operations"),
    "lists within lists": Costly(
        "import functools\n\n"
        + _answer("count_operations", "functools.reduce(lambda a, _: [a, a[:]], range(15), [])"),
        lost="operations",
    ),
    "an array for a count": Costly(_answer("count_operations", "np.zeros(1_000_000)"), lost="operations"),
    # JSON
    "empty lists": Costly(json="[" + "[]," * 4_900_000 + "0]"),
    "small objects": Costly(json="[" + '{"a":1},' * 1_800_000 + "0]"),
    "different names": Costly(json="{" + ",".join(f'"{i}":0' for i in range(1_300_000)) + "}"),
    "the same name": Costly(json="{" + '"a":0,' * 2_500_000 + '"a":0}'),
    "escapes": Costly(json='"' + "\\u00e9" * 2_600_000 + '"'),
    "a number of a million digits": Costly(json="9" * 1_000_000, reason="a number of more digits"),
    "fractions": Costly(json="[" + "1e-307," * 2_000_000 + "NaN]"),
    "nested": Costly(json="[" * 100_000 + "]" * 100_000, reason="too many nested brackets"),
}


def many_cells(length: int) -> bytes:
    """As many cells as are read, with as much text as there may be: ``length`` bytes in all."""
    each = length // 2_000 - 100
    sources = [f"x{i} = {i}  # " + "\\u00e9" * (each // 6) for i in range(1_900)]
    node = reference()
    node["cells"] += [new_cell("") for _ in sources]
    for cell, source in zip(node["cells"][-len(sources) :], sources, strict=True):
        cell["source"] = f"<{source}>"
    return json.dumps(node).replace('"<', '"').replace('>"', '"').replace("\\\\u00e9", "\\u00e9").encode()
