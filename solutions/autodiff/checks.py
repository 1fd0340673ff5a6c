"""Hidden checks of the chapter on autodiff, the same for the three frameworks.

`differentiate` is the exercises' locked helper: it calls a function of the
learner by name, once for each list of arguments, and asks the framework for the
gradient of the sum of weights * result in every array among them. The expected
numbers are worked out here, by hand-made derivatives in NumPy.
"""

import math

import numpy as np

from triptych.grading.checks import Ask, Wrong, agree, check, shown
from triptych.grading.sandbox import OutOfMemory, TimedOut

Draw = np.random.Generator

#: What asks a framework for a derivative.
AUTODIFF = (
    ".backward",
    "torch.autograd.grad",
    "torch.func",
    "tensorflow.GradientTape",
    "tensorflow.autodiff",
    "jax.grad",
    "jax.value_and_grad",
    "jax.vjp",
    "jax.jvp",
    "jax.linearize",
)
FORWARD = (
    "torch.func.jvp",
    "torch.func.jacfwd",
    "torch.func.linearize",
    "torch.autograd.forward_ad",
    "tensorflow.autodiff.ForwardAccumulator",
    "jax.jvp",
    "jax.jacfwd",
    "jax.linearize",
)
REVERSE = (
    ".backward",
    "torch.func.vjp",
    "torch.func.jacrev",
    "torch.autograd.grad",
    "torch.autograd.functional.jacobian",
    "tensorflow.GradientTape",
    "jax.vjp",
    "jax.jacrev",
    "jax.grad",
)


def _gradient(ask: Ask, name: str, *arguments: object, truth: list, **more: object) -> None:
    """Require the gradient of one call: an array for each array among the arguments."""
    answer = ask("differentiate", name, [list(arguments)], **more)
    got = answer["gradients"][0]
    if not agree(truth, got, 1e-7, 1e-9):
        raise Wrong(ask.input, shown(truth), shown(got))


# --- What is recorded --------------------------------------------------------


def _counts(draw: Draw) -> tuple[np.ndarray, np.ndarray, float]:
    X = draw.normal(size=(6, 3))
    return X, draw.integers(0, 5, 6).astype(float), float(draw.uniform(0.05, 0.15))


def _fit(X: np.ndarray, y: np.ndarray, rate: float, steps: int) -> dict:
    """Poisson regression by gradient descent, its gradient by hand."""
    w, b, losses = np.zeros(X.shape[1]), 0.0, []
    for _ in range(steps):
        z = X @ w + b
        losses.append(float(np.mean(np.exp(z) - y * z)))
        away = (np.exp(z) - y) / len(y)
        w, b = w - rate * X.T @ away, b - rate * away.sum()
    return {"weights": w, "bias": float(b), "losses": losses}


@check(
    "recorded",
    points=1,
    objective=1,
    message="After one step from zero the weights should be -rate times the gradient of the mean loss: "
    "downhill, and the mean over the examples, not their sum.",
)
def the_weights_learn(ask: Ask, draw: Draw) -> None:
    data = _counts(draw)
    ask.equal("train", *data, 1, expected={"weights": _fit(*data, 1)["weights"]})
    ask.require(ask.uses("train", *AUTODIFF), "a gradient that the framework finds", "none is asked for")


@check(
    "recorded",
    points=0.5,
    objective=1,
    message="The bias is a variable too: it must be recorded, and it must move by its own gradient.",
)
def the_bias_learns(ask: Ask, draw: Draw) -> None:
    data = _counts(draw)
    ask.equal("train", *data, 1, expected={"bias": _fit(*data, 1)["bias"]})


@check(
    "recorded",
    points=1,
    objective=1,
    message="The first step is right and later ones are not: a gradient is left over from the step before, "
    "or the parameters have become something that is not recorded.",
)
def each_step_starts_afresh(ask: Ask, draw: Draw) -> None:
    data, steps = _counts(draw), int(draw.integers(4, 8))
    truth = _fit(*data, steps)
    ask.equal("train", *data, steps, expected={"weights": truth["weights"], "bias": truth["bias"]})


@check(
    "recorded",
    points=0.5,
    objective=1,
    message="A list of plain numbers, one for each step, each the loss before that step.",
)
def logs_the_loss_before_each_step(ask: Ask, draw: Draw) -> None:
    data, steps = _counts(draw), int(draw.integers(2, 5))
    # With no steps between them, the first loss is right whatever becomes of the parameters.
    answer = ask("train", *data, steps)
    ask.require(len(answer["losses"]) == steps, f"{steps} losses")
    truth = _fit(*data, steps)["losses"]
    floats = all(isinstance(number, float | np.floating) for number in answer["losses"])
    ask.require(floats, "floats", answer["losses"])
    ask.require(np.allclose(answer["losses"], truth), shown(truth), answer["losses"])


