"""Hidden checks of the chapter on deployment, the same for the three frameworks.

`attempt` and `unpacked` are locked helpers of the exercises: they give a
function's answer, or the text of the ValueError with which it refused. `carried`
saves models, moves the files, and answers where the model's code is absent;
`exported` and `streamed` call a function as an exported program only.
"""

import io
import itertools
import json
import math
import re

import numpy as np

from triptych.grading.checks import Ask, agree, check, shown

Draw = np.random.Generator

#: The sections of the chapter that an exercise is about: the feedback links them.
SECTIONS = {
    "same": ("ONNX, there and compared",),
    "size": ("Smaller: quantisation",),
    "stranger": ("Three meanings of saved", "Loading goes wrong"),
    "program": ("A portable program",),
    "mend": ("A portable program",),
    "int8": ("Smaller: quantisation",),
    "protocol": ("Serving over HTTP",),
    "batching": ("Serving over HTTP",),
    "translation": ("Serving over HTTP",),
}

#: Characters of an error's message: one that lists whatever may be wrong says nothing.
LONGEST = 1_000


def _in_any_order(draw: Draw, cases: list) -> list:
    """The cases, shuffled: which answer comes next is not to be known from this file."""
    return [cases[i] for i in draw.permutation(len(cases))]


def _refused(ask: Ask, name: str, given: list, *words: str) -> None:
    """Require that the function refuses, with a short text in which each of the words stands."""
    report = ask("attempt", name, *given)
    text = report.get("refused", "")
    ask.require(len(text) <= LONGEST, f"a ValueError of {LONGEST} characters or fewer", len(text))
    missing = [word for word in words if not re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text)]
    ask.require(text and not missing, f"a ValueError that says {' and '.join(words)}", report)


def _answer(ask: Ask, name: str, *given: object) -> object:
    """What the function answers; it is Wrong to refuse."""
    report = ask("attempt", name, *given)
    ask.require("answer" in report, "an answer", report)
    return report["answer"]


# --- Is it the same model? ---------------------------------------------------


def _clear(draw: Draw, rows: int) -> np.ndarray:
    """Logits whose largest is 1 to 3 above the second, in float32."""
    logits = draw.uniform(-2, 2, (rows, 7))
    logits[np.arange(rows), draw.integers(0, 7, rows)] = draw.uniform(3, 5, rows)
    return logits.astype("float32")


def _swap(logits: np.ndarray, row: int, by: float) -> None:
    """Make another label the largest, by as much."""
    order = logits[row].argsort()
    logits[row, order[0]] = logits[row, order[-1]] + np.float32(by)


@check(
    "same",
    points=0.5,
    objective=3,
    message="Labels are compared row by row, by the place of the largest logit; the difference is the "
    "largest absolute one of any two logits, not a mean and not that of the labels.",
)
def counts_labels_and_finds_the_difference(ask: Ask, draw: Draw) -> None:
    own = _clear(draw, 30)
    got = own.copy()
    got[draw.integers(30), draw.integers(7)] -= np.float32(0.4)  # no label changes
    for row in draw.choice(30, 4, replace=False):
        _swap(got, row, 0.1)
    truth = {"equal": 26, "difference": float(np.abs(own.astype(float) - got).max())}
    answer = _answer(ask, "agreement", own, got, 0.01)
    ask.require(agree(truth, answer, 1e-4), shown(truth), answer)


@check(
    "same",
    points=0.75,
    objective=3,
    message="A row whose label differs is a near tie, and no disagreement, where the *model's own* two "
    "largest logits are at most two tolerances apart. `first` is the first of the others, or None.",
)
def near_ties_do_not_count(ask: Ask, draw: Draw) -> None:
    own = _clear(draw, 20)
    tie, other, late = sorted(int(row) for row in draw.choice(20, 3, replace=False))
    order = own[tie].argsort()
    own[tie, order[-2]] = own[tie, order[-1]] - np.float32(0.03)
    got = own.copy()
    got[tie, order[-2]] += np.float32(0.035)
    _swap(got, late, 0.001)  # near in `got`, clear in the model
    answer = _answer(ask, "agreement", own, got, 0.02)
    ask.require(agree({"first": late, "equal": 18}, answer), f"first {late}, equal 18", answer)
    _swap(got, other, 2.0)
    answer = _answer(ask, "agreement", own, got, 0.02)
    ask.require(agree({"first": other}, answer), f"first {other}", answer)
    answer = _answer(ask, "agreement", own[: tie + 1], got[: tie + 1], 0.02)
    ask.require(agree({"first": None}, answer), "first None", answer)
    answer = _answer(ask, "agreement", own[: tie + 1], got[: tie + 1], 0.014)
    ask.require(agree({"first": tie}, answer), f"first {tie}, with a tolerance of 0.014", answer)


@check(
    "same",
    points=1,
    objective=3,
    message="The logits decide: the same, if none is off by more than the tolerance. Equal labels do not "
    "make it so, a mean hides one wrong logit, and a near tie that changes its label does no harm.",
)
def the_logits_decide(ask: Ask, draw: Draw) -> None:
    cases = []
    for _ in range(2):
        own = _clear(draw, 12)
        order = own[5].argsort()
        own[5, order[-2]] = own[5, order[-1]] - np.float32(0.004)
        got = own + draw.uniform(-2e-3, 2e-3, own.shape).astype("float32")
        near = own.copy()
        near[5, order[-2]] += np.float32(0.0045)
        off = own.copy()
        off[draw.integers(12), draw.integers(7)] -= np.float32(0.3)
        wrong = own.copy()
        _swap(wrong, 3, 0.1)
        for other, tolerance, same in (
            (got, 0.005, True),
            (near, 0.005, True),
            (off, 0.005, False),
            (wrong, 0.1, False),
        ):
            cases.append((own, other, tolerance, same))
    for own, other, tolerance, same in _in_any_order(draw, cases):
        answer = _answer(ask, "agreement", own, other, tolerance)
        ask.require(agree(same, answer["same"]), f"same {same}", answer)


@check(
    "same",
    points=0.5,
    objective=6,
    message="Another number of rows or of labels was compared, by broadcasting, or refused without both "
    "shapes. No rows at all prove nothing either: refuse.",
)
def refuses_other_shapes(ask: Ask, draw: Draw) -> None:
    rows = int(draw.integers(5, 20))
    own = _clear(draw, rows)
    _answer(ask, "agreement", own, own, 0.1)
    for got in (own[:1], own[:, :1]):
        _refused(ask, "agreement", [own, got, 0.1], str(own.shape), str(got.shape))
        _refused(ask, "agreement", [got, own, 0.1], str(own.shape), str(got.shape))
    _refused(ask, "agreement", [own[:0], own[:0], 0.1])


