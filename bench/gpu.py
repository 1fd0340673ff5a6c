"""PyTorch and JAX on a GPU, in float32, tf32 and bfloat16: one script, at most ten minutes.

For each framework, in a process of its own: a matrix product, attention by its formula and by the
framework's fused function (forward and backward, with the peak of memory), and a training step of
a GPT of about 10 million weights, compiled, in PyTorch eager too. The numbers are compared before
they are timed: with the same in float64 (JAX: float32), within what the precision rounds.

    python bench/gpu.py                  # both, into bench/gpu.json
    python bench/gpu.py --minutes 4      # stops in time, and says what it left out

Without a GPU it says so in one line and changes nothing. The chapter's own programs are recorded by
`triptych bench --device gpu`; this script is for a GPU that is lent for minutes.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
RECORD = ROOT / "bench" / "gpu.json"
FRAMEWORKS = ("pytorch", "jax")
PRECISIONS = ("float32", "tf32", "bfloat16")
#: Relative to the largest number: what a precision's rounding (2^-24, 2^-11, 2^-9) becomes in a sum.
BOUND = {"float32": 1e-4, "tf32": 5e-3, "bfloat16": 5e-2}
#: Sizes on a GPU, and such that the script can be tried on a CPU in seconds.
SIZES = {
    "gpu": {"product": 8192, "lengths": [1024, 4096, 8192], "heads": 16, "size": 64,
            "layers": 6, "width": 384, "time": 512, "batch": 16, "repeats": 20},
    "cpu": {"product": 256, "lengths": [64, 128], "heads": 2, "size": 16,
            "layers": 1, "width": 32, "time": 16, "batch": 2, "repeats": 2},
}  # fmt: skip
TOKENS = 256
Row = dict[str, Any]


def numbers(*shape: int, seed: int = 0, scale: float = 1.0) -> np.ndarray:
    """Normal numbers, the same for both frameworks."""
    return np.random.default_rng(seed).normal(0, scale, shape).astype("float32")


def weights(sizes: dict[str, Any]) -> dict[str, np.ndarray]:
    """A GPT's, by name; a matrix is (in, out)."""
    wide, shapes = sizes["width"], {}
    shapes["tokens"], shapes["places"] = (TOKENS, wide), (sizes["time"], wide)
    for i in range(sizes["layers"]):
        shapes |= {f"{i}.qkv": (wide, 3 * wide), f"{i}.out": (wide, wide)}
        shapes |= {f"{i}.up": (wide, 4 * wide), f"{i}.down": (4 * wide, wide)}
    return {name: numbers(*shape, seed=i, scale=0.05) for i, (name, shape) in enumerate(shapes.items())}


def text(sizes: dict[str, Any]) -> np.ndarray:
    """Tokens (batch, time + 1)."""
    return np.random.default_rng(1).integers(0, TOKENS, (sizes["batch"], sizes["time"] + 1))


def timed(call: Callable[[], Any], wait: Callable[[Any], Any], repeats: int) -> dict[str, float]:
    """Median, least and most of the later calls, in milliseconds."""
    for _ in range(2):
        wait(call())
    samples = []
    for _ in range(repeats):
        start = time.perf_counter()
        wait(call())
        samples.append(1e3 * (time.perf_counter() - start))
    return {
        "median, ms": round(statistics.median(samples), 4),
        "least, ms": round(min(samples), 4),
        "most, ms": round(max(samples), 4),
    }


def close(name: str, found: Any, exact: Any, precision: str) -> float:
    """How far apart, of the largest number. Raises SystemExit where rounding does not explain it."""
    far = float(np.abs(found - exact).max() / np.abs(exact).max())
    if not far < BOUND[precision]:
        raise SystemExit(f"{name}, {precision}: off by {far:.1e} of the largest number")
    return far


