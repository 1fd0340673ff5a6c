"""Folders and zips of submissions."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from support.submissions import notebook


@pytest.fixture
def put(tmp_path: Path):
    """``put("ann.ipynb", data)`` hands a file in, in the folder ``class``."""

    def put(name: str, data: bytes = b"") -> Path:
        path = tmp_path / "class" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data or notebook())
        return path

    return put


@pytest.fixture
def pack(tmp_path: Path):
    """``pack({name: data})`` makes a zip of them."""

    def pack(files: dict[str, bytes], **info: object) -> Path:
        path = tmp_path / "export.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in files.items():
                archive.writestr(name, data)
        return path

    return pack
