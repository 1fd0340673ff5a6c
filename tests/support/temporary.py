"""Temporary files of a test session: a plugin for pytest.

All that the session starts (workers, kernels, commands, sandboxes) makes its temporary files in one
folder, which goes with the session: so does what a process that was killed could not remove.
Pytest's own ``tmp_path`` stays where it always is, and keeps the last three sessions.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import ExitStack

import pytest

from triptych import files

_session = ExitStack()


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """The workers of a session inherit its folder."""
    if not hasattr(config, "workerinput"):
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", tempfile.gettempdir())
        _session.enter_context(files.temporary_folder())
        # `triptych cpu` names one beside the usual; here both are new.
        os.environ.pop("TORCHINDUCTOR_CACHE_DIR", None)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    """Remove the folder."""
    _session.close()
