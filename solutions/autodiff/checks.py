"""Hidden checks of the chapter on autodiff, the same for the three frameworks.

`differentiate` is the exercises' locked helper: it calls a function of the
learner by name, once for each list of arguments, and asks the framework for the
gradient of the sum of weights * result in every array among them. The expected
numbers are worked out here, by hand-made derivatives in NumPy.

One mistake costs one check. Where a check needs what another one asks for, it follows
the learner's own answer as far as the usual mistakes go (a sum instead of a mean, bits
instead of nats), and compares with the truth elsewhere.
"""

import math

import numpy as np

from triptych.grading.checks import Ask, Wrong, agree, check, shown
from triptych.grading.sandbox import OutOfMemory, Raised, TimedOut

Draw = np.random.Generator

#: The sections of the chapter that an exercise is about: the feedback links them.
SECTIONS = {
    "recorded": ("What is recorded",),
    "kink": ("Custom gradients", "Where the three disagree"),
    "products": ("Vector-Jacobian and Jacobian-vector products", "Higher orders"),
    "examples": ("Per-example gradients",),
    "stable": ("NaN traps",),
    "custom": ("Custom gradients",),
    "kept": ("Stopping and clipping", "Trading memory for time"),
    "engine": ("Build one yourself",),
    "translation": ("Custom gradients",),
}

#: What asks a framework for a derivative.
AUTODIFF = (
    ".backward",
    "torch.autograd.backward",
    "torch.autograd.grad",
    "torch.autograd.functional",
    "torch.autograd.forward_ad",
    "torch.func",
    "tensorflow.GradientTape",
    "tensorflow.autodiff",
    "jax.grad",
    "jax.value_and_grad",
    "jax.vjp",
    "jax.jvp",
    "jax.jacfwd",
    "jax.jacrev",
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
    "torch.autograd.backward",
    "torch.autograd.grad",
    "torch.autograd.functional.jacobian",
    "torch.autograd.functional.vjp",
    "tensorflow.GradientTape",
    "jax.vjp",
    "jax.jacrev",
    "jax.grad",
)


def _same(ask: Ask, truth: object, got: object, rtol: float = 1e-5, atol: float = 1e-6) -> None:
    """Require an answer, or a part of one, to be the true one."""
    if not agree(truth, got, rtol, atol):
        raise Wrong(ask.input, shown(truth), shown(got))


def _differentiate(ask: Ask, name: str, *arguments: object, **more: object) -> tuple:
    """The value of one call, and its gradients: an array for each array among the arguments."""
    answer = ask("differentiate", name, [list(arguments)], **more)
    return answer["values"][0], answer["gradients"][0]


# --- What is recorded --------------------------------------------------------


def _counts(draw: Draw) -> tuple[np.ndarray, np.ndarray, float]:
    X = draw.normal(size=(6, 3))
    return X, draw.integers(0, 5, 6).astype(float), float(draw.uniform(0.05, 0.15))


#: One example of one feature, whose count is 0: all that is learnt comes from exp(z).
ONE_EXAMPLE = (np.array([[-1.5]]), np.array([0.0]), 0.25)
#: The bias becomes a thirtieth, which no binary number is: float32 has seven digits of it.
THIRDS = (np.array([[1.0], [-0.5], [2.0]]), np.array([3.0, 0.0, 1.0]), 0.1)


def _loss(X: np.ndarray, y: np.ndarray, w: np.ndarray, b: float) -> float:
    z = X @ w + b
    return float(np.mean(np.exp(z) - y * z))


def _fit(
    X: np.ndarray, y: np.ndarray, rate: float, steps: int, pace: tuple[float, float] = (1.0, 1.0)
) -> dict:
    """Poisson regression by gradient descent, its gradient by hand; ``pace``: factors of the two rates."""
    w, b = np.zeros(X.shape[1]), 0.0
    for _ in range(steps):
        away = (np.exp(X @ w + b) - y) / len(y)
        w, b = w - pace[0] * rate * X.T @ away, b - pace[1] * rate * away.sum()
    return {"weights": w, "bias": float(b)}


def _pace(answer: dict, data: tuple, truth: dict) -> tuple[float, float] | None:
    """By which factors the first step was too long: 1, and the number of examples or -1 by mistake.

    None where the weights are right and the bias is wrong in a way of its own.
    """
    usual = (1.0, -1.0, float(len(data[1])))
    w = [f for f in usual if agree(f * truth["weights"], answer["weights"])]
    b = [f for f in (*usual, 0.0) if agree(f * truth["bias"], answer["bias"])]
    if w and b:
        return w[0], b[0]
    return None if w and answer["bias"] != 0 else (1.0, 1.0)


@check(
    "recorded",
    points=0.5,
    objective=1,
    message="After one step from zero the weights should be -rate times the gradient of the mean loss: "
    "downhill, and the mean over the examples, not their sum.",
)
def the_weights_learn(ask: Ask, draw: Draw) -> None:
    for data in (_counts(draw), ONE_EXAMPLE):
        ask.equal("train", *data, 1, expected={"weights": _fit(*data, 1)["weights"]})


@check(
    "recorded",
    points=0.5,
    objective=1,
    message="The bias is a variable too: it must be recorded, it must move by its own gradient, and it is "
    "kept in float64, as X and y are.",
)
def the_bias_learns(ask: Ask, draw: Draw) -> None:
    for data in (_counts(draw), ONE_EXAMPLE, THIRDS):
        truth = _fit(*data, 1)
        answer = ask("train", *data, 1)
        w, b = truth["weights"], truth["bias"]
        # A sum instead of the mean is another check's question.
        scale = len(data[1]) if agree(len(data[1]) * w, answer["weights"]) else 1
        fair = agree(b, answer["bias"]) or agree(scale * b, answer["bias"])
        ask.require(fair, shown(b), answer["bias"])
        if agree(truth, answer):
            ask.equal("train", *data, 1, expected={"bias": b}, rtol=1e-9, atol=1e-12)


