"""What was found among the files that were handed in, as JSON and back; nothing else is made of it."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from triptych.grading.submissions import Ignored, Submission
from triptych.grading.submissions.archives import PackedFile
from triptych.grading.submissions.files import DiskFile, SubmittedFolder, SubmittedItem
from triptych.grading.submissions.nested import NestedFile

_FILES = (SubmittedItem, SubmittedFolder, DiskFile, PackedFile, NestedFile)
_KINDS: dict[str, type] = {
    kind.__name__: kind for kind in (Submission, Ignored, *_FILES, Path, PurePosixPath)
}


def packed(value: Any) -> Any:
    """A value of these kinds, or of JSON's own, as JSON takes it. Raises TypeError for another."""
    if is_dataclass(value) and not isinstance(value, type):
        parts = {field.name: packed(getattr(value, field.name)) for field in fields(value)}
        return {"kind": type(value).__name__, "parts": parts}
    if isinstance(value, Path):
        return {"kind": "Path", "text": str(value)}
    if isinstance(value, PurePosixPath):
        return {"kind": "PurePosixPath", "text": str(value)}
    if value is None or isinstance(value, str | int | float | bool):
        return value
    raise TypeError(f"not plain: {type(value).__name__}")


def unpacked(value: Any) -> Any:
    """The value that ``packed`` was given."""
    match value:
        case {"kind": str(kind), "parts": dict(parts)}:
            return _KINDS[kind](**{name: unpacked(part) for name, part in parts.items()})
        case {"kind": "Path" | "PurePosixPath" as kind, "text": str(text)}:
            return _KINDS[kind](text)
    return value
