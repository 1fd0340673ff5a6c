"""Hidden checks of the chapter on graphs, the same for the three frameworks.

`plain` and `compiled` are the exercises' locked helpers: they call a function
of the learner by name, as it is or strictly compiled, once for each list of
arguments, and report the results and the number of programs. `numpy_compares`
tells whether a function compares its arrays in NumPy.

Each check has fixed inputs that decide beside the random ones, and answers one
question: what another check asks is taken from the answer itself.
"""

import math
import random
from collections import Counter
from typing import Any

import numpy as np

from triptych.grading.checks import Ask, Wrong, agree, check, shown

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
CAPTURES = (
    *COMPILERS,
    "torch.fx",
    "torch._dynamo",
    "tensorflow.Graph",
    "jax.make_jaxpr",
    ".get_concrete_function",
)


def _compiles(ask: Ask, name: str, calls: list, truth: list, most: int = 1) -> None:
    """Require at most so many programs for all calls, and the results that the function gives uncompiled.

    Whether those are right is the other checks' question.
    """
    answer = ask("compiled", name, calls)
    given, programs, results = ask.input, answer["programs"], answer["results"]
    ask.require(
        1 <= programs <= most,
        "one program" if most == 1 else f"{most} programs or fewer for {most} padded sizes",
        f"{programs} programs",
    )
    if not agree(truth, results, 1e-4, 1e-5):
        own = ask("plain", name, calls)["results"]
        if not agree(own, results, 1e-4, 1e-5):
            raise Wrong(given, f"as without compiling: {shown(own)}", shown(results))


# --- Three places for a line -------------------------------------------------


#: One positive number: neither zero is.
_EDGE = np.array([[0.0, -0.0, 0.5, -2.0]], dtype="float32")


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
    for arrays in ([_EDGE], [_EDGE] * 6, _arrays(draw)):
        ask.equal("three_counters", arrays, expected={"python": len(arrays)})


@check(
    "places",
    points=1.5,
    objective=1,
    message="The compiled function is traced once for each of these shapes. More traces: it is "
    "compiled anew in the loop, or a Python counter is guarded. Fewer: they are not counted while tracing.",
)
def traces_once_a_shape(ask: Ask, draw: Draw) -> None:
    for arrays in ([_EDGE], [_EDGE] * 5, _arrays(draw)):
        ask.equal("three_counters", arrays, expected={"traces": _shapes(arrays)})
    ask.require(ask.uses("three_counters", *COMPILERS), "a function that is compiled", "none is")


@check(
    "places",
    points=1.5,
    objective=5,
    message="What the program counts must be part of the program: a buffer, "
    "a tf.Variable, an argument and a result. Python inside it runs only while tracing, "
    "and NumPy outside it is no program. Zero is not positive.",
)
def program_counts_data(ask: Ask, draw: Draw) -> None:
    arrays = _arrays(draw)
    ask.equal("three_counters", [_EDGE, _EDGE], expected={"program": 2})
    positive = sum(int((a > 0).sum()) for a in arrays)
    answer = ask.equal("three_counters", arrays, expected={"program": positive})
    if agree(_shapes(arrays), answer.get("traces")):  # else it is told that nothing is compiled
        ask.require(ask.uses("three_counters", *COMPILERS), "a function that is compiled", "none is")
    in_numpy = ask("numpy_compares", "three_counters", arrays)
    ask.require(not in_numpy, "positive elements counted in the program", "they are counted in NumPy")


# --- Count the operations ----------------------------------------------------


def _ladder(n: int) -> dict[str, int]:
    """The operations of `ladder(x, n)`, by kind."""
    kinds: Counter[str] = Counter()
    while n != 1:
        kinds.update(["mul", "add"] if n % 2 else ["div"])
        n = 3 * n + 1 if n % 2 else n // 2
    return {"mul": kinds["mul"], "add": kinds["add"], "div": kinds["div"], "all": kinds.total()}


def _mixed(draw: Draw) -> int:
    """A number from which all kinds of operations occur: no power of two."""
    return int(draw.choice([n for n in range(3, 60) if n & (n - 1)]))


@check(
    "operations",
    points=1.5,
    objective=2,
    message="Count by kind, under the program's own names "
    "(a division may be called truediv or RealDiv), in the program for this n.",
)
def counts_by_kind(ask: Ask, draw: Draw) -> None:
    for n in (3, 27, _mixed(draw)):
        ask.equal("count_operations", n, expected={k: v for k, v in _ladder(n).items() if k != "all"})


