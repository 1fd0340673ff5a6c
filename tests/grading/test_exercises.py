"""The chapters' exercises: what they ask, what full marks take, and which check catches which mistake."""

from __future__ import annotations

import ast
import copy
import json
import random
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from support import ROOT, need
from triptych.course import Course
from triptych.dev import doctor as tools
from triptych.errors import TriptychError
from triptych.frameworks import FRAMEWORKS
from triptych.grading import checks, release
from triptych.grading.chapter import objectives
from triptych.grading.checks import Ask, CheckResult, HiddenCheck, Sources, agree, check, shorten, shown
from triptych.grading.checks.mistakes import Mistake, bank
from triptych.grading.sandbox import Code, Died, Missing, Raised, Sandbox
from triptych.grading.submissions import cells_to_run
from triptych.notebooks.normalise import normalised

COURSE = Course(ROOT)
CHAPTERS = sorted({path.parent.name for path in release.solutions(COURSE)})
HIDDEN = {chapter: checks.load(COURSE, chapter) for chapter in CHAPTERS}
EXERCISES = {chapter: list(dict.fromkeys(h.exercise for h in HIDDEN[chapter])) for chapter in CHAPTERS}
BANK = {chapter: bank(COURSE, chapter) for chapter in CHAPTERS}
MARKERS = re.compile(r"^ *### (BEGIN|END) SOLUTION\n", re.MULTILINE)

of_every_chapter = pytest.mark.parametrize("chapter", CHAPTERS)
in_every_framework = pytest.mark.parametrize("framework", FRAMEWORKS)


def exercise(chapter: str, framework: str) -> Path:
    return ROOT / "exercises" / chapter / f"{framework}.ipynb"


def read(path: Path) -> dict:
    return json.loads(path.read_text(encoding="utf-8"))


def solution(chapter: str, framework: str) -> dict:
    return read(ROOT / "solutions" / chapter / f"{framework}.ipynb")


def source(cell: dict) -> str:
    return "".join(cell["source"])


def marks(cell: dict) -> dict:
    return cell["metadata"].get("nbgrader", {})


def code(node: dict) -> list[dict]:
    return [cell for cell in node["cells"] if cell["cell_type"] == "code"]


def sections(chapter: str, framework: str) -> dict[str, list[dict]]:
    """The solution's cells by exercise."""
    found: dict[str, list[dict]] = {}
    for cell in solution(chapter, framework)["cells"]:
        if source(cell).startswith("## "):
            current = found.setdefault(cell["id"].removesuffix("-question"), [])
        if found:
            current.append(cell)
    return found


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    need(tools.BUBBLEWRAP)
    with Sandbox(("torch", "torch._dynamo", "tensorflow", "jax"), kind="bubblewrap") as sandbox:
        yield sandbox


def graded(
    sandbox: Sandbox, chapter: str, framework: str, submitted: dict, only: str = "", seed: int = 7
) -> tuple[CheckResult, ...]:
    """The results of a submission: of one exercise's checks, of one check, or of all."""
    cells = cells_to_run(submitted, exercise(chapter, framework))
    chosen = [hidden for hidden in HIDDEN[chapter] if only in ("", hidden.exercise, hidden.id)]
    with sandbox.open(cells) as session:
        return checks.run(chosen, session, cells, seed)


def failed(results: tuple[CheckResult, ...]) -> list[CheckResult]:
    return [result for result in results if result.earned < result.points]


# --- what an exercise is -----------------------------------------------------


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
        cells = code(read(exercise(chapter, framework)))
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


# --- full marks and none -----------------------------------------------------


@of_every_chapter
@in_every_framework
def test_solutions_run_clean_from_top_to_bottom(sandbox: Sandbox, chapter: str, framework: str) -> None:
    cells = code(solution(chapter, framework))
    with sandbox.open([Code(cell["id"], source(cell)) for cell in cells]) as session:
        pass
    assert session.outcome.errors == ()
    assert session.outcome.reason == session.outcome.output.strip() == ""


@of_every_chapter
@in_every_framework
@pytest.mark.parametrize("seed", [1, 2])
def test_the_reference_scores_full_marks(sandbox: Sandbox, chapter: str, framework: str, seed: int) -> None:
    results = graded(sandbox, chapter, framework, solution(chapter, framework), seed=seed)
    assert len(results) == len(HIDDEN[chapter])
    assert failed(results) == []


