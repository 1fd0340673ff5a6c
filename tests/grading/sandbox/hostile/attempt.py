"""What a hostile submission is, and the word that none may find.

Each is to define ``double(x)``, which should return ``2 * x``; none does it
honestly. What one lays hands on it returns from ``loot()``, which must be empty.
"""

from __future__ import annotations

from dataclasses import dataclass

#: What stands in the grader's files, environment and in other submissions.
SECRET = "the-grader-keeps-" + "this-to-itself"


@dataclass(frozen=True)
class Hostile:
    """One attempt. The name reads as what it does.

    ``ends`` is what the teacher is told, as a regular expression; empty where the
    submission is merely wrong. ``raises`` names what the call gives, and is empty where
    it gives a (wrong) value. ``template``: ``{port}``, ``{abstract}`` and ``{here}`` in the
    source are filled in by the test: a listener's port on loopback, a unix socket's
    name, and a folder of the grader's that holds the word in ``SECRET``.
    """

    name: str
    source: str
    ends: str = ""
    raises: str = ""
    template: bool = False
