"""A platform's own CSV, in which single cells are replaced and every other byte stays."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from triptych.errors import TriptychError


@dataclass(frozen=True)
class Line:
    """A record of the table: where it begins in the file (from 1), and where its cells are in the text."""

    number: int
    cells: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Worksheet:
    """A CSV as text with its cells' places. ``delimiter`` is what it is divided by."""

    path: Path
    text: str
    encoding: str
    headings: tuple[str, ...]
    lines: tuple[Line, ...]

    @classmethod
    def read(cls, path: Path) -> Worksheet:
        """The table at ``path``, in UTF-8 or in UTF-16 with its mark. Raises TriptychError."""
        try:
            data = path.read_bytes()
        except OSError as error:
            raise TriptychError(path, f"cannot be read ({error.strerror})", "check the name") from None
        # The mark at the beginning stays in the text, and so comes out as it went in.
        encoding = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}.get(data[:2], "utf-8")
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            raise TriptychError(path, f"not in {encoding.upper()}", "export it again") from None
        lines = tuple(line for line in _lines(text) if any(text[a:b].strip() for a, b in line.cells))
        headings = tuple(_value(text[a:b]) for a, b in lines[0].cells) if lines else ()
        return cls(path, text, encoding, headings, lines[1:])

    def column(self, heading: str) -> int | None:
        """The index of the column of that heading, whatever its case; None where there is none."""
        wanted = heading.casefold()
        return next((i for i, h in enumerate(self.headings) if h.casefold() == wanted), None)

    def value(self, line: Line, column: int | None) -> str:
        """What a cell holds, without its quotes; empty where the line has no such cell."""
        if column is None or column >= len(line.cells):
            return ""
        start, end = line.cells[column]
        return _value(self.text[start:end])

    def replaced(self, values: Mapping[tuple[Line, int], str]) -> bytes:
        """The file's bytes with the cells (line, column) replaced. Raises TriptychError for a short line."""
        edits: list[tuple[int, int, str]] = []
        for (line, column), value in values.items():
            if column >= len(line.cells):
                place, name = f"{self.path}:{line.number}", self.headings[column]
                raise TriptychError(place, f"the line ends before the column {name!r}", "export it again")
            edits.append((*line.cells[column], _written(value)))
        parts: list[str] = []
        done = 0
        for start, end, value in sorted(edits):
            parts += [self.text[done:start], value]
            done = end
        return "".join([*parts, self.text[done:]]).encode(self.encoding)


def _lines(text: str) -> Iterator[Line]:
    """The records, as Python's csv module and the class list's reader divide them."""
    position = 1 if text.startswith("\ufeff") else 0
    number = 1
    if hint := re.compile(r"(?i)sep=(.)(?:\r\n?|\n)").match(text, position):
        position, number = hint.end(), 2
        delimiter = hint[1]
    else:
        first = next((line for line in re.split(r"[\r\n]+", text[position:], maxsplit=1) if line.strip()), "")
        delimiter = max(",;\t", key=first.count)
    cell = re.compile(rf'(?:"(?:[^"]|"")*+")?[^{re.escape(delimiter)}\r\n]*')
    ending = re.compile(r"\r\n?|\n")
    while position < len(text):
        begin, cells = position, []
        while True:
            end = cell.match(text, position).end()  # type: ignore[union-attr]  # it matches nothing as well
            cells.append((position, end))
            position = end
            if not text.startswith(delimiter, position):
                break
            position += 1
        yield Line(number, tuple(cells))
        if after := ending.match(text, position):
            position = after.end()
        number += len(ending.findall(text, begin, position))


def _value(cell: str) -> str:
    cell = cell.strip()
    return cell[1:-1].replace('""', '"').strip() if len(cell) > 1 and cell[0] == cell[-1] == '"' else cell


def _written(value: str) -> str:
    """A number as it stands, a text in quotes."""
    return value if re.fullmatch(r"[0-9.]*", value) else '"' + value.replace('"', '""') + '"'
