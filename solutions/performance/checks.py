"""Hidden checks of the chapter on performance, the same for the three frameworks.

No check reads a real clock. `rehearse` is the exercises' locked helper: it
calls the learner's timer with a pretended device, and its clock only moves when
that device is asked or waited for. `plain` and `program` call a function by
name, as it is or compiled, and report the result and the program.
"""

import math
from statistics import NormalDist

import numpy as np

from triptych.grading.checks import Ask, agree, check, shown

Draw = np.random.Generator

#: The sections of the chapter that an exercise is about: the feedback links them.
SECTIONS = {
    "timing": ("How to time",),
    "break-even": ("Compile time is time",),
    "winner": ("How sure is that?",),
    "fair": ("ResNet-50 training",),
    "bound": ("Fusion",),
    "memory": ("Memory",),
    "profile": ("Profilers",),
    "fusion": ("Fusion",),
    "translation": ("Mixed precision",),
}


def _in_any_order(draw: Draw, cases: list) -> list:
    """The cases, shuffled: which answer comes next is not to be known from this file."""
    return [cases[i] for i in draw.permutation(len(cases))]


# --- Time it right -----------------------------------------------------------


def _rehearsal(draw: Draw) -> tuple[list[float], int, int, float]:
    """Durations of the first call, of slow warm-up calls and of the samples; in 1/64 s, so exact."""
    warmup, repeats = int(draw.integers(2, 5)), 2 * int(draw.integers(3, 6)) + 1
    first, rest = draw.integers(600, 900), draw.integers(64, 128, repeats)
    rest[draw.integers(repeats)] = 5000  # something else ran
    durations = np.array([first, *draw.integers(300, 500, warmup), *rest]) / 64
    return [float(d) for d in durations], warmup, repeats, float(draw.integers(1, 9) / 64)


@check(
    "timing",
    points=0.5,
    objective=1,
    message="`first` is the time of the very first call, from asking to done, whatever warms up after it.",
)
def the_first_call_apart(ask: Ask, draw: Draw) -> None:
    durations, warmup, repeats, asking = _rehearsal(draw)
    answer = ask("rehearse", "timed", durations, warmup, repeats, asking)["answer"]
    ask.require(answer["first"] == durations[0] + asking, shown(durations[0] + asking), answer["first"])


@check(
    "timing",
    points=1.5,
    objective=1,
    message="The samples are too short, or pile up: the call returned before its work was done. Wait for "
    "what each call returned, before the clock is read again.",
)
def waits_before_the_clock_stops(ask: Ask, draw: Draw) -> None:
    (one, *_), warmup, repeats, asking = _rehearsal(draw)
    # All take equally long: how many there are, and which are counted, is asked below.
    got = ask("rehearse", "timed", [one] * 40, warmup, repeats, asking)["answer"]["samples"]
    ask.require(len(got) and all(t == one + asking for t in got), f"{one + asking} s for each sample", got)


@check(
    "timing",
    points=1,
    objective=1,
    message="After the first call come `warmup` calls that are counted nowhere, then `repeats` samples, in "
    "their order: 1 + warmup + repeats calls in all.",
)
def warm_up_is_not_counted(ask: Ask, draw: Draw) -> None:
    durations, warmup, repeats, asking = _rehearsal(draw)
    report = ask("rehearse", "timed", durations, warmup, repeats, asking)
    got, truth = report["answer"]["samples"], [d + asking for d in durations[1 + warmup :]]
    ask.require(report["left"] == 0, f"{len(durations)} calls", len(durations) - report["left"])
    ask.require(len(got) == repeats, f"{repeats} samples", got)
    # In what unit and up to where each is timed is asked above.
    slow = [i for i, d in enumerate(truth) if d > 70]
    ask.require(list(got).index(max(got)) in slow or max(got) == min(got), f"samples {truth}", got)


@check(
    "timing",
    points=1,
    objective=1,
    message="One sample in which something else ran moves a mean, a standard deviation and the difference "
    "of the extremes. Give the median, and the 75th less the 25th percentile.",
)
def one_slow_sample_moves_nothing(ask: Ask, draw: Draw) -> None:
    durations, warmup, repeats, asking = _rehearsal(draw)
    answer = ask("rehearse", "timed", durations, warmup, repeats, asking)["answer"]
    # Of the samples that were taken, be they right or not.
    low, middle, high = np.percentile(answer["samples"], [25, 50, 75])
    ask.require(max(answer["samples"]) > 2 * middle, "a sample of 78 s among the others", answer["samples"])
    truth = {"median": float(middle), "spread": float(high - low)}
    ask.require(agree(truth, answer), shown(truth))


# --- Break-even --------------------------------------------------------------


