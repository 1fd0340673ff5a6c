"""Other right answers to the exercises on performance, which every check accepts."""

from triptych.grading.checks.mistakes import right

RIGHT = (
    right(
        "timing",
        "one loop",
        "def timed(call, wait, clock, warmup, repeats):\n"
        "    times = []\n"
        "    for _ in range(1 + warmup + repeats):\n"
        "        start = clock()\n"
        "        out = call()\n"
        "        wait(out)\n"
        "        times.append(clock() - start)\n"
        "    samples = np.array(times[1 + warmup:])\n"
        "    return {'first': times[0], 'samples': samples.tolist(), 'median': np.median(samples),\n"
        "            'spread': np.quantile(samples, 0.75) - np.quantile(samples, 0.25)}",
    ),
    right(
        "break-even",
        "counted up",
        "def break_even(first, eager, compiled):\n"
        "    n = 1\n"
        "    while first + (n - 1) * compiled >= n * eager:\n"
        "        n += 1\n"
        "        if compiled >= eager:\n"
        "            return None\n"
        "    return n",
    ),
    right(
        "winner",
        "ranks instead of the bootstrap",
        "def verdict(a, b):\n"
        "    if min(len(a), len(b)) < 6:\n"
        "        return 'tie'\n"
        "    def ends(samples):\n"
        "        n = len(samples)\n"
        "        k = max(int(np.floor(n / 2 - 0.98 * n**0.5)), 0)\n"
        "        s = sorted(samples)\n"
        "        return s[k], s[n - 1 - k]\n"
        "    (low, high), (least, most) = ends(a), ends(b)\n"
        "    return 'a' if high < least else 'b' if most < low else 'tie'",
    ),
    right(
        "fusion",
        "where instead of minimum",
        pytorch=("torch.minimum(y, limit)", "torch.where(y > limit, limit, y)"),
        tensorflow=("tf.minimum(y, limit)", "tf.where(y > limit, limit, y)"),
        jax=("jnp.minimum(y, limit)", "jnp.where(y > limit, limit, y)"),
    ),
    right(
        "fusion",
        "mapped over the rows",
        pytorch=("gains[:, None] * x", "torch.vmap(torch.mul)(gains, x)"),
        tensorflow=("gains[:, None] * x", "tf.transpose(gains * tf.transpose(x))"),
        jax=("gains[:, None] * x", "jax.vmap(jnp.multiply)(gains, x)"),
    ),
    right(
        "translation",
        "by hand",
        pytorch="def train(X, y, w, rate, ceiling, scale, window, steps):\n"
        "    X, y, w = torch.tensor(X), torch.tensor(y), torch.tensor(w)\n"
        "    good = skipped = 0\n"
        "    for _ in range(steps):\n"
        "        w.requires_grad_()\n"
        "        z = (X.half() @ w.half()).float()\n"
        "        (slope,) = torch.autograd.grad(scale * ((z - y) ** 2).mean(), w)\n"
        "        slope, w = slope / scale, w.detach()\n"
        "        if not torch.isfinite(slope).all():\n"
        "            scale, good, skipped = scale / 2, 0, skipped + 1\n"
        "            continue\n"
        "        w = w - rate * slope * min(1.0, ceiling / float(slope.norm()))\n"
        "        good += 1\n"
        "        if good == window:\n"
        "            scale, good = 2 * scale, 0\n"
        "    return {'weights': w.detach().numpy(), 'scale': scale, 'skipped': skipped}",
        tensorflow=("tf.reduce_all(tf.math.is_finite(slope))", "np.isfinite(slope).all()"),
        jax=("@jax.jit\n", ""),
    ),
    right(
        "profile",
        "by looking for the caller",
        "def self_times(events):\n"
        "    calls = [e for e in events if e['ph'] == 'X']\n"
        "    own = {}\n"
        "    for call in calls:\n"
        "        own[call['name']] = own.get(call['name'], 0) + call['dur']\n"
        "        around = [c for c in calls if c['tid'] == call['tid'] and c['dur'] > call['dur']\n"
        "                  and c['ts'] <= call['ts'] and call['ts'] + call['dur'] <= c['ts'] + c['dur']]\n"
        "        if around:\n"
        "            caller = min(around, key=lambda c: c['dur'])['name']\n"
        "            own[caller] = own.get(caller, 0) - call['dur']\n"
        "    return own",
    ),
)
