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
    # --- Tell every worker
    right(
        "launch",
        "a comprehension, and the rank counted up",
        ("    names = [name for name, count in hosts]\n", "    names = list(dict(hosts))\n"),
        (
            '        if names.count(name) > 1:\n            raise ValueError(f"{name} is listed twice")\n',
            "        if len(names) < len(hosts) and sum(name == other for other, _ in hosts) > 1:\n"
            '            raise ValueError(f"{hosts}: {name} twice")\n',
        ),
        "def jax_distributed(hosts, port):\n"
        "    given, places = [], placed(hosts)\n"
        "    while len(given) < len(places):\n"
        "        given.append(dict(process_id=len(given), num_processes=len(places),\n"
        "                          coordinator_address='%s:%d' % (hosts[0][0], port)))\n"
        "    return given",
    ),
    right(
        "launch",
        "with NumPy's numbers",
        "def placed(hosts):\n"
        "    names, counts = [h[0] for h in hosts], np.array([h[1] for h in hosts], int)\n"
        "    for name, count in zip(names, counts):\n"
        "        if names.count(name) != 1 or not count > 0:\n"
        "            raise ValueError('impossible: ' + name)\n"
        "    if not hosts:\n        raise ValueError('nobody')\n"
        "    local = np.concatenate([np.arange(count) for count in counts])\n"
        "    return list(zip(np.repeat(names, counts).tolist(), local))",
    ),
    right(
        "launch",
        "each launcher by itself, an environment with more in it",
        "import os\n\n\n"
        "def torchrun(hosts, port):\n"
        "    placed(hosts)\n"
        "    world, told = str(sum(count for _, count in hosts)), []\n"
        "    for name, count in hosts:\n"
        "        for local in range(count):\n"
        "            told.append({'RANK': f'{len(told)}', 'LOCAL_RANK': f'{local}', 'WORLD_SIZE': world,\n"
        "                         'LOCAL_WORLD_SIZE': f'{count}', 'MASTER_ADDR': hosts[0][0],\n"
        "                         'MASTER_PORT': f'{port}'})\n"
        "    return tuple(told)\n\n\n"
        "def tf_config(hosts, port):\n"
        "    placed(hosts)\n"
        "    addresses = []\n"
        "    for name, count in hosts:\n"
        "        addresses += [name + ':' + str(port + i) for i in range(count)]\n"
        "    cluster = {'worker': addresses}\n"
        "    return [json.dumps({'task': {'index': i, 'type': 'worker'}, 'cluster': cluster}, indent=1)\n"
        "            for i, _ in enumerate(addresses)]",
    ),
    right(
        "launch",
        "a generator, emptied into a list",
        "class Impossible(ValueError):\n    pass\n\n\n"
        "def each(hosts):\n"
        "    known = []\n"
        "    for name, count in hosts:\n"
        "        if name in known:\n            raise Impossible(f'twice: {name}')\n"
        "        if count <= 0:\n            raise Impossible(f'{name}: {count}')\n"
        "        known.append(name)\n"
        "        yield from ([name, i] for i in range(count))\n\n\n"
        "def placed(hosts):\n"
        "    places = list(each(hosts))\n"
        "    if len(places) == 0:\n        raise Impossible('no hosts')\n    return places",
    ),
    # --- Who holds what?
    right(
        "holds",
        "rows dealt out one piece after the other",
        "def shares(length, n):\n"
        "    left, most, got = length, math.ceil(length / n), []\n"
        "    for _ in range(n):\n"
        "        got.append(min(most, left))\n        left -= got[-1]\n    return got",
    ),
    right(
        "holds",
        "with NumPy's numbers",
        "def shares(length, n):\n"
        "    most = (length + n - 1) // n\n"
        "    return np.clip(length - most * np.arange(n), 0, most)\n\n\n"
        "def held(shapes, n, stage):\n"
        "    whole = np.full(n, 4 * sum(np.prod(s) for s in shapes))\n"
        "    part = 4 * sum(shares(s[0], n) * np.prod(s[1:], dtype=int) for s in shapes)\n"
        "    kinds = {'weights': 3, 'gradients': 2, 'moments': 1}\n"
        "    chosen = {k: part if stage >= at else whole for k, at in kinds.items()}\n"
        "    return [{k: (2 if k == 'moments' else 1) * v[r] for k, v in chosen.items()} for r in range(n)]",
    ),
    right(
        "holds",
        "in floats",
        "def sent(shapes, n, stage):\n"
        "    size = 4.0 * np.sum([np.prod(shape) for shape in shapes])\n"
        "    half = size - size / n\n"
        "    return {0: half + half, 1: half + half, 2: half + half}.get(stage, half + half + half)\n\n\n"
        "def shares(length, n):\n"
        "    most = math.ceil(length / n)\n"
        "    return [float(len(range(length)[r * most:(r + 1) * most])) for r in range(n)]",
    ),
    right(
        "holds",
        "stages tried with next, the first worker is the fullest",
        "def smallest_stage(shapes, n, limit):\n"
        "    fits = (k for k in range(4) if sum(held(shapes, n, k)[0].values()) <= limit)\n"
        "    return next(fits, None)",
    ),
    right(
        "holds",
        "stages tried from the last",
        "def smallest_stage(shapes, n, limit):\n"
        "    found = None\n"
        "    for stage in (3, 2, 1, 0):\n"
        "        all_kinds = [w['weights'] + w['gradients'] + w['moments'] for w in held(shapes, n, stage)]\n"
        "        if max(all_kinds) <= limit:\n"
        "            found = stage\n    return found",
    ),
    # --- What does it cost?
    right(
        "cost",
        "logarithms rounded up",
        ("(n - 1).bit_length()\n    return rounds * (l", "math.ceil(math.log2(n))\n    return rounds * (l"),
        "def crossover(n, latency, bandwidth):\n"
        "    k = np.ceil(np.log2(n))\n"
        "    return max(0, (n - 1 - k) * latency / (k / bandwidth - (n - 1) / n / bandwidth))",
    ),
    right(
        "cost",
        "rounds counted in a loop, the crossover searched for",
        "def tree_time(n, size, latency, bandwidth):\n"
        "    rounds, reached = 0, 1\n"
        "    while reached < n:\n        reached, rounds = 2 * reached, rounds + 1\n"
        "    return sum(latency + size / bandwidth for _ in range(2 * rounds))\n\n\n"
        "def crossover(n, latency, bandwidth):\n"
        "    def behind(size):\n"
        "        return ring_time(n, size, latency, bandwidth) - tree_time(n, size, latency, bandwidth)\n\n"
        "    if behind(0) <= 0:\n        return 0\n"
        "    low, high = 0.0, 1.0\n"
        "    while behind(high) > 0:\n        high *= 2\n"
        "    for _ in range(200):\n"
        "        middle = (low + high) / 2\n"
        "        low, high = (middle, high) if behind(middle) > 0 else (low, middle)\n"
        "    return high",
    ),
    right(
        "cost",
        "lstsq, and 0-d results",
        "def fitted(n, sizes, times):\n"
        "    steps = 2 * (n - 1)\n"
        "    table = np.stack([np.full(len(sizes), steps), steps * sizes / n], 1)\n"
        "    (latency, each), *_ = np.linalg.lstsq(table, times, rcond=None)\n"
        "    return {'latency': np.array(latency), 'bandwidth': np.array(1 / each)}\n\n\n"
        "def server_time(n, size, latency, bandwidth):\n"
        "    return np.array(n * (latency + size / bandwidth) * 2)",
    ),
    right(
        "cost",
        "the line of least squares by hand",
        "def fitted(n, sizes, times):\n"
        "    apart = sizes - sizes.mean()\n"
        "    slope = (apart * (times - times.mean())).sum() / (apart**2).sum()\n"
        "    start = times.mean() - slope * sizes.mean()\n"
        "    return dict(bandwidth=(2 - 2 / n) / slope, latency=start / 2 / (n - 1))",
    ),
    right(
        "cost",
        "an event for each gradient",
        "def step_time(forward, backward, sizes, n, latency, bandwidth):\n"
        "    ready = forward + np.cumsum(backward[::-1])\n"
        "    free = 0.0\n"
        "    for when, size in zip(ready, reversed(sizes)):\n"
        "        free = max(when, free)\n"
        "        free += ring_time(n, size, latency, bandwidth)\n"
        "    return max(free, ready[-1])",
    ),
    # --- Ring all-reduce
    right(
        "ring",
        "one buffer, cut by offsets, in place",
        "def ring_all_reduce(worker, x):\n"
        "    n, r = worker.size, worker.rank\n"
        "    ends = np.cumsum([0] + [len(part) for part in np.array_split(x, n)])\n"
        "    for t in range(2 * n - 2):\n"
        "        out, into = (r - t) % n, (r - t - 1) % n\n"
        "        worker.send((r + 1) % n, x[ends[out]:ends[out + 1]])\n"
        "        got = worker.recv((r - 1) % n)\n"
        "        own = x[ends[into]:ends[into + 1]]\n"
        "        own[...] = own + got if t < n - 1 else got\n"
        "    return x",
    ),
    right(
        "ring",
        "cut at places reckoned by hand",
        "def ring_all_reduce(worker, x):\n"
        "    n, me = worker.size, worker.rank\n"
        "    cuts = [len(x) * k // n for k in range(n + 1)]\n"
        "    chunks = [x[a:b] for a, b in zip(cuts, cuts[1:])]\n"
        "    for i in range(n - 1):\n"
        "        worker.send((me + 1) % n, chunks[me - i])\n"
        "        chunks[me - i - 1] = chunks[me - i - 1] + worker.recv((me - 1) % n)\n"
        "    for i in range(n - 1):\n"
        "        worker.send((me + 1) % n, chunks[(me - i + 1) % n])\n"
        "        chunks[me - i] = worker.recv((me - 1) % n)\n"
        "    return np.hstack(chunks)",
    ),
    right(
        "ring",
        "empty chunks are not sent",
        "def ring_all_reduce(worker, x):\n"
        "    n, me = worker.size, worker.rank\n"
        "    chunks = np.array_split(x, n)\n\n"
        "    def passed(k):\n"
        "        if len(chunks[k]):\n            worker.send((me + 1) % n, chunks[k])\n"
        "        k = (k - 1) % n\n"
        "        return k, worker.recv((me - 1) % n) if len(chunks[k]) else chunks[k]\n\n"
        "    k = me\n"
        "    for _ in range(n - 1):\n"
        "        k, got = passed(k)\n        chunks[k] = chunks[k] + got\n"
        "    for _ in range(n - 1):\n"
        "        k, got = passed(k)\n        chunks[k] = got\n"
        "    return np.concatenate(chunks)",
    ),
    right(
        "ring",
        "leaves, one if after the other, lists",
        "def leaves(collective, arrays):\n"
        "    everybody = range(len(arrays))\n"
        "    if collective == 'broadcast':\n        return tuple(arrays[0].copy() for _ in everybody)\n"
        "    if collective == 'all_gather':\n"
        "        return [np.vstack(arrays) if arrays[0].ndim > 1 else np.hstack(arrays) for _ in everybody]\n"
        "    total = np.sum(arrays, axis=0)\n"
        "    if collective == 'all_reduce':\n        return [total for _ in everybody]\n"
        "    rows = len(total) // len(arrays)\n"
        "    return [total[r * rows:(r + 1) * rows] for r in everybody]",
    ),
    # --- The bubble
    right(
        "bubble",
        "1F1B as a loop of turns",
        "def order(kind, stages, stage, micro):\n"
        "    if kind == 'gpipe':\n"
        "        return tuple('F%d' % i for i in range(micro)) + tuple('B%d' % i for i in range(micro))\n"
        "    warm = min(stages - stage - 1, micro)\n"
        "    tasks = ['F%d' % i for i in range(warm)]\n"
        "    for i in range(micro):\n"
        "        if warm + i < micro:\n            tasks.append('F%d' % (warm + i))\n"
        "        tasks.append('B%d' % i)\n    return tasks",
    ),
    right(
        "bubble",
        "a time line by recursion",
        "import functools\n\n\n"
        "def timeline(orders, forward, backward):\n"
        "    place = {(s, t): k for s, tasks in enumerate(orders) for k, t in enumerate(tasks)}\n"
        "    known, open_ = {}, set()\n\n"
        "    def end(s, task):\n"
        "        if (s, task) not in known:\n"
        "            if (s, task) in open_ or (s, task) not in place:\n"
        "                raise ValueError(f'deadlock at {task} of stage {s}')\n"
        "            open_.add((s, task))\n"
        "            k, needs = place[s, task], []\n"
        "            if k:\n                needs.append((s, orders[s][k - 1]))\n"
        "            if task[0] == 'F' and s:\n                needs.append((s - 1, task))\n"
        "            if task[0] == 'B':\n"
        "                needs.append((s + 1, task) if s + 1 < len(orders) else (s, 'F' + task[1:]))\n"
        "                needs.append((s, 'F' + task[1:]))\n"
        "            begin = max((end(*need) for need in needs), default=0)\n"
        "            known[s, task] = begin + (forward if task[0] == 'F' else backward)\n"
        "        return known[s, task]\n\n"
        "    took = {'F': forward, 'B': backward}\n"
        "    starts = [[end(s, t) - took[t[0]] for t in tasks] for s, tasks in enumerate(orders)]\n"
        "    return {'length': max(known.values()), 'start': starts}",
    ),
    right(
        "bubble",
        "a clock that goes from event to event, NumPy's numbers",
        "def timeline(orders, forward, backward):\n"
        "    p = len(orders)\n"
        "    ends, at = {}, np.zeros(p, int)\n"
        "    starts = [np.zeros(len(tasks)) for tasks in orders]\n"
        "    free = np.zeros(p)\n"
        "    while (at < [len(tasks) for tasks in orders]).any():\n"
        "        moved = False\n"
        "        for s in range(p):\n"
        "            if at[s] == len(orders[s]):\n                continue\n"
        "            task = orders[s][at[s]]\n"
        "            need = (s - 1, task) if task[0] == 'F' else (s + 1, task)\n"
        "            if need[0] == p:\n                need = (s, 'F' + task[1:])\n"
        "            if need[0] >= 0 and need not in ends:\n                continue\n"
        "            starts[s][at[s]] = max(free[s], ends.get(need, 0.0))\n"
        "            free[s] = starts[s][at[s]] + (forward if task[0] == 'F' else backward)\n"
        "            ends[s, task] = free[s]\n"
        "            at[s] += 1\n            moved = True\n"
        "        if not moved:\n            raise ValueError('a deadlock')\n"
        "    return {'start': starts, 'length': free.max()}",
    ),
    right(
        "bubble",
        "idle seconds of each stage",
        "def bubble(orders, forward, backward):\n"
        "    length = timeline(orders, forward, backward)['length']\n"
        "    took = {'F': forward, 'B': backward}\n"
        "    idle = [length - sum(took[t[0]] for t in tasks) for tasks in orders]\n"
        "    return np.mean(idle) / length",
    ),
    right(
        "bubble",
        "kept in a set",
        "def kept(tasks):\n"
        "    here, sizes = set(), [0]\n"
        "    for task in tasks:\n"
        "        (here.add if task[0] == 'F' else here.discard)(task[1:])\n"
        "        sizes.append(len(here))\n"
        "    return np.int64(max(sizes))",
    ),
    # --- Accumulate the gradient
    right(
        "accumulate",
        "means weighted by the rows",
        pytorch=(".sum() / len(x)", ".mean() * (len(x_i) / len(x))"),
        tensorflow=(
            "tf.reduce_sum(losses(w, b, x_i, y_i)) / len(x)",
            "tf.reduce_mean(losses(w, b, x_i, y_i)) * (len(x_i) / len(x))",
        ),
        jax=(".sum() / len(x)", ".mean() * (len(x_i) / len(x))"),
    ),
    right(
        "accumulate",
        "a 0-d loss, the weights changed in place",
        ('{"loss": total, ', '{"loss": np.array(total), '),
        "def grouped(w, b, x, y, sizes, every, rate):\n"
        "    ends, updates = np.cumsum([0, *sizes]), np.int64(0)\n"
        "    for first in range(0, len(sizes), every):\n"
        "        last = min(first + every, len(sizes))\n"
        "        rows = slice(ends[first], ends[last])\n"
        "        slope = accumulated(w, b, x[rows], y[rows], sizes[first:last])\n"
        "        w -= rate * slope['w']\n        b -= rate * slope['b']\n        updates += 1\n"
        "    return {'updates': updates, 'w': w, 'b': b}",
    ),
    right(
        "accumulate",
        "sums of squares",
        "def merged(counts, means, variances):\n"
        "    share = np.array(counts) / np.sum(counts)\n"
        "    mean = share @ means\n"
        "    return {'mean': mean, 'variance': share @ (variances + means**2) - mean**2}",
    ),
    right(
        "accumulate",
        "one micro-batch merged after the other, lists",
        "def merged(counts, means, variances):\n"
        "    rows, mean, variance = 0, np.zeros(means.shape[1]), np.zeros(means.shape[1])\n"
        "    for n, m, v in zip(counts, means, variances):\n"
        "        both, apart = rows + n, m - mean\n"
        "        variance = (rows * variance + n * v) / both + rows * n * apart**2 / both**2\n"
        "        mean, rows = mean + apart * n / both, both\n"
        "    return {'mean': mean.tolist(), 'variance': variance.tolist()}",
    ),
    right(
        "accumulate",
        "groups as an iterator takes them",
        "import itertools\n\n\n"
        "def grouped(w, b, x, y, sizes, every, rate):\n"
        "    waiting, x_left, y_left, updates = iter(sizes), x, y, 0\n"
        "    while group := list(itertools.islice(waiting, every)):\n"
        "        n = sum(group)\n"
        "        slope = accumulated(w, b, x_left[:n], y_left[:n], group)\n"
        "        w, b = (old - rate * slope[key] for key, old in (('w', w), ('b', b)))\n"
        "        x_left, y_left, updates = x_left[n:], y_left[n:], updates + 1\n"
        "    return {'w': w, 'b': b, 'updates': updates}",
    ),
    # --- Find the missing all-reduce
    right(
        "missing",
        "gathered and added up",
        ("map(worker.all_reduce, ", "map(lambda g: sum(worker.all_gather(g)), "),
    ),
    right(
        "missing",
        "all rows to everybody",
        (
            "    rows = int(worker.all_reduce(len(x)))\n",
            "    x, y = (np.concatenate(worker.all_gather(a)) for a in (x, y))\n    rows = len(x)\n",
        ),
        ("map(worker.all_reduce, ", "map(np.asarray, "),
        pytorch=("worker.all_reduce(loss.detach())", "loss.detach()"),
        tensorflow=("worker.all_reduce(loss)", "loss"),
        jax=("worker.all_reduce(loss)", "loss"),
    ),
    right(
        "missing",
        "clipped as a library does, with a little added to the norm",
        ("scale = ceiling / norm if norm > ceiling else 1.0", "scale = min(1.0, ceiling / (norm + 1e-6))"),
    ),
    right(
        "missing",
        "divided after the reduction",
        ("    norm = np.sqrt(", "    dw, db = dw / rows, db / rows\n    norm = np.sqrt("),
        pytorch=[
            ("losses(w, b, x, y).sum() / rows", "losses(w, b, x, y).sum()"),
            ("float(worker.all_reduce(loss.detach()))", "worker.all_reduce(loss.detach()) / rows"),
        ],
        tensorflow=[
            ("tf.reduce_sum(losses(w, b, x, y)) / rows", "tf.reduce_sum(losses(w, b, x, y))"),
            ("float(worker.all_reduce(loss))", "worker.all_reduce(loss) / rows"),
        ],
        jax=[
            ("losses(*weights, x, y).sum() / rows", "losses(*weights, x, y).sum()"),
            ("float(worker.all_reduce(loss))", "worker.all_reduce(loss) / rows"),
        ],
    ),
    right(
        "missing",
        "the judge compares weights with where a bug would lead",
        "def diagnose(before, single, workers):\n"
        "    every = [array for weights in workers for array in weights.values()]\n"
        "    if not all(np.isfinite(array).all() for array in every):\n        return 'other'\n\n"
        "    def near(one, other):\n"
        "        return all(np.allclose(one[k], other[k], rtol=0, atol=1e-9) for k in before)\n\n"
        "    if not all(near(weights, workers[0]) for weights in workers):\n        return 'not reduced'\n"
        "    n = len(workers)\n"
        "    for verdict, times in (('equal', 1), ('summed', n), ('averaged twice', 1 / n)):\n"
        "        goal = {k: before[k] + times * (single[k] - before[k]) for k in before}\n"
        "        if near(workers[0], goal):\n            return verdict\n"
        "    return 'other'",
    ),
    # --- Shard a matmul
    right(
        "shard",
        "a share of the bias for each",
        pytorch=(
            "worker.reduce_scatter(part) + b",
            "worker.reduce_scatter(part + torch.tensor(b / worker.size))",
        ),
        tensorflow=(
            "worker.reduce_scatter(tf.matmul(x, W)) + b",
            "worker.reduce_scatter(tf.matmul(x, W) + b / worker.size)",
        ),
        jax=(
            "worker.reduce_scatter(jnp.asarray(x) @ W) + b",
            "worker.reduce_scatter(jnp.asarray(x) @ W + b / worker.size)",
        ),
    ),
    right(
        "shard",
        "the bias from worker 0",
        pytorch=(
            "worker.all_reduce(hidden @ W2) + b2",
            "worker.all_reduce(hidden @ W2 + torch.tensor(b2) * (worker.rank == 0))",
        ),
        tensorflow=(
            "worker.all_reduce(tf.matmul(hidden, W2)) + b2",
            "worker.all_reduce(tf.matmul(hidden, W2) + b2 * (worker.rank == 0))",
        ),
        jax=(
            "worker.all_reduce(hidden @ W2) + b2",
            "worker.all_reduce(hidden @ W2 + b2 * (worker.rank == 0))",
        ),
    ),
    right(
        "shard",
        "columns sent as rows",
        pytorch=(
            "np.concatenate(worker.all_gather(own), axis=1)",
            "np.vstack(worker.all_gather(own.T)).T",
        ),
        tensorflow=(
            "np.concatenate(worker.all_gather(own), axis=1)",
            "np.vstack(worker.all_gather(tf.transpose(own))).T",
        ),
        jax=("np.concatenate(worker.all_gather(own), axis=1)", "np.vstack(worker.all_gather(own.T)).T"),
    ),
    right(
        "shard",
        "cut at places reckoned by hand",
        "def cut(W1, b1, W2, n):\n"
        "    least, more = divmod(len(b1), n)\n"
        "    pieces, start = [], 0\n"
        "    for rank in range(n):\n"
        "        own = slice(start, start + least + (rank < more))\n"
        "        pieces.append({'W2': W2[own], 'b1': b1[own], 'W1': W1[:, own]})\n"
        "        start = own.stop\n    return tuple(pieces)",
    ),
    right(
        "shard",
        "filled in, column by column; the layers by einsum",
        "def column_parallel(worker, x, W, b):\n"
        "    parts = worker.all_gather(np.einsum('ri,ic->rc', x, W) + b)\n"
        "    whole, at = np.empty((len(x), sum(part.shape[1] for part in parts))), 0\n"
        "    for part in parts:\n"
        "        whole[:, at:at + part.shape[1]] = part\n        at += part.shape[1]\n"
        "    return whole\n\n\n"
        "def mlp(worker, x, W1, b1, W2, b2):\n"
        "    hidden = np.einsum('ri,ih->rh', x, W1) + b1\n"
        "    hidden[hidden < 0] = 0\n"
        "    total = worker.all_reduce(np.einsum('rh,ho->ro', hidden, W2))\n"
        "    total += b2\n    return total",
    ),
    # --- Resume after a crash
    right(
        "resume",
        "two files in turn, the later one that can be read",
        (
            '    if "checkpoint" in disk.names():\n'
            '        state = disk.read("checkpoint")\n'
            '        taken, w, v = int(state["taken"]), state["w"], state["v"]\n',
            "    for name in disk.names():\n"
            "        try:\n            state = disk.read(name)\n"
            "        except ValueError:\n            continue\n"
            "        if int(state['taken']) > taken:\n"
            "            taken, w, v = int(state['taken']), state['w'], state['v']\n",
        ),
        (
            'disk.write("new", {"taken": taken, "w": w, "v": v})\n'
            '            disk.rename("new", "checkpoint")',
            'disk.write("ab"[taken // every % 2], {"taken": taken, "w": w, "v": v})',
        ),
    ),
    right(
        "resume",
        "a second copy",
        (
            '    if "checkpoint" in disk.names():\n        state = disk.read("checkpoint")\n',
            "    for name in ('copy', 'checkpoint'):\n"
            "        try:\n            state = disk.read(name)\n"
            "        except (KeyError, ValueError):\n            continue\n",
        ),
        (
            'disk.write("new", {"taken": taken, "w": w, "v": v})\n'
            '            disk.rename("new", "checkpoint")',
            'for name in ("copy", "checkpoint"):\n'
            '                disk.write(name, {"taken": taken, "w": w, "v": v})',
        ),
    ),
    right(
        "resume",
        "a file for each array, and one that says which is whole",
        (
            '    if "checkpoint" in disk.names():\n'
            '        state = disk.read("checkpoint")\n'
            '        taken, w, v = int(state["taken"]), state["w"], state["v"]\n',
            "    if 'whole' in disk.names():\n"
            "        taken = int(disk.read('whole')['taken'])\n"
            "        w, v = (disk.read(f'{key} {taken}')[key] for key in 'wv')\n",
        ),
        (
            'disk.write("new", {"taken": taken, "w": w, "v": v})\n'
            '            disk.rename("new", "checkpoint")',
            "disk.write(f'w {taken}', {'w': w})\n"
            "            disk.write(f'v {taken}', {'v': v})\n"
            "            disk.write('next', {'taken': taken})\n"
            "            disk.rename('next', 'whole')",
        ),
    ),
    right(
        "resume",
        "the generator saved, the gradient by hand",
        "def train(disk, done, x, y, w, rate, momentum, batch, steps, every, seed):\n"
        "    rng, at, rows, v = np.random.default_rng(seed), 0, np.arange(0), np.zeros(len(w))\n"
        "    if 'state' in disk.names():\n"
        "        state = disk.read('state')\n"
        "        at, w, v, rows = state['at'], state['w'], state['v'], state['rows']\n"
        "        rng.bit_generator.state = json.loads(str(state['rng']))\n"
        "    found = at\n"
        "    for step in range(int(at) + 1, steps + 1):\n"
        "        if len(rows) < batch:\n            rows = rng.permutation(len(x))\n"
        "        own, rows = rows[:batch], rows[batch:]\n"
        "        v = momentum * v + 2 * (x[own] @ w - y[own]) @ x[own] / batch\n"
        "        w = w - rate * v\n"
        "        if not step % every:\n"
        "            text = json.dumps(rng.bit_generator.state)\n"
        "            disk.write('temporary', {'at': step, 'w': w, 'v': v, 'rows': rows, 'rng': text})\n"
        "            disk.rename('temporary', 'state')\n"
        "        done(np.int64(step))\n"
        "    return {'resumed': found, 'v': v, 'w': w}",
    ),
    right(
        "resume",
        "each life followed, the choices tried by NumPy",
        "def done_twice(every, kills):\n"
        "    saved = again = 0\n"
        "    for step in kills:\n"
        "        assert step > saved\n"
        "        while saved + every <= step:\n            saved += every\n"
        "        again += step - saved\n"
        "    return np.int64(again)\n\n\n"
        "def best_every(choices, seconds, save, between):\n"
        "    work = np.array(choices) * seconds\n"
        "    return choices[np.argmin(save / work + work / between / 2)]",
    ),
    # --- Translate
    right(
        "translation",
        "each worker on its own, by messages",
        pytorch="def rounds_of(worker, x, y, w, rate, every, rounds, outer, momentum):\n"
        "    x, y, w = torch.tensor(x), torch.tensor(y), torch.tensor(w)\n"
        "    v, losses, drifts = torch.zeros_like(w), [], []\n"
        "    for _ in range(rounds):\n"
        "        before = F.binary_cross_entropy_with_logits(x @ w, y)\n"
        "        losses.append(worker.all_reduce(before) / worker.size)\n"
        "        local = w.clone()\n"
        "        for _ in range(every):\n"
        "            local.requires_grad_()\n"
        "            F.binary_cross_entropy_with_logits(x @ local, y).backward()\n"
        "            local = (local - rate * local.grad).detach()\n"
        "        change = torch.tensor(worker.all_reduce(w - local) / worker.size)\n"
        "        drifts.append(max(worker.all_gather((w - local - change).norm())))\n"
        "        v = momentum * v + change\n"
        "        w = w - outer * (change + momentum * v)\n"
        "    return {'w': w.numpy(), 'losses': losses, 'drifts': drifts}\n\n\n"
        "def fit(x, y, w, *others):\n"
        "    n = len(x)\n"
        "    given = [[item] * n for item in (w, *others)]\n"
        "    return together('rounds_of', n, list(x), list(y), *given)['answers'][-1]",
        tensorflow="def rounds_of(worker, x, y, w, rate, every, rounds, outer, momentum):\n"
        "    def loss(w):\n"
        "        z = tf.linalg.matvec(x, w)\n"
        "        return tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(y, z))\n\n"
        "    v, losses, drifts = np.zeros_like(w), [], []\n"
        "    for _ in range(rounds):\n"
        "        losses.append(worker.all_reduce(loss(tf.constant(w))) / worker.size)\n"
        "        local = tf.Variable(w)\n"
        "        for _ in range(every):\n"
        "            with tf.GradientTape() as tape:\n                value = loss(local)\n"
        "            local.assign_sub(rate * tape.gradient(value, local))\n"
        "        own = w - local.numpy()\n"
        "        change = worker.all_reduce(own) / worker.size\n"
        "        drifts.append(max(worker.all_gather(np.linalg.norm(own - change))))\n"
        "        v = momentum * v + change\n"
        "        w = w - outer * (change + momentum * v)\n"
        "    return {'w': w, 'losses': losses, 'drifts': drifts}\n\n\n"
        "def fit(x, y, w, *others):\n"
        "    n = len(x)\n"
        "    given = [[item] * n for item in (w, *others)]\n"
        "    return together('rounds_of', n, list(x), list(y), *given)['answers'][-1]",
        jax="def rounds_of(worker, x, y, w, rate, every, rounds, outer, momentum):\n"
        "    def loss(w):\n        z = x @ w\n        return (jnp.logaddexp(0, z) - y * z).mean()\n\n"
        "    slope, v, losses, drifts = jax.jit(jax.grad(loss)), np.zeros_like(w), [], []\n"
        "    for _ in range(rounds):\n"
        "        losses.append(worker.all_reduce(loss(w)) / worker.size)\n"
        "        local = w\n"
        "        for _ in range(every):\n            local = local - rate * slope(local)\n"
        "        own = np.asarray(w - local)\n"
        "        change = worker.all_reduce(own) / worker.size\n"
        "        drifts.append(max(worker.all_gather(np.linalg.norm(own - change))))\n"
        "        v = momentum * v + change\n"
        "        w = w - outer * (change + momentum * v)\n"
        "    return {'w': w, 'losses': losses, 'drifts': drifts}\n\n\n"
        "def fit(x, y, w, *others):\n"
        "    n = len(x)\n"
        "    given = [[item] * n for item in (w, *others)]\n"
        "    return together('rounds_of', n, list(x), list(y), *given)['answers'][-1]",
    ),
    right(
        "translation",
        "all workers in one batch",
        pytorch="def fit(x, y, w, rate, every, rounds, outer, momentum):\n"
        "    x, y, w, v, losses, drifts = *map(torch.tensor, (x, y, w)), 0, [], []\n\n"
        "    def each(ends):\n"
        "        z = (x @ ends[:, :, None])[..., 0]\n"
        "        return F.softplus(z).mean(1) - (y * z).mean(1)\n\n"
        "    for _ in range(rounds):\n"
        "        ends = w.repeat(len(x), 1)\n"
        "        losses.append(each(ends).mean())\n"
        "        for _ in range(every):\n"
        "            ends = ends.detach().requires_grad_()\n"
        "            ends = ends - rate * torch.autograd.grad(each(ends).sum(), ends)[0]\n"
        "        own = w - ends.detach()\n"
        "        change = own.mean(0)\n"
        "        drifts.append((own - change).norm(dim=1).amax())\n"
        "        v = momentum * v + change\n"
        "        w = w - outer * (change + momentum * v)\n"
        "    return {'w': w, 'losses': losses, 'drifts': drifts}",
        tensorflow="def fit(x, y, w, rate, every, rounds, outer, momentum):\n"
        "    v, losses, drifts = np.zeros_like(w), [], []\n\n"
        "    def each(ends):\n"
        "        z = tf.einsum('kri,ki->kr', x, ends)\n"
        "        return tf.reduce_mean(tf.nn.softplus(z) - y * z, axis=1)\n\n"
        "    for _ in range(rounds):\n"
        "        ends = tf.tile(tf.constant(w)[None], [len(x), 1])\n"
        "        losses.append(tf.reduce_mean(each(ends)))\n"
        "        for _ in range(every):\n"
        "            with tf.GradientTape() as tape:\n"
        "                tape.watch(ends)\n                total = tf.reduce_sum(each(ends))\n"
        "            ends = ends - rate * tape.gradient(total, ends)\n"
        "        own = w - ends\n"
        "        change = tf.reduce_mean(own, axis=0)\n"
        "        drifts.append(tf.reduce_max(tf.norm(own - change, axis=1)))\n"
        "        v = momentum * v + change\n"
        "        w = w - outer * (change + momentum * v)\n"
        "    return {'w': w, 'losses': losses, 'drifts': drifts}",
        jax="def fit(x, y, w, rate, every, rounds, outer, momentum):\n"
        "    v, losses, drifts = 0.0, [], []\n"
        "    slopes = jax.vmap(jax.grad(mean_loss))\n"
        "    for _ in range(rounds):\n"
        "        losses.append(mean_loss(w, x.reshape(-1, x.shape[-1]), y.reshape(-1)))\n"
        "        ends = jnp.tile(w, (len(x), 1))\n"
        "        for _ in range(every):\n            ends = ends - rate * slopes(ends, x, y)\n"
        "        own = w - ends\n"
        "        change = own.mean(0)\n"
        "        drifts.append(jnp.linalg.norm(own - change, axis=1).max())\n"
        "        v = momentum * v + change\n"
        "        w = w - outer * (change + momentum * v)\n"
        "    return {'w': w, 'losses': losses, 'drifts': drifts}",
    ),
    right(
        "translation",
        "a library's loop or optimizer",
        pytorch="def fit(x, y, w, rate, every, rounds, outer, momentum):\n"
        "    x, y, losses, drifts = torch.tensor(x), torch.tensor(y), [], []\n"
        "    common = torch.nn.Parameter(torch.tensor(w))\n"
        "    nesterov = torch.optim.SGD([common], lr=outer, momentum=momentum, nesterov=momentum > 0)\n"
        "    loss_of = torch.nn.BCEWithLogitsLoss()\n"
        "    for _ in range(rounds):\n"
        "        own = []\n"
        "        for rows, labels in zip(x, y):\n"
        "            local = torch.nn.Parameter(common.detach().clone())\n"
        "            inner = torch.optim.SGD([local], lr=rate)\n"
        "            for _ in range(every):\n"
        "                inner.zero_grad()\n"
        "                loss_of(rows @ local, labels).backward()\n"
        "                inner.step()\n"
        "            own.append(common.detach() - local.detach())\n"
        "        own = torch.stack(own)\n"
        "        with torch.no_grad():\n            losses.append(loss_of(x @ common, y).item())\n"
        "        common.grad = own.mean(0)\n"
        "        drifts.append(torch.cdist(own, common.grad[None]).max().item())\n"
        "        nesterov.step()\n"
        "    return {'w': common.detach().numpy(), 'losses': losses, 'drifts': drifts}",
        tensorflow=[
            (
                "            with tf.GradientTape() as tape:\n"
                "                tape.watch(local)\n"
                "                loss = mean_loss(local, x, y)\n"
                "            local -= rate * tape.gradient(loss, local)\n",
                "            local = descended(local, x, y)\n",
            ),
            (
                "    def replica(x, y):\n",
                "    @tf.function\n    def descended(local, x, y):\n"
                "        with tf.GradientTape() as tape:\n            tape.watch(local)\n"
                "            loss = mean_loss(local, x, y)\n"
                "        return local - rate * tape.gradient(loss, local)\n\n"
                "    def replica(x, y):\n",
            ),
        ],
        jax=(
            "        local = w\n"
            "        for _ in range(every):\n"
            "            local = local - rate * jax.grad(mean_loss)(local, x, y)\n",
            "        def descend(_, local):\n"
            "            return local - rate * jax.grad(mean_loss)(local, x, y)\n\n"
            "        local = lax.fori_loop(0, every, descend, w)\n",
        ),
    ),
    right(
        "translation",
        "NumPy's norm, arrays for lists",
        pytorch=(
            'return {"w": w.numpy(), "losses": means, "drifts": drifts}',
            'return {"w": w, "losses": np.array(means), "drifts": torch.tensor(drifts)}',
        ),
        tensorflow=[
            ("tf.norm(tf.stack(own) - change, axis=1)", "np.linalg.norm(np.stack(own) - change, axis=-1)"),
            ('"losses": losses, "drifts": drifts}', '"losses": np.array(losses), "drifts": tuple(drifts)}'),
        ],
        jax=(
            '{"w": np.asarray(w), "losses": losses, "drifts": drifts}',
            '{"w": w, "losses": jnp.array(losses), "drifts": tuple(drifts)}',
        ),
    ),
)
