"""The sets of versions that the notebooks are run with: making their environments, and running.

``make test SET=colab`` makes an environment, calls ``install`` in it and then ``run``. The
default set's environment is the course's own, which `make` fills from ``constraints/default.txt``.
"""

from __future__ import annotations

import importlib.metadata
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from triptych.course import Course
from triptych.dev import doctor, versions
from triptych.errors import TriptychError
from triptych.notebooks.execute import execute

#: Seconds that one cell may take before its notebook is given up.
CELL_SECONDS = 600

#: What pip says when it failed for another reason than that a package does not fit.
_NOT_ABOUT_VERSIONS = re.compile(
    r"No space left on device|Errno 28|Disk quota|Retrying|Connection|timed out|ReadTimeout|MemoryError"
)


@dataclass(frozen=True)
class VersionSet:
    """A set: what it is, the file of its pins or upper bounds, and whether pyproject's upper bounds hold."""

    name: str
    title: str
    constraints: str
    bounded: bool = True


SETS = {
    known.name: known
    for known in (
        VersionSet("default", "the versions that the stored outputs come from", "constraints/default.txt"),
        VersionSet("colab", "what Colab publishes of its runtime", "constraints/colab.txt"),
        VersionSet("newest", "whatever pip finds newest", "constraints/newest.txt", bounded=False),
    )
}


def chosen(name: str) -> VersionSet:
    """The set of that name. Raises TriptychError where there is none."""
    if name not in SETS:
        known = "; ".join(f"{known.name} ({known.title})" for known in SETS.values())
        raise TriptychError(f"set {name}", "no such set of versions", f"there are: {known}")
    return SETS[name]


def install(course: Course, name: str, say: Callable[[str], object] = print) -> list[str]:
    """Install the set into the environment that is running; return the optional packages that do not fit.

    What every notebook imports must install. The optional packages follow one by one, so that one
    which has no release for these versions costs only itself. Raises TriptychError where pip fails
    otherwise: no network, a full disk.
    """
    version_set = chosen(name)
    course_needs = [_wanted(r, version_set) for r in versions.requirements(course, "course")]
    say(f"Installing {version_set.title}: {', '.join(r.name for r in course_needs)}")
    if failure := _pip(course, version_set, course_needs):
        raise TriptychError(f"set {name}", f"pip failed ({failure})", "see what pip says above")
    # What is optional must not move what every notebook imports.
    held = [Requirement(f"{r.name}=={importlib.metadata.version(r.name)}") for r in course_needs]
    missing = []
    for requirement in versions.requirements(course, *versions.OPTIONAL):
        say(f"Installing {requirement.name}, which is optional")
        if failure := _pip(course, version_set, [_wanted(requirement, version_set), *held]):
            if _NOT_ABOUT_VERSIONS.search(failure):
                raise TriptychError(f"set {name}", f"pip failed ({failure})", "put that right, and try again")
            say(f"{requirement.name} does not go with these versions: notebooks go without it")
            missing.append(requirement.name)
    return missing


def differences(course: Course, name: str) -> list[str]:
    """Where this environment is not the set ``name``: a line for each package with another version.

    Empty for the set of the newest versions, which are whatever they are.
    """
    version_set = chosen(name)
    if not version_set.bounded:
        return []
    direct = {canonicalize_name(r.name) for r in versions.requirements(course, "course")}
    found = []
    for pin in _pins(course, version_set):
        package = canonicalize_name(pin.name)
        have = doctor.installed(package)
        if package in direct and (have is None or not pin.specifier.contains(have, prereleases=True)):
            found.append(f"{pin.name} is {have or 'not installed'}, not {str(pin.specifier)[2:]}")
    return found


