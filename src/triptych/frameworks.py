"""The frameworks: one table of their names, packages and looks, for every room of the package."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Framework:
    """A framework, as the whole course knows it.

    ``name`` is that of its notebooks and ``title`` what readers see. ``module`` is what
    Python imports, ``packages`` what its results depend on, as PyPI names it, the
    framework's own first. ``colour`` is its colour on a light ground and ``dark`` on a
    dark one, on plots and pages alike; ``marker`` is Matplotlib's. ``gpus`` is code that
    sets ``found`` to the names of the GPUs that the framework finds.
    """

    name: str
    title: str
    module: str
    packages: tuple[str, ...]
    colour: str
    dark: str
    marker: str
    gpus: str = ""


_TABLE = (
    Framework(
        name="pytorch",
        title="PyTorch",
        module="torch",
        packages=("torch", "keras", "numpy", "onnxruntime"),
        colour="#c8401c",
        dark="#e0704f",
        marker="o",
        gpus="""
import torch
found = [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())]""",
    ),
    Framework(
        name="tensorflow",
        title="TensorFlow",
        module="tensorflow",
        packages=("tensorflow", "keras", "numpy", "ai-edge-litert"),
        colour="#9a6700",
        dark="#dca63c",
        marker="s",
        gpus="""
import tensorflow as tf
details = tf.config.experimental.get_device_details
found = [details(d).get("device_name", "GPU") for d in tf.config.list_physical_devices("GPU")]""",
    ),
    Framework(
        name="jax",
        title="JAX",
        module="jax",
        packages=("jax", "jaxlib", "keras", "numpy"),
        colour="#2456a6",
        dark="#6d98e6",
        marker="D",
        gpus="""
import jax
found = [d.device_kind for d in jax.devices() if d.platform == "gpu"]""",
    ),
    Framework(
        name="keras",
        title="Keras",
        module="keras",
        packages=("keras", "jax", "numpy"),
        colour="#6b3fa0",
        dark="#b394e0",
        marker="^",
    ),
)

#: Every panel that a chapter may have, in their order from left to right.
PANELS: Mapping[str, Framework] = {framework.name: framework for framework in _TABLE}

#: The frameworks that every aligned chapter has, in which exercises are set and machines measured.
FRAMEWORKS: Mapping[str, Framework] = {
    name: framework for name, framework in PANELS.items() if name != "keras"
}
