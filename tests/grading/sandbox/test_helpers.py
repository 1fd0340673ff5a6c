"""The release's helpers are the grader's own; switches are put back; what is reached is seen."""

from __future__ import annotations

import re

import numpy as np
import pytest

from support import need
from support.sandboxes import cells
from triptych.dev import doctor as tools
from triptych.grading.sandbox import Code, Limits, Raised, Sandbox

PATIENT = Limits(cells=120, call=60, total=400)

HELPERS = [
    Code("setup", "import math"),
    Code(
        "helpers",
        "SEEN = []\n\n\ndef watched(x):\n    SEEN.append(x)\n    return math.floor(x)\n\n\n"
        "def counted(name, x):\n    SEEN.clear()\n    value = globals()[name](x)\n"
        "    return {'value': value, 'calls': len(SEEN), 'kind': str(type(list))}\n\n\n"
        "def made(factor):\n    return lambda x: factor * x",
    ),
]


def asked(plain: Sandbox, *sources: str) -> tuple[object, str]:
    """What the helper says of the learner's ``answer``, and what a teacher is told."""
    with plain.open(cells(*sources), helpers=HELPERS) as session:
        value = session.call("counted", "answer", 2.5)
    return value, "; ".join(session.outcome.flags)


RIGHT = {"value": 2, "calls": 1, "kind": "<class 'type'>"}


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ("", ""),
        ("counted = lambda name, x: {'calls': 1}", "binds the locked name `counted` again"),
        ("del counted", "binds the locked name `counted` again"),
        ("import math\nmath.floor = lambda x: 7", r"replaces `math\.floor`"),
        ("list = [1, 2, 3]\nlen = str", ""),
        ("import builtins\nbuiltins.globals = lambda: {'answer': lambda x: 9}", ""),
        ("counted.__globals__['SEEN'] = [0] * 9", "binds the locked name `SEEN` again"),
        (
            "import math, sys, types\nfake = types.ModuleType('math')\nfake.floor = lambda x: 7\n"
            "sys.modules['math'] = fake",
            "replaces the module `math`",
        ),
        ("%reset -f\ndef answer(x):\n    return watched(x)", "binds the locked name"),
        ("import sys\nsys.settrace(lambda *a: None)", "trace or profile function"),
        ("get_ipython().events.register('post_run_cell', print)", "registers callbacks"),
    ],
)
def test_a_helper_is_as_it_was_released(plain: Sandbox, cell: str, told: str) -> None:
    value, flags = asked(plain, "def answer(x):\n    return watched(x)", cell)
    assert value == RIGHT
    assert re.search(told, flags), flags
    if not told:
        assert flags == ""


def test_a_helper_that_is_changed_while_it_is_called_is_told(plain: Sandbox) -> None:
    answer = "def answer(x):\n    counted.__globals__['counted'] = None\n    return watched(x)"
    value, flags = asked(plain, answer)
    assert value == RIGHT
    assert "replaces the grader's own `counted`" in flags
    code = "def answer(x):\n    made.__code__ = (lambda factor: 0).__code__\n    return watched(x)"
    assert "changes the grader's own `made`" in asked(plain, code)[1]


@pytest.mark.parametrize("place", ["__globals__", "__builtins__"])
def test_pythons_own_functions_are_the_graders_again_at_each_call(plain: Sandbox, place: str) -> None:
    answer = f"def answer(x):\n    getattr(counted, {place!r})['len'] = lambda x: 7\n    return watched(x)"
    with plain.open(cells(answer, "def honest(x):\n    return watched(x)"), helpers=HELPERS) as session:
        assert session.call("counted", "answer", 2.5)["calls"] == 7  # the one call, and it is told
        assert session.call("counted", "honest", 2.5)["calls"] == 1
    assert "replaces Python's own `len` for the grader's functions" in "; ".join(session.outcome.flags)


def test_functions_are_bound_as_they_are_when_they_are_called(plain: Sandbox) -> None:
    source = (
        "def answer(x):\n    global answer\n    answer = lambda x: watched(x) + watched(x)\n"
        "    return watched(x)"
    )
    with plain.open(cells(source), helpers=HELPERS) as session:
        first = session.call("counted", "answer", 2.5)
        second = session.call("counted", "answer", 2.5)
    assert first == RIGHT
    assert second == RIGHT | {"value": 4, "calls": 2}


def test_a_function_to_be_judged_gets_a_name_that_tells_nothing(plain: Sandbox) -> None:
    with plain.open(cells("def judge(name, x):\n    return globals()[name](x)"), helpers=HELPERS) as session:
        session.bind("fqz", "made", 3.0)
        assert session.call("judge", "fqz", 2.0) == 6.0
        assert session.call("counted", "fqz", 2.0)["value"] == 6.0


def test_helpers_that_cannot_run_are_told(plain: Sandbox) -> None:
    broken = [Code("helpers", "def counted(name, x):\n    return 1\n1 / 0")]
    with plain.open(cells("def f():\n    return 5"), helpers=broken) as session:
        assert [error.type for error in session.errors] == ["ZeroDivisionError", "ZeroDivisionError"]
        assert session.call("f") == 5


def test_helpers_may_try_one_import_and_then_another(plain: Sandbox) -> None:
    source = (
        "try:\n    import no_such_module as m\n    from no_such_module import floor\n"
        "except ImportError:\n    import math as m\n    from math import floor\n"
        "def low(x):\n    return floor(x) + m.floor(x)"
    )
    with plain.open(cells("x = 1"), helpers=[Code("helpers", source)]) as session:
        assert session.errors == ()
        assert session.call("low", 2.5) == 4


@pytest.fixture(scope="module")
def with_frameworks() -> Sandbox:
    need(tools.BUBBLEWRAP)
    with Sandbox(kind="bubblewrap") as made:
        yield made


