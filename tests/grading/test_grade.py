"""Grading many: once each, whatever interrupts it, and nobody disturbs anybody."""

from __future__ import annotations

import contextlib
import json
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

import support
from triptych.cli import main
from triptych.course import Course
from triptych.dev import doctor as tools
from triptych.frameworks import FRAMEWORKS
from triptych.grading import run as running
from triptych.grading.chapter import GradedChapter
from triptych.grading.run import Conditions, Cores, grade_all
from triptych.grading.sandbox import Limits, Sandbox, TimedOut
from triptych.grading.store import FILE, Grade, GradeStore
from triptych.grading.submissions import find

CHECKS = """\
from triptych.grading.checks import check

@check("double", points=2, objective=1, message="Twice the number, not its square.")
def doubles(ask, draw):
    n = int(draw.integers(10, 10**9))
    ask.equal("double", n, expected=2 * n)

@check("double", points=1, objective=1, message="0 is a number too.")
def doubles_zero(ask, draw):
    ask.equal("double", 0, expected=0)

@check("greet", points=3, objective=2, message="Say hello.")
def greets(ask, draw):
    ask.equal("greet", "Ann", expected="hello Ann")
"""
RIGHT = "def double(n):\n    return 2 * n\n\ndef greet(name):\n    return f'hello {name}'\n"
HALF = "def double(n):\n    return n * n\n"


def cell(source: str, id: str = "a", kind: str = "code", **nbgrader: object) -> dict:
    metadata = {"nbgrader": {"schema_version": 3, "task": False, **nbgrader}} if nbgrader else {}
    return {"cell_type": kind, "id": id, "metadata": metadata, "source": source}


def notebook(*sources: str) -> str:
    cells = [cell(source, f"c{number}") for number, source in enumerate(sources)]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells})


@pytest.fixture
def tiny(tmp_path: Path) -> Course:
    """A course with one chapter of two exercises that need no framework."""
    root = tmp_path / "course"
    for folder in ("solutions/tiny", "exercises/tiny", "notebooks/tiny"):
        (root / folder).mkdir(parents=True)
    (root / "_config.yml").write_text(support.CONFIG)
    (root / "solutions/tiny/checks.py").write_text(CHECKS)
    for framework in FRAMEWORKS:
        released = {
            "nbformat": 4,
            "nbformat_minor": 5,
            "metadata": {},
            "cells": [
                cell(f"# {framework}\n\n## Twice", "title", "markdown"),
                cell(
                    "double, greet = None, None", "s", grade_id="s", grade=False, solution=True, locked=False
                ),
                cell(
                    "assert double(2) == 4", "d", grade_id="double", grade=True, solution=False, locked=True
                ),
            ],
        }
        (root / f"exercises/tiny/{framework}.ipynb").write_text(json.dumps(released))
    return Course(root)


@pytest.fixture
def handed_in(tmp_path: Path):
    """``handed_in(ann=source)`` puts ann.ipynb into the folder of submissions."""
    folder = tmp_path / "class"
    folder.mkdir()

    def handed_in(**sources: str) -> Path:
        for student, source in sources.items():
            (folder / f"{student}.ipynb").write_text(notebook(source))
        return folder

    return handed_in


@pytest.fixture
def grade(tiny: Course, monkeypatch: pytest.MonkeyPatch):
    """``grade(path, "--seed", 1)`` runs the command in the course."""
    support.need(tools.BUBBLEWRAP)

    def grade(path: Path, *options: object, status: int = 0) -> str:
        monkeypatch.chdir(tiny.root)
        given = [str(path), "--chapter", "tiny", "--framework", "jax", *map(str, options)]
        result = CliRunner().invoke(main, ["grade", *given])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == status, result.output
        return result.output

    return grade


def marks(folder: Path) -> dict[str, dict]:
    data = json.loads((folder / "marks.json").read_text(encoding="utf-8"))
    return {s["student"]: s for s in data["submissions"]}


