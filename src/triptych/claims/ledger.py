"""The ledger: what the articles claim, with a verdict and evidence for each claim.

``book/claims/`` holds a YAML file for each article. ``schema/claims.json`` says
what an entry has; what a schema cannot say is checked here: ids are unique,
sections exist, references find a stored value, and every verdict agrees with
what the entry's ``expect`` says about those values.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator, ValidationError

from triptych.claims.evidence import Checkpoints, Condition, Reference, nearest
from triptych.course import Course
from triptych.errors import TriptychError
from triptych.frameworks import PANELS

FOLDER = "book/claims"

_SCHEMA = json.loads(Path(__file__).with_name("schema.json").read_text(encoding="utf-8"))
_ENTRY = _SCHEMA["$defs"]["claim"]["properties"]

#: What a claim may be about, by the name that an entry uses, in an entry's order.
SYSTEMS = {
    name: {**{n: panel.title for n, panel in PANELS.items()}, "mxnet": "MXNet"}[name]
    for name in _ENTRY["systems"]["items"]["enum"]
}

#: The verdicts, the chapters and the kinds of claims, in the order in which they are told.
VERDICTS: tuple[str, ...] = tuple(_ENTRY["verdict"]["enum"])
CHAPTERS: tuple[str, ...] = tuple(_ENTRY["chapter"]["enum"])
KINDS: tuple[str, ...] = tuple(_ENTRY["kind"]["enum"])


@dataclass(frozen=True)
class Source:
    """A dated public source."""

    title: str
    publisher: str
    date: str
    version: str = ""
    url: str = ""


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

    @property
    def article_name(self) -> str:
        """The name of its article."""
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
            f"claim {id!r}", "there is none", nearest(id, (claim.id for claim in self.claims))
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
    checkpoints = Checkpoints(course)
    articles: list[Article] = []
    claims: list[Claim] = []
    complaints: list[str] = []
    places: dict[str, str] = {}
    for path in files(course):
        file = _File(path, course.name(path))
        if file.readable:
            articles.append(file.article)
        for entry in file.entries:
            if entry["id"] in places:
                file.complain(
                    entry["id"], "a second claim with this id", f"the first is in {places[entry['id']]}"
                )
                continue
            places[entry["id"]] = file.name
            claims.append(_claim(entry, file, checkpoints))
        complaints += file.complaints
    complaints += [f"{error} (the ledger cites it)" for error in checkpoints.unreadable.values()]
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


# --- one file ----------------------------------------------------------------


class _Loader(yaml.SafeLoader):
    """YAML without surprises: only true, false and null are not text."""


_Loader.yaml_implicit_resolvers = {}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"(?:true|false)$"), list("tf"))
_Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"(?:null|~|)$"), ["n", "~", ""])


class _File:
    """A file of the ledger: ``entries`` are those that the schema accepts."""

    def __init__(self, path: Path, name: str) -> None:
        self.name, self.complaints = name, []
        self.entries: list[dict[str, Any]] = []
        self.readable = False
        if (parsed := self._parsed(path)) is None or self._has_twin_keys(parsed[0]):
            return
        node, data = parsed
        errors = sorted(Draft202012Validator(_SCHEMA).iter_errors(data), key=lambda e: list(map(str, e.path)))
        for error in errors:
            self._complain_about(error, data, node)
        faulty = {tuple(error.absolute_path)[:2] for error in errors}
        if any(place[:1] != ("claims",) or len(place) < 2 for place in faulty):
            return
        self.readable = True
        self.article = Article(path.stem, **{"date": "", **data["article"]}, sections=data["sections"])
        self.entries = [entry for i, entry in enumerate(data["claims"]) if ("claims", i) not in faulty]

    def complain(self, entry: str, problem: str, mend: str) -> None:
        """Note what is wrong with an entry."""
        self.complaints.append(str(TriptychError(f"{self.name}: {entry}", problem, mend)))

    def _parsed(self, path: Path) -> tuple[yaml.Node, dict[str, Any]] | None:
        """The file as nodes, which know their lines, and as plain data."""
        try:
            loader = _Loader(path.read_text(encoding="utf-8"))
            node = loader.get_single_node()
            data = loader.construct_document(node) if node else None
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line = f"line {mark.line + 1}" if mark else "the file"
            self.complain(line, f"not YAML ({error.problem})", "quote what holds a colon, a # or a brace")
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            self.complain("the file", f"not YAML ({' '.join(str(error).split())})", "save it as UTF-8 text")
        else:
            if isinstance(data, dict):
                return node, data
            self.complain("the file", "no entries", "it has article:, sections: and claims:")
        return None

    def _has_twin_keys(self, node: yaml.Node) -> bool:
        before = len(self.complaints)
        for mapping in _mappings(node):
            seen: dict[str, int] = {}
            for key, _ in mapping.value:
                line = key.start_mark.line + 1
                if not isinstance(key, yaml.ScalarNode):
                    self.complain(f"line {line}", "a key that is no text", "quote it")
                elif key.value in seen:
                    self.complain(
                        f"line {line}",
                        f"a second {key.value!r}",
                        f"the first is in line {seen[key.value]}; remove one",
                    )
                else:
                    seen[key.value] = line
        return len(self.complaints) > before

    def _complain_about(self, error: ValidationError, data: dict[str, Any], node: yaml.Node) -> None:
        path = list(error.absolute_path)
        place = f"line {_line(node, path)}"
        if path[:1] == ["claims"] and len(path) > 1:
            entry = data["claims"][path[1]]
            if isinstance(entry, dict) and isinstance(entry.get("id"), str) and path[2:] != ["id"]:
                place = entry["id"]
            path = path[2:]
        inside = "".join(f" {part + 1}" if isinstance(part, int) else f": {part}" for part in path)
        for problem, mend in _told(error, f"{inside[2:]}: " if path else ""):
            self.complain(place, problem, mend)


def _mappings(node: yaml.Node) -> Iterator[yaml.MappingNode]:
    if isinstance(node, yaml.MappingNode):
        yield node
        for _, value in node.value:
            yield from _mappings(value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _mappings(item)


def _line(node: yaml.Node, path: list[str | int]) -> int:
    """The line of what ``path`` leads to."""
    for part in path:
        if isinstance(part, int):
            node = node.value[part]
        else:
            node = next(value for key, value in node.value if key.value == part)
    return node.start_mark.line + 1


def _told(error: ValidationError, inside: str) -> Iterator[tuple[str, str]]:
    """What the schema's complaint means to an author: problems with mends."""
    value, rule = error.instance, error.validator_value
    mend = error.schema.get("description", "") if isinstance(error.schema, Mapping) else ""
    match error.validator:
        case "additionalProperties":
            known = list(error.schema["properties"])
            for key in (key for key in value if key not in known):
                yield f"{inside}{key!r} is no key", f"the keys are: {', '.join(known)}"
        case "required":
            missing = error.message.split("'")[1]
            yield f"{inside}no {missing!r}", mend or f"there must be: {', '.join(rule)}"
        case "enum":
            yield f"{inside}{value!r} is unknown", f"there are: {', '.join(rule)}"
        case "maxLength":
            yield f"{inside}{len(value)} characters", mend
        case "minItems" | "minLength" | "minProperties":
            yield f"{inside}{len(value) or 'nothing'}{' only' if value else ' there'}", mend or "fill it in"
        case "type":
            kinds = {"string": "text", "array": "a list", "object": "a mapping"}
            wanted = " or ".join(kinds[kind] for kind in ([rule] if isinstance(rule, str) else rule))
            yield f"{inside}{value!r} is not {wanted}", mend
        case _:
            yield f"{inside}{value!r} is not allowed", mend or error.message


