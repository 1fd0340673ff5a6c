"""The versions that the preflight cell knows, frozen at a release of versions.

The lowest version of a package is the one that pyproject.toml asks for, or else the lowest with which
a set passed; the highest is the highest with which a set passed. A set has passed for a framework
where all of its lessons did.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from triptych import files
from triptych.course import Course
from triptych.dev import versions
from triptych.errors import TriptychError
from triptych.notebooks import preflight

#: What a framework's notebooks import that can break them, as PyPI names it.
PACKAGES: Mapping[str, tuple[str, ...]] = {
    "pytorch": ("torch", "numpy"),
    "tensorflow": ("tensorflow", "keras", "numpy"),
    "jax": ("jax", "jaxlib", "numpy"),
    "keras": ("keras", "jax", "numpy"),  # on its default backend in this course
}


def ranges(course: Course) -> dict[str, dict[str, tuple[str, str]]]:
    """For each framework the lowest and highest version of Python and of its packages.

    Raises TriptychError where no set has passed for a framework, and where a lesson has changed since
    it was run with a set: what passes with it now is not known then.
    """
    sets = versions.read(course)
    asked = {versions.canonical(r): r.specifier for r in versions.requirements(course, "course")}
    with (course.root / "pyproject.toml").open("rb") as file:
        asked[preflight.PYTHON] = SpecifierSet(tomllib.load(file)["project"]["requires-python"])
    found: dict[str, dict[str, tuple[str, str]]] = {}
    for framework in PACKAGES:
        passed = [recorded for name, recorded in sets.items() if _passed(name, recorded, framework)]
        if not passed:
            raise TriptychError(
                versions.FILE, f"no set has passed for {framework}", "run `make refresh` first"
            )
        python = {preflight.PYTHON: [s.python for s in passed]}
        had = {name: [s.packages[name] for s in passed if name in s.packages] for name in PACKAGES[framework]}
        found[framework] = {
            name: (_lowest(asked.get(name), all_of), _minor(max(all_of, key=Version)))
            for name, all_of in (python | had).items()
        }
    return found


def freeze(course: Course) -> bool:
    """Write the ranges into ``constraints/preflight.json``, whose runtime stays; whether it changed."""
    path = course.root / preflight.FILE
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        there = data.get("passed")
    except (OSError, ValueError, AttributeError):
        remedy = "restore it from git: it names the runtime of Colab's"
        raise TriptychError(preflight.FILE, "cannot be read", remedy) from None
    made = json.loads(json.dumps(ranges(course)))
    if made == there:
        return False
    files.replace(path, json.dumps(data | {"passed": made}, indent=1) + "\n")
    return True


def differing(course: Course) -> list[str]:
    """Where what has passed since is not what the cells know, one line each."""
    known = preflight.read(course)
    return [
        f"{framework}: {name} {low} to {high} has passed, and the cells know {known_of.get(name)}"
        for framework, packages in ranges(course).items()
        for name, (low, high) in packages.items()
        if (known_of := known.ranges[framework] if known else {}).get(name) != (low, high)
    ]


def within(have: str, low: str, high: str) -> bool:
    """Whether a version lies in a range as the preflight cell compares them."""
    here = Version(have).release[:3]
    return Version(low).release <= here and here[:2] <= Version(high).release[:2]


def _passed(name: str, recorded: versions.Versions, framework: str) -> bool:
    lessons = {
        place: outcome.outcome
        for place, outcome in recorded.notebooks.items()
        if place.startswith("notebooks/") and place.endswith(f"/{framework}.ipynb")
    }
    if stale := [place for place, outcome in lessons.items() if outcome == versions.NOT_RUN]:
        problem = f"not run with the set {name} as it is now"
        raise TriptychError(stale[0], problem, f"run `make test SET={name}` first (default: `make refresh`)")
    return bool(lessons) and set(lessons.values()) == {versions.PASSED}


def _lowest(asked: SpecifierSet | None, passed: Iterable[str]) -> str:
    bounds = [s.version for s in asked or () if s.operator in (">=", "~=", "==")]
    return bounds[0] if bounds else min(passed, key=Version)


def _minor(version: str) -> str:
    return ".".join(map(str, Version(version).release[:2]))
