"""Loading a chapter's hidden checks and running them on a submission. All of it is on the trusted side."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from triptych.course import Course
from triptych.errors import TriptychError
from triptych.grading.checks.absence import Absence
from triptych.grading.checks.author import Ask, Caller, HiddenCheck, Wrong
from triptych.grading.checks.comparison import shorten
from triptych.grading.checks.result import CheckResult
from triptych.grading.checks.sources import Sources
from triptych.grading.checks.suspicions import suspicions
from triptych.grading.sandbox import Code, Died, Missing, Raised, SubmissionError

FILE = "checks.py"

#: Characters of an exception's message that precede a diagnosis.
_SHORT = 200

_ANOTHER_KIND = "It returned something of another kind than the exercise asks for."


def checks_file(course: Course, chapter: str, folder: Path | None = None) -> Path:
    """Where the chapter's hidden checks should be; the file may be missing.

    ``folder``: an instructor's private checks, in ``<chapter>/checks.py`` or ``checks.py`` there.
    """
    if folder is None:
        return course.root / "solutions" / chapter / FILE
    places = (folder / chapter / FILE, folder / FILE)
    return next((place for place in places if place.is_file()), places[-1])


def load(course: Course, chapter: str, folder: Path | None = None) -> tuple[HiddenCheck, ...]:
    """The chapter's hidden checks, in the order of their definition; ``folder`` as for ``checks_file``.

    Raises TriptychError where there are none or they cannot be read.
    """
    file = checks_file(course, chapter, folder)
    return loaded(read(course, chapter, folder), file, course.name(file))


def read(course: Course, chapter: str, folder: Path | None = None) -> str:
    """The text of the chapter's hidden checks; raises TriptychError as ``load`` does."""
    file = checks_file(course, chapter, folder)
    place = course.name(file)
    if not file.is_file():
        raise TriptychError(place, "no hidden checks there", "name the chapter, or the folder of your own")
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeError) as error:
        raise TriptychError(place, f"cannot be read ({error})", "fix the file") from None


def loaded(text: str, file: Path, place: str) -> tuple[HiddenCheck, ...]:
    """The hidden checks in the text of ``file``, which is not read; messages call it ``place``.

    Raises TriptychError where there are none or the text's code fails.
    """
    checks = tuple(value for value in _names(text, file, place).values() if isinstance(value, HiddenCheck))
    if not checks:
        raise TriptychError(place, "holds no checks", "decorate a function with @check")
    return checks


def sections(text: str, file: Path, place: str) -> dict[str, tuple[str, ...]]:
    """The chapter's sections that each exercise is about: ``SECTIONS`` in that text, which may lack it.

    Raises TriptychError where the text's code fails, or ``SECTIONS`` has another form.
    """
    declared = _names(text, file, place).get("SECTIONS", {})
    try:
        return {str(exercise): tuple(map(str, titles)) for exercise, titles in declared.items()}
    except (AttributeError, TypeError):
        problem = "SECTIONS is no dict of titles by exercise"
        raise TriptychError(place, problem, 'write {"exercise": ("A section\'s title",)}') from None


def _names(text: str, file: Path, place: str) -> dict[str, Any]:
    try:
        return vars(module_of(text, file))
    except Exception as error:
        raise TriptychError(
            place, f"cannot be read ({type(error).__name__}: {error})", "fix the file"
        ) from error


def module_at(file: Path) -> ModuleType:
    """The module in ``file``, which need not be importable by name. Raises what its code raises."""
    return module_of(file.read_text(encoding="utf-8"), file)


def module_of(text: str, file: Path) -> ModuleType:
    """The module that ``text`` makes, as if it stood in ``file``. Raises what its code raises."""
    module = ModuleType(f"triptych_{file.stem}_{file.parent.name}")
    module.__file__ = str(file)
    exec(compile(text, str(file), "exec", dont_inherit=True), vars(module))
    return module


@dataclass(frozen=True)
class Found:
    """What came of all checks, and what a teacher should look at."""

    results: tuple[CheckResult, ...]
    flags: tuple[str, ...] = ()


