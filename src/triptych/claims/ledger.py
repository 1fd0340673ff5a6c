"""The ledger: what the articles claim, with a verdict and evidence for each claim.

``book/claims/`` holds a YAML file for each article. ``schema.json`` says what an entry
has; what a schema cannot say is checked here: ids are unique, sections exist, references
lead to a stored value, and every verdict agrees with what the entry's ``expect`` says
about those values.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from triptych.claims import proof, rules
from triptych.claims.conditions import Condition, judge
from triptych.claims.evidence import StoredValues
from triptych.claims.references import Reference, nearest
from triptych.claims.yaml_files import SCHEMA, ClaimsFile
from triptych.course import Course
from triptych.errors import TriptychError
from triptych.frameworks import PANELS

FOLDER = "book/claims"

_ENTRY = SCHEMA["$defs"]["claim"]["properties"]

#: What a claim may be about, by the name that an entry uses, in an entry's order.
SYSTEMS = {
    name: {**{n: panel.title for n, panel in PANELS.items()}, "mxnet": "MXNet"}[name]
    for name in _ENTRY["systems"]["items"]["enum"]
}

#: The verdicts and the chapters, in the order in which they are shown.
VERDICTS: tuple[str, ...] = tuple(_ENTRY["verdict"]["enum"])
CHAPTERS: tuple[str, ...] = tuple(_ENTRY["chapter"]["enum"])

Looked = TypeVar("Looked")


@dataclass(frozen=True)
class Source:
    """A dated public source; a ``secondary`` one reports what others made or found."""

    title: str
    publisher: str
    date: str
    url: str = ""
    version: str = ""
    secondary: bool = False


@dataclass(frozen=True)
class Article:
    """One of the articles. ``name`` is its file's, ``sections`` our headings by the article's own keys."""

    name: str
    title: str
    original: str
    date: str
    sections: Mapping[str, str]

    @property
    def short(self) -> str:
        """The file's name as words."""
        words = " ".join(SYSTEMS.get(word, word) for word in self.name.split("-"))
        return words[:1].upper() + words[1:]


@dataclass(frozen=True)
class Figure:
    """A measured number that a claim names: ``value`` of ``what``, in ``unit``.

    ``product`` is the article's own word for the framework, such as TensorFlow Lite; empty
    where it has none. ``hardware`` is empty where the claim does not say it.
    """

    what: str
    framework: str
    value: float
    unit: str
    hardware: str = ""
    product: str = ""


@dataclass(frozen=True)
class Claim:
    """One thing that an article says, and what became of it.

    ``evidence`` and ``expect`` hold what could be read; what could not is a complaint.
    """

    id: str
    article: Article
    section: str
    text: str
    systems: tuple[str, ...]
    chapter: str
    kind: str
    verdict: str
    provisional: bool
    because: str
    evidence: tuple[Reference | Source, ...]
    expect: tuple[Condition, ...]
    figure: Figure | None = None

    @property
    def article_name(self) -> str:
        """The name of the claim's article."""
        return self.article.name


@dataclass(frozen=True)
class Ledger:
    """Every claim, in the order of the articles, and every complaint about the files, one line each."""

    articles: tuple[Article, ...]
    claims: tuple[Claim, ...]
    complaints: tuple[str, ...]

    def find(self, id: str) -> Claim:
        """The claim with this id. Raises TriptychError, which lists the nearest ids."""
        for claim in self.claims:
            if claim.id == id:
                return claim
        raise TriptychError(
            f"claim {id!r}", "no such claim", nearest(id, (claim.id for claim in self.claims))
        )

    def counts(self, *attributes: str, provisional: bool = False) -> Counter[tuple[Hashable, ...]]:
        """How many claims have each combination of values of these attributes.

        With ``provisional``, only those that wait for their chapter.
        """
        return Counter(
            tuple(getattr(claim, name) for name in attributes)
            for claim in self.claims
            if claim.provisional or not provisional
        )


def files(course: Course) -> list[Path]:
    """The ledger's files, by name."""
    return sorted((course.root / FOLDER).glob("*.yml"))


def load(course: Course) -> Ledger:
    """Read the whole ledger. What is wrong with it is gathered in its complaints; nothing is raised."""
    stored = StoredValues(course)
    articles: list[Article] = []
    claims: list[Claim] = []
    complaints: list[str] = []
    places: dict[str, str] = {}
    for path in files(course):
        file = ClaimsFile(path, course.name(path))
        if not file.readable:
            complaints += file.complaints
            continue
        article = Article(path.stem, **{"date": "", **file.article}, sections=file.sections)
        articles.append(article)
        for entry in file.entries:
            if entry["id"] in places:
                file.complain(
                    entry["id"], "a second claim with this id", f"the first is in {places[entry['id']]}"
                )
                continue
            places[entry["id"]] = file.name
            claims.append(_claim(entry, article, file, stored))
        complaints += file.complaints
    complaints += [f"{error} (the ledger cites it)" for error in stored.unreadable.values()]
    return Ledger(tuple(articles), tuple(claims), tuple(complaints))