@check(
    "same",
    points=0.5,
    objective=6,
    message="nan is neither equal nor larger than a tolerance, and argmax finds a label in it all the same; "
    "inf less inf is nan too. Refuse either, and name the array and the row.",
)
def refuses_what_is_not_finite(ask: Ask, draw: Draw) -> None:
    own = _clear(draw, 2_000)  # more rows than a short text can list
    _answer(ask, "agreement", own, own, 0.1)
    for hole in (np.nan, np.inf, -np.inf):
        row, corrupted = int(draw.integers(11, 2_000)), own.copy()
        corrupted[row, draw.integers(7)] = hole
        _refused(ask, "agreement", [own, corrupted, 0.1], "got", str(row))
        _refused(ask, "agreement", [corrupted, own, 0.1], "expected", str(row))


@check(
    "same",
    points=0.75,
    objective=3,
    message="The bound is n u times the sum of *absolute* products, with n the number of terms and "
    "u = 2^-24, at the worst logit; twice, as two runtimes can err in opposite directions.",
)
def a_tolerance_with_a_reason(ask: Ask, draw: Draw) -> None:
    for n in (16, 300):
        x, W = draw.normal(size=(5, n)).astype("float32"), draw.normal(size=(n, 3)).astype("float32")
        truth = 2 * n * 2.0**-24 * (np.abs(x).astype(float) @ np.abs(W).astype(float)).max()
        ask.equal("tolerance", x, W, expected=float(truth), rtol=1e-4, atol=0)


# --- How small will it be? ---------------------------------------------------


def _shapes(draw: Draw) -> dict[str, list[int]]:
    a, b, c, d = (int(n) for n in draw.integers(3, 40, 4))
    return {"kernel": [3, 5, a, b], "bias": [b], "dense": [c, d], "offset": [d], "scale": []}


def _bytes(shapes: dict[str, list[int]], form: str) -> int:
    numbers = {name: math.prod(shape) for name, shape in shapes.items()}
    if form != "int8":
        return {"float32": 4, "float16": 2}[form] * sum(numbers.values())
    return sum(
        numbers[name] + 4 * shape[-1] if len(shape) > 1 else 4 * numbers[name]
        for name, shape in shapes.items()
    )


@check(
    "size",
    points=0.5,
    objective=4,
    message="4 bytes a number in float32 and 2 in float16, for every array, the biases too; an array has "
    "the product of its axes' lengths, and 1 without axes.",
)
def counts_the_bytes_of_floats(ask: Ask, draw: Draw) -> None:
    shapes = _shapes(draw)
    for form in ("float32", "float16"):
        ask.equal("size", shapes, form, expected=_bytes(shapes, form))


@check(
    "size",
    points=1,
    objective=4,
    message="int8 is not simply a quarter: each array of two or more axes also has a float32 scale for "
    "every entry of its last axis, and arrays of one axis (or none) stay float32, without any.",
)
def scales_and_biases_stay_float32(ask: Ask, draw: Draw) -> None:
    shapes = _shapes(draw)
    ask.equal("size", shapes, "int8", expected=_bytes(shapes, "int8"))
    ask.equal("size", {"dense": shapes["dense"]}, "int8", expected=_bytes({"d": shapes["dense"]}, "int8"))


@check(
    "size",
    points=0.5,
    objective=4,
    message="The most exact form that fits: float32 if it does, then float16, then int8, else None. A "
    "limit may be reached to the byte.",
)
def the_most_exact_that_fits(ask: Ask, draw: Draw) -> None:
    shapes = {"kernel": [3, 3, 8, 16], "bias": [16], "dense": [int(draw.integers(50, 500)), 10]}
    forms = ("float32", "float16", "int8", None)
    cases = []
    for form, next_form in itertools.pairwise(forms):
        limit = _bytes(shapes, form)
        cases += [(limit, form), (limit - 1, next_form)]
    for limit, truth in _in_any_order(draw, cases):
        ask.equal("best_that_fits", shapes, limit, expected=truth)


@check(
    "size",
    points=1,
    objective=4,
    message="Count what became 0 and was not, and what became infinite, of either sign; the error is that "
    "of the others. (bfloat16 would keep all sizes and lose digits.)",
)
def float16_loses_both_ends(ask: Ask, draw: Draw) -> None:
    sign = draw.choice([-1, 1], 60)
    w = (draw.uniform(1, 2, 60) * sign).astype("float32")
    zeros, infinite = (int(n) for n in draw.integers(2, 8, 2))
    w[:zeros] *= np.float32(1e-9)
    w[10 : 10 + infinite] *= np.float32(1e6)
    w[10:12] = np.abs(w[10:12]) * [1, -1]  # both infinities
    w[20:25] = 0
    w = draw.permutation(w)
    kept = np.abs(w) < 1e5
    error = np.abs(w[kept].astype("float16").astype("float32") - w[kept]).max()
    truth = {"zeros": zeros, "infinite": infinite, "error": float(error)}
    ask.equal("halved", w, expected=truth, rtol=1e-3, atol=1e-9)


# --- A file from a stranger --------------------------------------------------


class _Surprise:
    """Unpickled, it sets a mark in the environment of whoever did so."""

    def __reduce__(self) -> tuple:
        return exec, ("import os; os.environ['OPENED'] = 'yes'",)


def _packed(arrays: dict[str, np.ndarray]) -> np.ndarray:
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return np.frombuffer(file.getvalue(), dtype="uint8")


def _weights(draw: Draw) -> tuple[dict[str, np.ndarray], dict[str, dict]]:
    """Three arrays, and what is expected of them; the names are drawn."""
    words = draw.permutation(["kernel", "bias", "dense", "offset"])[:3]
    first, second, third = (f"{word}_{draw.integers(1_000)}" for word in words)
    rows, columns = (int(n) for n in draw.choice(range(3, 12), 2, replace=False))
    arrays = {
        first: draw.normal(size=(rows, columns)).astype("float32"),
        second: draw.normal(size=columns),
        third: draw.integers(-9, 9, (2, rows)).astype("int8"),
    }
    spec = {name: {"shape": list(a.shape), "dtype": str(a.dtype)} for name, a in arrays.items()}
    return arrays, spec


def _opened_or_not(ask: Ask, draw: Draw, cases: list[tuple[np.ndarray, dict, str]]) -> None:
    """Files, what they should hold, and the word with which each is refused; none where it is read."""
    for packed, spec, word in _in_any_order(draw, cases):
        if word:
            _refused(ask, "opened", [packed, spec], word)
        else:
            _answer(ask, "opened", packed, spec)