@check(
    "recorded",
    points=1,
    objective=1,
    message="The first step is right and later ones are not: a gradient is left over from the step before, "
    "or the parameters have become something that is not recorded.",
)
def each_step_starts_afresh(ask: Ask, draw: Draw) -> None:
    for data, steps in ((_counts(draw), int(draw.integers(4, 8))), (ONE_EXAMPLE, 25)):
        pace = _pace(ask("train", *data, 1), data, _fit(*data, 1))
        if pace is not None:  # else the first step is wrong already, which is told above
            with np.errstate(over="ignore", invalid="ignore"):  # uphill
                ask.equal("train", *data, steps, expected=_fit(*data, steps, pace))


@check(
    "recorded",
    points=0.5,
    objective=1,
    message="A list of plain numbers, one for each step, each the loss before that step.",
)
def logs_the_loss_before_each_step(ask: Ask, draw: Draw) -> None:
    data, steps = _counts(draw), int(draw.integers(2, 5))
    (first,) = ask("train", *data, 1)["losses"]
    scale = len(data[1]) if agree(float(len(data[1])), first) else 1  # a sum: another check's question
    _same(ask, scale * 1.0, first)
    try:
        # Compared with the loss at the learner's own parameters, wherever these have gone.
        before = [ask("train", *data, n) for n in range(1, steps)]
        got = ask("train", *data, steps)["losses"]
    except Raised:
        return  # in a later step, whose own check tells
    if len(got) == 1:
        return  # all later steps are missing, which is told there too
    ask.require(len(got) == steps, f"{steps} losses", got)
    truth = [1.0, *(_loss(*data[:2], np.asarray(one["weights"]), float(one["bias"])) for one in before)]
    _same(ask, [scale * loss for loss in truth], got)


@check(
    "recorded",
    points=0.5,
    objective=1,
    message="The numbers may be right, but no gradient was asked of the framework: let it find the "
    "derivatives, in `train` and in `gradients`.",
)
def the_framework_finds_them(ask: Ask, draw: Draw) -> None:
    data, x = _counts(draw), float(draw.uniform(0.6, 1.4))
    if agree(_fit(*data, 1), ask("train", *data, 1)):  # else the numbers are told first
        ask.require(ask.uses("train", *AUTODIFF), "a gradient that the framework finds", "none is asked for")
    if agree(SLOPES["plain"](x), ask("gradients", ["plain"], x)[0], 1e-13, 0):
        asks = ask.uses("gradients", *AUTODIFF)
        ask.require(asks, "a gradient that the framework finds", "none is asked for")


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
    for x in (*map(float, draw.uniform(0.5, 2.5, 2)), -1.25, 0.0):
        names = [str(name) for name in draw.permutation([*SLOPES, "constant", *SLOPES])]
        try:
            answer = ask("gradients", names, x)
        except Raised:  # where nothing is recorded, which has a check of its own
            names = [*SLOPES, *SLOPES]
            answer = ask("gradients", names, x)
        found = [(name, got) for name, got in zip(names, answer, strict=True) if name in SLOPES]
        for name, got in found:
            true = agree(SLOPES[name](x), got, 1e-10, 1e-12)
            ask.require(true, f"{SLOPES[name](x):.12g} for {name!r} of {names}", [g for _, g in found])


@check(
    "recorded",
    points=1,
    objective=1,
    message="Where there is no gradient (through NumPy, from a constant, through a rounding) report the "
    "number 0.0: no None, no exception, and no slope from elsewhere.",
)
def no_gradient_is_zero(ask: Ask, draw: Draw) -> None:
    names = [str(name) for name in draw.permutation([*NOT_RECORDED, "plain"])]
    for x in (float(draw.uniform(0.6, 1.4)), -0.5):
        (slope,), true = ask("gradients", ["plain"], x), SLOPES["plain"](x)
        ask.require(abs(slope) > 1e-3, "a slope", slope)
        if agree(true, slope, 1e-3) and not agree(true, slope, 1e-12, 0):
            return  # finite differences, which have a slope everywhere: told above
        answer = ask("gradients", names, x)
        for name, got in zip(names, answer, strict=True):
            if name in NOT_RECORDED:
                ask.require(agree(0.0, got, 0, 0), f"0.0 for {name!r} of {names}", answer)


# --- A slope of your own at the kink -----------------------------------------


def _kinked(draw: Draw) -> np.ndarray:
    """Numbers on both sides of 0, and 0 itself, in random order."""
    return draw.permutation([*draw.uniform(-3, -0.1, 3), 0.0, 0.0, *draw.uniform(0.1, 3, 3)]).reshape(2, 4)


#: Close to 0 on both sides, and 0 itself; and of no dimension. (Each new shape costs JAX a second.)
CLOSE = (np.array([[-1e-12, 0.0, 1e-12, -1e-300], [1e-300, 0.0, 2.0, -2.0]]), np.array(0.0))


@check(
    "kink",
    points=0.5,
    objective=5,
    message="The values must stay those of max(0, x), of the same shape and dtype, whatever the slope at 0.",
)
def the_values_stay(ask: Ask, draw: Draw) -> None:
    x = _kinked(draw)
    for array in (x, x.astype("float32"), *CLOSE):
        got, _ = _differentiate(ask, "hinge", array, float(draw.uniform(-2, 2)))
        ask.require(np.asarray(got).dtype == array.dtype, f"an array of dtype {array.dtype}", got)
        ask.require(np.array_equal(got, np.maximum(array, 0)), shown(np.maximum(array, 0)), got)
        # Where no gradient is asked for, a rule for derivatives is not what is called.
        _same(ask, np.maximum(array, 0), ask("plain_value", "hinge", [array, 0.25]), 0, 0)


