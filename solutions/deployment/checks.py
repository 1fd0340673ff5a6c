"""Hidden checks of the chapter on deployment, the same for the three frameworks.

`attempt` and `unpacked` are locked helpers of the exercises: they give a
function's answer, or the text of the ValueError with which it refused. `carried`
saves models, moves the files, and answers where the model's code is absent;
`exported` and `streamed` call a function as an exported program only.

One mistake costs one check: a function that calls another of the exercise's is
right if it is right by what that other one answers (`_own`), wrong as that may be.
"""

import io
import itertools
import json
import math
import re
import zipfile

import numpy as np

from triptych.grading.checks import Ask, agree, check, shown
from triptych.grading.sandbox import Raised

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


def _stands(word: str, text: str) -> bool:
    return bool(re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text))


def _refused(ask: Ask, name: str, given: list, *words: str, but: tuple[str, ...] = ()) -> None:
    """Require that the function refuses, with a short text that holds ``words`` and none of ``but``."""
    report = ask("attempt", name, *given)
    _says(ask, report, *words, but=but)


def _says(ask: Ask, report: dict, *words: str, but: tuple[str, ...] = ()) -> None:
    """Require of a report that the function refused, as in ``_refused``."""
    text = report.get("refused", "")
    ask.require(len(text) <= LONGEST, f"a ValueError of {LONGEST} characters or fewer", len(text))
    missing = [word for word in words if not _stands(word, text)]
    ask.require(text and not missing, f"a ValueError that says {' and '.join(words)}", report)
    others = [word for word in but if _stands(word, text)]
    ask.require(
        not others, f"a ValueError that says {' and '.join(words)}, not {' or '.join(others)}", report
    )


def _answer(ask: Ask, name: str, *given: object) -> object:
    """What the function answers; it is Wrong to refuse."""
    report = ask("attempt", name, *given)
    ask.require("answer" in report, "an answer", report)
    return report["answer"]


def _own(ask: Ask, name: str, *given: object, **named: object) -> object:
    """What the submission's own function answers, on which another builds; None where it raises."""
    try:
        return ask(name, *given, **named)
    except Raised:
        return None


def _one_of(ask: Ask, truths: list, answer: object, rtol: float = 1e-5, atol: float = 1e-6) -> None:
    """Require one of the values: the reference's first, then what follows from the submission's own."""
    right = any(truth is not None and agree(truth, answer, rtol, atol) for truth in truths)
    ask.require(right, shown(truths[0]), answer)


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
    message="Labels are compared row by row, by the place of the largest logit (the first of equal ones), "
    "near ties too; the difference is the largest absolute one of any two logits, not a mean.",
)
def counts_labels_and_finds_the_difference(ask: Ask, draw: Draw) -> None:
    own = _clear(draw, 30)
    tie, *rows = (int(row) for row in draw.choice(30, 5, replace=False))
    order = own[tie].argsort()
    own[tie, order[-2]] = own[tie, order[-1]] - np.float32(0.003)
    got = own.copy()
    got[draw.integers(30), draw.integers(7)] -= np.float32(0.4)
    got[tie] = own[tie]
    got[tie, order[-2]] += np.float32(0.006)
    for row in rows:
        got[row] = own[row]
        _swap(got, row, 0.1)
    equal = int((own.argmax(1) == got.argmax(1)).sum())
    truth = {"equal": equal, "difference": float(np.abs(own.astype(float) - got).max())}
    answer = _answer(ask, "agreement", own, got, 0.01)
    ask.require(agree(truth, answer, 1e-4), shown(truth), answer)
    tied = np.array([[1, 3, 3], [0, 0, 0]], "float32")  # of equal logits the first is the label
    moved = np.array([[1, 3, 2.5], [0.25, 0, 0]], "float32")
    answer = _answer(ask, "agreement", tied, moved, 0.01)
    ask.require(agree({"equal": 2, "difference": 0.5}, answer), "equal 2, difference 0.5", answer)
    lone = np.array([[-2, -1]], "float32")
    answer = _answer(ask, "agreement", lone, lone - 1, 0.01)
    ask.require(agree({"equal": 1, "difference": 1.0}, answer), "equal 1, difference 1", answer)


@check(
    "same",
    points=0.75,
    objective=3,
    message="A row whose label differs is a near tie, and no disagreement, where the *model's own* two "
    "largest logits are at most two tolerances apart, whichever label the other one chose. `first` is the "
    "first of the others, or None.",
)
def near_ties_do_not_count(ask: Ask, draw: Draw) -> None:
    own = _clear(draw, 20)
    tie, other, late = sorted(int(row) for row in draw.choice(20, 3, replace=False))
    order = own[tie].argsort()
    own[tie, order[-2]] = own[tie, order[-1]] - np.float32(0.03)
    got = own.copy()
    got[tie, order[-2]] += np.float32(0.035)
    _swap(got, late, 0.001)  # near in `got`, clear in the model
    cases = [(own, got.copy(), 0.02, late)]
    _swap(got, other, 2.0)
    cases.append((own, got, 0.02, other))
    cases.append((own[: tie + 1], got[: tie + 1], 0.02, None))
    cases.append((own[: tie + 1], got[: tie + 1], 0.014, tie))
    # Exactly two tolerances apart, and a label that is neither of the two largest; no tolerance, and a tie.
    near = np.array([[0, 8, 0], [4, 3.5, 0], [0, 0, 8]], "float32")
    moved = np.array([[0, 8, 0], [3, 3.5, 9], [0, 0, 8]], "float32")
    cases += [(near, moved, 0.25, None), (near, moved, 0.2, 1), (near, near, 0.2, None)]
    even = np.array([[1, 1, 0]], "float32")
    cases += [(even, np.array([[0, 1, 0]], "float32"), 0.0, None)]
    for expected, converted, tolerance, first in _in_any_order(draw, cases):
        answer = _answer(ask, "agreement", expected, converted, tolerance)
        ask.require(agree({"first": first}, answer), f"first {first}", answer)


@check(
    "same",
    points=1,
    objective=3,
    message="The logits decide: the same, if none is off by more than the tolerance, which is absolute: "
    "large logits get no more of it. Equal labels do not make it so, a mean hides one wrong logit, and a "
    "near tie that changes its label does no harm.",
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
    one = np.array([[1, 0, 0]], "float32")
    large = np.array([[65_536, 0, 0]], "float32")
    half = np.array([[0.5, 0, 0]], "float32")
    cases += [(one, one - half, 0.5, True), (one, one + half, 0.499, False), (one, one, 0.0, True)]
    cases += [(large, large + half, 0.25, False), (-large, half - large, 0.25, False)]
    said = set()
    for own, other, tolerance, same in _in_any_order(draw, cases):
        answer = _answer(ask, "agreement", own, other, tolerance)
        said.add(bool(answer["same"]))
        # A wrong difference is told by another check: this asks only what follows from it.
        right = float(np.abs(own.astype(float) - other).max())
        told = np.asarray(answer["difference"])
        follows = None if agree(right, told, 1e-4) or told.shape else bool(told <= tolerance)
        _one_of(ask, [same, follows], answer["same"])
    ask.require(said == {True, False}, "True for some and False for others", sorted(said))


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
    for got in (own[:1], own[:, :1], own[:-1], own[:, :-1], own[None], own.ravel()):
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
    "u = 2^-24, at the worst logit; twice, as two runtimes can err in opposite directions. In float64.",
)
def a_tolerance_with_a_reason(ask: Ask, draw: Draw) -> None:
    cases = [(np.array([[2]], "float32"), np.array([[-3]], "float32"))]
    cases.append((np.array([[1e30]], "float32"), np.array([[-1e30]], "float32")))  # no float32 holds 1e60
    for n in (2, 16, 300):
        x, W = draw.normal(size=(5, n)).astype("float32"), draw.normal(size=(n, 3)).astype("float32")
        cases.append((x, W))
    for x, W in cases:
        truth = 2 * len(W) * 2.0**-24 * (np.abs(x).astype(float) @ np.abs(W).astype(float)).max()
        ask.equal("tolerance", x, W, expected=float(truth), rtol=1e-4, atol=0)


