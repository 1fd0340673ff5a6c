"""What a check comes to: passed, wrong, missing, of another kind, or itself at fault."""

from __future__ import annotations

import numpy as np
import pytest

from triptych.errors import TriptychError
from triptych.grading import checks
from triptych.grading.checks import Ask, CheckResult, HiddenCheck, check
from triptych.grading.sandbox import Code, Died, Missing, Raised


class Scripted:
    """A session that answers from a list of values and exceptions."""

    def __init__(self, *answers: object) -> None:
        self.answers = list(answers)

    def call(self, name: str, *args: object, **kwargs: object) -> object:
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def one(function, *answers: object, cells: tuple[Code, ...] = ()) -> CheckResult:
    hidden = check("exercise", points=2, objective=1, message="The likely mistake.")(function)
    (result,) = checks.run([hidden], Scripted(*answers), (), cells, seed=0).results
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


def test_a_function_that_raises_is_told_with_the_mistake() -> None:
    result = one(asks_for_four, Raised("double", "TypeError", "no"))
    assert (result.earned, result.message, result.got) == (0, "The likely mistake.", "TypeError: no")


def test_a_missing_function_is_told_by_name() -> None:
    result = one(asks_for_four, Missing("the notebook defines no function named double"))
    assert result.message == "the notebook defines no function named double."


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
