"""Changes of the reference answers on graphs that no documented input tells apart, and why."""

from triptych.grading.mutation.explained import same

EQUIVALENT = (
    same(
        "branch",
        "At norm == ceiling the factor ceiling / norm is exactly 1: both sides give x itself.",
        jax=[("norm > ceiling,", "norm >= ceiling,")],
    ),
)