# --- How small will it be? ---------------------------------------------------

FORMS = ("float32", "float16", "int8")


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
    for shapes in (_shapes(draw), {"scale": []}, {"one": [1], "row": [1, 9], "deep": [2, 3, 4, 5, 6]}):
        for form in FORMS[:2]:
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
    alone = [{name: shape} for name, shape in shapes.items()]
    for given in (*_in_any_order(draw, alone), {"column": [7, 1]}, {"row": [1, 7]}, shapes):
        ask.equal("size", given, "int8", expected=_bytes(given, "int8"))


def _fits(sizes: dict[str, int], limit: int) -> str | None:
    return next((form for form in FORMS if sizes[form] <= limit), None)


@check(
    "size",
    points=0.5,
    objective=4,
    message="The most exact form that fits: float32 if it does, then float16, then int8, else None. A "
    "limit may be reached to the byte.",
)
def the_most_exact_that_fits(ask: Ask, draw: Draw) -> None:
    cases = []
    # In the second int8 takes more bytes than either of the others: its scales do.
    large = {"kernel": [3, 3, 8, 16], "bias": [16], "dense": [int(draw.integers(50, 500)), 10]}
    for shapes in (large, {"row": [1, int(draw.integers(9, 50))]}):
        truth = {form: _bytes(shapes, form) for form in FORMS}
        own = {form: _own(ask, "size", shapes, form) for form in FORMS}
        if not all(isinstance(n, int | float | np.number) for n in own.values()):
            own = truth
        for limit in {int(n) - less for n in own.values() for less in (0, 1)}:
            cases.append((shapes, limit, [_fits(truth, limit), _fits(own, limit)]))
    for shapes, limit, (truth, follows) in _in_any_order(draw, cases):
        answer = ask("best_that_fits", shapes, limit)
        ask.require(agree(truth, answer) or agree(follows, answer), shown(truth), shown(answer))


@check(
    "size",
    points=1,
    objective=4,
    message="Count what became 0 and was not, and what became infinite, of either sign; the error is that "
    "of all that stay finite, what became 0 among them. (bfloat16 would keep all sizes and lose digits.)",
)
def float16_loses_both_ends(ask: Ask, draw: Draw) -> None:
    sign = draw.choice([-1, 1], 60)
    w = (draw.uniform(1, 2, 60) * sign).astype("float32")
    zeros, infinite = (int(n) for n in draw.integers(2, 8, 2))
    w[:zeros] *= np.float32(1e-9)
    w[10 : 10 + infinite] *= np.float32(1e6)
    w[10:12] = np.abs(w[10:12]) * [1, -1]  # both infinities
    w[20:25] = 0
    w = draw.permutation(w).reshape(5, 12)
    kept = np.abs(w) < 1e5
    error = np.abs(w[kept].astype("float16").astype("float32") - w[kept]).max()
    truth = {"zeros": zeros, "infinite": infinite, "error": float(error)}
    ask.equal("halved", w, expected=truth, rtol=1e-3, atol=1e-9)
    for numbers, truth in (
        # What is 65,520 or more is infinite; 65,519 is not yet, and 15 off.
        ([65_504, 65_519, 65_520, -65_520, 1], {"zeros": 0, "infinite": 2, "error": 15.0}),
        # All others are exact: what becomes 0 has the largest error.
        ([1, -0.5, 2e-8, 0, 0], {"zeros": 1, "infinite": 0, "error": 2e-8}),
        ([3], {"zeros": 0, "infinite": 0, "error": 0.0}),
    ):
        ask.equal("halved", np.array(numbers, "float32"), expected=truth, rtol=1e-3, atol=1e-12)


# --- A file from a stranger --------------------------------------------------


class _Surprise:
    """Unpickled, it sets a mark in the environment of whoever did so."""

    def __reduce__(self) -> tuple:
        return exec, ("import os; os.environ['OPENED'] = 'yes'",)


def _packed(arrays: dict[str, np.ndarray]) -> np.ndarray:
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return np.frombuffer(file.getvalue(), dtype="uint8")


def _entries(arrays: dict[str, np.ndarray]) -> dict[str, bytes]:
    """The .npy file of each array."""
    files = {}
    for name, array in arrays.items():
        file = io.BytesIO()
        np.save(file, array)
        files[name] = file.getvalue()
    return files


