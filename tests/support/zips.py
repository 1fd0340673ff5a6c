"""Zips as no platform writes them: damaged, lying, or made to cost whoever reads them."""

from __future__ import annotations

import bz2
import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator

from support.submissions import notebook

STORED, DEFLATED, BZIP2, LZMA = 0, 8, 12, 14


class Entry:
    """One file of a zip, each of its two records as one likes."""

    def __init__(self, name: bytes, data: bytes = b"", **other: int | bytes) -> None:
        """``other``: its ``local`` name, method, packed bytes, flags, size, extra field, offset."""
        packed = other.get("packed", data)
        assert isinstance(packed, bytes)
        self.name, self.packed, self.crc = name, packed, zlib.crc32(data)
        self.local = other.get("local", name)
        self.method, self.flags = other.get("method", STORED), other.get("flags", 0)
        self.size, self.extra = other.get("size", len(data)), other.get("extra", b"")
        self.offset = other.get("offset", -1)

    def local_record(self) -> bytes:
        head = (0x04034B50, 20, self.flags, self.method, 0, 33, self.crc, len(self.packed), self.size)
        return struct.pack("<IHHHHHIIIHH", *head, len(self.local), 0) + self.local + self.packed

    def central_record(self, offset: int) -> bytes:
        head = (0x02014B50, 20, 20, self.flags, self.method, 0, 33, self.crc, len(self.packed), self.size)
        offset = offset if self.offset < 0 else self.offset
        tail = (len(self.name), len(self.extra), 0, 0, 0, 0, offset)
        return struct.pack("<IHHHHHHIIIHHHHHII", *head, *tail) + self.name + self.extra


def packed(*entries: Entry, end: Callable[[int, int, int], bytes] | None = None) -> bytes:
    """A zip of these entries; ``end`` makes its last record of (entries, bytes, offset) of the table."""
    body, table = b"", b""
    for entry in entries:
        table += entry.central_record(len(body))
        body += entry.local_record() if entry.offset < 0 else b""
    last = end or (lambda count, size, offset: _end(count, size, offset))
    return body + table + last(len(entries), len(table), len(body))


def _end(count: int, size: int, offset: int) -> bytes:
    return struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, count, count, size, offset, 0)


def _zip64(count: int, size: int, offset: int, record: int | None = None) -> bytes:
    """The records of a large zip; ``record``: where the last one says that the first of them is."""
    first = struct.pack("<IQHHIIQQQQ", 0x06064B50, 44, 45, 45, 0, 0, count, count, size, offset)
    place = offset + size if record is None else record
    locator = struct.pack("<IIQI", 0x07064B50, 0, place, 1)
    return first + locator + struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, *[0xFFFF] * 2, *[0xFFFFFFFF] * 2, 0)


_SPACES = b" " * (64 << 20)

ANN = Entry(b"ann.ipynb", notebook())


def _lzma(data: bytes, dictionary: int = 1 << 20) -> bytes:
    """``data`` as a zip's own kind of LZMA, whose head claims a dictionary of so many bytes."""
    filters = [{"id": lzma.FILTER_LZMA1, "dict_size": 1 << 20}]
    made = lzma.compress(data, lzma.FORMAT_RAW, filters=filters)
    return b"\x09\x04" + struct.pack("<H", 5) + b"\x5d" + struct.pack("<I", dictionary) + made