@check(
    "operations",
    points=0.5,
    objective=2,
    message="Inputs, constants and outputs are nodes that compute nothing: leave them out of 'all'.",
)
def leaves_out_passive_nodes(ask: Ask, draw: Draw) -> None:
    for n in (2, _mixed(draw)):
        truth = _ladder(n)["all"]
        answer = ask("count_operations", n)
        # Where the kinds are wrong, which is another check's question, 'all' may be their sum.
        fair = (truth, sum(answer.get(kind, 0) for kind in ("mul", "add", "div")))
        ask.require(any(agree(each, answer.get("all")) for each in fair), f"{truth} under 'all'")


@check(
    "operations",
    points=0.5,
    objective=2,
    message="A kind that does not occur has the count 0: from a power of two there is nothing but divisions.",
)
def counts_what_is_not_there(ask: Ask, draw: Draw) -> None:
    counted = ask("count_operations", 3)
    if not agree({"mul": 2, "add": 2}, counted):
        return  # told by counts_by_kind
    for n in (2, 2 ** int(draw.integers(2, 8))):
        ask.equal("count_operations", n, expected={"mul": 0, "add": 0})


@check(
    "operations",
    points=1.5,
    objective=2,
    message="Count what is in a captured program. Following the rule "
    "in Python tells what should be there, not what is.",
)
def looks_at_a_program(ask: Ask, draw: Draw) -> None:
    ask("count_operations", _mixed(draw))
    ask.require(ask.uses("count_operations", *CAPTURES), "a captured program", "none is captured")
    ask.require(ask.uses("count_operations", "ladder"), "the program of `ladder`", "`ladder` is not captured")


# --- Few traces for many lengths ---------------------------------------------

BUCKETS = (4, 8, 16, 32)


def _bucket(length: int) -> int:
    return next(bucket for bucket in BUCKETS if bucket >= length)


def _vector_of(draw: Draw, length: int) -> np.ndarray:
    return draw.normal(draw.uniform(3, 6), 2, size=length).astype("float32")


def _deviation(x: np.ndarray) -> float:
    return float(np.abs(x - x.mean(dtype="float64")).mean())


def _padded(x: np.ndarray, padding: np.ndarray | float) -> list:
    """Arguments of `spread`: x padded with these numbers, and its length."""
    whole = np.empty(_bucket(x.size), "float32")
    whole[: x.size], whole[x.size :] = x, padding
    return [whole, x.size]


@check(
    "traces",
    points=1.5,
    objective=3,
    message="Pad to the smallest of 4, 8, 16 and 32 that fits (8 fits "
    "into 8), the input in front, and give the true length with it: every other size is a trace more.",
)
def pads_to_the_smallest_bucket(ask: Ask, draw: Draw) -> None:
    for length in (1, *BUCKETS, 5, 9, 17, *map(int, draw.integers(2, 32, 2))):
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
    message="Not the mean of |x - m| over the true length: "
    "both means divide by `length`, not by the padded size, and leave out no element.",
)
def ignores_padded_zeros(ask: Ask, draw: Draw) -> None:
    inputs = [_vector_of(draw, length) for length in (1, 3, 4, 5, 32, int(draw.integers(9, 31)))]
    answer = ask("plain", "spread", [_padded(x, 0.0) for x in inputs])
    for x, got in zip(inputs, answer["results"], strict=True):
        truth, away = _deviation(x), abs(float(x.mean())) / x.size
        # With deviations of padded elements, too: that is the next check's question.
        fair = [truth + extra * away for extra in range(_bucket(x.size) - x.size + 1)]
        ask.require(
            any(agree(each, got, 1e-4, 1e-5) for each in fair), f"{truth:.6g} for the length {x.size}", got
        )


@check(
    "traces",
    points=1,
    objective=4,
    message="The result depends on the padding, which may hold any number. "
    "Mask twice: a padded element counts neither in the mean nor in the deviations.",
)
def ignores_any_padding(ask: Ask, draw: Draw) -> None:
    for length in (1, 3, 5, int(draw.integers(9, 31))):
        x = _vector_of(draw, length)
        noise = 99 * draw.normal(size=_bucket(length) - length)
        calls = [_padded(x, padding) for padding in (0.0, noise, -5000.0)]
        results = ask("plain", "spread", calls)["results"]
        for got in results[1:]:
            ask.require(agree(results[0], got, 1e-3, 1e-4), "three equal results", results)


