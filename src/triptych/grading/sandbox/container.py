"""The sandbox of docker or podman: a container for each submission."""

from __future__ import annotations

import os
import shutil
import subprocess
import uuid
from pathlib import Path

from triptych.grading.sandbox.environment import INSIDE, MOUNT, VARIABLES
from triptych.grading.sandbox.errors import TRUSTED, SandboxUnavailable
from triptych.grading.sandbox.inside import WRITABLE
from triptych.grading.sandbox.model import Limits
from triptych.grading.sandbox.process import Program, ProgramBackend
from triptych.grading.sandbox.text import printable

#: The image; it holds the course's Python environment.
IMAGE = os.environ.get("TRIPTYCH_IMAGE", "triptych-grading")

#: Bytes for Python and the supervisor themselves, so that its limit is reached before the engine's.
_OWN_MEMORY = 256 << 20


class ContainerBackend(ProgramBackend):
    """Docker or podman, whichever has the image."""

    kind = "container"

    def __init__(self) -> None:
        """Looks for a program that has the image. Raises SandboxUnavailable."""
        super().__init__()
        problems = []
        for tool in filter(None, map(shutil.which, ("docker", "podman"))):
            if not (problem := _image_problem(tool)):
                self._tool = tool
                return
            problems.append(f"{Path(tool).name}: {problem}")
        if not problems:
            raise SandboxUnavailable("container", "neither docker nor podman is installed", TRUSTED)
        raise SandboxUnavailable(
            "container",
            f"no image {IMAGE!r} to run ({'; '.join(problems)})",
            f"make it, {Path(__file__).with_name('Containerfile')} says how; or name yours in TRIPTYCH_IMAGE",
        )

    def program(self, limits: Limits) -> Program:
        """The engine's own program, which is a bridge to the container."""
        name = f"triptych-{uuid.uuid4().hex}"
        return Program(
            container_command(self._tool, name, limits),
            folder=self.files,  # podman leaves a file `oom` where it is started
            # Killed first, as podman gives a container that it removes ten seconds to end by itself.
            farewell=[[self._tool, "kill", name], [self._tool, "rm", "--force", name]],
        )


def _image_problem(tool: str) -> str:
    """Why this docker or podman cannot run the image; empty if it has it."""
    try:
        known = subprocess.run(
            [tool, "image", "inspect", IMAGE], capture_output=True, timeout=60, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return printable(error)
    return "" if known.returncode == 0 else printable(known.stderr.decode(errors="replace").strip())


def container_command(tool: str, name: str, limits: Limits) -> list[str]:
    """What starts one submission's container: no network, nothing to write but bounded memory.

    The limit on processes of one user counts the host's too, so it is wide; ``--pids-limit`` binds.
    Both are named as an engine's own defaults are more than some hosts may give.
    """
    folders = [
        ("--tmpfs", f"{folder}:rw,exec,nosuid,nodev,size={size},mode=1777")
        for folder, size in WRITABLE.items()
    ]
    variables = VARIABLES | {"PYTHONPATH": MOUNT}
    memory = str(limits.memory + _OWN_MEMORY)
    return [
        *(tool, "run", "--rm", "--interactive", "--name", name, "--pull", "never", "--log-driver", "none"),
        *("--network", "none", "--read-only", "--cap-drop", "ALL", "--user", "1000:1000", "--ipc", "private"),
        *("--security-opt", "no-new-privileges", "--pids-limit", "512"),
        *("--ulimit", "core=1", "--ulimit", "nofile=1024:1024", "--ulimit", "nproc=16384:16384"),
        *("--memory", memory, "--memory-swap", memory),
        *(part for folder in folders for part in folder),
        *("--volume", f"{INSIDE}:{MOUNT}/{INSIDE.name}:ro"),
        *(part for pair in variables.items() for part in ("--env", "=".join(pair))),
        *("--workdir", "/home/learner", IMAGE),
        *("python3", "-P", "-m", INSIDE.name, "contained"),
    ]
