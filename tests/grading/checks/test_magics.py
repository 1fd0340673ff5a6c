"""What IPython makes of a cell is found line by line, at a cost that grows with the cell."""

from __future__ import annotations

import ast
import time

import pytest
from IPython.core.inputtransformer2 import TransformerManager

from triptych.grading.checks import magics
from triptych.grading.checks.sources import parsed


@pytest.mark.parametrize(
    "cell",
    [
        "t = %timeit -n1 -o f()\ndef f(): pass\n",
        "torch.compile?\ndef g(): pass\n",
        "?np.pad\nx = 1\n",
        "version = !python --version\n",
        "def h():\n    !ls\n    x = %timeit f\n    f??\n    return x\n",
        "t = %timeit -n1 \\\n    -o f()\nx = 1\n",
        ">>> def f():\n...     return 1\n",
        "In [3]: def f():\n   ...:     return 1\n",
        "    %pwd\n    y = 2\n",
        "\n\n%matplotlib inline\n!ls *.py | wc\n",
    ],
)
def test_a_cell_becomes_what_ipython_makes_of_it(cell: str) -> None:
    assert ast.dump(ast.parse(magics.python(cell))) == ast.dump(
        ast.parse(TransformerManager().transform_cell(cell))
    )


@pytest.mark.parametrize(
    ("cell", "python"),
    [
        ("%%time\n\ndef f():\n    %pwd", "def f():\n    get_ipython().run_line_magic('pwd', '')\n"),
        ("%%time\n%%capture out\nx = 1", "x = 1"),
        ("%%writefile mine.py\ndef f(): pass", "def f(): pass"),
        ("%%writefile notes.txt\ndef f(): pass", ""),
        ("%%bash\nls", ""),
        ("%%html\n<p>", ""),
    ],
)
def test_a_cell_magic_is_followed_where_its_cell_is_python(cell: str, python: str) -> None:
    assert magics.python(cell).strip() == python.strip()


def test_a_line_that_no_magic_is_stays_as_it_is() -> None:
    text = 'def f(a, b):\n    """What is 100 % of it?"""\n    return a % b, a != b\n!ls'
    assert magics.python(text).startswith(text[:-4])
    assert parsed(text) is not None


@pytest.mark.parametrize(
    "line",
    [
        "%x\n",
        "f?\n",
        "a = !ls\n",
        "%x \\\n",
        "!" * 1_500 + "\n",
        "x" + " ?" * 400 + "\n",
        "%%time\n",
        "\n",
        ">>> x\n",
    ],
    ids=lambda line: line[:6],
)
def test_the_cost_grows_with_the_number_of_lines(line: str) -> None:
    def spent(size: int) -> float:
        text = line * (size // len(line)) + "("
        started = time.process_time()
        parsed(text)
        return time.process_time() - started

    spent(2_000)  # imports
    assert spent(160_000) < 16 * 4 * max(spent(10_000), 0.01)
