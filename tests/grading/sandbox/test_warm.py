"""The frameworks in the warm process, and in what it forks."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from support import need
from support.sandboxes import cells
from triptych.dev import doctor as tools
from triptych.grading.sandbox import Limits


@pytest.mark.slow
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


@pytest.mark.slow
def test_pytorch_s_default_compiler_works_in_the_sandbox(full):
    need(tools.CXX)
    source = (
        "import torch\nf = torch.compile(lambda x: torch.sin(x) * 2)\ndef g(x): return f(torch.tensor(x))"
    )
    with full.open(cells(source), Limits(call=60)) as session:
        np.testing.assert_allclose(session.call("g", np.ones(3, "f4")), 2 * np.sin(np.ones(3)), rtol=1e-6)
    assert session.outcome.reason == ""


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
def test_a_process_in_which_a_framework_has_run_is_not_forked():
    script = """
from triptych.grading.sandbox.inside.warm import unfit_to_fork
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
