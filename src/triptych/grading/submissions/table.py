"""A table that a person exported: its rows, or a line that says what is wrong with it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from triptych.errors import TriptychError

#: The largest list that is read, bytes, and the longest field, characters.
_LARGEST, _FIELD = 16 << 20, 10_000

_AS_CSV = "save it as CSV UTF-8 (in Excel and LibreOffice: Save As)"

#: How files begin that are no CSV, whatever they are called.
_OTHERS = {
    b"PK\x03\x04": "a workbook (.xlsx, .ods, .numbers), not a CSV",
    b"PK\x05\x06": "an empty zip, not a CSV",
    b"\xd0\xcf\x11\xe0": "a workbook of an old Excel (.xls), not a CSV",
    b"%PDF": "a PDF, not a CSV",
    b"\x1f\x8b": "a compressed file, not a CSV",
    b"{\\rtf": "a text document (RTF), not a CSV",
}


@dataclass(frozen=True)
class Row:
    """A line of the table, by heading; ``line`` is where it ends in the file, from 1."""

    line: int
    values: dict[str, str]


def read(path: Path) -> tuple[list[str], list[Row]]:
    """The headings (in small letters, single spaces) and the rows, separated by commas, semicolons or tabs.

    Raises TriptychError with the line where this is no such table, or not text in UTF-8 or UTF-16.
    """
    text = _text(path)
    lines = text.split("\n")
    hint = re.match(r"(?i)sep=(.)$", lines[0])  # as Excel is told which
    skipped = 1 if hint else 0
    first = next((line for line in lines[skipped:] if line.strip()), "")
    delimiter = hint[1] if hint else max(",;\t", key=first.count)
    rows = list(_rows(path, "\n".join(lines[skipped:]), delimiter, skipped))
    if not rows:
        raise TriptychError(path, "an empty list", "give it a first line such as: id,name")
    line, headings = rows[0]
    headings = [_heading(h) for h in headings]
    for number, heading in enumerate(headings):
        if heading and heading in headings[:number]:
            raise TriptychError(
                f"{path}:{line}", f"two columns are called {heading!r}", "rename one, or leave it out"
            )
    return headings, [Row(line, _values(path, line, headings, fields)) for line, fields in rows[1:]]


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST + 1)
    except OSError as error:
        raise TriptychError(path, f"cannot be read ({error.strerror})", "check the name") from None
    if len(data) > _LARGEST:
        raise TriptychError(path, f"more than {_LARGEST >> 20} MB", "name the class list, a CSV")
    for beginning, what in _OTHERS.items():
        if data.startswith(beginning):
            raise TriptychError(path, what, _AS_CSV)
    if data.lstrip()[:15].lower().startswith((b"<!doctype", b"<html", b"<?xml")):
        raise TriptychError(path, "a web page, not a CSV", "download the list again, as CSV")
    return re.sub("\r\n?", "\n", _decoded(path, data))


def _decoded(path: Path, data: bytes) -> str:
    """The text. An encoding that the bytes do not prove is not guessed at: it would misspell names."""
    zeros = data[:1000].count(0)
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encoding = "utf-16"
    elif zeros > len(data[:1000]) / 4:  # without a mark at the beginning
        encoding = "utf-16-be" if data[:1] == b"\0" else "utf-16-le"
    else:
        encoding = "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        what = "UTF-8" if encoding == "utf-8-sig" else "UTF-16"
        raise TriptychError(
            f"{path}:{line}", f"not in {what}, so that its names could be misread", _AS_CSV
        ) from None
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise TriptychError(f"{path}:{line}", "a character that no text has (NUL)", _AS_CSV)
    return text


def _rows(path: Path, text: str, delimiter: str, skipped: int) -> list[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[tuple[int, list[str]]] = []
    begin = 1 + skipped
    try:
        for fields in reader:
            if any(field.strip() for field in fields):
                rows.append((begin, fields))
            begin = reader.line_num + 1 + skipped
    except csv.Error as error:
        why = "a quote is opened and not closed" if "unexpected end" in str(error) else str(error)
        if "field larger" in str(error):
            why = "a field of more than 100,000 characters; perhaps a quote is not closed"
        raise TriptychError(
            f"{path}:{begin}", why, 'write a quote inside a quoted field twice: "Ann ""Annie"" Lee"'
        ) from None
    return rows


def _values(path: Path, line: int, headings: Sequence[str], fields: Sequence[str]) -> dict[str, str]:
    if any(field.strip() for field in fields[len(headings) :]):
        raise TriptychError(
            f"{path}:{line}",
            f"{len(fields)} fields under {len(headings)} headings",
            'quote a field that holds the separator: "Lee, Ann"',
        )
    values = {h: v.strip() for h, v in zip(headings, fields, strict=False) if h and v.strip()}
    for heading, value in values.items():
        if len(value) > _FIELD:
            values[heading] = value[:_FIELD]
    return values


def _heading(text: str) -> str:
    return " ".join(text.replace("_", " ").replace("\u00a0", " ").split()).casefold()
