"""A student's zip: one that was handed in where a notebook was asked for."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from triptych.grading.submissions.archives import place_of, table_of_contents, unpacked
from triptych.grading.submissions.files import Bounds, SubmittedItem
from triptych.notebooks.untrusted import Unreadable, encodable


@dataclass(frozen=True)
class NestedFile(SubmittedItem):
    """A file in a zip that was itself handed in: the ``number``-th of ``outer``, there called ``entry``."""

    outer: SubmittedItem = field(default_factory=lambda: SubmittedItem(PurePosixPath(), "no archive"))
    number: int = 0
    entry: str = ""

    def read(self, bounds: Bounds) -> bytes:
        """The file's bytes. Raises Unreadable."""
        if self.problem:
            raise Unreadable(self.problem)
        with _opened(self.outer, bounds) as archive:
            return unpacked(archive, self.number, self.entry, bounds)


def files_within(outer: SubmittedItem, bounds: Bounds) -> Sequence[NestedFile]:
    """The files of a student's zip, as if it were a folder of its name. Raises Unreadable.

    It may have as many bytes as a notebook, and hold as many files as a student's folder.
    """
    with _opened(outer, bounds) as archive:
        files = []
        for number, info in enumerate(archive.infolist()):
            path, problem = place_of(info, bounds)
            if not info.is_dir() or problem:
                entry = encodable(info.orig_filename)
                files.append(NestedFile(outer.path / path, problem, outer, number, entry))
        return files


def _opened(outer: SubmittedItem, bounds: Bounds) -> zipfile.ZipFile:
    file = io.BytesIO(outer.read(bounds))
    try:
        _, entries = table_of_contents(file)
        if entries <= bounds.own:
            archive = zipfile.ZipFile(file)
            if len(archive.infolist()) <= bounds.own:
                return archive
    except Exception:  # whichever lie makes zipfile stumble
        raise Unreadable("a zip that cannot be read") from None
    raise Unreadable(f"a zip of more than {bounds.own:,} files")