def _zipped(entries: dict[str, bytes]) -> np.ndarray:
    """An .npz file of these .npy files."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(f"{name}.npy", content)
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


def _others(spec: dict, name: str) -> tuple[str, ...]:
    """The arrays that are as they should be, where only ``name`` is not."""
    return tuple(other for other in spec if other != name)


def _opened_or_not(ask: Ask, draw: Draw, cases: list[tuple], alone: bool = False) -> None:
    """Files, what they should hold, and the word with which each is refused; none where it is read.

    ``alone``: an array is at fault, and a text that names others as well does not say which.
    """
    for packed, spec, word in _in_any_order(draw, cases):
        if word:
            _refused(ask, "opened", [packed, spec], word, but=_others(spec, word) if alone else ())
        else:
            _answer(ask, "opened", packed, spec)


@check(
    "stranger",
    points=0.5,
    objective=1,
    message="A good file was not read, or not as it is: all of its arrays, by name, with their shapes and "
    "types; also where the shape has no axes, or one of length 0, and whatever the order in memory.",
)
def opens_a_good_file(ask: Ask, draw: Draw) -> None:
    arrays, spec = _weights(draw)
    arrays |= {"one": np.array(draw.normal()), "none": np.zeros((0, 3), "float32")}
    arrays["large"] = draw.normal(size=(40, 50))  # more than 1 kB by far
    arrays |= {"columns": np.asfortranarray(draw.normal(size=(3, 4))), "yes": np.array([True, False])}
    spec = {name: {"shape": list(a.shape), "dtype": str(a.dtype)} for name, a in arrays.items()}
    answer = _answer(ask, "opened", _packed(arrays), spec)
    ask.require(set(answer) == set(arrays), f"the arrays {sorted(arrays)}", sorted(answer))
    for name, array in arrays.items():
        got = np.asarray(answer[name])
        same = got.dtype == array.dtype and got.shape == array.shape and np.array_equal(got, array)
        ask.require(same, f"{name}: {shown(array)}", got)


@check(
    "stranger",
    points=1,
    objective=6,
    message="The file ran code of its own while it was read, or an array of objects was not refused by "
    "name. NumPy unpickles where `allow_pickle=True` says so; what comes out of it is too late to "
    "look at.",
)
def never_unpickles(ask: Ask, draw: Draw) -> None:
    cases = []
    for _ in range(2):
        arrays, spec = _weights(draw)
        for name in spec:
            objects = np.array([_Surprise()] * 2, dtype=object)
            cases.append((_packed(arrays | {name: objects}), spec, name))
        cases += [(_packed(arrays), spec, "")] * 2
    # Whoever expects objects gets none either.
    arrays, spec = _weights(draw)
    name = str(draw.choice(list(spec)))
    objects = np.array([_Surprise()] * 2, dtype=object)
    wanted = {"shape": [2], "dtype": "object"}
    cases.append((_packed(arrays | {name: objects}), spec | {name: wanted}, name))
    for packed, spec, name in _in_any_order(draw, cases):
        report = ask("unpacked", "opened", packed, spec)
        ask.require(report["ran code"] is False, "a file that runs nothing", report)
        if name:
            _says(ask, report, name)
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
    "type, or with nan or inf in it was taken, or refused without its name, or with the names of others.",
)
def looks_at_every_array(ask: Ask, draw: Draw) -> None:
    arrays, spec = _weights(draw)
    cases = [(_packed(arrays), spec, "")] * 3
    name, second, third = spec
    array = arrays[name]
    hole, large = array.copy(), array.copy()
    hole[draw.integers(len(hole)), 1], large[1, draw.integers(3)] = np.nan, -np.inf
    others = (array.T, array[None], array[:1], array.astype("float64"), array.view("int32"), hole, large)
    cases += [(_packed(arrays | {name: wrong}), spec, name) for wrong in others]
    cases.append((_packed(arrays | {second: np.append(arrays[second][1:], np.inf)}), spec, second))
    cases.append((_packed(arrays | {third: arrays[third].view("uint8")}), spec, third))
    _opened_or_not(ask, draw, cases, alone=True)


def _at(file: np.ndarray, place: int, byte: int) -> np.ndarray:
    changed = file.copy()
    changed[place] = byte
    return changed


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
        # A version of zip that Python does not know: it raises NotImplementedError.
        cases.append((_at(good, good.tobytes().index(b"PK\1\2") + 6, 109), spec, "file"))
        (name, array), *_ = arrays.items()
        file = io.BytesIO()
        np.savez(file, **arrays)  # not compressed: so the array's own bytes can be found
        plain = np.frombuffer(file.getvalue(), dtype="uint8")
        place = plain.tobytes().index(array.tobytes()) + 3
        cases += [(_at(plain, place, plain[place] ^ 64), spec, name), (plain, spec, ""), (good, spec, "")]
    _opened_or_not(ask, draw, cases)


@check(
    "stranger",
    points=0.5,
    objective=6,
    message="A few kilobytes were unpacked to many times their size before the array was refused. The zip "
    "tells each entry's size, and the array's header a shape and type, which may be a lie: compare both with "
    "what is expected before the array is read.",
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
        ask.require(_stands(name, report.get("refused", "")), f"a ValueError that says {name}", report)
        ask.require(report["peak"] < size // 2, f"much less than {size} bytes at any time", report)
    for name in spec:
        # The right array, and 2 kB behind it, which a reader of arrays never sees.
        entries = _entries(arrays)
        _refused(ask, "opened", [_zipped(entries | {name: entries[name] + bytes(2_000)}), spec], name)
        # A header that says 128 MiB, and eight numbers.
        header = io.BytesIO()
        said = {"descr": "<f8", "fortran_order": False, "shape": (2**24,)}
        np.lib.format.write_array_header_1_0(header, said)
        lie = _zipped(entries | {name: header.getvalue() + bytes(64)})
        report = ask("unpacked", "opened", lie, spec)
        ask.require(_stands(name, report.get("refused", "")), f"a ValueError that says {name}", report)
        ask.require(report["peak"] < 2**24, "no memory for what the header says", report)


@check(
    "stranger",
    points=1,
    objective=1,
    message="The right weights in another network: the kernel's axes (permuted, not reshaped), no flip, "
    "zeros around, the bias before ReLU, and the order row, column, channel before the dense layer.",
)
def the_network_that_the_weights_are_of(ask: Ask, draw: Draw) -> None:
    for batch, rows, columns, c, labels in ((3, 4, 6, 5, 4), (1, 1, 2, 1, 1)):
        shapes = {"kernel": (3, 3, 1, c), "bias": (c,), "dense": (rows * columns * c, labels)}
        arrays = {name: draw.normal(size=shape).astype("float32") for name, shape in shapes.items()}
        images = draw.uniform(0, 1, (batch, rows, columns)).astype("float32")
        padded = np.pad(images, [(0, 0), (1, 1), (1, 1)])
        windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(1, 2))
        hidden = np.einsum("brckl,klo->brco", windows, arrays["kernel"][:, :, 0]) + arrays["bias"]
        truth = np.maximum(hidden, 0).reshape(batch, -1) @ arrays["dense"]
        ask.equal("logits", arrays, images, expected=truth, rtol=1e-4, atol=1e-3)


# --- A program without its code ----------------------------------------------

BENDS = {"tanh": np.tanh, "sin": np.sin, "exp": np.exp}
NAMES = {"tanh": "tanh", "sin": "(?<!co)sin", "exp": "(?<![a-z])exp(?!and)"}
#: What makes a program of a function.
PROGRAMS = (
    "torch.export",
    "torch.jit.script",
    "torch.jit.trace",
    "torch.fx",
    "torch._dynamo",
    "torch.onnx",
    "tensorflow.function",
    "tensorflow.Graph",
    "tensorflow.saved_model.save",
    ".get_concrete_function",
    "jax.export.export",
)
PRODUCT = "matmul|(?<![a-z])mm|linear|dot_general|einsum"


def _model(draw: Draw, layers: int, bend: str = "") -> tuple[list[np.ndarray], str]:
    widths = [int(n) for n in draw.integers(3, 7, layers + 1)]
    weights = [(0.5 * draw.normal(size=(a, b))).astype("float32") for a, b in itertools.pairwise(widths)]
    return weights, bend or str(draw.choice(list(BENDS)))


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


def _right(answers: object, weights: list, bend: str, batches: list) -> bool:
    return agree([_forward(weights, bend, batch) for batch in batches], answers, 1e-3, 1e-4)


@check(
    "program",
    points=1,
    objective=1,
    message="Not the model's answers, or the model's code was called for them: when you answer it is absent. "
    "The weights belong in the file, and the function between the layers too: an exported program, not "
    "weights and a loop of your own.",
)
def answers_without_the_code(ask: Ask, draw: Draw) -> None:
    for bend, layers in (("tanh", 3), ("sin", 2), ("exp", 2)):
        weights, _ = _model(draw, layers)
        # Of two rows, as the example that most will take: other sizes are asked for below.
        batches = _batches(draw, len(weights[0]), 2)
        (report,) = _carried(ask, [(weights, bend)], batches)
        truth = [_forward(weights, bend, batch) for batch in batches]
        ask.require(_right(report["answers"], weights, bend, batches), shown(truth), report["answers"])
    ask.require(ask.uses("save_program", *PROGRAMS), "an exported program", "none is made")


@check(
    "program",
    points=1,
    objective=2,
    message="The program takes the batch size that it was traced with, and no other. Leave that axis free "
    "when you export.",
)
def takes_any_batch(ask: Ask, draw: Draw) -> None:
    weights, _ = _model(draw, 1)  # one layer, and so nothing between layers
    batches = _batches(draw, len(weights[0]), 1, int(draw.integers(3, 40)))
    (report,) = _carried(ask, [(weights, "tanh")], batches)
    truth = [_forward(weights, "tanh", batch) for batch in batches]
    ask.require(_right(report["answers"], weights, "tanh", batches), shown(truth), report["answers"])


@check(
    "program",
    points=1,
    objective=1,
    message="Two programs were saved, and one answered for the other: read the folder that is given, and "
    "nothing else that was kept.",
)
def two_programs_are_two(ask: Ask, draw: Draw) -> None:
    first, second = (_model(draw, 1)[0] for _ in range(2))  # of one layer: nothing else can be wrong
    second[0] = draw.normal(size=(len(first[0]), 4)).astype("float32")
    batches = _batches(draw, len(first[0]), 2)
    reports = _carried(ask, [(first, "tanh"), (second, "sin")], batches)
    for report, weights in zip(reports, (first, second), strict=True):
        truth = [_forward(weights, "tanh", batch) for batch in batches]
        ask.require(_right(report["answers"], weights, "tanh", batches), shown(truth), report["answers"])


@check(
    "program",
    points=1,
    objective=1,
    message="Not the operators of the program: each product and each function between the layers stands in "
    "it once, by its type in the framework's own words. A call of a function hides what is inside.",
)
def says_what_is_in_it(ask: Ask, draw: Draw) -> None:
    models = [_model(draw, 1), _model(draw, 4)]
    for weights, bend in models:
        batches = _batches(draw, len(weights[0]), 2)
        (report,) = _carried(ask, [(weights, bend)], [])
        names = [str(name) for name in report["operators"]]
        products = sum(bool(re.search(PRODUCT, name, re.IGNORECASE)) for name in names)
        ask.require(products == len(weights), f"{len(weights)} products", names)
        bends = _between(names, NAMES[bend])
        if bends != len(weights) - 1:  # of a program with another function it is that one, told elsewhere
            (answered,) = _carried(ask, [(weights, bend)], batches)
            if not _right(answered["answers"], weights, bend, batches):
                continue
        ask.require(bends == len(weights) - 1, f"{len(weights) - 1} times {bend}", names)


def _between(names: list[str], pattern: str) -> int:
    return sum(bool(re.search(pattern, name, re.IGNORECASE)) for name in names)


# --- Fix the export ----------------------------------------------------------


def _prepared(x: np.ndarray) -> np.ndarray:
    x = x.astype(float)
    x = x / 16 if x.max() > 1 else x
    length = np.linalg.norm(x, axis=1, keepdims=True)
    return np.where(length > 1, x / np.maximum(length, 1), x).reshape(-1, 8, 8)


def _directions(x: np.ndarray) -> np.ndarray:
    """Rows of 8 x 8 at the length 1, or 0: what no division by a number changes."""
    flat = np.asarray(x, float).reshape(len(x), -1)
    length = np.linalg.norm(flat, axis=1, keepdims=True)
    return (flat / np.where(length > 0, length, 1)).reshape(-1, 8, 8)


@check(
    "mend",
    points=1,
    objective=2,
    message="It exports for the number of rows that it was traced with only, or not at all. Nothing may "
    "depend on that number: no loop over the rows, no 32 in a shape, no `float` of what is not there yet.",
)
def any_number_of_rows(ask: Ask, draw: Draw) -> None:
    sizes = 32, int(draw.integers(2, 20)), 1
    batches = [draw.uniform(0, 0.1, (n, 64)).astype("float32") for n in sizes]
    got = ask("exported", "prepare", batches)
    shapes = [(n, 8, 8) for n in sizes]
    ask.require([np.shape(answer) for answer in got] == shapes, f"shapes {shapes}")
    # By what they are divided is asked below, where the number of rows is fixed.
    truth = [_directions(batch) for batch in batches]
    ask.require(agree(truth, [_directions(answer) for answer in got], 1e-3, 1e-4), "each row in its place")


def _single(draw: Draw, values: np.ndarray) -> np.ndarray:
    """32 rows with one number each that is not 0: their sum, their largest and their length are one."""
    x = np.zeros((32, 64), "float32")
    x[range(32), draw.integers(0, 64, 32)] = values
    return x


@check(
    "mend",
    points=1,
    objective=2,
    message="One number above 1 and the *whole batch* is divided by 16; none, and nothing is. That is to be "
    "decided in the program, at each call: not while it is traced, and not row by row.",
)
def the_batch_decides(ask: Ask, draw: Draw) -> None:
    scaled, high = _single(draw, draw.uniform(0.2, 0.9, 32)), int(draw.integers(3, 32))
    mixed, barely, whole = scaled.copy(), scaled.copy(), scaled.copy()
    mixed[high, draw.integers(64)] = draw.uniform(2, 15)
    barely[high, draw.integers(64)] = 1.25
    whole[:3] = np.eye(64)[:3]  # 1 is not above 1
    for batches in ([scaled, mixed, whole], [barely, scaled]):
        got = ask("exported", "prepare", batches, free=False)
        # Where every row gets the length 1, nothing can be seen of this; that, and by what the row with
        # the high number is divided, another check tells.
        truth, unseen, seen = (
            [np.delete(rows, high, axis=0) for rows in answers]
            for answers in (map(_prepared, batches), map(_directions, batches), map(np.asarray, got))
        )
        ask.require(agree(truth, seen, 1e-4, 1e-5) or agree(unseen, seen, 1e-4, 1e-5), shown(truth))


@check(
    "mend",
    points=1,
    objective=2,
    message="Each row decides for itself: divided by its length if that is above 1, else left alone. Its "
    "length is Euclidean and taken after the division by 16; a row of zeros stays zeros.",
)
def each_row_decides(ask: Ask, draw: Draw) -> None:
    # Whatever is not 0 is above 1: the batch is divided however that is decided.
    counts = draw.integers(2, 17, (32, 64)).astype("float32")
    counts[:16, draw.permutation(64)[3:]] = 0
    counts[0], counts[1] = 0, 16 * np.eye(64)[9]  # of length 0 and 1
    counts[:2] = counts[draw.permutation(2)]
    batches = [draw.permutation(counts), draw.permutation(counts)]
    truth = [_prepared(batch) for batch in batches]
    got = ask("exported", "prepare", batches, free=False)
    ask.require(agree(truth, got, 1e-4, 1e-5), shown(truth))


def _centred(parts: list[np.ndarray], count: float, total: np.ndarray) -> list[np.ndarray]:
    answers = []
    for part in parts:
        count, total = count + len(part), total + part.sum(0)
        answers.append(part - total / count)
    return answers


def _one_by_one(draw: Draw) -> tuple[list[np.ndarray], tuple, list[np.ndarray]]:
    """Parts of one row each, a state, and the answers."""
    columns = int(draw.integers(2, 5))
    parts = [draw.normal(2, 1, (1, columns)).astype("float32") for _ in range(4)]
    state = np.float32(draw.integers(2, 9)), draw.normal(size=columns).astype("float32")
    return parts, state, _centred([part.astype(float) for part in parts], *state)


@check(
    "mend",
    points=1,
    objective=2,
    message="What came before was forgotten, or kept outside of the program, where only tracing changes "
    "it. The state comes in as arguments and goes out behind the answer, count first.",
)
def the_state_goes_in_and_out(ask: Ask, draw: Draw) -> None:
    parts, state, truth = _one_by_one(draw)
    got = ask("streamed", "centred", parts, *state, free=False)
    ask.require(agree(truth, got, 1e-3, 1e-4), shown(truth))


@check(
    "mend",
    points=1,
    objective=2,
    message="Right for batches of the size that was traced, wrong for others: the number of rows became a "
    "constant, or calls were counted for rows. Ask x for it inside the program.",
)
def the_rows_are_counted_in_the_program(ask: Ask, draw: Draw) -> None:
    start = np.float32(0), np.zeros(2, "float32")
    parts = [draw.normal(3, 1, (int(n), 2)).astype("float32") for n in (3, draw.integers(4, 12), 1)]
    truth = [part - part.mean(0, dtype=float) for part in parts]
    got = ask("exported", "centred", parts, *start)  # each from the start
    ask.require(agree(truth, got, 1e-3, 1e-4), shown(truth))
    rows, state, answers = _one_by_one(draw)
    if not agree(answers, _own(ask, "streamed", "centred", rows, *state, free=False), 1e-3, 1e-4):
        return  # the state is lost anyhow, which another check tells
    truth = _centred([part.astype(float) for part in parts], *start)
    got = ask("streamed", "centred", parts, *start)
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
    "that lies above or below 0 is widened to it first, that of one number too. The zero point is rounded.",
)
def the_range_holds_zero(ask: Ask, draw: Draw) -> None:
    for _ in range(3):
        low, high, scale, zero = _range(draw)
        ask.equal("affine", low, high, expected={"scale": scale, "zero": zero})
    far, c = (float(n) for n in draw.uniform(1, 9, 2))
    # 0 lies a good quarter of a step, or more than half of one, above a whole one.
    for low, high, zero in ((-1.003, 1.547, -28), (-1.997, 0.553, 72), (-1.994, 0.556, 71)):
        ask.equal("affine", low, high, expected={"scale": 0.01, "zero": zero})
    for low, high in ((far / 3, far), (0.0, far), (c, c)):
        ask.equal("affine", low, high, expected={"scale": high / 255, "zero": -128})
        ask.equal("affine", -high, -low, expected={"scale": high / 255, "zero": 127})


@check(
    "int8",
    points=0.5,
    objective=4,
    message="Where there is nothing but zeros a scale of 0 would divide by 0: it is 1.0 instead, of the "
    "range and of a column alike; all the rest is as ever.",
)
def constants_have_a_scale(ask: Ask, draw: Draw) -> None:
    answer = ask.equal("affine", 0.0, 0.0, expected={"scale": 1.0})
    if agree({"zero": -128}, _own(ask, "affine", 0.0, 255.0)):  # else it is told by another check
        ask.require(agree({"zero": -128}, answer), "zero -128", answer)
    none = np.zeros((4, 3), "float32")
    ask.equal("columns", none, expected={"weights": none, "scales": np.ones(3)})
    c, W = float(draw.uniform(0.5, 4)), none.copy()
    W[:, 1] = c
    answer = ask("columns", W)
    scales = np.asarray(answer["scales"], float)
    if np.ptp(scales):  # one scale for all columns is told by another check
        ask.require(agree(np.ones(2), scales[[0, 2]]), "1 for a column of zeros", answer)
        ask.require(not np.any(np.asarray(answer["weights"])[:, [0, 2]]), "zeros for zeros", answer)


@check(
    "int8",
    points=0.75,
    objective=4,
    message="To the nearest step, then the zero point, then cut to -128 and 127, then int8: a cast alone "
    "drops what is behind the point, and wraps round what is too large, also before it is cut.",
)
def rounds_and_saturates(ask: Ask, draw: Draw) -> None:
    _, _, scale, zero = _range(draw)
    steps = draw.integers(-400, 400, 80)
    x = (scale * (steps + draw.uniform(-0.4, 0.4, 80))).astype("float32")
    cases = [(x, scale, zero, np.clip(steps + zero, -128, 127))]
    # Both ends, a step beyond each, and what no int32 and no int64 holds.
    x = np.array([[-64, 191, 192], [-65, 0, 1], [3e9, -3e9, 1e30]], "float32") / 8
    cases.append((x, 0.125, -64, np.array([[-128, 127, 127], [-128, -64, -63], [127, -128, 127]])))
    cases.append((np.array([0.375, -0.625], "float32"), 1.0, 5, np.array([5, 4])))
    for x, scale, zero, truth in cases:
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
    W = np.array([[-1, 4]], "float32")  # one input; the largest is negative, or it is not
    truth = {"weights": np.array([[-127, 127]]), "scales": np.array([1, 4]) / 127}
    ask.equal("columns", W, expected=truth, rtol=1e-4, atol=0)
    W = np.array([[1e-12, 1], [-4e-13, -1]], "float32")  # a small column is no column of zeros
    truth = {"weights": np.array([[127, 127], [-51, -127]]), "scales": np.array([1e-12, 1]) / 127}
    ask.equal("columns", W, expected=truth, rtol=1e-4, atol=0)


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


def _odd(inputs: int) -> tuple[list, np.ndarray]:
    """255 x 127, an odd number of times: more than 2^24, and odd, which no float32 is. And the sums."""
    x, W = np.full((1, inputs), 5.1, "float32"), np.full((inputs, 2), 0.5, "float32")
    return [x, W, 0.0, 5.1], np.full((1, 2), 255 * 127 * inputs)


def _scales(ask: Ask, W: np.ndarray, low: float, high: float) -> tuple | None:
    """x's scale and zero point, the weights' integers and scales, as the submission's functions say."""
    range_, made = _own(ask, "affine", low, high), _own(ask, "columns", W)
    try:
        weights = np.asarray(made["weights"]).astype("int64").reshape(W.shape)
        scales = np.asarray(made["scales"], float).reshape(W.shape[1])
        return float(range_["scale"]), int(range_["zero"]), weights, scales
    except (KeyError, TypeError, ValueError):
        return None


