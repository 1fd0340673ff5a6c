"""The learner's process: runs the cells of a submission, then answers the grader's calls."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NoReturn

from . import BROKEN, confinement, lines, messages, namespaces, values
from .helpers import Helpers
from .reach import Watch


class OutOfTime(BaseException):
    """The time for the cells, or for a call, is over; not an Exception, so few handlers swallow it."""


def serve(
    reading: int, writing: int, outlet: int, tell: int, shell: Any, job: dict, place: confinement.Place
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
        if place is confinement.Place.NAMESPACES:
            namespaces.become_learner()
        if sys.platform == "linux":
            confinement.show_memory(True)  # a change of user hides it, and whose child one is
            confinement.die_with_parent(tell)
            Path("/proc/self/oom_score_adj").write_text("1000")  # the kernel's first choice
        confinement.confine(place, memory, job["total"])
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
        for name in [name for name in sys.modules if name.split(".")[-2:-1] == ["inside"]]:
            del sys.modules[name]  # a cell that imports it gets a copy, not what runs here
        reply, helpers = run_cells(shell, job)
        messages.send(writing, reply)
        while True:
            message = messages.receive(reading, 2 * job["value"], items=None)
            messages.send(writing, answer(shell, helpers, message, job))
    except EOFError:
        exit(0)
    except BaseException as error:
        os.write(2, f"{type(error).__name__}: {error}".encode())
    finally:
        exit(BROKEN)


def run_cells(shell: Any, job: dict) -> tuple[dict[str, Any], Helpers | None]:
    """Run the helpers and the cells, also past those that raise, then the helpers as the grader's own.

    What went wrong, whether time ran out, what was set right again ("notes") and what was
    tampered with ("flags"); and the helpers, None where they could not be run.
    """
    errors: list[list[str]] = []
    notes: list[str] = []
    flags: list[str] = []
    helpers: Helpers | None = None
    late = False
    namespace = shell.user_ns
    try:
        with limited(job["cells_seconds"]):
            late = not run_in_order(shell, job["helpers"], errors)
            callbacks = hooks(shell)
            helpers = Helpers((cell["source"] for cell in job["helpers"]), namespace)
            late = late or not run_in_order(shell, job["cells"], errors)
    except OutOfTime:
        late = True
    except Exception as error:
        helpers = None
        errors.append(["the released helpers", *described(error)])
    if helpers is not None:
        try:
            with limited(job["call_seconds"]):
                if hooks(shell) != callbacks:
                    flags.append("registers callbacks with IPython, or replaces a part of it")
                if sys.getprofile() or sys.gettrace():
                    flags.append("leaves a trace or profile function behind")
                    sys.setprofile(None)
                    sys.settrace(None)
                notes += helpers.switches.restore()
                flags += helpers.run()
        except BaseException as error:
            errors.append(["the helpers", *described(error)])
    flush()
    bounded = [[text[:300] for text in texts[:20]] for texts in (notes, flags)]
    return {"ready": errors, "late": late, "notes": bounded[0], "flags": bounded[1]}, helpers


def run_in_order(shell: Any, cells: list[dict], errors: list[list[str]]) -> bool:
    """Run cells in IPython, also past those that raise; False when time ran out."""
    for cell in cells:
        result = shell.run_cell(cell["source"], store_history=False)
        shell.execution_count += 1
        error = result.error_before_exec or result.error_in_exec
        if error is not None:
            errors.append([cell["id"], *described(error)])
        if isinstance(error, OutOfTime):
            return False
    return True


def hooks(shell: Any) -> list[Any]:
    """What of IPython a cell can replace to run code of its own around others'."""
    callbacks = [list(functions) for _, functions in sorted(shell.events.callbacks.items())]
    return [vars(shell).get("run_cell"), type(shell).run_cell, callbacks, list(shell.ast_transformers)]


def answer(shell: Any, helpers: Helpers | None, message: dict, job: dict) -> dict[str, Any]:
    """Call the function that the message names; its value, or what was wrong with it.

    With "bind" the value of a helper gets that name, with "watch" the reply says whether one
    of those names was reached, instead of the value.
    """
    reply: dict[str, Any] = {"call": message["call"]}
    flags: list[str] = []
    try:
        with limited(job["call_seconds"]):
            arguments = values.decode(message["args"], 2 * job["value"])
            keywords = values.decode(message["kwargs"], 2 * job["value"])
            if "bind" in message and helpers is not None:
                helpers.bind(message["bind"], message["name"], arguments)
                return reply | {"value": None}
            with shell.builtin_trap:  # `display` and `get_ipython`, as in a cell
                flags += helpers.prepare() if helpers else []
                function = helpers.get(message["name"]) if helpers else shell.user_ns.get(message["name"])
                if not callable(function):
                    return reply | {"missing": True}
                try:
                    if "watch" in message:
                        spaces = helpers.namespaces() if helpers else (shell.user_ns,)
                        with Watch(message["watch"], *spaces) as watch:
                            function(*arguments, **keywords)
                        reply["value"] = watch.reached
                    else:
                        value = function(*arguments, **keywords)
                        reply["value"] = values.encode(value, job["value"], otherwise=plain)
                except values.NotPlain as error:
                    reply["bad"] = str(error)
                except Exception as error:
                    reply["raised"] = [*described(error), lines.raising(error)]
                flags += helpers.changed() if helpers else []
    except OutOfTime:
        reply = {"call": message["call"], "late": True}
    except BaseException as error:
        reply["raised"] = [*described(error), ""]
    flush()
    return reply | ({"flags": [text[:300] for text in flags[:20]]} if flags else {})


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
        before, _, after = message.rpartition(" (<ipython-input-")
        if isinstance(error, SyntaxError) and before:  # the cell has a name of its own
            message = f"{before} ({after.partition('>, ')[2]}"
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
