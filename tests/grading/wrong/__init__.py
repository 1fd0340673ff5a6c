"""The banks of typical mistakes, one for each chapter: a reference solution with one thing wrong.

An edit replaces a text of the reference answer; a plain text is added after it.
Every mistake names the hidden check that must catch it, and by its message name it.
A bank may also hold other right answers, which no check may catch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module

Edit = tuple[str, str] | str


@dataclass(frozen=True)
class Mistake:
    """``edits`` by framework; a framework that cannot make the mistake is left out."""

    exercise: str
    name: str
    caught_by: str
    edits: Mapping[str, tuple[Edit, ...]]

    def applied(self, framework: str, reference: str) -> str:
        """The wrong answer. Fails where the reference no longer has what is edited."""
        for edit in self.edits[framework]:
            if isinstance(edit, str):
                reference += f"\n\n{edit}\n"
            else:
                assert edit[0] in reference, f"{self}: the reference has no {edit[0]!r}"
                reference = reference.replace(*edit)
        return reference


def wrong(exercise: str, name: str, check: str, *everywhere: Edit, **by_framework: Edit) -> Mistake:
    """A mistake with the same edits in all frameworks, or with one more for each framework named."""
    edits = {f: (*everywhere, edit) for f, edit in by_framework.items()}
    edits = edits or dict.fromkeys(("pytorch", "tensorflow", "jax"), everywhere)
    return Mistake(exercise, name, f"{exercise}/{check}", edits)


def right(exercise: str, name: str, *everywhere: Edit, **by_framework: Edit) -> Mistake:
    """No mistake: another right answer."""
    return wrong(exercise, name, "", *everywhere, **by_framework)


def bank(chapter: str) -> tuple[Mistake, ...]:
    """The chapter's mistakes, from the module of its name."""
    return import_module(f"{__name__}.{chapter}").BANK


def others(chapter: str) -> tuple[Mistake, ...]:
    """The chapter's other right answers, if its module has any."""
    return getattr(import_module(f"{__name__}.{chapter}"), "RIGHT", ())
