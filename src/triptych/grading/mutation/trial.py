"""A notebook's mutants, tried by the hidden checks in the sandbox.

A mutant is killed where its cell or a hidden check fails with every seed: what only some seeds
tell apart is left to chance, and counts as alive. The mutants of an exercise share a session, in
which the reference answers have run; each then takes the answer's place. After some of them the
reference must pass again, or they are tried in sessions of their own: no mutant is killed by
what another left behind. What lives is tried alone, too.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from triptych.errors import TriptychError
from triptych.grading import checks
from triptych.grading.checks import HiddenCheck
from triptych.grading.mutation.mutants import Mutant
from triptych.grading.sandbox import Code, Died, Limits, Sandbox, Session, SubmissionError
from triptych.grading.submissions import cells_to_run
from triptych.notebooks import answers
from triptych.notebooks import cells as plain

#: Those with which a mutant must be killed.
SEEDS = (1, 2, 3)

#: Mutants between two trials of the reference.
BATCH = 20

#: Runs a text as a cell, and raises what it raises.
RUN = Code(
    "run", "def run_as_a_cell(text):\n    get_ipython().run_cell(text, store_history=False).raise_error()"
)

#: Seconds for a call, at least. A mutant gets as many as all checks take with the reference.
PATIENCE = 5.0

_LATE = "ran longer than"


@dataclass(frozen=True)
class Fate:
    """What became of a mutant. ``by``: the check that killed it, or "its cell".

    Alive, ``by`` is empty, or says which check only some seeds make fail.
    """

    killed: bool
    by: str = ""


class Trial:
    """The mutants of one notebook's exercises."""

    def __init__(
        self,
        sandbox: Sandbox,
        framework: str,
        solution: Mapping[str, Any],
        released: str,
        hidden: Sequence[HiddenCheck],
    ) -> None:
        self._sandbox, self._framework, self._solution = sandbox, framework, solution
        self._released, self._hidden = released, hidden
        self._answers = answers.by_exercise(solution)
        self._helpers = cells_to_run({"cells": []}, released).helpers
        self._limits = Limits()

    def fates(self, exercise: str, mutants: Sequence[Mutant]) -> Iterator[tuple[Mutant, Fate]]:
        """Each mutant with what became of it, all of one exercise.

        Raises TriptychError where the reference itself does not pass.
        """
        order = [check for check in self._hidden if check.exercise == exercise]
        self._require_sound(exercise, order)
        waiting = list(mutants)
        while waiting:
            batch, waiting = waiting[:BATCH], waiting[BATCH:]
            while batch:
                fates, ended = self._together(exercise, batch, order)
                if ended:
                    yield ended, Fate(True, "the sandbox")
                    batch = [mutant for mutant in batch if mutant is not ended]
                    continue
                for mutant in batch:
                    fate = fates.get(mutant.answer)
                    yield mutant, fate if fate and fate.killed else self._alone(mutant, order)
                break

    def _require_sound(self, exercise: str, order: list[HiddenCheck]) -> None:
        self._limits = Limits(cells=300, call=100, total=3600)
        started = time.monotonic()
        fate = self._alone(self._reference(exercise), order, SEEDS)
        if fate.by:
            place = f"{self._framework}: {exercise}"
            raise TriptychError(place, f"the reference is refused by {fate.by}", "mend one of them first")
        self._limits = Limits(cells=300, call=max(PATIENCE, time.monotonic() - started), total=3600)

    def _reference(self, exercise: str) -> Mutant:
        return Mutant(exercise, self._framework, "", "", "\n\n".join(self._answers[exercise]))

    def _together(
        self, exercise: str, batch: Sequence[Mutant], order: list[HiddenCheck]
    ) -> tuple[dict[str, Fate], Mutant | None]:
        """The fates by answer, none where the reference does not pass after them; the one that ended all."""
        fates: dict[str, Fate] = {}
        with ExitStack() as stack:
            session = self._opened(stack, self._solution)
            for mutant in batch:
                try:
                    fates[mutant.answer] = self._fate(session, mutant, order)
                except Died:
                    return {}, mutant
            try:
                sound = not self._fate(session, self._reference(exercise), order, SEEDS[:1]).by
            except Died:
                sound = False
        return fates if sound else {}, None

    def _alone(self, mutant: Mutant, order: list[HiddenCheck], seeds: Sequence[int] = ()) -> Fate:
        """The mutant's fate in a session of its own: with the first seed, and if that kills, with all."""
        with ExitStack() as stack:
            session = self._opened(stack, self._with(mutant))
            try:
                fate = self._fate(session, mutant, order, seeds or SEEDS[:1])
                return self._fate(session, mutant, order) if fate.killed and not seeds else fate
            except Died:
                return Fate(True, "the sandbox")

    def _fate(
        self, session: Session, mutant: Mutant, order: list[HiddenCheck], seeds: Sequence[int] = SEEDS
    ) -> Fate:
        """What becomes of the mutant in this session. The check that kills moves to the front of ``order``.

        Raises Died where it ended the session.
        """
        try:
            session.call("run_as_a_cell", mutant.answer)
        except Died:
            raise
        except SubmissionError:
            return Fate(True, "its cell")
        killers: list[str] = []
        for seed in seeds:
            killer, late = self._killer(session, mutant, order, seed)
            if late:
                return Fate(True, killer)
            killers.append(killer)
            if bool(killer) != bool(killers[0]):
                return Fate(False, killer or killers[0])
        return Fate(bool(killers[0]), killers[0])

    def _killer(
        self, session: Session, mutant: Mutant, order: list[HiddenCheck], seed: int
    ) -> tuple[str, bool]:
        """The check that fails with this seed, if there is one, and whether a call of it had no end."""
        cells = [Code("the mutant", mutant.answer)]
        for result in checks.results(list(order), session, self._helpers, cells, seed, {}):
            if result.earned < result.points:
                if result.message.startswith("Not asked:"):
                    raise Died(result.message)
                order.sort(key=lambda check: check.id != result.check)
                return result.check, result.message.startswith(_LATE)
        return "", False

    def _opened(self, stack: ExitStack, node: Mapping[str, Any]) -> Session:
        program = cells_to_run(dict(node), self._released)
        return stack.enter_context(self._sandbox.open((*program.cells, RUN), self._limits, program.helpers))

    def _with(self, mutant: Mutant) -> dict[str, Any]:
        """The solution with the mutant in the place of its exercise's answers."""
        node = plain.load(plain.dump(dict(self._solution)))
        places: list[dict[str, Any]] = []
        for cell in plain.code_cells(node):
            marks = plain.marks(cell)
            if marks.get("solution"):
                places.append(cell)
            elif marks.get("grade"):
                if marks["grade_id"] == mutant.exercise:
                    break
                places = []
        for cell in places:
            cell["source"] = ""
        places[-1]["source"] = mutant.answer
        return node
