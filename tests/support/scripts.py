"""The scripts in ``bench/``, which are no package, as modules."""

from __future__ import annotations

import importlib.util
from types import ModuleType

from support import ROOT


def script(name: str) -> ModuleType:
    """A file of ``bench/`` as a module."""
    spec = importlib.util.spec_from_file_location(f"bench_{name}", ROOT / f"bench/{name}.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
