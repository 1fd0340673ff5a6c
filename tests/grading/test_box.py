"""The sandbox: what a submission may do, what it gets, and what it cannot do to others."""

from __future__ import annotations

import ctypes
import ctypes.util
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hostile.bank import BANK, SECRET, TEMPLATES

from support import ROOT, need
from triptych.dev import doctor as tools
from triptych.grading import jail, sandbox, values
from triptych.grading.checks import HiddenCheck
from triptych.grading.run import Grade, Job, grade_one
from triptych.grading.sandbox import (
    BadValue,
    Code,
    Died,
    Limits,
    Missing,
    OutOfMemory,
    Raised,
    Sandbox,
    SandboxFailed,
    SandboxUnavailable,
    SubmissionError,
    TimedOut,
)

SMALL = Limits(cells=1, call=1, total=5, memory=256 << 20, output=2_000, value=1 << 20)


@pytest.fixture(scope="module")
def plain() -> Iterator[Sandbox]:
    """A sandbox without frameworks: quick to start. The grader's environment holds the secret."""
    need(tools.BUBBLEWRAP)
    os.environ["GRADER_SECRET"] = SECRET
    with Sandbox(frameworks=(), kind="bubblewrap") as made:
        yield made
    del os.environ["GRADER_SECRET"]


@pytest.fixture(scope="module")
def full() -> Iterator[Sandbox]:
    """A sandbox with the three frameworks."""
    need(tools.BUBBLEWRAP)
    with Sandbox(kind="bubblewrap") as made:
        yield made


def cells(*sources: str) -> list[Code]:
    return [Code(f"cell-{number}", source) for number, source in enumerate(sources)]


# --- values ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    [
        *(None, True, 0, -(2**63), 2**64 - 1, 1.5, "é\n", "", [], (), {}, [1, (2.0, {"a": [None]})]),
        np.arange(6, dtype="<i4").reshape(2, 3),
        *(np.zeros((0, 3)), np.float32(0.1), np.bool_(True), np.complex64(1j), np.array(3.0)),
        np.array([np.nan, np.inf], "f2"),
    ],
    ids=repr,
)
def test_plain_data_crosses_the_border_unchanged(value):
    back = values.decode(json.loads(json.dumps(values.encode(value))))
    assert type(back) is type(value)
    if isinstance(value, np.ndarray | np.generic):
        assert back.dtype == value.dtype
        np.testing.assert_array_equal(back, value)
    else:
        assert back == value


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_what_json_lacks_crosses_too(number):
    text = json.dumps(values.encode(number), allow_nan=False)
    assert repr(values.decode(json.loads(text))) == repr(number)


class Equal(float):
    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = float.__hash__


def test_a_subclass_arrives_as_the_plain_type():
    assert type(values.decode(values.encode(Equal(1.0)))) is float
    assert type(values.decode(values.encode(np.ma.array([1.0])))) is np.ndarray


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (object(), "of type object"),
        (b"bytes", "of type bytes"),
        ({1: 2}, "keys are not all strings"),
        (np.array([None]), "dtype object"),
        (np.array(["text"]), "dtype <U4"),
        (np.zeros(2, "f8,i4"), "cannot be handed over"),
        (2**64, "64 bits"),
        (np.zeros(1 << 20), "larger than 1 MiB"),
        (["x" * 100] * 20_000, "larger than 1 MiB"),
        ([[]] * 200_000, "larger than 1 MiB"),
    ],
    ids=lambda part: part if isinstance(part, str) else "",
)
def test_anything_else_is_refused_and_named(value, why):
    with pytest.raises(values.NotPlain, match=re.escape(why)):
        values.encode(value, limit=1 << 20)


