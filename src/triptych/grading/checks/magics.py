"""A cell's text as Python: what IPython makes of magics, shell lines, questions and pasted prompts.

IPython's own transformation of a whole cell starts anew after each line that it changes,
which is quadratic in their number. Here each such line is given to it by itself; that is
right for all but a line within a longer text in quotes, where it does not change what a
cell defines.
"""

from __future__ import annotations

import re
import warnings
from itertools import dropwhile

#: A line that IPython may mean: `%magic`, `!shell`, `?help`, `help?`, `name = %magic`, `name = !shell`.
_MAGIC = re.compile(r"\s*[%!?]|[^#'\"=]*=\s*[%!]|.*\?\s*$")

#: Cell magics that run their cell as Python in the notebook's own names.
_RUNNING = {"%%capture", "%%prun", "%%time"}

#: Cell magics that write their cell into a file, which may be a module.
_WRITING = {"%%file", "%%writefile"}

#: Lines of one cell that are given to IPython, and the characters of one; others are passed over.
_MOST, _LONGEST = 100, 1_000


def python(source: str) -> str:
    """The Python that a cell runs, or that it writes into a module; empty where it is another language.

    Where IPython changes a line, the text has another line in its place. What is Python
    already is not for this: see ``sources.parsed``.
    """
    lines, start = _cleaned(source), 0
    while start < len(lines) and (lines[start].startswith("%%") or not lines[start].strip()):
        name, _, rest = lines[start].strip().partition(" ")
        start += 1
        if name in _WRITING:
            return "".join(lines[start:]) if rest.strip().endswith(".py") else ""
        if name and name not in _RUNNING:
            return ""
    return "".join(_lines(lines[start:]))


def _cleaned(source: str) -> list[str]:
    """The lines without empty ones in front, a common indent, and prompts that were pasted with the code."""
    from IPython.core import inputtransformer2 as ipython

    lines = source.splitlines(keepends=True)
    lines = list(dropwhile(lambda line: not line.strip(), lines))
    for clean in (ipython.leading_indent, ipython.classic_prompt, ipython.ipython_prompt):
        lines = clean(lines)
    return lines


def _lines(lines: list[str]) -> list[str]:
    """The lines, each magic one as IPython writes it; a line that goes on (``\\``) in one piece."""
    found: list[str] = []
    number = changed = 0
    while number < len(lines):
        end = number + 1
        if _MAGIC.match(lines[number][:_LONGEST]):
            while end < len(lines) and lines[end - 1].endswith("\\\n"):
                end += 1
            changed += 1
            given = "".join(lines[number:end])
            found.append(_transformed(given) if changed <= _MOST and len(given) <= _LONGEST else "\n")
        else:
            found.append(lines[number])
        number = end
    return found


def _transformed(line: str) -> str:
    from IPython.core.inputtransformer2 import TransformerManager

    text = line.lstrip()
    indent = line[: len(line) - len(text)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            made = TransformerManager().transform_cell(text)
        except (SyntaxError, RuntimeError):
            return line
    return indent + made