def pytorch(place: str, sizes: dict[str, Any], precision: str) -> Iterator[Row]:
    """The rows of one precision in PyTorch."""
    import torch
    from torch.nn import functional

    gpu = place == "gpu"
    device = torch.device("cuda" if gpu else "cpu")
    if gpu:
        mode = "tf32" if precision == "tf32" else "ieee"
        torch.backends.cuda.matmul.fp32_precision = mode
        torch.backends.cudnn.conv.fp32_precision = mode
    kind = torch.bfloat16 if precision == "bfloat16" else torch.float32

    def wait(out: Any) -> Any:
        if gpu:
            torch.cuda.synchronize()
        return out

    def peak(call: Callable[[], Any]) -> int | None:
        if not gpu:
            return None
        torch.cuda.synchronize()
        torch.cuda.reset_peak_memory_stats()
        start = torch.cuda.memory_allocated()
        wait(call())
        return int(torch.cuda.max_memory_allocated() - start)

    def there(array: np.ndarray, grad: bool = False) -> Any:
        return torch.from_numpy(array).to(device, kind).requires_grad_(grad)

    n = sizes["product"]
    a = numbers(n, n)
    x = there(a)
    far = close(
        "product", (x @ x)[:64].float().cpu().numpy(), a[:64].astype("float64") @ a.astype("float64"),
        precision,
    )  # fmt: skip
    row = timed(lambda: x @ x, wait, sizes["repeats"])
    yield {"what": "product", "n": n, "off by": far, **row,
           "TFLOP/s": round(2 * n**3 / row["median, ms"] / 1e9, 2)}  # fmt: skip

    def by_hand(q: Any, k: Any, v: Any) -> Any:
        scores = q @ k.mT / q.shape[-1] ** 0.5
        later = torch.ones(scores.shape[-2:], dtype=torch.bool, device=device).triu(1)
        return scores.masked_fill(later, -torch.inf).softmax(-1) @ v

    def fused(q: Any, k: Any, v: Any) -> Any:
        return functional.scaled_dot_product_attention(q, k, v, is_causal=True)

    for length in sizes["lengths"]:
        shape = 1, sizes["heads"], length, sizes["size"]
        heads = [there(numbers(*shape, seed=i), grad=True) for i in range(3)]
        exact = fused(*(t.detach()[:, :1].double() for t in heads)).cpu().numpy()
        for name, attention in (("by hand", by_hand), ("fused", fused)):
            out = attention(*heads).detach()[:, :1].float().cpu().numpy()
            far = close(f"attention {name}", out, exact, precision)

            def both(attention: Any = attention, heads: Any = heads) -> Any:
                return torch.autograd.grad(attention(*heads).square().sum(), heads)

            yield {"what": f"attention, {name}", "length": length, "off by": far,
                   **timed(both, wait, sizes["repeats"]), "peak, bytes": peak(both)}  # fmt: skip

    layers, count = sizes["layers"], sizes["width"] // sizes["size"]
    tokens = torch.from_numpy(text(sizes)).to(device)

    def loss_of(p: dict[str, Any]) -> Any:
        x = functional.embedding(tokens[:, :-1], p["tokens"]) + p["places"]
        for i in range(layers):
            qkv = functional.layer_norm(x, x.shape[-1:]) @ p[f"{i}.qkv"]
            q, k, v = qkv.unflatten(-1, (3, count, -1)).permute(2, 0, 3, 1, 4)
            x = x + fused(q, k, v).transpose(1, 2).flatten(2) @ p[f"{i}.out"]
            h = functional.gelu(functional.layer_norm(x, x.shape[-1:]) @ p[f"{i}.up"])
            x = x + h @ p[f"{i}.down"]
        said = functional.layer_norm(x, x.shape[-1:]) @ p["tokens"].T
        return functional.cross_entropy(said.flatten(0, 1).float(), tokens[:, 1:].flatten())

    drawn = {name: torch.from_numpy(w).to(device).requires_grad_() for name, w in weights(sizes).items()}
    exact_loss = float(loss_of({name: w.detach().double() for name, w in drawn.items()}))
    for name, function in (("eager", loss_of), ("compiled", torch.compile(loss_of))):

        def step(function: Any = function) -> Any:
            loss = function({key: w.to(kind) for key, w in drawn.items()})
            return loss, torch.autograd.grad(loss, list(drawn.values()))

        start = time.perf_counter()
        loss = wait(step())[0].item()  # the compiled one is compiled here
        seconds = time.perf_counter() - start
        far = close(f"loss, {name}", np.float64(loss), np.float64(exact_loss), precision)
        yield {
            "what": f"GPT step, {name}",
            "weights": sum(w.numel() for w in drawn.values()),
            "loss": round(exact_loss, 5),
            "off by": far,
            "compile and first, s": round(seconds, 3),
            **timed(step, wait, sizes["repeats"]),
            "peak, bytes": peak(step),
        }


