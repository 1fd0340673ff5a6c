"""Other right answers to the exercises on graphs, which every check accepts."""

from triptych.grading.checks.mistakes import right

RIGHT = (
    # --- Three places for a line
    right(
        "places",
        "the count goes in and comes out",
        pytorch="def three_counters(arrays):\n"
        "    programs, seen = [], torch.zeros((), dtype=torch.int64)\n\n"
        "    @torch.compile(backend=recorder(programs), fullgraph=True)\n"
        "    def count(x, seen):\n        return seen + torch.count_nonzero(x > 0)\n\n"
        "    for array in arrays:\n        seen = count(torch.tensor(array), seen)\n"
        "    return dict(python=len(arrays), traces=len(programs), program=seen.item())",
        tensorflow="def three_counters(arrays):\n"
        "    traces, seen = 0, tf.constant(0, tf.int64)\n\n"
        "    @tf.function\n"
        "    def count(x, seen):\n        nonlocal traces\n        traces += 1\n"
        "        return seen + tf.math.count_nonzero(x > 0)\n\n"
        "    for array in arrays:\n        seen = count(tf.convert_to_tensor(array), seen)\n"
        "    return dict(python=len(arrays), traces=traces, program=seen.numpy())",
        jax="def three_counters(arrays):\n"
        "    traces, state = 0, {'seen': jnp.zeros((), int)}\n\n"
        "    @jax.jit\n"
        "    def count(state, x):\n        nonlocal traces\n        traces += 1\n"
        "        return {'seen': state['seen'] + jnp.count_nonzero(x > 0)}\n\n"
        "    for array in arrays:\n        state = count(state, jnp.asarray(array))\n"
        "    return dict(python=len(arrays), traces=traces, program=state['seen'].item())",
    ),
    right(
        "places",
        "compiled by a call, counted in floats",
        pytorch="def three_counters(arrays):\n"
        "    calls, programs, seen = 0, [], torch.zeros(())\n\n"
        "    def count(x):\n        seen.add_(torch.where(x > 0, 1.0, 0.0).sum())\n\n"
        "    count = torch.compile(count, backend=recorder(programs))\n"
        "    for array in map(torch.from_numpy, arrays):\n        count(array)\n        calls += 1\n"
        "    return {'python': calls, 'traces': len(programs), 'program': int(seen)}",
        tensorflow="def three_counters(arrays):\n"
        "    calls, traces, seen = 0, [], tf.Variable(0.0)\n\n"
        "    def count(x):\n        traces.append(None)\n"
        "        seen.assign(seen + tf.reduce_sum(tf.where(x > 0, 1.0, 0.0)))\n\n"
        "    count = tf.function(count)\n"
        "    for array in arrays:\n        count(array)\n        calls += 1\n"
        "    return {'python': calls, 'traces': len(traces), 'program': int(seen)}",
        jax="def three_counters(arrays):\n"
        "    calls, traces, seen = 0, [], jnp.float32(0)\n\n"
        "    def count(seen, x):\n        traces.append(None)\n"
        "        return seen + jnp.where(x > 0, 1.0, 0.0).sum()\n\n"
        "    count = jax.jit(count, donate_argnums=0)\n"
        "    for array in arrays:\n        seen = count(seen, array)\n        calls += 1\n"
        "    return {'python': calls, 'traces': len(traces), 'program': int(seen)}",
    ),
    right(
        "places",
        "NumPy's numbers and arrays of no dimension",
        "answered = three_counters\n\n\n"
        "def three_counters(arrays):\n"
        "    made = answered(list(arrays))\n"
        "    return {'python': np.int64(made['python']), 'traces': np.array(made['traces']),\n"
        "            'program': np.float32(made['program']), 'arrays': len(arrays)}",
    ),
    right(
        "places",
        "an object with the counters",
        pytorch="class Counters(torch.nn.Module):\n"
        "    def __init__(self):\n        super().__init__()\n        self.calls = 0\n"
        "        self.register_buffer('seen', torch.zeros(1, dtype=torch.int64))\n\n"
        "    def forward(self, x):\n        self.seen.add_(torch.sum(torch.gt(x, 0)))\n"
        "        return self.seen\n\n\n"
        "def three_counters(arrays):\n"
        "    programs, counters = [], Counters()\n"
        "    counters.compile(backend=recorder(programs), fullgraph=True)\n"
        "    for array in arrays:\n"
        "        counters.calls, _ = counters.calls + 1, counters(torch.as_tensor(array))\n"
        "    return {'python': counters.calls, 'traces': len(programs), 'program': "
        "int(counters.seen.item())}",
        tensorflow="class Counters(tf.Module):\n"
        "    def __init__(self):\n        super().__init__()\n        self.calls = self.traces = 0\n"
        "        self.seen = tf.Variable(0, dtype=tf.int64)\n\n"
        "    @tf.function\n"
        "    def __call__(self, x):\n        self.traces += 1\n"
        "        return self.seen.assign_add(tf.size(tf.where(x > 0)[:, 0], tf.int64))\n\n\n"
        "def three_counters(arrays):\n"
        "    counters = Counters()\n"
        "    for array in arrays:\n        counters(tf.constant(array))\n        counters.calls += 1\n"
        "    return {'python': counters.calls, 'traces': counters.traces,\n"
        "            'program': int(counters.seen.numpy())}",
        jax="class Counters:\n"
        "    def __init__(self):\n        self.calls = self.traces = 0\n"
        "        self.seen, self.count = jnp.int32(0), jax.jit(self._count)\n\n"
        "    def _count(self, seen, x):\n        self.traces += 1\n"
        "        return seen + jnp.sum(jnp.sign(x) == 1, dtype=jnp.int32)\n\n\n"
        "def three_counters(arrays):\n"
        "    counters = Counters()\n"
        "    for array in arrays:\n        counters.seen = counters.count(counters.seen, array)\n"
        "        counters.calls += 1\n"
        "    return {'python': counters.calls, 'traces': counters.traces,\n"
        "            'program': int(counters.seen)}",
    ),
    right(
        "places",
        "a count for each call, added up at the end",
        pytorch="def three_counters(arrays):\n"
        "    programs, total = [], torch.tensor([0.0], dtype=torch.float64)\n"
        "    @torch.compile(backend=recorder(programs))\n"
        "    def count(x):\n        total[0] += (x > 0).double().sum()\n        return x.relu()\n"
        "    python = len([count(torch.tensor(array)) for array in arrays])\n"
        "    return {'python': python, 'traces': len(programs), 'program': total[0].item()}",
        tensorflow="def three_counters(arrays):\n"
        "    traces, total = [], tf.Variable([0])\n"
        "    @tf.function(autograph=False)\n"
        "    def count(x):\n        traces.append(str(x))\n"
        "        total.assign_add([tf.reduce_sum(tf.cast(tf.greater(x, 0), tf.int32))])\n"
        "        return tf.nn.relu(x)\n"
        "    python = len([count(tf.constant(array)) for array in arrays])\n"
        "    return {'python': python, 'traces': len(traces), 'program': total[0].numpy()}",
        jax="def three_counters(arrays):\n"
        "    traces, total = [], jnp.zeros(1, int)\n"
        "    @jax.jit\n"
        "    def count(total, x):\n        traces.append(str(x))\n"
        "        return total.at[0].add(jnp.greater(x, 0).sum())\n"
        "    for python, array in enumerate(arrays, 1):\n        total = count(total, array)\n"
        "    return {'python': python, 'traces': len(traces), 'program': np.asarray(total)[0]}",
    ),
    # --- Count the operations
    right(
        "operations",
        "another way to capture",
        pytorch="def count_operations(n):\n"
        "    traced = torch.fx.symbolic_trace(lambda x: ladder(x, n))\n"
        "    names = [str(node.target.__name__) for node in traced.graph.nodes\n"
        "             if node.op == 'call_function']\n"
        "    return {'mul': names.count('mul'), 'add': names.count('add'),\n"
        "            'div': names.count('truediv'), 'all': len(names)}",
        tensorflow="def count_operations(n):\n"
        "    with tf.Graph().as_default() as graph:\n"
        "        ladder(tf.compat.v1.placeholder(tf.float32, []), n)\n"
        "    kinds = [op.type for op in graph.get_operations()]\n"
        "    mul, add, div = map(kinds.count, ('Mul', 'AddV2', 'RealDiv'))\n"
        "    return dict(mul=mul, add=add, div=div, all=mul + add + div)",
        jax="def count_operations(n):\n"
        "    traced = jax.jit(ladder, static_argnums=1).trace(jnp.float32(1), n)\n"
        "    names = [str(eqn.primitive) for eqn in traced.jaxpr.eqns]\n"
        "    return {'mul': names.count('mul'), 'add': names.count('add'),\n"
        "            'div': names.count('div'), 'all': len(names)}",
    ),
    right(
        "operations",
        "from the text of the program",
        pytorch="def count_operations(n):\n"
        "    class Ladder(torch.nn.Module):\n"
        "        def forward(self, x):\n            return ladder(x, n)\n\n"
        "    text = str(torch.export.export(Ladder(), (torch.tensor(1.0),)).graph)\n"
        "    made = {kind: text.count(f'aten.{kind}.Tensor') for kind in ('mul', 'add', 'div')}\n"
        "    return {**made, 'all': sum(made.values())}",
        tensorflow="import re\n\n\n"
        "def count_operations(n):\n"
        "    climb = tf.function(lambda x: ladder(x, n))\n"
        "    text = str(climb.get_concrete_function(tf.constant(1.0)).graph.as_graph_def())\n"
        "    made = {kind: len(re.findall(f'op: \"{op}\"', text))\n"
        "            for kind, op in [('mul', 'Mul'), ('add', 'AddV2'), ('div', 'RealDiv')]}\n"
        "    return {**made, 'all': sum(made.values())}",
        jax="import re\n\n\n"
        "def count_operations(n):\n"
        "    text = str(jax.make_jaxpr(ladder, static_argnums=1)(jnp.float32(1), n))\n"
        "    made = {kind: len(re.findall(f'= {kind} ', text)) for kind in ('mul', 'add', 'div')}\n"
        "    return {**made, 'all': sum(made.values())}",
    ),
    right(
        "operations",
        "a counter, with other kinds too",
        pytorch="import collections\n\n\n"
        "def count_operations(n):\n"
        "    programs = []\n"
        "    torch.compile(ladder, backend=recorder(programs))(torch.tensor(2.0), n)\n"
        "    kinds = collections.Counter(\n"
        "        node.target.__name__.replace('truediv', 'div')\n"
        "        for node in programs[-1].graph.nodes if callable(node.target))\n"
        "    return {'mul': 0, 'add': 0, 'div': 0, **kinds, 'all': kinds.total()}",
        tensorflow="import collections\n\n\n"
        "def count_operations(n):\n"
        "    program = tf.function(ladder).get_concrete_function(\n"
        "        tf.TensorSpec((), tf.float32), n)\n"
        "    names = {'Mul': 'mul', 'AddV2': 'add', 'RealDiv': 'div'}\n"
        "    kinds = collections.Counter(\n"
        "        names[op.type] for op in program.graph.get_operations() if op.type in names)\n"
        "    return {'mul': 0, 'add': 0, 'div': 0, **kinds, 'all': kinds.total()}",
        jax="import collections\n\n\n"
        "def count_operations(n):\n"
        "    program = jax.make_jaxpr(lambda x: ladder(x, n))(np.float32(1))\n"
        "    kinds = collections.Counter(eqn.primitive.name for eqn in program.eqns)\n"
        "    return {'mul': 0, 'add': 0, 'div': 0, **kinds, 'all': kinds.total()}",
    ),
    right(
        "operations",
        "numbers of NumPy",
        "answered = count_operations\n\n\n"
        "def count_operations(n):\n"
        "    return {kind: np.array(number) for kind, number in answered(int(n)).items()}",
    ),
    right(
        "operations",
        "the operations that the framework's lower level shows",
        pytorch="from torch.fx.experimental.proxy_tensor import make_fx\n\n\n"
        "def count_operations(n):\n"
        "    graph = make_fx(lambda x: ladder(x, n))(torch.tensor(1.0)).graph\n"
        "    names = [str(node.target).split('.')[1] for node in graph.nodes if node.op == 'call_function']\n"
        "    return {'mul': names.count('mul'), 'add': names.count('add'),\n"
        "            'div': names.count('div'), 'all': len(names)}",
        tensorflow="def count_operations(n):\n"
        "    climb = tf.function(ladder, autograph=False).get_concrete_function(tf.constant(1.0), n)\n"
        "    nodes = [node.op for node in climb.graph.as_graph_def().node]\n"
        "    return {'mul': nodes.count('Mul'), 'add': nodes.count('AddV2'),\n"
        "            'div': nodes.count('RealDiv'),\n"
        "            'all': sum(op not in ('Placeholder', 'Const', 'Identity') for op in nodes)}",
        jax="def count_operations(n):\n"
        "    text = jax.jit(lambda x: ladder(x, n)).lower(1.0).as_text()\n"
        "    kinds = {'mul': 'multiply', 'add': 'add', 'div': 'divide'}\n"
        "    made = {kind: text.count(f'stablehlo.{op} ') for kind, op in kinds.items()}\n"
        "    return made | {'all': sum(made.values())}",
    ),
    # --- Few traces for many lengths
    right(
        "traces",
        "lists, and a sum of products with the mask",
        "def bucketed(x):\n"
        "    for size in (4, 8, 16, 32):\n        if len(x) <= size:\n"
        "            return list(x) + [0.0] * (size - len(x)), np.int32(len(x))",
        pytorch="def spread(x, length):\n"
        "    mask = (torch.arange(len(x)) < length).to(x.dtype)\n"
        "    mean = (mask * x).sum() / length\n    return (mask * (x - mean).abs()).sum() / mask.sum()",
        tensorflow="def spread(x, length):\n"
        "    mask = tf.cast(tf.range(tf.shape(x)[0]) < length, tf.float32)\n"
        "    n = tf.reduce_sum(mask)\n    mean = tf.reduce_sum(mask * x) / n\n"
        "    return tf.reduce_sum(mask * tf.abs(x - mean)) / n",
        jax="def spread(x, length):\n"
        "    mask = (jnp.arange(len(x)) < length).astype(x.dtype)\n"
        "    mean = (mask * x).sum() / length\n    return (mask * abs(x - mean)).sum() / mask.sum()",
    ),
    right(
        "traces",
        "the framework's own masked mean",
        "def bucketed(x):\n"
        "    size = 4\n    while size < x.shape[0]:\n        size *= 2\n"
        "    padded = np.full(size, -7, dtype='float32')\n    padded[:len(x)] = x\n"
        "    return [padded, np.array(len(x))]",
        pytorch="def spread(x, length):\n"
        "    outside = torch.arange(x.numel()) >= length\n"
        "    mean = torch.nanmean(x.masked_fill(outside, torch.nan))\n"
        "    return torch.nanmean((x - mean).abs().masked_fill(outside, torch.nan))",
        tensorflow="def spread(x, length):\n"
        "    inside = tf.boolean_mask(x, tf.sequence_mask(length, tf.size(x)))\n"
        "    return tf.reduce_mean(tf.abs(inside - tf.reduce_mean(inside)))",
        jax="def spread(x, length):\n"
        "    inside = jnp.arange(x.shape[0]) < length\n    mean = jnp.mean(x, where=inside)\n"
        "    return jnp.mean(jnp.abs(x - mean), where=inside)",
    ),
    right(
        "traces",
        "in double precision",
        "def bucketed(x):\n"
        "    sizes = np.array([4, 8, 16, 32])\n"
        "    padded = np.zeros(sizes[np.searchsorted(sizes, x.size)])\n    padded[:x.size] = x\n"
        "    return padded, x.size",
        pytorch="def spread(x, length):\n"
        "    x = x.double()\n    inside = torch.arange(x.shape[0]) < length\n"
        "    mean = torch.where(inside, x, 0.0).sum() / length\n"
        "    return torch.where(inside, (x - mean).abs(), 0.0).sum() / length",
        tensorflow="def spread(x, length):\n"
        "    x = tf.cast(x, tf.float64)\n    n = tf.cast(length, tf.float64)\n"
        "    inside = tf.range(tf.size(x)) < length\n"
        "    mean = tf.reduce_sum(tf.where(inside, x, tf.zeros_like(x))) / n\n"
        "    return tf.reduce_sum(tf.where(inside, tf.abs(x - mean), tf.zeros_like(x))) / n",
        jax="def spread(x, length):\n"
        "    inside = jnp.arange(x.size) < length\n    mean = jnp.sum(x, where=inside) / length\n"
        "    return jnp.sum(jnp.maximum(x - mean, mean - x), where=inside) / length",
    ),
    right(
        "traces",
        "the padding becomes the mean",
        "def bucketed(x):\n"
        "    size = min(bucket for bucket in (32, 16, 8, 4) if not bucket < len(x))\n"
        "    return [np.concatenate([x, np.ones(size - len(x), 'float32')]), len(x)]",
        pytorch="def spread(x, length):\n"
        "    inside = torch.arange(x.shape[0]) < length\n"
        "    mean = x[None, :].mul(inside).sum() / length\n"
        "    return (torch.where(inside, x, mean) - mean).norm(p=1) / length",
        tensorflow="def spread(x, length):\n"
        "    inside = tf.range(tf.size(x)) < length\n    n = tf.cast(length, tf.float32)\n"
        "    mean = tf.reduce_sum(tf.where(inside, x, 0)) / n\n"
        "    return tf.norm(tf.where(inside, x, mean) - mean, ord=1) / n",
        jax="def spread(x, length):\n"
        "    inside = jnp.arange(x.size) < length\n"
        "    mean = jnp.dot(jnp.where(inside, x, 0), inside) / length\n"
        "    return jnp.linalg.norm(jnp.where(inside, x, mean) - mean, ord=1) / length",
    ),
    right(
        "traces",
        "a loop over the elements, in the program",
        "def bucketed(x):\n"
        "    size = max(4, 2 ** math.ceil(math.log2(x.size)))\n"
        "    return [np.resize(np.append(x, np.zeros(size)), size), float(x.size)]",
        pytorch="def spread(x, length):\n"
        "    total = away = torch.zeros(1)\n"
        "    for i, element in enumerate(x):\n        total = total + torch.where(i < length, element, 0)\n"
        "    for i, element in enumerate(x):\n"
        "        away = away + torch.where(i < length, (element - total / length).abs(), 0)\n"
        "    return (away / length).squeeze()",
        tensorflow="def spread(x, length):\n"
        "    total, away, n = 0.0, 0.0, tf.cast(length, tf.float32)\n"
        "    for i in tf.range(length):\n        total += x[i]\n"
        "    for i in tf.range(length):\n        away += tf.abs(x[i] - total / n)\n"
        "    return away / n",
        jax="def spread(x, length):\n"
        "    total = lax.fori_loop(0, length, lambda i, total: total + x[i], 0.0)\n"
        "    away = lax.fori_loop(0, length, lambda i, away: away + abs(x[i] - total / length), 0.0)\n"
        "    return away / length",
    ),
    # --- A branch that compiles
    right(
        "branch",
        "where, with a safe divisor",
        pytorch="def limit_norm(x, ceiling):\n"
        "    norm = x.norm()\n    safe = torch.where(norm > 0, norm, 1.0)\n"
        "    return torch.where(norm > ceiling, x / safe * ceiling, x)",
        tensorflow="def limit_norm(x, ceiling):\n"
        "    norm = tf.sqrt(tf.reduce_sum(x * x))\n    safe = tf.where(norm > 0, norm, 1.0)\n"
        "    return tf.where(norm > ceiling, x / safe * ceiling, x)",
        jax="def limit_norm(x, ceiling):\n"
        "    norm = jnp.sqrt(jnp.sum(x * x))\n    safe = jnp.where(norm > 0, norm, 1.0)\n"
        "    return jnp.where(norm > ceiling, x / safe * ceiling, x)",
    ),
    right(
        "branch",
        "no branch: divided by the greater of norm and ceiling",
        pytorch="def limit_norm(x, ceiling):\n"
        "    return ceiling * x / torch.maximum(torch.linalg.norm(x), ceiling)",
        tensorflow="def limit_norm(x, ceiling):\n"
        "    return ceiling * x / tf.maximum(tf.norm(x, ord=2), ceiling)",
        jax="def limit_norm(x, ceiling):\n"
        "    return ceiling * x / jnp.maximum(jnp.linalg.norm(x, ord=2), ceiling)",
    ),
    right(
        "branch",
        "as the library clips gradients",
        pytorch="def limit_norm(x, ceiling):\n"
        "    return x * torch.clamp(ceiling / (x.square().sum().sqrt() + 1e-6), max=1.0)",
        tensorflow="def limit_norm(x, ceiling):\n    return tf.clip_by_norm(x, ceiling)",
        jax="def limit_norm(x, ceiling):\n"
        "    return x * jnp.minimum(1.0, ceiling / (jnp.sqrt(jnp.vdot(x, x)) + 1e-6))",
    ),
    right(
        "branch",
        "squares compared, zeros divided and not used",
        pytorch="def limit_norm(x, ceiling):\n"
        "    square = x.dot(x)\n"
        "    return torch.where(square >= ceiling**2, x * ceiling / square.sqrt(), x)",
        tensorflow="def limit_norm(x, ceiling):\n"
        "    square = tf.tensordot(x, x, 1)\n"
        "    return tf.where(square >= ceiling**2, x * ceiling / tf.sqrt(square), x)",
        jax="def limit_norm(x, ceiling):\n"
        "    square = x @ x\n"
        "    return lax.select(square >= ceiling**2, x * ceiling * lax.rsqrt(square), x)",
    ),
    right(
        "branch",
        "another branch of the program",
        pytorch="def limit_norm(x, ceiling):\n"
        "    long = torch.linalg.vector_norm(x) > ceiling\n\n"
        "    def scaled(x, ceiling):\n        return torch.nn.functional.normalize(x, dim=0) * ceiling\n\n"
        "    def same(x, ceiling):\n        return x + 0.0\n\n"
        "    return torch.cond(long, scaled, same, [x, ceiling])",
        tensorflow="def limit_norm(x, ceiling):\n"
        "    norm = tf.linalg.norm(x)\n"
        "    return tf.cond(norm <= ceiling, lambda: x, lambda: x * ceiling / norm)",
        jax="def limit_norm(x, ceiling):\n"
        "    norm = jnp.sqrt(jnp.square(x).sum())\n"
        "    sides = (lambda x: x, lambda x: x / norm * ceiling)\n"
        "    return lax.switch((norm > ceiling).astype(int), sides, x)",
    ),
    right(
        "branch",
        "in double precision",
        pytorch="def limit_norm(x, ceiling):\n"
        "    x = x.to(torch.float64)\n"
        "    return x * torch.clamp(ceiling / x.norm(), max=1).nan_to_num(1.0)",
        tensorflow="def limit_norm(x, ceiling):\n"
        "    wide = tf.cast(x, tf.float64)\n    top = tf.cast(ceiling, tf.float64)\n"
        "    return wide * tf.minimum(tf.constant(1.0, tf.float64),\n"
        "                             tf.math.divide_no_nan(top, tf.norm(wide)))",
        jax="def limit_norm(x, ceiling):\n"
        "    scale = jnp.nan_to_num(ceiling / jnp.linalg.norm(x), posinf=1.0)\n"
        "    return x * jnp.clip(scale, max=1.0)",
    ),
    # --- A loop that compiles
    right(
        "loop",
        "a list for the pair",
        pytorch=("return steps, peak", "return [steps, peak]"),
        tensorflow=("return steps, peak", "return [steps, peak]"),
        jax=("return steps, peak", "return [steps, peak]"),
    ),
    right(
        "loop",
        "one array carried, and returned",
        pytorch="def collatz_peak(n):\n"
        "    def step(state):\n"
        "        n = state[0]\n"
        "        n = torch.where(n % 2 == 0, torch.div(n, 2, rounding_mode='floor'), 3 * n + 1)\n"
        "        return (torch.stack([n, state[1] + 1, torch.maximum(n, state[2])]),)\n\n"
        "    start = torch.stack([n, 0 * n, n])\n"
        "    (state,) = torch.while_loop(lambda state: state[0] > 1, step, (start,))\n"
        "    return state[1:]",
        tensorflow="def collatz_peak(n):\n"
        "    def step(state):\n"
        "        n = tf.where(state[0] % 2 == 0, state[0] // 2, 3 * state[0] + 1)\n"
        "        return [tf.stack([n, state[1] + 1, tf.maximum(n, state[2])])]\n\n"
        "    (state,) = tf.while_loop(lambda s: s[0] > 1, step, [tf.stack([n, 0, n])])\n"
        "    return state[1:]",
        jax="def collatz_peak(n):\n"
        "    def step(state):\n"
        "        n, steps, peak = state\n"
        "        n = jnp.where(n % 2, 3 * n + 1, n // 2)\n"
        "        return jnp.stack([n, steps + 1, jnp.maximum(n, peak)])\n\n"
        "    return lax.while_loop(lambda s: s[0] > 1, step, jnp.stack([n, 0, n]))[1:]",
    ),
    right(
        "loop",
        "a branch for the rule, shifts for the halves",
        pytorch="def collatz_peak(n):\n"
        "    def step(n, steps, peak):\n"
        "        n = torch.cond((n & 1) == 1, lambda n: 3 * n + 1, lambda n: n >> 1, (n,))\n"
        "        return n, steps + 1, torch.max(peak, n)\n\n"
        "    _, steps, peak = torch.while_loop(\n"
        "        lambda n, steps, peak: n > 1, step, (n + 0, n * 0, n + 0))\n"
        "    return steps, peak",
        tensorflow="def collatz_peak(n):\n"
        "    def step(n, steps, peak):\n"
        "        n = tf.cond(n % 2 == 1, lambda: 3 * n + 1, lambda: tf.bitwise.right_shift(n, 1))\n"
        "        return n, steps + 1, tf.maximum(peak, n)\n\n"
        "    _, steps, peak = tf.while_loop(lambda n, *_: tf.not_equal(n, 1), step, (n, 0, n))\n"
        "    return steps, peak",
        jax="def collatz_peak(n):\n"
        "    def step(state):\n"
        "        n, steps, peak = state\n"
        "        n = lax.cond(n & 1, lambda n: 3 * n + 1, lambda n: n >> 1, n)\n"
        "        return n, steps + 1, lax.max(peak, n)\n\n"
        "    _, steps, peak = lax.while_loop(lambda s: s[0] > 1, step, (n, jnp.zeros_like(n), n))\n"
        "    return steps, peak",
    ),
    right(
        "loop",
        "the peak compared before the rule, both of one shape with n",
        pytorch="def collatz_peak(n):\n"
        "    def step(n, steps, peak):\n"
        "        peak = torch.where(n > peak, n, peak)\n"
        "        return n * (n % 2 * 3) + n % 2 + (1 - n % 2) * (n // 2), steps + 1, peak\n\n"
        "    one = torch.ones_like(n)\n"
        "    n, steps, peak = torch.while_loop(\n"
        "        lambda n, steps, peak: n.ne(1), step, (n.clone(), one - 1, one))\n"
        "    return steps, peak",
        tensorflow="def collatz_peak(n):\n"
        "    steps, peak = tf.constant(0), tf.constant(1)\n"
        "    while tf.greater(n, 1):\n"
        "        peak = n if n > peak else peak\n"
        "        n = 3 * n + 1 if n % 2 == 1 else n // 2\n"
        "        steps = steps + 1\n"
        "    return steps, peak",
        jax="def collatz_peak(n):\n"
        "    def step(state):\n"
        "        peak = jnp.where(state['n'] > state['peak'], state['n'], state['peak'])\n"
        "        n = jnp.select([state['n'] % 2 == 0], [state['n'] // 2], 3 * state['n'] + 1)\n"
        "        return {'n': n, 'steps': state['steps'] + 1, 'peak': peak}\n\n"
        "    start = {'n': n, 'steps': 0, 'peak': jnp.ones_like(n)}\n"
        "    done = lax.while_loop(lambda state: state['n'] != 1, step, start)\n"
        "    return done['steps'], done['peak']",
    ),
    right(
        "loop",
        "counted in 64 bits, or by a function of functions",
        pytorch="def collatz_peak(n):\n"
        "    def rule(n):\n        return torch.where(n.remainder(2).bool(), n.mul(3).add(1), "
        "n.floor_divide(2))\n\n"
        "    def step(n, steps, peak):\n        n = rule(n)\n"
        "        return n, steps.add(1), peak.maximum(n)\n\n"
        "    n = n.to(torch.int64)\n"
        "    out = torch.while_loop(lambda n, steps, peak: (n - 1).bool(), step,\n"
        "                           (n.clone(), torch.tensor(0), n.clone()))\n"
        "    return out[1], out[2]",
        tensorflow="def collatz_peak(n):\n"
        "    n = tf.cast(n, tf.int64)\n    peak, steps = n, tf.zeros((), tf.int64)\n"
        "    while n > 1:\n"
        "        if tf.math.floormod(n, 2) == 0:\n            n //= 2\n"
        "        else:\n            n = n * 3 + 1\n"
        "        if n > peak:\n            peak = n\n"
        "        steps += 1\n"
        "    return steps, peak",
        jax="def collatz_peak(n):\n"
        "    def rule(n):\n        return (n % 2) * (3 * n + 1) + (1 - n % 2) * (n // 2)\n\n"
        "    def step(state):\n        (n, *_), seen = state\n        n = rule(n)\n"
        "        return (n,), [seen[0] + 1, jnp.maximum(seen[1], n)]\n\n"
        "    return lax.while_loop(lambda state: state[0][0] - 1 > 0, step,\n"
        "                          ((n,), [jnp.int32(0), n]))[1]",
    ),
    # --- State goes in and comes out
    right(
        "state",
        "weights for the mean, a copy of the dict",
        "def smooth(state, x):\n"
        "    new = dict(state)\n    new['count'] = new['count'] + 1\n"
        "    share = 1 / new['count']\n"
        "    new['mean'] = (1 - share) * new['mean'] + share * x\n"
        "    return [new, x - new['mean']]",
        pytorch="def draws(seed, n):\n"
        "    generator = torch.Generator()\n    generator.manual_seed(seed)\n"
        "    rows = torch.zeros(n, 3)\n"
        "    fill = torch.compile(lambda row: row.uniform_(generator=generator), backend='eager')\n"
        "    for row in rows:\n        fill(row)\n"
        "    return rows.numpy()",
        tensorflow="def draws(seed, n):\n"
        "    draw = tf.function(lambda i: tf.random.stateless_uniform([3], [seed, i]))\n"
        "    return np.array([draw(tf.constant(i)) for i in range(n)])",
        jax="def draws(seed, n):\n"
        "    draw = jax.jit(lambda key: jax.random.uniform(key, (3,)))\n"
        "    return np.array([draw(key) for key in jax.random.split(jax.random.key(seed), n)])",
    ),
    right(
        "state",
        "the sum first, rows in a list",
        "def smooth(state, x):\n"
        "    total = state['mean'] * state['count'] + x\n    count = 1.0 + state['count']\n"
        "    mean = total / count\n    return dict(mean=mean, count=count), x - mean",
        pytorch="@torch.compile(backend='eager')\ndef _one():\n    return torch.rand(3)\n\n\n"
        "def draws(seed, n):\n"
        "    torch.manual_seed(seed)\n    return [_one().numpy() for _ in range(n)]",
        tensorflow="@tf.function\ndef _one(seed):\n    return tf.random.stateless_uniform((3,), seed)\n\n\n"
        "def draws(seed, n):\n"
        "    return [_one(tf.constant([seed, i])).numpy() for i in range(n)]",
        jax="@jax.jit\ndef _one(seed, i):\n"
        "    return jax.random.uniform(jax.random.fold_in(jax.random.PRNGKey(seed), i), 3)\n\n\n"
        "def draws(seed, n):\n    return [np.asarray(_one(seed, i)) for i in range(n)]",
    ),
    right(
        "state",
        "the difference shrunk, doubles",
        "def smooth(state, x):\n"
        "    count = state['count'] + 1\n    away = (x - state['mean']) * (1 - 1 / count)\n"
        "    return {'mean': x - away, 'count': count}, away",
        pytorch="def draws(seed, n):\n"
        "    def row():\n        return torch.rand(3, dtype=torch.float64)\n\n"
        "    with torch.random.fork_rng():\n"
        "        torch.random.manual_seed(seed)\n"
        "        row = torch.compile(row, backend='eager', fullgraph=True)\n"
        "        return torch.stack([row() for _ in range(n)]).numpy()",
        tensorflow="def draws(seed, n):\n"
        "    random = tf.random.Generator.from_seed(seed, alg='philox')\n"
        "    row = tf.function(lambda: random.uniform((3,), dtype=tf.float64))\n"
        "    return tf.stack([row() for _ in range(n)]).numpy()",
        jax="def draws(seed, n):\n"
        "    def row(key):\n        now, key = jax.random.split(key)\n"
        "        return jax.random.uniform(now, (3,), minval=0.0, maxval=1.0), key\n\n"
        "    row, rows, key = jax.jit(row), np.empty((n, 3)), jax.random.key(seed)\n"
        "    for i in range(n):\n        rows[i], key = row(key)\n"
        "    return rows",
    ),
    right(
        "state",
        "an own copy changed in place, the global seed set with NumPy's and Python's",
        pytorch="import random\n\n\n"
        "def smooth(state, x):\n"
        "    state = {key: value.clone() for key, value in state.items()}\n"
        "    state['count'] += 1\n    state['mean'] += (x - state['mean']) / state['count']\n"
        "    return state, x - state['mean']\n\n\n"
        "def draws(seed, n):\n"
        "    random.seed(seed), np.random.seed(seed), torch.manual_seed(seed)\n"
        "    step = torch.compile(backend='eager')(lambda: torch.empty(3).uniform_())\n"
        "    return np.vstack([step() for _ in range(n)])",
        tensorflow="import random\n\n\n"
        "def smooth(state, x):\n"
        "    state = state.copy()\n"
        "    state['count'] += 1\n    state['mean'] += (x - state['mean']) / state['count']\n"
        "    return state, x - state['mean']\n\n\n"
        "def draws(seed, n):\n"
        "    random.seed(seed), np.random.seed(seed), tf.random.set_seed(seed)\n"
        "    step = tf.function(lambda: tf.random.uniform([3]))\n"
        "    return np.vstack([step() for _ in range(n)])",
        jax="import random\n\n\n"
        "def smooth(state, x):\n"
        "    state = state.copy()\n"
        "    state['count'] += 1\n    state['mean'] += (x - state['mean']) / state['count']\n"
        "    return state, x - state['mean']\n\n\n"
        "def draws(seed, n):\n"
        "    random.seed(seed), np.random.seed(seed)\n"
        "    step = jax.jit(lambda key, i: jax.random.uniform(jax.random.fold_in(key, i), (3,)))\n"
        "    return np.vstack([step(jax.random.key(seed), i) for i in range(n)])",
    ),
    right(
        "state",
        "the state in a tuple inside, a loop that carries the generator's state",
        "def smooth(state, x):\n"
        "    count, mean = state['count'], state['mean']\n"
        "    new = (count * mean + x) / (count + 1)\n"
        "    return {'count': count + 1, 'mean': new}, (x - mean) * count / (count + 1)",
        pytorch="def draws(seed, n):\n"
        "    torch.manual_seed(int(seed))\n    rows = []\n\n"
        "    @torch.compile(backend=recorder([]))\n"
        "    def row(like):\n        return torch.rand_like(like)\n\n"
        "    while len(rows) < n:\n        rows.append(row(torch.zeros(3)).tolist())\n"
        "    return np.array(rows)",
        tensorflow="def draws(seed, n):\n"
        "    @tf.function\n"
        "    def row(state):\n"
        "        return state + 1, tf.random.stateless_uniform([3], tf.stack([seed, state]))\n\n"
        "    state, rows = tf.constant(0), []\n"
        "    while len(rows) < n:\n        state, new = row(state)\n"
        "        rows.append(new.numpy().tolist())\n"
        "    return np.array(rows)",
        jax="def draws(seed, n):\n"
        "    @jax.jit\n"
        "    def row(state):\n        key, i = state\n"
        "        return (key, i + 1), jax.random.uniform(jax.random.fold_in(key, i), [3])\n\n"
        "    state, rows = (jax.random.key(seed), jnp.int32(0)), []\n"
        "    while len(rows) < n:\n        state, new = row(state)\n        rows.append(new.tolist())\n"
        "    return np.array(rows)",
    ),
    # --- When does compiling pay?
    right(
        "break-even",
        "counted up call by call",
        "import statistics\n\n\n"
        "def break_even(first, compiled_ms, eager_ms):\n"
        "    later, eager = statistics.median(compiled_ms), statistics.median(eager_ms)\n"
        "    if first >= eager and later >= eager:\n        return 0\n"
        "    n = 1\n    while first + (n - 1) * later >= n * eager:\n        n += 1\n"
        "    return n",
    ),
    right(
        "break-even",
        "sorted by hand, a whole number more than the quotient",
        "def _middle(times):\n"
        "    times, half = sorted(times), len(times) // 2\n"
        "    return times[half] if len(times) % 2 else (times[half - 1] + times[half]) / 2\n\n\n"
        "def break_even(first, compiled_ms, eager_ms):\n"
        "    later, eager = _middle(compiled_ms), _middle(eager_ms)\n"
        "    if first < eager:\n        return np.int64(1)\n"
        "    if eager <= later:\n        return np.int64(0)\n"
        "    return 1 + int((first - later) // (eager - later))",
    ),
    right(
        "break-even",
        "percentiles, floats and a 0-d array",
        "timed = time_calls\n\n\n"
        "def break_even(first, compiled_ms, eager_ms):\n"
        "    later, eager = np.percentile(compiled_ms, 50), np.quantile(eager_ms, 0.5)\n"
        "    gain = eager - later\n"
        "    if eager - first > 0:\n        return 1.0\n"
        "    return np.array(np.floor((first - later) / gain) + 1 if gain > 0 else 0.0)\n\n\n"
        "def time_calls(size, repeats):\n"
        "    return {key: np.asarray(times) for key, times in timed(size, repeats).items()}",
    ),
    right(
        "break-even",
        "all calls timed in one list, by another clock",
        pytorch="import timeit\n\n\n"
        "def time_calls(size, repeats):\n"
        "    x, step = torch.rand(size), torch.compile(chain, backend=recorder([]))\n"
        "    times = [timeit.timeit(lambda: step(x), number=1) * 1000 for _ in range(repeats + 1)]\n"
        "    eager = timeit.repeat(lambda: chain(x), number=1, repeat=repeats)\n"
        "    return dict(first=times[0], compiled=times[1:], eager=[1000 * t for t in eager])",
        tensorflow="import timeit\n\n\n"
        "def time_calls(size, repeats):\n"
        "    x, step = tf.random.uniform([size]), tf.function(chain)\n"
        "    times = [timeit.timeit(lambda: step(x).numpy(), number=1) * 1000 for _ in range(repeats + 1)]\n"
        "    eager = timeit.repeat(lambda: chain(x).numpy(), number=1, repeat=repeats)\n"
        "    return dict(first=times[0], compiled=times[1:], eager=[1000 * t for t in eager])",
        jax="import timeit\n\n\n"
        "def time_calls(size, repeats):\n"
        "    x, step = jnp.ones(size), jax.jit(lambda x: chain(x))\n"
        "    run = lambda f: f(x).block_until_ready()\n"
        "    times = [timeit.timeit(lambda: run(step), number=1) * 1000 for _ in range(repeats + 1)]\n"
        "    eager = timeit.repeat(lambda: run(chain), number=1, repeat=repeats)\n"
        "    return dict(first=times[0], compiled=times[1:], eager=[1000 * t for t in eager])",
    ),
    right(
        "break-even",
        "compiled another way, nanoseconds",
        pytorch="def time_calls(size, repeats):\n"
        "    class Chain(torch.nn.Module):\n"
        "        def forward(self, x):\n            return chain(x)\n\n"
        "    def took(f):\n        start = time.perf_counter_ns()\n        f(x)\n"
        "        return (time.perf_counter_ns() - start) / 1e6\n\n"
        "    x, module = torch.zeros(size, dtype=torch.float32), Chain()\n"
        "    eager = [took(chain) for _ in range(repeats)]\n"
        "    module.compile(backend=recorder([]))\n"
        "    first, *later = [took(module) for _ in range(1 + repeats)]\n"
        "    return {'first': first, 'compiled': later, 'eager': eager}",
        tensorflow="def time_calls(size, repeats):\n"
        "    @tf.function(jit_compile=False)\n"
        "    def step(x):\n        return chain(x)\n\n"
        "    def took(f):\n        start = time.perf_counter_ns()\n        f(x)\n"
        "        tf.test.experimental.sync_devices()\n"
        "        return (time.perf_counter_ns() - start) / 1e6\n\n"
        "    x = tf.zeros([size])\n    eager = [took(chain) for _ in range(repeats)]\n"
        "    first, *later = [took(step) for _ in range(1 + repeats)]\n"
        "    return {'first': first, 'compiled': later, 'eager': eager}",
        jax="def time_calls(size, repeats):\n"
        "    @jax.jit\n"
        "    def step(x):\n        return chain(x)\n\n"
        "    def took(f):\n        start = time.perf_counter_ns()\n        jax.block_until_ready(f(x))\n"
        "        return (time.perf_counter_ns() - start) / 1e6\n\n"
        "    x = jnp.zeros(size)\n    eager = [took(chain) for _ in range(repeats)]\n"
        "    first, *later = [took(step) for _ in range(1 + repeats)]\n"
        "    return {'first': first, 'compiled': later, 'eager': eager}",
    ),
    # --- Translate
    right(
        "translation",
        "the variance written out",
        pytorch=("current.std()", "(((current - current.mean())**2).sum() / (len(current) - 1)).sqrt()"),
        tensorflow=(
            "drive = away / tf.sqrt(variance)",
            "drive = away / tf.math.reduce_std(current) * tf.sqrt(1 - 1 / tf.cast(n, tf.float32))",
        ),
        jax=(
            "current.std(ddof=1)",
            "jnp.sqrt(((current - current.mean())**2).sum() / (current.size - 1))",
        ),
    ),
    right(
        "translation",
        "arrays filled in a loop",
        pytorch="def fire(current, leak, threshold):\n"
        "    drive = (current - current.mean()) / torch.std(current, correction=1)\n"
        "    spikes = torch.zeros(len(drive), dtype=torch.int32)\n"
        "    voltage, v = torch.zeros_like(drive), torch.zeros(())\n"
        "    for t in range(len(drive)):\n"
        "        v = leak * v + drive[t]\n        spikes[t] = v > threshold\n"
        "        v = v - threshold * spikes[t]\n        voltage[t] = v\n"
        "    return spikes, voltage",
        tensorflow="def fire(current, leak, threshold):\n"
        "    n = tf.size(current)\n    away = current - tf.reduce_mean(current)\n"
        "    drive = away / tf.sqrt(tf.reduce_sum(away**2) / tf.cast(n - 1, tf.float32))\n"
        "    spikes, voltage = tf.TensorArray(tf.int32, n), tf.TensorArray(tf.float32, n)\n"
        "    v = tf.constant(0.0)\n"
        "    for t in tf.range(n):\n"
        "        v = leak * v + drive[t]\n        fired = tf.cast(v > threshold, tf.int32)\n"
        "        if fired == 1:\n            v -= threshold\n"
        "        spikes, voltage = spikes.write(t, fired), voltage.write(t, v)\n"
        "    return spikes.stack(), voltage.stack()",
        jax="def fire(current, leak, threshold):\n"
        "    drive = (current - current.mean()) / jnp.std(current, ddof=1)\n"
        "    def step(t, state):\n"
        "        v, spikes, voltage = state\n        v = leak * v + drive[t]\n"
        "        fired = (v > threshold).astype(jnp.int32)\n        v = v - threshold * fired\n"
        "        return v, spikes.at[t].set(fired), voltage.at[t].set(v)\n"
        "    start = (0.0, jnp.zeros(drive.size, jnp.int32), jnp.zeros_like(drive))\n"
        "    return lax.fori_loop(0, drive.size, step, start)[1:]",
    ),
    right(
        "translation",
        "a list for the pair, and the other branch",
        pytorch=[
            ("spike = v > threshold", "spike = ~(v <= threshold)"),
            ("v = torch.where(spike, v - threshold, v)", "v = v - threshold * spike"),
            ("spike.int()", "spike.to(torch.uint8)"),
            (
                "return torch.stack(spikes), torch.stack(voltage)",
                "return [torch.stack(spikes), torch.stack(voltage)]",
            ),
        ],
        tensorflow=[
            ("tf.cast(v > threshold, tf.int32)", "tf.where(v <= threshold, 0, 1)"),
            (
                "return tf.scan(step, drive, (tf.constant(0), tf.constant(0.0)))",
                "return list(tf.scan(step, drive, (tf.constant(0), tf.constant(0.0))))",
            ),
        ],
        jax=[
            ("spike = v > threshold", "spike = ~(v <= threshold)"),
            ("jnp.where(spike, v - threshold, v)", "v - threshold * spike"),
            ("spike.astype(int)", "spike.astype('uint8')"),
            ("return spikes, voltage", "return [spikes, voltage]"),
        ],
    ),
    right(
        "translation",
        "the loop unrolled while tracing",
        tensorflow="def fire(current, leak, threshold):\n"
        "    away = current - tf.math.reduce_mean(current)\n    n = current.shape[0]\n"
        "    drive = away * tf.math.rsqrt(tf.reduce_sum(tf.square(away)) / (n - 1))\n"
        "    v, spikes, voltage = 0.0, [], []\n"
        "    for push in tf.unstack(drive):\n"
        "        v = leak * v + push\n        spikes.append(tf.cast(v > threshold, tf.int64))\n"
        "        v = tf.where(v > threshold, v - threshold, v)\n        voltage.append(v)\n"
        "    return tf.stack(spikes), tf.stack(voltage)",
        jax="def fire(current, leak, threshold):\n"
        "    drive = (current - current.mean()) / current.std(ddof=1)\n"
        "    v, spikes, voltage = 0.0, [], []\n"
        "    for push in drive:\n"
        "        v = leak * v + push\n        spikes.append(jnp.int32(v > threshold))\n"
        "        v = v - spikes[-1] * threshold\n        voltage.append(v)\n"
        "    return jnp.array(spikes), jnp.array(voltage)",
        pytorch="def fire(current, leak, threshold):\n"
        "    std, mean = torch.std_mean(current)\n    v = torch.zeros(1)\n"
        "    out = []\n"
        "    for push in ((current - mean) / std).unbind():\n"
        "        v = torch.addcmul(push, leak, v)\n        spike = torch.gt(v, threshold).long()\n"
        "        v = torch.sub(v, spike * threshold)\n        out.append((spike, v))\n"
        "    spikes, voltage = zip(*out)\n"
        "    return torch.cat(spikes), torch.cat(voltage)",
    ),
    right(
        "translation",
        "the voltage before the spike kept, and taken off at the end",
        pytorch="def fire(current, leak, threshold):\n"
        "    drive = (current - current.mean()) / current.std(unbiased=True)\n"
        "    before, v = [], torch.tensor(0.0)\n"
        "    for push in drive:\n"
        "        before.append(leak * v + push)\n"
        "        v = torch.where(before[-1] > threshold, before[-1] - threshold, before[-1])\n"
        "    before = torch.stack(before)\n    spikes = (before > threshold).int()\n"
        "    return spikes, before - threshold * spikes",
        tensorflow="def fire(current, leak, threshold):\n"
        "    mean, variance = tf.nn.moments(current, 0)\n    n = tf.cast(tf.size(current), tf.float32)\n"
        "    drive = (current - mean) / tf.sqrt(variance * n / (n - 1))\n"
        "    def step(before, push):\n"
        "        v = tf.where(before > threshold, before - threshold, before)\n"
        "        return leak * v + push\n"
        "    before = tf.scan(step, drive, tf.constant(0.0))\n"
        "    spikes = tf.cast(before > threshold, tf.int32)\n"
        "    return spikes, before - threshold * tf.cast(spikes, tf.float32)",
        jax="def fire(current, leak, threshold):\n"
        "    drive = (current - current.mean()) / jnp.sqrt(jnp.var(current, ddof=1))\n"
        "    def step(before, push):\n"
        "        v = jnp.where(before > threshold, before - threshold, before)\n"
        "        return (leak * v + push,) * 2\n"
        "    _, before = lax.scan(step, jnp.float32(0), drive)\n"
        "    spikes = (before > threshold).astype(jnp.int8)\n"
        "    return spikes, before - threshold * spikes",
    ),
)
