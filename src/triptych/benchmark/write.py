"""Writing a machine's record in ``results/`` from the parts that were measured."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from triptych import files
from triptych.benchmark import records
from triptych.benchmark.hardware import Hardware, operating_system
from triptych.benchmark.parts import Parts
from triptych.frameworks import FRAMEWORKS


def write(parts: Parts, machine: str, hardware: Hardware, say: Callable[[str], None]) -> bool:
    """Write the record of the parts that there are; whether all are finished.

    A trial at scale "quick" stays in the parts' folder, and what is incomplete does not
    replace what is complete.
    """
    settings, course = parts.settings, parts.course
    if not (entry := _entry(parts)):
        say("Nothing was measured; no record is written.")
        return False
    file = course.root / records.FOLDER / f"{machine}.json"
    place = course.name(file)
    earlier = records.raw(file, place)["entries"] if file.is_file() else []
    same = next((e for e in earlier if settings.match(e["settings"])), None)
    if settings.scale != "full":
        file, earlier = parts.folder / "trial.json", []
        say("A trial: only scale full is recorded in results/.")
    elif same and same["complete"] and not entry["complete"]:
        file, earlier = parts.folder / "incomplete.json", []
        say(f"{place} keeps its complete measurement of {same['date']}.")
    elif same:
        entry = _with_other_frameworks(entry, same)
    entries = [*(e for e in earlier if not settings.match(e["settings"])), entry]
    record = _record(machine, hardware, entries)
    records.require(record, course.name(file))
    file.parent.mkdir(parents=True, exist_ok=True)
    files.replace(file, as_text(record) + "\n")
    finished = sum(map(parts.is_finished, parts.all))
    count = sum(len(p["measurements"]) for f in entry["frameworks"].values() for p in f["rounds"])
    say(f"{course.name(file)}: {finished} of {len(parts.all)} parts, {count} measurements")
    return bool(entry["complete"])


def _entry(parts: Parts) -> dict[str, Any] | None:
    """What was measured with these settings and versions; None where nothing was."""
    stored = [(part, data) for part in parts.all if (data := part.stored()).get("measurements")]
    stored = [(part, data) for part, data in stored if parts.is_usable(part, data)]
    if not stored:
        return None
    frameworks: dict[str, dict[str, Any]] = {}
    for part, data in stored:
        versions = {**data["installed"], **data["versions"]}
        framework = frameworks.setdefault(part.framework, {"versions": versions, "rounds": []})
        keys = ("round", "date", "complete", "seconds", "load", "measurements")
        framework["rounds"].append({key: data[key] for key in keys})
    return {
        "date": max(data["date"] for _, data in stored),
        "settings": asdict(parts.settings),
        "load": stored[0][1]["load"],
        "busy": any(data["load"]["busy"] for _, data in stored),
        "complete": all(map(parts.is_finished, parts.all)),
        "frameworks": {name: frameworks[name] for name in FRAMEWORKS if name in frameworks},
    }


def _with_other_frameworks(entry: Mapping[str, Any], earlier: Mapping[str, Any]) -> dict[str, Any]:
    """The entry, with the frameworks that only an earlier one of the same settings has."""
    others = set(earlier["frameworks"]) - set(entry["frameworks"])
    frameworks = {**earlier["frameworks"], **entry["frameworks"]}
    return {
        **entry,
        "complete": entry["complete"] and (earlier["complete"] or not others),
        "frameworks": frameworks,
        "busy": any(part["load"]["busy"] for f in frameworks.values() for part in f["rounds"]),
    }


def _record(machine: str, hardware: Hardware, entries: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {
        "schema": records.VERSION,
        "machine": machine,
        "date": max(entry["date"] for entry in entries),
        "hardware": hardware.as_json(),
        "system": operating_system(),
        "entries": sorted(entries, key=lambda e: [e["settings"][k] for k in ("device", "precision")]),
    }


def as_text(data: Any, margin: str = "\n") -> str:
    """``data`` as JSON, an entry a line, but each list of plain values in one: samples are many."""
    inner = f"{margin} "
    if isinstance(data, dict) and data:
        lines = (f"{json.dumps(key)}: {as_text(value, inner)}" for key, value in data.items())
        return "{" + inner + f",{inner}".join(lines) + margin + "}"
    if isinstance(data, list) and any(isinstance(value, dict | list) for value in data):
        return "[" + inner + f",{inner}".join(as_text(value, inner) for value in data) + margin + "]"
    return json.dumps(data, ensure_ascii=False, allow_nan=False)
