"""The optional tools: where they are looked for, and what their absence costs.

``triptych doctor`` lists them, and the tests name them when they skip.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from triptych.course import Course
from triptych.dev.environment import pins
from triptych.errors import TriptychError


@dataclass(frozen=True)
class Tool:
    """A program that the course can do without. ``find`` gives its path, or None."""

    name: str
    find: Callable[[], str | None]
    without: str
    install: str


def _first(*names: str) -> str | None:
    return next((path for name in names if (path := shutil.which(name))), None)


def _chromium() -> str | None:
    if path := _first("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"):
        return path
    cache = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH", Path.home() / ".cache/ms-playwright"))
    return next((str(path) for path in sorted(cache.glob("chromium-*/chrome-linux*/chrome"))), None)


def _beside_python(name: str) -> str | None:
    """The program of this environment, or else of the path: a kernel's path lacks its environment."""
    return shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)


def npm_package(name: str) -> Path:
    """Where ``npm --prefix <environment>/lib`` puts a package, whether it is there or not."""
    return Path(sys.prefix) / "lib" / "node_modules" / name


def _network_namespaces() -> str | None:
    """``ip``, where two networks can be made that only this process sees."""
    ip = shutil.which("ip", path=f"{os.environ.get('PATH', '')}{os.pathsep}/usr/sbin{os.pathsep}/sbin")
    unshare = shutil.which("unshare")
    if not ip or not unshare:
        return None
    make = f"mount -t tmpfs none /run; {ip} netns add a && {ip} netns add b && "
    make += f"{ip} link add x type veth peer y"
    call = [unshare, "--map-root-user", "--net", "--mount", "--pid", "--fork", "sh", "-c", make]
    return ip if subprocess.run(call, capture_output=True, check=False).returncode == 0 else None


CHROMIUM = Tool(
    "chromium",
    _chromium,
    "the site and JupyterLab are not tried in a browser",
    "apt install chromium, or: .venv/bin/playwright install chromium",
)
CXX = Tool(
    "C++ compiler",
    lambda: os.environ.get("CXX") or _first("g++", "clang++", "cl"),
    "torch.compile's default backend cannot build code: notebooks that time it are not validated",
    "apt install g++, or Xcode's command line tools",
)
BUBBLEWRAP = Tool(
    "bubblewrap",
    lambda: shutil.which("bwrap"),
    "other people's notebooks cannot be graded on this machine, unless docker or podman is here",
    "apt install bubblewrap",
)
GIT = Tool(
    "git",
    lambda: shutil.which("git"),
    "whether launch links point at tracked files is not checked",
    "apt install git",
)
JAVA = Tool(
    "Java",
    lambda: shutil.which("java"),
    "TorchServe is not started",
    "apt install default-jre-headless",
)
NODE = Tool(
    "Node",
    lambda: _beside_python("node"),
    "exported models are not run as a browser runs them",
    "make extras",
)
ORT_WEB = Tool(
    "ONNX Runtime Web",
    lambda: next((str(path) for path in [npm_package("onnxruntime-web")] if path.is_dir()), None),
    "the page that recognises drawn digits has no runtime",
    "make extras",
)
MLSERVER = Tool(
    "MLServer",
    lambda: _beside_python("mlserver"),
    "exported models are not served",
    "make extras, or MLServer and ONNX Runtime in an environment of their own",
)
NAMESPACES = Tool(
    "network namespaces",
    lambda: _network_namespaces(),
    "training on several hosts is not tried",
    "apt install iproute2 util-linux, on a Linux that lets you make namespaces",
)
TOOLS = (CHROMIUM, CXX, BUBBLEWRAP, GIT, JAVA, NODE, ORT_WEB, MLSERVER, NAMESPACES)

#: The packages that a learner meets, as they are named on PyPI.
PACKAGES = ("torch", "tensorflow", "jax", "numpy", "matplotlib", "jupyterlab", "papermill", "jupyter-book")


@dataclass(frozen=True)
class Finding:
    """One line of the doctor's report; ``fix`` is empty where all is well."""

    name: str
    state: str
    fix: str = ""


def installed(package: str) -> str | None:
    """The package's installed version without a local part such as ``+cpu``, or None."""
    for name in (package, f"{package}-cpu"):
        try:
            return importlib.metadata.version(name).partition("+")[0]
        except importlib.metadata.PackageNotFoundError:
            continue
    return None


def require(module: str, target: str) -> None:
    """Raise TriptychError where the module is not installed; ``target`` is the command that installs it."""
    if importlib.util.find_spec(module) is None:
        raise TriptychError(module, "not installed", f"`{target}` installs what the notebooks need")


def examine(course: Course) -> list[Finding]:
    """What is installed, what differs from the pinned versions, and what is missing."""
    report = [Finding("Python", platform.python_version())]
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        report[0] = Finding("Python", platform.python_version(), "the course needs Python 3.11, 3.12 or 3.13")
    pinned = pins(course)
    for package in PACKAGES:
        have, want = installed(package), pinned.get(package) or pinned.get(f"{package}-cpu")
        if have is None:
            report.append(Finding(package, "not installed", "`make lab` installs what the notebooks need"))
        elif have != want:
            report.append(Finding(package, f"{have}, not {want}", "outputs may differ in their last digits"))
        else:
            report.append(Finding(package, have))
    for tool in TOOLS:
        path = tool.find()
        fix = "" if path else f"without it, {tool.without} ({tool.install})"
        report.append(Finding(tool.name, "found" if path else "not found", fix))
    return report
