"""Typical mistakes in the exercises on performance."""

from triptych.grading.checks.mistakes import wrong

#: The translation to PyTorch without its scaler.
BY_HAND = """
def train(X, y, w, rate, ceiling, scale, window, steps):
    X, y, w = torch.tensor(X), torch.tensor(y), torch.tensor(w)
    good = skipped = 0
    for _ in range(steps):
        w.requires_grad_()
        z = (X.half() @ w.half()).float()
        (slope,) = torch.autograd.grad(scale * ((z - y) ** 2).mean(), w)
        slope, w = slope / scale, w.detach()
        if not torch.isfinite(slope).all():
            scale, good, skipped = scale / 2, 0, skipped + 1
            continue
        w = w - rate * slope * (slope.norm().clamp(max=ceiling) / slope.norm().clamp(min=1e-30))
        good += 1
        if good == window:
            scale, good = 2 * scale, 0
    return {"weights": w.detach().numpy(), "scale": scale, "skipped": skipped}
"""

BANK = (
    # --- Time it right
    wrong("timing", "never waited", "waits-before-the-clock-stops", ("wait(call())", "call()")),
    wrong(
        "timing",
        "waited after the clock was read",
        "waits-before-the-clock-stops",
        (
            "        wait(call())\n        return clock() - start",
            "        out = call()\n        taken = clock() - start\n        wait(out)\n        return taken",
        ),
    ),
    wrong(
        "timing",
        "waited once, after the loop",
        "waits-before-the-clock-stops",
        "def timed(call, wait, clock, warmup, repeats):\n"
        "    times = []\n"
        "    for _ in range(1 + warmup + repeats):\n"
        "        start = clock()\n"
        "        out = call()\n"
        "        times.append(clock() - start)\n"
        "    wait(out)\n"
        "    samples = times[1 + warmup:]\n"
        "    low, high = np.percentile(samples, [25, 75])\n"
        "    return {'first': times[0], 'samples': samples, 'median': float(np.median(samples)),\n"
        "            'spread': float(high - low)}",
    ),
    wrong(
        "timing",
        "the first call after the warm-up",
        "the-first-call-apart",
        (
            "    first = once()\n    for _ in range(warmup):\n        once()\n",
            "    for _ in range(warmup):\n        once()\n    first = once()\n",
        ),
    ),
    wrong(
        "timing",
        "the first sample for the first call",
        "the-first-call-apart",
        ('"first": first', '"first": samples[0]'),
    ),
    wrong(
        "timing",
        "no warm-up",
        "warm-up-is-not-counted",
        ("    for _ in range(warmup):\n        once()\n", ""),
    ),
    wrong(
        "timing",
        "the warm-up among the samples",
        "warm-up-is-not-counted",
        (
            "    for _ in range(warmup):\n        once()\n    samples = [once() for _ in range(repeats)]",
            "    samples = [once() for _ in range(warmup + repeats)]",
        ),
    ),
    wrong(
        "timing",
        "the first call is one of the warm-up",
        "warm-up-is-not-counted",
        ("range(warmup)", "range(warmup - 1)"),
    ),
    wrong(
        "timing",
        "slow samples thrown away",
        "warm-up-is-not-counted",
        (
            "for _ in range(repeats)]\n",
            "for _ in range(repeats)]\n    samples = [s for s in samples if s < 2 * np.median(samples)]\n",
        ),
    ),
    wrong("timing", "the mean", "one-slow-sample-moves-nothing", ("np.median(", "np.mean(")),
    wrong("timing", "the extremes", "one-slow-sample-moves-nothing", ("[25, 75]", "[0, 100]")),
    wrong(
        "timing",
        "the standard deviation",
        "one-slow-sample-moves-nothing",
        ("float(high - low)", "float(np.std(samples))"),
    ),
    wrong(
        "timing",
        "the upper of two medians",
        "one-slow-sample-moves-nothing",
        ("float(np.median(samples))", "sorted(samples)[len(samples) // 2]"),
    ),
    wrong(
        "timing",
        "sorted samples",
        "warm-up-is-not-counted",
        ("[once() for _ in range(repeats)]", "sorted(once() for _ in range(repeats))"),
    ),
    # --- Break-even
    wrong(
        "break-even",
        "the first call not counted as a call",
        "counts-the-first-call",
        ("int((first - compiled) // (eager - compiled)) + 1", "int(first // (eager - compiled)) + 1"),
    ),
    wrong(
        "break-even",
        "rounded down",
        "counts-the-first-call",
        ("(eager - compiled)) + 1", "(eager - compiled))"),
    ),
    wrong(
        "break-even",
        "compiling over the saving of the first call",
        "counts-the-first-call",
        ("(first - compiled) //", "(first - eager) //"),
    ),
    wrong(
        "break-even",
        "looked for among the first 20,000",
        "counts-the-first-call",
        (
            "    return int((first - compiled) // (eager - compiled)) + 1\n",
            "    n = np.arange(1, 20_000)\n"
            "    ahead = n[first + (n - 1) * compiled < n * eager]\n"
            "    return int(ahead[0]) if len(ahead) else None\n",
        ),
    ),
    wrong(
        "break-even",
        "never is infinite",
        "never-and-at-once",
        ("        return None\n", "        return float('inf')\n"),
    ),
    wrong(
        "break-even",
        "divided by what is not saved",
        "never-and-at-once",
        ("    if compiled >= eager:\n        return None\n", ""),
    ),
    wrong(
        "break-even",
        "never, even if it paid at once",
        "never-and-at-once",
        ("    if first < eager:\n        return 1\n", ""),
    ),
    wrong(
        "break-even",
        "compiled at every call",
        "one-compile-for-each-shape",
        ("compiling * len(set(lengths))", "compiling * len(lengths)"),
    ),
    wrong(
        "break-even",
        "compiled once for all",
        "one-compile-for-each-shape",
        ("compiling * len(set(lengths))", "compiling"),
    ),
    wrong(
        "break-even",
        "every bucket compiled",
        "buckets-trade-work-for-compiling",
        (
            '"bucketed": total(padded)}',
            '"bucketed": compiling * len(buckets) + compiled * sum(padded)}',
        ),
    ),
    wrong(
        "break-even",
        "no work on the padding",
        "buckets-trade-work-for-compiling",
        (
            '"bucketed": total(padded)}',
            '"bucketed": compiling * len(set(padded)) + compiled * sum(lengths)}',
        ),
    ),
    wrong(
        "break-even",
        "the first bucket that holds it",
        "buckets-trade-work-for-compiling",
        ("min((b for b in buckets if b >= n), default=n)", "next((b for b in buckets if b >= n), n)"),
    ),
    wrong(
        "break-even",
        "a full bucket passed over",
        "buckets-trade-work-for-compiling",
        ("if b >= n)", "if b > n)"),
    ),
    wrong(
        "break-even",
        "longer ones cut to the largest bucket",
        "buckets-trade-work-for-compiling",
        ("default=n)", "default=max(buckets))"),
    ),
    wrong(
        "break-even",
        "the slowest way",
        "buckets-trade-work-for-compiling",
        ("min(seconds, key=seconds.get)", "max(seconds, key=seconds.get)"),
    ),
    wrong(
        "break-even",
        "rounded up",
        "counts-the-first-call",
        (
            "return int((first - compiled) // (eager - compiled)) + 1",
            "return int(np.ceil((first - compiled) / (eager - compiled)))",
        ),
    ),
    wrong(
        "break-even",
        "at once where it takes as long",
        "counts-the-first-call",
        ("if first < eager:", "if first <= eager:"),
    ),
    wrong(
        "break-even",
        "the buckets' lengths counted, not compiled",
        "buckets-trade-work-for-compiling",
        (
            '"bucketed": total(padded)}',
            '"bucketed": compiling * len(set(lengths)) + compiled * sum(padded)}',
        ),
    ),
    # --- A winner or a tie
    wrong(
        "winner",
        "the names swapped",
        "names-a-clear-winner",
        ("if a[1] < b[0]", "if a[0] > b[1]"),
        ("if b[1] < a[0]", "if b[0] > a[1]"),
    ),
    wrong(
        "winner",
        "never a winner",
        "names-a-clear-winner",
        ("[2.5, 97.5]", "[2.5, 97.5]) * np.array([0.5, 2]"),
    ),
    wrong(
        "winner",
        "the smaller median",
        "overlapping-is-a-tie",
        (
            "    a, b = interval(a), interval(b)\n",
            "    a, b = [np.median(a)] * 2, [np.median(b)] * 2\n",
        ),
    ),
    wrong(
        "winner",
        "the smaller minimum",
        "overlapping-is-a-tie",
        ("    a, b = interval(a), interval(b)\n", "    a, b = [min(a)] * 2, [min(b)] * 2\n"),
    ),
    wrong(
        "winner",
        "more than 1 % apart",
        "overlapping-is-a-tie",
        (
            "    a, b = interval(a), interval(b)\n",
            "    a, b = (np.median(s) * np.array([0.995, 1.005]) for s in (a, b))\n",
        ),
    ),
    wrong(
        "winner",
        "more than 10 % apart",
        "many-samples-narrow-the-interval",
        (
            "    a, b = interval(a), interval(b)\n",
            "    a, b = (np.median(s) * np.array([0.95, 1.05]) for s in (a, b))\n",
        ),
    ),
    wrong(
        "winner",
        "an interval for many samples only, else more than 10 % apart",
        "overlapping-is-a-tie",
        (
            "    a, b = interval(a), interval(b)\n",
            "    if len(a) + len(b) > 100:\n"
            "        a, b = interval(a), interval(b)\n"
            "    else:\n"
            "        a, b = (np.median(s) * np.array([0.95, 1.05]) for s in (a, b))\n",
        ),
    ),
    wrong(
        "winner",
        "an interval of the mean",
        "slow-samples-decide-nothing",
        ("np.median(drawn, axis=1)", "np.mean(drawn, axis=1)"),
    ),
    wrong(
        "winner",
        "the mean and its standard error",
        "slow-samples-decide-nothing",
        (
            "        draw = np.random.default_rng(0)\n",
            "        half = 2 * np.std(samples) / len(samples) ** 0.5\n"
            "        return [np.mean(samples) - half, np.mean(samples) + half]\n"
            "        draw = np.random.default_rng(0)\n",
        ),
    ),
    wrong(
        "winner",
        "the samples' own percentiles",
        "many-samples-narrow-the-interval",
        ("np.percentile(np.median(drawn, axis=1), [2.5, 97.5])", "np.percentile(samples, [2.5, 97.5])"),
    ),
    wrong(
        "winner",
        "the quartiles",
        "many-samples-narrow-the-interval",
        ("np.percentile(np.median(drawn, axis=1), [2.5, 97.5])", "np.percentile(samples, [25, 75])"),
    ),
    wrong(
        "winner",
        "however few",
        "few-samples-decide-nothing",
        ('    if min(len(a), len(b)) < 6:\n        return "tie"\n', ""),
    ),
    wrong(
        "winner",
        "either may be few",
        "few-samples-decide-nothing",
        ("min(len(a), len(b))", "max(len(a), len(b))"),
    ),
    wrong(
        "winner",
        "five are enough",
        "few-samples-decide-nothing",
        ("min(len(a), len(b)) < 6", "min(len(a), len(b)) < 5"),
    ),
    wrong(
        "winner",
        "intervals that meet",
        "overlapping-is-a-tie",
        ("if a[1] < b[0]", "if a[1] <= b[0]"),
    ),
    # --- Equal first
    wrong(
        "fair",
        "the kernel flipped",
        "convolves",
        (
            '    """The recipe',
            '    kernel = kernel[::-1, ::-1].copy()\n    """The recipe',
        ),
    ),
    wrong(
        "fair",
        "the axes in another order",
        "convolves",
        pytorch=("permute(0, 3, 1, 2)", "reshape(images.shape[0], images.shape[3], *images.shape[1:3])"),
        tensorflow=("tf.nn.conv2d(images, kernel,", "tf.nn.conv2d(images, kernel.transpose(1, 0, 2, 3),"),
        jax=('"HWIO"', '"WHIO"'),
    ),
    wrong(
        "fair",
        "the same zeros on both axes",
        "pads-both-sides",
        pytorch=("kernel.shape[1] // 2)", "kernel.shape[0] // 2)"),
        tensorflow=("(q, q)", "(p, p)"),
        jax=("(q, q)", "(p, p)"),
    ),
    wrong(
        "fair",
        "the framework's own same",
        "pads-both-sides",
        pytorch=(
            "    y = F.conv2d(x, w, stride=stride, padding=pads)\n",
            "    more = [max((-(-n // stride) - 1) * stride + k - n, 0)\n"
            "            for n, k in zip(x.shape[2:], w.shape[2:])]\n"
            "    (p, q) = more\n"
            "    x = F.pad(x, (q // 2, q - q // 2, p // 2, p - p // 2))\n"
            "    y = F.conv2d(x, w, stride=stride)\n",
        ),
        tensorflow=("padding=pads", 'padding="SAME"'),
        jax=("(stride, stride), pads,", '(stride, stride), "SAME",'),
    ),
    wrong(
        "fair",
        "one zero, whatever the kernel",
        "pads-both-sides",
        pytorch=("padding=pads", "padding=1"),
        tensorflow=("    y = tf.nn", "    pads = [(0, 0), (1, 1), (1, 1), (0, 0)]\n    y = tf.nn"),
        jax=("    y = lax", "    pads = [(1, 1), (1, 1)]\n    y = lax"),
    ),
    wrong(
        "fair",
        "every pixel, then every second",
        "pads-both-sides",
        pytorch=(
            "    y = F.conv2d(x, w, stride=stride, padding=pads)\n",
            "    y = F.conv2d(x, w, padding=pads)[:, :, stride - 1::stride, stride - 1::stride]\n",
        ),
        tensorflow=(
            "strides=stride, padding=pads)",
            "strides=1, padding=pads)[:, stride - 1::stride, stride - 1::stride]",
        ),
        jax=(
            "    return np.asarray(y)",
            "    y = lax.conv_general_dilated(\n"
            "        images, kernel, (1, 1), pads,\n"
            '        dimension_numbers=("NHWC", "HWIO", "NHWC"))\n'
            "    return np.asarray(y)[:, stride - 1::stride, stride - 1::stride]",
        ),
    ),
    wrong(
        "fair",
        "equal to the last bit",
        "equal-means-within-the-tolerance",
        (
            'bool(np.all(np.abs(a["logits"] - b["logits"]) <= 1e-4))',
            'np.array_equal(a["logits"], b["logits"])',
        ),
    ),
    wrong(
        "fair",
        "the same largest logit",
        "equal-means-within-the-tolerance",
        (
            'bool(np.all(np.abs(a["logits"] - b["logits"]) <= 1e-4))',
            'bool((a["logits"].argmax(-1) == b["logits"].argmax(-1)).all())',
        ),
    ),
    wrong(
        "fair",
        "the mean difference",
        "equal-means-within-the-tolerance",
        (
            'np.all(np.abs(a["logits"] - b["logits"]) <= 1e-4)',
            'np.mean(np.abs(a["logits"] - b["logits"])) <= 1e-4',
        ),
    ),
    wrong(
        "fair",
        "the sign forgotten",
        "equal-means-within-the-tolerance",
        ('np.abs(a["logits"] - b["logits"])', '(a["logits"] - b["logits"])'),
    ),
    wrong(
        "fair",
        "parameters not counted",
        "equal-means-within-the-tolerance",
        ('(a["parameters"] == b["parameters"]\n            and ', "("),
    ),
    wrong("fair", "compared all the same", "equal-means-within-the-tolerance", (" if same else None", "")),
    wrong(
        "fair",
        "broadcast",
        "shapes-and-nan-do-not-pass",
        ('            and a["logits"].shape == b["logits"].shape\n', ""),
    ),
    wrong(
        "fair",
        "no difference above the tolerance",
        "shapes-and-nan-do-not-pass",
        (
            'bool(np.all(np.abs(a["logits"] - b["logits"]) <= 1e-4))',
            'not bool(np.any(np.abs(a["logits"] - b["logits"]) > 1e-4))',
        ),
    ),
    wrong(
        "fair",
        "the first variant",
        "each-at-its-best",
        ('min(entry["variants"], key=lambda n: middle(entry, n))', 'next(iter(entry["variants"]))'),
    ),
    wrong("fair", "the quickest sample", "each-at-its-best", ("float(np.median(", "float(np.min(")),
    wrong("fair", "the mean of the samples", "each-at-its-best", ("float(np.median(", "float(np.mean(")),
    wrong(
        "fair",
        "the first call among the samples",
        "each-at-its-best",
        (
            '["samples"]))',
            '["samples"] + [entry["variants"][name]["first"]]))',
        ),
    ),
    wrong(
        "fair",
        "a over b",
        "each-at-its-best",
        ("middle(b, best[1]) / middle(a, best[0])", "middle(a, best[0]) / middle(b, best[1])"),
    ),
    wrong(
        "fair",
        "a relative tolerance as well",
        "equal-means-within-the-tolerance",
        (
            'bool(np.all(np.abs(a["logits"] - b["logits"]) <= 1e-4))',
            'np.allclose(a["logits"], b["logits"], atol=1e-4)',
        ),
    ),
    wrong(
        "fair",
        "less than the tolerance",
        "equal-means-within-the-tolerance",
        ('- b["logits"]) <= 1e-4', '- b["logits"]) < 1e-4'),
    ),
    wrong(
        "fair",
        "nan equals nan",
        "shapes-and-nan-do-not-pass",
        (
            'bool(np.all(np.abs(a["logits"] - b["logits"]) <= 1e-4))',
            'np.allclose(a["logits"], b["logits"], rtol=0, atol=1e-4, equal_nan=True)',
        ),
    ),
    wrong(
        "fair",
        "the upper of two medians",
        "each-at-its-best",
        (
            'float(np.median(entry["variants"][name]["samples"]))',
            '(lambda s: sorted(s)[len(s) // 2])(entry["variants"][name]["samples"])',
        ),
    ),
    # --- Bound by what?
    wrong("bound", "products without sums", "counts-a-product", ("2 * m * k * n", "m * k * n")),
    wrong(
        "bound", "the result does not travel", "counts-a-product", ("m * k + k * n + m * n", "m * k + k * n")
    ),
    wrong("bound", "float32 always", "counts-a-product", ('numbers * get("itemsize")', "numbers * 4")),
    wrong("bound", "numbers for bytes", "counts-a-product", ('numbers * get("itemsize")', "numbers")),
    wrong("bound", "fused or not", "counts-a-chain", ('(1 if get("fused") else get("steps"))', "1")),
    wrong("bound", "read but not written", "counts-a-chain", ('2 * get("size") * (1', 'get("size") * (1')),
    wrong(
        "bound",
        "fused is one operation",
        "counts-a-chain",
        ('get("size") * get("steps")\n', 'get("size") * (1 if get("fused") else get("steps"))\n'),
    ),
    wrong(
        "bound",
        "the pixels of the input",
        "counts-a-convolution",
        ("operations = 2 * after * weights", "operations = 2 * before * weights"),
    ),
    wrong(
        "bound",
        "one input channel",
        "counts-a-convolution",
        ("operations = 2 * after * weights", "operations = 2 * after * weights // here"),
    ),
    wrong(
        "bound",
        "sides rounded down",
        "counts-a-convolution",
        ('-(-get("height") // get("stride"))', 'get("height") // get("stride")'),
    ),
    wrong(
        "bound",
        "the kernel does not travel",
        "counts-a-convolution",
        ("before * here + weights + after", "before * here + after"),
    ),
    wrong(
        "bound",
        "the stride along one axis",
        "counts-a-convolution",
        ('-(-get("width") // get("stride"))', 'get("width")'),
    ),
    wrong(
        "bound",
        "both times added",
        "the-longer-time-bounds",
        ("max(arithmetic, memory)", "arithmetic + memory"),
    ),
    wrong(
        "bound",
        "the shorter time",
        "the-longer-time-bounds",
        ("max(arithmetic, memory)", "min(arithmetic, memory)"),
    ),
    wrong(
        "bound",
        "the roofs confused",
        "the-longer-time-bounds",
        ("if memory > arithmetic", "if memory < arithmetic"),
    ),
    wrong(
        "bound",
        "bytes for each operation",
        "the-longer-time-bounds",
        ("operations / moved", "moved / operations"),
    ),
    wrong(
        "bound",
        "more operations than bytes",
        "the-longer-time-bounds",
        ("if memory > arithmetic", "if moved > operations"),
    ),
    wrong(
        "bound",
        "rounded up where nothing is left over",
        "counts-a-convolution",
        ('-(-get("height") // get("stride"))', '(get("height") // get("stride") + 1)'),
    ),
    wrong(
        "bound",
        "a constant for the machine's balance",
        "the-longer-time-bounds",
        ("if memory > arithmetic", "if operations / moved < 10"),
    ),
    wrong(
        "bound",
        "memory where both are equal",
        "the-longer-time-bounds",
        ("if memory > arithmetic", "if memory >= arithmetic"),
    ),
    # --- Choose a batch size
    wrong(
        "memory",
        "weights for each example",
        "weights-and-gradients",
        ('"weights": 4 * parameters', '"weights": 4 * batch * parameters'),
    ),
    wrong(
        "memory",
        "biases forgotten",
        "weights-and-gradients",
        ('for shape in layer["parameters"])', 'for shape in layer["parameters"][:1])'),
    ),
    wrong(
        "memory",
        "sides added",
        "weights-and-gradients",
        ("sum(int(np.prod(shape)) for layer", "sum(int(np.sum(shape)) for layer"),
    ),
    wrong(
        "memory",
        "gradients of the activations' size",
        "weights-and-gradients",
        ('"gradients": 4 * parameters', '"gradients": activation_bytes * parameters'),
    ),
    wrong("memory", "Adam keeps one", "the-optimisers-state", ('"adam": 2', '"adam": 1')),
    wrong("memory", "momentum is free", "the-optimisers-state", ('"momentum": 1', '"momentum": 0')),
    wrong(
        "memory",
        "state of the activations' size",
        "the-optimisers-state",
        ("4 * states * parameters", "activation_bytes * states * parameters"),
    ),
    wrong(
        "memory",
        "one example",
        "activations-grow-with-the-batch",
        ("activation_bytes * batch * each", "activation_bytes * each"),
    ),
    wrong(
        "memory",
        "the input forgotten",
        "activations-grow-with-the-batch",
        ('[model["input"], *(layer["output"] for layer in layers)]', '[layer["output"] for layer in layers]'),
    ),
    wrong(
        "memory",
        "the last output forgotten",
        "activations-grow-with-the-batch",
        ("for layer in layers)]\n", "for layer in layers[:-1])]\n"),
    ),
    wrong(
        "memory",
        "only layers with weights",
        "activations-grow-with-the-batch",
        (
            '*(layer["output"] for layer in layers)',
            '*(layer["output"] for layer in layers if layer["parameters"])',
        ),
    ),
    wrong(
        "memory",
        "activations twice, as gradients",
        "activations-grow-with-the-batch",
        ("activation_bytes * batch * each", "2 * activation_bytes * batch * each"),
    ),
    wrong(
        "memory",
        "4 bytes always",
        "activations-grow-with-the-batch",
        ("activation_bytes * batch * each", "4 * batch * each"),
    ),
    wrong(
        "memory",
        "gradients not in the total",
        "activations-grow-with-the-batch",
        ("sum(found.values())", 'sum(found.values()) - found["gradients"]'),
    ),
    wrong(
        "memory",
        "the first that does not fit",
        "the-largest-that-fits",
        ("    return fitting", "    return batch"),
    ),
    wrong(
        "memory", "always one", "the-largest-that-fits", ("batch, fitting = 1, 0", "batch, fitting = 1, 1")
    ),
    wrong(
        "memory", "32,768 at most", "the-largest-that-fits", ("return fitting", "return min(fitting, 2**15)")
    ),
    wrong("memory", "below the limit", "the-largest-that-fits", ("<= limit", "< limit")),
    wrong(
        "memory",
        "any number",
        "the-largest-that-fits",
        ("batch, fitting = 2 * batch, batch", "batch, fitting = batch + 1, batch"),
    ),
    wrong(
        "memory",
        "the optimiser forgotten",
        "the-largest-that-fits",
        ("while memory(model, batch, optimiser,", 'while memory(model, batch, "sgd",'),
    ),
    wrong(
        "memory",
        "the state not in the total",
        "activations-grow-with-the-batch",
        ("sum(found.values())", 'sum(found.values()) - found["state"]'),
    ),
    # --- Read a profile
    wrong(
        "profile",
        "whole durations",
        "nested-calls-are-taken-off-once",
        ('            own[stack[-1]["name"]] -= call["dur"]\n', "            pass\n"),
    ),
    wrong(
        "profile",
        "taken off every caller",
        "nested-calls-are-taken-off-once",
        (
            '        if stack:\n            own[stack[-1]["name"]] -= call["dur"]\n',
            '        for caller in stack:\n            own[caller["name"]] -= call["dur"]\n',
        ),
    ),
    wrong(
        "profile",
        "the last call of a name",
        "nested-calls-are-taken-off-once",
        ('own.get(call["name"], 0.0) + call["dur"]', 'call["dur"]'),
    ),
    wrong(
        "profile",
        "what has ended stays open",
        "nested-calls-are-taken-off-once",
        (
            '        while stack and stack[-1]["ts"] + stack[-1]["dur"] <= call["ts"]:\n'
            "            stack.pop()\n",
            "",
        ),
    ),
    wrong(
        "profile",
        "one end at a time",
        "nested-calls-are-taken-off-once",
        ("        while stack and", "        if stack and"),
    ),
    wrong(
        "profile",
        "one stack for all threads",
        "threads-do-not-nest-in-each-other",
        ('setdefault(call["tid"], [])', 'setdefault("all", [])'),
    ),
    wrong(
        "profile",
        "not sorted",
        "threads-do-not-nest-in-each-other",
        ('sorted(calls, key=lambda c: (c["ts"], -c["dur"]))', "calls"),
    ),
    wrong(
        "profile",
        "sorted by start alone",
        "threads-do-not-nest-in-each-other",
        ('lambda c: (c["ts"], -c["dur"])', 'lambda c: (c["ts"], c["dur"])'),
    ),
    wrong(
        "profile",
        "every event a call",
        "threads-do-not-nest-in-each-other",
        ('if event["ph"] == "X"]\n    for', 'if "dur" in event]\n    for'),
    ),
    wrong(
        "profile",
        "the longest call",
        "the-slowest-by-its-own-time",
        ("max(own, key=own.get)", 'max(calls, key=lambda c: c["dur"])["name"]'),
    ),
    wrong(
        "profile",
        "the name that takes longest with all inside",
        "the-slowest-by-its-own-time",
        (
            "max(own, key=own.get)",
            'max(own, key=lambda n: sum(c["dur"] for c in calls if c["name"] == n))',
        ),
    ),
    wrong(
        "profile",
        "the most frequent",
        "the-slowest-by-its-own-time",
        ("max(own, key=own.get)", 'max(own, key=lambda n: sum(c["name"] == n for c in calls))'),
    ),
    wrong(
        "profile",
        "nested calls busy twice",
        "idle-is-what-no-call-covers",
        ('max(0.0, stop - max(call["ts"], until))', 'call["dur"]'),
    ),
    wrong(
        "profile",
        "the thread's own span",
        "idle-is-what-no-call-covers",
        (
            "    busy, until",
            '    mine = [c for c in calls if c["tid"] == tid] or calls\n'
            '    start = min(c["ts"] for c in mine)\n'
            '    end = max(c["ts"] + c["dur"] for c in mine)\n'
            "    busy, until",
        ),
    ),
    wrong("profile", "from zero", "idle-is-what-no-call-covers", ("busy / (end - start)", "busy / end")),
    wrong(
        "profile",
        "busy for idle",
        "idle-is-what-no-call-covers",
        ("1 - busy / (end - start)", "busy / (end - start)"),
    ),
    wrong(
        "profile",
        "all threads together",
        "idle-is-what-no-call-covers",
        ('        if call["tid"] == tid:\n', "        if True:\n"),
    ),
    wrong(
        "profile",
        "what ends as another starts is its caller",
        "nested-calls-are-taken-off-once",
        ('<= call["ts"]:', '< call["ts"]:'),
    ),
    wrong(
        "profile",
        "gaps are no idling",
        "idle-is-what-no-call-covers",
        (
            "    busy, until",
            '    mine = [c for c in calls if c["tid"] == tid]\n'
            "    if mine:\n"
            '        last = max(c["ts"] + c["dur"] for c in mine)\n'
            '        busy = last - min(c["ts"] for c in mine)\n'
            '        return {"slowest": max(own, key=own.get), "idle": 1 - busy / (end - start)}\n'
            "    busy, until",
        ),
    ),
    wrong(
        "profile",
        "counters make the trace longer",
        "idle-is-what-no-call-covers",
        (
            'calls = [event for event in events if event["ph"] == "X"]\n    start',
            'calls = [event for event in events if "dur" in event]\n    start',
        ),
    ),
    # --- Fuse a chain
    wrong(
        "fusion",
        "cut from below",
        "computes-what-the-loop-does",
        pytorch=("torch.minimum", "torch.maximum"),
        tensorflow=("tf.minimum", "tf.maximum"),
        jax=("jnp.minimum", "jnp.maximum"),
    ),
    wrong(
        "fusion", "a gain for each column", "computes-what-the-loop-does", ("gains[:, None] * x", "gains * x")
    ),
    wrong(
        "fusion",
        "the gain kept in the mix",
        "computes-what-the-loop-does",
        ("0.5 * x * (1 + y)", "0.5 * gains[:, None] * x * (1 + y)"),
    ),
    wrong(
        "fusion",
        "cut before it is bent",
        "computes-what-the-loop-does",
        pytorch=(
            "torch.tanh(0.8 * (y + 0.05 * y**3))\n    y = torch.minimum(y, limit)",
            "torch.tanh(0.8 * torch.minimum(y + 0.05 * y**3, limit))",
        ),
        tensorflow=(
            "tf.tanh(0.8 * (y + 0.05 * y**3))\n    y = tf.minimum(y, limit)",
            "tf.tanh(0.8 * tf.minimum(y + 0.05 * y**3, limit))",
        ),
        jax=(
            "jnp.tanh(0.8 * (y + 0.05 * y**3))\n    y = jnp.minimum(y, limit)",
            "jnp.tanh(0.8 * jnp.minimum(y + 0.05 * y**3, limit))",
        ),
    ),
    wrong(
        "fusion",
        "a diagonal matrix for the gains",
        "one-pass",
        pytorch=("gains[:, None] * x", "torch.diag(gains) @ x"),
        tensorflow=("gains[:, None] * x", "tf.linalg.diag(gains) @ x"),
        jax=("gains[:, None] * x", "jnp.diag(gains) @ x"),
    ),
    wrong(
        "fusion",
        "through NumPy",
        "one-pass",
        pytorch=(
            "torch.minimum(y, limit)",
            "torch.tensor(np.minimum(y.tolist(), limit.item()), dtype=x.dtype)",
        ),
        tensorflow=(
            "tf.minimum(y, limit)",
            "tf.ensure_shape(tf.numpy_function(np.minimum, [y, limit], tf.float32), x.shape)",
        ),
        jax=(
            "jnp.minimum(y, limit)",
            "jax.pure_callback(np.minimum, jax.ShapeDtypeStruct(y.shape, y.dtype), y, limit)",
        ),
    ),
    wrong(
        "fusion",
        "assigned where a mask is true",
        "one-pass",
        pytorch=("    y = torch.minimum(y, limit)", "    y[y > limit] = limit"),
        tensorflow=(
            "    y = tf.minimum(y, limit)",
            "    where = tf.where(y > limit)\n"
            "    many = tf.shape(where)[:1]\n"
            "    y = tf.tensor_scatter_nd_update(y, where, tf.fill(many, limit))",
        ),
        jax=("    y = jnp.minimum(y, limit)", "    y = y.at[y > limit].set(limit)"),
    ),
    wrong(
        "fusion",
        "row after row",
        "one-pass",
        pytorch=(
            "    y = gains[:, None] * x\n",
            "    y = torch.stack([gain * row for gain, row in zip(gains, x)])\n",
        ),
        tensorflow=(
            "    y = gains[:, None] * x\n",
            "    y = tf.map_fn(lambda p: p[0] * p[1], (gains, x), fn_output_signature=tf.float32)\n",
        ),
        jax=("    y = gains[:, None] * x\n", "    y = lax.map(lambda p: p[0] * p[1], (gains, x))\n"),
    ),
    wrong(
        "fusion",
        "rows unrolled",
        "the-program-does-not-grow",
        pytorch=(
            "    y = gains[:, None] * x\n",
            "    y = x\n"
            "    for gain in gains:\n"
            "        y = torch.where(gains[:, None] == gain, gain * x, y)\n",
        ),
        tensorflow=(
            "    y = gains[:, None] * x\n",
            "    y = x\n"
            "    for gain in tf.unstack(gains):\n"
            "        y = tf.where(gains[:, None] == gain, gain * x, y)\n",
        ),
        jax=(
            "    y = gains[:, None] * x\n",
            "    y = x\n    for gain in gains:\n        y = jnp.where(gains[:, None] == gain, gain * x, y)\n",
        ),
    ),
    wrong(
        "fusion",
        "rows unrolled and stacked",
        "one-pass",
        pytorch=(
            "    y = gains[:, None] * x\n",
            "    y = torch.cat([gain * row[None] for gain, row in zip(gains, x)])\n",
        ),
        tensorflow=(
            "    y = gains[:, None] * x\n",
            "    y = tf.stack([g * row for g, row in zip(tf.unstack(gains), tf.unstack(x))])\n",
        ),
        jax=(
            "    y = gains[:, None] * x\n",
            "    y = jnp.stack([gain * row for gain, row in zip(gains, x)])\n",
        ),
    ),
    wrong(
        "fusion",
        "eps outside the root",
        "normalisation-folds-away",
        ("np.sqrt(variance + eps)", "(np.sqrt(variance) + eps)"),
    ),
    wrong(
        "fusion",
        "the root forgotten",
        "normalisation-folds-away",
        ("np.sqrt(variance + eps)", "(variance + eps)"),
    ),
    wrong(
        "fusion", "the mean not scaled", "normalisation-folds-away", ("beta - mean * scale", "beta - mean")
    ),
    wrong("fusion", "the rows scaled", "normalisation-folds-away", ("W * scale", "W * scale[:, None]")),
    # --- Translate
    wrong(
        "translation",
        "no scale",
        "small-gradients-survive",
        pytorch=(
            "        scaler.scale(loss).backward()\n",
            "        scaler.scale(loss)\n        loss.backward()\n        w.grad *= scaler.get_scale()\n",
        ),
        tensorflow=("loss = scale * tf.reduce_mean((z - y) ** 2)", "loss = tf.reduce_mean((z - y) ** 2)"),
        jax=("return scale * jnp.mean(", "return jnp.mean("),
    ),
    wrong(
        "translation",
        "scaled after the backward pass",
        "small-gradients-survive",
        pytorch=(
            "        scaler.scale(loss).backward()\n",
            "        scaler.scale(loss)\n        loss.backward()\n        w.grad *= scaler.get_scale()\n",
        ),
        tensorflow=(
            "            loss = scale * tf.reduce_mean((z - y) ** 2)\n"
            "        slope = tape.gradient(loss, w) / scale",
            "            loss = tf.reduce_mean((z - y) ** 2)\n"
            "        slope = tape.gradient(loss, w) * scale / scale",
        ),
        jax=(
            "return scale * jnp.mean((z.astype(jnp.float32) - y) ** 2)",
            "return jnp.mean((z.astype(jnp.float32) - y) ** 2)",
        ),
    ),
    wrong(
        "translation",
        "never unscaled",
        "small-gradients-survive",
        pytorch=(
            "        scaler.unscale_(optimizer)\n",
            "        scaler.unscale_(optimizer)\n        w.grad *= scaler.get_scale()\n",
        ),
        tensorflow=("tape.gradient(loss, w) / scale", "tape.gradient(loss, w)"),
        jax=("jax.grad(loss)(w, X, y, scale) / scale", "jax.grad(loss)(w, X, y, scale)"),
    ),
    wrong(
        "translation",
        "all in float32",
        "an-overflow-skips-the-step",
        pytorch=("            z = X @ w", "            z = (X * w).sum(1)"),
        tensorflow=("tf.float16", "tf.float32"),
        jax=("jnp.float16", "jnp.float32"),
    ),
    wrong(
        "translation",
        "a product that autocast leaves in float32",
        "an-overflow-skips-the-step",
        pytorch=("            z = X @ w", "            z = torch.mv(X, w)"),
    ),
    wrong(
        "translation",
        "bfloat16",
        "an-overflow-skips-the-step",
        pytorch=("torch.float16", "torch.bfloat16"),
        tensorflow=("tf.float16", "tf.bfloat16"),
        jax=("jnp.float16", "jnp.bfloat16"),
    ),
    wrong(
        "translation",
        "stepped all the same",
        "an-overflow-skips-the-step",
        pytorch=("        scaler.step(optimizer)\n", "        optimizer.step()\n"),
        tensorflow=(
            "            continue\n",
            "            slope = tf.where(tf.math.is_finite(slope), slope, 1.0)\n",
        ),
        jax=("jnp.where(finite, w - rate * slope, w)", "w - rate * slope"),
    ),
    wrong(
        "translation",
        "skipped steps not counted",
        "an-overflow-skips-the-step",
        pytorch=("        skipped += int(scaler.get_scale() < before)\n", ""),
        tensorflow=("            skipped += 1\n", ""),
        jax=("        skipped += int(not finite)\n", ""),
    ),
    wrong(
        "translation",
        "the scale stays after an overflow",
        "an-overflow-skips-the-step",
        pytorch=("growth_interval=window)", "growth_interval=window, backoff_factor=0.999)"),
        tensorflow=("scale, good = scale / 2, 0", "good = 0"),
        jax=("jnp.where(finite, factor, 0.5)", "jnp.where(finite, factor, 1.0)"),
    ),
    wrong(
        "translation",
        "never grows",
        "the-scale-grows-again",
        pytorch=("growth_interval=window", "growth_interval=10**6"),
        tensorflow=("scale, good = scale * 2, 0", "good = 0"),
        jax=("jnp.where(good == window, 2.0, 1.0)", "1.0"),
    ),
    wrong(
        "translation",
        "grows at every step from then on",
        "the-scale-grows-again",
        pytorch=(
            "        scaler.update()\n",
            "        scaler.update()\n"
            "        if _ >= window:\n"
            "            scaler.update(2 * scaler.get_scale())\n",
        ),
        tensorflow=(
            "        if good == window:\n            scale, good = scale * 2, 0",
            "        if good >= window:\n            scale *= 2",
        ),
        jax=(
            "return w, scale, good % window, finite",
            "return w, scale, jnp.minimum(good, window - 1), finite",
        ),
    ),
    wrong(
        "translation",
        "grows one step late",
        "the-scale-grows-again",
        pytorch=("growth_interval=window", "growth_interval=window + 1"),
        tensorflow=("good == window", "good == window + 1"),
        jax=(
            "step(\n            w, scale, good, X, y, rate, ceiling, window)",
            "step(\n            w, scale, good, X, y, rate, ceiling, window + 1)",
        ),
    ),
    wrong(
        "translation",
        "clipped before it is unscaled",
        "clips-what-was-unscaled",
        pytorch=(
            "        scaler.unscale_(optimizer)\n        torch.nn.utils.clip_grad_norm_([w], ceiling)\n",
            "        torch.nn.utils.clip_grad_norm_([w], ceiling)\n",
        ),
        tensorflow=(
            "tape.gradient(loss, w) / scale\n",
            "tf.clip_by_norm(tape.gradient(loss, w), ceiling) / scale\n",
        ),
        jax=(
            "(w, X, y, scale) / scale\n",
            "(w, X, y, scale)\n    slope *= jnp.minimum(1, ceiling / jnp.linalg.norm(slope)) / scale\n",
        ),
    ),
    wrong(
        "translation",
        "not clipped",
        "clips-what-was-unscaled",
        pytorch=("        torch.nn.utils.clip_grad_norm_([w], ceiling)\n", ""),
        tensorflow=("tf.clip_by_norm(slope, ceiling)", "slope"),
        jax=("    slope *= jnp.minimum(1, ceiling / jnp.linalg.norm(slope))\n", ""),
    ),
    wrong(
        "translation",
        "each entry clipped",
        "clips-what-was-unscaled",
        pytorch=("clip_grad_norm_", "clip_grad_value_"),
        tensorflow=("tf.clip_by_norm(slope, ceiling)", "tf.clip_by_value(slope, -ceiling, ceiling)"),
        jax=(
            "slope *= jnp.minimum(1, ceiling / jnp.linalg.norm(slope))",
            "slope = jnp.clip(slope, -ceiling, ceiling)",
        ),
    ),
    wrong(
        "translation",
        "always of the ceiling's length",
        "clips-what-was-unscaled",
        pytorch=(
            "        torch.nn.utils.clip_grad_norm_([w], ceiling)\n",
            "        w.grad *= ceiling / w.grad.norm()\n",
        ),
        tensorflow=("tf.clip_by_norm(slope, ceiling)", "slope * ceiling / tf.norm(slope)"),
        jax=("jnp.minimum(1, ceiling / jnp.linalg.norm(slope))", "ceiling / jnp.linalg.norm(slope)"),
    ),
    wrong(
        "translation",
        "weights in float16",
        "weights-stay-float32",
        pytorch=(
            "        scaler.update()\n",
            "        scaler.update()\n        with torch.no_grad():\n            w.copy_(w.half())\n",
        ),
        tensorflow=(
            "        good += 1\n",
            "        good += 1\n        w.assign(tf.cast(tf.cast(w, tf.float16), tf.float32))\n",
        ),
        jax=(
            "    return w, scale, good % window, finite",
            "    return w.astype(jnp.float16).astype(jnp.float32), scale, good % window, finite",
        ),
    ),
    wrong(
        "translation",
        "float16 handed over",
        "weights-stay-float32",
        pytorch=("w.detach().numpy()", "w.detach().half().numpy()"),
        tensorflow=("w.numpy()", 'w.numpy().astype("float16")'),
        jax=("np.asarray(w)", 'np.asarray(w).astype("float16")'),
    ),
    wrong(
        "translation",
        "good steps counted on after a skipped one",
        "the-scale-grows-again",
        pytorch=BY_HAND.replace(
            "scale, good, skipped = scale / 2, 0, skipped + 1", "scale, skipped = scale / 2, skipped + 1"
        ),
        tensorflow=("scale, good = scale / 2, 0", "scale = scale / 2"),
        jax=("jnp.where(finite, good + 1, 0)", "jnp.where(finite, good + 1, good)"),
    ),
    wrong(
        "translation",
        "a float32 product, rounded",
        "an-overflow-skips-the-step",
        pytorch=("            z = X @ w", "            z = (X * w).sum(1).half()"),
        tensorflow=(
            "tf.cast(tf.linalg.matvec(*low), tf.float32)",
            "tf.cast(tf.cast(tf.linalg.matvec(X, w), tf.float16), tf.float32)",
        ),
        jax=("X.astype(jnp.float16) @ w.astype(jnp.float16)", "(X @ w).astype(jnp.float16)"),
    ),
    wrong(
        "translation",
        "float16 copies, a float32 product",
        "an-overflow-skips-the-step",
        pytorch=("            z = X @ w", "            z = (X.half().float() * w.half().float()).sum(1)"),
        tensorflow=("tf.linalg.matvec(*low)", "tf.linalg.matvec(*(tf.cast(a, tf.float32) for a in low))"),
        jax=(
            "X.astype(jnp.float16) @ w.astype(jnp.float16)",
            "X.astype(jnp.float16).astype(jnp.float32) @ w.astype(jnp.float16).astype(jnp.float32)",
        ),
    ),
    wrong(
        "translation",
        "skipped only where no entry is finite",
        "an-overflow-skips-the-step",
        pytorch=BY_HAND.replace("isfinite(slope).all()", "isfinite(slope).any()"),
        tensorflow=("tf.reduce_all(tf.math", "tf.reduce_any(tf.math"),
        jax=("jnp.isfinite(slope).all()", "jnp.isfinite(slope).any()"),
    ),
    wrong(
        "translation",
        "nought over nought",
        "clips-what-was-unscaled",
        pytorch=BY_HAND.replace("slope.norm().clamp(min=1e-30)", "slope.norm()"),
        tensorflow=(
            "tf.clip_by_norm(slope, ceiling)",
            "slope * (tf.minimum(tf.norm(slope), ceiling) / tf.norm(slope))",
        ),
        jax=(
            "jnp.minimum(1, ceiling / jnp.linalg.norm(slope))",
            "jnp.minimum(jnp.linalg.norm(slope), ceiling) / jnp.linalg.norm(slope)",
        ),
    ),
    # --- Guesses: constants, every name at once, and answers in the order in which this course's file asks
    wrong(
        "break-even",
        "guess: never, never, at once, at once",
        "never-and-at-once",
        "asked = []\ndef break_even(first, eager, compiled):\n    asked.append(0)\n"
        "    return (None, None, 1, 1)[(len(asked) - 1) % 4]",
    ),
    wrong("winner", "guess: always a tie", "overlapping-is-a-tie", "def verdict(a, b):\n    return 'tie'"),
    *(
        wrong(
            "winner",
            f"guess: in turn, {check}",
            check,
            f"asked = []\ndef verdict(a, b):\n    asked.append(0)\n    return {told}[(len(asked) - 1) % 3]",
        )
        for check, told in (
            ("names-a-clear-winner", ("a", "b", "a")),
            ("slow-samples-decide-nothing", ("a", "b", "b")),
            ("many-samples-narrow-the-interval", ("a", "a", "b")),
            ("few-samples-decide-nothing", ("tie", "tie", "a")),
        )
    ),
    *(
        wrong("fair", f"guess: {told}, {check}", check, f"def fair(a, b):\n    return {value}")
        for check in ("equal-means-within-the-tolerance", "shapes-and-nan-do-not-pass")
        for told, value in (
            ("never the same", {"same": False, "best": [], "ratio": None}),
            ("always the same", {"same": True, "best": [], "ratio": 1.0}),
        )
    ),
    wrong(
        "profile",
        "guess: the name in the middle",
        "the-slowest-by-its-own-time",
        "def summary(events, tid):\n    return {'slowest': 'matmul', 'idle': 0.0}",
    ),
    wrong(
        "fusion",
        "guess: x as it is",
        "the-program-does-not-grow",
        "def fused(x, gains, limit):\n    return x",
    ),
    wrong(
        "translation",
        "guess: nothing happens",
        "the-scale-grows-again",
        "def train(X, y, w, rate, ceiling, scale, window, steps):\n"
        "    return {'weights': w, 'scale': scale * 2 ** (steps // window), 'skipped': 0}",
    ),
)
