"""What is handed in, however odd, becomes a row: a notebook to grade or a reason."""

from __future__ import annotations

import json
import os
import stat
import struct
import tracemalloc
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from triptych.errors import TriptychError
from triptych.grading.submissions import BOUNDS, Roster, Submission, find, framework_of
from triptych.grading.submissions.archives import open_archive
from triptych.notebooks.untrusted import Unreadable, parse


def notebook(source: str = "x = 1", **more: object) -> bytes:
    cell = {"cell_type": "code", "id": "a", "metadata": {}, "source": source, "outputs": []}
    node = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell], **more}
    return json.dumps(node).encode()


def by_student(found: tuple[Submission, ...]) -> dict[str, str]:
    """Student -> problem; ``read`` finds those that show only when read."""
    rows = {}
    for submission in found:
        problem = submission.problem
        try:
            parse(submission.read())
        except Unreadable as error:
            problem = str(error)
        rows[submission.student] = problem
    return rows


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


def roster(tmp_path: Path, text: str) -> Roster:
    file = tmp_path / "names.csv"
    file.write_text(text, encoding="utf-8")
    return Roster.read(file)


# --- where the notebooks lie ----------------------------------------------------


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


# --- as the platforms export it ---------------------------------------------------

MOODLE_CSV = """\
Identifier,Full name,Email address
Participant 4711,Ann Lee,ann@example.org
Participant 4712,José O'Neil,jose@example.org
Participant 4713,Cleo Roy,cleo@example.org
"""


@pytest.mark.parametrize(
    "names",
    [
        ["Ann Lee_4711_assignsubmission_file/jax.ipynb", "José O'Neil_4712_assignsubmission_file/x y.ipynb"],
        ["Ann Lee_4711_assignsubmission_file_/jax.ipynb", "José O'Neil_4712_assignsubmission_file_/j.ipynb"],
        ["Ann Lee_4711_assignsubmission_file_jax.ipynb", "José O'Neil_4712_assignsubmission_file_jax.ipynb"],
        [
            "Participant_4711_assignsubmission_file/jax.ipynb",
            "Participant_4712_assignsubmission_file/j.ipynb",
        ],
    ],
    ids=["4.x", "until 4.0", "files", "blind"],
)
def test_moodles_export_is_understood(names: list[str], pack, tmp_path: Path) -> None:
    text = {"Ann Lee_4711_assignsubmission_onlinetext/onlinetext.html": b"<p>hello</p>"}
    path = pack({name: notebook() for name in names} | text)
    found = find(path, roster(tmp_path, MOODLE_CSV))
    assert by_student(found) == {"ann@example.org": "", "jose@example.org": ""}
    assert {s.name for s in found} == {"Ann Lee", "José O'Neil"}
    assert all(s.known for s in found)


def test_moodles_names_do_without_a_list(pack) -> None:
    path = pack(
        {
            "Ann Lee_1_assignsubmission_file/a.ipynb": notebook(),
            "Ann Lee_2_assignsubmission_file/a.ipynb": notebook(),
            "Bo_3_assignsubmission_file/b.ipynb": notebook(),
        }
    )
    assert by_student(find(path)) == {"Ann Lee (1)": "", "Ann Lee (2)": "", "Bo": ""}


CANVAS_CSV = """\
Student,ID,SIS User ID,SIS Login ID,Section
    Points Possible,,,,
"Lee, Ann",11,s-1,ann,A
"O'Neil, José",12,s-2,jose,A
"Roy, Cleo",13,s-3,cleo,A
"""


def test_canvas_export_is_understood_late_and_resubmitted_too(pack, tmp_path: Path) -> None:
    path = pack(
        {
            "leeann_11_901_jax.ipynb": notebook(),
            "leeann_11_902_jax-1.ipynb": notebook("x = 2"),
            "oneiljosé_LATE_12_903_my_notebook.ipynb": notebook(),
            "roycleo_13_904_report.pdf": b"%PDF",
        }
    )
    found = find(path, roster(tmp_path, CANVAS_CSV))
    assert [(s.student, s.late) for s in found] == [
        ("s-1", False),
        ("s-1", False),
        ("s-2", True),
        ("s-3", False),
    ]
    assert by_student(found)["s-3"] == "no notebook, only roycleo_13_904_report.pdf"


