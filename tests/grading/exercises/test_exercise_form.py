"""What an exercise is: the same in all siblings, with points, explanations, checks and hints."""

from __future__ import annotations

import ast
import symtable
import sys
from collections import Counter

from support import ROOT
from support.exercises import (
    COURSE,
    EXERCISES,
    HIDDEN,
    blank,
    code,
    in_every_framework,
    of_every_chapter,
    sections,
    solution,
)
from triptych.grading.chapter import objectives
from triptych.notebooks.cells import marks, source
from triptych.notebooks.normalise import normalised


@of_every_chapter
def test_siblings_have_the_same_exercises(chapter: str) -> None:
    def outline(framework: str) -> list:
        cells = solution(chapter, framework)["cells"]
        headings = [source(c).partition("\n")[0] for c in cells if source(c).startswith("## ")]
        return [headings, [(c["id"], c["cell_type"], marks(c)) for c in cells]]

    assert outline("pytorch") == outline("tensorflow") == outline("jax")


@of_every_chapter
def test_siblings_ask_for_the_same_functions(chapter: str) -> None:
    def signatures(framework: str) -> list[str]:
        cells = code(blank(chapter, framework))
        answers = [source(cell) for cell in cells if marks(cell).get("solution")]
        return [line for answer in answers for line in answer.splitlines() if line.startswith("def ")]

    assert signatures("pytorch") == signatures("tensorflow") == signatures("jax")
    assert len(signatures("jax")) > len(EXERCISES[chapter])


@of_every_chapter
def test_siblings_show_the_same_checks(chapter: str) -> None:
    def visible(framework: str) -> list[str]:
        shown = [source(cell) for cell in code(solution(chapter, framework)) if marks(cell).get("grade")]
        return [text.replace("JAX arrays", "tensors") for text in shown]

    assert visible("pytorch") == visible("tensorflow") == visible("jax")


@of_every_chapter
def test_every_objective_of_the_chapter_is_exercised(chapter: str) -> None:
    listed = objectives(COURSE, chapter)
    assert len(listed) >= 6
    assert {hidden.objective for hidden in HIDDEN[chapter]} == set(range(1, len(listed) + 1))


@of_every_chapter
def test_a_chapter_has_exercises_enough_and_one_is_a_translation(chapter: str) -> None:
    assert len(EXERCISES[chapter]) >= 5
    assert EXERCISES[chapter][-1] == "translation"


@of_every_chapter
def test_check_ids_are_unique_and_tell_their_exercise(chapter: str) -> None:
    assert max(Counter(hidden.id for hidden in HIDDEN[chapter]).values()) == 1
    assert all(hidden.id.startswith(f"{hidden.exercise}/") for hidden in HIDDEN[chapter])
    assert max(Counter(hidden.message for hidden in HIDDEN[chapter]).values()) == 1


@of_every_chapter
@in_every_framework
def test_an_exercise_is_worth_what_its_hidden_checks_are(chapter: str, framework: str) -> None:
    cells = code(solution(chapter, framework))
    worth = {m["grade_id"]: m["points"] for c in cells if (m := marks(c)).get("grade")}
    assert worth == {
        name: sum(hidden.points for hidden in HIDDEN[chapter] if hidden.exercise == name)
        for name in EXERCISES[chapter]
    }


@of_every_chapter
@in_every_framework
def test_every_visible_assertion_says_what_is_likely_wrong(chapter: str, framework: str) -> None:
    for cell in code(solution(chapter, framework)):
        if marks(cell).get("grade"):
            asserts = [n for n in ast.walk(ast.parse(source(cell))) if isinstance(n, ast.Assert)]
            assert asserts
            for node in asserts:
                assert isinstance(node.msg, ast.Constant) and len(node.msg.value) > 15, ast.unparse(node)


@of_every_chapter
@in_every_framework
def test_a_visible_check_takes_no_name_of_a_function(chapter: str, framework: str) -> None:
    """Cells are run again, and in any order: what the others define as functions must stay functions."""
    cells = code(solution(chapter, framework))
    functions = set().union(*(_defined(source(cell)) for cell in cells if not marks(cell).get("grade")))
    assert functions
    for cell in cells:
        if marks(cell).get("grade"):
            taken = functions & _bound(source(cell))
            assert not taken, f"{chapter}/{framework}: the check of {marks(cell)['grade_id']} rebinds {taken}"


def _defined(text: str) -> set[str]:
    """The functions and classes of a cell."""
    return {n.name for n in ast.parse(text).body if isinstance(n, ast.FunctionDef | ast.ClassDef)}


def _bound(text: str) -> set[str]:
    """The names that a cell leaves in the notebook, however it binds them."""
    table = symtable.symtable(text, "cell", "exec")
    return {
        symbol.get_name() for symbol in table.get_symbols() if symbol.is_assigned() or symbol.is_imported()
    }


@of_every_chapter
@in_every_framework
def test_every_exercise_explains_answers_checks_and_hints(chapter: str, framework: str) -> None:
    for name, cells in sections(chapter, framework).items():
        assert name in EXERCISES[chapter]
        answers = [source(cell) for cell in cells if marks(cell).get("solution")]
        assert answers and all('"""' in answer for answer in answers)
        assert [marks(cell)["grade_id"] for cell in cells if marks(cell).get("grade")] == [name]
        assert source(cells[-1]).startswith("<details>\n<summary>Hint</summary>\n\n")


@of_every_chapter
@in_every_framework
def test_an_exercise_needs_nothing_that_colab_lacks(chapter: str, framework: str) -> None:
    imported = set()
    for cell in code(solution(chapter, framework)):
        for node in ast.walk(ast.parse(source(cell))):
            if isinstance(node, ast.Import):
                imported |= {name.name.partition(".")[0] for name in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported.add(node.module.partition(".")[0])
    assert imported <= {*sys.stdlib_module_names, "numpy", "torch", "tensorflow", "jax"}


@of_every_chapter
@in_every_framework
def test_solutions_are_normalised_and_hold_no_outputs(chapter: str, framework: str) -> None:
    path = ROOT / "solutions" / chapter / f"{framework}.ipynb"
    assert path.read_text(encoding="utf-8") == normalised(path, COURSE)
    cells = code(solution(chapter, framework))
    assert not any(cell["outputs"] or cell["execution_count"] for cell in cells)
