"""Changes of the reference answers on performance that no documented input tells apart, and why."""

from triptych.grading.mutation.explained import same

EQUIVALENT = (
    same(
        "break-even",
        "The quotient is positive, and int cuts it where // rounds it down: they part only where a quotient "
        "is rounded to an integer, which in exact numbers is a tie of the two ways.",
        (
            "return int((first - compiled) // (eager - compiled)) + 1",
            "return int((first - compiled) / (eager - compiled)) + 1",
        ),
    ),
    same(
        "winner",
        "The text takes the bootstrap or another sound rule: its seed and the number of draws are free.",
        ("draw = np.random.default_rng(0)", "draw = np.random.default_rng(1)"),
        (
            "drawn = draw.choice(samples, (2000, len(samples)))",
            "drawn = draw.choice(samples, (2001, len(samples)))",
        ),
    ),
    same(
        "winner",
        "The interval of the order statistics, which the text allows as well, is never exactly 95 %: what "
        "tells 94 % from 95 % would refuse it.",
        (
            "return np.percentile(np.median(drawn, axis=1), [2.5, 97.5])",
            "return np.percentile(np.median(drawn, axis=1), [3.5, 97.5])",
        ),
        (
            "return np.percentile(np.median(drawn, axis=1), [2.5, 97.5])",
            "return np.percentile(np.median(drawn, axis=1), [2.5, 98.5])",
        ),
    ),
    same(
        "fair",
        "tf.nn.conv2d takes its paddings as integers: for the odd k of the text, k / 2 is cut to k // 2.",
        tensorflow=[
            (
                "p, q = kernel.shape[0] // 2, kernel.shape[1] // 2",
                "p, q = kernel.shape[0] / 2, kernel.shape[1] // 2",
            ),
            (
                "p, q = kernel.shape[0] // 2, kernel.shape[1] // 2",
                "p, q = kernel.shape[0] // 2, kernel.shape[1] / 2",
            ),
        ],
    ),
    same(
        "fair",
        "On the CPU tf.nn.conv2d pads height and width only, whatever stands for the other two axes.",
        tensorflow=[
            (
                "pads = [(0, 0), (p, p), (q, q), (0, 0)]",
                "pads = [(1, 0), (p, p), (q, q), (0, 0)]",
            ),
            (
                "pads = [(0, 0), (p, p), (q, q), (0, 0)]",
                "pads = [(0, 1), (p, p), (q, q), (0, 0)]",
            ),
            (
                "pads = [(0, 0), (p, p), (q, q), (0, 0)]",
                "pads = [(0, 0), (p, p), (q, q), (1, 0)]",
            ),
            (
                "pads = [(0, 0), (p, p), (q, q), (0, 0)]",
                "pads = [(0, 0), (p, p), (q, q), (0, 1)]",
            ),
        ],
    ),
    same(
        "translation",
        "On the CPU a GradScaler asks its device's name only whether it is an accelerator's.",
        pytorch=[
            (
                '"cpu", init_scale=scale, growth_interval=window)',
                '"XXcpuXX", init_scale=scale, growth_interval=window)',
            )
        ],
    ),
    same(
        "translation",
        "What comes in becomes tensors where it is first used: NumPy's float32 arrays and Python's floats.",
        tensorflow=[("X, y = tf.constant(X), tf.constant(y)", "pass")],
        jax=[("w, scale = jnp.asarray(w), jnp.float32(scale)", "pass")],
    ),
    same(
        "translation",
        "The text leaves `jit` free: compiled or not, the function gives the same.",
        jax=[("@jax.jit", "")],
    ),
)
