"""Other right answers, which every check must accept: `triptych try-exercises` tries them.

Edits are written as in `mistakes.py`.
"""

from triptych.grading.checks.mistakes import right

RIGHT = (
    right(
        "sum",
        "the framework's own",
        pytorch="def log_sum(x):\n    return torch.logsumexp(x, dim=-1)",
        tensorflow="def log_sum(x):\n    return tf.reduce_logsumexp(x, axis=-1)",
        jax="import jax\n\ndef log_sum(x):\n    return jax.nn.logsumexp(x, axis=-1)",
    ),
)
