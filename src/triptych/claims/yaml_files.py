"""A YAML file of the ledger, held against ``schema.json``; every complaint names the entry or the line.

Only ``true``, ``false`` and ``null`` are not text in these files: a section "1.10" and a
date need no quotation marks.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.resolver import VersionedResolver

from triptych.errors import TriptychError

#: What an entry may and must have. A rule's description is what a complaint advises.
SCHEMA = json.loads(Path(__file__).with_name("schema.json").read_text(encoding="utf-8"))


class ClaimsFile:
    """A file of the ledger.

    ``entries`` are those that the schema accepts. Where the file as a whole is faulty,
    ``readable`` is false and there are none. ``complaints`` has a line for each fault.
    """

    def __init__(self, path: Path, name: str) -> None:
        self.name = name
        self.complaints: list[str] = []
        self.entries: list[Mapping[str, Any]] = []
        self.article: Mapping[str, str] = {}
        self.sections: Mapping[str, str] = {}
        self.readable = False
        if (data := self._load(path)) is None:
            return
        errors = _errors(path.read_text(encoding="utf-8"))
        for error in errors:
            self._complain_about(error, data)
        faulty = {tuple(error.absolute_path)[:2] for error in errors}
        if any(place[:1] != ("claims",) or len(place) < 2 for place in faulty):
            return
        self.readable = True
        self.article, self.sections = dict(data["article"]), dict(data["sections"])
        self.entries = [entry for i, entry in enumerate(data["claims"]) if ("claims", i) not in faulty]

    def complain(self, entry: str, problem: str, fix: str) -> None:
        """Note what is wrong with an entry, once."""
        complaint = str(TriptychError(f"{self.name}: {entry}", problem, fix))
        if complaint not in self.complaints:
            self.complaints.append(complaint)

    def _load(self, path: Path) -> dict[str, Any] | None:
        """The file's content, whose mappings and lists know their lines; None where it has none."""
        try:
            data = _parsed(path.read_text(encoding="utf-8"))
        except DuplicateKeyError as error:
            self.complain(_line_of(error), _in_short(error.problem), "remove one of the two")
        except MarkedYAMLError as error:
            self.complain(
                _line_of(error),
                f"not YAML ({_in_short(error.problem)})",
                "quote what holds a colon, a # or a brace",
            )
        except (YAMLError, ValueError) as error:  # a control character; not UTF-8
            self.complain("the file", f"not YAML ({_in_short(error)})", "save it as UTF-8 text")
        else:
            if isinstance(data, dict):
                return data
            self.complain("the file", "no entries", "it needs article:, sections: and claims:")
        return None

    def _complain_about(self, error: ValidationError, data: Any) -> None:
        path = list(error.absolute_path)
        place = f"line {_line_at(data, path)}"
        if path[:1] == ["claims"] and len(path) > 1:
            entry = data["claims"][path[1]]
            if isinstance(entry, dict) and isinstance(entry.get("id"), str) and path[2:] != ["id"]:
                place = entry["id"]
            path = path[2:]
        inside = "".join(f" {part + 1}" if isinstance(part, int) else f": {part}" for part in path)
        for problem, fix in _faults(error, f"{inside[2:]}: " if path else ""):
            self.complain(place, problem, fix)


class _TextOnly(VersionedResolver):
    """Reads every unquoted word as text, apart from true, false and null."""

    def resolve(self, kind: Any, value: Any, implicit: Any) -> Any:
        plain = kind is ScalarNode and implicit[0]
        if plain and value not in ("true", "false", "null", "~", ""):
            implicit = (False, True)
        return super().resolve(kind, value, implicit)


@lru_cache(maxsize=16)
def _parsed(text: str) -> Any:
    """``text`` as data; kept, as a page may ask for the ledger several times. Raises YAMLError."""
    yaml = YAML()  # the loader that keeps lines
    yaml.Resolver = _TextOnly
    return yaml.load(text)


@lru_cache(maxsize=16)
def _errors(text: str) -> tuple[ValidationError, ...]:
    """What the schema has against the data that ``text`` is, by their places; kept, as the data are."""
    found = Draft202012Validator(SCHEMA).iter_errors(_parsed(text))
    return tuple(sorted(found, key=lambda error: list(map(str, error.path))))


def _line_of(error: MarkedYAMLError) -> str:
    mark = error.problem_mark or error.context_mark
    return f"line {mark.line + 1}" if mark else "the file"


def _in_short(message: object) -> str:
    return " ".join(str(message).split())[:160]


def _line_at(data: Any, path: list[str | int]) -> int:
    """The line of what ``path`` leads to."""
    line = data.lc.line
    for part in path:
        line = (data.lc.item if isinstance(part, int) else data.lc.value)(part)[0]
        data = data[part]
    return int(line) + 1


def _faults(error: ValidationError, inside: str) -> Iterator[tuple[str, str]]:
    """What the schema's error means to an author: problems and how to fix them."""
    value: Any = error.instance
    rule: Any = error.validator_value
    schema: Any = error.schema
    fix = schema.get("description", "") if isinstance(schema, Mapping) else ""
    match error.validator:
        case "additionalProperties":
            known = list(schema["properties"])
            for key in (key for key in value if key not in known):
                yield f"{inside}unknown key {key!r}", f"the keys are: {', '.join(known)}"
        case "required":
            for key in (key for key in rule if key not in value):
                yield f"{inside}no {key!r}", fix or f"required are: {', '.join(rule)}"
        case "enum":
            yield f"{inside}unknown value {value!r}", f"the values are: {', '.join(rule)}"
        case "maxLength":
            yield f"{inside}{len(value)} characters are too many", fix
        case "minItems" | "minLength" | "minProperties":
            yield f"{inside}{f'only {len(value)}' if value else 'empty'}", fix or "fill it in"
        case "type":
            kinds = {"string": "text", "array": "a list", "object": "a mapping"}
            wanted = " or ".join(kinds[kind] for kind in ([rule] if isinstance(rule, str) else rule))
            yield f"{inside}{_plain(value)!r} is not {wanted}", fix
        case _:
            yield f"{inside}{_plain(value)!r} is not allowed", fix or error.message


def _plain(value: Any) -> Any:
    """Without what the loader knows of it besides."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list) else value