@check(
    "break-even",
    points=1,
    objective=2,
    message="Off by one, or an eager call too many: the slow first call is itself one of the n compiled "
    "calls, and n is the first whole number at which they take less time in all.",
)
def counts_the_first_call(ask: Ask, draw: Draw) -> None:
    for _ in range(4):
        compiled, saved, n = draw.uniform(0.5, 2), draw.uniform(0.2, 1), int(draw.integers(3, 60))
        # first + (n - 1) compiled < n eager means n > (first - compiled) / saved; clear of a tie
        first = compiled + saved * (n - draw.uniform(0.2, 0.8))
        given = float(first), float(compiled + saved), float(compiled)
        ask.equal("break_even", *given, expected=n)


@check(
    "break-even",
    points=1,
    objective=2,
    message="Where a later compiled call is no quicker than an eager one it never pays: None, no number and "
    "no exception. But where even the first compiled call is quicker, it has paid at once: 1.",
)
def never_and_at_once(ask: Ask, draw: Draw) -> None:
    cases: list[tuple[tuple[float, float, float], int | None]] = []
    for _ in range(2):
        eager = float(draw.uniform(1, 3))
        cases += [
            ((20 * eager, eager, eager), None),
            ((20 * eager, eager, float(eager * draw.uniform(1.2, 4))), None),
            ((0.6 * eager, eager, 0.3 * eager), 1),
            ((0.6 * eager, eager, 1.5 * eager), 1),
        ]
    for given, truth in _in_any_order(draw, cases):
        ask.equal("break_even", *given, expected=truth)


def _plan(lengths: list[int], buckets: list[int], compiling: float, eager: float, compiled: float) -> dict:
    padded = [min((b for b in buckets if b >= n), default=n) for n in lengths]
    return {
        "eager": eager * sum(lengths),
        "compiled": compiling * len(set(lengths)) + compiled * sum(lengths),
        "bucketed": compiling * len(set(padded)) + compiled * sum(padded),
    }


def _calls(draw: Draw) -> tuple[list[int], list[int]]:
    """Lengths, several of which come more than once, and buckets in random order that hold all but two."""
    buckets = [16, 32, 64, 128]
    lengths = [*draw.integers(1, 129, 6), *draw.integers(1, 33, 6), 5, 16, 17, 150, 200]
    lengths += lengths[:4]
    return [int(n) for n in draw.permutation(lengths)], [int(b) for b in draw.permutation(buckets)]


@check(
    "break-even",
    points=1,
    objective=2,
    message="Each length is compiled once, when it first comes; not at every call, and not once for all. "
    "Eager calls compile nothing.",
)
def one_compile_for_each_shape(ask: Ask, draw: Draw) -> None:
    lengths, buckets = _calls(draw)
    times = [float(t) for t in draw.uniform((50, 1, 0.2), (90, 2, 0.6))]
    truth = _plan(lengths, buckets, *times)
    del truth["bucketed"]
    ask.equal("plan", lengths, buckets, *times, expected=truth)


@check(
    "break-even",
    points=1,
    objective=2,
    message="Each input goes into the smallest bucket that holds it, works as long as the bucket is, and "
    "only buckets that are used are compiled; what no bucket holds keeps its length. Then name the quickest.",
)
def buckets_trade_work_for_compiling(ask: Ask, draw: Draw) -> None:
    lengths, buckets = _calls(draw)
    for compiling in (40.0, 0.0, 1000.0):  # each of the three ways is the quickest once
        times = compiling, 1.0, float(draw.uniform(0.4, 0.5))
        truth = _plan(lengths, buckets, *times)
        best = {"best": min(truth, key=truth.get)}
        ask.equal("plan", lengths, buckets, *times, expected={"bucketed": truth["bucketed"]} | best)
    few = [3, 3, 4, 60], [64, 8, 512], 5.0, 1.0, 0.5
    ask.equal("plan", *few, expected={"bucketed": _plan(*few)["bucketed"]})


# --- A winner or a tie -------------------------------------------------------


def _samples(draw: Draw, n: int, median: float, spread: float) -> list[float]:
    """n times in random order whose quantiles are those of a normal distribution."""
    normal = NormalDist(median, spread * median)
    return [normal.inv_cdf((i + 0.5) / n) for i in draw.permutation(n)]


def _apart(draw: Draw) -> tuple[list[float], list[float], str]:
    """Two clearly different programs, the quicker one first."""
    n, scale = int(draw.integers(12, 30)), 10.0 ** draw.integers(-5, 2)
    return _samples(draw, n, scale, 0.03), _samples(draw, n + 3, 1.4 * scale, 0.03), "first"


def _verdicts(ask: Ask, draw: Draw, pairs: list[tuple[list[float], list[float], str]]) -> None:
    """Ask for each pair's winner, the pairs in any order and each either way round."""
    for one, other, truth in _in_any_order(draw, pairs):
        if draw.integers(2):
            ask.equal("verdict", one, other, expected="a" if truth == "first" else truth)
        else:
            ask.equal("verdict", other, one, expected="b" if truth == "first" else truth)


@check(
    "winner",
    points=0.5,
    objective=1,
    message="Times that are far apart, and no winner or the wrong one: the smaller times are the faster "
    "program's.",
)
def names_a_clear_winner(ask: Ask, draw: Draw) -> None:
    _verdicts(ask, draw, [_apart(draw) for _ in range(8)])


