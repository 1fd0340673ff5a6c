"""A session that does not wait again and again for a function that does not end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from triptych.grading.checks.author import Caller
from triptych.grading.sandbox import CellError, TimedOut


class Impatient:
    """A caller whose calls go to ``session``, but for those that would only run out of time again.

    One that has never answered is waited for once, one that has is waited for twice.
    A helper that calls the function whose name it is given first stands for that function.
    """

    def __init__(self, session: Caller) -> None:
        self._session = session
        self._answered: set[str] = set()
        self._late: Counter[str] = Counter()

    @property
    def errors(self) -> Sequence[CellError]:
        """As the session's own."""
        return self._session.errors

    def call(self, name: str, /, *args: Any, **kwargs: Any) -> Any:
        """As the session's own. Raises TimedOut without asking where that is to be expected."""
        return self._patiently(lambda: self._session.call(name, *args, **kwargs), name, args)

    def reaches(self, names: Sequence[str], name: str, /, *args: Any, **kwargs: Any) -> bool:
        """As the session's own. Raises TimedOut as ``call`` does."""
        return self._patiently(lambda: self._session.reaches(names, name, *args, **kwargs), name, args)

    def bind(self, name: str, helper: str, /, *args: Any) -> None:
        """As the session's own."""
        self._session.bind(name, helper, *args)

    def _patiently(self, ask: Callable[[], Any], name: str, args: tuple[Any, ...]) -> Any:
        key = args[0] if args and isinstance(args[0], str) and args[0].isidentifier() else name
        if self._late[key] > (key in self._answered):
            raise TimedOut(f"{key} did not end before, so it was not called again")
        try:
            value = ask()
        except TimedOut:
            self._late[key] += 1
            raise
        self._answered.add(key)
        return value