@pytest.mark.parametrize(
    "message",
    [
        {"array": "AAAA", "dtype": "|O", "shape": [1]},
        {"array": "AAAAAAAAAAA=", "dtype": "<M8[s]", "shape": [1]},
        {"array": "AAAA", "dtype": "<f4", "shape": [2]},
        {"array": "AAAA", "dtype": "<f4", "shape": [-1]},
        {"array": "AAAA", "dtype": "<f4", "shape": [True]},
        {"array": "", "dtype": "<f8", "shape": [2**60, 2**60, 0]},
        {"array": "AA", "dtype": "|u1", "shape": "1"},
        {"array": "????", "dtype": "|u1", "shape": [3]},
        {"array": "AAAA", "dtype": "V1000000000", "shape": [1]},
        {"scalar": "", "dtype": "<f8"},
        {"pickle": "gASVBQ=="},
        {"tuple": [], "more": 1},
        {"float": "1.0"},
        {"dict": [1]},
        10**30,
    ],
    ids=repr,
)
def test_a_forged_value_is_refused(message):
    with pytest.raises(values.NotPlain):
        values.decode(message)


def test_a_forged_message_is_refused_before_it_is_read():
    for content, limit in (
        (b"\xff" * 4, 1 << 20),
        (b"\0\0\0\3{a}", 1 << 20),
        (b"\0\0\0\3NaN", 1 << 20),
        (b"\0\1\0\0" + b"[" * 65_536, 1 << 20),
        (b"\0\0\0\4\xff\xff\xff\xff", 1 << 20),
    ):
        reading, writing = os.pipe()
        os.set_blocking(writing, False)
        os.write(writing, content[:65_536])
        os.write(writing, content[65_536:]) if len(content) < 65_536 else None
        threading.Timer(0.1, os.close, [writing]).start()
        with pytest.raises((values.NotPlain, EOFError)):
            values.receive(reading, limit)
        os.close(reading)


# --- a well-meant submission ---------------------------------------------------------------------


def test_functions_are_called_with_arrays_and_give_arrays(plain):
    with plain.open(cells("def f(x, *, power=1): return {'y': (x ** power, x.shape)}")) as session:
        back = session.call("f", np.arange(3), power=2)
    np.testing.assert_array_equal(back["y"][0], [0, 1, 4])
    assert back["y"][1] == (3,)
    assert session.outcome.reason == ""
    assert session.errors == ()


def test_a_notebook_s_habits_cost_nothing(plain):
    with plain.open(
        cells(
            "%matplotlib inline\nimport matplotlib.pyplot as plt\nimport warnings, sys",
            "fig, ax = plt.subplots()\nax.plot([1, 2])\nplt.show()\nfig",
            "!pip install torch\nimport os",
            "warnings.warn('noise')\nprint('more noise', file=sys.stderr)\ndisplay('shown')",
            "%%time\ndef f(x):\n    print('in a call')\n    display(x)\n    return x + 1",
            "import asyncio\nawait asyncio.sleep(0)",
            "open('mine.txt', 'w').write('kept')\nopen('/tmp/mine', 'w').write('kept')",
        )
    ) as session:
        assert session.errors == ()
        assert session.call("f", 1) == 2
    assert "more noise" in session.outcome.output
    assert "in a call" in session.outcome.output


def test_a_failing_cell_is_told_and_the_later_ones_run(plain):
    with plain.open(cells("def f(): return 1", "1 / 0", "f(", "def g(): return 2")) as session:
        assert [(e.cell, e.type) for e in session.errors] == [
            ("cell-1", "ZeroDivisionError"),
            ("cell-2", "SyntaxError"),
        ]
        assert session.call("f") + session.call("g") == 3


def test_each_fault_has_its_exception_and_the_session_lives_on(plain):
    source = """
def raises(): raise KeyError('k')
def loops():
    while True: pass
def hoards(): return bytearray(1 << 40)
def strange(): return {1, 2}
number = 7
def fine(): return 'fine'
"""
    with plain.open(cells(source), SMALL) as session:
        with pytest.raises(Raised, match="raises raised KeyError: 'k'") as raised:
            session.call("raises")
        assert raised.value.type == "KeyError"
        with pytest.raises(Missing, match="no function named absent"):
            session.call("absent")
        with pytest.raises(Missing):
            session.call("number")
        with pytest.raises(BadValue, match="strange returned a value of type set"):
            session.call("strange")
        with pytest.raises(OutOfMemory, match="256 MiB"):
            session.call("hoards")
        with pytest.raises(TimedOut, match="longer than 1 s in a call of loops"):
            session.call("loops")
        assert session.call("fine") == "fine"
    assert "256 MiB" in session.outcome.reason  # the first of its faults


