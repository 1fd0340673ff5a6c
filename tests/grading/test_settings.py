"""Settings: every default is written out, every wrong one is a line that says where and what to do."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from support.exercises import EXERCISES
from support.tiny_course import HALF, RIGHT, marks
from triptych.cli import main
from triptych.errors import TriptychError
from triptych.grading.marks import Policy
from triptych.grading.sandbox import Limits
from triptych.grading.settings import Settings
from triptych.grading.settings_file import SCHEMA, template
from triptych.grading.submissions import PLATFORMS

#: For each setting a wrong value, and what is said of it after the file's name and line.
WRONG: dict[str, list[tuple[str, str]]] = {
    "hand-in.platform": [
        ('"modle"', 'is "modle"; give one of: "auto", "moodle", "canvas"'),
        ("3", 'is 3; give one of: "auto"'),
    ],
    "hand-in.pattern": [
        ('"(?P<student>"', "not a regular expression (missing ), unterminated subpattern at position 0)"),
        ('"[a-z]+"', "no group says whose a file is; name one: (?P<student>...)"),
        (
            '"(?P<student>.*)"\nplatform = "moodle"',
            "given beside the platform 'moodle'; leave one of them out",
        ),
        ('["a"]', 'is ["a"]; give a text in quotation marks: "..."'),
        (f'"{"a" * 501}"', "give 500 characters at most"),
    ],
    "hand-in.roster": [('"nowhere.csv"', "there is no file "), ("true", "is true; give a text")],
    "hand-in.counts": [('"first"', 'is "first"; give one of: "best", "last"')],
    "hand-in.most": [
        ("0", "is 0; give 1 at least"),
        ("2.5", "is 2.5; give a whole number"),
        ("true", "is true; give a whole number"),
        ("1_000_000", "is 1000000; give 1000 at most"),
    ],
    "late.policy": [
        ('"half"', 'is "half"; give one of: "none", "percent", "points", "zero"'),
        ('"percent"', "is 'percent', but deduct is not given; say how many"),
        ('"zero"\ndeduct = 3', "has no effect with policy = 'zero'; say policy"),
        ('"percent"\ndeduct = 101', "is 101 percent; give 100 at most"),
    ],
    "late.deduct": [
        ("-1", "is -1; give 0 at least"),
        ('"10"', 'is "10"; give a number'),
        ("nan", "is not a number; give a number"),
        ("inf", "is Infinity; give 1000 at most"),
        ("10", "has no effect with policy = 'none'"),
    ],
    "marks.out-of": [("-5", "is -5; give 0 at least"), ("2026-11-29", 'is "2026-11-29"; give a number')],
    "marks.decimals": [("3", "is 3; give 2 at most")],
    "weights": [
        ("2", "is 2; give a table: a line [name], and keys below it"),
        ("{graphs = 2}", "is 2; give a table"),
        ("{graphs = {loop = -1}}", "is -1; give 0 at least"),
        ('{graphs = {loop = "twice"}}', 'is "twice"; give a number'),
    ],
    "limits.cells": [("0", "is 0; give more than 0"), ("1e9", "is 1000000000.0; give 86400 at most")],
    "limits.call": [("-0.5", "is -0.5; give more than 0"), ("'10 s'", 'is "10 s"; give a number')],
    "limits.total": [("[120]", "is [120]; give a number")],
    "limits.memory": [("0", "is 0; give 1 at least"), ('"3 GB"', 'is "3 GB"; give a number')],
    "checks.folder": [('"nowhere"', "there is no folder "), ("1", "is 1; give a text")],
    "checks.seed": [("-1", "is -1; give 0 at least"), ("1.5", "is 1.5; give a whole number")],
    "checks.jobs": [("0", "is 0; give 1 at least"), ('"all"', 'is "all"; give a whole number')],
}


def settings(tmp_path: Path, text: str) -> Settings:
    file = tmp_path / "grading.toml"
    file.write_text(text, encoding="utf-8")
    return Settings.read(file)


def complaint(tmp_path: Path, text: str) -> str:
    with pytest.raises(TriptychError) as error:
        settings(tmp_path, text)
    said = str(error.value)
    assert len(said.splitlines()) == 1
    assert said.startswith(str(tmp_path / "grading.toml"))
    return said.removeprefix(str(tmp_path / "grading.toml"))


def keys() -> set[str]:
    """Every setting, as ``table.key``."""
    return {
        f"{table}.{key}" if "properties" in rule else table
        for table, rule in SCHEMA["properties"].items()
        for key in rule.get("properties", [""])
    }


def test_for_each_setting_there_is_a_wrong_one_below() -> None:
    assert WRONG.keys() == keys()


@pytest.mark.parametrize(
    ("key", "value", "said"), [(key, *case) for key, cases in WRONG.items() for case in cases]
)
def test_a_wrong_setting_is_one_line_with_its_place_and_the_remedy(
    key: str, value: str, said: str, tmp_path: Path
) -> None:
    table, _, name = key.rpartition(".")
    found = complaint(
        tmp_path, f"# settings\n[{table}]\n{name} = {value}\n" if table else f"{name} = {value}\n"
    )
    assert said in found
    place = found.partition(": ")[0]
    assert place in ((", line 3", ", line 4") if table else (", line 1", ""))
    assert f"[{table}] " in found or not table


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[hand_in]\n", ", line 1: [hand_in]: no such table; did you mean hand-in?"),
        ("x = 1\n", ", line 1: [x]: no such table; there are: hand-in, late, marks, weights, limits, checks"),
        ("seed = 1\n", ", line 1: [seed]: is in no table; put it below [checks]"),
        ("\n[late]\n'polcy' = 'none'\n", ", line 3: [late] polcy: no such setting; did you mean policy?"),
        (
            "[late]\npolicy none\n",
            ", line 2: not TOML (Expected '=' after a key in a key/value pair); a line",
        ),
        ("[late]\n[late]\n", ", line 2: not TOML (Cannot declare ('late',) twice"),
        ("late.policy = 'half'\n", ': [late] policy: is "half"; give one of'),
        ("a = " + "[" * 5000, ": not TOML ("),
        ("a = " + "9" * 5000, ": not TOML ("),
    ],
)
def test_what_is_no_settings_file_is_one_line(text: str, said: str, tmp_path: Path) -> None:
    assert said in complaint(tmp_path, text)


def test_a_file_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    file = tmp_path / "grading.toml"
    with pytest.raises(TriptychError, match=r"cannot be read .No such file.*`triptych settings` writes one"):
        Settings.read(file)
    file.write_bytes("[late]".encode("utf-16"))
    with pytest.raises(TriptychError, match="not a text in UTF-8; save it as UTF-8"):
        Settings.read(file)
    file.unlink()
    file.mkdir()
    with pytest.raises(TriptychError, match="cannot be read"):
        Settings.find(None, (tmp_path,))


def test_the_written_file_has_every_setting_and_changes_nothing(tmp_path: Path) -> None:
    assert settings(tmp_path, template()) == replace(Settings(), file=tmp_path / "grading.toml")
    plain = "\n".join(
        line.removeprefix("#") if line[:2] != "# " else line for line in template().splitlines()
    )
    written = tomllib.loads(plain)
    assert {
        f"{table}.{key}" if table != "weights" else table for table, found in written.items() for key in found
    } == keys()
    given = settings(tmp_path, plain)
    assert (given.limits, given.policy, given.platform, given.pattern) == (Limits(), Policy(), "", "")
    assert given.of_chapter("graphs", EXERCISES["graphs"]).weights == {"places": 2}
    assert ["auto", *PLATFORMS] == SCHEMA["properties"]["hand-in"]["properties"]["platform"]["enum"]
    assert all(len(line) <= 100 for line in template().splitlines())


def test_the_command_writes_the_file_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    first = CliRunner().invoke(main, ["settings"])
    assert (first.exit_code, (tmp_path / "grading.toml").read_text(encoding="utf-8")) == (0, template())
    (tmp_path / "grading.toml").write_text("# mine\n")
    again = CliRunner().invoke(main, ["settings"])
    assert (again.exit_code, again.output) == (
        1,
        "grading.toml: is there already, and is not overwritten; name another file\n",
    )
    assert (tmp_path / "grading.toml").read_text() == "# mine\n"
    assert (
        "cannot be written (No such file or directory)"
        in CliRunner().invoke(main, ["settings", "a/b"]).output
    )


def test_weights_are_of_a_chapters_exercises(tmp_path: Path) -> None:
    given = settings(tmp_path, "[weights.graphs]\nloop = 2\nbrnch = 0.5\n")
    assert given.of_chapter("autodiff", ["loop"]).weights == {}
    with pytest.raises(TriptychError, match=r"line 3: \[weights.graphs\] brnch: no such exercise; .*branch"):
        given.of_chapter("graphs", ["loop", "branch"])
    with pytest.raises(TriptychError, match=r"line 1: \[weights\] graphs: no such chapter of exercises"):
        given.require_chapters(["autodiff"])
    with pytest.raises(TriptychError, match="every exercise counts 0; let one count"):
        settings(tmp_path, "[weights.graphs]\nloop = 0\n").of_chapter("graphs", ["loop"])


def test_the_settings_of_a_folder_are_found_and_options_win(grade, handed_in, tiny, tmp_path: Path) -> None:
    folder = handed_in(ann=RIGHT, ben=HALF)
    (tmp_path / "class.csv").write_text("id,name\nann,Ann Lee\nben,Ben Roe\n")
    (tiny.root / "grading.toml").write_text(
        f"[hand-in]\nroster = '{tmp_path}/class.csv'\n[checks]\nseed = 5\n[limits]\ncells = 30\n"
        "[marks]\nout-of = 10\n[weights.tiny]\ngreet = 0\n"
    )
    grade(folder)
    found = marks(tmp_path / "class-graded")
    assert {s["name"]: (s["mark"], s["raw"]) for s in found.values()} == {
        "Ann Lee": (10, 6),
        "Ben Roe": (3.33, 1),
    }
    head = (tmp_path / "class-graded/marks.json").read_text()
    assert '"seed": 5' in head and '"cells": 30' in head
    other = tmp_path / "other.toml"
    other.write_text("[checks]\nseed = 6\n")
    grade(folder, "--settings", other, "--seed", 7, "--limit", "call=3", "--out", tmp_path / "out")
    head = (tmp_path / "out/marks.json").read_text()
    assert '"seed": 7' in head and '"call": 3' in head and marks(tmp_path / "out")["ann"]["mark"] == 6


def test_wrong_settings_are_told_before_anything_is_graded(grade, handed_in, tiny, tmp_path: Path) -> None:
    (tiny.root / "grading.toml").write_text("[weights.tiny]\ndoubel = 2\n")
    shown = grade(handed_in(ann=RIGHT), status=1)
    assert shown.endswith(
        "grading.toml, line 2: [weights.tiny] doubel: no such exercise; did you mean double?\n"
    )
    (tiny.root / "grading.toml").write_text("[weights.tyni]\ndouble = 2\n")
    assert "[weights] tyni: no such chapter of exercises; there are: tiny" in grade(
        handed_in(ann=RIGHT), status=1
    )
    assert not (tmp_path / "class-graded").exists()
