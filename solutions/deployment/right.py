"""Other right answers to the exercises on deployment, which every check accepts."""

from triptych.grading.checks.mistakes import right

RIGHT = (
    # --- Is it the same model?
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
        "same",
        "NumPy's own numbers, by partition",
        ("np.sort(expected, axis=1)[:, -2:].T", "np.partition(expected, -2, axis=1)[:, -2:].T"),
        ("difference = float(np.abs(expected - got).max())", "difference = np.abs(expected - got).max()"),
        ("int(differ.argmax()) if differ.any()", "np.flatnonzero(differ)[0] if differ.any()"),
        ('"equal": int(equal.sum())', '"equal": equal.sum()'),
        ('"same": difference <= tolerance', '"same": np.bool_(difference <= tolerance)'),
    ),
    right(
        "same",
        "in float64, and tested by all and any",
        (
            "    equal = expected.argmax(1)",
            "    expected, got = expected.astype('float64'), got.astype('float64')\n"
            "    equal = expected.argmax(1)",
        ),
        ('"same": difference <= tolerance', '"same": bool((np.abs(got - expected) <= tolerance).all())'),
    ),
    right(
        "same",
        "plain loops",
        """
def agreement(expected, got, tolerance):
    if expected.shape != got.shape:
        raise ValueError(f"shapes {expected.shape} and {got.shape}")
    if expected.shape[0] == 0:
        raise ValueError("no rows")
    equal, first, difference = 0, None, 0.0
    for row, (mine, other) in enumerate(zip(expected.tolist(), got.tolist())):
        for name, logits in (("expected", mine), ("got", other)):
            if not all(map(math.isfinite, logits)):
                raise ValueError(f"row {row} of {name} is not finite")
        difference = max(difference, *(abs(a - b) for a, b in zip(mine, other)))
        if mine.index(max(mine)) == other.index(max(other)):
            equal += 1
            continue
        *_, second, largest = sorted(mine)
        if first is None and largest - second > 2 * tolerance:
            first = row
    return {"equal": equal, "difference": difference, "first": first, "same": difference <= tolerance}


def tolerance(x, W):
    return max(
        2 * len(row) * 2.0**-24 * sum(abs(float(a) * float(b)) for a, b in zip(row, column))
        for row in x for column in W.T)
""",
    ),
    right(
        "same",
        "by the framework, which gives arrays without axes",
        pytorch="""
def agreement(expected, got, tolerance):
    if expected.shape != got.shape or expected.shape[0] < 1:
        raise ValueError(f"{expected.shape} and {got.shape}")
    a, b = torch.from_numpy(expected), torch.from_numpy(got)
    for name, logits in {"expected": a, "got": b}.items():
        if not logits.isfinite().all():
            raise ValueError(f"{name}, row {(~logits.isfinite()).nonzero()[0, 0]}")
    equal = a.argmax(1) == b.argmax(1)
    best = a.topk(2, 1).values
    clear = (~equal & (best[:, 0] - best[:, 1] > 2 * tolerance)).nonzero()
    off = (a - b).abs().max()
    return {"equal": equal.sum(), "difference": off, "first": clear[0, 0] if len(clear) else None,
            "same": off <= tolerance}
""",
        tensorflow="""
def agreement(expected, got, tolerance):
    if expected.shape != got.shape or expected.shape[0] < 1:
        raise ValueError(f"{expected.shape} and {got.shape}")
    for name, logits in {"expected": expected, "got": got}.items():
        bad = tf.where(~tf.math.is_finite(logits))
        if len(bad):
            raise ValueError(f"{name}, row {bad[0, 0]}")
    equal = tf.argmax(expected, 1) == tf.argmax(got, 1)
    best = tf.math.top_k(expected, 2).values
    clear = tf.where(~equal & (best[:, 0] - best[:, 1] > 2 * tolerance))
    off = tf.reduce_max(tf.abs(expected - got))
    return {"equal": tf.math.count_nonzero(equal), "difference": off,
            "first": clear[0, 0] if len(clear) else None, "same": off <= tolerance}
""",
        jax="""
def agreement(expected, got, tolerance):
    if expected.shape != got.shape or expected.shape[0] < 1:
        raise ValueError(f"{expected.shape} and {got.shape}")
    for name, logits in {"expected": expected, "got": got}.items():
        bad = jnp.argwhere(~jnp.isfinite(logits))
        if len(bad):
            raise ValueError(f"{name}, row {bad[0, 0]}")
    equal = jnp.argmax(expected, 1) == jnp.argmax(got, 1)
    best = lax.top_k(jnp.asarray(expected), 2)[0]
    clear = jnp.flatnonzero(~equal & (best[:, 0] - best[:, 1] > 2 * tolerance))
    off = jnp.abs(expected - got).max()
    return {"equal": equal.sum(), "difference": off, "first": clear[0] if len(clear) else None,
            "same": off <= tolerance}
""",
    ),
    # --- How small will it be?
    right(
        "size",
        "NumPy's numbers, added array by array",
        """
def size(shapes, form):
    total = np.int64(0)
    for shape in shapes.values():
        n = np.prod(shape, dtype=np.int64)
        if form == "float32" or form == "int8" and len(shape) <= 1:
            total += 4 * n
        elif form == "float16":
            total += 2 * n
        else:
            total += n + 4 * shape[-1]
    return total
""",
    ),
    right(
        "size",
        "the forms one by one",
        """
def best_that_fits(shapes, limit):
    for form in ["float32", "float16", "int8"]:
        if not size(shapes, form) > limit:
            return form
""",
    ),
    right(
        "size",
        "with sizes of its own",
        """
def best_that_fits(shapes, limit):
    numbers = sum(math.prod(shape) for shape in shapes.values())
    matrices = [shape for shape in shapes.values() if len(shape) > 1]
    small = sum(math.prod(shape) for shape in matrices)
    in_int8 = small + 4 * (numbers - small) + 4 * sum(shape[-1] for shape in matrices)
    sizes = {"float32": 4 * numbers, "float16": 2 * numbers, "int8": in_int8}
    return min((form for form in sizes if sizes[form] <= limit), key=list(sizes).index, default=None)
""",
    ),
    right(
        "size",
        "halved by NumPy, and its numbers",
        """
def halved(w):
    with np.errstate(over="ignore"):
        half = w.astype(np.float16).astype(np.float64)
    finite = np.isfinite(half)
    return {"zeros": np.count_nonzero(half == 0) - np.count_nonzero(w == 0),
            "infinite": np.sum(~finite), "error": np.max(np.abs(half[finite] - w[finite]))}
""",
    ),
    right(
        "size",
        "halved number by number",
        """
def halved(w):
    zeros = infinite = 0
    error = 0.0
    for number in w.ravel().tolist():
        with np.errstate(over="ignore"):
            half = float(np.float16(number))
        if math.isinf(half):
            infinite += 1
            continue
        zeros += half == 0 != number
        error = max(error, abs(half - number))
    return {"zeros": zeros, "infinite": infinite, "error": error}
""",
    ),
    right(
        "size",
        "halved as arrays without axes",
        pytorch=(
            '{"zeros": int(((half == 0) & (whole != 0)).sum()),',
            '{"zeros": torch.sum((half == 0) & whole.bool()),',
        ),
        tensorflow=("int(tf.math.count_nonzero(lost))", "tf.reduce_sum(tf.cast(lost, tf.int32))"),
        jax=("int(((half == 0) & (w != 0)).sum())", "jnp.sum(jnp.asarray((half == 0) & (w != 0)))"),
    ),
    # --- A file from a stranger
    right(
        "stranger",
        "by np.load",
        (
            '                with archive.open(name + ".npy") as entry:\n'
            "                    array = np.lib.format.read_array(entry, allow_pickle=False)\n",
            "                array = np.load(io.BytesIO(data.tobytes()))[name]\n",
        ),
    ),
    right(
        "stranger",
        "sets of names first, np.load on each entry's bytes",
        """
def opened(data, spec):
    arrays = {}
    try:
        file = zipfile.ZipFile(io.BytesIO(bytes(data)))
        entries = {info.filename[:-4]: info for info in file.infolist()}
    except Exception:
        raise ValueError("the file is damaged")
    if wrong := entries.keys() ^ spec.keys():
        raise ValueError("missing, or not expected: " + ", ".join(sorted(wrong)))
    for name, info in entries.items():
        shape, dtype = spec[name]["shape"], spec[name]["dtype"]
        if info.file_size - np.dtype(dtype).itemsize * math.prod(shape) > 1024:
            raise ValueError(f"{name}: {info.file_size} bytes are too many")
        try:
            content = io.BytesIO(file.read(info))
            version = np.lib.format.read_magic(content)
            assert np.lib.format.read_array_header_1_0(content)[0] == tuple(shape), f"header {version}"
            content.seek(0)
            array = np.load(content, allow_pickle=False)
        except BaseException as error:
            raise ValueError(f"{name}: {type(error).__name__}")
        if list(array.shape) != shape or array.dtype != dtype:
            raise ValueError(f"{name} has shape {array.shape} and type {array.dtype}")
        if np.isnan(array).any() or np.isinf(array).any():
            raise ValueError(f"{name} is not finite")
        arrays[name] = array
    return arrays
""",
    ),
    right(
        "stranger",
        "whatever fails is told by one handler",
        """
def opened(data, spec):
    name = "file"
    try:
        with zipfile.ZipFile(io.BytesIO(memoryview(data))) as file:
            sizes = {i.filename.rpartition(".")[0]: i.file_size for i in file.infolist()}
            arrays = {}
            for name in {**sizes, **spec}:
                wanted = spec[name]
                like = np.empty(wanted["shape"], wanted["dtype"])
                assert sizes[name] <= like.nbytes + 1000
                content = file.read(f"{name}.npy")
                said = content[10 : 10 + int.from_bytes(content[8:10], "little")].decode()
                assert f"'shape': {like.shape}," in said
                array = np.lib.format.read_array(io.BytesIO(content))
                assert (array.shape, array.dtype) == (like.shape, like.dtype)
                assert np.isfinite(array).all()
                arrays[name] = array
            return arrays
    except Exception as error:
        raise ValueError(f"{name} is not as it should be ({type(error).__name__})") from error
""",
    ),
    right(
        "stranger",
        "the network in NumPy, with loops",
        """
def logits(arrays, images):
    batch, rows, columns = images.shape
    padded = np.pad(images.astype("float64"), ((0, 0), (1, 1), (1, 1)))
    hidden = np.zeros((batch, rows, columns, len(arrays["bias"])))
    for i in range(3):
        for j in range(3):
            hidden += padded[:, i : i + rows, j : j + columns, None] * arrays["kernel"][i, j, 0]
    hidden = np.maximum(hidden + arrays["bias"], 0)
    return hidden.reshape(batch, -1) @ arrays["dense"]
""",
    ),
    right(
        "stranger",
        "the network by another function of the framework",
        pytorch="""
def logits(arrays, images):
    kernel, bias, dense = (torch.from_numpy(arrays[name].copy()) for name in ("kernel", "bias", "dense"))
    layer = torch.nn.Conv2d(1, len(bias), 3, padding="same")
    with torch.no_grad():
        layer.weight.copy_(torch.einsum("rcio->oirc", kernel))
        layer.bias.copy_(bias)
        x = F.relu(layer(torch.from_numpy(images.copy()).unsqueeze(1)))
        return x.movedim(1, -1).reshape(len(images), -1).matmul(dense)
""",
        tensorflow="""
def logits(arrays, images):
    x = tf.nn.convolution(tf.expand_dims(images, -1), arrays["kernel"], padding="SAME")
    x = tf.nn.relu(tf.nn.bias_add(x, arrays["bias"]))
    return tf.keras.layers.Flatten()(x) @ tf.constant(arrays["dense"])
""",
        jax="""
def logits(arrays, images):
    x = lax.conv(images[:, None], jnp.transpose(arrays["kernel"], (3, 2, 0, 1)), (1, 1), "SAME")
    x = jnp.maximum(jnp.moveaxis(x, 1, -1) + arrays["bias"], 0)
    return jnp.einsum("bk,kl->bl", x.reshape(len(images), -1), arrays["dense"])
""",
    ),
    # --- A program without its code
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
        "program",
        "the framework finds what is free",
        pytorch=('torch.export.Dim("batch")', "torch.export.Dim.DYNAMIC"),
        tensorflow=(
            "lambda x: model(weights, bend, x), input_signature=[shape])\n",
            "lambda x: model(weights, bend, x))\n    module.answer.get_concrete_function(shape)\n",
        ),
        jax=(
            'export.symbolic_shape(f"batch, {len(weights[0])}")',
            '(*export.symbolic_shape("rows"), len(weights[0]))',
        ),
    ),
    right(
        "program",
        "a tuple of answers, in a file of another name",
        pytorch=[
            ('"program.pt2"', '"it.pt2"'),
            (
                "return [answer(torch.tensor(x)).numpy() for x in batches]",
                "return tuple(answer(torch.from_numpy(x.copy())) for x in batches)",
            ),
        ],
        tensorflow=[
            (
                "tf.saved_model.save(module, folder)",
                'tf.saved_model.save(module, os.path.join(folder, "it"))',
            ),
            ("tf.saved_model.load(folder)", 'tf.saved_model.load(os.path.join(folder, "it"))'),
            (
                "return [program.answer(tf.constant(x)).numpy() for x in batches]",
                "return tuple(program.answer(x) for x in batches)",
            ),
        ],
        jax=[
            ('"program"', '"it.bin"'),
            (
                "return [np.asarray(program.call(x)) for x in batches]",
                "return tuple(jax.jit(program.call)(x) for x in batches)",
            ),
        ],
    ),
    right(
        "program",
        "the operators written down beside it",
        pytorch=[
            (
                '    torch.export.save(program, os.path.join(folder, "program.pt2"))\n',
                '    torch.export.save(program, os.path.join(folder, "program.pt2"))\n'
                '    with open(os.path.join(folder, "operators.json"), "w") as file:\n'
                "        nodes = [n for n in program.graph.nodes if n.op == 'call_function']\n"
                "        json.dump([str(n.target) for n in nodes], file)\n",
            ),
            "def program_operators(folder):\n"
            '    with open(os.path.join(folder, "operators.json")) as file:\n'
            "        return json.load(file)",
        ],
        tensorflow=[
            (
                "    tf.saved_model.save(module, folder)\n",
                "    tf.saved_model.save(module, folder)\n"
                "    graph = module.answer.get_concrete_function().graph\n"
                '    with open(os.path.join(folder, "operators.json"), "w") as file:\n'
                "        json.dump([operation.type for operation in graph.get_operations()], file)\n",
            ),
            "def program_operators(folder):\n"
            '    with open(os.path.join(folder, "operators.json")) as file:\n'
            "        return json.load(file)",
        ],
        jax=[
            (
                "        file.write(program.serialize())\n",
                "        file.write(program.serialize())\n"
                '    with open(os.path.join(folder, "operators.json"), "w") as file:\n'
                '        json.dump(re.findall(r"stablehlo\\.[a-z_]+", str(program.mlir_module())), file)\n',
            ),
            "def program_operators(folder):\n"
            '    with open(os.path.join(folder, "operators.json")) as file:\n'
            "        return json.load(file)",
        ],
    ),
    right(
        "program",
        "in smaller operators, or with the weights as arguments",
        pytorch=(
            "    torch.export.save(program, os",
            "    program = program.run_decompositions()\n    torch.export.save(program, os",
        ),
        tensorflow="""
def save_program(weights, bend, folder):
    class Kept(tf.Module):
        def __init__(self):
            super().__init__()
            self.weights = [tf.Variable(w) for w in weights]

        @tf.function(input_signature=[tf.TensorSpec([None, len(weights[0])], tf.float32)])
        def answer(self, x):
            return model(self.weights, bend, x)

    tf.saved_model.save(Kept(), folder)
""",
        jax="""
def save_program(weights, bend, folder):
    batch = export.symbolic_shape("batch")
    shapes = [jax.ShapeDtypeStruct(w.shape, w.dtype) for w in weights]
    x = jax.ShapeDtypeStruct((*batch, len(weights[0])), "float32")
    program = export.export(jax.jit(lambda weights, x: model(weights, bend, x)))(shapes, x)
    np.savez(os.path.join(folder, "weights.npz"), *weights)
    with open(os.path.join(folder, "program"), "wb") as file:
        file.write(program.serialize())


def run_program(folder, batches):
    with np.load(os.path.join(folder, "weights.npz")) as file:
        weights = [file[name] for name in file.files]
    return [np.array(read_program(folder).call(weights, x)) for x in batches]
""",
    ),
    # --- Fix the export
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
        "mend",
        "by factors, and the length by hand",
        pytorch="""
def prepare(x):
    x = x * (1 - (x > 1).any() * (15 / 16))
    length = (x * x).sum(-1).sqrt()
    return torch.einsum("rp,r->rp", x, 1 / length.clamp_min(1)).unflatten(1, (8, 8))
""",
        tensorflow="""
def prepare(x):
    x = x * (1 - tf.cast(tf.reduce_any(x > 1), tf.float32) * (15 / 16))
    length = tf.sqrt(tf.reduce_sum(x * x, -1))
    x = tf.einsum("rp,r->rp", x, 1 / tf.maximum(length, 1))
    return tf.reshape(x, [tf.shape(x)[0], 8, 8])
""",
        jax="""
def prepare(x):
    x = x * (1 - (x > 1).any() * (15 / 16))
    length = jnp.sqrt((x * x).sum(-1))
    return jnp.einsum("rp,r->rp", x, 1 / jnp.maximum(length, 1)).reshape(x.shape[0], 8, 8)
""",
    ),
    right(
        "mend",
        "row by row, by the framework",
        pytorch="""
def prepare(x):
    def one(row):
        length = torch.linalg.vector_norm(row)
        return torch.where(length > 1, row / length, row).reshape(8, 8)

    return torch.vmap(one)(torch.where(x.max() > 1, x / 16, x))
""",
        tensorflow="""
def prepare(x):
    def one(row):
        length = tf.norm(row)
        return tf.reshape(tf.where(length > 1, row / length, row), [8, 8])

    return tf.map_fn(one, tf.where(tf.reduce_max(x) > 1, x / 16, x))
""",
        jax="""
def prepare(x):
    def one(row):
        length = jnp.linalg.norm(row)
        return jnp.where(length > 1, row / length, row).reshape(8, 8)

    return jax.vmap(one)(jnp.where(x.max() > 1, x / 16, x))
""",
    ),
    right(
        "mend",
        "the state as a list, counted by a sum of ones",
        pytorch="""
def centred(x, count, total):
    count = count + torch.ones_like(x[:, 0]).sum()
    total = torch.cat([x, total[None]]).sum(0)
    return [x - (total / count)[None], count, total]
""",
        tensorflow="""
def centred(x, count, total):
    count += tf.reduce_sum(tf.ones_like(x[:, 0]))
    total = tf.reduce_sum(tf.concat([x, total[None]], 0), 0)
    return [x - (total / count)[None], count, total]
""",
        jax="""
def centred(x, count, total):
    count += jnp.ones_like(x[:, 0]).sum()
    total = total.at[:].add(x.sum(0))
    return [x - (total / count)[None], count, total]
""",
    ),
    # --- int8 by hand
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
        "int8",
        "in float64, and NumPy's numbers",
        """
def affine(low, high):
    low, high = np.minimum(low, 0), np.maximum(high, 0)
    if low == high:
        return {"scale": np.float64(1), "zero": np.int64(-128)}
    scale = (high - low) / 255
    return {"scale": scale, "zero": np.rint(127 - high / scale).astype(int)}


def quantised(x, scale, zero):
    return np.clip(np.rint(x.astype("float64") / scale + zero), -128, 127).astype(np.int8)
""",
    ),
    right(
        "int8",
        "the nearest step by floor",
        ("np.round(x / scale) + zero", "np.floor(x / np.float64(scale) + 0.5) + zero"),
        ("np.round(W / scales).astype", "np.floor(W / scales + np.float32(0.5)).astype"),
    ),
    right(
        "int8",
        "column by column, and summed by loops",
        """
def columns(W):
    weights, scales = np.zeros(W.shape, "int8"), np.ones(W.shape[1], "float32")
    for j, column in enumerate(W.T):
        if column.any():
            scales[j] = max(column.max(), -column.min()) / 127
            weights[:, j] = np.rint(column / scales[j])
    return {"weights": weights, "scales": scales}


def bound(x, W, low, high):
    s, t = affine(low, high)["scale"] / 2, columns(W)["scales"] / 2
    return [[sum(abs(float(a)) * t[j] + abs(float(W[k, j])) * s + s * t[j] for k, a in enumerate(row))
             for j in range(W.shape[1])] for row in x]
""",
    ),
    right(
        "int8",
        "by the framework, which gives its own arrays",
        pytorch="""
def quantised(x, scale, zero):
    q = torch.round(torch.from_numpy(x.copy()) / scale) + zero
    return q.clamp(-128, 127).to(torch.int8).numpy()


def product(x, W, low, high):
    a, w = affine(low, high), columns(W)
    q = torch.from_numpy(quantised(x, **a)).to(torch.int32).sub(a["zero"])
    sums = torch.einsum("rk,kj->rj", q, torch.from_numpy(w["weights"]).to(torch.int32))
    return {"sums": sums, "answer": sums * torch.from_numpy(a["scale"] * w["scales"])}
""",
        tensorflow="""
def quantised(x, scale, zero):
    q = tf.round(x / scale) + zero
    return tf.cast(tf.clip_by_value(q, -128, 127), tf.int8).numpy()


def product(x, W, low, high):
    a, w = affine(low, high), columns(W)
    q = tf.cast(quantised(x, **a), tf.int32) - a["zero"]
    sums = tf.linalg.matmul(q, tf.cast(w["weights"], tf.int32))
    return {"sums": sums, "answer": tf.cast(sums, tf.float32) * a["scale"] * w["scales"]}
""",
        jax="""
def quantised(x, scale, zero):
    return np.asarray(jnp.clip(jnp.round(x / scale) + zero, -128, 127).astype(jnp.int8))


def product(x, W, low, high):
    a, w = affine(low, high), columns(W)
    q = jnp.asarray(quantised(x, **a), jnp.int16) - a["zero"]
    sums = lax.dot(q, jnp.asarray(w["weights"], jnp.int16), preferred_element_type=jnp.int32)
    return {"sums": sums, "answer": sums * a["scale"] * w["scales"]}
""",
    ),
    right(
        "int8",
        "the zero point taken off the sums",
        """
def product(x, W, low, high):
    a, w = affine(low, high), columns(W)
    q, weights = quantised(x, **a).astype(np.int32), w["weights"].astype(np.int32)
    sums = np.matmul(q, weights) - np.int32(a["zero"]) * weights.sum(0, dtype=np.int32)
    return {"sums": sums, "answer": a["scale"] * w["scales"].astype(np.float64) * sums}
""",
    ),
    # --- The open inference protocol
    right(
        "protocol",
        "the array flattened in another way",
        (
            'x.ravel(order="C").tolist()',
            '[n.item() for n in np.nditer(np.ascontiguousarray(x), ["zerosize_ok"])]',
        ),
        ('raise ValueError(f"no output {name} in {sorted(response)}")', "raise ValueError(name)"),
    ),
    right(
        "protocol",
        "names of types turned round, outputs as a dict",
        """
NAMES = {np.dtype(dtype): name for name, dtype in DATATYPES.items()}


def request(x, name):
    data = np.ascontiguousarray(x).reshape(-1).tolist()
    return dict(inputs=[dict(name=name, shape=[*x.shape], datatype=NAMES[x.dtype], data=data)])


def tensor(response, name):
    outputs = {out["name"]: out for out in response.get("outputs") or []}
    if name not in outputs:
        raise ValueError(f"there is no output {name!r}")
    out = outputs[name]
    return np.asarray(out["data"], dtype=DATATYPES[out["datatype"]]).reshape(*out["shape"])
""",
    ),
    right(
        "protocol",
        "the path taken apart by hand",
        (
            '    found = re.fullmatch(r"/v2/models/digits(/versions/(.+))?/infer", path)\n'
            "    if not found:\n",
            "    parts = path.split('/')\n"
            "    named = len(parts) == 7 and parts[4] == 'versions'\n"
            "    if parts[:4] != ['', 'v2', 'models', 'digits'] or parts[-1] != 'infer' or not (\n"
            "            named or len(parts) == 5):\n",
        ),
        ("found[2] or max(models, key=int)", "parts[5] if named else str(max(map(int, models)))"),
    ),
    right(
        "protocol",
        "what is wrong is raised, and told in one place",
        """
class Refused(Exception):
    pass


def respond(path, body, models):
    try:
        return {"status": 200, "body": json.dumps(answered(path, body, models))}
    except Refused as error:
        status, message = error.args
        return {"status": status, "body": json.dumps({"error": message})}


def need(condition, message, status=400):
    if not condition:
        raise Refused(status, message)


def answered(path, body, models):
    before, _, rest = path.partition("/v2/models/digits")
    found = re.fullmatch("(?:/versions/([^/]*))?/infer", rest)
    need(not before and found, f"model: {path}", 404)
    version = max(models, key=lambda v: int(v)) if found[1] is None else found[1]
    need(version in models, f"version: {version}", 404)
    try:
        asked = json.loads(body)
    except Exception:
        asked = None
    need(type(asked) is dict, "body, which should be an object")
    inputs = asked.get("inputs")
    need(type(inputs) is list and [type(i) for i in inputs] == [dict], "inputs, one please")
    for field in ["name", "shape", "datatype", "data"]:
        need(field in inputs[0], field)
    shape, data, W = inputs[0]["shape"], inputs[0]["data"], models[version]
    need(inputs[0]["datatype"] == "FP32", "datatype: FP32, please")
    need(type(shape) is list and list(map(type, shape)) == [int, int], "shape")
    need(shape[0] >= 1 and shape[1] == W.shape[0], "shape")
    need(type(data) is list and len(data) == math.prod(shape), "data: how many?")
    need(all(type(n) in {int, float} for n in data), "data: numbers, please")
    need(all(-3.4028235e38 <= n <= 3.4028235e38 for n in data), "data: finite, please")
    logits = np.asarray(data, np.float32).reshape(shape).dot(W)
    need(abs(logits).max() < np.inf, "logits: too large", 500)
    outputs = request(logits, "logits")["inputs"]
    return {"model_name": "digits", "model_version": version, "id": "1", "outputs": outputs}
""",
    ),
    right(
        "protocol",
        "the product by the framework, the numbers by NumPy",
        pytorch=(
            'np.array(data, "float32").reshape(shape) @ W',
            "(torch.tensor(data, dtype=torch.float32).view(shape) @ torch.tensor(W)).numpy()",
        ),
        tensorflow=(
            'np.array(data, "float32").reshape(shape) @ W',
            "tf.matmul(tf.reshape(tf.constant(data, tf.float32), shape), W).numpy()",
        ),
        jax=(
            'np.array(data, "float32").reshape(shape) @ W',
            "np.asarray(jnp.array(data, jnp.float32).reshape(shape) @ W)",
        ),
    ),
    # --- Batch the requests
    right(
        "batching",
        "in another order",
        ("base + each * len(batch)", "(base + len(batch) * each)"),
        ("-(-p * len(ordered) // 100)", "math.ceil(p * len(ordered) / 100)"),
    ),
    right(
        "batching",
        "one arrival after the other",
        """
def served(arrivals, size, wait, base, each):
    batches, answered, state = [], [0.0] * len(arrivals), {"free": 0.0, "open": []}

    def close(at):
        batch, state["open"] = state["open"], []
        state["free"] = max(state["free"], at) + base + each * len(batch)
        batches.append(batch)
        for i in batch:
            answered[i] = state["free"]

    for i, now in enumerate(arrivals):
        if state["open"] and now > arrivals[state["open"][0]] + wait:
            close(arrivals[state["open"][0]] + wait)
        state["open"].append(i)
        if len(state["open"]) == size:
            close(now)
    if state["open"]:
        close(arrivals[state["open"][0]] + wait)
    return {"batches": batches, "answered": answered}
""",
    ),
    right(
        "batching",
        "by NumPy, and arrays for lists",
        """
def served(arrivals, size, wait, base, each):
    times, batches, free = np.asarray(arrivals, float), [], 0.0
    answered = np.empty(len(times))
    first = 0
    while first < len(times):
        end = min(int(np.searchsorted(times, times[first] + wait, "right")), first + size)
        closed = times[end - 1] if end == first + size else times[first] + wait
        free = np.maximum(free, closed) + base + each * (end - first)
        batches.append(tuple(range(first, end)))
        answered[first:end] = free
        first = end
    return {"batches": tuple(batches), "answered": answered}


def best_wait(arrivals, size, waits, base, each):
    waits = np.sort(waits)
    days = [served(arrivals, size, w, base, each)["answered"] for w in waits]
    tails = [percentiles(list(day - np.asarray(arrivals)))["p99"] for day in days]
    return waits[np.argmin(tails)]
""",
    ),
    right(
        "batching",
        "NumPy's percentiles of that kind",
        """
def percentiles(latencies):
    found = np.percentile(latencies, [50, 95, 99], method="inverted_cdf")
    return {"p50": found[0], "p95": found[1], "p99": found[2]}
""",
    ),
    right(
        "batching",
        "percentiles counted from above",
        """
def percentiles(latencies):
    ordered = sorted(latencies, reverse=True)
    return {f"p{p}": ordered[len(ordered) * (100 - p) // 100] for p in (99, 95, 50)}


def best_wait(arrivals, size, waits, base, each):
    best = None
    for wait in sorted(waits, reverse=True):
        day = served(arrivals, size, wait, base, each)
        tail = percentiles([day["answered"][i] - arrivals[i] for i in range(len(arrivals))])["p99"]
        if best is None or tail <= best[0]:
            best = tail, wait
    return best[1]
""",
    ),
    # --- Translate
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
    right(
        "translation",
        "with a queue of fixed length, and the count kept",
        """
def serve(ids, x, old, new, percent, window, limit):
    from collections import deque

    with np.errstate(all="ignore"):
        before, after = x.astype("float64") @ old, (x @ new).astype("float64")
    recent, differ, compared, on = deque([0] * window), 0, 0, True
    labels, versions = before.argmax(1), np.ones(len(ids), int)
    for i in range(len(ids)):
        upper = (int(ids[i]) * 2654435761 & 0xFFFFFFFF) >> 16
        if not on or upper * 100 >> 16 >= percent:
            continue
        compared += 1
        finite = np.isfinite(after[i]).all()
        bad = int(not finite or after[i].argmax() != labels[i])
        recent.append(bad)
        differ += bad - recent.popleft()
        on = differ <= limit
        if finite:
            versions[i], labels[i] = 2, after[i].argmax()
    return {"labels": labels, "versions": versions, "compared": compared, "on": on}
""",
    ),
    right(
        "translation",
        "without a loop over the requests, in NumPy",
        """
def serve(ids, x, old, new, percent, window, limit):
    hashed = ids.astype("uint32") * np.uint32(2654435761)
    chosen = (hashed >> np.uint32(16)).astype("int64") * 100 >> 16 < percent
    with np.errstate(all="ignore"):
        before, after = x @ old, x @ new
    finite = np.isfinite(after).all(axis=-1)
    first, second = np.argmax(before, 1), np.argmax(after, 1)
    wrong = (~finite | (first != second))[chosen]
    total = np.concatenate([np.zeros(window, int), np.cumsum(wrong)])
    over = np.flatnonzero(total[window:] - total[: len(wrong)] > limit)
    places = np.flatnonzero(chosen)[: over[0] + 1 if over.size else None]
    moved = np.isin(np.arange(len(ids)), places) & finite
    return {"labels": np.where(moved, second, first), "versions": 1 + moved,
            "compared": np.int64(places.size), "on": np.bool_(not over.size)}
""",
    ),
    right(
        "translation",
        "the framework's own arrays, without axes too",
        pytorch=[
            (
                '"labels": torch.where(moved, second, first).numpy()',
                '"labels": second * moved + first * ~moved',
            ),
            ('"versions": torch.where(moved, 2, 1).numpy()', '"versions": 1 + moved.int()'),
            (
                '"compared": int(compared.sum()), "on": on}',
                '"compared": compared.sum(), "on": torch.tensor(on)}',
            ),
        ],
        tensorflow=[
            ('"labels": tf.where(moved, second, first).numpy()', '"labels": tf.where(moved, second, first)'),
            ('"versions": tf.where(moved, 2, 1).numpy()', '"versions": 1 + tf.cast(moved, tf.int32)'),
            (
                '"compared": len(places), "on": not len(too_many)}',
                '"compared": tf.size(places), "on": tf.equal(len(too_many), 0)}',
            ),
        ],
        jax=[
            (
                '"labels": np.asarray(labels), "versions": np.asarray(versions)',
                '"labels": labels, "versions": versions',
            ),
            ('"compared": int(compared), "on": bool(on)}', '"compared": compared, "on": on}'),
        ],
    ),
    right(
        "translation",
        "one request after the other, by the framework",
        pytorch="""
def serve(ids, x, old, new, percent, window, limit):
    x, old, new = map(torch.from_numpy, (x.copy(), old.copy(), new.copy()))
    on, compared, recent = True, 0, torch.zeros(window, dtype=torch.bool)
    labels, versions = torch.empty(len(ids), dtype=torch.int64), torch.ones(len(ids), dtype=torch.int64)
    for i, id in enumerate(torch.tensor(ids)):
        labels[i] = (x[i] @ old).argmax()
        if on and ((id * 2654435761) % 2**32 >> 16) * 100 >> 16 < percent:
            answer = x[i] @ new
            finite = answer.isfinite().all()
            recent = torch.roll(recent, -1)
            recent[-1] = ~finite | (answer.argmax() != labels[i])
            compared += 1
            on = bool(recent.sum() <= limit)
            if finite:
                labels[i], versions[i] = answer.argmax(), 2
    return {"labels": labels, "versions": versions, "compared": compared, "on": on}
""",
        tensorflow="""
def serve(ids, x, old, new, percent, window, limit):
    on, compared, recent, labels, versions = True, 0, [], [], []
    for id, row in zip(tf.unstack(tf.cast(ids, tf.int64)), tf.unstack(tf.constant(x)[:, None])):
        label, version = tf.argmax(row @ old, 1)[0], 1
        place = tf.bitwise.right_shift((id * 2654435761) % 2**32, 16) * 100 // 2**16
        if on and place < percent:
            answer = row @ new
            finite = bool(tf.reduce_all(tf.math.is_finite(answer)))
            recent = [*recent, not finite or bool(tf.argmax(answer, 1)[0] != label)][-window:]
            compared, on = compared + 1, sum(recent) <= limit
            if finite:
                label, version = tf.argmax(answer, 1)[0], 2
        labels.append(int(label))
        versions.append(version)
    return {"labels": labels, "versions": versions, "compared": compared, "on": on}
""",
        jax="""
def serve(ids, x, old, new, percent, window, limit):
    before, after = np.asarray(x @ jnp.asarray(old)), np.asarray(x @ jnp.asarray(new))
    hashed = jnp.asarray(ids).astype(jnp.uint32) * np.uint32(2654435761)
    chosen = np.asarray(lax.shift_right_logical(hashed, np.uint32(16)) * 100 // 2**16 < percent)
    on, compared, recent, labels, versions = True, 0, [], [], []
    for i in range(len(ids)):
        labels.append(before[i].argmax())
        versions.append(1)
        if on and chosen[i]:
            finite = np.isfinite(after[i]).all()
            recent.append(not finite or after[i].argmax() != labels[i])
            compared, on = compared + 1, sum(recent[-window:]) <= limit
            if finite:
                labels[i], versions[i] = after[i].argmax(), 2
    return {"labels": labels, "versions": versions, "compared": compared, "on": on}
""",
    ),
)