def _sums(ask: Ask, x: np.ndarray, W: np.ndarray, low: float, high: float) -> np.ndarray | None:
    """The sums of products as the submission's other functions make them."""
    if not (found := _scales(ask, W, low, high)):
        return None
    scale, zero, weights, _ = found
    try:
        q = np.asarray(_own(ask, "quantised", x, scale, zero)).astype("int64").reshape(x.shape)
    except (TypeError, ValueError):
        return None
    sums = (q - zero) @ weights
    return sums if sums.any() else None


@check(
    "int8",
    points=1,
    objective=4,
    message="The sums are not exact. q - zero does not fit into int8, 127 x 127 does not either, and "
    "float32 counts exactly only up to 2^24: make everything int32 before it is combined.",
)
def sums_in_int32(ask: Ask, draw: Draw) -> None:
    cases = [_pair(draw, *given)[:2] for given in ((7, False), (7, True), (20_000, True))]
    for given, sums in (*cases, _odd(1), _odd(20_001)):
        follows = _sums(ask, *given)
        answer = ask("product", *given)
        got = np.asarray(answer["sums"])
        ask.require(got.dtype == np.int32, "int32 sums", str(got.dtype))
        _one_of(ask, [sums, follows], got, rtol=0, atol=0)


@check(
    "int8",
    points=0.25,
    objective=4,
    message="The sums are integers; what they stand for is the sum times the scale of x times the scale of "
    "the column's weights.",
)
def the_answer_has_both_scales(ask: Ask, draw: Draw) -> None:
    given, _, truth = _pair(draw, 7)
    _, W, low, high = given
    found = _scales(ask, W, low, high)
    answer = ask("product", *given)
    sums = np.asarray(answer["sums"], float)  # right or not, which another check tells
    scales = np.abs(W).max(0).astype(float) / 127
    truths = [truth, sums * (high - low) / 255 * scales]
    if found:
        truths.append(sums * found[0] * found[3])
    _one_of(ask, truths, answer["answer"], rtol=1e-3, atol=1e-12)