@of_every_chapter
@in_every_framework
def test_the_blank_exercise_scores_zero(sandbox: Sandbox, chapter: str, framework: str) -> None:
    results = graded(sandbox, chapter, framework, read(exercise(chapter, framework)))
    assert sum(result.earned for result in results) == 0
    assert {result.message for result in results} == {checks.NOT_YET}


@of_every_chapter
@in_every_framework
def test_an_empty_notebook_scores_zero(sandbox: Sandbox, chapter: str, framework: str) -> None:
    results = graded(sandbox, chapter, framework, {"cells": []})
    assert sum(result.earned for result in results) == 0


@of_every_chapter
@in_every_framework
def test_visible_checks_fail_on_the_blank_exercise(sandbox: Sandbox, chapter: str, framework: str) -> None:
    cells = code(read(exercise(chapter, framework)))
    with sandbox.open([Code(cell["id"], source(cell)) for cell in cells]) as session:
        pass
    assert {error.cell for error in session.outcome.errors} == set(EXERCISES[chapter])
    assert all("NotImplementedError" in (error.type + error.message) for error in session.outcome.errors)


@of_every_chapter
def test_what_is_to_be_translated_works(sandbox: Sandbox, chapter: str) -> None:
    """The code given in one framework, run in it, gets the marks of the reference there."""
    given = {"pytorch": "jax", "tensorflow": "pytorch", "jax": "tensorflow"}
    for framework, written_in in given.items():
        cells = solution(chapter, framework)["cells"]
        question = next(cell for cell in cells if cell["id"] == "translation-question")
        (text,) = re.findall(r"```python\n(.+?)```", source(question), re.DOTALL)
        submitted = solution(chapter, written_in)
        # The default backend would call a C++ compiler.
        text = text.replace("torch.compile(fullgraph=True)", "torch.compile(fullgraph=True, backend='eager')")
        submitted["cells"].append(new_cell(text))
        results = graded(sandbox, chapter, written_in, submitted, "translation")
        assert failed(results) == [], (framework, written_in)


# --- typical mistakes --------------------------------------------------------


def new_cell(text: str) -> dict:
    return {"cell_type": "code", "metadata": {}, "source": text, "outputs": [], "execution_count": None}


def with_mistake(chapter: str, framework: str, mistake: Mistake) -> dict:
    """The reference solution with a wrong answer in place of the exercise's own."""
    cells = sections(chapter, framework)[mistake.exercise]
    answers = [cell for cell in cells if marks(cell).get("solution")]
    reference = "\n\n".join(MARKERS.sub("", source(cell)) for cell in answers)
    submitted = solution(chapter, framework)
    submitted["cells"].append(new_cell(mistake.applied(framework, reference)))
    return submitted


@pytest.fixture(scope="session")
def marked(sandbox: Sandbox, request: pytest.FixtureRequest) -> dict:
    """The results of every mistake that was selected, by chapter, framework and mistake; two at a time."""
    name = "test_a_typical_mistake_is_caught_by_the_check_that_names_it"
    chosen = [i.callspec.params for i in request.session.items if getattr(i, "originalname", "") == name]

    def mark(params: dict) -> tuple[tuple[str, ...], tuple[CheckResult, ...] | Exception]:
        chapter, framework, mistake = params["chapter"], params["framework"], params["mistake"]
        name = (chapter, framework, mistake.exercise, mistake.name)
        try:
            submitted = with_mistake(chapter, framework, mistake)
            return name, graded(sandbox, chapter, framework, submitted, mistake.caught_by)
        except Exception as error:  # for the test of this one mistake, not of all
            return name, error

    with ThreadPoolExecutor(2) as pool:
        return dict(pool.map(mark, chosen))


MISTAKES = [
    (chapter, framework, mistake)
    for chapter in CHAPTERS
    for mistake in BANK[chapter].wrong
    for framework in FRAMEWORKS
    if framework in mistake.edits
]


