"""A session: what a well-meant submission may do, and what its faults are called."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest

from support.sandboxes import SMALL, cells
from triptych.grading.sandbox import (
    BadValue,
    Died,
    Limits,
    Missing,
    OutOfMemory,
    Raised,
    Sandbox,
    TimedOut,
)


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


def test_well_meant_programs_of_several_processes_work(plain):
    source = """
import asyncio, concurrent.futures, fcntl, multiprocessing, shutil, sqlite3, subprocess
def square(x): return x * x
async def hear():
    echo = await asyncio.create_subprocess_exec("echo", "hi", stdout=subprocess.PIPE)
    return (await echo.communicate())[0].decode()
def try_all():
    with open("/tmp/one", "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        fcntl.lockf(file, fcntl.LOCK_EX)
    shutil.copy2("/tmp/one", "/tmp/two")
    base = sqlite3.connect("/tmp/base")
    with base:
        base.execute("create table t (x)")
        base.execute("insert into t values (7)")
    with multiprocessing.get_context("fork").Pool(2) as forked:
        squares = [forked.map(square, [1, 2, 3])]
    with concurrent.futures.ProcessPoolExecutor(2) as pool:
        squares.append(list(pool.map(square, [4, 5])))
    with multiprocessing.get_context("spawn").Pool(1) as spawned:
        squares.append(spawned.map(abs, [-1, 2]))
    with multiprocessing.Manager() as manager:
        shared = manager.dict(a=1)
        shared["b"] = 2
        squares.append(dict(shared))
    copied = subprocess.run(["cp", "-a", "/tmp/one", "/tmp/three"]).returncode
    return squares, asyncio.run(hear()), base.execute("select x from t").fetchall(), copied
"""
    with plain.open(cells(source), Limits(cells=60, call=60, total=120)) as session:
        assert session.errors == ()
        assert session.call("try_all") == (
            [[1, 4, 9], [16, 25], [1, 2], {"a": 1, "b": 2}],
            "hi\n",
            [(7,)],
            0,
        )
    assert session.outcome.reason == ""


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


def test_an_exception_is_told_with_the_learners_own_line(plain):
    source = """
import json, linecache
def inner(x):
    return 1 / x  # by nothing
def outer(x):
    return inner(x)
def deep(): return json.loads("{")
def long(): return [1 / 0, "@"]
class Odd(Exception):
    __traceback__ = property(lambda self: 1 / 0)
def odd(): raise Odd
def again(n): return again(n + 1)
def made(): exec(compile("1 / 0", "<ipython-input-0>", "exec"))
def replaced():
    linecache.getline = lambda *a: 1 / 0
    return 1 / 0
""".replace("@", "@" * 5_000)
    expected = {
        "outer": "return 1 / x # by nothing",
        "deep": 'def deep(): return json.loads("{")',
        "odd": "def odd(): raise Odd",
        "again": "def again(n): return again(n + 1)",
        "made": 'def made(): exec(compile("1 / 0", "<ipython-input-0>", "exec"))',
        "replaced": "",
    }
    with plain.open(cells(source), SMALL) as session:
        with pytest.raises(Raised) as raised:
            session.call("long")
        assert len(raised.value.line) == 120
        for name, line in expected.items():
            with pytest.raises(Raised) as raised:
                session.call(name, *([0] if name in ("outer", "again") else []))
            assert raised.value.line == line


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


def test_one_s_own_notebook_runs_trusted_with_the_limits_and_leaves_nothing(tmp_path):
    source = f"""
import os, subprocess, sys, tempfile
here = {str(tmp_path)!r}
def left(): return tempfile.mkstemp()[1]
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
            daemon, left = session.call("pid"), Path(session.call("left"))
            assert left.exists()
            with pytest.raises(TimedOut):
                session.call("loops")
    assert session.outcome.reason == "ran longer than 1 s in a call of loops"
    assert not Path(f"/proc/{daemon}").exists() and not left.exists()