def _for_each(x: np.ndarray, slopes: np.ndarray) -> np.ndarray:
    """The slopes; where what comes from above was summed first, which another check tells, before that."""
    summed = (x > 0).any() and np.all(slopes[x > 0] == x.size)
    return slopes / x.size if summed else slopes


@check(
    "kink",
    points=0.5,
    objective=5,
    message="Away from 0 nothing changes: the slope is 0 on the left and 1 on the right, however close.",
)
def slopes_away_from_zero(ask: Ask, draw: Draw) -> None:
    x, slope = _kinked(draw), float(draw.uniform(0.1, 0.9))
    values, (got,) = _differentiate(ask, "hinge", x, slope)
    if not np.allclose(values, np.maximum(x, 0)):  # told above; are its slopes those of another function?
        low, high = (_differentiate(ask, "hinge", x + h, slope)[0] for h in (-1e-6, 1e-6))
        if np.allclose(got[x != 0], (high - low)[x != 0] / 2e-6, atol=1e-4):
            return
    for array in (x, *CLOSE):
        _, (got,) = _differentiate(ask, "hinge", array, slope)
        ask.require(np.shape(got) == array.shape, "a slope for each element", got)
        got = _for_each(array, got)
        ask.require(
            np.array_equal(got[array != 0], array[array != 0] > 0), "0 where x < 0, 1 where x > 0", got
        )


@check(
    "kink",
    points=1.5,
    objective=5,
    message="At 0 the framework's own choice came back, or a mean of both sides, instead of the number that "
    "was asked for; it may be any number, also a negative one, 0 and 1.",
)
def the_slope_at_zero_is_yours(ask: Ask, draw: Draw) -> None:
    x = _kinked(draw)
    drawn = [float(draw.uniform(low, high)) for low, high in ((0.1, 0.9), (-3, -1), (2, 3))]
    for slope in (*drawn, 0.0, 1.0, 0.5):
        _, (got,) = _differentiate(ask, "hinge", x, slope)
        ask.require(np.allclose(_for_each(x, got)[x == 0], slope), f"{slope:.7g} at 0", got)
    _, (got,) = _differentiate(ask, "hinge", np.array(0.0), drawn[0])
    ask.require(agree(drawn[0], got), f"{drawn[0]:.7g}", got)


@check(
    "kink",
    points=1.5,
    objective=5,
    message="Inside a larger computation the gradient is wrong: a backward rule gets what comes from above, "
    "and must multiply it by the slope, element by element.",
)
def multiplies_what_comes_from_above(ask: Ask, draw: Draw) -> None:
    x, slope, weights = _kinked(draw), float(draw.uniform(0.1, 0.9)), draw.normal(size=(2, 4))
    # Compared with its own values and slopes: whether these are right is asked above.
    values, (plain,) = _differentiate(ask, "hinge", x, slope)
    ask.require(np.abs(plain).max() > 0.1, "slopes", plain)
    _, (got,) = _differentiate(ask, "hinge", x, slope, weights=weights)
    _same(ask, weights * plain, got, 1e-6)
    _, (got,) = _differentiate(ask, "hinge", x, slope, twice=True)
    _same(ask, plain * (1 + 2 * values), got, 1e-6)


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
    "linearly. (The diagonal alone, the gradient times v, v added too late, a difference of two gradients?)",
)
def multiplies_by_the_hessian(ask: Ask, draw: Draw) -> None:
    x, v = draw.normal(size=6), 1000 * draw.normal(size=6)
    # A difference of two gradients has an error that grows with v's square.
    ask.equal("hvp", x, v, expected=_valley_times(x, v), rtol=1e-9, atol=1e-6)
    ask.equal("hvp", 0 * x, v, expected=_valley_times(0 * x, v), rtol=1e-9, atol=1e-6)


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
    for name, size in (("fan", 3), ("funnel", 7), ("funnel", 1)):
        x = draw.normal(size=size)
        ask.equal("jacobian", name, x, expected={"jacobian": _jacobian(name, x)}, rtol=1e-9)


@check(
    "products",
    points=1,
    objective=2,
    message="Forward mode costs a pass for each input, reverse mode one for each output: take the mode that "
    "costs fewer, and say how many.",
)
def takes_the_cheaper_mode(ask: Ask, draw: Draw) -> None:
    # By the numbers, not by the name: `fan` with many inputs is for reverse mode.
    for name, inputs, mode, passes in (
        ("fan", 3, "forward", 3),
        ("fan", 39, "forward", 39),
        ("fan", 41, "reverse", 40),
        ("funnel", 1, "forward", 1),
        ("funnel", 7, "reverse", 2),
    ):
        ask.equal("jacobian", name, draw.normal(size=inputs), expected={"mode": mode, "passes": passes})
    # With as many inputs as outputs either mode is right.
    ask.equal("jacobian", "funnel", draw.normal(size=2), expected={"passes": 2})


@check(
    "products",
    points=0.5,
    objective=2,
    message="The Jacobian was not made in the mode that the answer names.",
)
def in_the_mode_it_names(ask: Ask, draw: Draw) -> None:
    for name, inputs in (("fan", 3), ("funnel", 7)):
        mode = ask("jacobian", name, draw.normal(size=inputs))["mode"]
        ask.require(mode in ("forward", "reverse"), "forward or reverse", mode)
        used = ask.uses("jacobian", *(FORWARD if mode == "forward" else REVERSE))
        if mode == "forward" and not used:  # one function of PyTorch's has either mode
            by_option = "forward-mode" in ask.source("jacobian")
            used = by_option and ask.uses("jacobian", "torch.autograd.functional.jacobian")
        ask.require(used, f"passes in {mode} mode", f"none, for {name!r}")


