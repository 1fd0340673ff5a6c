"""The extension of JupyterLab in ``panes/``, built into ``labextensions/``, where `triptych lab` finds it.

What is built is committed: nobody but those who change the extension needs Node. A record beside it
says which sources it was made from.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from triptych import files
from triptych.course import Course
from triptych.dev.doctor import NODE
from triptych.dev.lab import EXTENSIONS
from triptych.errors import TriptychError

SOURCE = Path(__file__).with_name("panes")
BUILT = EXTENSIONS / "triptych-panes"
RECORD = "made-from.json"

#: What npm, TypeScript and the builder leave behind where they are run by hand.
NOT_SOURCE = ("node_modules", "lib", "built")

#: What fetches the packages that the lock names, and what builds the extension in a copy of its source.
FETCH = ("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
MAKE = ("npm", "run", "build")
LOCK = "package-lock.json"


def build(course: Course, tell: Callable[[str], None]) -> None:
    """Build the extension in ``_build/panes`` and put it, with a new record, in the place of the old one.

    Raises TriptychError where Node is missing or a step fails.
    """
    node = NODE.find()
    if not node:
        raise TriptychError("Node", "not found", NODE.install)
    here = os.pathsep.join([str(Path(node).parent), str(Path(sys.executable).parent)])
    environment = os.environ | {"PATH": f"{here}{os.pathsep}{os.environ.get('PATH', '')}"}
    folder = course.root / "_build" / "panes"
    whole = folder / "node_modules" / ".package-lock.json"  # which npm writes last
    fetched = whole.is_file() and (folder / LOCK).read_bytes() == (SOURCE / LOCK).read_bytes()
    for name in ("src", "lib", "built"):
        shutil.rmtree(folder / name, ignore_errors=True)
    shutil.copytree(SOURCE, folder, ignore=shutil.ignore_patterns(*NOT_SOURCE), dirs_exist_ok=True)
    for step in (MAKE,) if fetched else (FETCH, MAKE):
        tell(" ".join(step))
        program = shutil.which(step[0], path=environment["PATH"])
        if not program:
            raise TriptychError(step[0], "not found", NODE.install)
        run = subprocess.run(
            [program, *step[1:]], cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        if run.returncode:
            raise TriptychError(" ".join(step), f"failed:\n{(run.stdout + run.stderr)[-4000:]}")
    shutil.rmtree(BUILT, ignore_errors=True)
    shutil.copytree(folder / "built", BUILT)
    record = {"sources": _digests(SOURCE), "built": _digests(BUILT)}
    files.replace(BUILT / RECORD, json.dumps(record, indent=1) + "\n")


def complaints(course: Course) -> list[str]:
    """What says that the extension is not what its sources make, a line for each file that differs."""
    try:
        record = json.loads((BUILT / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return [f"{course.name(BUILT / RECORD)}: not there, or not JSON; run `triptych panes`"]
    found = []
    for folder, name, said in (
        (SOURCE, "sources", "changed since the extension was built"),
        (BUILT, "built", "changed since it was built"),
    ):
        then, now = record.get(name, {}), _digests(folder)
        found += [
            f"{course.name(folder / path)}: {said}; run `triptych panes`"
            for path in sorted(then.keys() | now.keys())
            if then.get(path) != now.get(path)
        ]
    return found


def _digests(folder: Path) -> dict[str, str]:
    """The digest of every file of the folder but the record, by its path there; line ends do not count."""
    paths = {path.relative_to(folder): path for path in sorted(folder.rglob("*")) if path.is_file()}
    return {
        name.as_posix(): files.digest(path.read_text(encoding="utf-8"))
        for name, path in paths.items()
        if path.name != RECORD and name.parts[0] not in NOT_SOURCE
    }
