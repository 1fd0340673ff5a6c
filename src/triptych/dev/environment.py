"""The pinned versions, and ``environment.yml`` made from them for conda and JupyterHubs."""

from __future__ import annotations

import tomllib

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from triptych.course import Course
from triptych.errors import TriptychError

CONSTRAINTS = "constraints/default.txt"


def requirements(course: Course) -> list[Requirement]:
    """Every line of ``constraints/default.txt``: one exact version each, some with a marker."""
    place = course.root / CONSTRAINTS
    lines = place.read_text(encoding="utf-8").splitlines()
    return [Requirement(line) for line in lines if line.strip() and not line.startswith("#")]


def pins(course: Course) -> dict[str, str]:
    """The exact versions that hold for the running Python, by package."""
    return {
        canonicalize_name(r.name): next(iter(r.specifier)).version
        for r in requirements(course)
        if r.marker is None or r.marker.evaluate()
    }


def needed(course: Course) -> list[Requirement]:
    """What the notebooks need to run in JupyterLab, each with its pin.

    Raises TriptychError where a package of pyproject.toml has no pin.
    """
    pinned = requirements(course)
    with (course.root / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)["project"]
    found: list[Requirement] = []
    for wanted in map(Requirement, _direct(project, "lab")):
        fitting = [r for r in pinned if canonicalize_name(r.name) == canonicalize_name(wanted.name)]
        if not fitting:
            raise TriptychError(CONSTRAINTS, f"no pin for {wanted.name}", "run `make constraints`")
        found += fitting
    return found


def requirements_txt(course: Course) -> str:
    """The same for pip, for whoever has the notebooks without the course's files.

    It wants ``constraints.txt`` beside it, a copy of ``constraints/default.txt``, with all other pins.
    """
    head = "# What the notebooks need, as the course was run with it: pip install -r requirements.txt"
    return "\n".join([head, "--constraint constraints.txt", *map(str, needed(course)), ""])


def environment_yml(course: Course) -> str:
    """The text of ``environment.yml``: what the notebooks need, each with its pin.

    Raises TriptychError where a package of pyproject.toml has no pin.
    """
    lines = [f"      - '{pin}'" for pin in needed(course)]
    return "\n".join(
        [
            "# Made from pyproject.toml and constraints/default.txt by `triptych environment`.",
            "# For conda (`conda env create`) and repo2docker, which makes a JupyterHub's image.",
            "name: triptych",
            "channels: [conda-forge]",
            "dependencies:",
            "  - python=3.11",
            "  - pip",
            "  - pip:",
            f"      - --constraint {CONSTRAINTS}",
            *lines,
            "      - --editable .[lab]",
            "",
        ]
    )


def _direct(project: dict, extra: str) -> list[str]:
    """The packages that an extra names, those of the extras it includes first."""
    own: list[str] = []
    included: list[str] = []
    for line in project["optional-dependencies"][extra]:
        requirement = Requirement(line)
        if canonicalize_name(requirement.name) == project["name"]:
            for other in sorted(requirement.extras):
                included += _direct(project, other)
        else:
            own.append(line)
    return included + own
