"""Other right answers to the exercises on distributed training, which every check accepts."""

from triptych.grading.checks.mistakes import right

RIGHT = (
    right(
        "accumulate",
        "compiled once",
        pytorch="slope_of = torch.func.grad_and_value(lambda *given: losses(*given).sum(), (0, 1))\n\n\n"
        "def accumulated(w, b, x, y, sizes):\n"
        "    arrays, sums = [torch.tensor(a) for a in (w, b, x, y)], []\n"
        "    for rows in torch.arange(len(x)).split(sizes):\n"
        "        (dw, db), loss = slope_of(*arrays[:2], arrays[2][rows], arrays[3][rows])\n"
        "        sums.append((float(loss) / len(x), dw.numpy() / len(x), db.numpy() / len(x)))\n"
        "    loss, w, b = map(sum, zip(*sums))\n"
        "    return {'loss': loss, 'w': w, 'b': b}",
        tensorflow="@tf.function\ndef slope_of(w, b, x, y):\n"
        "    with tf.GradientTape() as tape:\n        tape.watch([w, b])\n"
        "        loss = tf.reduce_sum(losses(w, b, x, y))\n"
        "    return [loss, *tape.gradient(loss, [w, b])]\n\n\n"
        "def accumulated(w, b, x, y, sizes):\n"
        "    parts = zip(np.split(x, np.cumsum(sizes)[:-1]), np.split(y, np.cumsum(sizes)[:-1]))\n"
        "    sums = [slope_of(*map(tf.constant, (w, b, *part))) for part in parts]\n"
        "    loss, w, b = (np.sum(part, axis=0) / len(x) for part in zip(*sums))\n"
        "    return {'loss': float(loss), 'w': w, 'b': b}",
        jax="slope_of = jax.jit(jax.value_and_grad(lambda *given: losses(*given).sum(), (0, 1)))\n\n\n"
        "def accumulated(w, b, x, y, sizes):\n"
        "    parts = zip(np.split(x, np.cumsum(sizes)[:-1]), np.split(y, np.cumsum(sizes)[:-1]))\n"
        "    losses_, slopes = zip(*(slope_of(w, b, *part) for part in parts))\n"
        "    dw, db = (np.sum(part, axis=0) / len(x) for part in zip(*slopes))\n"
        "    return {'loss': float(sum(losses_)) / len(x), 'w': dw, 'b': db}",
    ),
    right(
        "launch",
        "looped",
        "def placed(hosts):\n"
        "    seen, found = set(), []\n"
        "    for name, count in hosts:\n"
        "        if name in seen or count <= 0:\n"
        "            raise ValueError(f'bad host {name!r}')\n"
        "        seen.add(name)\n"
        "        for i in range(count):\n            found.append((name, i))\n"
        "    if not found:\n        raise ValueError('nothing to start')\n    return found",
    ),
    right(
        "ring",
        "the complete chunk is the own one",
        "def ring_all_reduce(worker, x):\n"
        "    n, me = worker.size, worker.rank\n"
        "    parts = dict(enumerate(np.array_split(x.copy(), n)))\n"
        "    for step in range(2 * (n - 1)):\n"
        "        worker.send((me + 1) % n, parts[(me - step - 1) % n])\n"
        "        got, k = worker.recv((me - 1) % n), (me - step - 2) % n\n"
        "        parts[k] = parts[k] + got if step < n - 1 else got\n"
        "    return np.concatenate([parts[k] for k in range(n)])",
    ),
    right(
        "missing",
        "one message for all",
        pytorch=(
            "dw, db = map(worker.all_reduce, torch.autograd.grad(loss, (w, b)))",
            "flat = torch.cat([g.ravel() for g in torch.autograd.grad(loss, (w, b))])\n"
            "    flat = worker.all_reduce(flat)\n"
            "    dw, db = flat[:w.numel()].reshape(w.shape), flat[w.numel():]",
        ),
        tensorflow=(
            "dw, db = map(worker.all_reduce, tape.gradient(loss, [w, b]))",
            "flat = tf.concat([tf.reshape(g, [-1]) for g in tape.gradient(loss, [w, b])], 0)\n"
            "    flat = worker.all_reduce(flat)\n"
            "    dw, db = flat[:-len(b)].reshape(w.shape), flat[-len(b):]",
        ),
        jax=(
            "dw, db = map(worker.all_reduce, grads)",
            "flat = worker.all_reduce(jnp.concatenate([g.ravel() for g in grads]))\n"
            "    dw, db = flat[:-len(b)].reshape(w.shape), flat[-len(b):]",
        ),
    ),
    right(
        "resume",
        "numbered checkpoints, the last that can be read",
        (
            '    if "checkpoint" in disk.names():\n'
            '        state = disk.read("checkpoint")\n'
            '        taken, w, v = int(state["taken"]), state["w"], state["v"]\n',
            "    for name in sorted(disk.names(), key=int):\n"
            "        try:\n            state = disk.read(name)\n"
            "        except ValueError:\n            continue\n"
            '        taken, w, v = int(name), state["w"], state["v"]\n',
        ),
        (
            'disk.write("new", {"taken": taken, "w": w, "v": v})\n'
            '            disk.rename("new", "checkpoint")',
            'disk.write(str(taken), {"w": w, "v": v})',
        ),
    ),
    right(
        "bubble",
        "counted in two numbers",
        "def order(kind, stages, stage, micro):\n"
        "    ahead = micro if kind == 'gpipe' else stages - stage\n"
        "    tasks, f, b = [], 0, 0\n"
        "    while b < micro:\n"
        "        if f < micro and f - b < ahead:\n"
        "            tasks.append(f'F{f}')\n            f += 1\n"
        "        else:\n            tasks.append(f'B{b}')\n            b += 1\n"
        "    return tasks",
    ),
    right(
        "translation",
        "a worker each",
        pytorch=(
            "own = torch.stack([change_of(*shard) for shard in zip(x, y)])",
            "own = torch.stack([change_of(x[r], y[r]) for r in reversed(range(len(x)))])",
        ),
        tensorflow=("tf.add_n(own) / len(own)", "tf.reduce_mean(tf.stack(own), 0)"),
        jax=("jax.jit(on_all, static_argnums=5)", "on_all"),
    ),
)
