"""Typical wrong answers, each with the check that must catch it: `triptych try-exercises` tries them.

An edit replaces a text of the reference answer; a plain text is added below it. Edits that are
named after a framework are for its notebook alone.
"""

from triptych.grading.checks.mistakes import wrong

BANK = (
    wrong(
        "sum",
        "the plain formula",
        "survives-large-numbers",
        pytorch="def log_sum(x):\n    return torch.log(torch.exp(x).sum(dim=-1))",
        tensorflow="def log_sum(x):\n    return tf.math.log(tf.reduce_sum(tf.exp(x), axis=-1))",
        jax="def log_sum(x):\n    return jnp.log(jnp.exp(x).sum(axis=-1))",
    ),
    wrong(
        "sum",
        "what was taken out is not added again",
        "sums-each-row",
        (" + top[..., 0]", ""),
    ),
    wrong(
        "sum",
        "one number for all rows",
        "sums-each-row",
        pytorch="def log_sum(x):\n    return torch.logsumexp(x, dim=(0, 1))",
        tensorflow="def log_sum(x):\n    return tf.reduce_logsumexp(x)",
        jax="import jax\n\ndef log_sum(x):\n    return jax.nn.logsumexp(x)",
    ),
)
