"""Hidden checks of the chapter on graphs, the same for the three frameworks.

`plain` and `compiled` are the exercises' locked helpers: they call a function
of the learner by name, as it is or strictly compiled, once for each list of
arguments, and report the results and the number of programs.
"""

import math
from collections import Counter

import numpy as np

from triptych.grading.checks import Ask, check

Draw = np.random.Generator

#: The sections of the chapter that an exercise is about: the feedback links them.
SECTIONS = {
    "places": ("What runs at trace time", "Purity and state"),
    "operations": ("The same function as a graph",),
    "traces": ("Retracing and its price", "Dynamic shapes"),
    "branch": ("Data-dependent branches",),
    "loop": ("Data-dependent loops",),
    "state": ("Purity and state",),
    "break-even": ("How much does it buy?",),
    "translation": ("Data-dependent loops",),
}

#: What compiles, by every official spelling: reached while the answer is called.
COMPILERS = (
    "torch.compile",
    "torch.nn.Module.compile",
    "torch.export",
    "torch.jit.script",
    "torch.jit.trace",
    "tensorflow.function",
    "jax.jit",
)
CAPTURES = (*COMPILERS, "torch.fx", "jax.make_jaxpr", ".get_concrete_function")


# --- Three places for a line -------------------------------------------------


def _arrays(draw: Draw) -> list[np.ndarray]:
    """Float32 arrays of two to four ranks, each at least once, in random order."""
    shapes = [(3,), (2, 3), (2, 2, 3), (2, 2, 2, 3)][: draw.integers(2, 5)]
    order = draw.permutation([*range(len(shapes)), *draw.integers(0, len(shapes), 4)])
    return [draw.normal(size=shapes[i]).astype("float32") for i in order]


def _shapes(arrays: list[np.ndarray]) -> int:
    return len({array.shape for array in arrays})


@check(
    "places",
    points=1,
    objective=1,
    message="A line of Python outside the compiled function runs at every call: count the calls there.",
)
def python_counts_every_call(ask: Ask, draw: Draw) -> None:
    arrays = _arrays(draw)
    ask.equal("three_counters", arrays, expected={"python": len(arrays)})


@check(
    "places",
    points=1.5,
    objective=1,
    message="A function is traced once for each shape. More traces: it is "
    "compiled anew in the loop, or a Python counter is guarded. Fewer: they are not counted while tracing.",
)
def traces_once_a_shape(ask: Ask, draw: Draw) -> None:
    arrays = _arrays(draw)
    ask.equal("three_counters", arrays, expected={"traces": _shapes(arrays)})
    ask.require(ask.uses("three_counters", *COMPILERS), "a function that is compiled", "none is")


@check(
    "places",
    points=1.5,
    objective=5,
    message="What the program counts must be part of the program: a buffer, "
    "a tf.Variable, an argument and a result. Python inside it runs only while tracing.",
)
def program_counts_data(ask: Ask, draw: Draw) -> None:
    arrays = _arrays(draw)
    ask.equal("three_counters", arrays, expected={"program": sum(int((a > 0).sum()) for a in arrays)})
    ask.require(ask.uses("three_counters", *COMPILERS), "a function that is compiled", "none is")


# --- Count the operations ----------------------------------------------------


def _ladder(n: int) -> dict[str, int]:
    """The operations of `ladder(x, n)`, by kind."""
    kinds: Counter[str] = Counter()
    while n != 1:
        kinds.update(["mul", "add"] if n % 2 else ["div"])
        n = 3 * n + 1 if n % 2 else n // 2
    return {"mul": kinds["mul"], "add": kinds["add"], "div": kinds["div"], "all": kinds.total()}


def _without(counts: dict[str, int], *left_out: str) -> dict[str, int]:
    return {kind: number for kind, number in counts.items() if kind not in left_out}


@check(
    "operations",
    points=1.5,
    objective=2,
    message="Count by kind, under the program's own names "
    "(a division may be called truediv or RealDiv), in the program for this n.",
)
def counts_by_kind(ask: Ask, draw: Draw) -> None:
    for n in map(int, draw.choice(np.arange(3, 60), 2, replace=False)):
        ask.equal("count_operations", n, expected=_without(_ladder(n), "all"))


