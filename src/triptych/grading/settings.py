"""An instructor's settings: what ``grading.toml`` says, every key checked before anything is graded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from triptych.errors import TriptychError
from triptych.grading.marks import Policy
from triptych.grading.sandbox import Limits
from triptych.grading.settings_file import checked, complaint, known_are
from triptych.grading.submissions import named

FILE = "grading.toml"

#: What a limit's number counts: seconds, and MB.
UNITS: dict[str, float] = {"cells": 1.0, "call": 1.0, "total": 1.0, "memory": 1 << 20}


@dataclass(frozen=True)
class Settings:
    """The settings; each has a default. Paths are relative to the current folder."""

    file: Path | None = None
    platform: str = ""  # recognised
    pattern: str = ""
    roster: Path | None = None
    policy: Policy = field(default_factory=Policy)
    weights: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    checks: Path | None = None
    seed: int | None = None
    jobs: int | None = None

    @classmethod
    def find(cls, named: Path | None, folders: Iterable[Path]) -> Settings:
        """Those of the file that was ``named``, or that lies in the first of ``folders`` that has one.

        Raises TriptychError.
        """
        if named:
            return cls.read(named)
        there = next((f / FILE for f in folders if (f / FILE).exists()), None)
        return cls.read(there) if there else cls()

    @classmethod
    def read(cls, file: Path) -> Settings:
        """The settings in ``file``. Raises TriptychError that names the line, the key and the remedy."""
        data = checked(file)
        hand_in, late, marks = (data.get(t, {}) for t in ("hand-in", "late", "marks"))
        limits, checks = data.get("limits", {}), data.get("checks", {})
        settings = cls(
            file=file,
            platform=hand_in.get("platform", "auto").replace("auto", ""),
            pattern=hand_in.get("pattern", ""),
            roster=_beside(file, hand_in.get("roster", "")),
            policy=Policy(
                counts=hand_in.get("counts", Policy.counts),
                most=int(hand_in.get("most", Policy.most)),
                late=late.get("policy", Policy.late),
                deduct=float(late.get("deduct", 0)),
                out_of=float(marks.get("out-of", 0)),
                decimals=int(marks.get("decimals", Policy.decimals)),
            ),
            weights=data.get("weights", {}),
            limits=limited(Limits(), limits),
            checks=_beside(file, checks.get("folder", "")),
            seed=int(checks["seed"]) if "seed" in checks else None,
            jobs=int(checks["jobs"]) if "jobs" in checks else None,
        )
        settings._require_sense(deduct_given="deduct" in late)
        return settings

    def of_chapter(self, chapter: str, exercises: Sequence[str]) -> Policy:
        """The policy with the weights of a chapter's exercises. Raises TriptychError for an unknown one."""
        weights = self.weights.get(chapter, {})
        for exercise in weights:
            if exercise not in exercises:
                self._refuse(
                    ("weights", chapter, exercise), "no such exercise", known_are(exercise, exercises)
                )
        if weights and not any(weights.get(exercise, 1) for exercise in exercises):
            self._refuse(("weights", chapter), "every exercise counts 0", "let one count")
        return replace(self.policy, weights=weights)

    def require_chapters(self, known: Iterable[str]) -> None:
        """Raise TriptychError where there are weights of another chapter than the ``known``."""
        names = sorted(known)
        for chapter in self.weights:
            if chapter not in names:
                self._refuse(("weights", chapter), "no such chapter of exercises", known_are(chapter, names))

    def _require_sense(self, deduct_given: bool) -> None:
        """What no schema says: keys that go together, files that are to be there."""
        policy = self.policy
        if policy.late in ("percent", "points") and not policy.deduct:
            self._refuse(("late", "policy"), f"is {policy.late!r}, but deduct is not given", "say how many")
        if policy.late in ("none", "zero") and deduct_given and policy.deduct:
            remedy = 'say policy = "percent" or "points", or leave it out'
            self._refuse(("late", "deduct"), f"has no effect with policy = {policy.late!r}", remedy)
        if policy.late == "percent" and policy.deduct > 100:
            self._refuse(("late", "deduct"), f"is {policy.deduct:g} percent", "give 100 at most")
        if self.roster and not self.roster.is_file():
            self._refuse(("hand-in", "roster"), f"there is no file {self.roster}", "check the name")
        if self.checks and not self.checks.is_dir():
            self._refuse(("checks", "folder"), f"there is no folder {self.checks}", "check the name")
        if self.pattern and self.platform:
            remedy = "leave one of them out"
            self._refuse(("hand-in", "pattern"), f"given beside the platform {self.platform!r}", remedy)
        try:
            named(self.pattern or "(?P<student>)")
        except TriptychError as error:
            self._refuse(("hand-in", "pattern"), error.problem, error.remedy)

    def _refuse(self, keys: Sequence[str], problem: str, remedy: str) -> None:
        assert self.file
        raise complaint(self.file, keys, problem, remedy)


def limited(limits: Limits, given: Mapping[str, float]) -> Limits:
    """``limits`` with those ``given``, by name, in seconds or MB."""
    return replace(limits, **{n: type(getattr(limits, n))(v * UNITS[n]) for n, v in given.items()})


def _beside(file: Path, name: str) -> Path | None:
    return file.parent / name if name else None
