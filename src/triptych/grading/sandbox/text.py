"""Text for people: what a submission says, made harmless, and sizes."""

from __future__ import annotations


def printable(value: object, limit: int = 1000) -> str:
    """Text from a submission: bounded, and without what would move a terminal's cursor."""
    text = str(value)[:limit].encode("utf-8", "replace").decode("utf-8")
    return "".join(c if c.isprintable() or c in "\n\t" else "\N{REPLACEMENT CHARACTER}" for c in text)


def human(size: int) -> str:
    """A number of bytes in MiB or GiB."""
    return f"{size / 2**30:.3g} GiB" if size >= 1 << 30 else f"{size / 2**20:.3g} MiB"
