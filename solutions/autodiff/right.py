"""Other right answers to the exercises on autodiff, which every check accepts."""

from triptych.grading.checks.mistakes import right

RIGHT = (
    right(
        "recorded", "scalar tensors, which come back as NumPy's numbers", tensorflow=("float(loss)", "loss")
    ),
    right(
        "recorded",
        "gradients without side effects",
        pytorch=(
            "        w.grad = b.grad = None\n"
            "        loss.backward()\n"
            "        with torch.no_grad():\n"
            "            w -= rate * w.grad\n"
            "            b -= rate * b.grad\n",
            "        dw, db = torch.autograd.grad(loss, (w, b))\n"
            "        w = (w - rate * dw).detach().requires_grad_()\n"
            "        b = (b - rate * db).detach().requires_grad_()\n",
        ),
    ),
    right(
        "kink",
        "two wheres and no rule",
        pytorch="def hinge(x, slope_at_zero):\n"
        "    at_zero = torch.where(x == 0, slope_at_zero * x, 0.0)\n"
        "    return torch.where(x > 0, x, at_zero)",
        tensorflow="def hinge(x, slope_at_zero):\n"
        "    at_zero = tf.where(x == 0, slope_at_zero * x, tf.zeros_like(x))\n"
        "    return tf.where(x > 0, x, at_zero)",
        jax="def hinge(x, slope_at_zero):\n"
        "    at_zero = jnp.where(x == 0, slope_at_zero * x, 0.0)\n"
        "    return jnp.where(x > 0, x, at_zero)",
    ),
    right(
        "products",
        "reverse over reverse",
        pytorch="def hvp(x, v):\n"
        "    point = torch.tensor(x, requires_grad=True)\n"
        "    (gradient,) = torch.autograd.grad(valley(point), point, create_graph=True)\n"
        "    return torch.autograd.grad(gradient @ torch.tensor(v), point)[0].numpy()",
        tensorflow="def hvp(x, v):\n"
        "    point = tf.constant(x)\n"
        "    with tf.GradientTape() as outer:\n"
        "        outer.watch(point)\n"
        "        with tf.GradientTape() as tape:\n"
        "            tape.watch(point)\n"
        "            value = valley(point)\n"
        "        gradient = tape.gradient(value, point)\n"
        "    product = outer.gradient(gradient, point, output_gradients=tf.constant(v))\n"
        "    return tf.convert_to_tensor(product).numpy()",
        jax="def hvp(x, v):\n    return np.asarray(jax.grad(lambda x: jax.grad(valley)(x) @ v)(x))",
    ),
    right(
        "products",
        "columns and rows one by one",
        pytorch="def jacobian(name, x):\n"
        "    function, point = globals()[name], torch.tensor(x)\n"
        "    result, pull = torch.func.vjp(function, point)\n"
        "    n, m = len(point), len(result)\n"
        "    if n < m:\n"
        "        units = torch.eye(n, dtype=point.dtype)\n"
        "        columns = [torch.func.jvp(function, (point,), (unit,))[1] for unit in units]\n"
        "        matrix, mode = torch.stack(columns, dim=1), 'forward'\n"
        "    else:\n"
        "        units = torch.eye(m, dtype=point.dtype)\n"
        "        matrix, mode = torch.stack([pull(unit)[0] for unit in units]), 'reverse'\n"
        "    return {'jacobian': matrix.detach().numpy(), 'mode': mode, 'passes': min(n, m)}",
        jax="def jacobian(name, x):\n"
        "    function = globals()[name]\n"
        "    result, pull = jax.vjp(function, x)\n"
        "    n, m = x.size, result.size\n"
        "    if n < m:\n"
        "        columns = [jax.jvp(function, (x,), (unit,))[1] for unit in np.eye(n)]\n"
        "        matrix, mode = np.stack(columns, axis=1), 'forward'\n"
        "    else:\n"
        "        matrix, mode = np.stack([pull(unit)[0] for unit in jnp.eye(m)]), 'reverse'\n"
        "    return {'jacobian': matrix, 'mode': mode, 'passes': min(n, m)}",
    ),
    right(
        "examples",
        "the Jacobian of all losses",
        pytorch=(
            "each = torch.func.vmap(one, (None, 0, 0))(W, X, targets)",
            "losses = torch.func.vmap(loss, (None, 0, 0))\n"
            "    each = torch.func.jacrev(losses)(W, X, targets)",
        ),
        tensorflow=(
            "    each = tf.vectorized_map(one, (X, targets))\n",
            "    with tf.GradientTape() as tape:\n"
            "        tape.watch(W)\n"
            "        losses = tf.vectorized_map(lambda pair: loss(W, *pair), (X, targets))\n"
            "    each = tape.jacobian(losses, W)\n",
        ),
        jax=(
            "each = jax.vmap(one, (None, 0, 0))(W, X, targets)",
            "each = jax.jacrev(jax.vmap(loss, (None, 0, 0)))(W, X, targets)",
        ),
    ),
    right(
        "stable",
        "by the log of a sum of exponentials",
        pytorch=(
            "    logs = torch.log_softmax(logits, dim=-1)\n    return -(torch.exp(logs) * logs).sum(dim=-1)",
            "    p = torch.softmax(logits, dim=-1)\n"
            "    return torch.logsumexp(logits, dim=-1) - (p * logits).sum(dim=-1)",
        ),
        tensorflow=(
            "    logs = tf.nn.log_softmax(logits)\n    return -tf.reduce_sum(tf.exp(logs) * logs, axis=-1)",
            "    p = tf.nn.softmax(logits)\n"
            "    return tf.reduce_logsumexp(logits, axis=-1) - tf.reduce_sum(p * logits, axis=-1)",
        ),
        jax=(
            "    logs = jax.nn.log_softmax(logits)\n    return -(jnp.exp(logs) * logs).sum(axis=-1)",
            "    p = jax.nn.softmax(logits)\n"
            "    return jax.nn.logsumexp(logits, axis=-1) - (p * logits).sum(axis=-1)",
        ),
    ),
    right(
        "stable",
        "the library's norm where it is right, a rule elsewhere",
        pytorch="def length(x):\n    return torch.linalg.norm(x, dim=-1)",
        tensorflow="@tf.custom_gradient\n"
        "def length(x):\n"
        "    result = tf.norm(x, axis=-1)\n"
        "    def grad(upstream):\n"
        "        return tf.math.divide_no_nan(x, result[:, None]) * upstream[:, None]\n"
        "    return result, grad",
        jax="@jax.custom_vjp\n"
        "def length(x):\n"
        "    return jnp.linalg.norm(x, axis=-1)\n\n"
        "def length_backward(saved, upstream):\n"
        "    x, result = saved\n"
        "    return (x / jnp.where(result > 0, result, 1)[:, None] * upstream[:, None],)\n\n"
        "length.defvjp(lambda x: (length(x), (x, length(x))), length_backward)",
    ),
    right(
        "custom",
        "one more step of Newton's, recorded",
        pytorch="def anomaly(M, e):\n"
        "    E = torch.as_tensor(solve_kepler(M.detach().numpy(), e.detach().numpy()))\n"
        "    return E - (E - e * torch.sin(E) - M) / (1 - e * torch.cos(E))",
        tensorflow="def anomaly(M, e):\n"
        "    E = tf.stop_gradient(tf.numpy_function(solve_kepler, [M, e], M.dtype))\n"
        "    return E - (E - e * tf.sin(E) - M) / (1 - e * tf.cos(E))",
        jax="def anomaly(M, e):\n"
        "    like = jax.ShapeDtypeStruct(M.shape, M.dtype)\n"
        "    M0, e0 = jax.lax.stop_gradient((M, e))\n"
        "    E = jax.pure_callback(solve_kepler, like, M0, e0)\n"
        "    return E - (E - e * jnp.sin(E) - M) / (1 - e * jnp.cos(E))",
    ),
    right(
        "custom",
        "a forward rule",
        jax="@jax.custom_jvp\n"
        "def anomaly(M, e):\n"
        "    return jnp.asarray(solve_kepler(np.asarray(M), np.asarray(e)))\n\n"
        "@anomaly.defjvp\n"
        "def anomaly_jvp(primals, tangents):\n"
        "    (M, e), (dM, de), E = primals, tangents, anomaly(*primals)\n"
        "    return E, (dM + jnp.sin(E) * de) / (1 - e * jnp.cos(E))",
    ),
    right(
        "kept",
        "in NumPy",
        "def clipped(gradients, ceiling):\n"
        "    norm = np.sqrt(sum(np.sum(g * g) for g in gradients))\n"
        "    scale = min(1.0, ceiling / norm) if norm > 0 else 1.0\n"
        "    return [scale * g if np.isfinite(norm) else np.zeros_like(g) for g in gradients]",
    ),
    right(
        "kept",
        "in place",
        "def clipped(gradients, ceiling):\n"
        "    norm = np.sqrt(sum(np.sum(g * g) for g in gradients))\n"
        "    for g in gradients:\n"
        "        g[...] = g * min(1.0, ceiling / max(norm, ceiling)) if np.isfinite(norm) else 0.0\n"
        "    return gradients",
    ),
    right(
        "kept",
        "by the library",
        pytorch="def clipped(gradients, ceiling):\n"
        "    parameters = [torch.zeros(g.shape, dtype=torch.float64) for g in gradients]\n"
        "    for parameter, g in zip(parameters, gradients):\n"
        "        parameter.grad = torch.tensor(g)\n"
        "    norm = torch.nn.utils.clip_grad_norm_(parameters, ceiling)\n"
        "    return [p.grad.numpy() if norm.isfinite() else np.zeros_like(p) for p in parameters]",
        tensorflow="def clipped(gradients, ceiling):\n"
        "    found, norm = tf.clip_by_global_norm([tf.constant(g) for g in gradients], ceiling)\n"
        "    if not np.isfinite(norm):\n"
        "        found = [tf.zeros_like(g) for g in found]\n"
        "    return [g.numpy() for g in found]",
    ),
    right(
        "engine",
        "by the number of uses left",
        "def backward(result):\n"
        "    uses, todo, seen = {}, [result], {result}\n"
        "    while todo:\n"
        "        for parent, _ in todo.pop().parents:\n"
        "            uses[parent] = uses.get(parent, 0) + 1\n"
        "            if parent not in seen:\n"
        "                seen.add(parent)\n"
        "                todo.append(parent)\n"
        "    result.grad, ready = 1.0, [result]\n"
        "    while ready:\n"
        "        node = ready.pop()\n"
        "        for parent, slope in node.parents:\n"
        "            parent.grad += node.grad * slope\n"
        "            uses[parent] -= 1\n"
        "            if uses[parent] == 0:\n"
        "                ready.append(parent)",
    ),
    right(
        "translation",
        "straight through by stopping",
        pytorch="def quantised(x, step):\n"
        "    ratio = x / step\n"
        "    level = ratio.round().clamp(-4, 3).detach()\n"
        "    inside = (ratio >= -4) & (ratio <= 3)\n"
        "    return step * torch.where(inside, ratio + (level - ratio).detach(), level)",
        tensorflow="def quantised(x, step):\n"
        "    ratio = x / step\n"
        "    level = tf.stop_gradient(tf.clip_by_value(tf.round(ratio), -4, 3))\n"
        "    inside = (ratio >= -4) & (ratio <= 3)\n"
        "    return step * tf.where(inside, ratio + tf.stop_gradient(level - ratio), level)",
        jax="def quantised(x, step):\n"
        "    stop, ratio = jax.lax.stop_gradient, x / step\n"
        "    level = stop(jnp.clip(jnp.round(ratio), -4, 3))\n"
        "    inside = (ratio >= -4) & (ratio <= 3)\n"
        "    return step * jnp.where(inside, ratio + stop(level - ratio), level)",
    ),
    # --- of other makes
    right(
        "recorded",
        "arrays for lists, and numbers of NumPy",
        "_train, _gradients = train, gradients\n"
        "\n"
        "def train(*given):\n"
        "    found = _train(*given)\n"
        '    losses, bias = np.array(found["losses"]), np.float64(found["bias"])\n'
        '    return {"weights": found["weights"], "bias": bias, "losses": losses}\n'
        "\n"
        "def gradients(names, x):\n"
        "    return np.array(_gradients(names, x))",
    ),
    right(
        "recorded",
        "tuples for lists, whole zeros and arrays of no dimension",
        "_train, _gradients = train, gradients\n"
        "\n"
        "def train(*given):\n"
        "    found = _train(*given)\n"
        '    losses = tuple(np.array(loss) for loss in found["losses"])\n'
        '    return {"losses": losses, "bias": np.array(found["bias"]), "weights": tuple(found["weights"])}\n'
        "\n"
        "def gradients(names, x):\n"
        "    return tuple(np.array(slope) if slope else 0 for slope in _gradients(names, x))",
    ),
    right(
        "recorded",
        "an optimiser, or a compiled step",
        pytorch="def train(X, y, rate, steps):\n"
        "    X, y = torch.from_numpy(X), torch.from_numpy(y)\n"
        "    w = torch.nn.Parameter(torch.zeros(X.shape[1], dtype=torch.float64))\n"
        "    b = torch.nn.Parameter(torch.tensor(0.0, dtype=torch.float64))\n"
        "    optimiser, losses = torch.optim.SGD([w, b], lr=rate), []\n"
        "    for _ in range(steps):\n"
        "        z = torch.mv(X, w) + b\n"
        "        loss = torch.nn.functional.poisson_nll_loss(z, y)\n"
        "        optimiser.zero_grad()\n"
        "        loss.backward()\n"
        "        optimiser.step()\n"
        "        losses.append(float(loss.detach()))\n"
        '    return {"weights": w.detach().numpy(), "bias": float(b.detach()), "losses": losses}',
        tensorflow="def train(X, y, rate, steps):\n"
        "    w, b = tf.Variable(np.zeros(X.shape[1])), tf.Variable(np.float64(0))\n"
        "\n"
        "    @tf.function\n"
        "    def step():\n"
        "        with tf.GradientTape() as tape:\n"
        "            z = tf.reduce_sum(X * w, axis=1) + b\n"
        "            loss = tf.reduce_mean(tf.exp(z) - y * z)\n"
        "        for variable, slope in zip((w, b), tape.gradient(loss, (w, b))):\n"
        "            variable.assign(variable - rate * slope)\n"
        "        return loss\n"
        "\n"
        "    losses = [step().numpy() for _ in range(steps)]\n"
        '    return {"weights": w.numpy(), "bias": b.numpy(), "losses": losses}',
        jax="def train(X, y, rate, steps):\n"
        "    @jax.jit\n"
        "    def step(parameters, _):\n"
        "        def loss(parameters):\n"
        "            z = X @ parameters[0] + parameters[1]\n"
        "            return (jnp.exp(z) - y * z).mean()\n"
        "\n"
        "        value, slopes = jax.value_and_grad(loss)(parameters)\n"
        "        return jax.tree.map(lambda p, slope: p - rate * slope, parameters, slopes), value\n"
        "\n"
        "    (w, b), losses = jax.lax.scan(step, (jnp.zeros(X.shape[1]), jnp.zeros(())), length=steps)\n"
        '    return {"weights": np.asarray(w), "bias": b.item(), "losses": losses.tolist()}',
    ),
    right(
        "recorded",
        "one vector of parameters, and another way to a derivative",
        pytorch="def train(X, y, rate, steps):\n"
        "    A = torch.tensor(np.c_[X, np.ones(len(X))])\n"
        "    counts, p, losses = torch.tensor(y), torch.zeros(A.shape[1], dtype=A.dtype), []\n"
        "\n"
        "    def loss(p):\n"
        "        return ((A @ p).exp() - counts * (A @ p)).mean()\n"
        "\n"
        "    for _ in range(steps):\n"
        "        slopes, value = torch.func.grad_and_value(loss)(p)\n"
        "        p, losses = p - rate * slopes, [*losses, value.item()]\n"
        '    return {"weights": p[:-1].numpy(), "bias": p[-1].item(), "losses": losses}\n'
        "\n"
        "\n"
        "def gradients(names, x):\n"
        "    found = []\n"
        "    for name in names:\n"
        "        point = torch.tensor(x, dtype=torch.double).requires_grad_()\n"
        "        try:\n"
        "            (slope,) = torch.autograd.grad(PATHS[name](point), point)\n"
        "        except RuntimeError:\n"
        "            slope = torch.tensor(0.0)\n"
        "        found.append(slope.item())\n"
        "    return found",
        tensorflow="def train(X, y, rate, steps):\n"
        "    A, losses = tf.constant(np.c_[X, np.ones(len(X))]), []\n"
        "    p = tf.zeros(X.shape[1] + 1, tf.float64)\n"
        "    for _ in range(steps):\n"
        "        with tf.GradientTape(watch_accessed_variables=False) as tape:\n"
        "            tape.watch(p)\n"
        '            z = tf.einsum("ij,j->i", A, p)\n'
        "            loss = tf.reduce_mean(tf.exp(z) - y * z)\n"
        "        p = p - rate * tape.gradient(loss, p)\n"
        "        losses.append(loss.numpy())\n"
        '    return {"weights": p.numpy()[:-1], "bias": p.numpy()[-1], "losses": losses}\n'
        "\n"
        "\n"
        "def gradients(names, x):\n"
        "    point = tf.Variable(x, dtype=tf.float64)\n"
        "    with tf.GradientTape(persistent=True) as tape:\n"
        "        results = {name: PATHS[name](point) for name in names}\n"
        '    none = {"unconnected_gradients": tf.UnconnectedGradients.ZERO}\n'
        "    return [tape.gradient(results[name], point, **none).numpy() for name in names]",
        jax="def train(X, y, rate, steps):\n"
        "    A, p, losses = np.c_[X, np.ones(len(X))], jnp.zeros(X.shape[1] + 1), []\n"
        "    for _ in range(steps):\n"
        "        value, pull = jax.vjp(lambda p: jnp.mean(jnp.exp(A @ p) - y * (A @ p)), p)\n"
        "        p, losses = p - rate * pull(jnp.ones(()))[0], [*losses, float(value)]\n"
        '    return {"weights": np.array(p[:-1]), "bias": float(p[-1]), "losses": losses}\n'
        "\n"
        "\n"
        "def gradients(names, x):\n"
        "    def slope(name):\n"
        "        try:\n"
        "            return jax.jacfwd(PATHS[name])(jnp.float64(x)).item()\n"
        "        except Exception:\n"
        "            return 0.0\n"
        "\n"
        "    return [slope(name) for name in names]",
    ),
    right(
        "recorded",
        "losses that are tensors, without a record",
        pytorch=("losses.append(loss.item())", "losses.append(loss.detach())"),
        tensorflow=("losses.append(float(loss))", "losses.append(tf.stop_gradient(loss))"),
        jax=("float(value)", "value"),
    ),
    right(
        "kink",
        "x times a mask",
        pytorch="def hinge(x, slope_at_zero):\n"
        "    return x * ((x > 0) + slope_at_zero * (x == 0)).to(x.dtype)",
        tensorflow="def hinge(x, slope_at_zero):\n"
        "    return x * (tf.cast(x > 0, x.dtype) + slope_at_zero * tf.cast(x == 0, x.dtype))",
        jax="def hinge(x, slope_at_zero):\n"
        "    return x * ((x > 0) + slope_at_zero * (x == 0)).astype(x.dtype)",
    ),
    right(
        "kink",
        "the framework's own, and a correction",
        pytorch="def hinge(x, slope_at_zero):\n"
        "    return torch.relu(x) + slope_at_zero * torch.where(x == 0, x, torch.zeros_like(x))",
        tensorflow="def hinge(x, slope_at_zero):\n"
        "    return tf.nn.relu(x) + slope_at_zero * tf.where(x == 0, x, tf.zeros_like(x))",
        jax="def hinge(x, slope_at_zero):\n"
        "    return jax.nn.relu(x) + slope_at_zero * jnp.where(x == 0, x, 0)",
    ),
    right(
        "kink",
        "a stopped value and a line with the slope",
        pytorch="def hinge(x, slope_at_zero):\n"
        "    slope = torch.heaviside(x.detach(), torch.tensor(slope_at_zero, dtype=x.dtype))\n"
        "    return torch.clamp_min(x, 0).detach() + slope * x - (slope * x).detach()",
        tensorflow="def hinge(x, slope_at_zero):\n"
        "    slope = (tf.sign(x) + 1) / 2\n"
        "    slope = tf.stop_gradient(tf.where(x == 0, slope_at_zero + 0 * x, slope))\n"
        "    return tf.stop_gradient(tf.maximum(x, 0) - slope * x) + slope * x",
        jax="def hinge(x, slope_at_zero):\n"
        "    stop = jax.lax.stop_gradient\n"
        "    slope = stop(jnp.heaviside(x, slope_at_zero).astype(x.dtype))\n"
        "    return stop(jnp.maximum(x, 0)) + slope * x - stop(slope * x)",
    ),
    right(
        "kink",
        "a rule of another form",
        pytorch="class Edge(torch.autograd.Function):\n"
        "    @staticmethod\n"
        "    def forward(x, slope_at_zero):\n"
        "        return torch.maximum(x, torch.zeros_like(x))\n"
        "\n"
        "    @staticmethod\n"
        "    def setup_context(ctx, inputs, output):\n"
        "        x, slope_at_zero = inputs\n"
        "        ctx.slope = torch.where(x > 0, 1.0, torch.where(x < 0, 0.0, slope_at_zero)).to(x.dtype)\n"
        "\n"
        "    @staticmethod\n"
        "    def backward(ctx, upstream):\n"
        "        return ctx.slope * upstream, None\n"
        "\n"
        "\n"
        "def hinge(x, slope_at_zero):\n"
        "    return Edge.apply(x, slope_at_zero)",
        tensorflow="def hinge(x, slope_at_zero):\n"
        "    at_zero = tf.cast(tf.equal(x, 0), x.dtype) * tf.constant(slope_at_zero, x.dtype)\n"
        "\n"
        "    @tf.custom_gradient\n"
        "    def edge(x):\n"
        "        slope = tf.cast(x > 0, x.dtype) + at_zero\n"
        "        return tf.maximum(x, tf.zeros((), x.dtype)), lambda upstream: slope * upstream\n"
        "\n"
        "    return edge(x)",
        jax="from functools import partial\n"
        "\n"
        "\n"
        "@partial(jax.custom_jvp, nondiff_argnums=(1,))\n"
        "def hinge(x, slope_at_zero):\n"
        "    return jnp.clip(x, 0)\n"
        "\n"
        "\n"
        "@hinge.defjvp\n"
        "def hinge_jvp(slope_at_zero, primals, tangents):\n"
        "    (x,), (dx,) = primals, tangents\n"
        "    return hinge(x, slope_at_zero), dx * jnp.where(x > 0, 1, jnp.where(x < 0, 0, slope_at_zero))",
    ),
    right(
        "products",
        "the library's function for such a product",
        pytorch="def hvp(x, v):\n"
        "    return torch.autograd.functional.vhp(valley, torch.tensor(x), torch.tensor(v))[1].numpy()\n"
        "\n"
        "\n"
        "def jacobian(name, x):\n"
        "    function, point = globals()[name], torch.tensor(x)\n"
        '    options = {"forward": {"strategy": "forward-mode", "vectorize": True}, "reverse": {}}\n'
        "    outputs = len(function(point))\n"
        '    mode = "forward" if len(x) < outputs else "reverse"\n'
        "    matrix = torch.autograd.functional.jacobian(function, point, **options[mode])\n"
        '    return {"jacobian": matrix.numpy(), "mode": mode, "passes": min(len(x), outputs)}',
        tensorflow="def hvp(x, v):\n"
        "    point = tf.Variable(x)\n"
        "    with tf.GradientTape() as outer:\n"
        "        with tf.GradientTape() as inner:\n"
        "            value = valley(point)\n"
        "        along = tf.tensordot(inner.gradient(value, point), v, 1)\n"
        "    return tf.convert_to_tensor(outer.gradient(along, point)).numpy()\n"
        "\n"
        "\n"
        "def jacobian(name, x):\n"
        "    function, point = globals()[name], tf.constant(x)\n"
        "    outputs = len(function(point))\n"
        "    if len(x) > outputs:\n"
        "        with tf.GradientTape(persistent=True) as tape:\n"
        "            tape.watch(point)\n"
        "            parts = tf.unstack(function(point))\n"
        "        rows = [tape.gradient(part, point) for part in parts]\n"
        '        return {"jacobian": tf.stack(rows).numpy(), "mode": "reverse", "passes": outputs}\n'
        "    columns = []\n"
        "    for unit in np.eye(len(x)):\n"
        "        with tf.autodiff.ForwardAccumulator(primals=point, tangents=tf.constant(unit)) as forward:\n"
        "            result = function(point)\n"
        "        columns.append(forward.jvp(result).numpy())\n"
        '    return {"jacobian": np.array(columns).T, "mode": "forward", "passes": len(x)}',
        jax="def hvp(x, v):\n"
        "    return np.array(jax.linearize(jax.grad(valley), x)[1](v))\n"
        "\n"
        "\n"
        "def jacobian(name, x):\n"
        "    function = globals()[name]\n"
        "    inputs, outputs = len(x), len(jax.eval_shape(function, x))\n"
        "    if inputs <= outputs:\n"
        "        _, push = jax.linearize(function, x)\n"
        '        matrix, mode = jax.vmap(push, out_axes=1)(jnp.eye(inputs)), "forward"\n'
        "    else:\n"
        "        _, pull = jax.vjp(function, x)\n"
        '        matrix, mode = jax.vmap(pull)(jnp.eye(outputs))[0], "reverse"\n'
        '    return {"jacobian": np.array(matrix), "mode": mode, "passes": min(inputs, outputs)}',
    ),
    right(
        "products",
        "forward mode where both cost the same",
        ("inputs < outputs", "inputs <= outputs"),
    ),
    right(
        "products",
        "lists, and numbers and texts of NumPy",
        "_hvp, _jacobian = hvp, jacobian\n"
        "\n"
        "def hvp(x, v):\n"
        "    return np.ascontiguousarray(_hvp(x, v)[::-1])[::-1]\n"
        "\n"
        "def jacobian(name, x):\n"
        "    found = _jacobian(name, x)\n"
        '    passes, mode = np.int32(found["passes"]), np.str_(found["mode"])\n'
        '    return {"passes": passes, "mode": mode, "jacobian": list(found["jacobian"])}',
    ),
    right(
        "products",
        "tensors, not turned into arrays",
        pytorch=[("return product.numpy()", "return product"), ("    matrix = matrix.numpy()\n", "")],
        tensorflow=[
            (
                "return tf.convert_to_tensor(forward.jvp(gradient)).numpy()",
                "return tf.convert_to_tensor(forward.jvp(gradient))",
            ),
            ("    matrix = matrix.numpy()\n", ""),
        ],
        jax=[("return np.asarray(product)", "return product"), ("    matrix = np.asarray(matrix)\n", "")],
    ),
    right(
        "products",
        "a row, or a column, at a time",
        tensorflow="def jacobian(name, x):\n"
        "    function, columns, rows = globals()[name], [], []\n"
        "    point = tf.Variable(x)\n"
        "    with tf.GradientTape(persistent=True) as tape:\n"
        "        result = function(point)\n"
        "    m, n = result.shape[0], point.shape[0]\n"
        "    if m <= n:\n"
        "        for unit in np.eye(m):\n"
        "            rows += [tape.gradient(result, point, output_gradients=tf.constant(unit))]\n"
        "        matrix = tf.stack(rows, axis=0)\n"
        "    else:\n"
        "        for i in range(n):\n"
        "            unit = tf.one_hot(i, n, dtype=tf.float64)\n"
        "            with tf.autodiff.ForwardAccumulator(point, unit) as forward:\n"
        "                result = function(point)\n"
        "            columns += [forward.jvp(result)]\n"
        "        matrix = tf.transpose(tf.stack(columns))\n"
        '    mode = "reverse" if rows else "forward"\n'
        '    return {"jacobian": matrix.numpy(), "mode": mode, "passes": len(rows + columns)}',
    ),
    right(
        "examples",
        "a copy of W for each example",
        pytorch=(
            "each = torch.func.vmap(one, (None, 0, 0))(W, X, targets)",
            "copies = W.expand(len(X), *W.shape).clone().requires_grad_()\n"
            "    total = torch.func.vmap(loss)(copies, X, targets).sum()\n"
            "    (each,) = torch.autograd.grad(total, copies)",
        ),
        tensorflow=(
            "    each = tf.vectorized_map(one, (X, targets))\n",
            "    copies = tf.tile(W[None], [len(X), 1, 1])\n"
            "    with tf.GradientTape() as tape:\n"
            "        tape.watch(copies)\n"
            "        losses = tf.vectorized_map(lambda three: loss(*three), (copies, X, targets))\n"
            "        total = tf.reduce_sum(losses)\n"
            "    each = tf.convert_to_tensor(tape.gradient(total, copies))\n",
        ),
        jax=(
            "each = jax.vmap(one, (None, 0, 0))(W, X, targets)",
            "copies = jnp.tile(W, (len(X), 1, 1))\n"
            "    each = jax.grad(lambda copies: jax.vmap(loss)(copies, X, targets).sum())(copies)",
        ),
    ),
    right(
        "examples",
        "in parts, or compiled",
        pytorch=("torch.func.vmap(one, (None, 0, 0))", "torch.vmap(one, (None, 0, 0), chunk_size=8)"),
        tensorflow=(
            "tf.vectorized_map(one, (X, targets))",
            "tf.function(lambda: tf.vectorized_map(one, (X, targets)))()",
        ),
        jax=(
            "jax.vmap(one, (None, 0, 0))(W, X, targets)",
            "jax.lax.map(lambda pair: one(W, *pair), (jnp.asarray(X), jnp.asarray(targets)))",
        ),
    ),
    right(
        "examples",
        "lists for arrays",
        "_private_gradient = private_gradient\n"
        "\n"
        "def private_gradient(W, X, targets, ceiling):\n"
        "    found = _private_gradient(W, X, targets, ceiling)\n"
        '    return {"gradient": list(found["gradient"]), "norms": list(found["norms"])}',
    ),
    right(
        "examples",
        "clipped by the scale of those that are long",
        pytorch="def private_gradient(W, X, targets, ceiling):\n"
        "    W, X, targets = (torch.as_tensor(array) for array in (W, X, targets))\n"
        "    each = torch.vmap(lambda x, t: torch.func.grad(loss)(W, x, t))(X, targets).numpy()\n"
        "    norms = np.linalg.norm(each, axis=(1, 2))\n"
        "    long = norms > ceiling\n"
        "    each[long] *= (ceiling / norms[long])[:, None, None]\n"
        '    return {"norms": norms, "gradient": each.sum(0) / len(each)}',
        tensorflow="def private_gradient(W, X, targets, ceiling):\n"
        "    W = tf.constant(W)\n"
        "\n"
        "    def one(pair):\n"
        "        with tf.GradientTape() as tape:\n"
        "            tape.watch(W)\n"
        "            value = loss(W, pair[0], pair[1])\n"
        "        return tape.gradient(value, W)\n"
        "\n"
        "    each = tf.vectorized_map(one, (tf.constant(X), tf.constant(targets))).numpy()\n"
        '    norms = np.sqrt(np.einsum("nij,nij->n", each, each))\n'
        "    long = norms > ceiling\n"
        "    each[long] *= (ceiling / norms[long])[:, None, None]\n"
        '    return {"norms": norms, "gradient": np.mean(each, 0)}',
        jax="def private_gradient(W, X, targets, ceiling):\n"
        "    each = np.array(jax.vmap(jax.jacrev(loss), in_axes=(None, 0, 0))(W, X, targets))\n"
        "    norms = np.sqrt((each**2).sum((1, 2)))\n"
        "    long = norms > ceiling\n"
        "    each[long] *= (ceiling / norms[long])[:, None, None]\n"
        '    return {"norms": norms, "gradient": np.average(each, axis=0)}',
    ),
    right(
        "examples",
        "tensors, not turned into arrays",
        pytorch=('{"norms": norms.numpy(), "gradient": mean.numpy()}', '{"norms": norms, "gradient": mean}'),
        tensorflow=(
            '{"norms": norms.numpy(), "gradient": mean.numpy()}',
            '{"norms": norms, "gradient": mean}',
        ),
        jax=(
            '{"norms": np.asarray(norms), "gradient": np.asarray(mean)}',
            '{"norms": norms, "gradient": mean}',
        ),
    ),
    right(
        "stable",
        "the largest logit taken off by hand; norms of harmless rows",
        pytorch="def entropy(logits):\n"
        "    z = logits - logits.amax(dim=1, keepdim=True).detach()\n"
        "    logs = z - z.exp().sum(dim=1, keepdim=True).log()\n"
        "    return (-logs * logs.exp()).sum(1)\n"
        "\n"
        "\n"
        "def length(x):\n"
        "    zero = ~x.any(dim=-1, keepdim=True)\n"
        "    harmless = torch.linalg.vector_norm(torch.where(zero, torch.ones_like(x), x), dim=-1)\n"
        "    return torch.where(zero[:, 0], torch.zeros_like(harmless), harmless)",
        tensorflow="def entropy(logits):\n"
        "    z = logits - tf.stop_gradient(tf.reduce_max(logits, axis=1, keepdims=True))\n"
        "    logs = z - tf.math.log(tf.reduce_sum(tf.exp(z), axis=1, keepdims=True))\n"
        "    return tf.reduce_sum(-logs * tf.exp(logs), axis=1)\n"
        "\n"
        "\n"
        "def length(x):\n"
        "    zero = tf.reduce_all(x == 0, axis=-1, keepdims=True)\n"
        "    harmless = tf.norm(tf.where(zero, tf.ones_like(x), x), axis=-1)\n"
        "    return tf.where(zero[:, 0], tf.zeros_like(harmless), harmless)",
        jax="def entropy(logits):\n"
        "    z = logits - jax.lax.stop_gradient(logits.max(axis=1, keepdims=True))\n"
        "    logs = z - jnp.log(jnp.exp(z).sum(axis=1, keepdims=True))\n"
        "    return (-logs * jnp.exp(logs)).sum(axis=1)\n"
        "\n"
        "\n"
        "def length(x):\n"
        "    zero = ~x.any(axis=-1, keepdims=True)\n"
        "    harmless = jnp.linalg.norm(jnp.where(zero, 1.0, x), axis=-1)\n"
        "    return jnp.where(zero[:, 0], 0.0, harmless)",
    ),
    right(
        "stable",
        "a where before the logarithm; a root whose slope is stopped at 0",
        pytorch="def entropy(logits):\n"
        "    p = torch.softmax(logits, -1)\n"
        "    return -(p * torch.log(torch.where(p > 0, p, 1))).sum(-1)\n"
        "\n"
        "\n"
        "def length(x):\n"
        "    largest = x.abs().amax(dim=-1, keepdim=True).detach()\n"
        "    scale = torch.where(largest > 0, largest, 1)\n"
        "    squares = ((x / scale) ** 2).sum(-1)\n"
        "    root = torch.sqrt(torch.where(largest[:, 0] > 0, squares, 1))\n"
        "    return scale[:, 0] * root * (largest[:, 0] > 0)",
        tensorflow="def entropy(logits):\n"
        "    p = tf.nn.softmax(logits)\n"
        "    return -tf.reduce_sum(p * tf.math.log(tf.where(p > 0, p, tf.ones_like(p))), -1)\n"
        "\n"
        "\n"
        "def length(x):\n"
        "    largest = tf.stop_gradient(tf.reduce_max(tf.abs(x), axis=-1))\n"
        "    there = largest > 0\n"
        "    scale = tf.where(there, largest, tf.ones_like(largest))\n"
        "    squares = tf.reduce_sum((x / scale[:, None]) ** 2, -1)\n"
        "    root = tf.sqrt(tf.where(there, squares, tf.ones_like(squares)))\n"
        "    return scale * root * tf.cast(there, x.dtype)",
        jax="def entropy(logits):\n"
        "    p = jax.nn.softmax(logits)\n"
        "    return -(p * jnp.log(jnp.where(p > 0, p, 1))).sum(-1)\n"
        "\n"
        "\n"
        "def length(x):\n"
        "    largest = jax.lax.stop_gradient(jnp.abs(x).max(axis=-1))\n"
        "    scale = jnp.where(largest > 0, largest, 1)\n"
        "    squares = ((x / scale[:, None]) ** 2).sum(-1)\n"
        "    return scale * jnp.sqrt(jnp.where(largest > 0, squares, 1)) * (largest > 0)",
    ),
    right(
        "stable",
        "row by row",
        pytorch="def entropy(logits):\n"
        "    return torch.stack([torch.distributions.Categorical(logits=row).entropy() for row in logits])\n"
        "\n"
        "\n"
        "def length(x):\n"
        "    return torch.stack([row.norm() if row.any() else row.sum() * 0 for row in x])",
        tensorflow="def entropy(logits):\n"
        "    rows = [tf.nn.log_softmax(row) for row in logits]\n"
        "    return tf.stack([-tf.tensordot(tf.exp(row), row, 1) for row in rows])\n"
        "\n"
        "\n"
        "def length(x):\n"
        "    return tf.stack([tf.norm(row) if row.numpy().any() else tf.reduce_sum(0 * row) for row in x])",
        jax="def entropy(logits):\n"
        "    return jnp.stack([-jnp.exp(row) @ row for row in map(jax.nn.log_softmax, logits)])\n"
        "\n"
        "\n"
        "def length(x):\n"
        "    def one(row):\n"
        "        return jax.lax.cond(row.any(), jnp.linalg.norm, lambda row: 0.0 * row.sum(), row)\n"
        "\n"
        "    return jnp.stack([one(row) for row in x])",
    ),
    right(
        "stable",
        "rules of one's own",
        pytorch="class Entropy(torch.autograd.Function):\n"
        "    @staticmethod\n"
        "    def forward(ctx, logits):\n"
        "        logs = torch.log_softmax(logits, -1)\n"
        "        value = -(logs.exp() * logs).sum(-1)\n"
        "        ctx.save_for_backward(logs, value)\n"
        "        return value\n"
        "\n"
        "    @staticmethod\n"
        "    def backward(ctx, upstream):\n"
        "        logs, value = ctx.saved_tensors\n"
        "        return -upstream[:, None] * logs.exp() * (logs + value[:, None])\n"
        "\n"
        "\n"
        "class Length(torch.autograd.Function):\n"
        "    @staticmethod\n"
        "    def forward(ctx, x):\n"
        "        value = torch.from_numpy(np.linalg.norm(x.detach().numpy(), axis=-1))\n"
        "        ctx.save_for_backward(x, value)\n"
        "        return value\n"
        "\n"
        "    @staticmethod\n"
        "    def backward(ctx, upstream):\n"
        "        x, value = ctx.saved_tensors\n"
        "        return upstream[:, None] * x / torch.where(value > 0, value, 1.0)[:, None]\n"
        "\n"
        "\n"
        "entropy, length = Entropy.apply, Length.apply",
        tensorflow="@tf.custom_gradient\n"
        "def entropy(logits):\n"
        "    logs = tf.nn.log_softmax(logits)\n"
        "    value = -tf.reduce_sum(tf.exp(logs) * logs, -1)\n"
        "    return value, lambda up: -up[:, None] * tf.exp(logs) * (logs + value[:, None])\n"
        "\n"
        "\n"
        "@tf.custom_gradient\n"
        "def length(x):\n"
        "    value = tf.sqrt(tf.reduce_sum(x * x, -1, keepdims=True))\n"
        "    return value[:, 0], lambda upstream: upstream[:, None] * tf.math.divide_no_nan(x, value)",
        jax="@jax.custom_jvp\n"
        "def entropy(logits):\n"
        "    logs = jax.nn.log_softmax(logits)\n"
        "    return -(jnp.exp(logs) * logs).sum(-1)\n"
        "\n"
        "\n"
        "@entropy.defjvp\n"
        "def entropy_jvp(primals, tangents):\n"
        "    logs, value = jax.nn.log_softmax(primals[0]), entropy(*primals)\n"
        "    return value, -(tangents[0] * jnp.exp(logs) * (logs + value[:, None])).sum(-1)\n"
        "\n"
        "\n"
        "@jax.custom_jvp\n"
        "def length(x):\n"
        "    return jnp.sqrt((x * x).sum(-1))\n"
        "\n"
        "\n"
        "@length.defjvp\n"
        "def length_jvp(primals, tangents):\n"
        "    (x,), (dx,), value = primals, tangents, length(*primals)\n"
        "    return value, (x * dx).sum(-1) / jnp.where(value == 0, 1, value)",
    ),
    right(
        "custom",
        "judged by the notebook's own differences",
        "def accepts(name, M, e):\n"
        "    M, e = np.float64(M), np.float64(e)\n"
        '    (found,) = differentiate(name, [[M, e]])["gradients"]\n'
        "    return np.allclose(found, by_differences(name, [M, e]), rtol=1e-4)",
    ),
    right(
        "custom",
        "verdicts of NumPy, of no dimension",
        "_accepts = accepts\n\ndef accepts(name, M, e):\n    return np.array(bool(_accepts(name, M, e)))",
    ),
    right(
        "custom",
        "slopes worked out in NumPy beside the value",
        pytorch="class Kepler(torch.autograd.Function):\n"
        "    @staticmethod\n"
        "    def forward(M, e):\n"
        "        return torch.from_numpy(np.asarray(solve_kepler(*(t.detach().numpy() for t in (M, e)))))\n"
        "\n"
        "    @staticmethod\n"
        "    def setup_context(ctx, inputs, E):\n"
        "        e = inputs[1].detach().numpy()\n"
        "        by_M = 1 / (1 - e * np.cos(E.numpy()))\n"
        "        ctx.slopes = torch.from_numpy(by_M), torch.from_numpy(by_M * np.sin(E.numpy()))\n"
        "\n"
        "    @staticmethod\n"
        "    def backward(ctx, upstream):\n"
        "        return tuple(upstream * slope for slope in ctx.slopes)\n"
        "\n"
        "\n"
        "def anomaly(M, e):\n"
        "    return Kepler.apply(M, e)\n"
        "\n"
        "\n"
        "def accepts(name, M, e):\n"
        '    point = [torch.from_numpy(a.astype("float64")).requires_grad_() for a in (M, e)]\n'
        "    try:\n"
        "        return torch.autograd.gradcheck(globals()[name], point)\n"
        "    except RuntimeError:\n"
        "        return False",
        tensorflow="@tf.custom_gradient\n"
        "def anomaly(M, e):\n"
        "    E = solve_kepler(M.numpy(), e.numpy())\n"
        "    by_M = 1 / (1 - e.numpy() * np.cos(E))\n"
        "    return tf.constant(E), lambda up: (up * by_M, up * by_M * np.sin(E))\n"
        "\n"
        "\n"
        "def accepts(name, M, e):\n"
        "    point = [tf.cast(tf.constant(a), tf.float64) for a in (M, e)]\n"
        "    pairs = zip(*tf.test.compute_gradient(globals()[name], point))\n"
        "    return max(np.abs(mine - theirs).max() for mine, theirs in pairs) < 1e-3",
        jax="@jax.custom_vjp\n"
        "def anomaly(M, e):\n"
        "    like = jax.ShapeDtypeStruct(M.shape, M.dtype)\n"
        "    return jax.pure_callback(solve_kepler, like, M, e)\n"
        "\n"
        "\n"
        "def anomaly_forward(M, e):\n"
        "    E = anomaly(M, e)\n"
        "    by_M = 1 / (1 - e * jnp.cos(E))\n"
        "    return E, (by_M, by_M * jnp.sin(E))\n"
        "\n"
        "\n"
        "anomaly.defvjp(anomaly_forward, lambda slopes, up: tuple(up * slope for slope in slopes))\n"
        "\n"
        "\n"
        "def accepts(name, M, e):\n"
        "    function, M, e = globals()[name], np.float64(M), np.float64(e)\n"
        "    try:\n"
        "        test_util.check_vjp(function, lambda *point: jax.vjp(function, *point), (M, e))\n"
        "        return True\n"
        "    except AssertionError:\n"
        "        return False",
    ),
    right(
        "custom",
        "a linear equation for both slopes",
        pytorch=(
            "slope = 1 / (1 - e * torch.cos(E))",
            "slope = torch.linalg.solve(torch.diag(1 - e * E.cos()), torch.ones_like(E))",
        ),
        tensorflow=(
            "slope = 1 / (1 - e * tf.cos(E))",
            "slope = tf.linalg.tensor_diag_part(tf.linalg.inv(tf.linalg.tensor_diag(1 - e * tf.cos(E))))",
        ),
        jax=(
            "slope = 1 / (1 - e * jnp.cos(E))",
            "slope = jnp.linalg.solve(jnp.diag(1 - e * jnp.cos(E)), jnp.ones(len(E)))",
        ),
    ),
    right(
        "kept",
        "in one flat vector; groups from a function that makes them",
        "def clipped(gradients, ceiling):\n"
        "    flat = np.concatenate([np.ravel(g) for g in gradients])\n"
        "    norm = np.sqrt(flat @ flat)\n"
        "    flat = flat * min(1, ceiling / norm) if 0 < norm < np.inf else np.zeros_like(flat)\n"
        "    ends = np.cumsum([np.size(g) for g in gradients])[:-1]\n"
        "    return [part.reshape(np.shape(g)) for part, g in zip(np.split(flat, ends), gradients)]",
    ),
    right(
        "kept",
        "tuples, and numbers for arrays of no dimension",
        "_clipped = clipped\n"
        "\n"
        "def clipped(gradients, ceiling):\n"
        "    return tuple(g if g.ndim else g.item() for g in map(np.asarray, _clipped(gradients, ceiling)))",
    ),
    right(
        "kept",
        "a function that makes the groups",
        pytorch="def group_of(numbers):\n"
        "    def group(x):\n"
        "        for i in numbers:\n"
        "            x = block(x, i)\n"
        "        return x\n"
        "\n"
        "    return group\n"
        "\n"
        "\n"
        "def thrifty(x, n, every):\n"
        "    for numbers in np.array_split(range(n), range(every, n, every)):\n"
        "        group = group_of([int(i) for i in numbers])\n"
        "        x = checkpoint(group, x, use_reentrant=False)\n"
        "    return x\n"
        "\n"
        "\n"
        "def clipped(gradients, ceiling):\n"
        "    if not all(np.isfinite(g).all() for g in gradients):\n"
        "        return [0 * np.nan_to_num(g) for g in gradients]\n"
        "    norm = np.linalg.norm([np.linalg.norm(g) for g in gradients])\n"
        "    return [g * ceiling / norm for g in gradients] if norm > ceiling else gradients",
        tensorflow="def group_of(numbers):\n"
        "    def group(x):\n"
        "        for i in numbers:\n"
        "            x = block(x, i)\n"
        "        return x\n"
        "\n"
        "    return group\n"
        "\n"
        "\n"
        "def thrifty(x, n, every):\n"
        "    for numbers in np.array_split(range(n), range(every, n, every)):\n"
        "        group = group_of([int(i) for i in numbers])\n"
        "        x = tf.recompute_grad(group)(x)\n"
        "    return x\n"
        "\n"
        "\n"
        "def clipped(gradients, ceiling):\n"
        "    if not all(np.isfinite(g).all() for g in gradients):\n"
        "        return [0 * np.nan_to_num(g) for g in gradients]\n"
        "    norm = np.linalg.norm([np.linalg.norm(g) for g in gradients])\n"
        "    return [g * ceiling / norm for g in gradients] if norm > ceiling else gradients",
        jax="def group_of(numbers):\n"
        "    def group(x):\n"
        "        for i in numbers:\n"
        "            x = block(x, i)\n"
        "        return x\n"
        "\n"
        "    return group\n"
        "\n"
        "\n"
        "def thrifty(x, n, every):\n"
        "    for numbers in np.array_split(range(n), range(every, n, every)):\n"
        "        group = group_of([int(i) for i in numbers])\n"
        "        x = jax.checkpoint(group)(x)\n"
        "    return x\n"
        "\n"
        "\n"
        "def clipped(gradients, ceiling):\n"
        "    if not all(np.isfinite(g).all() for g in gradients):\n"
        "        return [0 * np.nan_to_num(g) for g in gradients]\n"
        "    norm = np.linalg.norm([np.linalg.norm(g) for g in gradients])\n"
        "    return [g * ceiling / norm for g in gradients] if norm > ceiling else gradients",
    ),
    right(
        "kept",
        "the rest first, by recursion",
        pytorch="def thrifty(x, n, every, first=0):\n"
        "    if first >= n:\n"
        "        return x\n"
        "\n"
        "    def group(x):\n"
        "        i = first\n"
        "        while i < n and i < first + every:\n"
        "            x, i = block(x, i), i + 1\n"
        "        return x\n"
        "\n"
        "    return thrifty(checkpoint(group, x, use_reentrant=False), n, every, first + every)",
        tensorflow="def thrifty(x, n, every, first=0):\n"
        "    if first >= n:\n"
        "        return x\n"
        "\n"
        "    def group(x):\n"
        "        i = first\n"
        "        while i < n and i < first + every:\n"
        "            x, i = block(x, i), i + 1\n"
        "        return x\n"
        "\n"
        "    return thrifty(tf.recompute_grad(group)(x), n, every, first + every)",
        jax="def thrifty(x, n, every, first=0):\n"
        "    if first >= n:\n"
        "        return x\n"
        "\n"
        "    def group(x):\n"
        "        i = first\n"
        "        while i < n and i < first + every:\n"
        "            x, i = block(x, i), i + 1\n"
        "        return x\n"
        "\n"
        "    return thrifty(jax.checkpoint(group)(x), n, every, first + every)",
    ),
    right(
        "engine",
        "a stack instead of recursion, -a / b^2 as it is written",
        "def divide(a, b):\n"
        "    return Value(a.data / b.data, [(a, 1 / b.data), (b, -a.data / b.data**2)])\n"
        "\n"
        "\n"
        "def backward(result):\n"
        "    order, seen, stack = [], set(), [(result, False)]\n"
        "    while stack:\n"
        "        node, done = stack.pop()\n"
        "        if done:\n"
        "            order.append(node)\n"
        "        elif id(node) not in seen:\n"
        "            seen.add(id(node))\n"
        "            stack.append((node, True))\n"
        "            stack += [(parent, False) for parent, _ in node.parents]\n"
        "    result.grad = 1\n"
        "    while order:\n"
        "        node = order.pop()\n"
        "        for parent, slope in node.parents:\n"
        "            parent.grad = parent.grad + slope * node.grad",
    ),
    right(
        "engine",
        "by the length of the longest way",
        "def backward(result):\n"
        "    depth, above = {}, {}\n"
        "\n"
        "    def down(node):\n"
        "        if node not in depth:\n"
        "            depth[node] = 0\n"
        "            for parent, _ in node.parents:\n"
        "                depth[node] = max(depth[node], 1 + down(parent))\n"
        "        return depth[node]\n"
        "\n"
        "    down(result)\n"
        "    result.grad = 1.0\n"
        "    for node in sorted(depth, key=depth.get, reverse=True):\n"
        "        for parent, slope in node.parents:\n"
        "            parent.grad += node.grad * slope",
    ),
    right(
        "engine",
        "a product with a reciprocal, uses counted in a list",
        "def divide(a, b):\n"
        "    inverse = 1.0 / b.data\n"
        "    return a * Value(inverse, ((b, -(inverse**2)),))\n"
        "\n"
        "\n"
        "def backward(result):\n"
        "    nodes, users = [result], {}\n"
        "    for node in nodes:\n"
        "        for parent, _ in node.parents:\n"
        "            if parent not in users:\n"
        "                users[parent] = []\n"
        "                nodes.append(parent)\n"
        "            users[parent].append(node)\n"
        "    result.grad, ready = 1.0, [result]\n"
        "    while ready:\n"
        "        node = ready.pop(0)\n"
        "        for parent, slope in node.parents:\n"
        "            parent.grad += slope * node.grad\n"
        "            users[parent].remove(node)\n"
        "            if not users[parent]:\n"
        "                ready.append(parent)",
    ),
    right(
        "engine",
        "each gradient asked for from above, and kept",
        "def backward(result):\n"
        "    users, todo = {result: []}, [result]\n"
        "    while todo:\n"
        "        node = todo.pop()\n"
        "        for parent, slope in node.parents:\n"
        "            if parent not in users:\n"
        "                users[parent] = []\n"
        "                todo.append(parent)\n"
        "            users[parent].append((node, slope))\n"
        "    known = {result: 1.0}\n"
        "\n"
        "    def asked(node):\n"
        "        if node not in known:\n"
        "            known[node] = sum(slope * asked(user) for user, slope in users[node])\n"
        "        return known[node]\n"
        "\n"
        "    for node in users:\n"
        "        node.grad = np.float64(asked(node))",
    ),
    right(
        "translation",
        "x and step times what is stopped",
        pytorch="def quantised(x, step):\n"
        "    with torch.no_grad():\n"
        "        ratio = x / step\n"
        "        level = torch.round(torch.clamp(ratio, -4, 3))\n"
        "        inside = ratio.clamp(-4, 3) == ratio\n"
        "        slope = level - ratio * inside\n"
        "    return x * inside + step * slope",
        tensorflow="def quantised(x, step):\n"
        "    ratio = tf.stop_gradient(x / step)\n"
        "    level = tf.round(tf.clip_by_value(ratio, -4, 3))\n"
        "    inside = tf.cast(tf.clip_by_value(ratio, -4, 3) == ratio, x.dtype)\n"
        "    return x * inside + step * (level - ratio * inside)",
        jax="def quantised(x, step):\n"
        "    ratio = jax.lax.stop_gradient(x / step)\n"
        "    level = jnp.rint(jnp.clip(ratio, -4, 3))\n"
        "    inside = jnp.clip(ratio, -4, 3) == ratio\n"
        "    return x * inside + step * (level - ratio * inside)",
    ),
    right(
        "translation",
        "both slopes worked out beside the value",
        pytorch="class Levels(torch.autograd.Function):\n"
        "    @staticmethod\n"
        "    def forward(x, step):\n"
        "        return step * (x / step).round().clamp(-4, 3)\n"
        "\n"
        "    @staticmethod\n"
        "    def setup_context(ctx, inputs, output):\n"
        "        x, step = inputs\n"
        "        ratio = x / step\n"
        "        ctx.inside = ((-4 <= ratio) & (ratio <= 3)).double()\n"
        "        ctx.by_step = output / step - ratio * ctx.inside\n"
        "\n"
        "    @staticmethod\n"
        "    def backward(ctx, upstream):\n"
        "        return ctx.inside * upstream, torch.vdot(upstream.flatten(), ctx.by_step.flatten())\n"
        "\n"
        "\n"
        "quantised = Levels.apply",
        tensorflow="@tf.custom_gradient\n"
        "def quantised(x, step):\n"
        "    ratio = x / step\n"
        "    level = tf.minimum(tf.maximum(tf.round(ratio), -4.0), 3.0)\n"
        "    inside = tf.cast(tf.logical_and(ratio >= -4, ratio <= 3), tf.float64)\n"
        "    by_step = level - ratio * inside\n"
        "    return level * step, lambda up: [up * inside, tf.reduce_sum(up * by_step)]",
        jax="@jax.custom_vjp\n"
        "def quantised(x, step):\n"
        "    return step * jnp.clip(jnp.round(x / step), -4, 3)\n"
        "\n"
        "\n"
        "def quantised_forward(x, step):\n"
        "    value, ratio = quantised(x, step), x / step\n"
        "    inside = jnp.where((ratio < -4) | (ratio > 3), 0.0, 1.0)\n"
        "    return value, (inside, value / step - ratio * inside)\n"
        "\n"
        "\n"
        "quantised.defvjp(quantised_forward, lambda saved, up: (up * saved[0], jnp.vdot(up, saved[1])))",
    ),
    right(
        "translation",
        "in NumPy, with a rule",
        pytorch="class InNumPy(torch.autograd.Function):\n"
        "    @staticmethod\n"
        "    def forward(ctx, x, step):\n"
        "        ratio = x.detach().numpy() / step.item()\n"
        "        level = np.clip(np.round(ratio), -4, 3)\n"
        "        inside = (ratio >= -4) * (ratio <= 3)\n"
        "        ctx.inside, ctx.slope = inside, level - inside * ratio\n"
        "        return torch.as_tensor(step.item() * level)\n"
        "\n"
        "    @staticmethod\n"
        "    def backward(ctx, upstream):\n"
        "        above = upstream.numpy()\n"
        "        return torch.as_tensor(above * ctx.inside), torch.as_tensor((above * ctx.slope).sum())\n"
        "\n"
        "\n"
        "def quantised(x, step):\n"
        "    return InNumPy.apply(x, step)",
        tensorflow="@tf.custom_gradient\n"
        "def quantised(x, step):\n"
        "    ratio = x.numpy() / step.numpy()\n"
        "    level = np.clip(np.round(ratio), -4, 3)\n"
        "    inside = (ratio >= -4) & (ratio <= 3)\n"
        "\n"
        "    def grad(upstream):\n"
        "        above = upstream.numpy()\n"
        "        return tf.constant(above * inside), tf.constant((above * (level - inside * ratio)).sum())\n"
        "\n"
        "    return step * level, grad",
        jax="@jax.custom_jvp\n"
        "def quantised(x, step):\n"
        "    return step * jnp.clip(jnp.round(x / step), -4, 3)\n"
        "\n"
        "\n"
        "@quantised.defjvp\n"
        "def quantised_jvp(primals, tangents):\n"
        "    (x, step), (dx, dstep) = primals, tangents\n"
        "    ratio, value = x / step, quantised(x, step)\n"
        "    inside = (ratio >= -4) & (ratio <= 3)\n"
        "    return value, dx * inside + (value / step - ratio * inside) * dstep",
    ),
    right(
        "translation",
        "element by element",
        pytorch="def quantised(x, step):\n"
        "    def one(element):\n"
        "        ratio = (element / step).item()\n"
        "        level = float(min(max(round(ratio), -4), 3))\n"
        "        if -4 <= ratio <= 3:\n"
        "            return element - (ratio - level) * step\n"
        "        return level * step\n"
        "\n"
        "    if x.ndim == 0:\n"
        "        return one(x)\n"
        "    return torch.stack([quantised(part, step) for part in x])",
        tensorflow="def quantised(x, step):\n"
        "    def one(element):\n"
        "        ratio = float(element / step)\n"
        "        level = float(min(max(round(ratio), -4), 3))\n"
        "        if -4 <= ratio <= 3:\n"
        "            return element - (ratio - level) * step\n"
        "        return level * step\n"
        "\n"
        "    if x.shape.rank == 0:\n"
        "        return one(x)\n"
        "    return tf.stack([quantised(part, step) for part in tf.unstack(x)])",
        jax="def quantised(x, step):\n"
        "    def one(element):\n"
        "        ratio = jax.lax.stop_gradient(element / step)\n"
        "        level = jnp.clip(jnp.round(ratio), -4, 3)\n"
        "        inside = jnp.logical_and(ratio >= -4, ratio <= 3)\n"
        "        return jax.lax.select(inside, element - (ratio - level) * step, level * step)\n"
        "\n"
        "    return jax.vmap(one)(x.reshape(-1)).reshape(x.shape)",
    ),
)
