"""Typical mistakes in the exercises on graphs."""

from triptych.grading.checks.mistakes import wrong

BANK = (
    # --- Three places for a line
    wrong(
        "places",
        "compiled anew in the loop",
        "traces-once-a-shape",
        pytorch=(
            "    calls += 1\n",
            "    calls += 1\n"
            "        count = torch.compile(counter, backend=recorder(programs), fullgraph=True)\n",
        ),
        tensorflow=(
            "    calls += 1\n",
            "    calls += 1\n        count = tf.function(count.python_function)\n",
        ),
        jax=("    calls += 1\n", "    calls += 1\n        jax.clear_caches()\n"),
    ),
    wrong(
        "places",
        "calls counted while tracing",
        "python-counts-every-call",
        pytorch=('"python": calls', '"python": len(programs)'),
        tensorflow=('"python": calls', '"python": len(traces)'),
        jax=('"python": calls', '"python": len(traces)'),
    ),
    wrong(
        "places",
        "calls taken for traces",
        "traces-once-a-shape",
        pytorch=('"traces": len(programs)', '"traces": calls'),
        tensorflow=('"traces": len(traces)', '"traces": calls'),
        jax=('"traces": len(traces)', '"traces": calls'),
    ),
    wrong(
        "places",
        "the state is overwritten or dropped",
        "program-counts-data",
        pytorch=("self.seen += ", "self.seen = 0 + "),
        tensorflow=("seen.assign_add", "seen.assign"),
        jax=("_, seen = count(", "count("),
    ),
    wrong(
        "places",
        "nothing is compiled",
        "traces-once-a-shape",
        "def three_counters(arrays):\n"
        "    positive = sum(int((a > 0).sum()) for a in arrays)\n"
        "    return {'python': len(arrays), 'traces': len({a.shape for a in arrays}), 'program': positive}",
    ),
    wrong(
        "places",
        "a Python counter in the compiled function",
        "program-counts-data",
        tensorflow=(
            "seen.assign_add(tf.reduce_sum(tf.cast(x > 0, tf.int32)))",
            "nonlocal seen; seen = seen + 1",
        ),
        jax=("seen + (x > 0).sum()", "len(traces)"),
    ),
    wrong(
        "places",
        "an append that is replayed and guarded",
        "traces-once-a-shape",
        ("class Counter", "log = []\n\n    class Counter"),
        ('"traces": len(programs)', '"traces": len(log)'),
        pytorch=("return 2 * x", "log.append(1)\n            return 2 * x"),
    ),
    wrong(
        "places",
        "a first state of weak type",
        "traces-once-a-shape",
        jax=("jnp.int32(0)", "jnp.asarray(0)"),
    ),
    wrong(
        "places",
        "counted in NumPy, outside the program",
        "program-counts-data",
        ("    for array in arrays:\n", "    positive = 0\n    for array in arrays:\n"),
        ("        calls += 1\n", "        calls += 1\n        positive += int((array > 0).sum())\n"),
        pytorch=('"program": int(counter.seen)', '"program": positive'),
        tensorflow=('"program": int(seen)', '"program": positive'),
        jax=('"program": int(seen)', '"program": positive'),
    ),
    wrong("places", "zero counts as positive", "program-counts-data", ("x > 0", "x >= 0")),
    wrong(
        "places",
        "elements counted, not positive ones",
        "program-counts-data",
        pytorch=("(x > 0).sum()", "x.numel()"),
        tensorflow=("tf.reduce_sum(tf.cast(x > 0, tf.int32))", "tf.size(x)"),
        jax=("(x > 0).sum()", "x.size"),
    ),
    # --- Count the operations
    wrong(
        "operations",
        "passive nodes counted",
        "leaves-out-passive-nodes",
        pytorch=('"all": len(names)', '"all": len(programs[0].graph.nodes)'),
        tensorflow=("if op.type not in passive", ""),
        jax=('"all": len(names)', '"all": len(names) + len(program.jaxpr.invars)'),
    ),
    wrong(
        "operations",
        "the division under another name",
        "counts-by-kind",
        pytorch=('names.count("truediv")', 'names.count("div")'),
        tensorflow=('types.count("RealDiv")', 'types.count("Div")'),
        jax=('names.count("div")', 'names.count("truediv")'),
    ),
    wrong("operations", "always the same program", "counts-by-kind", ("ladder(x, n)", "ladder(x, 27)")),
    wrong(
        "operations",
        "kinds that do not occur left out",
        "counts-what-is-not-there",
        "counted = count_operations\n\n\n"
        "def count_operations(n):\n"
        "    return {kind: number for kind, number in counted(n).items() if number}",
    ),
    wrong(
        "operations",
        "counted by the rule, not in a program",
        "looks-at-a-program",
        "def count_operations(n):\n"
        "    odd = even = 0\n"
        "    while n != 1:\n"
        "        odd, even = odd + n % 2, even + (n + 1) % 2\n"
        "        n = 3 * n + 1 if n % 2 else n // 2\n"
        "    return {'mul': odd, 'add': odd, 'div': even, 'all': 2 * odd + even}",
    ),
    wrong(
        "operations",
        "n is traced as well",
        "counts-by-kind",
        tensorflow=("ladder(x, n)", "ladder(x, tf.constant(n))"),
        jax=("jax.make_jaxpr(lambda x: ladder(x, n))(1.0)", "jax.make_jaxpr(ladder)(1.0, n)"),
    ),
    wrong(
        "operations",
        "'all' without the divisions",
        "leaves-out-passive-nodes",
        pytorch=('"all": len(names)', '"all": names.count("mul") + names.count("add")'),
        tensorflow=('"all": len(types)', '"all": types.count("Mul") + types.count("AddV2")'),
        jax=('"all": len(names)', '"all": names.count("mul") + names.count("add")'),
    ),
    # --- Few traces for many lengths
    wrong(
        "traces", "what fits exactly is padded", "pads-to-the-smallest-bucket", ("bucket >= x", "bucket > x")
    ),
    wrong("traces", "no padding at all", "pads-to-the-smallest-bucket", ("(0, size - x.size)", "(0, 0)")),
    wrong("traces", "the padded length is given", "pads-to-the-smallest-bucket", (", x.size]", ", size]")),
    wrong(
        "traces",
        "divided by the padded length",
        "ignores-padded-zeros",
        pytorch=("/ length", "/ x.shape[0]"),
        tensorflow=("tf.cast(length, x.dtype)", "tf.cast(tf.size(x), x.dtype)"),
        jax=("/ length", "/ x.size"),
    ),
    wrong(
        "traces",
        "masked once",
        "ignores-any-padding",
        pytorch=("torch.where(inside, (x - mean).abs(), 0.0)", "(x - mean).abs()"),
        tensorflow=("tf.where(inside, tf.abs(x - mean), 0.0)", "tf.abs(x - mean)"),
        jax=("jnp.where(inside, abs(x - mean), 0.0)", "abs(x - mean)"),
    ),
    wrong(
        "traces",
        "the padding is taken for zeros",
        "ignores-any-padding",
        pytorch=("mean = torch.where(inside, x, 0.0).sum()", "mean = x.sum()"),
        tensorflow=("mean = tf.reduce_sum(tf.where(inside, x, 0.0))", "mean = tf.reduce_sum(x)"),
        jax=("mean = jnp.where(inside, x, 0.0).sum()", "mean = x.sum()"),
    ),
    wrong(
        "traces",
        "the length is made a Python number",
        "one-program-a-bucket",
        tensorflow=("inside =", "length = int(length.numpy())\n    inside ="),
        jax=("inside =", "length = int(length)\n    inside ="),
    ),
    wrong(
        "traces",
        "a Python branch on the length",
        "one-program-a-bucket",
        pytorch=(
            "mean =",
            "if length == x.shape[0]:\n        return (x - x.mean()).abs().mean()\n    mean =",
        ),
        jax=("mean =", "if length == x.size:\n        return abs(x - x.mean()).mean()\n    mean ="),
    ),
    wrong(
        "traces",
        "a slice of unknown size",
        "one-program-a-bucket",
        jax="def spread(x, length):\n    x = x[:length]\n    return abs(x - x.mean()).mean()",
    ),
    wrong(
        "traces",
        "the next power of two, 1 and 2 as well",
        "pads-to-the-smallest-bucket",
        ("next(bucket for bucket in (4, 8, 16, 32) if bucket >= x.size)", "1 << (x.size - 1).bit_length()"),
    ),
    wrong(
        "traces",
        "the padding in front",
        "pads-to-the-smallest-bucket",
        ("(0, size - x.size)", "(size - x.size, 0)"),
    ),
    wrong(
        "traces",
        "the last element left out",
        "ignores-padded-zeros",
        pytorch=("< length", "< length - 1"),
        tensorflow=("sequence_mask(length,", "sequence_mask(length - 1,"),
        jax=("< length", "< length - 1"),
    ),
    wrong(
        "traces",
        "one padded element counts",
        "ignores-any-padding",
        pytorch=("< length", "<= length"),
        tensorflow=("sequence_mask(length,", "sequence_mask(length + 1,"),
        jax=("< length", "<= length"),
    ),
    wrong(
        "traces",
        "the standard deviation",
        "ignores-padded-zeros",
        pytorch=(
            "return torch.where(inside, (x - mean).abs(), 0.0).sum() / length",
            "return (torch.where(inside, (x - mean)**2, 0.0).sum() / length).sqrt()",
        ),
        tensorflow=(
            "tf.abs(x - mean), 0.0)\n    return tf.reduce_sum(away) / number",
            "(x - mean)**2, 0.0)\n    return tf.sqrt(tf.reduce_sum(away) / number)",
        ),
        jax=(
            "return jnp.where(inside, abs(x - mean), 0.0).sum() / length",
            "return jnp.sqrt(jnp.where(inside, (x - mean)**2, 0.0).sum() / length)",
        ),
    ),
    # --- A branch that compiles
    wrong(
        "branch",
        "the greatest element as length",
        "shortens-long-vectors",
        pytorch=("torch.linalg.vector_norm(x)", "x.abs().max()"),
        tensorflow=("tf.norm(x)", "tf.reduce_max(tf.abs(x))"),
        jax=("jnp.linalg.norm(x)", "jnp.abs(x).max()"),
    ),
    wrong("branch", "scaled to length 1", "shortens-long-vectors", ("(ceiling / norm)", "(1 / norm)")),
    wrong("branch", "always scaled", "leaves-short-vectors", ("norm > ceiling", "norm > 0")),
    wrong(
        "branch",
        "zero divided by zero",
        "keeps-zeros",
        pytorch="def limit_norm(x, ceiling):\n"
        "    norm = torch.linalg.vector_norm(x)\n    return x / norm * torch.minimum(norm, ceiling)",
        tensorflow="def limit_norm(x, ceiling):\n"
        "    norm = tf.norm(x)\n    return x / norm * tf.minimum(norm, ceiling)",
        jax="def limit_norm(x, ceiling):\n"
        "    norm = jnp.linalg.norm(x)\n    return x / norm * jnp.minimum(norm, ceiling)",
    ),
    wrong(
        "branch",
        "a Python if on a number",
        "the-branch-compiles",
        pytorch="def limit_norm(x, ceiling):\n"
        "    norm = torch.linalg.vector_norm(x)\n"
        "    if norm > ceiling:\n        return x * (ceiling / norm)\n    return x",
        tensorflow=("if norm > ceiling", "if norm.numpy() > ceiling.numpy()"),
        jax="def limit_norm(x, ceiling):\n"
        "    norm = jnp.linalg.norm(x)\n"
        "    if norm > ceiling:\n        return x * (ceiling / norm)\n    return x",
    ),
    wrong(
        "branch",
        "the norm from NumPy",
        "the-branch-compiles",
        tensorflow=("tf.norm(x)", "tf.constant(np.linalg.norm(x.numpy()))"),
        jax=("jnp.linalg.norm(x)", "np.linalg.norm(x)"),
    ),
    wrong(
        "branch",
        "the greatest element is compared",
        "shortens-long-vectors",
        pytorch=("norm > ceiling", "x.abs().max() > ceiling"),
        tensorflow=("norm > ceiling", "tf.reduce_max(tf.abs(x)) > ceiling"),
        jax=("norm > ceiling", "jnp.abs(x).max() > ceiling"),
    ),
    wrong(
        "branch",
        "the sum of the elements' sizes is compared",
        "leaves-short-vectors",
        pytorch=("norm > ceiling", "x.abs().sum() > ceiling"),
        tensorflow=("norm > ceiling", "tf.reduce_sum(tf.abs(x)) > ceiling"),
        jax=("norm > ceiling", "jnp.abs(x).sum() > ceiling"),
    ),
    wrong(
        "branch",
        "the norm cut at 0.001",
        "shortens-long-vectors",
        pytorch=("torch.linalg.vector_norm(x)", "torch.linalg.vector_norm(x).clamp(min=1e-3)"),
        tensorflow=("tf.norm(x)", "tf.maximum(tf.norm(x), 1e-3)"),
        jax=("jnp.linalg.norm(x)", "jnp.maximum(jnp.linalg.norm(x), 1e-3)"),
    ),
    wrong(
        "branch",
        "the norm cut at 1,000",
        "shortens-long-vectors",
        pytorch=("torch.linalg.vector_norm(x)", "torch.linalg.vector_norm(x).clamp(max=1e3)"),
        tensorflow=("tf.norm(x)", "tf.minimum(tf.norm(x), 1e3)"),
        jax=("jnp.linalg.norm(x)", "jnp.minimum(jnp.linalg.norm(x), 1e3)"),
    ),
    # --- A loop that compiles
    wrong(
        "loop",
        "halving is not counted",
        "counts-the-steps",
        pytorch=("    n = torch.where(", "    steps = steps + n % 2 - 1\n        n = torch.where("),
        tensorflow=("    if n % 2 == 1:\n", "    steps += n % 2 - 1\n        if n % 2 == 1:\n"),
        jax=("    n = jnp.where(", "    steps = steps + n % 2 - 1\n        n = jnp.where("),
    ),
    wrong(
        "loop",
        "stops at 2",
        "counts-the-steps",
        pytorch=("n != 1", "n > 2"),
        tensorflow=("n != 1", "n > 2"),
        jax=("state[0] != 1", "state[0] > 2"),
    ),
    wrong(
        "loop",
        "the peak of the odd numbers only",
        "finds-the-peak",
        pytorch=("torch.maximum(peak, n)", "torch.where(n % 2 == 1, torch.maximum(peak, n), peak)"),
        tensorflow=("tf.maximum(peak, n)", "tf.where(n % 2 == 1, tf.maximum(peak, n), peak)"),
        jax=("jnp.maximum(peak, n)", "jnp.where(n % 2 == 1, jnp.maximum(peak, n), peak)"),
    ),
    wrong(
        "loop",
        "the start does not count",
        "start-counts",
        pytorch=("torch.zeros_like(n), n.clone())", "torch.zeros_like(n), torch.zeros_like(n))"),
        tensorflow=("tf.zeros_like(n), n", "tf.zeros_like(n), tf.zeros_like(n)"),
        jax=("(n, 0, n)", "(n, 0, 0)"),
    ),
    wrong(
        "loop",
        "a loop in Python",
        "the-loop-compiles",
        pytorch="def collatz_peak(n):\n"
        "    steps, peak = torch.zeros_like(n), n\n"
        "    while n != 1:\n"
        "        n = 3 * n + 1 if n % 2 == 1 else n // 2\n"
        "        steps, peak = steps + 1, torch.maximum(peak, n)\n"
        "    return steps, peak",
        tensorflow=("steps, peak = tf.zeros_like(n), n", "n = n.numpy()\n    steps, peak = 0, n"),
        jax="def collatz_peak(n):\n"
        "    steps, peak = 0, n\n"
        "    while n != 1:\n"
        "        n = 3 * n + 1 if n % 2 == 1 else n // 2\n"
        "        steps, peak = steps + 1, jnp.maximum(peak, n)\n"
        "    return steps, peak",
    ),
    wrong(
        "loop",
        "counted in float32",
        "finds-the-peak",
        pytorch=[
            ("(n.clone(), torch.zeros_like(n), n.clone())", "(n.float(), torch.zeros_like(n), n.float())"),
        ],
        tensorflow=(
            "steps, peak = tf.zeros_like(n), n",
            "n = tf.cast(n, tf.float32)\n    steps, peak = 0, n",
        ),
        jax=("(n, 0, n)", "(n * 1.0, 0, n * 1.0)"),
    ),
    wrong(
        "loop",
        "at most 300 steps",
        "counts-the-steps",
        pytorch=("n != 1", "(n != 1) & (steps < 300)"),
        tensorflow=("n != 1", "n != 1 and steps < 300"),
        jax=("state[0] != 1", "(state[0] != 1) & (state[1] < 300)"),
    ),
    wrong(
        "loop",
        "at most 400 steps",
        "counts-the-steps",
        pytorch=("n != 1", "(n != 1) & (steps < 400)"),
        tensorflow=("n != 1", "n != 1 and steps < 400"),
        jax=("state[0] != 1", "(state[0] != 1) & (state[1] < 400)"),
    ),
    # --- State goes in and comes out
    wrong(
        "state", "divided by the old count", "steps-as-the-class-does", (") / count", ') / state["count"]')
    ),
    wrong(
        "state",
        "the distance from the old mean",
        "steps-as-the-class-does",
        ("}, x - mean", '}, x - state["mean"]'),
    ),
    wrong(
        "state",
        "the old dict is filled again",
        "leaves-the-old-state",
        ("    return {", "    state |= {"),
        ("}, x - mean", "}\n    return state, x - mean"),
    ),
    wrong(
        "state",
        "added in place",
        "leaves-the-old-state",
        pytorch=(
            'mean = state["mean"] + (x - state["mean"]) / count',
            'mean = state["mean"]\n    mean += (x - mean) / count',
        ),
    ),
    wrong(
        "state",
        "the count is kept outside",
        "remembers-nothing",
        ('    count = state["count"] + 1', '    steps.append(1)\n    count = state["count"] + len(steps)'),
        "steps = []",
    ),
    wrong(
        "state",
        "the seed is ignored",
        "same-seed-same-draws",
        pytorch=("manual_seed(seed)", "manual_seed(0)"),
        tensorflow=("from_seed(seed)", "from_seed(0)"),
        jax=("key(seed)", "key(0)"),
    ),
    wrong(
        "state",
        "the random state is never set",
        "same-seed-same-draws",
        pytorch=("torch.manual_seed(seed)", ""),
        tensorflow=(
            "tf.random.Generator.from_seed(seed)",
            "tf.random.Generator.from_non_deterministic_state()",
        ),
        jax=("jax.random.key(seed)", "jax.random.key(time.time_ns() % 2**31)"),
    ),
    wrong(
        "state",
        "the same state for every draw",
        "every-draw-is-new",
        pytorch=("draw().numpy()", "(torch.manual_seed(seed), draw())[1].numpy()"),
        tensorflow=("draw().numpy()", "(generator.reset_from_seed(seed), draw())[1].numpy()"),
        jax=("key, row = draw(key)", "_, row = draw(key)"),
    ),
    wrong(
        "state",
        "NumPy's numbers, frozen while tracing",
        "every-draw-is-new",
        tensorflow=("generator.uniform([3])", "tf.constant(np.random.default_rng(seed).random(3))"),
        jax=("jax.random.uniform(subkey, (3,))", "jnp.array(np.random.default_rng(seed).random(3))"),
    ),
    wrong(
        "state",
        "NumPy's numbers, seeded",
        "draws-are-compiled",
        "def draws(seed, n):\n    return np.random.default_rng(seed).random((n, 3))",
    ),
    wrong(
        "state",
        "drawn without compiling",
        "draws-are-compiled",
        pytorch=(
            "torch.compile(\n        lambda: torch.rand(3), backend=recorder([]), fullgraph=True\n    )",
            "lambda: torch.rand(3)",
        ),
        tensorflow=("@tf.function\n", "\n"),
        jax=("@jax.jit\n", "\n"),
    ),
    wrong(
        "state",
        "one number three times",
        "every-draw-is-new",
        pytorch=("torch.rand(3)", "torch.rand(1).expand(3)"),
        tensorflow=("generator.uniform([3])", "tf.repeat(generator.uniform([1]), 3)"),
        jax=("jax.random.uniform(subkey, (3,))", "jnp.repeat(jax.random.uniform(subkey, (1,)), 3)"),
    ),
    # --- When does compiling pay?
    wrong("break-even", "the mean", "outliers-do-not-matter", ("np.median", "np.mean")),
    wrong("break-even", "the smallest", "outliers-do-not-matter", ("np.median", "np.min")),
    wrong(
        "break-even",
        "the first call is not one of the n",
        "counts-the-first-call",
        ("math.floor((first - later) / (eager - later)) + 1", "math.ceil(first / (eager - later))"),
    ),
    wrong(
        "break-even",
        "one call too early",
        "counts-the-first-call",
        ("(eager - later)) + 1", "(eager - later))"),
    ),
    wrong("break-even", "never is not seen", "never-and-at-once", ("if later >= eager", "if later == eager")),
    wrong("break-even", "at once is not seen", "never-and-at-once", ("if first < eager", "if first < 0")),
    wrong(
        "break-even",
        "warmed up before the first call",
        "times-the-first-call",
        ('    return {"first"', '    fast(x)\n    return {"first"'),
    ),
    wrong("break-even", "seconds", "times-the-first-call", ("1e3 * (", "(")),
    wrong(
        "break-even",
        "the first is counted among the repeats",
        "times-the-first-call",
        ("clock(fast) for _ in range(repeats)", "clock(fast) for _ in range(repeats - 1)"),
    ),
    wrong(
        "break-even",
        "as much is less",
        "counts-the-first-call",
        ("math.floor((first - later) / (eager - later)) + 1", "math.ceil((first - later) / (eager - later))"),
    ),
    wrong(
        "break-even",
        "as quick at once is quicker",
        "counts-the-first-call",
        ("first < eager", "first <= eager"),
    ),
    wrong(
        "break-even",
        "never is asked before at once",
        "never-and-at-once",
        ("    if first < eager:\n        return 1\n", ""),
        ("        return 0\n", "        return 0\n    if first < eager:\n        return 1\n"),
    ),
    wrong(
        "break-even",
        "the upper median",
        "outliers-do-not-matter",
        (
            "np.median(compiled_ms), np.median(eager_ms)",
            "(sorted(t)[len(t) // 2] for t in (compiled_ms, eager_ms))",
        ),
    ),
    # --- Translate
    wrong(
        "translation",
        "the other standard deviation",
        "standardises-as-the-original",
        pytorch=("current.std()", "current.std(correction=0)"),
        tensorflow=("tf.cast(n - 1, tf.float32)", "tf.cast(n, tf.float32)"),
        jax=("std(ddof=1)", "std()"),
    ),
    wrong(
        "translation",
        "the push leaks as well",
        "leaks-before-the-push",
        pytorch=("leak * v + push", "leak * (v + push)"),
        tensorflow=("leak * state[1] + push", "leak * (state[1] + push)"),
        jax=("leak * v + push", "leak * (v + push)"),
    ),
    wrong(
        "translation",
        "a spike sets to zero",
        "fires-as-the-original",
        pytorch=("v - threshold, v)", "0.0, v)"),
        tensorflow=("v - threshold, v)", "0.0, v)"),
        jax=("v - threshold, v)", "0.0, v)"),
    ),
    wrong(
        "translation",
        "the voltage before the spike",
        "fires-as-the-original",
        pytorch=[
            ("        voltage.append(v)\n", ""),
            ("        spike = v > threshold\n", "        spike = v > threshold\n        voltage.append(v)\n"),
        ],
        jax=(
            "v = jnp.where(spike, v - threshold, v)\n        return v, (spike.astype(int), v)",
            "return jnp.where(spike, v - threshold, v), (spike.astype(int), v)",
        ),
    ),
    wrong(
        "translation",
        "truth values for spikes",
        "fires-as-the-original",
        pytorch=("spike.int()", "spike"),
        jax=("spike.astype(int)", "spike"),
    ),
    wrong(
        "translation",
        "fires at any positive voltage",
        "fires-as-the-original",
        ("v > threshold", "v > 0"),
    ),
    wrong(
        "translation", "fires at the threshold", "fires-as-the-original", ("v > threshold", "v >= threshold")
    ),
    wrong(
        "translation",
        "a Python number or branch",
        "the-translation-compiles",
        pytorch=(
            "v = torch.where(spike, v - threshold, v)",
            "if spike:\n            v = v - threshold",
        ),
        tensorflow=("    n = tf.size", "    threshold = threshold.numpy()\n    n = tf.size"),
        jax=("    drive = ", "    threshold = float(threshold)\n    drive = "),
    ),
)