@check(
    "operations",
    points=0.5,
    objective=2,
    message="Inputs, constants and outputs are nodes that compute nothing: leave them out of 'all'.",
)
def leaves_out_passive_nodes(ask: Ask, draw: Draw) -> None:
    n = int(draw.integers(3, 60))
    ask.equal("count_operations", n, expected={"all": _ladder(n)["all"]})


@check(
    "operations",
    points=0.5,
    objective=2,
    message="A kind that does not occur has the count 0: from a power of two there is nothing but divisions.",
)
def counts_what_is_not_there(ask: Ask, draw: Draw) -> None:
    n = 2 ** int(draw.integers(2, 8))
    ask.equal("count_operations", n, expected=_without(_ladder(n), "all"))


@check(
    "operations",
    points=1.5,
    objective=2,
    message="Count what is in a captured program. Following the rule "
    "in Python tells what should be there, not what is.",
)
def looks_at_a_program(ask: Ask, draw: Draw) -> None:
    n = int(draw.integers(3, 60))
    ask.equal("count_operations", n, expected={"div": _ladder(n)["div"]})
    ask.require(ask.uses("count_operations", *CAPTURES), "a captured program", "none is captured")
    ask.require(ask.uses("count_operations", "ladder"), "the program of `ladder`", "`ladder` is not captured")


# --- Few traces for many lengths ---------------------------------------------

BUCKETS = (4, 8, 16, 32)


def _bucket(length: int) -> int:
    return next(bucket for bucket in BUCKETS if bucket >= length)


def _padded(draw: Draw, length: int, scale: float) -> tuple[list, float]:
    """Arguments of `spread` with padding of this size, and the mean absolute deviation."""
    x = draw.normal(draw.uniform(3, 6), 2, size=length).astype("float32")
    padding = (scale * draw.normal(size=_bucket(length) - length)).astype("float32")
    deviation = float(np.abs(x - x.mean(dtype="float64")).mean())
    return [np.concatenate([x, padding]), length], deviation


@check(
    "traces",
    points=1.5,
    objective=3,
    message="Pad to the smallest of 4, 8, 16 and 32 that fits (8 fits "
    "into 8), and give the true length with it: every other size is a trace more.",
)
def pads_to_the_smallest_bucket(ask: Ask, draw: Draw) -> None:
    for length in (1, *BUCKETS, *map(int, draw.integers(2, 32, 4))):
        x = draw.normal(size=length).astype("float32")
        answer = ask("bucketed", x)
        padded, given = answer
        ask.require(np.shape(padded) == (_bucket(length),), f"{_bucket(length)} elements")
        ask.require(np.array_equal(padded[:length], x), "the input in front")
        ask.require(int(given) == length, f"the true length, {length}")


@check(
    "traces",
    points=1,
    objective=4,
    message="Padded elements count in your mean or in its number of elements: "
    "mask them, and divide by the true length.",
)
def ignores_padded_zeros(ask: Ask, draw: Draw) -> None:
    # Three 0s in front of a 0 as padding: the mean is 0, and no deviation is made by the padding.
    calls = [[np.array([-a, a, 0, 0], dtype="float32"), 3] for a in draw.uniform(1, 9, 2).round(2)]
    truth = [float(2 * x[1] / 3) for x, _ in calls]
    ask.equal("plain", "spread", calls, expected={"results": truth}, rtol=1e-4)


@check(
    "traces",
    points=1,
    objective=4,
    message="Mask twice: a padded element is also away from the mean, and the padding may hold any number.",
)
def ignores_any_padding(ask: Ask, draw: Draw) -> None:
    pairs = [
        _padded(draw, int(n), scale) for n, scale in zip(draw.integers(2, 32, 4), (0, 0, 99, 99), strict=True)
    ]
    ask.equal(
        "plain",
        "spread",
        [call for call, _ in pairs],
        expected={"results": [truth for _, truth in pairs]},
        rtol=1e-4,
    )


@check(
    "traces",
    points=1.5,
    objective=3,
    message="It takes more than one program for each padded size, or none: "
    "the length must stay data. A slice x[:length] has a size that nobody knows while tracing.",
)
def one_program_a_bucket(ask: Ask, draw: Draw) -> None:
    lengths = [int(draw.integers(low, high + 1)) for low, high in ((1, 4), (5, 8), (9, 16)) for _ in range(3)]
    pairs = [_padded(draw, length, 9) for length in lengths]
    answer = ask("compiled", "spread", [call for call, _ in pairs])
    ask.require(1 <= answer["programs"] <= 3, "3 programs or fewer for 3 padded sizes")
    for (call, truth), got in zip(pairs, answer["results"], strict=True):
        ask.require(
            np.isclose(got, truth, rtol=1e-4, atol=1e-5), f"{truth:.6g} for the length {call[1]}", got
        )


