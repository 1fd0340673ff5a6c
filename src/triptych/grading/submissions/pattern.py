"""Whose file it is, by a pattern of the instructor's own."""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePosixPath

from triptych.errors import TriptychError
from triptych.grading.submissions.platforms import LONGEST, Owner, Platform

#: Groups that say whose a file is; nbgrader's names for them too.
_IDS = ("student", "student_id", "id")
_NAMES = ("name", "first_name", "last_name", "email")
_OTHERS = ("late", "timestamp", "file", "file_id")

#: What a pattern is refused with.
_PLACE = "pattern"


def named(pattern: str) -> Platform:
    """How ``pattern`` reads names: a regular expression with named groups, found at a path's beginning.

    The path is the file's in what was handed in, its folders divided by ``/``. ``student`` (or
    ``id``) is the id or name of its owner, ``name`` the name; ``late`` says that it was late where
    it matches something; of the digits of ``timestamp``, the last notebook is known. The groups
    of nbgrader's ``named_regexp`` do as well. A file whose path does not match is nobody's.

    Raises TriptychError for what is no such expression.
    """
    try:
        expression = re.compile(pattern, re.DOTALL)
    except (re.error, RecursionError, OverflowError) as error:
        raise TriptychError(
            _PLACE, f"not a regular expression ({error})", "for example: (?P<student>[^/]+)/.*"
        ) from None
    groups = set(expression.groupindex)
    if unknown := sorted(groups - {*_IDS, *_NAMES, *_OTHERS}):
        known = ", ".join((*_IDS, *_NAMES, *_OTHERS))
        raise TriptychError(_PLACE, f"a group is called {unknown[0]!r}", f"the names known are {known}")
    if not groups & {*_IDS, *_NAMES}:
        raise TriptychError(
            _PLACE, "no group says whose a file is", "name one: (?P<student>...), with an id or a name"
        )

    def read(path: PurePosixPath, is_file: bool) -> tuple[Owner, ...]:
        text = unicodedata.normalize("NFC", str(path))
        found = expression.match(text) if is_file and len(text) <= LONGEST else None
        if not found:
            return ()
        values = {group: (found[group] or "").strip() for group in groups}
        number = next((values[g] for g in _IDS if values.get(g)), "")
        whole = values.get("name") or f"{values.get('first_name', '')} {values.get('last_name', '')}".strip()
        name = whole or values.get("email") or number
        if not name:
            return ()
        turn = "".join(c for c in values.get("timestamp", "") if c.isascii() and c.isdigit())[:18]
        late = bool(values.get("late"))
        return (Owner(f"pattern:{number}:{name}", name, number, late, int(turn or 0), "pattern"),)

    return Platform("pattern", read)
