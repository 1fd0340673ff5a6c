"""What grading a class and grading oneself have in common."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from triptych.errors import TriptychError

if TYPE_CHECKING:
    from triptych.grading.marks import Policy
    from triptych.grading.report import About
    from triptych.grading.run import Conditions
    from triptych.grading.sandbox import Limits
    from triptych.grading.store import GradeStore


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


def about(conditions: Conditions, objectives: tuple[str, ...], policy: Policy | None = None) -> About:
    """What the reports of this grading have in common."""
    from triptych.grading.marks import Policy
    from triptych.grading.report import About

    chapter = conditions.chapter
    return About(
        chapter=chapter.name,
        exercises=chapter.exercises,
        titles=chapter.titles,
        sections=chapter.sections,
        messages={check.id: check.message for check in chapter.checks},
        objectives=objectives,
        seed=conditions.seed,
        versions=conditions.versions,
        limits=asdict(conditions.limits),
        policy=policy or Policy(),
    )


def counted(count: int, what: str) -> str:
    """``1 file``, ``2,000 files``."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def limits(given: tuple[str, ...], limits: Limits | None = None) -> Limits:
    """``limits`` (the defaults) but for those given as NAME=NUMBER. Raises TriptychError."""
    from triptych.grading.sandbox import Limits
    from triptych.grading.settings import UNITS, limited

    amounts: dict[str, float] = {}
    for text in given:
        name, _, value = text.partition("=")
        try:
            amounts[name] = float(value)
        except ValueError:
            amounts[name] = 0.0
        if name not in UNITS or not 0 < amounts[name] < 1e6:
            remedy = f"give NAME=NUMBER, where NAME is one of {', '.join(UNITS)}"
            raise TriptychError("--limit", f"invalid limit {text!r}", remedy)
    return limited(limits or Limits(), amounts)