def test_after_a_death_every_call_raises_died(plain):
    with plain.open(cells("import os\ndef f(): os._exit(1)\ndef g(): return 1")) as session:
        for name in "fgg":
            with pytest.raises(Died, match="ended its own process"):
                session.call(name)
    assert session.outcome.reason.startswith("ended its own process (exit status 1)")


def test_functions_above_an_endless_loop_still_count(plain):
    with plain.open(cells("def f(): return 1", "while True: pass", "def g(): return 2"), SMALL) as session:
        assert session.call("f") == 1
        with pytest.raises(Missing):
            session.call("g")
    assert session.outcome.reason == "ran longer than 1 s while its cells ran"


def test_the_total_time_is_bounded_however_it_is_spent(plain):
    limits = Limits(cells=1, call=1, total=2, memory=256 << 20)
    source = "import time\ndef f(): time.sleep(0.5)"
    too_long = pytest.raises((TimedOut, Died), match="ran longer than 2 s in all")
    with plain.open(cells(source), limits) as session, too_long:
        for _ in range(10):
            session.call("f")
    assert session.outcome.reason == "ran longer than 2 s in all"


def test_output_is_cut_in_its_middle(plain):
    source = "print('first')\nfor i in range(10_000): print('line', i)\nprint('last')"
    with plain.open(cells(source), SMALL) as session:
        pass
    output = session.outcome.output
    assert output.startswith("first\n") and output.endswith("last\n")
    assert "bytes of output left out" in output
    assert len(output) <= SMALL.output + 100


def test_a_submission_sees_nothing_that_another_left(plain):
    leave = cells("import builtins, sys\nbuiltins.mark = sys.mark = 1\nopen('m', 'w')")
    look = cells("import os, sys\ndef f(): return [hasattr(sys, 'mark'), os.listdir()]")
    with plain.open(leave) as one, plain.open(look) as two:
        assert two.call("f") == [False, []]
    assert one.outcome.reason == two.outcome.reason == ""


# --- the frameworks ----------------------------------------------------------------------------


def test_pytorch_works_in_the_sandbox_and_compiles(full):
    source = """
import torch
from torch import nn
count = []
def record(graph, inputs):
    count.append(1)
    return graph.forward
@torch.compile(backend=record)
def relu(x): return torch.relu(x) if x.sum() > 0 else x
def gradient(x):
    x = torch.tensor(x, requires_grad=True)
    torch.sin(x).sum().backward()
    return x.grad
def compiled(x): return [relu(torch.tensor(x)), len(count), torch.get_num_threads()]
def half(x): return torch.tensor(x).to(torch.bfloat16)
def train():
    data = torch.utils.data.DataLoader(list(range(8)), batch_size=4, num_workers=1)
    return [b.tolist() for b in data]
"""
    x = np.linspace(-1, 2, 5, dtype="f4")
    with full.open(cells(source)) as session:
        assert session.errors == ()
        np.testing.assert_allclose(session.call("gradient", x), np.cos(x), rtol=1e-6)
        value, traces, threads = session.call("compiled", x)
        np.testing.assert_array_equal(value, np.maximum(x, 0))
        assert traces >= 1
        assert threads == 1
        np.testing.assert_allclose(session.call("half", x), x, rtol=1e-2)
        assert session.call("train") == [[0, 1, 2, 3], [4, 5, 6, 7]]
    assert session.outcome.reason == ""


def test_pytorch_s_default_compiler_works_in_the_sandbox(full):
    need(tools.CXX)
    source = (
        "import torch\nf = torch.compile(lambda x: torch.sin(x) * 2)\ndef g(x): return f(torch.tensor(x))"
    )
    with full.open(cells(source), Limits(call=60)) as session:
        np.testing.assert_allclose(session.call("g", np.ones(3, "f4")), 2 * np.sin(np.ones(3)), rtol=1e-6)
    assert session.outcome.reason == ""