SLOPES = {
    "plain": lambda x: math.sin(x) + x * math.cos(x),
    "half stopped": math.sin,
}
NOT_RECORDED = ("NumPy", "constant", "rounded")


@check(
    "recorded",
    points=1,
    objective=1,
    message="Report what the framework itself gives, in float64: it is not the true slope where a part was "
    "stopped, and it is not 0 because another function's was.",
)
def reports_what_flows(ask: Ask, draw: Draw) -> None:
    for x in map(float, draw.uniform(0.5, 2.5, 2)):
        names = [str(name) for name in draw.permutation([*SLOPES, "constant", *SLOPES])]
        truth = [SLOPES[name](x) if name in SLOPES else 0.0 for name in names]
        ask.equal("gradients", names, x, expected=truth, rtol=1e-10, atol=1e-12)


@check(
    "recorded",
    points=1,
    objective=1,
    message="Where nothing is recorded (through NumPy, from a constant, through a rounding) report the "
    "number 0.0: no None, no exception, and no slope from elsewhere.",
)
def what_is_not_recorded_is_zero(ask: Ask, draw: Draw) -> None:
    names = [str(name) for name in draw.permutation([*NOT_RECORDED, "plain"])]
    x = float(draw.uniform(0.6, 1.4))
    answer = ask("gradients", names, x)
    for name, got in zip(names, answer, strict=True):
        if name in NOT_RECORDED:
            ask.require(
                isinstance(got, float | np.floating) and got == 0, f"0.0 for {name!r} of {names}", answer
            )
        else:
            ask.require(abs(got) > 1e-3, f"a slope for {name!r} of {names}", answer)


# --- A slope of your own at the kink -----------------------------------------


def _kinked(draw: Draw) -> np.ndarray:
    """Numbers on both sides of 0, and 0 itself, in random order."""
    return draw.permutation([*draw.uniform(-3, -0.1, 3), 0.0, 0.0, *draw.uniform(0.1, 3, 3)]).reshape(2, 4)


def _slope(x: np.ndarray, at_zero: float) -> np.ndarray:
    return np.where(x == 0, at_zero, (x > 0).astype(float))


@check(
    "kink",
    points=0.5,
    objective=5,
    message="The values must stay those of max(0, x), of the same shape and dtype, whatever the slope at 0.",
)
def the_values_stay(ask: Ask, draw: Draw) -> None:
    x = _kinked(draw)
    for array in (x, x.astype("float32")):
        answer = ask("differentiate", "hinge", [[array, float(draw.uniform(-2, 2))]])
        (got,) = answer["values"]
        ask.require(got.dtype == array.dtype, f"an array of dtype {array.dtype}", got)
        ask.require(np.array_equal(got, np.maximum(array, 0)), shown(np.maximum(array, 0)), got)


@check(
    "kink",
    points=0.5,
    objective=5,
    message="Away from 0 nothing changes: the slope is 0 on the left and 1 on the right.",
)
def slopes_away_from_zero(ask: Ask, draw: Draw) -> None:
    x = _kinked(draw)
    (got,) = ask("differentiate", "hinge", [[x, float(draw.uniform(0.1, 0.9))]])["gradients"][0]
    ask.require(np.shape(got) == x.shape, "a slope for each element", got)
    ask.require(np.array_equal(got[x != 0], x[x != 0] > 0), "0 where x < 0, 1 where x > 0", got)


@check(
    "kink",
    points=1.5,
    objective=5,
    message="At 0 the framework's own choice came back, or a mean of both sides, instead of the number that "
    "was asked for; it may be any number, also a negative one.",
)
def the_slope_at_zero_is_yours(ask: Ask, draw: Draw) -> None:
    x = _kinked(draw)
    for slope in (float(draw.uniform(0.1, 0.9)), float(draw.uniform(-3, -1)), float(draw.uniform(2, 3))):
        (got,) = ask("differentiate", "hinge", [[x, slope]])["gradients"][0]
        ask.require(np.allclose(got[x == 0], slope), f"{slope:.7g} at 0", got)


