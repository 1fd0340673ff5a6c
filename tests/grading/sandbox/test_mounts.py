"""What is bound into the sandbox: what Python needs of its environment, and nothing of the course."""

from __future__ import annotations

import os
import shutil
import subprocess
import venv
from pathlib import Path

import pytest
from hostile.attempt import SECRET

from support import ROOT, need
from support.sandboxes import closure
from triptych.dev import doctor as tools
from triptych.grading.sandbox import SandboxUnavailable
from triptych.grading.sandbox.mounts import Python, mounts

#: Run by an environment's own Python: a submission looks for a word in all that it can read.
LOOK = """
import pathlib, sys
from triptych.grading.sandbox import Code, Limits, Sandbox
source = '''
import os
def look(word, skip):
    found, read = [], 0
    for folder, folders, files in os.walk("/"):
        folders[:] = [f for f in folders if not os.path.join(folder, f).startswith(("/proc", "/usr", skip))]
        for file in files:
            path = os.path.join(folder, file)
            if file.endswith(".so") or not os.path.isfile(path): continue
            try: content = open(path, "rb").read(1 << 20)
            except OSError: continue
            read += 1
            if word.encode() in content: found.append(path)
    return found, read
def imports():
    try: import triptych
    except ImportError: return False
    return bool(triptych.__file__)
'''
with Sandbox(frameworks=(), kind="bubblewrap", limits=Limits(call=60)) as sandbox:
    with sandbox.open([Code("a", source)]) as session:
        found, read = session.call("look", sys.argv[1], sys.base_prefix)
        print(found, read > 1000, session.call("imports"))
"""


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A course in whose own folder somebody has made the environment: ``python -m venv .``."""
    here = tmp_path / "course"
    venv.create(here, symlinks=True)
    (packages,) = here.glob("lib/python*/site-packages")
    for name in closure("numpy", "ipython", "click"):
        for file in name.files or ():
            if ".." not in file.parts and file.suffix != ".pyc":
                target = packages / file
                target.parent.mkdir(parents=True, exist_ok=True)
                link_or_copy(Path(str(file.locate())), target)
    for name in ("solutions/checks.py", "submissions/ann.ipynb", ".triptych/grades.db", "include.txt"):
        (here / name).parent.mkdir(exist_ok=True)
        (here / name).write_text(SECRET)
    shutil.copytree(ROOT / "src/triptych", here / "src/triptych")
    (here / "src/triptych/mine.py").write_text(f"# {SECRET}")
    (packages / "__editable__.triptych.pth").write_text(f"{here}/src\n# {SECRET}\n")
    told = packages / "triptych-1.dist-info"
    told.mkdir()
    (told / "direct_url.json").write_text(f'{{"url": "{SECRET}"}}')
    return here


def link_or_copy(source: Path, target: Path) -> None:
    try:
        os.link(source.resolve(), target)
    except OSError:
        shutil.copy(source, target)


def look(course: Path, cwd: Path) -> str:
    environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV")}
    command = [course / "bin/python", "-c", LOOK, SECRET]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd, env=environment)
    assert done.stdout, done.stderr
    return done.stdout.strip()


@pytest.mark.slow
def test_an_environment_in_the_course_s_folder_takes_nothing_of_the_course_along(course: Path) -> None:
    need(tools.BUBBLEWRAP)
    assert look(course, course) == "[] True False"


@pytest.mark.slow
def test_a_package_that_is_installed_among_others_is_not_seen(course: Path) -> None:
    need(tools.BUBBLEWRAP)
    (packages,) = course.glob("lib/python*/site-packages")
    (packages / "__editable__.triptych.pth").unlink()
    (course / "src/triptych").rename(packages / "triptych")
    assert look(course, course) == "[] True False"


@pytest.mark.slow
def test_a_course_within_what_python_needs_is_covered(course: Path) -> None:
    need(tools.BUBBLEWRAP)
    inner = course / "lib/inner"
    (course / "solutions").rename(inner)
    assert look(course, inner) == "[] True False"


# --- words --------------------------------------------------------------------------------------


def python(base: str, prefix: str, *packages: str) -> Python:
    library = Path(base, "lib/python3.11")
    program = Path(base, "bin/python3.11")
    return Python(Path(base), Path(prefix), program, library, tuple(map(Path, packages)))


def bound(words: list[str]) -> dict[str, str]:
    """By where it appears: what is bound."""
    return {words[at + 2]: words[at + 1] for at, word in enumerate(words) if word.startswith("--ro-bind")}


def test_of_a_python_without_an_environment_only_its_parts_are_bound(tmp_path: Path) -> None:
    found = bound(mounts(python("/opt/conda", "/opt/conda"), tmp_path, private=[]))
    assert "/opt/conda/lib" in found and "/opt/conda/bin" in found
    assert "/opt/conda" not in found and "/opt/conda/envs" not in found


def test_an_environment_tells_only_where_python_is(tmp_path: Path) -> None:
    words = mounts(python("/opt/python", "/home/ann/course/.venv"), tmp_path, private=[])
    assert bound(words)["/venv/pyvenv.cfg"] == str(tmp_path / "pyvenv.cfg")
    assert (tmp_path / "pyvenv.cfg").read_text().splitlines() == [
        "home = /opt/python/bin",
        "include-system-site-packages = false",
    ]
    assert not any(dest.startswith("/home") for dest in bound(words))


def test_packages_elsewhere_appear_where_they_are(tmp_path: Path) -> None:
    user = "/home/ann/.local/lib/python3.11/site-packages"
    assert bound(mounts(python("/usr", "/usr", user), tmp_path, private=[]))[user] == user


def test_a_course_that_python_itself_lies_in_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SandboxUnavailable) as refused:
        mounts(python("/usr/local", "/usr/local"), tmp_path, private=[Path("/usr/local")])
    assert "the folder /usr/local must not be seen" in str(refused.value)
    assert "python -m venv" in refused.value.remedy


def test_a_course_beside_python_is_no_hindrance(tmp_path: Path) -> None:
    words = mounts(python("/opt/python", "/opt/course/.venv"), tmp_path, private=[Path("/opt/course")])
    assert not any(dest.startswith("/opt/course") for dest in bound(words))
