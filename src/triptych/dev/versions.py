"""The record ``results/versions.json``: which notebooks pass with which set of versions.

``record`` adds the outcome of runs in the environment that is running; ``read`` gives the
whole to pages. ``versions.schema.json`` says what the file must hold.
"""

from __future__ import annotations

import json
import platform
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from triptych import files
from triptych.course import Course
from triptych.dev.doctor import installed
from triptych.errors import TriptychError
from triptych.notebooks import preflight, raw

FILE = "results/versions.json"

SCHEMA = json.loads(Path(__file__).with_name("versions.schema.json").read_text(encoding="utf-8"))

#: The sets, in the order in which they are shown; what they are is said in ``version_sets.py``.
SETS: tuple[str, ...] = tuple(SCHEMA["properties"]["sets"]["propertyNames"]["enum"])

#: The extras of pyproject.toml that a notebook imports if it can, and goes without if it must.
OPTIONAL = ("runtimes", "phone", "scale", "torchserve")

PASSED, FAILED, NOT_RUN = "passed", "failed", "not run"


@dataclass(frozen=True)
class Outcome:
    """How a notebook's last run with a set ended.

    ``why`` is one line, and empty where it passed; ``last_passed`` is the last day on which
    it passed with the set, whatever the set's versions were then. ``code`` is a digest of the
    cells that were run.
    """

    outcome: str
    date: str = ""
    why: str = ""
    last_passed: str | None = None
    code: str = ""


@dataclass(frozen=True)
class Versions:
    """A set of versions: what is installed there, and how each notebook ended, by its name.

    ``without`` are the optional packages that are missing. ``date`` is that of the last run.
    """

    date: str
    python: str
    packages: Mapping[str, str]
    without: tuple[str, ...]
    notebooks: Mapping[str, Outcome]

    @property
    def passed(self) -> int:
        """How many of its notebooks passed."""
        return sum(outcome.outcome == PASSED for outcome in self.notebooks.values())


def declared(course: Course) -> list[Path]:
    """What is run with every set: the notebooks that run in the course's environment, and the solutions."""
    chapters = [chapter for chapter in course.chapters if chapter.environment == "course"]
    return [
        path
        for folder in ("notebooks", "solutions")
        for chapter in chapters
        for name in chapter.notebooks
        if (path := course.root / folder / chapter.name / f"{name}.ipynb").is_file()
    ]


def requirements(course: Course, *extras: str) -> list[Requirement]:
    """What those extras of pyproject.toml name for this platform, other extras apart."""
    with (course.root / "pyproject.toml").open("rb") as file:
        groups = tomllib.load(file)["project"]["optional-dependencies"]
    wanted = [Requirement(line) for extra in extras for line in groups[extra]]
    return [r for r in wanted if r.name != "triptych" and (r.marker is None or r.marker.evaluate())]


def read(course: Course) -> dict[str, Versions]:
    """The sets that were recorded, in the order of ``SETS``; none where there is no record yet.

    A notebook whose code is another now than that which passed counts as not run. Raises
    TriptychError, which names the place, for a file that is not such a record.
    """
    path = course.root / FILE
    if not path.is_file():
        return {}
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:  # not UTF-8, or not JSON
        raise TriptychError(FILE, f"not JSON ({error})", _AGAIN) from None
    _require(data)
    codes = {course.name(path): code_of(course, path) for path in declared(course)}
    return {name: _versions(data["sets"][name], codes) for name in SETS if name in data["sets"]}


