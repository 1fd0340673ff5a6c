"""The extension of JupyterLab as it is committed, and how `triptych lab` chooses and starts."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from support import ROOT, declare, need, section
from triptych.cli import main
from triptych.course import Course
from triptych.dev import doctor as tools
from triptych.dev import lab, panes_build
from triptych.errors import TriptychError

NOTEBOOKS = {name: Path(f"{name}.ipynb") for name in ("pytorch", "tensorflow", "jax", "keras")}


def test_the_committed_extension_is_made_from_the_committed_source():
    assert panes_build.complaints(Course(ROOT)) == []


def test_a_change_of_source_or_build_is_found(tmp_path, monkeypatch):
    for name in ("SOURCE", "BUILT"):
        copy = shutil.copytree(getattr(panes_build, name), tmp_path / name)
        monkeypatch.setattr(panes_build, name, copy)
    source, built = tmp_path / "SOURCE/src/sections.ts", tmp_path / "BUILT/static/style.js"
    source.write_bytes(source.read_bytes().replace(b"\n", b"\r\n"))
    (tmp_path / "SOURCE/node_modules").mkdir()
    (tmp_path / "SOURCE/node_modules/any.js").touch()
    assert panes_build.complaints(Course(tmp_path)) == [], "line ends and packages do not count"
    source.write_text("export {};\n")
    (tmp_path / "SOURCE/src/new.ts").touch()
    built.unlink()
    told = panes_build.complaints(Course(tmp_path))
    assert [line.partition(":")[0] for line in told] == [
        "SOURCE/src/new.ts",
        "SOURCE/src/sections.ts",
        "BUILT/static/style.js",
    ]
    assert all(line.endswith("run `triptych panes`") for line in told)
    (tmp_path / "BUILT" / panes_build.RECORD).write_text("{")
    assert "not JSON" in panes_build.complaints(Course(tmp_path))[0]


def test_it_is_jupyterlabs_to_load_and_says_whose_code_it_holds():
    package = json.loads((panes_build.BUILT / "package.json").read_text())
    assert (panes_build.BUILT / package["jupyterlab"]["_build"]["load"]).is_file()
    assert package["jupyterlab"]["disabledExtensions"] == ["@jupyterlab/apputils-extension:announcements"]
    bundled = json.loads((panes_build.BUILT / "static/third-party-licenses.json").read_text())["packages"]
    assert {package["name"] for package in bundled} == {"css-loader", "style-loader"}
    assert all(len(package["extractedText"]) > 500 for package in bundled)


@pytest.mark.slow
def test_the_build_made_anew_is_the_committed_one(tmp_path, monkeypatch):
    """Needs npm's registry, or npm's cache."""
    need(tools.NODE)
    monkeypatch.setattr(panes_build, "BUILT", tmp_path / "labextensions/triptych-panes")
    try:
        panes_build.build(Course(tmp_path), print)
    except TriptychError as error:
        if error.place.startswith("npm ci"):
            pytest.skip(f"npm's registry is out of reach: {error.problem[-200:]}")
        raise
    differ = ("remoteEntry", "package.json", panes_build.RECORD)  # by the folder that they were built in
    made, committed = (
        {
            path.name: path.read_bytes()
            for path in folder.rglob("*")
            # The entry's number for a module depends on the folder that it was built in.
            if path.is_file() and not path.name.startswith(differ)
        }
        for folder in (panes_build.BUILT, lab.EXTENSIONS / "triptych-panes")
    )
    assert made == committed


def test_panes_are_chosen_by_name_in_the_order_given():
    assert list(lab.chosen(NOTEBOOKS, "jax,pytorch")) == ["jax", "pytorch"]
    assert list(lab.chosen(NOTEBOOKS, " PyTorch, Keras ")) == ["pytorch", "keras"]


@pytest.mark.parametrize(
    ("names", "problem"),
    [
        ("", "a name is missing"),
        ("jax,", "a name is missing"),
        ("torch", "no notebook 'torch' in this chapter"),
        ("jax,flax,torch", "no notebook 'flax' in this chapter"),
        ("jax,jax", "a name is there twice"),
        ("JAX,jax", "a name is there twice"),
    ],
)
def test_other_names_are_answered_with_what_there_is(names, problem):
    with pytest.raises(TriptychError) as raised:
        lab.chosen(NOTEBOOKS, names)
    told = f"--frameworks {names!r}: {problem}; there are: pytorch,tensorflow,jax,keras"
    assert str(raised.value) == told


@pytest.fixture
def small(course, save, monkeypatch) -> Course:
    """A chapter of two notebooks, and a JupyterLab that is not started."""
    for name in ("pytorch", "keras"):
        save(name, section("One"))
    monkeypatch.chdir(course.root)
    monkeypatch.setattr("triptych.course.CHAPTERS", ())
    declare("tiny", notebooks=("pytorch", "keras"))
    monkeypatch.setattr(lab, "open_lab", lambda arguments: print(*arguments, sep="\n"))
    return course


def test_a_chapter_has_the_panes_that_it_declares(small):
    for names, there in (([], ["pytorch", "keras"]), (["--frameworks", "keras"], ["keras"])):
        assert CliRunner().invoke(main, ["lab", "tiny", *names]).exit_code == 0
        (file,) = (small.root / "_build/lab").iterdir()
        dock = json.loads(file.read_text())["data"]["layout-restorer:data"]["main"]["dock"]
        shown = [Path(pane["widgets"][0]).stem for pane in dock["children"]]
        assert shown == there
    result = CliRunner().invoke(
        main, ["lab", "--no-browser", "--frameworks=keras", "tiny", "--frameworks=pytorch"]
    )
    assert "--no-browser" in result.stdout.splitlines() and "tiny" not in result.stdout.splitlines()
    (file,) = (small.root / "_build/lab").iterdir()
    text = file.read_text()
    assert 0 < text.index("keras.ipynb") < text.index("pytorch.ipynb")
    result = CliRunner().invoke(main, ["lab", "tiny", "--frameworks", "jax"])
    assert result.exit_code == 1
    assert result.stderr.endswith("no notebook 'jax' in this chapter; there are: pytorch,keras\n")


@pytest.mark.parametrize("root", [True, False])
def test_root_is_warned_and_served(small, monkeypatch, root):
    monkeypatch.setattr(os, "geteuid", lambda: 0 if root else 1000)
    result = CliRunner().invoke(main, ["lab", "tiny", "--no-browser"])
    assert result.exit_code == 0
    assert ("--ServerApp.allow_root=True" in result.stdout.splitlines()) == root
    assert ("warning: you are root" in result.stderr) == root


@pytest.mark.skipif(os.name != "posix", reason="no signals of POSIX")
@pytest.mark.parametrize("way", ["parent", "nohup"])
def test_a_process_ends_with_its_parent_unless_started_with_nohup(tmp_path, way):
    sign = tmp_path / "sign"
    code = f"""
import pathlib, signal, sys, time
from triptych.dev.lifetime import end_with_parent
{"signal.signal(signal.SIGHUP, signal.SIG_DFL)" if way == "parent" else ""}  # the tests may run under nohup
def ended(*_):
    pathlib.Path({str(sign)!r}).write_text("ended")
    sys.exit()
signal.signal(signal.SIGTERM, ended)
end_with_parent()
print("ready", flush=True)
time.sleep({60 if way == "parent" else 1})
pathlib.Path({str(sign)!r}).write_text("stayed")
"""
    start = "trap '' HUP; " if way == "nohup" else ""
    shell = f'{start}"$0" -c "$1" & read line'
    parent = subprocess.Popen(
        ["sh", "-c", shell, sys.executable, code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert parent.stdout.readline() == b"ready\n"
    parent.kill()
    parent.stdout.read()  # until the child ends too
    assert sign.read_text() == {"parent": "ended", "nohup": "stayed"}[way]
