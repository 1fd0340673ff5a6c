"""PyTorch's programs: its own idiom, and the best that its documentation knows."""

from __future__ import annotations

import copy
import os
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from triptych.benchmark.programs.child import Phases, Program, image_facts, loss_and_length, run_cells, sized
from triptych.benchmark.programs.variants import CHAIN_NUMBERS, ROWS, STREAM_NUMBERS

Job = Mapping[str, Any]


def start(job: Job) -> dict[str, Any]:
    """Set the threads and the precision; what was set, read back."""
    torch.set_num_threads(job["threads"])
    if job["precision"] == "tf32":
        torch.backends.cuda.matmul.fp32_precision = "tf32"
        torch.backends.cudnn.conv.fp32_precision = "tf32"
    # An empty cache: a kernel kept from an earlier process would hide the price of compiling.
    os.environ["TORCHINDUCTOR_CACHE_DIR"] = tempfile.mkdtemp()
    return {"threads_read": torch.get_num_threads()}


def place(job: Job) -> torch.device:
    """Where tensors live."""
    return torch.device("cuda" if job["device"] == "gpu" else "cpu")


def wait_on(job: Job) -> Callable[[Any], Any]:
    """Waits for the GPU; a CPU has returned with the result."""

    def wait(out: Any) -> Any:
        if job["device"] == "gpu":
            torch.cuda.synchronize()
        return out

    return wait


def peak(job: Job) -> int | None:
    """The most bytes: of a GPU's tensors, else of the process."""
    from triptych.benchmark.programs.child import highest

    return torch.cuda.max_memory_allocated() if job["device"] == "gpu" else highest()


def names(job: Job) -> dict[str, Any]:
    """What the notebook's cells need."""
    low = job["dtype"] == "bfloat16"

    def cast(kind: str = job["dtype"]) -> Any:
        bfloat16 = kind == "bfloat16"
        return torch.autocast(place(job).type, torch.bfloat16, enabled=bfloat16) if low else nullcontext()

    return {
        "np": np, "torch": torch, "nn": nn, "F": functional, "time": time, "copy": copy,
        "place": place(job), "precision": job["dtype"], "cast": cast, "wait": wait_on(job),
        **_imports(),
    }  # fmt: skip


def _imports() -> dict[str, Any]:
    from sklearn.datasets import load_digits
    from torch.utils.data import DataLoader, Dataset

    return {"load_digits": load_digits, "DataLoader": DataLoader, "Dataset": Dataset}


def build(job: Job, phases: Phases) -> Program:
    """The program that the job names."""
    made = run_cells(job["cells"], names(job))
    return BUILDERS[job["name"]](job, phases, made)


def _product(job: Job, phases: Phases, made: dict[str, Any]) -> Program:
    kind = getattr(torch, job["dtype"])
    c = torch.tensor(np.random.default_rng(0).normal(size=(ROWS, ROWS))).to(place(job), kind)
    flop = {"items": 2 * ROWS**3, "item": "FLOP", "dtype": job["dtype"]}
    return Program(lambda: c @ c, wait_on(job), lambda out: sized(out.double().cpu()), flop)


def _stream(job: Job, phases: Phases, made: dict[str, Any]) -> Program:
    u, v, w = (torch.ones(STREAM_NUMBERS, device=place(job)) for _ in range(3))
    width, call = {
        "copy": (8, lambda: w.copy_(u)),
        "triad": (12, lambda: torch.add(u, v, alpha=3.0, out=w)),
    }[job["variant"]]
    facts = {"items": width * STREAM_NUMBERS, "item": "byte"}
    return Program(call, wait_on(job), lambda out: float(out[0]), facts)


def _chain(job: Job, phases: Phases, made: dict[str, Any]) -> Program:
    call = torch.compile(made["chain"]) if job["variant"] == "compiled" else made["chain"]
    x = torch.tensor(np.random.default_rng(0).random(CHAIN_NUMBERS), dtype=torch.float32, device=place(job))
    facts = {"items": CHAIN_NUMBERS, "item": "number"}
    return Program(lambda: call(x), wait_on(job), lambda out: float(out[:1000].double().mean()), facts)


