"""What must not stand in a stored notebook, and only an author can fix."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat

from triptych.course import Course
from triptych.notebooks import folds, raw
from triptych.notebooks.model import TAGS
from triptych.notebooks.raw import shortened

#: What an output must not show, as it changes from machine to machine.
_UNSTABLE = {
    "a memory address": re.compile(r"\b(?:at |object )0x[0-9a-f]{6,}"),
    "an absolute path": re.compile(r"(?<![\w.:/])/(?:root|home|tmp|work|Users|var|usr|opt|private)/\w"),
}


def complaints(path: Path, course: Course, stored_as: Path | None = None) -> list[str]:
    """What must not stand in a stored notebook and only an author can fix, one line each.

    Looks for unknown tags, cells run out of order, stored stderr, errors that were
    not meant, widget views, memory addresses, absolute paths, numbers and booleans that were
    typed into a checkpoint, and plumbing that is folded wrongly. ``stored_as`` is the notebook's
    place in the course where ``path`` is a copy of it.
    """
    name = course.name(stored_as or path)
    node = raw.load(path, name)
    found = []
    code = [cell for cell in node.cells if cell.cell_type == "code" and cell.source.strip()]
    counts = [cell.execution_count for cell in code]
    if None not in counts and counts != list(range(1, len(code) + 1)):
        found.append(f"{name}: not the outputs of one clean run; run `triptych refresh {name}`")
    for cell in node.cells:
        place = f"{name}: cell {cell.get('id', '?')!r}"
        tags = set(cell.metadata.get("tags", ()))
        for tag in sorted(tags - set(TAGS)):
            found.append(f"{place}: unknown tag {tag!r}; the tags are: {', '.join(TAGS)}")
        for output in cell.get("outputs", ()):
            found += [f"{place}: {what}" for what in _output_complaints(output, tags)]
        if folds.CHECKPOINT in tags:
            found += [
                f"{place}: the value of {key!r} is typed; store what a cell computes, or leave it to prose"
                for key in _typed_keys(cell.source)
            ]
    return [*found, *folds.complaints(node, name)]


def _output_complaints(output: nbformat.NotebookNode, tags: set[str]) -> Iterator[str]:
    if output.output_type == "stream" and output.name == "stderr":
        yield f"stderr is stored ({shortened(output.text)}); prevent it at its source"
    if output.output_type == "error" and "raises-exception" not in tags:
        yield f"an error is stored ({output.ename}); fix it, or tag the cell 'raises-exception'"
    data = output.get("data", {})
    if _not_finite(output):
        yield "NaN or Infinity is stored, which is not JSON: browsers refuse the notebook; show it as text"
    if _unreadable(data.get("text/plain", "")):
        yield "a dict is shown whose values cannot be read back; show plain numbers, as float(...) makes them"
    if any("widget" in mime for mime in data):
        yield "a widget view is stored; show its value instead"
    text = output.get("text", "") + "".join(
        value for mime, value in data.items() if mime.startswith("text/") and isinstance(value, str)
    )
    for what, pattern in _UNSTABLE.items():
        if match := pattern.search(text):
            around = shortened(text[max(0, match.start() - 20) : match.end() + 20])
            yield f"{what} is shown ({around}); print what matters instead"


def _typed_keys(source: str) -> Iterator[str]:
    """The keys of the dict that a checkpoint displays whose values are numbers or booleans, typed.

    A text may be typed: it is a label. What a name stands for is not looked up.
    """
    try:
        body = ast.parse(source).body
    except SyntaxError:
        return
    if body and isinstance(body[-1], ast.Expr):
        for key, value in _entries(body[-1].value):
            if _is_typed(value):
                yield key


def _entries(node: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    """The entries of a displayed dict, those of dicts within it too; of ``a | b``, both sides'."""
    match node:
        case ast.Dict(keys, values):
            for key, value in zip(keys, values, strict=True):
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    yield key.value, value
                yield from _entries(value)
        case ast.BinOp(left, ast.BitOr(), right):
            yield from _entries(left)
            yield from _entries(right)


def _is_typed(node: ast.expr) -> bool:
    """Whether it is a number or a boolean as the author wrote it, arithmetic on such, or a list of them."""
    match node:
        case ast.Constant(value):
            return isinstance(value, bool | int | float)
        case ast.UnaryOp(operand=operand):
            return _is_typed(operand)
        case ast.BinOp(left, _, right):
            return _is_typed(left) and _is_typed(right)
        case ast.List(elements) | ast.Tuple(elements):
            return bool(elements) and all(map(_is_typed, elements))
    return False


def _unreadable(shown: str) -> bool:
    """Whether a dict is shown that is no literal: one with NumPy's scalars, say, which pages cannot quote."""
    if not (shown.startswith("{'") and shown.endswith("}")):
        return False
    try:
        ast.literal_eval(shown)
    except (ValueError, SyntaxError):
        return True
    return False


def _not_finite(value: Any) -> bool:
    """Whether a number somewhere inside is NaN or infinite."""
    if isinstance(value, float):
        return not math.isfinite(value)
    if isinstance(value, dict):
        return any(map(_not_finite, value.values()))
    return isinstance(value, list) and any(map(_not_finite, value))
