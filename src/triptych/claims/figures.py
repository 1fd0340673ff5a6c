"""The articles' figures of speed and memory, read out of the ledger's own sentences.

A table that was rebuilt has the original beside it; the number is written once, in the claim.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from triptych.claims import ledger as claims
from triptych.course import Course
from triptych.errors import TriptychError
from triptych.frameworks import FRAMEWORKS

#: The claims about each framework, by what is measured here. Of the first, the hardware is named, too.
CLAIMS = {
    "resnet50 training": {
        "pytorch": ("guide-resnet-torch-1180", "guide-resnet-torch-memory"),
        "tensorflow": ("guide-resnet-tf-1250", "guide-resnet-tf-memory"),
        "jax": ("guide-resnet-jax-1320", "guide-resnet-jax-memory"),
    },
    "mobilenet_v2 inference": {
        "pytorch": ("guide-mobilenet-torch-mobile-ms",),
        "tensorflow": ("guide-mobilenet-tflite-ms",),
        "jax": ("guide-mobilenet-jax-ms",),
    },
}
_UNITS = {"images a second": "rate", "ms": "milliseconds", "GB": "gigabytes"}
_FIGURE = re.compile(rf"([\d,]+(?:\.\d+)?) ({'|'.join(_UNITS)})")
_HARDWARE = re.compile(r" on an? (.+?)(?:'s [A-Z]+)?\.$")
_PRODUCT = re.compile(r"^(.+?)(?:, [^,]+,)? (?:trains|runs) ")


@dataclass(frozen=True)
class Claimed:
    """What an article says of one framework; None where it says nothing.

    ``product`` is the article's word for it, such as TensorFlow Lite; ``gigabytes`` is the memory taken.
    """

    framework: str
    product: str
    hardware: str
    rate: float | None = None
    milliseconds: float | None = None
    gigabytes: float | None = None


def claimed(course: Course, name: str) -> list[Claimed]:
    """The articles' figures for a measurement's name, in panel order; none where they have none.

    Raises TriptychError for a claim that is gone, or that has no figure or no hardware any more.
    """
    if name not in CLAIMS:
        return []
    ledger = claims.load(course)
    told = CLAIMS[name]
    return [_claimed(f, [ledger.find(id) for id in told[f]]) for f in FRAMEWORKS]


def _claimed(framework: str, found: list[claims.Claim]) -> Claimed:
    values: dict[str, float] = {}
    for claim in found:
        value = _found(_FIGURE, claim, "figure with its unit")
        values[_UNITS[value[2]]] = float(value[1].replace(",", ""))
    product = _found(_PRODUCT, found[0], "product that trains or runs")
    hardware = _found(_HARDWARE, found[0], "hardware")
    return Claimed(framework, product[1], hardware[1], **values)


def _found(pattern: re.Pattern[str], claim: claims.Claim, what: str) -> re.Match[str]:
    if match := pattern.search(claim.text):
        return match
    raise TriptychError(f"claim {claim.id!r}", f"no {what} in {claim.text!r}", "a rebuilt table shows it")
