"""What came of a check, in words for a learner."""

from __future__ import annotations

from dataclasses import dataclass

#: What a learner reads of a function that is still as it was released.
NOT_YET = "Not answered yet."


@dataclass(frozen=True)
class CheckResult:
    """What came of one check. ``message`` is empty where it passed.

    Else it is the check's diagnosis, unless there was nothing to diagnose. ``problem`` says what
    stood in the way of a comparison, an exception say, and comes before the diagnosis.
    ``difference`` is the first place where the answer is not the expected one.
    ``absent``: the function was not there to be asked, and ``message`` says why.
    """

    check: str
    exercise: str
    objective: int
    points: float
    earned: float
    message: str = ""
    input: str = ""
    expected: str = ""
    got: str = ""
    problem: str = ""
    difference: str = ""
    absent: bool = False