@check(
    "int8",
    points=0.5,
    objective=4,
    message="The bound has three parts: |x| times half a step of the column's scale, |W| times half a step "
    "of x's, and the product of both halves, each summed over the inputs.",
)
def bounds_the_error_beforehand(ask: Ask, draw: Draw) -> None:
    for inputs in (11, 1):
        (x, W, low, high), _, _ = _pair(draw, inputs)
        scales = [((high - low) / 255, np.abs(W).max(0).astype(float) / 127)]
        if found := _scales(ask, W, low, high):
            scales.append((found[0], found[3]))
        truths = [
            np.abs(x).sum(1, keepdims=True) * t / 2 + s / 2 * np.abs(W).sum(0) + inputs * s / 2 * t / 2
            for s, t in scales
        ]
        _one_of(ask, truths, ask("bound", x, W, low, high), rtol=1e-3, atol=0)


# --- The open inference protocol ---------------------------------------------

TYPES = {"UINT8": "uint8", "INT64": "int64", "FP16": "float16", "FP32": "float32", "BOOL": "bool"}


def _numbers(draw: Draw, shape: list[int], dtype: str) -> np.ndarray:
    """Numbers of a type; halves too where it has any."""
    x = draw.integers(0, 2 if dtype == "bool" else 90, shape)
    return (x / 2 if dtype.startswith("float") else x).astype(dtype)


@check(
    "protocol",
    points=1,
    objective=5,
    message="The data is one flat list, row by row, whatever the array's order in memory, and of plain "
    "numbers, which JSON takes; the datatype is the protocol's name, the shape has all axes.",
)
def sends_rows_in_a_flat_list(ask: Ask, draw: Draw) -> None:
    shapes = {dtype: [int(n) for n in draw.choice(range(2, 6), 3, replace=False)] for dtype in TYPES}
    shapes |= {"INT64": [4], "FP16": [1, 1], "UINT8": [0, 3]}
    for datatype, dtype in TYPES.items():
        x, name = _numbers(draw, shapes[datatype], dtype), f"x{draw.integers(9)}"
        sent = ask("wire", "request", x, name)["inputs"][0]
        truth = {"name": name, "shape": list(x.shape), "datatype": datatype, "data": x.ravel().tolist()}
        ask.require(agree(truth, sent), shown(truth), sent)


