"""Grading many: once each, whatever interrupts it, and nobody disturbs anybody."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

import support
from support.tiny_course import CHECKS, HALF, RIGHT, Scripted, conditions
from triptych.course import Course
from triptych.dev import doctor as tools
from triptych.grading.marking import Markers, each
from triptych.grading.marking.patience import Impatient
from triptych.grading.run import Conditions, Cores, grade_all
from triptych.grading.sandbox import Limits, TimedOut
from triptych.grading.store import FILE, Grade, GradeStore
from triptych.grading.submissions import find


def run(store: GradeStore, folder: Path, conditions: Conditions, engine: Scripted, **more: object):
    return grade_all(find(folder), conditions, engine, store, **more)


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
        assert grade is None
        assert row.reason.startswith(
            "the grader failed, not the submission: OSError: no (no mark; graded again"
        )
        assert run(store, folder, conditions(tiny), Scripted()).known == 0


def test_what_ended_early_is_graded_again_when_asked(tiny: Course, handed_in, tmp_path: Path) -> None:
    folder = handed_in(ann=RIGHT)
    with GradeStore(tmp_path / FILE) as store:
        run(store, folder, conditions(tiny), Scripted())
        ((row, grade),) = store.rows()
        store.keep(row.key, Grade((), grade.seed, reason="ran longer than 60 s"))
        assert run(store, folder, conditions(tiny), Scripted()).known == 1
        assert run(store, folder, conditions(tiny), Scripted(), retry=True).known == 0


@pytest.mark.slow
def test_a_notebook_that_changes_meanwhile_is_not_graded_under_a_false_name(
    tiny, handed_in, tmp_path
) -> None:
    support.need(tools.BUBBLEWRAP)
    folder = handed_in(ann=RIGHT, ben=HALF)
    given = conditions(tiny, framework="jax")

    class Changing(Cores):
        def run(self, jobs):
            handed_in(ben=RIGHT)
            yield from super().run(jobs)

    with GradeStore(tmp_path / FILE) as store, Markers(1) as markers:
        run(store, folder, given, Changing(markers, given.setting))
        rows = {row.student: row for row, _ in store.rows()}
    assert rows["ben"].reason == "it changed while the others were graded"
    assert not rows["ann"].reason


def test_a_check_that_is_itself_wrong_costs_a_fault_not_a_mark(
    tiny: Course, handed_in, tmp_path: Path
) -> None:
    support.need(tools.BUBBLEWRAP)
    file = tiny.root / "solutions/tiny/checks.py"
    file.write_text(CHECKS.replace('ask.equal("double", 0, expected=0)', "undefined_name"))
    given = conditions(tiny, framework="jax")
    with GradeStore(tmp_path / FILE) as store, Markers(1) as markers:
        tally = run(store, handed_in(ann=RIGHT), given, Cores(markers, given.setting))
        ((row, grade),) = store.rows()
    assert (tally.faults, grade) == (1, None)
    assert "undefined_name" in row.reason
    (trace,) = (tmp_path / "faults").iterdir()
    assert row.reason.endswith(f"graded again next time; for a maintainer: faults/{trace.name})")
    text = trace.read_text()
    assert text.startswith("ann: ann.ipynb\n") and "NameError: name 'undefined_name' is not defined" in text


def test_a_grade_that_cannot_be_kept_is_one_students_fault(
    tiny: Course, handed_in, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = handed_in(ann=RIGHT, ben=HALF)
    keep = GradeStore.keep

    def refuses_the_second(store: GradeStore, key: str, grade: Grade) -> None:
        if len(list(store._base.execute("SELECT 1 FROM grade"))) == 1:
            raise RecursionError("too deep")
        keep(store, key, grade)

    with GradeStore(tmp_path / FILE) as store:
        with monkeypatch.context() as patched:
            patched.setattr(GradeStore, "keep", refuses_the_second)
            assert run(store, folder, conditions(tiny), Scripted()).faults == 1
        reasons = {row.student: row.reason for row, _ in store.rows()}
        assert reasons["ann"] == ""
        assert "RecursionError: too deep" in reasons["ben"]
        assert "in refuses_the_second" in next((tmp_path / "faults").iterdir()).read_text()
        assert run(store, folder, conditions(tiny), Scripted()).known == 1
        assert not any(row.reason for row, _ in store.rows())


def test_a_function_that_does_not_end_is_not_waited_for_again_and_again() -> None:
    calls: list[tuple] = []

    class Session:
        def call(self, name: str, *args: object) -> object:
            calls.append((name, *args))
            if args[-1] == "hang":
                raise TimedOut("late")
            return 1

    session = Impatient(Session())
    for args in [("f", "hang"), ("f", "hang")]:
        with pytest.raises(TimedOut):
            session.call("plain", *args)
    assert calls == [("plain", "f", "hang")]
    assert session.call("plain", "g", 1) == 1  # another function, by the same helper
    for number in range(3):
        with pytest.raises(TimedOut, match="late" if number < 2 else "g did not end before"):
            session.call("plain", "g", "hang")


def test_every_core_is_used_and_no_more_than_a_few_notebooks_are_under_way() -> None:
    taken: list[int] = []
    together: list[int] = []
    working = threading.Semaphore(0)

    def things():
        for number in range(40):
            taken.append(number)
            assert len(taken) - len(finished) <= 9
            yield number

    def do(number: int) -> None:
        working.release()
        time.sleep(0.01)
        together.append(working._value)
        working.acquire()

    finished: list[int] = []
    for _ in each(things(), do, 4):
        finished.append(1)
    assert len(finished) == 40
    assert max(together) == 4
