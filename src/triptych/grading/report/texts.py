"""Texts for readers: without what a submission could steer a terminal or a page with."""

from __future__ import annotations

import re

#: Characters of a student's own output that a feedback page shows.
OUTPUT = 4_000

#: Errors of a student's cells that are shown.
ERRORS = 20

#: What precedes a check's diagnosis where something went wrong before there was anything to diagnose.
LOOKS_FOR = "What this check looks for:"

#: What stands for a problem that an exercise's check above was told, too.
SAME = "the same as above."

_ANSI = re.compile(r"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|.)", re.DOTALL)
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def plain(text: str) -> str:
    """``text`` without terminal colours, control characters and changes of writing direction."""
    return _UNSEEN.sub("", _ANSI.sub("", text.replace("\r\n", "\n")))


def cut(text: str, limit: int = OUTPUT) -> str:
    """The beginning and the end of ``text``, ``limit`` characters at most besides a line between them."""
    text = plain(text)
    if len(text) <= limit:
        return text
    left_out = len(text) - limit
    return f"{text[: limit // 2]}\n[... {left_out:,} characters left out ...]\n{text[-(limit // 2) :]}"


def number(points: float) -> str:
    """Points as a person writes them, to a hundredth."""
    text = f"{points:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def title(id: str) -> str:
    """``bounded-traces`` as a heading."""
    words = id.rpartition("/")[2].replace("-", " ").replace("_", " ")
    return words[:1].upper() + words[1:]
