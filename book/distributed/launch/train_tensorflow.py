"""Data parallel in TensorFlow: ``train_tensorflow.py result``, started once on every host.

TF_CONFIG names all workers and says which of them this one is.
"""

import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import tensorflow as tf
from task import BATCH, RATE, STEPS, drawn, images, labels, report, share


def main():
    """Train, and report."""
    # Before anything else: the strategy starts this worker's server. On GPUs it uses NCCL.
    strategy = tf.distribute.MultiWorkerMirroredStrategy()
    resolver = strategy.cluster_resolver
    rank, workers = resolver.task_id, strategy.num_replicas_in_sync
    with strategy.scope():
        weights = {name: tf.Variable(value, name=name) for name, value in drawn().items()}

    def replica_step(x, y):
        with tf.GradientTape() as tape:
            hidden = tf.nn.relu(x @ weights["w1"] + weights["b1"])
            logits = hidden @ weights["w2"] + weights["b2"]
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(y, logits)
            loss = tf.reduce_sum(losses) / BATCH  # of the global batch: the sum over workers is the mean
        gradient = tape.gradient(loss, weights)
        context = tf.distribute.get_replica_context()
        for name, value in context.all_reduce("SUM", gradient).items():
            weights[name].assign_sub(RATE * value)
        return loss

    @tf.function
    def step(x, y):
        return strategy.reduce("SUM", strategy.run(replica_step, (x, y)), axis=None)

    losses = []
    for number in range(STEPS):
        rows = share(number, rank, workers)
        losses.append(step(tf.constant(images[rows]), tf.constant(labels[rows])))
    report(sys.argv[1], rank, workers, losses, {name: value.numpy() for name, value in weights.items()})


if __name__ == "__main__":
    main()
