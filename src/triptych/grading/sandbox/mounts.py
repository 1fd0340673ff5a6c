"""What a submission finds of this machine's files: the system's programs, Python and its packages.

Of a Python environment only the folders that Python needs are bound, wherever it
lies: made in the course's folder itself, it takes nothing of the course along. The
course's own package, and what tells where things lie on this machine, is covered.
What cannot be covered: the kernel's list of mounts names the folders that were bound,
and compiled modules the paths of their sources.
"""

from __future__ import annotations

import sys
import sysconfig
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import triptych
from triptych.grading.sandbox.environment import INSIDE, MOUNT
from triptych.grading.sandbox.errors import SandboxUnavailable

#: The system's folders and files.
SYSTEM = ("/usr", "/lib", "/lib32", "/lib64", "/bin", "/sbin", "/etc/ld.so.cache", "/etc/alternatives")

#: What Python, a compiler and their libraries need of a Python's own folder.
PARTS = (
    *("bin", "lib", "lib32", "lib64", "libexec", "include", "share"),
    *("x86_64-conda-linux-gnu", "aarch64-conda-linux-gnu"),  # Conda's compilers
)

#: Where a virtual environment appears.
VENV = Path("/venv")

#: Files of a folder of packages that name folders of this machine.
_TELLING = ("__editable__*", "*.egg-link", "easy-install.pth", "*.dist-info/direct_url.json")


@dataclass(frozen=True)
class Python:
    """This Python: its own folder, its environment's (the same where there is none), and its packages'."""

    base: Path
    prefix: Path
    program: Path
    library: Path
    packages: tuple[Path, ...]

    @classmethod
    def running(cls) -> Python:
        """The one that runs this."""
        return cls(
            base=Path(sys.base_prefix),
            prefix=Path(sys.prefix),
            program=Path(getattr(sys, "_base_executable", sys.executable)).resolve(),
            library=Path(sysconfig.get_path("stdlib")),
            packages=tuple(Path(entry) for entry in sys.path if entry.endswith("-packages")),
        )

    @property
    def environment(self) -> Path:
        """Where the environment appears inside."""
        return self.base if self.prefix == self.base else VENV

    @property
    def elsewhere(self) -> tuple[Path, ...]:
        """The folders of packages that are no part of it; they appear where they are."""
        own = (self.base, self.prefix, Path("/usr"))
        return tuple(path for path in self.packages if not any(map(path.is_relative_to, own)))

    def settings(self) -> str:
        """A ``pyvenv.cfg`` that says where Python is, and nothing else."""
        system = any(path.is_relative_to(self.base) for path in self.packages)
        return f"home = {self.program.parent}\ninclude-system-site-packages = {str(system).lower()}\n"


def mounts(python: Python, made: Path, private: Sequence[Path] | None = None) -> list[str]:
    """Bubblewrap's words that bind all this, read-only.

    ``made``: a new folder of the caller's, to be kept until the sandbox is up; files that
    appear inside are put there. ``private``: folders that must not be seen; by default
    the course's package and repository, and the folder that this process works in.
    Raises SandboxUnavailable where Python needs something in one of those.
    """
    bound = list(_bound(python))
    if python.environment == VENV:
        (made / "pyvenv.cfg").write_text(python.settings(), encoding="utf-8")
        bound.append((made / "pyvenv.cfg", VENV / "pyvenv.cfg"))
    (made / "empty").touch()
    (made / "nothing").mkdir(exist_ok=True)
    words = list(_folders_above(VENV / "bin" / "python", *(dest for _, dest in bound)))
    real: list[tuple[Path, Path]] = []
    for source, dest in bound:
        if source.is_symlink() and source.is_dir() and not source.readlink().is_absolute():
            words += ["--symlink", str(source.readlink()), str(dest)]  # as /lib to usr/lib
        else:
            words += ["--ro-bind-try", str(source), str(dest)]
            real.append((source.resolve(), dest))
    if python.environment == VENV:
        for name in ("python", "python3", f"python{sys.version_info.major}.{sys.version_info.minor}"):
            words += ["--symlink", str(python.program), str(VENV / "bin" / name)]
    for source in _private() if private is None else private:
        _refuse_if_needed(source, python, real)
        words += _cover(source, made / "nothing", real)
    for folder in python.packages:
        for source in [path for pattern in _TELLING for path in folder.glob(pattern)]:
            words += _cover(source, made / "empty", real)
    return words


def _bound(python: Python) -> Iterator[tuple[Path, Path]]:
    """What is bound, and where; what lies in /usr is bound with it."""
    yield from ((Path(name), Path(name)) for name in SYSTEM)
    if not python.base.is_relative_to("/usr"):
        yield from ((python.base / part, python.base / part) for part in PARTS)
    if python.environment == VENV:
        yield from ((python.prefix / part, VENV / part) for part in ("lib", "lib64", "include"))
    yield from ((path, path) for path in python.elsewhere)
    yield INSIDE, Path(MOUNT, INSIDE.name)


def _private() -> list[Path]:
    package = Path(triptych.__file__).resolve().parent
    repository = [package.parents[1]] if package.parent.name == "src" else []
    return [package, *repository, Path.cwd()]


def _refuse_if_needed(private: Path, python: Python, bound: Sequence[tuple[Path, Path]]) -> None:
    """Only a folder within one that is bound can be seen; covering it must leave Python whole."""
    if not any(map(private.resolve().is_relative_to, (source for source, _ in bound))):
        return
    needs = (python.library, *python.packages)
    needed = next((path for path in needs if path.resolve().is_relative_to(private.resolve())), None)
    if needed:
        raise SandboxUnavailable(
            "bubblewrap",
            f"the folder {private} must not be seen by submissions, and Python needs {needed} in it",
            "grade from a folder of the course's own, with an environment of its own (python -m venv)",
        )


def _cover(source: Path, by: Path, bound: Sequence[tuple[Path, Path]]) -> list[str]:
    """Words that put ``by`` wherever a path of this machine appears inside."""
    source = source.resolve()
    seen = [dest / source.relative_to(root) for root, dest in bound if source.is_relative_to(root)]
    return [word for dest in seen for word in ("--ro-bind", str(by), str(dest))]


def _folders_above(*paths: Path) -> Iterator[str]:
    """The folders above these, open to every user: the submission may be another than the warm process."""
    above = {parent for path in paths for parent in path.parents if parent != Path("/")}
    for folder in sorted(above):
        yield from ("--perms", "0755", "--dir", str(folder))