def run(
    course: Course, name: str, paths: Iterable[Path] = (), say: Callable[[str], object] = print
) -> versions.Versions:
    """Run notebooks and solutions (all by default) in this environment, and record how each ended.

    Assertions count, stored outputs are not compared: a notebook goes without what is missing. The
    record is written after each notebook, so that an interruption loses only the one that runs.
    Raises TriptychError where this environment is not that of the set.
    """
    version_set = chosen(name)
    if other := differences(course, name):
        how = "make test" if name == "default" else f"make test SET={name}"
        raise TriptychError(f"set {name}", f"this environment is another one: {other[0]}", f"run `{how}`")
    declared = versions.declared(course)
    wanted = [path.resolve() for path in paths] or declared
    if unknown := [path for path in wanted if path not in declared]:
        raise TriptychError(
            course.name(unknown[0]), "no notebook that the sets run", "name one of notebooks/ or solutions/"
        )
    say(f"{version_set.name}: {version_set.title}")
    for number, path in enumerate(wanted, 1):
        begin = time.monotonic()
        outcome = _run(course, path)
        seconds = time.monotonic() - begin
        ended = f"{outcome.outcome}: {outcome.why}" if outcome.why else outcome.outcome
        say(f"[{number}/{len(wanted)}] {course.name(path)}: {ended} ({seconds:.0f} s)")
        recorded = versions.record(course, name, {path: outcome})
    return recorded


def note(course: Course, path: Path, error: TriptychError | None = None) -> None:
    """Record for the default set how `triptych refresh` of ``path`` ended.

    Nothing is recorded where the installed versions are not the default's, of a notebook that the
    sets do not run, and in a course that pins nothing.
    """
    if not (course.root / SETS["default"].constraints).is_file():
        return
    if path.resolve() in versions.declared(course) and not differences(course, "default"):
        versions.record(course, "default", {path.resolve(): _outcome(course, path, error)})


def _run(course: Course, path: Path) -> versions.Outcome:
    with tempfile.TemporaryDirectory() as folder:
        try:
            execute(path, Path(folder) / path.name, course.name(path), CELL_SECONDS)
        except TriptychError as error:
            return _outcome(course, path, error)
    return _outcome(course, path)


def _outcome(course: Course, path: Path, error: TriptychError | None = None) -> versions.Outcome:
    if error is None:
        return versions.Outcome(versions.PASSED)
    place = error.place.removeprefix(course.name(path)).removeprefix(": ")
    return versions.Outcome(versions.FAILED, why=": ".join(filter(None, (place, error.problem))))


def _wanted(requirement: Requirement, version_set: VersionSet) -> Requirement:
    """The requirement without marker, and without its upper bounds where the set has none."""
    wanted = Requirement(str(requirement))
    wanted.marker = None
    if not version_set.bounded:
        wanted.specifier = SpecifierSet(
            ",".join(str(s) for s in requirement.specifier if s.operator not in ("<", "<=", "~="))
        )
    return wanted


def _pins(course: Course, version_set: VersionSet) -> list[Requirement]:
    """The lines of the set's file that hold for this Python and platform."""
    lines = (course.root / version_set.constraints).read_text(encoding="utf-8").splitlines()
    pins = [Requirement(line) for line in lines if line.strip() and not line.startswith("#")]
    return [pin for pin in pins if pin.marker is None or pin.marker.evaluate()]


def _pip(course: Course, version_set: VersionSet, wanted: list[Requirement]) -> str:
    """Install; return what pip says is wrong, or nothing where it went well."""
    command = [sys.executable, "-m", "pip", "install", "--progress-bar", "off"]
    command += ["--constraint", str(course.root / version_set.constraints), *map(str, wanted)]
    done = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False)
    sys.stderr.write(done.stderr)
    if not done.returncode:
        return ""
    errors = [line.removeprefix("ERROR: ") for line in done.stderr.splitlines() if "ERROR" in line]
    reason = _NOT_ABOUT_VERSIONS.search(done.stderr)
    return reason.group() if reason else (errors or [f"exit status {done.returncode}"])[0][:200]
