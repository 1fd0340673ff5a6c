"""Run a command as another processor would: without AVX-512, or on a single core.

Every library picks its kernels by what it finds in the processor, and so rounds differently elsewhere.
The variables below take instructions or threads away. By the libraries' own reports they take effect
on oneDNN, on PyTorch's other kernels and Inductor's, on XLA's code (in JAX and TensorFlow), on NumPy's
loops and on OpenBLAS. MKL heeds its variable on Intel's processors only; ONNX Runtime and XNNPACK look
at the processor themselves and have no such variable.
"""

from __future__ import annotations

import os
import platform
import tempfile
from collections.abc import MutableMapping
from dataclasses import dataclass, field
from pathlib import Path

from triptych.errors import TriptychError

#: Read by XLA. A notebook that sets flags of its own adds them to these.
_XLA = "XLA_FLAGS"
#: Where Inductor keeps what it compiled. Its keys leave the instruction set out (PyTorch 2.13): source
#: written for 16 numbers a step and compiled for 8 gives wrong numbers, the other way round it crashes.
_INDUCTOR = "TORCHINDUCTOR_CACHE_DIR"


@dataclass(frozen=True)
class Processor:
    """What a processor lacks, as the variables that take it away."""

    title: str
    variables: dict[str, str] = field(repr=False)
    cores: int | None = None  #: how many the command may use; None: all
    needs: str = ""  #: the instructions that this machine must have, as Linux spells them


PROCESSORS = {
    "avx2": Processor(
        "an x86-64 processor with AVX2 and without AVX-512",
        {
            "ONEDNN_MAX_CPU_ISA": "AVX2",  # PyTorch's products and convolutions
            # TensorFlow uses oneDNN only where the processor has instructions for networks; told to use it
            # there, it asks the processor for bfloat16, is refused by oneDNN, and waits for ever.
            "TF_ENABLE_ONEDNN_OPTS": "0",
            "ATEN_CPU_CAPABILITY": "avx2",  # PyTorch's other kernels, and what Inductor writes
            _INDUCTOR: str(Path(tempfile.gettempdir()) / "torchinductor-triptych-avx2"),
            _XLA: "--xla_cpu_max_isa=AVX2",  # what XLA compiles, for JAX and for TensorFlow
            "MKL_ENABLE_INSTRUCTIONS": "AVX2",  # PyTorch's products on Intel's processors
            "OPENBLAS_CORETYPE": "Haswell",  # products of NumPy and SciPy
            # NumPy's loops: the first name since 2.4, the others before. It ignores those it does not know.
            "NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_CNL "
            "AVX512_ICL AVX512_SPR",
        },
        needs="avx2",
    ),
    "one-thread": Processor(
        "a machine with one core",
        {
            "OMP_NUM_THREADS": "1",  # PyTorch
            "MKL_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
            "TF_NUM_INTRAOP_THREADS": "1",  # TensorFlow, within an operation
            "TF_NUM_INTEROP_THREADS": "1",  # and among operations
            "NPROC": "1",  # XLA's pool in JAX
            "PYTEST_XDIST_AUTO_NUM_WORKERS": "1",  # one core, one notebook at a time
        },
        cores=1,
    ),
}


def named(name: str) -> Processor:
    """The processor of that name, if this machine can pose as it (TriptychError otherwise)."""
    if name not in PROCESSORS:
        raise TriptychError(f"CPU={name}", "unknown processor", f"known are {', '.join(PROCESSORS)}")
    processor = PROCESSORS[name]
    if processor.needs and processor.needs not in instructions():
        raise TriptychError(
            f"CPU={name}",
            f"this processor has no {processor.needs.upper()}",
            "it can only be tried on an x86-64 processor that has; on this one, run the tests without CPU=",
        )
    return processor


def instructions() -> frozenset[str]:
    """The instruction sets that Linux lists for this processor. Elsewhere an x86-64 is taken to have AVX2."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return frozenset({"avx2"} if platform.machine().lower() in ("x86_64", "amd64") else ())
    lines = [line.partition(":")[2] for line in text.splitlines() if line.startswith("flags")]
    return frozenset(lines[0].split() if lines else ())


def pose(processor: Processor, environment: MutableMapping[str, str]) -> None:
    """Make this process, and what it starts, see that processor: its variables, and its number of cores.

    XLA's flags are added to those that are set, which keep the last word. Only Linux can confine a process to
    some cores; elsewhere the variables have to do.
    """
    for name, value in processor.variables.items():
        environment[name] = f"{value} {environment.get(_XLA, '')}".strip() if name == _XLA else value
    if processor.cores and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: processor.cores])
