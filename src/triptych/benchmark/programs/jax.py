"""JAX's programs: written as one writes it first, and rewritten for XLA on a CPU."""

from __future__ import annotations

import functools
import os
import queue
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import export as jax_export
from jax import lax

from triptych.benchmark.programs.child import (
    Phases,
    Program,
    highest,
    image_facts,
    loss_and_length,
    run_cells,
    sized,
)
from triptych.benchmark.programs.variants import CHAIN_NUMBERS, ROWS, STREAM_NUMBERS

Job = Mapping[str, Any]


def start(job: Job) -> dict[str, Any]:
    """Start the backend; how many threads its pool has (Linux), as nothing in JAX says it."""
    place = jax.devices(job["device"])[0]
    jax.config.update("jax_default_device", place)
    if job["device"] == "gpu":
        tf32 = job["precision"] == "tf32"
        jax.config.update("jax_default_matmul_precision", "tensorfloat32" if tf32 else "highest")
    jnp.zeros(1).block_until_ready()
    tasks = Path("/proc/self/task")
    pool = "tf_XLAEigen"
    names = [(task / "comm").read_text() for task in tasks.iterdir()] if tasks.exists() else []
    return {"threads_read": sum(name.startswith(pool) for name in names) or None}


def peak(job: Job) -> int | None:
    """The most bytes: of a GPU's arrays, else of the process."""
    if job["device"] == "gpu":
        return int((jax.devices("gpu")[0].memory_stats() or {})["peak_bytes_in_use"])
    return highest()


def build(job: Job, phases: Phases) -> Program:
    """The program that the job names."""
    names = {
        "np": np, "jax": jax, "jnp": jnp, "lax": lax, "functools": functools, "time": time,
        "queue": queue, "threading": threading, "ThreadPoolExecutor": ThreadPoolExecutor,
        "wait": jax.block_until_ready, "os": os, "relu": jax.nn.relu,
    }  # fmt: skip
    if job["name"] == "input pipeline":
        from sklearn.datasets import load_digits

        names["load_digits"] = load_digits
    return BUILDERS[job["name"]](job, phases, run_cells(job["cells"], names))


def compiled(call: Callable[..., Any], phases: Phases, *arguments: Any, **options: Any) -> Any:
    """The program of these arguments' shapes: tracing and compiling are told apart from the first call."""
    with phases("compile"):
        return jax.jit(call, **options).lower(*arguments).compile()


def _product(job: Job, phases: Phases, made: dict[str, Any]) -> Program:
    c = jnp.asarray(np.random.default_rng(0).normal(size=(ROWS, ROWS)), job["dtype"])
    call = compiled(jnp.matmul, phases, c, c)
    facts = {"items": 2 * ROWS**3, "item": "FLOP", "dtype": job["dtype"]}
    return Program(lambda: call(c, c), jax.block_until_ready, sized, facts)


def _stream(job: Job, phases: Phases, made: dict[str, Any]) -> Program:
    u, v = (jnp.full(STREAM_NUMBERS, c) for c in (1.0, 2.0))
    state = {"out": jnp.zeros_like(u)}
    width, into = {
        "fresh copy": (8, None),
        "copy": (8, lambda out, u, v: u + 0),
        "triad": (12, lambda out, u, v: u + 3 * v),
    }[job["variant"]]
    facts = {"items": width * STREAM_NUMBERS, "item": "byte"}
    if into is None:
        fresh = compiled(lambda u: u + 0, phases, u)
        return Program(lambda: fresh(u), jax.block_until_ready, lambda out: float(out[0]), facts)
    call = compiled(into, phases, state["out"], u, v, donate_argnums=0, keep_unused=True)

    def again() -> Any:
        state["out"] = call(state["out"], u, v)
        return state["out"]

    return Program(again, jax.block_until_ready, lambda out: float(out[0]), facts)


def _chain(job: Job, phases: Phases, made: dict[str, Any]) -> Program:
    x = jnp.asarray(np.random.default_rng(0).random(CHAIN_NUMBERS), jnp.float32)
    call = made["chain"] if job["variant"] == "eager" else compiled(made["chain"], phases, x)
    facts = {"items": CHAIN_NUMBERS, "item": "number"}

    def check(out: Any) -> float:
        return float(np.mean(out[:1000], dtype=float))

    return Program(lambda: call(x), jax.block_until_ready, check, facts)


def _mlp(job: Job, phases: Phases, made: dict[str, Any]) -> Program:
    arguments = made["weights"], made["rows"], made["labels"]
    step = jax.value_and_grad(functools.partial(made["mlp_loss"], dtype=jnp.dtype(job["dtype"])))
    call = step if job["variant"] == "eager" else compiled(step, phases, *arguments)
    facts = {"items": 128, "item": "row", "batch": 128, "dtype": job["dtype"]}
    return Program(lambda: call(*arguments), jax.block_until_ready, lambda out: loss_and_length(*out), facts)


def products(conv: Callable[..., Any]) -> Callable[..., Any]:
    """``conv`` with each 1 x 1 convolution as a product of matrices: pixels times channels."""

    def layer(w: Any, x: Any, stride: int = 1, groups: int = 1) -> Any:
        if w.shape[:2] != (1, 1):
            return conv(w, x, stride, groups)
        return x[:, ::stride, ::stride] @ w[0, 0]

    return layer


