"""Broken and hostile files become a reason and disturb nobody."""

from __future__ import annotations

import os
import stat
import struct
import tracemalloc
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from support.submissions import by_student, notebook
from triptych.errors import TriptychError
from triptych.grading.submissions import BOUNDS, find
from triptych.grading.submissions.archives import open_archive
from triptych.notebooks.untrusted import Unreadable

BROKEN = {
    "nothing": (b" \n", "an empty file"),
    "text": (b"hello", "not JSON (line 1)"),
    "cut short": (notebook()[:-20], "not JSON"),
    "a web page": (b"<!DOCTYPE html><html>", "a web page, not a notebook"),
    "other JSON": (b'{"a": 1}', "JSON, but not a notebook"),
    "a list": (b"[1]", "JSON, but not a notebook"),
    "an old format": (notebook(nbformat=3), "a notebook of format '3'"),
    "R": (notebook(metadata={"kernelspec": {"language": "R"}}), "a notebook in R, not in Python"),
    "Julia": (notebook(metadata={"language_info": {"name": "julia"}}), "a notebook in julia"),
    "no code": (notebook(source="  "), "without a single cell of code"),
    "odd cells": (notebook(cells=[3]), "cell 1 is not a cell"),
    "odd source": (notebook(cells=[{"cell_type": "code", "source": 5}]), "cell 1 has no text"),
    "too many cells": (notebook(cells=[{"cell_type": "code", "source": "x"}] * 2001), "2,001 cells"),
    "binary": (b"\x00\xff\xfe\x80" * 10, "not text in UTF-8"),
    "a zip by another name": (b"PK\x03\x04rest", "a zip named like a notebook"),
    "brackets": (b"[" * 200_000, "too many nested brackets"),
    "latin-1": ('{"é": 1}'.encode("latin-1"), "not text in UTF-8"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_notebook_has_a_reason_and_disturbs_nobody(kind: str, put, tmp_path: Path) -> None:
    data, reason = BROKEN[kind]
    put("ann.ipynb")
    put("bad.ipynb", data)
    rows = by_student(find(tmp_path / "class"))
    assert rows["ann"] == ""
    assert reason in rows["bad"]


def test_a_notebook_of_200_mb_is_refused_before_it_is_read(put, tmp_path: Path) -> None:
    with put("big.ipynb").open("r+b") as file:
        file.truncate(200 << 20)
    put("ann.ipynb")
    found = {s.student: s for s in find(tmp_path / "class")}
    tracemalloc.start()
    with pytest.raises(Unreadable, match="the notebook has 200 MB, more than the 16 MB that are read"):
        found["big"].read()
    assert tracemalloc.get_traced_memory()[1] < 1 << 20
    tracemalloc.stop()
    assert by_student(find(tmp_path / "class"))["ann"] == ""


def test_links_pipes_and_archives_are_not_followed(put, tmp_path: Path) -> None:
    secret = tmp_path / "secret.ipynb"
    secret.write_bytes(notebook("the_solution = 1"))
    put("ann.ipynb")
    (tmp_path / "class/link.ipynb").symlink_to(secret)
    (tmp_path / "class/folder").symlink_to(tmp_path)
    (tmp_path / "class/ben").mkdir()
    (tmp_path / "class/ben/jax.ipynb").symlink_to(secret)
    os.mkfifo(tmp_path / "class/pipe.ipynb")
    put("packed.zip", b"PK")
    put("cleo/work.tar.gz", b"x")
    (tmp_path / "class/empty").mkdir()
    put("dora/essay.pdf", b"x")
    rows = by_student(find(tmp_path / "class"))
    assert rows.pop("ann") == ""
    assert all("symbolic link" in rows[name] for name in ("link", "folder", "ben"))
    assert rows["pipe"] == "not an ordinary file"
    assert "an archive (packed.zip), not a notebook" in rows["packed"]
    assert "an archive (work.tar.gz)" in rows["cleo"]
    assert rows["empty"] == "an empty folder, no notebook"
    assert rows["dora"] == "no notebook, only essay.pdf"


def test_a_file_swapped_for_a_link_after_the_look_is_not_followed(put, tmp_path: Path) -> None:
    path = put("ann.ipynb")
    (found,) = find(tmp_path / "class")
    path.unlink()
    path.symlink_to("/etc/hostname")
    with pytest.raises(Unreadable, match="cannot be opened"):
        found.read()


@pytest.mark.parametrize(
    "name",
    ["../../evil.ipynb", "/etc/evil.ipynb", "..\\..\\evil.ipynb", "C:\\evil.ipynb", "a/../../evil.ipynb"],
)
def test_a_name_that_leads_outside_is_a_row_and_writes_nothing(name: str, pack, tmp_path: Path) -> None:
    path = pack({"hw/ann.ipynb": notebook(), "hw/ben.ipynb": notebook(), name: notebook()})
    before = sorted(tmp_path.rglob("*"))
    found = find(path)
    rows = by_student(found)
    assert rows.pop("ann") == rows.pop("ben") == ""
    assert all("leads outside" in problem for problem in rows.values()) and len(rows) == 1
    assert sorted(tmp_path.rglob("*")) == before


def test_links_secrets_and_damage_inside_a_zip_are_rows(tmp_path: Path) -> None:
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("ann.ipynb", notebook())
        link = zipfile.ZipInfo("link.ipynb")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("locked.ipynb", notebook())
        archive.writestr("torn.ipynb", notebook("a quite unlikely text"))
        archive.writestr("nested.zip", b"PK")
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("ann.ipynb", notebook("y = 2"))
    data = bytearray(path.read_bytes())
    at = data.index(b"a quite unlikely")
    data[at] ^= 0xFF
    entry = data.index(b"PK\x01\x02", data.rindex(b"link.ipynb"))
    data[entry + 8] |= 1  # says that it is encrypted
    path.write_bytes(data)
    found = find(path)
    rows = {f"{s.source}{' (2)' if s.problem.startswith('a second') else ''}": s for s in found}
    assert not rows["ann.ipynb"].problem
    assert "of the same name" in rows["ann.ipynb (2)"].problem
    assert "symbolic link" in rows["link.ipynb"].problem
    assert "encrypted" in rows["locked.ipynb"].problem
    assert "not a notebook; unpack it" in rows["nested.zip"].problem
    with pytest.raises(Unreadable, match="damaged inside the zip"):
        rows["torn.ipynb"].read()


def test_a_bomb_in_a_zip_is_a_row(pack) -> None:
    path = pack({"ann.ipynb": notebook(), "bomb.ipynb": b" " * (12 << 20), "huge.ipynb": b" " * (40 << 20)})
    rows = by_student(find(path))
    assert rows["ann"] == ""
    assert rows["bomb"] == "an empty file"
    assert "40 MB, more than the 16 MB" in rows["huge"]


def test_an_archive_that_lies_about_a_size_is_not_believed(pack) -> None:
    path = pack({"ann.ipynb": b" " * (40 << 20)})
    data = bytearray(path.read_bytes())
    entry = data.rindex(b"PK\x01\x02")
    data[entry + 24 : entry + 28] = struct.pack("<I", 1000)
    path.write_bytes(data)
    (found,) = find(path)
    with pytest.raises(Unreadable):
        found.read()


def test_an_archive_of_a_million_files_or_of_terabytes_is_refused_unread(pack, tmp_path: Path) -> None:
    path = pack({f"s{i}.ipynb": b"x" for i in range(20)})
    with pytest.raises(TriptychError, match=r"a zip of 20 files; at most 10 are read"):
        find(path, bounds=replace(BOUNDS, listed=10))
    with pytest.raises(TriptychError, match=r"more than 10 files; name the folder that holds only"):
        find(path, bounds=replace(BOUNDS, entries=10))
    with pytest.raises(TriptychError, match="unpacks to more than 0 GB"):
        find(path, bounds=replace(BOUNDS, unpacked=10))
    with pytest.raises(TriptychError, match="at most"):
        open_archive(path, replace(BOUNDS, directory=100))
    end = path.read_bytes()
    broken = tmp_path / "broken.zip"
    broken.write_bytes(end[:-30])
    with pytest.raises(TriptychError, match="not a zip that can be read"):
        find(broken)


def test_a_folder_without_end_is_refused_or_bounded(put, tmp_path: Path) -> None:
    put("ann/" + "a/" * 12 + "x.ipynb")
    assert "more than 8 deep" in by_student(find(tmp_path / "class"))["ann"]
    for number in range(5):
        put(f"s{number}.ipynb")
    with pytest.raises(TriptychError, match="more than 4 files"):
        find(tmp_path / "class", bounds=replace(BOUNDS, entries=4))
