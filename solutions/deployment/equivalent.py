"""Changes of the reference answers on deployment that no documented input tells apart, and why."""

from triptych.grading.mutation.explained import same

_CUT = (
    "chosen = hashed // 2**16 * 100 // 2**16 < percent",
    "chosen = hashed // 2**16 * 100 / 2**16 < percent",
)

EQUIVALENT = (
    same(
        "same",
        "A matrix is sorted along its last axis by default, and that is axis 1.",
        (
            "second, largest = np.sort(expected, axis=1)[:, -2:].T",
            "second, largest = np.sort(expected, )[:, -2:].T",
        ),
    ),
    same(
        "size",
        "Half a number less a whole one is float32 anyway, and so is its error; infinite stays infinite.",
        jax=[
            (
                'half = np.asarray(jnp.asarray(w).astype(jnp.float16), "float32")',
                "half = np.asarray(jnp.asarray(w).astype(jnp.float16), )",
            )
        ],
    ),
    same(
        "stranger",
        "1 kB may be 1,000 bytes or 1,024: the text leaves open what is done with an entry in between.",
        (
            "if sizes[name] > math.prod(shape) * dtype.itemsize + 1000:",
            "if sizes[name] >= math.prod(shape) * dtype.itemsize + 1000:",
        ),
        (
            "if sizes[name] > math.prod(shape) * dtype.itemsize + 1000:",
            "if sizes[name] > math.prod(shape) * dtype.itemsize + 1001:",
        ),
    ),
    same(
        "stranger",
        "NumPy unpickles nothing by default; False says so to the reader.",
        (
            "array = np.lib.format.read_array(entry, allow_pickle=False)",
            "array = np.lib.format.read_array(entry, )",
        ),
    ),
    same(
        "mend",
        "A row that is 1 long stays as it is when it is divided by 1; elsewhere > and >= agree.",
        ("x = torch.where(length > 1, x / length, x)", "x = torch.where(length >= 1, x / length, x)"),
        ("x = tf.where(length > 1, x / length, x)", "x = tf.where(length >= 1, x / length, x)"),
        ("x = jnp.where(length > 1, x / length, x)", "x = jnp.where(length >= 1, x / length, x)"),
    ),
    same(
        "int8",
        "int32 times int8 is computed in int32 in JAX.",
        jax=[
            (
                'sums = np.asarray(q @ jnp.asarray(w["weights"], jnp.int32))',
                'sums = np.asarray(q @ jnp.asarray(w["weights"], ))',
            )
        ],
    ),
    same(
        "translation",
        "Zeros and ones are added up exactly in float32 too, and a window of 16 million is not kept.",
        jax=[
            (
                "ids, recent = jnp.asarray(ids, jnp.uint32), jnp.zeros(window, bool)",
                "ids, recent = jnp.asarray(ids, jnp.uint32), jnp.zeros(window, )",
            )
        ],
    ),
    same(
        "translation",
        "Compiled or not, a function without side effects gives the same for all requests.",
        jax=[("@jax.jit", "")],
    ),
    same(
        "translation",
        "`percent` is an integer: a number is below it if and only if its whole part is.",
        pytorch=[_CUT],
        tensorflow=[_CUT],
    ),
    same(
        "translation",
        "Where there are no places nobody is chosen, so nobody is compared, however many come before `last`.",
        tensorflow=[
            ("last = places[-1] if len(places) else -1", "last = places[-1] if len(places) else +1"),
            ("last = places[-1] if len(places) else -1", "last = places[-1] if len(places) else -2"),
        ],
    ),
    same(
        "program",
        "The example shows a batch, of whatever size above 1, and a symbolic dimension may have any name.",
        pytorch=[
            ("example = torch.zeros(2, len(weights[0]))", "example = torch.zeros(3, len(weights[0]))"),
            (
                'dynamic_shapes=({0: torch.export.Dim("batch")},))',
                'dynamic_shapes=({0: torch.export.Dim("XXbatchXX")},))',
            ),
        ],
    ),
    same(
        "program",
        "float32 is what a TensorSpec has where nothing is said.",
        tensorflow=[
            (
                "shape = tf.TensorSpec([None, len(weights[0])], tf.float32)",
                "shape = tf.TensorSpec([None, len(weights[0])], )",
            )
        ],
    ),
)
