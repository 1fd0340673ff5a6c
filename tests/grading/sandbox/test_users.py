"""Users of their own for submissions: where they can be given, and what happens where they cannot."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import psutil
import pytest

from support import need
from support.sandboxes import cells, supervisors
from triptych.dev import doctor as tools
from triptych.grading.sandbox import Sandbox, bubblewrap, environment, mounts, users
from triptych.grading.sandbox.users import Users

WHO = cells("def who(): return [int(n) for n in open('/proc/self/uid_map').read().split()]")

#: Enters what it is told, as newuidmap does, and keeps the words.
TOOL = """#!{python}
import sys
open({log!r}, "a").write(" ".join(sys.argv[2:]) + chr(10))
numbers = sys.argv[2:]
open("/proc/" + sys.argv[1] + "/{map}", "w").write("\\n".join(" ".join(numbers[i:i+3]) for i in (0, 3)))
"""


def who(sandbox: Sandbox) -> list[int]:
    """Inside, outside (as the warm process sees it), how many."""
    with sandbox.open(WHO) as session:
        return session.call("who")


def test_submissions_are_different_users_where_they_can_be_given(
    plain: Sandbox, bubblewrap: psutil.Process
) -> None:
    with plain.open(WHO) as one, plain.open(WHO) as two:
        inside = [session.call("who") for session in (one, two)]
        outside = {process.uids().real for process in supervisors(bubblewrap)} - {os.getuid()}
    if users.users() is None:
        assert inside == [[1000, 1000, 1]] * 2 and outside == set()
    else:
        assert inside[0] != inside[1]
        assert {numbers[0] for numbers in inside} == {1000}
        assert len(outside) == 2 and all(number >= 0x70000000 for number in outside) == (os.getuid() == 0)


def test_shadow_s_tools_enter_the_users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    need(tools.BUBBLEWRAP)
    made = []
    for name in ("uid_map", "gid_map"):
        made.append(tmp_path / name)
        made[-1].write_text(TOOL.format(python=sys.executable, log=str(tmp_path / "log"), map=name))
        made[-1].chmod(0o755)
    given = Users(0x70000000, 0x70001000, (str(made[0]), str(made[1])))
    monkeypatch.setattr(bubblewrap, "users", lambda: given)
    with Sandbox(frameworks=(), kind="bubblewrap") as sandbox:
        numbers = who(sandbox)
    told = (tmp_path / "log").read_text().splitlines()
    own = (os.getuid(), os.getgid())
    assert told[0] == f"1000 {own[0]} 1 2000 {0x70000000} 64"
    if os.getuid() == 0:  # else these tools may not do what shadow's may
        assert told[1] == f"1000 {own[1]} 1 2000 {0x70001000} 64"
        assert numbers == [1000, 2000, 1]


def test_where_they_cannot_be_given_all_are_the_grader_s_user(monkeypatch: pytest.MonkeyPatch) -> None:
    need(tools.BUBBLEWRAP)
    monkeypatch.setattr(bubblewrap, "users", lambda: Users(1 << 20, 1 << 20, ("/bin/false", "/bin/false")))
    with Sandbox(frameworks=(), kind="bubblewrap") as sandbox:
        assert who(sandbox) == [1000, 1000, 1]


def test_a_user_who_may_not_read_python_s_files_is_not_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    need(tools.BUBBLEWRAP)
    closed = tmp_path / "inside"
    shutil.copytree(environment.INSIDE, closed)
    closed.chmod(0o700)
    for module in (mounts, bubblewrap):
        monkeypatch.setattr(module, "INSIDE", closed)
    with Sandbox(frameworks=(), kind="bubblewrap") as sandbox:
        assert who(sandbox) == [1000, 1000, 1]


def test_a_range_is_taken_that_is_large_enough_and_this_user_s(tmp_path: Path) -> None:
    import pwd

    file = tmp_path / "subuid"
    name = pwd.getpwuid(os.getuid()).pw_name
    file.write_text(f"somebody:100000:65536\n{name}:200000:10\nnonsense\n{os.getuid()}:300000:65536\n")
    assert users._given(file) == 300_000
    assert users._given(tmp_path / "absent") is None
