"""What the grader's tests share: a warm sandbox, a small course with submissions, solutions and grades."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner

import support
from support import need
from support.grades import EVIL, FLAG, grade_of, hostile
from support.tiny_course import CHECKS, cell, notebook
from triptych.cli import main
from triptych.course import Course
from triptych.dev import doctor as tools
from triptych.frameworks import FRAMEWORKS
from triptych.grading.sandbox import Sandbox
from triptych.grading.store import FAULT, GradeStore, SubmissionRow


@pytest.fixture(scope="session")
def warm_sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """With every framework in it; with PyTorch alone where only the quick lane runs, which needs no other."""
    need(tools.BUBBLEWRAP)
    quick = all(item.get_closest_marker("quick") for item in request.session.items)
    others = () if quick else ("tensorflow", "jax")
    with Sandbox(("torch", "torch._dynamo", *others), kind="bubblewrap") as sandbox:
        yield sandbox


@pytest.fixture
def tiny(tmp_path: Path) -> Course:
    """A course with one chapter of two exercises that need no framework."""
    root = tmp_path / "course"
    for folder in ("solutions/tiny", "exercises/tiny", "notebooks/tiny"):
        (root / folder).mkdir(parents=True)
    (root / "_config.yml").write_text(support.CONFIG)
    (root / "solutions/tiny/checks.py").write_text(CHECKS)
    for framework in FRAMEWORKS:
        released = {
            "nbformat": 4,
            "nbformat_minor": 5,
            "metadata": {},
            "cells": [
                cell(f"# {framework}\n\n## Twice", "title", "markdown"),
                cell(
                    "double, greet = None, None", "s", grade_id="s", grade=False, solution=True, locked=False
                ),
                cell(
                    "assert double(2) == 4", "d", grade_id="double", grade=True, solution=False, locked=True
                ),
            ],
        }
        (root / f"exercises/tiny/{framework}.ipynb").write_text(json.dumps(released))
    return Course(root)


@pytest.fixture
def handed_in(tmp_path: Path):
    """``handed_in(ann=source)`` puts ann.ipynb into the folder of submissions."""
    folder = tmp_path / "class"
    folder.mkdir()

    def handed_in(**sources: str) -> Path:
        for student, source in sources.items():
            (folder / f"{student}.ipynb").write_text(notebook(source))
        return folder

    return handed_in


@pytest.fixture
def grade(tiny: Course, monkeypatch: pytest.MonkeyPatch):
    """``grade(path, "--seed", 1)`` runs the command in the course."""
    support.need(tools.BUBBLEWRAP)

    def grade(path: Path, *options: object, status: int = 0) -> str:
        monkeypatch.chdir(tiny.root)
        given = [str(path), "--chapter", "tiny", "--framework", "jax", *map(str, options)]
        result = CliRunner().invoke(main, ["grade", *given])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == status, result.output
        return result.output

    return grade


@pytest.fixture
def solution(course: Course) -> Callable[..., Path]:
    """``solution((kind, source, nbgrader metadata), ...)`` writes solutions/tiny/jax.ipynb."""

    def solution(*cells: tuple[str, str, dict | None]) -> Path:
        made = [nbformat.v4.new_markdown_cell("# Tiny\n\nWhy?")]
        for number, (kind, text, meta) in enumerate(cells):
            new = nbformat.v4.new_code_cell if kind == "code" else nbformat.v4.new_markdown_cell
            metadata = {"user": {"name": "An Author"}} | ({"nbgrader": meta} if meta else {})
            made.append(new(text, id=f"cell-{number}", metadata=metadata))
        path = course.root / "solutions" / "tiny" / "jax.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        node = nbformat.v4.new_notebook(cells=made, metadata={"authors": [{"name": "An Author"}]})
        nbformat.write(node, path)
        return path

    return solution


@pytest.fixture
def store(tmp_path: Path):
    with GradeStore(tmp_path / "record.sqlite") as store:
        rows = [
            (SubmissionRow("s1", "Ann Lee", "ann/jax.ipynb", "jax", "d1", key="k1"), grade_of(1, 3)),
            (
                SubmissionRow("s1", "Ann Lee", "ann/pytorch.ipynb", "pytorch", "d2", key="k2", late=True),
                grade_of(4, 3, notes=("A cell in `try` was read too.",), flags=(FLAG,)),
            ),
            (
                SubmissionRow("s2", "Bo", "bo.ipynb", "jax", "d3", key="k3"),
                grade_of(1, 0, reason="ran longer than 60 s"),
            ),
            (SubmissionRow(f"=1+1{EVIL}", EVIL, EVIL, "jax", "d4", known=False, key="k4"), hostile()),
            (SubmissionRow("cy", "Cy", "cy.ipynb", reason="not a notebook: not JSON (line 1)"), None),
            (SubmissionRow("di", "Di", "di.ipynb", "jax", "d5", reason=f"{FAULT}: OSError"), None),
        ]
        for row, graded in rows:
            if graded:
                store.keep(row.key, graded)
        store.hand_in([row for row, _ in rows])
        yield store