@check(
    "kink",
    points=1.5,
    objective=5,
    message="Inside a larger computation the gradient is wrong: a backward rule gets what comes from above, "
    "and must multiply it by the slope, element by element.",
)
def multiplies_what_comes_from_above(ask: Ask, draw: Draw) -> None:
    x, slope, weights = _kinked(draw), float(draw.uniform(0.1, 0.9)), draw.normal(size=(2, 4))
    _gradient(ask, "hinge", x, slope, truth=[weights * _slope(x, slope)], weights=weights)
    twice = _slope(x, slope) * (1 + 2 * np.maximum(x, 0))
    _gradient(ask, "hinge", x, slope, truth=[twice], twice=True)


# --- Products with derivatives -----------------------------------------------


def _valley_times(x: np.ndarray, v: np.ndarray) -> np.ndarray:
    """The tridiagonal Hessian of the chained Rosenbrock function, times v."""
    a, b = x[:-1], x[1:]
    product = np.zeros_like(v)
    product[:-1] += (2 + 1200 * a * a - 400 * b) * v[:-1] - 400 * a * v[1:]
    product[1:] += 200 * v[1:] - 400 * a * v[:-1]
    return product


@check(
    "products",
    points=1,
    objective=2,
    message="Not the Hessian times v: every row of the Hessian counts with all its entries, and v enters "
    "linearly. (The diagonal alone, the gradient times v, or v added too late?)",
)
def multiplies_by_the_hessian(ask: Ask, draw: Draw) -> None:
    x, v = draw.normal(size=6), 1000 * draw.normal(size=6)
    # A difference of two gradients has an error that grows with v's square.
    ask.equal("hvp", x, v, expected=_valley_times(x, v), rtol=1e-9, atol=1e-6)


def _jacobian(name: str, x: np.ndarray) -> np.ndarray:
    if name == "funnel":
        return np.stack([1 - np.tanh(x) ** 2, 2 * x])
    k = np.linspace(1, 2, 40)[:, None]
    return k * np.cos(k * x)


@check(
    "products",
    points=1,
    objective=2,
    message="Not the Jacobian: a row for each output and a column for each input. Was it transposed, or were "
    "rows added up?",
)
def rows_are_outputs(ask: Ask, draw: Draw) -> None:
    for name, size in (("fan", 3), ("funnel", 7)):
        x = draw.normal(size=size)
        ask.equal("jacobian", name, x, expected={"jacobian": _jacobian(name, x)}, rtol=1e-9)


@check(
    "products",
    points=1.5,
    objective=2,
    message="Forward mode costs a pass for each input, reverse mode one for each output: take the smaller "
    "number, and make the Jacobian in that mode.",
)
def takes_the_cheaper_mode(ask: Ask, draw: Draw) -> None:
    ask.equal("jacobian", "fan", draw.normal(size=3), expected={"mode": "forward", "passes": 3})
    ask.equal("jacobian", "funnel", draw.normal(size=7), expected={"mode": "reverse", "passes": 2})
    # With more inputs than outputs even `fan` is for reverse mode.
    ask.equal("jacobian", "fan", draw.normal(size=50), expected={"mode": "reverse", "passes": 40})
    ask.require(ask.uses("jacobian", *FORWARD), "a Jacobian by forward passes", "no forward mode")
    ask.require(ask.uses("jacobian", *REVERSE), "a Jacobian by reverse passes", "no reverse mode")


# --- One gradient for each example -------------------------------------------


def _examples(draw: Draw, n: int = 24) -> tuple[list[np.ndarray], np.ndarray, np.ndarray]:
    """Arguments of `private_gradient` but the ceiling, the gradient of each example, and their norms."""
    W, X = draw.normal(size=(5, 4)), draw.normal(size=(n, 5))
    targets = np.eye(4)[draw.integers(0, 4, n)]
    z = np.exp(X @ W)
    each = X[:, :, None] * (z / z.sum(axis=1, keepdims=True) - targets)[:, None, :]
    return [W, X, targets], each, np.sqrt((each**2).sum(axis=(1, 2)))


def _clipped_mean(each: np.ndarray, norms: np.ndarray, ceiling: float) -> np.ndarray:
    return (each * np.minimum(1, ceiling / np.maximum(norms, 1e-30))[:, None, None]).mean(axis=0)


@check(
    "examples",
    points=1,
    objective=3,
    message="One Euclidean norm for each example, over all the entries of its own gradient: not its square, "
    "not the norm of each row, and not that of the batch.",
)
def a_norm_for_each_example(ask: Ask, draw: Draw) -> None:
    data, _, norms = _examples(draw)
    ask.equal("private_gradient", *data, 1.0, expected={"norms": norms})


