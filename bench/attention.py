"""The notebooks' GPT against a public implementation of the same: equal numbers first, then the time.

Ours is taken from the cells of `notebooks/performance/` (section "Attention and a transformer
step"), so that what is measured is what is taught. The references are PyTorch's own
`torch.nn.TransformerEncoderLayer`, Keras's `MultiHeadAttention` on TensorFlow, and Flax's
`nnx.MultiHeadAttention`. Each gets our weights; the loss and all gradients of a step must be
equal before anything is timed. Then the two take steps in turn, in one process a framework, so
that other work hits both; the result is the ratio of the medians, ours over the reference's,
with a 95 % bootstrap interval over the pairs. It is taken by the clock, and of the processor's own
seconds, which other work disturbs less; the process has one core.

    python bench/attention.py                # all three, into bench/attention.json
    python bench/attention.py pytorch        # one, printed only

This is a measurement, not a test: a test only asks that the numbers are equal.
"""

from __future__ import annotations

import argparse
import json
import linecache
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
RECORD = ROOT / "bench" / "attention.json"
#: The cells that define our GPT, in their order; a notebook may lack some.
CELLS = ("reference", "hand", "own", "layers", "block", "gpt", "load", "trainer", "stepper")
PAIRS = 150
#: float32 rounds at 6e-8; the sums of a step have up to 65,536 terms, in another order.
LOSS, GRADIENT = 1e-5, 1e-4


def ours(framework: str, names: dict[str, Any]) -> dict[str, Any]:
    """The names that the notebook's cells define, given those that they need."""
    notebook = json.loads((ROOT / f"notebooks/performance/{framework}.ipynb").read_text(encoding="utf-8"))
    cells = {cell["id"]: "".join(cell["source"]) for cell in notebook["cells"]}
    for name in CELLS:
        if source := cells.get(f"attention-{name}"):
            file = f"<attention-{name}>"  # AutoGraph reads the source again
            linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
            exec(compile(source, file, "exec"), names)
    return names


class Pair:
    """Two calls that take a step each, and what a step gives: the loss and the gradients by weight."""

    def __init__(self, wait: Callable[[Any], Any]) -> None:
        self.wait = wait
        self.step: dict[str, Callable[[], Any]] = {}
        self.loss: dict[str, float] = {}
        self.gradients: dict[str, dict[str, np.ndarray]] = {}

    def farthest(self) -> tuple[float, float]:
        """How far the losses are apart, and the gradients (of the largest one).

        Raises SystemExit where that is more than rounding explains: unlike programs are not timed.
        """
        a, b = self.gradients["ours"], self.gradients["reference"]
        assert a.keys() == b.keys()
        largest = max(abs(g).max() for g in a.values())
        loss = abs(self.loss["ours"] / self.loss["reference"] - 1)
        gradient = max(abs(a[name] - b[name]).max() for name in a) / largest
        if loss > LOSS or gradient > GRADIENT:
            raise SystemExit(f"not the same: losses differ by {loss:.1e}, gradients by {gradient:.1e}")
        return float(loss), float(gradient)

    def times(self) -> dict[str, dict[str, list[float]]]:
        """Seconds of steps in turn, the order changed each time: by the clock, and of the processor."""
        found: dict[str, dict[str, list[float]]] = {
            clock: {name: [] for name in self.step} for clock in ("wall", "processor")
        }
        for count in range(PAIRS + 5):
            for name in sorted(self.step, reverse=bool(count % 2)):
                wall, processor = time.perf_counter(), time.process_time()
                self.wait(self.step[name]())
                if count >= 5:  # the first are a warm-up
                    found["wall"][name].append(time.perf_counter() - wall)
                    found["processor"][name].append(time.process_time() - processor)
        return found


