"""Other right answers, each put in the place of the reference answer and tried by all checks.

Those of a notebook share a session of the sandbox, in which the notebook with the reference
answers has run; one answer after another takes the place of its exercise's. One that does not
have full marks there is tried again in a session of its own, and the outcome there counts.
"""

from __future__ import annotations

import ast
from contextlib import ExitStack, suppress

from support.exercises import HIDDEN, PATIENT, code, failed, released, sections, solution
from triptych.grading import checks
from triptych.grading.checks.mistakes import Mistake
from triptych.grading.sandbox import Code, Limits, Raised, Sandbox, Session, SubmissionError
from triptych.grading.submissions import cells_to_run
from triptych.notebooks.answers import by_exercise
from triptych.notebooks.cells import marks, source

#: Runs a text as a cell, and raises what it raises.
RUN = Code(
    "run", "def run_as_a_cell(text):\n    get_ipython().run_cell(text, store_history=False).raise_error()"
)

LIMITS = Limits(cells=300, call=100, total=3600)


class Answers:
    """Tries right answers; ``close`` ends the session that is open."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox, self._stack = sandbox, ExitStack()
        self._notebook: tuple[str, str] | None = None
        self._session: Session | None = None

    def close(self) -> None:
        self._stack.close()
        self._notebook = self._session = None

    def refused(self, chapter: str, framework: str, answer: Mistake) -> list[str]:
        """What refuses the answer: hidden checks, and the visible one, each with what it says."""
        text, node = _answered(chapter, framework, answer)
        if self._session is None or self._notebook != (chapter, framework):
            self.close()
            self._session = self._opened(
                self._stack, solution(chapter, framework), chapter, framework, LIMITS
            )
            self._notebook = chapter, framework
        with suppress(SubmissionError):
            self._session.call("run_as_a_cell", text)
            try:
                if not _refused(self._session, node, chapter, framework, answer.exercise):
                    return []
            finally:
                reference = Mistake(answer.exercise, "reference", "", {framework: ()})
                self._session.call("run_as_a_cell", _answered(chapter, framework, reference)[0])
        with ExitStack() as stack:
            alone = self._opened(stack, node, chapter, framework, PATIENT)
            return _refused(alone, node, chapter, framework, answer.exercise)

    def _opened(self, stack: ExitStack, node: dict, chapter: str, framework: str, limits: Limits) -> Session:
        program = cells_to_run(node, released(chapter, framework))
        return stack.enter_context(self._sandbox.open((*program.cells, RUN), limits, program.helpers))


def _answered(chapter: str, framework: str, answer: Mistake) -> tuple[str, dict]:
    """The answer's text, and the solution with it in place of the exercise's answers."""
    cells = sections(chapter, framework)[answer.exercise]
    ours = [cell["id"] for cell in cells if marks(cell).get("solution")]
    node = solution(chapter, framework)
    places = [cell for cell in node["cells"] if cell["id"] in ours]
    text = answer.applied(framework, "\n\n".join(by_exercise(node)[answer.exercise]))
    for cell in places:
        cell["source"] = ""
    places[-1]["source"] = text
    return text, node


def _refused(session: Session, node: dict, chapter: str, framework: str, exercise: str) -> list[str]:
    program = cells_to_run(node, released(chapter, framework))
    chosen = [hidden for hidden in HIDDEN[chapter] if hidden.exercise == exercise]
    lost = failed(checks.run(chosen, session, program.helpers, program.cells, seed=7).results)
    refused = [f"{r.check}: {r.message} ({r.input}: expected {r.expected}, got {r.got})" for r in lost]
    (visible,) = (cell for cell in code(node) if marks(cell).get("grade_id") == exercise)
    try:
        # In the learner's notebook a helper sees at once what the check binds; here with the next call.
        for statement in ast.parse(source(visible)).body:
            session.call("run_as_a_cell", ast.unparse(statement))
    except Raised as raised:
        refused.append(f"the visible check: {raised.type}: {raised.message}")
    return refused
