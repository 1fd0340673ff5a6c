"""Typical mistakes in the exercises on deployment."""

from triptych.grading.checks.mistakes import wrong

BANK = (
    # --- Is it the same model?
    wrong(
        "same",
        "logits compared, not labels",
        "counts-labels-and-finds-the-difference",
        ("equal = expected.argmax(1) == got.argmax(1)", "equal = (expected == got).all(1)"),
    ),
    wrong(
        "same",
        "the mean difference",
        "counts-labels-and-finds-the-difference",
        ("np.abs(expected - got).max()", "np.abs(expected - got).mean()"),
    ),
    wrong(
        "same",
        "the sign forgotten",
        "counts-labels-and-finds-the-difference",
        ("np.abs(expected - got).max()", "(expected - got).max()"),
    ),
    wrong(
        "same",
        "every other label counts",
        "near-ties-do-not-count",
        ("differ = ~equal & (largest - second > 2 * tolerance)", "differ = ~equal"),
    ),
    wrong("same", "one tolerance", "near-ties-do-not-count", ("> 2 * tolerance)", "> tolerance)")),
    wrong(
        "same",
        "near ties of the converted model",
        "near-ties-do-not-count",
        ("np.sort(expected, axis=1)", "np.sort(got, axis=1)"),
    ),
    wrong(
        "same",
        "0 for no row",
        "near-ties-do-not-count",
        ("int(differ.argmax()) if differ.any() else None", "int(differ.argmax())"),
    ),
    wrong(
        "same",
        "the labels alone",
        "the-logits-decide",
        ('"same": difference <= tolerance}', '"same": first is None}'),
    ),
    wrong(
        "same",
        "close on average",
        "the-logits-decide",
        ("difference <= tolerance}", "bool(np.abs(expected - got).mean() <= tolerance)}"),
    ),
    wrong(
        "same",
        "all labels, near ties too",
        "the-logits-decide",
        ('"same": difference', '"same": bool(equal.all()) and difference'),
    ),
    wrong(
        "same",
        "broadcast",
        "refuses-other-shapes",
        ("if expected.shape != got.shape or not len(expected):", "if not len(expected):"),
    ),
    wrong(
        "same",
        "as many rows will do",
        "refuses-other-shapes",
        ("if expected.shape != got.shape", "if len(expected) != len(got)"),
    ),
    wrong(
        "same",
        "refused without the shapes",
        "refuses-other-shapes",
        ('f"expected is {expected.shape}, got is {got.shape}"', '"the shapes differ"'),
    ),
    wrong(
        "same",
        "nan never looked for",
        "refuses-what-is-not-finite",
        ("    if not finite.all():\n", "    if not len(finite):\n"),
    ),
    wrong(
        "same",
        "nan, but not inf",
        "refuses-what-is-not-finite",
        ("np.isfinite(logits).all(1)", "~np.isnan(logits).any(1)"),
    ),
    wrong(
        "same",
        "only the converted one",
        "refuses-what-is-not-finite",
        ('(("expected", expected), ("got", got))', '(("got", got),)'),
    ),
    wrong("same", "one runtime", "a-tolerance-with-a-reason", ("2 * len(W) * 2.0**-24", "len(W) * 2.0**-24")),
    wrong(
        "same",
        "signs cancel",
        "a-tolerance-with-a-reason",
        ("(np.abs(x) @ np.abs(W)).max()", "np.abs(x @ W).max()"),
    ),
    wrong(
        "same",
        "1e-5 for all",
        "a-tolerance-with-a-reason",
        ("return float(2 * len(W) * 2.0**-24 * (np.abs(x) @ np.abs(W)).max())", "return 1e-5"),
    ),
    wrong(
        "same",
        "added up in float32",
        "a-tolerance-with-a-reason",
        ('x, W = x.astype("float64"), W.astype("float64")', "pass"),
    ),
    wrong("same", "the terms not counted", "a-tolerance-with-a-reason", ("2 * len(W) *", "2 *")),
    wrong(
        "same",
        "the last of equal logits",
        "counts-labels-and-finds-the-difference",
        (
            "equal = expected.argmax(1) == got.argmax(1)",
            "equal = expected.argsort(1, kind='stable')[:, -1] == got.argsort(1, kind='stable')[:, -1]",
        ),
    ),
    wrong(
        "same",
        "near ties are equal",
        "counts-labels-and-finds-the-difference",
        ('"equal": int(equal.sum())', '"equal": int((~differ).sum())'),
    ),
    wrong(
        "same",
        "exactly two tolerances are too far",
        "near-ties-do-not-count",
        ("> 2 * tolerance)", ">= 2 * tolerance)"),
    ),
    wrong(
        "same",
        "near by what the other one chose",
        "near-ties-do-not-count",
        (
            "second, largest = np.sort(expected, axis=1)[:, -2:].T",
            "largest = expected.max(1)\n"
            "    second = np.take_along_axis(expected, got.argmax(1)[:, None], 1)[:, 0]",
        ),
    ),
    wrong(
        "same",
        "a relative tolerance left on",
        "the-logits-decide",
        ('"same": difference <= tolerance', '"same": np.allclose(got, expected, atol=tolerance)'),
    ),
    wrong(
        "same",
        "the tolerance itself too much",
        "the-logits-decide",
        ('"same": difference <= tolerance', '"same": difference < tolerance'),
    ),
    wrong(
        "same",
        "as many numbers will do",
        "refuses-other-shapes",
        ("if expected.shape != got.shape", "if expected.size != got.size"),
    ),
    wrong(
        "same",
        "rows for terms",
        "a-tolerance-with-a-reason",
        ("2 * len(W) *", "2 * len(x) *"),
    ),
    # --- How small will it be?
    wrong(
        "size",
        "the axes added up",
        "counts-the-bytes-of-floats",
        ("each * math.prod(s)", "each * sum(s)"),
    ),
    wrong(
        "size",
        "biases stay float32 in float16",
        "counts-the-bytes-of-floats",
        ("sum(each * math.prod(s) for s", "sum((each if len(s) > 1 else 4) * math.prod(s) for s"),
    ),
    wrong("size", "numbers for bytes", "counts-the-bytes-of-floats", ("each * math.prod(s)", "math.prod(s)")),
    wrong(
        "size",
        "a quarter",
        "scales-and-biases-stay-float32",
        (
            "    return sum(4 * math.prod(s) if len(s) < 2 else math.prod(s) + 4 * s[-1]\n"
            "               for s in shapes.values())",
            "    return sum(math.prod(s) for s in shapes.values())",
        ),
    ),
    wrong(
        "size",
        "one scale for each array",
        "scales-and-biases-stay-float32",
        ("math.prod(s) + 4 * s[-1]", "math.prod(s) + 4"),
    ),
    wrong(
        "size",
        "a scale for each input",
        "scales-and-biases-stay-float32",
        ("math.prod(s) + 4 * s[-1]", "math.prod(s) + 4 * s[0]"),
    ),
    wrong(
        "size",
        "biases of one byte",
        "scales-and-biases-stay-float32",
        ("4 * math.prod(s) if len(s) < 2", "math.prod(s) + 4 if len(s) < 2"),
    ),
    wrong(
        "size",
        "the limit itself too large",
        "the-most-exact-that-fits",
        ("size(shapes, form) <= limit", "size(shapes, form) < limit"),
    ),
    wrong("size", "the smallest", "the-most-exact-that-fits", ("fitting[0] if", "fitting[-1] if")),
    wrong(
        "size",
        "int8 if nothing fits",
        "the-most-exact-that-fits",
        ("fitting[0] if fitting else None", 'fitting[0] if fitting else "int8"'),
    ),
    wrong(
        "size",
        "zeros counted that were zeros",
        "float16-loses-both-ends",
        pytorch=("((half == 0) & (whole != 0))", "(half == 0)"),
        tensorflow=("lost = (half == 0) & (w != 0)", "lost = half == 0"),
        jax=("((half == 0) & (w != 0))", "(half == 0)"),
    ),
    wrong(
        "size",
        "bfloat16",
        "float16-loses-both-ends",
        pytorch=("whole.half()", "whole.bfloat16()"),
        tensorflow=("tf.float16", "tf.bfloat16"),
        jax=("jnp.float16", "jnp.bfloat16"),
    ),
    wrong(
        "size",
        "infinite errors among the errors",
        "float16-loses-both-ends",
        pytorch=("(half - whole)[~infinite].abs()", "(half - whole).abs()"),
        tensorflow=("tf.boolean_mask(half - w, ~infinite)", "half - w"),
        jax=("np.abs(half - w)[~infinite]", "np.abs(half - w)"),
    ),
    wrong(
        "size",
        "minus infinity forgotten",
        "float16-loses-both-ends",
        pytorch=("half.isinf()", "half.isposinf()"),
        tensorflow=("tf.math.is_inf(half)", "half == np.inf"),
        jax=("np.isinf(half)", "np.isposinf(half)"),
    ),
    wrong(
        "size",
        "only what fits in int8 is tried",
        "the-most-exact-that-fits",
        ("fitting[0] if fitting else None", 'fitting[0] if size(shapes, "int8") <= limit else None'),
    ),
    wrong(
        "size",
        "whatever is above 65504",
        "float16-loses-both-ends",
        pytorch=("infinite = half.isinf()", "infinite = whole.abs() > 65504"),
        tensorflow=("infinite = tf.math.is_inf(half)", "infinite = tf.abs(w) > 65504"),
        jax=("infinite = np.isinf(half)", "infinite = np.abs(w) > 65504"),
    ),
    wrong(
        "size",
        "what becomes 0 has no error",
        "float16-loses-both-ends",
        pytorch=("[~infinite].abs()", "[~infinite & (half != 0)].abs()"),
        tensorflow=("half - w, ~infinite)", "half - w, ~infinite & (half != 0))"),
        jax=("[~infinite]", "[~infinite & (half != 0)]"),
    ),
    # --- A file from a stranger
    wrong(
        "stranger",
        "all as float32",
        "opens-a-good-file",
        ("    arrays[name] = array\n", '    arrays[name] = array.astype("float32")\n'),
    ),
    wrong(
        "stranger",
        "flattened",
        "opens-a-good-file",
        ("    arrays[name] = array\n", "    arrays[name] = np.atleast_1d(array)\n"),
    ),
    wrong("stranger", "pickles allowed", "never-unpickles", ("allow_pickle=False", "allow_pickle=True")),
    wrong(
        "stranger",
        "unpickled, then looked at",
        "never-unpickles",
        (
            "    try:\n        archive",
            "    try:\n        kept = np.load(io.BytesIO(data.tobytes()), allow_pickle=True)\n"
            "        kept = {name: kept[name] for name in kept.files}\n        archive",
        ),
    ),
    wrong(
        "stranger",
        "objects refused without a name",
        "never-unpickles",
        ('raise ValueError(f"{name} cannot be read: {error}")', 'raise ValueError(f"not read: {error}")'),
    ),
    wrong(
        "stranger",
        "left over arrays passed over",
        "names-what-is-missing-or-unexpected",
        ("for name in sizes.keys() - spec.keys():", "for name in ():"),
    ),
    wrong(
        "stranger",
        "missing arrays passed over",
        "names-what-is-missing-or-unexpected",
        ('raise ValueError(f"{name} is missing")', "continue"),
        ("for name, wanted in due.items():\n", "for name in sizes:\n        wanted = due[name]\n"),
    ),
    wrong(
        "stranger",
        "another exception",
        "names-what-is-missing-or-unexpected",
        ('raise ValueError(f"{name} is missing")', "raise KeyError(name)"),
    ),
    wrong(
        "stranger",
        "only the numbers are counted",
        "looks-at-every-array",
        ("            if found == wanted:", "            if math.prod(found[0]) == math.prod(wanted[0]):"),
        ("        if found != wanted:", "        if math.prod(found[0]) != math.prod(wanted[0]):"),
    ),
    wrong(
        "stranger",
        "any type",
        "looks-at-every-array",
        ("            if found == wanted:", "            if found[0] == wanted[0]:"),
        ("        if found != wanted:", "        if found[0] != wanted[0]:"),
    ),
    wrong(
        "stranger",
        "nan, but not inf",
        "looks-at-every-array",
        ("if not np.isfinite(array).all():", "if np.isnan(array).any():"),
    ),
    wrong(
        "stranger",
        "squeezed",
        "looks-at-every-array",
        (
            "found = claimed(entry)",
            "shape, dtype = claimed(entry)\n                found = tuple(n for n in shape if n != 1), dtype",
        ),
    ),
    wrong(
        "stranger",
        "the library's exception",
        "a-damaged-file-is-told",
        ("except Exception as error:  # not only BadZipFile", "except KeyError as error:"),
    ),
    wrong(
        "stranger",
        "damaged entries not caught",
        "a-damaged-file-is-told",
        ("except Exception as error:\n            raise", "except ValueError as error:\n            raise"),
    ),
    wrong(
        "stranger",
        "unpacked, then measured",
        "a-small-file-stays-small",
        ("if sizes[name] > math.prod(shape) * dtype.itemsize + 1000:", "if not name:"),
        ("if found == wanted:", "if True:"),
    ),
    wrong(
        "stranger",
        "twenty kilobytes for one",
        "a-small-file-stays-small",
        ("dtype.itemsize + 1000:", "dtype.itemsize + 20_000:"),
    ),
    wrong(
        "stranger",
        "the header believed",
        "a-small-file-stays-small",
        (
            "                found = claimed(entry)\n            if found == wanted:\n"
            '                with archive.open(name + ".npy") as entry:\n'
            "                    array = np.lib.format.read_array(entry, allow_pickle=False)\n",
            "                array = np.lib.format.read_array(entry, allow_pickle=False)\n"
            "            found = array.shape, array.dtype\n",
        ),
    ),
    wrong(
        "stranger",
        "the packed size",
        "a-small-file-stays-small",
        ("entry.file_size", "entry.compress_size"),
    ),
    wrong(
        "stranger",
        "the kernel flipped",
        "the-network-that-the-weights-are-of",
        pytorch=('torch.tensor(arrays["kernel"])', 'torch.tensor(arrays["kernel"][::-1, ::-1].copy())'),
        tensorflow=('arrays["kernel"], 1', 'arrays["kernel"][::-1, ::-1], 1'),
        jax=('arrays["kernel"], (1, 1)', 'arrays["kernel"][::-1, ::-1], (1, 1)'),
    ),
    wrong(
        "stranger",
        "channels before rows",
        "the-network-that-the-weights-are-of",
        pytorch=(".permute(0, 2, 3, 1).flatten(1)", ".flatten(1)"),
        tensorflow=("tf.reshape(tf.nn.relu(x),", "tf.reshape(tf.transpose(tf.nn.relu(x), [0, 3, 1, 2]),"),
        jax=(".reshape(len(images), -1)", ".transpose(0, 3, 1, 2).reshape(len(images), -1)"),
    ),
    wrong(
        "stranger",
        "ReLU before the bias",
        "the-network-that-the-weights-are-of",
        pytorch=(
            'torch.tensor(arrays["bias"]), padding=1)\n    x = x.relu()',
            'padding=1)\n    x = (x.relu() + torch.tensor(arrays["bias"])[:, None, None])',
        ),
        tensorflow=(
            '"SAME") + arrays["bias"]\n    x = tf.reshape(tf.nn.relu(x),',
            '"SAME")\n    x = tf.reshape(tf.nn.relu(x) + arrays["bias"],',
        ),
        jax=('jax.nn.relu(x + arrays["bias"])', '(jax.nn.relu(x) + arrays["bias"])'),
    ),
    wrong(
        "stranger",
        "the kernel reshaped",
        "the-network-that-the-weights-are-of",
        pytorch=(
            'torch.tensor(arrays["kernel"]).permute(3, 2, 0, 1)',
            'torch.tensor(arrays["kernel"]).reshape(-1, 1, 3, 3)',
        ),
        tensorflow=('arrays["kernel"], 1', 'arrays["kernel"].transpose(1, 0, 2, 3), 1'),
        jax=('"HWIO"', '"WHIO"'),
    ),
    wrong(
        "stranger",
        "only BadZipFile is caught",
        "a-damaged-file-is-told",
        ("except Exception as error:  # not only BadZipFile", "except zipfile.BadZipFile as error:"),
    ),
    wrong(
        "stranger",
        "every name in each message",
        "looks-at-every-array",
        "one_name = opened\n\n\n"
        "def opened(data, spec):\n"
        "    try:\n"
        "        return one_name(data, spec)\n"
        "    except ValueError as error:\n"
        "        raise ValueError(f'{error}; expected: {list(spec)}') from None",
    ),
    wrong(
        "stranger",
        "only the first array is finite",
        "looks-at-every-array",
        ("if not np.isfinite(array).all():", "if not arrays and not np.isfinite(array).all():"),
    ),
    wrong(
        "stranger",
        "items for bytes",
        "opens-a-good-file",
        ("math.prod(shape) * dtype.itemsize + 1000", "math.prod(shape) + 1000"),
    ),
    # --- A program without its code
    wrong(
        "program",
        "the model called again",
        "answers-without-the-code",
        pytorch="def save_program(weights, bend, folder):\n"
        "    torch.save([weights, bend], os.path.join(folder, 'w'))\n\n\n"
        "def run_program(folder, batches):\n"
        "    kept = torch.load(os.path.join(folder, 'w'), weights_only=False)\n"
        "    return [Model(*kept)(torch.tensor(x)).numpy() for x in batches]",
        tensorflow="def save_program(weights, bend, folder):\n"
        "    np.savez(os.path.join(folder, 'w.npz'), *weights, bend=bend)\n\n\n"
        "def run_program(folder, batches):\n"
        "    kept = np.load(os.path.join(folder, 'w.npz'))\n"
        "    weights = [kept[name] for name in kept.files if name != 'bend']\n"
        "    return [model(weights, str(kept['bend']), x).numpy() for x in batches]",
        jax="def save_program(weights, bend, folder):\n"
        "    np.savez(os.path.join(folder, 'w.npz'), *weights, bend=bend)\n\n\n"
        "def run_program(folder, batches):\n"
        "    kept = np.load(os.path.join(folder, 'w.npz'))\n"
        "    weights = [kept[name] for name in kept.files if name != 'bend']\n"
        "    return [np.asarray(model(weights, str(kept['bend']), x)) for x in batches]",
    ),
    wrong(
        "program",
        "the class pickled",
        "answers-without-the-code",
        pytorch="def save_program(weights, bend, folder):\n"
        "    torch.save(Model(weights, bend), os.path.join(folder, 'model'))\n\n\n"
        "def run_program(folder, batches):\n"
        "    kept = torch.load(os.path.join(folder, 'model'), weights_only=False)\n"
        "    return [kept(torch.tensor(x)).numpy() for x in batches]",
    ),
    wrong(
        "program",
        "weights, a loop of one's own, and made-up operators",
        "answers-without-the-code",
        "def save_program(weights, bend, folder):\n"
        "    np.savez(os.path.join(folder, 'w.npz'), *weights, bend=bend)\n\n\n"
        "def read(folder):\n"
        "    kept = np.load(os.path.join(folder, 'w.npz'))\n"
        "    return [kept[name] for name in kept.files if name != 'bend'], str(kept['bend'])\n\n\n"
        "def run_program(folder, batches):\n"
        "    (first, *others), bend = read(folder)\n"
        "    answers = []\n"
        "    for x in batches:\n"
        "        x = x @ first\n"
        "        for w in others:\n"
        "            x = getattr(np, bend)(x) @ w\n"
        "        answers.append(x)\n"
        "    return answers\n\n\n"
        "def program_operators(folder):\n"
        "    (_, *others), bend = read(folder)\n"
        "    return ['matmul'] + [bend, 'matmul'] * len(others)",
    ),
    wrong(
        "program",
        "always tanh",
        "answers-without-the-code",
        pytorch=("Model(weights, bend), (example,)", 'Model(weights, "tanh"), (example,)'),
        tensorflow=("model(weights, bend, x)", 'model(weights, "tanh", x)'),
        jax=("model(weights, bend, x)", 'model(weights, "tanh", x)'),
    ),
    wrong(
        "program",
        "a fixed batch",
        "takes-any-batch",
        pytorch=('    dynamic_shapes=({0: torch.export.Dim("batch")},))', "    )"),
        tensorflow=("[None, len(weights[0])]", "[2, len(weights[0])]"),
        jax=('f"batch, {len(weights[0])}"', 'f"2, {len(weights[0])}"'),
    ),
    wrong(
        "program",
        "the last one kept in memory",
        "two-programs-are-two",
        "last, saved = [], save_program\n\n\n"
        "def save_program(weights, bend, folder):\n"
        "    saved(weights, bend, folder)\n"
        "    last[:] = weights, bend\n\n\n"
        "def run_program(folder, batches):\n"
        "    answers = []\n"
        "    for x in batches:\n"
        "        x = x @ last[0][0]\n"
        "        for w in last[0][1:]:\n"
        "            x = getattr(np, last[1])(x) @ w\n"
        "        answers.append(x)\n"
        "    return answers",
    ),
    wrong(
        "program",
        "a call, not what is called",
        "says-what-is-in-it",
        pytorch=('if node.op == "call_function"]', 'if node.op == "call_module"]'),
        tensorflow=(
            "program.answer.concrete_functions[0].graph",
            'program.signatures["serving_default"].graph',
        ),
        jax=(
            'return re.findall(r"stablehlo\\.\\w+", text)',
            'return re.findall(r"call @\\w+", text)',
        ),
    ),
    wrong(
        "program",
        "each kind once",
        "says-what-is-in-it",
        pytorch=(
            "return [str(node.target) for node in program.graph.nodes\n"
            '            if node.op == "call_function"]',
            "return sorted({str(node.target) for node in program.graph.nodes\n"
            '            if node.op == "call_function"})',
        ),
        tensorflow=(
            "return [operation.type for operation in graph.get_operations()]",
            "return sorted({operation.type for operation in graph.get_operations()})",
        ),
        jax=(
            'return re.findall(r"stablehlo\\.\\w+", text)',
            'return sorted(set(re.findall(r"stablehlo\\.\\w+", text)))',
        ),
    ),
    wrong(
        "program",
        "the names of the nodes' inputs",
        "says-what-is-in-it",
        pytorch=('if node.op == "call_function"]', 'if node.op == "placeholder"]'),
        tensorflow=("return [operation.type for", "return [operation.name.split('/')[0][:1] for"),
        jax=('re.findall(r"stablehlo\\.\\w+", text)', 're.findall(r"%\\w+", text)'),
    ),
    wrong(
        "program",
        "the nodes' names",
        "says-what-is-in-it",
        tensorflow=("operation.type", "operation.name"),
    ),
    # --- Fix the export
    wrong(
        "mend",
        "32 in the shape",
        "any-number-of-rows",
        pytorch=("x.reshape(-1, 8, 8)", "x.reshape(32, 8, 8)"),
        tensorflow=("[-1, 8, 8]", "[32, 8, 8]"),
        jax=("x.reshape(-1, 8, 8)", "x.reshape(32, 8, 8)"),
    ),
    wrong(
        "mend",
        "a loop over the rows",
        "any-number-of-rows",
        pytorch=("return x.reshape(-1, 8, 8)", "return torch.stack([row.reshape(8, 8) for row in x])"),
        tensorflow=(
            "return tf.reshape(x, [-1, 8, 8])",
            "return tf.stack([tf.reshape(row, [8, 8]) for row in x])",
        ),
        jax=("return x.reshape(-1, 8, 8)", "return jnp.stack([row.reshape(8, 8) for row in x])"),
    ),
    wrong(
        "mend",
        "row by row",
        "the-batch-decides",
        pytorch=("torch.where(x.max() > 1,", "torch.where(x.amax(1, keepdim=True) > 1,"),
        tensorflow=("tf.where(tf.reduce_max(x) > 1,", "tf.where(tf.reduce_max(x, 1, keepdims=True) > 1,"),
        jax=("jnp.where(x.max() > 1,", "jnp.where(x.max(1, keepdims=True) > 1,"),
    ),
    wrong(
        "mend",
        "number by number",
        "the-batch-decides",
        pytorch=("torch.where(x.max() > 1,", "torch.where(x > 1,"),
        tensorflow=("tf.where(tf.reduce_max(x) > 1,", "tf.where(x > 1,"),
        jax=("jnp.where(x.max() > 1,", "jnp.where(x > 1,"),
    ),
    wrong(
        "mend",
        "always divided",
        "the-batch-decides",
        pytorch=("x = torch.where(x.max() > 1, x / 16, x)", "x = x / 16"),
        tensorflow=("x = tf.where(tf.reduce_max(x) > 1, x / 16, x)", "x = x / 16"),
        jax=("x = jnp.where(x.max() > 1, x / 16, x)", "x = x / 16"),
    ),
    wrong(
        "mend",
        "short rows divided too",
        "each-row-decides",
        pytorch=("torch.where(length > 1, x / length, x)", "x / length"),
        tensorflow=("tf.where(length > 1, x / length, x)", "x / length"),
        jax=("jnp.where(length > 1, x / length, x)", "x / length"),
    ),
    wrong(
        "mend",
        "the longest row decides for all",
        "each-row-decides",
        pytorch=("torch.where(length > 1, x", "torch.where(length.max() > 1, x"),
        tensorflow=("tf.where(length > 1, x", "tf.where(tf.reduce_max(length) > 1, x"),
        jax=("jnp.where(length > 1, x", "jnp.where(length.max() > 1, x"),
    ),
    wrong(
        "mend",
        "the sum for the length",
        "each-row-decides",
        pytorch=("torch.linalg.vector_norm(x, dim=1, keepdim=True)", "x.sum(1, keepdim=True)"),
        tensorflow=("tf.norm(x, axis=1, keepdims=True)", "tf.reduce_sum(x, 1, keepdims=True)"),
        jax=("jnp.linalg.norm(x, axis=1, keepdims=True)", "x.sum(1, keepdims=True)"),
    ),
    wrong(
        "mend",
        "this batch's own mean",
        "the-state-goes-in-and-out",
        pytorch=("return x - total / count,", "return x - x.mean(0),"),
        tensorflow=("return x - total / count,", "return x - tf.reduce_mean(x, 0),"),
        jax=("return x - total / count,", "return x - x.mean(0),"),
    ),
    wrong(
        "mend",
        "the state given back as it came",
        "the-state-goes-in-and-out",
        ("    count = count +", "    before = count, total\n    count = count +"),
        ("return x - total / count, count, total", "return x - total / count, *before"),
    ),
    wrong(
        "mend",
        "total before count",
        "the-state-goes-in-and-out",
        ("return x - total / count, count, total", "return x - total / count, total, count"),
    ),
    wrong(
        "mend",
        "kept outside",
        "the-state-goes-in-and-out",
        ("return x - total / count, count, total", "return x - total / count, *kept"),
        pytorch="kept = (torch.tensor(0.0), torch.zeros(2))",
        tensorflow="kept = (tf.constant(0.0), tf.zeros(2))",
        jax="kept = (jnp.float32(0), jnp.zeros(2))",
    ),
    wrong(
        "mend",
        "the rows of the first batch",
        "the-rows-are-counted-in-the-program",
        pytorch=("count + x.shape[0]", "count + int(x.shape[0])"),
        tensorflow=("tf.cast(tf.shape(x)[0], tf.float32)", "(x.shape[0] or 4)"),
        jax=("count + x.shape[0]", "count + int(x.shape[0])"),
    ),
    wrong(
        "mend",
        "calls counted, not rows",
        "the-rows-are-counted-in-the-program",
        pytorch=(
            "    count = count + x.shape[0]\n    total = total + x.sum(0)\n",
            "    count = count + 1\n    total = total + x.mean(0)\n",
        ),
        tensorflow=(
            "    count = count + tf.cast(tf.shape(x)[0], tf.float32)\n"
            "    total = total + tf.reduce_sum(x, 0)\n",
            "    count = count + 1\n    total = total + tf.reduce_mean(x, 0)\n",
        ),
        jax=(
            "    count = count + x.shape[0]\n    total = total + x.sum(0)\n",
            "    count = count + 1\n    total = total + x.mean(0)\n",
        ),
    ),
    wrong(
        "mend",
        "1 is above 1",
        "the-batch-decides",
        pytorch=("x.max() > 1", "x.max() >= 1"),
        tensorflow=("tf.reduce_max(x) > 1", "tf.reduce_max(x) >= 1"),
        jax=("x.max() > 1", "x.max() >= 1"),
    ),
    wrong(
        "mend",
        "its length before the division by 16",
        "each-row-decides",
        pytorch=(
            "    x = torch.where(x.max() > 1, x / 16, x)\n"
            "    length = torch.linalg.vector_norm(x, dim=1, keepdim=True)\n",
            "    length = torch.linalg.vector_norm(x, dim=1, keepdim=True)\n"
            "    x = torch.where(x.max() > 1, x / 16, x)\n",
        ),
        tensorflow=(
            "    x = tf.where(tf.reduce_max(x) > 1, x / 16, x)\n"
            "    length = tf.norm(x, axis=1, keepdims=True)\n",
            "    length = tf.norm(x, axis=1, keepdims=True)\n"
            "    x = tf.where(tf.reduce_max(x) > 1, x / 16, x)\n",
        ),
        jax=(
            "    x = jnp.where(x.max() > 1, x / 16, x)\n"
            "    length = jnp.linalg.norm(x, axis=1, keepdims=True)\n",
            "    length = jnp.linalg.norm(x, axis=1, keepdims=True)\n"
            "    x = jnp.where(x.max() > 1, x / 16, x)\n",
        ),
    ),
    # --- int8 by hand
    wrong(
        "int8",
        "the range not widened",
        "the-range-holds-zero",
        ("low, high = min(low, 0.0), max(high, 0.0)\n", "pass\n"),
    ),
    wrong("int8", "256 steps", "the-range-holds-zero", ("(high - low) / 255", "(high - low) / 256")),
    wrong("int8", "unsigned", "the-range-holds-zero", ("round(-128 - low / scale)", "round(-low / scale)")),
    wrong(
        "int8",
        "symmetric activations",
        "the-range-holds-zero",
        ("low, high = min(low, 0.0), max(high, 0.0)\n", "high = max(-low, high)\n    low = -high\n"),
    ),
    wrong("int8", "a scale of 0", "constants-have-a-scale", (" / 255 or 1.0", " / 255 or 1e-9")),
    wrong(
        "int8",
        "a column of zeros divided by 0",
        "constants-have-a-scale",
        ("np.where(largest > 0, largest / 127, 1)", "(largest / 127)"),
        ("np.round(W / scales)", "np.nan_to_num(np.round(W / np.maximum(scales, 1e-30)))"),
    ),
    wrong(
        "int8", "cut off, not rounded", "rounds-and-saturates", ("np.round(x / scale)", "np.trunc(x / scale)")
    ),
    wrong(
        "int8",
        "wrapped round",
        "rounds-and-saturates",
        ('np.clip(q, -128, 127).astype("int8")', 'q.astype("int64").astype("int8")'),
    ),
    wrong(
        "int8",
        "cut before the zero point",
        "rounds-and-saturates",
        (
            "    q = np.round(x / scale) + zero\n",
            "    q = np.clip(np.round(x / scale), -128, 127) + zero\n",
        ),
    ),
    wrong(
        "int8",
        "one scale for all columns",
        "a-scale-for-each-column",
        ("largest = np.abs(W).max(0)", "largest = np.full(W.shape[1], np.abs(W).max())"),
    ),
    wrong(
        "int8",
        "the largest without its sign's other side",
        "a-scale-for-each-column",
        ("np.abs(W).max(0)\n", "W.max(0)\n"),
    ),
    wrong(
        "int8",
        "a small column taken for one of zeros",
        "a-scale-for-each-column",
        ("np.where(largest > 0, ", "np.where(largest > 1e-8, "),
    ),
    wrong("int8", "128 steps", "a-scale-for-each-column", ("largest / 127", "largest / 128")),
    wrong(
        "int8",
        "sums in int8",
        "sums-in-int32",
        pytorch=(
            'sums = (q @ torch.tensor(w["weights"]).int()).numpy()',
            'sums = (q.to(torch.int8) @ torch.tensor(w["weights"])).int().numpy()',
        ),
        tensorflow=(
            'q = tf.cast(quantised(x, **a), tf.int32) - a["zero"]\n',
            'q = tf.cast(tf.cast(quantised(x, **a), tf.int8) - np.int8(a["zero"]), tf.int32)\n',
        ),
        jax=(
            'sums = np.asarray(q @ jnp.asarray(w["weights"], jnp.int32))',
            'sums = np.asarray(q.astype(jnp.int8) @ jnp.asarray(w["weights"])).astype("int32")',
        ),
    ),
    wrong(
        "int8",
        "sums in float32",
        "sums-in-int32",
        pytorch=(
            'sums = (q @ torch.tensor(w["weights"]).int()).numpy()',
            'sums = (q.float() @ torch.tensor(w["weights"]).float()).int().numpy()',
        ),
        tensorflow=(
            'sums = tf.matmul(q, tf.cast(w["weights"], tf.int32)).numpy()',
            'sums = tf.matmul(tf.cast(q, tf.float32), tf.cast(w["weights"], tf.float32)).numpy()\n'
            '    sums = sums.astype("int32")',
        ),
        jax=(
            'sums = np.asarray(q @ jnp.asarray(w["weights"], jnp.int32))',
            'q = q.astype(jnp.float32) @ jnp.asarray(w["weights"], jnp.float32)\n'
            '    sums = np.asarray(q).astype("int32")',
        ),
    ),
    wrong("int8", "the zero point forgotten", "sums-in-int32", (' - a["zero"]', "")),
    wrong(
        "int8",
        "the scale of x forgotten",
        "the-answer-has-both-scales",
        ('sums * a["scale"] * w["scales"]', 'sums * w["scales"]'),
    ),
    wrong(
        "int8",
        "the columns' scales forgotten",
        "the-answer-has-both-scales",
        ('sums * a["scale"] * w["scales"]', 'sums * a["scale"]'),
    ),
    wrong(
        "int8",
        "whole steps",
        "bounds-the-error-beforehand",
        (
            'affine(low, high)["scale"] / 2, columns(W)["scales"] / 2',
            'affine(low, high)["scale"], columns(W)["scales"]',
        ),
    ),
    wrong(
        "int8",
        "only the weights err",
        "bounds-the-error-beforehand",
        ("* t + s * W.sum(0) + len(W) * s * t", "* t"),
    ),
    wrong(
        "int8",
        "both errors' product forgotten",
        "bounds-the-error-beforehand",
        (" + len(W) * s * t", ""),
    ),
    wrong(
        "int8",
        "errors cancel",
        "bounds-the-error-beforehand",
        ('x, W = np.abs(x).astype("float64"), np.abs(W).astype("float64")', "pass"),
    ),
    wrong(
        "int8",
        "one number has no range",
        "the-range-holds-zero",
        (
            "    low, high = min(low, 0.0), max(high, 0.0)\n",
            "    if low == high:\n"
            '        return {"scale": 1.0, "zero": -128}\n'
            "    low, high = min(low, 0.0), max(high, 0.0)\n",
        ),
    ),
    wrong(
        "int8",
        "the zero point cut off",
        "the-range-holds-zero",
        ("int(round(-128 - low / scale))", "int(-128 - low / scale)"),
    ),
    wrong(
        "int8",
        "another zero point where there is nothing",
        "constants-have-a-scale",
        (
            "    scale = (high - low) / 255 or 1.0\n",
            "    scale = (high - low) / 255 or 1.0\n"
            "    if low == high:\n"
            '        return {"scale": 1.0, "zero": 0}\n',
        ),
    ),
    wrong(
        "int8",
        "only a matrix of zeros is safe",
        "constants-have-a-scale",
        (
            "np.where(largest > 0, largest / 127, 1)",
            "(largest / 127 if largest.any() else np.ones(len(largest)))",
        ),
        ("np.round(W / scales)", "np.nan_to_num(np.round(W / np.maximum(scales, 1e-30)))"),
    ),
    wrong(
        "int8",
        "cast before it is cut",
        "rounds-and-saturates",
        ("q = np.round(x / scale) + zero", 'q = np.round(x / scale).astype("int32") + zero'),
    ),
    # --- The open inference protocol
    wrong("protocol", "column by column", "sends-rows-in-a-flat-list", ('order="C"', 'order="K"')),
    wrong(
        "protocol",
        "nested lists",
        "sends-rows-in-a-flat-list",
        ('x.ravel(order="C").tolist()', "x.tolist()"),
    ),
    wrong(
        "protocol",
        "NumPy's own numbers",
        "sends-rows-in-a-flat-list",
        ('x.ravel(order="C").tolist()', 'list(x.ravel(order="C"))'),
    ),
    wrong(
        "protocol",
        "NumPy's name of the type",
        "sends-rows-in-a-flat-list",
        ('"datatype": datatype,', '"datatype": str(x.dtype),'),
    ),
    wrong(
        "protocol",
        "the shape of one row",
        "sends-rows-in-a-flat-list",
        ('"shape": list(x.shape)', '"shape": list(x.shape[1:])'),
    ),
    wrong(
        "protocol",
        "the first output",
        "reads-the-output-by-its-name",
        ('if out["name"] == name:', "if True:"),
    ),
    wrong(
        "protocol",
        "always float32",
        "reads-the-output-by-its-name",
        ('np.array(out["data"], dtype)', 'np.array(out["data"], "float32")'),
    ),
    wrong(
        "protocol",
        "left flat",
        "reads-the-output-by-its-name",
        ('np.array(out["data"], dtype).reshape(out["shape"])', 'np.array(out["data"], dtype)'),
    ),
    wrong(
        "protocol",
        "None if there is none",
        "reads-the-output-by-its-name",
        ('    raise ValueError(f"no output {name} in {sorted(response)}")', "    return None"),
    ),
    wrong(
        "protocol",
        "the highest text",
        "the-version-that-was-asked-for",
        ("max(models, key=int)", "max(models)"),
    ),
    wrong(
        "protocol",
        "the last that was loaded",
        "the-version-that-was-asked-for",
        ("max(models, key=int)", "list(models)[-1]"),
    ),
    wrong(
        "protocol",
        "always the newest",
        "the-version-that-was-asked-for",
        ("    W = models[version]\n", "    W = models[max(models, key=int)]\n"),
    ),
    wrong(
        "protocol",
        "the newest if there is no such version",
        "what-is-not-there-is-404",
        (
            '        return refuse(404, f"version {version} is not one of {list(models)}")',
            "        version = max(models, key=int)",
        ),
    ),
    wrong(
        "protocol",
        "any model's name",
        "what-is-not-there-is-404",
        ("/v2/models/digits(/versions", "/v2/models/[^/]+(/versions"),
    ),
    wrong("protocol", "400 for all", "what-is-not-there-is-404", ("refuse(404,", "refuse(400,")),
    wrong(
        "protocol",
        "a path that goes on",
        "what-is-not-there-is-404",
        ("re.fullmatch(", "re.match("),
    ),
    wrong(
        "protocol",
        "falls over without JSON",
        "a-message-begins-with-the-field",
        (
            "    except (ValueError, RecursionError) as error:\n        return refuse(400, f",
            "    except KeyError as error:\n        return refuse(400, f",
        ),
    ),
    wrong(
        "protocol",
        "bad request, and no more",
        "a-message-begins-with-the-field",
        (
            'json.dumps({"error": message})',
            'json.dumps({"error": "bad request" if status == 400 else message})',
        ),
    ),
    wrong(
        "protocol",
        "500",
        "a-message-begins-with-the-field",
        ("refuse(400,", "refuse(500,"),
    ),
    wrong(
        "protocol",
        "whatever shape has as many numbers",
        "a-message-begins-with-the-field",
        (
            "    if not (isinstance(shape, list) and len(shape) == 2",
            "    if not (isinstance(shape, list) and len(shape) > 0",
        ),
        (
            "            and shape[0] > 0 and shape[1] == len(W)):",
            "            and all(n > 0 for n in shape)):",
        ),
        ("len(data) == shape[0] * shape[1]", "len(data) == math.prod(shape)"),
        (".reshape(shape) @ W", ".reshape(-1, len(W)) @ W"),
    ),
    wrong(
        "protocol",
        "any type",
        "a-message-begins-with-the-field",
        (
            '    if inputs[0]["datatype"] != "FP32":\n        return refuse(400, "datatype must be FP32")\n',
            "",
        ),
    ),
    wrong(
        "protocol",
        "the first of several tensors",
        "a-message-begins-with-the-field",
        ("isinstance(inputs, list) and len(inputs) == 1", "isinstance(inputs, list) and len(inputs) >= 1"),
    ),
    wrong(
        "protocol",
        "nan taken",
        "only-numbers-reach-the-model",
        ("type(n) in (int, float) and abs(n) <= largest", "type(n) in (int, float)"),
    ),
    wrong(
        "protocol",
        "true is 1",
        "only-numbers-reach-the-model",
        ("type(n) in (int, float) and", "isinstance(n, (int, float)) and"),
    ),
    wrong(
        "protocol",
        "texts read as numbers",
        "only-numbers-reach-the-model",
        (
            "type(n) in (int, float) and abs(n) <= largest",
            "math.isfinite(float(n or 0)) if type(n) is not list else False",
        ),
    ),
    wrong(
        "protocol",
        "whole numbers refused",
        "only-numbers-reach-the-model",
        ("type(n) in (int, float) and", "type(n) is float and"),
    ),
    wrong(
        "protocol",
        "a name that begins so",
        "reads-the-output-by-its-name",
        ('if out["name"] == name:', 'if out["name"].startswith(name):'),
    ),
    wrong(
        "protocol",
        "a refusal has outputs",
        "reads-the-output-by-its-name",
        ('response.get("outputs", ())', 'response["outputs"]'),
    ),
    wrong(
        "protocol",
        "012 is 12",
        "what-is-not-there-is-404",
        (
            "    if version not in models:\n",
            "    if version.isdigit():\n        version = str(int(version))\n    if version not in models:\n",
        ),
    ),
    wrong(
        "protocol",
        "too many brackets",
        "a-message-begins-with-the-field",
        ("except (ValueError, RecursionError) as error", "except ValueError as error"),
    ),
    wrong(
        "protocol",
        "a number of rows below 0",
        "a-message-begins-with-the-field",
        ("and shape[0] > 0 and", "and shape[0] and"),
    ),
    wrong(
        "protocol",
        "true rows",
        "a-message-begins-with-the-field",
        ("all(type(n) is int for n in shape)", "all(isinstance(n, int) for n in shape)"),
    ),
    wrong(
        "protocol",
        "3.0 inputs",
        "a-message-begins-with-the-field",
        ("all(type(n) is int for n in shape)", "type(shape[0]) is int"),
    ),
    wrong(
        "protocol",
        "Infinity sent",
        "only-numbers-reach-the-model",
        ("if not np.isfinite(logits).all():", "if False:"),
    ),
    wrong(
        "protocol",
        "refused only where all is infinite",
        "only-numbers-reach-the-model",
        ("if not np.isfinite(logits).all():", "if not np.isfinite(logits).any():"),
    ),
    wrong(
        "protocol",
        "the data before the shape",
        "a-message-begins-with-the-field",
        (
            "    if not (isinstance(shape, list) and len(shape) == 2\n",
            "    if not isinstance(data, list) or len(data) % len(W):\n"
            '        return refuse(400, "data: whole rows")\n'
            "    if not (isinstance(shape, list) and len(shape) == 2\n",
        ),
    ),
    wrong(
        "protocol",
        "finite, but not in FP32",
        "only-numbers-reach-the-model",
        ("abs(n) <= largest", "abs(n) < float('inf')"),
    ),
    wrong(
        "protocol",
        "an integer of 400 digits",
        "only-numbers-reach-the-model",
        ("abs(n) <= largest", "math.isfinite(n) and abs(n) <= largest"),
    ),
    wrong(
        "protocol",
        "the largest number refused",
        "only-numbers-reach-the-model",
        ("abs(n) <= largest", "abs(n) < largest"),
    ),
    wrong(
        "protocol",
        "nested rows taken",
        "only-numbers-reach-the-model",
        (
            '    largest = float(np.finfo("float32").max)\n',
            '    largest = float(np.finfo("float32").max)\n'
            "    if isinstance(data, list) and all(isinstance(row, list) for row in data):\n"
            "        data = [n for row in data for n in row]\n",
        ),
    ),
    # --- Batch the requests
    wrong(
        "batching",
        "full batches wait too",
        "a-full-batch-starts-at-once",
        ("closed = arrivals[batch[-1]] if len(batch) == size else deadline", "closed = deadline"),
    ),
    wrong(
        "batching",
        "no largest size",
        "a-full-batch-starts-at-once",
        ("range(first, min(first + size, len(arrivals)))", "range(first, len(arrivals))"),
    ),
    wrong(
        "batching",
        "one more than fits",
        "a-full-batch-starts-at-once",
        ("min(first + size, len(arrivals))", "min(first + size + 1, len(arrivals))"),
    ),
    wrong(
        "batching",
        "late at the last moment",
        "the-first-waits-its-time",
        ("if arrivals[i] <= deadline]", "if i == first or arrivals[i] < deadline]"),
    ),
    wrong(
        "batching",
        "starts with the last that came",
        "the-first-waits-its-time",
        (
            "closed = arrivals[batch[-1]] if len(batch) == size else deadline",
            "closed = arrivals[batch[-1]]",
        ),
    ),
    wrong(
        "batching",
        "each arrival starts the wait anew",
        "the-first-waits-its-time",
        (
            "        batch = [i for i in range(first, min(first + size, len(arrivals)))\n"
            "                 if arrivals[i] <= deadline]\n",
            "        batch = [first]\n"
            "        while (len(batch) < size and batch[-1] + 1 < len(arrivals)\n"
            "               and arrivals[batch[-1] + 1] <= deadline):\n"
            "            batch.append(batch[-1] + 1)\n"
            "            deadline = arrivals[batch[-1]] + wait\n",
        ),
    ),
    wrong(
        "batching",
        "the last batch does not wait",
        "the-first-waits-its-time",
        (
            "if len(batch) == size else deadline",
            "if len(batch) == size or batch[-1] == len(arrivals) - 1 else deadline",
        ),
    ),
    wrong(
        "batching",
        "as many servers as batches",
        "one-batch-after-the-other",
        ("free = max(free, closed) +", "free = closed +"),
    ),
    wrong(
        "batching",
        "one after the other within a batch",
        "one-batch-after-the-other",
        (
            "answered += [free] * len(batch)",
            "answered += [free - each * (len(batch) - 1 - k) for k in range(len(batch))]",
        ),
    ),
    wrong(
        "batching",
        "the base for each request",
        "one-batch-after-the-other",
        ("base + each * len(batch)", "(base + each) * len(batch)"),
    ),
    wrong(
        "batching",
        "interpolated",
        "percentiles-by-nearest-rank",
        (
            '    return {f"p{p}": ordered[n - 1] for p, n in rank.items()}',
            '    return {f"p{p}": float(np.percentile(latencies, p)) for p in rank}',
        ),
    ),
    wrong(
        "batching",
        "counted from 0",
        "percentiles-by-nearest-rank",
        ("ordered[n - 1]", "ordered[min(n, len(ordered) - 1)]"),
    ),
    wrong(
        "batching",
        "rounded down",
        "percentiles-by-nearest-rank",
        ("-(-p * len(ordered) // 100)", "max(p * len(ordered) // 100, 1)"),
    ),
    wrong(
        "batching", "not in order", "percentiles-by-nearest-rank", ("sorted(latencies)", "list(latencies)")
    ),
    wrong(
        "batching",
        "when, not how long",
        "the-wait-with-the-best-tail",
        ("latencies = [a - b for a, b in zip(answered, arrivals)]", "latencies = answered"),
    ),
    wrong(
        "batching",
        "the longest of equal waits",
        "the-wait-with-the-best-tail",
        ("(p99(wait), wait))", "(p99(wait), -wait))"),
    ),
    wrong("batching", "no wait is best", "the-wait-with-the-best-tail", ("(p99(wait), wait))", "wait)")),
    wrong(
        "batching",
        "a request alone does not wait",
        "the-first-waits-its-time",
        ("if len(batch) == size else deadline", "if len(batch) in (1, size) else deadline"),
    ),
    wrong(
        "batching",
        "equal latencies once",
        "percentiles-by-nearest-rank",
        ("ordered = sorted(latencies)", "ordered = sorted(set(latencies))"),
    ),
    # --- Translate
    wrong(
        "translation",
        "the remainder of the id",
        "the-same-ids-every-time",
        pytorch=(
            "chosen = hashed // 2**16 * 100 // 2**16 < percent",
            "chosen = torch.tensor(ids) % 100 < percent",
        ),
        tensorflow=(
            "chosen = hashed // 2**16 * 100 // 2**16 < percent",
            "chosen = tf.constant(ids) % 100 < percent",
        ),
        jax=("chosen = (hashed >> 16) * 100 >> 16 < percent", "chosen = ids % 100 < percent"),
    ),
    wrong(
        "translation",
        "32 signed bits",
        "the-same-ids-every-time",
        pytorch=(
            "hashed = torch.tensor(ids) * 2654435761 % 2**32",
            "hashed = (torch.tensor(ids) * 2654435761).int()",
        ),
        tensorflow=(
            "hashed = tf.cast(ids, tf.int64) * 2654435761 % 2**32",
            "hashed = tf.cast(tf.cast(ids, tf.int64) * 2654435761, tf.int32)",
        ),
        jax=(
            "hashed = ids * jnp.uint32(2654435761)",
            "hashed = (ids * jnp.uint32(2654435761)).astype(jnp.int32)",
        ),
    ),
    wrong(
        "translation",
        "drawn at random",
        "the-same-ids-every-time",
        pytorch=(
            "chosen = hashed // 2**16 * 100 // 2**16 < percent",
            "chosen = torch.rand(len(ids)) * 100 < percent",
        ),
        tensorflow=(
            "chosen = hashed // 2**16 * 100 // 2**16 < percent",
            "chosen = tf.random.uniform([len(ids)]) * 100 < percent",
        ),
        jax=(
            "chosen = (hashed >> 16) * 100 >> 16 < percent",
            "chosen = jax.random.uniform(jax.random.key(0), ids.shape) * 100 < percent",
        ),
    ),
    wrong(
        "translation",
        "version 1's labels",
        "labels-of-the-version-that-answers",
        pytorch=("torch.where(moved, second, first)", "first"),
        tensorflow=("tf.where(moved, second, first)", "first"),
        jax=("jnp.where(moved, second, first)", "first"),
    ),
    wrong(
        "translation",
        "version 2's labels",
        "labels-of-the-version-that-answers",
        pytorch=("torch.where(moved, second, first)", "second"),
        tensorflow=("tf.where(moved, second, first)", "second"),
        jax=("jnp.where(moved, second, first)", "second"),
    ),
    wrong(
        "translation",
        "as many as the limit are too many",
        "switched-off-in-time",
        pytorch=("sum(recent) <= limit", "sum(recent) < max(limit, 1)"),
        tensorflow=("> limit)[:, 0]", ">= max(limit, 1))[:, 0]"),
        jax=("recent.sum() <= limit", "recent.sum() < jnp.maximum(limit, 1)"),
    ),
    wrong(
        "translation",
        "never switched off",
        "switched-off-in-time",
        pytorch=("on = sum(recent) <= limit", "on = True"),
        tensorflow=("> limit)[:, 0]", "> 10**6)[:, 0]"),
        jax=("on & (recent.sum() <= limit)", "on"),
    ),
    wrong(
        "translation",
        "the request that tips it taken back",
        "switched-off-in-time",
        pytorch=(
            "            on = sum(recent) <= limit\n",
            "            on = sum(recent) <= limit\n            compared[i] = on\n",
        ),
        tensorflow=("places[:too_many[0] + 1]", "places[:too_many[0]]"),
        jax=(
            "        return (on & (recent.sum() <= limit), recent), compared\n",
            "        on = on & (recent.sum() <= limit)\n        return (on, recent), on & compared\n",
        ),
    ),
    wrong(
        "translation",
        "nothing is forgotten",
        "the-window-forgets",
        pytorch=("[-window:]", ""),
        tensorflow=("count - earlier[:len(count)] > limit", "count > limit"),
        jax=(
            "pushed = jnp.append(recent[1:], wrong)",
            "pushed = jnp.sort(jnp.append(jnp.sort(recent)[1:], wrong))",
        ),
    ),
    wrong(
        "translation",
        "all requests fill the window",
        "the-window-forgets",
        pytorch=(
            "    for i in chosen.nonzero()[:, 0].tolist():\n        if on:\n            compared[i] = True\n",
            "    for i in range(len(ids)):\n        if on:\n            compared[i] = bool(chosen[i])\n",
        ),
        tensorflow=(
            "    count = tf.cumsum(tf.cast(tf.gather(wrong, places), tf.int32))\n",
            "    everything = tf.cumsum(tf.cast(wrong, tf.int32))\n"
            "    before_all = tf.concat([tf.zeros([window], tf.int32), everything], 0)\n"
            "    count = tf.gather(everything - before_all[:len(ids)], places)\n"
            "    window = len(ids)\n",
        ),
        jax=("recent = jnp.where(compared, pushed, recent)", "recent = pushed"),
    ),
    wrong(
        "translation",
        "given to somebody",
        "what-is-not-finite-is-not-given",
        ("moved = compared & finite", "moved = compared"),
    ),
    wrong(
        "translation",
        "the labels are equal",
        "what-is-not-finite-is-not-given",
        ("wrong = ~finite | (first != second)", "wrong = first != second"),
    ),
    wrong(
        "translation",
        "64 bits and no modulo",
        "the-same-ids-every-time",
        pytorch=("* 2654435761 % 2**32", "* 2654435761"),
        tensorflow=("* 2654435761 % 2**32", "* 2654435761"),
    ),
    wrong(
        "translation",
        "a window of one more",
        "the-window-forgets",
        pytorch=("[-window:]", "[-window - 1:]"),
        tensorflow=("tf.zeros([window], tf.int32)", "tf.zeros([window + 1], tf.int32)"),
        jax=("jnp.zeros(window, bool)", "jnp.zeros(window + 1, bool)"),
    ),
    wrong(
        "translation",
        "nan, but not inf",
        "what-is-not-finite-is-not-given",
        pytorch=("after.isfinite().all(1)", "~after.isnan().any(1)"),
        tensorflow=("tf.reduce_all(tf.math.is_finite(after), 1)", "~tf.reduce_any(tf.math.is_nan(after), 1)"),
        jax=("jnp.isfinite(after).all(1)", "~jnp.isnan(after).any(1)"),
    ),
    wrong(
        "translation",
        "only the largest is looked at",
        "what-is-not-finite-is-not-given",
        pytorch=("after.isfinite().all(1)", "after.amax(1).isfinite()"),
        tensorflow=(
            "tf.reduce_all(tf.math.is_finite(after), 1)",
            "tf.math.is_finite(tf.reduce_max(after, 1))",
        ),
        jax=("jnp.isfinite(after).all(1)", "jnp.isfinite(after.max(1))"),
    ),
    # --- Guesses: constants, every name at once, and answers in the order in which this course's file asks
    wrong(
        "same",
        "guess: same, then not",
        "the-logits-decide",
        "asked = []\ndef agreement(expected, got, tolerance):\n    asked.append(0)\n"
        "    return {'equal': 0, 'difference': 0.0, 'first': None, 'same': len(asked) % 3 == 1}",
    ),
    wrong(
        "same",
        "guess: every row is named",
        "refuses-what-is-not-finite",
        "def agreement(expected, got, tolerance):\n"
        "    if np.isfinite(expected).all() and np.isfinite(got).all():\n        return {'same': True}\n"
        "    raise ValueError('expected or got, row ' + ' '.join(map(str, range(len(got)))))",
    ),
    wrong(
        "size",
        "guess: the forms in order",
        "the-most-exact-that-fits",
        "asked = []\ndef best_that_fits(shapes, limit):\n    asked.append(0)\n"
        "    return ('float32', 'float16', 'float16', 'int8', 'int8', None)[(len(asked) - 1) % 6]",
    ),
    *(
        wrong(
            "stranger",
            f"guess: all is refused, {check}",
            check,
            "def opened(data, spec):\n    raise ValueError('file, ' + ', '.join(spec))",
        )
        for check in (
            *("never-unpickles", "names-what-is-missing-or-unexpected", "looks-at-every-array"),
            *("a-damaged-file-is-told", "a-small-file-stays-small"),
        )
    ),
)