@check(
    "stranger",
    points=0.5,
    objective=1,
    message="A good file was not read, or not as it is: all of its arrays, by name, with their shapes and "
    "types; also where the shape has no axes.",
)
def opens_a_good_file(ask: Ask, draw: Draw) -> None:
    arrays, spec = _weights(draw)
    arrays["one"], spec["one"] = np.array(draw.normal()), {"shape": [], "dtype": "float64"}
    answer = _answer(ask, "opened", _packed(arrays), spec)
    ask.require(set(answer) == set(arrays), f"the arrays {sorted(arrays)}", sorted(answer))
    for name, array in arrays.items():
        got = np.asarray(answer[name])
        ask.require(got.dtype == array.dtype and np.array_equal(got, array), f"{name}: {shown(array)}", got)


@check(
    "stranger",
    points=1,
    objective=6,
    message="The file ran code of its own while it was read, or an array of objects was not refused by name. "
    "NumPy unpickles where `allow_pickle=True` says so; what comes out of it is too late to look at.",
)
def never_unpickles(ask: Ask, draw: Draw) -> None:
    cases = []
    for _ in range(2):
        arrays, spec = _weights(draw)
        for name in spec:
            objects = np.array([_Surprise()] * 2, dtype=object)
            cases.append((_packed(arrays | {name: objects}), spec, name))
        cases += [(_packed(arrays), spec, "")] * 2
    for packed, spec, name in _in_any_order(draw, cases):
        report = ask("unpacked", "opened", packed, spec)
        ask.require(report["ran code"] is False, "a file that runs nothing", report)
        if name:
            ask.require(name in report.get("refused", ""), f"a ValueError that says {name}", report)
        else:
            ask.require("refused" not in report, "an answer", report)


@check(
    "stranger",
    points=0.75,
    objective=6,
    message="An array is missing, or one is there that nobody expects, and the text does not say which. It "
    "may be another model's file.",
)
def names_what_is_missing_or_unexpected(ask: Ask, draw: Draw) -> None:
    arrays, spec = _weights(draw)
    cases: list[tuple[np.ndarray, dict, str]] = [(_packed(arrays), spec, "")] * 4
    for name in spec:
        less = {other: array for other, array in arrays.items() if other != name}
        fewer = {other: wanted for other, wanted in spec.items() if other != name}
        cases += [(_packed(less), spec, name), (_packed(arrays), fewer, name)]
    _opened_or_not(ask, draw, cases)


@check(
    "stranger",
    points=0.75,
    objective=6,
    message="An array of another shape (also with as many numbers, or with an axis of length 1), of another "
    "type, or with nan or inf in it was taken, or refused without its name.",
)
def looks_at_every_array(ask: Ask, draw: Draw) -> None:
    arrays, spec = _weights(draw)
    name = next(iter(arrays))
    array = arrays[name]
    hole, large = array.copy(), array.copy()
    hole[draw.integers(len(hole)), 1], large[1, draw.integers(3)] = np.nan, -np.inf
    others = (array.T, array[None], array[:1], array.astype("float64"), array.view("int32"), hole, large)
    cases = [(_packed(arrays | {name: wrong}), spec, name) for wrong in others]
    _opened_or_not(ask, draw, [*cases, *[(_packed(arrays), spec, "")] * 3])


