"""Other right answers to the exercises on graphs, which every check accepts."""

from triptych.grading.checks.mistakes import right

RIGHT = (
    right(
        "loop",
        "a list for the pair",
        pytorch=("return steps, peak", "return [steps, peak]"),
        tensorflow=("return steps, peak", "return [steps, peak]"),
        jax=("return steps, peak", "return [steps, peak]"),
    ),
)