def conditions(course: Course, **more: object) -> Conditions:
    return Conditions(GradedChapter.of(course, "tiny"), **{"seed": 1, "versions": {"jax": "1"}, **more})


class Scripted:
    """An engine without a sandbox: what it is given, and what it answers."""

    def __init__(self, fault: str = "", stop_after: int = 99) -> None:
        self.fault, self.stop_after, self.seen = fault, stop_after, []

    def __call__(self, frameworks: tuple[str, ...]) -> Scripted:
        self.frameworks = frameworks
        return self

    def run(self, jobs):
        for job in jobs:
            self.seen.append(job)
            if len(self.seen) > self.stop_after:
                raise KeyboardInterrupt
            yield job, Grade((), job.seed, fault=self.fault)


# --- from end to end, in the sandbox ----------------------------------------------------


def test_a_class_becomes_marks_feedback_and_an_overview(grade, handed_in, tmp_path: Path) -> None:
    folder = handed_in(
        ann=RIGHT, ben=HALF, cleo="1 / 0", dora="import os; os._exit(0)", eve="while True: pass"
    )
    (folder / "finn.ipynb").write_text("not json")
    names = tmp_path / "names.csv"
    names.write_text("id,name\n" + "".join(f"{n},{n.title()} Lee\n" for n in ("ann", "ben", "gus")))
    shown = grade(folder, "--students", names, "--limit", "cells=2")
    found = marks(tmp_path / "class-graded")
    assert {name: s["mark"] for name, s in found.items()} == {
        **{"ann": 6, "ben": 1, "cleo": 0, "dora": 0, "eve": 0, "finn": 0}
    }
    assert found["ann"]["name"] == "Ann Lee"
    assert found["ben"]["checks"][0]["message"] == "Twice the number, not its square."
    assert found["cleo"]["errors"][0]["type"] == "ZeroDivisionError"
    assert "ran longer than 2 s while its cells ran" in found["eve"]["reason"]
    assert found["dora"]["reason"]
    assert "not a notebook" in found["finn"]["reason"]
    assert "6 notebooks of 6 students" in shown
    assert "1 students did not hand in" in shown
    assert {p.name for p in (tmp_path / "class-graded").iterdir()} >= {
        "marks.csv",
        "overview.html",
        "feedback",
    }
    assert len(list((tmp_path / "class-graded/feedback").iterdir())) == 6


def test_the_same_command_again_grades_nothing_twice(grade, handed_in, tmp_path: Path, monkeypatch) -> None:
    folder = handed_in(ann=RIGHT, ben=HALF)
    grade(folder)
    first = (tmp_path / "class-graded/marks.csv").read_bytes()
    monkeypatch.setattr(running, "grade_one", lambda *a: pytest.fail("graded twice"))
    assert "2 of them graded before" in grade(folder)
    assert (tmp_path / "class-graded/marks.csv").read_bytes() == first


def test_killed_half_way_it_goes_on_to_the_same_result(
    grade, handed_in, tiny: Course, tmp_path: Path
) -> None:
    """`kill -9` of the grader, with submissions under way; nothing of them is left running."""
    slow = "import time; time.sleep(0.3)\n"
    folder = handed_in(**{f"s{i:02}": slow + f"# {i}\n" + (RIGHT if i % 3 else HALF) for i in range(24)})
    out = tmp_path / "killed"
    command = [sys.executable, "-m", "triptych.cli", "grade", str(folder), "--chapter", "tiny"]
    command += ["--framework", "jax", "--seed", "5", "--jobs", "2", "--out", str(out)]
    process = subprocess.Popen(command, cwd=tiny.root, stderr=subprocess.PIPE)
    try:
        deadline = time.monotonic() + 60
        while (before := kept(out / FILE)) < 6:
            assert time.monotonic() < deadline and process.poll() is None, process.stderr.read()
            time.sleep(0.05)
        under_way = descendants(process.pid)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert under_way
    wait_until(lambda: not any(map(alive, under_way)))
    before = kept(out / FILE)
    assert before < 24
    assert not (out / "marks.csv").exists()
    shown = grade(folder, "--seed", 5, "--out", out)
    assert f"{before} of them graded before" in shown
    grade(folder, "--seed", 5, "--out", tmp_path / "whole")
    for name in ("marks.csv", "overview.html", "feedback/s00.html", "feedback/s01.html"):
        assert (out / name).read_bytes() == (tmp_path / "whole" / name).read_bytes(), name
    assert sum(s["mark"] for s in marks(out).values()) == 16 * 6 + 8


