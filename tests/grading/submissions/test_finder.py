"""What is handed in is found, in a folder and in a zip."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path

import pytest

from support.submissions import by_student, notebook, roster
from triptych.errors import TriptychError
from triptych.grading.submissions import find


def test_one_notebook_is_a_submission_of_its_name(put) -> None:
    assert by_student(find(put("ann.ipynb"))) == {"ann": ""}


def test_a_folder_has_a_notebook_or_a_folder_for_each_student(put, tmp_path: Path) -> None:
    put("ann.ipynb")
    put("ben_jax.ipynb")
    put("cleo/graphs/jax.ipynb")
    put("cleo/.ipynb_checkpoints/jax-checkpoint.ipynb", b"old")
    put("notes.txt", b"not a submission")
    found = find(tmp_path / "class")
    assert by_student(found) == {"ann": "", "ben": "", "cleo": ""}
    assert [s.source for s in found] == ["ann.ipynb", "ben_jax.ipynb", "cleo/graphs/jax.ipynb"]


def test_of_a_folder_with_all_assignments_only_the_chapter_counts(put, tmp_path: Path) -> None:
    put("ann/graphs/jax.ipynb")
    put("ann/autodiff/jax.ipynb")
    assert [s.source for s in find(tmp_path / "class", chapter="graphs")] == ["ann/graphs/jax.ipynb"]


def test_the_folder_of_the_marks_is_no_submission(put, tmp_path: Path) -> None:
    put("ann.ipynb")
    put("marks/feedback/ann.html", b"x")
    assert len(find(tmp_path / "class", ignore=tmp_path / "class/marks")) == 1


def test_nothing_handed_in_is_an_error_that_says_what_to_name(tmp_path: Path) -> None:
    with pytest.raises(TriptychError, match="no submissions here; name a notebook, a folder"):
        find(tmp_path)
    with pytest.raises(TriptychError, match="no such file or folder"):
        find(tmp_path / "missing")


def test_a_folder_around_everything_in_a_zip_is_seen_through(pack) -> None:
    assert set(by_student(find(pack({"hw1/ann.ipynb": notebook(), "hw1/ben.ipynb": notebook()})))) == {
        "ann",
        "ben",
    }
    assert set(
        by_student(find(pack({"hw1/ann/jax.ipynb": notebook(), "hw1/ben/jax.ipynb": notebook()})))
    ) == {
        "ann",
        "ben",
    }
    found = find(pack({"ann/jax.ipynb": notebook(), "ann/pytorch.ipynb": notebook()}))
    assert [s.student for s in found] == ["ann", "ann"]


@pytest.mark.parametrize("name", ["Zoë Müller", "小明", "Ольга"])
@pytest.mark.parametrize("flagged", [True, False], ids=["utf-8 flag", "no flag"])
def test_names_survive_whatever_the_zip_says_of_their_encoding(
    name: str, flagged: bool, tmp_path: Path
) -> None:
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{name}_7_assignsubmission_file/jax.ipynb", notebook())
    if not flagged:
        data = bytearray(path.read_bytes())
        for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
            at = data.index(mark) + offset
            data[at : at + 2] = struct.pack("<H", struct.unpack_from("<H", data, at)[0] & ~0x800)
        path.write_bytes(data)
    assert set(by_student(find(path))) == {name}


@pytest.mark.parametrize(
    ("name", "encoding"),
    [("王小明", "gbk"), ("山田 花子", "cp932"), ("김지민", "cp949"), ("Ольга", "cp866"), ("Zoë", "cp850")],
)
def test_a_name_in_an_encoding_that_the_zip_does_not_say_is_proved_by_the_list(
    name: str, encoding: str, tmp_path: Path, monkeypatch
) -> None:
    raw = f"{name}.ipynb".encode(encoding)
    monkeypatch.setattr(zipfile.ZipInfo, "_encodeFilenameFlags", lambda info: (raw, info.flag_bits & ~0x800))
    with zipfile.ZipFile(tmp_path / "class.zip", "w") as archive:
        archive.writestr("x.ipynb", notebook())
    listed = roster(tmp_path, f"id,name\ns1,{name}\ns2,Bo\n")
    assert [(s.student, s.name) for s in find(tmp_path / "class.zip", listed)] == [("s1", name)]
    other = roster(tmp_path, "id,name\ns1,Ann\ns2,Bo\n")
    assert [s.known for s in find(tmp_path / "class.zip", other)] == [False]