@check(
    "traces",
    points=1.5,
    objective=3,
    message="It takes more than one program for each padded size, or none: "
    "the length must stay data. A slice x[:length] has a size that nobody knows while tracing.",
)
def one_program_a_bucket(ask: Ask, draw: Draw) -> None:
    lengths = [1, 4, 3, 5, 8, int(draw.integers(5, 9)), 9, 16, int(draw.integers(9, 17))]
    inputs = [_vector_of(draw, length) for length in lengths]
    _compiles(ask, "spread", [_padded(x, 9.0) for x in inputs], list(map(_deviation, inputs)), most=3)


# --- A branch that compiles --------------------------------------------------


def _vector(draw: Draw, norm: float, size: int = 5) -> np.ndarray:
    x = draw.normal(size=size)
    return (x * norm / np.linalg.norm(x)).astype("float32")


def _of(*numbers: float) -> np.ndarray:
    return np.array(numbers, dtype="float32")


def _limited(x: np.ndarray, ceiling: float) -> np.ndarray:
    norm = float(np.linalg.norm(x))
    return x * (ceiling / norm) if norm > ceiling else x


def _limits(ask: Ask, calls: list, rtol: float = 1e-4) -> None:
    truth = [_limited(*call) for call in calls]
    ask.equal("plain", "limit_norm", calls, expected={"results": truth}, rtol=rtol)


@check(
    "branch",
    points=1,
    objective=4,
    message="A vector longer than the ceiling keeps its direction and gets the "
    "ceiling as its Euclidean length: multiply by ceiling / norm.",
)
def shortens_long_vectors(ask: Ask, draw: Draw) -> None:
    ceiling = float(draw.uniform(0.5, 3))
    # Negative ones; one element; each element below the ceiling.
    fixed = [[_of(-3, -4), 1.0], [_of(-2), 0.5], [_of(0.8, 0.8, 0.8, 0.8), 1.0]]
    _limits(ask, [*fixed, [_vector(draw, ceiling * draw.uniform(1.5, 9)), ceiling]])
    # Very long and very short. To a hundredth: a library may add a millionth to the norm.
    _limits(ask, [[_of(-3e4, 4e4), 2.0], [_of(-3e-4, 4e-4), 2e-4]], rtol=1e-2)


@check(
    "branch",
    points=1,
    objective=4,
    message="A vector that is short enough is left alone, whatever its largest element or its sum.",
)
def leaves_short_vectors(ask: Ask, draw: Draw) -> None:
    ceiling = float(draw.uniform(0.5, 3))
    # One element only, so that every kind of length is the same.
    _limits(
        ask,
        [[_of(0, 0, -0.7, 0), 1.0], [_of(0.5), 0.5], [_of(0, ceiling / 3), ceiling], [_of(0, -3e-4), 1.0]],
    )
    scaled = ask("plain", "limit_norm", [[_of(-3, -4), 1.0]])["results"]
    if agree([_of(-0.6, -0.8)], scaled, 1e-4):  # else its length is another, which is told
        fixed = [[_of(0.6, 0.6), 1.0], [_of(-0.5, -0.5, -0.5), 1.0], [_of(3, 4), 5.0]]
        _limits(ask, [*fixed, *([_vector(draw, ceiling * s), ceiling] for s in draw.uniform(0.2, 0.95, 2))])


@check(
    "branch",
    points=1,
    objective=4,
    message="The zeros came back as something else. nan means that 0 / 0 was computed: the "
    "scaled side must not be used for them.",
)
def keeps_zeros(ask: Ask, draw: Draw) -> None:
    short = ask("plain", "limit_norm", [[_of(0, -0.5), 1.0]])["results"]
    if not agree([_of(0, -0.5)], short, 1e-4):
        return  # it scales short vectors too, which is told
    for size in (1, int(draw.integers(2, 7))):
        _limits(ask, [[np.zeros(size, "float32"), float(draw.uniform(0.5, 3))]])


