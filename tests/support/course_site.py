"""The course's own site for tests that look at it: built once for all workers, and kept for the next run."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import sphinx
from filelock import FileLock

from support import ROOT

#: Where it is kept: a change of a page or notebook builds what depends on it, any other change builds all.
KEPT = ROOT / "_build/tests-site"
PAGES = {".md", ".ipynb"}


def _tracked() -> list[Path]:
    """The files that are tracked, and those that will be; a course without git has none."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True, check=False
    )
    names = listed.stdout.decode().rstrip("\0").split("\0") if listed.returncode == 0 else []
    return [ROOT / name for name in names if name and not name.startswith("tests/")]


def _fingerprint(paths: Iterable[Path]) -> str:
    """What the files hold, and with which packages the site is built."""
    digest = hashlib.sha256(f"{sys.version}{Path(sphinx.__file__).parents[1].stat().st_mtime_ns}".encode())
    for path in sorted(path for path in paths if path.is_file()):
        digest.update(f"\0{path}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def built() -> Path:
    """The site's folder of HTML, as `make book` builds it: nitpicky, every warning an error.

    A build that failed is not kept, as Sphinx warns of an unchanged page no second time.
    """
    KEPT.parent.mkdir(exist_ok=True)
    with FileLock(f"{KEPT}.lock"):
        files = _tracked()
        code = _fingerprint(path for path in files if path.suffix not in PAGES)
        now = f"{code} {_fingerprint(files)}"
        made = KEPT / "made-of"
        before = made.read_text(encoding="utf-8") if made.exists() else ""
        if files and before == now:
            return KEPT / "_build/html"
        if not files or not before.startswith(code):
            shutil.rmtree(KEPT, ignore_errors=True)
        made.unlink(missing_ok=True)
        options = ["--toc", "book/_toc.yml", "-n", "-W", "--keep-going", "--path-output", KEPT]
        build = subprocess.run(
            [Path(sys.executable).with_name("jupyter-book"), "build", ".", *options],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        if build.returncode:
            shutil.rmtree(KEPT, ignore_errors=True)
            raise AssertionError(f"the site was not built:\n{(build.stdout + build.stderr)[-4000:]}")
        made.write_text(now, encoding="utf-8")
    return KEPT / "_build/html"
