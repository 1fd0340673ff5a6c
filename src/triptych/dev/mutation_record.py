"""The record ``results/mutation.json``: how many mutants of each notebook were killed, and how many were not.

``write`` replaces the notebooks that were tried whole; ``read`` gives the record to pages.
``mutation.schema.json`` says what the file must hold.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from triptych import files
from triptych.course import Course
from triptych.errors import TriptychError

FILE = "results/mutation.json"

SCHEMA = json.loads(Path(__file__).with_name("mutation.schema.json").read_text(encoding="utf-8"))

KINDS = ("killed", "equivalent", "survived")


def read(course: Course) -> dict[str, Any]:
    """The record; of no chapter where there is no file. Raises TriptychError where it is malformed."""
    file = course.root / FILE
    if not file.is_file():
        return {"chapters": {}}
    try:
        record = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise TriptychError(FILE, f"not JSON ({error})", "run `make mutation`") from None
    if problem := best_match(Draft202012Validator(SCHEMA).iter_errors(record)):
        raise TriptychError(f"{FILE}: {problem.json_path}", problem.message, "run `make mutation`")
    return record


def write(course: Course, notebooks: Iterable[tuple[str, str, str, dict[str, dict[str, int]]]]) -> None:
    """Record notebooks: chapter, framework, a digest of the answers, and the counts of each exercise."""
    record = read(course)
    for chapter, framework, digest, exercises in notebooks:
        entry = {"on": date.today().isoformat(), "answers": digest, "exercises": exercises}
        record["chapters"].setdefault(chapter, {})[framework] = entry
    order = sorted(record["chapters"].items())
    record = {"chapters": {chapter: dict(sorted(of.items())) for chapter, of in order}}
    files.replace(course.root / FILE, json.dumps(record, indent=1) + "\n")


def totals(record: dict[str, Any]) -> dict[str, dict[str, dict[str, int]]]:
    """The counts by chapter and framework."""
    return {
        chapter: {
            framework: {kind: sum(each[kind] for each in entry["exercises"].values()) for kind in KINDS}
            for framework, entry in of.items()
        }
        for chapter, of in record["chapters"].items()
    }