def test_tensorflow_works_in_the_sandbox_and_reads_its_functions_source(full):
    source = """
import tensorflow as tf
@tf.function
def collatz(n):
    steps = 0
    while n != 1:
        if n % 2 == 0: n = n // 2
        else: n = 3 * n + 1
        steps += 1
    return steps
def f(n): return collatz(tf.constant(n))
def variable(): return tf.Variable([1.0, 2.0])
def jit(x): return tf.function(lambda x: tf.tanh(x), jit_compile=True)(x)
def fit():
    tf.keras.utils.set_random_seed(0)
    model = tf.keras.Sequential([tf.keras.layers.Dense(1)])
    model.compile('sgd', 'mse')
    model.fit(tf.ones((8, 2)), tf.ones((8, 1)), verbose=0)
    return model(tf.ones((1, 2))).shape[0]
"""
    with full.open(cells(source)) as session:
        assert session.errors == ()
        assert session.call("f", 27) == 111
        np.testing.assert_array_equal(session.call("variable"), [1.0, 2.0])
        np.testing.assert_allclose(session.call("jit", np.float32(1)), np.tanh(1), rtol=1e-6)
        assert session.call("fit") == 1
    assert session.outcome.reason == ""


def test_jax_works_in_the_sandbox(full):
    source = """
import jax, jax.numpy as jnp
traces = []
@jax.jit
def f(x):
    traces.append(1)
    return jax.lax.cond(x.sum() > 0, jnp.sin, jnp.cos, x)
def g(x): return f(x), len(traces)
def low(x): return jnp.asarray(x, jnp.bfloat16)
def back(x): return jax.pure_callback(lambda v: v * 2, jax.ShapeDtypeStruct(x.shape, x.dtype), x)
"""
    x = np.ones(3, "f4")
    with full.open(cells(source)) as session:
        assert session.errors == ()
        value, traces = session.call("g", x)
        np.testing.assert_allclose(value, np.sin(x), rtol=1e-6)
        assert (session.call("g", x)[1], traces) == (1, 1)
        assert session.call("low", x).dtype == np.float32
        np.testing.assert_array_equal(session.call("back", x), 2 * x)
    assert session.outcome.reason == ""


def test_a_process_in_which_a_framework_has_run_is_not_forked():
    script = """
from triptych.grading.box import unfit_to_fork
import threading, sys
assert unfit_to_fork() == []
import jax, tensorflow
assert unfit_to_fork() == []
jax.devices(); tensorflow.constant(1)
threading.Thread(target=threading.Event().wait, name="late", daemon=True).start()
print("; ".join(unfit_to_fork()))
"""
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert "several Python threads run (MainThread, late)" in told
    assert "JAX has initialised a backend" in told
    assert "TensorFlow has initialised its devices" in told


# --- hostile submissions ---------------------------------------------------------------------------


class Neighbour(threading.Thread):
    """A learner who is graded at the same time, and must not notice anything."""

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__()
        self.sandbox, self.over, self.opened = sandbox, threading.Event(), threading.Event()
        self.problem, self.calls = "", 0

    def run(self) -> None:
        source = f"mine = '{SECRET}'\nopen('/tmp/next-door', 'w').write(mine)\ndef f(x): return x * x"
        try:
            with self.sandbox.open(cells(source)) as session:
                self.opened.set()
                while not self.over.is_set():
                    x = np.random.default_rng(self.calls).normal(size=8)
                    np.testing.assert_array_equal(session.call("f", x), x * x)
                    self.calls += 1
                    time.sleep(0.01)
            self.problem = session.outcome.reason
        except Exception as error:
            self.problem = repr(error)
        finally:
            self.opened.set()


@pytest.fixture
def neighbour(plain) -> Iterator[Neighbour]:
    thread = Neighbour(plain)
    thread.start()
    thread.opened.wait()
    yield thread
    thread.over.set()
    thread.join()


@pytest.fixture
def surroundings(tmp_path: Path) -> Iterator[dict[str, object]]:
    """What a snooper would like to find: files, listeners. The listeners must never hear anything."""
    (tmp_path / "solutions").mkdir()
    for name in ("gradebook.db", "solutions/checks.py", "other-student.ipynb"):
        (tmp_path / name).write_text(SECRET)
    abstract = f"triptych-{os.getpid()}"
    with (
        socket.create_server(("127.0.0.1", 0)) as tcp,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp,
        socket.socket(socket.AF_UNIX) as unnamed,
        socket.socket(socket.AF_UNIX) as named,
    ):
        port = tcp.getsockname()[1]
        udp.bind(("127.0.0.1", port))
        unnamed.bind("\0" + abstract)
        named.bind(str(tmp_path / "socket"))
        for listener in (tcp, unnamed, named):
            listener.listen()
        yield {
            "here": tmp_path,
            "port": port,
            "abstract": abstract,
            "repository": ROOT,
            "python": sys.base_prefix,
        }
        for listener in (tcp, udp, unnamed, named):
            listener.setblocking(False)
            with pytest.raises(BlockingIOError):
                listener.recv(1) if listener is udp else listener.accept()


