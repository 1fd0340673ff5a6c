"""Other right answers to the exercises on deployment, which every check accepts."""

from triptych.grading.checks.mistakes import right

RIGHT = (
    right(
        "same",
        "row by row",
        (
            "    equal = expected.argmax(1) == got.argmax(1)\n"
            "    second, largest = np.sort(expected, axis=1)[:, -2:].T\n",
            "    equal = np.array([int(a.argmax()) == int(b.argmax()) for a, b in zip(expected, got)])\n"
            "    second, largest = np.array([sorted(row)[-2:] for row in expected]).T\n",
        ),
    ),
    right(
        "same",
        "no row disagrees either, which follows",
        ('"same": difference', '"same": first is None and difference'),
    ),
    right(
        "stranger",
        "by np.load",
        (
            '            with archive.open(name + ".npy") as entry:\n'
            "                array = np.lib.format.read_array(entry, allow_pickle=False)\n",
            "            array = np.load(io.BytesIO(data.tobytes()))[name]\n",
        ),
    ),
    right(
        "program",
        "under another name",
        pytorch=('torch.export.Dim("batch")', 'torch.export.Dim("n", min=1, max=4096)'),
        tensorflow=(
            "    graph = program.answer.concrete_functions[0].graph\n"
            "    return [operation.type for operation in graph.get_operations()]",
            '    graph = program.signatures["serving_default"].graph.as_graph_def()\n'
            "    return [node.op for part in graph.library.function for node in part.node_def]",
        ),
        jax=('f"batch, {len(weights[0])}"', 'f"n, {len(weights[0])}"'),
    ),
    right(
        "mend",
        "a conditional of the framework",
        pytorch=(
            "x = torch.where(x.max() > 1, x / 16, x)",
            "x = torch.cond(x.max() > 1, lambda x: x / 16, lambda x: x.clone(), (x,))",
        ),
        tensorflow=(
            "x = tf.where(tf.reduce_max(x) > 1, x / 16, x)",
            "x = tf.cond(tf.reduce_max(x) > 1, lambda: x / 16, lambda: x)",
        ),
        jax=(
            "x = jnp.where(x.max() > 1, x / 16, x)",
            "x = lax.cond(x.max() > 1, lambda x: x / 16, lambda x: x, x)",
        ),
    ),
    right(
        "mend",
        "never shorter than 1",
        pytorch=("torch.where(length > 1, x / length, x)", "x / length.clamp(min=1)"),
        tensorflow=("tf.where(length > 1, x / length, x)", "x / tf.maximum(length, 1)"),
        jax=("jnp.where(length > 1, x / length, x)", "x / jnp.maximum(length, 1)"),
    ),
    right(
        "int8",
        "in 64 bits, by NumPy",
        "def product(x, W, low, high):\n"
        "    a, w = affine(low, high), columns(W)\n"
        "    q = quantised(x, **a).astype('int64') - a['zero']\n"
        "    sums = (q @ w['weights'].astype('int64')).astype('int32')\n"
        "    return {'sums': sums, 'answer': sums * np.float32(a['scale']) * w['scales']}",
    ),
    right(
        "batching",
        "in another order",
        ("base + each * len(batch)", "(base + len(batch) * each)"),
        ("-(-p * len(ordered) // 100)", "math.ceil(p * len(ordered) / 100)"),
    ),
    right(
        "translation",
        "by hand",
        "def serve(ids, x, old, new, percent, window, limit):\n"
        "    labels, versions, seen = [], [], []\n"
        "    for id, row in zip(ids.tolist(), x):\n"
        "        one, two = row @ old, row @ new\n"
        "        label, version = int(one.argmax()), 1\n"
        "        place = id * 2654435761 % 2**32 // 2**16 * 100 // 2**16\n"
        "        if sum(seen[-window:]) <= limit and place < percent:\n"
        "            fine = bool(np.isfinite(two).all())\n"
        "            seen.append(not fine or int(two.argmax()) != label)\n"
        "            if fine:\n"
        "                label, version = int(two.argmax()), 2\n"
        "        labels.append(label)\n"
        "        versions.append(version)\n"
        "    on = sum(seen[-window:]) <= limit\n"
        "    return {'labels': labels, 'versions': versions, 'compared': len(seen), 'on': on}",
    ),
)
