"""The process that measures one program: ``python -m triptych.benchmark.programs.child JOB``.

JOB is a JSON file: what to measure, the sources of the notebook's cells that it is built from,
and ``out``, the file that gets the measurement. Nothing else has run in this process, so that
its first call is a first call and its peak of memory is its own.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Program:
    """What is measured. ``check`` makes numbers of the first call's result, equal in all variants.

    With ``trains`` a call goes on from the weights that the one before has left, so that the second
    call's numbers tell whether its gradients were equal, too.
    """

    call: Callable[[], Any]
    wait: Callable[[Any], Any]
    check: Callable[[Any], float | Sequence[float]]
    facts: Mapping[str, Any] = field(default_factory=dict)
    trains: bool = False


class Phases:
    """The seconds of what comes before the first call: exporting, loading, compiling."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        """What is done within counts as ``name``."""
        start = time.perf_counter()
        yield
        self.seconds[f"{name}_s"] = time.perf_counter() - start


def run_cells(cells: Sequence[str], names: dict[str, Any]) -> dict[str, Any]:
    """Run the notebook's cells in ``names``, which has what they need, and give it back."""
    for cell in cells:
        exec(compile(cell, "a notebook's cell", "exec"), names)
    return names


def measured(job: Mapping[str, Any]) -> dict[str, Any]:
    """Build the program that the job names and measure it."""
    helper = run_cells(job["measure"], {"time": time})["measure"]
    began = time.perf_counter()
    module = importlib.import_module(f"triptych.benchmark.programs.{job['module']}")
    told = module.start(job)
    imported = time.perf_counter() - began
    phases, start = Phases(), resident()
    forget_peak()
    program: Program = module.build(job, phases)
    began = time.perf_counter()
    out = program.wait(program.call())
    first = time.perf_counter() - began
    check = numbers(program.check(out))
    del out
    if program.trains:
        check += numbers(program.check(program.wait(program.call())))
    _, samples = helper(program.call, program.wait, job["samples"])
    peak = module.peak(job) if hasattr(module, "peak") else highest()
    return {
        "name": job["name"],
        "variant": job["variant"],
        "first_s": first,
        "samples_s": samples,
        "items": 1,
        "item": "call",
        "batch": 1,
        "dtype": "float32",
        "threads": job["threads"],
        "import_s": imported,
        **phases.seconds,
        **told,
        **program.facts,
        "check": check,
        "start_bytes": start,
        "peak_bytes": peak,
    }


def numbers(check: float | Sequence[float]) -> list[float]:
    """What a check made, as plain numbers."""
    return [float(one) for one in (check if isinstance(check, Sequence) else [check])]


def image_facts(job: Mapping[str, Any]) -> dict[str, Any]:
    """What a training step on pictures counts, and on what."""
    return {
        "items": job["batch"], "item": "image", "batch": job["batch"], "side": job["side"],
        "dtype": job["dtype"],
    }  # fmt: skip


def sized(values: Any) -> list[float]:
    """The mean size of an array's numbers, and the first five of them."""
    import numpy as np

    plain = np.asarray(values, dtype=float)
    return [float(np.abs(plain).mean()), *plain.ravel()[:5].tolist()]


def loss_and_length(loss: Any, gradients: Sequence[Any]) -> list[float]:
    """A loss, and the length of all its gradients together."""
    import numpy as np

    squares = [float((np.asarray(one, dtype=float) ** 2).sum()) for one in gradients]
    return [float(loss), sum(squares) ** 0.5]


# --- memory of this process --------------------------------------------------------


def resident() -> int:
    """Bytes of this process that are in memory now."""
    import psutil

    return int(psutil.Process().memory_info().rss)


def forget_peak() -> None:
    """Let the peak begin anew, where the system can (Linux)."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="utf-8")


def highest() -> int | None:
    """The most bytes since ``forget_peak``, or ever, where that had no effect; None where no one says."""
    with suppress(OSError):
        for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    with suppress(ImportError, OSError):
        import resource

        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return int(most) * (1 if sys.platform == "darwin" else 1024)
    return None


def pinned(threads: int) -> None:
    """Let this process have so many threads, before anything counts the cores (which Linux lets it)."""
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[name] = str(threads)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])


def main(job_file: str) -> int:
    """Measure; what was measured is in the job's file ``out``."""
    job = json.loads(Path(job_file).read_text(encoding="utf-8"))
    pinned(job["threads"])
    found = measured(job)
    out = Path(job["out"])
    part = out.with_name(out.name + ".part")
    part.write_text(json.dumps(found, allow_nan=False), encoding="utf-8")
    part.replace(out)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
