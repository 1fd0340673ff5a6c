"""Records made up for the tests: small, valid, and with numbers that are easy to recognise."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def measurement(
    name: str, variant: str, samples: list[float], first: float = 1.0, **facts: Any
) -> dict[str, Any]:
    """One measurement."""
    return {"name": name, "variant": variant, "first_s": first, "samples_s": samples, **facts}


def load(busy: bool = False) -> dict[str, Any]:
    """A load."""
    return {
        "cpu_percent": 60.0 if busy else 1.0,
        "load_average": [0.1, 0.1, 0.1],
        "others_percent": 0.5,
        "busy": busy,
    }


def entry(
    frameworks: dict[str, list[list[dict]]],
    day: str,
    busy: bool = False,
    complete: bool = True,
    **settings: Any,
) -> dict:
    """An entry from the measurements of each framework's rounds."""
    rounds = max(len(r) for r in frameworks.values())
    return {
        "date": day,
        "settings": {"scale": "full", "device": "cpu", "precision": "float32", "rounds": rounds, **settings},
        "load": load(busy),
        "busy": busy,
        "complete": complete,
        "frameworks": {
            name: {
                "versions": {"numpy": "2.4.6"},
                "rounds": [
                    {
                        "round": i,
                        "date": day,
                        "complete": complete,
                        "seconds": 9.5,
                        "load": load(busy),
                        "measurements": m,
                    }
                    for i, m in enumerate(told, 1)
                ],
            }
            for name, told in frameworks.items()
        },
    }


def record(
    machine: str, *entries: dict, processor: str = "AMD EPYC", cores: int = 2, gpu: str = ""
) -> dict[str, Any]:
    """A record of these entries."""
    return {
        "schema": 2,
        "machine": machine,
        "date": max(e["date"] for e in entries),
        "hardware": {
            "processor": processor,
            "architecture": "x86_64",
            "cores": cores,
            "memory_bytes": 25276502016,
            "features": ["avx2"],
            "gpu": {"model": gpu, "count": 1, "memory_bytes": None} if gpu else None,
        },
        "system": {"family": "Linux", "python": "3.11.2"},
        "entries": list(entries),
    }


def everything(day: str = "2026-11-21", **options: Any) -> dict[str, Any]:
    """An entry with all that the page shows: two rounds of three frameworks."""
    speed = {"pytorch": 2.0, "tensorflow": 4.0, "jax": 8.0}
    compiled = {"pytorch": "compiled", "tensorflow": "xla", "jax": "jit"}
    return entry(
        {
            name: [
                [
                    measurement(
                        "matmul peak",
                        "float32",
                        [0.02, 0.02],
                        items=2 * 1024**3,
                        item="FLOP",
                        dtype="float32",
                    ),
                    measurement(
                        "mlp step", "eager", [0.004, 0.004], 0.01, items=128, item="row", dtype="float32"
                    ),
                    measurement(
                        "mlp step",
                        compiled[name],
                        [0.001, 0.001],
                        3.01,
                        items=128,
                        item="row",
                        dtype="float32",
                    ),
                    measurement(
                        "resnet50 training",
                        "eager",
                        [s, 1.25 * s],
                        2 * s,
                        items=8,
                        item="image",
                        batch=8,
                        threads=2,
                        dtype="float32",
                        peak_bytes=int(1e9 * s) + i,
                        side=224,
                    ),
                    *[
                        measurement(
                            "mobilenet_v2 inference",
                            "graph",
                            [0.01 * s / n] * 9 + [s / n],
                            1.0,
                            items=1,
                            item="image",
                            batch=1,
                            threads=n,
                            dtype="float32",
                        )
                        for n in (1, 2)
                    ],
                ]
                for i in range(2)
            ]
            for name, s in speed.items()
        },
        day,
        **options,
    )


def store(root: Path, data: dict[str, Any]) -> Path:
    """Write it where the course looks for it."""
    path = root / "results" / f"{data['machine']}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(data))
    return path