# --- One gradient for each example -------------------------------------------


def _examples(
    draw: Draw, n: int = 24, short: bool = False
) -> tuple[list[np.ndarray], np.ndarray, np.ndarray]:
    """Arguments of `private_gradient` but the ceiling, the gradient of each example, and their norms.

    ``short``: the first example's is.
    """
    W, X = draw.normal(size=(5, 4)), draw.normal(size=(n, 5))
    X[0] *= 0.02 if short else 1
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
    for n in (24, 1):
        data, _, norms = _examples(draw, n)
        ask.equal("private_gradient", *data, 1.0, expected={"norms": norms})


@check(
    "examples",
    points=1.5,
    objective=3,
    message="Clip first, each example by its own norm, and only from above; then take the mean over all "
    "examples, not the sum.",
)
def clips_before_the_mean(ask: Ask, draw: Draw) -> None:
    data, each, norms = _examples(draw, short=True)
    # One ceiling between the norms; one above all, which leaves the ordinary gradient; one below all.
    ceilings = (float(np.median(norms)), 99.0, 0.5 * float(norms.min()))
    alone = _examples(draw, 1)
    for (arrays, found, long), ceiling in (*(((data, each, norms), c) for c in ceilings), (alone, 0.1)):
        answer = ask("private_gradient", *arrays, ceiling)
        truth = _clipped_mean(found, long, ceiling)
        # By the learner's own norms as well: whether these are right is asked above.
        own = np.asarray(answer["norms"])
        fair = own.shape == long.shape and agree(_clipped_mean(found, own, ceiling), answer["gradient"])
        if not fair:
            _same(ask, truth, answer["gradient"])


@check(
    "examples",
    points=0.5,
    objective=5,
    message="An example whose gradient is 0 has made nan or inf, or is not counted: it has no direction to "
    "be scaled along, so that 0 / 0 must not be computed, or not be used.",
)
def an_example_without_gradient(ask: Ask, draw: Draw) -> None:
    (W, X, targets), each, norms = _examples(draw)
    usual = ask("private_gradient", W, X, targets, 0.5)
    right = agree({"norms": norms, "gradient": _clipped_mean(each, norms, 0.5)}, usual)
    X[3], each[3], norms[3] = 0, 0, 0
    truth = {"norms": norms, "gradient": _clipped_mean(each, norms, 0.5)}
    answer = ask("private_gradient", W, X, targets, 0.5)
    finite = all(np.isfinite(answer[key]).all() for key in truth)
    # Where the others are wrong already, only nan and inf are this check's question.
    ask.require(agree(truth, answer) if right else finite, shown(truth))


@check(
    "examples",
    points=2,
    objective=3,
    message="`loss` was called for each example, or not at all: map its gradient over the examples, so that "
    "1 to 5 calls serve all of them.",
)
def no_loop_over_examples(ask: Ask, draw: Draw) -> None:
    data, each, norms = _examples(draw)
    answer = ask("counted", "private_gradient", *data, 99.0)
    ask.require(1 <= answer["calls"] <= 5, "1 to 5 calls of `loss` for 24 examples", answer["calls"])
    # Either may be wrong by itself, which is told above.
    right = agree(norms, answer["answer"]["norms"])
    for factor in (1, 24):  # the mean, and by mistake the sum
        right = right or agree(factor * each.mean(axis=0), answer["answer"]["gradient"])
    ask.require(right, f"norms {shown(norms)}")


# --- Finite everywhere -------------------------------------------------------


