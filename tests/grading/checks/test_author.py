"""What a check comes to: passed, wrong, missing, of another kind, or itself at fault."""

from __future__ import annotations

import numpy as np
import pytest

from triptych.errors import TriptychError
from triptych.grading import checks
from triptych.grading.checks import Ask, CheckResult, HiddenCheck, check
from triptych.grading.sandbox import CellError, Code, Died, Missing, Raised


class Scripted:
    """A session that answers from a list of values and exceptions."""

    def __init__(self, *answers: object, errors: tuple[CellError, ...] = ()) -> None:
        self.answers, self.errors = list(answers), errors

    def call(self, name: str, *args: object, **kwargs: object) -> object:
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def one(
    function, *answers: object, cells: tuple[Code, ...] = (), errors: tuple[CellError, ...] = (), missing=None
) -> CheckResult:
    hidden = check("exercise", points=2, objective=1, message="The likely mistake.")(function)
    session = Scripted(*answers, errors=errors)
    (result,) = checks.results([hidden], session, (), cells, 0, {}, missing)
    return result


def asks_for_four(ask: Ask, draw: np.random.Generator) -> None:
    ask.equal("double", 2, expected=4)


def test_a_check_passes_when_it_returns() -> None:
    result = one(asks_for_four, 4)
    assert (result.check, result.earned, result.message) == ("exercise/asks-for-four", 2, "")


def test_a_wrong_answer_is_told_with_input_expected_and_got() -> None:
    result = one(asks_for_four, 5)
    assert (result.earned, result.message) == (0, "The likely mistake.")
    assert (result.input, result.expected, result.got) == ("double(2)", "4", "5")


def test_a_function_that_raises_is_told_with_the_exception_before_the_mistake() -> None:
    result = one(asks_for_four, Raised("double", "TypeError", "no"))
    assert (result.earned, result.problem) == (0, "It raised TypeError: no.")
    assert (result.message, result.got) == ("The likely mistake.", "TypeError: no")
    placed = one(asks_for_four, Raised("double", "TypeError", "no", "return n + 'a'"))
    assert placed.problem == "It raised TypeError: no. The line: `return n + 'a'`"
    long = one(asks_for_four, Raised("double", "Unsupported", "a word " * 50))
    assert len(long.problem) < 220 and len(long.got) > 300


BLANK = Code("double (released)", "def double(n):\n    # YOUR CODE HERE\n    raise NotImplementedError()")
EMPTY = Raised("double", "NotImplementedError", "")


def test_a_function_that_is_as_it_was_released_is_not_answered_yet() -> None:
    result = one(asks_for_four, EMPTY, cells=(BLANK,))
    assert (result.message, result.absent, result.problem) == ("Not answered yet.", True, "")
    wrapped = Raised(
        "double", "Unsupported", "Observed exception from user code: raise NotImplementedError()"
    )
    assert one(asks_for_four, wrapped, cells=(BLANK,)).message == "Not answered yet."


@pytest.mark.parametrize(
    ("source", "error", "message"),
    [
        ("def double(n:\n    return 2", ("SyntaxError", "'(' was never closed (line 1)"), "SyntaxError: '('"),
        ("import nothing\n\ndef double(n):\n    return 2 * n", ("ImportError", ""), "ImportError."),
        ("x = nothing\ndouble = lambda n: 2 * n", ("NameError", "no x."), "NameError: no x."),
        ("class double:\n  a = 1 / 0", ("ZeroDivisionError", "division by zero"), "ZeroDivisionError: div"),
    ],
)
def test_a_function_whose_cell_failed_is_told_with_the_cells_error(
    source: str, error: tuple[str, str], message: str
) -> None:
    cells = (BLANK, Code("code cell 4", source))
    result = one(asks_for_four, EMPTY, cells=cells, errors=(CellError("code cell 4", *error),))
    assert result.message.startswith(f"The cell that defines `double` failed: code cell 4: {message}")
    assert result.absent and not result.message.endswith("..")


def test_another_cells_error_is_not_blamed() -> None:
    cells = (BLANK, Code("code cell 4", "undouble = 1\nx = double + nothing"))
    error = CellError("code cell 4", "NameError", "name 'nothing' is not defined")
    assert one(asks_for_four, EMPTY, cells=cells, errors=(error,)).message == "Not answered yet."


def test_a_function_that_has_another_name_now_is_told_as_missing() -> None:
    for similar, more in {"": "", "doubled": " Is it `doubled` now?"}.items():
        result = one(asks_for_four, EMPTY, cells=(BLANK,), missing={"double": similar})
        assert result.message == f"No function `double` found: answers are found by their names.{more}"
        assert result.absent


def test_an_answer_that_raises_not_implemented_itself_is_an_answer() -> None:
    own = Code("code cell 1", "def double(n):\n    raise NotImplementedError('for odd n')")
    result = one(asks_for_four, Raised("double", "NotImplementedError", "for odd n"), cells=(BLANK, own))
    assert not result.absent and result.problem == "It raised NotImplementedError: for odd n."