# --- A branch that compiles --------------------------------------------------


def _vector(draw: Draw, norm: float, size: int = 5) -> np.ndarray:
    x = draw.normal(size=size)
    return (x * norm / np.linalg.norm(x)).astype("float32")


@check(
    "branch",
    points=1,
    objective=4,
    message="A vector longer than the ceiling keeps its direction and gets the "
    "ceiling as its Euclidean length: multiply by ceiling / norm.",
)
def shortens_long_vectors(ask: Ask, draw: Draw) -> None:
    ceiling = float(draw.uniform(0.5, 3))
    x = _vector(draw, ceiling * draw.uniform(1.5, 9))
    truth = x * (ceiling / np.linalg.norm(x))
    ask.equal("plain", "limit_norm", [[x, ceiling]], expected={"results": [truth]}, rtol=1e-4)


@check(
    "branch",
    points=1,
    objective=4,
    message="A vector that is short enough is left alone, whatever its largest element or its sum.",
)
def leaves_short_vectors(ask: Ask, draw: Draw) -> None:
    ceiling = float(draw.uniform(0.5, 3))
    calls = [[_vector(draw, ceiling * share), ceiling] for share in draw.uniform(0.2, 0.95, 2)]
    ask.equal("plain", "limit_norm", calls, expected={"results": [x for x, _ in calls]}, rtol=1e-4)


@check(
    "branch",
    points=1,
    objective=4,
    message="The zeros came back as something else: 0 / 0 is nan, so the "
    "scaled side must not be used for them.",
)
def keeps_zeros(ask: Ask, draw: Draw) -> None:
    zeros = np.zeros(int(draw.integers(2, 7)), dtype="float32")
    ask.equal("plain", "limit_norm", [[zeros, float(draw.uniform(0.5, 3))]], expected={"results": [zeros]})


@check(
    "branch",
    points=2,
    objective=4,
    message="It does not compile to one program that serves both sides and every ceiling. "
    "A Python `if`, .numpy() or a NumPy call may need numbers, and there are none while tracing.",
)
def the_branch_compiles(ask: Ask, draw: Draw) -> None:
    calls, truth = [], []
    for norm in draw.permutation([0.5, 0.8, 2.0, 4.0]):
        ceiling, x = float(draw.uniform(0.9, 1.5)), _vector(draw, norm)
        calls.append([x, ceiling])
        truth.append(x * min(1.0, ceiling / np.linalg.norm(x)))
    ask.equal("compiled", "limit_norm", calls, expected={"results": truth, "programs": 1}, rtol=1e-4)


# --- A loop that compiles ----------------------------------------------------


def _collatz(n: int) -> list[int]:
    steps, peak = 0, n
    while n != 1:
        n = 3 * n + 1 if n % 2 else n // 2
        steps, peak = steps + 1, max(peak, n)
    return [steps, peak]


@check(
    "loop",
    points=1,
    objective=4,
    message="Every use of the rule is a step, halving too, until 1 is reached: no more and no fewer.",
)
def counts_the_steps(ask: Ask, draw: Draw) -> None:
    for n in map(int, draw.integers(3, 60, 2)):
        (answer,) = ask("plain", "collatz_peak", [[n]])["results"]
        ask.require(int(answer[0]) == _collatz(n)[0], f"{_collatz(n)[0]} steps from {n}", answer)


@check(
    "loop",
    points=1,
    objective=4,
    message="The peak is the greatest of all numbers met, also of those that an odd number jumps to.",
)
def finds_the_peak(ask: Ask, draw: Draw) -> None:
    n = int(draw.choice([7, 9, 15, 19, 25, 33, 37, 43, 49, 51]))
    (answer,) = ask("plain", "collatz_peak", [[n]])["results"]
    ask.require(int(answer[1]) == _collatz(n)[1], f"a peak of {_collatz(n)[1]} from {n}", answer)


