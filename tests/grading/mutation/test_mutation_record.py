"""The course's own explanations and record are of the solutions as they are."""

from __future__ import annotations

import pytest

from support.exercises import CHAPTERS, COURSE, of_every_chapter, solution
from triptych import files
from triptych.dev import mutation_record as record
from triptych.frameworks import FRAMEWORKS

pytest.importorskip("mutmut")

from triptych.grading.mutation.explained import explained
from triptych.grading.mutation.mutants import mutants
from triptych.notebooks.answers import by_exercise


def answers(chapter: str, framework: str) -> dict[str, str]:
    found = by_exercise(solution(chapter, framework))
    return {name: "\n\n".join(texts) for name, texts in found.items()}


@of_every_chapter
def test_each_explanation_is_of_a_mutant_that_there_is(chapter: str) -> None:
    explanations = explained(COURSE, chapter)
    wanted = {each.exercise for each in explanations}
    made = [
        mutant
        for framework in FRAMEWORKS
        for name, answer in answers(chapter, framework).items()
        if name in wanted
        for mutant in mutants(name, framework, answer)
    ]
    assert [line for each in explanations for line in each.stale(made)] == []


def test_the_record_is_of_the_solutions_as_they_are() -> None:
    recorded = record.read(COURSE)["chapters"]
    assert set(recorded) <= set(CHAPTERS)
    for chapter, of in recorded.items():
        for framework, entry in of.items():
            now = answers(chapter, framework)
            assert set(entry["exercises"]) == set(now), (chapter, framework)
            assert entry["answers"] == files.digest("\n\n".join(now.values()), 16), (
                f"the answers of {chapter}/{framework} have changed: "
                f"make mutation CHAPTER={chapter} FRAMEWORK={framework}"
            )


def test_no_mutant_survives_without_an_explanation() -> None:
    for chapter, of in record.totals(record.read(COURSE)).items():
        assert {framework: counts["survived"] for framework, counts in of.items()} == dict.fromkeys(of, 0), (
            chapter
        )
