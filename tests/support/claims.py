"""Entries of a ledger made up for the tests."""

from __future__ import annotations

SOURCE = {"title": "Moved", "publisher": "PyTorch", "date": "2022-09-12"}


def entry(id="old-first", **changes):
    """An entry without fault; a change to None leaves the key out."""
    whole = {
        "id": id,
        "section": "1.1",
        "claim": "It counts to two.",
        "systems": ["tensorflow", "jax"],
        "chapter": "graphs",
        "kind": "behaviour",
        "verdict": "holds",
        "because": "It does.",
        "evidence": [{"see": "tiny/jax#Cold start/warm"}],
        **changes,
    }
    return {key: value for key, value in whole.items() if value is not None}
