"""From solutions to exercises: nothing of a solution is left, and nbgrader would do the same."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from support import ROOT
from support.notation import ANSWER, CHECK, HELPER, REGION, TASK
from triptych import files
from triptych.course import Course
from triptych.dev import work
from triptych.errors import TriptychError
from triptych.frameworks import FRAMEWORKS
from triptych.grading import release
from triptych.grading.release import STUBS
from triptych.notebooks import preflight
from triptych.notebooks.cells import marks, source
from triptych.notebooks.normalise import normalised

COURSE = Course(ROOT)
OURS = {chapter.name for chapter in COURSE.chapters}
SOLUTIONS = [path for path in release.solutions(COURSE) if path.parent.name in OURS]
NAMES = [COURSE.name(path) for path in SOLUTIONS]
CHAPTERS = sorted({path.parent.name for path in SOLUTIONS})


def cells_of(path: Path) -> list[dict]:
    return json.loads(path.read_text(encoding="utf-8"))["cells"]


def test_the_stored_exercises_are_what_the_solutions_make() -> None:
    assert len(SOLUTIONS) == len(FRAMEWORKS) * len(CHAPTERS)
    assert set(CHAPTERS) == {chapter.name for chapter in COURSE.chapters if chapter.exercises}
    assert release.stale(COURSE) == []


@pytest.mark.parametrize("path", SOLUTIONS, ids=NAMES)
def test_exercise_contains_no_solution_text(path: Path) -> None:
    released = release.release(path, COURSE)
    text = "\n".join(source(cell) for cell in json.loads(released)["cells"])
    for cell in cells_of(path):
        for region in re.findall(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", source(cell), re.DOTALL):
            lines = [line.strip() for line in region.splitlines()]
            # What is long enough to be telling, and not also said by a helper or a question.
            telling = [line for line in lines if len(line) > 12]
            assert not set(telling) & set(map(str.strip, text.splitlines())) - set(_given(path))
    assert "SOLUTION" not in released
    assert text.count(STUBS["code"].splitlines()[0]) == sum(
        bool(marks(c).get("solution")) for c in cells_of(path)
    )


def _given(path: Path) -> list[str]:
    """Lines that stand outside of answers: in questions, helpers and checks."""
    other = [source(cell) for cell in cells_of(path) if not marks(cell).get("solution")]
    return [line.strip() for text in other for line in text.splitlines()]


@pytest.mark.parametrize("path", SOLUTIONS, ids=NAMES)
def test_exercise_holds_no_outputs_and_nobodys_name(path: Path) -> None:
    node = json.loads(release.release(path, COURSE))
    assert set(node["metadata"]) == {"kernelspec", "language_info"}
    for cell in node["cells"]:
        folded = {"cellView", "jupyter", "mystnb", "tags"} if cell["id"] == preflight.ID else set()
        assert set(cell["metadata"]) <= {"nbgrader", "deletable", "editable"} | folded
        assert not cell.get("outputs") and cell.get("execution_count") is None


@pytest.mark.parametrize("path", SOLUTIONS, ids=NAMES)
def test_exercise_has_a_badge_that_opens_the_exercise(path: Path) -> None:
    title = source(json.loads(release.release(path, COURSE))["cells"][0])
    assert title.startswith(
        f"# {path.parent.name.capitalize()} in {FRAMEWORKS[path.stem].title}: exercises\n"
    )
    assert title.count("[![Open in Colab]") == 1
    assert f"/blob/main/exercises/{path.parent.name}/{path.name})" in title


@pytest.mark.parametrize("path", SOLUTIONS, ids=NAMES)
def test_links_of_an_exercise_lead_somewhere(path: Path) -> None:
    exercise = release.exercise_of(path, COURSE)
    for cell in cells_of(exercise):
        if cell["cell_type"] != "markdown":
            continue
        for link in re.findall(r"\]\(([^)]+)\)", source(cell)):
            assert link.startswith("https://") or (exercise.parent / link).is_file(), link


@pytest.mark.parametrize("path", SOLUTIONS, ids=NAMES)
def test_exercise_is_a_valid_notebook_that_locks_what_is_not_an_answer(path: Path) -> None:
    node = nbformat.reads(release.release(path, COURSE), as_version=4)
    nbformat.validate(node)
    for cell in node.cells:
        if marks(cell):
            assert cell.metadata.deletable is False
            assert cell.metadata.get("editable", True) is bool(marks(cell)["solution"])


def test_nothing_but_notebooks_and_the_tutors_rules_is_released() -> None:
    found = {path for path in (ROOT / "exercises").rglob("*") if path.is_file()}
    others = {path for path in found if ".ipynb_checkpoints" not in path.parts and path.suffix != ".ipynb"}
    assert others == {ROOT / work.TUTOR}


def test_the_tutors_rules_name_what_a_learner_sees_and_what_a_tutor_must_not_read() -> None:
    rules = (ROOT / work.TUTOR).read_text(encoding="utf-8")
    assert STUBS["code"].splitlines()[0].removeprefix("# ") in rules
    for place in ("solutions/", "hidden checks", "worked solutions", f"{work.FOLDER}/"):
        assert place in rules
    learners = (ROOT / "book/guides/learner.md").read_text(encoding="utf-8")
    assert work.TUTOR.rpartition("/")[2] in learners


def released(path: Path, course: Course) -> list[str]:
    return [source(cell) for cell in json.loads(release.release(path, course))["cells"][1:]]


def test_a_region_leaves_its_stub_with_its_indentation(course: Course, solution) -> None:
    (text,) = released(solution(("code", REGION, ANSWER)), course)
    assert text == "def f(x):\n    # YOUR CODE HERE\n    raise NotImplementedError()"


def test_an_answer_without_a_region_is_replaced_whole(course: Course, solution) -> None:
    second = ANSWER | {"grade_id": "b"}
    path = solution(("code", "secret = 1", ANSWER), ("markdown", "The secret.", second))
    assert released(path, course) == [STUBS["code"], STUBS["markdown"]]


def test_hidden_tests_and_marking_schemes_are_taken_out(course: Course, solution) -> None:
    hidden = "assert f(1) == 2\n### BEGIN HIDDEN TESTS\nassert f(2) == 4\n### END HIDDEN TESTS"
    scheme = "Explain.\n\n=== BEGIN MARK SCHEME ===\n2 points.\n=== END MARK SCHEME ==="
    path = solution(("code", hidden, CHECK), ("markdown", scheme, TASK))
    assert released(path, course) == ["assert f(1) == 2", "Explain.\n"]


def test_an_authors_name_is_not_released(course: Course, solution) -> None:
    assert "An Author" not in release.release(solution(("code", REGION, ANSWER)), course)


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        (
            [("code", "### BEGIN SOLUTION\n### BEGIN SOLUTION", ANSWER)],
            "BEGIN SOLUTION inside BEGIN SOLUTION",
        ),
        ([("code", "### BEGIN SOLUTION\nx = 1", ANSWER)], "BEGIN SOLUTION without its END"),
        ([("code", "x = 1\n### END SOLUTION", ANSWER)], "END SOLUTION without its BEGIN"),
        ([("code", REGION, None)], "does not mark as 'solution'; set 'solution' to true"),
        ([("code", REGION, HELPER)], "does not mark as 'solution'; set 'solution' to true"),
        ([("code", "x", ANSWER), ("code", "x", ANSWER)], "the grade_id 'a' is used twice"),
        ([("code", "x", ANSWER | {"grade_id": "a b"})], "invalid grade_id 'a b'; use only letters"),
        ([("code", "x", ANSWER | {"schema_version": 2})], "not nbgrader metadata of schema 3"),
        ([("code", "x", ANSWER | {"locked": None})], "'locked' is not true or false"),
        ([("code", "x", {k: v for k, v in CHECK.items() if k != "points"})], "without points"),
    ],
)
def test_broken_notation_is_told_with_its_place(course: Course, solution, cells: list, problem: str) -> None:
    with pytest.raises(TriptychError) as error:
        release.release(solution(*cells), course)
    assert problem in str(error.value)
    assert str(error.value).startswith("solutions/tiny/jax.ipynb: cell '")


def test_worked_solutions_are_linked_where_the_contents_have_their_page(course: Course, solution) -> None:
    path = solution(("markdown", "See the [worked solutions](worked.md).", None))
    path.write_text(path.read_text().replace('"cell-0"', '"worked"'))
    contents = course.root / "book/_toc.yml"
    contents.parent.mkdir()
    for text, kept in {
        "chapters:\n  - file: book/tiny/worked\n": 1,
        "chapters:\n  - file: book/tiny/worked-on\n": 0,
        "chapters:\n  # - file: book/tiny/worked\n": 0,
        "chapters:\n  - file: book/other/worked\n": 0,
    }.items():
        contents.write_text(text)
        assert len(released(path, course)) == kept, text
    contents.unlink()
    assert released(path, course) == []


def test_a_solution_has_no_preflight_cell_and_its_exercise_has_one(course: Course, solution) -> None:
    (course.root / "constraints").mkdir()
    known = {"passed": {"jax": {"jax": ["0.7", "0.9"]}}, "colab": {"runtime": "2026.07"}}
    (course.root / preflight.FILE).write_text(json.dumps(known))
    path = solution(("code", "import jax", HELPER), ("code", REGION, ANSWER))
    assert f'"id": "{preflight.ID}"' not in normalised(path, course)
    made = json.loads(release.release(path, course))["cells"]
    assert [marks(cell).get("locked") for cell in made] == [None, True, None, False]
    assert made[2]["id"] == preflight.ID


def test_stale_exercises_are_told(course: Course, solution) -> None:
    path = solution(("code", REGION, ANSWER))
    exercise = release.exercise_of(path, course)
    remedy = "run `triptych release tiny`"
    assert release.stale(course) == [f"exercises/tiny/jax.ipynb: missing; {remedy}"]
    exercise.parent.mkdir(parents=True)
    files.replace(exercise, release.release(path, course))
    assert release.stale(course) == []
    exercise.write_text(exercise.read_text().replace("YOUR CODE", "MY CODE"))
    made = "differs from what solutions/tiny/jax.ipynb makes"
    assert release.stale(course) == [f"exercises/tiny/jax.ipynb: {made}; {remedy}"]
    path.unlink()
    assert release.stale(course) == ["exercises/tiny/jax.ipynb: made from no solution; remove it"]


@pytest.mark.skipif(
    not importlib.util.find_spec("nbgrader"), reason="no nbgrader: its own release is not tried"
)
@pytest.mark.slow
@pytest.mark.parametrize("chapter", CHAPTERS)
def test_nbgrader_releases_the_same_exercises(tmp_path: Path, chapter: str) -> None:
    """Its command, with its database and its validation, on our solutions."""
    folder = tmp_path / "source" / chapter
    folder.mkdir(parents=True)
    solutions = [path for path in SOLUTIONS if path.parent.name == chapter]
    for path in solutions:
        (folder / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\n")
    environment = os.environ | {"HOME": str(tmp_path), "JUPYTER_PREFER_ENV_PATH": "1"}
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))
    # nbgrader starts alembic by its name.
    environment["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    command = [sys.executable, "-m", "nbgrader", "generate_assignment", chapter, "--create"]
    made = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert made.returncode == 0, made.stdout + made.stderr
    for path in solutions:
        theirs = cells_of(tmp_path / "release" / chapter / path.name)
        released = json.loads(release.release(path, COURSE))["cells"]
        ours = [
            cell for cell in released if cell["id"] != preflight.ID
        ]  # it is put in after nbgrader's steps
        assert [source(cell) for cell in theirs[1:]] == [source(cell) for cell in ours[1:]]
        for mine, cell in zip(ours, theirs, strict=True):
            for key in ("deletable", "editable"):
                assert mine["metadata"].get(key) == cell["metadata"].get(key)
            added = {"checksum", "cell_type"}  # nbgrader's notes for itself
            assert {key: v for key, v in marks(cell).items() if key not in added} == marks(mine)