# --- one entry ---------------------------------------------------------------


def _claim(entry: Mapping[str, Any], file: _File, checkpoints: Checkpoints) -> Claim:
    """The claim, and in ``file`` the complaints about what a schema cannot see."""

    def complain(problem: str, mend: str) -> None:
        file.complain(entry["id"], problem, mend)

    def found(look: Any, text: str) -> Iterator[Any]:
        try:
            yield look(text)
        except TriptychError as error:
            if error not in checkpoints.unreadable.values():  # those are told once, not by each entry
                complain(f"{error.place}: {error.problem}", error.mend)

    if entry["section"] not in file.article.sections:
        complain(f"no section {entry['section']!r}", f"`sections` has: {', '.join(file.article.sections)}")
    if entry["systems"] != (order := [name for name in SYSTEMS if name in entry["systems"]]):
        complain("the systems are out of order", f"write [{', '.join(order)}]")
    provisional = "provisional" in entry
    page = f"book/{entry['chapter']}/articles.md"
    if provisional and (checkpoints.course.root / page).is_file():
        complain(f"provisional, but the chapter has its page {page}", "decide it and remove `provisional`")
    evidence: list[Reference | Source] = []
    for item in entry.get("evidence", ()):
        evidence += [Source(**item["source"])] if "source" in item else found(checkpoints.find, item["see"])
    wanted = entry.get("expect", [])
    wanted = [wanted] if isinstance(wanted, str) else wanted
    expect = [condition for text in wanted for condition in found(checkpoints.judge, text)]
    if len(expect) == len(wanted) > 0 and (told := _disagreement(entry["verdict"], expect)):
        complain(*told)
    return Claim(
        id=entry["id"],
        article=file.article,
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
    )


def _disagreement(verdict: str, expect: list[Condition]) -> tuple[str, str] | None:
    """How a verdict contradicts what the stored values say of the claim, and the mend."""
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
    said = ", ".join(f"{condition.filled} is {str(condition.true).lower()}" for condition in odd)
    return (
        f"the verdict is {verdict!r}, but {', '.join(values)}: {said} now",
        "run the notebooks again or change the verdict",
    )
