"""The learner's process: runs the cells of a submission, then answers the grader's calls."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NoReturn

from . import BROKEN, confinement, messages, values


class OutOfTime(BaseException):
    """The time for the cells, or for a call, is over; not an Exception, so few handlers swallow it."""


def serve(
    reading: int, writing: int, outlet: int, tell: int, shell: Any, job: dict, confined: bool
) -> NoReturn:
    """Be confined, run the cells, answer calls until nobody asks any more."""
    exit = os._exit  # as it is before the submission may have replaced it
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setsid()
        if reading == 0:  # the standard streams carry the calls: keep them from the learner's input
            reading, writing = os.dup(0), os.dup(1)
        with Path(os.devnull).open() as nothing:
            os.dup2(nothing.fileno(), 0)
        os.dup2(outlet, 1)
        os.dup2(outlet, 2)
        os.close(outlet)
        memory = job["memory"] * 15 // 16  # so that it hears of it, mostly, before it is ended
        if sys.platform == "linux":
            confinement.die_with_parent(tell)
            Path("/proc/self/oom_score_adj").write_text("1000")  # the kernel's first choice
        if confined:
            confinement.confine(memory, job["total"])
        else:
            confinement.limit_resources(memory, job["total"])
        sys.path.insert(0, "")  # as in Jupyter: what `%%writefile` wrote can be imported
        for number, name in ((1, "stdout"), (2, "stderr")):
            stream = os.fdopen(number, "w", 1, encoding="utf-8", errors="replace")
            setattr(sys, name, stream)
            setattr(sys, f"__{name}__", stream)
    except BaseException as error:
        with suppress(OSError):
            os.write(tell, f"{type(error).__name__}: {error}".encode())
        exit(BROKEN)
    os.close(tell)
    try:
        if torch := sys.modules.get("torch"):
            torch.set_num_threads(1)
        messages.send(writing, run_cells(shell, job))
        while True:
            messages.send(
                writing, answer(shell, messages.receive(reading, 2 * job["value"], items=None), job)
            )
    except EOFError:
        exit(0)
    except BaseException as error:
        os.write(2, f"{type(error).__name__}: {error}".encode())
    finally:
        exit(BROKEN)


def run_cells(shell: Any, job: dict) -> dict[str, Any]:
    """Run the cells in order, also past those that raise; what went wrong, and whether time ran out."""
    errors = []
    late = False
    try:
        with limited(job["cells_seconds"]):
            for cell in job["cells"]:
                result = shell.run_cell(cell["source"], store_history=False)
                shell.execution_count += 1
                error = result.error_before_exec or result.error_in_exec
                if error is not None:
                    errors.append([cell["id"], *described(error)])
                if isinstance(error, OutOfTime):
                    late = True
                    break
    except OutOfTime:
        late = True
    flush()
    return {"ready": errors, "late": late}


def answer(shell: Any, message: dict, job: dict) -> dict[str, Any]:
    """Call the function that the message names; its value, or what was wrong with it."""
    reply: dict[str, Any] = {"call": message["call"]}
    try:
        with limited(job["call_seconds"]):
            function = shell.user_ns.get(message["name"])
            if not callable(function):
                return reply | {"missing": True}
            arguments = values.decode(message["args"], 2 * job["value"])
            keywords = values.decode(message["kwargs"], 2 * job["value"])
            try:
                with shell.builtin_trap:  # `display` and `get_ipython`, as in a cell
                    value = function(*arguments, **keywords)
                    reply["value"] = values.encode(value, job["value"], otherwise=plain)
            except values.NotPlain as error:
                reply["bad"] = str(error)
            except Exception as error:
                reply["raised"] = described(error)
    except OutOfTime:
        reply = {"call": message["call"], "late": True}
    except BaseException as error:
        reply["raised"] = described(error)
    flush()
    return reply


def plain(value: Any) -> Any:
    """A framework's tensor as a NumPy array; anything else as it is."""
    if hasattr(value, "detach"):  # PyTorch
        value = value.detach().cpu().resolve_conj().resolve_neg()
        value = value.float() if str(value.dtype) == "torch.bfloat16" else value
    elif hasattr(value, "_asdict"):
        return dict(value._asdict())
    if hasattr(value, "numpy"):  # PyTorch, TensorFlow
        value = value.numpy()
    elif hasattr(value, "__array__"):  # JAX
        value = value.__array__()
    if getattr(getattr(value, "dtype", None), "name", "") == "bfloat16":
        value = value.astype("float32")
    return value


def described(error: BaseException) -> list[str]:
    """The error's type and message, bounded."""
    try:
        message = str(error)[:1000]
    except Exception:
        message = ""
    return [type(error).__name__[:100], message]


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Raise OutOfTime in the block after ``seconds``.

    A courtesy, so that one endless loop does not cost the other answers: code that
    ignores it is ended from outside.
    """

    def ring(number: int, frame: object) -> None:
        raise OutOfTime(f"ran longer than {seconds:g} s")

    signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def flush() -> None:
    """Hand over what was printed; whatever the submission made of these streams is its own affair."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(Exception):
            stream.flush()


def new_shell() -> Any:
    """IPython's shell, in which the cells run: magics and ``display`` work, nothing is kept on disk."""
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    settings = Config()
    settings.HistoryManager.enabled = False
    settings.InteractiveShell.colors = "nocolor"
    shell: Any = InteractiveShell.instance(config=settings)
    shell.enable_gui = lambda gui=None: None  # `%matplotlib inline` asks for it
    shell.system = shell.system_raw  # `!pip install ...` fails without raising, and needs no terminal
    return shell
