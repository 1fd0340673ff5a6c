"""Typical mistakes in the exercises on autodiff."""

from triptych.grading.checks.mistakes import wrong

BANK = (
    # --- What is recorded
    wrong(
        "recorded",
        "uphill",
        "the-weights-learn",
        pytorch=("w -= rate", "w += rate"),
        tensorflow=("w.assign_sub", "w.assign_add"),
        jax=("w = w - rate", "w = w + rate"),
    ),
    wrong(
        "recorded",
        "the sum instead of the mean",
        "the-weights-learn",
        pytorch=("(torch.exp(z) - y * z).mean()", "(torch.exp(z) - y * z).sum()"),
        tensorflow=("tf.reduce_mean(tf.exp", "tf.reduce_sum(tf.exp"),
        jax=("jnp.mean(jnp.exp", "jnp.sum(jnp.exp"),
    ),
    wrong(
        "recorded",
        "NumPy in the loss",
        "the-weights-learn",
        pytorch=(
            "loss = (torch.exp(z) - y * z).mean()",
            "loss = torch.as_tensor(np.mean(np.exp(z) - y * z))",
        ),
        tensorflow=("tf.reduce_mean(tf.exp(z) - y * z)", "tf.constant(np.mean(np.exp(z) - y * z))"),
        jax=("jnp.mean(jnp.exp(z) - y * z)", "np.mean(np.exp(z) - y * z)"),
    ),
    wrong(
        "recorded",
        "the derivative by hand",
        "the-framework-finds-them",
        "def train(X, y, rate, steps):\n"
        "    w, b, losses = np.zeros(X.shape[1]), 0.0, []\n"
        "    for _ in range(steps):\n"
        "        z = X @ w + b\n"
        "        losses.append(float(np.mean(np.exp(z) - y * z)))\n"
        "        away = (np.exp(z) - y) / len(y)\n"
        "        w, b = w - rate * X.T @ away, b - rate * away.sum()\n"
        "    return {'weights': w, 'bias': float(b), 'losses': losses}",
    ),
    wrong(
        "recorded",
        "the bias does not move",
        "the-bias-learns",
        pytorch=("            b -= rate * b.grad\n", ""),
        tensorflow=("        b.assign_sub(rate * db)\n", ""),
        jax=("        b = b - rate * db\n", ""),
    ),
    wrong(
        "recorded",
        "the bias moves by the weights' gradient",
        "the-bias-learns",
        pytorch=("b -= rate * b.grad", "b -= rate * w.grad.sum()"),
        tensorflow=("b.assign_sub(rate * db)", "b.assign_sub(rate * tf.reduce_sum(dw))"),
        jax=("b = b - rate * db", "b = b - rate * dw.sum()"),
    ),
    wrong(
        "recorded",
        "gradients of earlier steps added",
        "each-step-starts-afresh",
        pytorch=("        w.grad = b.grad = None\n", ""),
        tensorflow=(
            "        w.assign_sub",
            "        total = dw + (total if losses else 0)\n        dw = total\n        w.assign_sub",
        ),
        jax=(
            "        w = w - rate",
            "        total = dw + (total if losses else 0)\n        dw = total\n        w = w - rate",
        ),
    ),
    wrong(
        "recorded",
        "the parameter rebound",
        "each-step-starts-afresh",
        pytorch=("            w -= rate * w.grad\n", "            w = w - rate * w.grad\n"),
        tensorflow=("w.assign_sub(rate * dw)", "w = w - rate * dw"),
    ),
    wrong(
        "recorded",
        "one step only",
        "each-step-starts-afresh",
        pytorch=(
            "        losses.append(loss.item())\n",
            "        losses.append(loss.item())\n        break\n",
        ),
        tensorflow=(
            "        losses.append(float(loss))\n",
            "        losses.append(float(loss))\n        break\n",
        ),
        jax=("        losses.append(float(value))\n", "        losses.append(float(value))\n        break\n"),
    ),
    wrong(
        "recorded",
        "the loss after the step",
        "logs-the-loss-before-each-step",
        pytorch=(
            "losses.append(loss.item())",
            "losses.append((torch.exp(X @ w + b) - y * (X @ w + b)).mean().item())",
        ),
        tensorflow=(
            "losses.append(float(loss))",
            "z = tf.linalg.matvec(X, w) + b\n        losses.append(float(tf.reduce_mean(tf.exp(z) - y * z)))",
        ),
        jax=("losses.append(float(value))", "losses.append(float(loss(w, b)))"),
    ),
    wrong(
        "recorded",
        "a bias in float32",
        "the-bias-learns",
        pytorch=(
            "b = torch.zeros((), dtype=X.dtype, requires_grad=True)",
            "b = torch.zeros((), requires_grad=True)",
        ),
    ),
    wrong(
        "recorded",
        "float32 by default",
        "reports-what-flows",
        pytorch=(
            "dtype=torch.float64, requires_grad=True)\n        result",
            "requires_grad=True)\n        result",
        ),
        tensorflow=("tf.constant(x, tf.float64)", "tf.constant(x)"),
        jax=("jax.grad(PATHS[name])(x)", "jax.grad(PATHS[name])(np.float32(x))"),
    ),
    wrong(
        "recorded",
        "finite differences",
        "reports-what-flows",
        pytorch=(
            "        if result.requires_grad:\n            result.backward()\n",
            "        h = 1e-6\n"
            "        point.grad = (PATHS[name](point + h) - PATHS[name](point - h)).detach() / (2 * h)\n",
        ),
        tensorflow=(
            "slope = tape.gradient(result, point)",
            "h = 1e-6\n        slope = (PATHS[name](point + h) - PATHS[name](point - h)) / (2 * h)",
        ),
        jax=("jax.grad(PATHS[name])(x)", "(PATHS[name](x + 1e-6) - PATHS[name](x - 1e-6)) / 2e-6"),
    ),
    wrong(
        "recorded",
        "all zero after one that failed",
        "reports-what-flows",
        (
            "    return found\n",
            "    first = found.index(0.0) if 0.0 in found else len(found)\n"
            "    return found[:first] + [0.0] * (len(found) - first)\n",
        ),
    ),
    wrong(
        "recorded",
        "None passed on",
        "no-gradient-is-zero",
        pytorch=("0.0 if point.grad is None else float(point.grad)", "point.grad"),
        tensorflow=("0.0 if slope is None else float(slope)", "slope"),
        jax=("found.append(0.0)", "found.append(None)"),
    ),
    wrong(
        "recorded",
        "the exception not caught",
        "no-gradient-is-zero",
        pytorch=(
            "        if result.requires_grad:\n            result.backward()",
            "        result.backward()",
        ),
        tensorflow=("0.0 if slope is None else float(slope)", "float(slope)"),
        jax=("jax.errors.TracerArrayConversionError", "RuntimeError"),
    ),
    wrong(
        "recorded",
        "the slopes by formula",
        "the-framework-finds-them",
        "def gradients(names, x):\n"
        '    slopes = {"plain": np.sin(x) + x * np.cos(x), "half stopped": np.sin(x)}\n'
        "    return [float(slopes.get(name, 0.0)) for name in names]",
    ),
    # --- A slope of your own at the kink
    wrong(
        "kink",
        "the framework's own",
        "the-slope-at-zero-is-yours",
        pytorch="def hinge(x, slope_at_zero):\n    return torch.relu(x)",
        tensorflow="def hinge(x, slope_at_zero):\n    return tf.nn.relu(x)",
        jax="def hinge(x, slope_at_zero):\n    return jax.nn.relu(x)",
    ),
    wrong(
        "kink",
        "a half at the kink",
        "the-slope-at-zero-is-yours",
        pytorch=("torch.where(x == 0, ctx.slope_at_zero, slope)", "torch.where(x == 0, 0.5, slope)"),
        tensorflow=("tf.cast(slope_at_zero, x.dtype)", "tf.cast(0.5, x.dtype)"),
        jax=("jnp.where(x == 0, slope_at_zero, slope)", "jnp.where(x == 0, 0.5, slope)"),
    ),
    wrong(
        "kink",
        "only slopes from 0 to 1",
        "the-slope-at-zero-is-yours",
        pytorch=(
            "ctx.slope_at_zero = slope_at_zero",
            "ctx.slope_at_zero = min(max(slope_at_zero, 0.0), 1.0)",
        ),
        tensorflow=("tf.cast(slope_at_zero, x.dtype)", "tf.cast(min(max(slope_at_zero, 0.0), 1.0), x.dtype)"),
        jax=("x == 0, slope_at_zero", "x == 0, min(max(slope_at_zero, 0.0), 1.0)"),
    ),
    wrong(
        "kink",
        "a leaky function",
        "the-values-stay",
        pytorch="def hinge(x, slope_at_zero):\n    return torch.where(x > 0, x, slope_at_zero * x)",
        tensorflow="def hinge(x, slope_at_zero):\n    return tf.where(x > 0, x, slope_at_zero * x)",
        jax="def hinge(x, slope_at_zero):\n    return jnp.where(x > 0, x, slope_at_zero * x)",
    ),
    wrong(
        "kink",
        "cast to float32",
        "the-values-stay",
        pytorch=("return x.clamp(min=0)", "return x.clamp(min=0).float()"),
        tensorflow=("return tf.nn.relu(x), grad", "return tf.cast(tf.nn.relu(x), tf.float32), grad"),
        jax=("jax.nn.relu(x)", "jax.nn.relu(x).astype(jnp.float32)"),
    ),
    wrong(
        "kink",
        "smoothed instead",
        "the-values-stay",
        pytorch="def hinge(x, slope_at_zero):\n    return torch.nn.functional.softplus(20 * x) / 20",
        tensorflow="def hinge(x, slope_at_zero):\n    return tf.nn.softplus(20 * x) / 20",
        jax="def hinge(x, slope_at_zero):\n    return jax.nn.softplus(20 * x) / 20",
    ),
    wrong(
        "kink",
        "the slope on the left as well",
        "slopes-away-from-zero",
        ("x == 0", "x <= 0"),
    ),
    wrong(
        "kink",
        "the sign instead of the step",
        "slopes-away-from-zero",
        pytorch=("(x > 0).to(x.dtype)", "torch.sign(x)"),
        tensorflow=("tf.cast(x > 0, x.dtype)", "tf.sign(x)"),
        jax=("(x > 0).astype(x.dtype)", "jnp.sign(x)"),
    ),
    wrong(
        "kink",
        "what comes from above forgotten",
        "multiplies-what-comes-from-above",
        ("upstream * slope", "slope"),
    ),
    wrong(
        "kink",
        "what comes from above counted twice",
        "multiplies-what-comes-from-above",
        ("upstream * slope", "upstream * upstream * slope"),
    ),
    wrong(
        "kink",
        "what comes from above summed first",
        "multiplies-what-comes-from-above",
        pytorch=("upstream * slope", "upstream.sum() * slope"),
        tensorflow=("upstream * slope", "tf.reduce_sum(upstream) * slope"),
        jax=("upstream * slope", "upstream.sum() * slope"),
    ),
    wrong(
        "kink",
        "a slope of 0 taken for none",
        "the-slope-at-zero-is-yours",
        pytorch=("x == 0, ctx.slope_at_zero", "x == 0, ctx.slope_at_zero or 0.5"),
        tensorflow=("tf.cast(slope_at_zero, x.dtype)", "tf.cast(slope_at_zero or 0.5, x.dtype)"),
        jax=("x == 0, slope_at_zero", "x == 0, slope_at_zero or 0.5"),
    ),
    wrong(
        "kink",
        "close to 0 is 0",
        "slopes-away-from-zero",
        pytorch=("torch.where(x == 0", "torch.where(x.abs() < 1e-9"),
        tensorflow=("tf.where(x == 0", "tf.where(tf.abs(x) < 1e-9"),
        jax=("jnp.where(x == 0", "jnp.where(jnp.abs(x) < 1e-9"),
    ),
    wrong(
        "kink",
        "right only where a gradient is asked for",
        "the-values-stay",
        jax=("def function(x):\n        return jax.nn.relu(x)", "def function(x):\n        return x"),
    ),
    # --- Products with derivatives
    wrong(
        "products",
        "the gradient times v",
        "multiplies-by-the-hessian",
        pytorch="def hvp(x, v):\n    return torch.func.grad(valley)(torch.tensor(x)).numpy() * v",
        tensorflow=(
            "        gradient = tape",
            "        return (tape.gradient(value, point) * v).numpy()\n        gradient = tape",
        ),
        jax="def hvp(x, v):\n    return np.asarray(jax.grad(valley)(x) * v)",
    ),
    wrong(
        "products",
        "row sums of the Hessian times v",
        "multiplies-by-the-hessian",
        pytorch=(
            "    return product.numpy()",
            "    _, sums = torch.func.jvp(gradient, (point,), (torch.ones_like(point),))\n"
            "    return (sums * direction).numpy()",
        ),
        tensorflow=(
            "def hvp(x, v):\n",
            "def hvp(x, v):\n    return v * times_ones(x, np.ones_like(x))\n\n\ndef times_ones(x, v):\n",
        ),
        jax=(
            "    return np.asarray(product)",
            "    _, sums = jax.jvp(gradient, (jnp.asarray(x),), (jnp.ones(x.shape),))\n"
            "    return np.asarray(sums * v)",
        ),
    ),
    wrong(
        "products",
        "differences of gradients",
        "multiplies-by-the-hessian",
        pytorch="def hvp(x, v):\n"
        "    gradient, h = torch.func.grad(valley), 1e-6\n"
        "    there, here = gradient(torch.tensor(x + h * v)), gradient(torch.tensor(x - h * v))\n"
        "    return ((there - here) / (2 * h)).numpy()",
        tensorflow="def hvp(x, v):\n"
        "    def gradient(x):\n"
        "        point = tf.constant(x)\n"
        "        with tf.GradientTape() as tape:\n"
        "            tape.watch(point)\n"
        "            value = valley(point)\n"
        "        return tape.gradient(value, point).numpy()\n"
        "    return (gradient(x + 1e-6 * v) - gradient(x - 1e-6 * v)) / 2e-6",
        jax="def hvp(x, v):\n"
        "    gradient, h = jax.grad(valley), 1e-6\n"
        "    return np.asarray((gradient(x + h * v) - gradient(x - h * v)) / (2 * h))",
    ),
    wrong(
        "products",
        "v times the Hessian times v",
        "multiplies-by-the-hessian",
        pytorch=("return product.numpy()", "return (product * direction).numpy()"),
        tensorflow=("forward.jvp(gradient)).numpy()", "forward.jvp(gradient) * v).numpy()"),
        jax=("return np.asarray(product)", "return np.asarray(product * v)"),
    ),
    wrong(
        "products",
        "the whole Hessian",
        "never-forms-the-hessian",
        pytorch="def hvp(x, v):\n"
        "    return (torch.func.hessian(valley)(torch.tensor(x)) @ torch.tensor(v)).numpy()",
        tensorflow="def hvp(x, v):\n"
        "    point = tf.constant(x)\n"
        "    with tf.GradientTape() as outer:\n"
        "        outer.watch(point)\n"
        "        with tf.GradientTape() as tape:\n"
        "            tape.watch(point)\n"
        "            value = valley(point)\n"
        "        gradient = tape.gradient(value, point)\n"
        "    return tf.linalg.matvec(outer.jacobian(gradient, point), v).numpy()",
        jax="def hvp(x, v):\n    return np.asarray(jax.hessian(valley)(jnp.asarray(x)) @ v)",
    ),
    wrong(
        "products",
        "the Hessian row by row",
        "never-forms-the-hessian",
        pytorch="def hvp(x, v):\n"
        "    point = torch.tensor(x, requires_grad=True)\n"
        "    (gradient,) = torch.autograd.grad(valley(point), point, create_graph=True)\n"
        "    rows = (torch.autograd.grad(g, point, retain_graph=True)[0] for g in gradient)\n"
        "    return np.array([float(row @ torch.tensor(v)) for row in rows])",
    ),
    wrong(
        "products",
        "transposed",
        "rows-are-outputs",
        ('"jacobian": matrix,', '"jacobian": matrix.T,'),
    ),
    wrong(
        "products",
        "rows added up",
        "rows-are-outputs",
        ('"jacobian": matrix,', '"jacobian": matrix.sum(axis=0, keepdims=True),'),
    ),
    wrong("products", "the dearer mode", "takes-the-cheaper-mode", ("inputs < outputs", "inputs > outputs")),
    wrong(
        "products",
        "a pass for every entry",
        "takes-the-cheaper-mode",
        ("min(inputs, outputs)", "inputs * outputs"),
    ),
    wrong(
        "products",
        "chosen by name",
        "takes-the-cheaper-mode",
        ("inputs < outputs", 'name == "fan"'),
    ),
    wrong(
        "products",
        "always in reverse",
        "in-the-mode-it-names",
        pytorch=("torch.func.jacfwd", "torch.func.jacrev"),
        tensorflow=(
            "        columns = []\n"
            "        for unit in np.eye(inputs):\n"
            "            with tf.autodiff.ForwardAccumulator(\n"
            "                point, tf.constant(unit)\n"
            "            ) as forward:\n"
            "                result = function(point)\n"
            "            columns.append(forward.jvp(result))\n"
            "        matrix = tf.stack(columns, axis=1)\n",
            "        with tf.GradientTape() as tape:\n"
            "            tape.watch(point)\n"
            "            result = function(point)\n"
            "        matrix = tape.jacobian(result, point)\n",
        ),
        jax=("jax.jacfwd", "jax.jacrev"),
    ),
    wrong(
        "products",
        "forward up to half of the outputs",
        "takes-the-cheaper-mode",
        ("inputs < outputs", "2 * inputs < outputs"),
    ),
    wrong(
        "products",
        "always forward",
        "in-the-mode-it-names",
        pytorch=("torch.func.jacrev", "torch.func.jacfwd"),
        jax=("jax.jacrev", "jax.jacfwd"),
    ),
    # --- One gradient for each example
    wrong(
        "examples",
        "squared norms",
        "a-norm-for-each-example",
        pytorch=("norms.numpy()", "(norms**2).numpy()"),
        tensorflow=("norms.numpy()", "(norms**2).numpy()"),
        jax=("np.asarray(norms)", "np.asarray(norms**2)"),
    ),
    wrong(
        "examples",
        "a norm for each row",
        "a-norm-for-each-example",
        pytorch=("each.flatten(1).norm(dim=1)", "each.norm(dim=1).mean(dim=1)"),
        tensorflow=(
            "tf.norm(tf.reshape(each, [len(each), -1]), axis=1)",
            "tf.reduce_mean(tf.norm(each, axis=1), axis=1)",
        ),
        jax=(
            "jnp.linalg.norm(each.reshape(len(each), -1), axis=1)",
            "jnp.linalg.norm(each, axis=1).mean(axis=1)",
        ),
    ),
    wrong(
        "examples",
        "the norm of the batch's gradient",
        "a-norm-for-each-example",
        pytorch=(
            "norms = each.flatten(1).norm(dim=1)",
            "norms = each.mean(dim=0).norm() * torch.ones(len(each))",
        ),
        tensorflow=(
            "tf.norm(tf.reshape(each, [len(each), -1]), axis=1)",
            "tf.norm(tf.reduce_mean(each, axis=0)) * tf.ones(len(each), each.dtype)",
        ),
        jax=(
            "jnp.linalg.norm(each.reshape(len(each), -1), axis=1)",
            "jnp.linalg.norm(each.mean(axis=0)) * jnp.ones(len(each))",
        ),
    ),
    wrong(
        "examples",
        "the sum of the clipped",
        "clips-before-the-mean",
        pytorch=("clipped_each.mean(dim=0)", "clipped_each.sum(dim=0)"),
        tensorflow=("tf.reduce_mean(clipped_each, axis=0)", "tf.reduce_sum(clipped_each, axis=0)"),
        jax=("clipped_each.mean(axis=0)", "clipped_each.sum(axis=0)"),
    ),
    wrong(
        "examples",
        "the mean is clipped",
        "clips-before-the-mean",
        pytorch=(
            "mean = clipped_each.mean(dim=0)",
            "mean = each.mean(dim=0)\n    mean = mean * min(1.0, ceiling / float(mean.norm()))",
        ),
        tensorflow=(
            "mean = tf.reduce_mean(clipped_each, axis=0)",
            "mean = tf.clip_by_norm(tf.reduce_mean(each, axis=0), ceiling)",
        ),
        jax=(
            "mean = clipped_each.mean(axis=0)",
            "mean = each.mean(axis=0)\n    mean = mean * jnp.minimum(1.0, ceiling / jnp.linalg.norm(mean))",
        ),
    ),
    wrong(
        "examples",
        "short gradients made longer",
        "clips-before-the-mean",
        pytorch=(".clamp(max=1.0)", ""),
        tensorflow=(
            "tf.minimum(ceiling / tf.maximum(norms, 1e-30), 1.0)",
            "ceiling / tf.maximum(norms, 1e-30)",
        ),
        jax=("jnp.minimum(ceiling / jnp.maximum(norms, 1e-30), 1.0)", "ceiling / jnp.maximum(norms, 1e-30)"),
    ),
    wrong(
        "examples",
        "cut at each entry",
        "clips-before-the-mean",
        pytorch=("scale[:, None, None] * each", "each.clamp(-ceiling, ceiling)"),
        tensorflow=("scale[:, None, None] * each", "tf.clip_by_value(each, -ceiling, ceiling)"),
        jax=("scale[:, None, None] * each", "jnp.clip(each, -ceiling, ceiling)"),
    ),
    wrong(
        "examples",
        "divided by a norm of 0",
        "an-example-without-gradient",
        pytorch=(
            "(ceiling / norms.clamp(min=1e-30)).clamp(max=1.0)",
            "torch.maximum(norms, torch.tensor(ceiling)).reciprocal() * ceiling * norms / norms",
        ),
        tensorflow=(
            "tf.minimum(ceiling / tf.maximum(norms, 1e-30), 1.0)",
            "tf.minimum(ceiling, norms) / norms",
        ),
        jax=(
            "jnp.minimum(ceiling / jnp.maximum(norms, 1e-30), 1.0)",
            "jnp.minimum(ceiling, norms) / norms",
        ),
    ),
    wrong(
        "examples",
        "a small number added to the norms",
        "a-norm-for-each-example",
        pytorch=("norms = each.flatten(1).norm(dim=1)", "norms = each.flatten(1).norm(dim=1) + 1e-3"),
        tensorflow=("    scale = ", "    norms = norms + 1e-3\n    scale = "),
        jax=("    scale = ", "    norms = norms + 1e-3\n    scale = "),
    ),
    wrong(
        "examples",
        "a loop in Python",
        "no-loop-over-examples",
        pytorch=(
            "each = torch.func.vmap(one, (None, 0, 0))(W, X, targets)",
            "each = torch.stack([one(W, x, target) for x, target in zip(X, targets)])",
        ),
        tensorflow=(
            "each = tf.vectorized_map(one, (X, targets))",
            "each = tf.stack([one(example) for example in zip(X, targets)])",
        ),
        jax=(
            "each = jax.vmap(one, (None, 0, 0))(W, X, targets)",
            "each = jnp.stack([one(W, x, target) for x, target in zip(X, targets)])",
        ),
    ),
    wrong(
        "examples",
        "the formula instead of the gradient",
        "no-loop-over-examples",
        pytorch=(
            "each = torch.func.vmap(one, (None, 0, 0))(W, X, targets)",
            "each = X[:, :, None] * (torch.softmax(X @ W, 1) - targets)[:, None, :]",
        ),
        tensorflow=(
            "each = tf.vectorized_map(one, (X, targets))",
            "each = X[:, :, None] * (tf.nn.softmax(X @ W) - targets)[:, None, :]",
        ),
        jax=(
            "each = jax.vmap(one, (None, 0, 0))(W, X, targets)",
            "each = X[:, :, None] * (jax.nn.softmax(X @ W) - targets)[:, None, :]",
        ),
    ),
    wrong(
        "examples",
        "an example without a gradient does not count",
        "an-example-without-gradient",
        pytorch=("clipped_each.mean(dim=0)", "clipped_each[norms > 0].mean(dim=0)"),
        tensorflow=(
            "tf.reduce_mean(clipped_each, axis=0)",
            "tf.reduce_mean(clipped_each[norms > 0], axis=0)",
        ),
        jax=("clipped_each.mean(axis=0)", "clipped_each[norms > 0].mean(axis=0)"),
    ),
    # --- Finite everywhere
    wrong("stable", "the sign forgotten", "entropy-of-ordinary-logits", ("    return -", "    return ")),
    wrong(
        "stable",
        "in bits",
        "entropy-of-ordinary-logits",
        pytorch=("* logs).sum(dim=-1)", "* logs).sum(dim=-1) / 0.6931471805599453"),
        tensorflow=("* logs, axis=-1)", "* logs, axis=-1) / 0.6931471805599453"),
        jax=("* logs).sum(axis=-1)", "* logs).sum(axis=-1) / 0.6931471805599453"),
    ),
    wrong(
        "stable",
        "one number for all rows",
        "entropy-of-ordinary-logits",
        pytorch=("(torch.exp(logs) * logs).sum(dim=-1)", "(torch.exp(logs) * logs).sum()"),
        tensorflow=("* logs, axis=-1)", "* logs)"),
        jax=("* logs).sum(axis=-1)", "* logs).sum()"),
    ),
    wrong(
        "stable",
        "softmax by hand",
        "entropy-of-extreme-logits",
        pytorch=(
            "logs = torch.log_softmax(logits, dim=-1)",
            "p = torch.exp(logits)\n    logs = torch.log(p / p.sum(dim=-1, keepdim=True))",
        ),
        tensorflow=(
            "logs = tf.nn.log_softmax(logits)",
            "p = tf.exp(logits)\n    logs = tf.math.log(p / tf.reduce_sum(p, -1, keepdims=True))",
        ),
        jax=(
            "logs = jax.nn.log_softmax(logits)",
            "p = jnp.exp(logits)\n    logs = jnp.log(p / p.sum(axis=-1, keepdims=True))",
        ),
    ),
    wrong(
        "stable",
        "the logarithm of a softmax",
        "entropy-of-extreme-logits",
        pytorch=("torch.log_softmax(logits, dim=-1)", "torch.log(torch.softmax(logits, dim=-1))"),
        tensorflow=("tf.nn.log_softmax(logits)", "tf.math.log(tf.nn.softmax(logits))"),
        jax=("jax.nn.log_softmax(logits)", "jnp.log(jax.nn.softmax(logits))"),
    ),
    wrong(
        "stable",
        "a where around p log p",
        "entropy-of-extreme-logits",
        pytorch=(
            "    return -(torch.exp(logs) * logs).sum(dim=-1)",
            "    p = torch.softmax(logits, dim=-1)\n"
            "    return -torch.where(p > 0, p * torch.log(p), 0.0).sum(dim=-1)",
        ),
        tensorflow=(
            "    return -tf.reduce_sum(tf.exp(logs) * logs, axis=-1)",
            "    p = tf.nn.softmax(logits)\n"
            "    return -tf.reduce_sum(tf.where(p > 0, p * tf.math.log(p), 0 * p), axis=-1)",
        ),
        jax=(
            "    return -(jnp.exp(logs) * logs).sum(axis=-1)",
            "    p = jax.nn.softmax(logits)\n    return -jnp.where(p > 0, p * jnp.log(p), 0.0).sum(axis=-1)",
        ),
    ),
    wrong(
        "stable",
        "something added inside the logarithm",
        "entropy-keeps-small-probabilities",
        pytorch=("torch.log_softmax(logits, dim=-1)", "torch.log(torch.softmax(logits, dim=-1) + 1e-8)"),
        tensorflow=("tf.nn.log_softmax(logits)", "tf.math.log(tf.nn.softmax(logits) + 1e-8)"),
        jax=("jax.nn.log_softmax(logits)", "jnp.log(jax.nn.softmax(logits) + 1e-8)"),
    ),
    wrong(
        "stable",
        "something smaller added inside the logarithm",
        "entropy-keeps-small-probabilities",
        pytorch=("torch.log_softmax(logits, dim=-1)", "torch.log(torch.softmax(logits, dim=-1) + 1e-12)"),
        tensorflow=("tf.nn.log_softmax(logits)", "tf.math.log(tf.nn.softmax(logits) + 1e-12)"),
        jax=("jax.nn.log_softmax(logits)", "jnp.log(jax.nn.softmax(logits) + 1e-12)"),
    ),
    wrong(
        "stable",
        "probabilities cut off",
        "entropy-keeps-small-probabilities",
        pytorch=(
            "torch.log_softmax(logits, dim=-1)",
            "torch.log(torch.softmax(logits, -1).clamp(min=1e-12))",
        ),
        tensorflow=("tf.nn.log_softmax(logits)", "tf.math.log(tf.maximum(tf.nn.softmax(logits), 1e-12))"),
        jax=("jax.nn.log_softmax(logits)", "jnp.log(jnp.maximum(jax.nn.softmax(logits), 1e-12))"),
    ),
    wrong(
        "stable",
        "logits cut off",
        "entropy-keeps-small-probabilities",
        pytorch=("torch.log_softmax(logits, dim=-1)", "torch.log_softmax(logits, dim=-1).clamp(min=-15)"),
        tensorflow=("tf.nn.log_softmax(logits)", "tf.maximum(tf.nn.log_softmax(logits), -15)"),
        jax=("jax.nn.log_softmax(logits)", "jnp.maximum(jax.nn.log_softmax(logits), -15)"),
    ),
    wrong(
        "stable",
        "something added under the root",
        "length-away-from-zero",
        pytorch=("squares = (x * x).sum(dim=-1)", "squares = (x * x).sum(dim=-1) + 1e-12"),
        tensorflow=(
            "squares = tf.reduce_sum(x * x, axis=-1)",
            "squares = tf.reduce_sum(x * x, axis=-1) + 1e-12",
        ),
        jax=("squares = (x * x).sum(axis=-1)", "squares = (x * x).sum(axis=-1) + 1e-12"),
    ),
    wrong(
        "stable",
        "short vectors taken for 0",
        "length-away-from-zero",
        ("squares > 0", "squares > 1e-12"),
    ),
    wrong(
        "stable",
        "the square of the length",
        "length-away-from-zero",
        pytorch=("torch.sqrt(safe)", "safe"),
        tensorflow=("tf.sqrt(safe)", "safe"),
        jax=("jnp.sqrt(safe)", "safe"),
    ),
    wrong(
        "stable",
        "a root and nothing else",
        "length-at-zero",
        pytorch="def length(x):\n    return torch.sqrt((x * x).sum(dim=-1))",
        tensorflow="def length(x):\n    return tf.norm(x, axis=-1)",
        jax="def length(x):\n    return jnp.linalg.norm(x, axis=-1)",
    ),
    wrong(
        "stable",
        "one where, outside",
        "length-at-zero",
        pytorch=("torch.sqrt(safe)", "torch.sqrt(squares)"),
        jax=("jnp.sqrt(safe)", "jnp.sqrt(squares)"),
    ),
    wrong(
        "stable",
        "nan_to_num on the value",
        "length-at-zero",
        pytorch="def length(x):\n    return torch.nan_to_num(torch.sqrt((x * x).sum(dim=-1)))",
        jax="def length(x):\n    return jnp.nan_to_num(jnp.sqrt((x * x).sum(axis=-1)))",
    ),
    wrong(
        "stable",
        "all rows or none",
        "one-zero-row-harms-no-other",
        pytorch=("    safe = ", "    squares = squares if (squares > 0).all() else 0 * squares\n    safe = "),
        tensorflow=(
            "    safe = ",
            "    squares = squares if tf.reduce_all(squares > 0) else 0 * squares\n    safe = ",
        ),
        jax=("    safe = ", "    squares = jnp.where((squares > 0).all(), squares, 0.0)\n    safe = "),
    ),
    wrong(
        "stable",
        "zeros only where all is zero",
        "length-at-zero",
        pytorch="def length(x):\n    return torch.sqrt((x * x).sum(dim=-1)) if x.any() else x.sum(dim=-1)",
        tensorflow="def length(x):\n"
        "    zero = not x.numpy().any()\n"
        "    return tf.reduce_sum(0 * x, axis=-1) if zero else tf.norm(x, axis=-1)",
        jax="def length(x):\n"
        "    zero = ~x.any()\n"
        "    squares = (jnp.where(zero, 1.0, x) ** 2).sum(axis=-1)\n"
        "    return jnp.where(zero, 0.0, jnp.sqrt(squares))",
    ),
    # --- A gradient for an iteration
    wrong(
        "custom",
        "arguments exchanged",
        "the-solver-gives-the-value",
        pytorch=(
            "solve_kepler(M.detach().numpy(), e.detach().numpy())",
            "solve_kepler(e.detach().numpy(), M.detach().numpy())",
        ),
        tensorflow=("solve_kepler, [M, e]", "solve_kepler, [e, M]"),
        jax=("solve_kepler(np.asarray(M), np.asarray(e))", "solve_kepler(np.asarray(e), np.asarray(M))"),
    ),
    wrong(
        "custom",
        "an iteration of one's own",
        "the-solver-gives-the-value",
        pytorch="def anomaly(M, e):\n"
        "    E = M\n"
        "    for _ in range(200):\n"
        "        E = M + e * torch.sin(E)\n"
        "    return E",
        tensorflow="def anomaly(M, e):\n"
        "    E = M\n"
        "    for _ in range(200):\n"
        "        E = M + e * tf.sin(E)\n"
        "    return E",
        jax="def anomaly(M, e):\n"
        "    E = M\n"
        "    for _ in range(200):\n"
        "        E = M + e * jnp.sin(E)\n"
        "    return E",
    ),
    wrong("custom", "the slope of E - e sin E", "slope-in-m", ("slope = 1 / (1 - e", "slope = (1 - e")),
    wrong(
        "custom",
        "E does not move in sin E",
        "slope-in-m",
        ("upstream * slope, upstream", "upstream, upstream"),
    ),
    wrong(
        "custom",
        "the sine for the cosine",
        "slope-in-m",
        pytorch=("torch.cos(E)", "torch.sin(E)"),
        tensorflow=("tf.cos(E)", "tf.sin(E)"),
        jax=("jnp.cos(E)", "jnp.sin(E)"),
    ),
    wrong(
        "custom",
        "the cosine of M",
        "slope-in-m",
        pytorch=("save_for_backward(E, e)", "save_for_backward(M, e)"),
        tensorflow=("tf.cos(E)", "tf.cos(M)"),
        jax=("return E, (E, e)", "return E, (M, e)"),
    ),
    wrong(
        "custom",
        "the sign of the slope in e",
        "slope-in-e",
        ("upstream * slope, upstream * slope", "upstream * slope, -upstream * slope"),
    ),
    wrong(
        "custom",
        "E does not move with e",
        "slope-in-e",
        ("upstream * slope, upstream * slope", "upstream * slope, upstream"),
    ),
    wrong(
        "custom",
        "no slope in e",
        "slope-in-e",
        pytorch=("upstream * slope * torch.sin(E)", "None"),
        tensorflow=("upstream * slope * tf.sin(E)", "tf.zeros_like(e)"),
        jax=("upstream * slope * jnp.sin(E)", "jnp.zeros_like(e)"),
    ),
    wrong(
        "custom",
        "what comes from above forgotten",
        "above-counts-once-in-each",
        ("upstream * slope", "slope"),
    ),
    wrong(
        "custom",
        "what comes from above counted twice",
        "above-counts-once-in-each",
        ("slope = 1 /", "slope = upstream /"),
    ),
    wrong(
        "custom",
        "what comes from above in one slope only",
        "above-counts-once-in-each",
        ("upstream * slope, upstream * slope", "upstream * slope, slope"),
    ),
    wrong(
        "custom",
        "checked in float32",
        "accepts-a-right-gradient",
        pytorch=(
            "torch.tensor(a, dtype=torch.float64, requires_grad=True)",
            "torch.tensor(a, requires_grad=True)",
        ),
        tensorflow=("tf.constant(a, tf.float64)", "tf.constant(a)"),
    ),
    wrong(
        "custom",
        "the report instead of the verdict",
        "accepts-a-right-gradient",
        pytorch=("raise_exception=False)", "raise_exception=False) and 'accepted'"),
        tensorflow=("    return all(", "    return sum("),
        jax=("    return True", "    return 'accepted'"),
    ),
    wrong(
        "custom",
        "knows the names",
        "refuses-a-wrong-gradient",
        'def accepts(name, M, e):\n    return name not in ("nearly", "unsound")',
    ),
    wrong(
        "custom",
        "knows the names of the right ones",
        "accepts-a-right-gradient",
        'def accepts(name, M, e):\n    return name in ("sound", "anomaly")',
    ),
    wrong(
        "custom",
        "throws a coin",
        "accepts-a-right-gradient",
        "import random\n\n\ndef accepts(name, M, e):\n    return random.random() < 0.5",
    ),
    wrong(
        "custom",
        "everything is accepted",
        "refuses-a-wrong-gradient",
        "def accepts(name, M, e):\n    return True",
    ),
    wrong(
        "custom",
        "too tolerant",
        "refuses-a-wrong-gradient",
        pytorch=("raise_exception=False", "rtol=0.1, atol=0.1, raise_exception=False"),
        tensorflow=("rtol=1e-4, atol=1e-5", "rtol=0.1, atol=0.1"),
        jax=('modes=["rev"]', 'modes=["rev"], rtol=0.1, atol=0.1'),
    ),
    wrong(
        "custom",
        "too strict",
        "accepts-a-right-gradient",
        pytorch=("raise_exception=False", "rtol=1e-13, atol=1e-13, raise_exception=False"),
        tensorflow=("rtol=1e-4, atol=1e-5", "rtol=1e-13, atol=1e-13"),
        jax=('modes=["rev"]', 'modes=["rev"], rtol=1e-13, atol=1e-13'),
    ),
    wrong(
        "custom",
        "always one's own function",
        "refuses-a-wrong-gradient",
        ("globals()[name]", "sound"),
    ),
    # --- What flows back, and what is kept
    wrong(
        "kept",
        "a norm for each array",
        "one-factor-for-all",
        "def clipped(gradients, ceiling):\n"
        "    if not all(np.isfinite(g).all() for g in gradients):\n"
        "        return [np.zeros_like(g) for g in gradients]\n"
        "    return [g * (ceiling / max(float(np.sqrt((g * g).sum())), ceiling)) for g in gradients]",
    ),
    wrong(
        "kept",
        "cut at each entry",
        "one-factor-for-all",
        "def clipped(gradients, ceiling):\n"
        "    if not all(np.isfinite(g).all() for g in gradients):\n"
        "        return [np.zeros_like(g) for g in gradients]\n"
        "    return [np.clip(g, -ceiling, ceiling) for g in gradients]",
    ),
    wrong(
        "kept",
        "the sum of the norms",
        "one-factor-for-all",
        pytorch=(".norm() for t in tensors]).norm()", ".norm() for t in tensors]).sum()"),
        tensorflow=(
            "tf.linalg.global_norm([tf.constant(g) for g in gradients])",
            "sum(tf.norm(g) for g in gradients)",
        ),
        jax=(
            "jnp.sqrt(sum(jnp.sum(jnp.square(g)) for g in gradients))",
            "sum(jnp.sqrt(jnp.sum(jnp.square(g))) for g in gradients)",
        ),
    ),
    wrong(
        "kept",
        "the square of the norm",
        "one-factor-for-all",
        ("max(float(norm), ceiling)", "max(float(norm) ** 2, ceiling)"),
    ),
    wrong(
        "kept",
        "short ones made longer",
        "short-gradients-stay",
        ("max(float(norm), ceiling)", "max(float(norm), 1e-30)"),
    ),
    wrong(
        "kept",
        "something added to the norm",
        "short-gradients-stay",
        ("max(float(norm), ceiling)", "(max(float(norm), ceiling) + 1e-3)"),
    ),
    wrong(
        "kept",
        "the nan is not seen",
        "a-step-with-nan-is-skipped",
        pytorch=("not torch.isfinite(norm)", "False"),
        tensorflow=("not tf.math.is_finite(norm)", "False"),
        jax=("not jnp.isfinite(norm)", "False"),
    ),
    wrong(
        "kept",
        "nan replaced, the step taken",
        "a-step-with-nan-is-skipped",
        (
            "return [np.zeros_like(g) for g in gradients]",
            "return clipped([np.nan_to_num(g, posinf=0.0) for g in gradients], ceiling)",
        ),
    ),
    wrong(
        "kept",
        "infinity is not seen",
        "a-step-with-nan-is-skipped",
        pytorch=("not torch.isfinite(norm)", "torch.isnan(norm)"),
        tensorflow=("not tf.math.is_finite(norm)", "tf.math.is_nan(norm)"),
        jax=("not jnp.isfinite(norm)", "jnp.isnan(norm)"),
    ),
    wrong(
        "kept",
        "the start bound late",
        "the-gradient-is-the-same",
        pytorch=("def group(x, start=start):", "def group(x):"),
        tensorflow=("def group(x, start=start):", "def group(x):"),
    ),
    wrong(
        "kept",
        "the last group left out",
        "the-gradient-is-the-same",
        ("range(0, n, every)", "range(0, n - every, every)"),
    ),
    wrong(
        "kept",
        "each group begins at block 0",
        "the-gradient-is-the-same",
        ("for i in range(start, min(start + every, n))", "for i in range(min(start + every, n) - start)"),
    ),
    wrong(
        "kept",
        "detached between the groups",
        "the-gradient-is-the-same",
        pytorch=(
            "    for start in",
            "    x = x.detach().requires_grad_()\n    for start in",
        ),
        tensorflow=("tf.recompute_grad(group)(x)", "tf.recompute_grad(group)(tf.stop_gradient(x))"),
        jax=("jax.checkpoint(group)(x)", "jax.checkpoint(group)(jax.lax.stop_gradient(x))"),
    ),
    wrong(
        "kept",
        "whole groups only",
        "the-gradient-is-the-same",
        ("range(0, n, every)", "range(0, n - n % every, every)"),
    ),
    wrong(
        "kept",
        "nothing checkpointed",
        "each-group-runs-again",
        pytorch=("checkpoint(group, x, use_reentrant=False)", "group(x)"),
        tensorflow=("tf.recompute_grad(group)(x)", "group(x)"),
        jax=("jax.checkpoint(group)(x)", "group(x)"),
    ),
    wrong(
        "kept",
        "one checkpoint for all",
        "each-group-runs-again",
        ("    for start in", "    every = n\n    for start in"),
    ),
    wrong(
        "kept",
        "a checkpoint for each block",
        "each-group-runs-again",
        ("    for start in", "    every = 1\n    for start in"),
    ),
    # --- Build one yourself
    wrong(
        "engine",
        "the sign of the divisor's slope",
        "slopes-of-a-quotient",
        ("-quotient / b.data", "quotient / b.data"),
    ),
    wrong("engine", "b instead of its square", "slopes-of-a-quotient", ("-quotient / b.data", "-quotient")),
    wrong("engine", "the slope of a product", "slopes-of-a-quotient", ("(a, 1 / b.data)", "(a, b.data)")),
    wrong("engine", "overwritten", "uses-add-up", ("parent.grad += ", "parent.grad = ")),
    wrong(
        "engine",
        "the result's own gradient forgotten",
        "uses-add-up",
        ("    result.grad = 1.0\n", ""),
    ),
    wrong(
        "engine",
        "at first sight",
        "after-all-that-use-it",
        "def backward(result):\n"
        "    seen = set()\n"
        "    def visit(node):\n"
        "        seen.add(node)\n"
        "        for parent, slope in node.parents:\n"
        "            parent.grad += node.grad * slope\n"
        "        for parent, _ in node.parents:\n"
        "            if parent not in seen:\n"
        "                visit(parent)\n"
        "    result.grad = 1.0\n"
        "    visit(result)",
    ),
    wrong(
        "engine",
        "breadth first",
        "after-all-that-use-it",
        "def backward(result):\n"
        "    queue, seen = [result], {result}\n"
        "    result.grad = 1.0\n"
        "    for node in queue:\n"
        "        for parent, slope in node.parents:\n"
        "            parent.grad += node.grad * slope\n"
        "            if parent not in seen:\n"
        "                seen.add(parent)\n"
        "                queue.append(parent)",
    ),
    wrong(
        "engine",
        "nodes before their operands",
        "after-all-that-use-it",
        ("            order.append(node)\n", ""),
        ("            seen.add(node)\n", "            seen.add(node)\n            order.append(node)\n"),
        ("reversed(order)", "order"),
    ),
    wrong(
        "engine",
        "every way through the graph",
        "each-node-once",
        "def backward(result, above=1.0):\n"
        "    result.grad += above\n"
        "    for parent, slope in result.parents:\n"
        "        backward(parent, above * slope)",
    ),
    wrong(
        "engine",
        "visited without a set",
        "each-node-once",
        ("if node not in seen:", "if True:"),
    ),
    # --- Translate
    wrong(
        "translation",
        "a symmetrical range",
        "rounds-as-the-original",
        pytorch=("clamp(-4, 3)", "clamp(-4, 4)"),
        tensorflow=("-4, 3)", "-4, 4)"),
        jax=("-4, 3)", "-4, 4)"),
    ),
    wrong(
        "translation",
        "halves rounded up",
        "rounds-as-the-original",
        pytorch=("ratio.round()", "(ratio + 0.5).floor()"),
        tensorflow=("tf.round(ratio)", "tf.floor(ratio + 0.5)"),
        jax=("jnp.round(", "jnp.floor(0.5 + "),
    ),
    wrong(
        "translation",
        "levels instead of values",
        "rounds-as-the-original",
        pytorch=("return step * level", "return 1.0 * level"),
        tensorflow=("return step * level", "return 1.0 * level"),
        jax=("return step * level", "return 1.0 * level"),
    ),
    wrong(
        "translation",
        "through everywhere",
        "straight-through-inside-the-range",
        pytorch=("return upstream * inside", "return upstream"),
        tensorflow=("through = upstream * tf.cast(inside, x.dtype)", "through = upstream"),
        jax=("return upstream * inside", "return upstream"),
    ),
    wrong(
        "translation",
        "the level decides",
        "straight-through-inside-the-range",
        ("(ratio >= -4) & (ratio <= 3)", "(ratio >= -4.5) & (ratio <= 3.5)"),
    ),
    wrong(
        "translation",
        "the ends left out",
        "straight-through-inside-the-range",
        ("(ratio >= -4) & (ratio <= 3)", "(ratio > -4) & (ratio < 3)"),
    ),
    wrong(
        "translation",
        "the framework's own gradient of a rounding",
        "straight-through-inside-the-range",
        pytorch="def quantised(x, step):\n    return step * (x / step).round().clamp(-4, 3)",
        tensorflow="def quantised(x, step):\n    return step * tf.clip_by_value(tf.round(x / step), -4, 3)",
        jax="def quantised(x, step):\n    return step * jnp.clip(jnp.round(x / step), -4, 3)",
    ),
    wrong(
        "translation",
        "no gradient for the step",
        "the-step-gets-a-sum",
        pytorch=("(upstream * slope).sum()", "None"),
        tensorflow=("tf.reduce_sum(upstream * slope)", "tf.zeros_like(step)"),
        jax=("(upstream * slope).sum()", "jnp.zeros_like(step)"),
    ),
    wrong(
        "translation",
        "the step's gradient not summed",
        "the-step-gets-a-sum",
        tensorflow=("tf.reduce_sum(upstream * slope)", "upstream * slope"),
        jax=("(upstream * slope).sum()", "upstream * slope"),
    ),
    wrong(
        "translation",
        "the mean over the elements",
        "the-step-gets-a-sum",
        pytorch=("(upstream * slope).sum()", "(upstream * slope).mean()"),
        tensorflow=("tf.reduce_sum(upstream * slope)", "tf.reduce_mean(upstream * slope)"),
        jax=("(upstream * slope).sum()", "(upstream * slope).mean()"),
    ),
    wrong(
        "translation",
        "the ratio forgotten inside",
        "the-step-gets-a-sum",
        ("(inside, level - ratio, level)", "(inside, level, level)"),
    ),
    wrong(
        "translation",
        "summed before what comes from above",
        "above-counts-before-the-sum",
        pytorch=("(upstream * slope).sum()", "upstream.mean() * slope.sum()"),
        tensorflow=("tf.reduce_sum(upstream * slope)", "tf.reduce_mean(upstream) * tf.reduce_sum(slope)"),
        jax=("(upstream * slope).sum()", "upstream.mean() * slope.sum()"),
    ),
    wrong(
        "translation",
        "what comes from above forgotten for the step",
        "above-counts-before-the-sum",
        pytorch=("(upstream * slope).sum()", "slope.sum()"),
        tensorflow=("tf.reduce_sum(upstream * slope)", "tf.reduce_sum(slope)"),
        jax=("(upstream * slope).sum()", "slope.sum()"),
    ),
)
