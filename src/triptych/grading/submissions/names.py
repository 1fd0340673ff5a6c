"""When two names are the same person's, by Unicode's own rules.

A name is looked up as it stands first, and then ever more loosely: a looser reading counts
only where no stricter one found anybody, and only where it finds one person.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

#: Scripts whose accents may be left out: their combining marks are no vowels.
_ACCENTED = ("LATIN", "GREEK", "CYRILLIC")


def exact(name: str) -> str:
    """The name in one normal form, with single spaces."""
    return " ".join(unicodedata.normalize("NFC", name).split())


def folded(name: str) -> str:
    """Without case, spaces and punctuation: ``José O'Neil`` is ``joséoneil``. Vowel signs stay."""
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return "".join(c for c in text if c.isalnum() or unicodedata.category(c)[0] == "M")


def undotted(name: str) -> str:
    """``folded``, and every i the same: a list's ``YILDIZ`` is ``Yıldız``, ``İPEK`` is ``ipek``."""
    text = unicodedata.normalize("NFD", folded(name))
    return unicodedata.normalize("NFC", text.replace("i\u0307", "i").replace("ı", "i"))


def bare(name: str) -> str:
    """``undotted``, and without the accents of Latin, Greek and Cyrillic letters: ``joseoneil``."""
    kept: list[str] = []
    accented = False
    for character in unicodedata.normalize("NFD", undotted(name)):
        if unicodedata.category(character)[0] != "M":
            accented = unicodedata.name(character, "").startswith(_ACCENTED)
        elif accented:
            continue
        kept.append(character)
    return unicodedata.normalize("NFC", "".join(kept))


#: From the strictest to the loosest.
READINGS: tuple[Callable[[str], str], ...] = (exact, folded, undotted, bare)


def key(text: str) -> str:
    """An id, without case and superfluous spaces; zeros in front count."""
    return " ".join(unicodedata.normalize("NFKC", text).split()).casefold()