@pytest.mark.parametrize("hostile", BANK, ids=lambda hostile: hostile.name)
def test_a_hostile_submission_gains_nothing_and_disturbs_nobody(hostile, plain, neighbour, surroundings):
    source = hostile.source.format(**surroundings) if hostile.name in TEMPLATES else hostile.source
    limits = SMALL if hostile.ends else Limits(cells=20, call=10, total=40, memory=512 << 20, output=2_000)
    x = np.random.default_rng().normal(size=5)
    got = ""
    with plain.open(cells("import numpy", source), limits) as session:
        try:
            value = session.call("double", x)
        except SubmissionError as error:
            got = type(error).__name__
            assert str(error).isprintable() or "\n" in str(error)
        else:
            with pytest.raises(AssertionError):
                np.testing.assert_array_equal(value, 2 * x)
        if "def loot" in source:
            assert session.errors == ()
            assert session.call("loot") == []
        spent = time.monotonic()
    outcome = session.outcome
    assert re.fullmatch(hostile.raises, got)
    assert re.search(hostile.ends, outcome.reason) if hostile.ends else outcome.reason == ""
    assert outcome.wall <= limits.cells + limits.call + 1
    assert time.monotonic() - spent < 5  # closing is prompt
    assert len(outcome.output) <= limits.output + 100
    assert all(character.isprintable() or character in "\n\t" for character in outcome.output)
    neighbour.over.set()
    neighbour.join()
    assert neighbour.problem == ""
    assert neighbour.calls > 0
    for _ in range(50):  # the supervisors end just after their last word
        if not left_over(plain):
            break
        time.sleep(0.02)
    assert left_over(plain) == []


def left_over(of: Sandbox) -> list[str]:
    """The sandbox's processes beyond bubblewrap's two and the warm one."""
    parents = {}
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            fields = dict(line.split(":\t", 1) for line in status.read_text().splitlines() if ":\t" in line)
        except OSError:
            continue
        parents[int(status.parent.name)] = int(fields["PPid"]), fields["Name"], fields["State"]
    family = {of._keeper._process.pid}
    while more := {pid for pid, (parent, *_) in parents.items() if parent in family} - family:
        family |= more
    return [f"{pid}: {parents[pid]}" for pid in sorted(family)[3:] if pid in parents]


