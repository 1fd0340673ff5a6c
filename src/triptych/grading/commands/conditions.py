"""What grading a class and grading oneself have in common."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

from triptych.errors import TriptychError

if TYPE_CHECKING:
    from triptych.grading.report import About
    from triptych.grading.run import Conditions
    from triptych.grading.sandbox import Limits
    from triptych.grading.store import GradeStore

#: What a limit's number counts.
_UNITS: dict[str, float] = {"cells": 1.0, "call": 1.0, "total": 1.0, "memory": 1 << 20}


def open_store(file: Path) -> GradeStore:
    """The store of grades in ``file``, its folder made where it is missing. Raises TriptychError."""
    from triptych.grading.store import GradeStore

    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise TriptychError(
            file.parent, f"cannot be made ({error.strerror})", "choose another --out"
        ) from None
    return GradeStore(file)


def about(conditions: Conditions, objectives: tuple[str, ...]) -> About:
    """What the reports of this grading have in common."""
    from triptych.grading.report import About

    chapter = conditions.chapter
    return About(
        chapter=chapter.name,
        exercises=chapter.exercises,
        titles=chapter.titles,
        messages={check.id: check.message for check in chapter.checks},
        objectives=objectives,
        seed=conditions.seed,
        versions=conditions.versions,
        limits=asdict(conditions.limits),
    )


def limits(given: tuple[str, ...]) -> Limits:
    """The limits: the defaults but for those given as NAME=NUMBER. Raises TriptychError."""
    from triptych.grading.sandbox import Limits

    limits = Limits()
    for text in given:
        name, _, value = text.partition("=")
        try:
            amount = float(value)
        except ValueError:
            amount = 0.0
        if name not in _UNITS or not 0 < amount < 1e6:
            remedy = f"give NAME=NUMBER, where NAME is one of {', '.join(_UNITS)}"
            raise TriptychError("--limit", f"invalid limit {text!r}", remedy)
        limits = replace(limits, **{name: type(getattr(limits, name))(amount * _UNITS[name])})
    return limits
