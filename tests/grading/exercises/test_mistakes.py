"""Typical mistakes: each is caught by the check that names it, and costs nothing elsewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from support.exercises import (
    BANK,
    CHAPTERS,
    EXERCISES,
    HIDDEN,
    answers,
    failed,
    graded,
    in_every_framework,
    name_of,
    of_every_chapter,
    with_mistake,
)
from support.shared_session import Outcome, is_caught, outcomes
from triptych.grading.checks.mistakes import Mistake
from triptych.grading.sandbox import Sandbox

WRONG = list(answers("wrong"))


@of_every_chapter
def test_the_names_of_mistakes_are_unique_within_an_exercise(chapter: str) -> None:
    assert max(Counter((m.exercise, m.name) for m in BANK[chapter].wrong).values()) == 1


@pytest.mark.parametrize(("chapter", "name"), [(c, name) for c in CHAPTERS for name in EXERCISES[c]])
@in_every_framework
def test_the_bank_has_four_mistakes_for_each_exercise(chapter: str, name: str, framework: str) -> None:
    assert sum(m.exercise == name and framework in m.edits for m in BANK[chapter].wrong) >= 4


@of_every_chapter
def test_every_hidden_check_catches_a_mistake_of_the_bank(chapter: str) -> None:
    assert {hidden.id for hidden in HIDDEN[chapter]} == {mistake.caught_by for mistake in BANK[chapter].wrong}


# --- the bank ------------------------------------------------------------------------


def each(cases: list[tuple[str, str, Mistake]]) -> pytest.MarkDecorator:
    ids = [name_of(*case) for case in cases]
    return pytest.mark.parametrize(("chapter", "framework", "mistake"), cases, ids=ids)


@pytest.fixture(scope="session")
def outcome_of(
    warm_sandbox: Sandbox, request: pytest.FixtureRequest
) -> Callable[[str, str, Mistake], Outcome]:
    """The outcome of a mistake; all that were chosen of its notebook are tried when the first is asked for.

    Two exercises at a time where this is the only process.
    """
    known: dict[tuple[str, str, str, str], Outcome] = {}
    name = "test_a_typical_mistake_is_caught_by_the_check_that_names_it"
    chosen = [i.callspec.params for i in request.session.items if getattr(i, "originalname", "") == name]
    threads = 1 if hasattr(request.config, "workerinput") else 2

    def outcome_of(chapter: str, framework: str, mistake: Mistake) -> Outcome:
        if (chapter, framework, mistake.exercise, mistake.name) not in known:
            by_exercise: dict[str, list[Mistake]] = {}
            for params in chosen:
                if (params["chapter"], params["framework"]) == (chapter, framework):
                    by_exercise.setdefault(params["mistake"].exercise, []).append(params["mistake"])
            with ThreadPoolExecutor(threads) as pool:
                tried = pool.map(
                    lambda m: outcomes(warm_sandbox, chapter, framework, m), by_exercise.values()
                )
                for exercise, found in zip(by_exercise, tried, strict=True):
                    known.update({(chapter, framework, exercise, name): o for name, o in found.items()})
        return known[chapter, framework, mistake.exercise, mistake.name]

    return outcome_of


@pytest.mark.bank
@each(WRONG)
def test_a_typical_mistake_is_caught_by_the_check_that_names_it(
    outcome_of: Callable[[str, str, Mistake], Outcome], chapter: str, framework: str, mistake: Mistake
) -> None:
    outcome = outcome_of(chapter, framework, mistake)
    if isinstance(outcome, Exception):
        raise outcome
    assert is_caught(chapter, mistake, outcome), outcome


# --- a few of it for the quick lane, each in a session of its own ------------------------

SAMPLE = [
    (chapter, "pytorch", mistake)
    for chapter in CHAPTERS
    for mistake in [m for m in BANK[chapter].wrong if "pytorch" in m.edits][::40][:2]
]


@pytest.mark.parametrize(
    ("chapter", "framework", "mistake"), SAMPLE, ids=[f"{case[0]}-{case[2].name}" for case in SAMPLE]
)
def test_a_few_mistakes_are_caught_as_the_grader_grades_them(
    warm_sandbox: Sandbox, chapter: str, framework: str, mistake: Mistake
) -> None:
    submitted = with_mistake(chapter, framework, mistake)
    results = graded(warm_sandbox, chapter, framework, submitted, mistake.caught_by)
    assert is_caught(chapter, mistake, results), results


# --- many mistakes in one session ------------------------------------------------------


@pytest.mark.parametrize(
    "spoils",
    ["import torch; torch.tensor = torch.as_tensor = None", "del take_its_place", "import os; os._exit(0)"],
    ids=["what others need", "the switch", "the session"],
)
def test_a_mistake_that_spoils_the_session_fails_no_other(warm_sandbox: Sandbox, spoils: str) -> None:
    """After it, a right answer given as a mistake is not said to be caught, and a mistake still is."""
    caught = next(mistake for mistake in BANK["autodiff"].wrong if "pytorch" in mistake.edits)

    def other(name: str, *edits: str) -> Mistake:
        return Mistake(caught.exercise, name, caught.caught_by, {"pytorch": edits})

    spoiler = other("spoils", *caught.edits["pytorch"], spoils)
    tried = outcomes(warm_sandbox, "autodiff", "pytorch", [spoiler, other("right"), caught])
    assert not is_caught("autodiff", other("right"), tried["right"])
    assert is_caught("autodiff", caught, tried[caught.name])


# --- one mistake, all checks -----------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    ("chapter", "name"),
    [
        ("graphs", "scaled to length 1"),
        ("autodiff", "a half at the kink"),
        ("performance", "the smaller median"),
        ("deployment", "the highest text"),
        ("distributed", "reduced twice"),
    ],
)
def test_a_mistake_in_one_exercise_costs_nothing_in_another(
    warm_sandbox: Sandbox, chapter: str, name: str
) -> None:
    (mistake,) = [m for m in BANK[chapter].wrong if m.name == name]
    submitted = with_mistake(chapter, "tensorflow", mistake)
    results = graded(warm_sandbox, chapter, "tensorflow", submitted)
    assert {result.exercise for result in failed(results)} == {mistake.exercise}
