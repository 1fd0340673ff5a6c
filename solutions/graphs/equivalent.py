"""Changes of the reference answers on graphs that no documented input tells apart, and why."""

from triptych.grading.mutation.explained import same

EQUIVALENT = (
    same(
        "places",
        "What the compiled function itself returns is not asked for: the three counters are.",
        ("return 2 * x", "pass"),
        ("return 2 * x", "return 2 / x"),
        ("return 2 * x", "return 3 * x"),
        jax=[
            ("return 2 * x, seen + (x > 0).sum()", "return 2 / x, seen + (x > 0).sum()"),
            ("return 2 * x, seen + (x > 0).sum()", "return 3 * x, seen + (x > 0).sum()"),
        ],
    ),
    same(
        "places",
        "`fullgraph` changes what breaks the graph, and nothing in this function does, whatever the arrays.",
        pytorch=[
            (
                "count = torch.compile(counter, backend=recorder(programs), fullgraph=True)",
                "count = torch.compile(counter, backend=recorder(programs), )",
            ),
            (
                "count = torch.compile(counter, backend=recorder(programs), fullgraph=True)",
                "count = torch.compile(counter, backend=recorder(programs), fullgraph=False)",
            ),
        ],
    ),
    same(
        "operations",
        "The program does not depend on the value that is traced, only on its type and on n.",
        pytorch=[("climb(torch.tensor(1.0))", "climb(torch.tensor(2.0))")],
        jax=[
            (
                "program = jax.make_jaxpr(lambda x: ladder(x, n))(1.0)",
                "program = jax.make_jaxpr(lambda x: ladder(x, n))(2.0)",
            )
        ],
    ),
    same(
        "operations",
        "`fullgraph` changes what breaks the graph, and nothing in `ladder` does for any n.",
        pytorch=[
            (
                "lambda x: ladder(x, n), backend=recorder(programs), fullgraph=True\n)",
                "lambda x: ladder(x, n), backend=recorder(programs), )",
            ),
            (
                "lambda x: ladder(x, n), backend=recorder(programs), fullgraph=True",
                "lambda x: ladder(x, n), backend=recorder(programs), fullgraph=False",
            ),
        ],
    ),
    same(
        "operations",
        "For no n is there a NoOp in the program of `ladder`: it has no operation without a result. "
        "And float32 is the type that a TensorSpec has where none is given.",
        tensorflow=[
            (
                'passive = {"Placeholder", "Const", "Identity", "NoOp"}',
                'passive = {"Placeholder", "Const", "Identity", "XXNoOpXX"}',
            ),
            (
                "@tf.function(input_signature=[tf.TensorSpec([], tf.float32)])",
                "@tf.function(input_signature=[tf.TensorSpec([], )])",
            ),
        ],
    ),
    same(
        "branch",
        "Where the norm is the ceiling the factor ceiling / norm is exactly 1: both sides give x.",
        ("norm > ceiling,", "norm >= ceiling,"),
        ("if norm > ceiling:", "if norm >= ceiling:"),
    ),
    same(
        "state",
        "`fullgraph` changes what breaks the graph, and a draw does not.",
        pytorch=[
            (
                "lambda: torch.rand(3), backend=recorder([]), fullgraph=True\n)",
                "lambda: torch.rand(3), backend=recorder([]), )",
            ),
            (
                "lambda: torch.rand(3), backend=recorder([]), fullgraph=True",
                "lambda: torch.rand(3), backend=recorder([]), fullgraph=False",
            ),
        ],
    ),
    same(
        "break-even",
        "A clock's reading is not known to a thousandth: no input tells 1001 from 1000.",
        (
            "return 1e3 * (time.perf_counter() - start)",
            "return 1001.0 * (time.perf_counter() - start)",
        ),
    ),
    same(
        "break-even",
        "Which numbers are added and multiplied makes no difference to the times, only how many.",
        pytorch=[
            ("x = torch.linspace(0, 1, size)", "x = torch.linspace(1, 1, size)"),
            ("x = torch.linspace(0, 1, size)", "x = torch.linspace(0, 2, size)"),
        ],
        tensorflow=[
            ("x = tf.linspace(0.0, 1.0, size)", "x = tf.linspace(1.0, 1.0, size)"),
            ("x = tf.linspace(0.0, 1.0, size)", "x = tf.linspace(0.0, 2.0, size)"),
        ],
        jax=[
            ("x = jnp.linspace(0, 1, size)", "x = jnp.linspace(1, 1, size)"),
            ("x = jnp.linspace(0, 1, size)", "x = jnp.linspace(0, 2, size)"),
        ],
    ),
    same(
        "break-even",
        "`fullgraph` changes what breaks the graph, and nothing in `chain` does.",
        pytorch=[
            (
                "fast = torch.compile(chain, backend=recorder([]), fullgraph=True)",
                "fast = torch.compile(chain, backend=recorder([]), )",
            ),
            (
                "fast = torch.compile(chain, backend=recorder([]), fullgraph=True)",
                "fast = torch.compile(chain, backend=recorder([]), fullgraph=False)",
            ),
        ],
    ),
    same(
        "break-even",
        "On a processor, where submissions are graded, TensorFlow has computed when the call returns.",
        tensorflow=[("tf.test.experimental.sync_devices()", "pass")],
    ),
    same(
        "translation",
        "`tf.scan` needs a first spike for its type; no step reads it, whatever the current.",
        tensorflow=[
            (
                "return tf.scan(step, drive, (tf.constant(0), tf.constant(0.0)))",
                "return tf.scan(step, drive, (tf.constant(1), tf.constant(0.0)))",
            )
        ],
    ),
)