@check(
    "protocol",
    points=1,
    objective=5,
    message="The answer's outputs come in any order: take the one of exactly that name, in its shape and "
    'its type; where there is none (a refusal, {"error": ...}, has none) raise a ValueError that says which.',
)
def reads_the_output_by_its_name(ask: Ask, draw: Draw) -> None:
    outputs, truth = [], {}
    for datatype, dtype in TYPES.items():
        for name, least in ((f"a {datatype}", 1), (f"a {datatype}s", 0)):
            x = _numbers(draw, [int(n) for n in draw.integers(least, 4, 2)], dtype)
            data = x.ravel().tolist()
            outputs.append({"name": name, "shape": list(x.shape), "datatype": datatype, "data": data})
            truth[name] = x
    order = draw.permutation(len(outputs))
    order = sorted(order, key=lambda i: len(outputs[i]["name"]), reverse=True)  # longer names first
    response = {"model_name": "m", "outputs": [outputs[i] for i in order]}
    for name, x in truth.items():
        got = np.asarray(_answer(ask, "tensor", response, name))
        same = got.dtype == x.dtype and got.shape == x.shape and np.array_equal(got, x)
        ask.require(same, shown(x), got)
    _refused(ask, "tensor", [response, "scores"], "scores")
    _refused(ask, "tensor", [{"model_name": "m", "outputs": []}, "scores"], "scores")
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


def _served(ask: Ask, body: str, shelf: dict) -> None:
    """Require an answer. One that ends in an exception is told where answers are compared."""
    answer = _own(ask, "respond", NAMED, body, shelf)
    ask.require(answer is None or answer["status"] == 200, "200", answer)


def _gives(ask: Ask, path: str, shelf: dict, version: str, x: np.ndarray) -> None:
    """Require that version's logits, as a tensor: as it should be sent, or as the submission sends it."""
    truth = x @ shelf[version]
    sent = {"name": "logits", "shape": list(truth.shape), "datatype": "FP32", "data": truth.ravel().tolist()}
    own = _own(ask, "request", truth, "logits")
    answer = ask("respond", path, _body(x), shelf)
    ask.require(answer["status"] == 200, "200", answer)
    said = _said(ask, answer)
    ask.require(said.get("model_name") == "digits" and said.get("model_version") == version, version, said)
    (out,) = said["outputs"]
    data = np.ravel(np.array(out["data"], float))  # nested or not, which another check tells
    ask.require(agree(truth.ravel(), data, 1e-4, 1e-5), shown(truth), out)
    follows = own["inputs"][0] if isinstance(own, dict) and own.get("inputs") else None
    ask.require(
        agree(sent, out, 1e-4, 1e-5) or (follows and agree(follows, out, 1e-4, 1e-5)), shown(sent), out
    )


INFER = "/v2/models/digits/infer"
#: The version is named: which is the newest is asked in one check only.
NAMED = "/v2/models/digits/versions/12/infer"


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
        _gives(ask, f"/v2/models/digits/versions/{version}/infer", shelf, version, x)
    _gives(ask, INFER, shelf, "12", x)
    _gives(ask, INFER, {"7": shelf["9"]}, "7", x[:1])
    _gives(ask, INFER, {"10": shelf["12"], "9": shelf["9"]}, "10", x)


def _refusals(ask: Ask, shelf: dict, *cases: tuple[int, str, str, str]) -> None:
    """Require for each path and body the status, and the word with which the message begins."""
    for status, word, path, body in cases:
        answer = ask("respond", path, body, shelf)
        ask.require(answer["status"] == status, f"{status}", answer)
        error = str(_said(ask, answer).get("error"))
        ask.require(re.match(rf"{word}(?!\w)", error), f"an error that begins with {word}", answer)


@check(
    "protocol",
    points=0.5,
    objective=6,
    message="What is not there is 404, and never an answer of something else: another model, a path that "
    "goes on, a version that is not (or no longer) kept. That comes before what is wrong with the body.",
)
def what_is_not_there_is_404(ask: Ask, draw: Draw) -> None:
    shelf, x = _shelf(draw)
    _served(ask, _body(x), shelf)
    _refusals(
        ask,
        shelf,
        (404, "model", "/v2/models/letters/infer", _body(x)),
        (404, "model", "/v2/models/digits/infer/now", _body(x)),
        (404, "model", "/v2/models/digits", _body(x)),
        (404, "model", "/v2/models/digits2/infer", _body(x)),
        (404, "model", "/v1/v2/models/digits/infer", _body(x)),
        (404, "model", "/v2/models/letters/versions/12/infer", _body(x)),
        (404, "version", "/v2/models/digits/versions/1/infer", _body(x)),
        (404, "version", "/v2/models/digits/versions/012/infer", _body(x)),
        (404, "version", "/v2/models/digits/versions/latest/infer", _body(x)),
        (404, "version", "/v2/models/digits/versions/1/infer", "no JSON"),
    )


@check(
    "protocol",
    points=1,
    objective=6,
    message="A malformed request is answered 400, never with an exception, and the message begins with what "
    "to fix, by the first line of the table that applies: body, inputs, or the field that is missing or "
    "does not fit.",
)
def a_message_begins_with_the_field(ask: Ask, draw: Draw) -> None:
    shelf, x = _shelf(draw)
    good = json.loads(_body(x))["inputs"][0]
    # What the table does not mention is no fault.
    _served(ask, json.dumps({"id": "7", "inputs": [good | {"parameters": {}}]}), shelf)
    bodies = [
        ("body", text) for text in (_body(x)[:-3], "", "[1, 2]", "null", '"inputs"', "3", "[" * 100_000)
    ]
    for inputs in (None, [], [1], {"data": [1]}, [good] * 2, good, "pixels"):
        bodies.append(("inputs", json.dumps({"inputs": inputs})))
    bodies.append(("inputs", "{}"))
    for field in ("name", "shape", "datatype", "data"):
        bodies.append((field, json.dumps({"inputs": [{k: v for k, v in good.items() if k != field}]})))
    bodies.append(("name", '{"inputs": [{}]}'))
    bodies.append(("datatype", json.dumps({"inputs": [{"name": "pixels", "shape": "two", "data": []}]})))
    rows, inputs = x.shape
    for shape in (
        *([rows, inputs + 1], [rows, inputs - 1], [rows * inputs], [1, rows, inputs], [0, inputs]),
        *("two", [rows + 0.5, inputs], [-1, inputs], [rows, -1], [], None, [None, inputs], ["2", inputs]),
    ):
        bodies.append(("shape", _body(x, shape=shape)))
    one = x[:1].ravel().tolist()
    bodies.append(("shape", _body(x[:1], shape=[True, inputs])))
    bodies.append(("shape", _body(x, shape=[rows, float(inputs)])))
    bodies.append(("shape", _body(x, shape=[float(rows), inputs])))
    bodies.append(("shape", _body(x, shape=[rows], data="no")))
    bodies += [("datatype", _body(x, datatype=name)) for name in ("INT8", "FP64", "fp32", None)]
    bodies.append(("datatype", _body(x, datatype="FP64", shape=[0, inputs], data=["no"])))
    bodies += [("data", _body(x, data=[1.0] * (x.size + more))) for more in (-1, 1)]
    bodies += [
        ("data", _body(x, data=[])),
        ("data", _body(x, shape=[10**9, inputs])),
        ("data", _body(x, data=one)),
    ]
    _refusals(ask, shelf, *((400, word, NAMED, body) for word, body in bodies))