@check(
    "branch",
    points=2,
    objective=4,
    message="It does not compile to one program that serves both sides and every ceiling. "
    "A Python `if`, .numpy() or a NumPy call may need numbers, and there are none while tracing.",
)
def the_branch_compiles(ask: Ask, draw: Draw) -> None:
    norms = draw.permutation([0.5, 0.8, 2.0, 4.0])
    calls = [[_vector(draw, norm), float(draw.uniform(0.9, 1.5))] for norm in norms]
    calls.append([np.zeros(5, "float32"), 1.0])
    _compiles(ask, "limit_norm", calls, [_limited(*call) for call in calls])


# --- A loop that compiles ----------------------------------------------------

#: 307 steps, up to 106,358,020: more than float32 counts one by one.
_LONG = 26_623

#: 407 steps, up to 10,934,728: each is a float32 as well.
_LONGER = 525_543


def _collatz(n: int) -> list[int]:
    steps, peak = 0, n
    while n != 1:
        n = 3 * n + 1 if n % 2 else n // 2
        steps, peak = steps + 1, max(peak, n)
    return [steps, peak]


def _finds(ask: Ask, n: int, place: int) -> None:
    """Require the steps (0) or the peak (1) from n."""
    (answer,) = ask("plain", "collatz_peak", [[n]])["results"]
    truth = _collatz(n)[place]
    what = (f"{truth} steps from {n}", f"a peak of {truth} from {n}")[place]
    ask.require(int(answer[place]) == truth, what, answer)


@check(
    "loop",
    points=1,
    objective=4,
    message="Every use of the rule is a step, halving too, until 1 is reached: no more and no fewer. "
    "From 1 there is nothing to do.",
)
def counts_the_steps(ask: Ask, draw: Draw) -> None:
    for n in (1, 2, 3, 27, _LONG, _LONGER, int(draw.integers(5, 60))):
        _finds(ask, n, 0)


@check(
    "loop",
    points=1,
    objective=4,
    message="The peak is the greatest of all numbers met, also of those that an odd number jumps to, "
    "and exact: all of them are integers.",
)
def finds_the_peak(ask: Ask, draw: Draw) -> None:
    for n in (3, 27, _LONG, int(draw.choice([7, 9, 15, 19, 25, 33, 37, 43, 49, 51]))):
        _finds(ask, n, 1)


@check(
    "loop",
    points=1,
    objective=4,
    message="The start counts too: a power of two only falls, so it is its own peak, and so is 1.",
)
def start_counts(ask: Ask, draw: Draw) -> None:
    for n in (1, 2, 2 ** int(draw.integers(3, 9))):
        _finds(ask, n, 1)


@check(
    "loop",
    points=2,
    objective=4,
    message="It does not compile to one program for every n. A Python loop needs "
    "numbers to end; a loop with a fixed number of rounds is wrong for other n.",
)
def the_loop_compiles(ask: Ask, draw: Draw) -> None:
    numbers = [27, 1, 97, *map(int, draw.integers(2, 200, 2))]
    _compiles(ask, "collatz_peak", [[n] for n in numbers], [_collatz(n) for n in numbers])


# --- State goes in and comes out ---------------------------------------------


def _smoothing(draw: Draw) -> list:
    state = {"count": float(draw.integers(1, 9)), "mean": draw.normal(size=3).astype("float32")}
    return [state, draw.normal(5, 1, size=3).astype("float32")]


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
    start = {"count": 0.0, "mean": np.zeros(3, "float32")}
    calls = [[start, _of(4, -2, 0)], [{"count": 1.0, "mean": _of(-1)}, _of(-3)], _smoothing(draw)]
    truth = [_smooth(*call) for call in calls]
    first, second = (ask("plain", "smooth", calls)["results"] for _ in range(2))
    if agree(first, second):  # else it remembers something, which is told
        ask.require(agree(truth, first, 1e-4), shown(truth), first)


@check(
    "state",
    points=1,
    objective=5,
    message="The state that came in was changed. Whoever holds it sees that: "
    "make a new dict, and no `+=` or `-=` on what came in.",
)
def leaves_the_old_state(ask: Ask, draw: Draw) -> None:
    ask.equal("plain", "smooth", [_smoothing(draw) for _ in range(2)], expected={"changed": False})


@check(
    "state",
    points=1.5,
    objective=5,
    message="Compiled, it must remember nothing and be one program: everything "
    "it needs comes in as arguments, everything it makes goes out as results.",
)
def remembers_nothing(ask: Ask, draw: Draw) -> None:
    calls = [_smoothing(draw) for _ in range(3)]
    calls.append(calls[0])
    answer = ask("plain", "smooth", calls)
    results = answer["results"]
    ask.require(agree(results[0], results[3]), "the same result for the first call and the last", results)
    if not answer["changed"]:  # else that is told, and TensorFlow compiles no such function
        _compiles(ask, "smooth", calls, [_smooth(*call) for call in calls])


