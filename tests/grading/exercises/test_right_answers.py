"""Right answers of another make have full marks: no hidden check and no visible one refuses them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from support.exercises import (
    BANK,
    CHAPTERS,
    EXERCISES,
    answers,
    in_every_framework,
    name_of,
    of_every_chapter,
)
from support.right_answers import Answers
from triptych.grading.checks.mistakes import Mistake
from triptych.grading.sandbox import Sandbox

RIGHT = list(answers("right"))


@of_every_chapter
def test_the_names_of_right_answers_are_unique_within_an_exercise(chapter: str) -> None:
    assert max(Counter((a.exercise, a.name) for a in BANK[chapter].right).values()) == 1


@pytest.mark.parametrize(("chapter", "name"), [(c, name) for c in CHAPTERS for name in EXERCISES[c]])
@in_every_framework
def test_each_exercise_has_five_right_answers(chapter: str, name: str, framework: str) -> None:
    assert sum(a.exercise == name and framework in a.edits for a in BANK[chapter].right) >= 5


@pytest.fixture(scope="module")
def tried(warm_sandbox: Sandbox) -> Iterator[Answers]:
    answers = Answers(warm_sandbox)
    yield answers
    answers.close()


@pytest.mark.bank
@pytest.mark.parametrize(("chapter", "framework", "answer"), RIGHT, ids=[name_of(*case) for case in RIGHT])
def test_a_right_answer_is_accepted_by_every_check(
    tried: Answers, chapter: str, framework: str, answer: Mistake
) -> None:
    assert tried.refused(chapter, framework, answer) == []


#: One answer of two chapters for the quick lane.
SAMPLE = {case[0]: case for case in RIGHT if case[:2] in (("graphs", "pytorch"), ("performance", "pytorch"))}


@pytest.mark.parametrize(("chapter", "framework", "answer"), SAMPLE.values(), ids=SAMPLE)
def test_a_few_right_answers_are_accepted(
    tried: Answers, chapter: str, framework: str, answer: Mistake
) -> None:
    assert tried.refused(chapter, framework, answer) == []


def test_what_refuses_a_wrong_answer_is_told(tried: Answers) -> None:
    """A hidden check and the visible one, and the next answer is not refused for it."""
    wrong = Mistake("loop", "one step too many", "", {"pytorch": (("return steps,", "return steps + 1,"),)})
    first, *_, last = tried.refused("graphs", "pytorch", wrong)
    assert first.startswith("loop/counts-the-steps: ")
    assert last.startswith("the visible check: AssertionError: 6 -> 3 -> 10")
    assert tried.refused("graphs", "pytorch", Mistake("loop", "reference", "", {"pytorch": ()})) == []
