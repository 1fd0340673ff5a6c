"""What `triptych bench` is to measure: its options, checked, and whether this machine can."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from triptych.benchmark import records
from triptych.benchmark.hardware import Gpu, Hardware, this_machine
from triptych.course import Course
from triptych.dev.doctor import installed
from triptych.errors import TriptychError
from triptych.files import slug
from triptych.frameworks import FRAMEWORKS

#: The chapter whose notebooks measure.
CHAPTER = "performance"


@dataclass(frozen=True)
class Settings:
    """What every program is measured with, and in how many rounds."""

    scale: str
    device: str
    precision: str
    rounds: int

    @property
    def name(self) -> str:
        """The settings as a folder's name."""
        return f"{self.scale}-{self.device}-{self.precision}"

    @property
    def parameters(self) -> dict[str, str]:
        """All but the rounds, by the names that the notebooks' parameters have."""
        return {"scale": self.scale, "device": self.device, "precision": self.precision}

    def match(self, data: Mapping[str, Any]) -> bool:
        """Whether an entry's settings or a part are of these settings, however many rounds."""
        return all(data.get(name) == value for name, value in self.parameters.items())


def settings(scale: str, device: str, precisions: Sequence[str], rounds: int) -> list[Settings]:
    """The settings asked for, one for each precision. Raises TriptychError for an unknown one."""
    for option, value, known in (
        ("--scale", scale, records.SCALES),
        ("--device", device, records.DEVICES),
        *(("--precision", precision, records.PRECISIONS) for precision in precisions),
    ):
        if value not in known:
            raise TriptychError(
                f"{option} {value}", f"no such {option[2:]}", f"there are: {', '.join(known)}"
            )
    if device == "cpu" and "tf32" in precisions:
        raise TriptychError("--precision tf32", "only GPUs have it", "measure with --device gpu")
    return [Settings(scale, device, precision, rounds) for precision in dict.fromkeys(precisions)]


def frameworks(names: Sequence[str]) -> list[str]:
    """The frameworks asked for, in panel order, all by default. Raises TriptychError for an unknown one."""
    if unknown := next((name for name in names if name not in FRAMEWORKS), None):
        raise TriptychError(
            f"--framework {unknown}", "no such framework", f"there are: {', '.join(FRAMEWORKS)}"
        )
    return [name for name in FRAMEWORKS if name in names or not names]


def machine(course: Course, frameworks: Sequence[str], device: str, name: str | None) -> tuple[str, Hardware]:
    """The record's name and this machine's hardware, once every framework finds the device.

    Raises TriptychError where one does not, or where ``name`` cannot be a record's.
    """
    if name is not None and (name != slug(name) or f"{name}.json" in records.OTHERS):
        problem = "not a name for a record"
        raise TriptychError(f"--name {name}", problem, "use small letters, digits and dashes: lab-7")
    gpus = available(course, frameworks, device)
    hardware = this_machine()
    if gpus and hardware.gpu is None:  # no tool of NVIDIA's driver, but the frameworks know
        hardware = replace(hardware, gpu=Gpu(gpus[0], len(gpus), None))
    return name or hardware.slug(device), hardware


def available(course: Course, frameworks: Sequence[str], device: str) -> list[str]:
    """The GPUs' names (none for the CPU), when each framework is installed and finds the device.

    Raises TriptychError, which names the frameworks that do not.
    """
    course.siblings(CHAPTER)
    for framework in frameworks:
        package = FRAMEWORKS[framework].packages[0]
        if installed(package) is None:
            raise TriptychError(
                package,
                "not installed",
                "`make lab` installs it, or leave it out: --framework NAME measures the others",
            )
    if device == "cpu":
        return []
    gpus = {framework: gpu_names(framework) for framework in frameworks}
    if without := [FRAMEWORKS[name].title for name, names in gpus.items() if not names]:
        raise TriptychError(
            "--device gpu",
            f"no GPU for {', '.join(without)}",
            "it needs a driver and the framework's build for it; --framework NAME measures the others"
            if len(without) < len(gpus)
            else "it needs a driver and the frameworks' builds for it; --device cpu measures the processor",
        )
    return next(iter(gpus.values()))


def gpu_names(framework: str) -> list[str]:
    """The GPUs that a framework finds, asked in a process of its own; none where it cannot be imported."""
    ask = f"{FRAMEWORKS[framework].gpus}\nimport json\nprint(json.dumps(found))"
    quiet = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, env=quiet, check=False)
    try:
        names: list[str] = json.loads(done.stdout.splitlines()[-1])
    except (IndexError, json.JSONDecodeError):
        return []
    return names