def test_no_process_is_left_when_the_grader_is_killed(plain, tmp_path):
    script = tmp_path / "grader.py"
    script.write_text(
        "import os, signal\n"
        "from triptych.grading.sandbox import Code, Sandbox\n"
        "with Sandbox(frameworks=(), kind='bubblewrap') as sandbox:\n"
        "    sandbox.open([Code('a', 'import os\\nos.fork()')])\n"
        "    session = sandbox.open([Code('a', 'import os\\nos.fork()')])\n"
        "    print(sandbox._keeper._process.pid, flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False)
    assert done.returncode == -9
    pid = int(done.stdout)
    for _ in range(100):
        if not Path(f"/proc/{pid}").exists():
            break
        time.sleep(0.05)
    assert not Path(f"/proc/{pid}").exists()


def test_a_warm_process_that_was_killed_is_replaced(plain):
    with Sandbox(frameworks=(), kind="bubblewrap") as fragile:
        with fragile.open(cells("def f(): return 1")) as session:
            assert session.call("f") == 1
            fragile._keeper._process.kill()
            with pytest.raises(SandboxFailed, match="its supervisor is gone"):
                for _ in range(1000):  # bubblewrap's end takes the others along in a moment
                    session.call("f")
                    time.sleep(0.01)
        with fragile.open(cells("def f(): return 2")) as session:
            assert session.call("f") == 2


def test_a_submission_whose_supervisor_is_lost_is_not_to_blame(plain):
    job = Job("key", tuple(cells("import time\ndef f(): time.sleep(20)")), seed=1)
    grades: list[Grade] = []
    check = HiddenCheck("f/sleeps", "f", 1.0, 1, "", lambda ask, draw: ask("f"))
    grading = threading.Thread(target=lambda: grades.append(grade_one(job, plain, (check,))))
    grading.start()
    for _ in range(500):
        if family := left_over(plain):
            break
        time.sleep(0.01)
    os.kill(int(family[0].split(":")[0]), signal.SIGKILL)
    grading.join(timeout=5)
    assert "supervisor is gone" in grades[0].fault
    assert grades[0].reason == ""


def test_a_submission_that_could_not_be_watched_is_not_to_blame():
    with pytest.raises(SandboxFailed, match="OSError: no more files"):
        sandbox._told_by({"why": "not watched", "detail": "OSError: no more files"}, SMALL)


def test_several_threads_share_a_sandbox(plain):
    def grade(number: int) -> None:
        with plain.open(cells(f"def f(): return {number}")) as session:
            answers[number] = session.call("f")

    answers: dict[int, int] = {}
    threads = [threading.Thread(target=grade, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {number: number for number in range(8)}


# --- the jail ------------------------------------------------------------------------------------


def test_the_system_calls_have_the_numbers_that_libseccomp_knows():
    name = ctypes.util.find_library("seccomp")
    if not name:
        pytest.skip("no libseccomp: the numbers of the refused system calls are not compared")
    library = ctypes.CDLL(name)
    for column, architecture in enumerate((0xC000003E, 0xC00000B7)):
        for call, numbers in (jail.REFUSED | jail.EXAMINED).items():
            known = library.seccomp_syscall_resolve_name_arch(architecture, call.encode())
            assert known in (numbers[column], -1), call  # -1: newer than this libseccomp


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_the_filter_lets_ordinary_calls_through_and_refuses_the_listed_ones(machine):
    import struct

    steps = [struct.unpack("=HBBI", part) for part in batched(jail.filter_program(machine), 8)]
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

    allow, refuse = 0x7FFF0000, 0x00050001
    number = {name: numbers[column] for name, numbers in (jail.REFUSED | jail.EXAMINED).items()}
    assert all(verdict(number[name]) == refuse for name in jail.REFUSED)
    assert verdict([0, 63][column]) == verdict([231, 94][column]) == allow  # read, exit_group
    assert verdict(number["clone"], 17) == verdict(number["clone"], 0x3D0F00) == allow  # fork, a thread
    assert verdict(number["clone"], 0x10000000 | 17) == refuse
    assert verdict(number["socket"], 1) == allow
    assert {verdict(number["socket"], family) for family in (0, 2, 10, 16, 17, 38, 40)} == {refuse}
    assert verdict(number["mmap"], 0, 1, 3, 0x22) == verdict(number["mmap"], 0, 1, 3, 0x01) == allow
    assert verdict(number["mmap"], 0, 1, 3, 0x21) == verdict(number["mmap"], 0, 1, 3, 0x40022) == 0x0005000C
    assert verdict(number["clone3"]) == verdict(jail.NEWEST + 1) == verdict(0x40000000) == 0x00050026
    assert verdict(number["setsid"]) == 0x00050000
    assert verdict(0, by=0x40000003) == 0x80000000  # another architecture: the process is killed


def batched(content: bytes, size: int) -> Iterator[bytes]:
    return (content[at : at + size] for at in range(0, len(content), size))


def as_nobody(folder: Path) -> str:
    """Shell text that runs its arguments as user 54321.

    Root's Python may lie where only root may enter: in mounts of its own, the way there is opened.
    """
    base = Path(sys.base_prefix).resolve()
    run = 'exec setpriv --reuid 54321 --regid 54321 --clear-groups --inh-caps=-all -- "$@"'
    closed = next((p for p in reversed(base.parents) if not p.stat().st_mode & 1), None)
    if closed is None:
        return run
    kept = folder / "base"
    steps = (
        f"mkdir {kept}",
        f"mount --bind {base} {kept}",
        f"mount -t tmpfs -o mode=755 none {closed}",
        f"mkdir -p {base}",
        f"mount --bind {kept} {base}",
        run,
    )
    return f"exec unshare --mount sh -c '{' && '.join(steps)}' sh \"$@\""


def test_the_jail_works_for_a_user_without_privileges(tmp_path):
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


# --- the other kinds -----------------------------------------------------------------------------


def test_one_s_own_notebook_runs_trusted_with_the_limits_and_leaves_nothing(tmp_path):
    source = f"""
import os, subprocess, sys
here = {str(tmp_path)!r}
daemon = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'], start_new_session=True)
def pid(): return daemon.pid
def f(x): return sorted(os.listdir(here)), x + 1
def loops():
    while True: pass
"""
    (tmp_path / "mine").touch()
    with Sandbox(kind="trusted", limits=Limits(call=1)) as trusted:
        assert trusted.kind == "trusted"
        with trusted.open(cells(source)) as session:
            assert session.call("f", np.arange(2))[0] == ["mine"]
            daemon = session.call("pid")
            with pytest.raises(TimedOut):
                session.call("loops")
    assert session.outcome.reason == "ran longer than 1 s in a call of loops"
    assert not Path(f"/proc/{daemon}").exists()


def test_a_container_has_no_network_nothing_to_write_and_no_privileges():
    command = sandbox.container_command("/usr/bin/podman", "a-name", Limits(memory=1 << 30))
    line = " ".join(command)
    for wanted in (
        *("/usr/bin/podman run --rm --interactive --name a-name", "--network none", "--read-only"),
        *(
            "--cap-drop ALL",
            "--security-opt no-new-privileges",
            "--memory 1342177280 --memory-swap 1342177280",
        ),
        *("--user 1000:1000", "--pids-limit", "--pull never", "--tmpfs /tmp:rw,exec,nosuid,nodev,size="),
    ):
        assert wanted in line
    assert command[-6:] == [sandbox.IMAGE, "python3", "-P", "-m", "triptych.grading.box", "single"]
    volumes = [command[at + 1] for at, word in enumerate(command) if word == "--volume"]
    assert all(volume.endswith(".py:ro") for volume in volumes)  # four modules, nothing of the instructor's
    assert {Path(volume.split(":")[0]).name for volume in volumes} == set(sandbox._MODULES)


def test_the_container_kind_speaks_over_standard_streams(tmp_path, monkeypatch):
    """A stand-in for docker starts the same program here; it shows the protocol, not the isolation."""
    fake = tmp_path / "docker"
    fake.write_text(
        f"#!{sys.executable}\nimport os, sys\n"
        "if sys.argv[1] != 'run': sys.exit(0)\n"
        "print('WARNING: some noise of docker', file=sys.stderr, flush=True)\n"
        f"os.execv(sys.executable, [sys.executable, *sys.argv[sys.argv.index('python3') + 1:]])\n"
    )
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "src"))
    with Sandbox(kind="auto") as contained:
        assert contained.kind == "container"
        with contained.open(cells("def f(x): return x * 2")) as session:
            assert session.call("f", 21) == 42
    assert session.outcome.reason == ""


def test_without_any_sandbox_the_refusal_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SandboxUnavailable) as refused, Sandbox():
        pass
    told = str(refused.value)
    assert "cannot be run safely here" in told
    assert "apt install bubblewrap" in told
    assert "--trusted" in told


def test_a_bubblewrap_that_may_not_work_is_explained(tmp_path, monkeypatch):
    fake = tmp_path / "bwrap"
    fake.write_text("#!/bin/sh\necho 'bwrap: setting up uid map: Permission denied' >&2\nexit 1\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SandboxUnavailable, match="setting up uid map: Permission denied") as refused:
        Sandbox(kind="bubblewrap").__enter__()
    assert "apparmor_restrict_unprivileged_userns" in refused.value.mend


def test_a_container_without_its_image_is_explained(tmp_path, monkeypatch):
    fake = tmp_path / "podman"
    fake.write_text("#!/bin/sh\necho 'Error: image not known' >&2\nexit 125\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SandboxUnavailable, match=r"no image .*podman: .*image not known"):
        Sandbox(kind="container").__enter__()
