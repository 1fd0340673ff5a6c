"""A course with one chapter of two exercises, its checks, and an engine without a sandbox."""

from __future__ import annotations

import json
from pathlib import Path

from triptych.course import Course
from triptych.files import digest
from triptych.grading.chapter import GradedChapter
from triptych.grading.run import Conditions
from triptych.grading.store import Grade
from triptych.grading.submissions import BOUNDS

CHECKS = """\
from triptych.grading.checks import check

@check("double", points=2, objective=1, message="Twice the number, not its square.")
def doubles(ask, draw):
    n = int(draw.integers(10, 10**9))
    ask.equal("double", n, expected=2 * n)

@check("double", points=1, objective=1, message="0 is a number too.")
def doubles_zero(ask, draw):
    ask.equal("double", 0, expected=0)

@check("greet", points=3, objective=2, message="Say hello.")
def greets(ask, draw):
    ask.equal("greet", "Ann", expected="hello Ann")
"""
RIGHT = "def double(n):\n    return 2 * n\n\ndef greet(name):\n    return f'hello {name}'\n"
HALF = "def double(n):\n    return n * n\n"


def cell(source: str, id: str = "a", kind: str = "code", **nbgrader: object) -> dict:
    metadata = {"nbgrader": {"schema_version": 3, "task": False, **nbgrader}} if nbgrader else {}
    return {"cell_type": kind, "id": id, "metadata": metadata, "source": source}


def notebook(*sources: str) -> str:
    cells = [cell(source, f"c{number}") for number, source in enumerate(sources)]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells})


def marks(folder: Path) -> dict[str, dict]:
    data = json.loads((folder / "marks.json").read_text(encoding="utf-8"))
    return {s["student"]: s for s in data["submissions"]}


def conditions(course: Course, **more: object) -> Conditions:
    return Conditions(GradedChapter.of(course, "tiny"), **{"seed": 1, "versions": {"jax": "1"}, **more})


class Scripted:
    """An engine without processes of its own: what it is given, and what it answers."""

    def __init__(self, fault: str = "", stop_after: int = 99) -> None:
        self.fault, self.stop_after, self.seen = fault, stop_after, []

    def digests(self, items):
        for number, item in items.items():
            yield number, digest(item.read(BOUNDS))

    def run(self, jobs):
        for job in jobs:
            self.seen.append(job)
            if len(self.seen) > self.stop_after:
                raise KeyboardInterrupt
            yield job, Grade((), job.seed, fault=self.fault, framework="jax")
