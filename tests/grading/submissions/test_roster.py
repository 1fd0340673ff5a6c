"""The class list."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.submissions import roster
from triptych.errors import TriptychError
from triptych.grading.submissions import Roster, find


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
        assert names.find(called).student, called
    assert names.find("Bo").student is None


ODD = {
    "Mac line ends": b"id,name\rs1,Ann Lee\rs2,Bo\r",
    "Windows line ends": b"id,name\r\ns1,Ann Lee\r\ns2,Bo\r\n",
    "Excel's separator": b"sep=;\r\nid;name\r\ns1;Ann Lee\r\ns2;Bo\r\n",
    "empty lines": b"\n\nid;name;\n;;\ns1;Ann Lee;\n\ns2; Bo ;\n;;\n",
    "UTF-16": "id\tname\ns1\tAnn Lee\ns2\tBo\n".encode("utf-16"),
    "UTF-16 without a mark": "id\tname\ns1\tAnn Lee\ns2\tBo\n".encode("utf-16-le"),
    "a long field elsewhere": b"id,name,text\ns1,Ann Lee," + b"x" * 100_000 + b"\ns2,Bo,y\n",
    "a line break elsewhere": b'id,name,text\ns1,Ann Lee,"a\nb"\ns2,Bo,y\n',
    "Canvas's other rows": b"Student,ID,SIS User ID,Section\n,,,\n    Points Possible,,,\n"
    b'"Lee, Ann",7,s1,A\nBo,8,s2,A\n"Student, Test",9,,A\n',
}


@pytest.mark.parametrize("kind", ODD)
def test_an_odd_list_is_read_all_the_same(kind: str, tmp_path: Path) -> None:
    file = tmp_path / "names.csv"
    file.write_bytes(ODD[kind])
    assert [(s.id, s.name) for s in Roster.read(file).students] == [("s1", "Ann Lee"), ("s2", "Bo")]


WRONG = {
    "a workbook": (b"PK\x03\x04rest", r"names.csv: a workbook \(.xlsx.*; save it as CSV UTF-8"),
    "an old workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a workbook of an old Excel"),
    "a web page": (b"<!DOCTYPE html><table>", "a web page, not a CSV"),
    "Latin-1": ("id;name\ns1;José\n".encode("latin-1"), "names.csv:2: not in UTF-8.*; save it as CSV UTF-8"),
    "GBK": ("id,name\ns0,A\ns1,王小明\n".encode("gbk"), "names.csv:3: not in UTF-8"),
    "Shift-JIS": ("id,name\ns1,山田\n".encode("shift_jis"), "names.csv:2: not in UTF-8"),
    "Mac": ("id,name\ns1,José\n".encode("mac_roman"), "names.csv:2: not in UTF-8"),
    "NUL": (
        b"id,name\ns1,Ann\ns2,B\0o\n" + b"s3,Cy\n" * 9,
        r"names.csv:3: a character that no text has \(NUL\)",
    ),
    "half of UTF-16": ("id,name\ns1,Ann\n".encode("utf-16")[:-1], "not in UTF-16"),
    "an open quote": (b'id,name\ns1,"Ann\ns2,Bo\n', "names.csv:2: a quote is opened and not closed"),
    "a quote amid a field": (b'id,name\ns1,"Ann "Bo" Lee"\n', "names.csv:2: .*expected after"),
    "a very long field": (
        b'id,name\ns1,"' + b"x" * 200_000 + b'"\n',
        "names.csv:2: a field of more than 100,000",
    ),
    "a line break in a name": (b'id,name\ns1,"Ann\ns2,Bo"\n', r"names.csv:2: a line break in"),
    "a heading twice": (b"id,name,ID\ns1,Ann,7\n", "names.csv:1: two columns are called 'id'; rename one"),
    "an id twice": (b"id,name\ns1,Ann\ns1,Bo\n", "names.csv:3: the id 's1' is listed twice, first in line 2"),
    "no id": (b"id,name\ns1,Ann\n,Bo\n", "names.csv:3: no id for Bo; give one, or remove the line"),
    "no column of ids": (b"town,name\nBern,Ann\n", "no column of student ids among: town, name"),
    "a comma too many": (b"id,name\ns1,Lee, Ann\n", "names.csv:2: 3 fields under 2 headings; quote"),
    "a rounded id": (
        b"id,name\n1.23457E+11,Ann\n",
        "names.csv:2: the id 1.23457E.11 was rounded by a spread",
    ),
    "nothing": (b"", "an empty list; give it a first line"),
    "only headings": (b"id,name\n", "nobody in the list, only headings"),
    "only a mark": (b"\xef\xbb\xbf", "an empty list"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_wrong_list_is_told_in_a_line_with_the_place_and_the_remedy(kind: str, tmp_path: Path) -> None:
    data, told = WRONG[kind]
    file = tmp_path / "names.csv"
    file.write_bytes(data)
    with pytest.raises(TriptychError, match=told) as error:
        Roster.read(file)
    assert "\n" not in str(error.value) and error.value.remedy


def test_a_list_that_is_no_file_is_told(tmp_path: Path) -> None:
    for name in ("missing.csv", "."):
        with pytest.raises(TriptychError, match="cannot be read"):
            Roster.read(tmp_path / name)


def test_an_id_is_text(tmp_path: Path) -> None:
    names = roster(tmp_path, "id,name\n007,Ann\n7 ,Bo\n")
    assert [s.id for s in names.students] == ["007", "7"]
    assert [names.find(text).student.name for text in ("007", "7")] == ["Ann", "Bo"]


SAME = [
    ("Ali YILDIZ", "Ali Yıldız"),
    ("İPEK IŞIK", "ipek ışık"),
    ("José O'Neil", "Jose ONeil"),
    ("Zoë", "Zoe\u0308"),
    ("ΣΊΣΥΦΟΣ", "Σίσυφος"),
    ("Straße", "STRASSE"),
    ("Ёлкин", "Елкин"),
    ("ﬁona", "Fiona"),
    ("李 小明", "李小明"),
    ("박지민", "박지민"),
    ("Lee, Ann", "leeann"),
    ("علي", "عل\u200dي"),
]


@pytest.mark.parametrize(("listed", "written"), SAME)
def test_a_name_is_the_same_by_unicodes_own_rules(listed: str, written: str, tmp_path: Path) -> None:
    names = roster(tmp_path, f'id,name\ns1,"{listed}"\ns2,Bo\n')
    found = names.find(written).student
    assert found and found.id == "s1"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("रमा", "राम"),
        ("กิน", "กิน\u0e49"),
        ("שָׁלוֹם", "שלום"),
        ("が", "か"),
        ("José", "Jose"),
        ("Yıldız", "Yildiz"),
        ("ANN", "Ann"),
        ("Lee Ann", "Ann Lee"),
    ],
)
def test_names_that_differ_in_a_sign_are_two_persons(one: str, other: str, tmp_path: Path) -> None:
    names = roster(tmp_path, f"id,name\ns1,{one}\ns2,{other}\n")
    assert [names.find(name).student.id for name in (one, other)] == ["s1", "s2"]


def test_a_sign_alone_does_not_make_another_student(tmp_path: Path) -> None:
    names = roster(tmp_path, "id,name\ns1,राम\ns2,🙂\n")
    assert names.find("रमा").student is None
    assert names.find("🙃").student is None
    assert names.find("🙂").student.id == "s2"


def test_what_could_mean_two_is_not_guessed_at(tmp_path: Path) -> None:
    names = roster(tmp_path, "id,name\ns1,José\ns2,Jösé\nann,Bo\ns4,Ann\n")
    assert names.find("Jose").why == "2 on the list could be called so: s1, s2"
    assert names.find("Ann").why == "two on the list could be meant: ann by the id, s4 by the name"
    assert names.find("jose").student is None and names.find("s4").student.name == "Ann"


def test_two_students_of_one_name_are_not_guessed_at(put, tmp_path: Path) -> None:
    put("Ann Lee.ipynb")
    names = roster(tmp_path, "id,name\ns1,Ann Lee\ns2,Ann Lee\n")
    (found,) = find(tmp_path / "class", names)
    assert (found.student, found.known) == ("Ann Lee", False)