#: The archive is read, and the second of its two files is a row with this in its reason.
OF_A_FILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "damaged LZMA": (
        lambda: packed(ANN, Entry(b"bad.ipynb", notebook(), method=LZMA, packed=_lzma(b"")[:9] + b"\xff")),
        "damaged inside the zip",
    ),
    "LZMA without a head": (
        lambda: packed(ANN, Entry(b"bad.ipynb", notebook(), method=LZMA, packed=b"\x09")),
        "damaged inside the zip",
    ),
    "a bomb in LZMA": (
        lambda: packed(ANN, Entry(b"bad.ipynb", method=LZMA, size=900_000, packed=_lzma(_SPACES))),
        "unpack",
    ),
    "LZMA with a dictionary of 4 GB": (
        lambda: packed(ANN, Entry(b"bad.ipynb", b" ", method=LZMA, packed=_lzma(b" " * 99_999, 0xFFFFFFFF))),
        "unpack",
    ),
    "a bomb in bzip2": (
        lambda: packed(ANN, Entry(b"bad.ipynb", method=BZIP2, size=900_000, packed=bz2.compress(_SPACES))),
        "unpack",
    ),
    "damaged bzip2": (
        lambda: packed(ANN, Entry(b"bad.ipynb", notebook(), method=BZIP2, packed=b"BZh9" + b"\0" * 90)),
        "damaged inside the zip",
    ),
    "a local name that is no UTF-8": (
        lambda: packed(ANN, Entry(b"bad.ipynb", notebook(), flags=0x800, local=b"b\xff\xfe.ipynb")),
        "damaged inside the zip",
    ),
    "another local name": (
        lambda: packed(ANN, Entry(b"bad.ipynb", notebook(), local=b"ann.ipynb")),
        "damaged inside the zip",
    ),
    "a method that nobody knows": (
        lambda: packed(ANN, Entry(b"bad.ipynb", notebook(), method=99)),
        "damaged inside the zip",
    ),
    "a place beyond the end": (
        lambda: packed(ANN, Entry(b"bad.ipynb", notebook(), offset=0x7FFFFFFF)),
        "damaged inside the zip",
    ),
    "a name of spaces": (
        lambda: packed(ANN, Entry(b"bad" + b" " * 60_000 + b").ipynb", notebook())),
        "its name in the zip has 60,010 characters",
    ),
    "a name of underscores and digits": (
        lambda: packed(ANN, Entry(b"bad" + b"-1" * 30_000 + b".ipynb", notebook())),
        "its name in the zip has 60,009 characters",
    ),
    "more bytes than it says": (
        lambda: packed(ANN, Entry(b"bad.ipynb", notebook(), size=9)),
        "damaged inside the zip",
    ),
}

#: The archive cannot be read: one line that says so.
OF_THE_ZIP: dict[str, bytes] = {
    "a zip64 record beyond all files": packed(ANN, end=lambda *a: _zip64(*a, record=2**63)),
    "a zip64 record nowhere": packed(ANN, end=lambda *a: _zip64(*a, record=5)),
    "a table of terabytes": packed(ANN, end=lambda c, s, o: _zip64(c, 2**60, o)),
    "a negative table": packed(ANN, end=lambda c, s, o: _zip64(c, s, 2**63 + 5)),
    "a broken extra field": packed(ANN, Entry(b"b.ipynb", extra=b"\x01\x00\xff\xff\x00")),
    "a name that is no UTF-8": packed(ANN, Entry(b"\xff\xfe.ipynb", flags=0x800)),
    "half a record": packed(ANN)[:-9],
    "a zip64 locator alone": b"PK\x06\x07" + b"\0" * 16 + _end(0xFFFF, 0xFFFFFFFF, 0),
    "nothing but an end": b"PK\x05\x06" + b"\xff" * 18,
}


def overlapping(count: int) -> bytes:
    """``count`` entries of one and the same 9 MB: a bomb without much compression of its own."""
    data = b" " * (9 << 20)
    content = zlib.compress(data)[2:-4]
    whole = Entry(b"s00000.ipynb", data, method=DEFLATED, packed=content)
    entries = [
        Entry(b"s%05d.ipynb" % i, data, method=DEFLATED, packed=content, offset=0) for i in range(1, count)
    ]
    return packed(whole, *entries)


def many(count: int, length: int) -> bytes:
    """A zip of ``count`` empty files with names of ``length`` characters."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in _names(count, length):
            archive.writestr(name, b"")
    return file.getvalue()


def _names(count: int, length: int) -> Iterator[str]:
    return (f"{i:06}/{'x' * (length - 15)}.ipynb" for i in range(count))