def record(
    course: Course, name: str, outcomes: Mapping[Path, Outcome], today: date | None = None
) -> Versions:
    """Add how notebooks ended in this environment to the record of the set ``name``.

    Every declared notebook is listed, with every set. One that is not among ``outcomes`` keeps what was
    recorded of it if the versions are still the same; otherwise it counts as not run. A package that the
    course has asked for only since changes no version. The file is replaced in one step.
    """
    day = str(today or date.today())
    sets = read(course)
    packages, without = _packages(course)
    python = platform.python_version()
    old = sets.get(name)
    known = old.notebooks if old else {}
    same = old is not None and old.python == python and old.packages.items() <= packages.items()
    notebooks = {}
    for path in declared(course):
        place = course.name(path)
        before = known.get(place, _NEW)
        if path in outcomes:
            passed = outcomes[path].outcome == PASSED
            notebooks[place] = Outcome(
                outcomes[path].outcome,
                day,
                _one_line(outcomes[path].why),
                day if passed else before.last_passed,
                code_of(course, path),
            )
        elif same or before.outcome == NOT_RUN:
            notebooks[place] = before
        else:
            why = "the versions have changed since"
            notebooks[place] = Outcome(NOT_RUN, before.date, why, before.last_passed)
    sets[name] = Versions(day, python, packages, without, notebooks)
    sets = {other: replace(told, notebooks=_complete(course, told)) for other, told in sets.items()}
    _write(course, sets)
    return sets[name]


#: A notebook that came after the last run with a set.
_NEW = Outcome(NOT_RUN, why="it is newer than the last run with them")


def _complete(course: Course, told: Versions) -> dict[str, Outcome]:
    """Every declared notebook of a set, and none that is gone."""
    return {place: told.notebooks.get(place, _NEW) for place in map(course.name, declared(course))}


_AGAIN = "restore the file, or delete it and run the sets again: `make test SET=...`"


def _packages(course: Course) -> tuple[dict[str, str], tuple[str, ...]]:
    """The versions of what notebooks import, as installed, and what is optional and not installed."""
    optional = [canonical(r) for r in requirements(course, *OPTIONAL)]
    names = [canonical(r) for r in requirements(course, "course")] + ["jaxlib", "keras", *optional]
    found = {name: version for name in sorted(set(names)) if (version := installed(name))}
    return found, tuple(sorted({name for name in optional if name not in found}))


def canonical(requirement: Requirement) -> str:
    """The package's name as the record has it, that of a CPU build too."""
    return canonicalize_name(requirement.name).removesuffix("-cpu")


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 400 else f"{line[:396]} ..."


def _require(data: Any) -> None:
    if fault := best_match(Draft202012Validator(SCHEMA).iter_errors(data)):
        place = ": ".join([FILE, " ".join(str(part) for part in fault.absolute_path)]).removesuffix(": ")
        raise TriptychError(place, fault.message[:160], _AGAIN)


def code_of(course: Course, path: Path) -> str:
    """A digest of a notebook's code cells; its text and its preflight cell may change without a run."""
    code = raw.code_by_id(path, course.name(path))
    return files.digest("\0".join(text for id, text in code.items() if id != preflight.ID), 16)


def _versions(data: Mapping[str, Any], codes: Mapping[str, str]) -> Versions:
    notebooks = {}
    for place, told in data["notebooks"].items():
        outcome = Outcome(**told)
        if outcome.outcome == PASSED and codes.get(place, outcome.code) != outcome.code:
            why = "its code has changed since"
            outcome = Outcome(NOT_RUN, outcome.date, why, outcome.last_passed)
        notebooks[place] = outcome
    return Versions(data["date"], data["python"], data["packages"], tuple(data["without"]), notebooks)


def _write(course: Course, sets: Mapping[str, Versions]) -> None:
    data = {"schema": 1, "sets": {name: asdict(sets[name]) for name in SETS if name in sets}}
    for told in data["sets"].values():  # type: ignore[attr-defined]
        told["without"] = list(told["without"])
        for outcome in told["notebooks"].values():
            for key in ("date", "why", "code"):
                if not outcome[key]:
                    del outcome[key]
    _require(data)
    (course.root / FILE).parent.mkdir(exist_ok=True)
    try:
        files.replace(course.root / FILE, json.dumps(data, indent=1, ensure_ascii=False) + "\n")
    except OSError as error:
        raise TriptychError(
            FILE, f"cannot be written ({error.strerror})", "the old file is whole; make room and run again"
        ) from None
