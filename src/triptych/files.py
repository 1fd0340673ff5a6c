"""Small things that every room does with files."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO


@contextmanager
def replacing(path: Path, newline: str | None = "\n") -> Iterator[TextIO]:
    """A text file to write, which takes the place of ``path`` when the block ends well.

    Until then, and for good where the block fails or the disk is full, the old file
    stays whole and no other is left behind. ``newline`` is that of ``open``.
    """
    with tempfile.NamedTemporaryFile(
        "w",
        encoding="utf-8",
        newline=newline,
        dir=path.parent,
        prefix=f".{path.stem[:40]}-",
        suffix=path.suffix,
        delete=False,
    ) as file:
        temporary = Path(file.name)
        try:
            yield file  # type: ignore[misc]  # a wrapper that is a TextIO but for its type
            file.close()
            temporary.chmod(0o644)
            temporary.replace(path)
        except BaseException:
            file.close()
            temporary.unlink(missing_ok=True)
            raise


def replace(path: Path, text: str) -> None:
    """Write ``text`` to ``path`` in one step: an interruption leaves the old file whole."""
    with replacing(path) as file:
        file.write(text)


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """A folder in which this process and those that it starts make their temporary files; removed at the end.

    So goes, too, what a process that was killed has left behind. The path is short: that of a socket
    may have some hundred characters.
    """
    set_before, found_before = os.environ.get("TMPDIR"), tempfile.tempdir
    folder = tempfile.mkdtemp(prefix="tri-")
    os.environ["TMPDIR"] = tempfile.tempdir = folder
    try:
        yield Path(folder)
    finally:
        tempfile.tempdir = found_before
        if set_before is None:
            del os.environ["TMPDIR"]
        else:
            os.environ["TMPDIR"] = set_before
        shutil.rmtree(folder, ignore_errors=True)


def slug(words: str) -> str:
    """``words`` as small letters, digits and dashes; empty where there are none."""
    return re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")


def digest(data: bytes | str, length: int = 64) -> str:
    """The first ``length`` hexadecimal digits of the data's SHA-256."""
    return hashlib.sha256(data.encode() if isinstance(data, str) else data).hexdigest()[:length]