def descendants(pid: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in map(int, (task / "children").read_text().split()):
            with contextlib.suppress(OSError):
                found += [child, *descendants(child)]
    return found


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_until(condition, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def kept(file: Path) -> int:
    try:
        base = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
        return base.execute("SELECT count(*) FROM grade").fetchone()[0]
    except sqlite3.Error:
        return 0


def test_a_learner_sees_what_is_solved_and_progress_remembers(tiny: Course, monkeypatch) -> None:
    support.need(tools.BUBBLEWRAP)
    monkeypatch.chdir(tiny.root)
    own = tiny.root / "exercises/tiny/jax.ipynb"
    released = own.read_text()
    own.write_text(notebook("double = lambda n: 2 * n\n"))
    try:
        result = CliRunner().invoke(main, ["grade", "--self", str(own), "--framework", "jax"])
    finally:
        page = own.with_suffix(".feedback.html")
        own.write_text(released)
    assert result.exit_code == 0, result.output
    lines = [" ".join(line.split()) for line in result.output.splitlines()]
    assert "Twice 3 of 3" in lines
    assert "Total 3 of 6" in lines
    assert any(line.startswith("Greets: ") for line in lines)
    assert "Your notebook" in page.read_text(encoding="utf-8")
    progress = CliRunner().invoke(main, ["progress"]).output.splitlines()
    assert ["tiny", "JAX", "1", "of", "2", "3", "of", "6", "Greet"] in [line.split() for line in progress]
    assert ["tiny", "PyTorch", "0", "of", "2", "not", "tried", "Twice"] in [line.split() for line in progress]


def test_a_sandbox_is_not_started_for_what_cannot_be_graded(grade, tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "class").mkdir()
    (tmp_path / "class/ann.ipynb").write_text("{}")
    monkeypatch.setattr(Sandbox, "__enter__", lambda self: pytest.fail("started"))
    assert "JSON, but not a notebook" in grade(tmp_path / "class")


# --- the store -------------------------------------------------------------------------


def run(store: GradeStore, folder: Path, conditions: Conditions, engine: Scripted, **more: object):
    return grade_all(find(folder), conditions, engine, store, "jax", **more)


@pytest.mark.parametrize("what", ["nothing", "notebook", "checks", "released", "seed", "limits", "versions"])
def test_what_a_grade_depends_on_is_what_grades_it_again(
    what: str, tiny: Course, handed_in, tmp_path: Path
) -> None:
    folder = handed_in(ann=RIGHT)
    now: dict = {}
    with GradeStore(tmp_path / FILE) as store:
        assert run(store, folder, conditions(tiny), Scripted()).known == 0
        match what:
            case "notebook":
                handed_in(ann=RIGHT + "\n")
            case "checks":
                (tiny.root / "solutions/tiny/checks.py").write_text(CHECKS + "\n")
            case "released":
                path = tiny.root / "exercises/tiny/jax.ipynb"
                path.write_text(path.read_text() + "\n")
            case "seed" | "limits" | "versions":
                now = {
                    "seed": {"seed": 2},
                    "limits": {"limits": Limits(call=1)},
                    "versions": {"versions": {}},
                }[what]
        engine = Scripted()
        tally = run(store, folder, conditions(tiny, **now), engine)
        assert (tally.known, len(engine.seen)) == ((1, 0) if what == "nothing" else (0, 1))


def test_the_same_bytes_are_graded_once_and_meet_the_same_inputs(
    tiny: Course, handed_in, tmp_path: Path
) -> None:
    engine = Scripted()
    with GradeStore(tmp_path / FILE) as store:
        run(store, handed_in(ann=RIGHT, ben=RIGHT, cleo=HALF), conditions(tiny), engine)
        grades = {row.student: grade for row, grade in store.rows()}
    assert len(engine.seen) == 2
    assert grades["ann"].seed == grades["ben"].seed != grades["cleo"].seed
    assert dict(grades["ann"].versions) == {"jax": "1"}


def test_an_interruption_keeps_what_is_graded(tiny: Course, handed_in, tmp_path: Path) -> None:
    folder = handed_in(**{f"s{i}": f"x = {i}" for i in range(6)})
    with GradeStore(tmp_path / FILE) as store, pytest.raises(KeyboardInterrupt):
        run(store, folder, conditions(tiny), Scripted(stop_after=3))
    with GradeStore(tmp_path / FILE) as store:
        engine = Scripted()
        assert run(store, folder, conditions(tiny), engine).known == 3
        assert len(engine.seen) == 3


def test_a_failure_of_the_grader_is_told_and_tried_again(tiny: Course, handed_in, tmp_path: Path) -> None:
    folder = handed_in(ann=RIGHT)
    with GradeStore(tmp_path / FILE) as store:
        assert run(store, folder, conditions(tiny), Scripted(fault="OSError: no")).faults == 1
        ((row, grade),) = store.rows()
        assert (grade, row.reason) == (None, "the grader failed, not the submission: OSError: no")
        assert run(store, folder, conditions(tiny), Scripted()).known == 0


def test_what_ended_early_is_graded_again_when_asked(tiny: Course, handed_in, tmp_path: Path) -> None:
    folder = handed_in(ann=RIGHT)
    with GradeStore(tmp_path / FILE) as store:
        run(store, folder, conditions(tiny), Scripted())
        ((row, grade),) = store.rows()
        store.keep(row.key, Grade((), grade.seed, reason="ran longer than 60 s"))
        assert run(store, folder, conditions(tiny), Scripted()).known == 1
        assert run(store, folder, conditions(tiny), Scripted(), retry=True).known == 0


def test_a_notebook_that_changes_meanwhile_is_not_graded_under_a_false_name(
    tiny, handed_in, tmp_path
) -> None:
    folder = handed_in(ann=RIGHT, ben=HALF)

    class Changing(Scripted):
        def run(self, jobs):
            handed_in(ben=RIGHT)
            yield from super().run(jobs)

    with GradeStore(tmp_path / FILE) as store:
        run(store, folder, conditions(tiny), Changing())
        rows = {row.student: row for row, _ in store.rows()}
    assert rows["ben"].reason == "it changed while the others were graded"
    assert not rows["ann"].reason


def test_a_store_that_is_none_or_anothers_is_refused(grade, handed_in, tmp_path: Path) -> None:
    folder = handed_in(ann=RIGHT)
    out = tmp_path / "out"
    out.mkdir()
    with GradeStore(out / FILE) as store:
        store.about("chapter", "autodiff")
    assert "holds the marks of the chapter autodiff; choose another --out" in grade(
        folder, "--out", out, status=1
    )
    (out / FILE).write_bytes(b"not a database, but long enough to be taken for something" * 20)
    for extra in ("-wal", "-shm"):
        (out / f"{FILE}{extra}").unlink(missing_ok=True)
    assert "not a store of grades" in grade(folder, "--out", out, status=1)


def test_a_check_that_is_itself_wrong_costs_a_fault_not_a_mark(
    tiny: Course, handed_in, tmp_path: Path
) -> None:
    support.need(tools.BUBBLEWRAP)
    file = tiny.root / "solutions/tiny/checks.py"
    file.write_text(CHECKS.replace('ask.equal("double", 0, expected=0)', "undefined_name"))
    given = conditions(tiny)
    with GradeStore(tmp_path / FILE) as store:
        tally = grade_all(
            find(handed_in(ann=RIGHT)),
            given,
            lambda f: Cores(given.chapter.checks, lambda: Sandbox(())),
            store,
            "jax",
        )
        ((row, grade),) = store.rows()
    assert (tally.faults, grade) == (1, None)
    assert "undefined_name" in row.reason


def test_a_function_that_does_not_end_is_not_waited_for_again_and_again() -> None:
    calls: list[tuple] = []

    class Session:
        def call(self, name: str, *args: object) -> object:
            calls.append((name, *args))
            if args[-1] == "hang":
                raise TimedOut("late")
            return 1

    session = running._Impatient(Session())
    for args in [("f", "hang"), ("f", "hang")]:
        with pytest.raises(TimedOut):
            session.call("plain", *args)
    assert calls == [("plain", "f", "hang")]
    assert session.call("plain", "g", 1) == 1  # another function, by the same helper
    for number in range(3):
        with pytest.raises(TimedOut, match="late" if number < 2 else "g did not end before"):
            session.call("plain", "g", "hang")


# --- what is refused -------------------------------------------------------------------


def test_trusted_is_for_one_notebook_of_ones_own(grade, handed_in) -> None:
    assert "is for one notebook of your own" in grade(handed_in(ann=RIGHT), "--trusted", status=1)


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["--chapter", "nothing"], "no such chapter of exercises; there are: tiny"),
        (["--chapter", "../tiny"], "no such chapter of exercises"),
        (
            ["--limit", "speed=3"],
            "invalid limit 'speed=3'; give NAME=NUMBER, where NAME is one of cells, call, total, memory",
        ),
        (["--limit", "cells=-1"], "invalid limit"),
        (["--checks", "nowhere"], "no hidden checks there"),
        (["--students", "nowhere.csv"], "cannot be read"),
    ],
)
def test_a_wrong_option_is_one_line_that_says_what_to_do(options, problem, grade, handed_in) -> None:
    shown = grade(handed_in(ann=RIGHT), *options, status=1)
    assert problem in shown
    assert len(shown.splitlines()) == 1


