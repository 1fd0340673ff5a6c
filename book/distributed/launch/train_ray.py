"""The same training on a Ray cluster: ``train_ray.py result``.

RAY_ADDRESS names a cluster (address:port, or "auto" on one of its machines); without it a
local Ray is started. Ray places two workers, on different machines where it can.
"""

import sys

import ray
import train_pytorch
from ray.train import ScalingConfig
from ray.train.torch import TorchTrainer
from task import RATE, STEPS, images, labels, report, share


def training(config):
    """What each worker runs; Ray has set up torch.distributed."""
    import torch
    import torch.distributed as dist
    from torch.nn.functional import cross_entropy

    rank, workers = dist.get_rank(), dist.get_world_size()
    model = ray.train.torch.prepare_model(train_pytorch.Net())
    optimiser = torch.optim.SGD(model.parameters(), lr=RATE)
    losses = []
    for step in range(STEPS):
        rows = share(step, rank, workers)
        optimiser.zero_grad()
        loss = cross_entropy(model(torch.tensor(images[rows])), torch.tensor(labels[rows]))
        loss.backward()
        optimiser.step()
        mean = loss.detach().clone()
        dist.all_reduce(mean)
        losses.append(mean.item() / workers)
    weights = {name: value.detach().numpy() for name, value in model.module.named_parameters()}
    report(config["result"], rank, workers, losses, weights)


if __name__ == "__main__":
    ray.init(log_to_driver=False)  # takes RAY_ADDRESS
    TorchTrainer(
        training,
        train_loop_config={"result": sys.argv[1]},
        scaling_config=ScalingConfig(num_workers=2, placement_strategy="SPREAD"),
    ).fit()
