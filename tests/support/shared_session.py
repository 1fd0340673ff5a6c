"""Many wrong answers to one exercise, tried one after another in one session of the sandbox.

A session costs more than most checks: its processes, the run of the whole notebook, the
start of a framework's runtime. So the notebook with the reference answers runs once, and
then one mistake after another takes the answer's place: of the cells that the grader would
run, those after the first that differs are run. When all are through, the reference takes
its place again and must still pass the exercise's checks: nothing that a mistake left
behind has failed another's check. A mistake that is not caught as it should be, and all of
a session whose reference no longer passes, are tried again in sessions of their own, and
the outcome there counts: the last of three, as a few checks look at a clock, which sees
less on a busy machine.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from support.exercises import HIDDEN, failed, graded, released, solution, with_mistake
from triptych.grading import checks
from triptych.grading.checks import CheckResult
from triptych.grading.checks.mistakes import Mistake
from triptych.grading.sandbox import Code, Limits, Sandbox, Session, SubmissionError
from triptych.grading.submissions import Program, cells_to_run

Outcome = tuple[CheckResult, ...] | Exception

LIMITS = Limits(total=900)

SWITCH = Code("switch", "def take_its_place(text):\n    get_ipython().run_cell(text, store_history=False)")


def is_caught(chapter: str, mistake: Mistake, outcome: Outcome) -> bool:
    """Whether the check that names the mistake failed, with the check's own message."""
    if isinstance(outcome, Exception):
        return False
    (message,) = [hidden.message for hidden in HIDDEN[chapter] if hidden.id == mistake.caught_by]
    return [r.message for r in failed(outcome) if r.check == mistake.caught_by] == [message]


def outcomes(
    sandbox: Sandbox, chapter: str, framework: str, mistakes: Sequence[Mistake]
) -> dict[str, Outcome]:
    """The outcome of each mistake, by name. They are mistakes in one exercise."""
    caught: dict[str, Outcome] = {}
    waiting = mistakes
    while waiting:
        in_session, tried = _in_one_session(sandbox, chapter, framework, waiting)
        caught |= in_session
        waiting = waiting[tried:]
    alone = [mistake for mistake in mistakes if mistake.name not in caught]
    return caught | {mistake.name: _alone(sandbox, chapter, framework, mistake) for mistake in alone}


def _alone(sandbox: Sandbox, chapter: str, framework: str, mistake: Mistake) -> Outcome:
    try:
        submitted = with_mistake(chapter, framework, mistake)
        for _ in range(3):
            outcome = graded(sandbox, chapter, framework, submitted, mistake.caught_by, limits=Limits())
            if is_caught(chapter, mistake, outcome):
                break
        return outcome
    except Exception as error:  # for the test of this one mistake, not of all
        return error


def _in_one_session(
    sandbox: Sandbox, chapter: str, framework: str, mistakes: Sequence[Mistake]
) -> tuple[dict[str, Outcome], int]:
    """Those that are caught, up to the first that is not; and how many were tried."""
    reference = cells_to_run(solution(chapter, framework), released(chapter, framework))
    caught: dict[str, Outcome] = {}
    tried = 0
    try:
        with sandbox.open((*reference.cells, SWITCH), LIMITS, reference.helpers) as session:
            for mistake in mistakes:
                tried += 1
                outcome = _outcome(session, chapter, framework, mistake, reference)
                if not is_caught(chapter, mistake, outcome):
                    break
                caught[mistake.name] = outcome
            none = Mistake(mistakes[0].exercise, "none", mistakes[0].exercise, {framework: ()})
            sound = not failed(_outcome(session, chapter, framework, none, reference))
    except Exception:  # a session on its own tells which mistake it is
        return {}, max(tried, 1)
    return caught if sound else {}, tried


def _outcome(
    session: Session, chapter: str, framework: str, mistake: Mistake, reference: Program
) -> tuple[CheckResult, ...]:
    program = cells_to_run(with_mistake(chapter, framework, mistake), released(chapter, framework))
    cells, before = program.cells, reference.cells
    same = next((i for i, (a, b) in enumerate(zip(cells, before, strict=False)) if a != b), len(before))
    for cell in cells[same:]:
        session.call("take_its_place", cell.source)
    chosen = [h for h in HIDDEN[chapter] if mistake.caught_by in (h.id, h.exercise)]
    return checks.run(chosen, session, program.helpers, cells, seed=7).results


class Rerun:
    """A session in which one submission after another is run and graded, each from the blank answers on.

    What does not have full marks there is graded again in a session of its own, and that counts.
    """

    def __init__(self, sandbox: Sandbox, session: Session, chapter: str, framework: str) -> None:
        self._sandbox, self._session = sandbox, session
        self._chapter, self._framework = chapter, framework

    def lost(self, submitted: dict, exercise: str) -> list[CheckResult]:
        """The checks of the exercise that the submission fails."""
        program = cells_to_run(submitted, released(self._chapter, self._framework))
        chosen = [hidden for hidden in HIDDEN[self._chapter] if hidden.exercise == exercise]
        with suppress(SubmissionError):
            for cell in program.cells:
                self._session.call("take_its_place", cell.source)
            found = checks.run(chosen, self._session, program.helpers, program.cells, seed=7)
            if not failed(found.results):
                return []
        return failed(graded(self._sandbox, self._chapter, self._framework, submitted, exercise))


@contextmanager
def rerun(sandbox: Sandbox, chapter: str, framework: str) -> Iterator[Rerun]:
    """A session for many submissions to one exercise book."""
    helpers = cells_to_run({}, released(chapter, framework)).helpers
    with sandbox.open((SWITCH,), LIMITS, helpers) as session:
        yield Rerun(sandbox, session, chapter, framework)
