"""What a submission costs, the grader's own process does not pay, and its neighbour neither."""

from __future__ import annotations

import gc
import time
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import pytest

from support import need
from support.costly import CHAPTER, COSTLY, FRAMEWORK, checks_of_these, many_cells, reference
from support.exercises import COURSE, PATIENT
from triptych.dev import doctor as tools
from triptych.grading.chapter import GradedChapter
from triptych.grading.marking import Job, Markers, Sandboxes, Setting, each
from triptych.grading.run import Conditions
from triptych.grading.store import Grade
from triptych.notebooks import cells as plain

pytestmark = pytest.mark.bank

#: What the grader's own process may need for a notebook more than for an honest one:
#: seconds of its processor, and bytes.
SECONDS, BYTES = 0.3, 4 << 20


@dataclass
class Room:
    """Grades notebooks of the real chapter, two at a time."""

    setting: Setting
    markers: Markers
    sandboxes: Sandboxes

    def grade(self, *jobs: Job) -> list[Grade]:
        grades = dict(each(jobs, lambda job: self.markers.grade(job, self.setting, self.sandboxes), 2))
        return [grades[job] for job in jobs]


@pytest.fixture(scope="module")
def room() -> Iterator[Room]:
    need(tools.BUBBLEWRAP)
    chapter = GradedChapter.of(COURSE, CHAPTER)
    setting = Conditions(chapter, 7, PATIENT, "bubblewrap", framework=FRAMEWORK).setting
    setting = replace(setting, checks=checks_of_these())
    with Markers(2) as markers, Sandboxes(PATIENT, "bubblewrap") as sandboxes:
        yield Room(setting, markers, sandboxes)


@dataclass(frozen=True)
class Own:
    """What the grader's own process needed."""

    seconds: float
    bytes: int


def own_cost(do: Callable[[], object]) -> Own:
    gc.collect()
    tracemalloc.start()
    before, started = tracemalloc.get_traced_memory()[0], time.process_time()
    do()
    cost = Own(time.process_time() - started, tracemalloc.get_traced_memory()[1] - before)
    tracemalloc.stop()
    return cost


@pytest.fixture
def honest(job: Callable[..., Job]) -> Job:
    return job(data=plain.dump(reference()).encode(), name="honest.ipynb")


@pytest.mark.parametrize("kind", COSTLY)
def test_a_costly_submission_costs_neither_the_grader_nor_its_neighbour(
    kind: str, room: Room, honest: Job, job: Callable[..., Job]
) -> None:
    costly = COSTLY[kind]
    hostile = job(data=costly.notebook(), name="hostile.ipynb")
    room.markers.digest(honest.item)  # a process is there
    grades: list[Grade] = []
    cost = own_cost(lambda: grades.extend(room.grade(hostile, honest)))
    grade, neighbours = grades
    assert neighbours.earned == neighbours.points > 10, neighbours
    assert cost.seconds < SECONDS and cost.bytes < BYTES, cost
    assert not grade.fault, grade.trace
    if costly.reason:
        assert costly.reason in grade.refused
    elif not grade.reason:  # else it was ended for its cost, which is right too
        assert {r.exercise for r in grade.results if r.earned < r.points} <= {costly.lost}


def test_as_many_cells_and_as_much_text_as_are_read_cost_the_grader_nothing(
    room: Room, honest: Job, job: Callable[..., Job]
) -> None:
    hostile = job(data=many_cells(15 << 20), name="hostile.ipynb")
    grades: list[Grade] = []
    cost = own_cost(lambda: grades.extend(room.grade(hostile, honest)))
    assert grades[1].earned == grades[1].points
    assert cost.seconds < SECONDS and cost.bytes < BYTES, cost
    assert not grades[0].fault, grades[0]
