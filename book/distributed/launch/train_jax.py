"""Data parallel in JAX: ``train_jax.py result``, started once on every host.

Under Slurm and in Kubernetes' indexed jobs ``jax.distributed.initialize()`` finds the others by
itself; elsewhere COORDINATOR (address:port), PROCESSES and PROCESS say what it cannot know.
"""

import os
import sys

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec
from task import BATCH, RATE, STEPS, drawn, images, labels, report, share

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_cpu_collectives_implementation", "gloo")


def loss(weights, x, y):
    """Mean cross-entropy over the global batch."""
    hidden = jax.nn.relu(x @ weights["w1"] + weights["b1"])
    logits = hidden @ weights["w2"] + weights["b2"]
    return -jnp.take_along_axis(jax.nn.log_softmax(logits), y[:, None], 1).mean()


@jax.jit
def step(weights, x, y):
    """One step; the mean over a sharded batch is where the workers talk."""
    value, gradient = jax.value_and_grad(loss)(weights, x, y)
    return jax.tree.map(lambda w, g: w - RATE * g, weights, gradient), value


def main():
    """Train, and report."""
    if "COORDINATOR" in os.environ:
        where = (os.environ["COORDINATOR"], int(os.environ["PROCESSES"]), int(os.environ["PROCESS"]))
        jax.distributed.initialize(*where)
    else:
        jax.distributed.initialize()
    rank, workers = jax.process_index(), jax.process_count()
    mesh = Mesh(np.array(jax.devices()), ("data",))
    by_rows = NamedSharding(mesh, PartitionSpec("data"))
    everywhere = NamedSharding(mesh, PartitionSpec())
    weights = jax.device_put(drawn(), everywhere)
    losses = []
    for number in range(STEPS):
        rows = share(number, rank, workers)
        x = jax.make_array_from_process_local_data(by_rows, images[rows], (BATCH, 64))
        y = jax.make_array_from_process_local_data(by_rows, labels[rows], (BATCH,))
        weights, value = step(weights, x, y)
        losses.append(value)
    report(sys.argv[1], rank, workers, losses, jax.tree.map(np.asarray, weights))
    jax.distributed.shutdown()


if __name__ == "__main__":
    main()
