"""Exercises of one's own: the guide's way from nothing to a mark, and what is said where a step is wrong."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

import support
from support import ROOT
from triptych.cli import main
from triptych.dev import doctor as tools
from triptych.frameworks import FRAMEWORKS
from triptych.notebooks import cells as plain

GUIDE = (ROOT / "book/guides/instructor.md").read_text(encoding="utf-8")
SECTION = GUIDE.partition("## Make exercises of your own")[2].partition("\n## ")[0]
COMMANDS = re.findall(r"^\.venv/bin/triptych (.+)$", SECTION, re.MULTILINE)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A course without a chapter."""
    (tmp_path / "_config.yml").write_text(support.CONFIG)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(command: str, status: int = 0) -> str:
    result = CliRunner().invoke(main, command.split())
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == status, result.output
    return result.output


def code(id: str, text: str, **marks: object) -> dict:
    kind = {"grade": False, "solution": False, "locked": False, "task": False} | marks
    return {
        "cell_type": "code",
        "id": id,
        "metadata": {"nbgrader": {"schema_version": 3, "grade_id": id, **kind}},
        "source": text,
        "outputs": [],
        "execution_count": None,
    }


MORE = [
    {"cell_type": "markdown", "id": "cube-question", "metadata": {}, "source": "## Three times itself"},
    code(
        "cube-answer",
        "def cube(x):\n    ### BEGIN SOLUTION\n    return x * x * x\n    ### END SOLUTION",
        solution=True,
    ),
    code("cube", "assert cube(2) == 8, 'two times two times two'", grade=True, locked=True, points=2),
]
MORE_CHECKS = """

@check("cube", points=2, message="x times x times x.")
def multiplies(ask: Ask, draw: Draw) -> None:
    x = int(draw.integers(2, 1000))
    ask.equal("cube", x, expected=x**3)
"""
MORE_MISTAKES = """
BANK += (wrong("cube", "the square", "multiplies", ("x * x * x", "x * x")),)
"""


def extend(folder: Path) -> None:
    """Write a second exercise, its check and its mistake."""
    notebook = folder / "jax.ipynb"
    node = plain.read(notebook)
    node["cells"] += MORE
    notebook.write_text(json.dumps(node))
    with (folder / "checks.py").open("a") as file:
        file.write(MORE_CHECKS)
    with (folder / "mistakes.py").open("a") as file:
        file.write(MORE_MISTAKES)


def hand_in(place: Path, **answers: str) -> None:
    """Each student's notebook: the released one, with the answer in place of its first blank."""
    (place / "submissions").mkdir()
    for student, answer in answers.items():
        node = plain.read(place / "exercises/my-exercises/jax.ipynb")
        assert "logaddexp" not in json.dumps(node) and "x * x * x" not in json.dumps(node)
        blanks = [c for c in plain.code_cells(node) if plain.marks(c).get("solution")]
        blanks[0]["source"] = answer
        (place / f"submissions/{student}.ipynb").write_text(json.dumps(node))


@pytest.mark.slow
def test_the_guides_way_leads_from_nothing_to_a_mark(place: Path) -> None:
    support.need(tools.BUBBLEWRAP)
    new, release, attempt, grade = COMMANDS
    assert run(new).splitlines()[:-1] == [
        f"solutions/my-exercises/{name}" for name in ("jax.ipynb", "checks.py", "mistakes.py", "right.py")
    ]
    extend(place / "solutions/my-exercises")
    assert "exercises/my-exercises/jax.ipynb: released" in run(release)
    assert run(attempt).splitlines()[-1] == "8 tried, 0 complaints"
    hand_in(
        place,
        ann="import jax\nlog_sum = lambda x: jax.nn.logsumexp(x, axis=-1)\ndef cube(x):\n    return x**3",
        bo="def log_sum(x):\n    return jnp.log(jnp.exp(x).sum(axis=-1))",
        cy="",
    )
    run(grade)
    rows = csv.DictReader((place / "marks/marks.csv").open(encoding="utf-8-sig"))
    assert {row["student"]: float(row["mark"]) for row in rows} == {"ann": 5, "bo": 1, "cy": 0}
    page = next((place / "marks/feedback").glob("bo*")).read_text()
    assert "The logarithm of a sum" in page and "Large numbers make it infinite" in page
    assert "0 of 1" in run("progress") or "0 of 2" in run("progress")
    assert run("release --check").splitlines()[-1] == "1 exercise, 0 complaints"


@pytest.mark.slow
def test_the_template_is_sound_in_every_framework(place: Path) -> None:
    support.need(tools.BUBBLEWRAP)
    run("new-exercises all")
    run("release all")
    assert {path.stem for path in (place / "exercises/all").iterdir()} == set(FRAMEWORKS)
    assert run("try-exercises all").splitlines()[-1] == "21 tried, 0 complaints"


@pytest.mark.slow
def test_what_is_wrong_with_an_exercise_is_named(place: Path) -> None:
    support.need(tools.BUBBLEWRAP)
    run("new-exercises odd --framework jax")
    folder = place / "solutions/odd"
    for file, old, new in (
        ("checks.py", "points=2", "points=4"),
        ("checks.py", "expected=_log_sum(x)", "expected=_log_sum(x) if abs(x[0, 0]) < 99 else 0"),
        ("mistakes.py", "survives-large-numbers", "no-such-check"),
        ("mistakes.py", "what was taken", "nothing was taken"),
        ("mistakes.py", '(" + top[..., 0]", "")', '"# the same"'),
    ):
        text = (folder / file).read_text()
        assert old in text
        (folder / file).write_text(text.replace(old, new))
    said = run("try-exercises odd", status=1)
    assert "jax.ipynb: points: sum is worth 5 in checks.py and 3 in the notebook" in said
    assert "jax.ipynb: reference: sum/survives-large-numbers fails: plain('log_sum'" in said
    assert "sum: the plain formula: there is no check sum/no-such-check" in said
    assert "sum: nothing was taken out is not added again: sum/sums-each-row passes" in said
    assert "7 tried, 5 complaints" in said


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("new-exercises Mine", "solutions/Mine: not a chapter's name; use small letters"),
        ("new-exercises ../mine", "solutions/../mine: not a chapter's name"),
        ("new-exercises mine", "solutions/mine: is there already; choose another name"),
        ("release yours", "solutions/yours: no such chapter of exercises; there are: mine"),
        ("try-exercises yours", "solutions/yours: no such chapter of exercises; there are: mine"),
        ("try-exercises mine --checks nowhere", "nowhere/checks.py: no hidden checks there"),
        (
            "grade submissions --chapter mine --framework jax",
            "--framework jax: mine has no exercises in it; there are: py",
        ),
    ],
)
def test_a_wrong_step_is_told_with_its_remedy(place: Path, command: str, says: str) -> None:
    (place / "submissions").mkdir()
    (place / "submissions/ann.ipynb").write_text("{}")
    run("new-exercises mine --framework pytorch")
    assert says in run(command, status=1)


def test_a_chapter_without_a_notebook_is_told(place: Path) -> None:
    run("new-exercises mine --framework pytorch")
    (place / "solutions/mine/pytorch.ipynb").unlink()
    assert "solutions/mine: no notebook there; write one" in run("try-exercises mine", status=1)


def test_the_guide_shows_every_step() -> None:
    assert [command.split()[0] for command in COMMANDS] == [
        *("new-exercises", "release", "try-exercises", "grade")
    ]