def tally(ledger: Ledger, by: str, columns: Sequence[Hashable]) -> dict[str, list[int]]:
    """Rows of counts: the verdicts, all together and those that are provisional.

    A row has a number for each of ``columns`` (values of the attribute ``by``), then their sum.
    """
    verdicts, open_ = ledger.counts("verdict", by), ledger.counts(by, provisional=True)
    rows = {verdict: [verdicts[verdict, column] for column in columns] for verdict in VERDICTS}
    rows["all"] = [sum(numbers) for numbers in zip(*rows.values(), strict=True)]
    rows["provisional"] = [open_[(column,)] for column in columns]
    return {name: [*numbers, sum(numbers)] for name, numbers in rows.items()}


# --- one entry ---------------------------------------------------------------


def _claim(entry: Mapping[str, Any], article: Article, file: ClaimsFile, stored: StoredValues) -> Claim:
    """The claim; ``file`` gets the complaints about what a schema cannot see."""

    so_far = len(file.complaints)

    def complain(problem: str, fix: str) -> None:
        file.complain(entry["id"], problem, fix)

    def looked_up(look: Callable[[str], Looked], text: str) -> Iterator[Looked]:
        try:
            yield look(text)
        except TriptychError as error:
            if error not in stored.unreadable.values():  # those are reported once, not for each entry
                complain(f"{error.place}: {error.problem}", error.remedy)

    if entry["section"] not in article.sections:
        complain(f"no section {entry['section']!r}", f"`sections` has: {', '.join(article.sections)}")
    if entry["systems"] != (order := [name for name in SYSTEMS if name in entry["systems"]]):
        complain("the systems are out of order", f"write [{', '.join(order)}]")
    provisional = "provisional" in entry
    page = f"book/{entry['chapter']}/articles.md"
    if provisional and (stored.course.root / page).is_file():
        complain(f"provisional, but the chapter has its page {page}", "decide it and remove `provisional`")
    evidence: list[Reference | Source] = []
    for item in entry.get("evidence", ()):
        evidence += [Source(**item["source"])] if "source" in item else looked_up(stored.find, item["see"])
    for reference in evidence:
        if isinstance(reference, Reference) and reference.is_typed:
            complain(proof.typed(reference), "cite a value that a cell computes, or a dated primary source")
    texts = entry.get("expect", [])
    texts = [texts] if isinstance(texts, str) else texts
    expect = [condition for text in texts for condition in looked_up(lambda text: judge(text, stored), text)]
    if len(expect) == len(texts) > 0 and (disagreement := _disagreement(entry["verdict"], expect)):
        complain(*disagreement)
    for condition in expect:
        for fault in proof.faults(condition):
            complain(*fault)
    figure = _figure(entry["figure"]) if "figure" in entry else None
    if figure and f"{figure.value:,g}" not in entry["claim"]:
        complain(f"figure: {figure.value:,g} is not in the claim's text", "write the same number in both")
    if len(file.complaints) == so_far:  # what cannot be read decides nothing, and was complained about
        for fault in rules.faults(entry):
            complain(*fault)
    return Claim(
        id=entry["id"],
        article=article,
        section=entry["section"],
        text=entry["claim"],
        systems=tuple(entry["systems"]),
        chapter=entry["chapter"],
        kind=entry["kind"],
        verdict=entry["verdict"],
        provisional=provisional,
        because=entry["because"].strip(),
        evidence=tuple(evidence),
        expect=tuple(expect),
        figure=figure,
    )


def _figure(data: Mapping[str, str]) -> Figure:
    return Figure(**{**data, "value": float(data["value"])})  # type: ignore[arg-type]


def _disagreement(verdict: str, expect: list[Condition]) -> tuple[str, str] | None:
    """How a verdict contradicts what the stored values say of the claim, and how to fix it."""
    truths = {condition.true for condition in expect}
    match verdict:
        case "holds":
            odd = [condition for condition in expect if not condition.true]
        case "wrong" | "outdated":
            odd = expect if truths == {True} else []
        case "depends":
            odd = expect if len(truths) == 1 else []
        case _:
            return f"a verdict {verdict!r} has no `expect`", "remove it, or decide the claim by it"
    if not odd:
        return None
    values = dict.fromkeys(reference.text for condition in odd for reference in condition.references)
    truth = ", ".join(f"{condition.filled} is {str(condition.true).lower()}" for condition in odd)
    return (
        f"the verdict is {verdict!r}, but {', '.join(values)}: {truth} now",
        "run the notebooks again or change the verdict",
    )