def test_a_failed_cell_is_named_where_what_it_defines_is_missing() -> None:
    cells = (
        Code("code cell 2", "def helper(n:"),
        Code("code cell 3", "def double(n):\n    return helper(n)"),
    )
    error = CellError("code cell 2", "SyntaxError", "'(' was never closed (line 1)")
    raised = Raised("double", "NameError", "name 'helper' is not defined")
    result = one(asks_for_four, raised, cells=cells, errors=(error,))
    assert result.problem == (
        "It raised NameError: name 'helper' is not defined. The cell that defines `helper` failed:"
        " code cell 2: SyntaxError: '(' was never closed (line 1)."
    )


def test_an_answer_that_looks_like_the_expected_one_is_told_apart() -> None:
    def asks_for_a_tenth(ask: Ask, draw: np.random.Generator) -> None:
        ask.equal("tenth", expected=[0.1], rtol=0, atol=0)

    result = one(asks_for_a_tenth, [0.1 + 1e-12])
    assert result.expected == result.got == "[0.1]"
    assert result.difference == "at [0]: 0.100000000001 and not 0.1, 1.0e-12 apart"


def test_a_requirement_whose_words_look_like_the_answer_is_told_by_its_kind() -> None:
    def asks_for_a_list(ask: Ask, draw: np.random.Generator) -> None:
        ask.require(ask("f") == "never", "[1 2] int64", np.array([1, 2]))

    assert one(asks_for_a_list, 1).difference == "It is an array of int64 of shape (2,)"


def test_what_numpy_calls_true_is_true_and_an_array_without_axes_is_a_number() -> None:
    def is_true(ask: Ask, draw: np.random.Generator) -> None:
        value = ask("answer")
        ask.require(value["same"] is True, "True", value["same"])
        assert np.shape(value["pair"][0]) == () and not isinstance(value["pair"][0], np.ndarray)

    assert one(is_true, {"same": np.bool_(True), "pair": (np.array(2.5), [np.array(1)])}).earned == 2
    result = one(is_true, {"same": "True", "pair": (1,)})
    assert result.got == "'True'"


def test_a_check_that_stumbles_says_so_before_its_diagnosis() -> None:
    def looks_inside(ask: Ask, draw: np.random.Generator) -> None:
        assert ask("double", 2)["results"] == 4

    result = one(looks_inside, 4)
    assert result.problem == "It returned something of another kind than the exercise asks for."


def test_a_check_that_cannot_judge_says_why_and_gives_no_points() -> None:
    def builds_on_another(ask: Ask, draw: np.random.Generator) -> None:
        if not ask("double", 2):
            ask.not_judged("it doubles nothing")

    result = one(builds_on_another, 0)
    assert (result.earned, result.message, result.problem) == (0, "Not judged: it doubles nothing.", "")
    assert (result.input, result.expected, result.got) == ("double(2)", "", "")
    assert one(builds_on_another, 4).earned == 2


def test_a_missing_function_is_told_by_name() -> None:
    result = one(asks_for_four, Missing("the notebook defines no function named double"))
    assert result.message == "The notebook defines no function named double."
    assert result.absent


def test_a_dead_submission_is_not_asked() -> None:
    result = one(asks_for_four, Died("ran longer than 60 s while its cells ran"))
    assert result.message == "Not asked: the notebook ran longer than 60 s while its cells ran."


@pytest.mark.parametrize(
    "answer", [None, "4", [4], {"4": 4}, np.array([4]), True, float("nan"), "x" * 10_000]
)
def test_an_answer_of_another_kind_is_wrong_and_harmless(answer: object) -> None:
    def looks_inside(ask: Ask, draw: np.random.Generator) -> None:
        value = ask("double", 2)
        assert value["results"][0] == 4

    for function in (asks_for_four, looks_inside):
        result = one(function, answer)
        assert (result.earned, result.message) == (0, "The likely mistake.")
        assert len(result.got) <= checks.SHOWN


def test_a_check_that_is_itself_at_fault_is_not_the_learners_mistake() -> None:
    def at_fault(ask: Ask, draw: np.random.Generator) -> None:
        draw.permutation([(1, 2), (3,)])

    with pytest.raises(TriptychError, match="exercise/at-fault: the check failed"):
        one(at_fault)


def test_inputs_depend_on_the_seed_and_the_check_alone() -> None:
    def draws(ask: Ask, draw: np.random.Generator) -> None:
        ask("f", int(draw.integers(10**9)))

    def other(ask: Ask, draw: np.random.Generator) -> None:
        ask("f", int(draw.integers(10**9)))

    both = [check("e", points=1, objective=1, message="m")(f) for f in (draws, other)]

    def inputs(chosen: list[HiddenCheck], seed: int) -> list[str]:
        return [r.input for r in checks.run(chosen, Scripted(0, 0), (), (), seed).results]

    assert inputs(both, 1) == inputs(both, 1)
    assert inputs(both, 1)[1:] == inputs(both[1:], 1)
    assert len({*inputs(both, 1), *inputs(both, 2)}) == 4