@check(
    "loop",
    points=1,
    objective=4,
    message="The start counts too: a power of two only falls, so it is its own "
    "peak, and from 1 there is nothing to do.",
)
def start_counts(ask: Ask, draw: Draw) -> None:
    for n in (1, 2 ** int(draw.integers(3, 9))):
        (answer,) = ask("plain", "collatz_peak", [[n]])["results"]
        ask.require([int(a) for a in answer] == _collatz(n), f"{_collatz(n)} from {n}", answer)


@check(
    "loop",
    points=2,
    objective=4,
    message="It does not compile to one program for every n. A Python loop needs "
    "numbers to end; a loop with a fixed number of rounds is wrong for other n.",
)
def the_loop_compiles(ask: Ask, draw: Draw) -> None:
    numbers = [27, 1, *map(int, draw.integers(2, 200, 3))]
    answer = ask("compiled", "collatz_peak", [[n] for n in numbers])
    ask.require(answer["programs"] == 1, "one program", answer["programs"])
    for n, got in zip(numbers, answer["results"], strict=True):
        ask.require([int(g) for g in got] == _collatz(n), f"{_collatz(n)} from {n}", got)


# --- State goes in and comes out ---------------------------------------------


def _smoothing(draw: Draw) -> tuple[dict, np.ndarray]:
    state = {"count": float(draw.integers(1, 9)), "mean": draw.normal(size=3).astype("float32")}
    return state, draw.normal(5, 1, size=3).astype("float32")


def _smooth(state: dict, x: np.ndarray) -> list:
    count = state["count"] + 1
    mean = state["mean"] + (x - state["mean"]) / count
    return [{"count": count, "mean": mean}, x - mean]


@check(
    "state",
    points=1,
    objective=5,
    message="Count first, then move the mean by (x - mean) / count; what was "
    "logged, and is now returned, is x minus the new mean.",
)
def steps_as_the_class_does(ask: Ask, draw: Draw) -> None:
    state, x = _smoothing(draw)
    ask.equal("plain", "smooth", [[state, x]], expected={"results": [_smooth(state, x)]}, rtol=1e-4)


@check(
    "state",
    points=1,
    objective=5,
    message="The state that came in was changed. Whoever holds it sees that: "
    "make a new dict, and no `+=` or `-=` on what came in.",
)
def leaves_the_old_state(ask: Ask, draw: Draw) -> None:
    state, x = _smoothing(draw)
    ask.equal(
        "plain",
        "smooth",
        [[state, x]],
        expected={"results": [_smooth(state, x)], "changed": False},
        rtol=1e-4,
    )


@check(
    "state",
    points=1.5,
    objective=5,
    message="Compiled, it must remember nothing and be one program: everything "
    "it needs comes in as arguments, everything it makes goes out as results.",
)
def remembers_nothing(ask: Ask, draw: Draw) -> None:
    calls = [list(_smoothing(draw)) for _ in range(3)]
    calls.append(calls[0])
    truth = [_smooth(*call) for call in calls]
    ask("plain", "smooth", calls[:1])  # something to remember
    ask.equal("compiled", "smooth", calls, expected={"results": truth, "programs": 1}, rtol=1e-4)


def _uniform(rows: object, n: int) -> bool:
    rows = np.asarray(rows)
    return rows.shape == (n, 3) and rows.dtype.kind == "f" and bool(((rows >= 0) & (rows < 1)).all())


@check(
    "state",
    points=1.5,
    objective=5,
    message="The seed alone decides the rows. Set or make the random state from "
    "it at every call of `draws`, and draw from the framework's own numbers, not from NumPy's.",
)
def same_seed_same_draws(ask: Ask, draw: Draw) -> None:
    seed, other = map(int, draw.choice(10_000, 2, replace=False))
    first = np.asarray(ask("draws", seed, 3))
    ask.require(_uniform(first, 3), "a (3, 3) array of numbers in [0, 1)")
    between = ask("draws", other, 2)
    ask.require(not np.array_equal(first[:2], between), "other rows for another seed")
    again = ask("draws", seed, 4)
    ask.require(_uniform(again, 4) and np.array_equal(first, again[:3]), f"first the rows {first.tolist()}")
    ask.require(
        not ask.mentions("draws", "numpy.random"), "the framework's own random numbers", "numpy.random"
    )


