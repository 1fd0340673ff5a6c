"""What the machine moves and multiplies, by NumPy in as many threads as cores: no framework's doing.

One definition for all three frameworks. Bandwidth is that of arrays larger than a cache, written
where memory is there already; once more on arrays of the chain's size, of which a cache holds a
part. The product is BLAS's. NumPy lets go of Python's lock in all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import numpy as np

from triptych.benchmark.programs.child import Phases, Program, sized
from triptych.benchmark.programs.variants import CACHED, CHAIN_NUMBERS, ROWS, STREAM_NUMBERS

Job = Mapping[str, Any]


def start(job: Job) -> dict[str, Any]:
    """Say how many threads move bytes; BLAS reads its own from the environment."""
    return {"threads_read": job["threads"]}


def build(job: Job, phases: Phases) -> Program:
    """The product, or one of the moves."""
    if job["name"] == "matmul peak":
        c = np.random.default_rng(0).normal(size=(ROWS, ROWS)).astype(np.float32)
        facts = {"items": 2 * ROWS**3, "item": "FLOP"}
        return Program(lambda: c @ c, lambda out: out, sized, facts)
    numbers = CHAIN_NUMBERS if job["name"] == CACHED else STREAM_NUMBERS
    threads = job["threads"]
    edges = np.linspace(0, numbers, threads + 1).astype(int)
    parts = [slice(a, b) for a, b in pairwise(edges)]
    u, v, w = (np.ones(numbers, np.float32) for _ in range(3))
    pool = ThreadPoolExecutor(threads)
    width, move = {
        "copy": (8, lambda part: np.copyto(w[part], u[part])),
        "in place": (8, lambda part: np.negative(w[part], out=w[part])),
        "triad": (12, lambda part: np.add(u[part], v[part], out=w[part])),
    }[job["variant"]]

    def call() -> Any:
        list(pool.map(move, parts))
        return w

    facts = {"items": width * numbers, "item": "byte"}
    return Program(call, lambda out: out, lambda out: float(out[0]), facts)
