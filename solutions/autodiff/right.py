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
)
