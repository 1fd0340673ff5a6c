"""Which programs are measured: a line each, with the notebook's cells that it is built from.

Of each framework both its own idiom (what one writes first) and the best that we found in its
documentation are here. What was tried and left out stands in ``book/performance/method.md``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

#: Rows of the matrices whose product is the roof.
ROWS = 1024

#: Numbers of the arrays that are copied: 80 MB each, in few processors' caches. And of the chain's, 16 MB:
#: larger ones would be asked of the system anew for each operation, and eager would measure that.
STREAM_NUMBERS, CHAIN_NUMBERS = 20_000_000, 4_000_000

#: What stands beside the three frameworks in an entry: the machine itself, by NumPy.
MACHINE = "machine"

#: The machine's bandwidth once more, on arrays of the chain's size, of which a cache holds a part.
CACHED = "bandwidth, 16 MB"

#: The runtimes that load a stored file, and what its name ends in.
RUNTIMES = {"onnxruntime": ".onnx", "litert": ".tflite"}

#: Samples of one round by kind of program, at scale full and quick.
SAMPLES = {"fast": (100, 10), "usual": (10, 3), "slow": (5, 2)}

#: What is measured on one thread, too.
ONE_THREAD = "mobilenet_v2 inference"


@dataclass(frozen=True)
class Variant:
    """A program of a framework. ``module`` builds it; ``cells`` are ids of the notebook's cells.

    A cell's id may name one function of it: ``fusion-chain:chain``. ``pace`` says how many
    samples a round takes.
    """

    framework: str
    name: str
    variant: str
    module: str
    cells: tuple[str, ...]
    pace: str
    dtype: str = ""

    @property
    def slow(self) -> bool:
        """Whether it has few samples, which the tables mark."""
        return self.pace == "slow"


_RESNET = {
    "pytorch": "weights unit block model trainer",
    "tensorflow": "weights unit block model step",
    "jax": "weights load layers unit block model step trainer",
}
_LOSS = {"pytorch": (), "tensorflow": ("compile-data",), "jax": ("compile-loss",)}
_STEP = {
    "pytorch": ("compile-inputs", "compile-step"),
    "tensorflow": ("compile-data", "compile-step"),
    "jax": ("compile-inputs", "compile-loss", "compile-step"),
}
_LOADERS = {
    "pytorch": ("pipeline-data", "pipeline-loaders", "pipeline-net", "pipeline-step"),
    "tensorflow": ("compile-data", "compile-step", "input-augment", "input-pipelines", "input-epoch"),
    "jax": (
        "compile-loss", "compile-step", "pipeline-data", "pipeline-thread", "pipeline-loaders",
        "pipeline-net", "pipeline-step",
    ),
}  # fmt: skip
_MOBILE = {
    "pytorch": ("mobile-block", "mobile-model"),
    "tensorflow": ("mobile-block", "mobile-model"),
    "jax": ("mobile-block", "mobile-model", "mobile-depthwise"),
}

#: Framework, measurement, pace, variants; ":" before a variant's number format.
_TABLE = (
    ("pytorch", "matmul peak", "fast", "float32:float32 | bfloat16:bfloat16"),
    ("tensorflow", "matmul peak", "fast", "float32:float32 | bfloat16:bfloat16"),
    ("jax", "matmul peak", "fast", "float32:float32 | bfloat16:bfloat16"),
    ("pytorch", "bandwidth", "fast", "copy | triad"),
    ("tensorflow", "bandwidth", "fast", "fresh negative | triad"),
    ("jax", "bandwidth", "fast", "fresh copy | copy | triad"),
    ("pytorch", "elementwise chain", "usual", "eager | compiled"),
    ("tensorflow", "elementwise chain", "usual", "eager | graph | xla"),
    ("jax", "elementwise chain", "usual", "eager | jit"),
    ("pytorch", "mlp step", "fast", "eager | compiled | bfloat16:bfloat16"),
    ("tensorflow", "mlp step", "fast", "eager | graph | xla"),
    ("jax", "mlp step", "fast", "eager | jit"),
    ("pytorch", "resnet50 training", "usual", "eager | channels-last | compiled | bfloat16:bfloat16"),
    ("tensorflow", "resnet50 training", "usual", "graph | bfloat16:bfloat16"),
    ("tensorflow", "resnet50 training", "slow", "eager | xla"),
    ("jax", "resnet50 training", "slow", "jit | donated | jit, products | bfloat16:bfloat16"),
    ("pytorch", "reference training", "slow", "ours | keras.applications"),
    ("tensorflow", "reference training", "slow", "ours | keras.applications"),
    ("jax", "reference training", "slow", "ours | keras.applications"),
    ("pytorch", ONE_THREAD, "fast", "eager | channels-last | compiled | aot | onnxruntime"),
    ("tensorflow", ONE_THREAD, "fast", "graph | litert | onnxruntime"),
    ("tensorflow", ONE_THREAD, "usual", "eager | xla"),
    ("jax", ONE_THREAD, "usual", "jit | aot | export | eager"),
    ("jax", ONE_THREAD, "fast", "jit, shifted | jit, best | onnxruntime | litert"),
    ("pytorch", "input pipeline", "usual", "0 workers | 2 workers"),
    ("tensorflow", "input pipeline", "usual", "sequential | prefetch | parallel"),
    ("jax", "input pipeline", "usual", "in line, waits | in line | thread | pool of 8"),
)


def every() -> tuple[Variant, ...]:
    """All programs, one measurement's frameworks after each other, the machine's own first."""
    machine = [
        Variant(MACHINE, name, variant, "machine", (), "fast")
        for name, variant in (
            ("bandwidth", "copy"),
            ("bandwidth", "triad"),
            (CACHED, "copy"),
            (CACHED, "in place"),
            ("matmul peak", "float32"),
        )
    ]
    return (*machine, *_listed())


def _listed() -> Iterator[Variant]:
    for framework, name, pace, variants in _TABLE:
        for word in variants.split(" | "):
            variant, _, dtype = word.partition(":")
            module = "runtimes" if variant in RUNTIMES else framework
            yield Variant(framework, name, variant, module, cells(framework, name), pace, dtype)


def cells(framework: str, name: str) -> tuple[str, ...]:
    """The ids of the cells that a program is built from."""
    resnet = tuple(f"resnet-{part}" for part in _RESNET[framework].split())
    found: dict[str, Sequence[str]] = {
        "elementwise chain": ("fusion-chain:chain",),
        "mlp step": _STEP[framework],
        "resnet50 training": (*_LOSS[framework], *resnet),
        "reference training": (*_LOSS[framework], *resnet),
        "mobilenet_v2 inference": (*_LOSS[framework], *resnet, *_MOBILE[framework]),
        "input pipeline": _LOADERS[framework],
    }
    return tuple(found.get(name, ()))
