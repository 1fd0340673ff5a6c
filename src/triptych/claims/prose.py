"""Measured numbers that were typed into the pages of the book by hand.

A number beside a unit, a factor or a fraction that stands in a sentence is taken for measured,
unless the role ``value`` put it there, ``given`` says why it may be typed, the sentence cites the
article that it is from (``claim``), or the sentence asks. Code, mathematics and links are
not looked into, nor is anything that a directive makes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from triptych.course import Course

FOLDER = "book"

REMEDY = "take it from a stored value with {value}`...`, or say why it is given with {given}`... | reason`"

#: Stands in for a role that cites an article, so that its sentence is known; no page holds it.
_CLAIM = "\0"

#: Directives between backticks whose body is prose all the same.
_TOLD = re.compile(
    r"^[> \t]*(?P<fence>`{3,})\{(?:admonition|attention|caution|danger|dropdown|figure|glossary|hint"
    r"|important|note|seealso|tip|topic|warning)\}(?P<body>.*?)^[> \t]*(?P=fence)[ \t]*$",
    re.DOTALL | re.MULTILINE,
)

_NOT_PROSE = (
    re.compile(r"\A---\n.*?^---$", re.DOTALL | re.MULTILINE),
    re.compile(r"^[> \t]*(`{3,}|~{3,}).*?^[> \t]*\1`*$", re.DOTALL | re.MULTILINE),
    re.compile(r"^%.*$", re.MULTILINE),
    re.compile(r"^:[a-z-]+:.*$", re.MULTILINE),
    re.compile(r"<!--.*?-->", re.DOTALL),
    re.compile(r"(?P<role>\{[\w:-]+\})?(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`)", re.DOTALL),
    re.compile(r"\$\$.*?\$\$|(?<![\\$])\$[^$\n]+\$", re.DOTALL),
    re.compile(r"!?\[[^\]\n]*\](?:\([^)\n]*\)|\[[^\]\n]*\])"),
    re.compile(r"<[a-z]+:[^>\n]+>"),
)

_WORDS = (
    r"one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen"
    r"|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|million|billion|dozens?|tens"
    r"|hundreds|thousands|millions|several|some|few|(?<!how )(?<!as )many"
)
_NUMBER = rf"(?:\d[\d,.]*|\b(?:{_WORDS})(?:[- ](?:{_WORDS}))?(?: of| and a half)?)"
#: A blank between a number and its unit, where one of them may be emphasised.
_GAP = r"\**(?:[\s-]|&nbsp;)\**"
_UNIT = (
    r"times|fold|[nµμu]s|ms|s|(?:nano|micro|milli)?seconds?|minutes?|hours?|%|‰|per cent"
    r"|percent(?:age points?)?|[kMGT]i?B|(?:kilo|mega|giga)bytes|requests|[MGT]?FLOPs?|calls"
    r"|\w+(?:/s| (?:a|per) second)"
)
#: Units that are also written without a blank; an × that stands between two numbers is none.
_JOINED = r"(?:[nµμ]s|ms|[kMGT]i?B|x)(?![\w-])|\**\s?×(?!\s?\d)|\**%"
_MORE = (
    r"(?:(?:less|more|slightly|over|above|under|below|about|nearly|almost|roughly|just|by|to)\s+(?:than\s+)?)"
)
_FACTOR = r"\s+(?:as|of|the|that|its|their|what|again)\b"
_MEASURED = re.compile(
    rf"(?<![\w.]){_NUMBER}(?:{_GAP}(?:{_UNIT})(?![\w-])|{_JOINED})"
    r"|\b\d+(?:,\d{3})+ bytes"
    rf"|\bfactors? of (?:{_MORE})?\**{_NUMBER}"
    rf"|\b{_MORE}?(?:twice|thrice|half)\b(?:{_FACTOR})|\b{_MORE}+(?:twice|thrice|half)\b(?!-)"
    r"|\b(?:halves|halved|halving|doubles|doubled|doubling|trebled?|tripled?|tenfold)\b"
    r"|(?<!-)\b(?:thirds?|quarters?|fifths?|tenths?|hundredths?|thousandths?) of\b"
    r"|\bquarters?\b|\borders? of magnitude\b",
    re.IGNORECASE,
)

#: Up to a full stop, a question mark, the paragraph's end, or the next line of a list or table.
_SENTENCE = re.compile(r"(?:(?!\n\s*\n|\n\s*(?:[|#>*-]|\d+\.)\s|[.?!][\s*_)]).)+[.?!]?", re.DOTALL)

#: What one does so many times is counted, not measured; not so "it runs ten times faster".
_COUNTED = re.compile(
    r"\b(?:called|calls?|asked|asks?|exported|timed|runs?|used|taken|repeat(?:ed)?|shown|sent|seen)\b[^.;:]{0,24}$",
    re.IGNORECASE,
)
_COMPARED = re.compile(r"\s+(?:as|the|less|more|\w+er)\b", re.IGNORECASE)


@dataclass(frozen=True)
class TypedNumber:
    """A number of a sentence that looks measured: its page and line, and the words."""

    page: str
    line: int
    words: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}: {self.words!r} is typed; {REMEDY}"


def typed_numbers(course: Course, below: Sequence[Path] = ()) -> list[TypedNumber]:
    """Those of every page (of these files and folders, where some are named), by the pages' names."""
    pages = sorted((course.root / FOLDER).rglob("*.md"))
    chosen = [page for page in pages if not below or any(page.is_relative_to(path) for path in below)]
    return [found for page in chosen for found in of_page(page, course.name(page))]


def of_page(path: Path, name: str) -> list[TypedNumber]:
    """Those of one page, which results call ``name``."""
    prose = _prose(path.read_text(encoding="utf-8"))
    return [
        TypedNumber(name, prose.count("\n", 0, start) + 1, " ".join(words.split()))
        for start, words in _measured(prose)
    ]


def _prose(text: str) -> str:
    """The text, what is no prose blanked out: every line and column stays where it is."""
    text = _TOLD.sub(_unfenced, text)
    for pattern in _NOT_PROSE:
        text = pattern.sub(_blank, text)
    return text


def _unfenced(match: re.Match[str]) -> str:
    return f"{' ' * (match.start('body') - match.start())}{match['body']}"


def _blank(match: re.Match[str]) -> str:
    blank = re.sub(r"[^\n]", " ", match[0])
    cites = match.re.groups and match.groupdict().get("role") == "{claim}"
    return _CLAIM + blank[1:] if cites else blank


def _measured(prose: str) -> Iterator[tuple[int, str]]:
    for sentence in _SENTENCE.finditer(prose):
        text = sentence[0]
        if _CLAIM in text or text.rstrip().endswith("?"):
            continue
        for found in _MEASURED.finditer(text):
            compared = _COMPARED.match(text, found.end())
            if "times" in found[0] and not compared and _COUNTED.search(text[: found.start()]):
                continue
            yield sentence.start() + found.start(), found[0]