def _mlp(job: Job, phases: Phases, made: dict[str, Any]) -> Program:
    loss_of = torch.compile(made["loss_of"]) if job["variant"] == "compiled" else made["loss_of"]
    step = made["stepper"](loss_of)
    facts = {"items": 128, "item": "row", "batch": 128, "dtype": job["dtype"]}

    def check(out: Any) -> list[float]:
        return loss_and_length(out[0].detach(), [one.double().cpu() for one in out[1]])

    return Program(step, wait_on(job), check, facts)


def _resnet(job: Job, phases: Phases, made: dict[str, Any]) -> Program:
    variant = job["variant"]
    model = made["load"](made["ResNet50"](), made["draw"](made["resnet50"]()))
    order = torch.contiguous_format if variant == "eager" else torch.channels_last
    model = model.to(memory_format=order)
    x, y = made["pictures"](job["batch"], job["side"])
    x = x.contiguous(memory_format=order)
    run = model
    if variant == "compiled":
        run = torch.compile(model)
    step = made["trainer"](run, x, y, job["dtype"])
    return Program(step, wait_on(job), lambda out: float(out.detach()), image_facts(job), trains=True)


def _reference(job: Job, phases: Phases, made: dict[str, Any]) -> Program:
    os.environ["KERAS_BACKEND"] = "torch"
    import keras

    x, y = made["pictures"](job["batch"], job["side"])
    if job["variant"] == "ours":
        model = made["load"](made["ResNet50"](), made["draw"](made["resnet50"]()))
    else:
        keras.config.set_image_data_format("channels_first")
        shape = (3, job["side"], job["side"])
        model = keras.applications.ResNet50(weights=None, classifier_activation=None, input_shape=shape)
        model = model.to(place(job)).train()
    step = made["trainer"](model, x, y, job["dtype"])
    return Program(step, wait_on(job), lambda out: 0.0, image_facts(job))


def mobile(made: dict[str, Any]) -> Any:
    """MobileNetV2 with the drawn weights, for inference."""
    model = made["load"](made["MobileNetV2"](), made["draw"](made["mobilenet_v2"]())).eval()
    return model.requires_grad_(False)


def _mobile(job: Job, phases: Phases, made: dict[str, Any]) -> Program:
    variant, model = job["variant"], mobile(made)
    image, _ = made["pictures"](1, 224)
    run: Any = model
    if variant.endswith("channels-last"):
        run = model = model.to(memory_format=torch.channels_last)
        image = image.contiguous(memory_format=torch.channels_last)
    if variant.startswith("compiled"):
        run = torch.compile(model, options={"freezing": True})
    elif variant == "aot":
        path = f"{tempfile.mkdtemp()}/mobilenet.pt2"
        with phases("export"):
            program = torch.export.export(model, (image,))
        with phases("compile"):
            torch._inductor.aoti_compile_and_package(program, package_path=path)
        with phases("load"):
            run = torch._inductor.aoti_load_package(path)

    def call() -> Any:
        with torch.no_grad(), made["cast"]():
            return run(image)

    facts = {"items": 1, "item": "image", "side": 224, "dtype": job["dtype"]}
    return Program(call, wait_on(job), lambda out: sized(out.double().cpu()), facts)


def export(job: Job, phases: Phases, path: str) -> None:
    """Write MobileNetV2 as ONNX into the file ``path``."""
    made = run_cells(job["cells"], names(job))
    image, _ = made["pictures"](1, 224)
    model = mobile(made)
    with phases("export"):
        torch.onnx.export(model, (image,), path, dynamo=True, verbose=False, external_data=False)


def _pipeline(job: Job, phases: Phases, made: dict[str, Any]) -> Program:
    loader = made["loaders"][job["variant"]]
    facts = {"items": 512, "item": "image", "batch": 64}
    return Program(lambda: made["epoch"](loader), wait_on(job), lambda out: 0.0, facts)


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