@pytest.mark.parametrize(
    ("chapter", "framework", "mistake"),
    MISTAKES,
    ids=[f"{c}-{f}-{m.exercise}-{m.name}".replace(" ", "-") for c, f, m in MISTAKES],
)
def test_a_typical_mistake_is_caught_by_the_check_that_names_it(
    marked: dict[tuple[str, ...], tuple[CheckResult, ...] | Exception],
    chapter: str,
    framework: str,
    mistake: Mistake,
) -> None:
    results = marked[chapter, framework, mistake.exercise, mistake.name]
    if isinstance(results, Exception):
        raise results
    messages = {hidden.id: hidden.message for hidden in HIDDEN[chapter]}
    caught = {result.check: result.message for result in failed(results)}
    assert caught.get(mistake.caught_by) == messages[mistake.caught_by], results


OTHERS = [
    (chapter, framework, other)
    for chapter in CHAPTERS
    for other in BANK[chapter].right
    for framework in FRAMEWORKS
    if framework in other.edits
]


@pytest.mark.parametrize(
    ("chapter", "framework", "other"),
    OTHERS,
    ids=[f"{c}-{f}-{o.exercise}-{o.name}".replace(" ", "-") for c, f, o in OTHERS],
)
def test_another_right_answer_scores_full_marks(
    sandbox: Sandbox, chapter: str, framework: str, other: Mistake
) -> None:
    submitted = with_mistake(chapter, framework, other)
    assert failed(graded(sandbox, chapter, framework, submitted, other.exercise)) == []


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
    sandbox: Sandbox, chapter: str, name: str
) -> None:
    (mistake,) = [m for m in BANK[chapter].wrong if m.name == name]
    submitted = with_mistake(chapter, "tensorflow", mistake)
    results = graded(sandbox, chapter, "tensorflow", submitted)
    assert {result.exercise for result in failed(results)} == {mistake.exercise}


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


# --- what costs a correct submission nothing ---------------------------------

NOISE = {
    "prints, warnings and stderr": (
        "import logging, sys, warnings\n"
        "print('hello')\n"
        "print('a line of noise', file=sys.stderr)\n"
        "warnings.warn('careful')\n"
        "logging.error('an error that is none')"
    ),
    "a plot": "import matplotlib.pyplot as plt\nfig, ax = plt.subplots()\nax.plot([1, 2])\nplt.show()",
    "magics and shell": "%matplotlib inline\n!echo hello\n%timeit -n1 -r1 1 + 1",
    "a cell that fails": "1 / 0",
    "a syntax error": "def (",
    "a value": "{'y': 1}",
}


#: Answers inside which noise is made: where the framework does not mind, and the clock neither.
NOISY = {
    "graphs": ("bucketed-answer", "break-even-answer", "time-calls-answer"),
    "autodiff": ("train-answer", "gradients-answer", "jacobian-answer", "accepts-answer", "clipped-answer"),
    "performance": ("timed-answer", "plan-answer", "fair-answer", "summary-answer", "translation-answer"),
    "deployment": ("agreement-answer", "opened-answer", "run-answer", "product-answer", "respond-answer"),
    "distributed": (
        "step-answer",
        "train-answer",
        "ring-all-reduce-answer",
        "mlp-answer",
        "translation-answer",
    ),
}


@of_every_chapter
@in_every_framework
def test_noise_costs_nothing(sandbox: Sandbox, chapter: str, framework: str) -> None:
    submitted = solution(chapter, framework)
    for text in NOISE.values():
        submitted["cells"].insert(4, new_cell(text))
        submitted["cells"].append(new_cell(text))
    noisy = "print('called'); import sys, warnings; sys.stderr.write('noise'); warnings.warn('careful')"
    for cell in code(submitted):
        if marks(cell).get("grade_id") in NOISY[chapter]:
            cell["source"] = source(cell).replace("    ### BEGIN", f"    {noisy}\n    ### BEGIN")
    assert failed(graded(sandbox, chapter, framework, submitted)) == []


def duplicated(node: dict) -> None:
    node["cells"] = [copy.deepcopy(cell) for cell in node["cells"] for _ in range(2)]


def shuffled(node: dict) -> None:
    random.Random(0).shuffle(node["cells"])


def without_metadata(node: dict) -> None:
    node["metadata"] = {}
    for cell in node["cells"]:
        cell["metadata"] = {}