@check(
    "protocol",
    points=0.5,
    objective=6,
    message="A text, a NaN, an infinity, a number too large for FP32, true, null or a nested list reached "
    "the model, or ended in an exception; or logits that are not finite were sent. Python's json reads and "
    "writes NaN and Infinity, which are no JSON, and takes True for 1: look at every entry.",
)
def only_numbers_reach_the_model(ask: Ask, draw: Draw) -> None:
    shelf, x = _shelf(draw)
    good = x.ravel().tolist()
    _served(ask, _body(x), shelf)
    whole = np.round(4 * x)
    _served(ask, _body(whole, data=[int(n) for n in whole.ravel()]), shelf)
    largest = -float(np.finfo("float32").max)  # times a thousandth it stays finite
    small = {version: W / np.float32(1_000) for version, W in shelf.items()}
    _served(ask, _body(x, data=[largest] + [0] * (x.size - 1)), small)
    bodies = []
    infinite, large = (float("nan"), float("inf"), -float("inf")), (1e39, -1e300, 10**400)
    for wrong in ("0.5", *infinite, *large, True, False, None, [0.5], {}):
        data = list(good)
        data[draw.integers(len(data))] = wrong
        bodies.append(_body(x, data=data))
    bodies += [_body(x, data=data) for data in ({"0": 1}, "5" * x.size, None, 1.0, x.tolist())]
    for body in bodies:
        answer = ask("respond", NAMED, body, shelf)
        ask.require(answer["status"] != 200, "no answer of the model", answer)
    short = ask("respond", NAMED, _body(x, data=good[1:]), shelf)
    if short["status"] == 400 and str(_said(ask, short).get("error")).startswith("data"):
        _refusals(ask, shelf, *((400, "data", NAMED, body) for body in bodies))
    for sign in (1, -1):
        large = {version: np.full_like(W, sign * 2) for version, W in shelf.items()}
        _refusals(ask, large, (500, "logits", NAMED, _body(x, data=[3e38] * x.size)))
    mixed = {version: np.stack([W[:, 0], 0 * W[:, 0]], 1) for version, W in large.items()}
    _refusals(ask, mixed, (500, "logits", NAMED, _body(x, data=[3e38] * x.size)))  # one of two


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


def _closed(ask: Ask, arrivals: list[float], size: int, wait: float) -> None:
    """Require batches and when each is closed: the server takes no time, so that it answers then."""
    given = arrivals, size, wait, 0.0, 0.0
    ask.equal("served", *given, expected=_batcher(*given))


@check(
    "batching",
    points=0.75,
    objective=5,
    message="A batch that is full closes with the arrival that fills it, and starts then if the server is "
    "free: it waits for no deadline, and takes no more than `size` requests.",
)
def a_full_batch_starts_at_once(ask: Ask, draw: Draw) -> None:
    size = int(draw.integers(2, 6))
    # Bursts of exactly `size`, far apart: every batch is filled.
    _closed(ask, [float(500 * k + t) for k in range(4) for t in range(size)], size, 100.0)
    # One after the other, without a pause: only the size ends a batch.
    _closed(ask, [2.0 * k for k in range(4 * size)], size, 500.0)
    _closed(ask, [0.0, 1.0, 5.0], 1, 10.0)  # one by one


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
    _closed(ask, [start, start + wait - 1, start + wait, start + wait + 1, start + 200], 8, wait)
    _closed(ask, _arrivals(draw, 30, 9), 50, 25.0)
    _closed(ask, [start, start + 1, start + 7], 4, 0.0)  # nobody waits
    _closed(ask, [start], 4, wait)


@check(
    "batching",
    points=1,
    objective=5,
    message="There is one server: a closed batch starts when the one before it is done. And all requests of "
    "a batch are answered together, base + each x (how many they are) ms after its start.",
)
def one_batch_after_the_other(ask: Ask, draw: Draw) -> None:
    # All come before the first is answered. When a batch closes is asked above: here the submission's
    # batches are taken as they are, and each must take its time behind the one before it.
    size, base, each = int(draw.choice([2, 3, 4])), float(draw.integers(200, 300)), 7.0
    given = _arrivals(draw, 24, 3)[: 4 * size + 1], size, 20.0, base, each
    answer = ask("served", *given)
    truth = _batcher(*given)
    batches, answered = answer["batches"], [float(t) for t in answer["answered"]]
    ask.require(sorted(itertools.chain(*batches)) == [*range(len(given[0]))], shown(truth))
    times = [{answered[i] for i in batch} for batch in batches]
    ask.require(all(max(t) - min(t) < 1e-6 for t in times), "one time for all of a batch", answered)
    took = np.diff([max(t) for t in times])
    truth = [base + each * len(batch) for batch in batches[1:]]
    ask.require(agree(np.array(truth), took), f"from one answer to the next {shown(truth)} ms", took)
    alone = 3.0, 2, 0.0, base, each  # nobody else: it starts at once
    _one_of(ask, [{"answered": [3.0 + base + each]}], ask("served", [alone[0]], *alone[1:]))


