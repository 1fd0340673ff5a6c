"""Lanes and named skips: a plugin for pytest.

A test is in the quick lane unless it is marked ``notebook``, ``bank`` or ``slow``.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from support import NO_CGROUP, NO_ENGINE, NO_NETWORKS
from triptych import machine
from triptych.dev import doctor as tools
from triptych.notebooks import raw

#: The markers of what the quick lane leaves out, in the order in which the whole starts them.
LONG = ("bank", "notebook", "slow")


#: What builds the course's site, for which all others that look at it would wait.
BUILDS = "tests/site/test_browser.py"


def _start(item: pytest.Item) -> tuple[int, bool]:
    """The bank first, then notebooks, then what is slow: the rest fills the gaps at the end."""
    lane = next((i for i, name in enumerate(LONG) if item.get_closest_marker(name)), len(LONG))
    return lane, not item.nodeid.startswith(BUILDS)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the cells of notebooks and the quick lane, before ``-m`` chooses.

    A notebook that needs a tool says so in its metadata, ``{"triptych": {"needs": ["C++ compiler"]}}``;
    where the tool is missing, its cells are skipped by the tool's name.
    """
    known = {tool.name: tool for tool in tools.TOOLS}
    needs: dict[Path, list[str]] = {}
    for item in items:
        if item.path.suffix == ".ipynb":
            item.add_marker("notebook")
            if item.path not in needs:
                metadata = raw.load(item.path, item.path.name).metadata
                needs[item.path] = metadata.get("triptych", {}).get("needs", [])
            for name in needs[item.path]:
                if not known[name].find():
                    item.add_marker(pytest.mark.skip(reason=f"no {name}: {known[name].without}"))
        if not any(item.get_closest_marker(name) for name in LONG):
            item.add_marker("quick")
    items.sort(key=_start)  # a stable sort: what takes long starts first


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """One worker more than cores for the quick lane, whose tests often wait: for a browser, for a process."""
    return machine.cores() + 1 if config.option.markexpr == "quick" else None


def group_of(nodeid: str) -> str:
    """What one worker runs together: a file's tests, or its cases whose ids begin with the same ``NAME@``."""
    file, _, test = nodeid.partition("::")
    name, at, _ = test.partition("[")[2].partition("@")
    return f"{file}@{name}" if at else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Group tests by ``group_of`` for ``--dist loadgroup``.

    xdist 3.8 itself would append the group's marker to a test's id, which pytest 9.2 no
    longer takes: every test would be a group of its own, and each worker start everything.
    """
    from xdist.scheduler import LoadScopeScheduling

    class Groups(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return group_of(nodeid)

    return Groups(config, log) if config.getvalue("dist") == "loadgroup" else None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo):
    """Where every tool is meant to be present (``.ci/run``), a skip is a failure.

    But for what a container may not have: an engine, networks and cgroups of its own.
    """
    report = yield
    allowed = hasattr(report, "wasxfail") or any(
        reason in str(report.longrepr) for reason in (NO_CGROUP, NO_ENGINE, NO_NETWORKS)
    )
    if report.skipped and os.environ.get("TRIPTYCH_NO_SKIPS") and not allowed:
        report.outcome = "failed"
        report.longrepr = f"skipped where nothing may be skipped: {report.longrepr}"
    return report
