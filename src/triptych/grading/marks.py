"""From what the checks gave to the mark: weights, lateness, the scale, and which notebook counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal


@dataclass(frozen=True)
class Mark:
    """A notebook's mark: ``value`` of ``out_of``; ``raw`` is what the checks gave, before anything else.

    ``deduction`` is what a late hand-in cost, in the unit of ``value``.
    """

    value: float
    out_of: float
    raw: float
    deduction: float = 0.0


@dataclass(frozen=True)
class Policy:
    """How marks are made. The default: the points of the best notebook, late or not.

    ``counts`` is "best" or "last"; ``most`` notebooks of one student are graded. ``late`` is "none",
    "percent" or "points", of which ``deduct`` are taken off, or "zero". ``weights`` are factors of the
    exercises' points, by exercise; ``out_of`` is the most that a mark can be, 0 for the sum of the points.
    """

    counts: str = "best"
    most: int = 6
    late: str = "none"
    deduct: float = 0.0
    weights: Mapping[str, float] = field(default_factory=dict)
    out_of: float = 0.0
    decimals: int = 2

    def weighted(self, points: Mapping[str, float]) -> float:
        """The sum of the exercises' points, each with its weight."""
        return sum(self.weights.get(exercise, 1.0) * value for exercise, value in points.items())

    def total(self, exercises: Mapping[str, float]) -> float:
        """The most that a mark can be, where the exercises have these points."""
        return self.out_of or self.weighted(exercises)

    def mark(self, earned: Mapping[str, float], exercises: Mapping[str, float], late: bool) -> Mark:
        """The mark of a notebook with the points ``earned`` of ``exercises``, never below 0."""
        out_of, most = self.total(exercises), self.weighted(exercises)
        before = self.weighted(earned) * (out_of / most if self.out_of and most else 1.0)
        off = {"percent": before * self.deduct / 100, "points": self.deduct, "zero": before}
        deduction = min(before, off.get(self.late, 0.0)) if late else 0.0
        value = rounded(before - deduction, self.decimals)
        return Mark(value, out_of, sum(earned.values()), deduction)

    def counting(self, notebooks: Sequence[tuple[str, float]]) -> int:
        """Which of a student's notebooks counts: its index.

        ``notebooks`` are (framework, mark) in the order of handing in; a negative mark is none. Equal
        ones count as the first of them.
        """
        last = {framework: i for i, (framework, mark) in enumerate(notebooks) if framework and mark >= 0}
        allowed = list(last.values()) if self.counts == "last" and last else range(len(notebooks))
        return max(allowed, key=lambda i: (notebooks[i][1], -i))

    def words(self, titles: Mapping[str, str]) -> Iterator[str]:
        """The policy in sentences; ``titles`` are those of the exercises."""
        if self.counts == "last":
            yield "Of a student's notebooks the last one in each framework counts, and of these the best."
        else:
            yield "Of a student's notebooks the one with the best mark counts."
        if self.late == "zero":
            yield "A notebook that was handed in late counts 0."
        elif self.late != "none" and self.deduct:
            unit = "% of its mark" if self.late == "percent" else " point" if self.deduct == 1 else " points"
            off = f"{self.deduct:g}{unit}"
            yield f"A notebook that was handed in late loses {off}."
        for exercise, weight in self.weights.items():
            name = f"\u201c{titles.get(exercise, exercise)}\u201d"
            if weight != 1:
                much = f"The points of {name} are multiplied by {weight:g}."
                yield much if weight else f"{name} does not count."
        if self.out_of:
            yield f"Marks are scaled to {self.out_of:g} points."


def rounded(value: float, decimals: int) -> float:
    """``value`` to so many decimals, a half upwards, as people round marks."""
    # Through nine decimals: a sum of floats that is a half but for its last bits is a half.
    exact = Decimal(f"{value:.9f}")
    return float(exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP))
