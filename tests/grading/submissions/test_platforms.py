"""Exports of Moodle and Canvas."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from support import ROOT
from support.submissions import by_student, notebook, roster
from triptych.errors import TriptychError
from triptych.grading.submissions import find, look

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


@pytest.mark.parametrize(
    "names",
    [
        ["leeann_11_901_jax.ipynb", "oneiljosé_12_902_jax.ipynb"],
        ["Ann Lee_4711_assignsubmission_file/jax.ipynb", "José ONeil_4712_assignsubmission_file/jax.ipynb"],
    ],
    ids=["Canvas", "Moodle"],
)
def test_an_export_unpacked_into_a_folder_is_the_same(names: list[str], put, tmp_path: Path) -> None:
    for name in names:
        put(name)
    put("hint.txt", b"not a submission")
    assert len(by_student(find(tmp_path / "class"))) == 2
    assert not any("_" in student for student in by_student(find(tmp_path / "class")))


# --- teams ------------------------------------------------------------------------------


def test_moodles_teams_are_found_by_what_stands_after_the_dash(pack, tmp_path: Path) -> None:
    names = [
        "Team 1-Ann Lee_4711",
        "Default group-Bo Ray_4712",
        "Mary-Ann Smith_4713",
        "Red-Mary-Ann Smith_9",
    ]
    path = pack({f"{name}_assignsubmission_file/jax.ipynb": notebook() for name in names[:3]})
    listed = roster(tmp_path, "id,name\ns1,Ann Lee\ns2,Bo Ray\ns3,Mary-Ann Smith\n")
    assert set(by_student(find(path, listed))) == {"s1", "s2", "s3"}
    other = pack({f"{name}_assignsubmission_file/jax.ipynb": notebook() for name in names})
    found = {s.source.partition("_")[0]: s for s in find(other, listed)}
    assert found["Mary-Ann Smith"].student == "s3"  # her whole name is nearer than the end of another's
    assert not found["Red-Mary-Ann Smith"].known


def test_a_teams_notebook_is_each_members(pack, tmp_path: Path) -> None:
    files = {"Blue team_2_assignsubmission_file/jax.ipynb": notebook()}
    files["Default group_assignsubmission_file/jax.ipynb"] = notebook()
    listed = roster(
        tmp_path,
        "Identifier,Full name,Email address,Groups\nParticipant 1,Ann Lee,ann@x.org,Blue team\n"
        'Participant 2,Bo Ray,bo@x.org,"Red, Blue team"\nParticipant 3,Cy Fox,cy@x.org,Red\n',
    )
    found = find(pack(files), listed)
    # the group's number is nobody's, though it is also Bo's
    assert [(s.student, s.known) for s in found] == [
        ("ann@x.org", True),
        ("bo@x.org", True),
        ("Default group", False),
    ]


# --- whose it is, is what the platform wrote -----------------------------------------------

MOODLE = "{name}_{number}_assignsubmission_file/{file}"
HOSTILE_FILES = [
    "x_11_assignsubmission_file_jax.ipynb",
    "leeann_LATE_11_901_jax.ipynb",
    "Ann Lee_4711_assignsubmission_file_jax.ipynb",
    "_11_901_jax.ipynb",
    "LATE_11_12_13.ipynb",
    "Graphs_ann_attempt_2026-11-29-10-00-00_jax.ipynb",
    "s-1.ipynb",
]


@pytest.mark.parametrize("file", HOSTILE_FILES)
def test_on_canvas_a_students_own_file_name_changes_nothing(file: str, pack, tmp_path: Path) -> None:
    path = pack({"leeann_11_901_jax.ipynb": notebook(), f"roycleo_LATE_13_904_{file}": notebook("x = 2")})
    for listed in (roster(tmp_path, CANVAS_CSV), None):
        found = {s.source: s for s in find(path, listed)}
        hers = found[f"roycleo_LATE_13_904_{file}"]
        assert (hers.student, hers.late) == ("s-3" if listed else "roycleo", True)
        assert found["leeann_11_901_jax.ipynb"].student == ("s-1" if listed else "leeann")


@pytest.mark.parametrize("file", HOSTILE_FILES)
@pytest.mark.parametrize("form", ["{}/{}", "{}_/{}", "{}_{}"], ids=["4.x", "until 4.0", "files"])
def test_on_moodle_a_students_own_file_name_changes_nothing(
    form: str, file: str, pack, tmp_path: Path
) -> None:
    names = [("Ann Lee_4711", "jax.ipynb"), ("Cleo Roy_4713", file)]
    path = pack({form.format(f"{who}_assignsubmission_file", file): notebook() for who, file in names})
    for listed in (roster(tmp_path, MOODLE_CSV), None):
        found = {s.source.partition("_")[0]: (s.student, s.late) for s in find(path, listed)}
        assert found == {
            "Ann Lee": ("ann@example.org" if listed else "Ann Lee", False),
            "Cleo Roy": ("cleo@example.org" if listed else "Cleo Roy", False),
        }


@pytest.mark.parametrize(
    "name",
    [
        "x LATE 11 901 Ann Lee",
        "ann@example.org",
        "s-1",
        "Ann Lee 4711 assignsubmission file",
        "Participant 4711",
        "4711",
        "Ann Lee (4711)",
        "Blue-Ann Lee",
        "Ann\u200b Lee",
    ],
)
def test_on_moodle_a_display_name_takes_nobodys_place(name: str, pack, tmp_path: Path) -> None:
    listed = roster(tmp_path, MOODLE_CSV.replace("Identifier", "ID number"))  # no column of Moodle's numbers
    path = pack(
        {
            "Ann Lee_4711_assignsubmission_file/jax.ipynb": notebook(),
            f"{name}_4799_assignsubmission_file/jax.ipynb": notebook("x = 2"),
        }
    )
    hers, other = (
        next(s for s in find(path, listed) if s.source.startswith(start))
        for start in ("Ann Lee_4711", f"{name}_4799")
    )
    assert (hers.student, hers.known) == ("Participant 4711", True)
    assert not other.known and not other.late
    assert other.student not in {"Participant 4711", "Ann Lee", "ann@example.org"}


def test_two_users_of_one_name_are_both_unknown_rather_than_guessed_at(pack, tmp_path: Path) -> None:
    path = pack({f"Ann Lee_{number}_assignsubmission_file/jax.ipynb": notebook() for number in (1, 2)})
    found = find(path, roster(tmp_path, "id,name\ns1,Ann Lee\n"))
    assert [(s.student, s.known) for s in found] == [("Ann Lee (1)", False), ("Ann Lee (2)", False)]
    assert "2 hand-ins could be by s1" in found[0].note


@pytest.mark.parametrize("name", ["x_ 11_ 22_ y", "x_ 11_ 22_ y_LATE"])
def test_on_canvas_a_display_name_that_looks_like_a_number_is_seen_through(
    name: str, pack, tmp_path: Path
) -> None:
    listed = roster(tmp_path, CANVAS_CSV + f'"{name}",14,s-4,mallory,A\n')
    squeezed = name.replace(" ", "").lower()
    path = pack({"leeann_11_901_jax.ipynb": notebook(), f"{squeezed}_LATE_14_905_jax.ipynb": notebook()})
    assert [(s.student, s.late) for s in find(path, listed)] == [("s-1", False), ("s-4", True)]


def test_a_number_is_looked_up_only_among_that_platforms_numbers(pack, tmp_path: Path) -> None:
    listed = roster(tmp_path, "id,name\n1,Ann Lee\n2,Bo Ray\n3,Cy Fox\n")
    moodle = pack(
        {
            f"{name}_assignsubmission_file/jax.ipynb": notebook()
            for name in ("Cy Fox_1", "Ann Lee_2", "Bo Ray_3")
        }
    )
    assert {s.name: s.source.partition("_")[0] for s in find(moodle, listed)} == {
        name: name for name in ("Cy Fox", "Ann Lee", "Bo Ray")
    }
    canvas = pack({"foxcy_1_901_jax.ipynb": notebook(), "leeann_2_902_jax.ipynb": notebook()})
    assert {s.name for s in find(canvas, listed)} == {"Cy Fox", "Ann Lee"}
    for heading, right in (("canvas id", "Cy Fox"), ("moodle id", "Ann Lee")):
        other = roster(tmp_path, f"id,name,{heading}\ns1,Ann Lee,2\ns3,Cy Fox,1\n")
        (found,) = find(pack({"leeann_1_901_jax.ipynb": notebook()}), other)
        assert found.name == right


def test_a_column_whose_numbers_contradict_the_names_is_not_the_platforms(pack, tmp_path: Path) -> None:
    names = ["Cy Fox_1", "Bo Ray_2", "Ann Lee_3"]  # Bo's happens to be his id
    path = pack({f"{name}_assignsubmission_file/jax.ipynb": notebook() for name in names})
    listed = roster(tmp_path, "identifier,name\n1,Ann Lee\n2,Bo Ray\n3,Cy Fox\n")
    assert {s.name: s.source.partition("_")[0] for s in find(path, listed)} == {
        name: name for name in ("Ann Lee", "Bo Ray", "Cy Fox")
    }
    canvas = pack({"foxcy_1_901_jax.ipynb": notebook(), "leeann_2_902_jax.ipynb": notebook()})
    own = roster(tmp_path, "student,id,section\nAnn Lee,1,A\nBo Ray,2,A\nCy Fox,3,A\n")
    assert {s.name for s in find(canvas, own)} == {"Cy Fox", "Ann Lee"}


def test_moodles_number_is_known_in_any_language_and_without_a_name(pack, tmp_path: Path) -> None:
    path = pack({f"Teilnehmerin_{n}_assignsubmission_file/jax.ipynb": notebook() for n in (4711, 4712)})
    listed = roster(tmp_path, "Identifier,id,name\nTeilnehmer/in4711,s1,Ann\nTeilnehmer/in4712,s2,Bo\n")
    assert [s.student for s in find(path, listed)] == ["s1", "s2"]


def test_a_file_of_canvas_may_have_been_unpacked(put, tmp_path: Path) -> None:
    put("leeann_LATE_11_901_work/jax.ipynb")
    put("rayb_12_902_jax.ipynb")
    assert [(s.student, s.late) for s in find(tmp_path / "class")] == [("leeann", True), ("rayb", False)]


def test_marks_and_vowel_signs_belong_to_a_name_on_canvas(pack, tmp_path: Path) -> None:
    path = pack(
        {
            "शर्माराम_101_901_jax.ipynb": notebook(),
            "शर्माराम_LATE_101_902_jax-1.ipynb": notebook("x = 2"),
            "สมชายใจดี_late_103_904_jax.ipynb": notebook(),
        }
    )
    assert [(s.student, s.late) for s in find(path)] == [
        ("शर्माराम", False),
        ("शर्माराम", True),
        ("สมชายใจดี", True),
    ]


def test_canvas_numbers_tell_what_came_last(pack) -> None:
    path = pack({"leeann_11_912_jax.ipynb": notebook(), "leeann_11_99_jax-1.ipynb": notebook("x = 2")})
    assert [s.turn for s in find(path)] == [99, 912]


# --- other platforms -------------------------------------------------------------------------


def test_blackboards_export_is_understood(pack, tmp_path: Path) -> None:
    names = ["Graphs_ann_lee", "Graphs_bo"]
    files = {f"{n}_attempt_2026-11-29-10-00-0{i}_jax.ipynb": notebook() for i, n in enumerate(names)}
    files["Graphs_bo_attempt_2026-11-28-10-00-00_LATE_ann_lee_attempt_2026-11-29-10-00-00_x.ipynb"] = (
        notebook()
    )
    files["Graphs_bo_attempt_2026-11-28-10-00-00.txt"] = b"the receipt"
    listed = roster(tmp_path, "Username,Last Name,First Name\nann_lee,Lee,Ann\nbo,Ray,Bo\n")
    handin = look(pack(files), listed)
    assert [s.student for s in handin.submissions] == ["ann_lee", "bo", "bo"]
    assert [s.turn for s in handin.submissions][1:] == [20261128100000, 20261129100001]
    assert (handin.platform, [i.why for i in handin.ignored]) == ("blackboard", ["not a notebook"])


def test_nbgraders_folders_are_understood(put, tmp_path: Path) -> None:
    for name in (
        "submitted/ann/graphs/jax.ipynb",
        "submitted/bo/graphs/jax.ipynb",
        "source/graphs/jax.ipynb",
    ):
        put(name)
    put("submitted/ann/graphs/timestamp.txt", b"2026-11-29 10:00:00 UTC")
    put("nbgrader_config.py", b"c = get_config()")
    handin = look(tmp_path / "class", chapter="graphs")
    assert [s.student for s in handin.submissions] == ["ann", "bo"]
    assert {i.source for i in handin.ignored} == {
        "source/graphs/jax.ipynb",
        "nbgrader_config.py",
        "ann/graphs/timestamp.txt",
    }


# --- which one it was --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "names",
    [
        ["leeann_11_901_jax.ipynb", "Ann Lee_4711_assignsubmission_file/jax.ipynb"],
        ["ann.ipynb", "bo.ipynb", "x_11_assignsubmission_file_jax.ipynb"],
        ["ann.ipynb", "bo_11_901_jax.ipynb"],
    ],
)
def test_a_mixed_bag_asks_for_the_platform(names: list[str], put, tmp_path: Path) -> None:
    for name in names:
        put(name)
    with pytest.raises(
        TriptychError, match=r"unclear whose export it is: .*; say it: --platform moodle, canvas"
    ):
        find(tmp_path / "class")
    assert len(find(tmp_path / "class", platform="canvas")) == len(names)
    assert len(find(tmp_path / "class", platform="files")) == len(names)


def test_the_platform_can_be_said(put, tmp_path: Path) -> None:
    put("section A/ann.ipynb")
    put("section A/bo_11_901_jax.ipynb")
    put("section B/cy.ipynb")
    assert set(by_student(find(tmp_path / "class", platform="files"))) == {"ann", "bo_11_901", "cy"}
    assert set(by_student(find(tmp_path / "class", platform="folders"))) == {"section A", "section B"}
    with pytest.raises(TriptychError, match="none is called 'ilias'; there are: moodle, canvas"):
        find(tmp_path / "class", platform="ilias")


# --- one's own pattern ----------------------------------------------------------------------------


GUIDE = tomllib.loads(
    re.search(
        r"```toml\n(\[hand-in\]\npattern.*?)```",
        (ROOT / "book/guides/instructor.md").read_text("utf-8"),
        re.DOTALL,
    )[1]
)


def test_a_pattern_of_ones_own_says_whose_a_file_is(pack, tmp_path: Path) -> None:
    path = pack(
        {
            "397063-25 - Ann Lee - Nov 24, 2026 926 PM/jax.ipynb": notebook(),
            "397063-26 - Bo Ray - Nov 25, 2026 1126 AM/jax.ipynb": notebook(),
            "index.html": b"<html>",
        }
    )
    handin = look(
        path, roster(tmp_path, "id,name\ns1,Ann Lee\ns2,Bo Ray\n"), pattern=GUIDE["hand-in"]["pattern"]
    )
    assert [s.student for s in handin.submissions] == ["s1", "s2"]
    assert [(i.source, i.why) for i in handin.ignored] == [("index.html", "the pattern does not match")]


def test_a_pattern_may_say_what_was_late_and_use_nbgraders_names(pack) -> None:
    path = pack({"hw1/late/ann-jax.ipynb": notebook(), "hw1/bo-jax.ipynb": notebook()})
    pattern = r"hw1/(?P<late>late/)?(?P<student_id>\w+)-(?P<file_id>.*)"
    assert [(s.student, s.late) for s in find(path, pattern=pattern)] == [("ann", True), ("bo", False)]


@pytest.mark.parametrize(
    ("pattern", "told"),
    [
        ("(?P<student>", r"pattern: not a regular expression \(.*; for example"),
        (r"(\w+)\.ipynb", "no group says whose a file is; name one"),
        (r"(?P<pupil>\w+)", "a group is called 'pupil'; the names known are student"),
        (r"(?P<student>\w+)\.pdf", "the pattern matches no file's name, not 'ann.ipynb' for example"),
        (r"(?P<student>x*)", "the pattern matches no file's name"),
    ],
)
def test_a_wrong_pattern_is_told_in_a_line(pattern: str, told: str, put, tmp_path: Path) -> None:
    put("ann.ipynb")
    with pytest.raises(TriptychError, match=told) as error:
        find(tmp_path / "class", pattern=pattern)
    assert "\n" not in str(error.value)


def test_a_pattern_and_a_platform_are_not_both_taken(put, tmp_path: Path) -> None:
    put("ann.ipynb")
    with pytest.raises(TriptychError, match="given beside the platform 'moodle'; leave one of them out"):
        find(tmp_path / "class", pattern="(?P<student>.*)", platform="moodle")
