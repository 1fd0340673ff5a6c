"""Parts: one notebook in one round, each kept in a file until the record is whole.

What is finished is not measured again, and what was measured before an interruption is
kept, too.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from triptych import files
from triptych.benchmark import records
from triptych.benchmark.plan import CHAPTER, Settings
from triptych.course import Course
from triptych.dev.doctor import installed
from triptych.errors import TriptychError
from triptych.frameworks import FRAMEWORKS
from triptych.notebooks import raw

#: Where parts are kept, in the course's folder.
WORK = "_build/bench/performance"

#: Finished parts older than this are measured again: one record, one state of the machine.
KEPT = timedelta(days=7)


@dataclass(frozen=True)
class Part:
    """One notebook in one round. ``file`` is what it writes, and what is kept of it."""

    number: int
    round: int
    framework: str
    notebook: Path
    file: Path

    def stored(self) -> dict[str, Any]:
        """What is kept of it; nothing where nothing was."""
        data = _json(self.file)
        return data if isinstance(data, dict) and "notebook" in data else {}


class Parts:
    """The parts of one machine, measured with one setting: round by round, the frameworks in turn.

    ``folder`` is the machine's; ``installed`` has the versions by framework and package.
    """

    def __init__(self, course: Course, machine: str, frameworks: Sequence[str], settings: Settings) -> None:
        self.course, self.settings = course, settings
        self.frameworks = [name for name in FRAMEWORKS if name in frameworks]
        self.folder = course.root / WORK / machine
        self.installed = {
            framework: {p: version for p in FRAMEWORKS[framework].packages if (version := installed(p))}
            for framework in self.frameworks
        }
        siblings, folder = course.siblings(CHAPTER), self.folder / settings.name
        turns = [(turn, name) for turn in range(1, settings.rounds + 1) for name in self.frameworks]
        self.all = [
            Part(number, turn, name, siblings[name], folder / f"round-{turn}-{name}.json")
            for number, (turn, name) in enumerate(turns, 1)
        ]

    def is_finished(self, part: Part) -> bool:
        """Whether the part was finished with these settings, versions and notebook, and lately."""
        stored = part.stored()
        return (
            bool(stored.get("complete"))
            and self.is_usable(part, stored)
            and stored["notebook"] == _code(part.notebook, self.course)
            and date.today() - date.fromisoformat(stored["date"]) <= KEPT
        )

    def is_usable(self, part: Part, stored: Mapping[str, Any]) -> bool:
        """Whether what is stored was measured with these settings and versions."""
        return self.settings.match(stored) and stored["installed"] == self.installed[part.framework]

    def keep(self, part: Part, complete: bool, seconds: float, load: Mapping[str, Any]) -> int:
        """Add to the part's file what its notebook cannot know; the number of measurements.

        A notebook that did not end well (not ``complete``) may have written nothing. Raises
        TriptychError, and leaves no file, for what is not the part's record.
        """
        try:
            return self._keep(part, complete, seconds, load)
        except TriptychError:
            part.file.unlink(missing_ok=True)
            raise

    def _keep(self, part: Part, complete: bool, seconds: float, load: Mapping[str, Any]) -> int:
        name = self.course.name(part.notebook)
        if (measured := _json(part.file)) is None:
            part.file.unlink(missing_ok=True)
            if complete:
                raise TriptychError(name, "ran, but wrote no record", "check its function keep()")
            return 0
        data = {
            **(measured if isinstance(measured, dict) else {}),
            "round": part.round,
            "date": date.today().isoformat(),
            "complete": complete,
            "seconds": round(seconds, 1) or 0.1,
            "load": dict(load),
            "installed": self.installed[part.framework],
            "notebook": _code(part.notebook, self.course),
        }
        place = self.course.name(part.file)
        records.require(data, place, "part", f"check keep() in {name}")
        if data["framework"] != part.framework or not self.settings.match(data):
            raise TriptychError(place, "the notebook ran with other settings", "check its parameters")
        files.replace(part.file, json.dumps(data, allow_nan=False))
        return len(data["measurements"])


def _json(file: Path) -> Any:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):  # not there, or cut off
        return None


def _code(path: Path, course: Course) -> str:
    """A digest of the notebook's code: other code measures something else."""
    return files.digest("\0".join(raw.code(path, course.name(path))), 16)
