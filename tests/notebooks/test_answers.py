"""The reference answers of a notebook with solutions."""

from __future__ import annotations

from triptych.notebooks.answers import by_exercise


def test_the_answers_of_an_exercise_stand_above_its_visible_check() -> None:
    def cell(source: str, **marks: object) -> dict:
        return {"cell_type": "code", "metadata": {"nbgrader": marks}, "source": source}

    node = {
        "cells": [
            cell("a = 1\n### BEGIN SOLUTION\nb = 2\n### END SOLUTION", solution=True),
            cell("c = 3", solution=True),
            cell("assert b == 2", grade=True, grade_id="one"),
            cell("d = 4", solution=True),
            cell("assert d == 4", grade=True, grade_id="two"),
        ]
    }
    assert by_exercise(node) == {"one": ("a = 1\nb = 2\n", "c = 3"), "two": ("d = 4",)}
