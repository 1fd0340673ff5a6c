"""``grading.toml`` as a file: held against ``settings.schema.json``, complaints by line, and written out.

The schema has each key with its default and what it means; the file that ``triptych settings``
writes is made from it.
"""

from __future__ import annotations

import difflib
import json
import math
import re
import textwrap
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from jsonschema import Draft202012Validator, ValidationError

from triptych.errors import TriptychError

SCHEMA: dict[str, Any] = json.loads(
    Path(__file__).with_name("settings.schema.json").read_text(encoding="utf-8")
)


def template() -> str:
    """A settings file with every key as a comment: its default, and what it means."""
    parts = [_comment(SCHEMA["description"])]
    for table, rule in SCHEMA["properties"].items():
        parts.append(("" if parts[-1].endswith("\n\n") else "\n") + _comment(rule["description"]))
        if "properties" not in rule:
            parts += [f"#{line}\n" for example in rule["examples"] for line in example.splitlines()]
            continue
        parts.append(f"[{table}]\n")
        for key, meant in rule["properties"].items():
            value = meant["default"] if "default" in meant else meant["examples"][0]
            # JSON's strings and numbers are TOML's too.
            parts.append(f"{_comment(meant['description'])}#{key} = {json.dumps(value)}\n\n")
    return "".join(parts).rstrip() + "\n"


def _comment(text: str) -> str:
    return "".join(f"# {line}\n" for line in textwrap.wrap(text, 98))


def checked(file: Path) -> dict[str, Any]:
    """The file's tables, as the schema allows them. Raises TriptychError."""
    try:
        data = tomllib.loads(_text(file))
    except (ValueError, RecursionError) as error:
        place = re.search(r" \(at (line \d+), column \d+\)", str(error))
        problem = f"not TOML ({str(error).replace(place.group(), '') if place else error})"
        remedy = "a line is: key = value, texts in quotation marks; `triptych settings` shows all"
        raise TriptychError(f"{file}, {place[1]}" if place else file, problem, remedy) from None
    faults = sorted(Draft202012Validator(SCHEMA).iter_errors(data), key=lambda e: list(map(str, e.path)))
    if faults:
        raise _explained(file, faults[0])
    for keys, value in _leaves(data):
        if isinstance(value, float) and math.isnan(value):
            raise complaint(file, keys, "is not a number", "give a number")
    return data


def _text(file: Path) -> str:
    try:
        return file.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except OSError as error:
        raise TriptychError(
            file, f"cannot be read ({error.strerror})", "check the name; `triptych settings` writes one"
        ) from None
    except UnicodeDecodeError:
        raise TriptychError(file, "not a text in UTF-8", "save it as UTF-8") from None


def _explained(file: Path, error: ValidationError) -> TriptychError:
    """A schema's complaint in the words of this file."""
    keys = [str(key) for key in error.absolute_path]
    rule, value = str(error.validator), cast(Any, error.instance)
    schema, limit = cast(Any, error.schema), cast(Any, error.validator_value)
    given = f"is {_shown(value)}"
    if rule == "additionalProperties":
        known = list(schema["properties"])
        unknown = next(key for key in value if key not in known)
        owners = [
            table for table, rule in SCHEMA["properties"].items() if unknown in rule.get("properties", ())
        ]
        if not keys and owners and not isinstance(value[unknown], dict):
            return complaint(file, [unknown], "is in no table", f"put it below [{owners[0]}]")
        what = "setting" if keys else "table"
        return complaint(file, [*keys, unknown], f"no such {what}", known_are(unknown, known))
    if rule == "type":
        return complaint(file, keys, given, f"give {_TYPES[limit]}")
    if rule == "enum":
        return complaint(file, keys, given, f"give one of: {', '.join(map(_shown, limit))}")
    bounds = {
        "minimum": "give {:g} at least",
        "exclusiveMinimum": "give more than {:g}",
        "maximum": "give {:g} at most",
        "maxLength": "give {:g} characters at most",
    }
    return complaint(file, keys, given, bounds[rule].format(limit))


_TYPES = {
    "object": "a table: a line [name], and keys below it",
    "string": 'a text in quotation marks: "..."',
    "number": "a number",
    "integer": "a whole number",
}


def _shown(value: object) -> str:
    """A value as TOML writes it, cut."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else f"{text[:57]}..."


def known_are(name: str, known: Sequence[str]) -> str:
    """What to say for an unknown ``name``: the one that was meant, or all."""
    meant = difflib.get_close_matches(name, known, 1)
    return f"did you mean {meant[0]}?" if meant else f"there are: {', '.join(known)}"


def _leaves(data: Mapping[str, Any], above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for key, value in data.items():
        if isinstance(value, dict):
            yield from _leaves(value, (*above, key))
        else:
            yield (*above, key), value


def complaint(file: Path, keys: Sequence[str], problem: str, remedy: str) -> TriptychError:
    """The error for a key, named as ``[late] policy`` and with its line where that is found."""
    *tables, key = keys or ("",)
    line = _line(file, keys)
    place = f"{file}, line {line}" if line else str(file)
    name = f"[{'.'.join(tables)}] {key}" if tables else f"[{key}]"
    return TriptychError(place, f"{name}: {problem}", remedy)


def _line(file: Path, keys: Sequence[str]) -> int:
    """The line that gives the key, or its table; 0 where neither is written plainly."""
    tables, key, found, here = list(keys[:-1]), keys[-1] if keys else "", 0, []
    for number, line in enumerate(_text(file).splitlines(), 1):
        if heading := re.match(r"\s*\[+([^\]]*)\]", line):
            here = [part.strip(" \"'") for part in heading[1].split(".")]
            if here == list(keys) or (here == tables and not found):
                found = number
        elif (name := re.match(r"\s*([^=#]+?)\s*=", line)) and here == tables and name[1].strip("\"'") == key:
            return number
    return found