def test_an_anonymous_canvas_export_keeps_its_students_apart(pack) -> None:
    path = pack({"anon_x1Y_901_jax.ipynb": notebook(), "LATE_anon_z2_902_jax.ipynb": notebook()})
    assert [(s.student, s.late) for s in find(path)] == [("anon_x1Y", False), ("anon_z2", True)]


def test_an_export_unpacked_into_a_folder_is_the_same(put, tmp_path: Path) -> None:
    put("leeann_11_901_jax.ipynb")
    put("Ann Lee_4711_assignsubmission_file/jax.ipynb")
    assert set(by_student(find(tmp_path / "class"))) == {"leeann", "Ann Lee"}


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


# --- the list of names ----------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "id,name\ns1,Ann Lee\n",
        "\ufeffStudent ID;First name;Last name\ns1;Ann;Lee\n",
        "Name\tID number\nAnn Lee\ts1\n",
        'student,id\n"Lee, Ann",s1\n',
    ],
)
def test_a_list_of_names_may_look_many_ways(text: str, tmp_path: Path) -> None:
    names = roster(tmp_path, text)
    assert [(s.id, s.name) for s in names.students] == [("s1", "Ann Lee")]
    for called in ("s1", "Ann Lee", "ann lee", "leeann", "annlee", "S1"):
        assert names.find("", called), called
    assert names.find("", "Bo") is None


def test_a_list_of_names_may_come_from_a_spreadsheet_on_windows(tmp_path: Path) -> None:
    file = tmp_path / "names.csv"
    file.write_bytes("id;name\ns1;José Muñoz\n".encode("cp1252"))
    assert [(s.id, s.name) for s in Roster.read(file).students] == [("s1", "José Muñoz")]


def test_a_list_without_ids_or_with_one_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TriptychError, match="no column of student ids among: town, name"):
        roster(tmp_path, "town,name\nBern,Ann\n")
    with pytest.raises(TriptychError, match="'s1' is listed twice"):
        roster(tmp_path, "id,name\ns1,Ann\ns1,Bo\n")


def test_two_students_of_one_name_are_not_guessed_at(put, tmp_path: Path) -> None:
    put("Ann Lee.ipynb")
    names = roster(tmp_path, "id,name\ns1,Ann Lee\ns2,Ann Lee\n")
    (found,) = find(tmp_path / "class", names)
    assert (found.student, found.known) == ("Ann Lee", False)


# --- hostile and broken files -----------------------------------------------------------


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


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_an_encoding_that_says_what_it_is_costs_nothing(encoding: str) -> None:
    assert parse(notebook("x = 'é'").decode().encode(encoding))["cells"][0]["source"] == "x = 'é'"


def test_metadata_may_be_anything_and_lone_surrogates_do_no_harm() -> None:
    odd = notebook(
        metadata=[1], cells=[{"cell_type": "code", "source": ["x = '\ud800'"], "metadata": 3, "id": 5}]
    )
    (cell,) = parse(odd)["cells"]
    assert (cell["source"], cell["metadata"], cell["id"]) == ("x = '?'", {}, "")


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
    assert "as only a zip bomb does" in rows["bomb"]
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


# --- which framework --------------------------------------------------------------------


def test_the_framework_is_that_of_the_release_it_resembles() -> None:
    released = {name: parse(notebook(f"import {name}_helpers")) for name in ("pytorch", "tensorflow", "jax")}
    ours = parse(notebook("import jax_helpers"))
    assert framework_of(ours, released, "pytorch.ipynb") == "jax"
    unlike = parse(notebook("import torch\nx = 1"))
    assert framework_of(unlike, released, "tensorflow (2).ipynb") == "tensorflow"
    assert framework_of(unlike, released, "mine.ipynb") == "pytorch"
    assert framework_of(parse(notebook("x = 1")), released, "mine.ipynb") == ""
