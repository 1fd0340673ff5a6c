"""TensorFlow's programs: eager, graph and XLA."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
import keras
import tensorflow as tf

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
    """Set the threads and the precision; what was set, read back."""
    tf.config.threading.set_intra_op_parallelism_threads(job["threads"])
    tf.config.threading.set_inter_op_parallelism_threads(job["threads"])
    tf.config.experimental.enable_tensor_float_32_execution(job["precision"] == "tf32")
    gpus = tf.config.list_physical_devices("GPU")
    if job["device"] == "cpu":
        tf.config.set_visible_devices([], "GPU")
    for gpu in gpus if job["device"] == "gpu" else []:
        tf.config.experimental.set_memory_growth(gpu, True)
    tf.constant(0.0)  # the devices start here
    return {"threads_read": tf.config.threading.get_intra_op_parallelism_threads()}


def wait(out: Any) -> Any:
    """Return when every device has done its work."""
    tf.test.experimental.sync_devices()
    return out


def peak(job: Job) -> int | None:
    """The most bytes: of a GPU's tensors, else of the process."""
    if job["device"] == "gpu":
        return int(tf.config.experimental.get_memory_info("GPU:0")["peak"])
    return highest()


def compiled(call: Callable[..., Any], variant: str) -> Any:
    """A function, or the same as a graph or under XLA."""
    if variant == "eager":
        return call
    return tf.function(call, jit_compile=variant.startswith("xla"))


def traced(call: Any, variant: str, phases: Phases, *arguments: Any) -> Any:
    """The function, traced: its compilation by XLA is part of the first call."""
    if variant == "eager":
        return call
    with phases("compile"):
        return call.get_concrete_function(*arguments)


def build(job: Job, phases: Phases) -> Program:
    """The program that the job names."""
    names = {"np": np, "tf": tf, "keras": keras, "time": time, "sync": wait}
    if job["name"] == "input pipeline":
        from sklearn.datasets import load_digits

        names["load_digits"] = load_digits
    return BUILDERS[job["name"]](job, phases, run_cells(job["cells"], names))


def _product(job: Job, phases: Phases, made: dict[str, Any]) -> Program:
    c = tf.cast(np.random.default_rng(0).normal(size=(ROWS, ROWS)), job["dtype"])
    facts = {"items": 2 * ROWS**3, "item": "FLOP", "dtype": job["dtype"]}
    return Program(lambda: c @ c, wait, lambda out: sized(tf.cast(out, tf.float64)), facts)


def _stream(job: Job, phases: Phases, made: dict[str, Any]) -> Program:
    x = tf.ones(STREAM_NUMBERS)
    total = tf.Variable(x)
    width, call = {
        "fresh negative": (8, lambda: -x),  # tf.identity would share the memory, and copy nothing
        "triad": (12, lambda: total.assign_add(x)),
    }[job["variant"]]
    return Program(call, wait, lambda out: float(out[0]), {"items": width * STREAM_NUMBERS, "item": "byte"})


def _chain(job: Job, phases: Phases, made: dict[str, Any]) -> Program:
    x = tf.constant(np.random.default_rng(0).random(CHAIN_NUMBERS), tf.float32)
    call = traced(compiled(made["chain"], job["variant"]), job["variant"], phases, x)
    facts = {"items": CHAIN_NUMBERS, "item": "number"}
    return Program(lambda: call(x), wait, lambda out: float(np.mean(out[:1000].numpy(), dtype=float)), facts)


def _mlp(job: Job, phases: Phases, made: dict[str, Any]) -> Program:
    images, labels = made["images"], made["labels"]
    call = compiled(made["gradient_step"], job["variant"])
    call = traced(call, job["variant"], phases, images, labels)
    facts = {"items": 128, "item": "row", "batch": 128}
    return Program(lambda: call(images, labels), wait, lambda out: loss_and_length(*out), facts)


def _resnet(job: Job, phases: Phases, made: dict[str, Any]) -> Program:
    variant = job["variant"]
    if job["dtype"] == "bfloat16":
        keras.config.set_dtype_policy("mixed_bfloat16")
    model = made["load"](made["build_resnet"](), made["draw"](made["resnet50"]()))
    return _steps(job, phases, made, model, "graph" if variant == "bfloat16" else variant)


def _reference(job: Job, phases: Phases, made: dict[str, Any]) -> Program:
    if job["variant"] == "ours":
        model = made["load"](made["build_resnet"](), made["draw"](made["resnet50"]()))
    else:
        shape = (job["side"], job["side"], 3)
        model = keras.applications.ResNet50(weights=None, classifier_activation=None, input_shape=shape)
    return _steps(job, phases, made, model, "graph")


def _steps(job: Job, phases: Phases, made: dict[str, Any], model: Any, variant: str) -> Program:
    x, y = made["batch_of"](job["batch"], job["side"])
    call = traced(compiled(made["training"](model)[1], variant), variant, phases, x, y)
    equal = job["name"] == "resnet50 training"
    return Program(
        lambda: call(x, y), wait, lambda out: float(out) if equal else 0.0, image_facts(job), trains=equal
    )


def _mobile(job: Job, phases: Phases, made: dict[str, Any]) -> Program:
    if job["dtype"] == "bfloat16":
        keras.config.set_dtype_policy("mixed_bfloat16")
    model = made["load"](made["build_mobilenet"](), made["draw"](made["mobilenet_v2"]()))
    image, _ = made["batch_of"](1, 224)
    call = compiled(lambda x: model(x, training=False), job["variant"])
    call = traced(call, job["variant"], phases, image)
    facts = {"items": 1, "item": "image", "side": 224, "dtype": job["dtype"]}
    return Program(lambda: call(image), wait, lambda out: sized(tf.cast(out, tf.float64)), facts)


def export(job: Job, phases: Phases, path: str) -> None:
    """Write MobileNetV2 into the file ``path``: for LiteRT, or as ONNX, as its ending says."""
    made = run_cells(job["cells"], {"np": np, "tf": tf, "keras": keras, "time": time})
    model = made["load"](made["build_mobilenet"](), made["draw"](made["mobilenet_v2"]()))
    with phases("export"):
        if path.endswith(".onnx"):
            import tf2onnx

            shape = tf.TensorSpec((1, 224, 224, 3), tf.float32, "image")
            call = tf.function(lambda image: model(image, training=False), input_signature=[shape])
            tf2onnx.convert.from_function(call, input_signature=[shape], opset=18, output_path=path)
            return
        folder = tempfile.mkdtemp()
        model.export(folder, verbose=False)
        Path(path).write_bytes(tf.lite.TFLiteConverter.from_saved_model(folder).convert())


def _pipeline(job: Job, phases: Phases, made: dict[str, Any]) -> Program:
    pipeline = made["pipelines"][job["variant"]]
    facts = {"items": 512, "item": "image", "batch": 64}
    return Program(lambda: made["epoch"](pipeline), wait, lambda out: 0.0, facts)


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
