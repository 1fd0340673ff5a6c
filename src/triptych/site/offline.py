"""The built site as one zip, for a class without a network: it opens from the disk, and is searched there."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterable
from pathlib import Path

from triptych.errors import TriptychError

#: The folder that unpacking makes.
FOLDER = "triptych"
#: What only a later build or a host of the site reads.
_LEFT_OUT = {".buildinfo", "objects.inv", "404.html"}


def pack(html: Path, target: Path) -> int:
    """Write the site in the folder ``html`` into the zip ``target``; returns the zip's bytes.

    The same site gives the same zip. Where it cannot be written, ``target`` stays as it was.
    Raises TriptychError where there is no site, and as ``write`` does.
    """
    if not (html / "index.html").is_file():
        raise TriptychError(html, "no site is built there", "run `make book` first")
    files = sorted(path for path in html.rglob("*") if path.is_file() and path.name not in _LEFT_OUT)
    named = ((f"{FOLDER}/{path.relative_to(html).as_posix()}", path.read_bytes()) for path in files)
    return write(target, html, named)


def write(target: Path, html: Path, files: Iterable[tuple[str, bytes]]) -> int:
    """Write ``files``, each its name and its bytes, into the zip ``target``; returns the zip's bytes.

    The same files give the same zip. Where it cannot be written, ``target`` stays as it was.
    Raises TriptychError where there is no room for the zip, and for a name that is no zip's, which
    could be another file's, or that lies in the site ``html``, whose next zip would hold it.
    """
    if target.suffix != ".zip":
        raise TriptychError(target, "no name of a zip", "let it end in .zip")
    if target.resolve().is_relative_to(html.resolve()):
        raise TriptychError(target, "lies in the site itself", "name another folder")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".offline-") as folder:
            made = Path(folder, target.name)
            with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
                for name, data in files:
                    entry = zipfile.ZipInfo(name)  # dated 1980: the same bytes at every hour
                    entry.external_attr, entry.compress_type = 0o644 << 16, zipfile.ZIP_DEFLATED
                    archive.writestr(entry, data)
            made.replace(target)
    except OSError as error:
        raise TriptychError(
            target, f"cannot be written ({error.strerror})", "make room there, or name another"
        ) from error
    return target.stat().st_size