def _uniform(rows: object, n: int) -> bool:
    rows = np.asarray(rows)
    return rows.shape == (n, 3) and rows.dtype.kind == "f" and bool(((rows >= 0) & (rows < 1)).all())


@check(
    "state",
    points=1.5,
    objective=5,
    message="The seed alone decides the rows: set or make the random state from it at every call of `draws`.",
)
def same_seed_same_draws(ask: Ask, draw: Draw) -> None:
    drawn = draw.choice(np.arange(1, 10_000), 2, replace=False)
    for seed, other in (map(int, drawn), (0, 1)):
        first = np.asarray(ask("draws", seed, 3))
        ask.require(_uniform(first, 3), "a (3, 3) array of numbers in [0, 1)")
        between = np.asarray(ask("draws", other, 3))
        ask.require(not np.array_equal(first, between), "other rows for another seed")
        again = ask("draws", seed, 3)
        ask.require(np.array_equal(first, again), f"the rows {first.tolist()} again")


@check(
    "state",
    points=1,
    objective=5,
    message="Rows or numbers are repeated: drawn in Python while tracing (and frozen), or "
    "from a state that never moves on.",
)
def every_draw_is_new(ask: Ask, draw: Draw) -> None:
    ask.require(_uniform(ask("draws", 0, 1), 1), "a (1, 3) array of numbers in [0, 1)")
    rows = np.asarray(ask("draws", int(draw.integers(10_000)), 40))
    ask.require(_uniform(rows, 40), "a (40, 3) array of numbers in [0, 1)")
    ask.require(len(np.unique(rows, axis=0)) == 40, "40 different rows")
    ask.require(len(np.unique(rows[:5])) == 15, "15 different numbers in the first five rows")


def _not_the_framework(seed: int) -> dict[str, Any]:
    """What NumPy's and Python's own generators give for two rows."""
    python = random.Random(seed)
    return {
        "np.random.default_rng": np.random.default_rng(seed).random((2, 3)),
        "np.random.default_rng, float32": np.random.default_rng(seed).random((2, 3), "float32"),
        "np.random.seed": np.random.RandomState(seed).random_sample((2, 3)),
        "random.seed": [[python.random() for _ in range(3)] for _ in range(2)],
    }


@check(
    "state",
    points=1,
    objective=5,
    message="The numbers are to be drawn by a compiled function, with the framework's own random numbers.",
)
def draws_are_compiled(ask: Ask, draw: Draw) -> None:
    seed = int(draw.integers(1, 10_000))
    rows = ask("draws", seed, 2)
    for name, numbers in _not_the_framework(seed).items():
        ask.require(
            not agree(numbers, rows), "the framework's own random numbers", f"those of {name}({seed})"
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
    "and n is the first whole number at which they take less time in all: as much is not less.",
)
def counts_the_first_call(ask: Ask, draw: Draw) -> None:
    # Ties after ten calls and after the first; the second call; very many calls.
    fixed = ((21.0, 1.0, 3.0, 11), (3.0, 1.0, 3.0, 2), (4.0, 1.0, 3.0, 2), (20_001.0, 1.0, 1.5, 40_001))
    for first, later, eager, calls in (*fixed, *(_paying(draw) for _ in range(3))):
        ask.equal("break_even", first, [later] * 3, [eager] * 3, expected=calls)


@check(
    "break-even",
    points=1,
    objective=6,
    message="Take the median of the samples: not the mean, which one slow sample moves, nor the smallest "
    "or the first. The median of an even number of samples is the mean of the middle two.",
)
def outliers_do_not_matter(ask: Ask, draw: Draw) -> None:
    first, later, eager, _ = _paying(draw)
    cases = [
        (21.0, [0.5, 1.0, 50.0], [2.2, 3.0, 60.0], 1.0, 3.0),
        (21.0, [1.5, 0.5], [4.0, 2.0, 2.5, 3.5], 1.0, 3.0),
        (first, _times(draw, later, 30), _times(draw, eager, 30), later, eager),
    ]
    for first, compiled_ms, eager_ms, later, eager in cases:
        # Whether this number is right is asked above.
        calls = ask("break_even", first, [later], [eager])
        ask.equal("break_even", first, compiled_ms, eager_ms, expected=calls)


