"""Changes of the reference answers on autodiff that no documented input tells apart, and why."""

from triptych.grading.mutation.explained import same

_ON_THE_CLASS = (
    "PyTorch calls forward and backward on the class, where they are plain functions all the same."
)

EQUIVALENT = (
    same(
        "recorded",
        "NumPy's float64 arrays become tensors of the same numbers where they are first used.",
        tensorflow=[("X, y = tf.constant(X), tf.constant(y)", "pass")],
        jax=[("X, y = jnp.asarray(X), jnp.asarray(y)", "pass")],
    ),
    same(
        "kink",
        "At x == 0 the next line puts the caller's slope in its place, and elsewhere > and >= agree.",
        pytorch=[("slope = (x > 0).to(x.dtype)", "slope = (x >= 0).to(x.dtype)")],
        tensorflow=[("slope = tf.cast(x > 0, x.dtype)", "slope = tf.cast(x >= 0, x.dtype)")],
        jax=[("slope = (x > 0).astype(x.dtype)", "slope = (x >= 0).astype(x.dtype)")],
    ),
    same(
        "kink",
        _ON_THE_CLASS,
        pytorch=[("@staticmethod", "")],
    ),
    same(
        "custom",
        _ON_THE_CLASS,
        pytorch=[("@staticmethod", "")],
    ),
    same(
        "translation",
        _ON_THE_CLASS,
        pytorch=[("@staticmethod", "")],
    ),
    same(
        "products",
        "With as many inputs as outputs either mode is right, as the text says.",
        (
            'mode = "forward" if inputs < outputs else "reverse"',
            'mode = "forward" if inputs <= outputs else "reverse"',
        ),
    ),
    same(
        "products",
        "A tensor holds the numbers that the array made of it holds.",
        pytorch=[("matrix = matrix.numpy()", "pass")],
        tensorflow=[("matrix = matrix.numpy()", "pass")],
        jax=[("matrix = np.asarray(matrix)", "pass")],
    ),
    same(
        "stable",
        "The logits and vectors of the text are matrices: their last axis is also the one with the number 1.",
        pytorch=[
            ("logs = torch.log_softmax(logits, dim=-1)", "logs = torch.log_softmax(logits, dim=+1)"),
            (
                "return -(torch.exp(logs) * logs).sum(dim=-1)",
                "return -(torch.exp(logs) * logs).sum(dim=+1)",
            ),
            ("squares = (x * x).sum(dim=-1)", "squares = (x * x).sum(dim=+1)"),
        ],
        tensorflow=[
            (
                "return -tf.reduce_sum(tf.exp(logs) * logs, axis=-1)",
                "return -tf.reduce_sum(tf.exp(logs) * logs, axis=+1)",
            ),
            ("squares = tf.reduce_sum(x * x, axis=-1)", "squares = tf.reduce_sum(x * x, axis=+1)"),
        ],
        jax=[
            (
                "return -(jnp.exp(logs) * logs).sum(axis=-1)",
                "return -(jnp.exp(logs) * logs).sum(axis=+1)",
            ),
            ("squares = (x * x).sum(axis=-1)", "squares = (x * x).sum(axis=+1)"),
        ],
    ),
    same(
        "stable",
        "Where squares is 0 the last line takes 0.0, in value and gradient: any positive number will do.",
        pytorch=[
            (
                "safe = torch.where(squares > 0, squares, 1.0)",
                "safe = torch.where(squares > 0, squares, 2.0)",
            )
        ],
        jax=[
            (
                "safe = jnp.where(squares > 0, squares, 1.0)",
                "safe = jnp.where(squares > 0, squares, 2.0)",
            )
        ],
    ),
    same(
        "stable",
        "TensorFlow's gradient of sqrt gives 0 wherever it is handed 0, at 0 itself too.",
        tensorflow=[
            (
                "safe = tf.where(squares > 0, squares, tf.ones_like(squares))",
                "safe = tf.where(squares >= 0, squares, tf.ones_like(squares))",
            )
        ],
    ),
    same(
        "custom",
        "Where e is at most 0.8, as the text says, and for `planted`, a central difference with TensorFlow's "
        "own step of 1/1024 is off by a tenth of the tolerance at most; a slope that is wrong by a hundredth "
        "is off by dozens of it.",
        tensorflow=[
            (
                "globals()[name], point, delta=1e-4)",
                "globals()[name], point, )",
            )
        ],
    ),
    same(
        "custom",
        "With steps of 1e-4 the differences are right to six digits where e is at most 0.8, and exactly 0 "
        "where the slope is: NumPy's own tolerances accept and refuse the same.",
        tensorflow=[
            (
                "return all(np.allclose(a, b, rtol=1e-4, atol=1e-5)",
                "return all(np.allclose(a, b, atol=1e-5)",
            ),
            (
                "return all(np.allclose(a, b, rtol=1e-4, atol=1e-5)",
                "return all(np.allclose(a, b, rtol=1e-4, )",
            ),
        ],
    ),
    same(
        "custom",
        "All the functions can be differentiated twice, and what is derived from a right gradient is right: "
        "the second order finds no more than the first.",
        jax=[
            (
                'globals()[name], point, order=1, modes=["rev"])',
                'globals()[name], point, order=2, modes=["rev"])',
            )
        ],
    ),
)