@check(
    "batching",
    points=0.75,
    objective=5,
    message="By nearest rank the p-th percentile is the one at place p n / 100 in order, rounded up, counted "
    "from 1: a latency that was seen, not one between two; 99 % of 20 is the largest.",
)
def percentiles_by_nearest_rank(ask: Ask, draw: Draw) -> None:
    cases = [
        [float(t) for t in draw.choice(10_000, n, replace=False)] for n in (1, 2, 3, 20, 21, 100, 101, 400)
    ]
    cases.append([float(t) for t in draw.choice(10_000, int(draw.integers(30, 90)), replace=False)])
    cases.append([5.0, 1.0, 5.0, 5.0, 2.0, 5.0])  # equal ones count, each for itself
    for latencies in cases:
        ordered = sorted(latencies)
        truth = {f"p{p}": ordered[(p * len(ordered) + 99) // 100 - 1] for p in (50, 95, 99)}
        ask.equal("percentiles", latencies, expected=truth, rtol=0, atol=1e-6)


def _p99(arrivals: list[float], answered: list[float]) -> float:
    ordered = sorted(b - a for a, b in zip(arrivals, answered, strict=True))
    return ordered[(99 * len(ordered) + 99) // 100 - 1]


def _own_p99(
    ask: Ask, arrivals: list[float], size: int, wait: float, base: float, each: float
) -> float | None:
    """With the submission's own batcher and percentiles, right or not; None where they say nothing."""
    day = _own(ask, "served", arrivals, size, wait, base, each)
    answered = day.get("answered", ()) if isinstance(day, dict) else ()
    if len(answered) != len(arrivals):
        return None
    found = _own(ask, "percentiles", [float(b) - a for a, b in zip(arrivals, answered, strict=True)])
    return found.get("p99") if isinstance(found, dict) else None


@check(
    "batching",
    points=0.5,
    objective=5,
    message="The wait with the smallest p99 of the *latencies*, which are answered less arrived; of equal "
    "ones the shortest. Neither the longest nor the shortest wait is best in general.",
)
def the_wait_with_the_best_tail(ask: Ask, draw: Draw) -> None:
    days = []
    for _ in range(3):
        # Busy hours and quiet ones, so that the best is neither end; in a unit of its own, among some others.
        unit, size = float(draw.integers(1, 10)), int(draw.integers(5, 9))
        arrivals = [unit * t for t in _arrivals(draw, 60, 4)]
        others = (0, 2, 5, 11)[draw.integers(5) :] + (300, 301, 500, 900)[: draw.integers(5)]
        waits = [unit * float(w) for w in draw.permutation([19, 40, *others])]
        base, each = unit * float(draw.integers(15, 25)), unit  # whole numbers: equal ones are equal
        days.append((arrivals, size, waits, base, each))
    burst, base = [float(t) for t in range(6)], float(draw.integers(9, 30))
    days.append((burst, 6, [50.0, 90.0, 7.0, 20.0], base, 0.0))
    # Somebody alone, and late: answered last of all, but not the one who waits longest.
    days.append(([*burst, 9000.0], 6, [20.0, 0.0, 7.0], base, 0.0))
    for arrivals, size, waits, *times in days:
        answered = {wait: _batcher(arrivals, size, wait, *times)["answered"] for wait in waits}
        truth = min(waits, key=lambda wait, day=arrivals, at=answered: (_p99(day, at[wait]), wait))
        own = [(_own_p99(ask, arrivals, size, wait, *times), wait) for wait in waits]
        tails = {p99 for p99, _ in own}
        follows = None if None in tails or len(tails) == 1 else min(own)[1]
        _one_of(ask, [truth, follows], ask("best_wait", arrivals, size, waits, *times))


# --- Translate ---------------------------------------------------------------


def _hashed(ids: np.ndarray, percent: int) -> np.ndarray:
    """Who goes to version 2."""
    return np.array([int(id) * 2654435761 % 2**32 // 2**16 * 100 // 2**16 < percent for id in ids])


def _serve(
    chosen: np.ndarray, x: np.ndarray, old: np.ndarray, new: np.ndarray, window: int, limit: int
) -> dict:
    with np.errstate(over="ignore", invalid="ignore"):
        before, after = x @ old, x @ new
    labels, versions, recent, on = [], [], [], True
    for i in range(len(x)):
        finite = bool(np.isfinite(after[i]).all())
        first, second = int(before[i].argmax()), int(after[i].argmax())
        versions.append(2 if on and chosen[i] and finite else 1)
        labels.append(second if versions[-1] == 2 else first)
        if on and chosen[i]:
            recent.append(not finite or first != second)
            on = sum(recent[-window:]) <= limit
    return {"labels": labels, "versions": versions, "compared": len(recent), "on": on}


#: An id and a percentage: it goes to version 2 as the lower 16 bits of its hash are cut off first, not last.
UNCUT = (412, 63)

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


def _chosen(ask: Ask, ids: np.ndarray, x: np.ndarray, old: np.ndarray, percent: int) -> np.ndarray:
    """Whom the submission sends to version 2, as one asks that sees no difference; by another hash, too.

    If there are any to speak of: by no hash is it nobody.
    """
    right = _hashed(ids, percent)
    if percent == 100:
        return right
    answer = _own(ask, "serve", ids, x, old, old, percent, N, N)
    versions = np.asarray(answer["versions"]) if isinstance(answer, dict) and "versions" in answer else right
    own = versions == 2
    return own if own.shape == (N,) and own.mean() > 0.3 else right


def _compared(ask: Ask, requests: list, percent: int, window: int, limit: int, *keys: str) -> None:
    """Require the values of these keys, for those whom the submission sends to version 2."""
    ids, x, old, new = requests
    chosen = _chosen(ask, ids, x, old, percent)
    truth = _serve(chosen, x, old, new, window, limit)
    ask.equal("serve", *requests, percent, window, limit, expected={key: truth[key] for key in keys})


@check(
    "translation",
    points=1,
    objective=5,
    message="Other ids than the original's go to version 2. The hash is the product modulo 2^32, its upper "
    "16 bits times 100 are cut by 2^16: with 32 signed bits, or with 64 and no modulo, it is another.",
)
def the_same_ids_every_time(ask: Ask, draw: Draw) -> None:
    for percent in (0, 1, int(draw.integers(10, 90)), UNCUT[1], 99, 100):
        ids, x, old, new = _requests(draw, np.zeros(N, bool))
        ids[:4] = 0, 1, 2**31 - 1, UNCUT[0]
        versions = np.where(_hashed(ids, percent), 2, 1)
        ask.equal("serve", ids, x, old, new, percent, 10, 1, expected={"versions": versions})


@check(
    "translation",
    points=1,
    objective=3,
    message="Each request gets the label of the version that answers it: version 1's answers to the others "
    "are for comparison only, and are not given.",
)
def labels_of_the_version_that_answers(ask: Ask, draw: Draw) -> None:
    ids, x, old, new = _requests(draw, draw.uniform(size=N) < 0.5)
    x[:4, :5] = 2  # the first of equal logits
    _compared(ask, [ids, x, old, new], 60, N, N, "labels")


@check(
    "translation",
    points=1,
    objective=5,
    message="Version 2 is switched off too early, too late, or not at all: when *more* than `limit` of the "
    "last `window` compared answers differ, and from the next request on. `compared` is how many both "
    "answered.",
)
def switched_off_in_time(ask: Ask, draw: Draw) -> None:
    keys = "versions", "compared", "on"
    none, late, ends = (np.zeros(N, bool) for _ in range(3))
    late[30:] = True  # in the end more than any limit
    ends[[0, -1]] = True
    for window, limit in ((1, 0), (6, 2), (10, 4)):
        _compared(ask, _requests(draw, late), 100, window, limit, *keys)
    for limit in (3, N - 1, N):  # soon, by the last request, and never
        _compared(ask, _requests(draw, ~none), 100, N, limit, *keys)
    for limit in (0, 1):
        _compared(ask, _requests(draw, ends), 100, N, limit, *keys)
    _compared(ask, _requests(draw, none), 55, 1, 0, *keys)


@check(
    "translation",
    points=1,
    objective=5,
    message="Old mistakes were never forgotten, or it was not the compared requests that were counted: "
    "only the last `window` of those that version 2 was asked for are looked at.",
)
def the_window_forgets(ask: Ask, draw: Draw) -> None:
    # Each time far from the limit: where it lies exactly, and whether there is one, is asked above.
    wrong = np.zeros(N, bool)
    wrong[::8] = True
    _compared(ask, _requests(draw, wrong), 100, 6, 3, "on")
    for _ in range(2):
        ids, x, old, new = _requests(draw, wrong)
        x[:, 5] = ~_chosen(ask, ids, x, old, 50)  # all differ but those that are compared
        _compared(ask, [ids, x, old, new], 50, 6, 3, "on")
    # Of two that differ a window of 6 sees one, or both: so much for who keeps to the limit.
    one, two = wrong & (np.arange(N) == 8), np.arange(N) < 2
    kept = [_own(ask, "serve", *_requests(draw, some), 100, N, 1) for some in (one, two)]
    if agree([{"on": True}, {"on": False}], kept):
        for apart, on in ((6, True), (5, False)):
            both = one | (np.arange(N) == 8 + apart)
            ask.equal("serve", *_requests(draw, both), 100, 6, 1, expected={"on": on})


@check(
    "translation",
    points=1,
    objective=6,
    message="An answer of version 2 with nan or inf in it was given to somebody, or was not counted as "
    "different because its largest entry happens to be the right label.",
)
def what_is_not_finite_is_not_given(ask: Ask, draw: Draw) -> None:
    plain, every = (_requests(draw, wrong) for wrong in (np.arange(N) % 2 == 0, np.ones(N, bool)))
    firsts = {"labels": (plain[1] @ plain[2]).argmax(1)}
    # What is wrong of finite answers too is told by other checks.
    told = _own(ask, "serve", *plain, 0, N, N), _own(ask, "serve", *every, 100, N, 3)
    labelled, switched = agree(firsts, told[0]), agree({"on": False}, told[1])
    # Infinite at the very label that is right, or at one that is not the largest anyway; or nan, for all.
    for label, value in ((2, 3e38), (0, -3e38), (1, np.nan)):
        ids, x, old, new = _requests(draw, np.zeros(N, bool))
        some = np.arange(N) if np.isnan(value) else draw.choice(N, 12, replace=False)
        x[some] = [0, 0, 3, 0, 0, 10]
        new[5] = 0
        new[5, label] = value
        answer = ask("serve", ids, x, old, new, 100, N, N)
        versions, truth = np.asarray(answer["versions"]), np.full(N, 2)
        truth[some] = 1
        ask.require(agree(truth, versions), shown(truth), versions)
        if labelled:
            labels = x[:, :5].argmax(1)
            ask.require(agree(labels, answer["labels"]), shown(labels), answer["labels"])
        if switched:  # counted as different, twelve are too many
            ask.equal("serve", ids, x, old, new, 100, N, 3, expected={"on": False})