def jax(place: str, sizes: dict[str, Any], precision: str) -> Iterator[Row]:
    """The rows of one precision in JAX; memory as XLA planned it."""
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_default_matmul_precision", "tensorfloat32" if precision == "tf32" else "highest")
    kind = jnp.bfloat16 if precision == "bfloat16" else jnp.float32
    wait = jax.block_until_ready

    def planned(compiled: Any) -> int | None:
        plan = compiled.memory_analysis()
        return plan and int(plan.temp_size_in_bytes + plan.output_size_in_bytes)

    n = sizes["product"]
    a = numbers(n, n)
    x, product = jnp.asarray(a, kind), jax.jit(lambda x: x @ x)
    far = close(
        "product", np.asarray(product(x)[:64], "float32"), a[:64].astype("float64") @ a.astype("float64"),
        precision,
    )  # fmt: skip
    row = timed(lambda: product(x), wait, sizes["repeats"])
    yield {"what": "product", "n": n, "off by": far, **row,
           "TFLOP/s": round(2 * n**3 / row["median, ms"] / 1e9, 2)}  # fmt: skip

    def by_hand(q: Any, k: Any, v: Any) -> Any:
        scores = jnp.einsum("bqhd,bkhd->bhqk", q, k) / q.shape[-1] ** 0.5
        seen = jnp.tri(q.shape[1], dtype=bool)
        return jnp.einsum("bhqk,bkhd->bqhd", jax.nn.softmax(jnp.where(seen, scores, -jnp.inf)), v)

    def fused(q: Any, k: Any, v: Any) -> Any:
        # cuDNN's kernel takes no float32; there the function computes by the formula.
        kernel = "cudnn" if place == "gpu" and q.dtype == jnp.bfloat16 else None
        return jax.nn.dot_product_attention(q, k, v, is_causal=True, implementation=kernel)

    for length in sizes["lengths"]:
        shape = 1, length, sizes["heads"], sizes["size"]
        heads = [jnp.asarray(numbers(*shape, seed=i), kind) for i in range(3)]
        with jax.default_matmul_precision("highest"):
            exact = np.asarray(by_hand(*(t[:, :, :1].astype("float32") for t in heads)))
        for name, attention in (("by hand", by_hand), ("fused", fused)):
            out = np.asarray(jax.jit(attention)(*heads)[:, :, :1], "float32")
            far = close(f"attention {name}", out, exact, precision)

            def both(*heads: Any, attention: Any = attention) -> Any:
                def squares(*heads: Any) -> Any:
                    return (attention(*heads).astype("float32") ** 2).sum()

                return jax.grad(squares, (0, 1, 2))(*heads)

            start = time.perf_counter()
            compiled = jax.jit(both).lower(*heads).compile()
            seconds = time.perf_counter() - start
            yield {"what": f"attention, {name}", "length": length, "off by": far,
                   "compile, s": round(seconds, 3),
                   **timed(lambda c=compiled, h=heads: c(*h), wait, sizes["repeats"]),
                   "peak, bytes": planned(compiled)}  # fmt: skip

    layers, count = sizes["layers"], sizes["width"] // sizes["size"]
    tokens = jnp.asarray(text(sizes))

    def norm(x: Any) -> Any:
        x = x - x.mean(-1, keepdims=True)
        return x * jax.lax.rsqrt((x * x).mean(-1, keepdims=True) + 1e-5)

    def loss_of(p: dict[str, Any]) -> Any:
        x = p["tokens"][tokens[:, :-1]] + p["places"]
        for i in range(layers):
            qkv = (norm(x) @ p[f"{i}.qkv"]).reshape(*x.shape[:2], 3, count, -1)
            a = fused(*jnp.moveaxis(qkv, 2, 0)).reshape(x.shape)
            x = x + a @ p[f"{i}.out"]
            h = jax.nn.gelu(norm(x) @ p[f"{i}.up"], approximate=False)
            x = x + h @ p[f"{i}.down"]
        said = jax.nn.log_softmax((norm(x) @ p["tokens"].T).astype("float32"))
        return -jnp.take_along_axis(said, tokens[:, 1:, None], -1).mean()

    def step(p: dict[str, Any]) -> Any:
        return jax.value_and_grad(lambda p: loss_of({k: w.astype(kind) for k, w in p.items()}))(p)

    drawn = {name: jnp.asarray(w) for name, w in weights(sizes).items()}
    with jax.default_matmul_precision("highest"):
        wide = {name: w.astype(kind).astype("float32") for name, w in drawn.items()}
        exact_loss = float(jax.jit(loss_of)(wide))
    start = time.perf_counter()
    compiled = jax.jit(step).lower(drawn).compile()
    seconds = time.perf_counter() - start
    far = close("loss, jit", np.float64(compiled(drawn)[0]), np.float64(exact_loss), precision)
    yield {"what": "GPT step, compiled", "weights": sum(w.size for w in drawn.values()),
           "loss": round(exact_loss, 5), "off by": far, "compile, s": round(seconds, 3),
           **timed(lambda: compiled(drawn), wait, sizes["repeats"]),
           "peak, bytes": planned(compiled)}  # fmt: skip