def _entropy(logits: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Entropy of each row, and its gradient -p (log p + entropy), in float64."""
    z = np.asarray(logits, dtype="float64")
    z = z - z.max(axis=1, keepdims=True)
    logs = z - np.log1p(np.sort(np.exp(z), axis=1)[:, :-1].sum(axis=1, keepdims=True))
    p = np.exp(logs)
    values = -(p * logs).sum(axis=1)
    return values, -p * (logs + values[:, None])


def _unit(ask: Ask) -> float:
    """What the learner's entropy is measured in: 1 for nats; bits and a sign forgotten are told elsewhere."""
    logits = np.array([[0.5, 0.25, 0.0, 1.0], [0.0, 0.0, 0.0, 0.0], [-1.0, 0.0, 0.0, 1.0]])
    (got, _), (truth, _) = _differentiate(ask, "entropy", logits), _entropy(logits)
    if np.shape(got) == ():  # one number for all rows
        truth = truth.sum()
    return next((unit for unit in (-1.0, 1 / math.log(2)) if np.allclose(got, unit * truth)), 1.0)


@check(
    "stable",
    points=0.5,
    objective=5,
    message="Not the entropy of each row, in nats: minus the sum of p log p, with the natural logarithm, "
    "over the last axis.",
)
def entropy_of_ordinary_logits(ask: Ask, draw: Draw) -> None:
    for logits in (2 * draw.normal(size=(3, 4)), np.full((3, 4), 0.5)):
        values, gradient = _entropy(logits)
        got, slopes = _differentiate(ask, "entropy", logits)
        _same(ask, values, got)
        _same(ask, [gradient], slopes)


@check(
    "stable",
    points=1,
    objective=5,
    message="For far-apart logits in float32 the value or its gradient is nan or inf, or not right: exp "
    "overflows, or a probability of 0 meets its logarithm. A where() or nan_to_num on the value does not "
    "fix the gradient.",
)
def entropy_of_extreme_logits(ask: Ask, draw: Draw) -> None:
    unit = _unit(ask)
    a, b = draw.uniform(200, 2000, 2)
    rows = [[a, 0, -b, 0.5], [0.5, 0.5, -a, -b], [-a, -a, -a, -a]]
    ends = [[1000.0, -1000, 0, 0], [1e38, -1e38, 0, 0], [-1e38, -1e38, -1e38, 1e38]]
    for logits in (draw.permuted(np.array(rows), axis=1), np.array(ends)):
        logits = logits.astype("float32")
        values, gradient = _entropy(logits)
        got, (slopes,) = _differentiate(ask, "entropy", logits)
        if np.shape(got) == ():  # one number for all rows is told above
            values = values.sum()
        _same(ask, unit * values, got, atol=1e-4)
        ask.require(agree(unit * gradient, slopes, atol=1e-4), f"the gradient {shown(gradient)}", slopes)


@check(
    "stable",
    points=0.5,
    objective=5,
    message="Small probabilities have been lost: something is added inside the logarithm, or p or its "
    "logarithm is cut off. That hides the nan and changes the answer.",
)
def entropy_keeps_small_probabilities(ask: Ask, draw: Draw) -> None:
    unit = _unit(ask)
    # The lower the logits, the fewer digits of 1 + p are left in float64.
    for low, high, digits in ((-22, -17, 1e-4), (-35, -30, 0.02), (-80, -70, 0.03), (-320, -300, 0.03)):
        lows = draw.uniform(low, high, size=(3, 3))
        logits = np.hstack([np.zeros((3, 1)), lows])
        values, _ = _entropy(logits)
        got, _ = _differentiate(ask, "entropy", logits)
        if np.shape(got) == ():  # one number for all rows is told above
            values = values.sum()
        _same(ask, unit * values, got, digits, 0)


@check(
    "stable",
    points=0.5,
    objective=5,
    message="Not the Euclidean length of each row, or not its gradient x / length: short vectors, of 1e-8 or "
    "so, have a length too, and nothing may be added under the root.",
)
def length_away_from_zero(ask: Ask, draw: Draw) -> None:
    for x in (
        draw.normal(size=(4, 3)) * np.array([[1], [100], [1e-7], [1e-9]]),
        np.array([[3.0, -4.0, 0.0], [0.0, 0.0, -2.0], [0.5, 0.0, 0.0], [-1e-9, 0.0, 0.0]]),
    ):
        truth = np.sqrt((x * x).sum(axis=1))
        got, (slopes,) = _differentiate(ask, "length", x)
        _same(ask, truth, got, 1e-9, 0)
        gradient = x / truth[:, None]
        ask.require(agree(gradient, slopes, 1e-8, 0), f"the gradient {shown(gradient)}", slopes)


def _zero_row(draw: Draw) -> tuple[np.ndarray, int]:
    """Four vectors, and which of them is zero; the others have single zeros, which do no harm."""
    x, row = draw.normal(size=(4, 3)), int(draw.integers(4))
    x[row] = 0
    x[:, 1] = 0
    return x, row


@check(
    "stable",
    points=1.5,
    objective=5,
    message="At 0 the length is 0 and its gradient should be 0, but nan or inf came back. A where() around "
    "the root chooses the value; the gradient still goes through both sides, and 0 times inf is nan.",
)
def length_at_zero(ask: Ask, draw: Draw) -> None:
    mixed, row = _zero_row(draw)
    for x, zero in ((np.zeros((4, 3)), slice(None)), (mixed, row)):
        got, (slopes,) = _differentiate(ask, "length", x, weights=draw.uniform(1, 2, len(x)))
        ask.require(agree(0 * x[zero].sum(axis=-1), got[zero]), "length 0", got)
        ask.require(agree(0 * x[zero], slopes[zero]), "a gradient of zeros", slopes)


@check(
    "stable",
    points=1,
    objective=5,
    message="A row of zeros has changed the others: treat each row by itself, so that one does not decide "
    "for all.",
)
def one_zero_row_harms_no_other(ask: Ask, draw: Draw) -> None:
    x, row = _zero_row(draw)
    others = np.arange(4) != row
    # Compared with its own answer where no row is zero: whether that is right is asked above.
    usual, (usual_slopes,) = _differentiate(ask, "length", np.where(others[:, None], x, 1.0))
    ask.require(np.abs(usual).min() > 1e-3, "lengths", usual)
    got, (slopes,) = _differentiate(ask, "length", x)
    _same(ask, usual[others], got[others])
    gradient = usual_slopes[others]
    ask.require(agree(gradient, slopes[others]), f"the gradient {shown(gradient)}", slopes[others])


# --- A gradient for an iteration ---------------------------------------------


def _kepler(draw: Draw, n: int = 4) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """M and e, and E, from which M was made."""
    E, e = draw.uniform(0.5, 2.5, n), draw.uniform(0.2, 0.8, n)
    return E - e * np.sin(E), e, E


def _special() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The same for a circle, for a very long ellipse, at 0 and on the other side of it."""
    E, e = np.array([2.0, 2.5, 0.0, -1.25]), np.array([0.0, 0.95, 0.5, 0.25])
    return E - e * np.sin(E), e, E


@check(
    "custom",
    points=0.5,
    objective=4,
    message="The value must be what `solve_kepler` finds, for these M and e and in their order.",
)
def the_solver_gives_the_value(ask: Ask, draw: Draw) -> None:
    for M, e, E in (_kepler(draw), _special()):
        got, _ = _differentiate(ask, "anomaly", M, e)
        _same(ask, E, got, 1e-9)
        _same(ask, E, ask("plain_value", "anomaly", [M, e]), 1e-9)
    ask.require(ask.uses("anomaly", "solve_kepler"), "a value from `solve_kepler`", "it is not called")


def _slopes(ask: Ask, M: np.ndarray, e: np.ndarray) -> tuple[np.ndarray, object, object]:
    """The learner's E, and its slopes in M and in e."""
    values, (by_M, by_e) = _differentiate(ask, "anomaly", M, e)
    return np.asarray(values), by_M, by_e


@check(
    "custom",
    points=1,
    objective=4,
    message="Not the slope in M: differentiate E - e sin E = M on both sides, and do not forget that sin E "
    "moves with E: 1 / (1 - e cos E).",
)
def slope_in_m(ask: Ask, draw: Draw) -> None:
    for M, e, true in (_kepler(draw), _special()):
        own, got, _ = _slopes(ask, M, e)
        # At its own E as well: whether that is right is asked above.
        fair = any(agree(1 / (1 - e * np.cos(E)), got, 1e-8) for E in (true, own))
        ask.require(fair, shown(1 / (1 - e * np.cos(true))), got)


@check(
    "custom",
    points=1.5,
    objective=4,
    message="Not the slope in e: E moves as well when e does, so sin E is divided by 1 - e cos E; and E - e "
    "sin E = M gives it a plus.",
)
def slope_in_e(ask: Ask, draw: Draw) -> None:
    for M, e, true in (_kepler(draw), _special()):
        own, by_M, got = _slopes(ask, M, e)
        # A mistake in the slope in M is told there: with it, sin E times that slope is consistent.
        consistent = [np.sin(E) * np.asarray(by_M) for E in (true, own) if np.shape(by_M) == M.shape]
        if agree(1 / (1 - e * np.cos(M)), by_M, 1e-8):  # M was taken for E, in both
            consistent.append(np.sin(M) * np.asarray(by_M))
        truth = np.sin(true) / (1 - e * np.cos(true))
        fair = any(agree(slope, got, 1e-8) for slope in (truth, *consistent))
        ask.require(fair, shown(truth), got)


@check(
    "custom",
    points=1,
    objective=4,
    message="Inside a larger computation it is wrong: each of the two slopes is multiplied by what comes "
    "from above, once. Not at all, and twice, are the usual mistakes.",
)
def above_counts_once_in_each(ask: Ask, draw: Draw) -> None:
    (M, e, _), weights = _kepler(draw), draw.uniform(2, 5, 4)
    _, plain = _differentiate(ask, "anomaly", M, e)
    _, got = _differentiate(ask, "anomaly", M, e, weights=weights)
    # Compared with its own slopes: whether these are right, and there, is asked above.
    there = [one is not None and np.abs(one).min() > 1e-3 for one in plain]
    ask.require(any(there), "slopes", plain)
    for one, weighted in ((o, w) for o, w, found in zip(plain, got, there, strict=True) if found):
        _same(ask, one * weights, weighted, 1e-8)


def _judged(ask: Ask, draw: Draw, factor: float, n: int) -> None:
    """Have a function judged whose name tells nothing, for n pairs of numbers."""
    M, e = draw.uniform(0.5, 1.5, (2, n)).astype("float32")
    sound, name = factor == 3, ask.bound(draw, "planted", factor)
    try:
        ask.equal("accepts", name, M, e, expected=sound)
    except Wrong as error:
        slope = "its true slope" if sound else f"{factor:g} M² e instead of 3 M² e for its slope"
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
    for n in (1, 3, 3, 3, 3, 3):  # a coin passes once in 256
        _judged(ask, draw, 3.0, n)
    M, e = draw.uniform(0.5, 1.5, (2, 3)).astype("float32")
    ask.equal("accepts", "sound", M, e, expected=True)
    M, e, E = (number.astype("float32") for number in _kepler(draw, 3))
    slope = 1 / (1 - e * np.cos(E))
    both = M.astype("float64"), e.astype("float64")
    _, own = _differentiate(ask, "anomaly", *both, weights=2.0)
    if agree([2 * slope, 2 * slope * np.sin(E)], own, 1e-4):  # a wrong one is told above
        ask.equal("accepts", "anomaly", M, e, expected=True)


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
    # In float32 a difference of larger numbers has no correct digit left.
    large = np.array([20, 12.5], "float32"), np.array([0.3, 0.8], "float32")
    ask.equal("accepts", "nearly", *large, expected=False)
    for factor in draw.permutation([2.97, 3.03, -3.0, 0.0]):
        _judged(ask, draw, float(factor), 3)
    # Who refuses everything has refused nothing. In float64, where no conversion is forgotten.
    M, e = draw.uniform(0.5, 1.5, (2, 3))
    ask.equal("accepts", ask.bound(draw, "planted", 3.0), M, e, expected=True)


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
    norm, ceiling = float(draw.uniform(3, 9)), float(draw.uniform(0.5, 2))
    exact = [np.array([3.0, -4.0]), np.array([[12.0]]), np.zeros(2)]  # of norm 13
    for given, long, limit in ((_gradients(draw, norm), norm, ceiling), (exact, 13.0, 6.5)):
        # To a thousandth: something small added to the norm is another check's question.
        ask.equal("clipped", given, limit, expected=[g * (limit / long) for g in given], rtol=1e-3)


@check(
    "kept",
    points=0.5,
    objective=6,
    message="Gradients whose global norm is not above the ceiling are left as they are; zeros too.",
)
def short_gradients_stay(ask: Ask, draw: Draw) -> None:
    at_the_ceiling = [np.array([[0.6, -0.8]])]
    short = _gradients(draw, float(draw.uniform(0.2, 0.5)))
    for given in (short, [np.zeros(2), np.zeros((1, 2))], at_the_ceiling, [np.array(-1e-8)]):
        ask.equal("clipped", given, 1.0, expected=given, atol=1e-12)


@check(
    "kept",
    points=1,
    objective=6,
    message="One entry that is nan or infinite, and something else than zeros came back: look at the norm "
    "before you divide by it, and skip the whole step.",
)
def a_step_with_nan_is_skipped(ask: Ask, draw: Draw) -> None:
    for bad in (np.nan, np.inf, -np.inf):
        for length in (0.5, 3.0):
            given = _gradients(draw, length)
            given[1][0, 1] = bad
            ask.equal("clipped", given, 1.0, expected=[np.zeros_like(g) for g in given])
    given = [np.array(np.nan), np.array([np.inf, -np.inf])]
    ask.equal("clipped", given, 1.0, expected=[np.zeros_like(g) for g in given])


def _chain(x: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
    slope = np.ones_like(x)
    for i in range(n):
        slope, x = slope * np.cos(x) * (1 + i / 10), np.sin(x) * (1 + i / 10)
    return x, slope


#: Numbers of blocks, and of blocks in a group: with and without a rest, one block, one group, one in each.
CHAINS = ((4, 2), (1, 1), (3, 5), (3, 3), (3, 1))


@check(
    "kept",
    points=1,
    objective=6,
    message="Checkpointing must change neither value nor gradient. A right value with a wrong gradient: the "
    "group's function saw something else when it ran again, such as the loop's variable at its end.",
)
def the_gradient_is_the_same(ask: Ask, draw: Draw) -> None:
    x = draw.uniform(0.2, 1.2, 3)
    for n, every in ((int(draw.integers(5, 8)), int(draw.integers(2, 4))), *CHAINS):
        value, slope = _chain(x, n)
        expected = {"value": value, "gradient": slope}
        ask.equal("recomputed", "thrifty", x, n, every, expected=expected, rtol=1e-9)


@check(
    "kept",
    points=1.5,
    objective=6,
    message="Other blocks than asked for are run again: each group of `every` blocks is one checkpoint, and "
    "the last, smaller one too. Nothing run again means that everything was kept.",
)
def each_group_runs_again(ask: Ask, draw: Draw) -> None:
    size, x = int(draw.integers(2, 4)), draw.uniform(0.2, 1.2, 3)
    anything = len(ask("recomputed", "thrifty", x, 3, 3)["groups"]) > 0
    for n, every in ((2 * size + 1, size), *CHAINS):
        try:
            answer = ask("recomputed", "thrifty", x, n, every)
        except Raised:  # where blocks run again that were not run at first: told above
            continue
        value, slope = _chain(x, n)
        expected = [min(every, n - start) for start in range(0, n, every)]
        if agree({"value": value, "gradient": slope}, answer):
            _same(ask, expected, answer["groups"])
        elif agree(value, answer["value"]) and not np.any(answer["gradient"]):
            return  # nothing flows back, so that nothing need run again: told above
        anything = anything or len(answer["groups"]) > 0
    # Where other blocks ran than 0 to n - 1, which is told above: here only that there are checkpoints.
    ask.require(anything, "groups of blocks that run again", answer["groups"])


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


def _engine(ask: Ask, program: list, inputs: object) -> None:
    given = [float(x) for x in inputs]
    value, gradient = _built(program, given)
    expected = {"value": value, "gradient": gradient}
    ask.equal("engine", "divide", "backward", program, given, expected=expected, rtol=1e-9)


def _starts(ask: Ask) -> bool:
    """Whether anything comes back; nothing does where the result's own gradient is not set to 1."""
    answer = ask("engine", "divide", "backward", [["add", 0, 1]], [2.0, 3.0])
    return answer["walks"] == 0 or bool(np.any(answer["gradient"]))


def _adds_up(ask: Ask) -> bool:
    """Whether what two uses of an input give back is added up."""
    return not agree([3.0], ask("engine", "divide", "backward", [["mul", 0, 0]], [3.0])["gradient"])


def _in_passing(ask: Ask) -> bool:
    """Whether a node in between passes on what it got once, and not as often as it was reached."""
    twice = [["mul", 0, 0], ["mul", 1, 1]]
    return agree([32.0], ask("engine", "divide", "backward", twice, [2.0])["gradient"])


@check(
    "engine",
    points=1,
    objective=6,
    message="Not the slopes of a / b: 1 / b for the first operand, -a / b^2 for the second, whose sign and "
    "square are easily forgotten.",
)
def slopes_of_a_quotient(ask: Ask, draw: Draw) -> None:
    if not _starts(ask):  # told below: here only the value
        ask.equal("engine", "divide", "backward", [["div", 0, 1]], [3.0, 2.0], expected={"value": 1.5})
        return
    _engine(ask, [["div", 0, 1]], draw.uniform(1.5, 3, 2))
    _engine(ask, [["div", 0, 1]], [-3.0, 0.5])
    _engine(ask, [["div", 1, 0]], [-2.0, 0.0])
    _engine(ask, [["mul", 0, 1], ["div", 3, 2]], draw.uniform(1.5, 3, 3))


@check(
    "engine",
    points=1,
    objective=6,
    message="A node that is used more than once gets something back from each use: add it up (+=), starting "
    "from the result, whose own gradient is 1.",
)
def uses_add_up(ask: Ask, draw: Draw) -> None:
    _engine(ask, [["mul", 0, 0]], draw.uniform(1, 2, 1))
    _engine(ask, [["add", 0, 0]], [-1.5, 2.0])  # and an input that is not used
    _engine(ask, [["mul", 0, 1], ["add", 2, 0], ["mul", 3, 1]], draw.uniform(1, 2, 2))


@check(
    "engine",
    points=1,
    objective=6,
    message="A node passed its gradient on before all of it had arrived: it must come after everything that "
    "uses it, on the long ways as on the short ones.",
)
def after_all_that_use_it(ask: Ask, draw: Draw) -> None:
    if not (_starts(ask) and _adds_up(ask) and _in_passing(ask)):
        return  # told by the checks beside this one
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
    starts, adds_up = _starts(ask), _adds_up(ask)
    answer = ask("engine", "divide", "backward", program, [x])
    # Once to bring the nodes into order, once on the way back, and some to spare.
    ask.require(answer["walks"] <= 5 * 15, "operands gone through at most 75 times, for 15 nodes")
    _same(ask, [(2.0**14 if adds_up else 1.0) if starts else 0.0], answer["gradient"])


# --- Translate ---------------------------------------------------------------


def _levels(draw: Draw) -> tuple[np.ndarray, np.ndarray]:
    """x and a step whose ratios are spread over the range and beyond, clear of its ends."""
    inside, above, below = draw.uniform(-3.9, 2.9, 5), draw.uniform(3.1, 6, 2), draw.uniform(-7, -4.1, 2)
    ratio = draw.permutation([*inside, *above, *below])
    step = np.array(draw.uniform(0.3, 0.9))
    return ratio.reshape(3, 3) * step, step


#: Halves; the ends of the range and what lies close to them; 0; an x of no dimension.
HALVES = (np.array([[-2.5, -1.5, -0.5], [0.5, 1.5, 2.5], [-9.0, 9.0, -3.75]]) * 0.25, np.array(0.25))
ENDS = (np.array([[-4.0, 3.0, 3.25], [-4.25, 3.4, -4.4], [0.0, 1.0, 2.0]]) * 0.5, np.array(0.5))
LONE = (np.array(1.25), np.array(0.5))


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
    for x, step in (_levels(draw), HALVES, ENDS, LONE):
        got, _ = _differentiate(ask, "quantised", x, step)
        _same(ask, _quantised(x, step)[0], got, 1e-9)
        _same(ask, _quantised(x, step)[0], ask("plain_value", "quantised", [x, step]), 1e-9)


@check(
    "translation",
    points=1.5,
    objective=4,
    message="The slope in x is 1 where x / step is from -4 to 3, both ends included, and 0 elsewhere; x / "
    "step decides, not the rounded level.",
)
def straight_through_inside_the_range(ask: Ask, draw: Draw) -> None:
    for x, step in (_levels(draw), ENDS, LONE):
        _, (got, _) = _differentiate(ask, "quantised", x, step)
        _same(ask, _quantised(x, step)[1], got)


@check(
    "translation",
    points=1.5,
    objective=4,
    message="The step is one number that every element of x uses: its gradient is one number, the sum of "
    "level - ratio over those inside the range and of the level over those outside.",
)
def the_step_gets_a_sum(ask: Ask, draw: Draw) -> None:
    for x, step in (_levels(draw), ENDS, HALVES, LONE):
        values, (by_x, got) = _differentiate(ask, "quantised", x, step)
        truth = _quantised(x, step)[2].sum()
        ask.require(got is not None and np.shape(got) == (), "one number", got)
        fair = agree(truth, got, 1e-8)
        if not fair and np.shape(values) == x.shape:
            # With its own levels, inside its own range: whether these are right is asked above.
            level, within = values / step, (x / step >= -4) & (x / step <= 3)
            for inside in (within, np.zeros_like(within) if by_x is None else by_x == 1):
                fair = fair or agree(np.where(inside, level - x / step, level).sum(), got, 1e-8)
        ask.require(fair, shown(truth), got)


@check(
    "translation",
    points=1,
    objective=4,
    message="In a larger computation it is wrong: both gradients are multiplied by what comes from above, "
    "that of the step before the sum.",
)
def above_counts_before_the_sum(ask: Ask, draw: Draw) -> None:
    (x, step), weights = _levels(draw), draw.uniform(0.5, 3, (3, 3))
    _, (plain_x, plain_step) = _differentiate(ask, "quantised", x, step)
    _, (got_x, got_step) = _differentiate(ask, "quantised", x, step, weights=weights)
    # Compared with its own slopes in x, and in the step where its sum is right: that is asked above.
    ask.require(plain_x is not None or plain_step is not None, "slopes", [plain_x, plain_step])
    if plain_x is not None:
        _same(ask, weights * plain_x, got_x, 1e-8)
    by_step = _quantised(x, step)[2]
    if plain_step is not None and agree(by_step.sum(), np.sum(plain_step), 1e-8):
        truth = (weights * by_step).sum()
        ask.require(agree(truth, np.sum(got_step), 1e-8), shown(truth), got_step)


# --- Products with derivatives, again: last, since a wrong answer may end the notebook's process ------


@check(
    "products",
    points=1.5,
    objective=2,
    message="For 60,000 numbers it runs out of memory or of time, or is wrong only there: the Hessian must "
    "never be formed, nor be made row by row.",
)
def never_forms_the_hessian(ask: Ask, draw: Draw) -> None:
    x, v = draw.normal(size=(2, 6))
    right = agree(_valley_times(x, v), ask("hvp", x, v), 1e-9, 1e-6)
    x, v = draw.normal(size=(2, 60_000))
    try:
        answer = ask("hvp", x, v)
    except (TimedOut, OutOfMemory) as fault:
        raise Wrong(ask.input, "a product that costs a few gradients", str(fault)) from None
    ask.require(np.shape(answer) == v.shape, f"an array of shape {v.shape}", answer)
    if right:  # else another check tells
        _same(ask, _valley_times(x, v), answer, 1e-8, 1e-5)