def test_release_check_tells_what_is_not_current(tiny: Course, monkeypatch) -> None:
    monkeypatch.chdir(tiny.root)
    result = CliRunner().invoke(main, ["release", "--check"])
    assert (result.exit_code, "made from no solution" in result.output) == (1, True)
    unknown = CliRunner().invoke(main, ["release", "nothing"])
    assert (unknown.exit_code, "no such chapter" in unknown.output) == (1, True)


def test_private_checks_take_the_place_of_the_courses_own(grade, handed_in, tmp_path: Path) -> None:
    private = tmp_path / "private"
    private.mkdir()
    (private / "checks.py").write_text(CHECKS.replace("points=3", "points=30"))
    grade(handed_in(ann=RIGHT), "--checks", private)
    assert marks(tmp_path / "class-graded")["ann"]["mark"] == 33


def test_every_core_is_used_and_no_more_than_a_few_notebooks_are_in_memory(tiny: Course) -> None:
    taken: list[int] = []
    finished: list[int] = []

    class Slow:
        def __enter__(self):
            return self

        def __exit__(self, *exception: object) -> None:
            pass

        def open(self, cells):
            time.sleep(0.01)
            raise OSError("no sandbox in this test")

    def jobs():
        for number in range(40):
            taken.append(number)
            assert len(taken) - len(finished) <= 9
            yield running.Job(str(number), (), 0)

    for _, graded in Cores((), Slow, 4).run(jobs()):
        finished.append(1)
        assert graded.fault == "OSError: no sandbox in this test"
    assert len(finished) == 40