@check(
    "winner",
    points=0.75,
    objective=1,
    message="A winner was named although the two intervals overlap: a smaller median, mean or minimum alone "
    "says nothing.",
)
def overlapping_is_a_tie(ask: Ask, draw: Draw) -> None:
    pairs = [
        (_samples(draw, n, 1.0, spread), _samples(draw, n, more, spread), "tie")
        for n, more, spread in ((20, 1.001, 0.05), (15, 1.05, 0.4), (9, 1.02, 0.1))
        for _ in range(2)
    ]
    _verdicts(ask, draw, [*pairs, *(_apart(draw) for _ in range(4))])


@check(
    "winner",
    points=0.75,
    objective=1,
    message="A few slow samples, in which something else ran, turned the verdict or hid it: compare "
    "medians and their intervals, not means with theirs.",
)
def slow_samples_decide_nothing(ask: Ask, draw: Draw) -> None:
    pairs = []
    for _ in range(7):
        quick, slow = _samples(draw, 25, 1.0, 0.03), _samples(draw, 25, 1.3, 0.03)
        pairs.append(([40 * t if i < 3 else t for i, t in enumerate(quick)], slow, "first"))
    _verdicts(ask, draw, pairs)


@check(
    "winner",
    points=0.5,
    objective=1,
    message="With 300 samples each the medians are known well, though the samples themselves mix. Not the "
    "spread of the samples counts, but that of the median: it narrows as samples are added.",
)
def many_samples_narrow_the_interval(ask: Ask, draw: Draw) -> None:
    pairs = [(_samples(draw, 300, 1.0, 0.2), _samples(draw, 300, 1.15, 0.2), "first") for _ in range(7)]
    _verdicts(ask, draw, pairs)


@check(
    "winner",
    points=0.5,
    objective=1,
    message="Fewer than six samples have no 95 % interval of the median, however far apart they lie: 'tie'.",
)
def few_samples_decide_nothing(ask: Ask, draw: Draw) -> None:
    many = _samples(draw, 12, 3.0, 0.01)
    few = [(_samples(draw, n, 1.0, 0.01), many, "tie") for n in (2, 3, 4, 5)]
    enough = [(_samples(draw, 6, 1.0, 0.01), many, "first") for _ in range(4)]
    _verdicts(ask, draw, [*few, *enough])


# --- Equal first -------------------------------------------------------------


