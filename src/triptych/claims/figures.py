"""The articles' figures of speed and memory, gathered for the table that shows ours beside them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from triptych.claims.ledger import Figure, files, load
from triptych.claims.yaml_files import SCHEMA
from triptych.course import Course
from triptych.errors import TriptychError
from triptych.frameworks import FRAMEWORKS

#: The measurements of which the articles have figures.
MEASURED: tuple[str, ...] = tuple(SCHEMA["$defs"]["figure"]["properties"]["what"]["enum"])


@dataclass(frozen=True)
class Claimed:
    """What an article says of one framework; None where it says nothing.

    ``product`` is the article's word for the framework, such as TensorFlow Lite; ``rate`` is in
    images a second, ``gigabytes`` the memory taken.
    """

    framework: str
    product: str
    hardware: str
    rate: float | None = None
    milliseconds: float | None = None
    gigabytes: float | None = None


def claimed(course: Course, name: str) -> list[Claimed]:
    """The articles' figures for a measurement's name, in panel order; none where they have none.

    Raises TriptychError where the ledger has figures for some frameworks only.
    """
    if name not in MEASURED:
        return []
    contents = tuple(path.read_bytes() for path in files(course))
    figures = [figure for figure in _figures(course.root, contents) if figure.what == name]
    return [_claimed(name, framework, figures) for framework in FRAMEWORKS]


@lru_cache(maxsize=4)
def _figures(root: Path, contents: tuple[bytes, ...]) -> tuple[Figure, ...]:
    """The figures of a ledger whose files hold ``contents``; kept, as a site has several tables of them."""
    return tuple(claim.figure for claim in load(Course(root)).claims if claim.figure)


def _claimed(name: str, framework: str, figures: list[Figure]) -> Claimed:
    own = [figure for figure in figures if figure.framework == framework]
    if not own:
        raise TriptychError(
            f"figures of {name!r}",
            f"no claim has one for {framework}",
            "enter it under the claim's `figure:`",
        )
    values = {figure.unit: figure.value for figure in own}
    return Claimed(
        framework,
        next((figure.product for figure in own if figure.product), FRAMEWORKS[framework].title),
        next((figure.hardware for figure in own if figure.hardware), ""),
        rate=values.get("images/s"),
        milliseconds=values.get("ms"),
        gigabytes=values.get("GB"),
    )