def from_colab(node: dict) -> None:
    """Colab's own ids, in metadata, and nbformat 4.0, in which cells have none."""
    node["nbformat_minor"] = 0
    for number, cell in enumerate(node["cells"]):
        del cell["id"]
        cell["metadata"] = {"id": f"{number:02d}aBcDeFgHiJ", "colab": {"base_uri": "https://localhost/"}}


def without_locked_cells(node: dict) -> None:
    node["cells"] = [cell for cell in node["cells"] if not marks(cell).get("locked")]


def with_helpers_broken(node: dict) -> None:
    for cell in node["cells"]:
        if marks(cell).get("grade_id") == "helpers":
            names = [node.name for node in ast.parse(source(cell)).body if hasattr(node, "name")]
            cell["source"] = "\n".join(f"def {name}(*given, **named): return None" for name in names)


def answered_in_check_cells(node: dict) -> None:
    """The answer typed above the visible check, in its cell; the answer's own cell left blank."""
    for before, cell in zip(node["cells"], node["cells"][1:], strict=False):
        if marks(cell).get("grade") and marks(before).get("solution"):
            cell["source"] = source(before) + "\n\n" + source(cell)
            before["source"] = "pass"


def with_blank_copies(node: dict) -> None:
    """Every answer cell copied before it was answered, the blank copy left below."""
    for cell in [cell for cell in node["cells"] if marks(cell).get("solution")]:
        blank = re.sub(
            r"( *)### BEGIN SOLUTION\n.*?### END SOLUTION",
            lambda region: region[1] + release.STUBS["code"].replace("\n", "\n" + region[1]),
            source(cell),
            flags=re.DOTALL,
        )
        node["cells"].append(copy.deepcopy(cell) | {"source": blank})


CHANGES = [
    duplicated,
    shuffled,
    without_metadata,
    from_colab,
    without_locked_cells,
    with_helpers_broken,
    answered_in_check_cells,
    with_blank_copies,
]


def test_blank_copies_are_those_of_the_release() -> None:
    for chapter in CHAPTERS:
        node = {"cells": code(solution(chapter, "tensorflow"))}
        answers = [cell for cell in node["cells"] if marks(cell).get("solution")]
        with_blank_copies(node)
        given = [source(c) for c in code(read(exercise(chapter, "tensorflow"))) if marks(c).get("solution")]
        assert [source(cell) for cell in node["cells"][-len(answers) :]] == given


@of_every_chapter
@pytest.mark.parametrize("change", CHANGES, ids=[change.__name__ for change in CHANGES])
def test_a_changed_notebook_costs_a_correct_submission_nothing(
    sandbox: Sandbox, chapter: str, change: Callable[[dict], None]
) -> None:
    submitted = solution(chapter, "tensorflow")
    change(submitted)
    assert failed(graded(sandbox, chapter, "tensorflow", submitted)) == []


@of_every_chapter
@pytest.mark.parametrize("framework", ["pytorch", "jax"])
def test_all_changes_at_once_cost_nothing(sandbox: Sandbox, chapter: str, framework: str) -> None:
    submitted = solution(chapter, framework)
    for change in (without_locked_cells, duplicated, shuffled, from_colab):
        change(submitted)
    assert failed(graded(sandbox, chapter, framework, submitted)) == []


# --- the tools of an author --------------------------------------------------


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
    (result,) = checks.run([hidden], Scripted(*answers), cells, seed=0)
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
        return [r.input for r in checks.run(chosen, Scripted(0, 0), (), seed)]

    assert inputs(both, 1) == inputs(both, 1)
    assert inputs(both, 1)[1:] == inputs(both[1:], 1)
    assert len({*inputs(both, 1), *inputs(both, 2)}) == 4