def _convolution(images: np.ndarray, kernel: np.ndarray, stride: int) -> np.ndarray:
    k, n = kernel.shape[:2]
    padded = np.pad(images, [(0, 0), (k // 2, k // 2), (n // 2, n // 2), (0, 0)])
    windows = np.lib.stride_tricks.sliding_window_view(padded, (k, n), axis=(1, 2))
    return np.einsum("bhwikl,klio->bhwo", windows[:, ::stride, ::stride], kernel)


def _picture(draw: Draw, height: int, width: int, sides: tuple[int, int]) -> list[np.ndarray]:
    shapes = (2, height, width, 3), (*sides, 3, 4)
    return [draw.normal(size=shape).astype("float32") for shape in shapes]


@check(
    "fair",
    points=0.5,
    objective=4,
    message="Not even with a stride of 1: were the axes permuted (not reshaped) to where the framework "
    "wants them, and is the kernel, of k times l entries, used as it is, without a flip?",
)
def convolves(ask: Ask, draw: Draw) -> None:
    for sides in ((3, 3), (5, 3)):
        images, kernel = _picture(draw, 5, 7, sides)
        truth = _convolution(images, kernel, 1)
        ask.equal("convolved", images, kernel, 1, expected=truth, rtol=1e-4, atol=1e-4)


@check(
    "fair",
    points=1,
    objective=4,
    message="With a larger stride it is another model: k // 2 zeros on each side of the image, at its start "
    "as at its end. A framework's own 'same' pads by the stride, and more at the end.",
)
def pads_both_sides(ask: Ask, draw: Draw) -> None:
    for height, width, side, stride in ((6, 8, 3, 2), (8, 5, 7, 2), (9, 10, 5, 3)):
        images, kernel = _picture(draw, height, width, (side, side))
        truth = _convolution(images, kernel, stride)
        ask.equal("convolved", images, kernel, stride, expected=truth, rtol=1e-4, atol=1e-4)


def _entry(draw: Draw, middles: dict[str, float], logits: np.ndarray, parameters: int) -> dict:
    variants = {}
    for name, middle in middles.items():
        # Means, minima and first calls would each choose another variant, or give another ratio.
        away = middle * draw.uniform(0.01, 0.1, 4)
        samples = [middle, middle - away[0], middle - away[1], middle + away[2], middle + away[3]]
        variants[name] = {"first": 0.0, "samples": [float(t) for t in draw.permutation(samples)]}
    return {"parameters": parameters, "logits": logits, "variants": variants}


def _pair(draw: Draw) -> tuple[dict, dict]:
    logits, parameters = draw.normal(size=(3, 5)), int(draw.integers(100, 10**6))
    names = [str(name) for name in draw.permutation(["eager", "compiled", "graph"])]
    a = _entry(draw, dict(zip(names, (3.0, 1.0, 2.0), strict=True)), logits, parameters)
    other = float(draw.uniform(1.3, 1.7))
    b = _entry(draw, {"default": 4.0, "best": other}, logits + 9e-5 * draw.uniform(-1, 1, (3, 5)), parameters)
    return a, b


@check(
    "fair",
    points=1,
    objective=4,
    message="Rounding alone makes logits differ by 1e-6 or so, and a model that is wrong in one logit is "
    "wrong: compare the largest difference with 1e-4. What is refused has a ratio of None.",
)
def equal_means_within_the_tolerance(ask: Ask, draw: Draw) -> None:
    refused = {"same": False, "ratio": None}
    cases = []
    for sign in (1, -1):
        a, b = _pair(draw)
        logits = a["logits"].copy()
        logits[draw.integers(3), draw.integers(5)] += sign * 4e-4
        cases += [(a, b, {"same": True}), (b, a, {"same": True}), (a, b | {"logits": logits}, refused)]
        cases += [(a, b | {"parameters": b["parameters"] + 1}, refused)]
    a, b = _pair(draw)
    for entry, other, truth in _in_any_order(draw, [*cases, (a, b, {"same": True})]):
        ask.equal("fair", entry, other, expected=truth)


@check(
    "fair",
    points=0.5,
    objective=4,
    message="Logits of another shape, or with a nan among them, passed: broadcasting makes unequal shapes "
    "comparable, and no comparison with nan is true, so ask whether all differences are small.",
)
def shapes_and_nan_do_not_pass(ask: Ask, draw: Draw) -> None:
    refused = {"same": False, "ratio": None}
    cases = []
    for _ in range(2):
        a, b = _pair(draw)
        a["logits"][:] = a["logits"][0]
        corrupted = a["logits"].copy()
        corrupted[draw.integers(3), draw.integers(5)] = np.nan
        for logits in (a["logits"][:1], a["logits"][0], corrupted):
            cases.append((a, b | {"logits": logits}, refused))
        cases += [(a, b | {"logits": a["logits"]}, {"same": True})] * 2
    for entry, other, truth in _in_any_order(draw, cases):
        ask.equal("fair", entry, other, expected=truth)


@check(
    "fair",
    points=1,
    objective=4,
    message="Each at its best: in each entry the variant whose samples have the smallest median, without the "
    "first call; the ratio is b's such median divided by a's.",
)
def each_at_its_best(ask: Ask, draw: Draw) -> None:
    a, b = _pair(draw)
    b["logits"] = a["logits"]  # whether equal logits are found equal is asked above
    for entry in (a, b):
        middles = {name: float(np.median(v["samples"])) for name, v in entry["variants"].items()}
        # The slowest variant has the quickest sample; the quickest one a very slow sample and first call.
        entry["variants"][max(middles, key=middles.get)]["samples"] += [0.1, 9.0]
        entry["variants"][min(middles, key=middles.get)]["samples"] += [0.5, 60.0]
        entry["variants"][min(middles, key=middles.get)]["first"] = 300.0
    best, least = [], []
    for entry in (a, b):
        middles = {name: float(np.median(v["samples"])) for name, v in entry["variants"].items()}
        best.append(min(middles, key=middles.get))
        least.append(min(middles.values()))
    ask.equal("fair", a, b, expected={"best": best, "ratio": least[1] / least[0]})


# --- Bound by what? ----------------------------------------------------------


def _sizes(draw: Draw, *names: str) -> dict[str, int]:
    return {name: int(draw.integers(3, 40)) for name in names}


@check(
    "bound",
    points=1,
    objective=3,
    message="Each of the m n entries of a product takes k multiplications and k additions; three matrices "
    "travel, the result among them, and each number has `itemsize` bytes.",
)
def counts_a_product(ask: Ask, draw: Draw) -> None:
    for itemsize in (2, 4):
        given = _sizes(draw, "m", "k", "n") | {"kind": "matmul", "itemsize": itemsize}
        m, k, n = (given[key] for key in "mkn")
        truth = {"operations": 2 * m * k * n, "bytes": itemsize * (m * k + k * n + m * n)}
        ask.equal("work", given, expected=truth)


@check(
    "bound",
    points=1,
    objective=3,
    message="Fusing does not change the operations; it changes the bytes: all numbers in and out once, "
    "where each single step would read and write all of them.",
)
def counts_a_chain(ask: Ask, draw: Draw) -> None:
    given = _sizes(draw, "size", "steps") | {"kind": "chain", "itemsize": int(draw.choice([2, 4, 8]))}
    size, steps = given["size"], given["steps"]
    for fused in (True, False):
        moved = 2 * size * given["itemsize"] * (1 if fused else steps)
        truth = {"operations": size * steps, "bytes": moved}
        ask.equal("work", given | {"fused": fused}, expected=truth)


@check(
    "bound",
    points=1,
    objective=3,
    message="A convolution is kernel^2 times inputs products, and as many sums, for each pixel and channel "
    "of its *result*, whose sides are divided by the stride and rounded up; images in, kernel and images "
    "out travel.",
)
def counts_a_convolution(ask: Ask, draw: Draw) -> None:
    for stride in (1, 2, 3):
        given = _sizes(draw, "batch", "height", "width", "inputs", "outputs")
        for side in ("height", "width"):
            given[side] = stride * given[side] + 1  # rounding matters
        given |= {"kind": "convolution", "kernel": int(draw.choice([3, 5, 7])), "stride": stride}
        given["itemsize"] = int(draw.choice([2, 4]))
        after = given["batch"] * math.prod(math.ceil(given[side] / stride) for side in ("height", "width"))
        weights = given["kernel"] ** 2 * given["inputs"] * given["outputs"]
        numbers = given["batch"] * given["height"] * given["width"] * given["inputs"] + weights
        numbers += after * given["outputs"]
        truth = {"operations": 2 * after * weights, "bytes": given["itemsize"] * numbers}
        ask.equal("work", given, expected=truth)


@check(
    "bound",
    points=1,
    objective=3,
    message="Intensity is operations for each byte. The machine needs operations / peak and bytes / "
    "bandwidth seconds, at the same time: the longer of the two is what bounds, and is the least time.",
)
def the_longer_time_bounds(ask: Ask, draw: Draw) -> None:
    for share in draw.permutation([0.1, 0.6, 1.7, 20.0]):
        peak, bandwidth = (float(f"{number:.3g}") for number in draw.uniform((1e11, 1e10), (9e11, 9e10)))
        moved = int(draw.integers(10**6, 10**8))
        operations = int(share * moved * peak / bandwidth)
        truth = {
            "intensity": operations / moved,
            "bound": "memory" if share < 1 else "arithmetic",
            "seconds": max(operations / peak, moved / bandwidth),
        }
        ask.equal("roof", operations, moved, peak, bandwidth, expected=truth, atol=0)


# --- Choose a batch size -----------------------------------------------------

STATES = {"sgd": 0, "momentum": 1, "adam": 2}


def _model(draw: Draw) -> tuple[dict, int, int]:
    """A small convolutional model, its parameters, and the numbers kept for one example."""
    side, channels, wide, classes = (int(n) for n in draw.integers((4, 2, 2, 3), (12, 5, 9, 20)))
    flat = side * side * wide
    model = {
        "input": [side, side, channels],
        "layers": [
            {"parameters": [[3, 3, channels, wide], [wide]], "output": [side, side, wide]},
            {"parameters": [[wide], [wide]], "output": [side, side, wide]},
            {"parameters": [], "output": [flat]},
            {"parameters": [[flat, classes], [classes]], "output": [classes]},
        ],
    }
    parameters = 9 * channels * wide + wide + 2 * wide + flat * classes + classes
    return model, parameters, side * side * channels + 3 * flat + classes


@check(
    "memory",
    points=1,
    objective=5,
    message="Weights and gradients are float32 numbers, one each for every parameter, of every array of "
    "every layer: neither the batch nor the activations' size changes them.",
)
def weights_and_gradients(ask: Ask, draw: Draw) -> None:
    for batch, size in ((1, 4), (int(draw.integers(5, 90)), 2)):
        model, parameters, _ = _model(draw)
        truth = {"weights": 4 * parameters, "gradients": 4 * parameters}
        ask.equal("memory", model, batch, "sgd", size, expected=truth)


@check(
    "memory",
    points=0.5,
    objective=5,
    message="The optimiser's own numbers are float32, none, one or two for each parameter.",
)
def the_optimisers_state(ask: Ask, draw: Draw) -> None:
    model, parameters, _ = _model(draw)
    for optimiser, numbers in STATES.items():
        ask.equal("memory", model, 3, optimiser, 2, expected={"state": 4 * numbers * parameters})


@check(
    "memory",
    points=1.5,
    objective=5,
    message="Kept for each example of the batch: the input, and the output of every layer, the last too, of "
    "`activation_bytes` a number; each once. Then the total, of all four.",
)
def activations_grow_with_the_batch(ask: Ask, draw: Draw) -> None:
    for size in (2, 4):
        (model, parameters, each), batch = _model(draw), int(draw.integers(2, 200))
        truth = {"activations": size * batch * each, "total": 8 * parameters + size * batch * each}
        ask.equal("memory", model, batch, "sgd", size, expected=truth)


@check(
    "memory",
    points=1,
    objective=5,
    message="The largest power of two that fits: the limit itself may be reached, one byte more may not; "
    "0 where a single example is too much. The optimiser's state takes room as well.",
)
def the_largest_that_fits(ask: Ask, draw: Draw) -> None:
    for optimiser, numbers in STATES.items():
        (model, parameters, each), size = _model(draw), int(draw.choice([2, 4]))
        power = int(2 ** draw.integers(1, 14))
        total = 4 * (2 + numbers) * parameters + size * power * each
        ask.equal("largest_batch", model, total, optimiser, size, expected=power)
        ask.equal("largest_batch", model, total - 1, optimiser, size, expected=power // 2)
        ask.equal("largest_batch", model, total + size * power * each - 1, optimiser, size, expected=power)
        one = total - size * (power - 1) * each
        ask.equal("largest_batch", model, one, optimiser, size, expected=1)
        ask.equal("largest_batch", model, one - 1, optimiser, size, expected=0)


# --- Read a profile ----------------------------------------------------------

NAMES = ("step", "linear", "matmul", "add", "copy", "relu")


def _trace(draw: Draw, tid: int, start: int, end: int) -> tuple[list[dict], dict[str, float], int]:
    """Calls of a thread, nested up to four deep; each name's own time, and how long any call ran.

    Names repeat, also inside themselves; times are whole microseconds.
    """
    events: list[dict] = []
    own: dict[str, float] = {}

    def calls(start: int, end: int, depth: int) -> int:
        """Fill a stretch with calls; how much of it they take."""
        taken, now = 0, start + int(draw.integers(0, 3))
        while end - now > 4:
            length = min(end - now, int(draw.integers(3, 40 * 4 ** (3 - depth))))
            name = str(draw.choice(NAMES))
            events.append({"name": name, "ph": "X", "tid": tid, "ts": float(now), "dur": float(length)})
            inside = calls(now, now + length - 1, depth + 1) if depth < 3 and length > 8 else 0
            own[name] = own.get(name, 0.0) + length - inside
            taken += length
            now += length + int(draw.choice([0, 0, 2, 7]))
        return taken

    return events, own, calls(start, end, 0)


OTHERS = (
    {"name": "thread_name", "ph": "M", "tid": 1, "args": {"name": "main"}},
    {"name": "mark", "ph": "i", "tid": 1, "ts": 4.0, "s": "t"},
    {"name": "flow", "ph": "s", "tid": 1, "ts": 7.0, "id": 3},
    {"name": "memory", "ph": "C", "tid": 1, "ts": 9.0, "dur": 1e6, "args": {"bytes": 10}},
)


def _shuffled(draw: Draw, *parts: list[dict]) -> list[dict]:
    events = [event for part in parts for event in part]
    return [events[i] for i in draw.permutation(len(events))]


def _own(ask: Ask, events: list[dict], truth: dict[str, float]) -> None:
    answer = ask("self_times", events)
    got = {name: float(time) for name, time in answer.items()}
    ask.require(set(got) == set(truth), f"the names {sorted(truth)}", answer)
    ask.require(agree(truth, got), shown(truth), answer)


@check(
    "profile",
    points=1,
    objective=6,
    message="A call's own time is its duration less that of the calls directly inside it: not less that of "
    "their own calls again, and not its whole duration. A name's calls are added up.",
)
def nested_calls_are_taken_off_once(ask: Ask, draw: Draw) -> None:
    events, own, _ = _trace(draw, 1, 0, 1500)
    # In the order of their starts, callers first; any order is asked for below.
    _own(ask, events, own)


@check(
    "profile",
    points=1,
    objective=6,
    message="Right for one tidy thread, wrong for a real trace. Calls come in any order, and two that "
    "start together are nested, the longer outside; only a call of the same thread can be inside another; "
    "events other than ph X are no calls.",
)
def threads_do_not_nest_in_each_other(ask: Ask, draw: Draw) -> None:
    (events, own, _), (more, others, _) = _trace(draw, 1, 0, 900), _trace(draw, 2, 100, 900)
    truth = {name: own.get(name, 0.0) + others.get(name, 0.0) for name in {**own, **others}}
    _own(ask, _shuffled(draw, events, more, list(OTHERS)), truth)


def _slowest(ask: Ask, draw: Draw) -> None:
    """Ask for the slowest of four names."""
    names = [str(name) for name in draw.permutation(["step", "linear", "matmul", "add"])]
    outer, middle, inner, often = names
    events, now = [], 0.0
    for _ in range(3):
        events += [
            {"name": outer, "ph": "X", "tid": 1, "ts": now, "dur": 100.0},
            {"name": middle, "ph": "X", "tid": 1, "ts": now + 1, "dur": 90.0},
            {"name": inner, "ph": "X", "tid": 1, "ts": now + 2, "dur": float(draw.integers(60, 70))},
        ]
        events += [{"name": often, "ph": "X", "tid": 1, "ts": now + 92 + i, "dur": 1.0} for i in range(5)]
        now += 110
    events.append({"name": often, "ph": "X", "tid": 2, "ts": 0.0, "dur": 110.0})  # the longest single call
    ask.equal("summary", _shuffled(draw, events), 1, expected={"slowest": inner})


@check(
    "profile",
    points=0.5,
    objective=6,
    message="The slowest is the name with the largest own time in all: neither the outermost call, nor "
    "the longest single one, nor the one that is called most often.",
)
def the_slowest_by_its_own_time(ask: Ask, draw: Draw) -> None:
    for _ in range(4):  # one of four names is guessed easily
        _slowest(ask, draw)


@check(
    "profile",
    points=1.5,
    objective=6,
    message="Idle is what is left of the whole trace, from the first start to the last end in *any* thread, "
    "when the stretches in which this thread runs a call are taken off; nested calls count once.",
)
def idle_is_what_no_call_covers(ask: Ask, draw: Draw) -> None:
    start, end = int(draw.integers(100, 300)), int(draw.integers(700, 900))
    (events, _, busy), (more, _, other) = _trace(draw, 1, start, end), _trace(draw, 2, 50, 1200)
    calls = events + more
    first = min(e["ts"] for e in calls)
    whole = max(e["ts"] + e["dur"] for e in calls) - first
    shuffled = _shuffled(draw, calls)
    for tid, taken in ((1, busy), (2, other), (3, 0)):
        ask.equal("summary", shuffled, tid, expected={"idle": 1 - taken / whole}, rtol=1e-6)


# --- Fuse a chain ------------------------------------------------------------


def _rows(draw: Draw, rows: int) -> list[np.ndarray]:
    """x, gains and limit, such that some of x is cut and some is not."""
    x, gains = draw.normal(size=(rows, 5)), draw.uniform(0.5, 2, rows) * draw.choice([-1, 1], rows)
    return [x.astype("float32"), gains.astype("float32"), np.float32(draw.uniform(-0.2, 0.4))]


def _bent(x: np.ndarray, gains: np.ndarray, limit: np.ndarray) -> np.ndarray:
    y = gains[:, None].astype(float) * x
    return 0.5 * x * (1 + np.minimum(np.tanh(0.8 * (y + 0.05 * y**3)), limit))


@check(
    "fusion",
    points=1,
    objective=3,
    message="Not the numbers of `slow`: each row has its own gain, what is above the limit is cut (and "
    "nothing else), and x itself, without its gain, is mixed in at the end.",
)
def computes_what_the_loop_does(ask: Ask, draw: Draw) -> None:
    for rows in (5, 8):  # with five rows and columns, gains along the wrong axis would do
        given = _rows(draw, rows)
        ask.equal("plain", "fused", given, expected=_bent(*given), rtol=1e-4, atol=1e-5)


@check(
    "fusion",
    points=1.5,
    objective=3,
    message="It does not compile to one pass. Only elementwise operations can be joined: a loop over rows, a "
    "masked assignment, a product of matrices or a detour through NumPy stands between.",
)
def one_pass(ask: Ask, draw: Draw) -> None:
    given = _rows(draw, int(draw.integers(4, 9)))
    answer = ask("program", "fused", given)
    ask.require(agree(_bent(*given), answer["result"], 1e-4, 1e-5), shown(_bent(*given)), answer["result"])
    ask.require(answer["passes"] == 1, "1 pass", answer["passes"])


@check(
    "fusion",
    points=0.5,
    objective=3,
    message="More rows make a longer program: a Python loop is unrolled while tracing. Let the gains "
    "broadcast over the rows instead.",
)
def the_program_does_not_grow(ask: Ask, draw: Draw) -> None:
    operations = []
    for rows in (3, 30):
        given = _rows(draw, rows)
        answer = ask("program", "fused", given)
        truth = _bent(*given)
        ask.require(agree(truth, answer["result"], 1e-4, 1e-5), shown(truth), answer["result"])
        operations.append(answer["operations"])
    few, many = operations
    ask.require(few == many, f"{few} operations for 30 rows, as for 3", many)


@check(
    "fusion",
    points=1,
    objective=3,
    message="x @ W + b is not what layer and normalisation gave together: eps stands inside the root, the "
    "columns of W are scaled, and the mean is scaled before it is taken off beta.",
)
def normalisation_folds_away(ask: Ask, draw: Draw) -> None:
    W, x, eps = draw.normal(size=(4, 4)), draw.normal(size=(6, 4)), float(draw.uniform(0.1, 0.5))
    gamma, beta, mean, variance = draw.uniform(0.3, 2, (4, 4))
    answer = ask("folded", W, gamma, beta, mean, variance, eps)
    truth = gamma * (x @ W - mean) / np.sqrt(variance + eps) + beta
    ask.require(np.shape(answer["b"]) == (4,), "a bias for each output", answer["b"])
    got = x @ answer["W"] + answer["b"]
    ask.require(agree(truth, got, 1e-6), f"{shown(truth)} for x @ W + b", got)


# --- Translate ---------------------------------------------------------------

LARGEST = 65504.0  # of float16


def _fit(
    X: np.ndarray,
    y: np.ndarray,
    w: np.ndarray,
    rate: float,
    ceiling: float,
    scale: float,
    window: int,
    steps: int,
) -> dict | None:
    """The training in float64; None where rounding could decide whether a step is skipped."""
    good = skipped = 0
    for _ in range(steps):
        dz = 2 * (X @ w - y) / len(y)
        slope = X.T @ dz
        large = max(np.abs(dz).max(), np.abs(slope).max()) * scale
        bound = max(np.abs(dz).max(), (np.abs(X).T @ np.abs(dz)).max()) * scale
        if large > 1.2 * LARGEST:
            scale, good, skipped = scale / 2, 0, skipped + 1
            continue
        if bound > LARGEST / 1.2:
            return None
        w = w - rate * slope * min(1.0, ceiling / np.linalg.norm(slope))
        good += 1
        if good == window:
            scale, good = 2 * scale, 0
    return {"weights": w, "scale": scale, "skipped": skipped}


def _case(draw: Draw, size: float, start: float = 0.0, **settings: float) -> tuple[list, dict]:
    """Arguments of `train`, and what it returns; residuals are as large as ``size``."""
    chosen = {"rate": 0.1, "ceiling": 1e9, "scale": 1024.0, "window": 100, "steps": 1} | settings
    while True:
        X, w = draw.normal(size=(8, 3)), np.full(3, start)
        X, w = X.astype("float32"), w.astype("float32")
        y = (X @ w + size * draw.uniform(0.5, 1.5, 8) * draw.choice([-1, 1], 8)).astype("float32")
        truth = _fit(X.astype(float), y.astype(float), w.astype(float), **chosen)
        if truth is not None:
            return [X, y, w, *chosen.values()], truth


def _trained(ask: Ask, given: list, truth: dict, *keys: str, rtol: float = 0.03) -> None:
    answer, start = ask("train", *given), given[2]
    if "weights" in keys:
        moved, wanted = np.asarray(answer["weights"], dtype=float) - start, truth["weights"] - start
        away = np.abs(moved - wanted).max()
        # Also of a small change: relative to the largest.
        ask.require(away <= rtol * np.abs(wanted).max(), f"weights {truth['weights']}", answer["weights"])
    for key in keys:
        if key != "weights":
            ask.require(agree(truth[key], answer[key]), f"{key} {truth[key]}", answer[key])


@check(
    "translation",
    points=1,
    objective=6,
    message="Small gradients were lost on the way back, or come out too large: the loss is multiplied by the "
    "scale before the way back, and the gradient divided by it afterwards, in float32.",
)
def small_gradients_survive(ask: Ask, draw: Draw) -> None:
    given, truth = _case(draw, 1e-7, scale=2.0**16, rate=1.0)
    _trained(ask, given, truth, "weights")


@check(
    "translation",
    points=1,
    objective=6,
    message="A gradient that is not finite skips its step: the weights stay, the scale is halved, and the "
    "skipped step is counted. (In float32 or bfloat16 nothing would ever overflow.)",
)
def an_overflow_skips_the_step(ask: Ask, draw: Draw) -> None:
    # The first three steps or so are skipped, the others not; none is left to grow.
    given, truth = _case(draw, 1.0, scale=2.0**20, steps=7)
    _trained(ask, given, truth, "weights", "skipped", "scale")


@check(
    "translation",
    points=1,
    objective=6,
    message="The scale doubles after `window` good steps in a row, and counting starts again, from 0: after "
    "it has grown, and after a step that was skipped.",
)
def the_scale_grows_again(ask: Ask, draw: Draw) -> None:
    for window, steps in ((2, 5), (3, 11)):
        given, truth = _case(draw, 1.0, scale=64.0, window=window, steps=steps, rate=0.01)
        _trained(ask, given, truth, "scale", "skipped")
    for _ in range(3):
        scale, window, steps = (
            2.0 ** draw.integers(16, 22),
            int(draw.integers(2, 5)),
            int(draw.integers(9, 18)),
        )
        given, truth = _case(draw, 1.0, scale=float(scale), window=window, steps=steps, rate=0.001)
        _trained(ask, given, truth, "scale", "skipped")


@check(
    "translation",
    points=1,
    objective=6,
    message="The gradient as a whole is clipped to the length `ceiling`, and that is done after it was "
    "divided by the scale: a scaled gradient is always too long. A short one is left alone.",
)
def clips_what_was_unscaled(ask: Ask, draw: Draw) -> None:
    for ceiling in (0.01, 50.0):
        given, truth = _case(draw, 1.0, scale=4096.0, ceiling=ceiling, steps=2)
        _trained(ask, given, truth, "weights")


@check(
    "translation",
    points=1,
    objective=6,
    message="Near 1 float16 moves in steps of 0.001 or 0.0005: smaller updates are lost, or rounded, unless "
    "the weights themselves stay float32 and only the product is made of their float16 copies.",
)
def weights_stay_float32(ask: Ask, draw: Draw) -> None:
    given, truth = _case(draw, 1.0, start=1.0, rate=2e-5, steps=5)
    answer = ask("train", *given)["weights"]
    ask.require(np.asarray(answer).dtype == np.float32, "float32 weights", answer)
    _trained(ask, given, truth, "weights")