@check(
    "break-even",
    points=1,
    objective=6,
    message="Where even the first call is quicker, it pays at once: 1, whatever comes later. Where the first "
    "call is not quicker, and the later ones are as slow as the eager ones or slower, it never pays: 0.",
)
def never_and_at_once(ask: Ask, draw: Draw) -> None:
    eager = float(draw.uniform(1, 3))
    slower = eager * float(draw.uniform(1.5, 4))
    ask.equal("break_even", 20 * eager, [slower] * 3, [eager] * 3, expected=0)
    ask.equal("break_even", 20 * eager, [eager] * 3, [eager] * 3, expected=0)
    ask.equal("break_even", 0.5 * eager, [0.8 * eager] * 3, [eager] * 3, expected=1)
    ask.equal("break_even", 2.0, [1.0], [3.0], expected=1)
    ask.equal("break_even", 2.0, [3.0], [3.0], expected=1)
    ask.equal("break_even", 2.0, [5.0], [3.0], expected=1)


@check(
    "break-even",
    points=2,
    objective=6,
    message="The first call of a newly compiled function must be the one "
    "that is timed as 'first', in milliseconds; `repeats` later calls and `repeats` eager calls follow.",
)
def times_the_first_call(ask: Ask, draw: Draw) -> None:
    sizes = map(int, draw.choice(np.arange(20_000, 60_000), 3, replace=False))
    for size, repeats in zip(sizes, (1, 6, int(draw.integers(7, 10))), strict=True):
        times = ask("time_calls", size, repeats)
        for key in ("compiled", "eager"):
            ask.require(np.shape(times[key]) == (repeats,), f"{repeats} times under {key!r}")
            ask.require(np.min(times[key]) > 0, f"positive times under {key!r}")
        # Twenty operations take 0.02 ms and more, which would be 0.00002 in seconds.
        ask.require(np.median(times["eager"]) > 0.005, "milliseconds")
        # Tracing took 40 times a later call and more; a second call up to 20 times, now and then.
        if repeats > 1:
            ask.require(times["first"] > 10 * np.min(times["compiled"]), "a first call that includes tracing")
    # On 2,000,000 numbers twenty operations take a hundred times as long as on 1,000, and more.
    short, long = (np.min(ask("time_calls", size, 3)["eager"]) for size in (1_000, 2_000_000))
    told = f"{short:.3g} ms for 1,000 numbers and {long:.3g} ms for 2,000,000"
    ask.require(long > 5 * short, "times that grow with `size`", told)
    ask.require(ask.uses("time_calls", *COMPILERS), "a function that is compiled", "none is")


# --- Translate ---------------------------------------------------------------

#: A threshold that no voltage here comes near.
_NEVER = 64.0


def _drive(current: np.ndarray) -> np.ndarray:
    return (current - current.mean()) / current.std(ddof=1)


def _fire(
    drive: np.ndarray, leak: float, threshold: float, v: float = 0.0
) -> tuple[list[int], list[float], float]:
    """The neuron in float64: spikes, voltages, and how near to the threshold it ever came."""
    spikes, voltage, nearest = [], [], math.inf
    for push in np.asarray(drive, dtype="float64"):
        v = leak * v + push
        nearest = min(nearest, abs(v - threshold))
        spikes.append(int(v > threshold))
        v -= threshold * spikes[-1]
        voltage.append(v)
    return spikes, voltage, nearest


def _fired(ask: Ask, current: np.ndarray, leak: float, threshold: float) -> tuple[np.ndarray, np.ndarray]:
    """The answer's voltages, and what they were before the spikes."""
    spikes, voltage = ask("plain", "fire", [[current, leak, threshold]])["results"][0]
    voltage = np.asarray(voltage, dtype="float64")
    return voltage, voltage + threshold * np.asarray(spikes, dtype="float64")


def _own_drive(ask: Ask, current: np.ndarray) -> np.ndarray:
    """The standardised current as the answer has it: no leak, and no spike that a right answer would make.

    The first is what brings the sum to 0: where the voltage starts is another question.
    """
    voltage, before = _fired(ask, current, 1.0, _NEVER)
    rest = before[1:] - voltage[:-1]
    return np.concatenate([[-rest.sum()], rest])


