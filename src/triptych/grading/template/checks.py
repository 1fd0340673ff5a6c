"""Hidden checks: they run in the grader's process, and ask the submission for values.

A check passes if it returns. `ask` calls a function of the notebook by name, a locked helper or
one of the learner's; `draw` makes the inputs, new ones for every grading. The message is what a
learner reads when the check fails: it names the likely mistake. An exercise's points are those of
its checks together; the visible check, which has the exercise's name, shows the same number.

Draw enough that guessing does not pay: a yes or no that is asked once is right every other time.
"""

import numpy as np

from triptych.grading.checks import Ask, check

Draw = np.random.Generator


def _log_sum(x: np.ndarray) -> np.ndarray:
    """What the reference answer should find, by other means: NumPy, in float64."""
    return np.logaddexp.reduce(x.astype(float), axis=-1)


@check(
    "sum",
    points=1,
    message="Not the logarithm of the sum of the exponentials, or not one number for each row.",
)
def sums_each_row(ask: Ask, draw: Draw) -> None:
    x = draw.normal(size=draw.integers(2, 6, 2)).astype("float32")
    ask.equal("plain", "log_sum", x, expected=_log_sum(x), rtol=1e-4)


@check(
    "sum",
    points=2,
    message="Large numbers make it infinite, or very negative ones make it minus infinity: take the row's "
    "greatest number out of the sum, and add it again afterwards.",
)
def survives_large_numbers(ask: Ask, draw: Draw) -> None:
    for shift in (-1e3, 1e3):
        x = (draw.normal(size=(4, 3)) + shift).astype("float32")
        ask.equal("plain", "log_sum", x, expected=_log_sum(x), rtol=1e-4)