@check(
    "state",
    points=1,
    objective=5,
    message="Rows are repeated: drawn in Python while tracing (and frozen), or "
    "from a state that never moves on.",
)
def every_draw_is_new(ask: Ask, draw: Draw) -> None:
    rows = np.asarray(ask("draws", int(draw.integers(10_000)), 5))
    ask.require(_uniform(rows, 5), "a (5, 3) array of numbers in [0, 1)")
    ask.require(len(np.unique(rows)) == rows.size, "15 different numbers")


@check("state", points=1, objective=5, message="The numbers are to be drawn by a compiled function.")
def draws_are_compiled(ask: Ask, draw: Draw) -> None:
    ask.require(
        _uniform(ask("draws", int(draw.integers(10_000)), 1), 1), "a (1, 3) array of numbers in [0, 1)"
    )
    ask.require(ask.uses("draws", *COMPILERS), "a function that is compiled", "none is")


# --- When does compiling pay? ------------------------------------------------


def _times(draw: Draw, median: float, outlier: float = 1.0) -> list[float]:
    """Five or seven times with this median, in random order; the greatest `outlier` times as long."""
    half = int(draw.integers(2, 4))
    low, high = median * draw.uniform(0.8, 0.99, half), median * draw.uniform(1.01, 1.2, half)
    high[0] *= outlier
    return [float(t) for t in draw.permutation([*low, median, *high])]


def _paying(draw: Draw) -> tuple[float, float, float, int]:
    """Times of the first, a later and an eager call, and the number of calls that pay, clear of a tie.

    So far from a tie, too, that first / (eager - later) is above that number.
    """
    later, saved, calls = draw.uniform(1, 2), draw.uniform(0.5, 1.5), int(draw.integers(3, 40))
    # first + (n - 1) later < n eager means n > (first - later) / (eager - later)
    first = later + saved * (calls - draw.uniform(0.1, 0.4))
    return float(first), float(later), float(later + saved), calls


@check(
    "break-even",
    points=1,
    objective=6,
    message="Off by one? The slow first call is one of the n compiled calls, "
    "and n is the first whole number at which they take less time in all.",
)
def counts_the_first_call(ask: Ask, draw: Draw) -> None:
    for _ in range(3):
        first, later, eager, calls = _paying(draw)
        ask.equal("break_even", first, [later] * 3, [eager] * 3, expected=calls)


@check(
    "break-even",
    points=1,
    objective=6,
    message="A single slow sample moved the answer: take the median of the "
    "samples, not the mean, the smallest or the first.",
)
def outliers_do_not_matter(ask: Ask, draw: Draw) -> None:
    first, later, eager, calls = _paying(draw)
    ask.equal("break_even", first, _times(draw, later, 30), _times(draw, eager, 30), expected=calls)


@check(
    "break-even",
    points=1,
    objective=6,
    message="Where every compiled call is as slow as an eager one or slower, "
    "and the first is too, it never pays: 0. Where even the first call is quicker, it pays at once: 1.",
)
def never_and_at_once(ask: Ask, draw: Draw) -> None:
    eager = float(draw.uniform(1, 3))
    slower = eager * float(draw.uniform(1.5, 4))
    ask.equal("break_even", 20 * eager, [slower] * 3, [eager] * 3, expected=0)
    ask.equal("break_even", 20 * eager, [eager] * 3, [eager] * 3, expected=0)
    ask.equal("break_even", 0.5 * eager, [0.8 * eager] * 3, [eager] * 3, expected=1)


@check(
    "break-even",
    points=2,
    objective=6,
    message="The first call of a newly compiled function must be the one "
    "that is timed as 'first', in milliseconds; `repeats` later calls and `repeats` eager calls follow.",
)
def times_the_first_call(ask: Ask, draw: Draw) -> None:
    for size in map(int, draw.choice(np.arange(20_000, 60_000), 3, replace=False)):
        repeats = int(draw.integers(6, 10))
        times = ask("time_calls", size, repeats)
        for key in ("compiled", "eager"):
            ask.require(np.shape(times[key]) == (repeats,), f"{repeats} times under {key!r}")
            ask.require(np.min(times[key]) > 0, f"positive times under {key!r}")
        # Twenty operations take 0.02 ms and more, which would be 0.00002 in seconds.
        ask.require(np.median(times["eager"]) > 0.005, "milliseconds")
        # Tracing took 40 times a later call and more; a second call up to 20 times, now and then.
        ask.require(times["first"] > 10 * np.min(times["compiled"]), "a first call that includes tracing")
    ask.require(ask.uses("time_calls", *COMPILERS), "a function that is compiled", "none is")


