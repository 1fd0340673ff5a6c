"""What a measurement is made on: the hardware and its load, without the machine's or its user's name."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

from triptych.files import slug
from triptych.machine import cores

#: Instructions that decide how fast products are, as Linux spells them.
FEATURES = (
    "avx", "avx2", "fma", "avx512f", "avx512_bf16", "avx512_fp16", "avx512_vnni", "avx_vnni",
    "amx_bf16", "amx_int8", "asimd", "asimdhp", "bf16", "sve", "sve2",
)  # fmt: skip

#: What makers add to a model's name and readers do not need.
_NOISE = re.compile(
    r"\((?:R|TM)\)|\bCPU\b|\bProcessor\b|\b\d+-Core\b|@.*$|\bwith Radeon.*$|\b\d+(?:st|nd|rd|th) Gen\b", re.I
)


@dataclass(frozen=True)
class Gpu:
    """The first GPU, and how many of them there are."""

    model: str
    count: int
    memory_bytes: int | None


@dataclass(frozen=True)
class Hardware:
    """The processor, the cores that this process may use, and the memory of the whole machine."""

    processor: str
    architecture: str
    cores: int
    memory_bytes: int
    features: tuple[str, ...]
    gpu: Gpu | None

    def slug(self, device: str) -> str:
        """The name of the machine's record: amd-epyc-2-cores, nvidia-h200."""
        if device == "gpu" and self.gpu:
            words = self.gpu.model
            if self.gpu.count > 1:
                words += f" {self.gpu.count}"
        else:
            words = f"{self.processor} {self.cores} core{'s' if self.cores > 1 else ''}"
        return slug(words)

    def as_json(self) -> dict[str, Any]:
        """As a record holds it."""
        return {**asdict(self), "features": list(self.features)}


def this_machine() -> Hardware:
    """What this machine is made of."""
    import cpuinfo  # brings processes with it, and asks for a second
    import psutil

    processor = cpuinfo.get_cpu_info()
    flags = processor.get("flags", ())
    return Hardware(
        short_name(processor.get("brand_raw") or platform.processor() or platform.machine() or "unknown"),
        platform.machine() or "unknown",
        cores(),
        psutil.virtual_memory().total,
        tuple(name for name in FEATURES if name in flags),
        nvidia_gpu(),
    )


def operating_system() -> dict[str, str]:
    """The operating system's family and Python's version, as a record holds them."""
    return {"family": platform.system() or "unknown", "python": platform.python_version()}


def short_name(brand: str) -> str:
    """A processor's name without what readers do not need: AMD Ryzen 9 5950X."""
    return " ".join(_NOISE.sub(" ", brand).split()) or brand


def nvidia_gpu() -> Gpu | None:
    """The GPUs that NVIDIA's driver lists; None without one."""
    lines = _output("nvidia-smi", "--query-gpu=name,memory.total", "--format=csv,noheader,nounits")
    gpus = [line.rpartition(",") for line in lines.splitlines() if "," in line]
    if not gpus:
        return None
    name, _, mebibytes = gpus[0]
    size = int(mebibytes) * 2**20 if mebibytes.strip().isdigit() else None
    return Gpu(" ".join(name.split()), len(gpus), size)


@dataclass(frozen=True)
class Load:
    """How busy the machine is: processors' use in per cent, and the load averages where there are any."""

    cpu_percent: float
    load_average: tuple[float, float, float] | None


def current_load(seconds: float = 2.0) -> Load:
    """The load over the next seconds, in which the caller should do nothing."""
    import psutil

    percent = psutil.cpu_percent(interval=seconds)
    with suppress(OSError, AttributeError):
        one, five, fifteen = psutil.getloadavg()
        return Load(percent, (round(one, 2), round(five, 2), round(fifteen, 2)))
    return Load(percent, None)


def busiest(seconds: float = 1.0, most: int = 3) -> str:
    """The names of the programs that compute most just now, and their share of a processor."""
    import psutil

    seen = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            process.cpu_percent()
            seen.append(process)
    time.sleep(seconds)
    shares: dict[str, float] = {}
    own = os.getpid()
    for process in seen:
        with suppress(psutil.Error):
            if process.pid != own:
                shares[process.name()] = shares.get(process.name(), 0.0) + process.cpu_percent()
    leading = sorted(shares, key=lambda name: -shares[name])[:most]
    told = [f"{name} {shares[name]:.0f} %" for name in leading if shares[name] >= 1]
    return ", ".join(told) or "a program that has just ended"


class OtherPrograms:
    """Measures what other programs use from its creation until ``percent`` is called."""

    def __init__(self) -> None:
        self._before = _used()

    def percent(self) -> float | None:
        """Their share of all the processors' time, in per cent; None where the system does not say.

        What this process's finished children used is taken off. What the machine's host took
        (stolen time) is not: it was not available either.
        """
        if not (before := self._before) or not (now := _used()):
            return None
        busy, own, total = (b - a for a, b in zip(before, now, strict=True))
        return round(min(100.0, max(0.0, 100 * (busy - own) / total)), 1) if total > 0 else None


def _used() -> tuple[float, float, float] | None:
    """Seconds of processors so far: busy, our own and our children's, all."""
    import psutil

    try:
        import resource

        times = psutil.cpu_times()._asdict()
    except (ImportError, OSError):
        return None
    own = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    # Linux counts a guest's time as its host's too, and idle time may be waiting for a disk.
    total = sum(value for name, value in times.items() if not name.startswith("guest"))
    idle = times["idle"] + times.get("iowait", 0.0)
    return total - idle, sum(one.ru_utime + one.ru_stime for one in own), total


def _output(*command: str) -> str:
    """What a program prints; nothing where it is missing or fails."""
    if not (path := shutil.which(command[0])):
        return ""
    try:
        done = subprocess.run([path, *command[1:]], capture_output=True, text=True, check=True, timeout=30)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()
