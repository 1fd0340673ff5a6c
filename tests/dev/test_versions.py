"""Other versions: what is recorded of them, and the environments that `make test SET=...` makes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from support import ROOT, section
from triptych.cli import main
from triptych.course import Course
from triptych.dev import version_sets, versions
from triptych.dev.versions import FAILED, NOT_RUN, PASSED, Outcome
from triptych.errors import TriptychError

OURS = Course(ROOT)

needs_sh = pytest.mark.skipif(os.name != "posix", reason="no sh and no make on Windows")


# --- the record ---------------------------------------------------------------


def test_the_stored_record_lists_every_notebook_and_solution_for_every_set():
    recorded = versions.read(OURS)
    declared = [OURS.name(path) for path in versions.declared(OURS)]
    assert {name.split("/")[0] for name in declared} == {"notebooks", "solutions"}
    assert list(recorded) == list(versions.SETS)
    for name, told in recorded.items():
        assert list(told.notebooks) == declared, name
        assert {"torch", "tensorflow", "jax", "jaxlib", "keras", "numpy"} <= set(told.packages), name


def test_the_recorded_versions_are_those_of_the_files():
    recorded = versions.read(OURS)
    for name in ("default", "colab"):
        lines = (ROOT / version_sets.SETS[name].constraints).read_text().splitlines()
        for package in ("torch", "jax"):
            assert f"{package}=={recorded[name].packages[package]}" in lines


@pytest.fixture
def small(course, save):
    """A course of two notebooks, with our pyproject.toml and constraints."""
    for name in ("pytorch", "jax"):
        save(name, section("One"))
    (course.root / "constraints").mkdir()
    for file in (
        "pyproject.toml",
        "constraints/default.txt",
        "constraints/colab.txt",
        "constraints/newest.txt",
    ):
        shutil.copy(ROOT / file, course.root / file)
    return course


def named(course: Course, name: str) -> Path:
    return course.root / f"notebooks/tiny/{name}.ipynb"


def test_a_run_adds_to_the_record_and_what_it_did_not_run_stays(small):
    before, after = date(2026, 1, 2), date(2026, 3, 4)
    versions.record(small, "newest", {named(small, "jax"): Outcome(PASSED)}, before)
    versions.record(small, "newest", {named(small, "pytorch"): Outcome(FAILED, why="cell 1:\n no")}, after)
    told = versions.read(small)["newest"]
    assert told.date == "2026-03-04"
    assert {place: replace(outcome, code="") for place, outcome in told.notebooks.items()} == {
        "notebooks/tiny/pytorch.ipynb": Outcome(FAILED, "2026-03-04", "cell 1: no", None),
        "notebooks/tiny/jax.ipynb": Outcome(PASSED, "2026-01-02", "", "2026-01-02"),
    }
    versions.record(small, "newest", {named(small, "jax"): Outcome(FAILED, why="no")}, after)
    assert versions.read(small)["newest"].notebooks["notebooks/tiny/jax.ipynb"].last_passed == "2026-01-02"


def test_a_new_notebook_counts_as_not_run_with_the_sets_that_have_not_seen_it(small, save):
    versions.record(small, "newest", {named(small, name): Outcome(PASSED) for name in ("pytorch", "jax")})
    new = save("tensorflow", section("One"))
    versions.record(small, "default", {new: Outcome(PASSED)})
    told = versions.read(small)["newest"].notebooks
    assert list(told) == [small.name(path) for path in versions.declared(small)]
    assert {outcome.outcome for place, outcome in told.items() if place != small.name(new)} == {PASSED}
    assert told[small.name(new)] == Outcome(NOT_RUN, why="it is newer than the last run with them")


def test_with_other_versions_what_was_not_run_again_counts_as_not_run(small, monkeypatch):
    versions.record(small, "newest", {named(small, "jax"): Outcome(PASSED)}, date(2026, 1, 2))
    monkeypatch.setattr(versions, "installed", lambda package: "99.0")
    told = versions.record(small, "newest", {named(small, "pytorch"): Outcome(PASSED)}, date(2026, 3, 4))
    assert told.packages["torch"] == "99.0"
    assert told.notebooks["notebooks/tiny/jax.ipynb"] == Outcome(
        NOT_RUN, "2026-01-02", "the versions have changed since", "2026-01-02"
    )


def test_a_package_that_the_course_asks_for_since_changes_no_version(small, monkeypatch):
    have = versions.installed
    monkeypatch.setattr(versions, "installed", lambda package: None if package == "flax" else have(package))
    versions.record(small, "newest", {named(small, "jax"): Outcome(PASSED)})
    monkeypatch.setattr(versions, "installed", have)
    told = versions.record(small, "newest", {named(small, "pytorch"): Outcome(PASSED)})
    assert "flax" in told.packages
    assert {outcome.outcome for outcome in told.notebooks.values()} == {PASSED}


def test_a_notebook_whose_code_has_changed_since_counts_as_not_run(small, save):
    versions.record(small, "newest", {named(small, "jax"): Outcome(PASSED)}, date(2026, 1, 2))

    def told() -> Outcome:
        return versions.read(small)["newest"].notebooks["notebooks/tiny/jax.ipynb"]

    save("jax", [*section("One"), *section("A text")[:1]])
    assert told().outcome == PASSED
    save("jax", section("One", source="{'y': float(2)}"))
    assert told() == Outcome(NOT_RUN, "2026-01-02", "its code has changed since", "2026-01-02")
    versions.record(small, "newest", {named(small, "jax"): Outcome(PASSED)}, date(2026, 3, 4))
    assert told().outcome == PASSED


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (lambda d: d.update(schema=2), "schema"),
        (lambda d: d["sets"].update(oldest=d["sets"]["colab"]), "sets"),
        (lambda d: d["sets"]["colab"].update(date="yesterday"), "sets colab date"),
        (lambda d: d["sets"]["colab"].pop("python"), "sets colab"),
        (lambda d: d["sets"]["colab"]["packages"].clear(), "sets colab packages"),
        (lambda d: d["sets"]["colab"]["notebooks"].clear(), "sets colab notebooks"),
        (lambda d: d["sets"]["colab"]["notebooks"].update({"a.ipynb": {}}), "sets colab notebooks"),
        *(
            (lambda d, o=outcome: d["sets"]["colab"]["notebooks"].update({"notebooks/a/b.ipynb": o}), "sets")
            for outcome in (
                {"outcome": "passed", "last_passed": "2026-01-01"},  # when?
                {"outcome": "passed", "date": "2026-01-01", "last_passed": None},
                {"outcome": "passed", "date": "2026-01-01", "last_passed": "2026-01-01", "why": "no"},
                {"outcome": "failed", "date": "2026-01-01", "last_passed": None},  # why?
                {"outcome": "failed", "date": "2026-01-01", "last_passed": None, "why": "two\nlines"},
                {"outcome": "not run", "last_passed": None},
                {"outcome": "skipped", "last_passed": None, "why": "no"},
            )
        ),
    ],
)
def test_a_file_that_is_not_such_a_record_is_refused_with_its_place(small, change, place):
    versions.record(small, "colab", {named(small, "jax"): Outcome(PASSED)})
    file = small.root / versions.FILE
    data = json.loads(file.read_text())
    change(data)
    file.write_text(json.dumps(data))
    with pytest.raises(TriptychError) as error:
        versions.read(small)
    assert error.value.place.startswith(f"{versions.FILE}: {place}")


def test_a_full_disk_leaves_the_old_record_whole_and_says_so(small):
    versions.record(small, "newest", {named(small, "jax"): Outcome(PASSED)})
    before = (small.root / versions.FILE).read_text()
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))  # Python ignores SIGXFSZ: a write fails
    try:
        with pytest.raises(
            TriptychError, match=r"versions.json: cannot be written .*; the old file is whole"
        ):
            versions.record(small, "newest", {named(small, "pytorch"): Outcome(PASSED)})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert (small.root / versions.FILE).read_text() == before
    assert [path.name for path in (small.root / "results").iterdir()] == ["versions.json"]


# --- running ------------------------------------------------------------------


@pytest.mark.slow
def test_every_notebook_is_run_whatever_happens_to_those_before_it(small, save, monkeypatch):
    save("pytorch", section("One", source="import os, signal; os.kill(os.getpid(), signal.SIGABRT)"))
    save("tensorflow", section("One", source="raise ValueError('no\\n' * 999 + 'end')"))
    save("jax", section("One", shown="{'y': 7}"))  # another stored output: not compared
    monkeypatch.chdir(small.root)
    result = CliRunner().invoke(main, ["versions", "run", "newest"])
    assert result.exit_code == 1
    told = versions.read(small)["newest"].notebooks
    assert {place: (outcome.outcome, outcome.why) for place, outcome in told.items()} == {
        "notebooks/tiny/pytorch.ipynb": (
            FAILED,
            "code cell 1: its kernel died (out of memory, or a crash in compiled code)",
        ),
        "notebooks/tiny/tensorflow.ipynb": (
            FAILED,
            f"code cell 1: ValueError: {'no ' * 30}... {'no ' * 67}end",
        ),
        "notebooks/tiny/jax.ipynb": (PASSED, ""),
    }
    assert "newest: 1 of 3 passed; written to results/versions.json" in result.output


def test_refresh_records_for_the_default_set_only_with_its_versions(small, monkeypatch):
    version_sets.note(
        small, named(small, "jax"), TriptychError("notebooks/tiny/jax.ipynb: code cell 2", "no")
    )
    why = versions.read(small)["default"].notebooks["notebooks/tiny/jax.ipynb"].why
    assert why == "code cell 2: no"
    before = (small.root / versions.FILE).read_text()
    monkeypatch.setattr(version_sets.doctor, "installed", lambda package: "99.0")
    version_sets.note(small, named(small, "jax"))
    assert (small.root / versions.FILE).read_text() == before


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run", "colap"], "set colap: no such set of versions; there are: default ("),
        (["install", "colap"], "set colap: no such set of versions; there are: default ("),
        (["run", "colab"], "set colab: this environment is another one: flax is "),
        (["run", "newest", "x.ipynb"], "x.ipynb: no notebook that the sets run"),
    ],
)
def test_bad_input_ends_in_one_line_and_records_nothing(small, monkeypatch, arguments, said):
    monkeypatch.chdir(small.root)
    result = CliRunner().invoke(main, ["versions", *arguments])
    assert result.exit_code == 1
    assert result.output.startswith(said)
    assert len(result.output.splitlines()) == 1
    assert not (small.root / versions.FILE).exists()


# --- installing ---------------------------------------------------------------


@pytest.fixture
def pip(tmp_path, monkeypatch):
    """``pip("jax2onnx", "text")``: a pip that fails with that text for that package; its calls, as a list."""
    log = tmp_path / "calls"

    def answer(package: str, text: str):
        fake = tmp_path / "python"
        fake.write_text(
            f'#!/bin/sh\necho "$*" >> {log}\ncase "$*" in *"{package}"*) echo "{text}" >&2; exit 1;; esac\n'
        )
        fake.chmod(0o755)
        monkeypatch.setattr(sys, "executable", str(fake))
        return lambda: log.read_text().splitlines()

    return answer


@needs_sh
def test_an_optional_package_that_does_not_fit_costs_only_itself(small, pip):
    calls = pip("jax2onnx", "ERROR: Cannot install jax2onnx: conflicting dependencies")
    assert version_sets.install(small, "newest", lambda line: None) == ["jax2onnx"]
    first, *others = calls()
    assert "constraints/newest.txt" in first
    assert " torch>=2.11 " in first and "<" not in first  # no upper bound holds the newest back
    assert all(" torch==" in call for call in others)  # what is optional moves no framework


@needs_sh
@pytest.mark.parametrize(
    "text", ["OSError: [Errno 28] No space left on device", "WARNING: Retrying (Retry(...))"]
)
@pytest.mark.parametrize("package", ["torch>=2.11", "onnx>="])
def test_a_full_disk_or_no_network_is_not_taken_for_a_package_that_does_not_fit(small, pip, text, package):
    pip(package, text)
    with pytest.raises(TriptychError, match="set newest: pip failed"):
        version_sets.install(small, "newest", lambda line: None)


# --- make ---------------------------------------------------------------------


@pytest.fixture
def make(tmp_path):
    """``make("SET=colab")`` runs our Makefile in a folder of its own, with no Python on its path."""
    folder, path = tmp_path / "course", tmp_path / "path"
    path.mkdir()
    for tool in ("sh", "rm", "touch", "mkdir", "chmod"):
        (path / tool).symlink_to(shutil.which(tool))
    (folder / "constraints").mkdir(parents=True)
    (folder / "pyproject.toml").touch()
    for name in ("colab", "newest"):
        (folder / f"constraints/{name}.txt").touch()

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [shutil.which("make"), "--no-print-directory", "-f", ROOT / "Makefile", "test", *arguments],
            cwd=folder,
            env={"PATH": str(path)},
            capture_output=True,
            text=True,
            check=False,
        )

    run.folder, run.path = folder, path
    return run


def python(make, installs: str = ":"):
    """Put a Python 3.13 there: its environments have a pip, and a triptych whose ``install`` is that line."""
    fake = make.path / "python3.13"
    fake.write_text(f"""#!/bin/sh
