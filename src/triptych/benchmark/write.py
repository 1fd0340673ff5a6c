"""Writing a machine's record in ``results/`` from the parts that were measured."""

from __future__ import annotations

import json
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from triptych import files
from triptych.benchmark import records
from triptych.benchmark.hardware import Hardware, operating_system
from triptych.benchmark.parts import Part, Parts
from triptych.benchmark.programs.variants import MACHINE
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
    before = records.raw(file, place) if file.is_file() else {"entries": []}
    earlier = before["entries"]
    same = next((e for e in earlier if settings.match(e["settings"])), None)
    if settings.scale != "full":
        file, earlier = parts.folder / "trial.json", []
        say("A trial: only scale full is recorded in results/.")
    elif same and same["complete"] and not entry["complete"]:
        file, earlier = parts.folder / "incomplete.json", []
        say(f"{place} keeps its complete measurement of {same['date']}.")
    elif earlier and before["schema"] != records.VERSION:
        if missing := set(same["frameworks"] if same else ()) - set(entry["frameworks"]):
            file = parts.folder / "incomplete.json"
            say(f"{place} is of an older schema; measure {', '.join(sorted(missing))}, too, to replace it.")
        earlier = []  # one schema in a file: the old measurements make way
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
    stored = [(part, part.stored()) for part in parts.all if parts.is_finished(part)]
    if not stored:
        return None
    frameworks: dict[str, dict[str, Any]] = {}
    for name in (*FRAMEWORKS, MACHINE):
        rounds = [
            _round(turn, [(part, data) for part, data in stored if place(part) == (name, turn)], whole)
            for turn in range(1, parts.settings.rounds + 1)
            if (whole := [part for part in parts.all if place(part) == (name, turn)])
        ]
        if rounds := [one for one in rounds if one["measurements"]]:
            frameworks[name] = {
                "versions": {**parts.installed[name], "python": platform.python_version()},
                "rounds": rounds,
            }
    machine = frameworks.pop(MACHINE, None)
    entry = {
        "date": max(data["date"] for _, data in stored),
        "settings": asdict(parts.settings),
        "load": _worst([data["load"] for _, data in stored]),
        "busy": any(data["load"]["busy"] for _, data in stored),
        "complete": len(stored) == len(parts.all),
        **({"machine": machine} if machine else {}),
        "frameworks": frameworks,
    }
    return entry if frameworks else None


def place(part: Part) -> tuple[str, int]:
    """Where a part stands in an entry."""
    return part.variant.framework, part.round


def _round(turn: int, found: Sequence[tuple[Part, dict[str, Any]]], whole: Sequence[Part]) -> dict[str, Any]:
    return {
        "round": turn,
        "date": max((data["date"] for _, data in found), default="1970-01-01"),
        "complete": len(found) == len(whole),
        "seconds": round(sum(data["seconds"] for _, data in found), 1) or 0.1,
        "load": _worst([data["load"] for _, data in found]),
        "measurements": [data["measurement"] for _, data in found],
    }


def _worst(loads: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Of several loads the highest of each number."""
    others = [load["others_percent"] for load in loads if load["others_percent"] is not None]
    averages = [load["load_average"] for load in loads if load["load_average"]]
    return {
        "cpu_percent": max((load["cpu_percent"] for load in loads), default=0.0),
        "load_average": max(averages, default=None),
        "others_percent": max(others, default=None),
        "busy": any(load["busy"] for load in loads),
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