@pytest.mark.parametrize(
    ("expected", "got", "same"),
    [
        (1.0, 1.0 + 1e-9, True),
        (1, 1.0, True),
        (1, True, False),
        (True, True, True),
        (True, np.bool_(True), True),
        (True, 1, False),
        ([1, 2], (1, 2), True),
        ([1, 2], np.array([1, 2]), True),
        ([1, 2], [1, 2, 3], False),
        (np.ones(2), [1.0, 1.0], True),
        (np.ones(2), np.ones((2, 1)), False),
        (np.ones(2), [[1], [1, 2]], False),
        (np.ones(2), None, False),
        (np.ones(1), "1", False),
        ("yes", "yes", True),
        ("yes", 1, False),
        (None, None, True),
        (None, 0, False),
        ({"a": 1}, {"a": 1, "b": 2}, True),
        ({"a": 1}, {"b": 1}, False),
        ({"a": 1}, [1], False),
        (1.0, float("nan"), False),
        (float("inf"), float("inf"), True),
    ],
)
def test_agree_compares_numbers_closely_and_the_rest_exactly(
    expected: object, got: object, same: bool
) -> None:
    assert agree(expected, got) is same


def test_values_are_shown_in_one_short_line() -> None:
    assert shown([np.float32(0.1), {"a": np.arange(2)}]) == "[0.1, {'a': [0 1] int64}]"
    assert len(shown(np.zeros((500, 500)))) <= checks.SHOWN
    assert len(shown(["x" * 1000] * 1000)) <= checks.SHOWN
    assert shorten("a\nb   c") == "a b c"


CELLS = (
    Code(
        "1",
        "import jax as j\nfrom jax import numpy as np2, lax\nimport torch.nn.functional as F\nfast = j.jit",
    ),
    Code("2", "%matplotlib inline\n@j.jit\ndef a(x):\n    return np2.sin(x)"),
    Code("3", "def helper(x):\n    return lax.cond(x, x, x)"),
    Code("4", "def b(x):\n    return helper(x)\n\n\nc = lambda x: fast(x)"),
    Code("5", "def broken(:"),
    Code("6", "def a2(x):\n    return 1\n\n\ndef a2(x):\n    return x.block_until_ready()"),
)


def test_uses_finds_a_name_under_any_alias_and_through_helpers() -> None:
    sources = Sources(CELLS)
    assert sources.mentions("a", ["jax.jit"])
    assert sources.mentions("a", ["jax.numpy"])
    assert not sources.mentions("a", ["jax.numpy.si", "jax.lax"])
    assert sources.mentions("b", ["jax.lax.cond"])
    assert sources.mentions("c", ["jax.jit"])
    assert sources.mentions("a2", [".block_until_ready"])
    assert not sources.mentions("helper", ["jax.jit"])


def test_source_is_the_last_definition_with_its_decorators() -> None:
    sources = Sources(CELLS)
    assert sources.text("a") == "@j.jit\ndef a(x):\n    return np2.sin(x)"
    assert sources.text("a2") == "def a2(x):\n    return x.block_until_ready()"
    with pytest.raises(Missing):
        sources.text("broken")


@pytest.mark.parametrize(
    "text", ["-" * 100_000 + "1", "(" * 100_000, "1+" * 90_000 + "1", "\0", "x = 1\n" * 90_000]
)
def test_source_that_cannot_be_parsed_is_passed_over(text: str) -> None:
    sources = Sources([Code("1", "def f(x):\n    return x"), Code("2", text)])
    assert sources.text("f").startswith("def f")


def test_a_chapter_without_checks_is_told(course: Course, tmp_path: Path) -> None:
    with pytest.raises(TriptychError, match=r"solutions/tiny/checks.py: no hidden checks there"):
        checks.load(course, "tiny")
    (tmp_path / "checks.py").write_text("def broken(:")
    with pytest.raises(TriptychError, match=r"cannot be read \(SyntaxError"):
        checks.load(course, "tiny", tmp_path)
    (tmp_path / "checks.py").write_text("x = 1")
    with pytest.raises(TriptychError, match="holds no checks"):
        checks.load(course, "tiny", tmp_path)


def test_an_instructors_private_checks_are_taken_from_a_folder(course: Course, tmp_path: Path) -> None:
    private = tmp_path / "mine" / "tiny"
    private.mkdir(parents=True)
    (private / "checks.py").write_text(
        "from triptych.grading.checks import check\n\n\n"
        "@check('e', points=1, objective=1, message='m')\ndef is_asked(ask, draw):\n    ask('f')\n"
    )
    assert [hidden.id for hidden in checks.load(course, "tiny", tmp_path / "mine")] == ["e/is-asked"]