case "$*" in
--version) echo Python 3.13.0;;
"-m venv "*)
    mkdir -p "$3/bin"
    printf '%s\\n' '#!/bin/sh' 'echo "$0 $*"' > "$3/bin/pip"
    printf '%s\\n' '#!/bin/sh' 'echo "$0 $*"' 'case $2 in install) {installs};; esac' > "$3/bin/triptych"
    chmod +x "$3"/bin/*;;
esac
""")
    fake.chmod(0o755)


@needs_sh
@pytest.mark.parametrize(
    ("arguments", "known"),
    [
        (["SET=colap"], "SET=colap is unknown; there are: colab newest"),
        (["SET=colab newest"], "SET=colab newest is unknown; there are: colab newest"),
        (["CPU=avx3"], "CPU=avx3 is unknown; there are: avx2 one-thread"),
        (["SET=colab", "CPU=avx2"], "SET and CPU do not go together: give one"),
    ],
)
def test_make_answers_an_unknown_set_or_processor_in_one_line_with_the_known_ones(make, arguments, known):
    done = make(*arguments)
    assert done.returncode != 0
    assert known in done.stderr
    assert len((done.stdout + done.stderr).splitlines()) == 1
    assert sorted(path.name for path in make.folder.iterdir()) == ["constraints", "pyproject.toml"]


@needs_sh
def test_without_a_python_for_it_a_set_ends_in_one_line_with_the_remedy(make):
    done = make("SET=newest")
    assert done.returncode != 0
    (line,) = done.stdout.splitlines()
    assert line.startswith("SET=newest needs Python 3.13 or 3.12, and found none on the path: install one")
    assert not (make.folder / ".venv-newest").exists()


@needs_sh
def test_an_environment_is_made_once_and_the_set_is_run_in_it(make):
    python(make)
    done = make("SET=colab")
    assert done.returncode == 0, done.stderr
    assert ".venv-colab/bin/triptych versions install colab" in done.stdout
    assert done.stdout.endswith(".venv-colab/bin/triptych versions run colab\n")
    assert "install" not in make("SET=colab").stdout


@needs_sh
def test_an_environment_that_fails_half_way_is_not_left_behind(make):
    python(make, "echo No space left on device >&2; exit 1")
    done = make("SET=colab")
    assert done.returncode != 0
    assert "No space left on device" in done.stderr
    assert done.stdout.splitlines()[-1].startswith(".venv-colab could not be made, and nothing is left of it")
    assert not (make.folder / ".venv-colab").exists()
    assert " run " not in done.stdout


@needs_sh
def test_an_environment_that_was_interrupted_is_not_taken_for_a_whole_one(make):
    half = make.folder / ".venv-colab/bin/half"
    half.parent.mkdir(parents=True)
    half.touch()  # the power went: no stamp
    python(make)
    assert make("SET=colab").returncode == 0
    assert not half.exists()