def pytorch() -> tuple[Pair, str]:
    """Ours and `torch.nn.TransformerEncoderLayer`, eager."""
    import torch
    from torch import nn
    from torch.nn import functional

    names = {"np": np, "re": re, "torch": torch, "nn": nn, "F": functional, "place": torch.device("cpu")}
    names = ours("pytorch", names)
    width, heads = names["WIDTH"], names["HEADS"]

    class Layers(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layers = nn.ModuleList(
                nn.TransformerEncoderLayer(
                    width, heads, 4 * width, 0.0, "gelu", batch_first=True, norm_first=True
                )
                for _ in range(names["LAYERS"])
            )
            mask = nn.Transformer.generate_square_subsequent_mask(names["TIME"])
            self.register_buffer("mask", mask)

        def forward(self, x: Any) -> Any:
            for layer in self.layers:
                x = layer(x, src_mask=self.mask, is_causal=True)
            return x

    def order(layer: Any) -> list[Any]:
        """A reference layer's parameters in the order of ours."""
        attention = layer.self_attn
        pairs = (layer.norm1, None, attention.out_proj, layer.norm2, layer.linear1, layer.linear2)
        found = []
        for part in pairs:
            found += (
                [attention.in_proj_weight, attention.in_proj_bias]
                if part is None
                else [part.weight, part.bias]
            )
        return found

    model, reference = names["gpt"](), names["gpt"]()
    reference.blocks = Layers()
    theirs = [reference.tokens.weight, reference.places.weight]
    for layer in reference.blocks.layers:
        theirs += order(layer)
    theirs += [reference.norm.weight, reference.norm.bias]
    with torch.no_grad():
        for a, b in zip(model.parameters(), theirs, strict=True):
            b.copy_(a)
    pair = Pair(lambda out: out)
    for name, net, weights in (
        ("ours", model, list(model.parameters())),
        ("reference", reference, theirs),
    ):
        pair.step[name] = names["gpt_trainer"](net)
        pair.loss[name] = pair.step[name]().item()
        pair.gradients[name] = {
            key: p.grad.numpy().copy() for key, p in zip(names["draw_gpt"](), weights, strict=True)
        }
    return pair, "torch.nn.TransformerEncoderLayer, eager"


def tensorflow() -> tuple[Pair, str]:
    """Ours and `keras.layers.MultiHeadAttention`, as graphs."""
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    import keras
    import tensorflow as tf

    names = ours("tensorflow", {"np": np, "re": re, "tf": tf, "keras": keras})
    width, heads = names["WIDTH"], names["HEADS"]
    size = width // heads

    class Layer(keras.Layer):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            layers = keras.layers
            self.norm1 = layers.LayerNormalization(epsilon=1e-5)
            self.attention = layers.MultiHeadAttention(heads, size)
            self.norm2 = layers.LayerNormalization(epsilon=1e-5)
            self.up = layers.Dense(4 * width, activation="gelu")
            self.up.activation = lambda x: keras.activations.gelu(x, approximate=False)
            self.down = layers.Dense(width)

        def call(self, x: Any) -> Any:
            h = self.norm1(x)
            x = x + self.attention(h, h, use_causal_mask=True)
            return x + self.down(self.up(self.norm2(x)))

    mine, reference = names["gpt"], names["GPT"]()
    reference.blocks = [Layer() for _ in range(names["LAYERS"])]
    reference(names["text_there"][:, :-1])
    names["reset"]()
    drawn = names["draw_gpt"]()

    def dense(layer: Any) -> list[Any]:
        return [layer.kernel, layer.bias]

    def norm(layer: Any) -> list[Any]:
        return [layer.gamma, layer.beta]

    shaped: list[tuple[str, Any, Callable[[np.ndarray], np.ndarray]]] = []
    for i, block in enumerate(reference.blocks):
        attention = block.attention
        for part, layer in (("norm1", norm(block.norm1)), ("norm2", norm(block.norm2)),
                            ("up", dense(block.up)), ("down", dense(block.down))):  # fmt: skip
            for kind, v in zip(("weight", "bias"), layer, strict=True):
                shaped.append((f"{i}.{part}.{kind}", v, lambda w: w))
        projections = (attention.query_dense, attention.key_dense, attention.value_dense)
        for at, projection in enumerate(projections):
            for kind, v in zip(("weight", "bias"), dense(projection), strict=True):
                part = slice(at * width, (at + 1) * width)
                shaped.append((f"{i}.qkv.{kind}", v, lambda w, part=part, v=v: w[..., part].reshape(v.shape)))
        for kind, v in zip(("weight", "bias"), dense(attention.output_dense), strict=True):
            shaped.append((f"{i}.out.{kind}", v, lambda w, v=v: w.reshape(v.shape)))
    shaped += [("tokens", reference.tokens.embeddings, lambda w: w)]
    shaped += [("places", reference.places.embeddings, lambda w: w)]
    shaped += [
        (f"norm.{kind}", v, lambda w: w)
        for kind, v in zip(("weight", "bias"), norm(reference.norm), strict=True)
    ]
    for name, v, shape in shaped:
        v.assign(shape(drawn[name]))

    pair = Pair(lambda out: tf.test.experimental.sync_devices())
    for name, net in (("ours", mine), ("reference", reference)):
        names["gpt"] = net
        loss, slopes = names["gpt_gradients"]()
        pair.loss[name] = float(loss)
        slopes = [tf.convert_to_tensor(g).numpy() for g in slopes]
        if name == "ours":
            found = dict(zip(drawn, slopes, strict=True))
            pair.gradients[name] = {
                f"{key} {at}": shape(found[key]) for at, (key, _, shape) in enumerate(shaped)
            }
        else:
            by_variable = {id(v): g for v, g in zip(net.trainable_variables, slopes, strict=True)}
            pair.gradients[name] = {
                f"{key} {at}": by_variable[id(v)] for at, (key, v, _) in enumerate(shaped)
            }
        step = tf.function(names["gpt_step"])
        step()  # traced now, while `gpt` is this one
        pair.step[name] = step
    return pair, "keras.layers.MultiHeadAttention, as a graph"


def jax() -> tuple[Pair, str]:
    """Ours and `flax.nnx.MultiHeadAttention`, both compiled, the weights donated."""
    import jax
    import jax.numpy as jnp
    from flax import nnx
    from jax import lax

    names = ours("jax", {"np": np, "re": re, "jax": jax, "jnp": jnp, "lax": lax})
    width, heads, time_ = names["WIDTH"], names["HEADS"], names["TIME"]
    text, drawn = names["text_there"], names["draw_gpt"]()
    size = width // heads
    mask = nnx.make_causal_mask(jnp.ones((text.shape[0], time_)))

    class Layer(nnx.Module):
        def __init__(self, rngs: nnx.Rngs) -> None:
            self.norm1 = nnx.LayerNorm(width, epsilon=1e-5, rngs=rngs)
            self.attention = nnx.MultiHeadAttention(heads, width, decode=False, rngs=rngs)
            self.norm2 = nnx.LayerNorm(width, epsilon=1e-5, rngs=rngs)
            self.up = nnx.Linear(width, 4 * width, rngs=rngs)
            self.down = nnx.Linear(4 * width, width, rngs=rngs)

        def __call__(self, x: Any) -> Any:
            x = x + self.attention(self.norm1(x), mask=mask)
            h = nnx.gelu(self.up(self.norm2(x)), approximate=False)
            return x + self.down(h)

    rngs = nnx.Rngs(0)
    layers = [Layer(rngs) for _ in range(names["LAYERS"])]
    graphs = [nnx.split(layer)[0] for layer in layers]

    def with_weights(i: int) -> Any:
        """Layer i's state with our weights."""
        layer, w = layers[i], {k[2:]: v for k, v in drawn.items() if k.startswith(f"{i}.")}
        for part in ("norm1", "norm2"):
            getattr(layer, part).scale[...] = jnp.array(w[f"{part}.weight"])
            getattr(layer, part).bias[...] = jnp.array(w[f"{part}.bias"])
        for part in ("up", "down"):
            getattr(layer, part).kernel[...] = jnp.array(w[f"{part}.weight"])
            getattr(layer, part).bias[...] = jnp.array(w[f"{part}.bias"])
        attention = layer.attention
        for at, part in enumerate((attention.query, attention.key, attention.value)):
            columns = slice(at * width, (at + 1) * width)
            part.kernel[...] = jnp.array(w["qkv.weight"][:, columns].reshape(width, heads, size))
            part.bias[...] = jnp.array(w["qkv.bias"][columns].reshape(heads, size))
        attention.out.kernel[...] = jnp.array(w["out.weight"].reshape(heads, size, width))
        attention.out.bias[...] = jnp.array(w["out.bias"])
        return nnx.split(layer)[1]

    def reference_tree() -> dict[str, Any]:
        tree = {name: jnp.array(drawn[name]) for name in ("tokens", "places")}
        tree["norm"] = {kind: jnp.array(drawn[f"norm.{kind}"]) for kind in ("weight", "bias")}
        return tree | {str(i): with_weights(i) for i in range(len(layers))}

    def reference_loss(p: dict[str, Any], text: Any) -> Any:
        x = p["tokens"][text[:, :-1]] + p["places"]
        for i, graph in enumerate(graphs):
            x = nnx.merge(graph, p[str(i)])(x)
        said = jax.nn.log_softmax(names["layer_norm"](p["norm"], x) @ p["tokens"].T)
        return -jnp.take_along_axis(said, text[:, 1:, None], -1).mean()

    def stepper(loss_of: Callable[..., Any], tree: Any) -> Callable[[], Any]:
        def step(p: Any, text: Any) -> Any:
            loss, slopes = jax.value_and_grad(loss_of)(p, text)
            return jax.tree.map(lambda w, g: w - 0.1 * g, p, slopes), loss

        compiled = jax.jit(step, donate_argnums=0).lower(tree, text).compile()
        held = [tree]

        def one() -> Any:
            held[0], loss = compiled(held[0], text)
            return held[0], loss

        return one

    def flat(tree: Any) -> dict[str, np.ndarray]:
        """The reference's gradients by our names."""
        found = {"tokens": tree["tokens"], "places": tree["places"]}
        found |= {f"norm.{kind}": tree["norm"][kind] for kind in ("weight", "bias")}
        for i in range(len(layers)):
            layer = nnx.merge(graphs[i], tree[str(i)])
            for part, kernel in (
                ("norm1", "scale"),
                ("norm2", "scale"),
                ("up", "kernel"),
                ("down", "kernel"),
            ):
                found[f"{i}.{part}.weight"] = getattr(getattr(layer, part), kernel)[...]
                found[f"{i}.{part}.bias"] = getattr(layer, part).bias[...]
            a = layer.attention
            parts = (a.query, a.key, a.value)
            found[f"{i}.qkv.weight"] = np.concatenate(
                [np.asarray(p.kernel[...]).reshape(width, width) for p in parts], -1
            )
            found[f"{i}.qkv.bias"] = np.concatenate([np.asarray(p.bias[...]).reshape(-1) for p in parts])
            found[f"{i}.out.weight"] = np.asarray(a.out.kernel[...]).reshape(width, width)
            found[f"{i}.out.bias"] = a.out.bias[...]
        return {name: np.asarray(g) for name, g in found.items()}

    pair = Pair(jax.block_until_ready)
    for name, loss_of, tree, by_name in (
        ("ours", names["gpt_loss"], lambda: names["tree_of"](drawn), names["flat_of"]),
        ("reference", reference_loss, reference_tree, flat),
    ):
        loss, slopes = jax.jit(jax.value_and_grad(loss_of))(tree(), text)
        pair.loss[name], pair.gradients[name] = float(loss), by_name(slopes)
        pair.step[name] = stepper(loss_of, tree())
    return pair, "flax.nnx.MultiHeadAttention, jit, donated"


FRAMEWORKS: dict[str, tuple[Callable[[], tuple[Pair, str]], tuple[str, ...]]] = {
    "pytorch": (pytorch, ("torch",)),
    "tensorflow": (tensorflow, ("tensorflow", "keras")),
    "jax": (jax, ("jax", "flax")),
}


def measure(framework: str, timed: bool) -> dict[str, Any]:
    """Build the pair of one framework, compare it and, if asked, time it."""
    build, packages = FRAMEWORKS[framework]
    pair, reference = build()
    loss, gradient = pair.farthest()
    result: dict[str, Any] = {
        "framework": framework,
        "reference": reference,
        "versions": {name: sys.modules[name].__version__ for name in packages},
        "losses differ by": loss,
        "gradients differ by": gradient,
    }
    if timed:
        for clock, found in pair.times().items():
            result[clock] = ratio(found)
    return result


def ratio(found: dict[str, list[float]]) -> dict[str, Any]:
    """Medians in milliseconds, ours over the reference's with its 95 % interval."""
    ours, theirs = np.array(found["ours"]), np.array(found["reference"])
    rng = np.random.default_rng(0)
    drawn = rng.integers(0, len(ours), (2000, len(ours)))  # pairs stay pairs
    ratios = np.median(ours[drawn], 1) / np.median(theirs[drawn], 1)
    low, high = np.percentile(ratios, [2.5, 97.5])
    return {
        "ours, ms": round(1e3 * float(np.median(ours)), 3),
        "reference, ms": round(1e3 * float(np.median(theirs)), 3),
        "ratio": round(float(np.median(ours) / np.median(theirs)), 3),
        "interval": [round(float(low), 3), round(float(high), 3)],
        "pairs": len(ours),
    }


def main() -> None:
    """Measure one framework in this process, or all, each in its own."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("framework", nargs="?", choices=list(FRAMEWORKS))
    parser.add_argument("--equal-only", action="store_true", help="compare the numbers, and time nothing")
    options = parser.parse_args()
    if options.framework:
        if hasattr(os, "sched_setaffinity"):  # one core, before a framework counts them
            os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
        print(json.dumps(measure(options.framework, not options.equal_only)))
        return
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    results = []
    for framework in FRAMEWORKS:
        done = subprocess.run(
            [sys.executable, __file__, framework], stdout=subprocess.PIPE, text=True, check=True,
            cwd=tempfile.gettempdir(),
        )  # fmt: skip
        result = json.loads(done.stdout.splitlines()[-1])
        results.append(result)
        print(f"{framework:11}{result['reference']}")
        for clock in ("wall", "processor"):
            told = result[clock]
            low, high = told["interval"]
            print(
                f"    {clock:10}{told['ratio']:6.3f} ({low:.3f} to {high:.3f})"
                f"   {told['ours, ms']:.2f} / {told['reference, ms']:.2f} ms"
            )
    from triptych.benchmark.hardware import this_machine

    hardware = this_machine().as_json()
    record = {
        "date": date.today().isoformat(),
        "hardware": hardware,
        "load before the start": load and round(load, 1),
        "measured": "a step of the notebooks' GPT, ours over the reference's",
        "results": results,
    }
    RECORD.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
