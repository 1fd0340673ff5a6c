"""The sandbox with every framework imported, started once by each process that tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from support import need
from triptych.dev import doctor as tools
from triptych.grading.sandbox import Sandbox


@pytest.fixture(scope="session")
def warm_sandbox() -> Iterator[Sandbox]:
    need(tools.BUBBLEWRAP)
    with Sandbox(("torch", "torch._dynamo", "tensorflow", "jax"), kind="bubblewrap") as sandbox:
        yield sandbox
