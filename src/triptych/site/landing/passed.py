"""With which versions a page's notebooks passed, and when, in a sentence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import PurePosixPath

from triptych.dev.versions import FAILED, PASSED, Outcome, Versions
from triptych.frameworks import PANELS, Framework

#: How a sentence names the sets but the default one, and whose a version number is.
NAMES = {"colab": "Colab’s versions", "newest": "the newest"}
OWNERS = {"colab": "Colab’s", "newest": "the newest"}

#: A reason for a failure is cut here; all of it stands in the record.
LONGEST = 160


def sentences(
    sets: Mapping[str, Versions], notebooks: Sequence[str], frameworks: Sequence[Framework]
) -> list[str]:
    """What is known of these notebooks: what passed (may be empty), then a sentence for each fault.

    Nothing where there is no record of them.
    """
    passed: list[tuple[str, str]] = []
    faults: list[str] = []
    for name, versions in sets.items():
        outcomes = {place: versions.notebooks[place] for place in notebooks if place in versions.notebooks}
        if not outcomes:
            continue
        called = _called(name, versions, frameworks)
        if all(outcome.outcome == PASSED for outcome in outcomes.values()):
            passed.append((called, min(outcome.date for outcome in outcomes.values())))
        faults += _faults(called, outcomes)
    return [f"Passed with {_dated(passed)}." if passed else "", *faults] if passed or faults else []


def _called(name: str, versions: Versions, frameworks: Sequence[Framework]) -> str:
    """The set: by the frameworks' versions where it is the default one, or where there is one framework."""
    told = {
        f.title: versions.packages[f.packages[0]] for f in frameworks if f.packages[0] in versions.packages
    }
    if name == "default":
        return _joined([" ".join(pair) for pair in told.items()]) or "the course's versions"
    return f"{OWNERS[name]} {next(iter(told.values()))}" if len(told) == 1 else NAMES[name]


def _dated(passed: Sequence[tuple[str, str]]) -> str:
    """The sets with their days; sets of one day in a row share it."""
    parts: list[str] = []
    for day, group in groupby(passed, key=lambda pair: pair[1]):
        first, *others = [called for called, _ in group]
        if others and not parts:  # the frameworks' own list has commas and an "and"
            parts += [first, f"{_joined(others)} on {day}"]
        else:
            parts.append(f"{_joined([first, *others])} on {day}")
    return ", with ".join(parts)


def _faults(called: str, outcomes: Mapping[str, Outcome]) -> Iterator[str]:
    """Notebooks that failed, or were not run, for the same reason share a sentence."""
    groups: dict[tuple[str, str, str], list[str]] = {}
    for place, outcome in outcomes.items():
        if outcome.outcome != PASSED:
            groups.setdefault((outcome.outcome, outcome.date, outcome.why), []).append(place)
    for (ended, day, why), places in groups.items():
        reason = f"{why.rstrip('. ')}." if len(why) <= LONGEST else f"{why[:LONGEST]} …"
        which = f"{called} versions" if called == NAMES["newest"] else called
        what = "does not run" if ended == FAILED else "was not run"
        last = min((outcomes[place].last_passed or "" for place in places), default="")
        yield (
            f"{_named(places)} {what} with {which}{f' ({day})' if day and ended == FAILED else ''}: "
            f"{reason}{f' It last passed on {last}.' if last else ''}"
        )


def _named(places: Iterable[str]) -> str:
    kinds = {"notebooks": "notebook", "solutions": "solution"}
    paths = [PurePosixPath(place) for place in places]
    titles = _joined([PANELS[path.stem].title if path.stem in PANELS else path.stem for path in paths])
    return f"The {kinds[paths[0].parts[0]]} in {titles}"


def _joined(parts: Sequence[str], between: str = ", ", last: str = " and ") -> str:
    return last.join([between.join(parts[:-1]), parts[-1]]) if len(parts) > 1 else "".join(parts)