# --- Translate ---------------------------------------------------------------


def _drive(current: np.ndarray) -> np.ndarray:
    return (current - current.mean()) / current.std(ddof=1)


def _fire(current: np.ndarray, leak: float, threshold: float) -> tuple[list[int], list[float], float]:
    """The neuron in float64: spikes, voltages, and how near to the threshold it ever came."""
    v, spikes, voltage, nearest = 0.0, [], [], math.inf
    for push in _drive(np.asarray(current, dtype="float64")):
        v = leak * v + push
        nearest = min(nearest, abs(v - threshold))
        spikes.append(int(v > threshold))
        v -= threshold * spikes[-1]
        voltage.append(v)
    return spikes, voltage, nearest


def _neuron(draw: Draw, size: int = 12) -> tuple[list, list]:
    """Arguments of `fire` and its results: at least two spikes, and no tie that rounding could turn."""
    while True:
        call = [draw.normal(2, 3, size).astype("float32"), *map(float, draw.uniform((0.5, 0.3), (0.9, 0.8)))]
        spikes, voltage, nearest = _fire(*call)
        if sum(spikes) >= 2 and nearest > 1e-3:
            return call, [spikes, voltage]


@check(
    "translation",
    points=1,
    objective=4,
    message="The current is standardised by the deviation that divides by "
    "n - 1. Which one a framework's `std` is differs: PyTorch n - 1, TensorFlow and JAX n.",
)
def standardises_as_the_original(ask: Ask, draw: Draw) -> None:
    current = draw.normal(2, 3, 5).astype("float32")
    answer = ask("plain", "fire", [[current, 0.0, 1e6]])["results"][0]
    ask.require(
        np.allclose(answer[1], _drive(current), rtol=1e-4, atol=1e-4), str(_drive(current)), answer[1]
    )


@check(
    "translation",
    points=1,
    objective=4,
    message="The voltage decays before the push is added, and starts at 0: v = leak * v + push.",
)
def leaks_before_the_push(ask: Ask, draw: Draw) -> None:
    current, leak = draw.normal(2, 3, 9).astype("float32"), float(draw.uniform(0.4, 0.8))
    answer = ask("plain", "fire", [[current, leak, 1e6]])["results"][0]
    got, truth = np.asarray(answer[1]), np.asarray(_fire(current, leak, 1e6)[1])
    # Standardised by n or by n - 1: that is another check's question.
    fair = [np.allclose(got, truth * scale, rtol=1e-3, atol=1e-4) for scale in (1, math.sqrt(9 / 8))]
    ask.require(any(fair), str(np.round(truth, 4)), got)


@check(
    "translation",
    points=2,
    objective=4,
    message="It fires where the voltage is above the threshold, and a spike "
    "takes the threshold off; the spikes are 0 or 1, and the voltages those after the spike.",
)
def fires_as_the_original(ask: Ask, draw: Draw) -> None:
    pairs = [_neuron(draw) for _ in range(3)]
    answer = ask("plain", "fire", [call for call, _ in pairs])
    for (_, (spikes, voltage)), got in zip(pairs, answer["results"], strict=True):
        ask.require(np.asarray(got[0]).dtype.kind in "iu", "integers 0 and 1 as spikes", got[0])
        ask.require(list(got[0]) == spikes, f"spikes {spikes}", got[0])
        ask.require(np.allclose(got[1], voltage, rtol=1e-3, atol=1e-4), str(np.round(voltage, 4)), got[1])


@check(
    "translation",
    points=2,
    objective=4,
    message="It does not compile to one program that serves every leak and "
    "threshold, or computes something else when compiled: keep all of them tensors.",
)
def the_translation_compiles(ask: Ask, draw: Draw) -> None:
    pairs = [_neuron(draw, 8) for _ in range(3)]
    answer = ask("compiled", "fire", [call for call, _ in pairs])
    ask.require(answer["programs"] == 1, "one program", answer["programs"])
    for (_, (spikes, voltage)), got in zip(pairs, answer["results"], strict=True):
        ask.require(np.array_equal(np.asarray(got[0], dtype=int), spikes), f"spikes {spikes}", got[0])
        ask.require(np.allclose(got[1], voltage, rtol=1e-3, atol=1e-4), str(np.round(voltage, 4)), got[1])
