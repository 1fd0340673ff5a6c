"""Hidden checks of the chapter on performance, the same for the three frameworks.

No check reads a real clock. `rehearse` is the exercises' locked helper: it
calls the learner's timer with a pretended device, and its clock only moves when
that device is asked or waited for. `plain` and `program` call a function by
name, as it is or compiled, and report the result and the program.

Fixed inputs that decide (ties, limits met exactly, even counts, zero, one element)
are asked for beside random ones. A check answers one question: where it needs what
another check asks, it takes the learner's own value of it.
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
    first, rest = draw.integers(600, 900), draw.choice(np.arange(64, 128), repeats, replace=False)
    rest[draw.integers(repeats)] = 5000  # something else ran
    durations = np.array([first, *draw.integers(300, 500, warmup), *rest]) / 64
    return [float(d) for d in durations], warmup, repeats, float(draw.integers(1, 9) / 64)


#: No warm-up and one sample; even numbers of samples, whose median lies between two of them.
_FIXED = (
    ([5.0, 2.0], 0, 1, 0.125),
    ([5.0, 3.0, 9.0, 1.0, 2.0, 4.0], 1, 4, 0.125),
    ([7.0, 4.0, 3.0, 8.0, 2.0], 2, 2, 0.25),
)


@check(
    "timing",
    points=0.5,
    objective=1,
    message="`first` is the time of the very first call, from asking to done, whatever warms up after it.",
)
def the_first_call_apart(ask: Ask, draw: Draw) -> None:
    for durations, warmup, repeats, asking in (*_FIXED, _rehearsal(draw)):
        answer = ask("rehearse", "timed", durations, warmup, repeats, asking)["answer"]
        # The time of asking alone is another check's matter: nothing was waited for.
        right = answer["first"] in (durations[0] + asking, asking)
        ask.require(right, shown(durations[0] + asking), answer["first"])


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
    for durations, warmup, repeats, asking in (*_FIXED, _rehearsal(draw)):
        report = ask("rehearse", "timed", durations, warmup, repeats, asking)
        got, truth = report["answer"]["samples"], [d + asking for d in durations[1 + warmup :]]
        ask.require(report["left"] == 0, f"{len(durations)} calls", len(durations) - report["left"])
        ask.require(len(got) == repeats, f"{repeats} samples", got)
        # In what unit and up to where each is timed is asked above; here, which come in which order.
        same_order = list(np.argsort(got)) == list(np.argsort(truth))
        ask.require(same_order or max(got) == min(got), f"samples {truth}", got)


@check(
    "timing",
    points=1,
    objective=1,
    message="One sample in which something else ran moves a mean, a standard deviation and the difference "
    "of the extremes. Give the median (of an even number of samples, the middle of the two in the middle), "
    "and the 75th less the 25th percentile.",
)
def one_slow_sample_moves_nothing(ask: Ask, draw: Draw) -> None:
    for durations, warmup, repeats, asking in (*_FIXED, _rehearsal(draw)):
        answer = ask("rehearse", "timed", durations, warmup, repeats, asking)["answer"]
        # Of the samples that were taken, be they right or not.
        low, middle, high = np.percentile(answer["samples"], [25, 50, 75])
        truth = {"median": float(middle), "spread": float(high - low)}
        got = {key: answer[key] for key in truth}
        ask.require(agree(truth, got), shown(truth), got)


# --- Break-even --------------------------------------------------------------


@check(
    "break-even",
    points=1,
    objective=2,
    message="Off by one, or an eager call too many: the slow first call is itself one of the n compiled "
    "calls, and n is the first whole number at which they take less time in all.",
)
def counts_the_first_call(ask: Ask, draw: Draw) -> None:
    # Where the two take equally long at a call, it is the next one. All of these are exact.
    cases = [
        ((10.0, 1.0, 0.5), 20),
        ((4.0, 2.0, 1.0), 4),
        ((1.5, 1.0, 0.5), 3),
        ((1.0, 1.0, 0.5), 2),
        ((2.0, 1.0, 0.0), 3),
        ((1000.0, 1.0, 0.875), 7994),
        ((1000.0, 1.0, 1 - 2.0**-9), 511_490),
    ]
    for _ in range(4):
        compiled, saved, n = draw.uniform(0.5, 2), draw.uniform(0.2, 1), int(draw.integers(3, 60))
        # first + (n - 1) compiled < n eager means n > (first - compiled) / saved; clear of a tie
        first = compiled + saved * (n - draw.uniform(0.2, 0.8))
        cases.append(((float(first), float(compiled + saved), float(compiled)), n))
    for given, truth in _in_any_order(draw, cases):
        ask.equal("break_even", *given, expected=truth)


@check(
    "break-even",
    points=1,
    objective=2,
    message="Where a later compiled call is no quicker than an eager one it never pays: None, no number and "
    "no exception. But where even the first compiled call is quicker, it has paid at once: 1.",
)
def never_and_at_once(ask: Ask, draw: Draw) -> None:
    cases: list[tuple[tuple[float, float, float], int | None]] = [
        ((1.5, 1.0, 1.0), None),
        ((0.5, 1.0, 1.0), 1),
    ]
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


def _padded(lengths: list[int], buckets: list[int]) -> list[int]:
    return [min((b for b in buckets if b >= n), default=n) for n in lengths]


def _plan(lengths: list[int], buckets: list[int], compiling: float, eager: float, compiled: float) -> dict:
    padded = _padded(lengths, buckets)
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
    for given in ((lengths, buckets, *times), ([7], [8], 3.0, 1.0, 0.5), ([7, 7, 7], [8], 3.0, 1.0, 0.5)):
        truth = _plan(*given)
        del truth["bucketed"]
        ask.equal("plan", *given, expected=truth)


@check(
    "break-even",
    points=1,
    objective=2,
    message="Each input goes into the smallest bucket that holds it, works as long as the bucket is, and "
    "only buckets that are used are compiled; what no bucket holds keeps its length. Then name the quickest.",
)
def buckets_trade_work_for_compiling(ask: Ask, draw: Draw) -> None:
    lengths, buckets = _calls(draw)
    cases = [
        (lengths, buckets, 40.0, 1.0, float(draw.uniform(0.4, 0.5))),
        (lengths, buckets, 0.0, 1.0, float(draw.uniform(0.4, 0.5))),
        (lengths, buckets, 1000.0, 1.0, float(draw.uniform(0.4, 0.5))),  # each way is the quickest once
        ([3, 3, 4, 60], [64, 8, 512], 5.0, 1.0, 0.5),
        ([8, 16, 8, 9], [16, 8], 3.0, 1.0, 0.5),  # two fill their bucket
        ([9, 20, 20, 30], [8], 3.0, 1.0, 0.5),  # no bucket holds any
    ]
    for given in _in_any_order(draw, cases):
        # How often is compiled is asked above: here, as for the padded lengths without buckets.
        truth = _plan(*given)
        own = ask("plan", _padded(*given[:2]), [1], *given[2:])["compiled"]
        answer = ask("plan", *given)
        right = any(agree(each, answer["bucketed"]) for each in (truth["bucketed"], own))
        ask.require(right, f"bucketed {shown(truth['bucketed'])}", answer["bucketed"])
        wanted = min(truth, key=lambda way: answer[way])
        ask.require(answer["best"] == wanted or answer[answer["best"]] == answer[wanted], f"best {wanted!r}")


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
    """Ask for each pair's winner, the pairs in any order and each either way round.

    Where the two names are mixed up, which is the first check's matter, they are taken as they are meant.
    """
    quick, slow, _ = _apart(draw)
    names = {"a": "a", "b": "b", "tie": "tie"}
    if (ask("verdict", quick, slow), ask("verdict", slow, quick)) == ("b", "a"):
        names |= {"a": "b", "b": "a"}
    for one, other, truth in _in_any_order(draw, pairs):
        if draw.integers(2):
            ask.equal("verdict", one, other, expected=names["a" if truth == "first" else truth])
        else:
            ask.equal("verdict", other, one, expected=names["b" if truth == "first" else truth])


@check(
    "winner",
    points=0.5,
    objective=1,
    message="Times that are far apart, and no winner or the wrong one: the smaller times are the faster "
    "program's.",
)
def names_a_clear_winner(ask: Ask, draw: Draw) -> None:
    fixed = [([1.0] * 6, [2.0] * 6), ([1e-6] * 7, [3e-6] * 30), ([0.9, 1.0, 1.1] * 4, [9.0, 9.5] * 8)]
    for one, other in _in_any_order(draw, [*fixed, *(_apart(draw)[:2] for _ in range(7))]):
        first, second = ("a", "b") if draw.integers(2) else ("b", "a")
        ask.equal("verdict", *((one, other) if first == "a" else (other, one)), expected=first)
        ask.equal("verdict", *((other, one) if first == "a" else (one, other)), expected=second)


@check(
    "winner",
    points=0.75,
    objective=1,
    message="A winner was named although the two intervals overlap, or meet: a smaller median, mean or "
    "minimum alone says nothing.",
)
def overlapping_is_a_tie(ask: Ask, draw: Draw) -> None:
    pairs = [
        (_samples(draw, n, 1.0, spread), _samples(draw, n, more, spread), "tie")
        for n, more, spread in ((20, 1.001, 0.05), (15, 1.05, 0.4), (9, 1.02, 0.1))
        for _ in range(2)
    ]
    pairs += [([1.0] * 6, [1.0] * 6, "tie"), ([2.5] * 8, [2.5] * 20, "tie")]  # both intervals are a point
    if ask("verdict", *_close(draw)[:2]) != "tie":  # else it is told that many samples narrow the interval
        pairs += [(_samples(draw, 9, 1.0, 0.6), _samples(draw, 9, 1.3, 0.6), "tie") for _ in range(2)]
    _verdicts(ask, draw, [*pairs, *(_apart(draw) for _ in range(4))])


@check(
    "winner",
    points=0.75,
    objective=1,
    message="A slow sample or a few, in which something else ran, turned the verdict or hid it: compare "
    "medians and their intervals, not means with theirs.",
)
def slow_samples_decide_nothing(ask: Ask, draw: Draw) -> None:
    def disturbed(n: int, slow: int) -> tuple[list[float], list[float], str]:
        quick = _samples(draw, n, 1.0, 0.03)
        return [80 * t if i < slow else t for i, t in enumerate(quick)], _samples(draw, n, 1.3, 0.03), "first"

    # One of 60 lies outside the samples' own 95 %, whose question is the next check's.
    _verdicts(ask, draw, [disturbed(60, 1) for _ in range(7)])
    if ask("verdict", *_many(draw)[:2]) != "tie":
        _verdicts(ask, draw, [disturbed(25, 3) for _ in range(3)])


def _many(draw: Draw) -> tuple[list[float], list[float], str]:
    """Medians that are known well, of samples that mix."""
    return _samples(draw, 300, 1.0, 0.2), _samples(draw, 300, 1.15, 0.2), "first"


def _close(draw: Draw) -> tuple[list[float], list[float], str]:
    """Medians a twentieth apart, and known to less than a hundredth."""
    return _samples(draw, 300, 1.0, 0.05), _samples(draw, 300, 1.05, 0.05), "first"


@check(
    "winner",
    points=0.5,
    objective=1,
    message="With 300 samples each the medians are known well, though the samples themselves mix. Not the "
    "spread of the samples counts, but that of the median: it narrows as samples are added.",
)
def many_samples_narrow_the_interval(ask: Ask, draw: Draw) -> None:
    _verdicts(ask, draw, [pair for _ in range(4) for pair in (_many(draw), _close(draw))])


@check(
    "winner",
    points=0.5,
    objective=1,
    message="Fewer than six samples have no 95 % interval of the median, however far apart they lie: 'tie'.",
)
def few_samples_decide_nothing(ask: Ask, draw: Draw) -> None:
    many = _samples(draw, 12, 3.0, 0.01)
    few = [(_samples(draw, n, 1.0, 0.01), many, "tie") for n in (1, 2, 3, 4, 5)]
    few += [([1.0] * 5, [2.0] * 5, "tie"), ([1.0] * 6, [2.0] * 5, "tie")]
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
    pictures = [_picture(draw, 5, 7, (3, 3)), _picture(draw, 6, 4, (3, 3))]
    for images, kernel in pictures:
        truth = _convolution(images, kernel, 1)
        ask.equal("convolved", images, kernel, 1, expected=truth, rtol=1e-4, atol=1e-4)


@check(
    "fair",
    points=1,
    objective=4,
    message="With a larger stride, or a kernel of other sides, it is another model: k // 2 zeros on each "
    "side of an axis along which the kernel has k entries, at its start as at its end. A framework's own "
    "'same' pads by the stride, and more at the end.",
)
def pads_both_sides(ask: Ask, draw: Draw) -> None:
    images, kernel = _picture(draw, 5, 7, (3, 3))
    plainly = _convolution(images, kernel, 1)
    right = agree(plainly, ask("convolved", images, kernel, 1), 1e-4, 1e-4)
    for height, width, sides, stride in (
        (6, 8, (3, 3), 2),
        (8, 5, (7, 7), 2),
        (9, 10, (5, 5), 3),
        (7, 6, (5, 3), 1),
        (6, 7, (1, 5), 2),
        (4, 5, (1, 1), 3),
    ):
        images, kernel = _picture(draw, height, width, sides)
        if not right and sides[0] != sides[1]:
            continue
        if not right:  # which entry meets which pixel is asked above: here all of them are equal
            images, kernel = np.ones_like(images), np.ones_like(kernel)
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
        cases += [(a, b | {"parameters": b["parameters"] + sign}, refused)]
    a, b = _pair(draw)
    # The tolerance itself is allowed, little more is not, and it is the same for large logits.
    for one, other, truth in (
        ([0.0, 1e-4], [1e-4, 0.0], {"same": True}),
        ([0.0, 3.0], [1.2e-4, 3.0], refused),
        ([1000.0, -1000.0], [1000.0, -1000.002], refused),
    ):
        cases.append((a | {"logits": np.array([one])}, b | {"logits": np.array([other])}, truth))
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
    cases = []
    for _ in range(2):
        a, b = _pair(draw)
        a["logits"][:] = a["logits"][0]
        corrupted = a["logits"].copy()
        corrupted[draw.integers(3), draw.integers(5)] = np.nan
        for logits in (a["logits"][:1], a["logits"][0], corrupted):
            cases.append((a, b | {"logits": logits}, {"same": False}))
        cases.append((a | {"logits": corrupted}, b | {"logits": corrupted}, {"same": False}))
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
    # Even numbers of samples: their median lies between the two in the middle. And a single one.
    a["variants"] = {
        "early": {"first": 9.0, "samples": [5.0, 1.0, 5.0, 1.0]},
        "late": {"first": 1.0, "samples": [4.0, 4.0]},
    }
    b["variants"] = {"only": {"first": 0.5, "samples": [7.5]}}
    ask.equal("fair", a, b, expected={"best": ["early", "only"], "ratio": 2.5})


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
    sizes = [{"m": 1, "k": 1, "n": 1}, {"m": 2, "k": 3, "n": 5}, _sizes(draw, "m", "k", "n")]
    for itemsize in (2, 4):
        for size in sizes:
            given = size | {"kind": "matmul", "itemsize": itemsize}
            m, k, n = (given[key] for key in "mkn")
            truth = {"operations": 2 * m * k * n, "bytes": itemsize * (m * k + k * n + m * n)}
            ask.equal("work", given, expected=truth)


def _bytes_of_a_number(ask: Ask, itemsize: int) -> int:
    """What a product takes for it, as is asked above; ``itemsize`` where that is no help."""
    product = ask("work", {"kind": "matmul", "m": 1, "k": 1, "n": 1, "itemsize": itemsize})
    return next((size for size in (itemsize, 1, 4) if agree(3 * size, product["bytes"])), itemsize)


@check(
    "bound",
    points=1,
    objective=3,
    message="Fusing does not change the operations; it changes the bytes: all numbers in and out once, "
    "where each single step would read and write all of them.",
)
def counts_a_chain(ask: Ask, draw: Draw) -> None:
    cases = [{"size": 1, "steps": 1}, {"size": 100, "steps": 20}, _sizes(draw, "size", "steps")]
    for given in cases:
        given |= {"kind": "chain", "itemsize": int(draw.choice([2, 4, 8]))}
        number = _bytes_of_a_number(ask, given["itemsize"])
        size, steps = given["size"], given["steps"]
        for fused in (True, False):
            truth = {"operations": size * steps, "bytes": 2 * size * number * (1 if fused else steps)}
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
    for stride, more in ((1, 0), (2, 1), (3, 1), (2, 0), (3, 0), (3, 2)):  # divided without a rest, and with
        given = _sizes(draw, "batch", "height", "width", "inputs", "outputs")
        for side in ("height", "width"):
            given[side] = stride * given[side] + more
        given |= {"kind": "convolution", "kernel": int(draw.choice([1, 3, 5, 7])), "stride": stride}
        given["itemsize"] = int(draw.choice([2, 4]))
        number = _bytes_of_a_number(ask, given["itemsize"])
        after = given["batch"] * math.prod(math.ceil(given[side] / stride) for side in ("height", "width"))
        weights = given["kernel"] ** 2 * given["inputs"] * given["outputs"]
        numbers = given["batch"] * given["height"] * given["width"] * given["inputs"] + weights
        numbers += after * given["outputs"]
        truth = {"operations": 2 * after * weights, "bytes": number * numbers}
        ask.equal("work", given, expected=truth)


@check(
    "bound",
    points=1,
    objective=3,
    message="Intensity is operations for each byte. The machine needs operations / peak and bytes / "
    "bandwidth seconds, at the same time: the longer of the two is what bounds, and is the least time. "
    "Where they are equal, it is the arithmetic.",
)
def the_longer_time_bounds(ask: Ask, draw: Draw) -> None:
    # Machines of very unlike balance; both times equal; nothing to reckon, as where numbers are copied.
    cases: list[tuple[float, ...]] = [
        (3000, 1000, 1e12, 1e9),
        (3000, 1000, 1e9, 1e12),
        (4000, 1000, 4e9, 1e9),
        (0, 800, 1e11, 1e10),
    ]
    for share in (0.1, 0.6, 1.7, 20.0):
        peak, bandwidth = (float(f"{number:.3g}") for number in draw.uniform((1e11, 1e10), (9e11, 9e10)))
        moved = int(draw.integers(10**6, 10**8))
        cases.append((int(share * moved * peak / bandwidth), moved, peak, bandwidth))
    for operations, moved, peak, bandwidth in _in_any_order(draw, cases):
        truth = {
            "intensity": operations / moved,
            "bound": "memory" if moved / bandwidth > operations / peak else "arithmetic",
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
    bare = {"input": [3], "layers": [{"parameters": [], "output": [3]}]}
    ask.equal("memory", bare, 5, "sgd", 4, expected={"weights": 0, "gradients": 0})


@check(
    "memory",
    points=0.5,
    objective=5,
    message="The optimiser's own numbers are float32, none, one or two for each parameter.",
)
def the_optimisers_state(ask: Ask, draw: Draw) -> None:
    model, parameters, _ = _model(draw)
    for optimiser, numbers in STATES.items():
        answer = ask("memory", model, 3, optimiser, 2)
        # How many parameters there are is asked above: here, as many as there are weights.
        right = any(agree(numbers * size, answer["state"]) for size in (4 * parameters, answer["weights"]))
        ask.require(right, f"state {4 * numbers * parameters}", answer["state"])


@check(
    "memory",
    points=1.5,
    objective=5,
    message="Kept for each example of the batch: the input, and the output of every layer, the last too, of "
    "`activation_bytes` a number; each once. Then the total, of all four.",
)
def activations_grow_with_the_batch(ask: Ask, draw: Draw) -> None:
    for size, batch in ((4, 1), (2, 1), (2, int(draw.integers(2, 200))), (4, int(draw.integers(2, 200)))):
        model, _, each = _model(draw)
        answer = ask.equal(
            "memory", model, batch, "adam", size, expected={"activations": size * batch * each}
        )
        total = sum(answer[part] for part in ("weights", "gradients", "state", "activations"))
        ask.require(agree(total, answer["total"]), f"total {total}", answer)


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

        def truly(batch: int, numbers: int = numbers, parameters: int = parameters, each: int = each) -> int:
            return 4 * (2 + numbers) * parameters + size * batch * each  # noqa: B023

        def own(batch: int, model: dict = model, optimiser: str = optimiser) -> int:
            return int(ask("memory", model, batch, optimiser, size)["total"])  # noqa: B023

        total = truly
        if own(2) != truly(2):  # asked above: here, what fits by the learner's own count
            if own(2) <= own(1):
                return  # without end
            total = own
        power = int(2 ** draw.integers(1, 14))
        for limit, truth in (
            (total(power), power),
            (total(power) - 1, power // 2),
            (total(2 * power) - 1, power),
            (total(1), 1),
            (total(1) - 1, 0),
        ):
            ask.equal("largest_batch", model, limit, optimiser, size, expected=truth)
    # A batch of half a million examples, of 6 numbers each.
    bare, most = {"input": [3], "layers": [{"parameters": [], "output": [3]}]}, 2**19
    if ask("memory", bare, 2, "sgd", 4)["total"] == 48:  # else told above
        for limit, truth in ((24 * most, most), (24 * most - 1, most // 2)):
            ask.equal("largest_batch", bare, limit, "sgd", 4, expected=truth)


# --- Read a profile ----------------------------------------------------------

NAMES = ("step", "linear", "matmul", "add", "copy", "relu")


def _call(name: str, tid: int, start: float, duration: float) -> dict:
    return {"name": name, "ph": "X", "tid": tid, "ts": float(start), "dur": float(duration)}


def _trace(
    draw: Draw, tid: int, start: int, end: int, apart: int = 0
) -> tuple[list[dict], dict[str, float], int]:
    """Calls of a thread, nested up to four deep; each name's own time, and how long any call ran.

    Names repeat, also inside themselves; times are whole microseconds. A call inside another starts
    ``apart`` later or up to 2 more.
    """
    events: list[dict] = []
    own: dict[str, float] = {}

    def calls(start: int, end: int, depth: int) -> int:
        """Fill a stretch with calls; how much of it they take."""
        taken, now = 0, start + apart + int(draw.integers(0, 3))
        while end - now > 4:
            length = min(end - now, int(draw.integers(3, 40 * 4 ** (3 - depth))))
            name = str(draw.choice(NAMES))
            events.append(_call(name, tid, now, length))
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
    # In the order of their starts, callers first, and no two start together: that is asked below.
    _own(ask, [_call("one", 1, 5, 7)], {"one": 7.0})
    touching = [_call("f", 1, 0, 10), _call("g", 1, 2, 3), _call("g", 1, 5, 5), _call("h", 1, 10, 4)]
    _own(ask, touching, {"f": 2.0, "g": 8.0, "h": 4.0})
    _own(ask, [_call("f", 1, i, 9 - i) for i in range(4)], {"f": 9.0})  # calls itself
    _own(ask, [_call("f", 1, 0, 10), _call("f", 2, 100, 30)], {"f": 40.0})
    events, own, _ = _trace(draw, 1, 0, 1500, apart=1)
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
    # What is taken off whom is asked above: here, what is said of calls in order, and of threads apart.
    own = ask("self_times", [_call("outer", 1, 0, 10), _call("inner", 1, 1, 4)])
    truth = own if set(own) == {"outer", "inner"} else {"outer": 6.0, "inner": 4.0}
    _own(ask, [_call("inner", 1, 0, 4), _call("outer", 1, 0, 10)], truth)
    (events, own, _), (more, others, _) = _trace(draw, 1, 0, 900, apart=1), _trace(draw, 2, 100, 900, apart=1)
    for event in more:
        event["name"] = event["name"].upper()
    truth = own | {name.upper(): time for name, time in others.items()}
    apart = {**ask("self_times", events), **ask("self_times", more)}
    if set(apart) == set(truth):
        truth = {name: float(time) for name, time in apart.items()}
    _own(ask, _shuffled(draw, events, more, list(OTHERS)), truth)


_FOUR = ("step", "linear", "matmul", "add")


def _slowest(ask: Ask, draw: Draw, inner: str) -> None:
    """Ask for the slowest of four names, which is ``inner``."""
    outer, middle, often = (str(name) for name in draw.permutation([n for n in _FOUR if n != inner]))
    events, now = [], 0.0
    for _ in range(3):
        events += [
            _call(outer, 1, now, 100),
            _call(middle, 1, now + 1, 90),
            _call(inner, 1, now + 2, int(draw.integers(60, 70))),
        ]
        events += [_call(often, 1, now + 92 + i, 1) for i in range(5)]
        now += 110
    events.append(_call(often, 2, 0, 110))  # the longest single call
    events = _shuffled(draw, events)
    own = ask("self_times", events)  # asked above: by these, too, one is the slowest
    got = ask("summary", events, 1)["slowest"]
    ask.require(got in (inner, max(own, key=own.get)), repr(inner), got)


@check(
    "profile",
    points=0.5,
    objective=6,
    message="The slowest is the name with the largest own time in all: neither the outermost call, nor "
    "the longest single one, nor the one that is called most often.",
)
def the_slowest_by_its_own_time(ask: Ask, draw: Draw) -> None:
    for inner in _in_any_order(draw, list(_FOUR)):  # each once, for one of four names is guessed easily
        _slowest(ask, draw, inner)


@check(
    "profile",
    points=1.5,
    objective=6,
    message="Idle is what is left of the whole trace, from the first start to the last end in *any* thread, "
    "when the stretches in which this thread runs a call are taken off; nested calls count once.",
)
def idle_is_what_no_call_covers(ask: Ask, draw: Draw) -> None:
    # From 10 to 110, in thread 1 with a gap of 60 between two calls; other events count for nothing.
    gaps = [
        *OTHERS,
        _call("f", 1, 10, 20),
        _call("g", 1, 12, 5),
        _call("f", 1, 90, 20),
        _call("h", 2, 40, 25),
    ]
    for tid, idle in ((1, 0.6), (2, 0.75), (3, 1.0)):
        ask.equal("summary", _shuffled(draw, gaps), tid, expected={"idle": idle}, rtol=1e-6)
    ask.equal("summary", [_call("f", 4, 3, 2)], 4, expected={"idle": 0.0}, rtol=1e-6)
    start, end = int(draw.integers(100, 300)), int(draw.integers(700, 900))
    (events, _, busy), (more, _, other) = _trace(draw, 1, start, end), _trace(draw, 2, 50, 1200)
    calls = events + more
    first = min(e["ts"] for e in calls)
    whole = max(e["ts"] + e["dur"] for e in calls) - first
    shuffled = _shuffled(draw, calls)
    for tid, taken in ((1, busy), (2, other), (3, 0)):
        ask.equal("summary", shuffled, tid, expected={"idle": 1 - taken / whole}, rtol=1e-6)


# --- Fuse a chain ------------------------------------------------------------


def _rows(draw: Draw, rows: int, columns: int = 5) -> list[np.ndarray]:
    """x, gains and limit, such that some of x is cut and some is not."""
    x, gains = draw.normal(size=(rows, columns)), draw.uniform(0.5, 2, rows) * draw.choice([-1, 1], rows)
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
    x = np.array([[0, 1, -2], [-1, 2, 0], [3, -3, 0.5]], "float32")
    fixed = [x, np.array([0, -1, 2], "float32"), np.float32(0)]
    # With as many rows as columns, gains along the wrong axis would do.
    for given in (fixed, _rows(draw, 5), _rows(draw, 8), _rows(draw, 1), _rows(draw, 4, 1)):
        ask.equal("plain", "fused", given, expected=_bent(*given), rtol=1e-4, atol=1e-5)


@check(
    "fusion",
    points=1.5,
    objective=3,
    message="It does not compile to one pass. Only elementwise operations can be joined: a loop over rows, a "
    "masked assignment, a product of matrices or a detour through NumPy stands between.",
)
def one_pass(ask: Ask, draw: Draw) -> None:
    for rows in (1, int(draw.integers(4, 9))):
        answer = _program(ask, _rows(draw, rows, rows))
        ask.require(answer["passes"] == 1, "1 pass", answer["passes"])


def _program(ask: Ask, given: list[np.ndarray]) -> dict:
    """What `program` says of `fused`, which must give there what it gives by itself: right or not."""
    truth = ask("plain", "fused", given)
    answer = ask("program", "fused", given)
    ask.require(
        agree(truth, answer["result"], 1e-4, 1e-5), f"{shown(truth)}, as uncompiled", answer["result"]
    )
    return answer


@check(
    "fusion",
    points=0.5,
    objective=3,
    message="More rows make a longer program: a Python loop is unrolled while tracing. Let the gains "
    "broadcast over the rows instead.",
)
def the_program_does_not_grow(ask: Ask, draw: Draw) -> None:
    operations = []
    if ask("program", "fused", _rows(draw, 2, 2))["passes"] > 1:
        return  # asked above
    for rows in (2, 30):
        x, gains, limit = _rows(draw, rows, rows)
        answer = _program(ask, [x, gains, limit])
        other = ask("plain", "fused", [x, -gains, limit])
        ask.require(not agree(answer["result"], other), "another result with other gains", other)
        operations.append(answer["operations"])
    few, many = operations
    ask.require(few == many, f"{few} operations for 30 rows, as for 2", many)


@check(
    "fusion",
    points=1,
    objective=3,
    message="x @ W + b is not what layer and normalisation gave together: eps stands inside the root, the "
    "columns of W are scaled, and the mean is scaled before it is taken off beta.",
)
def normalisation_folds_away(ask: Ask, draw: Draw) -> None:
    for outputs in (4, 3, 1):
        W, x, eps = draw.normal(size=(4, outputs)), draw.normal(size=(6, 4)), float(draw.uniform(0.1, 0.5))
        gamma, beta, mean, variance = draw.uniform(0.3, 2, (4, outputs))
        gamma[0], variance[0] = -gamma[0], 0.0  # a constant output: eps alone is under the root
        answer = ask("folded", W, gamma, beta, mean, variance, eps)
        truth = gamma * (x @ W - mean) / np.sqrt(variance + eps) + beta
        ask.require(np.shape(answer["b"]) == (outputs,), "a bias for each output", answer["b"])
        got = x @ answer["W"] + answer["b"]
        ask.require(agree(truth, got, 1e-4, 1e-4), f"{shown(truth)} for x @ W + b", got)


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


def _given(X: list, y: list, w: list, **settings: float) -> list:
    """Arguments of `train` for one step of size 0.1, nothing clipped and nothing grown, unless stated."""
    chosen = {"rate": 0.1, "ceiling": 1e9, "scale": 64.0, "window": 100, "steps": 1} | settings
    return [*(np.array(each, "float32") for each in (X, y, w)), *chosen.values()]


#: Whatever the scale: an input, a product and one entry of the gradient that float16 cannot hold.
_OVERFLOWS = tuple(
    _given(X, y, w, scale=1.0, steps=2)
    for X, y, w in (
        ([[1e5, 1], [1, 2]], [1, 1], [1, 1]),
        ([[300]], [90000], [300]),
        ([[200, 1]], [-500], [0, 0]),
    )
)


def _goes(ask: Ask, skips: bool = False) -> bool:
    """Whether nothing but another check's question stands in the way of a further one.

    A plain step must come out right and, with ``skips``, a step that overflows because of the scale
    must be skipped. An answer that never moves the weights has no excuse.
    """
    moved = np.asarray(ask("train", *_given([[1, 0], [0, 1]], [3, -1], [0, 0]))["weights"], dtype=float)
    if not moved.any():
        return True
    right = np.abs(moved - [0.3, -0.1]).max() < 0.01
    if right and skips:
        answer = ask("train", *_given([[1, 0], [0, 1]], [1, -1], [0, 0], scale=2.0**17, steps=3))
        right = agree({"scale": 2.0**15, "skipped": 2}, answer)
        right &= all(agree(2, ask("train", *given)["skipped"]) for given in _OVERFLOWS)
    return bool(right)


def _small(draw: Draw) -> tuple[list, dict]:
    """Gradients that vanish in float16, and steps so large that the weights would not."""
    return _case(draw, 1e-7, scale=2.0**16, rate=2.0**13)


@check(
    "translation",
    points=1,
    objective=6,
    message="Small gradients were lost in the backward pass, or come out too large: the loss is multiplied "
    "by the scale before the backward pass, and the gradient divided by it afterwards, in float32.",
)
def small_gradients_survive(ask: Ask, draw: Draw) -> None:
    given, truth = _small(draw)
    answer = np.asarray(ask("train", *given)["weights"], dtype=float)
    length = given[3] * given[4]  # rate times ceiling: clipped to it, which is asked below
    if abs(np.linalg.norm(answer) / length - 1) > 0.01:
        _trained(ask, given, truth, "weights")


@check(
    "translation",
    points=1,
    objective=6,
    message="A gradient that is not finite, be it in one entry, skips its step: the weights stay, the scale "
    "is halved, and the skipped step is counted. (Float32 and bfloat16 hold what overflows in float16: the "
    "product is made of float16 numbers, and is one.)",
)
def an_overflow_skips_the_step(ask: Ask, draw: Draw) -> None:
    for given in _OVERFLOWS:
        answer = ask("train", *given)
        got = {**answer, "weights": np.asarray(answer["weights"], dtype=float)}
        truth = {"weights": given[2], "scale": 0.25, "skipped": 2}
        ask.require(agree(truth, got), shown(truth), answer)
    given, truth = _small(draw)
    if not agree(truth["weights"], np.asarray(ask("train", *given)["weights"], dtype=float), 0.05, 1e-5):
        return  # whether the scale scales is asked above
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
    quiet = {"rate": 1e-6, "ceiling": 1.0, "scale": 64.0}  # how far the weights move is asked elsewhere
    for window, steps in ((2, 5), (3, 11), (1, 3), (4, 4), (4, 3), (2, 0)):
        given, truth = _case(draw, 1.0, **quiet, window=window, steps=steps)
        _trained(ask, given, truth, "scale", "skipped")
    if not _goes(ask, skips=True):
        return
    # The error doubles at every step: two are good, the third overflows, and then every second one.
    given = _given([[1]], [1], [0], rate=1.5, scale=1.5 * 2.0**13, window=3, steps=8)
    _trained(ask, given, {"scale": 1.5 * 2.0**10, "skipped": 3}, "scale", "skipped")
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
    "divided by the scale: a scaled gradient is always too long. A short one is left alone, and so is zero.",
)
def clips_what_was_unscaled(ask: Ask, draw: Draw) -> None:
    if _goes(ask):
        given, truth = _case(draw, 1.0, scale=4096.0, ceiling=0.01)
        _trained(ask, given, truth, "weights")
    for X, y, w in (([[1, 0], [0, 1]], [3, -4], [0, 0]), ([[1, 0], [0, 1]], [1, 2], [1, 2])):
        moved = np.asarray(ask("train", *_given(X, y, w, ceiling=1000.0))["weights"], dtype=float) - w
        # How far a step that is not clipped goes is asked above.
        length = float(np.linalg.norm(moved))
        alone = math.isfinite(length) and abs(length - 100) > 1
        ask.require(alone, "another step than one of the length 1000 * 0.1", moved)


@check(
    "translation",
    points=1,
    objective=6,
    message="Near 1 float16 moves in steps of 0.001 or 0.0005: smaller updates are lost, or rounded, unless "
    "the weights themselves stay float32 and only the product is made of their float16 copies.",
)
def weights_stay_float32(ask: Ask, draw: Draw) -> None:
    if _goes(ask):
        given, truth = _case(draw, 1.0, start=1.0, rate=2e-5, steps=5)
        _trained(ask, given, truth, "weights")
