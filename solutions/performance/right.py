"""Other right answers to the exercises on performance, which every check accepts."""

from triptych.grading.checks.mistakes import right

RIGHT = (
    # --- Time it right
    right(
        "timing",
        "one loop",
        """
def timed(call, wait, clock, warmup, repeats):
    times = []
    for _ in range(1 + warmup + repeats):
        start = clock()
        out = call()
        wait(out)
        times.append(clock() - start)
    samples = np.array(times[1 + warmup:])
    return {'first': times[0], 'samples': samples.tolist(), 'median': np.median(samples),
            'spread': np.quantile(samples, 0.75) - np.quantile(samples, 0.25)}
""",
    ),
    right(
        "timing",
        "an array of samples, filled in place, and numbers of NumPy",
        """
def timed(call, wait, clock, warmup, repeats):
    spent = np.empty(1 + warmup + repeats)
    for i in range(len(spent)):
        spent[i] = -clock()
        wait(call())
        spent[i] += clock()
    samples = spent[1 + warmup:]
    quartiles = np.percentile(samples, [25, 50, 75])
    return {"first": spent[0], "samples": samples, "median": quartiles[1],
            "spread": np.subtract(*quartiles[[2, 0]])}
""",
    ),
    right(
        "timing",
        "the standard library's statistics, a tuple of samples",
        """
import statistics

def timed(call, wait, clock, warmup, repeats):
    def once(_):
        before = clock()
        wait(call())
        after = clock()
        return after - before

    first, *rest = map(once, range(1 + warmup + repeats))
    samples = tuple(rest[warmup:])
    ends = statistics.quantiles(samples, n=4, method="inclusive") if repeats > 1 else samples * 3
    return {"samples": samples, "first": first, "spread": ends[2] - ends[0],
            "median": statistics.median(samples)}
""",
    ),
    right(
        "timing",
        "sorted by hand, the ends interpolated",
        """
def timed(call, wait, clock, warmup, repeats):
    def at(fraction):
        place = fraction * (repeats - 1)
        low = int(place)
        high = min(low + 1, repeats - 1)
        return ordered[low] + (place - low) * (ordered[high] - ordered[low])

    times = []
    while len(times) < 1 + warmup + repeats:
        start = clock()
        wait(call())
        times += [clock() - start]
    ordered = sorted(times[1 + warmup:])
    return {"first": times[0], "samples": times[1 + warmup:], "median": at(0.5),
            "spread": at(0.75) - at(0.25), "calls": len(times)}
""",
    ),
    right(
        "timing",
        "the framework's own median, in float64, without a dimension",
        pytorch=(
            '"median": float(np.median(samples)),\n            "spread": float(high - low)}',
            '"median": torch.quantile(torch.tensor(samples, dtype=torch.float64), 0.5),\n'
            '            "spread": torch.tensor(high - low)}',
        ),
        tensorflow=(
            '"spread": float(high - low)}',
            '"spread": tf.constant(high, tf.float64) - low}',
        ),
        jax=('"spread": float(high - low)}', '"spread": np.array(high - low)}'),
    ),
    # --- Break-even
    right(
        "break-even",
        "counted up",
        """
def break_even(first, eager, compiled):
    n = 1
    while first + (n - 1) * compiled >= n * eager:
        n += 1
        if compiled >= eager:
            return None
    return n
""",
    ),
    right(
        "break-even",
        "floor of a division, an integer of NumPy",
        (
            "int((first - compiled) // (eager - compiled)) + 1",
            "np.int64(np.floor((first - compiled) / (eager - compiled))) + 1",
        ),
    ),
    right(
        "break-even",
        "fractions, and dicts filled in a loop",
        """
from fractions import Fraction

def break_even(first, eager, compiled):
    first, eager, compiled = map(Fraction, (first, eager, compiled))
    if eager > first:
        return 1
    if eager <= compiled:
        return None
    calls = (first - compiled) / (eager - compiled)
    return calls.numerator // calls.denominator + 1

def plan(lengths, buckets, compiling, eager, compiled):
    seen = {"compiled": set(), "bucketed": set()}
    seconds = dict.fromkeys(("eager", "compiled", "bucketed"), 0)
    for length in lengths:
        padded = length
        for bucket in sorted(buckets):
            if bucket >= length:
                padded = bucket
                break
        seconds["eager"] += eager * length
        for way, shape in ("compiled", length), ("bucketed", padded):
            if shape not in seen[way]:
                seen[way].add(shape)
                seconds[way] += compiling
            seconds[way] += compiled * shape
    return {**seconds, "best": sorted(seconds, key=lambda way: seconds[way])[0]}
""",
    ),
    right(
        "break-even",
        "searchsorted, arrays without a dimension",
        """
def plan(lengths, buckets, compiling, eager, compiled):
    lengths, buckets = np.array(lengths), np.sort(buckets)
    place = np.searchsorted(buckets, lengths)
    padded = np.where(place < len(buckets), buckets[np.minimum(place, len(buckets) - 1)], lengths)
    ways = ["eager", "compiled", "bucketed"]
    seconds = np.array([eager * lengths.sum()] + [
        compiling * np.unique(sizes).size + compiled * sizes.sum() for sizes in (lengths, padded)])
    return dict(zip(ways, map(np.asarray, seconds))) | {"best": np.array(ways)[seconds.argmin()]}
""",
    ),
    right(
        "break-even",
        "totals of a first call and the rest, halved search",
        """
def break_even(first, eager, compiled):
    def ahead(n):
        return first + (n - 1) * compiled < n * eager

    if ahead(1):
        return 1
    if not compiled < eager:
        return None
    low, high = 1, 2
    while not ahead(high):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if ahead(middle) else (middle, high)
    return high
""",
    ),
    # --- A winner or a tie
    right(
        "winner",
        "ranks instead of the bootstrap",
        """
def verdict(a, b):
    if min(len(a), len(b)) < 6:
        return 'tie'
    def ends(samples):
        n = len(samples)
        k = max(int(np.floor(n / 2 - 0.98 * n**0.5)), 0)
        s = sorted(samples)
        return s[k], s[n - 1 - k]
    (low, high), (least, most) = ends(a), ends(b)
    return 'a' if high < least else 'b' if most < low else 'tie'
""",
    ),
    right(
        "winner",
        "ranks of the binomial distribution, exactly",
        """
from math import comb

def verdict(a, b):
    if len(a) < 6 or len(b) < 6:
        return "tie"

    def ends(samples):
        ordered, n, k, tail = sorted(samples), len(samples), 0, 0.5 ** len(samples)
        while tail + comb(n, k + 1) * 0.5**n <= 0.025:
            k += 1
            tail += comb(n, k) * 0.5**n
        return ordered[k], ordered[n - 1 - k]

    a, b = ends(a), ends(b)
    if max(a[0], b[0]) <= min(a[1], b[1]):
        return "tie"
    return "a" if a < b else "b"
""",
    ),
    right(
        "winner",
        "the bootstrap in a loop, with the standard library",
        """
import random
from statistics import median

def verdict(a, b):
    if any(len(samples) < 6 for samples in (a, b)):
        return "tie"
    source, ends = random.Random(1), []
    for samples in (a, b):
        medians = sorted(median(source.choices(samples, k=len(samples))) for _ in range(400))
        ends.append((medians[9], medians[390]))
    (a_low, a_high), (b_low, b_high) = ends
    return "a" if a_high < b_low else "b" if b_high < a_low else "tie"
""",
    ),
    right(
        "winner",
        "the bootstrap without a seed, more often, a text of NumPy",
        ("np.random.default_rng(0)", "np.random.default_rng()"),
        ("(2000, len(samples))", "(5000, len(samples))"),
        ('return "a"', 'return np.str_("a")'),
    ),
    right(
        "winner",
        "the framework's own median",
        pytorch="""
def verdict(a, b):
    if min(len(a), len(b)) < 6:
        return "tie"
    ends = []
    for samples in (a, b):
        samples = torch.tensor(samples, dtype=torch.float64)
        drawn = samples[torch.randint(len(samples), (2000, len(samples)))]
        places = torch.tensor([0.025, 0.975], dtype=torch.float64)
        ends += torch.quantile(torch.quantile(drawn, 0.5, dim=1), places).tolist()
    return "a" if ends[1] < ends[2] else "b" if ends[3] < ends[0] else "tie"
""",
        tensorflow="""
def verdict(a, b):
    if min(len(a), len(b)) < 6:
        return "tie"
    ends = []
    for samples in (a, b):
        samples, n = tf.constant(samples, tf.float64), len(samples)
        drawn = tf.sort(tf.gather(samples, tf.random.uniform((2000, n), 0, n, tf.int32)), axis=1)
        medians = tf.sort((drawn[:, n // 2] + drawn[:, (n - 1) // 2]) / 2)
        ends += [float(medians[50]), float(medians[1949])]
    return "a" if ends[1] < ends[2] else "b" if ends[3] < ends[0] else "tie"
""",
        jax="""
def verdict(a, b):
    if min(len(a), len(b)) < 6:
        return "tie"
    ends = []
    for i, samples in enumerate((a, b)):
        unit = max(samples)
        drawn = jax.random.choice(jax.random.key(i), jnp.array(samples) / unit, (2000, len(samples)))
        medians = jnp.median(drawn, axis=1)
        ends += [unit * float(end) for end in jnp.percentile(medians, jnp.array([2.5, 97.5]))]
    return "a" if ends[1] < ends[2] else "b" if ends[3] < ends[0] else "tie"
""",
    ),
    # --- Equal first
    right(
        "fair",
        "padded first, then without padding",
        pytorch="""
def convolved(images, kernel, stride):
    k, l = kernel.shape[:2]
    padded = np.pad(images, [(0, 0), (k // 2, k // 2), (l // 2, l // 2), (0, 0)])
    x, w = torch.from_numpy(padded.transpose(0, 3, 1, 2)), torch.from_numpy(kernel.transpose(3, 2, 0, 1))
    return F.conv2d(x, w, None, stride).movedim(1, -1)
""",
        tensorflow="""
def convolved(images, kernel, stride):
    k, l = kernel.shape[:2]
    padded = tf.pad(images, [(0, 0), (k // 2, k // 2), (l // 2, l // 2), (0, 0)])
    return tf.nn.convolution(padded, kernel, strides=[stride, stride], padding="VALID")
""",
        jax="""
def convolved(images, kernel, stride):
    k, l = kernel.shape[:2]
    padded = jnp.pad(images, [(0, 0), (k // 2, k // 2), (l // 2, l // 2), (0, 0)])
    return lax.conv_general_dilated(padded, kernel, (stride, stride), "VALID",
                                    dimension_numbers=("NHWC", "HWIO", "NHWC"))
""",
    ),
    right(
        "fair",
        "another layer or layout",
        pytorch="""
def convolved(images, kernel, stride):
    k, l, here, there = kernel.shape
    layer = torch.nn.Conv2d(here, there, (k, l), stride, (k // 2, l // 2), bias=False)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor(kernel).permute(3, 2, 0, 1))
        return layer(torch.tensor(images).permute(0, 3, 1, 2)).permute(0, 2, 3, 1).numpy()
""",
        tensorflow="""
def convolved(images, kernel, stride):
    k, l, here, there = kernel.shape
    layer = tf.keras.layers.Conv2D(there, (k, l), stride, use_bias=False)
    padded = tf.keras.layers.ZeroPadding2D((k // 2, l // 2))(images)
    layer.build(padded.shape)
    layer.set_weights([kernel])
    return layer(padded).numpy()
""",
        jax="""
def convolved(images, kernel, stride):
    k, l = kernel.shape[:2]
    y = lax.conv_with_general_padding(
        jnp.transpose(images, (0, 3, 1, 2)), jnp.transpose(kernel, (3, 2, 0, 1)), (stride, stride),
        [(k // 2, k // 2), (l // 2, l // 2)], None, None)
    return np.asarray(y.transpose(0, 2, 3, 1))
""",
    ),
    right(
        "fair",
        "a product for each entry of the kernel, in float64",
        """
def convolved(images, kernel, stride):
    k, l = kernel.shape[:2]
    height, width = images.shape[1:3]
    padded = np.pad(images.astype(float), [(0, 0), (k // 2, k // 2), (l // 2, l // 2), (0, 0)])
    y = 0
    for i in range(k):
        for j in range(l):
            y = y + padded[:, i:i + height:stride, j:j + width:stride] @ kernel[i, j]
    return y
""",
    ),
    right(
        "fair",
        "isclose without a relative tolerance, a tuple of names, a truth of NumPy",
        """
def fair(a, b):
    if a["parameters"] != b["parameters"] or np.shape(a["logits"]) != np.shape(b["logits"]):
        same = np.False_
    else:
        same = np.isclose(a["logits"], b["logits"], rtol=0, atol=1e-4).all()
    middles = [{n: np.median(v["samples"]) for n, v in entry["variants"].items()} for entry in (a, b)]
    best = tuple(min(m, key=m.get) for m in middles)
    return {"same": same, "best": best, "ratio": middles[1][best[1]] / middles[0][best[0]] if same else None}
""",
    ),
    right(
        "fair",
        "in the framework, one after the other",
        pytorch=(
            'bool(np.all(np.abs(a["logits"] - b["logits"]) <= 1e-4))',
            'torch.allclose(torch.tensor(a["logits"]), torch.tensor(b["logits"]), rtol=0.0, atol=1e-4)',
        ),
        tensorflow=(
            'bool(np.all(np.abs(a["logits"] - b["logits"]) <= 1e-4))',
            'bool(tf.reduce_all(tf.abs(a["logits"] - b["logits"]) <= 1e-4))',
        ),
        jax=(
            'bool(np.all(np.abs(a["logits"] - b["logits"]) <= 1e-4))',
            'bool(jnp.all(jnp.abs(jnp.asarray(a["logits"] - b["logits"])) <= 1e-4))',
        ),
    ),
    right(
        "fair",
        "loops over logits, the standard library's median",
        """
from statistics import median

def fair(a, b):
    best, times = [], []
    for entry in (a, b):
        found = sorted((median(v["samples"]), name) for name, v in entry["variants"].items())
        times.append(found[0][0])
        best.append(found[0][1])
    same = a["parameters"] == b["parameters"] and a["logits"].shape == b["logits"].shape
    if same:
        for one, other in zip(a["logits"].ravel(), b["logits"].ravel()):
            if not abs(one - other) <= 1e-4:
                same = False
    return {"best": best, "same": same, "ratio": times[1] / times[0] if same else None}
""",
    ),
    # --- Bound by what?
    right(
        "bound",
        "a function for each kind, arrays of NumPy",
        """
def work(operation):
    def matmul(m, k, n):
        return 2 * m * k * n, np.array([m * k, k * n, m * n])

    def chain(size, steps, fused):
        return size * steps, np.array([size, size]) * (1 if fused else steps)

    def convolution(batch, height, width, inputs, outputs, kernel, stride):
        pixels = batch * int(np.ceil(height / stride)) * int(np.ceil(width / stride))
        entries = kernel * kernel * inputs
        return 2 * pixels * outputs * entries, np.array(
            [batch * height * width * inputs, entries * outputs, pixels * outputs])

    sizes = dict(operation)
    itemsize, kind = sizes.pop("itemsize"), sizes.pop("kind")
    operations, numbers = {"matmul": matmul, "chain": chain, "convolution": convolution}[kind](**sizes)
    return {"operations": operations, "bytes": itemsize * numbers.sum()}
""",
    ),
    right(
        "bound",
        "floats, and a match",
        """
def work(operation):
    match operation:
        case {"kind": "matmul", "m": m, "k": k, "n": n}:
            operations, numbers = 2.0 * m * k * n, m * k + k * n + m * n
        case {"kind": "chain", "size": size, "steps": steps, "fused": fused}:
            operations, numbers = float(size * steps), 2 * size * (steps if not fused else 1)
        case {"batch": b, "height": h, "width": w, "inputs": i, "outputs": o, "kernel": s, "stride": t}:
            rows, columns = (h + t - 1) // t, (w + t - 1) // t
            operations = 2.0 * b * rows * columns * o * s * s * i
            numbers = b * h * w * i + s * s * i * o + b * rows * columns * o
    return {"operations": operations, "bytes": float(numbers * operation["itemsize"])}
""",
    ),
    right(
        "bound",
        "by the machine's balance",
        """
def roof(operations, moved, peak, bandwidth):
    intensity, balance = operations / moved, peak / bandwidth
    reached = min(peak, intensity * bandwidth)
    seconds = operations / reached if operations else moved / bandwidth
    return {"intensity": intensity, "seconds": seconds,
            "bound": "arithmetic" if intensity >= balance else "memory"}
""",
    ),
    right(
        "bound",
        "numbers of NumPy, without a dimension",
        """
def roof(operations, moved, peak, bandwidth):
    times = np.array([operations / peak, moved / bandwidth])
    return {"intensity": np.float64(operations) / moved, "seconds": times.max(),
            "bound": ("arithmetic", "memory")[int(times.argmax())]}
""",
    ),
    right(
        "bound",
        "pixels counted one by one",
        ('-(-get("height") // get("stride"))', 'len(range(0, get("height"), get("stride")))'),
        ('-(-get("width") // get("stride"))', 'len(range(0, get("width"), get("stride")))'),
    ),
    # --- Choose a batch size
    right(
        "memory",
        "the standard library's product",
        """
import math

def memory(model, batch, optimiser, activation_bytes):
    count = each = 0
    for layer in model["layers"]:
        count += sum(map(math.prod, layer["parameters"]))
        each += math.prod(layer["output"])
    each += math.prod(model["input"])
    answer = dict(weights=4 * count, gradients=4 * count, activations=each * batch * activation_bytes,
                  state={"sgd": 0, "momentum": 4, "adam": 8}[optimiser] * count)
    answer["total"] = answer["weights"] + answer["gradients"] + answer["state"] + answer["activations"]
    return answer
""",
    ),
    right(
        "memory",
        "arrays that are made, and their bytes",
        """
def memory(model, batch, optimiser, activation_bytes):
    arrays = [np.empty(shape, "float32") for layer in model["layers"] for shape in layer["parameters"]]
    weights = sum(array.nbytes for array in arrays)
    kept = [np.empty((batch, *shape), f"V{activation_bytes}")
            for shape in [model["input"]] + [layer["output"] for layer in model["layers"]]]
    parts = {"weights": weights, "gradients": weights,
             "state": weights * ["sgd", "momentum", "adam"].index(optimiser),
             "activations": sum(array.nbytes for array in kept)}
    return {**parts, "total": sum(parts.values())}
""",
    ),
    right(
        "memory",
        "the batch by a division",
        """
def largest_batch(model, limit, optimiser, activation_bytes):
    one = memory(model, 1, optimiser, activation_bytes)
    room = limit - (one["total"] - one["activations"])
    if room < one["activations"]:
        return 0
    return 1 << (room // one["activations"]).bit_length() - 1
""",
    ),
    right(
        "memory",
        "downwards, by calling itself",
        """
def largest_batch(model, limit, optimiser, activation_bytes, batch=2**20):
    if batch == 0 or memory(model, batch, optimiser, activation_bytes)["total"] <= limit:
        return batch
    return largest_batch(model, limit, optimiser, activation_bytes, batch // 2)
""",
    ),
    right(
        "memory",
        "floats, and numbers of NumPy",
        (
            '"weights": 4 * parameters, "gradients": 4 * parameters,',
            '"weights": 4.0 * parameters, "gradients": np.int64(4 * parameters),',
        ),
        ("    return fitting", "    return np.int64(fitting)"),
    ),
    # --- Read a profile
    right(
        "profile",
        "by looking for the caller",
        """
def self_times(events):
    calls = [e for e in events if e['ph'] == 'X']
    own = {}
    for call in calls:
        own[call['name']] = own.get(call['name'], 0) + call['dur']
        around = [c for c in calls if c['tid'] == call['tid'] and c['dur'] > call['dur']
                  and c['ts'] <= call['ts'] and call['ts'] + call['dur'] <= c['ts'] + c['dur']]
        if around:
            caller = min(around, key=lambda c: c['dur'])['name']
            own[caller] = own.get(caller, 0) - call['dur']
    return own
""",
    ),
    right(
        "profile",
        "intervals joined, a fraction of NumPy",
        """
def summary(events, tid):
    own = self_times(events)
    calls = [(e["tid"], e["ts"], e["ts"] + e["dur"]) for e in events if e["ph"] == "X"]
    joined = []
    for _, start, end in sorted(c for c in calls if c[0] == tid):
        if joined and start <= joined[-1][1]:
            joined[-1][1] = max(joined[-1][1], end)
        else:
            joined.append([start, end])
    whole = max(c[2] for c in calls) - min(c[1] for c in calls)
    busy = np.sum([end - start for start, end in joined])
    return {"slowest": sorted(own, key=own.get)[-1], "idle": (whole - busy) / whole}
""",
    ),
    right(
        "profile",
        "only the outermost calls",
        """
def summary(events, tid):
    calls = [e for e in events if e.get("ph") == "X"]
    starts, ends = zip(*((e["ts"], e["ts"] + e["dur"]) for e in calls))
    mine, busy = [e for e in calls if e["tid"] == tid], 0
    for e in mine:
        end = e["ts"] + e["dur"]
        inside = any(o is not e and o["ts"] <= e["ts"] and end <= o["ts"] + o["dur"] for o in mine)
        if not inside:
            busy += e["dur"]
    own = self_times(events)
    slowest = ""
    for name in own:
        if not slowest or own[name] > own[slowest]:
            slowest = name
    return {"idle": np.array(1 - busy / (max(ends) - min(starts))), "slowest": slowest}
""",
    ),
    right(
        "profile",
        "a timeline of single microseconds",
        """
def self_times(events):
    own, threads = {}, {}
    for e in events:
        if e["ph"] == "X":
            threads.setdefault(e["tid"], []).append(e)
            own[e["name"]] = 0.0
    for calls in threads.values():
        start = min(e["ts"] for e in calls)
        line = np.full(int(max(e["ts"] + e["dur"] for e in calls) - start), None, dtype=object)
        for e in sorted(calls, key=lambda e: -e["dur"]):  # the shorter ones lie on top
            line[int(e["ts"] - start):int(e["ts"] + e["dur"] - start)] = e["name"]
        for name in line:
            if name is not None:
                own[name] += 1.0
    return own
""",
    ),
    right(
        "profile",
        "starts and ends in one list, a counter",
        """
from collections import Counter

def self_times(events):
    own, turns = Counter(), []
    for e in events:
        if e["ph"] == "X":
            turns.append((e["tid"], e["ts"], 1, -e["dur"], e["name"]))
            turns.append((e["tid"], e["ts"] + e["dur"], 0, e["dur"], e["name"]))
    stack, before = [], 0.0
    for tid, now, begins, _, name in sorted(turns):
        if stack:
            own[stack[-1]] += now - before
        if begins:
            stack.append(name)
            own[name] += 0.0
        else:
            stack.pop()
        before = now
    return own
""",
    ),
    # --- Fuse a chain
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
        "fusion",
        "clipped, and reshaped gains",
        pytorch=[
            ("torch.minimum(y, limit)", "y.clamp(max=limit)"),
            ("gains[:, None] * x", "x.mul(gains.unsqueeze(-1))"),
        ],
        tensorflow=[
            ("tf.minimum(y, limit)", "tf.clip_by_value(y, -2.0, limit)"),
            ("gains[:, None] * x", "tf.expand_dims(gains, 1) * x"),
        ],
        jax=[
            ("jnp.minimum(y, limit)", "jnp.clip(y, max=limit)"),
            ("gains[:, None] * x", "gains.reshape(-1, 1) * x"),
        ],
    ),
    right(
        "fusion",
        "one expression, the cube by products",
        pytorch="""
def fused(x, gains, limit):
    y = x * gains.view(-1, 1)
    return (torch.minimum((0.8 * y * (1 + 0.05 * y * y)).tanh(), limit) + 1) * x / 2
""",
        tensorflow="""
def fused(x, gains, limit):
    y = x * tf.reshape(gains, (-1, 1))
    return (tf.math.minimum(tf.math.tanh(0.8 * y * (1 + 0.05 * y * y)), limit) + 1) * x / 2
""",
        jax="""
def fused(x, gains, limit):
    y = x * gains[:, jnp.newaxis]
    return (jnp.minimum(jnp.tanh(0.8 * y * (1 + 0.05 * y * y)), limit) + 1) * x / 2
""",
    ),
    right(
        "fusion",
        "a row's function, mapped",
        pytorch="""
def fused(x, gains, limit):
    def row(x, gain):
        y = torch.tanh(0.8 * (gain * x + 0.05 * (gain * x) ** 3))
        return 0.5 * x * (1 + torch.minimum(y, limit))
    return torch.vmap(row)(x, gains)
""",
        tensorflow="""
def fused(x, gains, limit):
    y = tf.multiply(x, gains[:, tf.newaxis])
    y = tf.tanh(0.8 * tf.add(y, 0.05 * tf.pow(y, 3)))
    return x * (0.5 + 0.5 * tf.minimum(limit, y))
""",
        jax="""
def fused(x, gains, limit):
    @jax.vmap
    def row(x, gain):
        y = jnp.tanh(0.8 * (gain * x + 0.05 * (gain * x) ** 3))
        return 0.5 * x * (1 + jnp.minimum(y, limit))
    return row(x, gains)
""",
    ),
    right(
        "fusion",
        "folded by a product with a diagonal matrix, lists",
        """
def folded(W, gamma, beta, mean, variance, eps):
    scale = np.asarray(gamma) * (np.asarray(variance) + eps) ** -0.5
    return {"W": (W @ np.diag(scale)).tolist(), "b": [b - s * m for b, s, m in zip(beta, scale, mean)]}
""",
    ),
    right(
        "fusion",
        "folded in place, what the layer gives for zeros",
        """
def folded(W, gamma, beta, mean, variance, eps):
    def both(x):
        return gamma * (x @ W - mean) / np.sqrt(variance + eps) + beta
    b = both(np.zeros(len(W)))
    return {"W": both(np.eye(len(W))) - b, "b": b}
""",
    ),
    # --- Translate
    right(
        "translation",
        "by hand",
        pytorch="""
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
        norm = float(slope.norm())
        w = w - rate * slope * (min(1.0, ceiling / norm) if norm else 1.0)
        good += 1
        if good == window:
            scale, good = 2 * scale, 0
    return {'weights': w.detach().numpy(), 'scale': scale, 'skipped': skipped}
""",
        tensorflow=("tf.reduce_all(tf.math.is_finite(slope))", "np.isfinite(slope).all()"),
        jax=("@jax.jit\n", ""),
    ),
    right(
        "translation",
        "the backward pass by hand, in float16, without derivatives",
        """
def train(X, y, w, rate, ceiling, scale, window, steps):
    good = skipped = 0
    with np.errstate(all="ignore"):
        low = X.astype("float16")
        for _ in range(steps):
            z = (low @ w.astype("float16")).astype("float32")
            dz = (np.float32(scale) * 2 * (z - y) / np.float32(len(y))).astype("float16")
            slope = (low.T @ dz).astype("float32") / np.float32(scale)
            if np.isfinite(slope).all():
                norm = np.linalg.norm(slope)
                if norm > ceiling:
                    slope = slope * np.float32(ceiling / norm)
                w = w - np.float32(rate) * slope
                good = (good + 1) % window
                scale = scale if good else 2 * scale
            else:
                good, scale, skipped = 0, scale / 2, skipped + 1
    return {"weights": w, "scale": scale, "skipped": skipped}
""",
    ),
    right(
        "translation",
        "weights as a list, the scale of NumPy, the counts without a dimension",
        pytorch=[
            ('{"weights": w.detach().numpy(),', '{"weights": w.tolist(),'),
            (
                '"scale": scaler.get_scale(), "skipped": skipped}',
                '"scale": np.float64(scaler.get_scale()), "skipped": np.array(skipped)}',
            ),
        ],
        tensorflow=[
            ('{"weights": w.numpy(),', '{"weights": w.numpy().tolist(),'),
            ('"skipped": skipped}', '"skipped": np.array(skipped)}'),
        ],
        jax=[
            ('{"weights": np.asarray(w),', '{"weights": w.tolist(),'),
            ('"scale": float(scale), "skipped": skipped}', '"scale": scale, "skipped": np.array(skipped)}'),
        ],
    ),
    right(
        "translation",
        "the weights in an array of the framework, the product by another function",
        pytorch=[
            ("            z = X @ w", "            z = F.linear(X, w)"),
            ("w.detach().numpy()", "w.detach()"),
        ],
        tensorflow=[
            ("tf.linalg.matvec(*low)", 'tf.einsum("nd,d->n", *low)'),
            ("w.numpy()", "w.read_value()"),
        ],
        jax=[
            ("X.astype(jnp.float16) @ w.astype(jnp.float16)", "jnp.matmul(jnp.float16(X), jnp.float16(w))"),
            ('"weights": np.asarray(w)', '"weights": w'),
        ],
    ),
    right(
        "translation",
        "clipped by another function",
        pytorch=(
            "        torch.nn.utils.clip_grad_norm_([w], ceiling)\n",
            "        norm = torch.linalg.vector_norm(w.grad)\n"
            "        if norm > ceiling:\n"
            "            w.grad.mul_(ceiling / norm)\n",
        ),
        tensorflow=(
            "tf.clip_by_norm(slope, ceiling)",
            "tf.clip_by_global_norm([slope], ceiling)[0][0]",
        ),
        jax=(
            "slope *= jnp.minimum(1, ceiling / jnp.linalg.norm(slope))",
            "norm = jnp.sqrt(slope @ slope)\n"
            "    slope = jnp.where(norm > ceiling, slope / norm * ceiling, slope)",
        ),
    ),
)
