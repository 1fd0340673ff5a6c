"""The kernel's means of confinement."""

from __future__ import annotations

import ctypes
import ctypes.util
import os
import struct
import subprocess
import sys
from collections.abc import Iterator

import pytest

from support import ROOT, need
from support.sandboxes import as_nobody, cells
from triptych.dev import doctor as tools
from triptych.grading.sandbox.inside import seccomp


def test_the_system_calls_have_the_numbers_that_libseccomp_knows():
    name = ctypes.util.find_library("seccomp")
    if not name:
        pytest.skip("no libseccomp: the numbers of the refused system calls are not compared")
    library = ctypes.CDLL(name)
    for column, architecture in enumerate((0xC000003E, 0xC00000B7)):
        for call, numbers in seccomp.CALLS.items():
            known = library.seccomp_syscall_resolve_name_arch(architecture, call.encode())
            if numbers[column] is None:
                assert known < 0, call
            else:
                assert known in (numbers[column], -1), call  # -1: newer than this libseccomp


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_the_filter_lets_ordinary_calls_through_and_refuses_the_listed_ones(machine):
    steps = [struct.unpack("=HBBI", part) for part in batched(seccomp.filter_program(machine), 8)]
    column = ["x86_64", "aarch64"].index(machine)
    architecture = [0xC000003E, 0xC00000B7][column]

    def verdict(number: int, *arguments: int, by: int = architecture) -> int:
        data = struct.pack("=IIQ6Q", number, by, 0, *arguments, *[0] * (6 - len(arguments)))
        held = at = 0
        while True:
            code, if_true, if_false, value = steps[at]
            at += 1
            match code:
                case 0x20:
                    (held,) = struct.unpack_from("=I", data, value)
                case 0x54:
                    held &= value
                case 0x06:
                    return value
                case _:
                    holds = {0x15: held == value, 0x35: held >= value, 0x45: bool(held & value)}[code]
                    at += if_true if holds else if_false

    allow, refuse, ignore, unknown = 0x7FFF0000, 0x00050001, 0x00050000, 0x00050016
    number = {
        name: given for name, numbers in seccomp.CALLS.items() if (given := numbers[column]) is not None
    }
    assert all(verdict(number[name]) == refuse for name in seccomp.REFUSED if name in number)
    assert all(verdict(number[name]) == ignore for name in seccomp.IGNORED)
    assert verdict([0, 63][column]) == verdict([231, 94][column]) == allow  # read, exit_group
    assert verdict(number["clone"], 17) == verdict(number["clone"], 0x3D0F00) == allow  # fork, a thread
    assert verdict(number["clone"], 0x10000000 | 17) == refuse
    for call in ("socket", "socketpair"):
        assert verdict(number[call], 1, 1) == verdict(number[call], 1, 0x80801) == allow
        assert {verdict(number[call], family, 1) for family in (0, 2, 10, 16, 17, 38, 40)} == {refuse}
        assert {verdict(number[call], 1, kind) for kind in (2, 3, 5, 0x80002)} == {refuse}
    assert verdict(number["setsockopt"], 3, 1, 7) == ignore  # SO_SNDBUF
    assert {verdict(number["setsockopt"], 3, 1, option) for option in (2, 13, 16, 20)} == {allow}
    assert {verdict(number["setsockopt"], 3, 1, option) for option in (26, 32, 50, 51)} == {0x0005005C}
    assert verdict(number["setsockopt"], 3, 6, 2) == 0x0005005C
    assert {verdict(number[name]) for name in seccomp.UNSUPPORTED} == {0x0005005F}
    assert {verdict(number["fcntl"], 3, command) for command in (0, 1, 2, 3, 4, 5, 1030, 1034)} == {allow}
    assert {verdict(number["fcntl"], 3, command) for command in (6, 7, 37, 38)} == {ignore}
    assert {verdict(number["fcntl"], 3, command) for command in (1024, 1026, 1031, 1036, 1040)} == {unknown}
    assert {verdict(number["prctl"], option) for option in (1, 15, 0x53564D41)} == {allow}
    assert {verdict(number["prctl"], option) for option in (4, 22, 62, 0x59616D61)} == {refuse}
    for fixed in (0, 4):  # processor time, core dumps
        assert verdict(number["setrlimit"], fixed) == refuse
        assert {verdict(number["prlimit64"], 0, fixed, new) for new in (4096, 1 << 32)} == {refuse}
        assert verdict(number["prlimit64"], 0, fixed, 0) == allow
    assert verdict(number["setrlimit"], 7) == verdict(number["prlimit64"], 0, 7, 4096) == allow
    assert verdict(number["mmap"], 0, 1, 3, 0x22) == verdict(number["mmap"], 0, 1, 3, 0x01) == allow
    assert verdict(number["mmap"], 0, 1, 3, 0x21) == verdict(number["mmap"], 0, 1, 3, 0x40022) == 0x0005000C
    assert verdict(number["clone3"]) == verdict(seccomp.NEWEST + 1) == verdict(0x40000000) == 0x00050026
    assert verdict(0, by=0x40000003) == 0x80000000  # another architecture: the process is killed


def batched(content: bytes, size: int) -> Iterator[bytes]:
    return (content[at : at + size] for at in range(0, len(content), size))


def test_what_a_user_s_programs_share_is_limited_to_a_few(plain):
    source = """
import resource
def limits(): return {name: resource.getrlimit(getattr(resource, "RLIMIT_" + name)) for name in NAMES}
NAMES = ("CORE", "SIGPENDING", "MEMLOCK", "MSGQUEUE", "RTPRIO", "NICE", "NOFILE")
"""
    with plain.open(cells(source)) as session:
        found = session.call("limits")
    assert found.pop("CORE") == (1, 1)  # with 0, the machine's own handler of crashes would run
    wanted = {"SIGPENDING": 256, "MEMLOCK": 64 << 10, "MSGQUEUE": 0, "RTPRIO": 0, "NICE": 0, "NOFILE": 512}
    assert all(soft == hard <= wanted[name] for name, (soft, hard) in found.items()), found


def test_the_sandbox_works_for_a_user_without_privileges(tmp_path):
    """The tests may run as root: then this one takes another user's place, in mounts of its own."""
    need(tools.BUBBLEWRAP)
    script = """
import os, sys
from triptych.grading.sandbox import Code, Sandbox
source = 'import os\\ndef f(): return [os.getuid(), os.getpid(), len(os.listdir("/home/learner"))]'
with Sandbox(frameworks=(), kind='bubblewrap') as sandbox:
    with sandbox.open([Code('a', source)]) as session:
        print(os.getuid(), session.call('f'))
"""
    command = [sys.executable, "-c", script]
    if os.getuid() == 0:
        command = ["sh", "-c", as_nobody(tmp_path), "sh", *command]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src"), "HOME": "/nowhere", "TMPDIR": "/tmp"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, cwd="/")
    expected = 54321 if os.getuid() == 0 else os.getuid()
    assert done.stdout.split() == f"{expected} [1000, 1, 0]".split(), done.stderr