@pytest.mark.slow
def test_switches_that_a_cell_leaves_are_put_back_and_named(with_frameworks: Sandbox) -> None:
    source = (
        "import jax, torch, tensorflow as tf, numpy as np\n"
        "jax.config.update('jax_enable_x64', True)\njax.config.update('jax_disable_jit', True)\n"
        "torch.set_default_dtype(torch.float64)\ntorch.set_grad_enabled(False)\n"
        "tf.config.run_functions_eagerly(True)\nnp.seterr(all='raise')\n"
        "def state():\n"
        "    return [jax.config.jax_enable_x64, jax.config.jax_disable_jit, str(torch.get_default_dtype()),\n"
        "            torch.is_grad_enabled(), tf.config.functions_run_eagerly(), np.geterr()['over']]\n"
    )
    with with_frameworks.open(cells(source), PATIENT) as session:
        assert session.call("state") == [False, False, "torch.float32", True, False, "warn"]
    notes = "; ".join(session.outcome.notes)
    assert "`jax_enable_x64` was left at True; the checks ran with False" in notes
    for name in ("jax_disable_jit", "default_dtype", "grad_enabled", "functions_eagerly", "seterr"):
        assert name in notes
    late = "import jax\ndef f():\n    jax.config.update('jax_enable_x64', True)\n"
    late += "def state():\n    return bool(jax.config.jax_enable_x64)"
    with with_frameworks.open(cells(late), PATIENT) as session:
        session.call("f")
        assert session.call("state") is False
    assert "`jax_enable_x64` was left at True" in "; ".join(session.outcome.flags)
    with with_frameworks.open(cells("import torch\nx = 1"), PATIENT) as session:
        pass
    assert session.outcome.notes == ()


JAX = """
import functools, jax, jax.numpy as jnp
@jax.jit
def early(x): return jnp.sin(x)
@functools.partial(jax.jit, static_argnames="n")
def partly(x, n=2): return x * n
early(1.5)
def late(x): return jax.jit(lambda y: y * 2)(x)
def capture(x): return str(jax.make_jaxpr(lambda y: helper(y))(x))
def lowered(x): return jax.jit(lambda y: y * 2).lower(x).as_text()[:5]
derivative = jax.grad(jnp.sin)
def slope(x): return derivative(x)
def never(x):
    if 0: jax.jit
    return jnp.where(x > 0, x, 0) + jax.random.uniform(jax.random.key(0))
"""
TORCH = """
import torch
early = torch.compile(lambda x: torch.as_tensor(x) * 2, backend="eager")
class Twice(torch.nn.Module):
    def forward(self, x): return 2 * x
twice = Twice(); twice.compile(backend="eager")
def module(x): return twice(torch.tensor(x))
def late(x): return torch.compile(lambda y: y * 3, backend="eager")(torch.tensor(x))
def capture(x): return str(torch.fx.symbolic_trace(lambda y: helper(y)).graph)[:5]
def exported(x): return str(torch.export.export(Twice(), (torch.tensor(x),)))[:5]
def slope(x):
    y = torch.tensor(x, requires_grad=True); (y * y).backward(); return y.grad
def never(x):
    if 0: torch.compile
    y = torch.nn.Parameter(torch.tensor(x)); y.grad = torch.ones_like(y)
    torch.optim.SGD([y], lr=0.1).step()
    return y
"""
TENSORFLOW = """
import tensorflow as tf
@tf.function
def early(x): return tf.sin(x)
early(tf.constant(1.5))
def call_early(x): return early(tf.constant(x))
def late(x): return tf.function(lambda y: y * 2)(tf.constant(x))
def capture(x): return str(tf.function(lambda y: helper(y)).get_concrete_function(tf.constant(x)))[:5]
def threaded(x): return tf.numpy_function(helper, [tf.constant(x)], tf.float32)
def slope(x):
    x = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(x); y = x * x
    return tape.gradient(y, x)
def never(x):
    if 0: tf.function
    return tf.sin(x)
"""
COMPILERS = ["torch.compile", "torch.nn.Module.compile", "torch.export", "tensorflow.function", "jax.jit"]
SLOPES = [".backward", "tensorflow.GradientTape", "jax.grad"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("source", "compile_", "call_helper"),
    [
        (JAX, "early partly late lowered", "capture"),
        (TORCH, "early module late exported", "capture"),
        (TENSORFLOW, "call_early late", "capture threaded"),
    ],
    ids=["jax", "torch", "tensorflow"],
)
def test_a_name_counts_where_it_is_reached(
    with_frameworks: Sandbox, source: str, compile_: str, call_helper: str
) -> None:
    helpers = [Code("helpers", "def helper(x):\n    return x + 1")]
    with with_frameworks.open(cells(source), PATIENT, helpers) as session:
        assert session.errors == ()
        x = np.float32(1.5)
        for name in compile_.split():
            assert session.reaches(COMPILERS, name, x), name
        for name in call_helper.split():
            assert session.reaches(["helper"], name, x), name
        assert session.reaches(SLOPES, "slope", x)
        for name in ("slope", "never"):
            assert not session.reaches(COMPILERS, name, x), name
        assert not session.reaches([*SLOPES, "helper"], "never", x)
        with pytest.raises(Raised):
            session.reaches(COMPILERS, "late", "x", "too many")


def test_what_is_inside_is_not_found_by_its_name(plain: Sandbox) -> None:
    source = (
        "import sys\ndef found():\n"
        "    return [n for n, m in sys.modules.items() if hasattr(m, 'run_cells') or hasattr(m, 'Helpers')]"
    )
    with plain.open(cells(source)) as session:
        assert session.call("found") == []
