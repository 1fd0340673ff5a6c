"""Plumbing: cells that the lesson can do without, folded on the site, in JupyterLab and on Colab.

An author tags a cell ``plumbing`` and begins it with a comment that says what it does::

    # Starts a server, and ends it with the notebook

All else is generated when the notebook is normalised: MyST-NB's ``hide-input`` and prompts for
the site, ``source_hidden`` for JupyterLab, and for Colab its form view, whose title is the first
line's ``# @title``. Colab gives no form to a cell that begins with a cell magic; there the
comment is the second line, as the magic must come first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import nbformat
from nbformat import NotebookNode

from triptych.notebooks import raw

CHECKPOINT = "checkpoint"
PLUMBING = "plumbing"
#: MyST-NB's tag, which only the normaliser writes.
HIDE_INPUT = "hide-input"
#: The cell metadata that collapses plumbing in JupyterLab and on Colab, and no other cell.
COLLAPSED = ("jupyter", "cellView")
#: What an author may set for MyST-NB; the rest of it could hide what the course says is visible.
KEPT_MYSTNB = ("figure", "image")

#: A visible cell has at most so many lines, and nine in ten of them have at most SHORT.
LONGEST, SHORT = 25, 15

_TITLE = re.compile(r"#+(?!#)\s*(?:@title\b\s*)?(?!@title\b)(\S.*)")
_CODE_SPAN = re.compile(r"(?<!`)(`{1,2})(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
_FENCED = re.compile(r"^(`{3,}|~{3,}).*?^\1", re.MULTILINE | re.DOTALL)
_COMMENT = re.compile(r"(?:^|(?<=\s))#.*")
#: A name with dots, or a name that is called.
_CALL = re.compile(r"[A-Za-z_]\w*(?:\.\w+)+|[A-Za-z_]\w*(?=\()")
_FILE = re.compile(r".*\.(py|json|onnx|pte|pt2?|npz|tflite|ya?ml)")


@dataclass(frozen=True)
class Fold:
    """A plumbing cell's title, and the number of the line that holds it."""

    title: str
    line: int


def fold(cell: NotebookNode) -> Fold | None:
    """The fold of a plumbing cell: None where its title is missing."""
    lines = cell.source.split("\n")
    at = 1 if lines[0].startswith("%%") else 0
    match = _TITLE.fullmatch(lines[at].strip()) if at < len(lines) else None
    return Fold(match[1], at) if match else None


def is_plumbing(cell: NotebookNode) -> bool:
    """Whether the cell is tagged as plumbing."""
    return PLUMBING in cell.metadata.get("tags", ())


def first_code(section: NotebookNode, count: int) -> NotebookNode:
    """The section cut down to the first ``count`` of its visible code cells, without prose."""
    code = [cell for cell in section.cells if cell.cell_type == "code" and not is_plumbing(cell)]
    section.cells = code[:count]
    return section


def put_fold(cell: NotebookNode) -> None:
    """Write the three renderings of a plumbing cell, and remove them from any other."""
    tags = [tag for tag in cell.metadata.get("tags", ()) if tag != HIDE_INPUT]
    there = cell.metadata.get("mystnb")
    mystnb = {key: there[key] for key in KEPT_MYSTNB if key in there} if isinstance(there, dict) else {}
    for key in COLLAPSED:
        cell.metadata.pop(key, None)
    folded = cell.cell_type == "code" and PLUMBING in tags and CHECKPOINT not in tags
    made = fold(cell) if folded else None
    if made:
        tags.append(HIDE_INPUT)
        mystnb |= {"code_prompt_show": made.title, "code_prompt_hide": made.title}
        cell.metadata["jupyter"] = {"source_hidden": True}
        if made.line == 0:
            cell.metadata["cellView"] = "form"
        lines = cell.source.split("\n")
        lines[made.line] = f"# @title {made.title}" if made.line == 0 else f"# {made.title}"
        cell.source = "\n".join(lines)
    cell.metadata |= nbformat.from_dict({"tags": tags, "mystnb": mystnb})


def complaints(node: NotebookNode, name: str) -> Iterator[str]:
    """What is wrong with the folds of a notebook, one line each.

    A fold needs a title, and no checkpoint is folded. A call that a section's prose names in
    `code` is not only in its folds.
    """
    for cell in filter(is_plumbing, node.cells):
        place = f"{name}: cell {cell.get('id', '?')!r}"
        if cell.cell_type != "code":
            yield f"{place}: text is tagged {PLUMBING!r}; only code is folded"
        elif CHECKPOINT in cell.metadata.tags:
            yield f"{place}: a checkpoint is tagged {PLUMBING!r}; readers must see it: take the tag away"
        elif not fold(cell):
            yield (
                f"{place}: plumbing without a title; begin the cell (after a cell magic)"
                " with a comment that says what it does"
            )
    starts = [i for i, cell in enumerate(node.cells) if raw.heading(cell)]
    for start, end in pairwise([*starts, len(node.cells)]):
        section = node.cells[start:end]
        code = [cell for cell in section if cell.cell_type == "code"]
        folded = "\n".join(cell.source for cell in code if is_plumbing(cell))
        visible = "\n".join(_COMMENT.sub("", cell.source) for cell in code if not is_plumbing(cell))
        prose = "\n".join(cell.source for cell in section if cell.cell_type == "markdown")
        spans = " ".join(span for _, span in _CODE_SPAN.findall(_FENCED.sub("", prose)))
        for call in dict.fromkeys(_CALL.findall(spans)):
            whole = re.compile(rf"(?<!\w){re.escape(call)}(?!\w)")
            if whole.search(folded) and not whole.search(visible) and not _FILE.fullmatch(call):
                place = f"{name}: section {raw.heading(node.cells[start])!r}"
                yield f"{place}: {call!r} is what the prose is about, and stands only in a fold; show it"


def visible_lengths(node: NotebookNode) -> list[int]:
    """The number of lines of each code cell that is not folded."""
    code = (cell for cell in node.cells if cell.cell_type == "code" and not is_plumbing(cell))
    return [len(cell.source.splitlines()) for cell in code]


def length_complaints(node: NotebookNode, name: str) -> Iterator[str]:
    """Visible cells that are too long to be read as one thing: see LONGEST and SHORT."""
    for cell in node.cells:
        lines = len(cell.source.splitlines())
        if cell.cell_type == "code" and not is_plumbing(cell) and lines > LONGEST:
            yield (
                f"{name}: cell {cell.get('id', '?')!r} has {lines} lines, more than {LONGEST}:"
                f" split it, or tag what the lesson can do without {PLUMBING!r}"
            )
    lengths = visible_lengths(node)
    long = sum(length > SHORT for length in lengths)
    if long * 10 > len(lengths):
        yield (
            f"{name}: {long} of {len(lengths)} visible code cells have more than {SHORT} lines;"
            " one in ten may: split them, or fold what the lesson can do without"
        )