@check(
    "examples",
    points=1.5,
    objective=3,
    message="Clip first, each example by its own norm, and only from above; then take the mean over all "
    "examples, not the sum.",
)
def clips_before_the_mean(ask: Ask, draw: Draw) -> None:
    data, each, norms = _examples(draw)
    ceiling = float(np.median(norms))
    truth = _clipped_mean(each, norms, ceiling)
    ask.equal("private_gradient", *data, ceiling, expected={"gradient": truth})
    # A ceiling above all norms leaves the ordinary gradient.
    ask.equal("private_gradient", *data, 99.0, expected={"gradient": each.mean(axis=0)})


@check(
    "examples",
    points=0.5,
    objective=5,
    message="An example whose gradient is 0 has made nan or inf: it has no direction to be scaled along, and "
    "0 / 0 must not be computed, or not be used.",
)
def an_example_without_gradient(ask: Ask, draw: Draw) -> None:
    (W, X, targets), each, norms = _examples(draw)
    X[3], each[3], norms[3] = 0, 0, 0
    truth = {"norms": norms, "gradient": _clipped_mean(each, norms, 0.5)}
    ask.equal("private_gradient", W, X, targets, 0.5, expected=truth)


@check(
    "examples",
    points=2,
    objective=3,
    message="`loss` was called for each example, or not at all: map its gradient over the examples, so that "
    "a call or two serve all of them.",
)
def no_loop_over_examples(ask: Ask, draw: Draw) -> None:
    data, _, norms = _examples(draw)
    answer = ask("counted", "private_gradient", *data, 1.0)
    ask.require(agree(norms, answer["answer"]["norms"]), f"norms {shown(norms)}")
    ask.require(1 <= answer["calls"] <= 5, "1 to 5 calls of `loss` for 24 examples", answer["calls"])


# --- Finite everywhere -------------------------------------------------------