def found_gpu(framework: str) -> str | None:
    """The name of the GPU that a framework finds, asked in a process of its own."""
    ask = {
        "pytorch": "import torch; print(torch.cuda.get_device_name(0) if torch.cuda.is_available() else '')",
        "jax": "import jax; g = [d for d in jax.devices() if d.platform == 'gpu'];"
        " print(g[0].device_kind if g else '')",
    }[framework]
    done = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=False)
    lines = done.stdout.split("\n")
    return next((line for line in reversed(lines) if line.strip()), None)


def child(framework: str, place: str, seconds: float) -> None:
    """Print a line of JSON for each row; what comes too late is named and left out."""
    began = time.monotonic()
    for precision in PRECISIONS:
        if place == "cpu" and precision == "tf32":
            continue
        if time.monotonic() - began > seconds:
            print(json.dumps({"framework": framework, "precision": precision, "left out": "no time"}))
            continue
        for row in globals()[framework](place, SIZES[place], precision):
            print(json.dumps({"framework": framework, "precision": precision, **row}), flush=True)


def main() -> None:
    """Look for a GPU, then measure each framework in a process of its own."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--try-on-cpu", action="store_true", help="tiny sizes, printed only: does it run?")
    parser.add_argument("--child", choices=FRAMEWORKS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    place = "cpu" if options.try_on_cpu else "gpu"
    if options.child:
        child(options.child, place, 60 * options.minutes)
        return
    gpus = {} if options.try_on_cpu else {name: found_gpu(name) for name in FRAMEWORKS}
    there = [name for name in FRAMEWORKS if options.try_on_cpu or gpus[name]]
    if not there:
        print("bench/gpu.py: neither PyTorch nor JAX finds a GPU here; nothing measured, nothing changed")
        return
    rows: list[Row] = []
    # JAX would take three quarters of the memory at its start.
    quiet = {**os.environ, "XLA_PYTHON_CLIENT_PREALLOCATE": "false"}
    deadline = time.monotonic() + 60 * options.minutes
    for at, name in enumerate(there):
        left = deadline - time.monotonic()
        share = left / (len(there) - at)
        command = [sys.executable, __file__, "--child", name, "--minutes", str(0.8 * share / 60)]
        command += ["--try-on-cpu"] * options.try_on_cpu
        out, failed = "", None
        try:
            done = subprocess.run(
                command, stdout=subprocess.PIPE, text=True, timeout=share, env=quiet, check=False
            )
            out, failed = done.stdout, done.returncode or None
        except subprocess.TimeoutExpired as error:
            kept = error.stdout or b""
            out = kept if isinstance(kept, str) else kept.decode()
            failed = "out of time"
        found = [json.loads(line) for line in out.splitlines() if line.startswith("{") and line.endswith("}")]
        if failed:
            found.append({"framework": name, "left out": f"ended early: {failed}"})
        for row in found:
            print("  ".join(f"{key} {value}" for key, value in row.items() if value is not None))
        rows += found
    if not options.try_on_cpu:
        record = {"date": date.today().isoformat(), "gpus": gpus, "rows": rows}
        RECORD.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
