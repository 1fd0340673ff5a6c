"""The command ``triptych bench``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from triptych.course import Course
from triptych.dev.doctor import require


@click.command()
@click.option("--scale", default="full", show_default=True, help="quick is a trial: not recorded.")
@click.option("--device", default="cpu", show_default=True, help="cpu or gpu.")
@click.option(
    "--precision",
    "precisions",
    multiple=True,
    help="float32 (the default), tf32 or bfloat16; may be repeated.",
)
@click.option(
    "--rounds", type=click.IntRange(1), help="Processes of each program; by default 5, of a trial 1."
)
@click.option(
    "--wait",
    type=click.FloatRange(0),
    default=10.0,
    show_default=True,
    help="Minutes to wait for a busy machine.",
)
@click.option("--framework", "names", multiple=True, help="Only this one; may be repeated.")
@click.option("--name", help="The record's name; by default the processor's or the GPU's model.")
@click.option("--fresh", is_flag=True, help="Measure again what is measured already.")
def bench(
    scale: str,
    device: str,
    precisions: tuple[str, ...],
    rounds: int | None,
    wait: float,
    names: tuple[str, ...],
    name: str | None,
    fresh: bool,
) -> None:
    """Measure the frameworks on this machine, into results/: two to three hours on two cores.

    Each program has a process of its own. Ctrl-C keeps what was measured, and the same
    command goes on from there. A busy machine is waited for, and then refused.
    """
    from triptych.benchmark import plan
    from triptych.benchmark.intervals import WINNER_ROUNDS
    from triptych.benchmark.run import Bench, Interrupted

    course = Course.containing(Path.cwd())
    settings = plan.settings(
        scale, device, precisions or ("float32",), rounds or (WINNER_ROUNDS if scale == "full" else 1)
    )
    frameworks = plan.frameworks(names)
    for module in ("psutil", "cpuinfo"):
        require(module, "make bench")
    machine, hardware = plan.machine(course, frameworks, device, name)
    measured = Bench(course, machine, hardware, frameworks, click.echo, 60 * wait)
    try:
        complete = [measured.run(setting, fresh) for setting in settings]
    except Interrupted:
        sys.exit(130)
    if not all(complete):
        sys.exit(1)
