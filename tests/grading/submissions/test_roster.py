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
