"""Help comes quickly."""

from __future__ import annotations

import subprocess
import sys


def test_help_is_quick_as_nothing_of_grading_is_imported() -> None:
    code = "import sys, triptych.cli; print([m for m in ('numpy', 'jinja2', 'sqlite3') if m in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"
