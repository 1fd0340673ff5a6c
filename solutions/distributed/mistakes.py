"""Typical mistakes in the exercises on distributed training."""

from triptych.grading.checks.mistakes import wrong

BANK = (
    # --- Tell every worker
    wrong(
        "launch",
        "a rank for every host",
        "ranks-count-through-the-hosts",
        ("for name, count in hosts for i in range(count)]", "for name, count in hosts for i in range(1)]"),
    ),
    wrong(
        "launch",
        "round robin",
        "ranks-count-through-the-hosts",
        (
            "return [[name, i] for name, count in hosts for i in range(count)]",
            "return [[name, i] for i in range(max(c for _, c in hosts))\n"
            "            for name, count in hosts if i < count]",
        ),
    ),
    wrong(
        "launch",
        "hosts counted",
        "ranks-count-through-the-hosts",
        ('"WORLD_SIZE": str(len(places))', '"WORLD_SIZE": str(len(hosts))'),
    ),
    wrong(
        "launch",
        "the local rank for the rank",
        "ranks-count-through-the-hosts",
        ('"RANK": str(rank)', '"RANK": str(local)'),
    ),
    wrong(
        "launch",
        "hosts sorted",
        "ranks-count-through-the-hosts",
        ("    if not hosts:\n", "    hosts = sorted(hosts)\n    if not hosts:\n"),
    ),
    wrong("launch", "a number", "one-meeting-place-and-texts-only", ("str(port)}", "port}")),
    wrong(
        "launch",
        "everybody at home",
        "one-meeting-place-and-texts-only",
        ('"MASTER_ADDR": hosts[0][0]', '"MASTER_ADDR": name'),
    ),
    wrong(
        "launch",
        "one port for all",
        "every-worker-its-own-address",
        ('f"{name}:{port + local}"', 'f"{name}:{port}"'),
    ),
    wrong(
        "launch",
        "ports by rank",
        "every-worker-its-own-address",
        (
            'f"{name}:{port + local}" for name, local in placed(hosts)',
            'f"{name}:{port + i}" for i, (name, _) in enumerate(placed(hosts))',
        ),
    ),
    wrong(
        "launch",
        "Python for JSON",
        "every-worker-its-own-address",
        ("json.dumps({", "str({"),
    ),
    wrong(
        "launch",
        "everybody the chief",
        "every-worker-its-own-address",
        ('"index": rank}', '"index": 0}'),
    ),
    wrong(
        "launch",
        "a coordinator each",
        "the-coordinator-is-at-rank-0",
        ('f"{hosts[0][0]}:{port}"', 'f"{_[0]}:{port}"'),
    ),
    wrong(
        "launch",
        "as many processes as hosts",
        "the-coordinator-is-at-rank-0",
        ('"num_processes": len(placed(hosts))', '"num_processes": len(hosts)'),
    ),
    wrong(
        "launch",
        "listed twice in a row only",
        "refuses-what-would-hang",
        ("if names.count(name) > 1:", "if [name, count] != hosts[-1] and name == names[-1] == names[-2]:"),
    ),
    wrong("launch", "no process taken", "refuses-what-would-hang", ("if count < 1:", "if count < 0:")),
    wrong(
        "launch",
        "refused without the name",
        "refuses-what-would-hang",
        ('f"{name} is listed twice"', '"a host is listed twice"'),
    ),
    wrong(
        "launch",
        "no host taken",
        "refuses-what-would-hang",
        ("    if not hosts:\n", "    if hosts is None:\n"),
    ),
    # --- Who holds what?
    wrong(
        "holds",
        "the rest to the first",
        "equal-pieces-and-a-rest",
        (
            "    most = -(-length // n)\n    return [max(0, min(most, length - most * r)) for r in range(n)]",
            "    return [length // n + (r < length % n) for r in range(n)]",
        ),
    ),
    wrong(
        "holds",
        "the rest to the last",
        "equal-pieces-and-a-rest",
        (
            "    most = -(-length // n)\n    return [max(0, min(most, length - most * r)) for r in range(n)]",
            "    return [length // n] * (n - 1) + [length - length // n * (n - 1)]",
        ),
    ),
    wrong(
        "holds",
        "fewer than none",
        "equal-pieces-and-a-rest",
        ("max(0, min(most, length - most * r))", "min(most, length - most * r)"),
    ),
    wrong("holds", "padded", "equal-pieces-and-a-rest", ("min(most, length - most * r)", "most")),
    wrong("holds", "one moment", "each-stage-cuts-one-thing-more", ("2 * moments[r]", "moments[r]")),
    wrong(
        "holds",
        "weights before gradients",
        "each-stage-cuts-one-thing-more",
        ("weights = parts if stage >= 3", "weights = parts if stage >= 2"),
        ("gradients = parts if stage >= 2", "gradients = parts if stage >= 3"),
    ),
    wrong(
        "holds",
        "one stage early",
        "each-stage-cuts-one-thing-more",
        ("stage >= 2", "stage >= 1"),
        ("stage >= 3", "stage >= 2"),
    ),
    wrong(
        "holds",
        "only the gradients at stage 2",
        "each-stage-cuts-one-thing-more",
        ("parts if stage >= 1 else", "parts if stage == 1 else"),
    ),
    wrong(
        "holds",
        "an n-th of the total",
        "every-array-is-cut-on-its-own",
        ("    weights = parts", "    parts = [w / n for w in whole]\n    weights = parts"),
    ),
    wrong(
        "holds",
        "numbers cut, not rows",
        "every-array-is-cut-on-its-own",
        (
            "enumerate(shares(length, n)):\n            parts[r] += 4 * share * math.prod(others)",
            "enumerate(shares(length * math.prod(others), n)):\n            parts[r] += 4 * share",
        ),
    ),
    wrong(
        "holds",
        "the limit itself too much",
        "the-first-stage-that-fits",
        ("if most <= limit", "if most < limit"),
    ),
    wrong("holds", "the last worker fits", "the-first-stage-that-fits", ("most = max(sum", "most = min(sum")),
    wrong(
        "holds",
        "the weights alone",
        "the-first-stage-that-fits",
        ("max(sum(w.values()) for w", 'max(w["weights"] for w'),
    ),
    wrong(
        "holds",
        "stage 3 if nothing fits",
        "the-first-stage-that-fits",
        ("            return stage\n    return None", "            return stage\n    return 3"),
    ),
    wrong("holds", "cutting is free", "only-stage-3-sends-more", ("(3 if stage == 3 else 2)", "2")),
    wrong(
        "holds",
        "each stage sends more",
        "only-stage-3-sends-more",
        ("(3 if stage == 3 else 2)", "(2 + 0.5 * (stage >= 2) + 0.5 * (stage == 3))"),
    ),
    wrong(
        "holds",
        "only gradients at stages 1 and 2",
        "only-stage-3-sends-more",
        ("(3 if stage == 3 else 2)", "(2, 1, 1, 3)[stage]"),
    ),
    wrong("holds", "as on a server", "only-stage-3-sends-more", ("(n - 1) / n * size", "size")),
    # --- What does it cost?
    wrong(
        "cost", "whole arrays round", "the-ring-cuts-the-array", ("size / n / bandwidth", "size / bandwidth")
    ),
    wrong(
        "cost", "half the steps", "the-ring-cuts-the-array", ("return 2 * (n - 1) * (", "return (n - 1) * (")
    ),
    wrong(
        "cost", "a step too many", "the-ring-cuts-the-array", ("return 2 * (n - 1) * (", "return 2 * n * (")
    ),
    wrong(
        "cost",
        "one latency in all",
        "the-ring-cuts-the-array",
        ("2 * (n - 1) * (latency + size / n / bandwidth)", "latency + 2 * (n - 1) * size / n / bandwidth"),
    ),
    wrong(
        "cost",
        "rounded down",
        "the-tree-counts-rounds",
        ("2 * (n - 1).bit_length()", "2 * int(math.log2(n))"),
    ),
    wrong(
        "cost", "one way only", "the-tree-counts-rounds", ("2 * (n - 1).bit_length()", "(n - 1).bit_length()")
    ),
    wrong(
        "cost",
        "9 workers in 3 rounds",
        "the-tree-counts-rounds",
        ("rounds = 2 * (n - 1).bit_length()", "rounds = 2 * round(math.log2(n))"),
    ),
    wrong(
        "cost",
        "all at once",
        "the-server-has-one-link",
        ("return 2 * n * (latency + size / bandwidth)", "return 2 * (latency + size / bandwidth)"),
    ),
    wrong(
        "cost",
        "one of the workers serves",
        "the-server-has-one-link",
        ("return 2 * n * (latency + size", "return 2 * (n - 1) * (latency + size"),
    ),
    wrong(
        "cost",
        "out at once",
        "the-server-has-one-link",
        ("return 2 * n * (latency + size", "return (n + 1) * (latency + size"),
    ),
    wrong(
        "cost",
        "the bytes forgotten",
        "where-the-ring-begins-to-win",
        ("/ (rounds - (n - 1) / n)", "/ rounds"),
    ),
    wrong(
        "cost",
        "divided by the bandwidth",
        "where-the-ring-begins-to-win",
        ("latency * bandwidth *", "latency / bandwidth *"),
    ),
    wrong(
        "cost",
        "the ring one step short",
        "where-the-ring-begins-to-win",
        ("(n - 1 - rounds)", "(n - 2 - rounds)"),
    ),
    wrong(
        "cost",
        "the line as it is",
        "latency-and-bandwidth-from-points",
        ('{"latency": start / (2 * (n - 1)),', '{"latency": start,'),
    ),
    wrong(
        "cost",
        "a slope for a bandwidth",
        "latency-and-bandwidth-from-points",
        ('"bandwidth": 2 * (n - 1) / n / slope}', '"bandwidth": slope}'),
    ),
    wrong(
        "cost",
        "bytes of a message",
        "latency-and-bandwidth-from-points",
        ("2 * (n - 1) / n / slope", "2 * (n - 1) / slope"),
    ),
    wrong(
        "cost",
        "through zero",
        "latency-and-bandwidth-from-points",
        ("slope, start = np.polyfit(sizes, times, 1)", "slope, start = np.mean(times / sizes), min(times)"),
    ),
    wrong(
        "cost",
        "no overlap",
        "sending-hides-behind-the-way-back",
        (
            "        computed += seconds\n",
            "        computed += seconds + ring_time(n, size, latency, bandwidth)\n",
        ),
        ("    return network", "    return computed"),
    ),
    wrong(
        "cost",
        "the first layer first",
        "sending-hides-behind-the-way-back",
        ("zip(backward[::-1], sizes[::-1])", "zip(backward, sizes)"),
    ),
    wrong(
        "cost",
        "all at once on the network",
        "sending-hides-behind-the-way-back",
        ("began = max(computed, network)", "began = computed"),
    ),
    wrong(
        "cost",
        "the larger of the two",
        "sending-hides-behind-the-way-back",
        (
            "    return network",
            "    sent = sum(ring_time(n, s, latency, bandwidth) for s in sizes)\n"
            "    return forward + max(sum(backward), sent)",
        ),
    ),
    wrong(
        "cost",
        "sending before it is computed",
        "sending-hides-behind-the-way-back",
        (
            "        computed += seconds\n        began = max(computed, network)\n",
            "        began = max(computed, network)\n        computed += seconds\n",
        ),
    ),
    # --- Ring all-reduce
    wrong(
        "ring",
        "scattered from the end",
        "what-each-collective-leaves",
        ('"reduce_scatter": np.split(total, n)', '"reduce_scatter": np.split(total, n)[::-1]'),
    ),
    wrong(
        "ring",
        "worker 0's parts",
        "what-each-collective-leaves",
        ('"reduce_scatter": np.split(total, n)', '"reduce_scatter": np.split(arrays[0], n)'),
    ),
    wrong(
        "ring",
        "gathered on worker 0 only",
        "what-each-collective-leaves",
        ("[np.concatenate(arrays)] * n", "[np.concatenate(arrays)] + arrays[1:]"),
    ),
    wrong(
        "ring",
        "stacked",
        "what-each-collective-leaves",
        ("[np.concatenate(arrays)] * n", "[np.stack(arrays)] * n"),
    ),
    wrong(
        "ring",
        "a mean",
        "what-each-collective-leaves",
        ("len(arrays), sum(arrays)", "len(arrays), sum(arrays) / len(arrays)"),
    ),
    wrong(
        "ring",
        "half way",
        "every-worker-has-the-sum",
        ("    for i in range(n - 1):  # all-gather", "    for i in range(0):  # all-gather"),
    ),
    wrong(
        "ring",
        "another chunk's turn",
        "every-worker-has-the-sum",
        (
            "chunks[(rank - i - 1) % n] += worker.recv(before)",
            "chunks[(rank - i) % n] += worker.recv(before)",
        ),
    ),
    wrong(
        "ring",
        "added once more",
        "every-worker-has-the-sum",
        ("chunks[(rank - i) % n] = worker.recv(before)", "chunks[(rank - i) % n] += worker.recv(before)"),
    ),
    wrong(
        "ring",
        "waits before it sends",
        "every-worker-has-the-sum",
        (
            "        worker.send(after, chunks[(rank - i) % n])\n"
            "        chunks[(rank - i - 1) % n] += worker.recv(before)\n",
            "        got = worker.recv(before)\n"
            "        worker.send(after, chunks[(rank - i) % n])\n"
            "        chunks[(rank - i - 1) % n] += got\n",
        ),
    ),
    wrong(
        "ring",
        "equal chunks only",
        "any-length",
        ("np.array_split(x, n)", "np.split(x, n)"),
    ),
    wrong(
        "ring",
        "the rest cut off",
        "any-length",
        ("np.array_split(x, n)", "np.array_split(x[:len(x) // n * n], n)"),
    ),
    wrong(
        "ring",
        "the rest stays",
        "any-length",
        ("np.array_split(x, n)", "np.array_split(x[:len(x) // n * n], n)"),
        ("return np.concatenate(chunks)", "return np.concatenate([*chunks, x[len(x) // n * n:]])"),
    ),
    wrong(
        "ring",
        "the ready-made one",
        "neighbours-only",
        "def ring_all_reduce(worker, x):\n    return worker.all_reduce(x)",
    ),
    wrong(
        "ring",
        "everything to everybody",
        "neighbours-only",
        "def ring_all_reduce(worker, x):\n"
        "    others = [r for r in range(worker.size) if r != worker.rank]\n"
        "    for r in others:\n        worker.send(r, x)\n"
        "    return sum([worker.recv(r) for r in others], x)",
    ),
    wrong(
        "ring",
        "through worker 0",
        "neighbours-only",
        "def ring_all_reduce(worker, x):\n"
        "    if worker.rank:\n        worker.send(0, x)\n        return worker.recv(0)\n"
        "    total = sum([worker.recv(r) for r in range(1, worker.size)], x)\n"
        "    for r in range(1, worker.size):\n        worker.send(r, total)\n    return total",
    ),
    wrong(
        "ring",
        "whole arrays round",
        "a-chunk-at-a-time",
        "def ring_all_reduce(worker, x):\n"
        "    total, passed = x, x\n"
        "    for _ in range(worker.size - 1):\n"
        "        worker.send((worker.rank + 1) % worker.size, passed)\n"
        "        passed = worker.recv((worker.rank - 1) % worker.size)\n"
        "        total = total + passed\n    return total",
    ),
    wrong(
        "ring",
        "a running sum, then a broadcast",
        "a-chunk-at-a-time",
        "def ring_all_reduce(worker, x):\n"
        "    n, rank = worker.size, worker.rank\n"
        "    if rank:\n        x = x + worker.recv(rank - 1)\n"
        "    if rank < n - 1:\n        worker.send(rank + 1, x)\n"
        "    if n > 1 and rank < n - 1:\n        x = worker.recv((rank - 1) % n)\n"
        "    if n > 1 and rank != n - 2:\n        worker.send((rank + 1) % n, x)\n    return x",
    ),
    # --- Accumulate the gradient
    wrong(
        "accumulate",
        "a sum for a mean",
        "parts-add-up",
        pytorch=(".sum() / len(x)", ".sum()"),
        tensorflow=("y_i)) / len(x)", "y_i))"),
        jax=(".sum() / len(x)", ".sum()"),
    ),
    wrong(
        "accumulate",
        "means added up",
        "parts-add-up",
        pytorch=(".sum() / len(x)", ".mean()"),
        tensorflow=(
            "tf.reduce_sum(losses(w, b, x_i, y_i)) / len(x)",
            "tf.reduce_mean(losses(w, b, x_i, y_i))",
        ),
        jax=(".sum() / len(x)", ".mean()"),
    ),
    wrong(
        "accumulate",
        "the last micro-batch alone",
        "parts-add-up",
        pytorch=("        loss.backward()", "        w.grad = b.grad = None\n        loss.backward()"),
        tensorflow=("[g + m for g, m in zip(grads, more)]", "more"),
        jax=("[g + np.asarray(m) for g, m in zip(grads, more)]", "[np.asarray(m) for m in more]"),
    ),
    wrong(
        "accumulate",
        "the loss of the last one",
        "parts-add-up",
        pytorch=("total += loss.item()", "total = loss.item()"),
        tensorflow=("total += float(loss)", "total = float(loss)"),
        jax=("total += float(loss)", "total = float(loss)"),
    ),
    wrong(
        "accumulate",
        "a mean of means",
        "every-row-counts-the-same",
        pytorch=(".sum() / len(x)", ".mean() / len(sizes)"),
        tensorflow=(
            "tf.reduce_sum(losses(w, b, x_i, y_i)) / len(x)",
            "tf.reduce_mean(losses(w, b, x_i, y_i)) / len(sizes)",
        ),
        jax=(".sum() / len(x)", ".mean() / len(sizes)"),
    ),
    wrong(
        "accumulate",
        "all as large as the first",
        "every-row-counts-the-same",
        pytorch=(".sum() / len(x)", ".sum() / (len(sizes) * sizes[0])"),
        tensorflow=("y_i)) / len(x)", "y_i)) / (len(sizes) * sizes[0])"),
        jax=(".sum() / len(x)", ".sum() / (len(sizes) * sizes[0])"),
    ),
    wrong(
        "accumulate",
        "the whole batch",
        "never-the-whole-batch-at-once",
        pytorch=("    total = 0.0", "    sizes = [len(x)]\n    total = 0.0"),
        tensorflow=("    total, grads = 0.0,", "    sizes = [len(x)]\n    total, grads = 0.0,"),
        jax=("    total, grads = 0.0,", "    sizes = [len(x)]\n    total, grads = 0.0,"),
    ),
    wrong(
        "accumulate",
        "losses of all, cut afterwards",
        "never-the-whole-batch-at-once",
        pytorch=(
            "    for x_i, y_i in zip(x.split(sizes), y.split(sizes)):\n"
            "        loss = losses(w, b, x_i, y_i).sum() / len(x)\n"
            "        loss.backward()\n",
            "    for part in losses(w, b, x, y).split(sizes):\n        loss = part.sum() / len(x)\n"
            "        loss.backward(retain_graph=True)\n",
        ),
        tensorflow=(
            "            loss = tf.reduce_sum(losses(w, b, x_i, y_i)) / len(x)",
            "            all_of_them = losses(w, b, x, y)\n"
            "            loss = tf.reduce_sum(all_of_them) / len(x) / len(sizes)",
        ),
        jax=(
            "        return losses(*weights, x_i, y_i).sum() / len(x)",
            "        return losses(*weights, x, y).sum() / len(x) / len(sizes)",
        ),
    ),
    wrong(
        "accumulate",
        "never cleared",
        "every-group-starts-from-zero",
        ("    updates, start = 0, 0\n", '    updates, start, kept = 0, 0, {"w": 0, "b": 0}\n'),
        (
            "        w, b = w - rate",
            "        slope = kept = {key: slope[key] + kept[key] for key in kept}\n        w, b = w - rate",
        ),
    ),
    wrong(
        "accumulate",
        "always the first weights",
        "every-group-starts-from-zero",
        ("    updates, start = 0, 0\n", "    updates, start, w_0, b_0 = 0, 0, w, b\n"),
        ("slope = accumulated(w, b, x[rows]", "slope = accumulated(w_0, b_0, x[rows]"),
    ),
    wrong(
        "accumulate",
        "an update for every micro-batch",
        "every-group-starts-from-zero",
        ("    updates, start = 0, 0\n", "    updates, start, every = 0, 0, 1\n"),
    ),
    wrong(
        "accumulate",
        "the rest dropped",
        "the-rest-is-an-update-too",
        ("range(0, len(sizes), every):", "range(0, len(sizes) - every + 1, every):"),
    ),
    wrong(
        "accumulate",
        "the rest divided by a whole group",
        "the-rest-is-an-update-too",
        (
            "        w, b = w - rate",
            '        slope = {key: slope[key] * len(group) / every for key in ("w", "b")}\n'
            "        w, b = w - rate",
        ),
    ),
    wrong(
        "accumulate",
        "a mean of the variances",
        "statistics-are-merged",
        ("(share * (variances + between))", "(share * variances)"),
    ),
    wrong(
        "accumulate",
        "every micro-batch counts the same",
        "statistics-are-merged",
        ("share = np.array(counts)[:, None] / sum(counts)", "share = 1 / len(counts)"),
    ),
    wrong(
        "accumulate",
        "distances, not their squares",
        "statistics-are-merged",
        ("(means - mean) ** 2", "abs(means - mean)"),
    ),
    # --- Find the missing all-reduce
    wrong(
        "missing",
        "the bias not reduced",
        "all-workers-end-equal",
        pytorch=(
            "dw, db = map(worker.all_reduce, torch.autograd.grad(loss, (w, b)))",
            "dw, db = torch.autograd.grad(loss, (w, b))\n    dw, db = worker.all_reduce(dw), db.numpy()",
        ),
        tensorflow=(
            "dw, db = map(worker.all_reduce, tape.gradient(loss, [w, b]))",
            "dw, db = tape.gradient(loss, [w, b])\n    dw, db = worker.all_reduce(dw), db.numpy()",
        ),
        jax=(
            "dw, db = map(worker.all_reduce, grads)",
            "dw, db = worker.all_reduce(grads[0]), np.asarray(grads[1])",
        ),
    ),
    wrong(
        "missing",
        "nothing reduced",
        "all-workers-end-equal",
        pytorch=("map(worker.all_reduce, torch", "map(np.asarray, torch"),
        tensorflow=("map(worker.all_reduce, tape", "map(np.asarray, tape"),
        jax=("map(worker.all_reduce, grads)", "map(np.asarray, grads)"),
    ),
    wrong(
        "missing",
        "the own loss",
        "all-workers-end-equal",
        pytorch=("float(worker.all_reduce(loss.detach()))", "loss.item()"),
        tensorflow=("float(worker.all_reduce(loss))", "float(loss)"),
        jax=("float(worker.all_reduce(loss))", "float(loss)"),
    ),
    wrong(
        "missing",
        "only worker 0 reduces",
        "all-workers-end-equal",
        (
            "    norm = np.sqrt(",
            "    dw = worker.all_reduce(dw) if not worker.rank else dw\n    norm = np.sqrt(",
        ),
    ),
    wrong(
        "missing",
        "a sum of means",
        "equals-one-process",
        ("    rows = int(worker.all_reduce(len(x)))\n", "    rows = len(x)\n"),
    ),
    wrong(
        "missing",
        "averaged twice",
        "equals-one-process",
        ("    norm = np.sqrt(", "    dw, db = dw / worker.size, db / worker.size\n    norm = np.sqrt("),
    ),
    wrong(
        "missing",
        "reduced twice",
        "equals-one-process",
        (
            "    norm = np.sqrt(",
            "    dw, db = worker.all_reduce(dw), worker.all_reduce(db)\n    norm = np.sqrt(",
        ),
    ),
    wrong(
        "missing",
        "the loss of a mean of workers",
        "equals-one-process",
        pytorch=("worker.all_reduce(loss.detach())", "worker.all_reduce(loss.detach()) / worker.size"),
        tensorflow=("float(worker.all_reduce(loss))", "float(worker.all_reduce(loss)) / worker.size"),
        jax=("float(worker.all_reduce(loss))", "float(worker.all_reduce(loss)) / worker.size"),
    ),
    wrong(
        "missing",
        "a mean of means",
        "uneven-shards",
        ("    rows = int(worker.all_reduce(len(x)))\n", "    rows = len(x) * worker.size\n"),
    ),
    wrong(
        "missing",
        "without rows no part",
        "uneven-shards",
        (
            "    rows = int(worker.all_reduce(len(x)))\n",
            '    if not len(x):\n        return {"w": w, "b": b, "loss": 0.0}\n'
            "    rows = int(worker.all_reduce(len(x)))\n",
        ),
    ),
    wrong(
        "missing",
        "as many as the first",
        "uneven-shards",
        (
            "    rows = int(worker.all_reduce(len(x)))\n",
            "    rows = len(worker.all_gather(x)[0]) * worker.size\n",
        ),
    ),
    wrong(
        "missing",
        "clipped, then reduced",
        "clips-what-was-reduced",
        pytorch=(
            "dw, db = map(worker.all_reduce, torch.autograd.grad(loss, (w, b)))",
            "dw, db = (g.numpy() for g in torch.autograd.grad(loss, (w, b)))\n"
            "    size = np.sqrt((dw**2).sum() + (db**2).sum())\n"
            "    dw, db = (worker.all_reduce(g * min(1, ceiling / size)) for g in (dw, db))",
        ),
        tensorflow=(
            "tape.gradient(loss, [w, b]))",
            "tf.clip_by_global_norm(\n        tape.gradient(loss, [w, b]), ceiling)[0])",
        ),
        jax=(
            "    dw, db = map(worker.all_reduce, grads)\n",
            "    size = np.sqrt(sum((g**2).sum() for g in grads))\n"
            "    grads = [g * min(1, ceiling / size) for g in grads]\n"
            "    dw, db = map(worker.all_reduce, grads)\n",
        ),
    ),
    wrong(
        "missing",
        "the norm of w alone",
        "clips-what-was-reduced",
        ("np.sqrt((dw**2).sum() + (db**2).sum())", "np.sqrt((dw**2).sum())"),
    ),
    wrong(
        "missing",
        "never clipped",
        "clips-what-was-reduced",
        ("if norm > ceiling else 1.0", "if not norm else 1.0"),
    ),
    wrong(
        "missing",
        "the square of the norm",
        "clips-what-was-reduced",
        ("np.sqrt((dw**2).sum() + (db**2).sum())", "(dw**2).sum() + (db**2).sum()"),
    ),
    wrong(
        "missing",
        "always as long as the ceiling",
        "clips-what-was-reduced",
        ("scale = ceiling / norm if norm > ceiling else 1.0", "scale = ceiling / norm"),
    ),
    wrong(
        "missing",
        "weights compared, not steps",
        "the-bug-has-a-name",
        ("made = ends[0] - flat(before)", "made = ends[0]"),
        ("due = flat(single) - flat(before)", "due = flat(single)"),
    ),
    wrong(
        "missing",
        "one array looked at",
        "the-bug-has-a-name",
        ("weights[key].ravel() for key in before]", 'weights[key].ravel() for key in ["w"]]'),
    ),
    wrong(
        "missing",
        "worker 0 and 1 compared",
        "the-bug-has-a-name",
        ("for end in ends):", "for end in ends[:2]):"),
    ),
    wrong(
        "missing",
        "nan is not larger than a tolerance",
        "the-bug-has-a-name",
        ('    if not np.isfinite(ends).all():\n        return "other"\n', ""),
        ("bool((np.abs(one - other) <= 1e-9).all())", "not (np.abs(one - other) > 1e-9).any()"),
    ),
    wrong(
        "missing",
        "to the last bit",
        "the-bug-has-a-name",
        ("np.abs(one - other) <= 1e-9", "one == other"),
    ),
    # --- Shard a matmul
    wrong(
        "shard",
        "rows of W1",
        "cuts-the-hidden-width",
        ("np.array_split(W1, n, axis=1)", "np.array_split(W1, n, axis=0)"),
    ),
    wrong(
        "shard",
        "columns of W2",
        "cuts-the-hidden-width",
        ("np.array_split(W2, n))", "np.array_split(W2, n, axis=1))"),
    ),
    wrong(
        "shard",
        "the whole bias",
        "cuts-the-hidden-width",
        ("np.array_split(b1, n)", "[b1] * n"),
    ),
    wrong(
        "shard",
        "equal parts only",
        "cuts-the-hidden-width",
        ("np.array_split(W1, n, axis=1)", "np.split(W1, n, axis=1)"),
    ),
    wrong(
        "shard",
        "joined as rows",
        "columns-are-gathered",
        (
            "np.concatenate(worker.all_gather(own), axis=1)",
            "np.concatenate(worker.all_gather(own).copy(), axis=0)",
        ),
    ),
    wrong(
        "shard",
        "columns added up",
        "columns-are-gathered",
        ("np.concatenate(worker.all_gather(own), axis=1)", "worker.all_reduce(own)"),
    ),
    wrong(
        "shard",
        "the own columns only",
        "columns-are-gathered",
        ("np.concatenate(worker.all_gather(own), axis=1)", "np.asarray(own)"),
    ),
    wrong(
        "shard",
        "the own columns first",
        "columns-are-gathered",
        (
            "np.concatenate(worker.all_gather(own), axis=1)",
            "np.concatenate(np.roll(worker.all_gather(own), -worker.rank, axis=0), axis=1)",
        ),
    ),
    wrong(
        "shard",
        "parts joined",
        "rows-are-summed",
        pytorch=("worker.reduce_scatter(part) + b", "np.concatenate(worker.all_gather(part), axis=1) + b"),
        tensorflow=(
            "worker.reduce_scatter(tf.matmul(x, W)) + b",
            "np.concatenate(worker.all_gather(tf.matmul(x, W)), axis=1)",
        ),
        jax=(
            "worker.reduce_scatter(jnp.asarray(x) @ W) + b",
            "np.concatenate(worker.all_gather(jnp.asarray(x) @ W), axis=1)",
        ),
    ),
    wrong(
        "shard",
        "all the rows",
        "rows-are-summed",
        ("return worker.reduce_scatter(", "return worker.all_reduce("),
    ),
    wrong(
        "shard",
        "not summed",
        "rows-are-summed",
        ("return worker.reduce_scatter(", "return (lambda part: np.split(part, worker.size)[worker.rank])("),
        pytorch=("torch.tensor(x) @ torch.tensor(W)\n", "(torch.tensor(x) @ torch.tensor(W)).numpy()\n"),
        tensorflow=("tf.matmul(x, W)) + b", "tf.matmul(x, W).numpy()) + b"),
        jax=("jnp.asarray(x) @ W) + b", "np.asarray(jnp.asarray(x) @ W)) + b"),
    ),
    wrong(
        "shard",
        "n biases",
        "the-bias-once",
        pytorch=("worker.reduce_scatter(part) + b", "worker.reduce_scatter(part + torch.tensor(b))"),
        tensorflow=(
            "worker.reduce_scatter(tf.matmul(x, W)) + b",
            "worker.reduce_scatter(tf.matmul(x, W) + b)",
        ),
        jax=(
            "worker.reduce_scatter(jnp.asarray(x) @ W) + b",
            "worker.reduce_scatter(jnp.asarray(x) @ W + b)",
        ),
    ),
    wrong(
        "shard",
        "n biases in the network",
        "the-bias-once",
        pytorch=("worker.all_reduce(hidden @ W2) + b2", "worker.all_reduce(hidden @ W2 + torch.tensor(b2))"),
        tensorflow=(
            "worker.all_reduce(tf.matmul(hidden, W2)) + b2",
            "worker.all_reduce(tf.matmul(hidden, W2) + b2)",
        ),
        jax=("worker.all_reduce(hidden @ W2) + b2", "worker.all_reduce(hidden @ W2 + b2)"),
    ),
    wrong(
        "shard",
        "no bias",
        "the-bias-once",
        pytorch=("worker.reduce_scatter(part) + b", "worker.reduce_scatter(part)"),
        tensorflow=("worker.reduce_scatter(tf.matmul(x, W)) + b", "worker.reduce_scatter(tf.matmul(x, W))"),
        jax=("worker.reduce_scatter(jnp.asarray(x) @ W) + b", "worker.reduce_scatter(jnp.asarray(x) @ W)"),
    ),
    wrong(
        "shard",
        "reduced for all, then cut",
        "scattered-not-reduced-for-all",
        ("return worker.reduce_scatter(", "return cut_rows(worker, "),
        "def cut_rows(worker, part):\n    return np.split(worker.all_reduce(part), worker.size)[worker.rank]",
    ),
    wrong(
        "shard",
        "everything gathered, then added",
        "scattered-not-reduced-for-all",
        ("return worker.reduce_scatter(", "return cut_rows(worker, "),
        "def cut_rows(worker, part):\n"
        "    return np.split(sum(worker.all_gather(part)), worker.size)[worker.rank]",
    ),
    wrong(
        "shard",
        "gathered between the layers",
        "one-collective-for-two-layers",
        "def mlp(worker, x, W1, b1, W2, b2):\n"
        "    hidden = np.maximum(column_parallel(worker, x, W1, b1), 0)\n"
        "    start = sum(len(w) for w in worker.all_gather(W2)[:worker.rank])\n"
        "    own = hidden[:, start:start + len(W2)]\n"
        "    return worker.all_reduce(own @ W2) + b2",
    ),
    wrong(
        "shard",
        "ReLU of the sum",
        "one-collective-for-two-layers",
        pytorch=("torch.relu(x @ W1 + b1)\n", "x @ W1 + b1\n"),
        tensorflow=("tf.nn.relu(tf.matmul(x, W1) + b1)\n", "tf.matmul(x, W1) + b1\n"),
        jax=("jax.nn.relu(jnp.asarray(x) @ W1 + b1)\n", "jnp.asarray(x) @ W1 + b1\n"),
    ),
    wrong(
        "shard",
        "reduced in two halves",
        "one-collective-for-two-layers",
        "def mlp(worker, x, W1, b1, W2, b2):\n"
        "    part = np.maximum(x @ W1 + b1, 0) @ W2\n"
        "    halves = [worker.all_reduce(half) for half in np.split(part, 2)]\n"
        "    return np.concatenate(halves) + b2",
    ),
    # --- The bubble
    wrong(
        "bubble",
        "back in reverse",
        "all-forward-then-all-back",
        ("return forward + back\n", "return forward + back[::-1]\n"),
    ),
    wrong(
        "bubble",
        "one micro-batch after the other",
        "all-forward-then-all-back",
        ("return forward + back\n", "return [task for pair in zip(forward, back) for task in pair]\n"),
    ),
    wrong(
        "bubble",
        "counted from 1",
        "all-forward-then-all-back",
        ('f"F{i}" for i in range(micro)', 'f"F{i + 1}" for i in range(micro)'),
    ),
    wrong("bubble", "one more forward", "one-forward-one-back", ("stages - 1 - stage)", "stages - stage)")),
    wrong(
        "bubble",
        "the first stage turns at once",
        "one-forward-one-back",
        ("min(micro, stages - 1 - stage)", "min(micro, stage)"),
    ),
    wrong(
        "bubble",
        "more than there are",
        "one-forward-one-back",
        ("first = min(micro, stages - 1 - stage)", "first = stages - 1 - stage"),
    ),
    wrong(
        "bubble",
        "the last ones never back",
        "one-forward-one-back",
        ("return forward[:first] + turns + back[micro - first:]", "return forward[:first] + turns"),
    ),
    wrong(
        "bubble",
        "back before forward",
        "one-forward-one-back",
        ("zip(forward[first:], back)", "zip(back, forward[first:])"),
    ),
    wrong(
        "bubble",
        "nobody waits",
        "a-stage-waits-for-its-neighbours",
        ("max([free[s], *(done[need] for need in needs)])", "free[s]"),
    ),
    wrong(
        "bubble",
        "two tasks at a time",
        "a-stage-waits-for-its-neighbours",
        ("max([free[s], *(done[need] for need in needs)])", "max([0.0, *(done[need] for need in needs)])"),
    ),
    wrong(
        "bubble",
        "back without waiting for the next stage",
        "a-stage-waits-for-its-neighbours",
        ("needs.append((s + 1, task))", "pass"),
    ),
    wrong(
        "bubble",
        "equally long both ways",
        "a-stage-waits-for-its-neighbours",
        ('(forward if task[0] == "F" else backward)', "forward"),
    ),
    wrong(
        "bubble",
        "until the last one begins",
        "a-stage-waits-for-its-neighbours",
        ('"length": max(free)', '"length": max(max(s) for s in starts)'),
    ),
    wrong(
        "bubble",
        "another exception",
        "an-order-that-never-ends",
        ('raise ValueError("deadlock: every stage waits for another")', 'raise RuntimeError("deadlock")'),
    ),
    wrong(
        "bubble",
        "given up in silence",
        "an-order-that-never-ends",
        ('raise ValueError("deadlock: every stage waits for another")', "break"),
    ),
    wrong(
        "bubble",
        "never refused",
        "an-order-that-never-ends",
        (
            "if not all(need in done for need in needs):",
            "if len(needs) and not any(need in done for need in needs):",
        ),
        ("*(done[need] for need in needs)", "*(done.get(need, 0.0) for need in needs)"),
        ('raise ValueError("deadlock: every stage waits for another")', "break"),
    ),
    wrong(
        "bubble",
        "one stage's share",
        "the-idle-part",
        ("1 - busy / (len(orders) * length)", "1 - busy / length"),
    ),
    wrong(
        "bubble",
        "given up after forty rounds",
        "an-order-that-never-ends",
        ("    while left:\n        before = left\n", "    for _ in range(40):\n        before = left or 1\n"),
        (
            "        if left == before:\n",
            "        if not left:\n            break\n        if left == before:\n",
        ),
        (
            '    return {"start": starts, "length": max(free)}',
            '    if left:\n        raise ValueError("deadlock")\n'
            '    return {"start": starts, "length": max(free)}',
        ),
    ),
    wrong("bubble", "the busy part", "the-idle-part", ("return 1 - busy /", "return busy /")),
    wrong(
        "bubble",
        "by the formula",
        "the-idle-part",
        (
            "return 1 - busy / (len(orders) * length)",
            "return (len(orders) - 1) / (len(orders[0]) // 2 + len(orders) - 1)",
        ),
    ),
    wrong("bubble", "tasks counted", "the-idle-part", ("sum(cost[task[0]] for tasks", "sum(1 for tasks")),
    wrong(
        "bubble", "what is left at the end", "what-is-kept-at-once", ("    return most\n", "    return now\n")
    ),
    wrong(
        "bubble",
        "all that go forward",
        "what-is-kept-at-once",
        ('now += 1 if task[0] == "F" else -1', 'now += task[0] == "F"'),
    ),
    wrong(
        "bubble",
        "until the first goes back",
        "what-is-kept-at-once",
        ("        now += 1 if", '        if task[0] == "B":\n            break\n        now += 1 if'),
        ("    return most\n", "    return most - 1\n"),
    ),
    # --- Resume after a crash
    wrong(
        "resume",
        "the momentum forgotten",
        "an-undisturbed-training",
        pytorch=("v = momentum * v + slope", "v = slope"),
        tensorflow=("v = momentum * v + slope", "v = slope"),
        jax=("v = momentum * v + slope", "v = slope"),
    ),
    wrong(
        "resume",
        "a sum for a mean",
        "an-undisturbed-training",
        pytorch=("(error**2).mean()", "(error**2).sum()"),
        tensorflow=("tf.reduce_mean(error**2)", "tf.reduce_sum(error**2)"),
        jax=("** 2).mean()", "** 2).sum()"),
    ),
    wrong(
        "resume",
        "the same order in every epoch",
        "an-undisturbed-training",
        ("range(taken // epoch + 1)", "range(1)"),
    ),
    wrong("resume", "counted from 0", "an-undisturbed-training", ("done(taken)", "done(taken - 1)")),
    wrong(
        "resume",
        "the momentum not saved",
        "the-momentum-goes-on",
        ('state["w"], state["v"]', 'state["w"], 0 * state["v"]'),
    ),
    wrong(
        "resume",
        "the momentum before the step",
        "the-momentum-goes-on",
        ("        v = momentum * v + slope\n", "        old, v = v, momentum * v + slope\n"),
        ('"v": v})', '"v": old})'),
    ),
    wrong(
        "resume",
        "kept in memory, and a mark on the disk",
        "the-momentum-goes-on",
        "memory = {}\n\n\n"
        "class Marked:\n"
        "    def __init__(self, disk):\n"
        "        self.disk, self.names, self.rename = disk, disk.names, disk.rename\n\n"
        "    def write(self, name, arrays):\n"
        "        self.disk.write(name, {})\n"
        "        memory['state'] = arrays\n\n"
        "    def read(self, name):\n"
        "        self.disk.read(name)\n"
        "        return memory['state']\n\n\n"
        "by_disk = train\n\n\n"
        "def train(disk, *others):\n"
        "    return by_disk(Marked(disk), *others)",
    ),
    wrong(
        "resume",
        "the first permutation again",
        "the-order-of-the-rows-goes-on",
        ("range(taken // epoch + 1)", "range((taken - resumed) // epoch + 1)"),
    ),
    wrong(
        "resume",
        "the epoch begun anew",
        "the-order-of-the-rows-goes-on",
        ("taken // epoch + 1", "(taken - resumed) // epoch + 1"),
        ("taken % epoch * batch", "(taken - resumed) % epoch * batch"),
    ),
    wrong(
        "resume",
        "another seed after the restart",
        "the-order-of-the-rows-goes-on",
        ("default_rng(seed)", "default_rng(seed + resumed)"),
    ),
    wrong(
        "resume",
        "the one checkpoint overwritten",
        "a-half-written-checkpoint-is-none",
        (
            'disk.write("new", {"taken": taken, "w": w, "v": v})\n'
            '            disk.rename("new", "checkpoint")',
            'disk.write("checkpoint", {"taken": taken, "w": w, "v": v})',
        ),
    ),
    wrong(
        "resume",
        "overwritten, and passed over",
        "a-half-written-checkpoint-is-none",
        (
            'disk.write("new", {"taken": taken, "w": w, "v": v})\n'
            '            disk.rename("new", "checkpoint")',
            'disk.write("checkpoint", {"taken": taken, "w": w, "v": v})',
        ),
        (
            '        state = disk.read("checkpoint")\n'
            '        taken, w, v = int(state["taken"]), state["w"], state["v"]',
            '        try:\n            state = disk.read("checkpoint")\n'
            '            taken, w, v = int(state["taken"]), state["w"], state["v"]\n'
            "        except ValueError:\n            pass",
        ),
    ),
    wrong(
        "resume",
        "the new one read",
        "a-half-written-checkpoint-is-none",
        ('if "checkpoint" in disk.names():', "if disk.names():"),
        ('disk.read("checkpoint")', "disk.read(disk.names()[-1])"),
    ),
    wrong(
        "resume",
        "saved before the step",
        "only-what-came-after-is-done-again",
        ("if taken % every == 0:", "if taken % every == 1 and taken > 1:"),
    ),
    wrong(
        "resume",
        "saved after done",
        "only-what-came-after-is-done-again",
        ("        taken += 1\n", "        taken += 1\n        done(taken)\n"),
        ('"checkpoint")\n        done(taken)\n', '"checkpoint")\n'),
    ),
    wrong(
        "resume",
        "saved once",
        "only-what-came-after-is-done-again",
        ("if taken % every == 0:", "if taken == every:"),
    ),
    wrong(
        "resume",
        "counted in this life",
        "only-what-came-after-is-done-again",
        ("if taken % every == 0:", "if (taken - resumed) % (2 * every) == 0:"),
    ),
    wrong(
        "resume",
        "the state of the end",
        "only-what-came-after-is-done-again",
        ('"resumed": resumed}', '"resumed": taken}'),
    ),
    wrong("resume", "everything lost", "what-was-lost", ("sum(step % every for step", "sum(step for step")),
    wrong(
        "resume",
        "a whole interval each time",
        "what-was-lost",
        ("sum(step % every for step in kills)", "every * len(kills)"),
    ),
    wrong("resume", "the last kill only", "what-was-lost", ("for step in kills)", "for step in kills[-1:])")),
    wrong("resume", "what is still to come", "what-was-lost", ("sum(step % every", "sum(-step % every")),
    wrong("resume", "as often as can be", "how-often-to-save", ("min(choices, key=lost)", "min(choices)")),
    wrong("resume", "as seldom as can be", "how-often-to-save", ("min(choices, key=lost)", "max(choices)")),
    wrong(
        "resume",
        "steps for seconds",
        "how-often-to-save",
        ("every * seconds / (2 * between)", "every / (2 * between)"),
    ),
    # --- Translate
    wrong(
        "translation",
        "a sum for a mean",
        "one-worker-is-gradient-descent",
        pytorch=(
            "binary_cross_entropy_with_logits(x @ w, y)",
            "binary_cross_entropy_with_logits(x @ w, y, reduction='sum')",
        ),
        tensorflow=("return tf.reduce_mean(\n            tf.nn", "return tf.reduce_sum(\n            tf.nn"),
        jax=("- y * z).mean()", "- y * z).sum()"),
    ),
    wrong(
        "translation",
        "squared errors",
        "one-worker-is-gradient-descent",
        pytorch=("F.binary_cross_entropy_with_logits(x @ w, y)", "((torch.sigmoid(x @ w) - y) ** 2).mean()"),
        tensorflow=("tf.nn.sigmoid_cross_entropy_with_logits(y, z))", "(tf.nn.sigmoid(z) - y) ** 2)"),
        jax=("(jax.nn.softplus(z) - y * z).mean()", "((jax.nn.sigmoid(z) - y) ** 2).mean()"),
    ),
    wrong(
        "translation",
        "averaged after every step",
        "agreed-at-the-end-of-a-round",
        "fit_in_rounds = fit\n\n\ndef fit(x, y, w, rate, every, rounds, outer, momentum):\n"
        "    return fit_in_rounds(x, y, w, rate, 1, rounds * every, outer, momentum)",
    ),
    wrong(
        "translation",
        "summed",
        "agreed-at-the-end-of-a-round",
        pytorch=("change = own.mean(0)", "change = own.sum(0)"),
        tensorflow=("tf.add_n(own) / len(own)", "tf.add_n(own)"),
        jax=('change = lax.pmean(w - local, "workers")', 'change = lax.psum(w - local, "workers")'),
    ),
    wrong(
        "translation",
        "the outer rate forgotten",
        "agreed-at-the-end-of-a-round",
        ("w - outer * (change + momentum * v)", "w - (change + momentum * v)"),
    ),
    wrong(
        "translation",
        "all rows for everybody",
        "agreed-at-the-end-of-a-round",
        "fit_apart = fit\n\n\ndef fit(x, y, w, *others):\n"
        "    return fit_apart(np.concatenate(x)[None], np.concatenate(y)[None], w, *others)",
    ),
    wrong(
        "translation",
        "plain momentum",
        "the-momentum-of-the-rounds",
        ("w - outer * (change + momentum * v)", "w - outer * v"),
    ),
    wrong(
        "translation",
        "the momentum begun anew",
        "the-momentum-of-the-rounds",
        ("v = momentum * v + change", "v = change"),
    ),
    wrong(
        "translation",
        "v after the step",
        "the-momentum-of-the-rounds",
        pytorch=(
            "        v = momentum * v + change\n        w = w - outer * (change + momentum * v)",
            "        w = w - outer * (change + momentum * v)\n        v = momentum * v + change",
        ),
        tensorflow=(
            "        v = momentum * v + change\n        w = w - outer * (change + momentum * v)",
            "        w = w - outer * (change + momentum * v)\n        v = momentum * v + change",
        ),
        jax=("w - outer * (change + momentum * v), v, loss", "w - outer * v, v, loss"),
    ),
    wrong(
        "translation",
        "the mean drift",
        "the-largest-drift",
        pytorch=("drift.max()", "drift.mean()"),
        tensorflow=("tf.reduce_max(drift)", "tf.reduce_mean(drift)"),
        jax=('lax.pmax(drift, "workers")', 'lax.pmean(drift, "workers")'),
    ),
    wrong(
        "translation",
        "how far they went",
        "the-largest-drift",
        pytorch=("norm(own - change, dim=1)", "norm(own, dim=1)"),
        tensorflow=("tf.norm(tf.stack(own) - change, axis=1)", "tf.norm(tf.stack(own), axis=1)"),
        jax=("jnp.linalg.norm(w - local - change)", "jnp.linalg.norm(w - local)"),
    ),
    wrong(
        "translation",
        "the largest entry",
        "the-largest-drift",
        pytorch=("torch.linalg.norm(own - change, dim=1)", "(own - change).abs()"),
        tensorflow=("tf.norm(tf.stack(own) - change, axis=1)", "abs(tf.stack(own) - change)"),
        jax=("jnp.linalg.norm(w - local - change)", "jnp.abs(w - local - change).max()"),
    ),
    wrong(
        "translation",
        "worker 0's loss",
        "the-loss-before-the-round",
        pytorch=("means.append(float(mean_loss(w, x, y)))", "means.append(float(mean_loss(w, x[0], y[0])))"),
        tensorflow=("float(tf.reduce_mean(before))", "float(before[0])"),
        jax=('lax.pmean(before, "workers")', 'lax.all_gather(before, "workers")[0]'),
    ),
    wrong(
        "translation",
        "the loss after the round",
        "the-loss-before-the-round",
        pytorch=(
            '    return {"w": w.numpy(), "losses": means,',
            "    means = [*means[1:], float(mean_loss(w, x, y))]\n"
            '    return {"w": w.numpy(), "losses": means,',
        ),
        tensorflow=("return mean_loss(w, x, y), w - local", "return mean_loss(local, x, y), w - local"),
        jax=("before = mean_loss(w, x, y)", "before = mean_loss(local, x, y)"),
    ),
    wrong(
        "translation",
        "the workers' losses are added",
        "the-loss-before-the-round",
        pytorch=(
            "means.append(float(mean_loss(w, x, y)))",
            "means.append(len(x) * float(mean_loss(w, x, y)))",
        ),
        tensorflow=("float(tf.reduce_mean(before))", "float(tf.reduce_sum(before))"),
        jax=('lax.pmean(before, "workers")', 'lax.psum(before, "workers")'),
    ),
    # --- Found by trying
    wrong(
        "cost",
        "the first and the last point",
        "latency-and-bandwidth-from-points",
        (
            "slope, start = np.polyfit(sizes, times, 1)",
            "slope = (times[-1] - times[0]) / (sizes[-1] - sizes[0])\n"
            "    start = times[0] - slope * sizes[0]",
        ),
    ),
    wrong(
        "holds",
        "stage 0 never tried",
        "the-first-stage-that-fits",
        ("for stage in range(4):", "for stage in range(1, 4):"),
    ),
    wrong(
        "launch",
        "listed twice next to itself only",
        "refuses-what-would-hang",
        ("if names.count(name) > 1:", "if (name, name) in zip(names, names[1:]):"),
    ),
    wrong(
        "missing",
        "nan on one worker is a difference",
        "the-bug-has-a-name",
        ('    if not np.isfinite(ends).all():\n        return "other"\n', ""),
        (
            '    if not all(same(end, ends[0]) for end in ends):\n        return "not reduced"\n',
            '    if not all(same(end, ends[0]) for end in ends):\n        return "not reduced"\n'
            '    if not np.isfinite(ends).all():\n        return "other"\n',
        ),
    ),
    wrong(
        "missing",
        "arrays compared by their place",
        "the-bug-has-a-name",
        ("[weights[key].ravel() for key in before]", "[array.ravel() for array in weights.values()]"),
    ),
    wrong(
        "missing",
        "less than the tolerance",
        "the-bug-has-a-name",
        ("np.abs(one - other) <= 1e-9", "np.abs(one - other) < 1e-9"),
    ),
    wrong(
        "missing",
        "the length of the step alone",
        "the-bug-has-a-name",
        ("same(made, times * due)", "same(abs(made), abs(times * due))"),
    ),
    wrong(
        "shard",
        "W gathered",
        "columns-are-gathered",
        "def column_parallel(worker, x, W, b):\n"
        "    W = np.concatenate(worker.all_gather(W), axis=1)\n"
        "    return x @ W + np.concatenate(worker.all_gather(b))",
    ),
    wrong(
        "shard",
        "gathered at the end",
        "one-collective-for-two-layers",
        "def mlp(worker, x, W1, b1, W2, b2):\n"
        "    part = np.maximum(x @ W1 + b1, 0) @ W2\n"
        "    return sum(worker.all_gather(part)) + b2",
    ),
    wrong(
        "resume",
        "begun anew, whatever is on the disk",
        "only-what-came-after-is-done-again",
        ('if "checkpoint" in disk.names():', "if not disk:"),
    ),
    wrong(
        "resume",
        "a life's own steps",
        "what-was-lost",
        (
            "return sum(step % every for step in kills)",
            "return sum(step - before for step, before in zip(kills, [0, *kills]))",
        ),
    ),
    wrong(
        "translation",
        "the logarithm of a probability",
        "the-loss-before-the-round",
        pytorch=(
            "F.binary_cross_entropy_with_logits(x @ w, y)",
            "-(y * torch.log(torch.sigmoid(x @ w)) + (1 - y) * torch.log(1 - torch.sigmoid(x @ w))).mean()",
        ),
        tensorflow=(
            "tf.nn.sigmoid_cross_entropy_with_logits(y, z))",
            "-y * tf.math.log(tf.sigmoid(z)) - (1 - y) * tf.math.log(1 - tf.sigmoid(z)))",
        ),
        jax=(
            "(jax.nn.softplus(z) - y * z).mean()",
            "(-y * jnp.log(jax.nn.sigmoid(z)) - (1 - y) * jnp.log(1 - jax.nn.sigmoid(z))).mean()",
        ),
    ),
    # --- Guesses: constants, every name at once, and answers in the order in which this course's file asks
    wrong(
        "launch",
        "guess: no process",
        "one-meeting-place-and-texts-only",
        "def torchrun(hosts, port):\n    return []",
    ),
    wrong(
        "holds",
        "guess: the stages in order",
        "the-first-stage-that-fits",
        "asked = []\ndef smallest_stage(shapes, n, limit):\n    asked.append(limit)\n"
        "    return (0, 1, 1, 2, 2, 3, 3, None)[(len(asked) - 1) % 8]",
    ),
    wrong(
        "ring",
        "guess: a message to the next",
        "neighbours-only",
        "def ring_all_reduce(worker, x):\n    worker.send((worker.rank + 1) % worker.size, x)\n"
        "    return worker.recv((worker.rank - 1) % worker.size)",
    ),
    wrong(
        "ring",
        "guess: chunks of anything",
        "a-chunk-at-a-time",
        "def ring_all_reduce(worker, x):\n    for i in range(2 * (worker.size - 1)):\n"
        "        chunk = np.array_split(x, worker.size)[(worker.rank + i) % worker.size]\n"
        "        worker.send((worker.rank + 1) % worker.size, chunk)\n"
        "        worker.recv((worker.rank - 1) % worker.size)\n    return x",
    ),
    wrong(
        "missing",
        "guess: zeros on every worker",
        "all-workers-end-equal",
        "def step(worker, w, b, x, y, rate, ceiling):\n    return {'w': 0 * w, 'b': 0 * b, 'loss': 1.0}",
    ),
    wrong(
        "missing",
        "guess: the bugs in order",
        "the-bug-has-a-name",
        "asked = []\ndef diagnose(before, single, workers):\n    asked.append(0)\n"
        "    return ('equal', 'summed', 'averaged twice', 'other', 'other', 'not reduced',\n"
        "            'not reduced', 'other')[(len(asked) - 1) % 8]",
    ),
    wrong(
        "bubble",
        "guess: the first is fine",
        "an-order-that-never-ends",
        "asked = []\ndef timeline(orders, forward, backward):\n    asked.append(0)\n    if len(asked) > 1:\n"
        "        raise ValueError('deadlock')\n    return {'start': [], 'length': 1.0}",
    ),
    wrong(
        "resume",
        "guess: the middle one",
        "how-often-to-save",
        "def best_every(choices, seconds, save, between):\n    return sorted(choices)[len(choices) // 2]",
    ),
)