def _leaks(ask: Ask, current: np.ndarray, leak: float) -> tuple[bool, np.ndarray]:
    """Whether the voltage decays as it should, from 0 on, with the answer's own drive; and how it should."""
    voltage, before = _fired(ask, current, leak, _NEVER)
    truth = _own_drive(ask, current) + leak * np.concatenate([[0.0], voltage[:-1]])
    return before.shape == truth.shape and np.allclose(before, truth, rtol=1e-3, atol=1e-3), truth


def _neuron(draw: Draw, size: int, leak: float | None = None) -> list:
    """Arguments of `fire` with at least two spikes, and no tie that rounding could turn."""
    while True:
        current = draw.normal(2, 3, size).astype("float32")
        own_leak, threshold = map(float, draw.uniform((0.5, 0.3), (0.9, 0.8)))
        call = [current, own_leak if leak is None else leak, threshold]
        for scale in (1, math.sqrt(size / (size - 1))):  # standardised by n - 1, and by n
            spikes, _, nearest = _fire(_drive(current) * scale, *call[1:])
            if sum(spikes) < 2 or nearest < 1e-3:
                break
        else:
            return call


@check(
    "translation",
    points=1,
    objective=4,
    message="The current is standardised by the deviation that divides by "
    "n - 1. Which one a framework's `std` is differs: PyTorch n - 1, TensorFlow and JAX n.",
)
def standardises_as_the_original(ask: Ask, draw: Draw) -> None:
    for current in (_of(-1, 0, 1), _of(5, 2), draw.normal(2, 3, 5).astype("float32")):
        got, truth = _own_drive(ask, current), _drive(current)
        told = f"a drive of {np.round(truth, 4).tolist()}, which adds up to the voltage"
        ask.require(got.shape == truth.shape and np.allclose(got, truth, rtol=1e-4, atol=1e-3), told)


@check(
    "translation",
    points=1,
    objective=4,
    message="The voltage decays before the push is added, and starts at 0: v = leak * v + push.",
)
def leaks_before_the_push(ask: Ask, draw: Draw) -> None:
    for leak in (0.0, float(draw.uniform(0.4, 0.8))):
        right, truth = _leaks(ask, draw.normal(2, 3, 9).astype("float32"), leak)
        ask.require(right, f"voltages of {np.round(truth, 4).tolist()}")


@check(
    "translation",
    points=2,
    objective=4,
    message="It fires where the voltage is above the threshold (not where it only reaches it), and a spike "
    "takes the threshold off; the spikes are 0 or 1, and the voltages those after the spike.",
)
def fires_as_the_original(ask: Ask, draw: Draw) -> None:
    # With leak 1 the old voltage stays: how it decays is another check's question, and so is the drive.
    calls = [[_of(-1, 0, 1), 1.0, 0.5], _neuron(draw, 12, 1.0), _neuron(draw, 12, 1.0)]
    edge = _of(1, 0, -1)
    if _fired(ask, edge, 1.0, _NEVER)[0][0] == 1.0:
        calls.insert(0, [edge, 1.0, 1.0])  # reaches the threshold exactly
    leaking = _neuron(draw, 12)
    if _leaks(ask, *leaking[:2])[0]:
        calls.append(leaking)
    for current, leak, threshold in calls:
        drive = _own_drive(ask, current)
        start = float(_fired(ask, current, 1.0, _NEVER)[1][0] - drive[0])
        (got,) = ask("plain", "fire", [[current, leak, threshold]])["results"]
        spikes, voltage, _ = _fire(drive, leak, threshold, start)
        ask.require(np.asarray(got[0]).dtype.kind in "iu", "integers 0 and 1 as spikes", got[0])
        ask.require(np.array_equal(got[0], spikes), f"spikes {spikes}", got[0])
        ask.require(agree(voltage, got[1], 1e-3, 1e-3), str(np.round(voltage, 4)), got[1])


@check(
    "translation",
    points=2,
    objective=4,
    message="It does not compile to one program that serves every leak and "
    "threshold, or computes something else when compiled: keep all of them tensors.",
)
def the_translation_compiles(ask: Ask, draw: Draw) -> None:
    calls = [_neuron(draw, 8) for _ in range(3)]
    truth = [_fire(_drive(current), leak, threshold)[:2] for current, leak, threshold in calls]
    _compiles(ask, "fire", calls, truth)
