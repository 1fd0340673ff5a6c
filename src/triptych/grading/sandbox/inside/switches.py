"""Process-wide switches of the frameworks: what a cell leaves changed would decide every later answer."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, NamedTuple


class Switch(NamedTuple):
    """A setting that holds for the whole process."""

    name: str
    get: Callable[[], Any]
    set: Callable[[Any], object]


def switches() -> Iterator[Switch]:
    """The switches of the frameworks that are imported."""
    if numpy := sys.modules.get("numpy"):
        yield Switch("numpy.seterr", numpy.geterr, lambda value: numpy.seterr(**value))
    if torch := sys.modules.get("torch"):
        yield Switch("torch.set_default_dtype", torch.get_default_dtype, torch.set_default_dtype)
        yield Switch("torch.set_default_device", torch.get_default_device, torch.set_default_device)
        yield Switch("torch.set_grad_enabled", torch.is_grad_enabled, torch.set_grad_enabled)
        yield Switch(
            "torch.use_deterministic_algorithms",
            torch.are_deterministic_algorithms_enabled,
            torch.use_deterministic_algorithms,
        )
    if tensorflow := sys.modules.get("tensorflow"):
        config = tensorflow.config
        yield Switch(
            "tf.config.run_functions_eagerly", config.functions_run_eagerly, config.run_functions_eagerly
        )
        if keras := sys.modules.get("keras"):
            yield Switch("keras.config.set_floatx", keras.config.floatx, keras.config.set_floatx)
    if jax := sys.modules.get("jax"):
        yield from (_of_jax(jax.config, name) for name in JAX if hasattr(jax.config, name))


def _of_jax(config: Any, name: str) -> Switch:
    return Switch(name, lambda: getattr(config, name), lambda value: config.update(name, value))


#: JAX's settings that change what a program computes or whether it is compiled.
JAX = (
    "jax_enable_x64",
    "jax_disable_jit",
    "jax_debug_nans",
    "jax_default_matmul_precision",
    "jax_numpy_dtype_promotion",
    "jax_numpy_rank_promotion",
    "jax_default_prng_impl",
    "jax_check_tracer_leaks",
)


class Switches:
    """The switches as they stand when this is made."""

    def __init__(self) -> None:
        self._held: list[tuple[Switch, Any]] = []
        for switch in switches():
            with suppress(Exception):
                self._held.append((switch, switch.get()))

    def restore(self) -> list[str]:
        """Put every switch back; what was left changed, a sentence each."""
        told = []
        for switch, value in self._held:
            try:
                left = switch.get()
                if left != value:
                    switch.set(value)
                    told.append(
                        f"`{switch.name}` was left at {left!s:.60}; the checks ran with {value!s:.60}"
                    )
            except Exception as error:
                told.append(f"`{switch.name}` cannot be put back ({type(error).__name__})")
        return told
