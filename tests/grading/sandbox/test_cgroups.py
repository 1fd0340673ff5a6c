"""Cgroups for submissions: where they can be made, and what one does to its processes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from support import NO_CGROUP, need
from support.sandboxes import bubblewraps, cells, wait_until
from triptych.dev import doctor as tools
from triptych.grading.sandbox import Limits, OutOfMemory, Sandbox, bubblewrap, cgroups
from triptych.grading.sandbox.bubblewrap import SocketChannel
from triptych.grading.sandbox.cgroups import Group, Groups
from triptych.grading.sandbox.inside import messages


@pytest.fixture
def slices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folders such as the kernel shows; this process is in ``user/app/own``."""
    for name in ("", "user", "user/app", "user/app/own"):
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        (folder / "cgroup.controllers").write_text("cpu memory pids\n")
        (folder / "cgroup.subtree_control").write_text("\n")
        (folder / "cgroup.procs").write_text("")
    (tmp_path / "user/app/own/cgroup.procs").write_text(f"{os.getpid()}\n4711\n")
    monkeypatch.setattr(cgroups, "_own", lambda: (tmp_path / "user/app/own", tmp_path))
    monkeypatch.setattr(cgroups, "_tried", lambda made: made)
    return tmp_path


def test_a_group_is_made_where_the_controllers_are_handed_on(slices: Path) -> None:
    for name in ("", "user", "user/app"):
        (slices / name / "cgroup.subtree_control").write_text("memory pids\n")
    assert cgroups.groups() == Groups(slices / "user/app")


def test_nothing_is_made_where_others_are_in_the_same_group(slices: Path) -> None:
    assert cgroups.groups() is None
    assert not list((slices / "user/app/own").glob("triptych-*"))


def test_who_is_alone_in_a_group_moves_into_one_of_its_own(slices: Path) -> None:
    own = slices / "user/app/own"
    (own / "cgroup.procs").write_text(f"{os.getpid()}\n")
    (own / f"triptych-{os.getpid()}").mkdir()
    assert cgroups.groups() == Groups(own)
    assert (own / f"triptych-{os.getpid()}/cgroup.procs").read_text() == str(os.getpid())
    assert (own / "cgroup.subtree_control").read_text() == "+memory +pids"


def test_a_controller_that_is_missing_is_no_group(slices: Path) -> None:
    (slices / "user/app/cgroup.subtree_control").write_text("pids\n")
    own = slices / "user/app/own"
    (own / "cgroup.procs").write_text(f"{os.getpid()}\n")
    (own / "cgroup.controllers").write_text("cpu pids\n")
    assert cgroups.groups() is None


def test_a_kill_at_the_group_s_limit_is_the_submission_s_fault(tmp_path: Path) -> None:
    (tmp_path / "memory.events").write_text("low 0\nhigh 0\nmax 7\noom 1\noom_kill 1\noom_group_kill 0\n")
    assert Group(tmp_path).ran_out()
    for why, group, told in (("killed", Group(tmp_path), "memory"), ("exit", Group(tmp_path), "exit")):
        channel, theirs = SocketChannel.pair()
        channel._group = group
        messages.send(theirs[1].fileno(), {"why": why})
        assert channel.end(1)["why"] == told
        for end in (channel._calls, channel._life, *theirs):
            end.close()
    (tmp_path / "memory.events").write_text("low 0\nhigh 0\nmax 0\noom 0\noom_kill 1\noom_group_kill 0\n")
    assert not Group(tmp_path).ran_out()  # the machine's want of memory
    assert not Group(tmp_path / "absent").ran_out()


def test_a_group_takes_a_process_and_its_children_and_ends_them() -> None:
    """Any group of version 2 will do; it need bound nothing."""
    own = cgroups._own()
    if own is None or not os.access(own[0], os.W_OK):
        pytest.skip(f"{NO_CGROUP}: no folder of version 2 may be written")
    group = Group(own[0] / f"triptych-test-{os.getpid()}")
    group.folder.mkdir()
    child = "import os, time; os.fork(); time.sleep(60)"
    code = f"import subprocess, sys; input(); subprocess.run([sys.executable, '-c', {child!r}])"
    process = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE)
    assert process.stdin
    group.take(process.pid)
    process.stdin.write(b"\n")
    process.stdin.flush()
    assert wait_until(lambda: len((group.folder / "cgroup.procs").read_text().split()) == 3)
    group.remove()
    assert process.wait() == -9
    process.stdin.close()
    assert not group.folder.exists()


def test_a_session_goes_on_where_a_group_cannot_be_made(monkeypatch: pytest.MonkeyPatch) -> None:
    need(tools.BUBBLEWRAP)
    before, found = bubblewraps(), []

    def find() -> Groups:
        found.append(bubblewraps())
        return Groups(Path("/nowhere"))

    monkeypatch.setattr(bubblewrap, "groups", find)
    with Sandbox(frameworks=(), kind="bubblewrap") as sandbox:
        with sandbox.open(cells("def f(): return 1")) as session:
            assert session.call("f") == 1
        assert session.outcome.reason == ""
    assert found == [before]  # while this process may still be alone in its group


def test_a_submission_is_in_a_group_of_its_own_while_it_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    need(tools.BUBBLEWRAP)
    monkeypatch.setattr(bubblewrap, "groups", lambda: Groups(tmp_path))
    with (
        Sandbox(frameworks=(), kind="bubblewrap") as sandbox,
        sandbox.open(cells("def f(): return 1"), Limits(memory=1 << 30)) as session,
    ):
        assert session.call("f") == 1
        (folder,) = tmp_path.iterdir()
        assert (folder / "memory.max").read_text() == str((1 << 30) + cgroups.SLACK)
        assert (folder / "pids.max").read_text() == str(cgroups.PROCESSES)
        supervisor = Path("/proc", (folder / "cgroup.procs").read_text())
        assert b"inside\0warm\0" in (supervisor / "cmdline").read_bytes()


def test_the_kernel_bounds_a_submission_s_memory() -> None:
    """What the supervisor does not count: a group's limit holds for it too."""
    need(tools.BUBBLEWRAP)
    if cgroups.groups() is None:
        pytest.skip(f"{NO_CGROUP}: none that bounds memory and processes may be made")
    source = """
import os
kept = []
def f():
    for _ in range(200):
        kept.append(os.pipe())
        os.set_blocking(kept[-1][1], False)
        for _ in range(64):
            try: os.write(kept[-1][1], bytes(1 << 16))
            except BlockingIOError: break
    return [bytearray(1 << 20) for _ in range(4096)]
"""
    limits = Limits(cells=20, call=20, total=60, memory=64 << 20)
    with (
        Sandbox(frameworks=(), kind="bubblewrap") as sandbox,
        sandbox.open(cells(source), limits) as session,
        pytest.raises(OutOfMemory),
    ):
        session.call("f")