def run(
    checks: Iterable[HiddenCheck],
    session: Caller,
    helpers: Sequence[Code],
    cells: Sequence[Code],
    seed: int,
) -> Found:
    """Run the checks, in order, on a submission; ``helpers`` and ``cells`` are what the session ran.

    Each check draws from a generator of its own, made from ``seed`` and the
    check's id: the inputs of one do not depend on which others are run. Raises
    TriptychError where a check itself is at fault.
    """
    flags: dict[str, None] = {}
    return Found(tuple(results(checks, session, helpers, cells, seed, flags)), tuple(flags))


def results(
    checks: Iterable[HiddenCheck],
    session: Caller,
    helpers: Sequence[Code],
    cells: Sequence[Code],
    seed: int,
    flags: dict[str, None],
    missing: Mapping[str, str] | None = None,
) -> Iterator[CheckResult]:
    """The results as ``run`` gives them, each as it is known; its flags are added to ``flags``.

    ``missing``: the names of answers that the submission has no longer, see ``Absence``.
    """
    parsed = Sources([*helpers, *cells])
    absence = Absence(cells, session.errors, missing)
    flags |= dict.fromkeys(suspicions(cells))
    for hidden in checks:
        ask = Ask(session, parsed)
        yield _run(hidden, ask, seed, absence)
        flags |= dict.fromkeys(ask.flags)


def _run(hidden: HiddenCheck, ask: Ask, seed: int, absence: Absence) -> CheckResult:
    draw = np.random.default_rng([seed, zlib.crc32(hidden.id.encode())])
    passed = CheckResult(hidden.id, hidden.exercise, hidden.objective, hidden.points, hidden.points)
    failed = replace(passed, earned=0.0, message=hidden.message)
    try:
        hidden.function(ask, draw)
    except Wrong as wrong:
        ask.input = wrong.input
        failed = replace(failed, expected=wrong.expected, got=wrong.got, difference=wrong.difference)
    except AssertionError as difference:
        failed = replace(failed, expected=str(difference), got=ask.answer)
    except Raised as raised:
        failed = _raised(failed, raised, ask, absence)
    except Missing as missing:
        why = absence.why(ask.named, False) or f"{str(missing)[:1].upper()}{str(missing)[1:]}."
        failed = replace(failed, message=why, absent=True)
    except Died as death:
        failed = replace(failed, message=f"Not asked: the notebook {death}.")
    except SubmissionError as fault:
        failed = replace(failed, message=f"{fault}.")
    except (TriptychError, MemoryError, EOFError):
        raise
    except Exception as error:  # whichever a check may raise on an answer that it did not foresee
        if not ask.answer or isinstance(error, NameError | ImportError):  # that is the check's own
            raise TriptychError(
                hidden.id, f"the check failed ({type(error).__name__}: {error})", "fix the check"
            ) from error
        failed = replace(failed, problem=_ANOTHER_KIND, got=ask.answer)
    else:
        return replace(passed, input=ask.input)
    return replace(
        failed,
        input=ask.input,
        message=shorten(failed.message, 600),
        expected=shorten(failed.expected),
        got=shorten(failed.got),
        problem=shorten(failed.problem),
        difference=shorten(failed.difference),
    )


def _raised(failed: CheckResult, raised: Raised, ask: Ask, absence: Absence) -> CheckResult:
    """What an exception means: that the function is not there, or that it went wrong."""
    said = f"{raised.type}: {raised.message}" if raised.message else raised.type
    blank = ask.unanswered or "NotImplementedError" in said  # a compiler wraps what the blank answer raises
    if blank and (why := absence.why(ask.named, ask.unanswered)):
        return replace(failed, message=why, got=said, absent=True)
    short = said if len(said) <= _SHORT else f"{said[:_SHORT]} ..."  # compilers' errors have pages of advice
    line = f" The line: `{raised.line}`" if raised.line else ""
    problem = f"It raised {short.rstrip('.')}.{line}{absence.behind(raised.type, raised.message)}"
    return replace(failed, problem=problem, got=said)