def _entropy(logits: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Entropy of each row, and its gradient -p (log p + entropy), in float64."""
    z = np.asarray(logits, dtype="float64")
    z = z - z.max(axis=1, keepdims=True)
    logs = z - np.log1p(np.sort(np.exp(z), axis=1)[:, :-1].sum(axis=1, keepdims=True))
    p = np.exp(logs)
    values = -(p * logs).sum(axis=1)
    return values, -p * (logs + values[:, None])


@check(
    "stable",
    points=0.5,
    objective=5,
    message="Not the entropy of each row, in nats: minus the sum of p log p, with the natural logarithm, "
    "over the last axis.",
)
def entropy_of_ordinary_logits(ask: Ask, draw: Draw) -> None:
    logits = 2 * draw.normal(size=(3, 4))
    values, gradient = _entropy(logits)
    answer = ask("differentiate", "entropy", [[logits]])
    ask.require(agree(values, answer["values"][0]), shown(values), answer["values"][0])
    _gradient(ask, "entropy", logits, truth=[gradient])


@check(
    "stable",
    points=1,
    objective=5,
    message="For far-apart logits in float32 the value or its gradient is nan or inf: exp overflows, or a "
    "probability of 0 meets its logarithm. A where() or nan_to_num on the value does not fix the gradient.",
)
def entropy_of_extreme_logits(ask: Ask, draw: Draw) -> None:
    a, b = draw.uniform(200, 2000, 2)
    rows = [[a, 0, -b, 0.5], [0.5, 0.5, -a, -b], [-a, -a, -a, -a]]
    logits = draw.permuted(np.array(rows), axis=1).astype("float32")
    values, gradient = _entropy(logits)
    answer = ask("differentiate", "entropy", [[logits]])
    ask.require(agree(values, answer["values"][0], atol=1e-4), shown(values), answer["values"][0])
    (got,) = answer["gradients"][0]
    ask.require(agree(gradient, got, atol=1e-4), f"the gradient {shown(gradient)}", got)


@check(
    "stable",
    points=0.5,
    objective=5,
    message="Small probabilities have been lost: something is added inside the logarithm, or p is cut off. "
    "That hides the nan and changes the answer.",
)
def entropy_keeps_small_probabilities(ask: Ask, draw: Draw) -> None:
    lows = draw.uniform(-22, -17, size=(3, 3))
    logits = np.hstack([np.zeros((3, 1)), lows])
    answer = ask("differentiate", "entropy", [[logits]])
    values, _ = _entropy(logits)
    got = answer["values"][0]
    ask.require(agree(values, got, rtol=1e-4, atol=0), shown(values), got)


@check(
    "stable",
    points=0.5,
    objective=5,
    message="Not the Euclidean length of each row, or not its gradient x / length: short vectors, of 1e-8 or "
    "so, have a length too, and nothing may be added under the root.",
)
def length_away_from_zero(ask: Ask, draw: Draw) -> None:
    x = draw.normal(size=(4, 3)) * np.array([[1], [100], [1e-7], [1e-9]])
    truth = np.sqrt((x * x).sum(axis=1))
    answer = ask("differentiate", "length", [[x]])
    ask.require(agree(truth, answer["values"][0], 1e-9, 0), shown(truth), answer["values"][0])
    (got,) = answer["gradients"][0]
    ask.require(agree(x / truth[:, None], got, 1e-8, 0), f"the gradient {shown(x / truth[:, None])}", got)


@check(
    "stable",
    points=1.5,
    objective=5,
    message="At 0 the length is 0 and its gradient should be 0, but nan or inf came back. A where() around "
    "the root chooses the value; the gradient still goes through both sides, and 0 times inf is nan.",
)
def length_at_zero(ask: Ask, draw: Draw) -> None:
    x = np.zeros((4, 3))
    answer = ask("differentiate", "length", [[x]], weights=draw.uniform(1, 2, 4))
    ask.require(agree(np.zeros(4), answer["values"][0]), "lengths 0", answer["values"][0])
    (got,) = answer["gradients"][0]
    ask.require(agree(x, got), "a gradient of zeros", got)


@check(
    "stable",
    points=1,
    objective=5,
    message="A row of zeros among others: treat each row by itself, so that one does not decide for all.",
)
def one_zero_row_harms_no_other(ask: Ask, draw: Draw) -> None:
    x = draw.normal(size=(4, 3))
    x[int(draw.integers(4))] = 0
    x[:, 1] = 0  # single zeros do no harm
    truth = np.sqrt((x * x).sum(axis=1))
    gradient = x / np.where(truth > 0, truth, 1)[:, None]
    answer = ask("differentiate", "length", [[x]])
    ask.require(agree(truth, answer["values"][0]), shown(truth), answer["values"][0])
    _gradient(ask, "length", x, truth=[gradient])


# --- A gradient for an iteration ---------------------------------------------


def _kepler(draw: Draw, n: int = 4) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """M and e, and E, from which M was made."""
    E, e = draw.uniform(0.5, 2.5, n), draw.uniform(0.2, 0.8, n)
    return E - e * np.sin(E), e, E


@check(
    "custom",
    points=0.5,
    objective=4,
    message="The value must be what `solve_kepler` finds, for these M and e and in their order.",
)
def the_solver_gives_the_value(ask: Ask, draw: Draw) -> None:
    M, e, E = _kepler(draw)
    answer = ask("differentiate", "anomaly", [[M, e]])
    ask.require(agree(E, answer["values"][0], 1e-9), shown(E), answer["values"][0])
    ask.require(ask.uses("anomaly", "solve_kepler"), "a value from `solve_kepler`", "it is not called")


def _nearly(ask: Ask, got: object, truth: np.ndarray, weights: np.ndarray) -> None:
    """Right, whether or not what comes from above was multiplied in: that is another check's question."""
    fair = [agree(truth * factor, got, 1e-8) for factor in (weights, 1.0)]
    ask.require(any(fair), shown(truth * weights), got)


@check(
    "custom",
    points=1,
    objective=4,
    message="Not the slope in M: differentiate E - e sin E = M on both sides, and do not forget that sin E "
    "moves with E: 1 / (1 - e cos E).",
)
def slope_in_m(ask: Ask, draw: Draw) -> None:
    M, e, E = _kepler(draw)
    got = ask("differentiate", "anomaly", [[M, e]])["gradients"][0][0]
    _nearly(ask, got, 1 / (1 - e * np.cos(E)), np.ones(4))


@check(
    "custom",
    points=1.5,
    objective=4,
    message="Not the slope in e: E moves as well when e does, so sin E is divided by 1 - e cos E; and E - e "
    "sin E = M gives it a plus.",
)
def slope_in_e(ask: Ask, draw: Draw) -> None:
    M, e, E = _kepler(draw)
    got = ask("differentiate", "anomaly", [[M, e]])["gradients"][0][1]
    _nearly(ask, got, np.sin(E) / (1 - e * np.cos(E)), np.ones(4))


@check(
    "custom",
    points=1,
    objective=4,
    message="Inside a larger computation it is wrong: each of the two slopes is multiplied by what comes "
    "from above, once. Not at all, and twice, are the usual mistakes.",
)
def above_counts_once_in_each(ask: Ask, draw: Draw) -> None:
    (M, e, _), weights = _kepler(draw), draw.uniform(2, 5, 4)
    plain = ask("differentiate", "anomaly", [[M, e]])["gradients"][0]
    got = ask("differentiate", "anomaly", [[M, e]], weights=weights)["gradients"][0]
    # Compared with its own slopes: whether these are right is asked above.
    for one, weighted in zip(plain, got, strict=True):
        ask.require(np.abs(one).min() > 1e-3, "slopes", plain)
        ask.require(agree(one * weights, weighted, 1e-8), shown(one * weights), weighted)


def _judges(ask: Ask, draw: Draw, wrong: float) -> None:
    """Have eight functions judged whose names tell nothing, in random order: a coin passes once in 256."""
    for sound in draw.permutation([True, False, *(draw.random(6) < 0.5)]):
        M, e = draw.uniform(0.5, 1.5, (2, 3)).astype("float32")
        name = ask.bound(draw, "planted", 3.0 if sound else wrong)
        try:
            ask.equal("accepts", name, M, e, expected=bool(sound))
        except Wrong as error:
            slope = "its true slope" if sound else f"{wrong:g} M² e instead of 3 M² e for its slope"
            asked = error.input.replace(name, "f", 1)
            raise Wrong(f"{asked}, where f(M, e) is M³ e with {slope}", error.expected, error.got) from None


@check(
    "custom",
    points=1,
    objective=4,
    message="A right gradient was refused. float32 numbers make float32 finite differences, which are too "
    "rough: convert before you check. And return True or False.",
)
def accepts_a_right_gradient(ask: Ask, draw: Draw) -> None:
    _judges(ask, draw, wrong=2.0)
    M, e = draw.uniform(0.5, 1.5, (2, 3)).astype("float32")
    ask.equal("accepts", "sound", M, e, expected=True)
    M, e, _ = _kepler(draw, 3)
    ask.equal("accepts", "anomaly", M.astype("float32"), e.astype("float32"), expected=True)


@check(
    "custom",
    points=1,
    objective=4,
    message="A wrong gradient was accepted. Is the function of that name compared at all, and strictly "
    "enough to see a hundredth?",
)
def refuses_a_wrong_gradient(ask: Ask, draw: Draw) -> None:
    M, e = draw.uniform(0.5, 1.5, (2, 3)).astype("float32")
    ask.equal("accepts", "unsound", M, e, expected=False)
    ask.equal("accepts", "nearly", M, e, expected=False)
    _judges(ask, draw, wrong=2.97)


# --- What flows back, and what is kept ---------------------------------------


def _gradients(draw: Draw, norm: float) -> list[np.ndarray]:
    found = [draw.normal(size=shape) for shape in ((3,), (2, 2), ())]
    scale = norm / math.sqrt(sum(float((g * g).sum()) for g in found))
    return [np.asarray(g * scale) for g in found]


@check(
    "kept",
    points=1,
    objective=6,
    message="All arrays are scaled by one factor, ceiling / global norm. A norm for each array, or a cut at "
    "each entry, turns the direction.",
)
def one_factor_for_all(ask: Ask, draw: Draw) -> None:
    norm, ceiling = draw.uniform(3, 9), float(draw.uniform(0.5, 2))
    given = _gradients(draw, norm)
    ask.equal("clipped", given, ceiling, expected=[g * (ceiling / norm) for g in given], rtol=1e-5)


@check(
    "kept",
    points=0.5,
    objective=6,
    message="Gradients whose global norm is below the ceiling are left as they are; zeros too.",
)
def short_gradients_stay(ask: Ask, draw: Draw) -> None:
    for given in (_gradients(draw, draw.uniform(0.2, 0.9)), [np.zeros(2), np.zeros((1, 2))]):
        ask.equal("clipped", given, 1.0, expected=given)


@check(
    "kept",
    points=1,
    objective=6,
    message="One entry that is nan or infinite, and something else than zeros came back: look at the norm "
    "before you divide by it, and skip the whole step.",
)
def a_step_with_nan_is_skipped(ask: Ask, draw: Draw) -> None:
    for bad in (np.nan, np.inf):
        given = _gradients(draw, 3.0)
        given[1][0, 1] = bad
        ask.equal("clipped", given, 1.0, expected=[np.zeros_like(g) for g in given])


def _chain(x: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
    slope = np.ones_like(x)
    for i in range(n):
        slope, x = slope * np.cos(x) * (1 + i / 10), np.sin(x) * (1 + i / 10)
    return x, slope


@check(
    "kept",
    points=1,
    objective=6,
    message="Checkpointing must change neither value nor gradient. A right value with a wrong gradient: the "
    "group's function saw something else when it ran again, such as the loop's variable at its end.",
)
def the_gradient_is_the_same(ask: Ask, draw: Draw) -> None:
    x, n, every = draw.uniform(0.2, 1.2, 3), int(draw.integers(5, 8)), int(draw.integers(2, 4))
    value, slope = _chain(x, n)
    ask.equal("recomputed", "thrifty", x, n, every, expected={"value": value, "gradient": slope}, rtol=1e-9)


@check(
    "kept",
    points=1.5,
    objective=6,
    message="Other blocks than asked for are run again: each group of `every` blocks is one checkpoint, and "
    "the last, smaller one too. Nothing run again means that everything was kept.",
)
def each_group_runs_again(ask: Ask, draw: Draw) -> None:
    every = int(draw.integers(2, 4))
    n = 2 * every + 1
    x = draw.uniform(0.2, 1.2, 3)
    ask.equal("recomputed", "thrifty", x, n, every, expected={"groups": [every, every, 1]})
    ask.equal("recomputed", "thrifty", x, 3, 5, expected={"groups": [3]})


# --- Build one yourself ------------------------------------------------------


def _built(program: list, inputs: list[float]) -> tuple[float, list[float]]:
    """Value and gradient by forward mode: every node carries its slopes."""
    unit = np.eye(len(inputs))
    nodes = [(float(x), unit[i]) for i, x in enumerate(inputs)]
    for operation, i, j in program:
        (a, da), (b, db) = nodes[i], nodes[j]
        if operation == "add":
            nodes.append((a + b, da + db))
        elif operation == "mul":
            nodes.append((a * b, a * db + b * da))
        else:
            nodes.append((a / b, da / b - a / b**2 * db))
    return nodes[-1][0], [float(slope) for slope in nodes[-1][1]]


def _engine(ask: Ask, program: list, inputs: np.ndarray, rtol: float = 1e-9) -> None:
    given = [float(x) for x in inputs]
    value, gradient = _built(program, given)
    expected = {"value": value, "gradient": gradient}
    ask.equal("engine", "divide", "backward", program, given, expected=expected, rtol=rtol)


@check(
    "engine",
    points=1,
    objective=6,
    message="Not the slopes of a / b: 1 / b for the first operand, -a / b^2 for the second, whose sign and "
    "square are forgotten easily.",
)
def slopes_of_a_quotient(ask: Ask, draw: Draw) -> None:
    _engine(ask, [["div", 0, 1]], draw.uniform(1.5, 3, 2))
    _engine(ask, [["mul", 0, 1], ["div", 3, 2]], draw.uniform(1.5, 3, 3))


@check(
    "engine",
    points=1,
    objective=6,
    message="A node that is used more than once gets something back from each use: add it up (+=), and do "
    "not visit it twice for it.",
)
def uses_add_up(ask: Ask, draw: Draw) -> None:
    _engine(ask, [["mul", 0, 0]], draw.uniform(1, 2, 1))
    _engine(ask, [["mul", 0, 1], ["add", 2, 0], ["mul", 3, 1]], draw.uniform(1, 2, 2))


@check(
    "engine",
    points=1,
    objective=6,
    message="A node passed its gradient on before all of it had arrived: it must come after everything that "
    "uses it, on the long ways as on the short ones.",
)
def after_all_that_use_it(ask: Ask, draw: Draw) -> None:
    # Node 1 is used by node 2 and, later, by the result; in the second program the other way round.
    _engine(ask, [["add", 0, 0], ["mul", 1, 0], ["add", 2, 1]], draw.uniform(1, 2, 1))
    _engine(ask, [["add", 0, 0], ["mul", 1, 0], ["add", 1, 2]], draw.uniform(1, 2, 1))
    # A node that is used on ways of three lengths.
    tangle = [["mul", 0, 1], ["add", 2, 0], ["mul", 3, 2], ["add", 4, 2], ["mul", 2, 5], ["add", 6, 3]]
    _engine(ask, tangle, draw.uniform(1, 2, 2))


@check(
    "engine",
    points=1,
    objective=6,
    message="It follows every way through the graph, and their number doubles with each node: visit each "
    "node once, after its gradient is complete.",
)
def each_node_once(ask: Ask, draw: Draw) -> None:
    program, (x,) = [["add", i, i] for i in range(14)], map(float, draw.uniform(1, 2, 1))
    answer = ask.equal("engine", "divide", "backward", program, [x], expected={"gradient": [2.0**14]})
    # Once to bring the nodes into order, once on the way back, and some to spare.
    ask.require(answer["walks"] <= 5 * 15, "operands gone through once or twice for each of 15 nodes")


# --- Translate ---------------------------------------------------------------


def _levels(draw: Draw) -> tuple[np.ndarray, np.ndarray]:
    """x and a step whose ratios are spread over the range and beyond, clear of its ends."""
    inside, above, below = draw.uniform(-3.9, 2.9, 5), draw.uniform(3.1, 6, 2), draw.uniform(-7, -4.1, 2)
    ratio = draw.permutation([*inside, *above, *below])
    step = np.array(draw.uniform(0.3, 0.9))
    return ratio.reshape(3, 3) * step, step


def _quantised(x: np.ndarray, step: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Values, slopes in x, and each element's slope in the step."""
    ratio = x / step
    level = np.clip(np.round(ratio), -4, 3)
    inside = (ratio >= -4) & (ratio <= 3)
    return step * level, inside.astype(float), np.where(inside, level - ratio, level)


@check(
    "translation",
    points=1,
    objective=4,
    message="Not the values of the original: the ratio is rounded, a half to the even level, kept from -4 to "
    "3 (the range is not symmetrical), and multiplied by the step.",
)
def rounds_as_the_original(ask: Ask, draw: Draw) -> None:
    halves = np.array([[-2.5, -1.5, -0.5], [0.5, 1.5, 2.5], [-9.0, 9.0, -3.75]]) * 0.25
    for x, step in (_levels(draw), (halves, np.array(0.25))):
        answer = ask("differentiate", "quantised", [[x, step]])
        truth = _quantised(x, step)[0]
        ask.require(agree(truth, answer["values"][0], 1e-9), shown(truth), answer["values"][0])


@check(
    "translation",
    points=1.5,
    objective=4,
    message="The slope in x is 1 where x / step is from -4 to 3, both ends included, and 0 elsewhere; x / "
    "step decides, not the rounded level.",
)
def straight_through_inside_the_range(ask: Ask, draw: Draw) -> None:
    ends = np.array([[-4.0, 3.0, 3.25], [-4.25, 3.4, -4.4], [0.0, 1.0, 2.0]]) * 0.5
    for x, step in (_levels(draw), (ends, np.array(0.5))):
        got = ask("differentiate", "quantised", [[x, step]])["gradients"][0][0]
        ask.require(agree(_quantised(x, step)[1], got), shown(_quantised(x, step)[1]), got)


@check(
    "translation",
    points=1.5,
    objective=4,
    message="The step is one number that every element of x uses: its gradient is one number, the sum of "
    "level - ratio over those inside the range and of the level over those outside.",
)
def the_step_gets_a_sum(ask: Ask, draw: Draw) -> None:
    x, step = _levels(draw)
    got = ask("differentiate", "quantised", [[x, step]])["gradients"][0][1]
    truth = _quantised(x, step)[2].sum()
    ask.require(got is not None and np.shape(got) == (), "one number", got)
    ask.require(agree(truth, got, 1e-8), shown(truth), got)


@check(
    "translation",
    points=1,
    objective=4,
    message="In a larger computation it is wrong: both gradients are multiplied by what comes from above, "
    "that of the step before the sum.",
)
def above_counts_before_the_sum(ask: Ask, draw: Draw) -> None:
    (x, step), weights = _levels(draw), draw.uniform(0.5, 3, (3, 3))
    _, by_x, by_step = _quantised(x, step)
    answer = ask("differentiate", "quantised", [[x, step]], weights=weights)
    got_x, got_step = answer["gradients"][0]
    ask.require(agree(weights * by_x, got_x, 1e-8), shown(weights * by_x), got_x)
    truth = (weights * by_step).sum()
    # A gradient that is not summed is another check's question.
    ask.require(agree(truth, np.sum(got_step), 1e-8), shown(truth), got_step)


# --- Products with derivatives, again: last, since a wrong answer may end the notebook's process ------


@check(
    "products",
    points=1.5,
    objective=2,
    message="For 60,000 numbers it runs out of memory or of time: the Hessian must never be formed, nor be "
    "made row by row.",
)
def never_forms_the_hessian(ask: Ask, draw: Draw) -> None:
    x, v = draw.normal(size=(2, 60_000))
    try:
        ask.equal("hvp", x, v, expected=_valley_times(x, v), rtol=1e-8, atol=1e-5)
    except (TimedOut, OutOfMemory) as fault:
        raise Wrong(ask.input, "a product that costs a few gradients", str(fault)) from None
