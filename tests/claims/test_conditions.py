"""Conditions on stored values: what they may say, and that they can reach nothing else."""

from __future__ import annotations

import pytest

from support import section
from triptych.claims.conditions import judge
from triptych.claims.evidence import StoredValues
from triptych.errors import TriptychError


@pytest.fixture
def stored(course, save):
    cold = section("Cold start", "{'warm': 2, 'is < 3': True, 'only': {'list': [3, 4], 'name': 'a < b'}}")
    save("jax", cold)
    return StoredValues(course)


REF = "tiny/jax#Cold start/"


@pytest.mark.parametrize(
    ("text", "filled", "true"),
    [
        (f"{REF}warm == 2", "2 == 2", True),
        (f"{REF}warm>=3", "2>=3", False),
        (f"{REF}list == [3, 4]", "[3, 4] == [3, 4]", True),
        (f"{REF}name == 'a < b'", "'a < b' == 'a < b'", True),
        (f"{REF}is < 3 != False", "True != False", True),
        (f"{{{REF}list}}[1] >= 2 * {{{REF}warm}}", "[3, 4][1] >= 2 * 2", True),
        (f"{{{REF}warm}} == len({{{REF}list}}) and not -{{{REF}warm}} > 0", None, True),
        (f"round({{{REF}warm}} / 3, 1) == 0.7 or 1 < {{{REF}warm}} < 2", None, True),
    ],
)
def test_a_condition_is_evaluated_and_shown_with_its_values(stored, text, filled, true):
    condition = judge(text, stored)
    assert condition.true is true
    assert filled is None or condition.filled == filled


@pytest.mark.parametrize(
    "expression",
    [
        "{V}.__class__ == 1",
        "{V} ** 9 == 512",
        "{V} // 1 == 2",
        "'a' * 999999999 > '{V}'",
        "[0] * 999999999 == {V}",
        "[x for x in [{V}]] == [2]",
        "open('/etc/passwd') == {V}",
        "{V} == 2 if 1 == 1 else False",
        "1 == 1 and " * 60 + "{V} == 2",
        "{V} == unknown",
        "{V} / 0 == 1",
        "{V}[0] == 1",
        "-" * 490 + "{V} == 2",
        "{V} == 2\n{V} == 3",
    ],
)
def test_a_condition_can_reach_nothing_and_its_fault_is_one_line(stored, expression):
    with pytest.raises(TriptychError) as error:
        judge(expression.replace("{V}", f"{{{REF}warm}}"), stored)
    assert "\n" not in f"{error.value.problem}; {error.value.remedy}"
