"""The warm process: imports the frameworks once and forks a supervisor for each submission."""

from __future__ import annotations

import functools
import gc
import importlib
import importlib.util
import itertools
import os
import platform
import signal
import socket
import sys
import threading
import warnings
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

from . import messages, seccomp
from .confinement import Place, confine
from .learner import new_shell
from .messages import read_all
from .namespaces import FIRST_USER, USERS, Mapping, become_learner, enter_namespaces
from .supervisor import supervise

#: Parts that a framework imports when they are first used, which would cost each submission seconds.
LATE_PARTS = {
    "matplotlib": ("matplotlib.pyplot",),
    "torch": (
        "torch._dynamo",
        "torch._dynamo.backends.inductor",
        "torch._inductor.compile_fx",
        "torch.distributed.tensor.experimental",  # the tracer looks there
        "torch.export._trace",
    ),
    "tensorflow": ("keras",),
    "jax": ("jax.numpy", "jaxlib.mlir.dialects.mhlo"),
}


def serve(control: int, users: bool, frameworks: list[str]) -> NoReturn:
    """Import ``frameworks``, then serve one submission for each pair of descriptors received.

    ``users``: whether there are some to give to submissions; not used where another
    user may not read what Python needs. The first message says ``{"up": ...}`` or
    ``{"failed": sentence}``.
    """
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel reaps the supervisors
    users = users and not trial(FIRST_USER)
    if not users and (problem := trial(None)):
        messages.send(control, {"failed": problem})
        sys.exit(1)
    found = [name for name in ("numpy", "matplotlib", *frameworks) if importlib.util.find_spec(name)]
    for name in found:
        importlib.import_module(name)
        for part in LATE_PARTS.get(name, ()):
            with suppress(ImportError):
                importlib.import_module(part)
    if not users and (torch := sys.modules.get("torch")):
        # the other way sends descriptors, of which all submissions together may have few on their way
        torch.multiprocessing.set_sharing_strategy("file_system")
    shell = new_shell()
    if problems := unfit_to_fork():
        messages.send(control, {"failed": "the warm process may not be forked: " + "; ".join(problems)})
        sys.exit(1)
    importlib.import_module("resource")  # this and the filter are made once for all submissions
    seccomp.filter_program(platform.machine())
    gc.collect()
    gc.freeze()  # what is imported stays shared between the submissions' processes
    warnings.filterwarnings("ignore", message=r".*fork\(\)")
    threads = len(list(Path("/proc/self/task").iterdir()))
    messages.send(control, {"up": found, "threads": threads})
    numbers = itertools.cycle(range(FIRST_USER, FIRST_USER + USERS) if users else (None,))
    with socket.socket(fileno=control) as grader:
        while True:
            message, descriptors, _, _ = socket.recv_fds(grader, 1, 2)
            if not message:
                os._exit(0)
            if len(descriptors) == 2:  # else there was no room for them: the grader sees them closed
                fork_supervisor(grader, descriptors[0], descriptors[1], shell, next(numbers))
            for descriptor in descriptors:
                os.close(descriptor)


def fork_supervisor(grader: socket.socket, calls: int, life: int, shell: Any, user: int | None) -> None:
    """Fork a supervisor, or tell the grader why none can be: the other submissions go on."""
    mapping = Mapping(user)
    try:
        pid = os.fork()
    except OSError as error:
        with suppress(EOFError):
            messages.send(calls, {"failed": str(error)})
        pid = -1
    if pid == 0:
        grader.close()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        supervise(
            calls, calls, life, life, shell, Place.NAMESPACES, functools.partial(enter_namespaces, mapping)
        )
    mapping.serve()


def unfit_to_fork() -> list[str]:
    """Why a fork of this process could hang in a framework: empty when nothing has been run yet."""
    problems = []
    if threading.active_count() != 1:
        names = ", ".join(thread.name for thread in threading.enumerate())
        problems.append(f"several Python threads run ({names})")
    if (bridge := sys.modules.get("jax._src.xla_bridge")) and bridge.backends_are_initialized():
        problems.append("JAX has initialised a backend")
    eager = sys.modules.get("tensorflow.python.eager.context")
    if eager and eager._context is not None and eager._context._initialized:
        problems.append("TensorFlow has initialised its devices")
    if (torch := sys.modules.get("torch")) and torch.cuda.is_initialized():
        problems.append("PyTorch has initialised CUDA")
    return problems


def trial(user: int | None) -> str:
    """Why no submission can be confined here as that user, or an empty text; tried in another process."""
    mapping = Mapping(user)
    reading, writing = os.pipe()
    if os.fork() == 0:
        os.close(reading)
        try:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            enter_namespaces(mapping)
            pid = os.fork()
            if pid == 0:
                become_learner()
                confine(Place.NAMESPACES, memory=1 << 30, seconds=10)
                for folder in (Path(__file__).parent, *map(Path, filter(os.path.isdir, sys.path))):
                    for file in list(folder.iterdir()):  # raises where it may not be read; glob does not
                        if file.suffix == ".py":
                            file.open().close()
            else:
                os.waitpid(pid, 0)
        except BaseException as error:
            os.write(writing, str(error).encode())
        os._exit(0)
    os.close(writing)
    mapping.serve()
    return read_all(reading)