@check(
    "stranger",
    points=0.5,
    objective=6,
    message="A file that was cut short, or whose bytes were changed, ended in another exception than a "
    "ValueError, or in one that says nothing: what cannot be opened is told with the word file, a damaged "
    "entry with its name.",
)
def a_damaged_file_is_told(ask: Ask, draw: Draw) -> None:
    cases = []
    for _ in range(2):
        arrays, spec = _weights(draw)
        good = _packed(arrays)
        cases += [(good[:cut], spec, "file") for cut in (len(good) - 1, len(good) // 2, 0)]
        (name, array), *_ = arrays.items()
        file = io.BytesIO()
        np.savez(file, **arrays)  # not compressed: so the array's own bytes can be found
        plain = np.frombuffer(file.getvalue(), dtype="uint8")
        bent = plain.copy()
        bent[bent.tobytes().index(array.tobytes()) + 3] ^= 64
        cases += [(bent, spec, name), (plain, spec, ""), (good, spec, "")]
    _opened_or_not(ask, draw, cases)


@check(
    "stranger",
    points=0.5,
    objective=6,
    message="A few kilobytes were unpacked to 64 MB before the array was refused. The zip tells each "
    "entry's size: compare that first.",
)
def a_small_file_stays_small(ask: Ask, draw: Draw) -> None:
    arrays, spec = _weights(draw)
    # The smaller ones are, packed, as small as what was expected.
    cases = [(2**26, str(draw.choice(list(spec)))), *((2**19, name) for name in spec), *[(0, "")] * 5]
    for size, name in _in_any_order(draw, cases):
        if not name:
            _answer(ask, "opened", _packed(arrays), spec)
            continue
        bomb = _packed(arrays | {name: np.zeros(size, "uint8")})
        report = ask("unpacked", "opened", bomb, spec)
        ask.require(name in report.get("refused", ""), f"a ValueError that says {name}", report)
        ask.require(report["peak"] < size // 2, f"much less than {size} bytes at any time", report)


@check(
    "stranger",
    points=1,
    objective=1,
    message="The right weights in another network: the kernel's axes (permuted, not reshaped), no flip, "
    "zeros around, the bias before ReLU, and the order row, column, channel before the dense layer.",
)
def the_network_that_the_weights_are_of(ask: Ask, draw: Draw) -> None:
    for rows, columns, c in ((4, 6, 5),):
        shapes = {"kernel": (3, 3, 1, c), "bias": (c,), "dense": (rows * columns * c, 4)}
        arrays = {name: draw.normal(size=shape).astype("float32") for name, shape in shapes.items()}
        images = draw.uniform(0, 1, (3, rows, columns)).astype("float32")
        padded = np.pad(images, [(0, 0), (1, 1), (1, 1)])
        windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(1, 2))
        hidden = np.einsum("brckl,klo->brco", windows, arrays["kernel"][:, :, 0]) + arrays["bias"]
        truth = np.maximum(hidden, 0).reshape(3, -1) @ arrays["dense"]
        ask.equal("logits", arrays, images, expected=truth, rtol=1e-4, atol=1e-3)


# --- A program without its code ----------------------------------------------

BENDS = {"tanh": np.tanh, "sin": np.sin, "exp": np.exp}
PRODUCT = re.compile(r"matmul|(?<![a-z])mm|linear|dot_general|einsum", re.IGNORECASE)


def _model(draw: Draw, layers: int) -> tuple[list[np.ndarray], str]:
    widths = [int(n) for n in draw.integers(3, 7, layers + 1)]
    weights = [(0.5 * draw.normal(size=(a, b))).astype("float32") for a, b in itertools.pairwise(widths)]
    return weights, str(draw.choice(list(BENDS)))


def _forward(weights: list[np.ndarray], bend: str, x: np.ndarray) -> np.ndarray:
    x = x @ weights[0]
    for w in weights[1:]:
        x = BENDS[bend](x) @ w
    return x


def _carried(ask: Ask, models: list, batches: list[np.ndarray]) -> list[dict]:
    names = "save_program", "run_program", "program_operators"
    return ask("carried", *names, [[weights, bend] for weights, bend in models], batches)


def _batches(draw: Draw, inputs: int, *sizes: int) -> list[np.ndarray]:
    return [draw.normal(size=(n, inputs)).astype("float32") for n in sizes]


@check(
    "program",
    points=1,
    objective=1,
    message="Not the model's answers, or the model's code was called for them: when you answer it is absent. "
    "The weights belong in the file, and the function between the layers too.",
)
def answers_without_the_code(ask: Ask, draw: Draw) -> None:
    weights, bend = _model(draw, 3)
    (batch,) = _batches(draw, len(weights[0]), 2)
    # Of two rows, as the example that most will take: other sizes are asked for below.
    (report,) = _carried(ask, [(weights, bend)], [batch])
    truth = _forward(weights, bend, batch)
    ask.require(agree([truth], report["answers"], 1e-3, 1e-4), shown(truth), report["answers"])


@check(
    "program",
    points=1,
    objective=2,
    message="The program takes the batch size that it was traced with, and no other. Leave that axis free "
    "when you export.",
)
def takes_any_batch(ask: Ask, draw: Draw) -> None:
    weights, bend = _model(draw, 2)
    batches = _batches(draw, len(weights[0]), 1, int(draw.integers(3, 40)))
    (report,) = _carried(ask, [(weights, bend)], batches)
    truth = [_forward(weights, bend, batch) for batch in batches]
    ask.require(agree(truth, report["answers"], 1e-3, 1e-4), shown(truth), report["answers"])


@check(
    "program",
    points=1,
    objective=1,
    message="Two programs were saved, and one answered for the other: read the folder that is given, and "
    "nothing else that was kept.",
)
def two_programs_are_two(ask: Ask, draw: Draw) -> None:
    first, second = _model(draw, 2)[0], _model(draw, 2)[0]
    second[0] = draw.normal(size=(len(first[0]), len(second[1]))).astype("float32") / 2
    batches = _batches(draw, len(first[0]), 2)
    reports = _carried(ask, [(first, "tanh"), (second, "sin")], batches)
    for report, bend, weights in zip(reports, ("tanh", "sin"), (first, second), strict=True):
        truth = [_forward(weights, bend, batch) for batch in batches]
        ask.require(agree(truth, report["answers"], 1e-3, 1e-4), shown(truth), report["answers"])


@check(
    "program",
    points=1,
    objective=1,
    message="Not the operators of the program: each product and each function between the layers stands in "
    "it once, under the framework's own name. A call of a function hides what is inside.",
)
def says_what_is_in_it(ask: Ask, draw: Draw) -> None:
    for layers in (1, 4):
        weights, bend = _model(draw, layers)
        (report,) = _carried(ask, [(weights, bend)], [])
        names = [str(name) for name in report["operators"]]
        products = sum(bool(PRODUCT.search(name)) for name in names)
        ask.require(products == layers, f"{layers} products", names)
        pattern = {"tanh": "tanh", "sin": r"(?<!co)sin", "exp": r"(?<![a-z])exp(?!and)"}[bend]
        bends = sum(bool(re.search(pattern, name, re.IGNORECASE)) for name in names)
        ask.require(bends == layers - 1, f"{layers - 1} times {bend}", names)


# --- Fix the export ----------------------------------------------------------


def _prepared(x: np.ndarray) -> np.ndarray:
    x = x.astype(float)
    x = x / 16 if x.max() > 1 else x
    length = np.linalg.norm(x, axis=1, keepdims=True)
    return np.where(length > 1, x / np.maximum(length, 1), x).reshape(-1, 8, 8)


def _rows(draw: Draw, rows: int, largest: float, length: float) -> np.ndarray:
    """Rows between 0 and ``largest``, scaled to about a length; the first pixel is the largest."""
    x = draw.uniform(0.2, 1, (rows, 64))
    x *= length / np.linalg.norm(x, axis=1, keepdims=True)
    x = np.minimum(x, largest)
    x[0] = 0
    x[0, 0] = largest
    return x.astype("float32")


def _programmed(ask: Ask, batches: list[np.ndarray]) -> None:
    truth = [_prepared(batch) for batch in batches]
    got = ask("exported", "prepare", batches)
    ask.require(agree(truth, got, 1e-4, 1e-5), shown(truth))


@check(
    "mend",
    points=1,
    objective=2,
    message="It exports for the number of rows that it was traced with only, or not at all. Nothing may "
    "depend on that number: no loop over the rows, no 32 in a shape, no `float` of what is not there yet.",
)
def any_number_of_rows(ask: Ask, draw: Draw) -> None:
    # The same branches for all: those are asked for below.
    sizes = 32, int(draw.integers(2, 20)), 1
    _programmed(ask, [_rows(draw, n, 0.9, 0.5) for n in sizes])


@check(
    "mend",
    points=1,
    objective=2,
    message="One number above 1 and the *whole batch* is divided by 16; none, and nothing is. That is to be "
    "decided in the program, at each call: not while it is traced, and not row by row.",
)
def the_batch_decides(ask: Ask, draw: Draw) -> None:
    scaled, counts = _rows(draw, 6, 1.0, 0.8), _rows(draw, 6, 14.0, 12.0)
    mixed = _rows(draw, 6, 0.9, 0.7)
    mixed[4, draw.integers(64)] = draw.uniform(2, 15)
    _programmed(ask, [scaled, counts, mixed])
    _programmed(ask, [counts, scaled, mixed])


@check(
    "mend",
    points=1,
    objective=2,
    message="Each row decides for itself: divided by its length if that is above 1, else left alone. Its "
    "length is Euclidean and taken after the division by 16; a row of zeros stays zeros.",
)
def each_row_decides(ask: Ask, draw: Draw) -> None:
    short, long = _rows(draw, 8, 0.8, 0.6), _rows(draw, 8, 1.0, 3.0)
    mixed = np.concatenate([short, long])
    mixed[3] = 0
    counts = mixed * np.float32(16)
    _programmed(ask, [draw.permutation(mixed), draw.permutation(counts)])


def _centred(parts: list[np.ndarray], count: float, total: np.ndarray) -> list[np.ndarray]:
    answers = []
    for part in parts:
        count, total = count + len(part), total + part.sum(0)
        answers.append(part - total / count)
    return answers


@check(
    "mend",
    points=1,
    objective=2,
    message="What came before was forgotten, or kept outside of the program, where only tracing changes "
    "it. The state comes in as arguments and goes out behind the answer, count first.",
)
def the_state_goes_in_and_out(ask: Ask, draw: Draw) -> None:
    columns = int(draw.integers(2, 5))
    parts = [draw.normal(2, 1, (4, columns)).astype("float32") for _ in range(4)]
    state = np.float32(draw.integers(2, 9)), draw.normal(size=columns).astype("float32")
    truth = _centred([part.astype(float) for part in parts], *state)
    got = ask("streamed", "centred", parts, *state)
    ask.require(agree(truth, got, 1e-3, 1e-4), shown(truth))


@check(
    "mend",
    points=1,
    objective=2,
    message="Right for batches of the size that was traced, wrong for others: the number of rows became a "
    "constant. Ask x for it inside the program.",
)
def the_rows_are_counted_in_the_program(ask: Ask, draw: Draw) -> None:
    parts = [draw.normal(3, 1, (int(n), 2)).astype("float32") for n in (3, draw.integers(4, 12), 1)]
    truth = _centred([part.astype(float) for part in parts], 0.0, np.zeros(2))
    got = ask("streamed", "centred", parts, np.float32(0), np.zeros(2, "float32"))
    ask.require(agree(truth, got, 1e-3, 1e-4), shown(truth))


# --- int8 by hand ------------------------------------------------------------


def _range(draw: Draw) -> tuple[float, float, float, int]:
    """low, high, scale and zero point; no rounding is near a tie."""
    scale, zero = float(draw.uniform(0.005, 0.05)), int(draw.integers(-100, 100))
    low = scale * (-128 - zero + draw.uniform(-0.3, 0.3))
    return low, low + 255 * scale, scale, zero


@check(
    "int8",
    points=1,
    objective=4,
    message="From low to high there are 255 steps, -128 stands for low, and 0 must be one of them: a range "
    "that lies above or below 0 is widened to it first.",
)
def the_range_holds_zero(ask: Ask, draw: Draw) -> None:
    for _ in range(3):
        low, high, scale, zero = _range(draw)
        ask.equal("affine", low, high, expected={"scale": scale, "zero": zero})
    high = float(draw.uniform(1, 9))
    ask.equal("affine", high / 3, high, expected={"scale": high / 255, "zero": -128})
    ask.equal("affine", -high, -high / 2, expected={"scale": high / 255, "zero": 127})


@check(
    "int8",
    points=0.5,
    objective=4,
    message="Where there is nothing but zeros a scale of 0 would divide by 0: it is 1.0 instead, of the "
    "range and of a column alike. A constant that is not 0 has a range, from 0 to it.",
)
def constants_have_a_scale(ask: Ask, draw: Draw) -> None:
    ask.equal("affine", 0.0, 0.0, expected={"scale": 1.0, "zero": -128})
    c = float(draw.uniform(0.5, 4))
    ask.equal("affine", c, c, expected={"scale": c / 255, "zero": -128})
    W = np.zeros((4, 3), "float32")
    W[:, 1] = c
    truth = {"weights": np.array([[0, 127, 0]] * 4), "scales": np.array([1, c / 127, 1])}
    ask.equal("columns", W, expected=truth)


@check(
    "int8",
    points=0.75,
    objective=4,
    message="To the nearest step, then the zero point, then cut to -128 and 127, then int8: a cast alone "
    "drops what is behind the point, and wraps round what is too large.",
)
def rounds_and_saturates(ask: Ask, draw: Draw) -> None:
    _, _, scale, zero = _range(draw)
    steps = draw.integers(-400, 400, 80)
    x = (scale * (steps + draw.uniform(-0.4, 0.4, 80))).astype("float32")
    truth = np.clip(steps + zero, -128, 127)
    got = ask.equal("quantised", x, scale, zero, expected=truth)
    ask.require(np.asarray(got).dtype == np.int8, "an int8 array", str(np.asarray(got).dtype))


def _grid(draw: Draw, inputs: int, outputs: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Weights, the integers that they become, and the columns' scales; clear of ties."""
    scales = 10.0 ** draw.uniform(-5, 0, outputs)
    steps = draw.integers(-126, 127, (inputs, outputs))
    W = scales * (steps + draw.uniform(-0.4, 0.4, steps.shape))
    row = draw.integers(0, inputs, outputs)
    steps[row, range(outputs)] = 127 * draw.choice([-1, 1], outputs)
    W[row, range(outputs)] = scales * steps[row, range(outputs)]
    return W.astype("float32"), steps, scales


@check(
    "int8",
    points=1,
    objective=4,
    message="A scale for each output, which is a column: the column's largest absolute value becomes 127 "
    "or -127. One scale for all, or one for each row, rounds small columns away.",
)
def a_scale_for_each_column(ask: Ask, draw: Draw) -> None:
    W, steps, scales = _grid(draw, 6, 9)
    got = ask.equal("columns", W, expected={"weights": steps, "scales": scales}, rtol=1e-4, atol=0)
    ask.require(np.asarray(got["weights"]).dtype == np.int8, "int8 weights", got)


def _pair(draw: Draw, inputs: int, extreme: bool = False) -> tuple[list, np.ndarray, np.ndarray]:
    """x, W, low and high; the integer sums; what they stand for."""
    low, high, scale, zero = _range(draw)
    W, steps, scales = _grid(draw, inputs, 3)
    q = draw.integers(-127, 127, (2, inputs)) - zero
    x = scale * (q + draw.uniform(-0.4, 0.4, q.shape))
    if extreme:  # all of x at the farther end, all weights positive
        W, steps = np.abs(W), np.abs(steps)
        q[:], x[:] = (-128 - zero, low) if zero > 0 else (127 - zero, high)
    sums = q @ steps
    return [x.astype("float32"), W, low, high], sums, sums * scale * scales


@check(
    "int8",
    points=1,
    objective=4,
    message="The sums are not exact. q - zero does not fit into int8, 127 x 127 does not either, and "
    "float32 counts exactly only up to 2^24: make everything int32 before it is combined.",
)
def sums_in_int32(ask: Ask, draw: Draw) -> None:
    for inputs, extreme in ((7, False), (7, True), (20_000, True)):
        given, sums, _ = _pair(draw, inputs, extreme)
        answer = ask("product", *given)
        got = np.asarray(answer["sums"])
        ask.require(got.dtype == np.int32, "int32 sums", str(got.dtype))
        ask.require(np.array_equal(got, sums), shown(sums), got)


@check(
    "int8",
    points=0.25,
    objective=4,
    message="The sums are integers; what they stand for is the sum times the scale of x times the scale of "
    "the column's weights.",
)
def the_answer_has_both_scales(ask: Ask, draw: Draw) -> None:
    given, _, truth = _pair(draw, 7)
    ask.equal("product", *given, expected={"answer": truth}, rtol=1e-3, atol=1e-12)


@check(
    "int8",
    points=0.5,
    objective=4,
    message="The bound has three parts: |x| times half a step of the column's scale, |W| times half a step "
    "of x's, and the product of both halves, each summed over the inputs.",
)
def bounds_the_error_beforehand(ask: Ask, draw: Draw) -> None:
    (x, W, low, high), _, _ = _pair(draw, 11)
    s, t = (high - low) / 255 / 2, np.abs(W).max(0).astype(float) / 127 / 2
    truth = np.abs(x).sum(1, keepdims=True) * t + s * np.abs(W).sum(0) + 11 * s * t
    ask.equal("bound", x, W, low, high, expected=truth, rtol=1e-3, atol=0)


# --- The open inference protocol ---------------------------------------------

TYPES = {"UINT8": "uint8", "INT64": "int64", "FP16": "float16", "FP32": "float32", "BOOL": "bool"}


@check(
    "protocol",
    points=1,
    objective=5,
    message="The data is one flat list, row by row, whatever the array's order in memory, and of plain "
    "numbers, which JSON takes; the datatype is the protocol's name, the shape has all axes.",
)
def sends_rows_in_a_flat_list(ask: Ask, draw: Draw) -> None:
    for datatype, dtype in TYPES.items():
        shape = [int(n) for n in draw.choice(range(2, 6), 3, replace=False)]
        x, name = draw.integers(0, 2 if dtype == "bool" else 90, shape).astype(dtype), f"x{draw.integers(9)}"
        sent = ask("wire", "request", x, name)["inputs"][0]
        truth = {"name": name, "shape": shape, "datatype": datatype, "data": x.ravel().tolist()}
        ask.require(agree(truth, sent), shown(truth), sent)


@check(
    "protocol",
    points=1,
    objective=5,
    message="The answer's outputs come in any order: take the one of that name, in its shape and its type; "
    "and where there is none, raise a ValueError that says which.",
)
def reads_the_output_by_its_name(ask: Ask, draw: Draw) -> None:
    outputs, truth = [], {}
    for datatype, dtype in TYPES.items():
        shape = [int(n) for n in draw.integers(1, 4, 2)]
        x = draw.integers(0, 2, shape).astype(dtype)
        data = x.ravel().tolist()
        outputs.append({"name": f"a {datatype}", "shape": shape, "datatype": datatype, "data": data})
        truth[f"a {datatype}"] = x
    response = {"model_name": "m", "outputs": [outputs[i] for i in draw.permutation(len(outputs))]}
    for name, x in truth.items():
        got = np.asarray(_answer(ask, "tensor", response, name))
        same = got.dtype == x.dtype and got.shape == x.shape and np.array_equal(got, x)
        ask.require(same, shown(x), got)
    _refused(ask, "tensor", [response, "scores"], "scores")
    _refused(ask, "tensor", [{"error": "shape [1] is not [rows, 64]"}, "scores"], "scores")


def _shelf(draw: Draw) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Three versions of a model, the last by number neither the last by its text nor in order; an input."""
    inputs, labels = (int(n) for n in draw.choice(range(3, 8), 2, replace=False))
    versions = ("9", "12", "3")
    shelf = {version: draw.normal(size=(inputs, labels)).astype("float32") for version in versions}
    return shelf, draw.normal(size=(int(draw.integers(2, 6)), inputs)).astype("float32")


def _body(x: np.ndarray, **changed: object) -> str:
    fields = {"name": "pixels", "shape": list(x.shape), "datatype": "FP32", "data": x.ravel().tolist()}
    return json.dumps({"inputs": [fields | changed]})


def _said(ask: Ask, answer: dict) -> dict:
    try:
        said = json.loads(answer["body"])
    except ValueError:
        said = None
    ask.require(isinstance(said, dict), "a body that is a JSON object")
    return said


def _served(ask: Ask, path: str, body: str, shelf: dict, version: str, x: np.ndarray) -> None:
    answer = ask("respond", path, body, shelf)
    ask.require(answer["status"] == 200, "200", answer)
    said, truth = _said(ask, answer), x @ shelf[version]
    ask.require(said.get("model_name") == "digits" and said.get("model_version") == version, version, said)
    (out,) = said["outputs"]
    form = {"name": "logits", "shape": list(truth.shape), "datatype": "FP32"}
    ask.require(agree(form, out), shown(form), out)
    ask.require(agree(truth.ravel(), np.array(out["data"], dtype=float), 1e-4, 1e-5), shown(truth), out)


@check(
    "protocol",
    points=1,
    objective=5,
    message="Not the answer of the version that was asked for; or, where none was named, not of the one with "
    "the highest number: versions are numbers, and as texts 9 comes after 12.",
)
def the_version_that_was_asked_for(ask: Ask, draw: Draw) -> None:
    shelf, x = _shelf(draw)
    for version in shelf:
        _served(ask, f"/v2/models/digits/versions/{version}/infer", _body(x), shelf, version, x)
    _served(ask, "/v2/models/digits/infer", _body(x), shelf, "12", x)


def _refusals(ask: Ask, shelf: dict, *cases: tuple[int, str, str, str]) -> None:
    """Require for each path and body the status, and the word with which the message begins."""
    for status, word, path, body in cases:
        answer = ask("respond", path, body, shelf)
        ask.require(answer["status"] == status, f"{status}", answer)
        error = str(_said(ask, answer).get("error"))
        ask.require(re.match(rf"{word}(?!\w)", error), f"an error that begins with {word}", answer)


INFER = "/v2/models/digits/infer"


@check(
    "protocol",
    points=0.5,
    objective=6,
    message="What is not there is 404, and never an answer of something else: another model, a path that "
    "goes on, a version that is not (or no longer) kept.",
)
def what_is_not_there_is_404(ask: Ask, draw: Draw) -> None:
    shelf, x = _shelf(draw)
    _served(ask, INFER, _body(x), shelf, "12", x)
    _refusals(
        ask,
        shelf,
        (404, "model", "/v2/models/letters/infer", _body(x)),
        (404, "model", "/v2/models/digits/infer/now", _body(x)),
        (404, "model", "/v2/models/digits", _body(x)),
        (404, "version", "/v2/models/digits/versions/1/infer", _body(x)),
        (404, "version", "/v2/models/digits/versions/latest/infer", _body(x)),
    )


@check(
    "protocol",
    points=1,
    objective=6,
    message="A malformed request is answered 400, never with an exception, and the message begins with what "
    "to fix: body, inputs, or the field that is missing or does not fit.",
)
def a_message_begins_with_the_field(ask: Ask, draw: Draw) -> None:
    shelf, x = _shelf(draw)
    bodies: list[tuple[str, str]] = [("body", _body(x)[:-3]), ("body", ""), ("body", "[1, 2]")]
    for inputs in (None, [], [1], {"data": [1]}, json.loads(_body(x))["inputs"] * 2):
        bodies.append(("inputs", json.dumps({"inputs": inputs})))
    bodies.append(("inputs", "{}"))
    for field in ("name", "shape", "datatype", "data"):
        tensor = json.loads(_body(x))["inputs"][0]
        del tensor[field]
        bodies.append((field, json.dumps({"inputs": [tensor]})))
    rows, inputs = x.shape
    others = (
        [rows, inputs + 1],
        [rows * inputs],
        [1, rows, inputs],
        [0, inputs],
        "two",
        [rows + 0.5, inputs],
    )
    for shape in others:
        bodies.append(("shape", _body(x, shape=shape)))
    bodies += [("datatype", _body(x, datatype="INT8")), ("data", _body(x, data=[1.0] * (x.size - 1)))]
    _refusals(ask, shelf, *((400, word, INFER, body) for word, body in bodies))


@check(
    "protocol",
    points=0.5,
    objective=6,
    message="A text, a NaN, an infinity, true, null or a nested list reached the model, or ended in an "
    "exception. Python's json reads NaN and Infinity, and takes True for 1: look at every entry.",
)
def only_numbers_reach_the_model(ask: Ask, draw: Draw) -> None:
    shelf, x = _shelf(draw)
    good = x.ravel().tolist()
    _served(ask, INFER, _body(x), shelf, "12", x)
    whole = np.round(4 * x)
    _served(ask, INFER, _body(whole, data=[int(n) for n in whole.ravel()]), shelf, "12", whole)
    cases = []
    for wrong in ("0.5", float("nan"), float("inf"), True, None, [0.5]):
        data = list(good)
        data[draw.integers(len(data))] = wrong
        cases.append((400, "data", INFER, _body(x, data=data)))
    _refusals(ask, shelf, *cases, (400, "data", INFER, _body(x, data={"0": 1})))


# --- Batch the requests ------------------------------------------------------


def _batcher(arrivals: list[float], size: int, wait: float, base: float, each: float) -> dict:
    batches, answered, free, first = [], [], 0.0, 0
    while first < len(arrivals):
        end, closed = first, arrivals[first] + wait
        while end < len(arrivals) and end - first < size and arrivals[end] <= arrivals[first] + wait:
            end += 1
        if end - first == size:
            closed = arrivals[end - 1]
        free = max(free, closed) + base + each * (end - first)
        batches.append(list(range(first, end)))
        answered += [free] * (end - first)
        first = end
    return {"batches": batches, "answered": answered}


def _arrivals(draw: Draw, n: int, apart: int) -> list[float]:
    """Whole milliseconds, no two equal."""
    return [float(t) for t in draw.integers(1, 2 * apart, n).cumsum()]


def _latencies(arrivals: list[float], answered: list[float]) -> list[float]:
    return [b - a for a, b in zip(arrivals, answered, strict=True)]


@check(
    "batching",
    points=0.75,
    objective=5,
    message="A batch that is full closes with the arrival that fills it, and starts then if the server is "
    "free: it waits for no deadline, and takes no more than `size` requests.",
)
def a_full_batch_starts_at_once(ask: Ask, draw: Draw) -> None:
    size = int(draw.integers(2, 6))
    # Bursts of exactly `size`, far apart: every batch is filled, and the server is never busy.
    arrivals = [float(500 * k + t) for k in range(4) for t in range(size)]
    given = arrivals, size, 100.0, 20.0, 3.0
    ask.equal("served", *given, expected=_batcher(*given))
    # One after the other, without a pause: only the size ends a batch.
    given = [2.0 * k for k in range(4 * size)], size, 500.0, 1.0, 0.0
    ask.equal("served", *given, expected=_batcher(*given))


@check(
    "batching",
    points=1,
    objective=5,
    message="A batch that does not fill closes when its *first* request has waited its time, the last one "
    "of the day too; who comes in that very moment still belongs to it.",
)
def the_first_waits_its_time(ask: Ask, draw: Draw) -> None:
    wait, start = float(draw.integers(5, 9)), float(draw.integers(0, 5))
    # The third comes at the first one's deadline, the fourth within that of the second: another batch.
    arrivals = [start, start + wait - 1, start + wait, start + wait + 1, start + 200]
    given = arrivals, 8, wait, 2.0, 1.0
    ask.equal("served", *given, expected=_batcher(*given))
    given = _arrivals(draw, 30, 9), 50, 25.0, 1.0, 0.0
    ask.equal("served", *given, expected={"batches": _batcher(*given)["batches"]})


@check(
    "batching",
    points=1,
    objective=5,
    message="There is one server: a closed batch starts when the one before it is done. And all requests of "
    "a batch are answered together, base + each x (how many they are) ms after its start.",
)
def one_batch_after_the_other(ask: Ask, draw: Draw) -> None:
    # Filled by each in turn: when a batch closes is asked above.
    given = _arrivals(draw, 24, 5), int(draw.choice([2, 3, 4])), 1000.0, float(draw.integers(30, 60)), 7.0
    ask.equal("served", *given, expected=_batcher(*given))


@check(
    "batching",
    points=0.75,
    objective=5,
    message="By nearest rank the p-th percentile is the one at place p n / 100 in order, rounded up, counted "
    "from 1: a latency that was seen, not one between two; 99 % of 20 is the largest.",
)
def percentiles_by_nearest_rank(ask: Ask, draw: Draw) -> None:
    for n in (1, 20, int(draw.integers(30, 90)), 100, 400):
        latencies = [float(t) for t in draw.choice(10_000, n, replace=False)]
        ordered = sorted(latencies)
        truth = {f"p{p}": ordered[(p * n + 99) // 100 - 1] for p in (50, 95, 99)}
        ask.equal("percentiles", latencies, expected=truth, rtol=0, atol=1e-6)


def _p99(arrivals: list[float], size: int, wait: float, base: float, each: float) -> float:
    ordered = sorted(_latencies(arrivals, _batcher(arrivals, size, wait, base, each)["answered"]))
    return ordered[(99 * len(ordered) + 99) // 100 - 1]


@check(
    "batching",
    points=0.5,
    objective=5,
    message="The wait with the smallest p99 of the *latencies*, which are answered less arrived; of equal "
    "ones the shortest. Neither the longest nor the shortest wait is best in general.",
)
def the_wait_with_the_best_tail(ask: Ask, draw: Draw) -> None:
    for _ in range(3):
        # Busy hours and quiet ones, so that the best is neither end; in a unit of its own, among some others.
        unit, size = float(draw.integers(1, 10)), int(draw.integers(5, 9))
        arrivals = [unit * t for t in _arrivals(draw, 60, 4)]
        others = (0, 2, 5, 11)[draw.integers(5) :] + (300, 301, 500, 900)[: draw.integers(5)]
        waits = [unit * float(w) for w in draw.permutation([19, 40, *others])]
        base, each = unit * float(draw.integers(15, 25)), unit  # whole numbers: equal ones are equal
        best = min(waits, key=lambda wait: (_p99(arrivals, size, wait, base, each), wait))
        ask.equal("best_wait", arrivals, size, waits, base, each, expected=best)
    burst, base = [float(t) for t in range(6)], float(draw.integers(9, 30))
    ask.equal("best_wait", burst, 6, [50.0, 90.0, 7.0, 20.0], base, 0.0, expected=7.0)
    # Somebody alone, and late: answered last of all, but not the one who waits longest.
    ask.equal("best_wait", [*burst, 9000.0], 6, [20.0, 0.0, 7.0], base, 0.0, expected=7.0)


# --- Translate ---------------------------------------------------------------


def _serve(
    ids: np.ndarray, x: np.ndarray, old: np.ndarray, new: np.ndarray, percent: int, window: int, limit: int
) -> dict:
    with np.errstate(over="ignore"):
        before, after = x @ old, x @ new
    labels, versions, recent, on = [], [], [], True
    for i, id in enumerate(ids):
        chosen = int(id) * 2654435761 % 2**32 // 2**16 * 100 // 2**16 < percent
        finite = bool(np.isfinite(after[i]).all())
        first, second = int(before[i].argmax()), int(after[i].argmax())
        versions.append(2 if on and chosen and finite else 1)
        labels.append(second if versions[-1] == 2 else first)
        if on and chosen:
            recent.append(not finite or first != second)
            on = sum(recent[-window:]) <= limit
    return {"labels": labels, "versions": versions, "compared": len(recent), "on": on}


#: Requests in each call; one number, as each new shape is compiled anew.
N = 80


def _requests(draw: Draw, wrong: np.ndarray) -> list:
    """ids, x and two versions that differ for the requests where ``wrong`` is true."""
    n, old = N, np.concatenate([np.eye(5), np.zeros((1, 5))]).astype("float32")
    new = old.copy()
    new[5, 3] = 20
    x = np.zeros((n, 6), "float32")
    x[:, :5] = draw.uniform(0, 1, (n, 5))
    top = draw.choice([0, 1, 2, 4], n)
    x[np.arange(n), top] = 3
    x[:, 5] = wrong
    return [draw.choice(2**31 - 1, n, replace=False), x, old, new]


@check(
    "translation",
    points=1,
    objective=5,
    message="Other ids than the original's go to version 2. The hash is the product modulo 2^32, its upper "
    "16 bits times 100 are cut by 2^16: with 32 signed bits, or with 64 and no modulo, it is another.",
)
def the_same_ids_every_time(ask: Ask, draw: Draw) -> None:
    for percent in (0, int(draw.integers(10, 90)), 100):
        given = [*_requests(draw, np.zeros(N, bool)), percent, 10, 1]
        truth = _serve(*given)
        ask.equal("serve", *given, expected={"versions": truth["versions"]})


@check(
    "translation",
    points=1,
    objective=3,
    message="Each request gets the label of the version that answers it: version 1's answers to the others "
    "are for comparison only, and are not given.",
)
def labels_of_the_version_that_answers(ask: Ask, draw: Draw) -> None:
    given = [*_requests(draw, draw.uniform(size=N) < 0.5), 60, 10, 10]
    truth = _serve(*given)
    ask.equal("serve", *given, expected={"labels": truth["labels"], "on": True})


@check(
    "translation",
    points=1,
    objective=5,
    message="Version 2 is switched off too early, too late, or not at all: when *more* than `limit` of the "
    "last `window` compared answers differ, and from the next request on. Only what both answered counts.",
)
def switched_off_in_time(ask: Ask, draw: Draw) -> None:
    for window, limit in ((1, 0), (6, 2), (10, 4)):
        wrong = np.zeros(N, bool)
        wrong[30:] = True  # in the end more than any limit
        wrong[:30:7] = True
        given = [*_requests(draw, wrong), 55, window, limit]
        truth = _serve(*given)
        ask.equal("serve", *given, expected={key: truth[key] for key in ("versions", "compared", "on")})
    given = [*_requests(draw, np.ones(N, bool)), 100, 10, 3]
    ask.equal("serve", *given, expected={"compared": 4, "on": False})


@check(
    "translation",
    points=1,
    objective=5,
    message="Old mistakes were never forgotten, or it was not the compared requests that were counted: "
    "only the last `window` of those that version 2 was asked for are looked at.",
)
def the_window_forgets(ask: Ask, draw: Draw) -> None:
    wrong = np.zeros(N, bool)
    wrong[::6] = True
    given = [*_requests(draw, wrong), 100, 6, 1]
    ask.equal("serve", *given, expected={"compared": N, "on": True})
    for _ in range(2):
        given = [*_requests(draw, draw.uniform(size=N) < 0.25), 50, 6, 3]
        truth = _serve(*given)
        ask.equal("serve", *given, expected={"compared": truth["compared"], "on": truth["on"]})


@check(
    "translation",
    points=1,
    objective=6,
    message="An answer of version 2 with nan or inf in it was given to somebody, or was not counted as "
    "different because its largest entry happens to be the right label.",
)
def what_is_not_finite_is_not_given(ask: Ask, draw: Draw) -> None:
    for sign in (1, -1):
        ids, x, old, new = _requests(draw, np.zeros(N, bool))
        some = draw.choice(N, 12, replace=False)
        x[some, :5] = [0, 0, 3, 0, 0]
        x[some, 5] = 10
        # Infinite at the very label that is right, or at one that is not the largest anyway.
        new[5, 2 if sign > 0 else 0] = sign * 3e38
        new[5, 3] = 0
        for limit in (10, 2):
            given = [ids, x, old, new, 100, 10, limit]
            ask.equal("serve", *given, expected=_serve(*given))
