"""Submissions made on the spot, and what becomes of each."""

from __future__ import annotations

import json
from pathlib import Path

from triptych.grading.submissions import Roster, Submission
from triptych.notebooks.untrusted import Unreadable, parse


def notebook(source: str = "x = 1", **more: object) -> bytes:
    cell = {"cell_type": "code", "id": "a", "metadata": {}, "source": source, "outputs": []}
    node = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell], **more}
    return json.dumps(node).encode()


def by_student(found: tuple[Submission, ...]) -> dict[str, str]:
    """Student -> problem; ``read`` finds those that show only when read."""
    rows = {}
    for submission in found:
        problem = submission.problem
        try:
            parse(submission.read())
        except Unreadable as error:
            problem = str(error)
        rows[submission.student] = problem
    return rows


def roster(tmp_path: Path, text: str) -> Roster:
    file = tmp_path / "names.csv"
    file.write_text(text, encoding="utf-8")
    return Roster.read(file)
