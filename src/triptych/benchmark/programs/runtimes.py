"""MobileNetV2 in ONNX Runtime and LiteRT, from a stored file: no framework is in the process."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from triptych.benchmark.programs.child import Phases, Program, sized

Job = Mapping[str, Any]


def start(job: Job) -> dict[str, Any]:
    """Import the runtime; its threads are set when the file is loaded."""
    if job["variant"] == "onnxruntime":
        import onnxruntime

        onnxruntime.set_default_logger_severity(3)
    else:
        importlib.import_module("ai_edge_litert.interpreter")
    return {"threads_read": None}  # LiteRT does not say it


def picture(channels_first: bool) -> np.ndarray:
    """The one image, as the notebooks draw it."""
    x = np.random.default_rng(1).normal(size=(1, 3, 224, 224)).astype("float32")
    return np.ascontiguousarray(x if channels_first else x.transpose(0, 2, 3, 1))


def build(job: Job, phases: Phases) -> Program:
    """The stored file, loaded."""
    facts: dict[str, Any] = {
        "items": 1, "item": "image", "side": 224, "dtype": "float32",
        "file_bytes": Path(job["file"]).stat().st_size,
    }  # fmt: skip

    with phases("load"):
        call, told = (_onnx if job["variant"] == "onnxruntime" else _litert)(job)
    facts |= told
    return Program(call, lambda out: out, sized, facts)


def _onnx(job: Job) -> tuple[Any, dict[str, Any]]:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = job["threads"]
    options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(job["file"], options, providers=["CPUExecutionProvider"])
    (given,) = session.get_inputs()
    feed = {given.name: picture(given.shape[1] == 3)}
    threads = session.get_session_options().intra_op_num_threads
    return lambda: session.run(None, feed)[0], {"threads_read": threads}


def _litert(job: Job) -> tuple[Any, dict[str, Any]]:
    from ai_edge_litert.interpreter import Interpreter

    run = Interpreter(model_path=job["file"], num_threads=job["threads"])
    run.allocate_tensors()
    (given,), (got,) = run.get_input_details(), run.get_output_details()
    image = picture(given["shape"][1] == 3)

    def call() -> Any:
        run.set_tensor(given["index"], image)
        run.invoke()
        return run.get_tensor(got["index"])

    return call, {}
