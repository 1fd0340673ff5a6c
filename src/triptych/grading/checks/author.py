"""What a chapter's author writes: functions that ask a submission and compare its answers.

``solutions/<chapter>/checks.py`` holds plain functions::

    @check("loop", points=2, objective=4, message="The start counts too: begin the peak at n.")
    def peak_includes_the_start(ask: Ask, draw: np.random.Generator) -> None:
        n = int(draw.integers(2, 100))
        ask.equal("plain", "collatz_peak", [[n]], expected=...)

``ask`` calls functions of the submission by name, through a sandbox's session; only
plain values come back. ``draw`` makes the inputs, new ones for every seed. A check
passes if it returns. It fails on ``Wrong``, on any other AssertionError, on a value of
the wrong kind, and on everything that the sandbox reports as the submission's own fault.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn, Protocol

import numpy as np

from triptych.grading.checks.comparison import agree, settled, shorten, shown
from triptych.grading.checks.difference import difference, kind_of
from triptych.grading.checks.sources import Sources
from triptych.grading.sandbox import CellError, SubmissionError

#: What a released function does until it is answered.
UNTOUCHED = "raise NotImplementedError()"


class Wrong(AssertionError):
    """An answer that is not the expected one.

    The feedback page shows the texts: what was asked, the two answers, and where they differ first.
    """

    def __init__(self, input: str, expected: str, got: str, difference: str = "") -> None:
        self.input, self.expected, self.got, self.difference = input, expected, got, difference
        super().__init__(f"{input}: expected {expected}, got {got}")


class Caller(Protocol):
    """What calls a submission's functions: a sandbox's session, or a wrapper of one.

    Its methods raise SubmissionError. ``errors`` are the cells that raised.
    """

    @property
    def errors(self) -> Sequence[CellError]:
        """The cells that raised, in order."""

    def call(self, name: str, /, *args: Any, **kwargs: Any) -> Any:
        """The plain value of ``name(*args, **kwargs)``."""

    def reaches(self, names: Sequence[str], name: str, /, *args: Any, **kwargs: Any) -> bool:
        """Whether that call reaches one of the functions ``names``."""

    def bind(self, name: str, helper: str, /, *args: Any) -> None:
        """Let ``name`` be what the helper returns for these arguments."""


class Ask:
    """Asks a submission: for values, by calling its functions, and for its source.

    Whatever the submission returns is plain data (see ``values``), never code.
    """

    def __init__(self, session: Caller, sources: Sources) -> None:
        self._session, self._sources = session, sources
        self.input, self.answer = "", ""
        self.flags: list[str] = []
        self.named: list[str] = []
        self._calls: dict[str, list[tuple[str, tuple[Any, ...], dict[str, Any]]]] = {}

    def __call__(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """The value of ``name(*args, **kwargs)`` in the submission. Raises SubmissionError.

        It is settled: NumPy's booleans are Python's, and an array without axes is a scalar.
        """
        given = [shown(a) for a in args] + [f"{key}={shown(a)}" for key, a in kwargs.items()]
        self.input, self.answer = shorten(f"{name}({', '.join(given)})"), ""
        self.named = [name, *(a for a in args if isinstance(a, str))]
        value = settled(self._session.call(name, *args, **kwargs))
        for named in self.named:
            self._calls.setdefault(named, []).append((name, args, kwargs))
        self.answer = shown(value)
        return value

    def equal(self, name: str, *args: Any, expected: Any, rtol: float = 1e-5, atol: float = 1e-6) -> Any:
        """Call ``name`` and compare: numbers within the tolerances, all else exactly.

        Arrays must have the expected shape; of a dict the expected keys are
        compared. Raises Wrong. Returns the answer.
        """
        value = self(name, *args)
        if not agree(expected, value, rtol, atol):
            wanted = shown(expected)
            where = difference(expected, value, rtol, atol, always=wanted == self.answer)
            raise Wrong(self.input, wanted, self.answer, where)
        return value

    def require(self, condition: object, expected: str, got: object = None) -> None:
        """Raise Wrong unless ``condition`` holds. ``got`` is the last answer where it is not given."""
        if not condition:
            answer = self.answer if got is None else shown(got)
            alike = shorten(expected) == answer
            kind = "" if got is None else f"It is {kind_of(got)}"
            raise Wrong(self.input, shorten(expected), answer, kind if alike else "")

    def not_judged(self, why: str) -> NoReturn:
        """Give no points and no verdict: what this check builds on is missing, which another check tells.

        ``why`` says so to the learner, without a full stop: "Not judged: no life goes on from a checkpoint."
        """
        raise SubmissionError(f"Not judged: {why}")

    @property
    def unanswered(self) -> bool:
        """Whether a function that the last call named still is as it was released."""
        return any(UNTOUCHED in self._sources.text(name) for name in self.named if name in self._sources)

    def source(self, name: str) -> str:
        """The submission's own text of the function ``name``; its last definition wins. Raises Missing."""
        return self._sources.text(name)

    def uses(self, name: str, *dotted: str) -> bool:
        """Whether ``name``, called again as in this check before, reaches one of the dotted names.

        ``"jax.jit"`` is also reached where what it made is called; ``"torch.fx"``, a
        module, stands for its functions; ``"ladder"`` for a helper of the notebook, and
        ``".lower"`` for any method of that name. What is written and not reached does
        not count, and is flagged. A learner who calls it for show is not seen: this tells
        how an honest answer was made, which its value cannot. Raises SubmissionError.
        """
        if name not in self._calls:
            raise ValueError(f"nothing was asked of {name} before `uses`")
        for called, args, kwargs in self._calls[name]:
            if self._session.reaches(dotted, called, *args, **kwargs):
                return True
        self.input, self.answer = f"what {name} calls", ""
        if written := [path for path in dotted if self.mentions(name, path)]:
            self.flags.append(f"writes `{written[0]}` in `{name}`, but does not reach it")
        return False

    def mentions(self, name: str, *dotted: str) -> bool:
        """Whether the text of ``name``, or of a function that it mentions, mentions one of the names."""
        return name in self._sources and self._sources.mentions(name, dotted)

    def bound(self, draw: np.random.Generator, helper: str, *args: Any) -> str:
        """A new random name for what the notebook's ``helper`` returns for these arguments.

        For functions that a learner is to judge: their names tell nothing.
        """
        name = "f" + "".join(draw.choice(list("abcdefghijklmnopqrstuvwxyz"), 8))
        self._session.bind(name, helper, *args)
        return name


Function = Callable[[Ask, np.random.Generator], None]


@dataclass(frozen=True)
class HiddenCheck:
    """A hidden check. ``objective`` counts the chapter's objectives from 1 (0: none)."""

    id: str
    exercise: str
    points: float
    objective: int
    message: str
    function: Function


def check(
    exercise: str, *, points: float, message: str, objective: int = 0
) -> Callable[[Function], HiddenCheck]:
    """Make a function the hidden check ``<exercise>/<the function's name, with dashes>``.

    ``message`` is what a learner reads when it fails: it names the likely mistake. ``objective``
    counts those of the chapter's page from 1; 0 where the chapter has none.
    """

    def hide(function: Function) -> HiddenCheck:
        id = f"{exercise}/{function.__name__.replace('_', '-')}"
        return HiddenCheck(id, exercise, points, objective, message, function)

    return hide