def _resnet(job: Job, phases: Phases, made: dict[str, Any]) -> Program:
    variant = job["variant"]
    if variant in ("jit, products", "bfloat16"):
        made["conv"] = products(made["conv"])
    weights = made["load"](made["draw"](made["resnet50"]()))
    x, y = made["pictures"](job["batch"], job["side"])
    step = functools.partial(made["train_step"], dtype=jnp.dtype(job["dtype"]))
    donate = {"donate_argnums": 0} if variant == "donated" else {}
    program = compiled(step, phases, weights, x, y, **donate)
    call = made["trainer"](program, weights, x, y)
    del weights
    return Program(call, jax.block_until_ready, lambda out: float(out[1]), image_facts(job), trains=True)


def _reference(job: Job, phases: Phases, made: dict[str, Any]) -> Program:
    if job["variant"] == "ours":
        program = _resnet({**job, "variant": "jit"}, phases, made)
        return Program(program.call, program.wait, lambda out: 0.0, program.facts)
    os.environ["KERAS_BACKEND"] = "jax"
    import keras

    side = job["side"]
    net = keras.applications.ResNet50(weights=None, classifier_activation=None, input_shape=(side, side, 3))
    frozen = [v.value for v in net.non_trainable_variables]

    def step(w: Any, x: Any, y: Any) -> Any:
        def loss(w: Any) -> Any:
            out, _ = net.stateless_call(w, frozen, x, training=True)
            return made["cross_entropy"](out, y)

        value, g = jax.value_and_grad(loss)(w)
        return jax.tree.map(lambda p, g: p - 0.01 * g, w, g), (value,)

    x, y = made["pictures"](job["batch"], side)
    weights = [v.value for v in net.trainable_variables]
    call = made["trainer"](compiled(step, phases, weights, x, y), weights, x, y)
    return Program(call, jax.block_until_ready, lambda out: 0.0, image_facts(job))


def network(job: Job, made: dict[str, Any]) -> tuple[Callable[..., Any], Any, Any]:
    """MobileNetV2 as a function of weights and image, and both; the variant says how it is written."""
    variant = job["variant"]
    if variant == "jit, best":
        made["conv"] = products(made["conv"])
    depthwise = made["shifted" if variant in ("jit, shifted", "jit, best") else "grouped"]
    kind = jnp.dtype(job["dtype"])

    def forward(w: Any, x: Any) -> Any:
        return made["mobilenet"](*made["cast"]((w, x), kind), depthwise)

    image, _ = made["pictures"](1, 224)
    weights = made["load"](made["draw"](made["mobilenet_v2"]()))
    return forward, weights, image


def _mobile(job: Job, phases: Phases, made: dict[str, Any]) -> Program:
    variant = job["variant"]
    forward, weights, image = network(job, made)
    arguments = weights, image
    if variant == "eager":
        call = forward
    elif variant == "jit":  # what a first call of a jitted function costs: all in one
        call = jax.jit(forward)
    elif variant == "export":
        with phases("export"):
            data = jax_export.export(jax.jit(forward))(*arguments).serialize()
        with phases("load"):
            loaded = jax_export.deserialize(data)
        call = compiled(loaded.call, phases, *arguments)
    else:
        call = compiled(forward, phases, *arguments)
    facts = {"items": 1, "item": "image", "side": 224, "dtype": job["dtype"]}
    return Program(lambda: call(*arguments), jax.block_until_ready, sized, facts)


def export(job: Job, phases: Phases, path: str) -> None:
    """Write MobileNetV2 into the file ``path``: for LiteRT, or as ONNX, as its ending says.

    ONNX has a depthwise convolution of its own, so the plain network is the one to export; for
    LiteRT jax2tf writes it as TensorFlow's operations.
    """
    names = {"np": np, "jax": jax, "jnp": jnp, "lax": lax, "functools": functools, "relu": jax.nn.relu}
    made = run_cells(job["cells"], names)
    forward, weights, image = network({**job, "variant": "jit"}, made)
    with phases("export"):
        if path.endswith(".onnx"):
            from jax2onnx import to_onnx

            to_onnx(
                lambda x: forward(weights, x),
                [jax.ShapeDtypeStruct(image.shape, jnp.float32)],
                return_mode="file",
                output_path=path,
            )
            return
        import tensorflow as tf
        from jax.experimental import jax2tf

        shape = tf.TensorSpec(image.shape, tf.float32, "image")
        call = tf.function(
            jax2tf.convert(lambda x: forward(weights, x), with_gradient=False),
            input_signature=[shape],
            autograph=False,
        )
        converter = tf.lite.TFLiteConverter.from_concrete_functions([call.get_concrete_function()], call)
        Path(path).write_bytes(converter.convert())


def _pipeline(job: Job, phases: Phases, made: dict[str, Any]) -> Program:
    variant = job["variant"]
    waits: list[float] = []
    made["waits"] = waits
    loader = made["loaders"]["in line" if variant == "in line, waits" else variant]
    facts = {"items": 512, "item": "image", "batch": 64}
    each = variant == "in line, waits"
    return Program(lambda: made["epoch"](loader(), each), jax.block_until_ready, lambda out: 0.0, facts)


BUILDERS: dict[str, Callable[[Job, Phases, dict[str, Any]], Program]] = {
    "matmul peak": _product,
    "bandwidth": _stream,
    "elementwise chain": _chain,
    "mlp step": _mlp,
    "resnet50 training": _resnet,
    "reference training": _reference,
    "mobilenet_v2 inference": _mobile,
    "input pipeline": _pipeline,
}
